package ingest

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ctiphub/catalog"
	"ctiphub/record"
)

// CodeDrift is the code of the note that a source's pages are no longer built as they were.
const CodeDrift = "selector-drift"

// When a shift in the rules that set a field is an alarm.
const (
	driftRecords = 20 // fewer records say nothing
	driftShare   = 60 // percent of the records that a rule must have set to be the usual one
)

// choices counts which rule set each field, once a record: the first one, which is the one
// whose value stands foremost. Records that screening refused count too, or a site that
// lost all its titles would show no shift. What another hub normalized says nothing of
// the selectors here.
func choices(items []catalog.Item) []catalog.Choice {
	count, seen := map[catalog.Choice]int{}, map[string]bool{}
	for _, it := range items {
		if it.Raw.Deleted || it.Raw.Format == record.FormatCTIP {
			continue
		}
		clear(seen)
		for _, a := range it.Record.Provenance {
			if a.Flag == record.Curator || seen[a.Field] {
				continue
			}
			seen[a.Field] = true
			count[catalog.Choice{Field: a.Field, Rule: ruleKind(a.Rule)}]++
		}
	}
	list := make([]catalog.Choice, 0, len(count))
	for c, n := range count {
		list = append(list, catalog.Choice{Field: c.Field, Rule: c.Rule, Count: n})
	}
	slices.SortFunc(list, func(a, b catalog.Choice) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Rule, b.Rule))
	})
	return list
}

// ruleKind shortens the rule of a vocabulary match to its scheme: which of a thousand terms
// matched is the record's business, not the page's.
func ruleKind(rule string) string {
	if scheme, _, ok := strings.Cut(rule, "/"); ok && strings.HasPrefix(scheme, "vocab:") {
		return scheme
	}
	return rule
}

// field is how often each rule set one field.
type field struct {
	rules map[string]int
	total int
}

// usual is the rule that set the field most often.
func (f field) usual() (rule string, n int) {
	for _, r := range slices.Sorted(maps.Keys(f.rules)) {
		if f.rules[r] > n {
			rule, n = r, f.rules[r]
		}
	}
	return rule, n
}

// byField sorts choices by their field and says of how many records they are: those of the
// field that most records have, which is the title unless a source has lost its titles.
func byField(list []catalog.Choice) (fields map[string]field, records int) {
	fields = map[string]field{}
	for _, c := range list {
		f := fields[c.Field]
		if f.rules == nil {
			f.rules = map[string]int{}
		}
		f.rules[c.Rule] += c.Count
		f.total += c.Count
		fields[c.Field] = f
		records = max(records, f.total)
	}
	return fields, records
}

// drift compares which rules set which fields now with how it was in a good run. It returns
// at most one note, because the run keeps each code once; its detail names every field.
func drift(baseline, now []catalog.Choice) []record.Finding {
	before, recordsBefore := byField(baseline)
	after, recordsNow := byField(now)
	if recordsBefore < driftRecords || recordsNow < driftRecords {
		return nil
	}
	var shifts []string
	var first string
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if text := shift(before[name], after[name], recordsBefore, recordsNow); text != "" {
			shifts = append(shifts, name+" "+text)
			first = cmp.Or(first, name)
		}
	}
	if len(shifts) == 0 {
		return nil
	}
	return []record.Finding{{Code: CodeDrift, Field: first, Detail: strings.Join(shifts, "; ") +
		". Likely cause: the pages are built differently now; look at one with \"hub check\" and adapt the source's selectors."}}
}

// shift says in words how a field is set differently from before, or "".
func shift(before, now field, recordsBefore, recordsNow int) string {
	rule, n := before.usual()
	switch {
	case before.total < driftRecords:
		return ""
	case share(now.total, recordsNow)*2 < share(before.total, recordsBefore):
		return fmt.Sprintf("was found in %.0f %% of the records, now in %.0f %%", share(before.total, recordsBefore), share(now.total, recordsNow))
	case now.total < driftRecords || share(n, before.total) < driftShare:
		return ""
	case share(now.rules[rule], now.total)*2 < share(n, before.total):
		text := fmt.Sprintf("came from %s in %.0f %% of the records, now in %.0f %%", rule, share(n, before.total), share(now.rules[rule], now.total))
		if other, m := now.usual(); other != rule {
			text += fmt.Sprintf(" (%s sets it in %.0f %%)", other, share(m, now.total))
		}
		return text
	}
	return ""
}

// share is n of a whole in percent.
func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return 100 * float64(n) / float64(of)
}

// watchDrift compares a run with the last good one, before it is closed, and notes a shift
// with the run. It is an alarm and never a reason to lose the run: what fails is told.
func (v *visit) watchDrift(ctx context.Context) {
	if v.counts.Listed == 0 || v.end.Held != "" {
		return
	}
	notes, err := v.compare(ctx)
	if err == nil && len(notes) > 0 {
		_, err = v.o.Store.Apply(ctx, catalog.Batch{Source: v.job.Source.ID, Run: v.run.ID, Now: v.o.Now(), Cursor: v.end.Cursor, Notes: notes})
	}
	if err != nil {
		v.log.Error("comparing the run with the last good one failed", "error", err)
		return
	}
	v.metrics.drift.WithLabelValues(v.job.Source.ID).Add(float64(len(notes)))
	v.tell(notes)
}

func (v *visit) compare(ctx context.Context) ([]record.Finding, error) {
	now, err := v.o.Store.Choices(ctx, v.run.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the choices of run %d: %w", v.run.ID, err)
	}
	baseline, err := v.o.Store.Baseline(ctx, v.job.Source.ID, v.run.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the choices of the last good run: %w", err)
	}
	return drift(baseline, now), nil
}
