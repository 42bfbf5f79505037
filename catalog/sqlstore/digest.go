package sqlstore

import (
	"context"
	"encoding/hex"
	"fmt"

	"ctiphub/catalog"
	"ctiphub/record"
)

// putTallies adds what the commit counted to the counts of the sources.
func (c *commit) putTallies(ctx context.Context) error {
	for source, t := range c.tallies {
		if *t == (tally{}) {
			continue
		}
		var text string
		err := c.tx.QueryRowContext(ctx, `SELECT digest FROM tally WHERE source = $1`, source).Scan(&text)
		if err != nil && !none(err) {
			return err
		}
		had, err := readSum(text)
		if err != nil {
			return fmt.Errorf("the digest of %s: %w", source, err)
		}
		sum := record.XOR(had, t.digest)
		if _, err := c.stmt(ctx, c.s.q.putTally).ExecContext(ctx, source, t.live, t.held, t.deleted, hex.EncodeToString(sum[:])); err != nil {
			return err
		}
	}
	return nil
}

// readSum reads a digest as it is stored; none is that of no entries.
func readSum(text string) (sum [32]byte, err error) {
	if text == "" {
		return sum, nil
	}
	b, err := hex.DecodeString(text)
	if err == nil && len(b) != len(sum) {
		err = fmt.Errorf("%d bytes instead of %d", len(b), len(sum))
	}
	copy(sum[:], b)
	return sum, err
}

// Digests returns the digests of the sources: one statement, so that all are of one moment.
func (s *Store) Digests(ctx context.Context) (d catalog.Digests, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT value, coalesce(t.source, ''), coalesce(t.live, 0), coalesce(t.deleted, 0), coalesce(t.digest, '') FROM counter LEFT JOIN tally t ON t.live + t.deleted > 0 WHERE name = 'seq' ORDER BY t.source`)
	if err != nil {
		return d, fmt.Errorf("reading the digests: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var one catalog.Digest
		var text string
		if err := rows.Scan(&d.Seq, &one.Source, &one.Live, &one.Deleted, &text); err != nil {
			return d, fmt.Errorf("reading the digests: %w", err)
		}
		if one.Source == "" {
			continue // nothing was published yet
		}
		if one.Sum, err = readSum(text); err != nil {
			return d, fmt.Errorf("reading the digest of %s: %w", one.Source, err)
		}
		d.Sources = append(d.Sources, one)
	}
	return d, rows.Err()
}

// sums adds up the digests of all sources from the records.
func (s *Store) sums(ctx context.Context, q querier) (map[string][32]byte, error) {
	rows, err := q.QueryContext(ctx, `SELECT source, id, seq, visible FROM record WHERE visible > 0`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string][32]byte{}
	for rows.Next() {
		var source string
		var id record.ID
		var seq int64
		var visible int
		if err := rows.Scan(&source, &id, &seq, &visible); err != nil {
			return nil, err
		}
		all[source] = record.XOR(all[source], record.EntryDigest(id, seq, visible == tombstone))
	}
	return all, rows.Err()
}

// fillDigests adds up the digests of a catalogue that was made before there were any.
func (s *Store) fillDigests(ctx context.Context) error {
	var missing bool
	if err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM tally WHERE digest = '')`).Scan(&missing); err != nil || !missing {
		return err
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // does nothing after the commit
	all, err := s.sums(ctx, tx)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE tally SET digest = $1`, hex.EncodeToString(make([]byte, 32))); err != nil {
		return err
	}
	for source, sum := range all {
		if _, err := tx.ExecContext(ctx, `UPDATE tally SET digest = $2 WHERE source = $1`, source, hex.EncodeToString(sum[:])); err != nil {
			return err
		}
	}
	return tx.Commit()
}
