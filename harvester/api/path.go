package api

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// maxDepth bounds how deep lists within lists are followed.
const maxDepth = 64

// keys parts a path into its keys: result.results, or result['dc.title'] for a key with
// dots; "$." may stand before it.
func keys(path string) []string {
	path = strings.TrimPrefix(strings.TrimPrefix(path, "$"), ".")
	var list []string
	for path != "" {
		if rest, ok := strings.CutPrefix(path, "["); ok {
			key, after, closed := strings.Cut(rest, "]")
			if closed {
				list = append(list, strings.Trim(strings.TrimSpace(key), `'"`))
				path = strings.TrimPrefix(after, ".")
				continue
			}
		}
		end := len(path)
		if i := strings.IndexAny(path[1:], ".["); i >= 0 {
			end = i + 1
		}
		list = append(list, path[:end])
		path = strings.TrimPrefix(path[end:], ".")
	}
	return list
}

// collect returns what stands at a path, lists on the way walked into; a list at its end
// is returned element by element.
func collect(v any, path []string, depth int) []any {
	if depth > maxDepth {
		return nil
	}
	if list, ok := v.([]any); ok {
		var all []any
		for _, e := range list {
			all = append(all, collect(e, path, depth+1)...)
		}
		return all
	}
	if len(path) == 0 {
		return []any{v}
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil
	}
	next, ok := m[path[0]]
	if !ok || next == nil {
		return nil
	}
	return collect(next, path[1:], depth+1)
}

// text is what stands first at a path, as a text; "" when there is none. A key that is
// written as the whole path counts first: a column may be called "Doc. No".
func text(v any, path string) string {
	if path == "" {
		return ""
	}
	if m, ok := v.(map[string]any); ok {
		if s := scalar(m[path]); s != "" {
			return s
		}
	}
	for _, e := range collect(v, keys(path), 0) {
		if s := scalar(e); s != "" {
			return s
		}
	}
	return ""
}

// Text returns what stands first at a path of a document, as a text; "" when there is none.
func Text(doc any, path string) string { return text(doc, path) }

// Texts returns all texts at a path of a document.
func Texts(doc any, path string) []string {
	var all []string
	for _, e := range collect(doc, keys(path), 0) {
		if s := scalar(e); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// scalar writes a single value as a text.
func scalar(v any) string {
	switch v := v.(type) {
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

// holds reports whether a condition such as state=deleted is true of a value.
func holds(v any, condition string) bool {
	path, want, ok := strings.Cut(condition, "=")
	return ok && strings.EqualFold(text(v, strings.TrimSpace(path)), strings.TrimSpace(want))
}

// names lists the keys of an object for an error message.
func names(v any) string {
	if list, ok := v.([]any); ok && len(list) > 0 {
		v = list[0]
	}
	m, ok := v.(map[string]any)
	if !ok {
		return "no keys"
	}
	list := slices.Sorted(maps.Keys(m))
	if len(list) > 12 {
		list = append(list[:12], "…")
	}
	for i := range list {
		list[i] = shorten(list[i])
	}
	return strings.Join(list, ", ")
}
