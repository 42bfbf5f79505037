package rdf

import (
	"encoding/json"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/piprate/json-gold/ld"
)

// TestSameStatements writes texts that could end a statement, a name or a document, and reads
// both forms back with parsers that the hub's authors did not write: the statements are the same.
func TestSameStatements(t *testing.T) {
	g := New(Prefix{"ex", "https://a.example/ns#"}, Prefix{"xsd", "http://www.w3.org/2001/XMLSchema#"})
	subject := "https://a.example/x\"> <y> . {bad}|^`\\"
	for i, text := range []string{"plain", "\"quoted\" \\ back\nnew\r\ttab", "ends \\", "ជនរងគ្រោះ 人口", "\x00\x01 control \uFFFE\xff", "", "a \"\"\" b", "<script>"} {
		g.Add(subject, "ex:text", Text(text, []string{"", "km", "en-gb", "no tag", "und"}[i%5]))
	}
	g.Add(subject, "ex:count", Typed("7", "xsd:integer"))
	g.Add(subject, "ex:link", IRI("https://a.example/ space\n> <b"), Name("ex:word"))
	g.Type(subject, "ex:Thing")
	doc, err := g.JSONLD()
	if err != nil {
		t.Fatal(err)
	}
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatal(err)
	}
	o := ld.NewJsonLdOptions("")
	o.Format = "application/n-quads"
	out, err := ld.NewJsonLdProcessor().ToRDF(v, o)
	if err != nil {
		t.Fatal(err)
	}
	program, err := exec.LookPath("rapper")
	if err != nil {
		t.Fatal("the test needs rapper (Debian package raptor2-utils)")
	}
	cmd := exec.Command(program, "-q", "-i", "turtle", "-o", "ntriples", "-", "https://a.example/")
	cmd.Stdin = strings.NewReader(string(g.Turtle()))
	parsed, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("no Turtle: %v\n%s\n%s", err, parsed, g.Turtle())
	}
	a, b := statements(out.(string)), statements(string(parsed))
	if len(a) != 11 || !slices.Equal(a, b) {
		t.Errorf("JSON-LD says\n%s\nand Turtle\n%s", strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
}

// statements are lines of N-Triples in order, with characters written as themselves.
func statements(s string) []string {
	var list []string
	for line := range strings.Lines(strings.TrimSpace(s)) {
		line = strings.TrimSpace(line)
		for {
			i := strings.Index(line, `\u`)
			if i < 0 || i+6 > len(line) {
				break
			}
			var r string
			if json.Unmarshal([]byte(`"`+line[i:i+6]+`"`), &r) != nil {
				break
			}
			line = line[:i] + r + line[i+6:]
		}
		list = append(list, line)
	}
	slices.Sort(list)
	return list
}
