package fetch

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// A body that trickles in keeps the host from everybody else. Once it has begun, it has to
// bring leastBytes in each span of leastSpan; the time limit of the request holds as well.
const (
	leastSpan  = 30 * time.Second
	leastBytes = 1024
)

// Causes with which a request is ended while it is under way.
var (
	errTimeout = errors.New("time limit of the request")
	errTrickle = errors.New("the body comes too slowly")
)

// meter watches over one request from its turn to the end of its body.
type meter struct {
	cancel context.CancelCauseFunc
	bytes  atomic.Int64
	done   func(bytes int64)
	once   sync.Once

	mu     sync.Mutex
	limit  *time.Timer
	pulse  *time.Timer // nil before the body begins and after the end
	before int64       // bytes when it was last looked
	ended  bool
}

// newMeter limits the time of a request. done is called once, when the request is over
// or its time is.
func newMeter(cancel context.CancelCauseFunc, limit time.Duration, done func(bytes int64)) *meter {
	m := &meter{cancel: cancel, done: done}
	m.mu.Lock() // the time may be over before it is noted
	defer m.mu.Unlock()
	m.limit = time.AfterFunc(limit, func() { m.end(errTimeout) })
	return m
}

// end gives everything back; the cause is nil when there was no trouble.
func (m *meter) end(cause error) {
	m.once.Do(func() {
		m.mu.Lock()
		m.limit.Stop()
		m.ended = true
		if m.pulse != nil {
			m.pulse.Stop()
		}
		m.mu.Unlock()
		m.cancel(cause)
		m.done(m.bytes.Load())
	})
}

// count takes in bytes of the body and sets the watch going with the first.
func (m *meter) count(n int) {
	if m.bytes.Add(int64(n)) == int64(n) && n > 0 {
		m.mu.Lock()
		defer m.mu.Unlock()
		if !m.ended {
			m.pulse = time.AfterFunc(leastSpan, m.look)
		}
	}
}

// look ends a request whose body brought too little since the last look.
func (m *meter) look() {
	m.mu.Lock()
	now := m.bytes.Load()
	enough := now-m.before >= leastBytes
	m.before = now
	if enough && !m.ended {
		m.pulse.Reset(leastSpan)
	}
	m.mu.Unlock()
	if !enough {
		m.end(errTrickle)
	}
}

// meteredBody counts a body on the wire and ends the request when it is closed.
type meteredBody struct {
	io.ReadCloser
	ctx   context.Context
	meter *meter
}

func (b *meteredBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	b.meter.count(n)
	if err != nil && err != io.EOF {
		if cause := context.Cause(b.ctx); errors.Is(cause, errTimeout) || errors.Is(cause, errTrickle) {
			err = cause
		}
	}
	return n, err
}

func (b *meteredBody) Close() error {
	err := b.ReadCloser.Close()
	b.meter.end(nil)
	return err
}
