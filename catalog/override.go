package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"ctiphub/record"
)

// fieldOf leads to the place of a field that overrides may set. What it returns is a
// pointer to texts, tags, a date, agents, a list or a text.
var fieldOf = map[string]func(*record.Record) any{
	"title":             func(r *record.Record) any { return &r.Title },
	"alternative":       func(r *record.Record) any { return &r.Alternative },
	"description":       func(r *record.Record) any { return &r.Description },
	"type":              func(r *record.Record) any { return &r.Type },
	"themes":            func(r *record.Record) any { return &r.Themes },
	"audiences":         func(r *record.Record) any { return &r.Audiences },
	"victimGroups":      func(r *record.Record) any { return &r.VictimGroups },
	"exploitationForms": func(r *record.Record) any { return &r.ExploitationForms },
	"countries":         func(r *record.Record) any { return &r.Countries },
	"regions":           func(r *record.Record) any { return &r.Regions },
	"languages":         func(r *record.Record) any { return &r.Languages },
	"creators":          func(r *record.Record) any { return &r.Creators },
	"publishers":        func(r *record.Record) any { return &r.Publishers },
	"funders":           func(r *record.Record) any { return &r.Funders },
	"issued":            func(r *record.Record) any { return &r.Issued },
	"modified":          func(r *record.Record) any { return &r.Modified },
	"valid":             func(r *record.Record) any { return &r.Valid },
	"rights":            func(r *record.Record) any { return &r.Rights.Status },
	"license":           func(r *record.Record) any { return &r.Rights.License },
	"sensitivity":       func(r *record.Record) any { return &r.Sensitivity },
	"landing":           func(r *record.Record) any { return &r.Origin.Landing },
	"editionStatus":     func(r *record.Record) any { return &r.Work.EditionStatus },
}

// OverrideFields returns the fields that overrides may set, in order.
func OverrideFields() []string {
	return append(slices.Sorted(maps.Keys(fieldOf)), DecisionField)
}

// edtf is the part of EDTF that an override may hold: years, months, days and intervals
// of them, uncertain or approximate.
var edtf = regexp.MustCompile(`^\d{4}(-\d\d(-\d\d)?)?[?~%]?(/(\.\.|\d{4}(-\d\d(-\d\d)?)?[?~%]?))?$`)

// Check says what is wrong with an override as given, or nil. Whether ids are of the
// vocabulary is for the caller to know.
func (o Override) Check() error {
	name, lang, _ := strings.Cut(o.Field, "@")
	if o.Layer != CuratorLayer && o.Layer != PublisherLayer {
		return fmt.Errorf("there is no layer %q", o.Layer)
	}
	if o.Field == DecisionField {
		if o.Op != Set || o.Value != string(record.Publish) && o.Value != string(record.Hold) {
			return fmt.Errorf("a decision is set to %q or %q", record.Publish, record.Hold)
		}
		if o.Layer != CuratorLayer {
			return fmt.Errorf("only a curator decides whether a record is shown")
		}
		return nil
	}
	at, ok := fieldOf[name]
	if !ok {
		return fmt.Errorf("there is no field %q; the fields are %s", name, strings.Join(OverrideFields(), ", "))
	}
	switch at(&record.Record{}).(type) {
	case *record.Texts:
		if lang == "" {
			return fmt.Errorf("say which language of %s is meant, such as %s@en", name, name)
		}
	case *[]record.Tag:
		if o.Op != Set && (o.Value == "" || strings.Contains(o.Value, ",")) {
			return fmt.Errorf("one tag is added or removed at a time")
		}
		return o.checkOp(Set, Add, Remove)
	case *record.Date:
		if o.Value != "" && !edtf.MatchString(o.Value) {
			return fmt.Errorf("%q is no date: write 2023, 2023-12, 2023-12-31, or two of them with a slash between", o.Value)
		}
	}
	return o.checkOp(Set)
}

func (o Override) checkOp(known ...Op) error {
	if !slices.Contains(known, o.Op) {
		return fmt.Errorf("the field %s cannot %s a value", o.Field, o.Op)
	}
	return nil
}

// Corrected returns a record as it is shown: with what publishers, and above them curators,
// say of it, and with the decision that follows. rec and d are what the normalizer made of
// the source; list holds the overrides that count, in any order. broader returns the
// ancestors of a theme.
func Corrected(rec record.Record, d record.Decision, list []Override, broader func(string) []string) (record.Record, record.Decision) {
	if len(list) == 0 {
		return rec, d
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b Override) int {
		// The weaker layer goes first, so that the stronger has the last word; within one,
		// the whole value before single tags.
		return cmp.Or(cmp.Compare(b.Layer.strength(), a.Layer.strength()), cmp.Compare(a.Op.order(), b.Op.order()), a.When.Compare(b.When), strings.Compare(a.Field, b.Field), strings.Compare(a.Value, b.Value))
	})
	judged := Fingerprint(rec, d)
	rec.Provenance, rec.Review = slices.Clone(rec.Provenance), slices.Clone(rec.Review)
	for _, o := range list {
		if o.Field == DecisionField {
			d = o.decide(d, judged)
			continue
		}
		if o.put(&rec, broader) {
			o.explain(&rec)
		}
	}
	return rec, d
}

func (l Layer) strength() int {
	if l == CuratorLayer {
		return 0
	}
	return 1
}

// order: removing a theme takes those above it along, so what is added comes last.
func (o Op) order() int { return slices.Index([]Op{Set, Remove, Add}, o) }

func (o Override) decide(d record.Decision, judged string) record.Decision {
	switch {
	case o.Value == string(record.Hold):
		return record.Decision{Verdict: record.Hold, Code: CodeHeldByCurator, Detail: "A curator holds this record back."}
	case d.Verdict == record.Hold && o.Base == judged:
		return record.Decision{Verdict: record.Publish}
	}
	return d
}

// Fingerprint tells what a curator judges when clearing a record from what comes later: the
// texts, names and addresses in which personal data could stand, and the reason.
func Fingerprint(rec record.Record, d record.Decision) string {
	urls := make([]string, len(rec.Files))
	for i, f := range rec.Files {
		urls[i] = f.URL
	}
	b, err := json.Marshal([]any{rec.Title, rec.Alternative, rec.Description, rec.Creators, rec.Publishers, rec.Funders, urls, rec.Rights.Statement, rec.Origin.Landing, d.Code})
	if err != nil {
		return "" // texts can always be written
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}

// put sets, adds or removes, and reports whether there was anything to do. What it changes
// it changes in copies: maps and slices of the record may be shared.
func (o Override) put(rec *record.Record, broader func(string) []string) bool {
	name, lang, _ := strings.Cut(o.Field, "@")
	at, ok := fieldOf[name]
	if !ok {
		return false // of a release that knew more fields
	}
	switch p := at(rec).(type) {
	case *record.Texts:
		t := maps.Clone(*p)
		if t == nil {
			t = record.Texts{}
		}
		if o.Value == "" {
			delete(t, lang)
		} else {
			t[lang] = o.Value
		}
		*p = t
	case *[]record.Tag:
		rec.Review = slices.DeleteFunc(rec.Review, func(r record.Proposal) bool {
			return r.Field == name && (o.Op == Set || r.Tag.ID == o.Value)
		})
		if name != "themes" {
			broader = nil
		}
		*p = o.tags(*p, broader)
	case *[]string:
		*p = listOf(o.Value)
	case *record.Date:
		*p = record.Date{EDTF: o.Value}
	case *[]record.Agent:
		*p = nil
		for _, n := range namesOf(o.Value) {
			*p = append(*p, record.Agent{Name: record.Texts{cmp.Or(lang, "en"): n}})
		}
	case *string:
		*p = o.Value
	}
	return true
}

// tags returns the tags of a field with the override's word.
func (o Override) tags(have []record.Tag, broader func(string) []string) []record.Tag {
	own := func(id string) record.Tag {
		return record.Tag{ID: id, Confidence: 1, Evidence: []record.Evidence{{Field: string(o.Layer), Rule: string(o.Layer)}}}
	}
	has := func(list []record.Tag, id string) bool {
		return slices.ContainsFunc(list, func(t record.Tag) bool { return t.ID == id })
	}
	with := func(list []record.Tag, id string) []record.Tag {
		if !has(list, id) {
			list = append(list, own(id))
		}
		if broader != nil {
			for _, up := range broader(id) {
				if !has(list, up) {
					list = append(list, own(up))
				}
			}
		}
		return list
	}
	switch o.Op {
	case Add:
		return with(slices.Clone(have), o.Value)
	case Remove:
		return without(have, o.Value)
	}
	var out []record.Tag
	for _, id := range listOf(o.Value) {
		if i := slices.IndexFunc(have, func(t record.Tag) bool { return t.ID == id }); i >= 0 && !has(out, id) {
			out = append(out, have[i]) // with its evidence
		}
		out = with(out, id)
	}
	return out
}

// narrower is the rule of a theme that is set because one below it is.
const narrower = "narrower"

// without takes a tag out, and those that were set because of it alone.
func without(have []record.Tag, id string) []record.Tag {
	var out []record.Tag
	var above []string
	for _, t := range have {
		if t.ID == id {
			continue
		}
		evidence := slices.DeleteFunc(slices.Clone(t.Evidence), func(e record.Evidence) bool { return e.Rule == narrower && e.Match == id })
		if len(evidence) == 0 && len(t.Evidence) > 0 {
			above = append(above, t.ID)
			continue
		}
		t.Evidence = evidence
		out = append(out, t)
	}
	for _, up := range above {
		out = without(out, up)
	}
	return out
}

// explain makes the record say who set the field.
func (o Override) explain(rec *record.Record) {
	name, lang, _ := strings.Cut(o.Field, "@")
	mine := func(field, l, value string) bool {
		switch {
		case field != name || lang != "" && l != lang:
			return false
		case o.Op == Set:
			return true
		}
		return value == o.Value
	}
	rec.Provenance = slices.DeleteFunc(rec.Provenance, func(a record.Assertion) bool { return mine(a.Field, a.Lang, a.Value) })
	flag := record.Curator
	if o.Layer == PublisherLayer {
		flag = record.Replaced
	}
	if o.Op != Remove {
		rec.Provenance = append(rec.Provenance, record.Assertion{Field: name, Lang: lang, Value: o.Value, Rule: string(o.Layer), Confidence: 1, Flag: flag})
	}
	shown := record.Override{Field: name, Value: asJSON(*rec, name), Who: o.Who, When: o.When, Why: o.Why}
	rec.Overrides = slices.DeleteFunc(slices.Clone(rec.Overrides), func(r record.Override) bool { return r.Field == name })
	rec.Overrides = append(rec.Overrides, shown)
}

// asJSON writes a field of a record in the form of the ctip JSON document.
func asJSON(rec record.Record, name string) string {
	type tag struct {
		ID         string  `json:"id"`
		Confidence float64 `json:"confidence"`
	}
	type agent struct {
		Name record.Texts `json:"name,omitempty"`
	}
	var v any
	switch p := fieldOf[name](&rec).(type) {
	case *[]record.Tag:
		list := []tag{}
		for _, t := range *p {
			list = append(list, tag{t.ID, t.Confidence})
		}
		v = list
	case *record.Date:
		v = map[string]string{"edtf": p.EDTF}
	case *[]record.Agent:
		list := []agent{}
		for _, a := range *p {
			list = append(list, agent{a.Name})
		}
		v = list
	default:
		v = p
	}
	b, err := json.Marshal(v)
	if err != nil {
		return "" // texts and lists can always be written
	}
	return string(b)
}

// Says returns what a record says in a field, in the form of an override's value.
func Says(rec record.Record, field string) string {
	name, lang, _ := strings.Cut(field, "@")
	at, ok := fieldOf[name]
	if !ok {
		return ""
	}
	switch p := at(&rec).(type) {
	case *record.Texts:
		return (*p)[lang]
	case *[]record.Tag:
		return strings.Join(ids(*p), ",")
	case *[]string:
		return strings.Join(*p, ",")
	case *record.Date:
		return p.EDTF
	case *[]record.Agent:
		names := make([]string, len(*p))
		for i, a := range *p {
			names[i], _ = a.Name.In(lang)
		}
		return strings.Join(names, "; ")
	case *string:
		return *p
	}
	return ""
}

// Agrees reports whether the source itself has come to say what the override says, which
// then has done its work. What the hub only derived does not count, as new rules could
// derive something else; nor do single tags and decisions.
func (o Override) Agrees(rec record.Record) bool {
	if o.Op != Set || o.Field == DecisionField || o.Value == "" {
		return false
	}
	name, lang, _ := strings.Cut(o.Field, "@")
	if !o.sameAs(Says(rec, o.Field)) {
		return false
	}
	return !slices.ContainsFunc(rec.Provenance, func(a record.Assertion) bool {
		return a.Field == name && (lang == "" || a.Lang == lang) && (a.Flag == record.Added || a.Flag == record.Default)
	})
}

// sameAs compares a value with the override's; the order of ids says nothing.
func (o Override) sameAs(value string) bool {
	name, _, _ := strings.Cut(o.Field, "@")
	switch fieldOf[name](&record.Record{}).(type) {
	case *[]record.Tag, *[]string:
		a, b := listOf(o.Value), listOf(value)
		slices.Sort(a)
		slices.Sort(b)
		return slices.Equal(a, b)
	}
	return value == o.Value
}

// listOf divides ids at commas.
func listOf(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

// namesOf divides names at semicolons, as names have commas in them.
func namesOf(s string) []string {
	var out []string
	for part := range strings.SplitSeq(s, ";") {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}
