package portal

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ctiphub/analytics"
	"ctiphub/catalog"
)

// usageQuery is what an address asks of a page of figures.
type usageQuery struct {
	path   string
	def    usageDef
	fixed  map[string]string // what the path says
	values map[string]string // by parameter; nothing that is empty or as it is by default
	from   analytics.Day     // own dates; 0: the period says
	to     analytics.Day     // the day after the last
}

// usageParams lists all parameters in the order in which addresses have them.
var usageParams = []string{"period", "from", "to", "compare", "metric", "zone", "country", "theme", "type", "language", "source", "publisher", "channel", "format", "panel"}

// takes lists the parameters that a page knows.
func (d usageDef) takes() []string {
	return slices.DeleteFunc(slices.Clone(usageParams), func(name string) bool {
		switch name {
		case "period", "from", "to":
			return false
		case "format", "panel":
			return len(d.panels) == 0
		}
		return !slices.Contains(d.params, name)
	})
}

// usageDefault is what a parameter is when an address does not say.
func (d usageDef) usageDefault(name string) string {
	switch {
	case name == "period":
		return "13w"
	case name == "compare":
		return "previous"
	case name == "metric" && len(d.metrics) > 0:
		return d.metrics[0]
	case name == "zone":
		return "utc"
	case name == "format":
		return "html"
	}
	return ""
}

// get returns a parameter, or what it is by default.
func (q usageQuery) get(name string) string {
	if v, ok := q.fixed[name]; ok {
		return v
	}
	if v, ok := q.values[name]; ok {
		return v
	}
	return q.def.usageDefault(name)
}

// with returns the query with a parameter set, or taken out by "".
func (q usageQuery) with(name, value string) usageQuery {
	q.values = maps.Clone(q.values)
	delete(q.values, name)
	if value != "" && value != q.def.usageDefault(name) {
		q.values[name] = value
	}
	return q
}

// url writes the query as an address; the same query gives the same address.
func (q usageQuery) url() string {
	var parts []string
	for _, name := range usageParams {
		if v, ok := q.values[name]; ok {
			parts = append(parts, name+"="+url.QueryEscape(v))
		}
	}
	if len(parts) == 0 {
		return q.path
	}
	return q.path + "?" + strings.Join(parts, "&")
}

// longestPublisher bounds the one filter that is free text.
const longestPublisher = 200

// readUsage reads and checks the parameters of a page. Unlike a search, which leaves out what
// it does not understand, it refuses: a figure must be of what was asked for.
func (p *Portal) readUsage(d usageDef, v url.Values, fixed map[string]string) (usageQuery, error) {
	q := usageQuery{path: d.path, def: d, fixed: fixed, values: map[string]string{}}
	known := d.takes()
	for _, name := range slices.Sorted(maps.Keys(v)) {
		list := v[name]
		if !slices.Contains(known, name) {
			return q, refused("There is no parameter %q here; this page knows %s.", quoted(name), strings.Join(known, ", "))
		}
		if len(list) > 1 {
			return q, refused("Give the parameter %s once only.", name)
		}
		value := strings.TrimSpace(visible(strings.ToValidUTF8(list[0], "")))
		if value == "" {
			continue
		}
		if err := p.checkUsage(d, name, value); err != nil {
			return q, err
		}
		q = q.with(name, value)
	}
	if err := q.readDates(); err != nil {
		return q, err
	}
	if (q.get("format") == "csv") != (q.get("panel") != "") {
		return q, refused("A table needs both format=csv and panel: %s.", strings.Join(d.panels, ", "))
	}
	return q, nil
}

// refused is what a visitor hears of a parameter that cannot be.
func refused(sentence string, args ...any) error {
	return &problem{http.StatusBadRequest, fmt.Sprintf(sentence, args...), nil}
}

func quoted(s string) string { return clip(visible(strings.ToValidUTF8(s, "")), 40) }

// checkUsage holds a value against what its parameter can be.
func (p *Portal) checkUsage(d usageDef, name, value string) error {
	switch name {
	case "from", "to":
		return nil // readDates looks at both
	case "publisher":
		if len(value) > longestPublisher {
			return refused("The name of a publisher has at most %d bytes.", longestPublisher)
		}
		return nil
	}
	var ids []string
	for _, o := range p.usageChoices(d, name) {
		if o.ID == value {
			return nil
		}
		ids = append(ids, o.ID)
	}
	if len(ids) > 30 {
		return refused("%q is not a value of %s.", quoted(value), name)
	}
	return refused("%q is not a value of %s, which is one of %s.", quoted(value), name, strings.Join(ids, ", "))
}

// usageChoice is one value of a parameter.
type usageChoice struct{ ID, Label string }

// usageChoices lists the values of a parameter.
func (p *Portal) usageChoices(d usageDef, name string) []usageChoice {
	var list []usageChoice
	add := func(ids ...string) {
		for _, id := range ids {
			list = append(list, usageChoice{id, p.usageLabel(name, id)})
		}
	}
	switch name {
	case "period":
		add("4w", "13w", "26w", "52w")
	case "compare":
		add("previous", "year", "none")
	case "metric":
		add(d.metrics...)
	case "zone":
		add("utc", "6:30", "7", "8", "9")
	case "country", "type", "language":
		add(conceptIDs(p.o.Vocabulary.Scheme(name))...)
	case "theme":
		add(conceptIDs(p.areas)...)
	case "source":
		for _, s := range p.o.Sources {
			add(s.ID)
		}
	case "channel":
		for _, c := range analytics.Channels() {
			add(string(c))
		}
	case "format":
		add("html", "csv")
	case "panel":
		add(d.panels...)
	}
	return list
}

// usageLabel names a value of a parameter.
func (p *Portal) usageLabel(name, id string) string {
	switch name {
	case "country", "theme", "type", "language", "source":
		return p.label(catalog.Facet(name), id)
	case "metric":
		return metricName(id)
	}
	if label, ok := usageWords[name+" "+id]; ok {
		return label
	}
	return id
}

// usageWords name the values of parameters that no vocabulary has.
var usageWords = map[string]string{
	"period 4w": "4 weeks", "period 13w": "13 weeks (3 months)", "period 26w": "26 weeks (6 months)", "period 52w": "52 weeks (12 months)",
	"compare previous": "the time before", "compare year": "the year before", "compare none": "nothing",
	"zone utc": "UTC", "zone 6:30": "UTC+6:30 (Myanmar)", "zone 7": "UTC+7 (Bangkok, Hanoi, Jakarta, Phnom Penh, Vientiane)",
	"zone 8": "UTC+8 (Bandar Seri Begawan, Kuala Lumpur, Manila, Singapore)", "zone 9": "UTC+9 (Dili, Jayapura)",
	"channel web": "Web pages", "channel api": "JSON API", "channel oai": "OAI-PMH", "channel feed": "Feeds", "channel dump": "Dumps",
	"channel file": "Records as files", "channel list": "Lists of addresses",
}

// metricName names a metric in a sentence.
func metricName(m string) string {
	switch m {
	case analytics.MetricVisitors:
		return "Visits"
	case analytics.MetricSearch:
		return "Searches"
	case analytics.MetricZero:
		return "Searches that found nothing"
	case analytics.MetricView:
		return "Records seen"
	case analytics.MetricRequest:
		return "Opened or downloaded"
	case analytics.MetricInvestigation:
		return "Seen or opened"
	case analytics.MetricPulls:
		return "Requests"
	case analytics.MetricPulledRecords:
		return "Records delivered"
	}
	return m
}

// paramName is how a form calls a parameter.
func paramName(name string) string {
	switch name {
	case "compare":
		return "Compare with"
	case "metric":
		return "Show"
	case "zone":
		return "Time zone"
	case "type":
		return "Kind"
	}
	return strings.ToUpper(name[:1]) + name[1:]
}
