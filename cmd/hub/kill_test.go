package main

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"

	"ctiphub/internal/demo"
)

// TestKillHarvest kills the hub without warning while it harvests 20,000 records, again
// and again: in the end nothing is lost, nothing is there twice, and no kill cost more
// than one page.
func TestKillHarvest(t *testing.T) {
	const records, kills = 20_000, 5
	f, err := demo.Start(t.Context(), demo.Config{Seed: 3, Records: records})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close(context.Background()) }()
	sites := f.Sites()
	partner := sites[len(sites)-1]
	conf, data := configFolder(t, fmt.Sprintf(`id: partner
name: Partner
kind: oai-pmh
url: %s
enabled: true
politeness: {min_delay: 1us}
in_scope: true
trust: high
oai: {prefix: oai_dc}
`, partner.URL)), t.TempDir()

	for range kills {
		before := listRequests(f, partner.ID)
		cmd := exec.Command(binary, "harvest", "--config", conf, "--data", data)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		for deadline := time.Now().Add(time.Minute); len(listRequests(f, partner.ID)) < len(before)+12; {
			if time.Now().After(deadline) {
				t.Fatal("the hub asks for nothing")
			}
			time.Sleep(2 * time.Millisecond)
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
	}
	out, code := hub(t, "harvest", "--config", conf, "--data", data, "--json")
	if code != 0 || !strings.Contains(out, fmt.Sprintf(`"listed": %d`, records)) {
		t.Fatalf("the last process ended with %d:\n%s", code, out)
	}

	asked := map[string]int{}
	for _, r := range listRequests(f, partner.ID) {
		asked[r]++
	}
	again := 0
	for path, n := range asked {
		again += n - 1
		if n > 2 {
			t.Errorf("%s was fetched %d times", path, n)
		}
	}
	if again > kills {
		t.Errorf("%d pages were fetched again after %d kills, want at most one each", again, kills)
	}
	if pages := records / 100; len(asked) != pages {
		t.Errorf("%d pages were fetched, the list has %d", len(asked), pages)
	}

	seen, live := map[string]bool{}, 0
	for _, rec := range exported(t, "--config", conf, "--data", data) {
		if seen[rec.Origin.Identifier] {
			t.Errorf("%s is there twice", rec.Origin.Identifier)
		}
		seen[rec.Origin.Identifier] = true
		live++
	}
	if want := records - deletedIn(t, partner, records); live != want {
		counted, _ := hub(t, "sources", "list", "--json", "--config", conf, "--data", data)
		t.Errorf("%d records are live, want %d; the catalogue says %s", live, want, counted)
	}
}

// listRequests returns the ListRecords requests that a site answered.
func listRequests(f *demo.Federation, id string) []string {
	var list []string
	for _, r := range f.Requests(id) {
		if strings.Contains(r.Path, "verb=ListRecords") {
			list = append(list, r.Path)
		}
	}
	return list
}

// deletedIn counts the deleted headers of the repository by asking for them.
func deletedIn(t *testing.T, s demo.Site, records int) int {
	t.Helper()
	n := 0
	for at := 0; at < records; at += 100 {
		_, body := get(t, s.URL, fmt.Sprintf("?verb=ListIdentifiers&resumptionToken=%d/%d/oai_dc", at, records))
		n += strings.Count(body, `status="deleted"`)
	}
	return n
}
