package fetch

import "github.com/prometheus/client_golang/prometheus"

// metrics are the client's part of the hub_ name space. Hosts are no label: the ledger
// has them, and their number is not ours to bound.
type metrics struct {
	requests *prometheus.CounterVec
	bytes    prometheus.Counter
	seconds  prometheus.Histogram
}

func newMetrics(r prometheus.Registerer) *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hub_fetch_requests_total", Help: "Requests asked of the HTTP client by how they ended, tries not counted.",
		}, []string{"outcome"}),
		bytes: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "hub_fetch_bytes_total", Help: "Bytes of bodies received, as sent.",
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hub_fetch_seconds", Help: "Time from sending one request to the end of its body, waiting for politeness left out.",
			Buckets: prometheus.ExponentialBuckets(0.005, 3, 9),
		}),
	}
	if r != nil {
		r.MustRegister(m.requests, m.bytes, m.seconds)
	}
	return m
}
