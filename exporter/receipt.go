package exporter

import (
	"context"
	"sync"
)

// Receipt is what one request was given: which part of the change log its entries come from,
// and how many they were. It says nothing of the entries themselves.
type Receipt struct {
	mu          sync.Mutex
	First, Last int64 // the lowest and the highest Seq; 0 when nothing was served
	Records     int
}

type receiptKey struct{}

// WithReceipt returns a context whose requests are written down in r.
func WithReceipt(ctx context.Context, r *Receipt) context.Context {
	return context.WithValue(ctx, receiptKey{}, r)
}

// Served writes down that entries with numbers from first to last were served, if anybody
// wants to know: known consumers only.
func Served(ctx context.Context, first, last int64, records int) {
	r, ok := ctx.Value(receiptKey{}).(*Receipt)
	if !ok || records == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.First == 0 || first < r.First {
		r.First = first
	}
	r.Last = max(r.Last, last)
	r.Records += records
}
