package sqlstore

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are the catalogue's part of the hub_ name space.
type metrics struct {
	apply, search prometheus.Histogram
	records       records
}

func newMetrics(s *Store) *metrics {
	return &metrics{
		apply: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hub_catalog_apply_seconds", Help: "Time to store one batch.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 4, 8),
		}),
		search: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hub_catalog_search_seconds", Help: "Time to answer one search with facets.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 4, 8),
		}),
		records: records{s: s, desc: prometheus.NewDesc("hub_catalog_records", "Records by state; a tombstone may be held as well.", []string{"state"}, nil)},
	}
}

func (m *metrics) collectors() []prometheus.Collector {
	return []prometheus.Collector{m.apply, m.search, m.records}
}

// register takes the names, all or none.
func (m *metrics) register(r prometheus.Registerer) error {
	if r == nil {
		return nil
	}
	for i, c := range m.collectors() {
		if err := r.Register(c); err != nil {
			for _, done := range m.collectors()[:i] {
				r.Unregister(done)
			}
			return err
		}
	}
	return nil
}

// unregister lets another store take the names: a file may be opened again.
func (m *metrics) unregister(r prometheus.Registerer) {
	if r == nil {
		return
	}
	for _, c := range m.collectors() {
		r.Unregister(c)
	}
}

// records counts the records by state when it is asked.
type records struct {
	s    *Store
	desc *prometheus.Desc
}

// Describe names the metric.
func (r records) Describe(ch chan<- *prometheus.Desc) { ch <- r.desc }

// Collect reads the tallies of the sources.
func (r records) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var n tally
	err := r.s.read.QueryRowContext(ctx, `SELECT coalesce(sum(live), 0), coalesce(sum(held), 0), coalesce(sum(deleted), 0) FROM tally`).Scan(&n.live, &n.held, &n.deleted)
	if err != nil {
		ch <- prometheus.NewInvalidMetric(r.desc, err)
		return
	}
	for state, count := range map[string]int{"live": n.live, "held": n.held, "deleted": n.deleted} {
		ch <- prometheus.MustNewConstMetric(r.desc, prometheus.GaugeValue, float64(count), state)
	}
}
