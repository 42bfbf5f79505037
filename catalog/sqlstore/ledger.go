package sqlstore

import (
	"context"
	"fmt"
	"time"

	"ctiphub/catalog"
)

// ledgerDays is how long the ledger is kept.
const ledgerDays = 400

// AddLedger adds to what is known of days and hosts, and forgets what is old.
func (s *Store) AddLedger(ctx context.Context, list []catalog.LedgerRow) error {
	if len(list) == 0 {
		return nil
	}
	text, err := queryText("add_ledger")
	if err != nil {
		return err
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("adding to the ledger: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	newest := time.Time{}
	for _, l := range list {
		_, err := tx.ExecContext(ctx, text, l.Source, millis(l.Day), l.Host, l.Requests, l.Bytes, l.NotModified, l.Throttled, l.Errors, l.Blocked,
			l.RobotsAllowed, l.RobotsRefused, l.CrawlDelay.Milliseconds(), l.Slowest.Milliseconds(), l.Waited.Milliseconds(), l.Served.Milliseconds(), l.Limit)
		if err != nil {
			return fmt.Errorf("adding to the ledger: %w", err)
		}
		if l.Day.After(newest) {
			newest = l.Day
		}
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM ledger WHERE day < $1`, millis(newest.AddDate(0, 0, -ledgerDays))); err != nil {
		return fmt.Errorf("forgetting old days of the ledger: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("adding to the ledger: %w", err)
	}
	return nil
}

// Ledger returns the rows of a source since a day, newest first, then by host.
func (s *Store) Ledger(ctx context.Context, source string, since time.Time) ([]catalog.LedgerRow, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT day, host, requests, bytes, not_modified, throttled, errors, blocked, robots_allowed, robots_refused,
		crawl_delay, slowest, waited, served, bound FROM ledger WHERE source = $1 AND day >= $2 ORDER BY day DESC, host`, source, millis(since))
	if err != nil {
		return nil, fmt.Errorf("reading the ledger: %w", err)
	}
	defer rows.Close()
	var list []catalog.LedgerRow
	for rows.Next() {
		l := catalog.LedgerRow{Source: source}
		var day, delay, slowest, waited, served int64
		if err := rows.Scan(&day, &l.Host, &l.Requests, &l.Bytes, &l.NotModified, &l.Throttled, &l.Errors, &l.Blocked, &l.RobotsAllowed, &l.RobotsRefused,
			&delay, &slowest, &waited, &served, &l.Limit); err != nil {
			return nil, fmt.Errorf("reading the ledger: %w", err)
		}
		l.Day = fromMillis(day)
		for dst, ms := range map[*time.Duration]int64{&l.CrawlDelay: delay, &l.Slowest: slowest, &l.Waited: waited, &l.Served: served} {
			*dst = time.Duration(ms) * time.Millisecond
		}
		list = append(list, l)
	}
	return list, rows.Err()
}

// Subscriptions returns all WebSub subscriptions.
func (s *Store) Subscriptions(ctx context.Context) ([]catalog.Subscription, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT source, topic, hub, token, secret, state, asked, expires FROM subscription ORDER BY source, topic`)
	if err != nil {
		return nil, fmt.Errorf("reading the subscriptions: %w", err)
	}
	defer rows.Close()
	var list []catalog.Subscription
	for rows.Next() {
		var sub catalog.Subscription
		var asked, expires int64
		if err := rows.Scan(&sub.Source, &sub.Topic, &sub.Hub, &sub.Token, &sub.Secret, &sub.State, &asked, &expires); err != nil {
			return nil, fmt.Errorf("reading the subscriptions: %w", err)
		}
		sub.Asked, sub.Expires = fromMillis(asked), fromMillis(expires)
		list = append(list, sub)
	}
	return list, rows.Err()
}

// PutSubscription adds or replaces the subscription of a source to a topic.
func (s *Store) PutSubscription(ctx context.Context, sub catalog.Subscription) error {
	text, err := queryText("put_subscription")
	if err == nil {
		_, err = s.write.ExecContext(ctx, text, sub.Source, sub.Topic, sub.Hub, sub.Token, sub.Secret, sub.State, millis(sub.Asked), millis(sub.Expires))
	}
	if err != nil {
		return fmt.Errorf("keeping the subscription of %s: %w", sub.Source, err)
	}
	return nil
}
