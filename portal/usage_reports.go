package portal

import (
	"net/http"
	"net/url"
	"slices"

	"ctiphub/analytics"
)

// usageReportsPage is "/usage/reports": the COUNTER-style reports, and a form to get one.
type usageReportsPage struct {
	Nav     []usageLink
	There   bool // the reports are served
	Reports []usageReport
	Months  []usageChoice // that are over, newest first
	Formats []usageChoice
	First   string // chosen at first: the last three months
}

// usageReport is one report of the Code of Practice.
type usageReport struct{ ID, Name, About string }

// usageReportList lists the reports that the hub gives.
func usageReportList() []usageReport {
	return []usageReport{
		{"pr", "Platform Report (PR)", "the whole hub, by month"},
		{"ir", "Item Report (IR)", "each record, by month"},
	}
}

func usageReportFormats() []usageChoice {
	return []usageChoice{{"json", "JSON"}, {"tsv", "Table (TSV)"}}
}

// usageReports shows the form; with a report chosen it leads there.
func (p *Portal) usageReports(w http.ResponseWriter, r *http.Request) error {
	if p.o.Usage.Store == nil {
		return errNoUsage()
	}
	d := usageDef{path: "/usage/reports", cube: analytics.CubeRecord}
	u := &usageReading{p: p, def: d, q: usageQuery{path: d.path, def: d, values: map[string]string{}}}
	span, err := u.span(r.Context(), analytics.CubeRecord)
	if err != nil {
		return err
	}
	var months []usageChoice
	for m := span.First; m < span.Complete; m = m.NextMonth() {
		months = append(months, usageChoice{m.String()[:7], m.Time().Format("January 2006")})
	}
	slices.Reverse(months)
	if v := r.URL.Query(); len(v) > 0 {
		to, err := reportAddress(v, months)
		if err != nil {
			return err
		}
		if p.o.Counter == nil {
			return &problem{http.StatusNotFound, "This hub does not serve COUNTER-style reports.", nil}
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	}
	nav := u.nav()
	nav[len(nav)-1].Current = true
	page := usageReportsPage{Nav: nav, There: p.o.Counter != nil, Reports: usageReportList(), Months: months, Formats: usageReportFormats()}
	if len(months) > 0 {
		page.First = months[min(2, len(months)-1)].ID
	}
	return p.render(w, r, http.StatusOK, "usage-reports", frame{Title: "Usage reports", Section: "usage", Index: true, Styles: []string{"usage.css"}, Page: page})
}

// reportAddress is where the report is that the form asks for.
func reportAddress(v url.Values, months []usageChoice) (string, error) {
	for name, list := range v {
		if !slices.Contains([]string{"report", "begin_date", "end_date", "format"}, name) || len(list) > 1 {
			return "", refused("There is no parameter %q here; this page knows report, begin_date, end_date and format, each once.", quoted(name))
		}
	}
	report, begin, end, format := v.Get("report"), v.Get("begin_date"), v.Get("end_date"), v.Get("format")
	known := func(list []usageChoice, id string) bool {
		return slices.ContainsFunc(list, func(c usageChoice) bool { return c.ID == id })
	}
	switch {
	case !slices.ContainsFunc(usageReportList(), func(r usageReport) bool { return r.ID == report }):
		return "", refused("There is no report %q.", quoted(report))
	case !known(months, begin) || !known(months, end):
		return "", refused("Reports are of months that are over, written as 2026-08.")
	case end < begin:
		return "", refused("The last month lies before the first.")
	case !known(usageReportFormats(), format):
		return "", refused("%q is not a format; there are json and tsv.", quoted(format))
	}
	return "/r51/reports/" + report + "?begin_date=" + begin + "&end_date=" + end + "&format=" + format, nil
}
