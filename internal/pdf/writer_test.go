package pdf

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"strings"
	"testing"
)

// file writes small PDF files, sound ones and others.
type file struct {
	objects []string          // from number 1; 1 is the catalogue
	trailer map[string]string // beside Size and Root
	prev    string            // of the trailer
}

// show is one line of text on a page.
type show struct {
	size float64
	top  float64 // from the bottom of the page, as PDF counts
	text string  // bytes in the encoding of the font
}

// document makes a file with one page for each list of lines.
func document(pages ...[]show) *file {
	f := &file{trailer: map[string]string{}}
	var kids []string
	for i := range pages {
		kids = append(kids, fmt.Sprintf("%d 0 R", 4+2*i))
	}
	f.objects = []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		fmt.Sprintf("<< /Type /Pages /Kids [%s] /Count %d >>", strings.Join(kids, " "), len(pages)),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
	}
	for i, lines := range pages {
		var s strings.Builder
		for _, l := range lines {
			text := strings.NewReplacer(`\`, `\\`, "(", `\(`, ")", `\)`).Replace(l.text)
			fmt.Fprintf(&s, "BT /F1 %g Tf 72 %g Td (%s) Tj ET\n", l.size, l.top, text)
		}
		f.objects = append(f.objects,
			fmt.Sprintf("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents %d 0 R /Resources << /Font << /F1 3 0 R >> >> >>", 5+2*i),
			stream("", []byte(s.String())))
	}
	return f
}

func stream(dict string, body []byte) string {
	return fmt.Sprintf("<< %s /Length %d >>\nstream\n%s\nendstream", dict, len(body), body)
}

func deflated(t testing.TB, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	if _, err := z.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// add appends an object and returns its reference.
func (f *file) add(object string) string {
	f.objects = append(f.objects, object)
	return fmt.Sprintf("%d 0 R", len(f.objects))
}

// info sets the Info dictionary; values are bytes.
func (f *file) info(pairs ...string) *file {
	var b strings.Builder
	for i := 0; i < len(pairs); i += 2 {
		fmt.Fprintf(&b, "/%s <%x> ", pairs[i], pairs[i+1])
	}
	f.trailer["Info"] = f.add("<< " + b.String() + ">>")
	return f
}

// catalog puts entries into the catalogue.
func (f *file) catalog(entries string) *file {
	f.objects[0] = strings.Replace(f.objects[0], " >>", " "+entries+" >>", 1)
	return f
}

// xmp adds a packet.
func (f *file) xmp(properties string) *file {
	packet := `<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">` +
		`<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.0/"` +
		properties + `</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>`
	return f.catalog("/Metadata " + f.add(stream("/Type /Metadata /Subtype /XML", []byte(packet))))
}

func (f *file) bytes() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.6\n%\xe2\xe3\xcf\xd3\n")
	var offsets []int
	for i, o := range f.objects {
		offsets = append(offsets, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(f.objects)+1)
	for _, o := range offsets {
		fmt.Fprintf(&b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&b, "trailer\n<< /Size %d /Root 1 0 R", len(f.objects)+1)
	for k, v := range f.trailer {
		fmt.Fprintf(&b, " /%s %s", k, v)
	}
	if f.prev == "self" {
		fmt.Fprintf(&b, " /Prev %d", xref)
	}
	fmt.Fprintf(&b, " >>\nstartxref\n%d\n%%%%EOF\n", xref)
	return b.Bytes()
}

// prose fills a page with running text.
func prosePage(title string, sentence string) []show {
	page := []show{{22, 760, title}}
	for i := range 12 {
		page = append(page, show{11, 700 - float64(i)*14, sentence})
	}
	return page
}
