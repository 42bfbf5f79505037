package ingest

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/harvester"
)

// The adaptive interval, and what stands in for the interval after a failure.
const (
	adaptStart  = 24 * time.Hour
	adaptLeast  = 6 * time.Hour
	adaptMost   = 7 * 24 * time.Hour
	adaptRuns   = 12 // that it is derived from
	retryFirst  = 15 * time.Minute
	blockedWait = 24 * time.Hour
)

// How far visits are spread, so that sources of one interval do not all start at once.
const (
	spreadPercent = 10
	spreadTick    = 5 * time.Minute // at most, of a schedule with fixed hours
)

// Visit is when a source is visited next, and why then.
type Visit struct {
	Source  string
	Due     time.Time // zero: not at all
	Why     string    // in plain words: "every 24h", "adaptive: 12h, changed last time"
	Running bool
}

// next says when a source is visited next. runs are its last ones, newest first; what they
// tell outlives a restart. It is a pure function of its arguments.
func next(src harvester.Source, mode catalog.SourceMode, runs []catalog.Run, now time.Time) Visit {
	v := Visit{Source: src.ID}
	if v.Why = unvisited(mode); v.Why != "" {
		return v
	}
	runs = told(runs)
	switch {
	case len(runs) == 0:
		v.Due, v.Why = now, "at once: never visited"
	case runs[0].Ended.IsZero():
		v.Due, v.Why = now, "at once: the last run was left unfinished"
	default:
		v.Due, v.Why = after(src, runs)
	}
	return inWindow(src.Window, v, now)
}

// told leaves out visits that were not made.
func told(runs []catalog.Run) []catalog.Run {
	var list []catalog.Run
	for _, r := range runs {
		if r.State != catalog.SkippedRun {
			list = append(list, r)
		}
	}
	return list
}

// inWindow puts a visit off until the source may be visited.
func inWindow(w harvester.Window, v Visit, now time.Time) Visit {
	if v.Due.IsZero() {
		return v
	}
	at := v.Due
	if at.Before(now) {
		at = now
	}
	if open, left := w.Open(at); !open {
		v.Due = at.Add(left)
		v.Why += "; waiting for its window, which opens at " + w.Opens()
	}
	return v
}

// after says when to come back behind the last run.
func after(src harvester.Source, runs []catalog.Run) (time.Time, string) {
	last := runs[0]
	due, why := regular(src, runs)
	switch n := failures(src, runs); {
	case last.State == catalog.Blocked:
		return last.Ended.Add(blockedWait), "once a day: a firewall keeps the hub out"
	case n > 0:
		wait := retryFirst << min(n-1, 16)
		if at := last.Ended.Add(wait); at.Before(due) {
			why = fmt.Sprintf("again after %s: the last run %s", short(wait), ended(last.State))
			if n > 1 {
				why = fmt.Sprintf("again after %s: the last %d runs %s", short(wait), n, ended(last.State))
			}
			return at, why
		}
		return due, why + "; the last run " + ended(last.State)
	case last.State == catalog.Partial:
		return last.Ended, "goes on where its window closed"
	case last.State == catalog.Held && last.Decided == "":
		return due, why + "; the last run is held until somebody decides"
	}
	return due, why
}

func ended(s catalog.State) string {
	if s == catalog.Partial {
		return "broke off"
	}
	return "failed"
}

// failures counts the runs in a row, up to the last one, that ended badly.
func failures(src harvester.Source, runs []catalog.Run) int {
	for i, r := range runs {
		bad := r.State == catalog.Failed || r.State == catalog.Partial
		if open, _ := src.Window.Open(r.Ended); r.State == catalog.Partial && !open {
			bad = false // its window ended it, and nothing is wrong
		}
		if !bad {
			return i
		}
	}
	return len(runs)
}

// regular is when the source would be visited if nothing had gone wrong.
func regular(src harvester.Source, runs []catalog.Run) (time.Time, string) {
	last := runs[0].Ended
	if src.Schedule != "" {
		at, ok := src.Tick(last)
		if !ok {
			return last.Add(adaptStart), "every 24h: its schedule never comes"
		}
		width := min(spreadTick, at.Sub(last)*spreadPercent/100)
		return at.Add(ownShare(src, width)), "schedule " + src.Schedule
	}
	interval, why := time.Duration(src.Every), ""
	if interval > 0 {
		why = "every " + short(interval)
	} else {
		interval, why = adaptive(runs)
	}
	return last.Add(interval + ownShare(src, interval*spreadPercent/100)), why
}

// ownShare is the source's own place within a stretch of time.
func ownShare(src harvester.Source, width time.Duration) time.Duration {
	return time.Duration(src.Spread() * float64(width)).Truncate(time.Second)
}

// adaptive derives the interval from how often the last good runs found something: half of
// it after a change, the double after two quiet runs in a row.
func adaptive(runs []catalog.Run) (time.Duration, string) {
	var good []catalog.Run // oldest first
	for i := len(runs) - 1; i >= 0; i-- {
		if runs[i].State.Good() {
			good = append(good, runs[i])
		}
	}
	interval, quiet, why := adaptStart, 0, "first visits"
	for i, r := range good {
		if i == 0 {
			continue // everything is new in the first run, and the second compares with it
		}
		switch changed := r.Counts.New+r.Counts.Changed+r.Removed > 0; {
		case changed:
			interval, quiet, why = max(interval/2, adaptLeast), 0, "changed last time"
		case r.Started.Sub(good[i-1].Ended) < adaptLeast/2:
			// Somebody asked again soon after: that nothing changed meanwhile says little.
		default:
			if quiet++; quiet > 1 {
				interval = min(interval*2, adaptMost)
			}
			why = fmt.Sprintf("nothing new in the last %d runs", quiet)
			if quiet == 1 {
				why = "nothing new last time"
			}
		}
	}
	return interval, "adaptive: " + short(interval) + ", " + why
}

// short writes a duration without what is zero: "24h", "1h30m".
func short(d time.Duration) string {
	s := d.Round(time.Second).String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return cmp.Or(s, "0s")
}
