package oaipmh

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ctiphub/configs"
	"ctiphub/internal/lang"
	"ctiphub/internal/oai"
	"ctiphub/internal/replay"
	"ctiphub/normalizer"
	"ctiphub/record"
)

// kinds of facts that the collection states about a record, and how many of them the hub
// gets right at least. Each that it does not is explained in wrongFacts.
var reached = map[string]int{"title": 23, "title1": 74, "titles": 1, "creators": 18, "publisher": 3, "date": 16, "language": 13, "url": 12, "doi": 6}

// wrongFacts are the facts that the hub does not give, each with its reason.
var wrongFacts = map[string]string{
	"oai/httpoai_repository.xml title1":                              "a Static Repository is a file, no answer of the protocol",
	"oai/scrapi_pcurio-p0.xml title":                                 `"[pt]" is taken for the language that it names, and off the title`,
	"oai/sickle_ListRecords.xml publisher":                           `"Sample Publisher" looks like the name of a person`,
	"oai-record/dpla_ma-creator.xml title1":                          "the article, which the collection leaves out, belongs to the title",
	"oai-record/dpla_ma.xml title1":                                  "the first title of the file is that of the collection, ours is that of the item",
	"oai-record/dpla_mt.xml title1":                                  "the first title of the file is that of the collection, ours is that of the item",
	"oai-record/dpla_in.xml language":                                "Czech is no language of the hub and has no tag in its list",
	"oai-record/dpla_tx.xml date":                                    "UNTL is read as simple Dublin Core: it cannot say which date it means",
	"oai-record/dpla_feedbooks.xml title1":                           "an entry of an Atom feed, for the feed adapter",
	"oai-record/dpla_standardebooks.xml title1":                      "an entry of an Atom feed, for the feed adapter",
	"oai-record/dpla_nara.xml title1":                                "a format of its own, in no namespace",
	"oai-record/dpla_si.xml title1":                                  "a format of its own, in no namespace",
	"oai-record/dpla_virginias.xml title1":                           "dcterms in a container of its own, in no namespace",
	"oai-record/dpla_txdl.xml title1":                                "the metadata is not in a metadata element: the record is a reject",
	"oai-record/edm_P1_uppercase_title.xml title1":                   "EDM is not read: it is what Europeana makes of records, not what repositories disseminate",
	"oai-record/edm_europeana_record_no_problem_patterns.xml title1": "EDM is not read: it is what Europeana makes of records, not what repositories disseminate",
	"oai-record/edm_europeana_record_with_P12.xml title1":            "EDM is not read: it is what Europeana makes of records, not what repositories disseminate",
	"oai-record/edm_europeana_record_with_P2.xml title1":             "EDM is not read: it is what Europeana makes of records, not what repositories disseminate",
	"oai-record/edm_europeana_record_with_P2_multiple.xml title1":    "EDM is not read: it is what Europeana makes of records, not what repositories disseminate",
	"oai-record/joai_DLESE-000-000-000-003.xml title1":               "ADN is a format of one library that is closed",
	"oai-record/joai_DLESE-000-000-000-004.xml title1":               "ADN is a format of one library that is closed",
}

// fact is what the collection says about a file.
type fact struct{ file, kind, want string }

// TestRealRecords reads every real file of the collection as the pipeline does, from the
// answer to the record, and compares the first record with what an XML parser of another
// kind and people read off it.
func TestRealRecords(t *testing.T) {
	var facts []fact
	for _, folder := range []string{"oai", "oai-record"} {
		dir, ok := replay.Shared(t, folder)
		if !ok {
			return
		}
		facts = append(facts, statedFacts(t, filepath.Dir(dir), folder)...)
	}
	n := shippedRules(t)
	dir, _ := replay.Shared(t, "oai")
	records := map[string]*record.Record{}
	right, all := map[string]int{}, map[string]int{}
	for _, f := range facts {
		rec, done := records[f.file]
		if !done {
			rec = readReal(t, n, filepath.Join(filepath.Dir(dir), f.file))
			records[f.file] = rec
		}
		got := tell(rec, f.kind)
		all[f.kind]++
		why := wrongFacts[f.file+" "+f.kind]
		switch {
		case agrees(f.kind, got, f.want):
			right[f.kind]++
			if why != "" {
				t.Errorf("%s %s is right now: take it off the list", f.file, f.kind)
			}
		case why == "":
			t.Errorf("%s: %s is %q, want %q", f.file, f.kind, got, f.want)
		}
	}
	for kind, n := range all {
		t.Logf("%-10s %d of %d right", kind, right[kind], n)
		if right[kind] < reached[kind] {
			t.Errorf("%s: %d right, and %d were", kind, right[kind], reached[kind])
		}
	}
}

func shippedRules(t *testing.T) *normalizer.Normalizer {
	t.Helper()
	c, err := configs.Load("")
	if err != nil {
		t.Fatal(err)
	}
	n, err := normalizer.New(c.Vocabulary, map[string]normalizer.Rules{"real": {InScope: true}})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

var firstTitle = regexp.MustCompile(`title1=(.*)$`)

// statedFacts reads the facts of a folder: first titles from the manifest, the rest from
// what people wrote down.
func statedFacts(t *testing.T, data, folder string) []fact {
	t.Helper()
	manifest, err := os.ReadFile(filepath.Join(data, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	var facts []fact
	for line := range strings.Lines(string(manifest)) {
		cols := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if len(cols) < 8 || !strings.HasPrefix(cols[0], folder+"/") {
			continue
		}
		if m := firstTitle.FindStringSubmatch(cols[7]); m != nil {
			facts = append(facts, fact{cols[0], "title1", m[1]})
		}
	}
	files, err := filepath.Glob(filepath.Join(data, "expected", folder+"__*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		var eye struct {
			File   string
			Expect map[string]any
		}
		if err == nil {
			err = json.Unmarshal(b, &eye)
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		says := eye.Expect
		for _, k := range []string{"first", "record"} {
			if inner, ok := says[k].(map[string]any); ok {
				says = inner
			}
		}
		for _, kind := range []string{"title", "titles", "creators", "date", "language", "publisher", "url", "doi"} {
			switch want := says[kind].(type) {
			case string:
				facts = append(facts, fact{eye.File, kind, want})
			case []any:
				var list []string
				for _, v := range want {
					list = append(list, fmt.Sprint(v))
				}
				facts = append(facts, fact{eye.File, kind, strings.Join(list, "; ")})
			}
		}
	}
	return facts
}

// readReal makes a record of the first one in a file that is not deleted; nil when the
// file holds none that the hub reads.
func readReal(t *testing.T, n *normalizer.Normalizer, file string) *record.Record {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var list []oai.Record
	if a, err := oai.Parse(body, "text/xml"); err == nil {
		list = a.Records
	} else {
		list = []oai.Record{loose(t, body)}
	}
	for _, r := range list {
		if r.Header.Deleted || r.Metadata.Local == "" {
			continue
		}
		rec, _, err := n.Normalize(record.Raw{
			Source: "real", Identifier: "x", URL: "https://repository.example/oai?verb=GetRecord", MediaType: mediaType,
			Format: formatOf(r.Metadata, ""), Body: r.Body, Fetched: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		})
		if err != nil {
			t.Fatal(err)
		}
		return &rec
	}
	return nil
}

// loose makes a record of a file that is one, or only the metadata of one.
func loose(t *testing.T, body []byte) oai.Record {
	t.Helper()
	if r, err := oai.ParseRecord(body); err == nil && r.Metadata.Local != "" {
		r.Body = body
		return r
	}
	clean, _ := oai.Clean(body, "text/xml")
	r, err := oai.ParseRecord(slices.Concat([]byte("<record><metadata>"), clean, []byte("</metadata></record>")))
	if err != nil || rank(oai.MetadataFormat{Namespace: r.Metadata.Space}) < 0 && !slices.ContainsFunc(richness, func(k known) bool { return slices.Contains(k.roots, r.Metadata.Local) }) && r.Metadata.Local != "dc" {
		return oai.Record{} // a format that the hub does not read
	}
	r.Body = slices.Concat([]byte("<record><metadata>"), clean, []byte("</metadata></record>"))
	return r
}

// tell is what a record says of one kind of fact.
func tell(rec *record.Record, kind string) string {
	if rec == nil {
		return "no record"
	}
	names := func(list []record.Agent) []string {
		var out []string
		for _, a := range list {
			name, _ := a.Name.In("en")
			out = append(out, name)
		}
		return out
	}
	var list []string
	switch kind {
	case "title", "title1", "titles":
		for _, texts := range []record.Texts{rec.Title, rec.Alternative} {
			for _, tag := range texts.Languages() {
				list = append(list, texts[tag])
			}
		}
	case "creators":
		list = names(rec.Creators)
	case "publisher":
		list = names(rec.Publishers)
	case "date":
		return rec.Issued.EDTF
	case "language":
		list = rec.Languages
	case "url":
		return rec.Origin.Landing
	case "doi":
		for _, id := range rec.Identifiers {
			if id.Scheme == "doi" {
				list = append(list, id.Value)
			}
		}
	}
	return strings.Join(list, "; ")
}

// agrees compares as a reader would: without case and punctuation, languages by their
// code, addresses without their scheme.
func agrees(kind, got, want string) bool {
	switch kind {
	case "title", "title1":
		want = strings.TrimSuffix(want, " /") // the sign before a statement of responsibility
		return slices.ContainsFunc(strings.Split(got, "; "), func(s string) bool { return strings.HasPrefix(lang.Fold(s), lang.Fold(want)) })
	case "titles":
		return !slices.ContainsFunc(strings.Split(want, "; "), func(s string) bool { return !strings.Contains(lang.Fold(got), lang.Fold(s)) })
	case "language":
		var tags []string
		for _, w := range strings.Split(want, "; ") {
			tag, _ := lang.TagIn(w, "")
			tags = append(tags, tag)
		}
		return slices.Equal(strings.Split(got, "; "), tags)
	case "url":
		bare := func(s string) string { _, after, _ := strings.Cut(s, "://"); return strings.TrimSuffix(after, "/") }
		return strings.EqualFold(bare(got), bare(want))
	}
	return lang.Fold(got) == lang.Fold(want)
}
