// Package spell says what somebody probably meant who wrote a word that is not known.
//
// In flow a word and the known words; out flows a hint for an error message. It stores
// nothing and must not know what the words stand for.
package spell

import (
	"fmt"
	"strings"
)

// Hint asks for the most similar of the known words, or lists them when none is similar.
func Hint(got string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if d := distance(got, k); d < least {
			best, least = k, d
		}
	}
	if best != "" {
		return fmt.Sprintf("did you mean %q?", best)
	}
	return "known are " + strings.Join(known, ", ")
}

// distance is the Levenshtein distance of two short words, in bytes.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diag := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diag
			if a[i] != b[j] {
				cost = 1 + min(diag, row[j], row[j+1])
			}
			diag, row[j+1] = row[j+1], cost
		}
	}
	return row[len(b)]
}
