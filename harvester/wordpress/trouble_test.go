package wordpress

import (
	"reflect"
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/harvestertest"
	"ctiphub/internal/fetch"
)

// TestServerTroubles holds what a run does when the server fails on a page.
func TestServerTroubles(t *testing.T) {
	for name, c := range map[string]struct {
		fails func(page int) error
		posts int // that came
		ok    bool
	}{
		"refuses large pages": {func() func(int) error {
			n := 0
			return func(int) error {
				if n++; n < 3 {
					return &fetch.StatusError{Status: 500}
				}
				return nil
			}
		}(), 150, true},
		"busy":         {func(page int) error { return when(page == 2, &fetch.StatusError{Status: 503}) }, 100, false},
		"blocked":      {func(page int) error { return when(page == 2, &fetch.BlockedError{Filter: "A"}) }, 100, false},
		"always fails": {func(int) error { return &fetch.StatusError{Status: 500} }, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			r := harvestertest.Harvest(t, New(&fakeSite{posts: 150, onPage: c.fails}, fixed), allPosts(), harvester.From{})
			n := 0
			for _, p := range r.Pages {
				n += len(p.Raws)
			}
			if n != c.posts || (r.Err == nil) != c.ok {
				t.Errorf("%d posts, want %d; %v", n, c.posts, r.Err)
			}
			if c.posts == 100 && r.Pages[0].Last {
				t.Error("the run says that it is at its end")
			}
		})
	}
}

func when(b bool, err error) error {
	if b {
		return err
	}
	return nil
}

// TestHeldUpForLong resumes a listing that was begun more than a week ago: it begins anew.
func TestHeldUpForLong(t *testing.T) {
	broken := &fakeSite{posts: 250, onPage: func(page int) error { return when(page == 2, &fetch.StatusError{Status: 503}) }}
	first := harvestertest.Harvest(t, New(broken, fixed), allPosts(), harvester.From{})
	if first.Err == nil || len(first.Pages) != 1 {
		t.Fatalf("%d pages, %v", len(first.Pages), first.Err)
	}
	for days, asked := range map[int]int{6: 2, 8: 4 + 3 + 3} {
		site := &fakeSite{posts: 250}
		later := func() time.Time { return fixed().AddDate(0, 0, days) }
		r := harvestertest.Harvest(t, New(site, later), allPosts(), harvester.From{Cursor: first.Pages[0].Cursor})
		if r.Err != nil || site.asked != asked || !r.Pages[len(r.Pages)-1].Complete {
			t.Errorf("after %d days: %d requests, want %d; %v", days, site.asked, asked, r.Err)
		}
	}
}

// TestCrashingEntries harvests a site whose PHP fails on some posts: they are told, and
// all others come; a later sweep names them.
func TestCrashingEntries(t *testing.T) {
	site := &fakeSite{posts: 450, crashes: []int{137, 388, 450}}
	known, seen := harvestertest.Memory{}, map[string]bool{}
	first := harvestertest.Harvest(t, New(site, fixed), allPosts(), harvester.From{})
	if first.Err != nil {
		t.Fatal(first.Err)
	}
	var rejects []string
	for _, p := range first.Pages {
		known.Store(p.Validators)
		for _, raw := range p.Raws {
			if seen[raw.Identifier] {
				t.Errorf("%s came twice", raw.Identifier)
			}
			seen[raw.Identifier] = true
		}
		for _, r := range p.Rejects {
			rejects = append(rejects, r.Identifier+" "+r.Code)
		}
	}
	last := first.Pages[len(first.Pages)-1]
	if want := []string{"posts#entry-137 http-500", "posts#entry-388 http-500", "posts#entry-450 http-500"}; len(seen) != 447 || !reflect.DeepEqual(rejects, want) {
		t.Errorf("%d posts, rejects %q", len(seen), rejects)
	}
	if !last.Last || last.Complete || site.asked > 80 {
		t.Errorf("last %v, complete %v, %d requests", last.Last, last.Complete, site.asked)
	}
	later := func() time.Time { return fixed().AddDate(0, 0, 8) }
	r := harvestertest.Harvest(t, New(site, later), allPosts(), harvester.From{Cursor: last.Cursor, Known: known.Known})
	rejects = nil
	same := 0
	for _, p := range r.Pages {
		same += len(p.Same)
		for _, r := range p.Rejects {
			rejects = append(rejects, r.Identifier+" "+r.Code)
		}
	}
	if want := []string{"wp:137 http-500", "wp:388 http-500", "wp:450 http-500"}; r.Err != nil || same != 447 || !reflect.DeepEqual(rejects, want) {
		t.Errorf("sweep: %d the same, rejects %q, %v", same, rejects, r.Err)
	}
	site.crashes = []int{101, 102, 103, 104, 105, 106}
	if r := harvestertest.Harvest(t, New(site, fixed), allPosts(), harvester.From{}); statusOf(r.Err) != 500 {
		t.Errorf("a site that fails on most posts: %v", r.Err)
	}
}

// TestBackAgain lists ids among which one has the date that it had when it was removed:
// only what the catalogue still keeps is the same.
func TestBackAgain(t *testing.T) {
	site, known := &fakeSite{posts: 3}, harvestertest.Memory{}
	first := harvestertest.Harvest(t, New(site, fixed), allPosts(), harvester.From{})
	for _, p := range first.Pages {
		known.Store(p.Validators)
	}
	later := func() time.Time { return fixed().AddDate(0, 0, 8) }
	r := harvestertest.Harvest(t, New(site, later), allPosts(), harvester.From{
		Cursor: first.Pages[0].Cursor, Known: known.Known, Stored: func(id string) bool { return id != "wp:2" },
	})
	if r.Err != nil || len(r.Pages) != 1 {
		t.Fatalf("%d pages, %v", len(r.Pages), r.Err)
	}
	if p := r.Pages[0]; len(p.Raws) != 1 || p.Raws[0].Identifier != "wp:2" || !reflect.DeepEqual(p.Same, []string{"wp:1", "wp:3"}) {
		t.Errorf("%d raws, %q the same", len(p.Raws), p.Same)
	}
}
