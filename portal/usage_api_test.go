package portal_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ctiphub/analytics"
)

var update = flag.Bool("update", false, "write the golden files anew")

// TestUsageAPI holds the answers against the OpenAPI document, and against the CSV.
func TestUsageAPI(t *testing.T) {
	h := livelyHub(t)
	spec := readOpenAPI(t, h)
	for path, panels := range usagePaths() {
		for _, id := range panels {
			link := h.page(t, path, 200).Find("section#"+id+" .usage-foot a[href^='/api/']").AttrOr("href", "")
			spec.check(t, "/api/v1/usage/{panel}", h.get(t, link))
			_, head, rows := readCSV(t, body(t, h.get(t, path+"?format=csv&panel="+id)))
			doc := decoded[struct {
				Crowd    int
				From, To string
				Columns  []struct {
					ID            string
					Number, Named bool
				}
				Rows []map[string]any
			}](t, h.get(t, link))
			if path == "/usage" && id != "days" {
				continue // the overview shows the first of them only
			}
			if len(doc.Rows) != len(rows) || doc.Crowd != 5 || doc.From == "" || doc.To < doc.From {
				t.Fatalf("%s: %d rows, the CSV has %d; k %d, %s to %s", link, len(doc.Rows), len(rows), doc.Crowd, doc.From, doc.To)
			}
			for i, row := range doc.Rows {
				for j, c := range doc.Columns {
					key := c.ID
					if c.Named {
						key += "Name"
					}
					got := ""
					if v, ok := row[key]; ok {
						got = fmt.Sprint(v)
					}
					if head[j] != key && !c.Named || got != rows[i][j] {
						t.Fatalf("%s: row %d, %s is %q, in the CSV %s is %q", link, i, key, got, head[j], rows[i][j])
					}
				}
			}
		}
	}
}

// TestUsageAPIRefuses: a table takes the parameters that it heeds, and no others.
func TestUsageAPIRefuses(t *testing.T) {
	h := livelyHub(t)
	spec := readOpenAPI(t, h)
	for target, status := range map[string]int{
		"days?period=4w&channel=web": 200, "rhythm?zone=7": 200, "months?source=agency&from=2025-12-01&to=2026-02-28": 200, "publishers?publisher=Nobody": 200,
		"nothing": 404, "days?zone=7": 400, "days?country=TH": 400, "months?from=2025-12-08&to=2026-02-28": 400, "areas?country=XX": 400, "days?contry=TH": 400, "days?period=1w": 422,
	} {
		res := h.get(t, "/api/v1/usage/"+target)
		if res.StatusCode != status {
			t.Errorf("%s: status %d, want %d", target, res.StatusCode, status)
		}
		spec.check(t, "/api/v1/usage/{panel}", res)
	}
	described, _ := json.Marshal(spec.doc)
	for _, panels := range usagePaths() {
		for _, id := range panels {
			if !strings.Contains(string(described), id) {
				t.Errorf("the document does not name the table %s", id)
			}
		}
	}
}

// TestUsageGolden holds one table of each kind against its file: as CSV, where every byte is seen.
func TestUsageGolden(t *testing.T) {
	s := few()
	s.add(cellOf(analytics.ViewTerm, lastWeek, "=shelter", "", "search", 9), cellOf(analytics.ViewTerm, lastWeek, "ผู้เสียหาย, เด็ก", "", "search", 8))
	h := usageHub(t, s.store(t), manyRecords(6)...)
	for name, path := range map[string]string{
		"days": "/usage?period=4w&format=csv&panel=days", "areas": "/usage/demand?period=4w&format=csv&panel=areas",
		"gaps": "/usage/gaps?period=4w&format=csv&panel=gaps", "terms": "/usage/demand?period=4w&format=csv&panel=terms",
	} {
		got := body(t, h.get(t, path))
		file := filepath.Join("testdata", "usage-"+name+".csv.golden")
		if *update {
			if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs%s", file, firstDifference(got, string(want)))
		}
	}
}
