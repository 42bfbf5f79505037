package analytics

import (
	"fmt"
	"slices"
	"strings"
)

// Question asks for released cells of one view.
type Question struct {
	View     View
	From, To Day      // units that begin on From or later and before To
	Metrics  []string // none: all
	A, B, C  string   // "": any value
	By       []string // what to add up by, beside the metric: "unit", "a", "b", "c"
	Crowd    int      // k: cells below are not there
	Most     int      // rows, the largest first; 0: all, in order
}

// Validate reports what a question may not ask.
func (q Question) Validate() error {
	if CubeOf(q.View) == "" {
		return fmt.Errorf("there is no view %q", q.View)
	}
	if q.Crowd < LeastCrowd || q.Crowd > MostCrowd {
		return fmt.Errorf("a crowd of %d is not between %d and %d", q.Crowd, LeastCrowd, MostCrowd)
	}
	for _, by := range q.By {
		switch by {
		case "unit", "a", "b", "c":
		default:
			return fmt.Errorf("cells cannot be added up by %q", by)
		}
	}
	return nil
}

// Query writes a question as SQL of the table of cells, which every store can run. The columns
// are those of By, the metric, and the sums that Scan takes. also is one more condition.
func (q Question) Query(table, also string, more ...any) (query string, args []any) {
	columns := append(slices.Clone(q.By), "metric")
	where := []string{"view = ?", "unit >= ?", "unit < ?", "(people >= ? OR (view = 'export' AND a <> ''))", "n > 0"}
	args = []any{string(q.View), q.From.String(), q.To.String(), q.Crowd}
	for _, c := range []struct{ column, value string }{{"a", q.A}, {"b", q.B}, {"c", q.C}} {
		if c.value != "" {
			where, args = append(where, c.column+" = ?"), append(args, c.value)
		}
	}
	if len(q.Metrics) > 0 {
		where = append(where, "metric IN ("+strings.TrimSuffix(strings.Repeat("?, ", len(q.Metrics)), ", ")+")")
		for _, m := range q.Metrics {
			args = append(args, m)
		}
	}
	if also != "" {
		where, args = append(where, also), append(args, more...)
	}
	list := strings.Join(columns, ", ")
	query = "SELECT " + list + ", sum(n) AS total, sum(uniq) AS total_uniq, min(people) AS fewest FROM " + table +
		" WHERE " + strings.Join(where, " AND ") + " GROUP BY " + list + " ORDER BY "
	if q.Most > 0 {
		return query + fmt.Sprintf("total DESC, %s LIMIT %d", list, q.Most), args
	}
	return query + list, args
}

// Scan reads one row of the answer to Query.
func (q Question) Scan(scan func(...any) error) (Cell, error) {
	c := Cell{View: q.View}
	var to []any
	for _, by := range q.By {
		switch by {
		case "unit":
			to = append(to, &c.Unit)
		case "a":
			to = append(to, &c.A)
		case "b":
			to = append(to, &c.B)
		case "c":
			to = append(to, &c.C)
		}
	}
	var people int64
	err := scan(append(to, &c.Metric, &c.N, &c.Uniq, &people)...)
	c.People = int(people)
	return c, err
}

// Admit reports whether a cell may be in the answer: the last look at what a store says.
func (q Question) Admit(c Cell) bool {
	return c.N > 0 && (c.People >= q.Crowd || c.People == 0 && q.View == ViewExport)
}
