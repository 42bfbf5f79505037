package ingest

import (
	"bytes"
	"net/url"
	"slices"
	"strings"

	"ctiphub/catalog"
	"ctiphub/record"
)

// CodeOwnRecord is the code of a skipped record that this hub has published itself.
const CodeOwnRecord = "own-record"

// Own is how this hub's own records are known when another hub hands them back. Hubs that
// harvest from one another would otherwise multiply each other's records without end.
type Own struct {
	// BaseURLs are the addresses that this hub's OAI-PMH has, or had.
	BaseURLs []string
	// RepositoryID is the name space of this hub's OAI identifiers: oai:<it>:…; "" when
	// it is not this hub's alone.
	RepositoryID string
}

// own is Own, prepared.
type own struct {
	bases  map[string]bool
	prefix string   // of identifiers
	marks  [][]byte // how a record element names the hub
}

func newOwn(o Own) own {
	w := own{bases: map[string]bool{}}
	for _, b := range o.BaseURLs {
		if key := baseKey(b); key != "" {
			w.bases[key] = true
		}
	}
	if o.RepositoryID != "" {
		w.prefix = "oai:" + strings.ToLower(o.RepositoryID) + ":"
		// An element or attribute that ends so: identifier, dc:identifier. Others, such as
		// dc:relation, may well name a record of ours that theirs only refers to.
		for _, before := range []string{"identifier>", `identifier="`, "identifier='"} {
			w.marks = append(w.marks, []byte(before+"oai:"+o.RepositoryID+":"))
		}
	}
	return w
}

// baseKey is what two ways to write the same base URL have in common.
func baseKey(base string) string {
	u, err := url.Parse(strings.TrimSpace(base))
	if err != nil || u.Host == "" {
		return ""
	}
	host := strings.ToLower(u.Hostname())
	if p := u.Port(); p != "" && p != "80" && p != "443" {
		host += ":" + p
	}
	return host + strings.TrimSuffix(u.EscapedPath(), "/")
}

// base reports whether a base URL is this hub's.
func (w own) base(url string) bool { return len(w.bases) > 0 && w.bases[baseKey(url)] }

// identifier reports whether an OAI identifier was given by this hub.
func (w own) identifier(id string) bool {
	return w.prefix != "" && len(id) > len(w.prefix) && strings.EqualFold(id[:len(w.prefix)], w.prefix)
}

// made reports whether this hub published what a raw holds: by the way it came, by the
// identifiers it has, or by what its container says where the format keeps neither.
func (w own) made(raw record.Raw, rec record.Record) bool {
	if w.prefix == "" && len(w.bases) == 0 {
		return false
	}
	if w.identifier(raw.Identifier) || w.identifier(rec.Origin.Identifier) {
		return true
	}
	for _, hop := range rec.Origin.Chain {
		if w.base(hop.BaseURL) || w.identifier(hop.Identifier) {
			return true
		}
	}
	if slices.ContainsFunc(rec.Identifiers, func(id record.Identifier) bool { return w.identifier(id.Value) }) {
		return true
	}
	switch raw.Format {
	case record.FormatOAIDC, record.FormatCTIP, record.FormatQDC, record.FormatMODS, record.FormatMARC, record.FormatDataCite, record.FormatDIM, record.FormatMETS:
		return w.named(raw.Body)
	}
	return false
}

// named reports whether the element of an OAI-PMH record says that it passed through this
// hub. The bytes are searched, not parsed: every record of every repository comes by here.
func (w own) named(body []byte) bool {
	for _, m := range w.marks {
		if bytes.Contains(body, m) {
			return true
		}
	}
	if len(w.bases) == 0 {
		return false
	}
	for rest := body; ; {
		_, after, found := bytes.Cut(rest, []byte("baseURL"))
		if !found {
			return false
		}
		rest = after
		value := bytes.TrimLeft(after, "= \t\r\n")
		if len(value) == 0 || !bytes.ContainsRune([]byte(`>"'`), rune(value[0])) {
			continue
		}
		if end := bytes.IndexAny(value[1:], `<"'`); end >= 0 && end < 2048 && w.base(string(value[1:1+end])) {
			return true
		}
	}
}

// leaveOut takes this hub's own records out of a batch: listed, and skipped on purpose.
func (w own) leaveOut(b *catalog.Batch) {
	back := map[string]bool{}
	b.Items = slices.DeleteFunc(b.Items, func(it catalog.Item) bool {
		if !w.made(it.Raw, it.Record) {
			return false
		}
		back[it.Raw.Identifier] = true
		b.Skipped = append(b.Skipped, catalog.Reject{Identifier: it.Raw.Identifier, URL: it.Raw.URL, Code: CodeOwnRecord, Stage: "skip", Detail: "This record is from this hub and came back."})
		return true
	})
	if len(back) == 0 {
		return
	}
	for i, v := range b.Validators {
		// What is not stored must not be called the same by a later "not modified".
		b.Validators[i].Identifiers = slices.DeleteFunc(slices.Clone(v.Identifiers), func(id string) bool { return back[id] })
	}
}
