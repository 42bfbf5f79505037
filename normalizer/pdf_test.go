package normalizer

import (
	"slices"
	"testing"
	"time"

	"ctiphub/record"
)

func TestRealTitles(t *testing.T) {
	for _, s := range []string{
		"Untitled", "untitled-3", "Microsoft Word - final2.doc", "Microsoft PowerPoint - training [Compatibility Mode]", "Slide 1", "PowerPoint Presentation", "Document1", "final2.doc", "cover.indd",
		"3F2504E0-4F89-41D3-9A0C-0305E82C3301", "9f86d081884c7d659a2feaa0c55ad015", `C:\Users\x\report`, "20240131_1234", "IMG_2041", "scan0001", "doc", "123", "II", "Contents", "สารบัญ", "Mục lục",
		"Download", "download PDF", "Click here", "here", "PDF", "PDF (2.3 MB)", "Read more…", "Download English version (PDF, 1.2 MB)", "ดาวน์โหลด", "ดาวน์โหลด PDF", "คลิกที่นี่", "Unduh", "Klik di sini",
		"Muat turun", "Tải về", "Xem chi tiết", "ទាញយក", "ດາວໂຫລດ", "下载", "…", "",
	} {
		if realTitle(s) {
			t.Errorf("%q passes for a title", s)
		}
	}
	for _, s := range []string{
		"Sejarah Golkar", "Handbook", "Guidelines on Victim Identification", "Test purchases in labour inspection", "TIP Report 2023", "Reporting forced labour", "คู่มือการปฏิบัติงานล่าม", "Luật phòng, chống mua bán người",
		"Untangling the web of debt", "National Action Plan 2021-2025 (PDF)", "Report of the Special Rapporteur", "ច្បាប់ស្តីពីការបង្ក្រាបអំពើជួញដូរមនុស្ស", "Undang-Undang No. 21", "Document security for shelters", "Read and act: a guide",
	} {
		if !realTitle(s) {
			t.Errorf("%q does not pass for a title", s)
		}
	}
}

func TestRealNames(t *testing.T) {
	for _, s := range []string{"ACER 4732", "user", "User", "admin", "HP", "hp laptop", "Dell", "DESKTOP-4F2K1AB", "PC-01", "Windows User", "office2010", "Owner", "unknown", "anonymous", "xxx", "123", "", "a", "Toshiba L510"} {
		if realName(s) {
			t.Errorf("%q passes for a name", s)
		}
	}
	for _, s := range []string{"Philip Hutchison", "Ministry of Labour", "IOM", "UN Women", "Hàn Thế Thành", "สำนักงานตำรวจแห่งชาติ", "Office of the Prosecutor General", "Sony Ambudi Suharto Wibowo", "Home Affairs Department of Anywhere", "Sharp, Granville Jonathan Erasmus"} {
		if !realName(s) {
			t.Errorf("%q does not pass for a name", s)
		}
	}
}

// The title of a PDF comes from the first step of the ladder that has a real one.
func TestTitleLadder(t *testing.T) {
	n := normalizer(t, nil)
	const large, own = `"largest-text":[{"@value":"Guide to Shelter Management","scale":2},{"@value":"For Staff","scale":1.5}]`, `"title":[{"@value":"Shelter Guide","@language":"en"}]`
	for name, c := range map[string]struct{ link, body, url, title, rule string }{
		"link text":             {"Shelter handbook", large + "," + own, "a.pdf", "Shelter handbook", "hint:link-text"},
		"a call to click":       {"ดาวน์โหลด (PDF 2 MB)", large + "," + own, "a.pdf", "Guide to Shelter Management", "pdf:largest-text"},
		"no link":               {"", large + "," + own, "a.pdf", "Guide to Shelter Management", "pdf:largest-text"},
		"headings only":         {"PDF", `"largest-text":[{"@value":"Contents","scale":2}],` + own, "a.pdf", "Shelter Guide", "pdf:title"},
		"a word processor's":    {"", `"title":[{"@value":"Microsoft Word - final2.doc"}]`, "shelter_management-guide.pdf", "shelter management guide", "pdf:file-name"},
		"second large text":     {"", `"largest-text":[{"@value":"Contents","scale":2},{"@value":"Shelter Rules","scale":1.5}]`, "a.pdf", "Shelter Rules", "pdf:largest-text"},
		"nothing but a number":  {"here", `"title":[{"@value":"untitled"}]`, "3F2504E0-4F89-41D3-9A0C-0305E82C3301.pdf", "", ""},
		"escaped file name":     {"", "", "%E0%B8%84%E0%B8%B9%E0%B9%88%E0%B8%A1%E0%B8%B7%E0%B8%AD%E0%B8%9B%E0%B8%8F%E0%B8%B4%E0%B8%9A%E0%B8%B1%E0%B8%95%E0%B8%B4.pdf", "คู่มือปฏิบัติ", "pdf:file-name"},
		"the site's disk names": {"", `"title":[{"@value":"C:\\\\docs\\\\x.indd"}]`, "x1.pdf", "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			raw := pdfRaw("https://agency.example/files/"+c.url, c.body)
			if c.link != "" {
				raw.Hints = []record.Hint{{Key: "link-text", Value: c.link}}
			}
			rec, dec, err := n.Normalize(raw)
			if err != nil {
				t.Fatal(err)
			}
			if c.title == "" {
				if dec.Verdict != record.Reject || dec.Code != CodeNoTitle {
					t.Errorf("got %q, %+v", rec.Title, dec)
				}
				return
			}
			text, _ := rec.Title.In("en", "th")
			i := slices.IndexFunc(rec.Provenance, func(a record.Assertion) bool { return a.Field == "title" })
			if text != c.title || i < 0 || rec.Provenance[i].Rule != c.rule {
				t.Fatalf("got %q by %+v", text, rec.Provenance)
			}
			if sure := rec.Provenance[i].Confidence; sure > sureTitle[c.rule] || sure <= 0 {
				t.Errorf("%s: confidence %v", c.rule, sure)
			}
			if len(rec.Alternative) > 0 {
				t.Errorf("headings became titles: %q", rec.Alternative)
			}
		})
	}
}

func pdfRaw(address, properties string) record.Raw {
	if properties != "" {
		properties = "," + properties
	}
	body := `{"version":"1.4","pages":12,"bytes":4096,"checksum":"sha256:00ff","created":"2010-03-20","language":"id","creators":[{"@value":"ACER 4732"},{"@value":"Ministry of Labour"}]` + properties + `}`
	return record.Raw{Source: "test", Identifier: address, URL: address, Format: record.FormatPDF, MediaType: "application/pdf", Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Body: []byte(body)}
}

func TestPDFRecord(t *testing.T) {
	n := normalizer(t, nil)
	rec, _, err := n.Normalize(pdfRaw("https://agency.example/files/a.pdf", `"largest-text":[{"@value":"Pedoman Perlindungan Korban","scale":2}]`))
	if err != nil {
		t.Fatal(err)
	}
	want := record.File{URL: "https://agency.example/files/a.pdf", MediaType: "application/pdf", Bytes: 4096, Pages: 12, Language: "id", Checksum: "sha256:00ff", Status: "unknown"}
	if len(rec.Files) != 1 || rec.Files[0] != want {
		t.Errorf("files %+v", rec.Files)
	}
	if !slices.Equal(rec.Languages, []string{"id"}) || len(rec.Creators) != 1 || rec.Creators[0].Name["und"]+rec.Creators[0].Name["en"] == "" {
		t.Errorf("languages %q, creators %+v", rec.Languages, rec.Creators)
	}
	if rec.Issued.EDTF != "" || !slices.ContainsFunc(rec.Quality.Findings, func(f record.Finding) bool { return f.Code == CodeDateFromFile }) {
		t.Errorf("issued %+v, findings %+v", rec.Issued, rec.Quality.Findings)
	}
	stated := pdfRaw("https://agency.example/files/a.pdf", `"issued":"2008-07-01","largest-text":[{"@value":"Pedoman","scale":2}]`)
	if rec, _, err = n.Normalize(stated); err != nil || rec.Issued.EDTF != "2008-07-01" {
		t.Errorf("a stated date gives %+v, %v", rec.Issued, err)
	}
}

// What reading the files of a page has shown goes to the files that the record links to.
func TestFileHints(t *testing.T) {
	n := normalizer(t, nil)
	rec, _ := page(t, n, "", "https://agency.example/guides/7", `<html lang="en"><body><main><h1>Shelter guide</h1><a href="/f/guide.pdf">Guide</a> <a href="/f/other.pdf">Other</a></main></body></html>`,
		record.Hint{Key: "file", Value: `{"url":"https://agency.example/f/guide.pdf","bytes":9,"pages":3,"language":"th","checksum":"sha256:ab","title":"x"}`},
		record.Hint{Key: "file", Value: `{"url":"https://agency.example/f/elsewhere.pdf","bytes":9}`},
		record.Hint{Key: "file", Value: `not json`})
	if len(rec.Files) != 2 || rec.Files[0].Pages != 3 || rec.Files[0].Bytes != 9 || rec.Files[0].Language != "th" || rec.Files[0].Checksum != "sha256:ab" || rec.Files[1].Pages != 0 {
		t.Errorf("files %+v", rec.Files)
	}
}
