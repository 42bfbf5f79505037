package sqlstore

import (
	"context"
	"errors"
	"runtime"
	"sync"

	"ctiphub/catalog"
	"ctiphub/record"
)

// item is one listed raw, ready to be stored.
type item struct {
	id       record.ID
	raw      record.Raw
	rec      record.Record
	decision record.Decision

	doc           []byte // as it is shown
	base          []byte // as it was normalized, when what is laid on it makes doc something else
	hash, rawHash string // of what was normalized
	fields        int64  // bits of the guarded fields
	code, detail  string // what screening decided; "" when it lets the record be shown
	retired       []catalog.Override

	// What is only needed of a new or changed record, by complete:
	once         sync.Once
	err          error
	meta         string
	body         []byte
	sets, facets string
	title, text  string // tokens for the search index
}

// held reports whether screening keeps the record back.
func (it *item) held() bool { return it.decision.Verdict != record.Publish }

// stays reports whether the raw brings a record that is to be stored.
func (it *item) stays() bool { return !it.raw.Deleted && it.decision.Verdict != record.Reject }

// prepared encodes the items of a batch, on all processors and before the transaction,
// which is for writing. It returns those that seem to have changed as well: the
// transaction looks again, and has the last word. version is that of what is laid
// on the items.
func (s *Store) prepared(ctx context.Context, source string, items []catalog.Item) (list []item, changed []*item, version int64, err error) {
	on, version, err := s.layersOf(ctx, source, items)
	if err != nil {
		return nil, nil, 0, err
	}
	list = make([]item, len(items))
	err = inParallel(len(list), func(i int) (err error) {
		in, it := items[i], &list[i]
		it.id = record.NewID(source, in.Raw.Identifier)
		it.raw, it.rec, it.decision = in.Raw, in.Record, in.Decision
		it.rec.ID = it.id
		it.rec.Origin.Source, it.rec.Origin.Identifier = source, in.Raw.Identifier
		if it.stays() {
			it.fields = fieldBits(it.rec)
			if it.doc, it.hash, err = encode(it.rec, it.decision); err == nil {
				err = s.layer(it, on[it.id])
			}
			it.rawHash = it.raw.Hash()
		}
		return err
	})
	if err != nil {
		return nil, nil, 0, err
	}
	have, err := s.hashes(ctx, list)
	for i := range list {
		if it := &list[i]; it.stays() && have[it.id] != it.hash {
			changed = append(changed, it)
		}
	}
	return list, changed, version, err
}

// complete prepares what is needed of a new or changed record, once: whoever comes second
// waits for the first.
func (s *Store) complete(it *item) error {
	it.once.Do(func() {
		if it.meta, it.body, it.err = s.encodeRaw(it.raw); it.err == nil {
			s.views(it)
		}
	})
	return it.err
}

// views prepares what readers find a record by, if they may.
func (s *Store) views(it *item) {
	if it.held() {
		return
	}
	it.sets, it.facets = s.derive(it.rec)
	it.title, it.text = searchText(it.rec)
}

// hashes returns the stored hashes of the items.
func (s *Store) hashes(ctx context.Context, list []item) (map[record.ID]string, error) {
	ids := make([]record.ID, len(list))
	for i := range list {
		ids[i] = list[i].id
	}
	have := make(map[record.ID]string, len(ids))
	err := eachRow(ctx, s.q.hashes, ids, func(scan func(...any) error) error {
		var id record.ID
		var hash string
		err := scan(&id, &hash)
		have[id] = hash
		return err
	})
	return have, err
}

// inParallel calls do for 0 to n-1, divided among the processors.
func inParallel(n int, do func(i int) error) error {
	if n == 1 {
		return do(0)
	}
	workers := min(n, runtime.GOMAXPROCS(0))
	errs := make([]error, workers)
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := w; i < n && errs[w] == nil; i += workers {
				errs[w] = do(i)
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}
