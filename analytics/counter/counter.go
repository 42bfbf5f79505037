// Package counter writes reports in the manner of the COUNTER Code of Practice, Release 5.1, from
// released figures of use.
//
// In flow released cells, by month; out flow the Platform Report (PR), the Item Report (IR)
// and a custom one by publisher, as JSON and as tab-separated text, and the addresses of the COUNTER API under /r51/. It
// stores nothing. Reports are not audited and say so; what too few people used is not in them.
package counter

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"ctiphub/analytics"
)

// Store is what reports read.
type Store interface {
	Cells(ctx context.Context, q analytics.Question) ([]analytics.Cell, error)
	Releases(ctx context.Context, c analytics.Cube, from, to analytics.Day) ([]analytics.Released, error)
}

// Item is what a report says of a record beside its figures.
type Item struct{ Title, Publisher, Type, URI string }

// Options are what reports are made from.
type Options struct {
	Store    Store
	Platform string // name of the hub
	Crowd    int    // k
	// Items returns what is public of records; those it leaves out are left out of reports.
	Items func(ctx context.Context, ids []string) (map[string]Item, error)
	Now   func() time.Time
}

// Reports makes reports.
type Reports struct{ o Options }

// New makes a Reports.
func New(o Options) *Reports {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Reports{o}
}

// Report is one report of some months.
type Report struct {
	Header Header `json:"Report_Header"`
	Items  []Row  `json:"Report_Items"`
	months []analytics.Day
}

// Header is what a report says of itself (Code of Practice R5.1, section 3.2.1).
type Header struct {
	Release       string              `json:"Release"`
	ID            string              `json:"Report_ID"`
	Name          string              `json:"Report_Name"`
	Created       string              `json:"Created"`
	CreatedBy     string              `json:"Created_By"`
	InstitutionID map[string][]string `json:"Institution_ID"`
	Institution   string              `json:"Institution_Name"`
	Registry      string              `json:"Registry_Record"`
	Filters       Filters             `json:"Report_Filters"`
	Exceptions    []Exception         `json:"Exceptions"`
}

// Filters are the months of a report.
type Filters struct {
	Begin string `json:"Begin_Date"`
	End   string `json:"End_Date"`
}

// Exception is a note or an error (appendix F of the Code).
type Exception struct {
	Code    int    `json:"Code"`
	Message string `json:"Message"`
	Data    string `json:"Data,omitempty"`
}

// Row is one item of a report: a record, or a type of data of the platform.
type Row struct {
	Item      string            `json:"Item,omitempty"`
	ItemID    map[string]string `json:"Item_ID,omitempty"`
	Publisher string            `json:"Publisher,omitempty"`
	Platform  string            `json:"Platform"`
	By        []Attributes      `json:"Attribute_Performance"`
}

// Attributes are the figures of one type of data.
type Attributes struct {
	DataType    string                      `json:"Data_Type"`
	Access      string                      `json:"Access_Method"`
	Performance map[string]map[string]int64 `json:"Performance"`
}

// Errors of a report that cannot be made.
var (
	ErrNoReport = errors.New("there is no such report")
	ErrNotReady = errors.New("the usage of these months is not ready yet")
	ErrNoUsage  = errors.New("nothing was used in these months that may be shown")
	ErrDates    = errors.New("the dates are no months of at most three years")
)

// mostMonths and mostItems bound a report.
const (
	mostMonths = 36
	mostItems  = 5000
)

// names of the reports.
var names = map[string]string{"PR": "Platform Report", "IR": "Item Report", "HUB:PUB": "Publisher Report (custom)"}

// IDs lists the reports.
func IDs() []string { return slices.Sorted(maps.Keys(names)) }

// Make makes a report of the months from one to another, both included.
func (r *Reports) Make(ctx context.Context, id string, from, to analytics.Day) (Report, error) {
	from, to = from.Month(), to.Month()
	rep := Report{Items: []Row{}, Header: r.header(id, from, to)}
	if names[id] == "" {
		return rep, fmt.Errorf("%w as %q: there are %v", ErrNoReport, id, IDs())
	}
	for m := from; m <= to && len(rep.months) <= mostMonths; m = m.NextMonth() {
		rep.months = append(rep.months, m)
	}
	if len(rep.months) == 0 || len(rep.months) > mostMonths {
		return rep, ErrDates
	}
	done, err := r.o.Store.Releases(ctx, analytics.CubeRecord, from, to+1)
	if err != nil {
		return rep, err
	}
	if len(done) == 0 || done[len(done)-1].Unit < to {
		return rep, ErrNotReady
	}
	switch id {
	case "PR":
		err = r.platform(ctx, &rep, from, to)
	case "IR":
		err = r.items(ctx, &rep, from, to)
	default:
		err = r.publishers(ctx, &rep, from, to)
	}
	if err == nil && len(rep.Items) == 0 {
		err = ErrNoUsage
	}
	return rep, err
}

func (r *Reports) header(id string, from, to analytics.Day) Header {
	return Header{
		Release: "5.1", ID: id, Name: names[id], Created: r.o.Now().UTC().Format(time.RFC3339), CreatedBy: r.o.Platform,
		Institution: "The World", InstitutionID: map[string][]string{"Proprietary": {"hub:0000000000000000"}},
		Filters: Filters{from.String(), (to.NextMonth() - 1).String()},
		Exceptions: []Exception{{3040, "Partial Data Returned", fmt.Sprintf(
			"Unaudited, in the manner of COUNTER. What belongs to fewer than %d people, or would tell of fewer, is not in this report; sums are the least there can be. Rules %s; robots left out by %s.",
			r.o.Crowd, analytics.RuleSet, analytics.RobotsVersion)}},
	}
}

// counted are the metrics of a report, by those of cells.
var counted = []struct {
	cell, total, unique string
}{
	{analytics.MetricInvestigation, "Total_Item_Investigations", "Unique_Item_Investigations"},
	{analytics.MetricRequest, "Total_Item_Requests", "Unique_Item_Requests"},
}

// put adds the figures of a cell.
func (a *Attributes) put(c analytics.Cell) {
	for _, m := range counted {
		if c.Metric == m.cell {
			a.add(m.total, c.Unit, c.N)
			a.add(m.unique, c.Unit, c.Uniq)
		}
	}
}

func (a *Attributes) add(metric string, day analytics.Day, n int64) {
	if n == 0 {
		return
	}
	if a.Performance[metric] == nil {
		a.Performance[metric] = map[string]int64{}
	}
	a.Performance[metric][day.Time().Format("2006-01")] += n
}

// platform fills in the Platform Report: uses by type of data, and searches.
func (r *Reports) platform(ctx context.Context, rep *Report, from, to analytics.Day) error {
	cells, err := r.o.Store.Cells(ctx, analytics.Question{View: analytics.ViewKind, From: from, To: to + 1, By: []string{"unit", "a"}, Crowd: r.o.Crowd})
	if err != nil {
		return err
	}
	by := map[string]*Attributes{}
	at := func(dataType string) *Attributes {
		if by[dataType] == nil {
			by[dataType] = &Attributes{DataType: dataType, Access: "Regular", Performance: map[string]map[string]int64{}}
		}
		return by[dataType]
	}
	for _, c := range cells {
		at(dataType(c.A)).put(c)
	}
	searches, err := r.o.Store.Cells(ctx, analytics.Question{View: analytics.ViewDay, From: from, To: to.NextMonth(), A: analytics.All, By: []string{"unit"}, Metrics: []string{analytics.MetricSearch}, Crowd: r.o.Crowd})
	if err != nil {
		return err
	}
	for _, c := range searches {
		at("Platform").add("Searches_Platform", c.Unit, c.N)
	}
	row := Row{Platform: r.o.Platform}
	for _, t := range slices.Sorted(maps.Keys(by)) {
		if len(by[t].Performance) > 0 {
			row.By = append(row.By, *by[t])
		}
	}
	if len(row.By) > 0 {
		rep.Items = append(rep.Items, row)
	}
	return nil
}

// items fills in the Item Report.
func (r *Reports) items(ctx context.Context, rep *Report, from, to analytics.Day) error {
	cells, err := r.o.Store.Cells(ctx, analytics.Question{View: analytics.ViewRecord, From: from, To: to + 1, By: []string{"a", "unit"}, Crowd: r.o.Crowd})
	if err != nil {
		return err
	}
	byID := map[string]*Attributes{}
	for _, c := range cells {
		if byID[c.A] == nil && len(byID) == mostItems {
			continue
		}
		if byID[c.A] == nil {
			byID[c.A] = &Attributes{Access: "Regular", Performance: map[string]map[string]int64{}}
		}
		byID[c.A].put(c)
	}
	ids := slices.Sorted(maps.Keys(byID))
	items, err := r.o.Items(ctx, ids)
	if err != nil {
		return err
	}
	for _, id := range ids {
		it, public := items[id]
		if a := byID[id]; public && len(a.Performance) > 0 {
			a.DataType = dataType(it.Type)
			rep.Items = append(rep.Items, Row{Item: it.Title, ItemID: map[string]string{"Proprietary": "hub:" + id, "URI": it.URI}, Publisher: it.Publisher, Platform: r.o.Platform, By: []Attributes{*a}})
		}
	}
	return nil
}

// publishers fills in the hub's own report, which is to publishers what the Title Report is to
// titles.
func (r *Reports) publishers(ctx context.Context, rep *Report, from, to analytics.Day) error {
	cells, err := r.o.Store.Cells(ctx, analytics.Question{View: analytics.ViewPublisher, From: from, To: to + 1, By: []string{"a", "unit"}, Crowd: r.o.Crowd})
	if err != nil {
		return err
	}
	for _, c := range cells {
		if last := len(rep.Items) - 1; c.A != "" && (last < 0 || rep.Items[last].Publisher != c.A) {
			rep.Items = append(rep.Items, Row{Publisher: c.A, Platform: r.o.Platform, By: []Attributes{{DataType: "Other", Access: "Regular", Performance: map[string]map[string]int64{}}}})
		}
		if c.A != "" {
			rep.Items[len(rep.Items)-1].By[0].put(c)
		}
	}
	return nil
}

// dataType is the type of data of the Code (section 3.3.2) that a type of the hub is nearest to.
func dataType(t string) string {
	switch t {
	case "report":
		return "Report"
	case "thesis":
		return "Thesis_or_Dissertation"
	case "dataset":
		return "Dataset"
	case "video", "audio":
		return "Multimedia"
	}
	return "Other"
}

// parseMonth reads yyyy-mm or yyyy-mm-dd.
func parseMonth(s string) (analytics.Day, error) {
	if len(s) > 7 {
		d, err := analytics.ParseDay(s)
		return d.Month(), err
	}
	t, err := time.Parse("2006-01", s)
	return analytics.DayOf(t), err
}

func digits(n int64) string { return strconv.FormatInt(n, 10) }
