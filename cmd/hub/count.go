package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"ctiphub/analytics"
	"ctiphub/analytics/clickhouse"
	"ctiphub/analytics/clickhouse/local"
	"ctiphub/analytics/counter"
	"ctiphub/analytics/sqlite"
	"ctiphub/catalog"
	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/internal/gate"
	"ctiphub/portal"
	"ctiphub/record"
)

// usageFile and usageSpool are where usage is kept in a data folder.
const (
	usageFile  = "usage.db"
	usageSpool = "usage-spool"
)

// count starts to count what the hub is used for, and tells the portal.
func (s *site) count(g *gate.Gate, o *portal.Options) error {
	c := s.cfg.Hub.Usage.WithDefaults()
	if c.Store == analytics.StoreOff {
		return nil
	}
	open, err := s.app.usageStore(s.cfg, c)
	if err != nil {
		return err
	}
	s.uses, err = analytics.NewRecorder(analytics.RecorderOptions{
		Open: open, Name: kindOfStore(c.Store), Dir: filepath.Join(s.cfg.Hub.Data, usageSpool), Limit: int64(c.SpoolMB) << 20,
		Crowd: c.Crowd, Retention: c.Retention(), Address: g.Address, Staff: c.IsStaff(g.Address), Known: knownWords(s.cfg.Vocabulary.Concepts()),
		Now: s.app.now, Logger: s.app.log, Registerer: s.app.registry,
	})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	var kept sync.WaitGroup
	kept.Go(func() { s.uses.Run(ctx) })
	s.app.onStop("the counting of uses", func(context.Context) error {
		stop()
		kept.Wait()
		return nil
	})
	o.Uses = s.uses
	o.Usage = portal.UsageOptions{Store: s.uses, Crowd: c.Crowd, Retention: c.Retention(), Consumers: s.consumers, Status: s.usageStatus, Started: true}
	o.Counter = s.app.reports(s.cfg, s.uses, s.store, c.Crowd).Handler()
	return nil
}

// reports makes reports in the manner of COUNTER of what is public now.
func (a *app) reports(cfg *configs.Config, from counter.Store, store *sqlstore.Store, crowd int) *counter.Reports {
	return counter.New(counter.Options{Store: from, Platform: cfg.Hub.Name, Crowd: crowd, Now: a.now, Items: func(ctx context.Context, ids []string) (map[string]counter.Item, error) {
		items := map[string]counter.Item{}
		for _, id := range ids {
			e, err := store.Entry(ctx, record.ID(id))
			if errors.Is(err, catalog.ErrNotFound) || err == nil && e.Deleted {
				continue
			}
			if err != nil {
				return nil, err
			}
			items[id] = reportItem(cfg, e.Record)
		}
		return items, nil
	}})
}

func reportItem(cfg *configs.Config, rec record.Record) counter.Item {
	it := counter.Item{Title: inEnglish(rec.Title), URI: cfg.Hub.BaseURL + "/resources/" + string(rec.ID)}
	if len(rec.Publishers) > 0 {
		it.Publisher = inEnglish(rec.Publishers[0].Name)
	}
	if len(rec.Type) > 0 {
		it.Type = rec.Type[0].ID
	}
	return it
}

// inEnglish returns a text in English or, where there is none, in the first of its languages.
func inEnglish(t record.Texts) string {
	if s := t["en"]; s != "" {
		return s
	}
	for _, language := range slices.Sorted(maps.Keys(t)) {
		return t[language]
	}
	return ""
}

// kindOfStore is the store's name for metrics: a local ClickHouse is one.
func kindOfStore(store string) string {
	if store == analytics.StoreLocalClickHouse {
		return analytics.StoreClickHouse
	}
	return store
}

// usageStore returns what opens the store of usage, which may be away now and come later.
func (a *app) usageStore(cfg *configs.Config, c analytics.Config) (func(context.Context) (analytics.Store, error), error) {
	if c.Store == analytics.StoreSQLite {
		if err := os.MkdirAll(cfg.Hub.Data, 0o750); err != nil {
			return nil, fmt.Errorf("making the data folder: %w", err)
		}
		return func(ctx context.Context) (analytics.Store, error) {
			return sqlite.Open(ctx, filepath.Join(cfg.Hub.Data, usageFile))
		}, nil
	}
	o := clickhouse.Options{
		DSN: c.ClickHouse.DSN, Cluster: c.ClickHouse.Cluster, CAFile: c.ClickHouse.CAFile, Crowd: c.Crowd,
		User: os.Getenv("HUB_CLICKHOUSE_USER"), Password: os.Getenv("HUB_CLICKHOUSE_PASSWORD"),
	}
	if c.Store == analytics.StoreLocalClickHouse {
		server, err := local.Start(context.Background(), local.Options{Dir: filepath.Join(cfg.Hub.Data, "clickhouse")})
		if err != nil {
			return nil, err
		}
		a.onStop("the local ClickHouse", func(context.Context) error { return server.Stop() })
		o.DSN, o.User, o.Password, o.Cluster, o.CAFile = server.DSN("hub_usage"), "", "", "", ""
	}
	if err := o.Validate(); err != nil {
		return nil, err
	}
	return func(ctx context.Context) (analytics.Store, error) { return clickhouse.Open(ctx, o) }, nil
}

// knownWords reports the labels of the vocabulary, in every language.
func knownWords(v record.Vocabulary) func(string) bool {
	labels := map[string]bool{}
	for _, s := range v.Schemes {
		for _, c := range s.Concepts {
			for _, l := range c.Label {
				labels[strings.ToLower(l)] = true
			}
		}
	}
	return func(words string) bool { return labels[words] }
}

// channels of what programs ask for, by the gate's kinds of address.
var channels = map[string]analytics.Channel{
	"oai": analytics.ChannelOAI, "api": analytics.ChannelAPI, "feed": analytics.ChannelFeed, "dump": analytics.ChannelDump,
	"resource": analytics.ChannelFile, "list": analytics.ChannelList,
}

// pulled counts what a program was given.
func (s *site) pulled(r *http.Request, consumer, form, format string, records int) {
	if s.uses == nil {
		return
	}
	s.uses.Count(r, analytics.Use{Event: analytics.Event{
		Kind: analytics.KindExport, Channel: channels[form], Consumer: consumer, Format: format, Amount: uint32(records),
	}})
}

// consumers lists the registered organisations, by the name that their pulls are counted under.
func (s *site) consumers(ctx context.Context) ([]portal.UsageConsumer, error) {
	list, err := s.store.Consumers(ctx, s.app.now())
	if err != nil {
		return nil, err
	}
	var out []portal.UsageConsumer
	for _, c := range list {
		out = append(out, portal.UsageConsumer{ID: c.ID, Name: c.Name})
	}
	return out, nil
}

// usageStatus tells the portal how the counting goes.
func (s *site) usageStatus() portal.UsageStatus {
	q := s.uses.Quality()
	st := portal.UsageStatus{
		Store: map[string]string{analytics.StoreSQLite: "SQLite", analytics.StoreClickHouse: "ClickHouse"}[q.Store], Segments: q.Spool.Segments,
		Dropped: q.Spool.Dropped, Robots: analytics.RobotsVersion, RuleSet: analytics.RuleSet,
	}
	if s.invented {
		st.Store += " (invented for this demo)"
	}
	if !q.Spool.Oldest.IsZero() {
		st.Oldest = s.app.now().Sub(q.Spool.Oldest)
	}
	for _, v := range q.Verified {
		st.Mismatches += len(v.Differ)
		st.Verified = q.Checked
	}
	return st
}

// openUsage opens the store of usage for a command.
func (a *app) openUsage(ctx context.Context, cfg *configs.Config) (analytics.Store, analytics.Config, error) {
	c := cfg.Hub.Usage.WithDefaults()
	if c.Store == analytics.StoreOff {
		return nil, c, errors.New("usage is not counted here: usage.store is off")
	}
	open, err := a.usageStore(cfg, c)
	if err != nil {
		return nil, c, err
	}
	s, err := open(ctx)
	if err != nil {
		return nil, c, err
	}
	a.onStop("the usage store", func(context.Context) error { return s.Close() })
	return s, c, nil
}

// month is a month on the command line.
type month struct{ analytics.Day }

// UnmarshalText reads 2006-01.
func (m *month) UnmarshalText(b []byte) error {
	t, err := time.Parse("2006-01", string(b))
	if err != nil {
		return fmt.Errorf("%q is not a month such as 2026-09", b)
	}
	m.Day = analytics.DayOf(t)
	return nil
}
