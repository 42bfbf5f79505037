package websub

import (
	"context"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"ctiphub/catalog"
	"ctiphub/internal/fetch"
)

// When a WebSub hub is asked, and asked again.
const (
	leaseWanted = 10 * 24 * time.Hour
	renewPart   = 10               // of the lease is left when it is renewed
	renewLeast  = 10 * time.Minute // between two requests, when the lease allows it
	renewStep   = time.Minute      // in any case
	askAgain    = 24 * time.Hour   // when nothing came of a request
	refusedRest = 7 * 24 * time.Hour
	lookMost    = time.Hour
	retryWait   = 10 * time.Minute // when the catalogue does not answer
)

// Run asks for subscriptions, renews them and ends those of sources that are gone, until
// the context ends.
func (s *Subscriber) Run(ctx context.Context) {
	for ctx.Err() == nil {
		wait, err := s.Round(ctx)
		if err != nil && ctx.Err() == nil {
			s.o.Logger.Warn("keeping the WebSub subscriptions failed", "error", err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-s.kick:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// Round asks for what is due now and returns how long nothing will be.
func (s *Subscriber) Round(ctx context.Context) (time.Duration, error) {
	all, err := s.o.Store.Subscriptions(ctx)
	if err != nil {
		return retryWait, fmt.Errorf("reading the subscriptions: %w", err)
	}
	busy := false
	for _, sub := range all {
		mode, at := s.due(sub)
		if mode == "" || at.After(s.o.Now()) {
			continue
		}
		if err := s.ask(ctx, sub, mode); err != nil {
			return retryWait, err
		}
		busy = true
	}
	if busy {
		if all, err = s.o.Store.Subscriptions(ctx); err != nil {
			return retryWait, fmt.Errorf("reading the subscriptions: %w", err)
		}
	}
	wait := lookMost
	for _, sub := range all {
		if mode, at := s.due(sub); mode != "" {
			wait = min(wait, max(at.Sub(s.o.Now()), renewStep))
		}
	}
	return wait, nil
}

// due says what has to be asked of a subscription's WebSub hub, and when; "" for nothing.
func (s *Subscriber) due(sub catalog.Subscription) (mode string, at time.Time) {
	known := s.o.Known(sub.Source)
	switch {
	case sub.State == active && !known:
		return "unsubscribe", sub.Asked
	case !known:
		return "", time.Time{}
	case sub.State == asked && sub.Asked.IsZero():
		return "subscribe", sub.Asked
	case sub.State == asked:
		return "subscribe", sub.Asked.Add(askAgain)
	case sub.State == active:
		return "subscribe", renewAt(sub)
	}
	return "", time.Time{}
}

// renewAt is when a lease is renewed: with a tenth of it left, and when nothing comes of
// that, with a tenth of the rest, and so on. One that is over is asked for daily.
func renewAt(sub catalog.Subscription) time.Time {
	lease := sub.Expires.Sub(sub.Asked)
	if lease <= 0 {
		return sub.Asked.Add(askAgain)
	}
	at, least := sub.Expires.Add(-lease/renewPart), sub.Asked.Add(max(min(lease/2, renewLeast), renewStep))
	if at.Before(least) {
		return least
	}
	return at
}

// ask sends one request to a WebSub hub. What goes wrong there is told and tried again
// later; the error is for what went wrong here.
func (s *Subscriber) ask(ctx context.Context, sub catalog.Subscription, mode string) error {
	// The date is kept first: a WebSub hub may come back to us before it answers, and one
	// that fails must not be asked without a pause.
	if err := s.change(ctx, sub.Token, func(sub *catalog.Subscription) {
		sub.Asked = s.o.Now()
		if mode == "unsubscribe" {
			sub.State = left
		}
	}); err != nil {
		return err
	}
	form := url.Values{
		"hub.mode": {mode}, "hub.topic": {sub.Topic}, "hub.callback": {s.o.BaseURL + Path + sub.Token},
	}
	if mode == "subscribe" {
		form.Set("hub.lease_seconds", strconv.Itoa(int(leaseWanted/time.Second)))
		if sub.Secret != "" {
			form.Set("hub.secret", sub.Secret)
		}
	}
	s.metrics.WithLabelValues(mode).Inc()
	_, err := s.o.Get.Get(ctx, fetch.Request{
		URL: sub.Hub, Method: "POST", Body: []byte(form.Encode()), Type: "application/x-www-form-urlencoded", Account: sub.Source,
	})
	if err != nil && ctx.Err() == nil {
		s.metrics.WithLabelValues("failed").Inc()
		s.o.Logger.Warn("a WebSub hub did not take a request", "source", sub.Source, "mode", mode, "error", err)
	}
	return nil
}

// change reads, changes and stores one subscription.
func (s *Subscriber) change(ctx context.Context, token string, f func(*catalog.Subscription)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub, ok, err := s.find(ctx, token)
	if err != nil || !ok {
		return err
	}
	f(&sub)
	if err := s.o.Store.PutSubscription(ctx, sub); err != nil {
		return fmt.Errorf("storing the subscription of %s: %w", sub.Source, err)
	}
	return nil
}
