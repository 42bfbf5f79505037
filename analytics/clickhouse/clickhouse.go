// Package clickhouse keeps usage in ClickHouse, on one server or a cluster of shards and replicas.
//
// In flow batches of events, out flow released cells, as analytics.Store promises. It stores the
// events of two months, which hold nothing of a reader, the rollups that materialized views make
// of them, and released cells. Its SQL is what both the server of 2018 that Debian has and those
// of today run. It must not know the rule by which cells are released.
package clickhouse

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/ClickHouse/clickhouse-go/v2/lib/driver"

	"ctiphub/analytics"
)

// Options say where the server is.
type Options struct {
	// DSN is clickhouse://host:9000/database, with more hosts after commas; secure=true for TLS.
	DSN string
	// User and Password win over those of the DSN.
	User, Password string
	CAFile         string // PEM; "": the system's
	Cluster        string // of the server's configuration; "": one server
	Crowd          int    // k of the views for dashboards of others
}

// Store is the usage of a hub in ClickHouse. It is safe for concurrent use.
type Store struct {
	read     driver.Conn
	shards   []driver.Conn // to write; each has all replicas of a shard
	options  *clickhouse.Options
	hosts    [][]string // of shards
	database string
	cluster  string
	crowd    int
	server   version
}

var _ analytics.Store = (*Store)(nil)

// plainName is what databases and clusters are named, as their names become part of statements.
var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,60}$`)

// Open connects, and brings the tables up to date.
func Open(ctx context.Context, o Options) (*Store, error) {
	opts, err := o.parse()
	if err != nil {
		return nil, err
	}
	s := &Store{options: opts, database: opts.Auth.Database, cluster: o.Cluster, crowd: o.Crowd}
	opts.Auth.Database = "default" // the hub's own is made by the first migration
	if err := s.open(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("opening the usage store at %v: %w", opts.Addr, err)
	}
	return s, nil
}

// Validate says what is wrong with the options.
func (o Options) Validate() error {
	_, err := o.parse()
	return err
}

// parse checks the options. Errors name no password.
func (o Options) parse() (*clickhouse.Options, error) {
	opts, err := clickhouse.ParseDSN(o.DSN)
	if err != nil {
		return nil, errors.New("the address of the usage store is not clickhouse://host:9000/database: check usage.clickhouse.dsn or HUB_USAGE_DSN")
	}
	switch {
	case opts.Protocol != clickhouse.Native:
		return nil, errors.New("the usage store is reached by the native protocol only: write clickhouse://host:9000/database, not http")
	case !plainName.MatchString(opts.Auth.Database):
		return nil, fmt.Errorf("the database %q of the usage store is not a name of letters, digits and _: write clickhouse://host:9000/hub_usage", opts.Auth.Database)
	case o.Cluster != "" && !plainName.MatchString(o.Cluster):
		return nil, fmt.Errorf("the cluster %q of the usage store is not a name of letters, digits and _", o.Cluster)
	case o.Crowd < analytics.LeastCrowd || o.Crowd > analytics.MostCrowd:
		return nil, fmt.Errorf("a crowd of %d is not between %d and %d", o.Crowd, analytics.LeastCrowd, analytics.MostCrowd)
	}
	if o.User != "" {
		opts.Auth.Username, opts.Auth.Password = o.User, o.Password
	}
	if err := trust(opts, o.CAFile); err != nil {
		return nil, err
	}
	opts.DialTimeout, opts.ReadTimeout = 5*time.Second, 2*time.Minute
	opts.MaxOpenConns, opts.MaxIdleConns = 8, 4
	opts.Compression = &clickhouse.Compression{Method: clickhouse.CompressionLZ4}
	return opts, nil
}

// trust reads the certificates of those who may vouch for the server.
func trust(opts *clickhouse.Options, file string) error {
	if file == "" {
		return nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading usage.clickhouse.ca_file: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return fmt.Errorf("reading usage.clickhouse.ca_file: there is no certificate in %s", file)
	}
	if opts.TLS == nil {
		opts.TLS = &tls.Config{}
	}
	opts.TLS.RootCAs = pool
	return nil
}

func (s *Store) open(ctx context.Context) error {
	var err error
	if s.read, err = clickhouse.Open(s.options); err != nil {
		return err
	}
	v, err := s.read.ServerVersion()
	if err != nil {
		return err
	}
	s.server = version{v.Version.Major, v.Version.Minor, v.Version.Patch}
	s.hosts = [][]string{s.options.Addr}
	if s.cluster != "" {
		if s.hosts, err = s.replicas(ctx); err != nil {
			return err
		}
	}
	for _, hosts := range s.hosts {
		conn, err := s.connect(hosts, s.options.MaxOpenConns)
		if err != nil {
			return err
		}
		s.shards = append(s.shards, conn)
	}
	return s.migrate(ctx)
}

// connect opens connections to the replicas of one shard: to the first one that answers.
func (s *Store) connect(hosts []string, most int) (driver.Conn, error) {
	o := *s.options
	o.Addr, o.ConnOpenStrategy, o.MaxOpenConns, o.MaxIdleConns = hosts, clickhouse.ConnOpenInOrder, most, most
	return clickhouse.Open(&o)
}

// replicas asks a server what the cluster is made of.
func (s *Store) replicas(ctx context.Context) ([][]string, error) {
	rows, err := s.read.Query(ctx, "SELECT shard_num, host_name, port FROM system.clusters WHERE cluster = ? ORDER BY shard_num, replica_num", s.cluster)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list [][]string
	for rows.Next() {
		var shard uint32
		var host string
		var port uint16
		if err := rows.Scan(&shard, &host, &port); err != nil {
			return nil, err
		}
		for len(list) < int(shard) {
			list = append(list, nil)
		}
		list[shard-1] = append(list[shard-1], host+":"+strconv.Itoa(int(port)))
	}
	if len(list) == 0 || slices.ContainsFunc(list, func(hosts []string) bool { return len(hosts) == 0 }) {
		return nil, fmt.Errorf("the server knows no cluster %q: see remote_servers of its configuration, or mend usage.clickhouse.cluster", s.cluster)
	}
	return list, rows.Err()
}

// Close closes all connections.
func (s *Store) Close() error {
	var errs []error
	for _, c := range append(slices.Clone(s.shards), s.read) {
		if c != nil {
			errs = append(errs, c.Close())
		}
	}
	return errors.Join(errs...)
}

// table is the name of a table of one server; all that of the whole cluster.
func (s *Store) table(name string) string { return s.database + "." + name }

func (s *Store) all(name string) string {
	if s.cluster == "" {
		return s.table(name)
	}
	return s.table(name) + "_all"
}

// version is that of a server.
type version [3]uint64

func (v version) String() string { return fmt.Sprintf("%d.%d.%d", v[0], v[1], v[2]) }

func (v version) atLeast(major, minor uint64) bool {
	return v[0] > major || v[0] == major && v[1] >= minor
}

// insert sends one block of rows. Always with columns: without them an old server expects none.
func insert(ctx context.Context, conn driver.Conn, table string, columns []string, rows func(put func(...any) error) error) error {
	list := ""
	for i, c := range columns {
		if i > 0 {
			list += ", "
		}
		list += c
	}
	batch, err := conn.PrepareBatch(ctx, "INSERT INTO "+table+" ("+list+")")
	if err != nil {
		return err
	}
	defer batch.Close() // gives the connection back when sending did not happen
	if err := rows(batch.Append); err != nil {
		return err
	}
	return batch.Send()
}

// writing is the context of inserts: a modern server may otherwise say yes before it has anything.
func (s *Store) writing(ctx context.Context) context.Context {
	if s.server.atLeast(21, 11) {
		return clickhouse.Context(ctx, clickhouse.WithSettings(clickhouse.Settings{"async_insert": 0}))
	}
	return ctx
}
