package portal

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ctiphub/analytics"
)

// usageReading is the reading of one page of figures: what is asked for, and of what time
// there are figures.
type usageReading struct {
	p      *Portal
	def    usageDef
	q      usageQuery
	reader []string // languages of the reader, best first
	spans  map[analytics.Cube]usageRange
}

// ask reads released cells of a range. The crowd goes along with each question, and cells below
// it are left out here once more: no store may be trusted alone with that.
func (u *usageReading) ask(ctx context.Context, r usageRange, q analytics.Question) (sums, error) {
	if r.From >= r.To {
		return sums{}, nil
	}
	q.From, q.To, q.Crowd = r.From, r.To, u.p.o.Usage.Crowd
	cells, err := u.p.o.Usage.Store.Cells(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("reading the figures %s from %s to %s: %w", q.View, q.From, q.To, err)
	}
	return addUp(q, slices.DeleteFunc(cells, func(c analytics.Cell) bool { return !q.Admit(c) })), nil
}

// panel makes one of the tables of the page.
func (u *usageReading) panel(ctx context.Context, id string) (usageTable, error) {
	list := usagePanels()
	at := slices.IndexFunc(list, func(d usagePanel) bool { return d.id == id })
	if at < 0 {
		return usageTable{}, fmt.Errorf("there is no usage panel %q", id)
	}
	def := list[at]
	span, err := u.span(ctx, def.cube)
	if err != nil {
		return usageTable{}, err
	}
	t := usageTable{ID: id, Title: def.title, Range: span, Empty: "Nothing, or nothing that enough people share."}
	t.Apart = span.Complete > 0 && span.unitWord() != unitName(u.def.cube)
	if err := def.read(u, ctx, &t); err != nil {
		return t, err
	}
	t.Notes = append(t.Notes, u.unheeded(def)...)
	if strings.HasPrefix(u.q.path, "/usage") {
		t.CSV = u.q.with("panel", id).with("format", "csv").url()
		t.JSON = u.apiURL(def)
	}
	return t, nil
}

// isFilter reports a parameter that chooses among rows.
func isFilter(name string) bool { return name != "metric" && name != "zone" && name != "compare" }

// unheeded says which filters in force a panel does not know.
func (u *usageReading) unheeded(def usagePanel) []string {
	var names []string
	for _, name := range u.def.params {
		if u.q.get(name) != "" && isFilter(name) && !slices.Contains(def.params, name) {
			names = append(names, strings.ToLower(paramName(name)))
		}
	}
	if len(names) == 0 {
		return nil
	}
	return []string{"Not filtered by " + strings.Join(names, ", ") + ": what is counted here is not told apart by it."}
}

// apiURL is the address of a panel in the JSON API, with what it heeds of the query.
func (u *usageReading) apiURL(def usagePanel) string {
	q := usageQuery{path: apiPrefix + "/usage/" + def.id, def: usageDef{params: def.params, metrics: def.metrics, cube: def.cube}, values: map[string]string{}}
	given := maps.Clone(u.q.values)
	maps.Copy(given, u.q.fixed)
	for name, v := range given {
		if slices.Contains(q.def.takes(), name) && name != "from" && name != "to" {
			q.values[name] = v
		}
	}
	if u.q.to != 0 {
		if r := u.spans[def.cube]; r.From < r.To {
			q.values["from"], q.values["to"] = r.From.String(), (r.To - 1).String()
		}
	}
	return q.url()
}

// metric is the metric that a panel shows, of those that it knows.
func (u *usageReading) metric(known []string) string {
	if m := u.q.get("metric"); slices.Contains(known, m) {
		return m
	}
	return known[0]
}

// nav lists the pages. The period goes along, and so does what it is compared with.
func (u *usageReading) nav() []usageLink {
	var list []usageLink
	for _, d := range usagePages() {
		if d.nav == "" {
			continue
		}
		q := usageQuery{path: d.path, def: d, values: map[string]string{}}
		for _, name := range []string{"period", "compare"} {
			if slices.Contains(d.takes(), name) {
				q = q.with(name, u.q.values[name])
			}
		}
		if u.q.to != 0 && (d.cube == analytics.CubeRecord) == (u.def.cube == analytics.CubeRecord) {
			q = q.with("from", u.q.values["from"]).with("to", u.q.values["to"])
		}
		current := u.def.path == d.path || d.path != "/usage" && strings.HasPrefix(u.def.path, d.path+"/")
		list = append(list, usageLink{URL: q.url(), Label: d.nav, Current: current})
	}
	return append(list, usageLink{URL: "/usage/reports", Label: "Reports"})
}

// active lists the filters in force, each with the address without it.
func (u *usageReading) active() []usageLink {
	var list []usageLink
	for _, name := range u.def.params {
		if v := u.q.values[name]; v != "" && isFilter(name) {
			list = append(list, usageLink{URL: u.q.with(name, "").url(), Label: paramName(name) + ": " + clip(u.p.usageLabel(name, v), 60)})
		}
	}
	return list
}

// usageForm is the form above the figures.
type usageForm struct {
	Action   string
	Selects  []usageSelect
	From, To string
	FirstDay string // what the days of from and to have to be
	LastDay  string
	OwnDates bool // that dates are given
	Filtered bool
	Text     []usageField
}

type usageSelect struct {
	Name, Label string
	Options     []usageOption
}

type usageOption struct {
	usageChoice
	On bool
}

type usageField struct{ Name, Label, Value string }

// form offers every parameter of the page.
func (u *usageReading) form() usageForm {
	f := usageForm{
		Action: u.q.path, From: u.q.values["from"], To: u.q.values["to"], OwnDates: u.q.to != 0,
		FirstDay: firstDayName(u.def.cube), LastDay: lastDayName(u.def.cube), Filtered: len(u.q.values) > 0,
	}
	for _, name := range u.def.takes() {
		switch name {
		case "from", "to", "format", "panel":
		case "publisher":
			f.Text = append(f.Text, usageField{name, paramName(name), u.q.get(name)})
		default:
			s := usageSelect{Name: name, Label: paramName(name)}
			if u.def.usageDefault(name) == "" {
				s.Options = append(s.Options, usageOption{usageChoice{"", "all"}, u.q.get(name) == ""})
			}
			for _, c := range u.p.usageChoices(u.def, name) {
				c.Label = clip(c.Label, 60)
				s.Options = append(s.Options, usageOption{c, u.q.get(name) == c.ID})
			}
			f.Selects = append(f.Selects, s)
		}
	}
	return f
}
