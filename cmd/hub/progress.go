package main

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
	"golang.org/x/term"

	"ctiphub/catalog"
	"ctiphub/internal/ingest"
)

// view shows how the runs of several sources go: a bar each on a terminal, nothing
// elsewhere (the summary lines come after in both cases).
type view struct {
	bars *mpb.Progress // nil when not on a terminal
	mu   sync.Mutex
	rows map[string]*row
	wide int
}

// row is one source's bar with the account beside it.
type row struct {
	bar    *mpb.Bar
	mu     sync.Mutex
	counts catalog.Outcome
	state  catalog.State
}

// newView prepares a row for each job.
func newView(w io.Writer, jobs []ingest.Job) *view {
	v := &view{rows: map[string]*row{}}
	if !isTerminal(w) {
		return v
	}
	v.bars = mpb.New(mpb.WithOutput(w), mpb.WithWidth(24), mpb.WithRefreshRate(100*time.Millisecond))
	for _, j := range jobs {
		v.wide = max(v.wide, len(j.Source.ID))
	}
	for _, j := range jobs {
		v.rows[j.Source.ID] = v.newRow(j.Source.ID)
	}
	return v
}

func (v *view) newRow(id string) *row {
	r := &row{}
	r.bar = v.bars.New(0, mpb.BarStyle().Lbound("").Rbound("").Filler("━").Tip("━").Padding("·"),
		mpb.PrependDecorators(decor.Name(fmt.Sprintf("%-*s ", v.wide, id))),
		mpb.AppendDecorators(decor.Any(func(decor.Statistics) string { return " " + r.text() })),
	)
	return r
}

// text is what stands behind the bar.
func (r *row) text() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == "" && r.counts.Listed == 0 {
		return "waiting"
	}
	s := fmt.Sprintf("%d records", r.counts.Listed)
	if r.state != "" {
		s += ", " + string(r.state)
	}
	return s
}

// update takes what the pipeline reports; it is called from many runs at once.
func (v *view) update(p ingest.Progress) {
	v.mu.Lock()
	r := v.rows[p.Source]
	v.mu.Unlock()
	if v.bars == nil || r == nil {
		return
	}
	r.mu.Lock()
	r.counts = p.Counts
	if p.Done {
		r.state = p.Run.State
	}
	r.mu.Unlock()
	// Until a source says how much it has, the bar stays behind its end.
	total := int64(max(p.Total, p.Counts.Listed+1))
	if p.Done {
		total = int64(max(p.Counts.Listed, 1))
		r.bar.SetTotal(total, false)
		r.bar.SetCurrent(total)
		r.bar.SetTotal(total, true)
		return
	}
	r.bar.SetTotal(total, false)
	r.bar.SetCurrent(int64(p.Counts.Listed))
}

// close ends the display and leaves the last state of each bar on the screen.
func (v *view) close() {
	if v.bars == nil {
		return
	}
	for _, r := range v.rows {
		r.bar.Abort(false)
	}
	v.bars.Wait()
}

// isTerminal reports whether a person is likely to watch.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
