package normalizer

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"ctiphub/record"
)

// TestPersonalData: all people, numbers and places are invented.
func TestPersonalData(t *testing.T) {
	n := normalizer(t, nil)
	tests := []struct{ text, want string }{
		{"Write to sample.person@agency.example for copies", "e-mail"},
		{"sample.person [at] agency.example", "e-mail"},
		{"Ask +66 81 555 0100", "telephone"},
		{"Ask +856-21 555 0123 today", "telephone"},
		{"Gọi 0983 555 010 để biết", "telephone"},
		{"โทรหา ๐๘๑-๕๕๕-๐๑๐๐", "telephone"},
		{"ទាក់ទង ០១២ ៥៥៥ ០១០", "telephone"},
		{"ဖုန်း ၀၉ ၅၅၅ ၀၁၀၀၀၀", "telephone"},
		{"ໂທ ໐໒໐ ໕໕໕໕ ໐໑໐໐", "telephone"},
		{"Call 0917 555 0100 (Manila)", "telephone"},
		{"hubungi 62 812 5550 100", "telephone"},
		{"เลขประจำตัว 1-1017-00230-70-8", "identity"},
		{"NIK 3174015501900001", "identity"},
		{"MyKad 900101-14-5555", "identity"},
		{"NRIC S1234567D was shown", "passport or identity"},
		{"her passport no. N1234567", "passport or identity"},
		{"hộ chiếu số B1234567", "passport or identity"},
		{"NRC 12/YaKaNa(N)123456", "passport or identity"},
		{"the house lies at 13.75633, 100.50177", "coordinates"},
		{"at 13°45' N 100°30' E", "coordinates"},
		{"The shelter is at 12 Sample Road, Chiang Mai", "address of a shelter"},
		{"Rumah aman: Jalan Contoh No. 14, Batam", "address of a shelter"},
		{"บ้านพักเด็ก ซอยตัวอย่าง 7", "address of a shelter"},
		{"Sampleja, 15, was sold by a broker", "name or initials"},
		{"Sampleja (17) was trafficked to a farm", "name or initials"},
		{"K., a 14-year-old girl, was rescued", "name or initials"},
		{"Chị Mẫu Thị A., 19 tuổi, nạn nhân bị bán", "name or initials"},
		{"Sample Name, born in 2001, was lured abroad", "name or initials"},
		{"korban berinisial SN diselamatkan tahun 2020", "name or initials"},
		{"น.ส.ตัวอย่าง อายุ 16 ปี ผู้เสียหาย", "name or initials"},
		{"ឈ្មោះ គំរូ អាយុ ១៥ ឆ្នាំ ជនរងគ្រោះ", "name or initials"},
		{"ຊື່ ຕົວຢ່າງ ອາຍຸ 15 ປີ ຖືກຂາຍ", "name or initials"},

		// What must not be held.
		{"Children under 18 who were trafficked", ""},
		{"Handbook on shelter and care, 2015 – No. 2197/2015", ""},
		{"ဂေဟာ လမ်းညွှန် 2012", ""},
		{"ဂေဟာ လမ်းညွှန် – အမှတ် 2113/2012", ""},
		{"Sổ tay nhà tạm lánh cho nạn nhân, thành phố Hà Nội năm 2021", ""},
		{"Rumah perlindungan korban, jalan keluar 2019", ""},
		{"Nhà tạm lánh: số nhà 12 phố Mẫu", "address of a shelter"},
		{"Article 14, paragraph 7, on victims", ""},
		{"In March 15, 2019 victims were identified", ""},
		{"National plan 2021-2025 and 2012-2016", ""},
		{"A study of 1,200 survivors in 2016-2018", ""},
		{"ISBN 978-974-257-233-4", ""},
		{"doi:10.1234/5678901.2345", ""},
		{"see https://agency.example/doc/654886767 for victims", ""},
		{"Law 53/2024/QH15 of 28 November 2024", ""},
		{"Hotline 1300 and 1343 for victims", ""},
		{"Contact info@agency.example", ""},
		{"ระหว่าง พ.ศ. 2560-2565", ""},
		{"Budget of 1.200.000.000 rupiah for victims", ""},
		{"A toolkit for shelters in 12 provinces", ""},
		{"Women aged 18 to 24 were trafficked", ""},
		{"IOM (15) and UNODC (20) trained police on victims", ""},
		{"Findings (10) on victims", ""},
		{"Pasal 12, tentang korban", ""},
	}
	for _, tt := range tests {
		got := n.personalData(tt.text, nil)
		if tt.want == "" && got != "" || tt.want != "" && !strings.Contains(got, tt.want) {
			t.Errorf("%q: got %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestHotlinesPass(t *testing.T) {
	v := *vocabulary(t)
	v.Hotlines = []Hotline{{Number: "02 555 0199", Country: "TH", Owner: "Ministry of Examples", Reviewed: "2026-01-31"}}
	n, err := New(&v, nil)
	if err != nil {
		t.Fatal(err)
	}
	describe := func(fetched string) record.Decision {
		raw := dcRaw([2]string{"title", "Help for victims of human trafficking"}, [2]string{"description", "Victims may dial 02 555 0199 for help."})
		var err error
		if raw.Fetched, err = time.Parse(time.DateOnly, fetched); err != nil {
			t.Fatal(err)
		}
		_, dec, err := n.Normalize(raw)
		if err != nil {
			t.Fatal(err)
		}
		return dec
	}
	if dec := describe("2026-06-01"); dec.Code == CodePossiblePII {
		t.Errorf("an official hotline is held: %s", dec.Detail)
	}
	if dec := describe("2027-06-01"); dec.Code != CodePossiblePII {
		t.Errorf("a hotline that nobody reviewed for a year passes: %+v", dec)
	}
	if what := n.personalData("Call 02 555 0198 for help", nil); what == "" {
		t.Error("another number passes")
	}
	if text, _ := n.stripContacts("Help for victims. Tel: 02 555 0199", map[string]bool{"025550199": true}); !strings.Contains(text, "0199") {
		t.Errorf("the hotline was stripped: %q", text)
	}
}

func TestStripContacts(t *testing.T) {
	n := normalizer(t, nil)
	tests := []struct{ in, want string }{
		{"About shelters. Tel: +66 2 555 0100", "About shelters."},
		{"About shelters. Email: a.person@agency.example, Fax: 02 555 0101", "About shelters."},
		{"Về hỗ trợ nạn nhân. ĐT: 0983.xxx.xxx - Email: ...", "Về hỗ trợ nạn nhân."},
		{"เรื่องการคุ้มครอง โทร. ๐๒ ๕๕๕ ๐๑๐๐", "เรื่องการคุ้มครอง"},
		{"One. For more information contact A. Person, +62 21 5550 100. Two.", "One. Two."},
		{"One. Please contact the office at info@agency.example. Two.", "One. Two."},
		{"Nothing to strip in 2016-2018.", "Nothing to strip in 2016-2018."},
		{"Hotline 1300 is open day and night.", "Hotline is open day and night."},
		{"สายด่วน ๑๓๐๐ ตลอด 24 ชั่วโมง", "สายด่วน ตลอด 24 ชั่วโมง"},
		{"Online training 101 for officers", "Online training 101 for officers"},
		{"Elipsis... stays", "Elipsis... stays"},
	}
	for _, tt := range tests {
		got, stripped := n.stripContacts(tt.in, nil)
		if got != tt.want {
			t.Errorf("%q\n got %q\nwant %q", tt.in, got, tt.want)
		}
		if stripped != (got != tt.in) {
			t.Errorf("%q: stripped = %v", tt.in, stripped)
		}
	}
}

// TestReasonsRepeatNothing: what held a record is nowhere in its findings or its reason.
func TestReasonsRepeatNothing(t *testing.T) {
	n := normalizer(t, nil)
	rec, dec, err := n.Normalize(dcRaw([2]string{"title", "Guide on human trafficking"}, [2]string{"description", "Sampleja, 15, was sold. Write to sample.person@agency.example or 081 555 0100."}))
	if err != nil {
		t.Fatal(err)
	}
	if dec.Code != CodePossiblePII {
		t.Fatalf("decision %+v, want a hold", dec)
	}
	told := dec.Detail
	for _, f := range rec.Quality.Findings {
		told += " " + f.Detail
	}
	for _, secret := range []string{"Sampleja", "15", "sample.person", "agency.example", "0100"} {
		if strings.Contains(told, secret) {
			t.Errorf("the reason repeats %q: %s", secret, told)
		}
	}
}

func FuzzScreen(f *testing.F) {
	for _, s := range []string{"+66 81 555 0100", "K., 14, was sold", "๐๘๑-๕๕๕", "a@b.c", "((((((1)))))", "ຊື່ ຕົວຢ່າງ ອາຍຸ 15", "\xff@\xfe 12.3456,7"} {
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
	f.Fuzz(func(t *testing.T, s string) {
		n.personalData(s, nil)
		once, _ := n.stripContacts(s, nil)
		if len(once) > 3*len(s)+8 {
			t.Errorf("stripping made %q longer: %q", s, once)
		}
	})
}

// TestCaseData: tables about single people are refused, tables of counts are not.
func TestCaseData(t *testing.T) {
	n := normalizer(t, nil)
	for name, c := range map[string]struct {
		format record.Format
		body   string
		want   bool
	}{
		"a row of a table":    {record.FormatJSON, `{"title":"Trafficking cases","Name":"Sampleja","Age":"15","Nationality":"X"}`, true},
		"a row in Indonesian": {record.FormatJSON, `{"title":"Data korban perdagangan orang","nama_lengkap":"Contoh","umur":"16","jenis_kelamin":"P"}`, true},
		"a row of counts":     {record.FormatJSON, `{"title":"Victims of trafficking by year","year":"2020","age":"under 18","victims":"12"}`, false},
		"a table of a page":   {record.FormatHTML, `<html lang="th"><head><title>การค้ามนุษย์</title></head><body><h1>ผู้เสียหายจากการค้ามนุษย์</h1><table><tr><th>ชื่อ-สกุล</th><th>อายุ</th><th>สัญชาติ</th></tr></table></body></html>`, true},
		"counts of a page":    {record.FormatHTML, `<html><head><title>Human trafficking</title></head><body><h1>Victims of trafficking by sex</h1><table><tr><th>Year</th><th>Sex</th><th>Victims</th></tr></table></body></html>`, false},
	} {
		_, dec, err := n.Normalize(record.Raw{Source: "test", Identifier: name, URL: "https://agency.example/x", Format: c.format, Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Body: []byte(c.body)})
		if err != nil {
			t.Fatal(err)
		}
		if got := dec.Code == CodeCaseData && dec.Verdict == record.Reject; got != c.want {
			t.Errorf("%s: %+v", name, dec)
		}
	}
}

// TestNothingOfContactsStays: a published record holds nothing of what was stripped, in
// whatever field; a held one says nothing of why beyond the kind.
func TestNothingOfContactsStays(t *testing.T) {
	n := normalizer(t, nil)
	for _, c := range []struct{ text, secret string }{
		{"About shelters for victims of trafficking. Tel: +66 2 555 0100", "555 0100"},
		{"About victims. Email: sample.person@agency.example", "sample.person"},
		{"Về nạn nhân bị mua bán. ĐT: 0983 555 010", "555 010"},
		{"เรื่องผู้เสียหาย โทร. ๐๒ ๕๕๕ ๐๑๐๐", "๕๕๕"},
		{"For more information contact Sampleja, +62 21 5550 100. It is about victims of trafficking.", "Sampleja"},
	} {
		rec, dec, err := n.Normalize(dcRaw([2]string{"title", "Guide on human trafficking"}, [2]string{"description", c.text}, [2]string{"rights", c.text}))
		if err != nil {
			t.Fatal(err)
		}
		if dec.Code == CodePossiblePII {
			t.Errorf("%q is held: %s", c.text, dec.Detail)
			continue
		}
		b, err := json.Marshal(rec)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), c.secret) {
			t.Errorf("%q stays in the record: %s", c.secret, b)
		}
	}
}

// TestNamesAreScreened: what stands in the names of authors and publishers is screened too.
func TestNamesAreScreened(t *testing.T) {
	n := normalizer(t, nil)
	for field, value := range map[string]string{"creator": "Sampleja, sample.person@agency.example", "publisher": "Agency, +66 81 555 0100"} {
		rec, dec, err := n.Normalize(dcRaw([2]string{"title", "Guide on human trafficking"}, [2]string{field, value}))
		if err != nil {
			t.Fatal(err)
		}
		if b, err := json.Marshal(rec); err != nil || dec.Verdict == record.Publish && strings.Contains(string(b), "sample.person") {
			t.Errorf("%s %q is published: %s (%v)", field, value, b, err)
		}
		if field == "publisher" && dec.Code != CodePossiblePII || strings.Contains(dec.Detail, "555") || strings.Contains(dec.Detail, "sample") {
			t.Errorf("%s %q: %+v", field, value, dec)
		}
	}
}
