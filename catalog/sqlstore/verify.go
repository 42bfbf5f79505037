package sqlstore

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"ctiphub/catalog"
	"ctiphub/record"
)

// codeViewsDisagree is the code of the note that a run leaves when views of the catalogue
// do not agree after it.
const codeViewsDisagree = "views-disagree"

// Verify compares the search index, the facets, the sets, the tallies and the contents
// with the records they derive from.
func (s *Store) Verify(ctx context.Context) ([]catalog.Mismatch, error) {
	if err := s.follows(ctx); err != nil {
		return nil, fmt.Errorf("verifying the catalogue: %w", err)
	}
	var found []catalog.Mismatch
	compare := func(what string, want, got int) {
		if want != got {
			found = append(found, catalog.Mismatch{What: what, Want: want, Got: got})
		}
	}
	for _, check := range []func(context.Context, func(string, int, int)) error{s.verifyTotals, s.verifySources, s.verifySets, s.verifyDigests} {
		if err := check(ctx, compare); err != nil {
			return nil, fmt.Errorf("verifying the catalogue: %w", err)
		}
	}
	return found, nil
}

func (s *Store) verifyTotals(ctx context.Context, compare func(string, int, int)) error {
	counts := map[string]int{}
	for name, query := range map[string]string{
		"live":     `SELECT count(*) FROM record WHERE visible = 1`,
		"kept":     `SELECT count(*) FROM record WHERE kept`,
		"indexed":  `SELECT count(*) FROM search_docsize`,
		"astray":   `SELECT count(*) FROM search_docsize WHERE id NOT IN (SELECT num FROM record WHERE visible = 1)`,
		"contents": `SELECT count(*) FROM content`,
		"orphans":  `SELECT count(*) FROM content WHERE num NOT IN (SELECT num FROM record WHERE kept)`,
	} {
		var n int
		if err := s.read.QueryRowContext(ctx, query).Scan(&n); err != nil {
			return err
		}
		counts[name] = n
	}
	compare("live records in the facets", counts["live"], s.facets.Live())
	compare("live records in the search index", counts["live"], counts["indexed"])
	compare("records in the search index that are not live", 0, counts["astray"])
	compare("records with content", counts["kept"], counts["contents"])
	compare("contents without a record", 0, counts["orphans"])
	return nil
}

// verifySources compares tallies and facets source by source.
func (s *Store) verifySources(ctx context.Context, compare func(string, int, int)) error {
	want, err := s.counts(ctx, `SELECT source, sum(CASE WHEN visible = 1 THEN 1 ELSE 0 END), sum(CASE WHEN held THEN 1 ELSE 0 END), sum(CASE WHEN visible = 2 THEN 1 ELSE 0 END) FROM record GROUP BY source`)
	if err != nil {
		return err
	}
	got, err := s.counts(ctx, `SELECT source, live, held, deleted FROM tally`)
	if err != nil {
		return err
	}
	both := maps.Clone(want)
	maps.Copy(both, got)
	for _, source := range slices.Sorted(maps.Keys(both)) {
		w, g := want[source], got[source]
		compare("live records in the count of "+source, w.live, g.live)
		compare("held records in the count of "+source, w.held, g.held)
		compare("tombstones in the count of "+source, w.deleted, g.deleted)
		compare("live records in the facet of "+source, w.live, s.facets.Of(catalog.FacetSource, source))
	}
	return nil
}

func (s *Store) counts(ctx context.Context, query string) (map[string]tally, error) {
	rows, err := s.read.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]tally{}
	for rows.Next() {
		var source string
		var t tally
		if err := rows.Scan(&source, &t.live, &t.held, &t.deleted); err != nil {
			return nil, err
		}
		all[source] = t
	}
	return all, rows.Err()
}

// verifySets compares the sets with the places of their members, and these with the log.
func (s *Store) verifySets(ctx context.Context, compare func(string, int, int)) error {
	rows, err := s.read.QueryContext(ctx, `SELECT spec.spec, spec.members, (SELECT count(*) FROM member WHERE member.spec = spec.num),
		(SELECT count(*) FROM member WHERE member.spec = spec.num AND seq NOT IN (SELECT seq FROM record WHERE visible > 0)) FROM spec ORDER BY spec.spec`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var spec string
		var count, members, astray int
		if err := rows.Scan(&spec, &count, &members, &astray); err != nil {
			return err
		}
		compare("members of the set "+spec, members, count)
		compare("members of the set "+spec+" that no record stands for", 0, astray)
	}
	return rows.Err()
}

// verifyDigests compares what consumers prove their completeness by with the records.
func (s *Store) verifyDigests(ctx context.Context, compare func(string, int, int)) error {
	want, err := s.sums(ctx, s.read)
	if err != nil {
		return err
	}
	got, err := s.Digests(ctx)
	if err != nil {
		return err
	}
	wrong := 0
	for _, d := range got.Sources {
		if d.Sum != want[d.Source] {
			wrong++
		}
		delete(want, d.Source)
	}
	compare("sources whose digest is not that of their records", 0, wrong+len(want))
	return nil
}

// reconcile compares the counts of a source after its run: cheap, and the first sign that
// something is wrong.
func (s *Store) reconcile(ctx context.Context, run catalog.Run) {
	var counted int
	err := s.follows(ctx)
	if err == nil {
		err = s.read.QueryRowContext(ctx, `SELECT coalesce((SELECT live FROM tally WHERE source = $1), 0)`, run.Source).Scan(&counted)
	}
	if err != nil {
		if ctx.Err() == nil {
			s.o.Logger.Warn("the counts were not compared after a run", "run", run.ID, "error", err)
		}
		return
	}
	if shown := s.facets.Of(catalog.FacetSource, run.Source); shown != counted {
		detail := fmt.Sprintf("%d records are counted and %d can be found; \"hub verify\" says more", counted, shown)
		s.o.Logger.Error("the views of the catalogue disagree", "source", run.Source, "run", run.ID, "counted", counted, "found", shown)
		err := s.change(ctx, run.Ended, func(c *commit) error {
			return c.note(ctx, run.ID, record.Finding{Code: codeViewsDisagree, Detail: detail})
		})
		if err != nil {
			s.o.Logger.Warn("the disagreement was not noted", "run", run.ID, "error", err)
		}
	}
}
