package sqlstore

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"ctiphub/catalog"
)

// facetOf maps the schemes whose concepts are facets to these.
var facetOf = map[string]catalog.Facet{
	"country": catalog.FacetCountry, "theme": catalog.FacetTheme, "type": catalog.FacetType, "language": catalog.FacetLanguage, "audience": catalog.FacetAudience,
}

// Relabel compares the labels of concepts with those of the last time. Exports write labels
// out, so that the records whose concepts are called otherwise now have changed for those who
// harvest them: they move in the change log. labels are by "scheme/id".
func (s *Store) Relabel(ctx context.Context, now time.Time, labels map[string]string) (moved int, err error) {
	had, err := s.labels(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading labels: %w", err)
	}
	if maps.Equal(had, labels) {
		return 0, nil
	}
	if len(had) > 0 { // else nothing was ever served under other ones
		for _, key := range slices.Sorted(maps.Keys(labels)) {
			if had[key] == labels[key] {
				continue
			}
			n, err := s.announce(ctx, now, key)
			if moved += n; err != nil {
				return moved, fmt.Errorf("announcing the new label of %s: %w", key, err)
			}
		}
	}
	err = s.change(ctx, now, func(c *commit) error {
		if _, err := c.tx.ExecContext(ctx, `DELETE FROM label`); err != nil {
			return err
		}
		var args []any
		for _, key := range slices.Sorted(maps.Keys(labels)) {
			args = append(args, key, labels[key])
		}
		return c.insert(ctx, nil, `label (concept, label)`, 2, args)
	})
	if err != nil {
		return moved, fmt.Errorf("keeping labels: %w", err)
	}
	return moved, nil
}

func (s *Store) labels(ctx context.Context) (map[string]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT concept, label FROM label`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]string{}
	for rows.Next() {
		var key, label string
		if err := rows.Scan(&key, &label); err != nil {
			return nil, err
		}
		all[key] = label
	}
	return all, rows.Err()
}

// announce moves every live record with a concept to the end of the change log, in blocks.
func (s *Store) announce(ctx context.Context, now time.Time, key string) (moved int, err error) {
	scheme, id, _ := strings.Cut(key, "/")
	named := []byte(`"ID":"` + id + `"`)
	where, args := `num > $1`, []any{nil}
	if f, ok := facetOf[scheme]; ok {
		where, args = where+` AND ' ' || facets || ' ' LIKE $2`, append(args, "% "+facetToken(f, id)+" %")
	}
	for after, more := int64(0), true; more; {
		err := s.change(ctx, now, func(c *commit) error {
			args[0] = after
			list, err := c.storedBlock(ctx, where, rebuildBlock, args...)
			if err != nil {
				return err
			}
			for i := range list {
				after = list[i].row.num
				if !bytes.Contains(list[i].doc, named) && scheme != "language" {
					continue
				}
				if err := c.rebuildRecord(ctx, &list[i], true); err != nil {
					return err
				}
				moved++
			}
			more = len(list) == rebuildBlock
			return nil
		})
		if err != nil {
			return moved, err
		}
	}
	return moved, nil
}
