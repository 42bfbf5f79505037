package sqlstore

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

const headsAll = `SELECT r.id, r.seq, r.stamp, r.visible, coalesce(c.kind, ''), coalesce(e.work, '') FROM record r
	LEFT JOIN change c ON c.seq = r.seq LEFT JOIN edition e ON e.num = r.num WHERE r.seq > $1 AND r.seq <= $2 AND r.visible > 0 ORDER BY r.seq LIMIT $3`

// Heads returns published entries without their records.
func (s *Store) Heads(ctx context.Context, r record.Range) ([]catalog.Head, error) {
	p, err := s.spanOf(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("listing the change log: %w", err)
	}
	if r.Limit <= 0 {
		r.Limit = defaultLimit
	}
	rows, err := s.read.QueryContext(ctx, headsAll, p.after, p.upto, r.Limit)
	if err != nil {
		return nil, fmt.Errorf("listing the change log: %w", err)
	}
	defer rows.Close()
	var list []catalog.Head
	for rows.Next() {
		var h catalog.Head
		var stamp int64
		var visible int
		var kind string
		if err := rows.Scan(&h.ID, &h.Seq, &stamp, &visible, &kind, &h.Work); err != nil {
			return nil, fmt.Errorf("listing the change log: %w", err)
		}
		h.Stamp, h.Deleted, h.New = time.Unix(stamp, 0).UTC(), visible == tombstone, kind == "new"
		list = append(list, h)
	}
	return list, rows.Err()
}

// worksAtOnce is how many works one query looks up.
const worksAtOnce = 500

// Alternates returns the live editions of works, with their languages as the facets have them.
func (s *Store) Alternates(ctx context.Context, works []record.ID) (map[record.ID][]catalog.Alternate, error) {
	all := map[record.ID][]catalog.Alternate{}
	for part := range slices.Chunk(works, worksAtOnce) {
		args := make([]any, len(part))
		for i, w := range part {
			args[i] = string(w)
		}
		if err := s.alternates(ctx, all, args); err != nil {
			return nil, fmt.Errorf("reading the editions of works: %w", err)
		}
	}
	return all, nil
}

func (s *Store) alternates(ctx context.Context, all map[record.ID][]catalog.Alternate, works []any) error {
	rows, err := s.read.QueryContext(ctx, `SELECT e.work, r.id, r.facets FROM edition e JOIN record r ON r.num = e.num WHERE e.work IN (`+placeholders(1, len(works))+`) AND r.visible = 1 ORDER BY e.work, r.id`, works...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var work, id record.ID
		var facets string
		if err := rows.Scan(&work, &id, &facets); err != nil {
			return err
		}
		e := catalog.Alternate{ID: id}
		for token := range strings.FieldsSeq(facets) {
			if strings.HasPrefix(token, string(catalog.FacetLanguage)+":") {
				e.Languages = append(e.Languages, readFacets(token)[catalog.FacetLanguage]...)
			}
		}
		all[work] = append(all[work], e)
	}
	return rows.Err()
}

const stampOf = `SELECT stamp FROM tick WHERE seq >= $1 ORDER BY seq LIMIT 1`

// StampOf returns when the change of a number became visible.
func (s *Store) StampOf(ctx context.Context, seq int64) (time.Time, error) {
	var stamp int64
	err := s.read.QueryRowContext(ctx, stampOf, seq).Scan(&stamp)
	if none(err) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, fmt.Errorf("looking up the date of a change: %w", err)
	}
	return time.Unix(stamp, 0).UTC(), nil
}
