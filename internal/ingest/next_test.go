package ingest

import (
	"strings"
	"testing"
	"time"

	"ctiphub/catalog"
	"ctiphub/harvester"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// past makes runs out of words, newest first: "ok+" changed something, "ok=" did not. Each
// ended the given time before the one that is newer, the newest so long before noon.
func past(apart time.Duration, words ...string) []catalog.Run {
	var runs []catalog.Run
	end := noon
	for _, w := range words {
		end = end.Add(-apart)
		r := catalog.Run{Source: "s", Started: end.Add(-time.Minute), Ended: end, State: catalog.State(strings.TrimRight(w, "+="))}
		if strings.HasSuffix(w, "+") {
			r.Counts = catalog.Outcome{Listed: 1, Changed: 1}
		}
		runs = append(runs, r)
	}
	return runs
}

func TestNext(t *testing.T) {
	hour, day := time.Hour, 24*time.Hour
	daily := harvester.Source{ID: "s", Every: harvester.Duration(day)}
	adapting := harvester.Source{ID: "s"}
	weekly := harvester.Source{ID: "s", Schedule: "0 3 * * 1"}
	nights := daily
	nights.Window = "20:00-05:00 UTC"
	unfinished := past(hour, "running")
	unfinished[0].Ended = time.Time{}
	atDawn := past(0, "partial")
	atDawn[0].Ended = noon.Add(-7 * hour) // 05:00
	held := past(hour, "held")
	approved := past(hour, "held")
	approved[0].Decided = catalog.Approve
	for name, c := range map[string]struct {
		src  harvester.Source
		mode catalog.SourceMode
		runs []catalog.Run
		in   time.Duration // from noon; -1: never
		upTo time.Duration // more, by the source's spread
		why  string
	}{
		"never visited":             {daily, catalog.SourceMode{}, nil, 0, 0, "never visited"},
		"unfinished":                {daily, catalog.SourceMode{}, unfinished, 0, 0, "unfinished"},
		"every":                     {daily, catalog.SourceMode{}, past(hour, "ok"), 23 * hour, 144 * time.Minute, "every 24h"},
		"skipped visits are none":   {daily, catalog.SourceMode{}, past(hour, "skipped", "ok"), 22 * hour, 144 * time.Minute, "every 24h"},
		"overdue":                   {daily, catalog.SourceMode{}, past(3*day, "ok"), -2 * day, 144 * time.Minute, "every 24h"},
		"cron":                      {weekly, catalog.SourceMode{}, past(hour, "ok"), 4*day + 15*hour, 5 * time.Minute, "schedule 0 3 * * 1"},
		"cron that never comes":     {harvester.Source{ID: "s", Schedule: "0 0 30 2 *"}, catalog.SourceMode{}, past(hour, "ok"), 23 * hour, 0, "never comes"},
		"adaptive, first":           {adapting, catalog.SourceMode{}, past(hour, "ok+"), 23 * hour, 144 * time.Minute, "adaptive: 24h, first"},
		"adaptive, changed":         {adapting, catalog.SourceMode{}, past(day, "ok+", "ok+"), -12 * hour, 72 * time.Minute, "adaptive: 12h, changed last time"},
		"adaptive, always changed":  {adapting, catalog.SourceMode{}, past(day, "ok+", "ok+", "ok+", "ok+", "ok+"), -18 * hour, 36 * time.Minute, "adaptive: 6h"},
		"adaptive, one quiet run":   {adapting, catalog.SourceMode{}, past(day, "ok=", "ok+"), 0, 144 * time.Minute, "adaptive: 24h, nothing new last time"},
		"adaptive, two quiet runs":  {adapting, catalog.SourceMode{}, past(day, "ok=", "ok=", "ok+"), day, 288 * time.Minute, "adaptive: 48h, nothing new in the last 2 runs"},
		"adaptive, quiet for long":  {adapting, catalog.SourceMode{}, past(day, "ok=", "ok=", "ok=", "ok=", "ok=", "ok=", "ok+"), 6 * day, 17 * hour, "adaptive: 168h"},
		"adaptive, asked by hand":   {adapting, catalog.SourceMode{}, past(hour, "ok=", "ok=", "ok=", "ok=", "ok+"), 23 * hour, 144 * time.Minute, "adaptive: 24h"},
		"adaptive, awake again":     {adapting, catalog.SourceMode{}, past(day, "ok+", "ok=", "ok=", "ok=", "ok+"), day, 288 * time.Minute, "adaptive: 48h, changed last time"},
		"adaptive, rejects":         {adapting, catalog.SourceMode{}, past(day, "ok-with-rejects+", "failed", "ok+"), -12 * hour, 72 * time.Minute, "adaptive: 12h"},
		"failed":                    {daily, catalog.SourceMode{}, past(time.Minute, "failed", "ok"), 14 * time.Minute, 0, "again after 15m: the last run failed"},
		"failed twice":              {daily, catalog.SourceMode{}, past(time.Minute, "failed", "failed", "ok"), 29 * time.Minute, 0, "again after 30m: the last 2 runs failed"},
		"broke off":                 {daily, catalog.SourceMode{}, past(time.Minute, "partial", "ok"), 14 * time.Minute, 0, "the last run broke off"},
		"failing for long":          {daily, catalog.SourceMode{}, past(hour, "failed", "failed", "failed", "failed", "failed", "failed", "failed", "failed", "failed"), 23 * hour, 144 * time.Minute, "every 24h; the last run failed"},
		"failed, visited often":     {harvester.Source{ID: "s", Every: harvester.Duration(10 * time.Minute)}, catalog.SourceMode{}, past(time.Minute, "failed"), 9 * time.Minute, time.Minute, "every 10m"},
		"failed before a good run":  {daily, catalog.SourceMode{}, past(hour, "ok", "failed", "failed"), 23 * hour, 144 * time.Minute, "every 24h"},
		"blocked":                   {harvester.Source{ID: "s", Every: harvester.Duration(hour)}, catalog.SourceMode{}, past(hour, "blocked", "ok"), 23 * hour, 0, "once a day: a firewall"},
		"held":                      {daily, catalog.SourceMode{}, held, 23 * hour, 144 * time.Minute, "held until somebody decides"},
		"held and decided":          {daily, catalog.SourceMode{}, approved, 23 * hour, 144 * time.Minute, "every 24h"},
		"paused":                    {daily, catalog.SourceMode{Mode: catalog.Paused, Who: "aung", Since: noon, Why: "new site in May"}, nil, -1, 0, "paused by aung since 2026-03-04: new site in May"},
		"retired":                   {daily, catalog.SourceMode{Mode: catalog.Retired}, past(hour, "ok"), -1, 0, "retired"},
		"purged":                    {daily, catalog.SourceMode{Mode: catalog.Purged}, nil, -1, 0, "purged"},
		"active again":              {daily, catalog.SourceMode{Mode: catalog.Active, Who: "aung"}, nil, 0, 0, "never visited"},
		"window, never visited":     {nights, catalog.SourceMode{}, nil, 8 * hour, 0, "waiting for its window, which opens at 20:00 UTC"},
		"window, due while closed":  {nights, catalog.SourceMode{}, past(25*hour, "ok"), 8 * hour, 0, "every 24h; waiting for its window"},
		"window, ended by it":       {nights, catalog.SourceMode{}, atDawn, 8 * hour, 0, "goes on where its window closed; waiting"},
		"window, ended by it often": {nights, catalog.SourceMode{}, append(atDawn, atDawn[0], atDawn[0], atDawn[0]), 8 * hour, 0, "goes on where its window closed"},
	} {
		t.Run(name, func(t *testing.T) {
			v := next(c.src, c.mode, c.runs, noon)
			if !strings.Contains(v.Why, c.why) {
				t.Errorf("why is %q, want %q in it", v.Why, c.why)
			}
			if c.in == -1 {
				if !v.Due.IsZero() {
					t.Errorf("due at %s, want never", v.Due)
				}
				return
			}
			if in := v.Due.Sub(noon); in < c.in || in > c.in+c.upTo {
				t.Errorf("due in %s, want %s to %s", in, c.in, c.in+c.upTo)
			}
		})
	}
}

// TestNextIsSpread has many sources with one interval: they must not all start at once,
// and none before its time.
func TestNextIsSpread(t *testing.T) {
	quarters := [4]int{}
	for i := range 100 {
		src := harvester.Source{ID: "agency-" + strings.Repeat("x", i), Every: harvester.Duration(10 * time.Hour)}
		in := next(src, catalog.SourceMode{}, past(time.Hour, "ok"), noon).Due.Sub(noon) - 9*time.Hour
		if in < 0 || in >= time.Hour {
			t.Fatalf("%s is due %s after its time, want up to an hour", src.ID, in)
		}
		quarters[in/(15*time.Minute)]++
	}
	for i, n := range quarters {
		if n < 10 {
			t.Errorf("%d of 100 sources lie in quarter %d of the hour", n, i)
		}
	}
}
