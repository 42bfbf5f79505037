package dump

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"ctiphub/record"
)

// Config is when dumps are made and how many stay.
type Config struct {
	Off    bool   `yaml:"off,omitempty" jsonschema:"description=No dumps are made"`
	At     string `yaml:"at,omitempty" jsonschema:"description=Time of day in UTC when they are made (02:00 when absent)"`
	Fulls  int    `yaml:"fulls,omitempty" jsonschema:"minimum=1,description=Full dumps that stay (7 when absent)"`
	Deltas int    `yaml:"deltas,omitempty" jsonschema:"minimum=1,description=Deltas that stay (30 when absent)"`
}

// Validate says what is wrong with it.
func (c Config) Validate() error {
	if _, err := c.time(); err != nil {
		return err
	}
	if c.Fulls < 0 || c.Deltas < 0 {
		return errors.New("dumps: fulls and deltas are numbers of dumps")
	}
	return nil
}

// time is how long after midnight dumps are made.
func (c Config) time() (time.Duration, error) {
	if c.At == "" {
		return 2 * time.Hour, nil
	}
	t, err := time.Parse("15:04", c.At)
	if err != nil {
		return 0, fmt.Errorf("dumps.at: %q is not a time of day such as 02:00", c.At)
	}
	return t.Sub(t.Truncate(24 * time.Hour)), nil
}

// Keeping is how many dumps of each kind stay.
func (c Config) Keeping() map[Kind]int {
	keep := map[Kind]int{Full: 7, Delta: 30}
	if c.Fulls > 0 {
		keep[Full] = c.Fulls
	}
	if c.Deltas > 0 {
		keep[Delta] = c.Deltas
	}
	return keep
}

// tidy deletes the dumps that are too many, and what a killed process left unfinished.
func (d *Dumps) tidy() error {
	list, err := d.List()
	if err != nil {
		return err
	}
	keep, seen := d.Keep, map[Kind]int{}
	if keep == nil {
		keep = Config{}.Keeping()
	}
	for _, m := range list {
		if seen[m.Kind]++; seen[m.Kind] > keep[m.Kind] {
			if err := os.RemoveAll(filepath.Join(d.Dir, m.Name)); err != nil {
				return fmt.Errorf("deleting an old dump: %w", err)
			}
		}
	}
	return nil
}

// Clear deletes what a process left unfinished that was killed.
func (d *Dumps) Clear() error {
	folders, err := os.ReadDir(d.Dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, f := range folders {
		if strings.HasPrefix(f.Name(), makingPrefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(d.Dir, f.Name())))
		}
	}
	if err != nil {
		return fmt.Errorf("clearing the folder of dumps: %w", err)
	}
	return nil
}

// Night makes what one night makes: what changed since the last dump, then everything.
func (d *Dumps) Night(ctx context.Context) ([]Manifest, error) {
	var made []Manifest
	_, some, err := d.last("")
	if err != nil {
		return nil, err
	}
	for _, kind := range []Kind{Delta, Full} {
		if kind == Delta && !some {
			continue
		}
		m, err := d.Make(ctx, kind)
		if err != nil {
			return made, err
		}
		if m.Name == "" {
			continue
		}
		made = append(made, m)
		if len(m.Held) > 0 {
			d.log().Error("a dump is held: the one before stays", "dump", m.Name, "reasons", m.Held)
		}
	}
	return made, nil
}

func (d *Dumps) log() *slog.Logger {
	if d.Logger == nil {
		return slog.New(slog.DiscardHandler)
	}
	return d.Logger
}

// due reports whether the dumps of the night are still to be made: there is no full one,
// released or held, since the last time of day at which they are made.
func (d *Dumps) due(at time.Duration) (bool, error) {
	now := d.Now().UTC()
	since := now.Truncate(24 * time.Hour).Add(at)
	if since.After(now) {
		since = since.Add(-24 * time.Hour)
	}
	released, err := d.List()
	if err != nil {
		return false, err
	}
	held, err := d.HeldBack()
	if err != nil {
		return false, err
	}
	full := slices.ContainsFunc(released, func(m Manifest) bool { return m.Kind == Full })
	tonight := slices.ContainsFunc(slices.Concat(released, held), func(m Manifest) bool { return m.Kind == Full && !m.Made.Before(since) })
	// After a takedown there may be none at all, and nobody should wait for the night.
	return !tonight || !full && len(held) == 0, nil
}

// lookEvery is how often the keeper looks whether there is something to do.
const lookEvery = 15 * time.Second

// Run makes dumps each night until the context ends; a night that was missed is made up for.
func (d *Dumps) Run(ctx context.Context, c Config) error {
	at, err := c.time()
	if err != nil {
		return err
	}
	if err := d.Clear(); err != nil {
		return err
	}
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		due, err := d.due(at)
		if err == nil && due {
			_, err = d.Night(ctx)
		}
		if err != nil && ctx.Err() == nil {
			d.log().Error("making dumps failed; the hub tries again", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// withdrawnFile lists the dumps that were taken away because of a takedown.
const withdrawnFile = "withdrawn.json"

// Withdrawn is a dump that was taken away: neither records nor reasons are named.
type Withdrawn struct {
	Name string    `json:"name"`
	When time.Time `json:"when"`
}

// Withdraw deletes every dump, held ones too, in which one of the records is live. It returns
// their names.
func (d *Dumps) Withdraw(ids []record.ID, now time.Time) (gone []string, err error) {
	// First it is noted: a dump that is being made looks here once it is in its place, and this
	// looks at what is in its place from now on.
	if err := d.noteTaken(ids, now); err != nil {
		return nil, err
	}
	released, err := d.List()
	if err != nil {
		return nil, err
	}
	held, err := d.HeldBack()
	if err != nil {
		return nil, err
	}
	for i, m := range slices.Concat(released, held) {
		dir := filepath.Join(d.Dir, m.Name)
		if i >= len(released) {
			dir = filepath.Join(d.Dir, heldPrefix+m.Name)
		}
		holds := false
		err := readIndex(dir, func(l line) { holds = holds || !l.deleted && slices.Contains(ids, l.id) })
		if err != nil {
			d.log().Warn("a dump without a readable index is withdrawn with the others", "dump", m.Name, "error", err)
			holds = true
		}
		if !holds {
			continue
		}
		if err := os.RemoveAll(dir); err != nil {
			return gone, fmt.Errorf("withdrawing %s: %w", m.Name, err)
		}
		gone = append(gone, m.Name)
	}
	if len(gone) == 0 {
		return nil, nil
	}
	return gone, d.noteWithdrawn(gone, now)
}

// takenFile lists the ids that were taken down, by time: ids say nothing of records. It is not
// served.
const takenFile = ".taken.json"

// taken is when a record was taken down.
type taken struct {
	ID   record.ID `json:"id"`
	When time.Time `json:"when"`
}

// mostTaken is more than can be taken down while one dump is made.
const mostTaken = 10_000

func (d *Dumps) noteTaken(ids []record.ID, now time.Time) error {
	if len(ids) == 0 {
		return nil
	}
	list, err := d.takenSince(time.Time{})
	if err != nil {
		return err
	}
	for _, id := range ids {
		list = append(list, taken{id, now.UTC()})
	}
	data, err := json.Marshal(list[max(0, len(list)-mostTaken):])
	if err == nil {
		err = os.MkdirAll(d.Dir, 0o755)
	}
	file := filepath.Join(d.Dir, takenFile)
	if err == nil {
		err = os.WriteFile(file+".new", data, 0o600)
	}
	if err == nil {
		err = os.Rename(file+".new", file)
	}
	if err != nil {
		return fmt.Errorf("noting what was taken down: %w", err)
	}
	return nil
}

// takenSince returns what was taken down since a time.
func (d *Dumps) takenSince(t time.Time) (list []taken, err error) {
	data, err := os.ReadFile(filepath.Join(d.Dir, takenFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		return nil, fmt.Errorf("reading what was taken down: %w", err)
	}
	return slices.DeleteFunc(list, func(x taken) bool { return x.When.Before(t) }), nil
}

func (d *Dumps) noteWithdrawn(names []string, now time.Time) error {
	list, err := d.WithdrawnDumps()
	if err != nil {
		return err
	}
	for _, n := range names {
		list = append(list, Withdrawn{n, now.UTC().Truncate(time.Second)})
	}
	data, err := json.MarshalIndent(list[max(0, len(list)-100):], "", "  ")
	if err == nil {
		file := filepath.Join(d.Dir, withdrawnFile)
		if err = os.WriteFile(file+".new", data, 0o644); err == nil {
			err = os.Rename(file+".new", file)
		}
	}
	if err != nil {
		return fmt.Errorf("noting which dumps were withdrawn: %w", err)
	}
	return nil
}

// WithdrawnDumps returns the dumps that were taken away, the oldest first.
func (d *Dumps) WithdrawnDumps() (list []Withdrawn, err error) {
	data, err := os.ReadFile(filepath.Join(d.Dir, withdrawnFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &list)
	}
	if err != nil {
		return nil, fmt.Errorf("reading which dumps were withdrawn: %w", err)
	}
	return list, nil
}
