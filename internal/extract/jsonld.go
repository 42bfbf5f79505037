package extract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"ctiphub/internal/lang"
)

// maxNesting bounds how deep JSON-LD is followed, references included.
const maxNesting = 32

// linkedData is the JSON-LD of a page: its nodes in the order of the page.
type linkedData struct {
	nodes []map[string]any // @graph and arrays flattened
	byID  map[string]map[string]any
	lang  string // of strings without one, by @context
}

// step is one part of a path: a key, an index, or everything.
type step struct {
	key   string
	value string // that a filter asks for
	index int
	kind  byte // 'k' key, 'i' index, '=' filter or '*'
}

// parsePath reads "Type$.key.key[0]['key'].*"; "$." may be left out of a simple path.
func (s *Selector) parsePath() error {
	typ, path, found := strings.Cut(s.name, "$")
	if !found {
		typ, path = "", "."+s.name
	}
	s.typ = strings.TrimSpace(typ)
	for path != "" {
		switch {
		case strings.HasPrefix(path, "["):
			end := strings.IndexByte(path, ']')
			if end < 0 {
				return errors.New("a bracket is not closed")
			}
			in := strings.TrimSpace(path[1:end])
			path = path[end+1:]
			quoted := strings.Trim(in, `'"`)
			key, value, filter := strings.Cut(in, "=")
			if filter = filter && quoted == in && key != ""; filter {
				s.path = append(s.path, step{key: strings.TrimSpace(key), value: strings.Trim(strings.TrimSpace(value), `'"`), kind: '='})
				continue
			}
			if n, err := strconv.Atoi(in); err == nil && n >= 0 {
				s.path = append(s.path, step{index: n, kind: 'i'})
			} else if in == "*" {
				s.path = append(s.path, step{kind: '*'})
			} else if quoted != in && quoted != "" {
				s.path = append(s.path, step{key: quoted, kind: 'k'})
			} else {
				return fmt.Errorf("%q in brackets is neither a number nor a quoted key nor *", in)
			}
		case strings.HasPrefix(path, "."):
			key := path[1:]
			if end := strings.IndexAny(key, ".["); end >= 0 {
				key = key[:end]
			}
			path = path[1+len(key):]
			switch key {
			case "":
				return errors.New("a key of the path is empty")
			case "*":
				s.path = append(s.path, step{kind: '*'})
			default:
				s.path = append(s.path, step{key: key, kind: 'k'})
			}
		default:
			return errors.New("a path is written like $.author.name or Report$.name")
		}
	}
	if len(s.path) == 0 {
		return errors.New("the path is empty; write it like $.author.name")
	}
	return nil
}

// linked reads the JSON-LD of the page once.
func (d *Document) linked() *linkedData {
	if d.ld != nil {
		return d.ld
	}
	d.ld = &linkedData{byID: map[string]map[string]any{}}
	for n := range d.root.Descendants() {
		if n.DataAtom != atom.Script || n.Type != html.ElementNode || mediaType(attr(n, "type")) != "application/ld+json" {
			continue
		}
		var b strings.Builder
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			b.WriteString(c.Data)
		}
		values, mended := readJSON(b.String())
		if mended {
			d.repaired(RepairMarkup)
		}
		for _, v := range values {
			d.ld.add(v, 0)
		}
	}
	return d.ld
}

// readJSON reads all values of a script. What JSON does not allow but pages do (HTML
// comments around it, JavaScript comments, control characters, trailing commas) is mended.
func readJSON(s string) (values []any, mended bool) {
	values, err := decodeJSON(s)
	if err == nil {
		return values, false
	}
	values, _ = decodeJSON(mendJSON(s))
	return values, true
}

func decodeJSON(s string) ([]any, error) {
	dec := json.NewDecoder(strings.NewReader(s))
	dec.UseNumber()
	var values []any
	for {
		var v any
		switch err := dec.Decode(&v); {
		case err == io.EOF:
			return values, nil
		case err != nil:
			return values, err
		}
		values = append(values, v)
	}
}

// mendJSON takes the comments out first, because they may hide a trailing comma.
func mendJSON(s string) string {
	s = strings.TrimSpace(s)
	for _, cut := range []string{"<!--", "//<![CDATA[", "/*<![CDATA[*/", "<![CDATA["} {
		s = strings.TrimSpace(strings.TrimPrefix(s, cut))
	}
	for _, cut := range []string{"-->", "//]]>", "/*]]>*/", "]]>", ";"} {
		s = strings.TrimSpace(strings.TrimSuffix(s, cut))
	}
	s = outsideStrings(s, func(rest string) (skip int) {
		end := 0
		switch {
		case strings.HasPrefix(rest, "//"):
			end = strings.IndexByte(rest, '\n')
		case strings.HasPrefix(rest, "/*"):
			if end = strings.Index(rest, "*/"); end >= 0 {
				end += 2
			}
		case rest[0] < ' ' && !strings.ContainsRune("\t\r\n", rune(rest[0])):
			return 1
		}
		if end < 0 {
			return len(rest)
		}
		return end
	})
	return outsideStrings(s, func(rest string) (skip int) {
		if rest[0] == ',' {
			after := strings.TrimLeft(rest[1:], " \t\r\n")
			if after == "" || strings.ContainsRune("}],", rune(after[0])) {
				return 1
			}
		}
		return 0
	})
}

// outsideStrings leaves out of JSON the bytes that skip counts from where it is asked,
// which is never within a string. Control characters within strings become spaces.
func outsideStrings(s string, skip func(rest string) int) string {
	var out bytes.Buffer
	text := false
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case text && c == '\\' && i+1 < len(s):
			out.WriteByte(c)
			i++
			out.WriteByte(s[i])
			continue
		case c == '"':
			text = !text
		case text && c < ' ':
			c = ' '
		case !text:
			if n := skip(s[i:]); n > 0 {
				i += n - 1
				continue
			}
		}
		out.WriteByte(c)
	}
	return out.String()
}

// add flattens arrays and @graph into nodes.
func (l *linkedData) add(v any, depth int) {
	if depth > maxNesting {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			l.add(e, depth+1)
		}
	case map[string]any:
		if l.lang == "" {
			l.lang = contextLang(v["@context"])
		}
		l.index(v, depth)
		if graph, ok := v["@graph"]; ok {
			l.add(graph, depth+1)
			if len(v) <= 3 { // a bare wrapper: @context, @graph, @id
				return
			}
		}
		l.nodes = append(l.nodes, v)
	}
}

// index notes nodes by @id, so that references to them can be followed. A node with
// content is worth more than a reference.
func (l *linkedData) index(v any, depth int) {
	if depth > maxNesting {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			l.index(e, depth+1)
		}
	case map[string]any:
		if id, ok := v["@id"].(string); ok && len(v) > 1 && len(v) > len(l.byID[id]) {
			l.byID[id] = v
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			l.index(v[k], depth+1)
		}
	}
}

func contextLang(ctx any) string {
	switch ctx := ctx.(type) {
	case map[string]any:
		s, _ := ctx["@language"].(string)
		return tag(s)
	case []any:
		for _, c := range ctx {
			if t := contextLang(c); t != "" {
				return t
			}
		}
	}
	return ""
}

// housekeeping are types that describe the site, not the resource.
var housekeeping = []string{"WebSite", "Organization", "BreadcrumbList", "ListItem", "Person", "ImageObject", "SearchAction", "SiteNavigationElement", "WPHeader", "WPFooter", "ContactPoint"}

func (d *Document) selectLD(s Selector) []Value {
	if d.root == nil {
		return nil
	}
	l := d.linked
	if s.kind == "micro" {
		l = d.marked
	}
	return d.selectNodes(l(), s)
}

// selectNodes follows the path of a selector from the nodes that it is meant for.
func (d *Document) selectNodes(l *linkedData, s Selector) []Value {
	var nodes []map[string]any
	switch {
	case s.typ != "":
		for _, n := range l.nodes {
			l.ofType(n, s.typ, 0, &nodes)
		}
	default:
		for _, n := range l.nodes {
			if !slices.ContainsFunc(housekeeping, func(t string) bool { return hasType(n, t) }) {
				nodes = append(nodes, n)
			}
		}
		if len(nodes) == 0 {
			nodes = l.nodes
		}
	}
	var found []Value
	for _, n := range nodes {
		l.walk(n, s.path, 0, func(text, stated string) {
			found = append(found, Value{Text: d.mend.text(text), Lang: stated})
		})
	}
	return found
}

// ofType collects the nodes of a type, nested ones too.
func (l *linkedData) ofType(v any, typ string, depth int, found *[]map[string]any) {
	if depth > maxNesting {
		return
	}
	switch v := v.(type) {
	case []any:
		for _, e := range v {
			l.ofType(e, typ, depth+1, found)
		}
	case map[string]any:
		if hasType(v, typ) {
			*found = append(*found, v)
		}
		for _, k := range slices.Sorted(maps.Keys(v)) {
			if k != "@graph" || depth > 0 {
				l.ofType(v[k], typ, depth+1, found)
			}
		}
	}
}

func hasType(n map[string]any, typ string) bool {
	t, ok := lookup(n, "@type")
	if !ok {
		t, _ = lookup(n, "type")
	}
	switch t := t.(type) {
	case string:
		return strings.EqualFold(local(t), local(typ))
	case []any:
		return slices.ContainsFunc(t, func(e any) bool { s, _ := e.(string); return strings.EqualFold(local(s), local(typ)) })
	}
	return false
}

// local is a name without prefix or namespace: schema:name, https://schema.org/name.
func local(s string) string {
	if strings.HasPrefix(s, "@") {
		return s
	}
	return s[strings.LastIndexAny(s, ":/#")+1:]
}

// lookup finds a key as written, else by its local name.
func lookup(n map[string]any, key string) (any, bool) {
	if v, ok := n[key]; ok {
		return v, true
	}
	if strings.Contains(key, ":") {
		return nil, false
	}
	for _, k := range slices.Sorted(maps.Keys(n)) {
		if local(k) == key {
			return n[k], true
		}
	}
	return nil, false
}

// walk follows a path through lists and references and yields the texts at its end.
func (l *linkedData) walk(v any, path []step, depth int, yield func(text, stated string)) {
	if depth > maxNesting {
		return
	}
	if list, ok := v.([]any); ok && (len(path) == 0 || path[0].kind == 'k') {
		for _, e := range list {
			l.walk(e, path, depth+1, yield)
		}
		return
	}
	if len(path) == 0 {
		l.leaf(v, "", depth, yield)
		return
	}
	switch v := v.(type) {
	case []any:
		for i, e := range v {
			if path[0].kind == '*' || i == path[0].index {
				l.walk(e, path[1:], depth+1, yield)
			}
		}
	case map[string]any:
		switch path[0].kind {
		case '*':
			for _, k := range slices.Sorted(maps.Keys(v)) {
				l.walk(v[k], path[1:], depth+1, yield)
			}
		case 'i': // a single value where a list may stand
			if path[0].index == 0 {
				l.walk(v, path[1:], depth+1, yield)
			}
		default:
			next, ok := lookup(v, path[0].key)
			if !ok {
				next, ok = lookup(l.resolve(v), path[0].key)
			}
			if ok {
				l.walk(next, path[1:], depth+1, yield)
			}
		}
	default:
		if path[0].kind == 'i' && path[0].index == 0 {
			l.walk(v, path[1:], depth+1, yield)
		}
	}
}

// resolve follows a reference to the node that it means.
func (l *linkedData) resolve(n map[string]any) map[string]any {
	if id, ok := n["@id"].(string); ok {
		if full, ok := l.byID[id]; ok {
			return full
		}
	}
	return n
}

// leaf turns what stands at the end of a path into texts: values with a language,
// language maps, and of nodes the name, else the address.
func (l *linkedData) leaf(v any, stated string, depth int, yield func(text, stated string)) {
	if depth > maxNesting {
		return
	}
	switch v := v.(type) {
	case string:
		if stated == "" {
			stated = l.lang
		}
		yield(v, stated)
	case json.Number:
		yield(v.String(), "")
	case bool:
		yield(strconv.FormatBool(v), "")
	case []any:
		for _, e := range v {
			l.leaf(e, stated, depth+1, yield)
		}
	case map[string]any:
		if value, ok := v["@value"]; ok {
			s, _ := v["@language"].(string)
			l.leaf(value, tag(s), depth+1, yield)
			return
		}
		if languageMap(v) {
			for _, k := range slices.Sorted(maps.Keys(v)) {
				l.leaf(v[k], tag(k), depth+1, yield)
			}
			return
		}
		v = l.resolve(v)
		for _, key := range []string{"name", "@id", "url"} {
			if value, ok := lookup(v, key); ok {
				l.leaf(value, stated, depth+1, yield)
				return
			}
		}
	}
}

// languageMap reports an object whose keys are all language tags, with texts below them.
func languageMap(v map[string]any) bool {
	for k, e := range v {
		short := len(k) == 2 || len(k) == 3 || strings.Contains(k, "-")
		if _, ok := lang.Tag(k); !ok && k != "und" || !short {
			return false
		}
		switch e := e.(type) {
		case string:
		case []any:
			if slices.ContainsFunc(e, func(x any) bool { _, ok := x.(string); return !ok }) {
				return false
			}
		default:
			return false
		}
	}
	_, onlyID := v["id"]
	return len(v) > 0 && !(onlyID && len(v) == 1)
}
