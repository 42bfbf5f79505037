// Package trial holds rules and vocabulary against cases: raws as a source served them,
// beside the record that they have to become.
//
// In flow case files (txtar: "raw" says where the body came from, "body" is what was
// served, "want" the record) and a vocabulary; out flow outcomes and how they differ from
// what is wanted. Nothing is stored. It must not know how raws are harvested or kept.
package trial

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"golang.org/x/tools/txtar"

	"ctiphub/normalizer"
	"ctiphub/record"
)

// Case is one raw with the record it has to become.
type Case struct {
	Name  string // of the file, without its ending
	Where string // the file, as people know it
	Raw   record.Raw
	Want  Outcome

	rules   *normalizer.Rules // nil: those of the source, as configured
	archive *txtar.Archive
}

// Outcome is what a raw became.
type Outcome struct {
	Decision record.Decision
	Record   record.Record
}

// source is how a case file describes a raw.
type source struct {
	Source     string            `yaml:"source"`
	Identifier string            `yaml:"identifier"`
	URL        string            `yaml:"url"`
	Format     string            `yaml:"format"`
	MediaType  string            `yaml:"media_type,omitempty"`
	Deleted    bool              `yaml:"deleted,omitempty"`
	Fetched    time.Time         `yaml:"fetched,omitempty"`
	Datestamp  time.Time         `yaml:"datestamp,omitempty"`
	Hints      []record.Hint     `yaml:"hints,omitempty"`
	Rules      *normalizer.Rules `yaml:"rules,omitempty"`
}

// The files of a case.
const (
	rawFile  = "raw"
	bodyFile = "body"
	wantFile = "want"
)

// Cases were fetched at one moment and changed at another, unless they say otherwise, so
// that an outcome does not depend on the day it is looked at.
var (
	fetched   = time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC)
	datestamp = time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC)
)

// Parse reads a case file.
func Parse(name, where string, data []byte) (*Case, error) {
	c := &Case{Name: name, Where: where, archive: txtar.Parse(data)}
	raw, body := c.file(rawFile), c.file(bodyFile)
	if raw == nil {
		return nil, fmt.Errorf("%s: there is no part \"-- raw --\" that says where the body came from", where)
	}
	var s source
	if err := yaml.UnmarshalWithOptions(raw.Data, &s, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("%s: reading the part raw: %w", where, err)
	}
	if s.Source == "" || s.Identifier == "" || s.Format == "" {
		return nil, fmt.Errorf("%s: the part raw needs source, identifier and format", where)
	}
	if body == nil {
		body = &txtar.File{}
	}
	c.rules = s.Rules
	c.Raw = record.Raw{
		Source: s.Source, Identifier: s.Identifier, URL: s.URL, Format: record.Format(s.Format), MediaType: s.MediaType, Deleted: s.Deleted, Hints: s.Hints,
		Status: 200, Fetched: s.Fetched, Datestamp: s.Datestamp, Body: body.Data,
	}
	if s.Fetched.IsZero() {
		c.Raw.Fetched = fetched
	}
	if s.Datestamp.IsZero() {
		c.Raw.Datestamp = datestamp
	}
	if want := c.file(wantFile); want != nil && len(bytes.TrimSpace(want.Data)) > 0 {
		if err := json.Unmarshal(want.Data, &c.Want); err != nil {
			return nil, fmt.Errorf("%s: reading the part want: %w", where, err)
		}
	}
	return c, nil
}

func (c *Case) file(name string) *txtar.File {
	for i := range c.archive.Files {
		if c.archive.Files[i].Name == name {
			return &c.archive.Files[i]
		}
	}
	return nil
}

// Run normalizes the raw of the case. rules are those of the configured sources, for cases
// that have none of their own.
func (c *Case) Run(v *normalizer.Vocabulary, rules map[string]normalizer.Rules) (Outcome, error) {
	own := rules
	if c.rules != nil {
		own = map[string]normalizer.Rules{c.Raw.Source: *c.rules}
	}
	n, err := normalizer.New(v, own)
	if err != nil {
		return Outcome{}, fmt.Errorf("%s: %w", c.Where, err)
	}
	var o Outcome
	o.Record, o.Decision, err = n.Normalize(c.Raw)
	if err != nil {
		return o, fmt.Errorf("%s: %w", c.Where, err)
	}
	return o, nil
}

// Differences tells in which values an outcome differs from what the case wants.
func (c *Case) Differences(got Outcome) []record.Difference {
	var out []record.Difference
	if w, g := verdict(c.Want.Decision), verdict(got.Decision); w != g {
		out = append(out, record.Difference{Field: "decision", Before: w, After: g})
	}
	return append(out, record.Differences(c.Want.Record, got.Record)...)
}

func verdict(d record.Decision) string {
	return strings.TrimSpace(string(d.Verdict) + " " + d.Code)
}

// Exact reports whether an outcome is what the case wants to the letter: confidence,
// evidence and provenance included.
func (c *Case) Exact(got Outcome) bool {
	want := c.file(wantFile)
	return want != nil && bytes.Equal(dump(got), want.Data)
}

// With returns the case file with another outcome as what it wants.
func (c *Case) With(o Outcome) []byte {
	want := c.file(wantFile)
	if want == nil {
		c.archive.Files = append(c.archive.Files, txtar.File{Name: wantFile})
		want = c.file(wantFile)
	}
	want.Data = dump(o)
	return txtar.Format(c.archive)
}

// Write makes a case file of a stored raw and what it became.
func Write(raw record.Raw, o Outcome) ([]byte, error) {
	s := source{
		Source: raw.Source, Identifier: raw.Identifier, URL: raw.URL, Format: string(raw.Format), MediaType: raw.MediaType, Deleted: raw.Deleted,
		Fetched: raw.Fetched, Datestamp: raw.Datestamp, Hints: raw.Hints,
	}
	head, err := yaml.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("writing a case of %s: %w", raw.Identifier, err)
	}
	body := raw.Body
	if n := len(body); n > 0 && body[n-1] != '\n' {
		body = append(slices.Clip(body), '\n') // a part of a txtar file ends with a line
	}
	a := &txtar.Archive{Files: []txtar.File{{Name: rawFile, Data: head}, {Name: bodyFile, Data: body}, {Name: wantFile, Data: dump(o)}}}
	out := txtar.Format(a)
	if again := txtar.Parse(out); len(again.Files) != len(a.Files) {
		return nil, errors.New("the body holds a line like \"-- name --\", by which the parts of a case file are divided")
	}
	return out, nil
}
