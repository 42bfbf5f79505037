package pdf

import (
	"reflect"
	"testing"
)

func TestScanFindsWhatIsCompressed(t *testing.T) {
	f := document([]show{})
	f.add(stream("/Type /ObjStm /N 1 /First 4 /Filter /FlateDecode", deflated(t, []byte("1 0 << /Lang <feff00760069> /Type /Catalog >>"))))
	f.add(stream("/Type /Metadata /Filter /FlateDecode", deflated(t, []byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/">new</x:xmpmeta>`))))
	f.add("<< /Type /StructElem /Lang (fr) >>")
	s := scan(append([]byte(`<x:xmpmeta xmlns:x="adobe:ns:meta/">old</x:xmpmeta>`), f.bytes()...))
	if s.lang != "vi" || string(s.xmp) != `<x:xmpmeta xmlns:x="adobe:ns:meta/">new</x:xmpmeta>` {
		t.Errorf("lang %q, XMP %q", s.lang, s.xmp)
	}
}

func TestXMP(t *testing.T) {
	const head = `<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:prism="http://prismstandard.org/namespaces/basic/2.1/"`
	const tail = `</rdf:Description></rdf:RDF></x:xmpmeta>`
	for name, c := range map[string]struct {
		packet string
		want   map[string][]Text
	}{
		"attributes":  {head + ` dc:title="A" xmp:CreateDate="2024-01-02">` + tail, map[string][]Text{"title": {{"A", ""}}, "CreateDate": {{"2024-01-02", ""}}}},
		"plain":       {head + `><dc:title>B</dc:title>` + tail, map[string][]Text{"title": {{"B", ""}}}},
		"languages":   {head + `><dc:title><rdf:Alt><rdf:li xml:lang="x-default">C</rdf:li><rdf:li xml:lang="km">គ</rdf:li></rdf:Alt></dc:title>` + tail, map[string][]Text{"title": {{"C", ""}, {"គ", "km"}}}},
		"prism":       {head + `><prism:doi>10.1000/1</prism:doi><prism:issn>1</prism:issn>` + tail, map[string][]Text{"identifier": {{"10.1000/1", ""}}}},
		"breaks off":  {head + `><dc:title>D</dc:title><dc:creator><rdf:Seq><rdf:li>E`, map[string][]Text{"title": {{"D", ""}}}},
		"other names": {head + `><title>no</title>` + tail, map[string][]Text{}},
	} {
		if got := parseXMP([]byte(c.packet)); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
	}
}

func TestDates(t *testing.T) {
	for text, want := range map[string]string{
		"D:20240131235959+07'00'": "2024-01-31", "D:2024": "2024", "D:202413": "2024", "20080512191153+02'00'": "2008-05-12", "D:20240132": "2024-01",
		"2024-01-31T10:00:00Z": "2024-01-31", "D:19700101": "", "yesterday": "", "": "",
	} {
		if got := date(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestPeople(t *testing.T) {
	for text, want := range map[string][]string{
		"W. Martin Borgert, Holger Wansing, Clytie Siddall (Tiếng Việt)": {"W. Martin Borgert", "Holger Wansing", "Clytie Siddall"},
		"Harm, Robert":                            {"Harm, Robert"},
		"Hàn Thế Thành and Reinhard Kotucha":      {"Hàn Thế Thành", "Reinhard Kotucha"},
		"Ministry of Labour; Ministry of Justice": {"Ministry of Labour", "Ministry of Justice"},
		"someone@agency.example":                  nil,
		"":                                        nil,
	} {
		var got []string
		for _, p := range people(nil, text) {
			got = append(got, p.Value)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestEncodings(t *testing.T) {
	for raw, want := range map[string]string{
		"\xfe\xff\x0e\x04\x0e\x39": "คู", "\xff\xfe\x04\x0e\x39\x0e": "คู", "\xef\xbb\xbfคู": "คู", "caf\xe9": "café", "คู": "คู", "þÿ\x00A": "A",
	} {
		if got := decodeText(raw); got != want {
			t.Errorf("%q: got %q, want %q", raw, got, want)
		}
	}
	if got := thaiShapes("ก\uf70a\uf712"); got != "ก่็" {
		t.Errorf("private letters: %q", got)
	}
}
