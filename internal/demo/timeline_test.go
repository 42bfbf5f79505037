package demo

import (
	"slices"
	"testing"
	"time"
)

// TestTimeline plays the steps one by one and compares with what the formulas say.
func TestTimeline(t *testing.T) {
	for _, size := range []int{1, 2, 3, 7, 20, 51} {
		half := (size + 1) / 2
		times, last := make([]int, size), make([]int, size)
		gone, left, turn := make([]int, size), size, 0
		for steps := range 40 {
			if steps > 0 {
				for range perStep {
					times[turn%half]++
					last[turn%half] = steps
					turn++
				}
				if left > half {
					left--
					gone[left] = steps
				}
			}
			line := timeline{size, steps}
			for n := range size {
				gotTimes, gotLast := line.changed(n)
				if gotTimes != times[n] || gotLast != last[n] {
					t.Fatalf("of %d after %d steps: record %d changed %d times, last in step %d; want %d and %d", size, steps, n, gotTimes, gotLast, times[n], last[n])
				}
				if got := line.deleted(n); got != gone[n] {
					t.Fatalf("of %d after %d steps: record %d was deleted in step %d, want %d", size, steps, n, got, gone[n])
				}
			}
			if line.added() != perStep*steps {
				t.Fatalf("after %d steps %d records were added", steps, line.added())
			}
		}
	}
}

// TestPositions checks the list of a repository after each step: every record once, in its
// latest state, stamps in order and none in the future, and each found by its number.
func TestPositions(t *testing.T) {
	c, err := newContent(1, firstDay)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{1, 2, 9, 60} {
		for steps := range 12 {
			s := snapshot{repository{
				website: &website{c: c}, size: size,
				item: func(n int) item { return item{Key: "x", Lang: "en"} }, later: func(int) item { return item{} },
				gone: func(n int) bool { return n%5 == 3 },
			}, timeline{size, steps}}
			var seen []int
			for i := range s.positions() {
				if i > 0 && !s.stamp(i).After(s.stamp(i-1)) || !s.stamp(i).Before(c.today(steps)) {
					t.Fatalf("size %d, %d steps: stamp %v of place %d is out of order", size, steps, s.stamp(i), i)
				}
				pos := s.at(i)
				if pos.n < 0 {
					continue
				}
				if slices.Contains(seen, pos.n) {
					t.Fatalf("size %d, %d steps: record %d is listed twice", size, steps, pos.n)
				}
				seen = append(seen, pos.n)
				if found, ok := s.where(pos.n); !ok || found != pos {
					t.Fatalf("size %d, %d steps: record %d is found as %+v, listed as %+v", size, steps, pos.n, found, pos)
				}
				original := pos.n < size
				if want := original && (s.gone(pos.n) || s.timeline.deleted(pos.n) > 0); pos.deleted != want {
					t.Fatalf("size %d, %d steps: record %d is deleted: %v", size, steps, pos.n, pos.deleted)
				}
			}
			if len(seen) != size+perStep*steps {
				t.Fatalf("size %d, %d steps: %d records are listed, want %d", size, steps, len(seen), size+perStep*steps)
			}
			for _, n := range []int{-1, size + perStep*steps} {
				if _, ok := s.where(n); ok {
					t.Errorf("record %d should not exist", n)
				}
			}
		}
	}
}

func TestMoments(t *testing.T) {
	c := &content{now: firstDay}
	if got := c.moment(1); got.Format(time.DateOnly) != "2026-06-01" || !got.Before(c.today(1)) || !got.After(c.today(0)) {
		t.Errorf("the first step happens at %v", got)
	}
}
