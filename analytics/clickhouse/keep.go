package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ctiphub/analytics"
)

// Verify holds the rollups of a month against its events, with their sums and crowds.
func (s *Store) Verify(ctx context.Context, month analytics.Day) (analytics.Verification, error) {
	v := analytics.Verification{Month: month}
	var n uint64
	err := s.read.QueryRow(ctx, "SELECT count() FROM "+s.all("usage_events")+" WHERE toStartOfMonth(day) = ?", month.String()).Scan(&n)
	if err != nil {
		return v, fmt.Errorf("verifying the usage of %s: %w", month, err)
	}
	if n == 0 {
		return v, analytics.ErrNoEvents
	}
	v.Events = int64(n)
	for _, c := range analytics.Rollups() {
		d, err := s.compare(ctx, c, month)
		if err != nil {
			return v, fmt.Errorf("verifying the usage of %s: %w", month, err)
		}
		v.Differ = append(v.Differ, d...)
	}
	return v, nil
}

// compare returns where a rollup and the events disagree. A batch whose views did not run on one
// server of a cluster shows on that one, so that servers need not be asked one by one.
func (s *Store) compare(ctx context.Context, c analytics.Cube, month analytics.Day) ([]analytics.Difference, error) {
	r := rollups[c]
	names := append(slices.Collect(func(yield func(string) bool) {
		for _, c := range r.sums {
			if !yield(c.name) {
				return
			}
		}
	}), "crowd")
	holds, err := s.numbers(ctx, r.totals(s.all(r.table), false), month, len(names))
	if err != nil {
		return nil, err
	}
	wants, err := s.numbers(ctx, r.totals(s.all("usage_events"), true), month, len(names))
	if err != nil {
		return nil, err
	}
	var list []analytics.Difference
	for i, name := range names {
		if holds[i] != wants[i] {
			list = append(list, analytics.Difference{Cube: c, What: name, Holds: holds[i], Wants: wants[i]})
		}
	}
	return list, nil
}

// numbers reads one row.
func (s *Store) numbers(ctx context.Context, query string, month analytics.Day, n int) ([]int64, error) {
	values, to := make([]int64, n), make([]any, n)
	for i := range values {
		to[i] = &values[i]
	}
	return values, s.read.QueryRow(ctx, query, month.String()).Scan(to...)
}

// Rebuild makes the rollups of a month anew from its events, on each shard, and keeps what was
// copied from another store. Events that come in meanwhile may be missed: verify, and rebuild
// again.
func (s *Store) Rebuild(ctx context.Context, month analytics.Day) error {
	for _, hosts := range s.hosts {
		err := s.alone(hosts, func(conn driver.Conn) error {
			for _, c := range analytics.Rollups() {
				r := rollups[c]
				err := s.replace(ctx, conn, r, month,
					r.fromEvents(s.table("usage_events"), " AND toStartOfMonth(day) = '"+month.String()+"'"),
					"SELECT * FROM "+s.table(r.table)+" WHERE origin = 1 AND month = '"+month.String()+"'")
				if err != nil {
					return fmt.Errorf("rollup %s: %w", c, err)
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("rebuilding the usage of %s: %w", month, err)
		}
	}
	return nil
}

// alone opens one connection: tables on the way are there on one server only.
func (s *Store) alone(hosts []string, do func(driver.Conn) error) error {
	conn, err := s.connect(hosts, 1)
	if err != nil {
		return err
	}
	return errors.Join(do(conn), conn.Close())
}

// replace puts what queries select into the place of a month of a rollup, at once.
func (s *Store) replace(ctx context.Context, conn driver.Conn, r rollup, month analytics.Day, queries ...string) error {
	staging := s.table(r.table + "_staging")
	steps := []string{
		"DROP TABLE IF EXISTS " + staging,
		"CREATE TABLE " + staging + " (" + r.columns() + ") ENGINE = AggregatingMergeTree() PARTITION BY " + r.partition() + " ORDER BY " + r.order(),
	}
	for _, q := range queries {
		steps = append(steps, "INSERT INTO "+staging+" "+q)
	}
	steps = append(steps,
		"ALTER TABLE "+s.table(r.table)+" REPLACE PARTITION "+partition(month)+" FROM "+staging,
		"DROP TABLE "+staging)
	for _, q := range steps {
		if err := conn.Exec(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// partition is the name of a month's.
func partition(month analytics.Day) string { return month.Time().Format("200601") }

// Import puts leaves of another store into the place of those that were imported before, by month
// and cube. What came from events stays.
func (s *Store) Import(ctx context.Context, month analytics.Day, leaves map[analytics.Cube][]analytics.Leaf) error {
	err := s.alone(s.hosts[0], func(conn driver.Conn) error {
		for _, c := range analytics.Rollups() {
			if err := s.importCube(ctx, conn, rollups[c], month, leaves[c]); err != nil {
				return fmt.Errorf("rollup %s: %w", c, err)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("copying the usage of %s: %w", month, err)
	}
	return nil
}

func (s *Store) importCube(ctx context.Context, conn driver.Conn, r rollup, month analytics.Day, leaves []analytics.Leaf) error {
	plain := s.table(r.table + "_copied")
	for _, q := range []string{"DROP TABLE IF EXISTS " + plain, "CREATE TABLE " + plain + " (" + r.plain() + ") ENGINE = Memory"} {
		if err := conn.Exec(ctx, q); err != nil {
			return err
		}
	}
	var columns []string
	for _, c := range append(slices.Clone(r.keys), r.sums...) {
		columns = append(columns, c.name)
	}
	err := insert(s.writing(ctx), conn, plain, append(columns, crowd), func(put func(...any) error) error {
		for _, l := range leaves {
			if err := put(values(r.targets(&l))...); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = s.replace(ctx, conn, r, month, r.fromPlain(plain), "SELECT * FROM "+s.table(r.table)+" WHERE origin = 0 AND month = '"+month.String()+"'")
	return errors.Join(err, conn.Exec(ctx, "DROP TABLE "+plain))
}

// values are what fields hold, as their columns want it.
func values(fields []any) []any {
	for i, v := range fields {
		switch v := v.(type) {
		case *analytics.Day:
			fields[i] = v.Time()
		case *string:
			fields[i] = *v
		case *uint8:
			fields[i] = *v
		case *uint32:
			fields[i] = *v
		case *int64:
			fields[i] = uint64(*v)
		}
	}
	return fields
}

// Prune drops whole months that are too old, and releases that others took the place of.
func (s *Store) Prune(ctx context.Context, today analytics.Day, r analytics.Retention) error {
	events, terms, all := r.Before(today)
	for table, before := range map[string]analytics.Day{
		"usage_events": events, rollups[analytics.CubeTerm].table: terms, "usage_cell": all,
		rollups[analytics.CubeSite].table: all, rollups[analytics.CubeArea].table: all, rollups[analytics.CubeRecord].table: all, rollups[analytics.CubeExport].table: all,
	} {
		if err := s.dropBefore(ctx, table, before); err != nil {
			return fmt.Errorf("deleting old usage from %s: %w", table, err)
		}
	}
	if err := s.forget(ctx, terms); err != nil {
		return fmt.Errorf("deleting old usage: %w", err)
	}
	return nil
}

// dropBefore drops the months of a table before one, on each shard.
func (s *Store) dropBefore(ctx context.Context, table string, before analytics.Day) error {
	for _, conn := range s.shards {
		rows, err := conn.Query(ctx, "SELECT DISTINCT partition FROM system.parts WHERE database = ? AND table = ? AND active AND partition < ?", s.database, table, partition(before))
		if err != nil {
			return err
		}
		var months []string
		for rows.Next() {
			var m string
			if err := rows.Scan(&m); err != nil {
				rows.Close()
				return err
			}
			if _, err := strconv.Atoi(m); err == nil {
				months = append(months, m)
			}
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
		for _, m := range months {
			if err := conn.Exec(ctx, "ALTER TABLE "+s.table(table)+" DROP PARTITION "+m); err != nil {
				return err
			}
		}
	}
	return nil
}

// forget deletes cells of words that are too old, and superseded releases.
func (s *Store) forget(ctx context.Context, terms analytics.Day) error {
	old, err := s.superseded(ctx)
	if err != nil {
		return err
	}
	gone, err := s.latest(ctx, analytics.CubeTerm, 0, terms)
	if err != nil {
		return err
	}
	for part := range slices.Chunk(append(old, gone...), 500) {
		if err := s.shards[0].Exec(ctx, "ALTER TABLE "+s.table("usage_cell")+" DELETE WHERE release IN ("+numbers(part)+")"); err != nil {
			return err
		}
	}
	return nil
}

// Status says what the server is and holds; of a cluster, one replica of each shard.
func (s *Store) Status(ctx context.Context) (analytics.StoreStatus, error) {
	st := analytics.StoreStatus{Engine: "ClickHouse " + s.server.String(), Rows: map[string]int64{}}
	if s.cluster != "" {
		st.Engine += fmt.Sprintf(", cluster %s of %d shards", s.cluster, len(s.shards))
	}
	for _, conn := range s.shards {
		rows, err := conn.Query(ctx, "SELECT table, toInt64(sum(rows)), toInt64(sum(bytes_on_disk)) FROM system.parts WHERE database = ? AND active GROUP BY table", s.database)
		if err != nil {
			return st, fmt.Errorf("asking for the state of the usage store: %w", err)
		}
		for rows.Next() {
			var table string
			var n, bytes int64
			if err := rows.Scan(&table, &n, &bytes); err != nil {
				rows.Close()
				return st, fmt.Errorf("asking for the state of the usage store: %w", err)
			}
			st.Rows[table] += n
			st.Bytes += bytes
		}
		rows.Close()
		if err := rows.Err(); err != nil {
			return st, fmt.Errorf("asking for the state of the usage store: %w", err)
		}
	}
	st.Events = st.Rows["usage_events"]
	return st, nil
}
