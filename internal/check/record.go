package check

import (
	"fmt"

	"ctiphub/normalizer"
	"ctiphub/record"
)

// Record is one record as the hub would take it.
type Record struct {
	Identifier string           `json:"identifier"`
	Verdict    record.Verdict   `json:"verdict"`
	Reason     string           `json:"reason,omitempty"`
	Preview    Preview          `json:"preview"`
	Fields     []Field          `json:"fields"`
	Tags       []Tag            `json:"tags,omitempty"`
	Missing    []string         `json:"missing,omitempty"` // fields of the score that are empty
	Score      int              `json:"score"`
	Points     []Point          `json:"points"`
	Findings   []record.Finding `json:"findings,omitempty"`
	Fixes      []Fix            `json:"fixes,omitempty"`
}

// Field is one value with the rule it came from.
type Field struct {
	Field      string      `json:"field"`
	Lang       string      `json:"lang,omitempty"`
	Value      string      `json:"value"`
	Raw        string      `json:"raw,omitempty"` // the source's own text, where it differs
	Rule       string      `json:"rule"`
	Confidence float64     `json:"confidence"`
	Flag       record.Flag `json:"flag,omitempty"`
}

// Tag is a concept that the hub would give, and why.
type Tag struct {
	Scheme     string            `json:"scheme"`
	ID         string            `json:"id"`
	Label      string            `json:"label"`
	Confidence float64           `json:"confidence"`
	Evidence   []record.Evidence `json:"evidence,omitempty"`
}

// Point is what the record earns of one criterion of the quality score.
type Point struct {
	Criterion string `json:"criterion"`
	Earned    int    `json:"earned"`
	Of        int    `json:"of"`
	For       string `json:"for"` // what earns the points
}

// Preview is the record as readers would see it.
type Preview struct {
	Title       string `json:"title"`
	Lang        string `json:"lang,omitempty"` // of the title
	Byline      string `json:"byline,omitempty"`
	Description string `json:"description,omitempty"`
	Tags        string `json:"tags,omitempty"`
}

// record normalizes one raw and shows what came of it, and why.
func (c Checker) record(raw record.Raw) (Record, error) {
	rec, decision, err := c.Normalizer.Normalize(raw)
	if err != nil {
		return Record{}, fmt.Errorf("reading %s: %w", raw.Identifier, err)
	}
	out := Record{
		Identifier: raw.Identifier, Verdict: decision.Verdict, Reason: decision.Detail,
		Score: rec.Quality.Score, Findings: rec.Quality.Findings, Fields: []Field{},
	}
	for _, a := range rec.Provenance {
		out.Fields = append(out.Fields, Field{Field: a.Field, Lang: a.Lang, Value: value(rec, a), Raw: a.Raw, Rule: a.Rule, Confidence: a.Confidence, Flag: a.Flag})
	}
	points := normalizer.Points(rec)
	for i, k := range normalizer.Criteria() {
		out.Points = append(out.Points, Point{Criterion: k.Name, Earned: points[i], Of: k.Points, For: k.Earned})
		if points[i] == 0 {
			out.Missing = append(out.Missing, k.Name)
		}
	}
	out.Tags = c.tags(rec)
	out.Preview = c.preview(rec)
	out.Fixes = recordFixes(raw, rec, out.Missing)
	return out, nil
}

// value is what an assertion set: texts are kept once, in the record.
func value(rec record.Record, a record.Assertion) string {
	texts := map[string]record.Texts{"title": rec.Title, "alternative": rec.Alternative, "description": rec.Description}
	if t, ok := texts[a.Field]; ok && a.Value == "" {
		return t[a.Lang]
	}
	return a.Value
}

// tags lists the concepts of all schemes.
func (c Checker) tags(rec record.Record) []Tag {
	var list []Tag
	for _, s := range []struct {
		scheme string
		tags   []record.Tag
	}{
		{"type", rec.Type}, {"theme", rec.Themes}, {"audience", rec.Audiences}, {"victim-group", rec.VictimGroups},
		{"exploitation", rec.ExploitationForms}, {"country", rec.Countries}, {"region", rec.Regions},
	} {
		for _, t := range s.tags {
			list = append(list, Tag{Scheme: s.scheme, ID: t.ID, Label: c.Vocabulary.Label(s.scheme, t.ID, "en"), Confidence: t.Confidence, Evidence: t.Evidence})
		}
	}
	return list
}

// preview puts a record the way the portal shows it.
func (c Checker) preview(rec record.Record) Preview {
	var p Preview
	p.Title, p.Lang = rec.Title.In(rec.Languages...)
	p.Description, _ = rec.Description.In(rec.Languages...)
	var byline []string
	if len(rec.Type) > 0 {
		byline = append(byline, c.Vocabulary.Label("type", rec.Type[0].ID, "en"))
	}
	for _, a := range rec.Publishers[:min(len(rec.Publishers), 1)] {
		name, _ := a.Name.In("en")
		byline = append(byline, name)
	}
	if rec.Issued.EDTF != "" {
		byline = append(byline, rec.Issued.EDTF)
	}
	for _, l := range rec.Languages {
		byline = append(byline, c.Vocabulary.Label("language", l, "en"))
	}
	p.Byline = join(byline)
	var tags []string
	for _, t := range c.tags(rec) {
		if t.Scheme == "country" || t.Scheme == "region" || t.Scheme == "theme" {
			tags = append(tags, t.Label)
		}
	}
	p.Tags = join(tags)
	return p
}

// join writes a line of facts.
func join(parts []string) string {
	var line string
	for _, p := range parts {
		if p == "" {
			continue
		}
		if line != "" {
			line += " · "
		}
		line += p
	}
	return line
}
