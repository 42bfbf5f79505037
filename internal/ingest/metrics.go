package ingest

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ctiphub/catalog"
)

// metrics are the harvest's part of the hub_ name space.
type metrics struct {
	runs     *prometheus.CounterVec
	records  *prometheus.CounterVec
	apply    prometheus.Histogram
	lastGood *prometheus.GaugeVec
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
	}
	if r != nil {
		r.MustRegister(m.runs, m.records, m.apply, m.lastGood)
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
