package portal

import (
	"context"
	"net/url"

	"ctiphub/analytics"
)

// usageDef is a page of figures, or one panel as the API gives it.
type usageDef struct {
	path    string // of the page; usageSubject fills in what it names
	nav     string // its entry in the list of pages; "": none
	title   string
	heading string // of pages about one source or publisher: its name
	lead    string
	cube    analytics.Cube // whose unit the page goes by
	params  []string       // filters, beside those that every page has
	metrics []string       // what metric may be; the first is the default
	panels  []string
	most    int // rows of a list
	tiles   func(*usageReading, context.Context) ([]usageTile, error)
	strip   bool
}

// Most rows of a list on its own page, and among others on the overview.
const (
	mostRows      = 100
	mostRowsShort = 8
)

func usageSourceURL(id string) string      { return "/usage/sources/" + url.PathEscape(id) }
func usagePublisherURL(name string) string { return "/usage/publishers/" + url.PathEscape(name) }

// siteMetrics and areaMetrics are what days, and countries and themes, are counted by.
func siteMetrics() []string {
	return []string{analytics.MetricVisitors, analytics.MetricSearch, analytics.MetricZero, analytics.MetricView, analytics.MetricRequest}
}

func areaMetrics() []string {
	return []string{analytics.MetricSearch, analytics.MetricZero}
}

func recordMetrics() []string {
	return []string{analytics.MetricInvestigation, analytics.MetricRequest}
}

// usagePages lists the pages of figures.
func usagePages() []usageDef {
	return []usageDef{
		{
			path: "/usage", nav: "Overview", title: "How the hub is used", cube: analytics.CubeSite,
			lead:   "What people search for, read and open, and what other portals take, without keeping anything of anybody.",
			params: []string{"compare", "metric", "channel"}, metrics: siteMetrics(), most: mostRowsShort,
			panels: []string{"days", "resources", "sources", "countries", "themes", "terms", "channels"}, tiles: (*usageReading).siteTiles, strip: true,
		},
		{
			path: "/usage/demand", nav: "Demand", title: "What people look for", cube: analytics.CubeArea,
			lead:   "Countries and themes that searches were narrowed to, and that the records people saw are about. They say what was looked for, not where readers are.",
			params: []string{"compare", "metric", "country", "theme"}, metrics: append(areaMetrics(), recordMetrics()...), most: mostRows,
			panels: []string{"areas", "weeks", "uses", "terms"},
		},
		{
			path: "/usage/gaps", nav: "Gaps", title: "Searched a lot, little found", cube: analytics.CubeArea,
			lead:   "Searches by country and theme, against what publishers have published. Where many look and little is there, a resource would be read.",
			params: []string{"country", "theme"}, most: mostRows, panels: []string{"gaps"},
		},
		{
			path: "/usage/resources", nav: "Resources", title: "What is read", cube: analytics.CubeRecord,
			lead:   "The records that people saw, and those that they opened or downloaded at the publisher.",
			params: []string{"compare", "metric", "country", "theme", "type", "language", "source", "publisher"}, metrics: recordMetrics(), most: mostRows,
			panels: []string{"months", "resources", "kinds"},
		},
		{
			path: "/usage/sources", nav: "Sources", title: "Use by source", cube: analytics.CubeRecord,
			lead: "What each source’s records were used. Every source has its own page.", params: []string{"compare"}, most: mostRows, panels: []string{"sources"},
		},
		{
			path: "/usage/sources/{id}", title: "Use of a source", cube: analytics.CubeRecord,
			lead:   "How the records from this source were used through the hub. What happens on the publisher’s own site the hub does not know.",
			params: []string{"compare", "metric", "country", "theme", "type", "language"}, metrics: recordMetrics(), most: mostRows,
			panels: []string{"months", "resources"}, tiles: (*usageReading).recordTiles,
		},
		{
			path: "/usage/publishers", nav: "Publishers", title: "Use by publisher", cube: analytics.CubeRecord,
			lead: "What each publisher’s records were used. Every publisher has its own page.", params: []string{"compare"}, most: mostRows, panels: []string{"publishers"},
		},
		{
			path: "/usage/publishers/{name}", title: "Use of a publisher", cube: analytics.CubeRecord,
			lead:   "How the records of this publisher were used through the hub. What happens on the publisher’s own site the hub does not know.",
			params: []string{"compare", "metric", "country", "theme", "type", "language"}, metrics: recordMetrics(), most: mostRows,
			panels: []string{"months", "resources"}, tiles: (*usageReading).recordTiles,
		},
		{
			path: "/usage/redistribution", nav: "Redistribution", title: "What other portals take", cube: analytics.CubeExport,
			lead:   "Records that programs were given: by OAI-PMH, the API, feeds, dumps and lists. They are no readers, and counted for themselves.",
			params: []string{"compare", "channel"}, most: mostRows, panels: []string{"deliveries", "consumers", "silent"},
		},
		{
			path: "/usage/rhythm", nav: "Rhythm", title: "When the hub is used", cube: analytics.CubeSite,
			lead:   "How busy the hours of the week are, in ten steps from quiet to busiest.",
			params: []string{"zone"}, panels: []string{"rhythm"},
		},
	}
}

// usagePanel is one table of figures: what makes it, and which parameters it heeds.
type usagePanel struct {
	id, title string
	cube      analytics.Cube
	params    []string
	metrics   []string
	read      func(*usageReading, context.Context, *usageTable) error
}

// usagePanels lists them all; the API gives each by its id.
func usagePanels() []usagePanel {
	record := []string{"country", "theme", "type", "language", "source", "publisher"}
	return []usagePanel{
		{"days", "Day by day", analytics.CubeSite, []string{"metric", "channel", "compare"}, siteMetrics(), (*usageReading).days},
		{"channels", "By channel", analytics.CubeSite, []string{"channel"}, nil, (*usageReading).channels},
		{"countries", "Countries looked for", analytics.CubeArea, []string{"country"}, nil, (*usageReading).countries},
		{"themes", "Themes looked for", analytics.CubeArea, []string{"theme"}, nil, (*usageReading).themes},
		{"areas", "By country and theme", analytics.CubeArea, []string{"metric", "country", "theme"}, areaMetrics(), (*usageReading).areas},
		{"weeks", "Week by week", analytics.CubeArea, []string{"metric", "country", "theme", "compare"}, areaMetrics(), (*usageReading).weeks},
		{"uses", "Use of records by country and theme", analytics.CubeRecord, []string{"metric", "country", "theme"}, recordMetrics(), (*usageReading).uses},
		{"terms", "Words searched for", analytics.CubeTerm, nil, nil, (*usageReading).terms},
		{"gaps", "Demand against coverage", analytics.CubeArea, []string{"country", "theme"}, nil, (*usageReading).gaps},
		{"resources", "Most used records", analytics.CubeRecord, record, nil, (*usageReading).resources},
		{"kinds", "By kind and language", analytics.CubeRecord, []string{"metric", "type", "language"}, recordMetrics(), (*usageReading).kinds},
		{"months", "Month by month", analytics.CubeRecord, []string{"metric", "source", "publisher", "compare"}, recordMetrics(), (*usageReading).months},
		{"sources", "By source", analytics.CubeRecord, []string{"source", "compare"}, nil, (*usageReading).sources},
		{"publishers", "By publisher", analytics.CubeRecord, []string{"publisher", "compare"}, nil, (*usageReading).publishers},
		{"deliveries", "Records given to programs", analytics.CubeExport, []string{"channel", "compare"}, nil, (*usageReading).deliveries},
		{"consumers", "Who takes records", analytics.CubeExport, []string{"channel"}, nil, (*usageReading).consumers},
		{"silent", "Registered, but took nothing", analytics.CubeExport, nil, nil, (*usageReading).silent},
		{"rhythm", "Hours of the week", analytics.CubeSite, []string{"zone"}, nil, (*usageReading).rhythm},
	}
}
