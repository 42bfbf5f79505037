// Package analyticstest says what every store of usage has to promise, and makes up the usage it
// is tried with. Nothing in it is of real people or organisations.
package analyticstest

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"ctiphub/analytics"
)

// Made is usage that was made up: what a Counter would have counted, and by whom, which no store
// is told.
type Made struct {
	Events  []analytics.Event
	Readers []int // of each event; -1 for programs
}

// Shape is how much usage to make up.
type Shape struct {
	Seed    uint64
	First   analytics.Day
	Days    int
	Events  int
	Readers int // in a week
	Records int
}

// Standard is the usage that golden answers are of: 120,000 events in half a year that begins
// and ends within a week and a month.
func Standard() Shape {
	return Shape{Seed: 7, First: mustDay("2026-01-14"), Days: 181, Events: 120_000, Readers: 900, Records: 400}
}

func mustDay(s string) analytics.Day {
	d, err := analytics.ParseDay(s)
	if err != nil {
		panic(err) // a constant of this package
	}
	return d
}

// Values of dimensions, invented but for the codes.
var (
	Countries = []string{"TH", "VN", "KH", "LA", "MM", "MY", "SG", "ID", "PH", "BN", "TL", "ASEAN"}
	Themes    = []string{"identification", "rescue", "shelter", "health", "legal-aid", "compensation", "return", "reintegration", "children", "cooperation", "data", "prevention"}
	types     = []string{"guideline", "report", "law", "form", "training", "directory"}
	languages = []string{"en", "th", "vi", "km", "id", "my", "lo", "ms"}
	words     = []string{"shelter", "ที่พักพิง", "nạn nhân", "child victim interview", "ផ្ទះសំណាក់", "legal aid", "ค้ามนุษย์", "rumah aman", "return", "it's \\ a \"test\""}
	consumers = []string{"", "regional-portal", "ministry-a", "university-b", "ngo-network"}
	formats   = []string{"oai_dc", "ctip", "mods", "ndjson", "csv"}
)

type maker struct {
	Shape
	rng     *rand.Rand
	buckets map[[2]int64]uint32
	seen    map[string]bool
	made    Made
}

// Generate makes up usage; the same for the same shape.
func Generate(s Shape) Made {
	m := &maker{Shape: s, rng: rand.New(rand.NewPCG(s.Seed, 1)), buckets: map[[2]int64]uint32{}, seen: map[string]bool{}}
	at := make([]analytics.Day, s.Events)
	for i := range at {
		at[i] = s.First + analytics.Day(m.rng.IntN(s.Days))
	}
	slices.Sort(at)
	for _, day := range at {
		m.event(day)
	}
	return m.made
}

// event makes one use. Some weeks are much quieter than others, so that crowds are small there.
func (m *maker) event(day analytics.Day) {
	week := int64(day.Week())
	readers := m.Readers
	if week/7%4 == 0 {
		readers = max(3, readers/60)
	}
	reader := int(float64(readers) * m.rng.Float64() * m.rng.Float64())
	e := analytics.Event{
		Day: day, Hour: uint8(m.rng.IntN(24)), Channel: analytics.ChannelWeb,
		Deal: uint32(week) + 1, Crowd: m.bucket(week, reader),
	}
	if m.rng.IntN(12) == 0 {
		e.Channel = analytics.ChannelAPI
	}
	switch n := m.rng.IntN(100); {
	case n < 34:
		m.search(&e)
	case n < 74:
		m.item(&e, analytics.KindView, reader)
	case n < 84:
		m.item(&e, analytics.KindClick, reader)
	case n < 90:
		m.item(&e, analytics.KindDownload, reader)
	case n < 95:
		m.term(&e)
	default:
		m.export(&e)
		reader = -1
	}
	if reader >= 0 && e.Kind != analytics.KindTerm && e.Kind != analytics.KindZeroTerm {
		e.NewVisitor = m.first("v", int64(day), int64(reader))
	}
	m.made.Events = append(m.made.Events, e)
	m.made.Readers = append(m.made.Readers, reader)
}

// bucket deals a reader one of 32 buckets, anew each week.
func (m *maker) bucket(week int64, reader int) uint32 {
	key := [2]int64{week, int64(reader)}
	if m.buckets[key] == 0 {
		m.buckets[key] = 1 << m.rng.IntN(32)
	}
	return m.buckets[key]
}

func (m *maker) first(what string, parts ...int64) bool {
	key := what + fmt.Sprint(parts)
	if m.seen[key] {
		return false
	}
	m.seen[key] = true
	return true
}

// few picks some of a list, the first ones more often.
func (m *maker) few(list []string, most int) []string {
	var out []string
	for range m.rng.IntN(most + 1) {
		v := list[int(float64(len(list))*m.rng.Float64()*m.rng.Float64())]
		if !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	slices.Sort(out)
	return out
}

func (m *maker) search(e *analytics.Event) {
	e.Kind, e.Countries, e.Themes = analytics.KindSearch, m.few(Countries, 2), m.few(Themes, 2)
	e.Zero = m.rng.IntN(9) == 0
	if !e.Zero {
		e.Results = uint32(1 + m.rng.IntN(500))
	}
}

// item makes a use of a record, whose facts follow from its number.
func (m *maker) item(e *analytics.Event, kind analytics.Kind, reader int) {
	n := int(float64(m.Records) * m.rng.Float64() * m.rng.Float64() * m.rng.Float64())
	e.Kind, e.Record = kind, fmt.Sprintf("r%05d", n)
	e.Source, e.Publisher = fmt.Sprintf("source-%02d", n%12), fmt.Sprintf("Publisher %02d", n%17)
	e.Type, e.Language = types[n%len(types)], languages[n%len(languages)]
	e.Countries, e.Themes = []string{Countries[n%len(Countries)]}, []string{Themes[n%len(Themes)]}
	if n%5 == 0 {
		e.Countries = sorted(e.Countries[0], Countries[(n+3)%len(Countries)])
	}
	e.UniqueInvestigation = m.first("i", int64(e.Day), int64(e.Hour), int64(reader), int64(n))
	if kind != analytics.KindView {
		e.UniqueRequest = m.first("r", int64(e.Day), int64(e.Hour), int64(reader), int64(n))
	}
}

func sorted(list ...string) []string {
	slices.Sort(list)
	return list
}

func (m *maker) term(e *analytics.Event) {
	e.Kind, e.Term, e.Amount = analytics.KindTerm, words[m.rng.IntN(len(words))], uint32(1+m.rng.IntN(9))
	if m.rng.IntN(5) == 0 {
		e.Kind = analytics.KindZeroTerm
	}
	if m.rng.IntN(4) == 0 {
		e.Term = ""
	}
	for range m.rng.IntN(12) {
		e.Crowd |= 1 << m.rng.IntN(32)
	}
}

func (m *maker) export(e *analytics.Event) {
	e.Kind, e.Consumer, e.Format = analytics.KindExport, consumers[m.rng.IntN(len(consumers))], formats[m.rng.IntN(len(formats))]
	e.Channel, e.Amount = analytics.ChannelOAI, uint32(m.rng.IntN(100))
	if e.Consumer != "" {
		e.Deal, e.Crowd = 0, 0
	}
}

// Batches cuts usage into batches as the spool does.
func (m Made) Batches(rows int) []analytics.Batch {
	var list []analytics.Batch
	for part := range slices.Chunk(m.Events, rows) {
		list = append(list, analytics.Batches(uint64(1000+len(list)), part)...)
	}
	for i := range list {
		list[i].ID = uint64(1000 + i)
	}
	return list
}
