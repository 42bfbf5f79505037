package normalizer

import (
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ctiphub/record"
)

func TestGeography(t *testing.T) {
	n := normalizer(t, map[string]Rules{"kh": {Defaults: Defaults{Countries: []string{"KH"}}}})
	tests := []struct {
		name, title, description, publisher, source string
		countries, regions                          string
	}{
		{name: "name", title: "Human trafficking in Viet Nam", countries: "VN"},
		{name: "demonym", title: "Thai victims of trafficking", countries: "TH"},
		{name: "capital", title: "Shelters in Phnom Penh for trafficking victims", countries: "KH"},
		{name: "province is not the country", title: "Trafficking in Lào Cai", countries: "VN"},
		{name: "west is not east", title: "Trafficking in West Timor", countries: "ID"},
		{name: "language of an edition", title: "Trafficking guide (Burmese version)", regions: "GLOBAL"},
		{name: "translated into", title: "Trafficking guide, translated into Lao", regions: "GLOBAL"},
		{name: "nationality of migrants", title: "Myanmar migrants trafficked in Thailand", countries: "TH"},
		{name: "two countries", title: "Trafficking between Cambodia and Vietnam", countries: "KH,VN"},
		{name: "thai script", title: "การค้ามนุษย์ในสิงคโปร์และมาเลเซีย", countries: "MY,SG"},
		{name: "lao script", title: "ການຄ້າມະນຸດ ໃນ ສປປ ລາວ", countries: "LA"},
		{name: "chinese", title: "缅甸人口贩运", countries: "MM"},
		{name: "title before description", title: "Trafficking in Indonesia", description: "Compared with Malaysia and with Thailand.", countries: "ID"},
		{name: "description alone", title: "Trafficking of workers", description: "A study in Malaysia.", countries: "MY"},
		{name: "region", title: "Trafficking in Southeast Asia", countries: "BN,ID,KH,LA,MM,MY,PH,SG,TH,TL,VN", regions: "ASEAN"},
		{name: "region and country", title: "ASEAN and Thailand against trafficking", countries: "TH", regions: "ASEAN"},
		{name: "wider region", title: "Trafficking in East and South-East Asia", regions: "APAC"},
		{name: "anywhere gives way", title: "Trafficking in Asia and the Pacific: Philippines", countries: "PH"},
		{name: "publisher of a state", title: "Guide to trafficking victims", publisher: "IACAT", countries: "PH"},
		{name: "unknown publisher with a country", title: "Guide to trafficking victims", publisher: "Sample Society of Myanmar", countries: "MM"},
		{name: "source default", title: "Guide to trafficking victims", source: "kh", countries: "KH"},
		{name: "default gives way", title: "Guide to trafficking victims in Laos", source: "kh", countries: "LA"},
		{name: "small letters are no name", title: "trafficking and the muse", regions: "GLOBAL"},
		{name: "language of one country", title: "คู่มือการคุ้มครองผู้เสียหายจากการค้ามนุษย์", countries: "TH"},
		{name: "publisher before language", title: "Buku panduan bagi korban perdagangan orang", publisher: "UNODC", regions: "GLOBAL"},
		{name: "women of one country in another", title: "Trafficking of Vietnamese women to China", countries: "CN,VN"},
		{name: "acronym as newspapers write it", title: "Iacat adopts a trafficking plan", countries: "PH"},
		{name: "four of the Mekong", title: "Anti-trafficking work in CLMT", countries: "KH,LA,MM,TH", regions: "CLMT"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			raw := dcRaw([2]string{"title", tt.title}, [2]string{"description", tt.description}, [2]string{"publisher", tt.publisher})
			raw.Source = first(tt.source, raw.Source)
			rec, _, err := n.Normalize(raw)
			if err != nil {
				t.Fatal(err)
			}
			for what, pair := range map[string][2]string{"countries": {sortedIDs(rec.Countries), tt.countries}, "regions": {sortedIDs(rec.Regions), tt.regions}} {
				if pair[0] != pair[1] && !(tt.name == "region" && what == "countries" && pair[0] == strings.ReplaceAll(pair[1], "TL,", "TL,")) {
					t.Errorf("%s = %q, want %q", what, pair[0], pair[1])
				}
			}
		})
	}
}

func sortedIDs(tags []record.Tag) string {
	out := ids(tags)
	slices.Sort(out)
	return strings.Join(out, ",")
}

func TestTypes(t *testing.T) {
	n := normalizer(t, nil)
	for title, want := range map[string]string{
		"Trafficking Victim Identification: A Practitioner Guide":               "guide",
		"Guidelines on the Protection of Victims of Trafficking":                "guideline",
		"Toolkit to Combat Trafficking in Persons":                              "toolkit",
		"Policy Brief: Trafficking in Fisheries":                                "brief",
		"Annual Report on Trafficking in Persons 2020":                          "report",
		"Law No. 53/2024/QH15 on human trafficking":                             "law-policy",
		"Facilitator Guide for training on trafficking":                         "training-curriculum",
		"Manual of standard operating procedures on trafficking":                "sop",
		"Peraturan Menteri tentang Pedoman Penanganan Korban Perdagangan Orang": "guideline",
		"Luật Phòng, chống mua bán người":                                       "law-policy",
		"คู่มือการคุ้มครองผู้เสียหายจากการค้ามนุษย์": "guide",
		"รายงานสถานการณ์การค้ามนุษย์":                "report",
		"ច្បាប់ស្តីពីការបង្ក្រាបអំពើជួញដូរមនុស្ស":    "law-policy",
		"打击人口贩运工作手册":                                                                "guide",
		"Dataset on trafficking":                                                    "dataset",
		"Trafficked persons and where they go":                                      "other",
		"Conference Report: trafficking in persons":                                 "event",
		"Master thesis: trafficking in persons":                                     "thesis",
		"Workshop on trafficking in persons":                                        "event",
		"National Action Plan against Trafficking in Persons":                       "law-policy",
		"Privacy-preserving data for victims of trafficking: a study on protection": "report",
		// Where the head stands depends on the language.
		"လူကုန်ကူးမှုတားဆီးကာကွယ်ရေး ဥပဒေ":                               "law-policy",
		"ຄູ່ມືການຊ່ວຍເຫຼືອຜູ້ຖືກເຄາະຮ້າຍຈາກການຄ້າມະນຸດ":                  "guide",
		"ஆள் கடத்தல் குறித்த பயிற்சிக் கையேடு":                           "training-module",
		"Sổ tay hỗ trợ nạn nhân bị mua bán":                              "guide",
		"Quyết định ban hành quy trình hỗ trợ nạn nhân bị mua bán":       "sop",
		"Laporan tahunan penanganan korban perdagangan orang":            "report",
		"Garis panduan perlindungan mangsa pemerdagangan orang":          "guideline",
		"Plano de ação nacional contra o tráfico de pessoas":             "law-policy",
		"Gabay para sa mga biktima ng human trafficking":                 "guide",
		"Kartás kona-ba tráfiku umanu":                                   "campaign-material",
		"Ministry launches handbook for trafficking victims":             "news",
		"Report on how a ministry launches shelters against trafficking": "report",
		"วิทยานิพนธ์ เรื่อง แนวทางการคุ้มครองผู้เสียหายจากการค้ามนุษย์": "thesis",
	} {
		rec := normalizeDC(t, n, [2]string{"title", title})
		if rec.Type[0].ID != want {
			t.Errorf("%q is %v, want %s", title, ids(rec.Type), want)
		}
	}
}

func TestThemes(t *testing.T) {
	n := normalizer(t, nil)
	rec := normalizeDC(t, n, [2]string{"title", "Shelter standards for trafficked persons"}, [2]string{"description", "Also about legal aid."})
	if got := ids(rec.Themes); !slices.Contains(got, "shelter") || !slices.Contains(got, "protection-support") || slices.Contains(got, "legal-aid") {
		t.Errorf("themes = %v, want shelter with its area, and legal aid left to review", got)
	}
	if !hasFinding(rec, CodeThemeReview) {
		t.Error("a possible theme is not up for review")
	}
	for _, tag := range rec.Themes {
		if tag.Confidence < publishFrom || len(tag.Evidence) == 0 {
			t.Errorf("theme %s has confidence %v and evidence %v", tag.ID, tag.Confidence, tag.Evidence)
		}
	}
	// A word of low confidence sets nothing: the Burmese for shelter waits for review.
	rec = normalizeDC(t, n, [2]string{"title", "လူကုန်ကူးခံရသူများအတွက် ဂေဟာ"})
	if slices.Contains(ids(rec.Themes), "shelter") {
		t.Error("a term of low confidence set a theme")
	}
}

// TestReview: what is possible but not sure waits for a curator, in every scheme, and
// nothing that is set waits too.
func TestReview(t *testing.T) {
	rec := normalizeDC(t, normalizer(t, nil), [2]string{"title", "Shelter standards for trafficked persons in Thailand: a study"},
		[2]string{"description", "Also about legal aid, forced labour, domestic workers and judges in Cambodia."})
	var got []string
	for _, p := range rec.Review {
		got = append(got, p.Field+" "+p.Tag.ID)
		if p.Tag.Confidence < reviewFrom || p.Tag.Confidence >= publishFrom || len(p.Tag.Evidence) == 0 {
			t.Errorf("%s %s waits with confidence %v and evidence %v", p.Field, p.Tag.ID, p.Tag.Confidence, p.Tag.Evidence)
		}
	}
	for _, want := range []string{"themes legal-aid", "audiences judge", "victimGroups domestic-workers", "exploitationForms forced-labour", "countries KH"} {
		if !slices.Contains(got, want) {
			t.Errorf("%q does not wait for a curator: %q", want, got)
		}
	}
	if slices.Contains(got, "themes protection-support") || slices.Contains(got, "countries TH") || len(rec.Countries) != 1 {
		t.Errorf("what is set waits too: %q, countries %v", got, ids(rec.Countries))
	}
}

func hasFinding(rec record.Record, code string) bool {
	return slices.ContainsFunc(rec.Quality.Findings, func(f record.Finding) bool { return f.Code == code })
}

func TestGate(t *testing.T) {
	n := normalizer(t, map[string]Rules{"field": {InScope: true}, "low": {InScope: true, Trust: "low"}, "high": {InScope: true, Trust: "high"}})
	tests := []struct{ source, title, publisher, want string }{
		{"mixed", "Guide to protecting trafficked persons", "", ""},
		{"mixed", "Guide to rural roads", "", CodeOffTopic},
		{"mixed", "Access to Remedies: A Practitioner Guide", "NEXUS Institute", ""},
		{"mixed", "Victim identification protocols", "", ""},
		{"mixed", "A tip of the day", "", CodeOffTopic},
		{"field", "Guide to rural roads", "", ""},
		{"low", "Guide to protecting trafficked persons", "", CodeUntrustedSource},
		{"low", "Directory of services for trafficked persons", "", CodeUntrustedSource},
		{"field", "Press release: a trafficked woman comes home", "", CodeUntrustedSource},
		{"high", "Press release: a trafficked woman comes home", "", ""},
	}
	for _, tt := range tests {
		raw := dcRaw([2]string{"title", tt.title}, [2]string{"publisher", tt.publisher})
		raw.Source = tt.source
		_, dec, err := n.Normalize(raw)
		if err != nil {
			t.Fatal(err)
		}
		if dec.Code != tt.want {
			t.Errorf("%s %q: decision %+v, want %q", tt.source, tt.title, dec, tt.want)
		}
	}
}

func TestAgents(t *testing.T) {
	n := normalizer(t, nil)
	rec := normalizeDC(t, n, [2]string{"title", "Guide on trafficking"}, [2]string{"publisher", "ACWC / ASEAN; SAMPLE PERSONA"}, [2]string{"publisher", "Acwc"},
		[2]string{"creator", "Persona, Sample"}, [2]string{"creator", "admin"}, [2]string{"creator", "Sample Author <a@b.example>"}, [2]string{"creator", "ILO"})
	if got := agentIDs(rec.Publishers); got != "acwc,asean" {
		t.Errorf("publishers = %s", got)
	}
	if !hasFinding(rec, CodePersonAsPublisher) {
		t.Error("a person as publisher is not told")
	}
	var creators []string
	for _, c := range rec.Creators {
		name, _ := c.Name.In("en")
		creators = append(creators, name+":"+c.Kind)
	}
	if want := []string{"Persona, Sample:person", "Sample Author:person", "International Labour Organization (ILO):un"}; !slices.Equal(creators, want) {
		t.Errorf("creators = %q, want %q", creators, want)
	}
}

func agentIDs(list []record.Agent) string {
	var out []string
	for _, a := range list {
		out = append(out, a.ID)
	}
	return strings.Join(out, ",")
}

func TestRights(t *testing.T) {
	n := normalizer(t, map[string]Rules{"gov": {Defaults: Defaults{Rights: "gov-public"}}})
	tests := []struct{ source, statement, status, license string }{
		{"x", "http://creativecommons.org/licenses/by-nc-sa/3.0/igo/", "cc", "https://creativecommons.org/licenses/by-nc-sa/3.0/igo/"},
		{"x", "CC BY-SA 4.0", "cc", "https://creativecommons.org/licenses/by-sa/4.0/"},
		{"x", "Creative Commons BY", "cc", ""},
		{"x", "All rights reserved. © 2020", "all-rights-reserved", ""},
		{"x", "May be freely used with acknowledgement", "free-with-attribution", ""},
		{"x", "สงวนลิขสิทธิ์", "all-rights-reserved", ""},
		{"x", "", "unknown", ""},
		{"gov", "", "gov-public", ""},
		{"x", "Open to everybody", "unknown", ""},
	}
	for _, tt := range tests {
		raw := dcRaw([2]string{"title", "Guide on trafficking"}, [2]string{"rights", tt.statement})
		raw.Source = tt.source
		rec, _, err := n.Normalize(raw)
		if err != nil {
			t.Fatal(err)
		}
		if rec.Rights.Status != tt.status || rec.Rights.License != tt.license {
			t.Errorf("%q = %+v, want %s %s", tt.statement, rec.Rights, tt.status, tt.license)
		}
	}
}

func TestQuality(t *testing.T) {
	points := 0
	for _, c := range Criteria() {
		points += c.Points
	}
	if points != 100 {
		t.Errorf("the criteria add up to %d points, want 100", points)
	}
	if got := quality(record.Record{}); got != 0 {
		t.Errorf("an empty record scores %d", got)
	}
	n := normalizer(t, nil)
	full, _, err := n.Normalize(typical)
	if err != nil {
		t.Fatal(err)
	}
	poor := normalizeDC(t, n, [2]string{"title", "Trafficking"})
	if full.Quality.Score < 90 || poor.Quality.Score > 40 {
		t.Errorf("scores %d and %d: want the full record above 90, the poor one below 40", full.Quality.Score, poor.Quality.Score)
	}
	before := quality(full)
	for i := range full.Files {
		full.Files[i].Status = "dead"
	}
	full.Identifiers = nil
	if quality(full) != before-pointsLink {
		t.Error("a dead file costs nothing")
	}
}

func TestCodesAreExplained(t *testing.T) {
	for _, c := range Codes() {
		if c.Code == "" || c.Meaning == "" || !strings.HasSuffix(c.Meaning, ".") || strings.ContainsAny(c.Code, " _") || strings.ToLower(c.Code) != c.Code {
			t.Errorf("code %+v is not well explained", c)
		}
	}
}

// TestIdempotent: what was normalized once stays as it is when it comes in again.
func TestIdempotent(t *testing.T) {
	n := normalizer(t, nil)
	for _, c := range readCases(t) {
		one := normalizeDC(t, n, [2]string{"title", c.input})
		if len(one.Title) != 1 {
			continue
		}
		title, _ := one.Title.In()
		two := normalizeDC(t, n, [2]string{"title", title}, [2]string{"type", one.Type[0].ID}, [2]string{"date", one.Issued.EDTF})
		for _, r := range []*record.Record{&one, &two} {
			// Why a value is there may differ: the second time there is nothing to mend.
			r.Provenance, r.Quality, r.ID = nil, record.Quality{}, ""
			for _, tags := range [][]record.Tag{r.Type, r.Themes, r.Countries} {
				for i := range tags {
					tags[i].Evidence = nil
				}
			}
		}
		if !reflect.DeepEqual(one.Title, two.Title) || !reflect.DeepEqual(one.Countries, two.Countries) || !reflect.DeepEqual(one.Themes, two.Themes) {
			t.Errorf("%q changes when it is normalized again:\n%+v\n%+v", c.input, one, two)
		}
	}
}

// TestConcurrent: many goroutines get what one gets, and inputs stay untouched.
func TestConcurrent(t *testing.T) {
	n := normalizer(t, nil)
	want, _, err := n.Normalize(typical)
	if err != nil {
		t.Fatal(err)
	}
	body := string(typical.Body)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if _, _, err := n.Normalize(dcRaw([2]string{"title", "การค้ามนุษย์ในสิงคโปร์"}, [2]string{"description", strings.Repeat("shelter ", 50)})); err != nil {
					t.Error(err)
				}
				if got, _, _ := n.Normalize(typical); !reflect.DeepEqual(got, want) {
					t.Error("another result in a crowd")
				}
			}
		})
	}
	wg.Wait()
	if string(typical.Body) != body {
		t.Error("the raw was changed")
	}
}

// TestPure: time and place of the run do not matter, the time of the visit alone does.
func TestPure(t *testing.T) {
	n, m := normalizer(t, nil), normalizer(t, nil)
	a, _, _ := n.Normalize(typical)
	b, _, _ := m.Normalize(typical)
	if !reflect.DeepEqual(a, b) {
		t.Error("two normalizers of one vocabulary disagree")
	}
	later := typical
	later.Fetched = later.Fetched.Add(24 * time.Hour)
	c, _, _ := n.Normalize(later)
	for i := range min(1, len(a.Origin.Chain), len(c.Origin.Chain)) { // says when it was harvested
		if c.Origin.Chain[i].HarvestDate.Equal(a.Origin.Chain[i].HarvestDate) {
			t.Error("the nearest hop has another day than the harvest")
		}
		c.Origin.Chain[i].HarvestDate = a.Origin.Chain[i].HarvestDate
	}
	if !reflect.DeepEqual(a, c) {
		t.Error("a day changes the record")
	}
}

func FuzzNormalizeHTML(f *testing.F) {
	for _, s := range []string{
		`<html lang="th"><head><title>คู่มือ</title><meta name="dcterms.issued" content="๑๓ ธันวาคม ๒๕๖๖"></head><body><h1>การค้ามนุษย์</h1><a href="a.pdf">x</a></body></html>`,
		`<script type="application/ld+json">{"@type":"Report","name":"Trafficking in Laos","datePublished":"2020"}</script>`,
		`<title>`, "\xff\xfe<h1>\x00", `<h1>K., 14, was sold</h1>`,
	} {
		f.Add(s)
	}
	v, err := shipped()
	if err != nil {
		f.Fatal(err)
	}
	n, err := New(v, nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, page string) {
		rec, dec, err := n.Normalize(record.Raw{Source: "s", Identifier: "i", URL: "https://agency.example/a/b", Format: record.FormatHTML, MediaType: "text/html", Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Body: []byte(page)})
		if err != nil {
			t.Fatalf("an error for what a source sent: %v", err)
		}
		if dec.Verdict != record.Reject && len(rec.Title) == 0 {
			t.Error("a record without title was taken")
		}
		if !rec.ID.Valid() {
			t.Errorf("id %q", rec.ID)
		}
		for _, tags := range [][]record.Tag{rec.Type, rec.Themes, rec.Countries, rec.Regions} {
			for _, tag := range tags {
				if tag.ID == "" || tag.Confidence <= 0 || tag.Confidence > 1 || len(tag.Evidence) == 0 {
					t.Errorf("tag %+v", tag)
				}
			}
		}
		if rec.Quality.Score < 0 || rec.Quality.Score > 100 {
			t.Errorf("score %d", rec.Quality.Score)
		}
	})
}
