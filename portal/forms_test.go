package portal_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"ctiphub/record"
)

// formTypes are the endings of a record's forms with their media types.
var formTypes = map[string]string{
	"json": "application/json", "jsonld": "application/ld+json; charset=utf-8", "bib": "application/x-bibtex; charset=utf-8",
	"ris": "application/x-research-info-systems; charset=utf-8", "csl.json": "application/vnd.citationstyles.csl+json; charset=utf-8", "xml": "application/xml; charset=utf-8",
}

func TestForms(t *testing.T) {
	h := newHub(t, published("1", full()), published("2", record.Record{Title: record.Texts{"en": "Gone"}}))
	h.apply(t, "agency", withdrawn("2"))
	for ext, media := range formTypes {
		res := h.get(t, "/resources/"+idOf("1")+"."+ext)
		text := body(t, res)
		if res.StatusCode != http.StatusOK || res.Header.Get("Content-Type") != media || !strings.Contains(text, "Handbook") && !strings.Contains(text, idOf("1")) {
			t.Errorf("%s: status %d, %s\n%.200s", ext, res.StatusCode, res.Header.Get("Content-Type"), text)
		}
		if res.Header.Get("Access-Control-Allow-Origin") != "*" || !strings.Contains(res.Header.Get("Link"), `rel="cite-as"`) {
			t.Errorf("%s: headers %v", ext, res.Header)
		}
		if again := h.get(t, "/resources/"+idOf("1")+"."+ext, "If-None-Match", res.Header.Get("ETag")); again.StatusCode != http.StatusNotModified {
			t.Errorf("%s: status %d for who has it", ext, again.StatusCode)
		}
		gone := h.get(t, "/resources/"+idOf("2")+"."+ext)
		if text := body(t, gone); gone.StatusCode != http.StatusGone || strings.Contains(text, "Gone") || !strings.Contains(text, "withdrawn") {
			t.Errorf("%s of a withdrawn record: status %d\n%s", ext, gone.StatusCode, text)
		}
	}
	for _, path := range []string{"/resources/" + idOf("1") + ".pdf", "/resources/" + idOf("1") + ".", "/resources/" + idOf("nobody") + ".bib", "/resources/x.bib"} {
		if res := h.get(t, path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: status %d", path, res.StatusCode)
		}
	}
}

// TestNegotiation asks for a record as browsers, reference managers and programs do.
func TestNegotiation(t *testing.T) {
	h := newHub(t, published("1", full()))
	for accept, want := range map[string]string{
		"":    "text/html",
		"*/*": "text/html",
		"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8": "text/html",
		"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8":                                  "text/html",
		"application/ld+json":                         "application/ld+json",
		"application/ld+json, application/json;q=0.9": "application/ld+json",
		"application/json":                            "application/json",
		"application/json;q=0.2, text/html;q=0.5":     "text/html",
		"application/x-bibtex":                        "application/x-bibtex",
		"text/x-bibliography, application/x-bibtex":   "application/x-bibtex",
		"application/vnd.citationstyles.csl+json":     "application/vnd.citationstyles.csl+json",
		"application/x-research-info-systems;q=0.9":   "application/x-research-info-systems",
		"Application/LD+JSON":                         "application/ld+json",
		"application/xml":                             "application/xml",
		"application/json;q=0":                        "text/html",
		"application/*":                               "text/html",
		"image/png":                                   "text/html",
		";;;q=x,,":                                    "text/html",
		"application/json;q=abc":                      "application/json",
	} {
		res := h.get(t, "/resources/"+idOf("1"), "Accept", accept)
		got, _, _ := strings.Cut(res.Header.Get("Content-Type"), ";")
		if got != want || res.StatusCode != http.StatusOK || !strings.Contains(strings.Join(res.Header.Values("Vary"), ","), "Accept") {
			t.Errorf("Accept %q: %s, status %d, Vary %v", accept, got, res.StatusCode, res.Header.Values("Vary"))
		}
	}
}

// TestRecordHead reads what a page says to programs.
func TestRecordHead(t *testing.T) {
	h := newHub(t, published("1", full()), published("2", hostile()))
	for _, id := range []string{idOf("1"), idOf("2")} {
		doc := h.page(t, "/resources/"+id, 200)
		var data map[string]any
		if err := json.Unmarshal([]byte(doc.Find("script[type='application/ld+json']").Text()), &data); err != nil || !strings.HasSuffix(data["@id"].(string), "/resources/"+id) {
			t.Errorf("JSON-LD of %s: %v, %v", id, err, data["@id"])
		}
		if n := doc.Find("link[rel=alternate]").Length(); n != len(formTypes) {
			t.Errorf("%d forms in the head", n)
		}
		if title, _ := doc.Find("abbr.unapi-id").Attr("title"); title != id || doc.Find("link[rel=unapi-server]").Length() != 1 {
			t.Errorf("unAPI: %q", title)
		}
	}
	doc := h.page(t, "/resources/"+idOf("1"), 200)
	if doc.Find("meta[name=citation_title]").AttrOr("content", "") == "" {
		t.Error("no citation_title")
	}
}

func TestUnAPI(t *testing.T) {
	h := newHub(t, published("1", full()))
	if res := h.get(t, "/unapi"); res.StatusCode != http.StatusOK || !strings.Contains(body(t, res), `<format name="bibtex" type="application/x-bibtex"/>`) {
		t.Errorf("formats: status %d", res.StatusCode)
	}
	if res := h.get(t, "/unapi?id="+idOf("1")); res.StatusCode != http.StatusMultipleChoices || !strings.Contains(body(t, res), `id="`+idOf("1")+`"`) {
		t.Errorf("formats of a record: status %d", res.StatusCode)
	}
	if res := h.get(t, "/unapi?id="+idOf("1")+"&format=ris"); res.StatusCode != http.StatusOK || !strings.HasPrefix(body(t, res), "TY  - ") {
		t.Errorf("RIS: status %d", res.StatusCode)
	}
	for query, want := range map[string]int{"id=x&format=ris": 404, "id=" + idOf("nobody") + "&format=ris": 404, "id=" + idOf("1") + "&format=mods": 406, "id=%3Cb%3E": 200} {
		if res := h.get(t, "/unapi?"+query); res.StatusCode != want || strings.Contains(body(t, res), "<b>") {
			t.Errorf("%s: status %d, want %d", query, res.StatusCode, want)
		}
	}
}
