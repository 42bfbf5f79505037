package main

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"ctiphub/catalog/sqlstore"
	"ctiphub/configs"
	"ctiphub/normalizer"
	"ctiphub/record"
)

// liveRules is the normalizer of a hub that runs on while "hub replay" applies new rules
// beside it: with the old ones, its next harvest would take back what the replay did.
type liveRules struct {
	store   *sqlstore.Store
	file    string // "" when the configuration is built in, and cannot change
	log     *slog.Logger
	current atomic.Pointer[normalizer.Normalizer]
	mu      sync.Mutex
	version int64
}

// newLiveRules compiles the rules of a configuration.
func newLiveRules(ctx context.Context, a *app, cfg *configs.Config, store *sqlstore.Store) (*liveRules, error) {
	l := &liveRules{store: store, file: cfg.From, log: a.log}
	var err error
	// The version first: rules that change in between are then read twice, and never missed.
	if l.version, err = store.RuleVersion(ctx); err != nil {
		return nil, err
	}
	n, err := normalizer.New(cfg.Vocabulary, sourceRules(cfg))
	if err != nil {
		return nil, err
	}
	l.current.Store(n)
	return l, nil
}

// Normalize makes a record by the rules of now.
func (l *liveRules) Normalize(raw record.Raw) (record.Record, record.Decision, error) {
	return l.current.Load().Normalize(raw)
}

// refresh reads the rules again when they were applied to what is stored since they were
// read. Rules that cannot be read are an error: harvesting by the old ones would mix both.
func (l *liveRules) refresh(ctx context.Context) error {
	version, err := l.store.RuleVersion(ctx)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if version == l.version || l.file == "" {
		return nil
	}
	cfg, err := configs.Load(l.file)
	if err != nil {
		return fmt.Errorf("reading the rules that were replayed: %w", err)
	}
	n, err := normalizer.New(cfg.Vocabulary, sourceRules(cfg))
	if err != nil {
		return fmt.Errorf("reading the rules that were replayed: %w", err)
	}
	l.current.Store(n)
	l.version = version
	l.log.Info("the rules were replayed and read again", "file", l.file)
	return nil
}
