package analytics

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what an operator sees of the recorder. Nothing in them is about a reader.
type metrics struct {
	events, ignored, dropped, batches *prometheus.CounterVec
	took                              *prometheus.HistogramVec
	store                             *prometheus.GaugeVec
	released                          *prometheus.GaugeVec
	verified, mismatches              prometheus.Gauge
	live                              []prometheus.Collector
	name                              string
}

func newMetrics(r *Recorder) *metrics {
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	m := &metrics{
		name:       r.o.Name,
		events:     counter("hub_usage_events_total", "Counted uses, by kind and channel.", "kind", "channel"),
		ignored:    counter("hub_usage_ignored_total", "Requests that were not counted, by reason.", "reason"),
		dropped:    counter("hub_usage_dropped_total", "Counted uses, or unreadable segments of them, that were lost, by reason.", "reason"),
		batches:    counter("hub_usage_batches_total", "Batches for the store: stored, found there after an uncertain try, sent once more, failed.", "outcome"),
		took:       prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "hub_usage_store_seconds", Help: "Time that the usage store took, by operation.", Buckets: prometheus.ExponentialBuckets(0.001, 4, 8)}, []string{"op"}),
		store:      prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hub_usage_store_up", Help: "Whether the usage store did what it was last asked to."}, []string{"store"}),
		released:   prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hub_usage_released_until_timestamp_seconds", Help: "End of the last week or month that was released, by cube."}, []string{"cube"}),
		verified:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "hub_usage_verified_timestamp_seconds", Help: "When rollups were last held against events."}),
		mismatches: prometheus.NewGauge(prometheus.GaugeOpts{Name: "hub_usage_verify_mismatches", Help: "Rollups that did not agree with the events after they were rebuilt."}),
	}
	m.live = []prometheus.Collector{
		m.events, m.ignored, m.dropped, m.batches, m.took, m.store, m.released, m.verified, m.mismatches,
		gauge("hub_usage_held_events", "Uses within the time of a double click.", func() float64 { n, _ := r.counter.Waiting(); return float64(n) }),
		gauge("hub_usage_terms_waiting", "Texts of searches in memory that too few people have used.", func() float64 { _, n := r.counter.Waiting(); return float64(n) }),
		gauge("hub_usage_spool_segments", "Segments of the spool that the store does not have.", func() float64 { return float64(r.spool.Status().Segments) }),
		gauge("hub_usage_spool_bytes", "Size of these segments.", func() float64 { return float64(r.spool.Status().Bytes) }),
		gauge("hub_usage_spool_oldest_seconds", "Age of the oldest of these segments; 0: there is none.", func() float64 {
			oldest := r.spool.Status().Oldest
			if oldest.IsZero() {
				return 0
			}
			return r.o.Now().Sub(oldest).Seconds()
		}),
	}
	return m
}

func (m *metrics) register(to prometheus.Registerer) error {
	if to == nil {
		return nil
	}
	for _, c := range m.live {
		if err := to.Register(c); err != nil {
			return fmt.Errorf("registering the metrics of usage: %w", err)
		}
	}
	return nil
}

func (m *metrics) unregister(from prometheus.Registerer) {
	for _, c := range m.live {
		if from != nil {
			from.Unregister(c)
		}
	}
}

func (m *metrics) up(ok bool) {
	value := 0.0
	if ok {
		value = 1
	}
	m.store.WithLabelValues(m.name).Set(value)
}

// releasedUntil tells up to when each cube was released.
func (m *metrics) releasedUntil(ctx context.Context, s Store) {
	today := DayOf(time.Now())
	for _, c := range Rollups() {
		list, err := s.Releases(ctx, c, today-400, today+1)
		if err == nil && len(list) > 0 {
			m.released.WithLabelValues(string(c)).Set(float64(c.Next(list[len(list)-1].Unit).Time().Unix()))
		}
	}
}
