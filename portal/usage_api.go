package portal

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"ctiphub/analytics"
)

// usageInput is what the API is asked for: the parameters of the pages.
type usageInput struct {
	Panel     string `path:"panel" maxLength:"40" doc:"days, channels, countries, themes, areas, weeks, uses, terms, gaps, resources, kinds, months, sources, publishers, deliveries, consumers, silent or rhythm. Each heeds some of the parameters, and refuses the others."`
	Period    string `query:"period" enum:"4w,13w,26w,52w" doc:"How far back from the last complete unit: 13w when absent. Tables by month take 1, 3, 6 or 12 months."`
	From      string `query:"from" maxLength:"10" doc:"Own dates instead of a period: the first day of a week (a Monday), or of a month where the table is by month."`
	To        string `query:"to" maxLength:"10" doc:"The last day, a Sunday or the last of a month. Units that are not over yet are left out."`
	Compare   string `query:"compare" enum:"previous,year,none" doc:"What series and lists are compared with: previous when absent."`
	Metric    string `query:"metric" maxLength:"40" doc:"What a series or heat map is of."`
	Zone      string `query:"zone" enum:"utc,6:30,7,8,9" doc:"Of rhythm: hours ahead of UTC. Half hours cannot be shifted exactly, and give UTC."`
	Country   string `query:"country" maxLength:"100" doc:"ISO 3166-1 alpha-2 code."`
	Theme     string `query:"theme" maxLength:"100" doc:"Id of a theme of the first level."`
	Type      string `query:"type" maxLength:"100" doc:"Id of the vocabulary scheme type."`
	Language  string `query:"language" maxLength:"100" doc:"BCP 47 tag."`
	Source    string `query:"source" maxLength:"100" doc:"Id of a source."`
	Publisher string `query:"publisher" maxLength:"200" doc:"Name of a publisher, as the table of publishers has it."`
	Channel   string `query:"channel" maxLength:"20" doc:"web, api, oai, feed, dump, file or list."`
}

// values are the parameters that were given.
func (in *usageInput) values() url.Values {
	v := url.Values{}
	for name, s := range map[string]string{
		"period": in.Period, "from": in.From, "to": in.To, "compare": in.Compare, "metric": in.Metric, "zone": in.Zone, "country": in.Country,
		"theme": in.Theme, "type": in.Type, "language": in.Language, "source": in.Source, "publisher": in.Publisher, "channel": in.Channel,
	} {
		if s != "" {
			v.Set(name, s)
		}
	}
	return v
}

// usageDoc is one panel.
type usageDoc struct {
	Panel    string           `json:"panel"`
	Title    string           `json:"title"`
	Unit     string           `json:"unit" enum:"week,month"`
	From     string           `json:"from,omitempty" format:"date" doc:"First day; absent when there is no complete unit."`
	To       string           `json:"to,omitempty" format:"date" doc:"Last day."`
	Complete string           `json:"complete,omitempty" format:"date" doc:"Last day of the last unit that is over and was released."`
	Crowd    int              `json:"crowd" doc:"How many people each number belongs to at least, but for those of registered organisations."`
	Absent   string           `json:"absent" doc:"What it means that a number or row is not there."`
	Notes    []string         `json:"notes,omitempty" nullable:"false"`
	Columns  []usageColumnDoc `json:"columns" nullable:"false"`
	Rows     []map[string]any `json:"rows" nullable:"false" doc:"By column. A number that is not there is nothing, or of fewer people than crowd: nobody can tell which."`
}

type usageColumnDoc struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Number bool   `json:"number" doc:"Values are whole numbers, else texts."`
	Named  bool   `json:"named,omitempty" doc:"Values are ids; the name is in the member with Name behind it."`
}

// registerUsage puts the figures into the API, where there are any.
func (p *Portal) registerUsage(api huma.API) {
	if p.o.Usage.Store == nil {
		return
	}
	get(p, api, operation{
		id: "get-usage", path: "/usage/{panel}", summary: "How the hub is used, one table of figures",
		description: "Released figures only: every number, and every difference of two, belongs to at least as many people as crowd says. The running week or month is never among them.",
		errors:      []int{http.StatusNotFound, http.StatusServiceUnavailable},
	}, p.apiUsage)
}

func (p *Portal) apiUsage(ctx context.Context, in *usageInput) (*answer[usageDoc], error) {
	list := usagePanels()
	at := slices.IndexFunc(list, func(d usagePanel) bool { return d.id == in.Panel })
	if at < 0 {
		return nil, &problem{http.StatusNotFound, fmt.Sprintf("There is no table %q; there are %s.", quoted(in.Panel), strings.Join(panelIDs(), ", ")), nil}
	}
	def := list[at]
	d := usageDef{path: apiPrefix + "/usage/" + def.id, cube: def.cube, params: def.params, metrics: def.metrics, most: mostRows}
	q, err := p.readUsage(d, in.values(), nil)
	if err != nil {
		return nil, err
	}
	u := &usageReading{p: p, def: d, q: q}
	t, err := u.panel(ctx, def.id)
	if err != nil {
		return nil, err
	}
	return &answer[usageDoc]{t.doc(p.o.Usage.Crowd)}, nil
}

func panelIDs() []string {
	var ids []string
	for _, d := range usagePanels() {
		ids = append(ids, d.id)
	}
	return ids
}

// doc gives the table the form of the API.
func (t usageTable) doc(crowd int) usageDoc {
	doc := usageDoc{
		Panel: t.ID, Title: t.Title, Unit: t.Range.unitWord(), Crowd: crowd, Absent: absence(crowd), Notes: t.Notes,
		Columns: []usageColumnDoc{}, Rows: []map[string]any{},
	}
	if t.Range.From < t.Range.To {
		doc.From, doc.To = t.Range.From.String(), (t.Range.To - 1).String()
	}
	if t.Range.Complete > 0 {
		doc.Complete = (t.Range.Complete - analytics.Day(1)).String()
	}
	for _, c := range t.Columns {
		doc.Columns = append(doc.Columns, usageColumnDoc{ID: c.Key, Label: c.Label, Number: c.Number, Named: c.Coded})
	}
	for _, r := range t.Rows {
		row := map[string]any{}
		for i, c := range t.Columns {
			d := r.Cells[i]
			switch {
			case c.Number && d.Known:
				row[c.Key] = d.N
			case c.Number:
			case c.Coded:
				row[c.Key], row[c.Key+"Name"] = visible(d.ID), visible(d.S)
			default:
				row[c.Key] = visible(d.S)
			}
		}
		doc.Rows = append(doc.Rows, row)
	}
	return doc
}
