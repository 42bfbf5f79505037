package normalizer

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// TestDocs holds docs/schema.md against the codes and the formula that the code has.
func TestDocs(t *testing.T) {
	b, err := os.ReadFile("../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := string(b)
	for _, c := range Codes() {
		_, row, found := strings.Cut(doc, "\n| `"+c.Code+"` |")
		row, _, _ = strings.Cut(row, "\n")
		if !found || !strings.Contains(row, "| "+c.Meaning+" |") && !strings.HasPrefix(row, " "+c.Meaning+" |") {
			t.Errorf("docs/schema.md does not explain %s as %q", c.Code, c.Meaning)
		}
	}
	for _, c := range Criteria() {
		if row := fmt.Sprintf("| %s | %d | %s |", c.Name, c.Points, c.Earned); !strings.Contains(doc, row) {
			t.Errorf("docs/schema.md does not have the row %s", row)
		}
	}
}
