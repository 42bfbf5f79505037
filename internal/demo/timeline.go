package demo

import "time"

// timeline says what became of a publisher's original records, numbered from 0, after
// some steps of time. In each step two records of the first half change, in turn, two are
// added, and the last one that is left of the second half is taken away.
type timeline struct{ size, steps int }

// perStep are the changes, and the additions, of one step.
const perStep = 2

// half is how many of the original records change and never go away.
func (t timeline) half() int { return (t.size + 1) / 2 }

// changed returns how often a record changed, and in which step, from 1, the last time.
func (t timeline) changed(n int) (times, step int) {
	last := perStep*t.steps - 1 // number of the last change
	if n >= t.half() || n > last {
		return 0, 0
	}
	times = (last-n)/t.half() + 1
	return times, (n+(times-1)*t.half())/perStep + 1
}

// deleted returns the step in which a record was taken away, 0 if it is still there.
func (t timeline) deleted(n int) int {
	if step := t.size - n; n >= t.half() && step <= t.steps {
		return step
	}
	return 0
}

// added returns how many records were added. The k-th of them came in step k/perStep+1.
func (t timeline) added() int { return perStep * t.steps }

// moment is when the things of a step happen: at noon of its day.
func (c *content) moment(step int) time.Time {
	return c.now.Add(time.Duration(step-1)*24*time.Hour + 12*time.Hour)
}

// today is the beginning of the day after so many steps.
func (c *content) today(steps int) time.Time { return c.now.Add(time.Duration(steps) * 24 * time.Hour) }
