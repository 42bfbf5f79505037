package analytics

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"
)

// doubleClick is the time within which a second use of the same thing by the same reader
// replaces the first (COUNTER Code of Practice R5.1, section 7.2).
const doubleClick = 30 * time.Second

// Bounds of what the Counter remembers; beyond them it counts on and remembers no more.
const (
	mostHeld     = 200_000
	mostVisitors = 1_000_000
	mostItems    = 2_000_000
)

// CounterOptions are what a Counter is made of.
type CounterOptions struct {
	// Address tells the address a request came from; only a keyed hash of it is kept, in memory.
	Address func(*http.Request) netip.Addr
	// Staff reports requests of the people who run the hub; nil: nobody's.
	Staff func(*http.Request) bool
	// Crowd is k: how many people must have searched for words before they may be stored.
	Crowd int
	// Known reports words of the vocabulary, which say nothing about who uses them; nil: none are.
	Known func(words string) bool
	Now   func() time.Time
	// Emit takes what is counted. It is called with the Counter locked, and must not wait.
	Emit func(Event)
	// Ignored hears why a request was not counted; nil: nobody does.
	Ignored func(reason string)
}

// Use is one use of the hub, as the page that served it tells it.
type Use struct {
	Event
	URL   string // what tells a double click: the same reader, the same URL
	Words string // of a search; they stay in memory until enough people have used them
}

// Counter turns requests into events. It is safe for concurrent use, and all that it knows of
// readers are hashes under keys that never leave its memory.
type Counter struct {
	o      CounterOptions
	robots *robots

	mu       sync.Mutex
	day      Day
	daily    [32]byte
	deal     deal
	visitors map[uint64]Day
	items    map[uint64]int64 // by reader and item: the hour, counted from 1970
	hour     int64
	held     map[uint64]*held
	queue    []*held // in order of time; an entry that was replaced is no longer in held
	terms    *terms
}

// deal is one dealing of readers into 32 buckets. It lasts a week at most, and ends with the
// process: buckets of two deals are never put together, as one reader can be in two of them.
type deal struct {
	id   uint32
	week Day
	key  [32]byte
}

// held is an event within the time of a double click.
type held struct {
	id, reader uint64
	due        time.Time
	hour       int64
	use        Use
}

// NewCounter makes a Counter.
func NewCounter(o CounterOptions) (*Counter, error) {
	robots, err := newRobots()
	if err != nil {
		return nil, err
	}
	if o.Crowd < LeastCrowd || o.Crowd > MostCrowd {
		return nil, fmt.Errorf("making the counter: a crowd of %d is not between %d and %d", o.Crowd, LeastCrowd, MostCrowd)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Counter{
		o: o, robots: robots, day: -1,
		visitors: map[uint64]Day{}, items: map[uint64]int64{}, held: map[uint64]*held{},
		terms: newTerms(o.Crowd, o.Known),
	}
	return c, nil
}

// Reasons for which requests are not counted.
const (
	IgnoredMethod   = "method"
	IgnoredOptOut   = "opted-out"
	IgnoredPrefetch = "prefetch"
	IgnoredStaff    = "staff"
	IgnoredRobot    = "robot"
	IgnoredDouble   = "double-click"
)

// Count takes one use. Whoever asks not to be tracked (DNT, Sec-GPC) is not counted at all.
func (c *Counter) Count(r *http.Request, u Use) {
	if why := c.ignore(r, u.Kind); why != "" {
		c.ignored(why)
		return
	}
	now := c.o.Now().UTC()
	u.tidy()
	identity := append(c.o.Address(r).AppendTo(nil), 0)
	identity = append(identity, r.UserAgent()...)

	c.mu.Lock()
	defer c.mu.Unlock()
	c.turn(now)
	reader := sum64(c.daily[:], identity)
	u.Day, u.Hour = DayOf(now), uint8(now.Hour())
	u.Deal = c.deal.id
	u.Crowd = 1 << (sum64(c.deal.key[:], identity) % 32)
	h := &held{reader: reader, due: now.Add(doubleClick), hour: now.Unix() / 3600, use: u}
	if u.Kind == KindExport {
		c.emit(h)
		return
	}
	c.hold(h)
}

// ignore says why a request is not counted, or "". Exports are the work of programs, so that no
// robot is kept out of them.
func (c *Counter) ignore(r *http.Request, k Kind) string {
	h := r.Header
	switch {
	case r.Method != http.MethodGet:
		return IgnoredMethod
	case h.Get("DNT") == "1" || h.Get("Sec-GPC") == "1":
		return IgnoredOptOut
	case strings.Contains(h.Get("Sec-Purpose")+h.Get("Purpose")+h.Get("X-Moz"), "prefetch"):
		return IgnoredPrefetch
	case c.o.Staff != nil && c.o.Staff(r):
		return IgnoredStaff
	case k != KindExport && c.robots.is(r.UserAgent()):
		return IgnoredRobot
	}
	return ""
}

func (c *Counter) ignored(reason string) {
	if c.o.Ignored != nil {
		c.o.Ignored(reason)
	}
}

// sum64 is a keyed hash.
func sum64(key, text []byte) uint64 {
	mac := hmac.New(sha256.New, key)
	mac.Write(text)
	var sum [sha256.Size]byte
	return binary.BigEndian.Uint64(mac.Sum(sum[:0]))
}

// turn begins a new day or week when it is time: with new keys, the old ones are gone.
func (c *Counter) turn(now time.Time) {
	if hour := now.Unix() / 3600; hour != c.hour {
		for id, h := range c.items {
			if h < hour-1 { // what is held may still belong to the hour before
				delete(c.items, id)
			}
		}
		c.hour = hour
	}
	day := DayOf(now)
	if week := day.Week(); week != c.deal.week || c.deal.id == 0 {
		// What is held belongs to the deal that ends.
		for len(c.queue) > 0 {
			c.next()
		}
		c.emitTerms(true)
		c.deal.week = week
		rand.Read(c.deal.key[:]) // never fails: it ends the program instead
		c.deal.id = newDeal()
	}
	if day != c.day {
		for id, d := range c.visitors {
			if d < day-1 {
				delete(c.visitors, id)
			}
		}
		c.day = day
		rand.Read(c.daily[:])
	}
}

// newDeal names a deal, so that those of several hubs and starts are told apart.
func newDeal() uint32 {
	var b [4]byte
	rand.Read(b[:])
	return max(1, binary.BigEndian.Uint32(b[:]))
}

// hold keeps an event for the time of a double click. A second click replaces the first.
func (c *Counter) hold(h *held) {
	h.id = sum64(c.daily[:], append(binary.BigEndian.AppendUint64(nil, h.reader), string(h.use.Kind)+h.use.URL...))
	if first := c.held[h.id]; first != nil {
		first.use.Kind = "" // no longer counted
		c.ignored(IgnoredDouble)
	}
	c.held[h.id] = h
	c.queue = append(c.queue, h)
	for len(c.held) > mostHeld {
		c.next()
	}
}

// next counts the event that was held for the longest time.
func (c *Counter) next() {
	h := c.queue[0]
	c.queue[0] = nil
	c.queue = c.queue[1:]
	if h.use.Kind == "" {
		return
	}
	delete(c.held, h.id)
	c.emit(h)
}

// emit sets the flags of an event and hands it on.
func (c *Counter) emit(h *held) {
	e := &h.use.Event
	switch e.Kind {
	case KindExport:
		if e.Consumer != "" {
			e.Deal, e.Crowd = 0, 0 // an organisation is no crowd
		}
		c.o.Emit(*e)
		return
	case KindSearch:
		c.terms.add(h.use.Words, e.Zero, e.Crowd)
	case KindView, KindClick, KindDownload:
		e.UniqueInvestigation = c.firstUse(h, "i")
		if e.Kind != KindView {
			e.UniqueRequest = c.firstUse(h, "r")
		}
	}
	if _, seen := c.visitors[h.reader]; !seen && len(c.visitors) < mostVisitors {
		c.visitors[h.reader] = e.Day
		e.NewVisitor = true
	}
	c.o.Emit(*e)
}

// firstUse reports the first use of an item by a reader in an hour, which the Code of Practice
// takes for a session where nobody is known (section 7.3).
func (c *Counter) firstUse(h *held, metric string) bool {
	text := binary.BigEndian.AppendUint64(nil, h.reader)
	text = binary.BigEndian.AppendUint64(text, uint64(h.hour))
	id := sum64(c.daily[:], append(text, metric+h.use.Record...))
	if _, seen := c.items[id]; seen || len(c.items) >= mostItems {
		return false
	}
	c.items[id] = h.hour
	return true
}

// Tick counts what was held long enough, and once an hour what many have searched for.
func (c *Counter) Tick() {
	now := c.o.Now().UTC()
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) > 0 && !c.queue[0].due.After(now) {
		c.next()
	}
	if hour := now.Unix() / 3600; hour != c.hour {
		c.emitTerms(false)
	}
	c.turn(now)
}

// Close counts all that is held.
func (c *Counter) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.queue) > 0 {
		c.next()
	}
	c.emitTerms(true)
}

// emitTerms hands on the tallies of words that may be stored; at the end of a deal those of all
// other words as well, together and without them.
func (c *Counter) emitTerms(end bool) {
	for _, t := range c.terms.take(end) {
		t.Day, t.Deal, t.Channel = c.day, c.deal.id, ChannelWeb
		c.o.Emit(t)
	}
}

// Waiting returns how many events are held, and how many words wait for more people.
func (c *Counter) Waiting() (events, words int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.held), len(c.terms.byText)
}

// people is how many people a crowd of buckets holds at least.
func people(crowd uint32) int { return bits.OnesCount32(crowd) }
