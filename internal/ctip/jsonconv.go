package ctip

import (
	"encoding/json"
	"fmt"

	"ctiphub/record"
)

// AppendJSON appends the record as one line of JSON, without a line end. The same record
// gives the same bytes.
func AppendJSON(dst []byte, rec record.Record) ([]byte, error) {
	b := buffer(dst)
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(ToJSON(rec)); err != nil {
		return dst, fmt.Errorf("writing record %s as JSON: %w", rec.ID, err)
	}
	return b[:len(b)-1], nil
}

// buffer appends what is written to it.
type buffer []byte

func (b *buffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}

// ToJSON returns the record in its JSON form. It shares the record's language maps.
func ToJSON(rec record.Record) Resource {
	return Resource{
		ID:                string(rec.ID),
		Title:             LanguageMap(rec.Title),
		Alternative:       LanguageMap(rec.Alternative),
		Description:       LanguageMap(rec.Description),
		Type:              each(rec.Type, toTag),
		Themes:            each(rec.Themes, toTag),
		Audiences:         each(rec.Audiences, toTag),
		VictimGroups:      each(rec.VictimGroups, toTag),
		ExploitationForms: each(rec.ExploitationForms, toTag),
		Countries:         each(rec.Countries, toTag),
		Regions:           each(rec.Regions, toTag),
		Languages:         rec.Languages,
		Creators:          each(rec.Creators, toAgent),
		Publishers:        each(rec.Publishers, toAgent),
		Funders:           each(rec.Funders, toAgent),
		Issued:            Date(rec.Issued),
		Modified:          Date(rec.Modified),
		Valid:             Date(rec.Valid),
		Files:             each(rec.Files, toFile),
		Identifiers:       each(rec.Identifiers, func(i record.Identifier) Identifier { return Identifier(i) }),
		Work:              Work{ID: string(rec.Work.ID), EditionStatus: rec.Work.EditionStatus},
		Relations:         each(rec.Relations, func(r record.Relation) Relation { return Relation(r) }),
		Rights:            rec.Rights.Status,
		License:           rec.Rights.License,
		RightsStatement:   LanguageMap(rec.Rights.Statement),
		Sensitivity:       rec.Sensitivity,
		Origin:            toOrigin(rec.Origin),
		Harvest:           toHarvest(rec.Harvest),
		Quality: Quality{
			Score:    percent(rec.Quality.Score),
			Findings: each(rec.Quality.Findings, func(f record.Finding) Finding { return Finding(f) }),
		},
		Provenance: each(rec.Provenance, toAssertion),
		Override:   each(rec.Overrides, toOverride),
	}
}

func toTag(t record.Tag) Tag {
	return Tag{ID: t.ID, Confidence: unit(t.Confidence), Evidence: each(t.Evidence, func(e record.Evidence) Evidence { return Evidence(e) })}
}

func toAgent(a record.Agent) Agent {
	return Agent{Name: LanguageMap(a.Name), Kind: a.Kind, Country: a.Country, ID: a.ID}
}

func toFile(f record.File) File {
	f.Bytes, f.Pages, f.Checked = max(f.Bytes, 0), max(f.Pages, 0), utc(f.Checked)
	return File(f)
}

func toOrigin(o record.Origin) Origin {
	return Origin{
		Source: o.Source, Identifier: o.Identifier, Landing: o.Landing, Status: o.Status,
		Chain: each(o.Chain, func(h record.Hop) Hop {
			h.HarvestDate = utc(h.HarvestDate)
			return Hop(h)
		}),
	}
}

func toHarvest(h record.Harvest) Harvest {
	return Harvest{FirstSeen: utc(h.FirstSeen), LastSeen: utc(h.LastSeen), LastChanged: utc(h.LastChanged), Raw: h.Raw}
}

func toAssertion(a record.Assertion) Assertion {
	return Assertion{
		Field: a.Field, Lang: a.Lang, Value: a.Value, Raw: a.Raw,
		Rule: a.Rule, Confidence: unit(a.Confidence), Flag: string(a.Flag),
	}
}

func toOverride(o record.Override) Override {
	o.When = utc(o.When)
	return Override(o)
}

// FromJSON returns the record that a JSON document holds, or an error that names the
// field whose value cannot be.
func FromJSON(res Resource) (record.Record, error) {
	rec := record.Record{
		ID:                record.ID(res.ID),
		Type:              each(res.Type, fromTag),
		Themes:            each(res.Themes, fromTag),
		Audiences:         each(res.Audiences, fromTag),
		VictimGroups:      each(res.VictimGroups, fromTag),
		ExploitationForms: each(res.ExploitationForms, fromTag),
		Countries:         each(res.Countries, fromTag),
		Regions:           each(res.Regions, fromTag),
		Languages:         each(res.Languages, func(s string) string { return s }),
		Issued:            record.Date(res.Issued),
		Modified:          record.Date(res.Modified),
		Valid:             record.Date(res.Valid),
		Files:             each(res.Files, fromFile),
		Identifiers:       each(res.Identifiers, func(i Identifier) record.Identifier { return record.Identifier(i) }),
		Work:              record.Work{ID: record.ID(res.Work.ID), EditionStatus: res.Work.EditionStatus},
		Relations:         each(res.Relations, func(r Relation) record.Relation { return record.Relation(r) }),
		Rights:            record.Rights{Status: res.Rights, License: res.License},
		Sensitivity:       res.Sensitivity,
		Origin:            fromOrigin(res.Origin),
		Harvest:           fromHarvest(res.Harvest),
		Quality: record.Quality{
			Score:    res.Quality.Score,
			Findings: each(res.Quality.Findings, func(f Finding) record.Finding { return record.Finding(f) }),
		},
		Provenance: each(res.Provenance, fromAssertion),
		Overrides:  each(res.Override, fromOverride),
	}
	if err := fromTexts(res, &rec); err != nil {
		return record.Record{}, err
	}
	if err := check(rec); err != nil {
		return record.Record{}, err
	}
	return rec, nil
}

// fromTexts copies the language maps, whose keys JSON alone does not check.
func fromTexts(res Resource, rec *record.Record) error {
	for _, f := range []struct {
		name string
		from LanguageMap
		to   *record.Texts
	}{
		{"title", res.Title, &rec.Title},
		{"alternative", res.Alternative, &rec.Alternative},
		{"description", res.Description, &rec.Description},
		{"rightsStatement", res.RightsStatement, &rec.Rights.Statement},
	} {
		if err := fromMap(f.name, f.from, f.to); err != nil {
			return err
		}
	}
	for _, f := range []struct {
		name string
		from []Agent
		to   *[]record.Agent
	}{
		{"creators", res.Creators, &rec.Creators},
		{"publishers", res.Publishers, &rec.Publishers},
		{"funders", res.Funders, &rec.Funders},
	} {
		*f.to = each(f.from, func(a Agent) record.Agent { return record.Agent{Kind: a.Kind, Country: a.Country, ID: a.ID} })
		for i, a := range f.from {
			if err := fromMap(f.name, a.Name, &(*f.to)[i].Name); err != nil {
				return err
			}
		}
	}
	return nil
}

func fromMap(field string, from LanguageMap, to *record.Texts) error {
	if _, ok := from[""]; ok {
		return fmt.Errorf("%s: a text without a language; \"und\" marks one that is not known", field)
	}
	*to = sameTexts(record.Texts(from))
	return nil
}

func fromTag(t Tag) record.Tag {
	return record.Tag{ID: t.ID, Confidence: t.Confidence, Evidence: each(t.Evidence, func(e Evidence) record.Evidence { return record.Evidence(e) })}
}

func fromFile(f File) record.File {
	f.Checked = utc(f.Checked)
	return record.File(f)
}

func fromOrigin(o Origin) record.Origin {
	return record.Origin{
		Source: o.Source, Identifier: o.Identifier, Landing: o.Landing, Status: o.Status,
		Chain: each(o.Chain, func(h Hop) record.Hop {
			h.HarvestDate = utc(h.HarvestDate)
			return record.Hop(h)
		}),
	}
}

func fromHarvest(h Harvest) record.Harvest {
	return record.Harvest{FirstSeen: utc(h.FirstSeen), LastSeen: utc(h.LastSeen), LastChanged: utc(h.LastChanged), Raw: h.Raw}
}

func fromAssertion(a Assertion) record.Assertion {
	return record.Assertion{
		Field: a.Field, Lang: a.Lang, Value: a.Value, Raw: a.Raw,
		Rule: a.Rule, Confidence: a.Confidence, Flag: record.Flag(a.Flag),
	}
}

func fromOverride(o Override) record.Override {
	o.When = utc(o.When)
	return record.Override(o)
}
