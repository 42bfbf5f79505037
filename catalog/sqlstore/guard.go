package sqlstore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"ctiphub/catalog"
	"ctiphub/record"
)

// guardedFields are the fields whose vanishing is watched, in the order of their bits.
var guardedFields = []struct {
	name, plain string
	has         func(record.Record) bool
}{
	{"title", "titles", func(r record.Record) bool { return len(r.Title) > 0 }},
	{"description", "descriptions", func(r record.Record) bool { return len(r.Description) > 0 }},
	{"issued", "dates of publication", func(r record.Record) bool { return r.Issued.EDTF != "" }},
	{"languages", "languages", func(r record.Record) bool { return len(r.Languages) > 0 }},
	{"countries", "countries and regions", func(r record.Record) bool { return len(r.Countries)+len(r.Regions) > 0 }},
	{"themes", "themes", func(r record.Record) bool { return len(r.Themes) > 0 }},
	{"type", "resource types", func(r record.Record) bool { return len(r.Type) > 0 }},
	{"files", "files", func(r record.Record) bool { return len(r.Files) > 0 }},
	{"publishers", "publishers", func(r record.Record) bool { return len(r.Publishers) > 0 }},
	{"creators", "creators", func(r record.Record) bool { return len(r.Creators) > 0 }},
}

// fieldBits says which of the guarded fields a record has.
func fieldBits(r record.Record) int64 {
	var bits int64
	for i, f := range guardedFields {
		if f.has(r) {
			bits |= 1 << i
		}
	}
	return bits
}

// drops counts for each guarded field how many of the listed records had it before, and
// how many of these have lost it.
type drops map[string]*drop

type drop struct {
	Had  int `json:"had"`
	Lost int `json:"lost"`
}

// String writes the counts as they are stored.
func (d drops) String() string {
	if len(d) == 0 {
		return ""
	}
	b, err := json.Marshal(d)
	if err != nil {
		return "" // numbers can always be written
	}
	return string(b)
}

// count takes in one record: what it had, and what it has now.
func (d drops) count(before, now int64) {
	for i, f := range guardedFields {
		if before&(1<<i) == 0 {
			continue
		}
		one := d[f.name]
		if one == nil {
			one = &drop{}
			d[f.name] = one
		}
		one.Had++
		if now&(1<<i) == 0 {
			one.Lost++
		}
	}
}

// leastLost is how many records must have lost a field before the guard looks at shares.
const leastLost = 10

// check says in plain words which field vanished from too many records, or "".
func (d drops) check(g catalog.Guard) string {
	limit := g.WithDefaults().MaxDropPercent
	for _, f := range guardedFields {
		if one := d[f.name]; one != nil && one.Lost >= leastLost && 100*one.Lost > limit*one.Had {
			return fmt.Sprintf("the %s vanished from %d of %d records that had them (limit %d %%): the site may have been rebuilt", f.plain, one.Lost, one.Had, limit)
		}
	}
	return ""
}

// dropped counts which fields the batch would take from its records, and holds it when the
// guard says so. It also learns which chain the run belongs to.
func (c *commit) dropped(ctx context.Context, b catalog.Batch, list []item, have map[record.ID]*row) (drops, error) {
	var stored string
	var lifted bool
	if err := c.tx.QueryRowContext(ctx, `SELECT chain, lifted, drops FROM run WHERE id = $1`, b.Run).Scan(&c.chain, &lifted, &stored); err != nil {
		return nil, fmt.Errorf("looking up run %d: %w", b.Run, err)
	}
	all := drops{}
	if stored != "" {
		if err := json.Unmarshal([]byte(stored), &all); err != nil {
			return nil, fmt.Errorf("reading which fields run %d lost: %w", b.Run, err)
		}
	}
	for i := range list {
		if old := have[list[i].id]; old != nil && old.kept && list[i].stays() {
			all.count(old.fields, list[i].fields)
		}
	}
	for _, identifier := range b.Same {
		if old := have[record.NewID(b.Source, identifier)]; old != nil && old.kept {
			all.count(old.fields, old.fields)
		}
	}
	if lifted {
		return all, nil
	}
	if reason := all.check(b.Guard); reason != "" {
		return nil, &catalog.HoldError{Reason: reason}
	}
	return all, nil
}

// admit refuses runs of sources that are not to be visited.
func (c *commit) admit(ctx context.Context, source string) error {
	m, err := scanMode(c.tx.QueryRowContext(ctx, `SELECT `+modeColumns+` FROM source_mode WHERE source = $1`, source).Scan)
	if none(err) {
		return nil
	}
	if err == nil && m.Mode != catalog.Active && m.Mode != "" {
		err = fmt.Errorf("%w: %s since %s", catalog.ErrNotVisited, m.Mode, m.Since.Format(time.DateOnly))
	}
	return err
}

// Beat extends the lease of a run that is still worked on.
func (s *Store) Beat(ctx context.Context, run int64, now time.Time) error {
	owner, begun := s.owners.Load(run)
	if !begun {
		owner = ""
	}
	res, err := s.write.ExecContext(ctx, `UPDATE run SET heartbeat = $2 WHERE id = $1 AND ended = 0 AND ($3 = '' OR owner = $3)`, run, millis(now), owner)
	if err == nil {
		var n int64
		if n, err = res.RowsAffected(); err == nil && n == 0 {
			err = catalog.ErrBusy
		}
	}
	if err != nil && !errors.Is(err, catalog.ErrBusy) {
		return fmt.Errorf("extending the lease of run %d: %w", run, err)
	}
	return err
}
