package portal

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	spreadsheet "ctiphub/exporter/csv"
)

// usageCSV answers with one panel as a table for spreadsheets.
func (p *Portal) usageCSV(w http.ResponseWriter, r *http.Request, u *usageReading) error {
	t, err := u.panel(r.Context(), u.q.get("panel"))
	if err != nil {
		return err
	}
	text, err := t.csv(u.described(u.q.get("panel")))
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "text/csv; charset=utf-8; header=present")
	h.Set("Content-Disposition", `attachment; filename="usage-`+t.ID+`.csv"`)
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Language")
	_, _ = w.Write(text) // only a client that went away can make this fail
	return nil
}

// described says what the figures of a panel are of: in the first line of its CSV.
func (u *usageReading) described(panel string) string {
	var heeds, parts []string
	for _, d := range usagePanels() {
		if d.id == panel {
			heeds = d.params
		}
	}
	for _, name := range heeds {
		if v := u.q.get(name); v != "" {
			parts = append(parts, name+" "+strings.ReplaceAll(v, ";", " "))
		}
	}
	s := strings.Join(parts, "; ")
	if s == "" {
		s = "none"
	}
	return fmt.Sprintf("filters: %s; k = %d: %s", s, u.p.o.Usage.Crowd, absence(u.p.o.Usage.Crowd))
}

// absence says what it means that a number or a row is not there.
func absence(k int) string {
	return fmt.Sprintf("what is not there is nothing or fewer than %d people; sums are of what is shown and so the least there can be", k)
}

// oneCell takes out what would end a cell, or need quotes: the line is one cell, and must stay
// one, as a spreadsheet would take what is behind a comma for another that may be a formula.
var oneCell = strings.NewReplacer(",", " ", "\"", "'", "\t", " ", "\n", " ")

// csv writes the table: a line that says what it is, the names of the columns, the rows.
func (t usageTable) csv(described string) ([]byte, error) {
	var b bytes.Buffer
	about := "# " + t.Title + "; " + t.Range.Words() + "; " + described
	// The line is one cell, and must stay one: a spreadsheet would take what is behind a comma
	// for another, which could begin like a formula.
	b.WriteString(oneCell.Replace(visible(about)) + "\r\n")
	w := csv.NewWriter(&b)
	w.UseCRLF = true
	var head []string
	for _, c := range t.Columns {
		head = append(head, c.Key)
		if c.Coded {
			head = append(head, c.Key+"_name")
		}
	}
	_ = w.Write(head) // Flush says what went wrong
	for _, r := range t.Rows {
		var line []string
		for i, c := range t.Columns {
			d := r.Cells[i]
			switch {
			case c.Number && d.Known:
				line = append(line, strconv.FormatInt(d.N, 10))
			case c.Number:
				line = append(line, "")
			case c.Coded:
				line = append(line, spreadsheet.Cell(visible(d.ID)), spreadsheet.Cell(visible(d.S)))
			default:
				line = append(line, spreadsheet.Cell(visible(d.S)))
			}
		}
		_ = w.Write(line)
	}
	w.Flush()
	if err := w.Error(); err != nil {
		return nil, fmt.Errorf("writing the figures as CSV: %w", err)
	}
	return b.Bytes(), nil
}
