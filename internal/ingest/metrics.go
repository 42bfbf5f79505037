package ingest

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ctiphub/catalog"
)

// metrics are the harvest's part of the hub_ name space.
type metrics struct {
	runs       *prometheus.CounterVec
	records    *prometheus.CounterVec
	apply      prometheus.Histogram
	lastGood   *prometheus.GaugeVec
	drift      *prometheus.CounterVec
	notes      *prometheus.CounterVec
	stalled    prometheus.Counter
	unbalanced prometheus.Counter
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hub_harvest_runs_total", Help: "Finished runs by the state they ended in.",
		}, []string{"state"}),
		records: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hub_harvest_records_total", Help: "Listed records by what became of them.",
		}, []string{"outcome"}),
		apply: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hub_harvest_page_seconds", Help: "Time to normalize and store one page.",
			Buckets: prometheus.ExponentialBuckets(0.001, 4, 8),
		}),
		lastGood: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "hub_harvest_last_good_timestamp_seconds", Help: "When a source last ended a good run, in Unix time.",
		}, []string{"source"}),
		drift: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hub_harvest_drift_total", Help: "Runs in which the rules that set a field shifted: the source's pages changed their shape.",
		}, []string{"source"}),
		notes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hub_harvest_notes_total", Help: "Oddities of sources, by code.",
		}, []string{"code"}),
		stalled: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hub_harvest_stalled_total", Help: "Runs given up because they showed no sign of life.",
		}),
		unbalanced: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hub_harvest_unbalanced_total", Help: "Runs whose account did not add up: a mistake of the hub.",
		}),
	}
	if r != nil {
		r.MustRegister(m.runs, m.records, m.apply, m.lastGood, m.drift, m.notes, m.stalled, m.unbalanced)
	}
	return m
}

func (m *metrics) applied(o catalog.Outcome, took time.Duration) {
	for outcome, n := range map[string]int{"new": o.New, "changed": o.Changed, "same": o.Same, "rejected": o.Rejected, "skipped": o.Skipped} {
		m.records.WithLabelValues(outcome).Add(float64(n))
	}
	m.apply.Observe(took.Seconds())
}

func (m *metrics) finished(run catalog.Run) {
	m.runs.WithLabelValues(string(run.State)).Inc()
	if run.State.Good() {
		m.lastGood.WithLabelValues(run.Source).Set(float64(run.Ended.Unix()))
	}
}

// scheduleMetrics are the schedule's part of it.
type scheduleMetrics struct {
	wakes *prometheus.CounterVec
	next  *prometheus.GaugeVec
}

func newScheduleMetrics(r prometheus.Registerer) *scheduleMetrics {
	m := &scheduleMetrics{
		wakes: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hub_schedule_wakes_total", Help: "Announcements of a change, by what became of them.",
		}, []string{"outcome"}),
		next: prometheus.NewGaugeVec(prometheus.GaugeOpts{
			Name: "hub_schedule_next_due_timestamp_seconds", Help: "When a source is visited next, in Unix time; absent when it is not.",
		}, []string{"source"}),
	}
	if r != nil {
		r.MustRegister(m.wakes, m.next)
	}
	return m
}

// due keeps the gauge of one source.
func (m *scheduleMetrics) due(v Visit) {
	if v.Due.IsZero() {
		m.next.DeleteLabelValues(v.Source)
		return
	}
	m.next.WithLabelValues(v.Source).Set(float64(v.Due.Unix()))
}
