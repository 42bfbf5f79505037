package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"

	"ctiphub/analytics"
	"ctiphub/analytics/sqlite"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/record"
)

// demoWeeks is how far back the invented use of the demo goes.
const demoWeeks = 26

// inventUse fills the usage file of a demo that has none with the use of half a year, of the
// records that are there, by readers who never lived.
func (a *app) inventUse(ctx context.Context, cfg *configs.Config, store *sqlstore.Store) error {
	usage, err := sqlite.Open(ctx, filepath.Join(cfg.Hub.Data, usageFile))
	if err != nil {
		return err
	}
	defer usage.Close()
	today := analytics.DayOf(a.now())
	if first, _, ok, err := usage.Span(ctx); err != nil || ok && first < today-30 {
		return err
	}
	entries, err := store.Entries(ctx, record.Range{Limit: 2000})
	if err != nil {
		return fmt.Errorf("reading the records of the demo: %w", err)
	}
	inv := inventor{rng: rand.New(rand.NewPCG(1, 26)), concepts: cfg.Vocabulary.Concepts(), seen: map[[3]int]bool{}}
	for _, e := range entries {
		if !e.Deleted {
			inv.records = append(inv.records, e.Record)
		}
	}
	if len(inv.records) == 0 {
		return nil
	}
	for i, b := range analytics.Batches(1, inv.days((today-demoWeeks*7).Week(), today)) {
		if err := usage.Add(ctx, b); err != nil {
			return fmt.Errorf("inventing use, part %d: %w", i, err)
		}
	}
	c := cfg.Hub.Usage.WithDefaults()
	_, err = analytics.Releaser{Store: usage, Crowd: c.Crowd, Retention: c.Retention(), Now: a.now}.Run(ctx, today)
	return err
}

// inventor makes up uses.
type inventor struct {
	rng      *rand.Rand
	concepts record.Vocabulary
	records  []record.Record
	seen     map[[3]int]bool // readers by day
	events   []analytics.Event
}

// days makes up the use of days, a little more each week, less on Sundays and at night.
func (v *inventor) days(from, to analytics.Day) []analytics.Event {
	for day := from; day < to; day++ {
		n := 90 + int(day-from)/2 + v.rng.IntN(40)
		if day.Weekday() >= 6 {
			n /= 2
		}
		for range n {
			v.use(day)
		}
	}
	return v.events
}

// use makes up one use, and now and then what programs take.
func (v *inventor) use(day analytics.Day) {
	reader := int(240 * v.rng.Float64() * v.rng.Float64())
	e := analytics.Event{
		Day: day, Hour: uint8((1 + v.rng.IntN(5) + v.rng.IntN(6)) % 24), Channel: analytics.ChannelWeb,
		Deal: uint32(day.Week()), Crowd: 1 << (uint32(reader*2654435761+int(day.Week())*40503) >> 7 % 32),
	}
	e.NewVisitor, v.seen[[3]int{int(day), reader}] = !v.seen[[3]int{int(day), reader}], true
	rec := v.records[int(float64(len(v.records))*v.rng.Float64()*v.rng.Float64())]
	switch n := v.rng.IntN(100); {
	case n < 36:
		v.search(&e, rec)
	case n < 92:
		v.item(&e, rec, n)
	default:
		e = analytics.Event{Day: day, Hour: e.Hour, Kind: analytics.KindExport, Channel: analytics.ChannelOAI, Format: "oai_dc", Amount: uint32(1 + v.rng.IntN(100)), Deal: e.Deal, Crowd: e.Crowd}
		if n > 95 {
			e.Channel, e.Format = analytics.ChannelFeed, "atom.xml"
		}
	}
	v.events = append(v.events, e)
	if e.Kind == analytics.KindSearch && v.rng.IntN(3) == 0 {
		v.term(e)
	}
}

func (v *inventor) search(e *analytics.Event, rec record.Record) {
	e.Kind, e.Zero = analytics.KindSearch, v.rng.IntN(8) == 0
	if countries := v.concepts.Scheme("country"); len(countries) > 0 && v.rng.IntN(3) > 0 {
		e.Countries = []string{countries[int(float64(len(countries))*v.rng.Float64()*v.rng.Float64())].ID}
	}
	if v.rng.IntN(2) == 0 {
		e.Themes = v.areas(rec)
	}
	if !e.Zero {
		e.Results = uint32(1 + v.rng.IntN(200))
	}
}

func (v *inventor) item(e *analytics.Event, rec record.Record, n int) {
	e.Kind = analytics.KindView
	switch {
	case n >= 82:
		e.Kind = analytics.KindDownload
	case n >= 70:
		e.Kind = analytics.KindClick
	}
	e.UniqueInvestigation, e.UniqueRequest = true, e.Kind != analytics.KindView
	e.Record, e.Source, e.Themes = string(rec.ID), rec.Origin.Source, v.areas(rec)
	for _, t := range rec.Countries {
		e.Countries = append(e.Countries, t.ID)
	}
	slices.Sort(e.Countries)
	if len(rec.Type) > 0 {
		e.Type = rec.Type[0].ID
	}
	if len(rec.Languages) > 0 {
		e.Language = rec.Languages[0]
	}
	if len(rec.Publishers) > 0 {
		e.Publisher = rec.Publishers[0].Name["en"]
	}
}

// areas are the themes of the first level of a record.
func (v *inventor) areas(rec record.Record) []string {
	var list []string
	for _, t := range rec.Themes {
		id := t.ID
		if above := v.concepts.Ancestors("theme", id); len(above) > 0 {
			id = above[len(above)-1]
		}
		list = append(list, id)
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// term tallies words that this and other searches had.
func (v *inventor) term(search analytics.Event) {
	words := []string{"shelter", "legal aid", "child victims", "ที่พักพิง", "nạn nhân", "rumah aman", "compensation", "return", "interview", "ជនរងគ្រោះ"}
	e := analytics.Event{Day: search.Day, Kind: analytics.KindTerm, Channel: analytics.ChannelWeb, Term: words[v.rng.IntN(len(words))], Amount: 1, Deal: search.Deal, Crowd: search.Crowd}
	if search.Zero {
		e.Kind = analytics.KindZeroTerm
	}
	v.events = append(v.events, e)
}
