package ingest

import (
	"log/slog"
	"runtime"
	"slices"
	"sync"

	"ctiphub/catalog"
	"ctiphub/harvester"
	"ctiphub/record"
)

// batch normalizes what a page gave.
func (p *Pipeline) batch(log *slog.Logger, source string, run int64, page harvester.Page) catalog.Batch {
	b := catalog.Batch{Source: source, Run: run, Same: page.Same, Cursor: string(page.Cursor)}
	refused := make(map[string]bool, len(page.Raws))
	b.Items = make([]catalog.Item, 0, len(page.Raws))
	for i, one := range p.normalized(page.Raws) {
		raw := page.Raws[i]
		if one.err != nil {
			// A rule that cannot run is our fault, not the record's: it is kept out of
			// sight but not lost, and somebody is told.
			log.Error("normalizing failed", "identifier", raw.Identifier, "error", one.err)
			refused[raw.Identifier] = true
			b.Rejects = append(b.Rejects, catalog.Reject{Identifier: raw.Identifier, URL: raw.URL, Code: "internal", Stage: "normalize", Detail: "The hub could not read this record; its operators were told."})
			continue
		}
		refused[raw.Identifier] = one.decision.Verdict == record.Reject
		b.Items = append(b.Items, catalog.Item{Raw: raw, Record: one.record, Decision: one.decision})
	}
	for _, r := range page.Rejects {
		b.Rejects = append(b.Rejects, catalog.Reject(r))
	}
	for _, s := range page.Skipped {
		b.Skipped = append(b.Skipped, catalog.Reject{Identifier: s.Identifier, URL: s.URL, Code: s.Code, Stage: "skip"})
	}
	for _, v := range page.Validators {
		// What was refused is not stored: a later "not modified" must not call it the same.
		v.Identifiers = slices.DeleteFunc(slices.Clone(v.Identifiers), func(id string) bool { return refused[id] })
		b.Validators = append(b.Validators, catalog.Validator(v))
	}
	b.Now = p.o.Now() // as late as can be: it is what the changes are dated by
	return b
}

// normalized is what became of one raw.
type normalized struct {
	record   record.Record
	decision record.Decision
	err      error
}

// normalized reads the raws of a page on all processors, in their order: normalizing is
// pure, and half of the work of a harvest.
func (p *Pipeline) normalized(raws []record.Raw) []normalized {
	return normalizeAll(p.o.Normalizer, len(raws), func(i int) record.Raw { return raws[i] })
}

// normalizeAll normalizes n raws on all processors.
func normalizeAll(norm Normalizer, n int, raw func(i int) record.Raw) []normalized {
	list := make([]normalized, n)
	workers := min(n, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n; i += workers {
				one := &list[i]
				one.record, one.decision, one.err = norm.Normalize(raw(i))
			}
		})
	}
	wg.Wait()
	return list
}
