package portal

import (
	"context"
	"strconv"
	"time"

	"ctiphub/analytics"
)

// lateSegment is from when on waiting says that something is wrong with the store.
const lateSegment = 10 * time.Minute

// recentDrops is how many days back lost uses are told of.
const recentDrops = 28

// strip says how good the figures are.
func (u *usageReading) strip(ctx context.Context) ([]usageFact, error) {
	var facts []usageFact
	for _, c := range []struct {
		cube analytics.Cube
		name string
	}{{analytics.CubeSite, "Weeks complete up to"}, {analytics.CubeRecord, "Months complete up to"}} {
		r, err := u.span(ctx, c.cube)
		if err != nil {
			return nil, err
		}
		f := usageFact{Name: c.name, Value: "none is over yet", Tone: "idle"}
		if r.Complete > 0 {
			f.Value, f.Tone = longDay(r.Complete-1), "good"
		}
		facts = append(facts, f)
	}
	if u.p.o.Usage.Status != nil {
		facts = append(facts, statusFacts(u.p.o.Usage.Status(), analytics.DayOf(u.p.o.Now()))...)
	}
	return facts, nil
}

// statusFacts say how the counting goes.
func statusFacts(st UsageStatus, today analytics.Day) []usageFact {
	waiting := usageFact{"Waiting for the store", "nothing", "good"}
	if st.Segments > 0 {
		waiting.Value = strconv.Itoa(st.Segments) + " files, the oldest for " + st.Oldest.Round(time.Second).String()
		if st.Segments == 1 {
			waiting.Value = "1 file, for " + st.Oldest.Round(time.Second).String()
		}
		if st.Oldest > lateSegment {
			waiting.Tone = "warn"
		}
	}
	var dropped int64
	for d, n := range st.Dropped {
		if d > today-recentDrops {
			dropped += n
		}
	}
	lost := usageFact{"Lost in four weeks", "nothing", "good"}
	if dropped > 0 {
		lost.Value, lost.Tone = number(int(dropped))+" uses, as the spool was full", "bad"
	}
	checked := usageFact{"Rollups checked", "not yet", "idle"}
	switch {
	case st.Mismatches > 0:
		checked.Value, checked.Tone = moment(st.Verified)+": "+strconv.Itoa(st.Mismatches)+" did not agree", "bad"
	case !st.Verified.IsZero():
		checked.Value, checked.Tone = moment(st.Verified)+": all agree", "good"
	}
	return []usageFact{
		waiting, lost, checked, {"Kept in", orUnknown(st.Store), "idle"}, {"Robots left out by", orUnknown(st.Robots), "idle"}, {"Rules", orUnknown(st.RuleSet), "idle"},
	}
}

func orUnknown(s string) string {
	if s == "" {
		return "not known"
	}
	return s
}
