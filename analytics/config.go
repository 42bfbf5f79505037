package analytics

import (
	"fmt"
	"net/http"
	"net/netip"
	"slices"
)

// Config is what an operator decides about usage. The zero Config is the default.
type Config struct {
	Store         string     `yaml:"store,omitempty" jsonschema:"enum=auto,enum=sqlite,enum=clickhouse,enum=local-clickhouse,enum=off,description=Where usage is kept: auto is ClickHouse when it has an address and SQLite when not"`
	Crowd         int        `yaml:"crowd,omitempty" jsonschema:"minimum=5,maximum=20,description=How many people a figure must belong to before it is shown (5 when absent)"`
	SpoolMB       int        `yaml:"spool_mb,omitempty" jsonschema:"minimum=1,description=Megabytes that may wait for the store (512 when absent)"`
	ClickHouse    ClickHouse `yaml:"clickhouse,omitempty" jsonschema:"description=The ClickHouse server or cluster"`
	StaffNetworks []string   `yaml:"staff_networks,omitempty" jsonschema:"description=Networks of the people who run the hub as CIDR prefixes; what they do is not counted"`
	EventMonths   int        `yaml:"event_months,omitempty" jsonschema:"minimum=1,maximum=24,description=Months that ClickHouse keeps events beside the running one (1 when absent)"`
	TermMonths    int        `yaml:"term_months,omitempty" jsonschema:"minimum=1,description=Months that words of searches are kept (13 when absent)"`
	RollupMonths  int        `yaml:"rollup_months,omitempty" jsonschema:"minimum=2,description=Months that everything else is kept (60 when absent)"`
}

// ClickHouse is where the server is. User and password come from HUB_CLICKHOUSE_USER and
// HUB_CLICKHOUSE_PASSWORD, never from a file.
type ClickHouse struct {
	DSN     string `yaml:"dsn,omitempty" jsonschema:"description=clickhouse://host:9000/database; add ?secure=true for TLS. HUB_USAGE_DSN wins"`
	Cluster string `yaml:"cluster,omitempty" jsonschema:"description=Name of the cluster in the server's configuration; empty for one server"`
	CAFile  string `yaml:"ca_file,omitempty" jsonschema:"description=PEM file of who vouches for the server; empty for the system's"`
}

// The kinds of store.
const (
	StoreAuto            = "auto"
	StoreSQLite          = "sqlite"
	StoreClickHouse      = "clickhouse"
	StoreLocalClickHouse = "local-clickhouse"
	StoreOff             = "off"
)

// Validate says what is wrong.
func (c Config) Validate() error {
	switch {
	case c.Store != "" && !slices.Contains([]string{StoreAuto, StoreSQLite, StoreClickHouse, StoreLocalClickHouse, StoreOff}, c.Store):
		return fmt.Errorf("usage.store: there is no kind %q: use auto, sqlite, clickhouse, local-clickhouse or off", c.Store)
	case c.Store == StoreClickHouse && c.ClickHouse.DSN == "":
		return fmt.Errorf("usage.store: clickhouse needs an address: set usage.clickhouse.dsn or HUB_USAGE_DSN")
	case c.Crowd != 0 && (c.Crowd < LeastCrowd || c.Crowd > MostCrowd):
		return fmt.Errorf("usage.crowd: %d is not between %d and %d", c.Crowd, LeastCrowd, MostCrowd)
	case c.SpoolMB < 0 || c.EventMonths < 0 || c.TermMonths < 0 || c.RollupMonths < 0:
		return fmt.Errorf("usage: sizes and months cannot be below 0")
	}
	_, err := c.staff()
	return err
}

func (c Config) staff() ([]netip.Prefix, error) {
	var list []netip.Prefix
	for _, s := range c.StaffNetworks {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			return nil, fmt.Errorf("usage.staff_networks: %q is not a CIDR prefix such as 10.0.0.0/8", s)
		}
		list = append(list, p)
	}
	return list, nil
}

// WithDefaults fills in what is absent.
func (c Config) WithDefaults() Config {
	d := DefaultRetention()
	for _, f := range []struct {
		n    *int
		want int
	}{{&c.Crowd, LeastCrowd}, {&c.SpoolMB, 512}, {&c.EventMonths, d.EventMonths}, {&c.TermMonths, d.TermMonths}, {&c.RollupMonths, d.RollupMonths}} {
		if *f.n == 0 {
			*f.n = f.want
		}
	}
	if c.Store == "" || c.Store == StoreAuto {
		c.Store = StoreSQLite
		if c.ClickHouse.DSN != "" {
			c.Store = StoreClickHouse
		}
	}
	return c
}

// Retention is how long what is kept.
func (c Config) Retention() Retention {
	return Retention{EventMonths: c.EventMonths, TermMonths: c.TermMonths, RollupMonths: c.RollupMonths}
}

// IsStaff returns what tells requests of the people who run the hub, by the address that another
// function finds.
func (c Config) IsStaff(address func(*http.Request) netip.Addr) func(*http.Request) bool {
	networks, _ := c.staff() // validated with the configuration
	return func(r *http.Request) bool {
		addr := address(r)
		return slices.ContainsFunc(networks, func(p netip.Prefix) bool { return p.Contains(addr) })
	}
}
