package sqlstore

import (
	"context"
	"fmt"

	"ctiphub/catalog"
)

const modeColumns = `source, mode, since, who, why, loss_percent`

func scanMode(scan func(...any) error) (m catalog.SourceMode, err error) {
	var since int64
	err = scan(&m.Source, &m.Mode, &since, &m.Who, &m.Why, &m.LossPercent)
	m.Since = fromMillis(since)
	return m, err
}

// Modes returns the sources that have a mode of their own.
func (s *Store) Modes(ctx context.Context) (map[string]catalog.SourceMode, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+modeColumns+` FROM source_mode`)
	if err != nil {
		return nil, fmt.Errorf("reading the modes of the sources: %w", err)
	}
	defer rows.Close()
	modes := map[string]catalog.SourceMode{}
	for rows.Next() {
		m, err := scanMode(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("reading the modes of the sources: %w", err)
		}
		modes[m.Source] = m
	}
	return modes, rows.Err()
}

func (c *commit) setMode(ctx context.Context, m catalog.SourceMode) error {
	text, err := queryText("put_mode")
	if err != nil {
		return err
	}
	_, err = c.tx.ExecContext(ctx, text, m.Source, string(m.Mode), millis(m.Since), m.Who, m.Why, m.LossPercent)
	return err
}

// SetMode sets what is done with a source. A purge works in blocks behind the mode: when it
// is interrupted, no harvest comes in between, and setting the mode again goes on. A limit
// that a curator raised stays unless another one is given.
func (s *Store) SetMode(ctx context.Context, m catalog.SourceMode) (e catalog.Effect, err error) {
	switch m.Mode {
	case catalog.Active, catalog.Paused, catalog.Retired, catalog.Purged:
	default:
		return e, fmt.Errorf("setting the mode of %s: there is no mode %q", m.Source, m.Mode)
	}
	err = s.change(ctx, m.Since, func(c *commit) error {
		if m.LossPercent == 0 {
			err := c.tx.QueryRowContext(ctx, `SELECT loss_percent FROM source_mode WHERE source = $1`, m.Source).Scan(&m.LossPercent)
			if err != nil && !none(err) {
				return err
			}
		}
		return c.setMode(ctx, m)
	})
	if err == nil && m.Mode == catalog.Purged {
		err = s.purge(ctx, m, &e)
	}
	if err != nil {
		return e, fmt.Errorf("setting the mode of %s: %w", m.Source, err)
	}
	return e, nil
}

// purge withdraws everything of a source and forgets what was kept of it.
func (s *Store) purge(ctx context.Context, m catalog.SourceMode, e *catalog.Effect) error {
	for more := true; more; {
		err := s.change(ctx, m.Since, func(c *commit) error {
			c.source = m.Source
			n, withdrawn, err := c.buryBlock(ctx, `source = $1`, m.Source)
			e.Withdrawn += withdrawn
			more = n == undoBlock
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.change(ctx, m.Since, func(c *commit) error {
		for _, table := range []string{"validator", "undo"} {
			if _, err := c.tx.ExecContext(ctx, `DELETE FROM `+table+` WHERE source = $1`, m.Source); err != nil {
				return err
			}
		}
		// A harvest after the source was resumed begins from nothing.
		_, err := c.tx.ExecContext(ctx, `UPDATE run SET end_cursor = '', cursor = '' WHERE source = $1 AND ended > 0`, m.Source)
		return err
	})
}
