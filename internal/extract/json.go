package extract

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"

	"ctiphub/internal/lang"
)

// parseJSONPath reads the path of a json selector: the one of jsonld, with filters such as
// [key=value] for lists of objects that name themselves.
func (s *Selector) parseJSONPath() error {
	if !strings.HasPrefix(s.name, "$") {
		return errors.New("a path begins with $, as in json:$.title")
	}
	return s.parsePath()
}

// openJSON reads one item of an API.
func (d *Document) openJSON() error {
	// The charset comes first: the decoder takes bytes that are no UTF-8 without an error, and
	// puts U+FFFD in their place.
	text, name, guessed := lang.DecodeCharset(d.raw.Body, declaredCharset(d.raw.MediaType, d.raw.Body), d.place())
	text = strings.TrimPrefix(text, "\ufeff")
	d.Charset = name
	if guessed && !utf8.Valid(d.raw.Body) {
		d.repaired(RepairCharset)
	}
	values, err := decodeJSON(text)
	if err != nil || len(values) == 0 {
		d.repaired(RepairMarkup)
		values, _ = decodeJSON(mendJSON(text))
	}
	if len(values) == 0 {
		return fmt.Errorf("reading the JSON: %w", err)
	}
	d.json = values[0]
	var sample strings.Builder
	eachString(d.json, 0, func(s string) bool {
		sample.WriteString(plainText(s) + "\n")
		return sample.Len() < maxSample
	})
	d.findDamage(sample.String())
	return nil
}

// eachString hands on every string of a value in an order that does not change, until do
// says that it is enough.
func eachString(v any, depth int, do func(string) bool) bool {
	if depth > maxNesting {
		return true
	}
	switch v := v.(type) {
	case string:
		return do(v)
	case []any:
		for _, e := range v {
			if !eachString(e, depth+1, do) {
				return false
			}
		}
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if !eachString(v[k], depth+1, do) {
				return false
			}
		}
	}
	return true
}

// selectJSON reads values of an item of an API.
func (d *Document) selectJSON(s Selector) []Value {
	var found []Value
	walkJSON(d.json, s.path, "", 0, func(text, stated string) {
		if isWebAddress(text) {
			found = append(found, Value{Text: text}) // "&copy=1" is no entity in an address
			return
		}
		found = append(found, Value{Text: d.mend.text(plainText(text)), Lang: stated})
	})
	return found
}

// isWebAddress reports a text that is one web address and nothing else.
func isWebAddress(s string) bool {
	s = strings.TrimSpace(s)
	return (strings.HasPrefix(s, "http://") || strings.HasPrefix(s, "https://")) && !strings.ContainsAny(s, " <\n")
}

// walkJSON follows a path and yields the texts at its end, each with the language that the
// JSON states for it. Lists are walked into where the path does not say which element.
func walkJSON(v any, path []step, stated string, depth int, yield func(text, stated string)) {
	if depth > maxNesting {
		return
	}
	if len(path) == 0 {
		leafJSON(v, stated, depth, yield)
		return
	}
	here := path[0]
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			switch here.kind {
			case 'k':
				walkJSON(e, path, stated, depth+1, yield)
			case 'i':
				if i == here.index {
					walkJSON(e, path[1:], stated, depth+1, yield)
				}
			default:
				if here.kind == '*' || here.matches(e) {
					walkJSON(e, path[1:], stated, depth+1, yield)
				}
			}
		}
	case map[string]any:
		switch here.kind {
		case 'k':
			if next, ok := v[here.key]; ok {
				walkJSON(next, path[1:], stated, depth+1, yield)
			}
		case '*':
			for _, k := range slices.Sorted(maps.Keys(v)) {
				walkJSON(v[k], path[1:], stated, depth+1, yield)
			}
		case '=':
			if here.matches(v) {
				walkJSON(v, path[1:], stated, depth+1, yield)
			}
		case 'i': // a single value where a list may stand
			if here.index == 0 {
				walkJSON(v, path[1:], stated, depth+1, yield)
			}
		}
	default:
		if here.kind == 'i' && here.index == 0 {
			walkJSON(v, path[1:], stated, depth+1, yield)
		}
	}
}

// matches reports whether an object has the value that a filter asks for.
func (s step) matches(v any) bool {
	m, ok := v.(map[string]any)
	if !ok || s.kind != '=' {
		return false
	}
	switch have := m[s.key].(type) {
	case string:
		return strings.EqualFold(have, s.value)
	case json.Number:
		return have.String() == s.value
	case bool:
		return strconv.FormatBool(have) == s.value
	}
	return false
}

// Where objects that stand for a text keep it, and its language.
var (
	textKeys = []string{"value", "rendered", "@value", "#text", "text", "name", "title", "display_name", "label", "prefLabel"}
	langKeys = []string{"language", "lang", "@language", "xml:lang", "locale"}
)

// leafJSON turns what stands at the end of a path into texts.
func leafJSON(v any, stated string, depth int, yield func(text, stated string)) {
	if depth > maxNesting {
		return
	}
	switch v := v.(type) {
	case string:
		yield(v, stated)
	case json.Number:
		yield(v.String(), "")
	case bool:
		yield(strconv.FormatBool(v), "")
	case []any:
		for _, e := range v {
			leafJSON(e, stated, depth+1, yield)
		}
	case map[string]any:
		if len(v) > 0 && languageMap(v) {
			for _, k := range slices.Sorted(maps.Keys(v)) {
				leafJSON(v[k], tag(k), depth+1, yield)
			}
			return
		}
		for _, k := range langKeys {
			if s, ok := v[k].(string); ok && tag(s) != "" {
				stated = tag(s)
				break
			}
		}
		for _, k := range textKeys {
			if inner, ok := v[k]; ok {
				leafJSON(inner, stated, depth+1, yield)
				return
			}
		}
	}
}

// jsonText is what the longer texts of an item say: a title or a code is not running text.
func (d *Document) jsonText() string {
	const running = 60
	var b strings.Builder
	eachString(d.json, 0, func(s string) bool {
		if !isWebAddress(s) && len(s) >= running && strings.ContainsAny(s, " \u200b") {
			b.WriteString(d.mend.text(plainText(s)) + "\n")
		}
		return b.Len() < maxSample
	})
	return b.String()
}

// jsonLinks gives the files of an item: addresses among its values, and links in its texts.
func (d *Document) jsonLinks(add func(Link)) {
	eachString(d.json, 0, func(s string) bool {
		switch {
		case isWebAddress(s):
			add(Link{URL: d.resolve(s)})
		case strings.Contains(s, "<a"):
			if nodes, err := html.ParseFragment(strings.NewReader(s), nil); err == nil {
				for _, n := range nodes {
					d.linksIn(n, furniture, func(l Link) {
						l.Text = d.mend.text(lang.Clean(l.Text))
						add(l)
					})
				}
			}
		}
		return true
	})
}
