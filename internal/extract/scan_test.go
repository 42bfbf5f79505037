package extract

import (
	"reflect"
	"strings"
	"testing"
)

// scanned documents are taken by scanXML; refused ones are left to encoding/xml.
var (
	scanned = []string{
		`<record/>`, `<a b='1' c="2&amp;&#x41;&#66;"/>`, " <a>\n<b>x &lt; y &#3585;</b>tail<c/></a>\n",
		`<record xmlns="urn:o"><header status="deleted"><identifier>oai:x:1</identifier></header><metadata><oai_dc:dc xmlns:oai_dc="urn:dc" xmlns:dc="urn:e" xml:lang="km" xsi:x="1"><dc:title xml:lang="en">T</dc:title><dc:title>คู่มือ</dc:title></oai_dc:dc></metadata></record>`,
		`<a xmlns="u"><b xmlns=""><c xmlns:p="q" p:d="e"/><p:c/></b><b/></a>`,
	}
	refused = []string{
		``, `text`, `<a>`, `</a>`, `<a></b>`, `<a/><b/>`, `<a>&nbsp;</a>`, `<a>&#0;</a>`, `<a>&#xD800;</a>`, `<a>&amp</a>`, `<?xml version="1.0"?><a/>`,
		`<!DOCTYPE a><a/>`, `<a><![CDATA[x]]></a>`, `<a><!-- c --></a>`, "<a>\r\n</a>", "<a>\x01</a>", "<a>\xff</a>", `<a b=1/>`, `<a b="<"/>`, `<a:b:c/>`, `<:a/>`, `<a:/>`,
		`<a>]]></a>`, "<a>\uFFFE</a>", `<é/>`, `< a/>`, `<a b/>`, `<a`, `<a b="`, strings.Repeat("<a>", maxXMLDepth+1) + strings.Repeat("</a>", maxXMLDepth+1),
	}
)

func TestScanXML(t *testing.T) {
	for _, body := range scanned {
		if scanXML([]byte(body)) == nil {
			t.Errorf("%s is refused", body)
		}
		sameTree(t, []byte(body))
	}
	for _, body := range refused {
		if scanXML([]byte(body)) != nil {
			t.Errorf("%s is taken", body)
		}
	}
}

// sameTree compares what scanXML makes of a body with what encoding/xml makes of it.
func sameTree(t *testing.T, body []byte) {
	t.Helper()
	quick := scanXML(body)
	if quick == nil {
		return
	}
	slow, err := parseXML(body, true)
	if err != nil {
		t.Fatalf("%q is taken, and encoding/xml says %v", body, err)
	}
	if !equalTrees(quick, slow) {
		t.Fatalf("%q: %+v, want %+v", body, quick, slow)
	}
}

func equalTrees(a, b *element) bool {
	if a.space != b.space || a.name != b.name || a.data != b.data || len(a.attrs) != len(b.attrs) || len(a.children) != len(b.children) {
		return false
	}
	if len(a.attrs) > 0 && !reflect.DeepEqual(a.attrs, b.attrs) {
		return false
	}
	for i := range a.children {
		if !equalTrees(a.children[i], b.children[i]) {
			return false
		}
	}
	return true
}

func FuzzScanXML(f *testing.F) {
	for _, list := range [][]string{scanned, refused} {
		for _, body := range list {
			f.Add([]byte(body))
		}
	}
	f.Fuzz(func(t *testing.T, body []byte) { sameTree(t, body) })
}
