package clickhouse

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ctiphub/analytics"
)

// migration is one step of the schema. Each statement can be run again; those of a cluster run on
// all of its servers. ${DB}, ${ONCL} and ${E:engine:table[:arguments]} are filled in.
type migration struct {
	version    uint32
	name       string
	statements []string
}

// ledger is the table of the migrations that were applied. (ADD COLUMN IF NOT EXISTS is a syntax
// error for servers of 2018.)
const ledger = "CREATE TABLE IF NOT EXISTS ${DB}.usage_schema ${ONCL} (version UInt32, name String, applied DateTime) ENGINE = ${E:MergeTree:usage_schema} ORDER BY (version)"

// migrations are all steps, in order. What was released is never changed: a new step is added.
func migrations() []migration {
	return []migration{{1, "events, rollups and released cells", slices.Concat(
		[]string{
			`CREATE TABLE IF NOT EXISTS ${DB}.usage_events ${ONCL} (
  day Date, hour UInt8, kind String, channel String,
  record String, source String, publisher String, type String, language String,
  countries Array(String), themes Array(String), term String, results UInt32, zero UInt8,
  consumer String, format String, amount UInt32,
  unique_investigation UInt8, unique_request UInt8, new_visitor UInt8, deal UInt32, crowd UInt32,
  batch_id UInt64, row_no UInt32
) ENGINE = ${E:MergeTree:usage_events} PARTITION BY toYYYYMM(day) ORDER BY (kind, day, source, record)`,
			// A release is one block with a row about itself, and so is there whole or not at all.
			`CREATE TABLE IF NOT EXISTS ${DB}.usage_cell ${ONCL} (
  release UInt64, released_unit Date, view String, unit Date, a String, b String, c String, metric String,
  n Int64, uniq Int64, people Int64
) ENGINE = ${E:MergeTree:usage_cell} PARTITION BY toYYYYMM(released_unit) ORDER BY (view, unit, release, a, b, c, metric)`,
		}, rollupTables(), distributed("usage_events", "usage_cell"))}}
}

// rollupTables are the tables of the cubes, and the views that fill them when events come in.
func rollupTables() []string {
	var list []string
	for _, c := range analytics.Rollups() {
		r := rollups[c]
		list = append(list,
			"CREATE TABLE IF NOT EXISTS ${DB}."+r.table+" ${ONCL} ("+r.columns()+") ENGINE = ${E:AggregatingMergeTree:"+r.table+"} PARTITION BY "+r.partition()+" ORDER BY "+r.order(),
			"CREATE MATERIALIZED VIEW IF NOT EXISTS ${DB}."+r.table+"_view ${ONCL} TO ${DB}."+r.table+" AS "+r.fromEvents("${DB}.usage_events", ""))
		list = append(list, distributed(r.table)...)
	}
	return list
}

// distributed are the tables by which a cluster is read.
func distributed(tables ...string) []string {
	var list []string
	for _, t := range tables {
		list = append(list, "${ALL}CREATE TABLE IF NOT EXISTS ${DB}."+t+"_all ${ONCL} AS ${DB}."+t+" ENGINE = Distributed(${CLUSTER}, ${DB}, "+t+", rand())")
	}
	return list
}

// migrate brings the tables up to date. A cluster runs DDL only when all of its servers are there,
// so that nothing is run that was run before.
func (s *Store) migrate(ctx context.Context) error {
	done, err := s.applied(ctx)
	if err != nil { // there is no ledger yet
		for _, q := range append([]string{"CREATE DATABASE IF NOT EXISTS ${DB} ${ONCL}", ledger}, distributed("usage_schema")...) {
			if err := s.ddl(ctx, q); err != nil {
				return err
			}
		}
		if done, err = s.applied(ctx); err != nil {
			return err
		}
	}
	for _, m := range migrations() {
		if slices.ContainsFunc(done, func(a applied) bool { return a.version == m.version }) {
			continue
		}
		for _, q := range m.statements {
			if err := s.ddl(ctx, q); err != nil {
				return fmt.Errorf("migration %d: %w", m.version, err)
			}
		}
		if err := s.note(ctx, m.version, m.name); err != nil {
			return fmt.Errorf("migration %d: %w", m.version, err)
		}
	}
	return s.republish(ctx, done)
}

// republish makes the views for dashboards of others when they are not those of this hub.
func (s *Store) republish(ctx context.Context, done []applied) error {
	name := fmt.Sprintf("views %d of a crowd of %d", publicVersion, s.crowd)
	last := ""
	for _, a := range done {
		if a.version == viewsVersion {
			last = a.name
		}
	}
	if last == name {
		return nil
	}
	if err := s.publish(ctx); err != nil {
		return err
	}
	return s.note(ctx, viewsVersion, name)
}

// viewsVersion is the version of rows of the ledger about views; publicVersion is counted up when
// the views change.
const (
	viewsVersion  = 0
	publicVersion = 1
)

// applied is a row of the ledger.
type applied struct {
	version uint32
	name    string
}

func (s *Store) note(ctx context.Context, version uint32, name string) error {
	return insert(s.writing(ctx), s.shards[0], s.table("usage_schema"), []string{"version", "name", "applied"}, func(put func(...any) error) error {
		return put(version, name, time.Now().UTC())
	})
}

// applied returns the rows of the ledger, the oldest first.
func (s *Store) applied(ctx context.Context) ([]applied, error) {
	rows, err := s.read.Query(ctx, "SELECT version, name FROM "+s.all("usage_schema")+" ORDER BY applied")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []applied
	for rows.Next() {
		var a applied
		if err := rows.Scan(&a.version, &a.name); err != nil {
			return nil, err
		}
		list = append(list, a)
	}
	return list, rows.Err()
}

// ddl runs one statement of the schema.
func (s *Store) ddl(ctx context.Context, query string) error {
	rest, cluster := strings.CutPrefix(query, "${ALL}")
	if cluster && s.cluster == "" {
		return nil
	}
	query = s.fill(rest)
	if err := s.read.Exec(ctx, query); err != nil {
		first, _, _ := strings.Cut(query, "(")
		return fmt.Errorf("%s: %w", strings.TrimSpace(first), err)
	}
	return nil
}

// fill fills in what differs between one server and a cluster.
func (s *Store) fill(query string) string {
	var onCluster string
	if s.cluster != "" {
		onCluster = "ON CLUSTER " + s.cluster
	}
	query = strings.NewReplacer("${DB}", s.database, "${ONCL}", onCluster, "${CLUSTER}", s.cluster).Replace(query)
	before, rest, ok := strings.Cut(query, "${E:")
	if !ok {
		return query
	}
	engine, after, _ := strings.Cut(rest, "}")
	kind, table, _ := strings.Cut(engine, ":")
	if s.cluster == "" {
		return before + kind + "()" + after
	}
	return before + fmt.Sprintf("Replicated%s('/clickhouse/tables/{shard}/%s/%s', '{replica}')", kind, s.database, table) + after
}

// publish makes the views that dashboards of others read, in a database of their own: they show
// what the pages of the hub show.
func (s *Store) publish(ctx context.Context) error {
	if err := s.ddl(ctx, "CREATE DATABASE IF NOT EXISTS ${DB}_public ${ONCL}"); err != nil {
		return err
	}
	global := ""
	if s.cluster != "" {
		global = "GLOBAL "
	}
	definer := ""
	if s.server.atLeast(24, 2) { // before, whoever reads a view has to have the right to read its tables
		definer = "DEFINER = CURRENT_USER SQL SECURITY DEFINER "
	}
	for _, v := range public {
		if err := s.ddl(ctx, "DROP TABLE IF EXISTS ${DB}_public."+v.name+" ${ONCL}"); err != nil {
			return err
		}
		query := fmt.Sprintf("CREATE VIEW ${DB}_public.%s ${ONCL} %sAS SELECT %s FROM %s WHERE view = '%s' AND (people >= %d OR (view = 'export' AND a != '')) AND release %sIN (SELECT max(release) FROM %s WHERE view = 'release' GROUP BY a, unit)",
			v.name, definer, v.columns, s.all("usage_cell"), v.view, s.crowd, global, s.all("usage_cell"))
		if err := s.ddl(ctx, query); err != nil {
			return err
		}
	}
	return nil
}

// public are the views for dashboards of others.
var public = []struct {
	name, columns string
	view          analytics.View
}{
	{"site_day", "unit AS day, a AS channel, metric, n", analytics.ViewDay},
	{"rhythm_week", "unit AS week, toUInt8(a) AS weekday, toUInt8(b) AS hour, n AS intensity", analytics.ViewRhythm},
	{"area_week", "unit AS week, a AS country, b AS theme, metric, n", analytics.ViewArea},
	{"term_week", "unit AS week, a AS term, metric, n", analytics.ViewTerm},
	{"record_month", "unit AS month, a AS record, b AS source, c AS publisher, metric, n, uniq", analytics.ViewRecord},
	{"source_month", "unit AS month, a AS source, metric, n, uniq", analytics.ViewSource},
	{"publisher_month", "unit AS month, a AS publisher, metric, n, uniq", analytics.ViewPublisher},
	{"kind_month", "unit AS month, a AS type, b AS language, metric, n, uniq", analytics.ViewKind},
	{"item_area_month", "unit AS month, a AS country, b AS theme, metric, n, uniq", analytics.ViewItemArea},
	{"export_week", "unit AS week, a AS consumer, b AS channel, c AS format, metric, n", analytics.ViewExport},
}
