package trial

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// dump writes an outcome for people to review: without empty fields, and each assertion,
// finding and piece of evidence on one line.
func dump(o Outcome) []byte {
	b, err := json.Marshal(o)
	if err != nil {
		return nil // texts, numbers and times can always be written
	}
	var v any
	if err := json.Unmarshal(b, &v); err != nil {
		return nil
	}
	var out bytes.Buffer
	if v = prune(v); v == nil {
		v = map[string]any{}
	}
	write(&out, v, 0)
	out.WriteByte('\n')
	return out.Bytes()
}

// prune takes out what is empty; nil is left of what is empty altogether.
func prune(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for k, e := range x {
			if e = prune(e); e == nil {
				delete(x, k)
			} else {
				x[k] = e
			}
		}
		if len(x) == 0 {
			return nil
		}
	case []any:
		if len(x) == 0 {
			return nil
		}
		for i := range x {
			x[i] = prune(x[i])
		}
	case string:
		if x == "" || x == "0001-01-01T00:00:00Z" {
			return nil
		}
	case float64:
		if x == 0 {
			return nil
		}
	case bool:
		if !x {
			return nil
		}
	}
	return v
}

// write indents down to the entries of lists, which stay on one line.
func write(out *bytes.Buffer, v any, depth int) {
	m, isMap := v.(map[string]any)
	list, isList := v.([]any)
	line := marshal(v)
	if !isMap && !isList || len(line) < 100 || isMap && depth > 3 {
		out.Write(line)
		return
	}
	pad := strings.Repeat("  ", depth+1)
	if isList {
		out.WriteString("[")
		for i, e := range list {
			if i > 0 {
				out.WriteString(",")
			}
			out.WriteString("\n" + pad)
			out.Write(marshal(e))
		}
		out.WriteString("\n" + pad[2:] + "]")
		return
	}
	out.WriteString("{")
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for i, k := range keys {
		if i > 0 {
			out.WriteString(",")
		}
		out.WriteString("\n" + pad)
		out.Write(marshal(k))
		out.WriteString(": ")
		write(out, m[k], depth+1)
	}
	out.WriteString("\n" + pad[2:] + "}")
}

func marshal(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil // it was read from JSON just now
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}
