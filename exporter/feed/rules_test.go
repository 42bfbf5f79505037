package feed_test

import (
	"encoding/json"
	"encoding/xml"
	"math/rand/v2"
	"regexp"
	"testing"
	"time"

	"ctiphub/exporter/exportertest"
	"ctiphub/exporter/feed"
	"ctiphub/record"
)

// atomDoc is what RFC 4287 has rules about.
type atomDoc struct {
	XMLName xml.Name   `xml:"http://www.w3.org/2005/Atom feed"`
	ID      []string   `xml:"http://www.w3.org/2005/Atom id"`
	Title   []string   `xml:"http://www.w3.org/2005/Atom title"`
	Updated []string   `xml:"http://www.w3.org/2005/Atom updated"`
	Authors []string   `xml:"http://www.w3.org/2005/Atom author>name"`
	Links   []atomLink `xml:"http://www.w3.org/2005/Atom link"`
	Entries []struct {
		Lang    string     `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
		ID      []string   `xml:"http://www.w3.org/2005/Atom id"`
		Title   []atomText `xml:"http://www.w3.org/2005/Atom title"`
		Updated []string   `xml:"http://www.w3.org/2005/Atom updated"`
		Publ    []string   `xml:"http://www.w3.org/2005/Atom published"`
		Summary []atomText `xml:"http://www.w3.org/2005/Atom summary"`
		Content []atomText `xml:"http://www.w3.org/2005/Atom content"`
		Links   []atomLink `xml:"http://www.w3.org/2005/Atom link"`
		Terms   []struct {
			Term   string `xml:"term,attr"`
			Scheme string `xml:"scheme,attr"`
			Label  string `xml:"label,attr"`
		} `xml:"http://www.w3.org/2005/Atom category"`
	} `xml:"http://www.w3.org/2005/Atom entry"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Href string `xml:"href,attr"`
	Type string `xml:"type,attr"`
	Lang string `xml:"hreflang,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Lang string `xml:"http://www.w3.org/XML/1998/namespace lang,attr"`
	Text string `xml:",chardata"`
}

// Forms that the standards' own schemas give.
var (
	atomDate = regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`)
	langForm = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$`)
	mimeForm = regexp.MustCompile(`^[^/\s]+/[^/\s]+$`)
)

// many are the samples and records by chance.
func many() []record.Record {
	recs := exportertest.Samples()
	for r := rand.New(rand.NewPCG(11, 13)); len(recs) < 200; {
		recs = append(recs, exportertest.Random(r))
	}
	return recs
}

func TestAtomRules(t *testing.T) {
	for _, paged := range []bool{true, false} {
		f := facts()
		if !paged { // a file without an address
			f.Self, f.HTML, f.First, f.Next, f.Page, f.Updated = "", "", "", "", nil, time.Time{}
		}
		var doc atomDoc
		if err := xml.Unmarshal(exportertest.Encode(t, feed.Atom(f), many()...), &doc); err != nil {
			t.Fatal(err)
		}
		if len(doc.ID) != 1 || len(doc.Title) != 1 || len(doc.Updated) != 1 || !atomDate.MatchString(doc.Updated[0]) || len(doc.Authors) == 0 || doc.Authors[0] == "" {
			t.Errorf("the feed has the ids %q, titles %q, dates %q, authors %q", doc.ID, doc.Title, doc.Updated, doc.Authors)
		}
		for _, e := range doc.Entries {
			if len(e.ID) != 1 || len(e.Title) != 1 || len(e.Updated) != 1 || !atomDate.MatchString(e.Updated[0]) || len(e.Publ) > 1 || len(e.Summary) > 1 || len(e.Content) > 1 {
				t.Fatalf("an entry breaks the rules: %+v", e)
			}
			if !langForm.MatchString(e.Lang) {
				t.Errorf("%s: the language %q", e.ID, e.Lang)
			}
			alternates := 0
			for _, l := range e.Links {
				if l.Rel == "alternate" {
					alternates++
				}
				if l.Rel == "enclosure" || l.Href == "" || l.Type != "" && !mimeForm.MatchString(l.Type) || l.Lang != "" && !langForm.MatchString(l.Lang) {
					t.Errorf("%s: the link %+v", e.ID, l)
				}
			}
			if alternates > 1 || alternates == 0 && len(e.Content) == 0 {
				t.Errorf("%s: %d alternates and %d contents", e.ID, alternates, len(e.Content))
			}
			for _, s := range e.Summary {
				if s.Type != "text" || !langForm.MatchString(s.Lang) {
					t.Errorf("%s: the summary %+v", e.ID, s)
				}
			}
			for _, c := range e.Terms {
				if c.Term == "" || c.Label == "" || !regexp.MustCompile(`^urn:ctip-hub:(country|theme|type)$`).MatchString(c.Scheme) {
					t.Errorf("%s: the category %+v", e.ID, c)
				}
			}
		}
	}
}

func TestRSSRules(t *testing.T) {
	f := facts()
	f.HTML = ""
	var doc struct {
		Version string `xml:"version,attr"`
		Channel struct {
			Title []string `xml:"title"`
			Link  []struct {
				XMLName xml.Name
				Text    string `xml:",chardata"`
			} `xml:"link"`
			Description []string `xml:"description"`
			Built       string   `xml:"lastBuildDate"`
			Items       []struct {
				Title []string `xml:"title"`
				GUID  []struct {
					Text string `xml:",chardata"`
					Perm string `xml:"isPermaLink,attr"`
				} `xml:"guid"`
				Published []string `xml:"pubDate"`
			} `xml:"item"`
		} `xml:"channel"`
	}
	if err := xml.Unmarshal(exportertest.Encode(t, feed.RSS(f), many()...), &doc); err != nil {
		t.Fatal(err)
	}
	c := doc.Channel
	if doc.Version != "2.0" || len(c.Title) != 1 || len(c.Description) != 1 || len(c.Link) == 0 || c.Link[0].Text != f.ID || c.Link[0].XMLName.Space != "" {
		t.Errorf("the channel is %q, %q, %+v", c.Title, c.Description, c.Link)
	}
	for _, item := range c.Items {
		if len(item.Title) != 1 || len(item.GUID) != 1 || item.GUID[0].Perm != "false" || len(item.Published) > 1 {
			t.Fatalf("an item breaks the rules: %+v", item)
		}
		for _, s := range append(item.Published, c.Built) {
			if _, err := time.Parse("Mon, 02 Jan 2006 15:04:05 MST", s); err != nil {
				t.Errorf("%s: %v", item.GUID[0].Text, err)
			}
		}
	}
}

func TestJSONRules(t *testing.T) {
	var doc struct {
		Version string
		Title   string
		Items   []struct {
			ID            string
			ContentText   *string `json:"content_text"`
			DatePublished string  `json:"date_published"`
			DateModified  string  `json:"date_modified"`
			Language      string
		}
	}
	if err := json.Unmarshal(exportertest.Encode(t, feed.JSON(facts()), many()...), &doc); err != nil {
		t.Fatal(err)
	}
	if doc.Version != "https://jsonfeed.org/version/1.1" || doc.Title == "" || len(doc.Items) != 200 {
		t.Errorf("the feed is %q, %q, %d items", doc.Version, doc.Title, len(doc.Items))
	}
	for _, i := range doc.Items {
		if i.ID == "" || i.ContentText == nil || *i.ContentText == "" || !atomDate.MatchString(i.DateModified) ||
			i.DatePublished != "" && !atomDate.MatchString(i.DatePublished) || i.Language != "" && !langForm.MatchString(i.Language) {
			t.Errorf("an item breaks the rules: %+v", i)
		}
	}
}

// FuzzTexts gives every form of feed texts from outside.
func FuzzTexts(f *testing.F) {
	f.Add("<b>A & B</b>", "th", "https://a.example/?q=<")
	f.Add("\x00\xff\u202e]]>", "x_y", "javascript:1")
	f.Fuzz(func(t *testing.T, s, lang, address string) {
		rec := record.Record{
			ID: "a", Title: record.Texts{lang: s}, Description: record.Texts{"en": s + "\n" + s, lang: s}, Languages: []string{lang},
			Origin: record.Origin{Landing: address}, Files: []record.File{{URL: address, MediaType: s, Language: lang}},
			Publishers: []record.Agent{{Name: record.Texts{lang: s}}}, Themes: []record.Tag{{ID: s}},
		}
		for name, format := range formats(facts()) {
			doc := exportertest.Encode(t, format, rec)
			wellFormed(t, name, doc)
			if got := parse(t, doc); len(got.Items) != 1 {
				t.Errorf("%s: %d items", name, len(got.Items))
			}
		}
	})
}
