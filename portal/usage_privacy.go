package portal

import (
	"net/http"
	"reflect"
	"strings"

	"ctiphub/analytics"
)

// usagePrivacyPage is "/privacy/usage": what is kept of a use, as the running hub is set.
type usagePrivacyPage struct {
	Started   bool
	Crowd     int
	Retention analytics.Retention
	Years     int // of rollups, when it is whole years; else 0
	Robots    string
	RuleSet   string
	Store     string
	Columns   []storedColumn
	Contact   link
	Mail      string
}

// storedColumn is one column of what is stored of a use.
type storedColumn struct{ Name, Sentence string }

// storedSentences say of each field of analytics.Event what it is. A test fails when one is
// missing: nothing may be stored that this page does not tell.
var storedSentences = map[string]string{
	"day":       "The day, in UTC.",
	"hour":      "The hour of the day, in UTC. Minutes and seconds are not kept.",
	"kind":      "What was done: a search, a record seen, opened at its publisher or downloaded, or records given to a program. Tallies of words are a kind of their own.",
	"channel":   "By which way: web pages, JSON API, OAI-PMH, feeds, dumps, files of a record, lists of addresses.",
	"record":    "Which record was seen, opened or downloaded.",
	"source":    "The source that the record was harvested from.",
	"publisher": "The publisher of the record.",
	"type":      "The kind of the record.",
	"language":  "The language of the record, not that of the reader.",
	"countries": "The countries that the record is about, or that a search was narrowed to. Not where the reader is: that is not known.",
	"themes":    "The themes that the record is about, or that a search was narrowed to.",
	"term":      "Of tallies only: words that belong to the vocabulary, or that enough people searched for in one week. They are not connected with any search.",
	"results":   "How many records a search found.",
	"zero":      "That a search found nothing.",
	"consumer":  "The organisation that took records, if it registered to be counted by name.",
	"format":    "The format in which a program took records.",
	"amount":    "How many records a program was given, or how many searches a tally has.",

	"unique_investigation": "That it was the first look at this record by one reader within an hour, as the COUNTER rules want it counted. Who the reader was is not kept.",
	"unique_request":       "The same of opening or downloading.",
	"new_visitor":          "That it was a reader’s first use of the day, so that readers are counted once a day. Who the reader was is not kept.",
	"deal":                 "Which dealing of buckets the next column belongs to. It changes every week, and whenever the hub is started.",
	"crowd":                "One of 32 buckets that readers are dealt into anew each week. It serves only to tell whether enough people are behind a number for it to be shown.",
}

// storedColumns lists every field that is stored, with its sentence.
func storedColumns() []storedColumn {
	var list []storedColumn
	for _, f := range reflect.VisibleFields(reflect.TypeFor[analytics.Event]()) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		list = append(list, storedColumn{name, storedSentences[name]})
	}
	return list
}

// usagePrivacy shows what is kept of uses.
func (p *Portal) usagePrivacy(w http.ResponseWriter, r *http.Request) error {
	if p.o.Usage.Store == nil {
		return errNoUsage()
	}
	o := p.o.Usage
	page := usagePrivacyPage{
		Started: o.Started, Crowd: o.Crowd, Retention: o.Retention, Robots: analytics.RobotsVersion, RuleSet: analytics.RuleSet,
		Columns: storedColumns(),
	}
	if o.Retention.RollupMonths%12 == 0 {
		page.Years = o.Retention.RollupMonths / 12
	}
	if o.Status != nil {
		page.Store = o.Status().Store
	}
	if page.Contact = outLink(p.o.Contact); page.Contact.URL == "" {
		page.Mail = p.o.Contact
	}
	return p.render(w, r, http.StatusOK, "usage-privacy", frame{Title: "How uses are counted", Section: "usage", Index: true, Styles: []string{"usage.css"}, Page: page})
}
