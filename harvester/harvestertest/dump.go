package harvestertest

import (
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"ctiphub/harvester"
)

// Dump writes a harvest as text, one line for each thing, without what changes from run
// to run.
func (r Result) Dump() string {
	var b strings.Builder
	for n, p := range r.Pages {
		fmt.Fprintf(&b, "page %d%s\n", n+1, pageMarks(p))
		dumpPage(&b, p)
	}
	if r.Err != nil {
		fmt.Fprintf(&b, "error %v\n", r.Err)
	}
	return b.String()
}

func pageMarks(p harvester.Page) string {
	var marks string
	if p.Cursor != "" {
		marks += fmt.Sprintf(" cursor=%q", p.Cursor)
	}
	if p.Last {
		marks += " last"
	}
	if p.Complete {
		marks += " complete"
	}
	if p.Total > 0 {
		marks += fmt.Sprintf(" total=%d", p.Total)
	}
	return marks
}

func dumpPage(w io.Writer, p harvester.Page) {
	for _, r := range p.Raws {
		fmt.Fprintf(w, "  raw %s\n    from %s %d %q\n", r.Identifier, r.URL, r.Status, r.MediaType)
		for _, h := range r.Hints {
			fmt.Fprintf(w, "    hint %s %q %s\n", h.Key, h.Value, h.Lang)
		}
		fmt.Fprintf(w, "    body %s\n", bodyText(r.Body))
	}
	for _, id := range p.Same {
		fmt.Fprintf(w, "  same %s\n", id)
	}
	for _, r := range p.Rejects {
		fmt.Fprintf(w, "  reject %s %s %s: %s\n", r.Code, r.Stage, r.Identifier, r.Detail)
	}
	for _, s := range p.Skipped {
		fmt.Fprintf(w, "  skip %s %s\n", s.Code, s.Identifier)
	}
	for _, v := range p.Validators {
		fmt.Fprintf(w, "  validator %s etag=%q modified=%q %q\n", v.URL, v.ETag, v.LastModified, v.Identifiers)
	}
	if p.Push.Hub != "" {
		fmt.Fprintf(w, "  push %s topic %s\n", p.Push.Hub, p.Push.Topic)
	}
	for _, n := range p.Notes {
		fmt.Fprintf(w, "  note %s: %s\n", n.Code, n.Detail)
	}
}

// bodyText shows text as it is and other bytes in hexadecimal, so that not one of them
// can change unseen.
func bodyText(b []byte) string {
	if !utf8.Valid(b) {
		return fmt.Sprintf("hex %x", b)
	}
	return strings.ReplaceAll(strings.TrimSuffix(string(b), "\n"), "\n", "\n         ")
}
