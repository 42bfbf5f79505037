package demo

import (
	"bytes"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// checkPDF reads a file as a reader would: trailer, cross-reference table, each object
// where the table says it is, and the length of the stream.
func checkPDF(t *testing.T, file []byte) {
	t.Helper()
	if !bytes.HasPrefix(file, []byte("%PDF-1.4\n")) || !bytes.HasSuffix(file, []byte("%%EOF\n")) {
		t.Fatalf("it begins with %.10q and ends in %q", file, file[max(len(file)-6, 0):])
	}
	var at, size int
	if _, err := fmt.Sscanf(string(file[bytes.LastIndex(file, []byte("startxref\n")):]), "startxref\n%d", &at); err != nil || !bytes.HasPrefix(file[at:], []byte("xref\n")) {
		t.Fatalf("startxref does not point to the table (%v)", err)
	}
	if _, err := fmt.Sscanf(string(file[at:]), "xref\n0 %d\n", &size); err != nil || !bytes.Contains(file[at:], fmt.Appendf(nil, "/Size %d ", size)) {
		t.Fatalf("the table and the trailer disagree (%v)", err)
	}
	for n, entry := range regexp.MustCompile(`(?m)^(\d{10}) \d{5} [nf] $`).FindAllSubmatch(file[at:], -1) {
		offset, err := strconv.Atoi(string(entry[1]))
		if err != nil || n > 0 && !bytes.HasPrefix(file[offset:], fmt.Appendf(nil, "%d 0 obj\n", n)) {
			t.Errorf("object %d is not at %s", n, entry[1])
		}
		size--
	}
	if size != 0 {
		t.Errorf("the table lacks %d entries", size)
	}
	m := regexp.MustCompile(`(?s)/Length (\d+) >>\nstream\n(.*)\nendstream`).FindSubmatch(file)
	if m == nil || string(m[1]) != strconv.Itoa(len(m[2])) {
		t.Error("the stream is not as long as it says")
	}
}

func TestPDF(t *testing.T) {
	f := start(t, Config{Seed: 1})
	s := siteOf(t, f, "demo-th-datip")
	dead, sound := 0, 0
	for _, e := range sitemapOf(t, s) {
		link := documentOf(t, e.Loc).Find(".download a").AttrOr("href", "")
		resp, file := get(t, strings.TrimSuffix(s.Home, "/")+link)
		switch {
		case resp.StatusCode == http.StatusNotFound && link == "/files/lost.pdf":
			dead++
			continue
		case resp.StatusCode != http.StatusOK || resp.Header.Get("Content-Type") != "application/pdf":
			t.Errorf("%s answers %d %s", link, resp.StatusCode, resp.Header.Get("Content-Type"))
			continue
		}
		sound++
		checkPDF(t, file)
		if !bytes.Contains(file, []byte("/Title (Microsoft Word - final2.doc)")) {
			t.Errorf("%s has a good title", link)
		}
	}
	if dead != 1 || sound < 20 {
		t.Errorf("%d links are dead, %d sound; want 1 and the rest", dead, sound)
	}
	if resp, _ := get(t, s.Home+"files/th-0.doc"); resp.StatusCode != http.StatusNotFound {
		t.Errorf("a file of another kind answers %d", resp.StatusCode)
	}
}

func TestPDFText(t *testing.T) {
	file := pdf(`a (b\`, []string{strings.Repeat("Guidelines (part 1) ", 30)})
	checkPDF(t, file)
	if !bytes.Contains(file, []byte(`/Title (a \(b\\)`)) || !bytes.Contains(file, []byte(`\(part 1\)`)) {
		t.Error("brackets are not escaped")
	}
	for _, line := range wrap(strings.Repeat("word ", 100), 80) {
		if len(line) > 80 {
			t.Errorf("a line has %d letters", len(line))
		}
	}
	if got := latin("Guide – Hà Nội 2020"); got != "Guide - H Ni 2020" {
		t.Errorf("got %q", got)
	}
}
