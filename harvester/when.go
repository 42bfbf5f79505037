package harvester

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/adhocore/gronx"
)

// Interval is how often the source is visited when no schedule says when.
func (s Source) Interval() time.Duration {
	if s.Every > 0 {
		return time.Duration(s.Every)
	}
	return 24 * time.Hour
}

// cronZone begins a schedule that is meant in a time zone.
const cronZone = "CRON_TZ="

// splitSchedule parts a schedule into its cron fields and the time zone they are meant in.
func splitSchedule(s string) (fields string, zone *time.Location, err error) {
	zone = time.UTC
	if rest, ok := strings.CutPrefix(s, cronZone); ok {
		name, after, _ := strings.Cut(rest, " ")
		if zone, err = time.LoadLocation(name); err != nil {
			return "", nil, fmt.Errorf("%q is no time zone such as Asia/Bangkok", name)
		}
		s = after
	}
	return strings.TrimSpace(s), zone, nil
}

// validateSchedule reports what is wrong with a schedule; "" is none.
func validateSchedule(s string) error {
	if s == "" {
		return nil
	}
	fields, _, err := splitSchedule(s)
	if err != nil {
		return err
	}
	if len(strings.Fields(fields)) != 5 || !gronx.IsValid(fields) {
		return fmt.Errorf("%q is not five cron fields such as 0 3 * * 1 (minute, hour, day, month, day of the week)", fields)
	}
	return nil
}

// Tick returns when the source's schedule says to visit it next after a moment, and whether
// there is a schedule that ever does.
func (s Source) Tick(after time.Time) (time.Time, bool) {
	if s.Schedule == "" {
		return time.Time{}, false
	}
	fields, zone, err := splitSchedule(s.Schedule)
	if err != nil {
		return time.Time{}, false
	}
	next, err := gronx.NextTickAfter(fields, after.In(zone), false)
	// 30 February and the like: the library gives up, at no particular time.
	if err != nil || !next.After(after) {
		return time.Time{}, false
	}
	return next, true
}

// Spread is the source's own share, from 0 up to 1, of the time over which visits are
// spread so that sources with the same interval do not all start at once. It stays the
// same from run to run.
func (s Source) Spread() float64 {
	h := fnv.New64a()
	h.Write([]byte(s.ID))
	// FNV leaves the high bits of short names much alike: they are mixed once more.
	x := h.Sum64()
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	return float64((x^x>>33)>>11) / (1 << 53)
}

// Window is a stretch of each day, in the publisher's local time, in which the source may
// be visited: "20:00-05:00 Asia/Bangkok". "" is all day.
type Window string

// parse returns the first and the last minute of the day, and the zone they are meant in.
func (w Window) parse() (from, until int, zone *time.Location, err error) {
	hours, name, _ := strings.Cut(strings.TrimSpace(string(w)), " ")
	begin, end, ok := strings.Cut(hours, "-")
	a, errA := time.Parse("15:04", begin)
	b, errB := time.Parse("15:04", end)
	if !ok || errA != nil || errB != nil || a.Equal(b) {
		return 0, 0, nil, fmt.Errorf("%q is not a window such as 20:00-05:00 Asia/Bangkok", string(w))
	}
	if zone, err = time.LoadLocation(strings.TrimSpace(name)); err != nil || name == "" {
		return 0, 0, nil, fmt.Errorf("%q does not end with a time zone such as Asia/Bangkok", string(w))
	}
	return a.Hour()*60 + a.Minute(), b.Hour()*60 + b.Minute(), zone, nil
}

// Validate reports what is wrong with the window.
func (w Window) Validate() error {
	if w == "" {
		return nil
	}
	_, _, _, err := w.parse()
	return err
}

// Open returns how long visits may still be made from now on, or, when the window is
// closed, how long until it opens. Without a window it is open for ever.
func (w Window) Open(now time.Time) (open bool, left time.Duration) {
	const always = 1<<63 - 1
	from, until, zone, err := w.parse()
	if err != nil {
		return true, always
	}
	local := now.In(zone)
	minute := local.Hour()*60 + local.Minute()
	inside := from <= minute && minute < until
	if from > until {
		inside = minute >= from || minute < until
	}
	next := from
	if inside {
		next = until
	}
	at := time.Date(local.Year(), local.Month(), local.Day(), next/60, next%60, 0, 0, zone)
	if !at.After(now) {
		at = time.Date(local.Year(), local.Month(), local.Day()+1, next/60, next%60, 0, 0, zone)
	}
	return inside, at.Sub(now)
}

// Opens says in words when the window opens next: "20:00 Asia/Bangkok (local time)".
func (w Window) Opens() string {
	from, _, zone, err := w.parse()
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%02d:%02d %s (local time)", from/60, from%60, zone)
}
