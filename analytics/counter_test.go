package analytics

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"
)

// counting is a counter with a clock of its own and what it counted.
type counting struct {
	*Counter
	now     time.Time
	events  []Event
	ignored map[string]int
}

func newCounting(t *testing.T) *counting {
	c := &counting{now: time.Date(2026, 5, 6, 10, 0, 0, 0, time.UTC), ignored: map[string]int{}}
	var err error
	c.Counter, err = NewCounter(CounterOptions{
		Address: func(r *http.Request) netip.Addr { return netip.MustParseAddrPort(r.RemoteAddr).Addr() },
		Staff:   func(r *http.Request) bool { return strings.HasPrefix(r.RemoteAddr, "10.") },
		Known:   func(words string) bool { return words == "shelter" },
		Crowd:   LeastCrowd, Now: func() time.Time { return c.now },
		Emit:    func(e Event) { c.events = append(c.events, e) },
		Ignored: func(reason string) { c.ignored[reason]++ },
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"

// visit counts one use by the reader with a number.
func (c *counting) visit(reader int, u Use, headers ...string) {
	r := httptest.NewRequest("GET", "/x", nil)
	r.RemoteAddr = fmt.Sprintf("192.0.2.%d:999", reader)
	r.Header.Set("User-Agent", firefox)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	c.Count(r, u)
}

func view(id string) Use {
	return Use{Event: Event{Kind: KindView, Record: id}, URL: "/resources/" + id}
}

// later lets time pass.
func (c *counting) later(d time.Duration) {
	c.now = c.now.Add(d)
	c.Tick()
}

func TestDoubleClick(t *testing.T) {
	c := newCounting(t)
	c.visit(1, view("a"))
	c.later(20 * time.Second)
	c.visit(1, view("a")) // replaces the first
	c.visit(2, view("a")) // somebody else
	c.visit(1, view("b")) // something else
	c.later(20 * time.Second)
	if len(c.events) != 0 {
		t.Errorf("after 20 s of the second click %d events are counted", len(c.events))
	}
	c.later(11 * time.Second)
	if len(c.events) != 3 || c.ignored[IgnoredDouble] != 1 {
		t.Errorf("counted %+v, ignored %v", c.events, c.ignored)
	}
	c.visit(1, view("a"))
	c.later(time.Minute)
	if len(c.events) != 4 {
		t.Errorf("a click after more than 30 s is another one: %d", len(c.events))
	}
}

func TestUniqueItems(t *testing.T) {
	c := newCounting(t)
	click := view("a")
	click.Kind, click.URL = KindClick, "/resources/a/go/1"
	c.visit(1, view("a"))
	c.visit(1, click)
	c.later(time.Minute)
	c.visit(1, click)
	c.later(time.Hour)
	c.visit(1, view("a"))
	c.Close()
	var got []string
	for _, e := range c.events {
		got = append(got, fmt.Sprint(e.Kind, " ", e.UniqueInvestigation, " ", e.UniqueRequest, " ", e.NewVisitor))
	}
	want := []string{"view true false true", "click false true false", "click false false false", "view true false false"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNotCounted(t *testing.T) {
	for reason, headers := range map[string][]string{
		IgnoredOptOut + " ": {"DNT", "1"}, IgnoredOptOut: {"Sec-GPC", "1"}, IgnoredPrefetch: {"Sec-Purpose", "prefetch;prerender"},
		IgnoredRobot: {"User-Agent", "Mozilla/5.0 (compatible; Googlebot/2.1)"}, IgnoredRobot + " ": {"User-Agent", "curl/8.5.0"},
		IgnoredRobot + "  ": {"User-Agent", "ChatGPT-User/1.0"},
	} {
		c := newCounting(t)
		c.visit(1, view("a"), headers...)
		c.Close()
		if len(c.events) != 0 || c.ignored[strings.TrimSpace(reason)] != 1 {
			t.Errorf("%v: counted %d, ignored %v", headers, len(c.events), c.ignored)
		}
	}
	c := newCounting(t)
	staff := httptest.NewRequest("GET", "/x", nil)
	staff.RemoteAddr = "10.0.0.1:5"
	c.Count(staff, view("a"))
	c.Count(httptest.NewRequest("HEAD", "/x", nil), view("a"))
	c.visit(1, view("a"), "User-Agent", "Mozilla/5.0 (Linux; Android 9; CUBOT_NOTE_7) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36")
	c.Close()
	if len(c.events) != 1 || c.ignored[IgnoredStaff] != 1 || c.ignored[IgnoredMethod] != 1 {
		t.Errorf("a CUBOT phone is a reader, staff and HEAD are not: %d, %v", len(c.events), c.ignored)
	}
}

// TestExportsOfRobots: programs are counted for what they take, organisations without a crowd.
func TestExportsOfRobots(t *testing.T) {
	c := newCounting(t)
	c.visit(1, Use{Event: Event{Kind: KindExport, Channel: ChannelOAI, Amount: 5}}, "User-Agent", "HTTP::OAI")
	c.visit(1, Use{Event: Event{Kind: KindExport, Channel: ChannelOAI, Amount: 5, Consumer: "portal"}}, "User-Agent", "HTTP::OAI")
	if len(c.events) != 2 || c.events[0].Crowd == 0 || c.events[1].Crowd != 0 || c.events[1].Deal != 0 {
		t.Errorf("got %+v", c.events)
	}
}

// TestDeals: a reader keeps the bucket for a week, and loses it with the week.
func TestDeals(t *testing.T) {
	c := newCounting(t)
	same, moved := 0, 0
	for reader := range 60 {
		c.visit(reader, view("a"))
	}
	c.later(24 * time.Hour)
	for reader := range 60 {
		c.visit(reader, view("a"))
	}
	c.later(7 * 24 * time.Hour)
	for reader := range 60 {
		c.visit(reader, view("a"))
	}
	c.Close()
	if len(c.events) != 180 {
		t.Fatalf("%d events", len(c.events))
	}
	for i := range 60 {
		if c.events[i].Crowd == c.events[60+i].Crowd && c.events[i].Deal == c.events[60+i].Deal {
			same++
		}
		if c.events[i].Crowd != c.events[120+i].Crowd {
			moved++
		}
	}
	if same != 60 || moved < 45 || c.events[0].Deal == c.events[120].Deal {
		t.Errorf("%d of 60 kept their bucket within the week, %d have another in the next", same, moved)
	}
}

func searchFor(words string) Use {
	return Use{Event: Event{Kind: KindSearch, Channel: ChannelWeb}, Words: words, URL: "/search?q=" + words}
}

// TestWords: words are told when enough buckets asked for them, and unsafe ones never.
func TestWords(t *testing.T) {
	c := newCounting(t)
	for reader := range 40 {
		c.visit(reader, searchFor("Rumah  Aman"))
		c.visit(reader, searchFor("0812 3456 7890"))
		c.visit(reader, searchFor("me@example.org"))
		if reader < 4 {
			c.visit(reader, searchFor("my cousin is in a boat"))
		}
	}
	c.visit(1, searchFor("Shelter"))
	c.later(2 * time.Hour)
	terms := map[string]uint32{}
	for _, e := range c.events {
		if e.Kind == KindTerm {
			terms[e.Term] += e.Amount
		} else if e.Term != "" {
			t.Errorf("a search is stored with words: %+v", e)
		}
	}
	if len(terms) != 2 || terms["rumah aman"] != 40 || terms["shelter"] != 1 {
		t.Errorf("told %v", terms)
	}
	c.events = nil
	c.Close()
	var rest uint32
	for _, e := range c.events {
		if e.Term != "" {
			t.Errorf("told at the end: %+v", e)
		}
		rest += e.Amount
	}
	if rest != 84 {
		t.Errorf("the rest is %d searches, want 84", rest)
	}
}
