package catalog

import (
	"fmt"
	"time"
)

// Defaults of a Guard.
const (
	defaultLossPercent  = 15
	defaultLossRecords  = 20
	defaultChurnPercent = 30
	defaultDropPercent  = 80
	defaultGrace        = 7 * 24 * time.Hour
)

// WithDefaults returns the guard with its empty limits filled in.
func (g Guard) WithDefaults() Guard {
	if g.MaxLossPercent == 0 {
		g.MaxLossPercent = defaultLossPercent
	}
	if g.MaxLossRecords == 0 {
		g.MaxLossRecords = defaultLossRecords
	}
	if g.MaxChurnPercent == 0 {
		g.MaxChurnPercent = defaultChurnPercent
	}
	if g.MaxDropPercent == 0 {
		g.MaxDropPercent = defaultDropPercent
	}
	if g.Grace == 0 {
		g.Grace = defaultGrace
	}
	return g
}

// Check says in plain words why a complete run must be held, or "". before is the number
// of live records at its begin, absent how many of them it did not name, fresh how many
// it named that were not known.
func (g Guard) Check(before, absent, fresh int) string {
	g = g.WithDefaults()
	if before == 0 || absent <= g.MaxLossRecords {
		return ""
	}
	if churned := min(absent, fresh); 100*churned > g.MaxChurnPercent*before {
		return fmt.Sprintf("%d of %d live records are gone and %d new ones appeared: the source may have changed its identifiers (limit %d %%)", absent, before, fresh, g.MaxChurnPercent)
	}
	if 100*absent > g.MaxLossPercent*before {
		return fmt.Sprintf("%d of %d live records were not listed (limit %d %%)", absent, before, g.MaxLossPercent)
	}
	return ""
}

// Settle decides how a run ended and says why in plain words. held is the guard's
// reason, or "".
func Settle(e End, counts Outcome, held string) (State, string) {
	switch {
	case e.Skipped != "":
		return SkippedRun, e.Skipped
	case e.Held != "":
		return Held, e.Held
	case e.Blocked != "":
		return Blocked, e.Blocked
	case !counts.Balanced():
		return Failed, fmt.Sprintf("the account does not add up: %d listed, %d accounted for", counts.Listed, counts.New+counts.Changed+counts.Same+counts.Rejected+counts.Skipped)
	case !e.Finished && counts.Listed > 0:
		return Partial, e.Err
	case !e.Finished:
		return Failed, e.Err
	case held != "":
		return Held, held
	case e.Complete && counts.Listed == 0 && !e.MayBeEmpty:
		return Failed, "the source listed nothing at all; set may_be_empty if that is right"
	case e.Complete && counts.Rejected > 0 && counts.Rejected == counts.Listed:
		return Failed, fmt.Sprintf("none of the %d listed records could be taken", counts.Listed)
	case counts.Rejected > 0:
		return OKWithRejects, fmt.Sprintf("%d of %d listed records could not be taken", counts.Rejected, counts.Listed)
	}
	return OK, ""
}
