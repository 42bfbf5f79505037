package harvester_test

import (
	"fmt"
	"testing"
	"time"
	_ "time/tzdata"

	"ctiphub/harvester"
)

func at(t *testing.T, s string) time.Time {
	t.Helper()
	v, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestWindow(t *testing.T) {
	const night = harvester.Window("20:00-05:00 Asia/Bangkok")
	for _, c := range []struct {
		window harvester.Window
		now    string
		open   bool
		left   time.Duration
	}{
		{night, "2026-03-04T19:59:59+07:00", false, time.Second},
		{night, "2026-03-04T20:00:00+07:00", true, 9 * time.Hour},
		{night, "2026-03-04T23:30:00+07:00", true, 5*time.Hour + 30*time.Minute},
		{night, "2026-03-05T04:59:00+07:00", true, time.Minute},
		{night, "2026-03-05T05:00:00+07:00", false, 15 * time.Hour},
		{night, "2026-03-04T14:00:00Z", true, 8 * time.Hour}, // 21:00 in Bangkok
		{"09:00-17:30 Asia/Manila", "2026-03-04T08:00:00+08:00", false, time.Hour},
		{"09:00-17:30 Asia/Manila", "2026-03-04T17:29:00+08:00", true, time.Minute},
		{"09:00-17:30 Asia/Manila", "2026-03-04T17:30:00+08:00", false, 15*time.Hour + 30*time.Minute},
		// The clocks go forward in this night: it is an hour shorter.
		{"22:00-06:00 Europe/Berlin", "2026-03-28T22:00:00+01:00", true, 7 * time.Hour},
	} {
		open, left := c.window.Open(at(t, c.now))
		if open != c.open || left != c.left {
			t.Errorf("%s at %s: open %v, %s left; want %v, %s", c.window, c.now, open, left, c.open, c.left)
		}
	}
	if open, left := harvester.Window("").Open(at(t, "2026-03-04T00:00:00Z")); !open || left < 24*time.Hour*365 {
		t.Errorf("without a window: open %v for %s, want for ever", open, left)
	}
	if got, want := night.Opens(), "20:00 Asia/Bangkok (local time)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWindowValidate(t *testing.T) {
	for window, ok := range map[harvester.Window]bool{
		"": true, "20:00-05:00 Asia/Bangkok": true, "20:00-05:00": false, "20-5 Asia/Bangkok": false, "08:00-08:00 UTC": false,
		"25:00-05:00 UTC": false, "08:00-09:00 Asia/Bangkock": false, "night": false,
	} {
		if err := window.Validate(); (err == nil) != ok {
			t.Errorf("%q: %v, want ok %v", window, err, ok)
		}
	}
}

func TestTick(t *testing.T) {
	for _, c := range []struct{ schedule, after, want string }{
		{"0 3 * * *", "2026-03-04T02:00:00Z", "2026-03-04T03:00:00Z"},
		{"0 3 * * *", "2026-03-04T03:00:00Z", "2026-03-05T03:00:00Z"},
		{"*/15 * * * *", "2026-03-04T03:00:01Z", "2026-03-04T03:15:00Z"},
		{"0 3 * * 1", "2026-03-04T03:00:00Z", "2026-03-09T03:00:00Z"},
		{"30 4 1 * *", "2026-12-04T03:00:00Z", "2027-01-01T04:30:00Z"},
		{"CRON_TZ=Asia/Bangkok 0 3 * * *", "2026-03-04T12:00:00Z", "2026-03-04T20:00:00Z"},
		{"CRON_TZ=Asia/Bangkok 0 3 * * *", "2026-03-04T20:00:00Z", "2026-03-05T20:00:00Z"},
		// Two in the morning does not exist in this night: the next one that does will do.
		{"CRON_TZ=Europe/Berlin 30 3 * * *", "2026-03-28T12:00:00Z", "2026-03-29T01:30:00Z"},
		{"0 0 30 2 *", "2026-03-04T00:00:00Z", ""},
		{"", "2026-03-04T00:00:00Z", ""},
	} {
		got, ok := harvester.Source{Schedule: c.schedule}.Tick(at(t, c.after))
		if ok != (c.want != "") || ok && !got.Equal(at(t, c.want)) {
			t.Errorf("%q after %s: %s (%v), want %s", c.schedule, c.after, got.UTC(), ok, c.want)
		}
	}
}

// TestSpread has fifty sources of one interval: their shares must be spread, and stay.
func TestSpread(t *testing.T) {
	var tenths [10]int
	for i := range 500 {
		s := harvester.Source{ID: fmt.Sprintf("source-%d", i)}
		share := s.Spread()
		if share < 0 || share >= 1 || share != s.Spread() {
			t.Fatalf("%s has the share %v", s.ID, share)
		}
		tenths[int(share*10)]++
	}
	for i, n := range tenths {
		if n < 25 || n > 75 {
			t.Errorf("%d of 500 sources lie in tenth %d, want about 50", n, i)
		}
	}
}
