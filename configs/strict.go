package configs

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"ctiphub/internal/spell"
)

// Error is one mistake in a configuration file.
type Error struct {
	File         string
	Line, Column int
	Message      string
	Suggestion   string // "" when nothing similar exists
	Excerpt      string // the lines around it, with a caret
}

// Error says what, where and what to do, then shows the lines.
func (e *Error) Error() string {
	s := fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Message)
	if e.Suggestion != "" {
		s += "; " + e.Suggestion
	}
	if e.Excerpt != "" {
		s += "\n" + strings.TrimRight(e.Excerpt, "\n")
	}
	return s
}

// decodeFile reads one YAML file strictly into v: unknown keys, duplicate keys and wrong
// types are errors. Keys that the file does not have leave v as it was.
func decodeFile(fsys fs.FS, name, where string, v any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", where, err)
	}
	if err := yaml.UnmarshalWithOptions(data, v, yaml.Strict()); err != nil {
		return explain(where, data, v, err)
	}
	return nil
}

var unknownField = regexp.MustCompile(`unknown field "([^"]*)"`)

// explain turns the YAML library's error into one of ours.
func explain(where string, data []byte, v any, err error) error {
	var yerr yaml.Error
	if !errors.As(err, &yerr) {
		return locateValue(where, data, err)
	}
	e := &Error{File: where, Line: 1, Column: 1, Message: yerr.GetMessage()}
	if tok := yerr.GetToken(); tok != nil {
		e.Line, e.Column = tok.Position.Line, tok.Position.Column
		e.Excerpt = excerpt(data, tok)
	}
	if m := unknownField.FindStringSubmatch(e.Message); m != nil {
		e.Message = fmt.Sprintf("unknown key %q", m[1])
		e.Suggestion = spell.Hint(m[1], keysOf(reflect.TypeOf(v), map[reflect.Type]bool{}))
	}
	if m := wrongType.FindStringSubmatch(e.Message); m != nil {
		e.Message = fmt.Sprintf("this must be %s, not %s", wanted(m[2]), wanted(m[1]))
	}
	return e
}

var wrongType = regexp.MustCompile(`cannot unmarshal (\S+) into Go .* of type (\S+)$`)

// wanted names a type as people who write YAML know it.
func wanted(goType string) string {
	switch {
	case goType == "bool":
		return "true or false"
	case strings.HasPrefix(goType, "int"), strings.HasPrefix(goType, "uint"):
		return "a whole number"
	case strings.HasPrefix(goType, "float"):
		return "a number"
	case goType == "string":
		return "a text"
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	}
	return "a block of keys"
}

var leadingValue = regexp.MustCompile(`^"([^"]+)"`)

// locateValue gives the error of a type's own reader the place of the value that its
// text begins with: the YAML library does not.
func locateValue(where string, data []byte, err error) error {
	e := &Error{File: where, Line: 1, Column: 1, Message: err.Error()}
	m := leadingValue.FindStringSubmatch(e.Message)
	if m == nil {
		return e
	}
	for _, tok := range lexer.Tokenize(string(data)) {
		if tok.Value == m[1] {
			e.Line, e.Column, e.Excerpt = tok.Position.Line, tok.Position.Column, excerpt(data, tok)
			break
		}
	}
	return e
}

// excerpt shows the line of a token and the one before it, with a caret under the token.
func excerpt(data []byte, tok *token.Token) string {
	lines := strings.Split(string(data), "\n")
	n := tok.Position.Line
	if n < 1 || n > len(lines) {
		return ""
	}
	var b strings.Builder
	if n > 1 {
		fmt.Fprintf(&b, "%5d | %s\n", n-1, lines[n-2])
	}
	fmt.Fprintf(&b, "%5d | %s\n      | %s^", n, lines[n-1], strings.Repeat(" ", max(tok.Position.Column-1, 0)))
	return b.String()
}

// keysOf collects the YAML keys that a type knows at any depth.
func keysOf(t reflect.Type, seen map[reflect.Type]bool) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct || seen[t] {
		return nil
	}
	seen[t] = true
	var keys []string
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if name != "" && name != "-" {
			keys = append(keys, name)
		}
		keys = append(keys, keysOf(f.Type, seen)...)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

var leadingKey = regexp.MustCompile(`^([a-z_]+(?:\.[a-z_]+)*)`)

// locate puts file, line and column before an error whose text begins with the key it is
// about, as the Validate methods write them.
func locate(fsys fs.FS, name, where string, err error) error {
	e := &Error{File: where, Line: 1, Column: 1, Message: err.Error()}
	key := leadingKey.FindString(e.Message)
	data, readErr := fs.ReadFile(fsys, name)
	if key == "" || readErr != nil {
		return e
	}
	file, parseErr := parser.ParseBytes(data, 0)
	if parseErr != nil {
		return e
	}
	for ; key != ""; key = key[:max(strings.LastIndex(key, "."), 0)] {
		p, pathErr := yaml.PathString("$." + key)
		if pathErr != nil {
			continue
		}
		if node, nodeErr := p.FilterFile(file); nodeErr == nil && node != nil {
			tok := node.GetToken()
			e.Line, e.Column, e.Excerpt = tok.Position.Line, tok.Position.Column, excerpt(data, tok)
			return e
		}
	}
	return e
}
