package sqlstore

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"ctiphub/catalog"
	"ctiphub/catalog/works"
	"ctiphub/record"
)

// newCard makes what is compared of a changed record.
func newCard(doc changedDoc) (card, error) {
	c := card{num: doc.num}
	if len(doc.doc) == 0 {
		return c, nil
	}
	rec, err := decode(doc.doc)
	if err != nil {
		return c, err
	}
	if len(doc.base) > 0 {
		// The work that it was of when it came counts, not the one it was found to be of here.
		came, err := decode(doc.base)
		if err != nil {
			return c, err
		}
		rec.Work = came.Work
	}
	made := works.CardOf(rec)
	b, err := json.Marshal(made)
	c.text = string(b)
	for _, k := range made.Keys() {
		c.keys = append(c.keys, int64(k))
	}
	return c, err
}

// FindWorks finds which live records are editions of one work. Cards follow the change log;
// the records that share keys are compared in one pass over these, and only what comes out
// otherwise than before is written.
func (s *Store) FindWorks(ctx context.Context, now time.Time) (catalog.WorkCounts, error) {
	n, err := s.findWorks(ctx, now)
	if err != nil {
		return n, fmt.Errorf("finding works: %w", err)
	}
	return n, nil
}

func (s *Store) findWorks(ctx context.Context, now time.Time) (n catalog.WorkCounts, err error) {
	seq, err := s.followCards(ctx)
	if err != nil {
		return n, err
	}
	var done int64
	if err := s.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM card), (SELECT value FROM counter WHERE name = 'works')`).Scan(&n.Records, &done); err != nil {
		return n, err
	}
	if done == seq {
		err := s.read.QueryRowContext(ctx, `SELECT count(DISTINCT work) FROM edition`).Scan(&n.Works)
		return n, err // nothing changed since
	}
	found, err := s.groups(ctx)
	if err != nil {
		return n, err
	}
	n.Works = len(found.works)
	moved, links, err := s.settleWorks(ctx, found)
	if err != nil {
		return n, err
	}
	n.Changed = len(moved)
	if err := s.writeLinks(ctx, now, links); err != nil {
		return n, err
	}
	if err := s.moveEditions(ctx, now, moved); err != nil {
		return n, err
	}
	// What moving them wrote into the log is known already.
	if seq, err = s.followCards(ctx); err != nil {
		return n, err
	}
	_, err = s.write.ExecContext(ctx, `UPDATE counter SET value = $1 WHERE name = 'works'`, seq)
	return n, err
}

// grouped are the works that were found, with the links between their editions.
type grouped struct {
	works []works.Work
	links []works.Link
	came  map[record.ID]record.ID // by record: the work it was of when it came here
}

// curator is the kind of a link that a curator made.
const curator works.Kind = "curator"

// groups compares cards and groups them.
func (s *Store) groups(ctx context.Context) (grouped, error) {
	deck := &deck{ctx: ctx, s: s, cards: map[int]*works.Card{}, linked: map[record.ID]*works.Card{}}
	var links []works.Link
	for l := range works.Find(deck.entries, deck.card) {
		links = append(links, l)
	}
	list, err := s.WorkRulings(ctx)
	if err = errors.Join(deck.err, err); err != nil {
		return grouped{}, err
	}
	var rulings []works.Ruling
	for _, r := range list {
		rulings = append(rulings, works.Ruling{A: r.A, B: r.B, Verdict: works.Verdict(r.Verdict)})
		for _, id := range []record.ID{r.A, r.B} {
			if err := deck.add(id); err != nil {
				return grouped{}, err
			}
		}
	}
	for _, l := range links {
		for _, id := range []record.ID{l.A, l.B} {
			if err := deck.add(id); err != nil {
				return grouped{}, err
			}
		}
	}
	g := grouped{works: works.Group(maps.Values(deck.linked), links, rulings), came: map[record.ID]record.ID{}}
	for id, c := range deck.linked {
		g.came[id] = c.Work()
	}
	g.links = within(g.works, links, rulings)
	return g, nil
}

// within returns the links between members of one work, those of curators among them.
func within(found []works.Work, links []works.Link, rulings []works.Ruling) []works.Link {
	of := map[record.ID]record.ID{}
	for _, w := range found {
		for _, id := range w.Members {
			of[id] = w.ID
		}
	}
	same := func(a, b record.ID) bool { return of[a] != "" && of[a] == of[b] }
	var kept []works.Link
	ruled := map[[2]record.ID]bool{}
	for _, r := range rulings {
		if a, b := min(r.A, r.B), max(r.A, r.B); r.Verdict == works.Together && same(a, b) {
			ruled[[2]record.ID{a, b}] = true
			kept = append(kept, works.Link{A: a, B: b, Kind: curator, Confidence: 1})
		}
	}
	for _, l := range links {
		if l.Confidence >= works.Sure && same(l.A, l.B) && !ruled[[2]record.ID{l.A, l.B}] {
			kept = append(kept, l)
		}
	}
	return kept
}

// deck hands out cards. It keeps the last ones, as the cards of one key are asked for again
// and again, and the first error, which ends every sequence.
type deck struct {
	ctx    context.Context
	s      *Store
	err    error
	cards  map[int]*works.Card
	linked map[record.ID]*works.Card
}

const keptCards = 4000

// entries reads the keys that more than one record has.
func (d *deck) entries(yield func(works.Entry) bool) {
	if d.err != nil {
		return
	}
	rows, err := d.s.read.QueryContext(d.ctx, `SELECT k.key, k.num FROM card_key k WHERE EXISTS (SELECT 1 FROM card_key o WHERE o.key = k.key AND o.num <> k.num) ORDER BY k.key, k.num`)
	if err != nil {
		d.err = err
		return
	}
	defer rows.Close()
	for rows.Next() {
		var key int64
		var e works.Entry
		if err := rows.Scan(&key, &e.Card); err != nil {
			d.err = err
			return
		}
		e.Key = uint64(key) // the order of keys means nothing, only that equal ones stand together
		if !yield(e) || d.err != nil {
			return
		}
	}
	d.err = errors.Join(d.err, rows.Err())
}

// card returns a card by the number of its record; an empty one after an error.
func (d *deck) card(num int) *works.Card {
	if c := d.cards[num]; c != nil {
		return c
	}
	if len(d.cards) >= keptCards {
		clear(d.cards)
	}
	c, err := d.s.card(d.ctx, `SELECT card FROM card WHERE num = $1`, num)
	if err != nil {
		d.err = errors.Join(d.err, err)
		c = &works.Card{}
	}
	d.cards[num] = c
	return c
}

// add fetches the card of a record that a link or a ruling names, unless it was withdrawn.
func (d *deck) add(id record.ID) error {
	if d.linked[id] != nil {
		return nil
	}
	c, err := d.s.card(d.ctx, `SELECT c.card FROM card c JOIN record r ON r.num = c.num WHERE r.id = $1`, string(id))
	if none(err) {
		return nil
	}
	if err != nil {
		return err
	}
	d.linked[id] = c
	return nil
}

func (s *Store) card(ctx context.Context, query string, arg any) (*works.Card, error) {
	var text string
	if err := s.read.QueryRowContext(ctx, query, arg).Scan(&text); err != nil {
		return nil, err
	}
	c := &works.Card{}
	if err := json.Unmarshal([]byte(text), c); err != nil {
		return nil, fmt.Errorf("reading a card: %w", err)
	}
	return c, nil
}

// settleWorks gives the groups their ids and returns the records whose work is another
// than before. A work keeps the id that its longest-known edition brings along, unless
// another group has it already: then it was split.
func (s *Store) settleWorks(ctx context.Context, found grouped) (moved map[int64]record.ID, links []editionLink, err error) {
	before, err := s.editions(ctx)
	if err != nil {
		return nil, nil, err
	}
	nums := map[record.ID]int64{}
	for _, w := range found.works {
		for _, id := range w.Members {
			var num int64
			if err := s.read.QueryRowContext(ctx, `SELECT num FROM record WHERE id = $1`, string(id)).Scan(&num); err != nil {
				return nil, nil, err
			}
			nums[id] = num
		}
	}
	for _, l := range found.links {
		links = append(links, newEditionLink(nums, l))
	}
	now := nameWorks(found, nums, before)
	moved = map[int64]record.ID{}
	for num, work := range now {
		if before[num] != work {
			moved[num] = work
		}
	}
	for num := range before {
		if _, still := now[num]; !still {
			moved[num] = ""
		}
	}
	return moved, links, nil
}

func newEditionLink(nums map[record.ID]int64, l works.Link) editionLink {
	e := editionLink{a: nums[l.A], b: nums[l.B], kind: string(l.Kind), confidence: l.Confidence, evidence: l.Evidence}
	if e.b < e.a {
		e.a, e.b = e.b, e.a
	}
	if e.evidence == nil {
		e.evidence = []string{}
	}
	return e
}

// editions returns the work of each record that has one.
func (s *Store) editions(ctx context.Context) (map[int64]record.ID, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT num, work FROM edition`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[int64]record.ID{}
	for rows.Next() {
		var num int64
		var work record.ID
		if err := rows.Scan(&num, &work); err != nil {
			return nil, err
		}
		all[num] = work
	}
	return all, rows.Err()
}

// nameWorks gives every group an id and returns that of each of its records.
func nameWorks(found grouped, nums map[record.ID]int64, before map[int64]record.ID) map[int64]record.ID {
	type named struct {
		members []record.ID // longest known first
		nums    []int64
	}
	list := make([]named, len(found.works))
	for i, w := range found.works {
		n := named{members: slices.Clone(w.Members)}
		slices.SortFunc(n.members, func(a, b record.ID) int { return cmp.Compare(nums[a], nums[b]) })
		for _, id := range n.members {
			n.nums = append(n.nums, nums[id])
		}
		list[i] = n
	}
	slices.SortFunc(list, func(a, b named) int { return cmp.Compare(a.nums[0], b.nums[0]) })
	taken := map[record.ID]bool{}
	of := map[int64]record.ID{}
	for _, n := range list {
		id := commonWork(n.members, found.came)
		if taken[id] {
			id = ""
		}
		for _, num := range n.nums {
			if w := before[num]; id == "" && w != "" && !taken[w] {
				id = w
			}
		}
		for i := 0; id == ""; i++ {
			if fresh := record.NewID("work", string(n.members[i])); !taken[fresh] || i == len(n.members)-1 {
				id = fresh
			}
		}
		taken[id] = true
		for _, num := range n.nums {
			of[num] = id
		}
	}
	return of
}

// commonWork returns the work that most of the records were of when they came from another
// hub, so that both hubs call it by one id; "" when none was of any.
func commonWork(members []record.ID, came map[record.ID]record.ID) record.ID {
	counts := map[record.ID]int{}
	var best record.ID
	for _, m := range members {
		w := came[m]
		if w == "" {
			continue
		}
		counts[w]++
		if best == "" || counts[w] > counts[best] || counts[w] == counts[best] && w < best {
			best = w
		}
	}
	return best
}

// writeLinks replaces the links between editions.
func (s *Store) writeLinks(ctx context.Context, now time.Time, links []editionLink) error {
	return s.change(ctx, now, func(c *commit) error {
		if _, err := c.tx.ExecContext(ctx, `DELETE FROM edition_link`); err != nil {
			return err
		}
		args := make([]any, 0, 5*len(links))
		for _, l := range links {
			evidence, err := json.Marshal(l.evidence)
			if err != nil {
				return err
			}
			args = append(args, l.a, l.b, l.kind, l.confidence, string(evidence))
		}
		return c.insert(ctx, nil, `edition_link (a, b, kind, confidence, evidence)`, 5, args)
	})
}
