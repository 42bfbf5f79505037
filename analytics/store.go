package analytics

import (
	"context"
	"errors"
	"time"
)

// Store keeps rollups of events, and the cells that were released from them. Two engines do:
// SQLite, which keeps rollups only, and ClickHouse, which keeps the events of two months as
// well. Package analyticstest says what each has to promise.
type Store interface {
	// Add adds a batch, whole or not at all. After an error nobody knows which: ask Stored.
	Add(ctx context.Context, b Batch) error
	// Stored returns how many events of a batch the store has.
	Stored(ctx context.Context, b Batch) (int, error)

	// Leaves returns the rollup of a cube for one of its units. They hold cells of single
	// people: only the Releaser and copies of a whole store may see them.
	Leaves(ctx context.Context, c Cube, unit Day) ([]Leaf, error)
	// Span returns the first and the last day of which there are rollups; ok is false when
	// there are none.
	Span(ctx context.Context) (first, last Day, ok bool, err error)
	// Release replaces the cells of one unit, whole or not at all.
	Release(ctx context.Context, r Release) error
	// Releases lists what was released, by unit, for the units from a day to the day before
	// another.
	Releases(ctx context.Context, c Cube, from, to Day) ([]Released, error)
	// Cells answers a question from released cells; none below the crowd that is asked for.
	Cells(ctx context.Context, q Question) ([]Cell, error)

	// Verify holds the rollups of a month against its events.
	Verify(ctx context.Context, month Day) (Verification, error)
	// Rebuild makes the rollups of a month anew from its events.
	Rebuild(ctx context.Context, month Day) error
	// Prune deletes what is older than the retention says.
	Prune(ctx context.Context, today Day, r Retention) error
	// Status says what the store is and holds, for people.
	Status(ctx context.Context) (StoreStatus, error)
	Close() error
}

// ErrNoEvents is returned where a store keeps no events, so that its rollups can neither be
// verified nor rebuilt.
var ErrNoEvents = errors.New("this store keeps rollups only: there are no events to hold them against")

// Cube is one way of cutting what was counted. A cube has a unit of time, at the end of which
// its cells are released.
type Cube string

// The cubes, with their unit and what A, B and C of a leaf are.
const (
	CubeSite   Cube = "site"   // week, by day and hour; A: channel
	CubeArea   Cube = "area"   // week, of searches; A: countries, B: themes, as Joined writes them
	CubeTerm   Cube = "term"   // week; A: words
	CubeRecord Cube = "record" // month; A: record, B: source, C: publisher, D: type, E: language, F: countries, G: themes
	CubeExport Cube = "export" // week; A: consumer, B: channel, C: format
)

// Rollups lists the cubes that are rolled up.
func Rollups() []Cube { return []Cube{CubeSite, CubeArea, CubeTerm, CubeRecord, CubeExport} }

// UnitOf returns the first day of the unit of a cube that a day is in.
func (c Cube) UnitOf(d Day) Day {
	if c == CubeRecord {
		return d.Month()
	}
	return d.Week()
}

// Next returns the unit after a unit.
func (c Cube) Next(unit Day) Day {
	if c == CubeRecord {
		return unit.NextMonth()
	}
	return unit + 7
}

// All stands for any value of a dimension of cells. Whatever has no value there has "".
const All = "*"

// Leaf is one row of a rollup: what one deal of buckets saw of one thing.
type Leaf struct {
	Month         Day   // of the events: a week is kept in the parts of its months
	Day           Day   // of CubeSite; else the unit
	Hour          uint8 // of CubeSite
	A, B, C, D, E string
	F, G          string // of CubeRecord: countries and themes, as Joined writes them
	Metric        string
	Deal          uint32
	N             int64 // uses; of CubeExport requests
	Uniq, UniqReq int64 // of CubeRecord: COUNTER's unique items; of CubeSite Uniq: visitors
	Amount        int64 // of CubeExport: records
	Crowd         uint32
}

// Metrics of leaves.
const (
	MetricFound    = "found" // searches that found something
	MetricZero     = "zero"  // searches that found nothing
	MetricView     = "view"
	MetricClick    = "click"
	MetricDownload = "download"
)

// Metrics of cells, beside zero, view and download.
const (
	MetricSearch        = "search"        // found and zero
	MetricRequest       = "request"       // click and download: COUNTER's Total_Item_Requests
	MetricInvestigation = "investigation" // view and request: COUNTER's Total_Item_Investigations
	MetricVisitors      = "visitors"      // by day
	MetricIntensity     = "intensity"     // 1 to 10, of the busiest hour of the week
	MetricPulls         = "pulls"         // requests of programs
	MetricPulledRecords = "records"       // records they were given
)

// View is one published cut of a cube: a table that pages, exports and reports read.
type View string

// The views, with their unit and what A, B and C of a cell are.
const (
	ViewDay       View = "day"       // day; A: channel or All
	ViewRhythm    View = "rhythm"    // week; A: weekday 1 to 7, B: hour 00 to 23, UTC
	ViewArea      View = "area"      // week, searches; A: country or All, B: theme or All
	ViewTerm      View = "term"      // week; A: words
	ViewRecord    View = "record"    // month; A: record, B: source, C: publisher
	ViewSource    View = "source"    // month; A: source
	ViewPublisher View = "publisher" // month; A: publisher
	ViewKind      View = "kind"      // month; A: type, B: language
	ViewItemArea  View = "item-area" // month, uses of records; A: country or All, B: theme or All
	ViewExport    View = "export"    // week; A: consumer, B: channel, C: format
)

// Views returns the views that come from a cube.
func (c Cube) Views() []View {
	switch c {
	case CubeSite:
		return []View{ViewDay, ViewRhythm}
	case CubeArea:
		return []View{ViewArea}
	case CubeTerm:
		return []View{ViewTerm}
	case CubeRecord:
		return []View{ViewRecord, ViewSource, ViewPublisher, ViewKind, ViewItemArea}
	}
	return []View{ViewExport}
}

// CubeOf returns the cube that a view comes from.
func CubeOf(v View) Cube {
	for _, c := range Rollups() {
		for _, w := range c.Views() {
			if v == w {
				return c
			}
		}
	}
	return ""
}

// Cell is one number that may be shown, as released or as an answer.
type Cell struct {
	View    View
	Unit    Day
	A, B, C string
	Metric  string
	N       int64
	Uniq    int64 // COUNTER's unique items, where they are counted
	// People is how many people it belongs to at least; 0 for registered organisations. Of an
	// answer that adds cells up it is that of the smallest.
	People int
}

// Release is everything that may be shown of one unit of a cube.
type Release struct {
	Released
	Cells []Cell
}

// Released says what was released when, and by which rule.
type Released struct {
	Cube  Cube
	Unit  Day
	Crowd int // k
	At    time.Time
	// Withheld is how many cells with something in them are not shown.
	Withheld int
}

// Bounds of k. Thirty-two buckets cannot tell more than twenty people apart reliably.
const (
	LeastCrowd = 5
	MostCrowd  = 20
)

// Verification is what holding the rollups of a month against its events brought.
type Verification struct {
	Month  Day
	Events int64
	// Differ names the rollups that do not agree, with what they hold and should hold.
	Differ []Difference
}

// Difference is a rollup that does not agree with the events.
type Difference struct {
	Cube         Cube
	What         string // the column
	Holds, Wants int64
}

// Retention says how long what is kept.
type Retention struct {
	EventMonths  int // beside the running month
	TermMonths   int
	RollupMonths int
}

// Before returns the months before which events, words and rollups are deleted on a day.
func (r Retention) Before(today Day) (events, terms, rollups Day) {
	return monthsBefore(today, r.EventMonths), monthsBefore(today, r.TermMonths), monthsBefore(today, r.RollupMonths)
}

// DefaultRetention keeps events for this month and the one before, words for 13 months and
// everything else for five years.
func DefaultRetention() Retention { return Retention{EventMonths: 1, TermMonths: 13, RollupMonths: 60} }

// StoreStatus says what a store is and holds.
type StoreStatus struct {
	Engine string // with its version
	Events int64  // 0 where none are kept
	Rows   map[string]int64
	Bytes  int64
}
