package oai

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"ctiphub/internal/replay"
)

// tally counts facts right and wrong, by kind.
type tally map[string]*[2]int

func (c tally) count(kind string, right bool) bool {
	if c[kind] == nil {
		c[kind] = &[2]int{}
	}
	if right {
		c[kind][0]++
	} else {
		c[kind][1]++
	}
	return right
}

// report prints the counts. No wrong one is let pass: every file is explained or mended.
func (c tally) report(t *testing.T, least int) {
	t.Helper()
	all := 0
	for _, kind := range slices.Sorted(maps.Keys(c)) {
		t.Logf("%-18s %d right, %d wrong", kind, c[kind][0], c[kind][1])
		all += c[kind][0]
	}
	if all < least {
		t.Errorf("%d facts right, and %d were", all, least)
	}
}

// TestRealAnswers holds the parser against what another XML parser found in real answers.
func TestRealAnswers(t *testing.T) {
	dir, ok := replay.Shared(t, "oai")
	if !ok {
		return
	}
	data, counts := filepath.Dir(dir), tally{}
	manifest, err := os.ReadFile(filepath.Join(data, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(manifest)) {
		cols := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(cols) < 8 || !strings.HasPrefix(cols[0], "oai/") {
			continue
		}
		t.Run(cols[0], func(t *testing.T) { checkFacts(t, counts, filepath.Join(data, cols[0]), cols[7]) })
	}
	counts.report(t, 255)
}

var fact = regexp.MustCompile(`(root|headers|records|deleted|sets|error|token|completeListSize|cursor|first id)=('[^']*'|[^; ]*)`)

func checkFacts(t *testing.T, counts tally, file, facts string) {
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	a, err := Parse(body, "text/xml")
	want := map[string]string{}
	for _, m := range fact.FindAllStringSubmatch(facts, -1) {
		want[m[1]] = strings.Trim(m[2], "'")
	}
	if root, ok := want["root"]; ok && root != "OAI-PMH" {
		if !counts.count("no answer", err != nil) {
			t.Errorf("read as an answer, though its root is %q", root)
		}
		return
	}
	if err != nil {
		if strings.Contains(facts, "NOT WELL-FORMED") {
			t.Logf("not well-formed: %v", err)
			counts.count("no answer", true)
			return
		}
		t.Fatalf("Parse: %v", err)
	}
	got := map[string]string{"headers": strconv.Itoa(len(a.Records)), "sets": strconv.Itoa(len(a.Sets))}
	deleted, records := 0, 0
	for _, r := range a.Records {
		if r.Header.Deleted {
			deleted++
		}
		if r.Body != nil {
			records++
			checkBody(t, r)
		}
		if r.Header.Datestamp != "" && r.Header.Time.IsZero() {
			t.Errorf("datestamp not read: %+v", r.Header)
		}
	}
	got["deleted"], got["records"] = strconv.Itoa(deleted), strconv.Itoa(records)
	if len(a.Records) > 0 {
		got["first id"] = a.Records[0].Header.Identifier
	}
	if len(a.Errors) > 0 {
		got["error"] = a.Errors[0].Code
	}
	if a.Token != nil {
		got["token"], got["completeListSize"], got["cursor"] = a.Token.Value, strconv.Itoa(a.Token.CompleteListSize), strconv.Itoa(a.Token.Cursor)
	}
	for k, v := range want {
		cut := k == "token" && len(v) > 60 && strings.HasPrefix(got[k], v) // the collection shortens them
		if k != "root" && !counts.count(k, got[k] == v || cut) {
			t.Errorf("%s = %q, want %q (%s)", k, got[k], v, facts)
		}
	}
	if strings.Contains(facts, "no resumptionToken") && a.Token != nil {
		t.Errorf("token %+v, want none", a.Token)
	}
	if len(a.Oddities) > 0 {
		t.Logf("oddities: %+v", a.Oddities)
	}
}

// checkBody reads the body of a record alone with encoding/xml, repaired if need be.
func checkBody(t *testing.T, r Record) {
	t.Helper()
	body := r.Body
	if r.Malformed {
		body = Repair(body)
	}
	d := xml.NewDecoder(bytes.NewReader(body))
	depth := 0
	for {
		tok, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Errorf("%s: body does not stand alone: %v\n%s", r.Header.Identifier, err, body)
			return
		}
		switch tok.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
	again, err := ParseRecord(body)
	same := r.Malformed || (again.Header.Identifier == r.Header.Identifier && again.Metadata == r.Metadata)
	if depth != 0 || err != nil || !same {
		t.Errorf("%s: read again: depth %d, %v, %+v", r.Header.Identifier, depth, err, again.Header)
	}
}

// TestExpectedByEye holds the parser against what people read off some of the answers.
func TestExpectedByEye(t *testing.T) {
	dir, ok := replay.Shared(t, "expected")
	if !ok {
		return
	}
	files, _ := filepath.Glob(filepath.Join(dir, "oai__*.json"))
	counts := tally{}
	for _, name := range files {
		var eye struct {
			File   string
			Expect map[string]any
		}
		b, err := os.ReadFile(name)
		if err == nil {
			err = json.Unmarshal(b, &eye)
		}
		if err != nil {
			t.Fatal(err)
		}
		t.Run(eye.File, func(t *testing.T) {
			body, err := os.ReadFile(filepath.Join(filepath.Dir(dir), eye.File))
			if err != nil {
				t.Fatal(err)
			}
			checkEye(t, counts, body, eye.Expect)
		})
	}
	counts.report(t, 129)
}

func checkEye(t *testing.T, counts tally, body []byte, expect map[string]any) {
	a, err := Parse(body, "text/xml")
	if expect["error"] == "not XML" {
		if !counts.count("no answer", errors.Is(err, ErrNotOAI)) {
			t.Errorf("error %v", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]any{"verb": a.Verb, "records": float64(len(a.Records)), "headers": float64(len(a.Records))}
	if tok := a.Token; tok != nil {
		got["token"], got["resumptionToken"] = tok.Value, tok.Value
		got["completeListSize"], got["cursor"] = float64(tok.CompleteListSize), float64(tok.Cursor)
		got["expirationDate"] = FormatStamp(tok.Expires, Seconds)
	}
	if id := a.Identify; id != nil {
		got["repositoryName"], got["baseURL"], got["protocolVersion"] = id.RepositoryName, id.BaseURL, id.ProtocolVersion
		got["earliestDatestamp"], got["granularity"] = id.EarliestDatestamp, id.Granularity
		got["deletedRecord"], got["adminEmail"] = id.DeletedRecord, id.AdminEmails[0]
	}
	if len(a.Errors) > 0 {
		got["oai_error"] = a.Errors[0].Code
	}
	// The answers by eye name null where there is no element, of a token for example.
	for _, k := range []string{"verb", "records", "headers", "token", "resumptionToken", "completeListSize", "cursor", "expirationDate", "repositoryName", "baseURL", "protocolVersion", "earliestDatestamp", "granularity", "deletedRecord", "adminEmail", "oai_error"} {
		if want, ok := expect[k]; ok && !counts.count(k, got[k] == want) {
			t.Errorf("%s = %v, want %v", k, got[k], want)
		}
	}
	for _, k := range []string{"first", "record"} {
		want, ok := expect[k].(map[string]any)
		if !ok {
			continue
		}
		i := slices.IndexFunc(a.Records, func(r Record) bool { return r.Header.Identifier == want["identifier"] })
		if i < 0 || (k == "first" && i != 0) {
			t.Fatalf("record %v is not there", want["identifier"])
		}
		if s := want["datestamp"]; s != nil && !counts.count("datestamp", s == a.Records[i].Header.Datestamp) {
			t.Errorf("datestamp %q, want %q", a.Records[i].Header.Datestamp, s)
		}
		if s, ok := want["title"].(string); ok && !counts.count("title", title(t, a.Records[i]) == s) {
			t.Errorf("title %q, want %q", title(t, a.Records[i]), s)
		}
	}
}
