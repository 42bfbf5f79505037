// Package analytics counts how the hub is used, and gives nobody away who uses it.
//
// In flow requests that were answered, with what they were about; out flow counts of which
// each, and each difference of two, belongs to at least k people. What it stores is in
// Event, one for each counted use: a day and an hour, what was used, two flags, and one of 32
// buckets that are dealt anew each week, by which only the rule of the crowd is kept. Address
// and browser of a reader are mixed with a random key that lives in memory for a day, and are
// gone with it. It must not know pages, records or the catalogue.
//
// The life of one use: the Counter takes it (robots, double clicks and those who asked not to be
// counted fall out), the Spool keeps it until the Store has it, the Store adds it to its
// rollups, and when its day, week or month is over the Releaser decides, once and for all
// pages, exports and reports, which cells of that time may be shown.
package analytics

import (
	"database/sql/driver"
	"fmt"
	"slices"
	"strings"
	"time"
)

// RuleSet names the rules by which uses are counted and cells released; reports state it.
const RuleSet = "hub-usage-1"

// Kind is what somebody did.
type Kind string

// The kinds of use. KindTerm and KindZeroTerm are tallies of words that many people searched
// for, without any connection to the searches they were part of.
const (
	KindSearch   Kind = "search"
	KindView     Kind = "view"
	KindClick    Kind = "click"
	KindDownload Kind = "download"
	KindExport   Kind = "export"
	KindTerm     Kind = "term"
	KindZeroTerm Kind = "zero-term"
)

// Channel is the way by which the hub was used.
type Channel string

// The channels.
const (
	ChannelWeb  Channel = "web"
	ChannelAPI  Channel = "api"
	ChannelOAI  Channel = "oai"
	ChannelFeed Channel = "feed"
	ChannelDump Channel = "dump"
	ChannelFile Channel = "file" // one record in a form for programs
	ChannelList Channel = "list" // lists of addresses
)

// Channels lists them all.
func Channels() []Channel {
	return []Channel{ChannelWeb, ChannelAPI, ChannelOAI, ChannelFeed, ChannelDump, ChannelFile, ChannelList}
}

// Event is one counted use, and all that is ever stored of it.
type Event struct {
	Day     Day     `json:"day"`
	Hour    uint8   `json:"hour"` // UTC
	Kind    Kind    `json:"kind"`
	Channel Channel `json:"channel"`
	// What was used; of a search, the filters in force.
	Record    string   `json:"record,omitempty"`
	Source    string   `json:"source,omitempty"`
	Publisher string   `json:"publisher,omitempty"`
	Type      string   `json:"type,omitempty"`
	Language  string   `json:"language,omitempty"`
	Countries []string `json:"countries,omitempty"`
	Themes    []string `json:"themes,omitempty"` // areas: themes of the first level
	Term      string   `json:"term,omitempty"`   // of tallies only: words that k people searched for
	Results   uint32   `json:"results,omitempty"`
	Zero      bool     `json:"zero,omitempty"`     // the search found nothing
	Consumer  string   `json:"consumer,omitempty"` // a registered organisation
	Format    string   `json:"format,omitempty"`
	Amount    uint32   `json:"amount,omitempty"` // records of an export, searches of a tally
	// COUNTER: the first investigation, or request, of this item by this reader in this hour.
	UniqueInvestigation bool `json:"unique_investigation,omitempty"`
	UniqueRequest       bool `json:"unique_request,omitempty"`
	NewVisitor          bool `json:"new_visitor,omitempty"` // the reader's first use of the day
	// Crowd has the bit of the reader's bucket; Deal says which dealing of buckets it is from.
	Deal  uint32 `json:"deal,omitempty"`
	Crowd uint32 `json:"crowd,omitempty"`
}

// Batch is what a store takes at once: the events of one segment, all of one month.
type Batch struct {
	ID     uint64
	Month  Day // the first day of the month
	Events []Event
}

// Day is a day of UTC, counted from 1970-01-01.
type Day int32

// DayOf returns the day of a time.
func DayOf(t time.Time) Day { return Day(floorDiv(t.Unix(), 24*60*60)) }

// ParseDay reads a day as String writes it.
func ParseDay(s string) (Day, error) {
	t, err := time.Parse(time.DateOnly, s)
	return DayOf(t), err
}

func floorDiv(a, b int64) int64 {
	if a < 0 {
		return -((-a + b - 1) / b)
	}
	return a / b
}

// Time returns the beginning of the day.
func (d Day) Time() time.Time { return time.Unix(int64(d)*24*60*60, 0).UTC() }

// String writes the day as 2006-01-02.
func (d Day) String() string { return d.Time().Format(time.DateOnly) }

// MarshalText writes the day as String does.
func (d Day) MarshalText() ([]byte, error) { return d.Time().AppendFormat(nil, time.DateOnly), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Day) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDay(string(b))
	return err
}

// Value gives the day to a database as String writes it.
func (d Day) Value() (driver.Value, error) { return d.String(), nil }

// Scan takes a day from a database, as text or as a date.
func (d *Day) Scan(v any) error {
	switch v := v.(type) {
	case time.Time:
		*d = DayOf(v)
		return nil
	case string:
		return d.UnmarshalText([]byte(v))
	}
	return fmt.Errorf("a %T is not a day", v)
}

// Week returns the Monday of the day's week.
func (d Day) Week() Day { return d - Day((int64(d)+3)%7+7)%7 }

// Month returns the first day of the day's month.
func (d Day) Month() Day {
	t := d.Time()
	return DayOf(time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC))
}

// NextMonth returns the first day of the month after the day's.
func (d Day) NextMonth() Day {
	t := d.Time()
	return DayOf(time.Date(t.Year(), t.Month()+1, 1, 0, 0, 0, 0, time.UTC))
}

// Weekday counts from 1, Monday, to 7.
func (d Day) Weekday() uint8 { return uint8(d-d.Week()) + 1 }

// clean keeps what comes from outside within what every store takes: valid text of limited
// length.
func clean(s string, most int) string {
	s = strings.ToValidUTF8(s, "")
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "")
	}
	return strings.TrimSpace(s)
}

// Limits of what one event may hold.
const (
	longestID  = 200
	mostValues = 20
)

// tidy brings an event within those limits.
func (e *Event) tidy() {
	for _, s := range []*string{&e.Record, &e.Source, &e.Publisher, &e.Type, &e.Language, &e.Consumer, &e.Format} {
		*s = clean(*s, longestID)
	}
	e.Countries, e.Themes = tidyList(e.Countries), tidyList(e.Themes)
}

// tidyList cleans the values of a list, sorts them, and takes out what is there twice or says
// nothing: a cell must not count one use twice.
func tidyList(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.ReplaceAll(clean(s, longestID), ",", " "); s != "" && s != All && len(out) < mostValues {
			out = append(out, s)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Joined writes a tidy list as one text.
func Joined(list []string) string { return strings.Join(list, ",") }
