package sqlstore

import (
	"strings"
	"testing"
)

// TestPlans looks at how SQLite runs the queries that grow with the catalogue: along an
// index, without sorting.
func TestPlans(t *testing.T) {
	s := open(t, t.TempDir()+"/catalogue.db")
	for name, c := range map[string]struct {
		query string
		args  int
		walk  bool // reads an index from its end until it has enough
	}{
		"lastTick":     {query: lastTick, args: 1},
		"entriesAll":   {query: entriesAll, args: 3},
		"entriesView":  {query: entriesView, args: 1},
		"headsAll":     {query: headsAll, args: 3},
		"stampOf":      {query: stampOf, args: 1},
		"entriesSet":   {query: entriesSet, args: 4},
		"countAll":     {query: countAll, args: 2},
		"countBlock":   {query: countBlock, args: 2},
		"countSet":     {query: countSet, args: 3},
		"countMember":  {query: countMember, args: 1},
		"liveLog":      {query: liveLog, args: 2},
		"absentCount":  {query: absentCount, args: 2},
		"overdueRows":  {query: overdueRows, args: 3},
		"newestFirst":  {query: newestFirst, args: 1},
		"issuedFirst":  {query: issuedFirst, args: 2},
		"changesSince": {query: changesSince, args: 1},
	} {
		t.Run(name, func(t *testing.T) {
			plan := explain(t, s, c.query, c.args)
			if strings.Contains(plan, "TEMP B-TREE") {
				t.Errorf("it sorts:\n%s", plan)
			}
			for line := range strings.Lines(plan) {
				scan := strings.HasPrefix(line, "SCAN ") && !strings.HasPrefix(line, "SCAN CONSTANT")
				if scan && !(c.walk && strings.Contains(line, "USING COVERING INDEX")) {
					t.Errorf("it reads a whole table:\n%s", plan)
				}
			}
			if strings.HasSuffix(name, "First") && !strings.Contains(plan, "SEARCH record USING COVERING INDEX") {
				t.Errorf("it does not begin at its place in an index:\n%s", plan)
			}
			if strings.HasPrefix(name, "count") && name != "countMember" && !strings.Contains(plan, "COVERING INDEX") && !strings.Contains(plan, "PRIMARY KEY") {
				t.Errorf("it reads rows to count them:\n%s", plan)
			}
		})
	}
}

func explain(t *testing.T, s *Store, query string, args int) string {
	t.Helper()
	values := make([]any, args)
	for i := range values {
		values[i] = "1"
	}
	rows, err := s.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, values...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan strings.Builder
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan.WriteString(detail + "\n")
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return plan.String()
}
