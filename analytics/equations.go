package analytics

import (
	"cmp"
	"encoding/binary"
	"math/rand/v2"
	"slices"
)

// prime is the field in which equations are solved: large enough that no number of a cell's
// combination is nothing by chance, small enough for products in 64 bits.
const prime = 1<<31 - 1

// system is what somebody knows who reads all cells: one row a cell, one column a class of
// atoms that are always counted together.
type system struct {
	rows    []row
	piles   []*pile // of rows
	columns []crowds
}

// row is one equation: its columns, and the cells that it was added up from.
type row struct{ terms, from map[int]int64 }

// put adds an atom to the class of those in the same rows.
func (s *system) put(classes map[string]int, rows []int, crowd crowds) {
	slices.Sort(rows)
	var key []byte
	for _, r := range rows {
		key = binary.AppendUvarint(key, uint64(r))
	}
	column, ok := classes[string(key)]
	if !ok {
		column = len(s.columns)
		classes[string(key)] = column
		s.columns = append(s.columns, crowds{})
		for _, r := range rows {
			s.rows[r].terms[column] = 1
		}
	}
	s.columns[column].join(crowd)
}

// leaks returns for each sum that belongs to less than k people the smallest cell by which it
// can be worked out. It takes the columns of k people and more out first: what is left then
// are all sums of smaller ones.
func (s *system) leaks(k int) []*pile {
	var large []int
	var small []int
	for i, c := range s.columns {
		if c.people() >= k {
			large = append(large, i)
		} else {
			small = append(small, i)
		}
	}
	rest := s.eliminate(s.rows, large, false)
	slices.SortStableFunc(small, func(a, b int) int { return cmp.Compare(s.columns[b].people(), s.columns[a].people()) })

	var leaks []*pile
	order := rand.New(rand.NewPCG(1, 1)) // the same for the same cells
	for range s.tries() {
		rest = s.eliminate(rest, small, true)
		for _, r := range rest {
			if len(r.terms) > 0 && s.crowdOf(r).people() < k {
				if p := s.smallest(r); p != nil && !slices.Contains(leaks, p) {
					leaks = append(leaks, p)
				}
			}
		}
		if len(leaks) > 0 {
			return leaks
		}
		order.Shuffle(len(small), func(i, j int) { small[i], small[j] = small[j], small[i] })
	}
	return nil
}

// tries is how many solutions are looked at: each shows some of the sums with few columns, and
// all of them together nearly all. In large systems few sums are of so few columns.
func (s *system) tries() int {
	if len(s.columns) > 800 {
		return 4
	}
	return 24
}

// eliminate solves rows for columns. It returns the rows that none of these columns is left in
// or, of a whole solution, all of them.
func (s *system) eliminate(rows []row, columns []int, whole bool) []row {
	in := map[int]map[int]bool{} // rows by column
	for _, c := range columns {
		in[c] = map[int]bool{}
	}
	for i, r := range rows {
		for c := range r.terms {
			if in[c] != nil {
				in[c][i] = true
			}
		}
	}
	solved := make([]bool, len(rows))
	for _, c := range columns {
		pivot := shortest(rows, solved, in[c])
		if pivot < 0 {
			continue
		}
		solved[pivot] = true
		for _, i := range sortedKeys(in[c]) {
			if i == pivot || solved[i] && !whole {
				continue
			}
			rows[i].subtract(rows[pivot], c, func(column int, there bool) {
				if in[column] != nil && there {
					in[column][i] = true
				} else if in[column] != nil {
					delete(in[column], i)
				}
			})
		}
	}
	if whole {
		return rows
	}
	var rest []row
	for i, r := range rows {
		if !solved[i] {
			rest = append(rest, r)
		}
	}
	return rest
}

// shortest returns the row with the fewest columns of those that are not solved, or -1.
func shortest(rows []row, solved []bool, of map[int]bool) int {
	best := -1
	for _, i := range sortedKeys(of) {
		if !solved[i] && (best < 0 || len(rows[i].terms) < len(rows[best].terms)) {
			best = i
		}
	}
	return best
}

func sortedKeys(set map[int]bool) []int {
	keys := make([]int, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// subtract takes a multiple of another row away, so that a column is left in this one no more.
func (r row) subtract(pivot row, column int, changed func(column int, there bool)) {
	f := r.terms[column] * inverse(pivot.terms[column]) % prime
	subtract(r.terms, pivot.terms, f, changed)
	subtract(r.from, pivot.from, f, func(int, bool) {})
}

func subtract(to, what map[int]int64, f int64, changed func(int, bool)) {
	for c, v := range what {
		n := (to[c] + prime - f*v%prime) % prime
		if n == 0 {
			delete(to, c)
		} else {
			to[c] = n
		}
		changed(c, n != 0)
	}
}

// inverse is what times a makes 1 (Fermat).
func inverse(a int64) int64 {
	result, power := int64(1), a%prime
	for e := int64(prime - 2); e > 0; e >>= 1 {
		if e&1 == 1 {
			result = result * power % prime
		}
		power = power * power % prime
	}
	return result
}

func (s *system) crowdOf(r row) crowds {
	all := crowds{}
	for c := range r.terms {
		all.join(s.columns[c])
	}
	return all
}

// smallest returns the smallest cell of those that a row was added up from; nil when all of them
// are known anyway.
func (s *system) smallest(r row) *pile {
	var best *pile
	for i := range r.from {
		p := s.piles[i]
		if p.known || best != nil && bySize(best, p) <= 0 {
			continue
		}
		best = p
	}
	return best
}

// bySize puts those first that are withheld first.
func bySize(a, b *pile) int {
	return cmp.Or(cmp.Compare(a.crowd.people(), b.crowd.people()), cmp.Compare(a.cell.N, b.cell.N), compareCells(a.cell, b.cell))
}
