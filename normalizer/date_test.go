package normalizer

import (
	"strings"
	"testing"
)

func TestParseDate(t *testing.T) {
	tests := []struct {
		text  string
		hints dateHints
		want  string
	}{
		{"2023", dateHints{}, "2023"},
		{"2023-12", dateHints{}, "2023-12"},
		{"2023/12/13", dateHints{}, "2023-12-13"},
		{"20231213", dateHints{}, "2023-12-13"},
		{"20231213140506", dateHints{}, "2023-12-13"},
		{"2006-01-02T15:04:05.000+07:00", dateHints{}, "2006-01-02"},
		{"2016~", dateHints{}, "2016~"},
		{"2016/2018", dateHints{}, "2016/2018"},
		{"2551-03-04", dateHints{}, "2008-03-04"},
		{"Mon, 02 Jan 2006 15:04:05 GMT", dateHints{}, "2006-01-02"},
		{"Ngày 28 tháng 11 năm 2024", dateHints{}, "2024-11-28"},
		{"tháng mười một năm 2020", dateHints{}, "2020-11"},
		{"2023年6月15日", dateHints{}, "2023-06-15"},
		{"民國112年6月15日", dateHints{}, "2023-06-15"},
		{"วันที่ 13 เดือนธันวาคม พ.ศ. 2566", dateHints{}, "2023-12-13"},
		{"3 มิ.ย. 2564", dateHints{}, "2021-06-03"},
		{"15 ມ.ສ. 2566", dateHints{}, "2023-04-15"},
		{"1 January - 31 December 2018", dateHints{}, "2018-01-01/2018-12-31"},
		{"March 27-28, 2018", dateHints{}, "2018-03-27/2018-03-28"},
		{"21st October 2010", dateHints{}, "2010-10-21"},
		{"Dec. 2019", dateHints{}, "2019-12"},
		{"15 juin 2023", dateHints{}, "2023-06-15"},
		{"13/12/2023", dateHints{Order: "mdy"}, "2023-12-13"},
		{"12/13/2023", dateHints{Order: "dmy"}, "2023-12-13"},
		{"23/12/04", dateHints{Order: "ymd", Now: 2026}, "2023-12-04"},
		{"04/05/19", dateHints{Now: 2026}, "2019-05-04"},
		{"07 Sep 24", dateHints{Now: 2026}, "2024-09-07"},
		{"ကောဇာသက္ကရာဇ် ၁၃၈၅", dateHints{}, "2023"},
		// Nothing is invented.
		{"", dateHints{}, ""},
		{"undated", dateHints{}, ""},
		{"May 5", dateHints{}, ""},
		{"30/02/2020", dateHints{}, ""},
		{"2023-02-29", dateHints{}, ""},
		{"0000-00-00", dateHints{}, ""},
		{"Jan 1, 1970", dateHints{}, ""},
		{"1900-01-01", dateHints{}, ""},
		{"2031-01-01", dateHints{Now: 2026}, ""},
		{"Volume 12", dateHints{}, ""},
		{"2016 or 2017", dateHints{}, ""},
		{"uploaded 2 June 2013", dateHints{}, ""},
		{"2,500", dateHints{}, ""},
		{"31 April 2020", dateHints{}, ""},
		{strings.Repeat("2020 ", 100), dateHints{}, ""},
	}
	for _, tt := range tests {
		d, ok := parseDate(tt.text, tt.hints)
		if !ok {
			d.EDTF = ""
		}
		if d.EDTF != tt.want {
			t.Errorf("%q %+v = %q, want %q", tt.text, tt.hints, d.EDTF, tt.want)
		}
	}
}

// TestMonths: every name and abbreviation of every month gives that month.
func TestMonths(t *testing.T) {
	languages := 0
	for line := range strings.Lines(months) {
		f := strings.Fields(line)
		if len(f) == 0 {
			continue
		}
		if len(f) != 13 {
			t.Fatalf("%s has %d months", f[0], len(f)-1)
		}
		languages++
		for i, forms := range f[1:] {
			for form := range strings.SplitSeq(forms, ",") {
				text := "15 " + strings.ReplaceAll(form, "-", " ") + " 2020"
				d, ok := parseDate(text, dateHints{})
				want, _ := edtf(2020, i+1, 15, "")
				if !ok || d.EDTF != want.EDTF {
					t.Errorf("%s: %q = %q, want %q", f[0], text, d.EDTF, want.EDTF)
				}
			}
		}
	}
	if languages < 13 {
		t.Errorf("months of %d languages, want at least 13", languages)
	}
}

func TestYearInText(t *testing.T) {
	tests := []struct{ text, want string }{
		{"Services B.E. 2565", "2022"},
		{"Luật số 53/2024/QH15", "2024"},
		{"Peraturan Menteri Nomor 8 Tahun 2021 tentang", "2021"},
		{"LEI N.º 3/2017", "2017"},
		{"แผนปฏิบัติการ พ.ศ. 2560-2565", "2017"},
		{"คู่มือ 2565", "2022"},
		{"Report 2016", ""},
		{"2,500 copies", ""},
		{"Annual Progress Report 2021", ""},
		{"Plan 2021-2025", ""},
		{"๓ การคุ้มครอง", ""},
	}
	for _, tt := range tests {
		d, ok := yearInText(tt.text, dateHints{Now: 2026})
		if !ok {
			d.EDTF = ""
		}
		if d.EDTF != tt.want {
			t.Errorf("%q = %q, want %q", tt.text, d.EDTF, tt.want)
		}
	}
}

// FuzzDate: what comes out is a date of the calendar, and reading it again changes nothing.
func FuzzDate(f *testing.F) {
	for _, s := range []string{"13 ธันวาคม 2566", "2023-12-13", "25-26 November 2021", "民國112年", "03/04/2021", "ထ ၂၀၂၃ ဇွန် ၁၅", "1445H", "\xff 12 2020", "tháng mười", "Twenty-Eighth of March 2018"} {
		f.Add(s, "th")
	}
	f.Fuzz(func(t *testing.T, s, lang string) {
		h := dateHints{Lang: lang, Now: 2026}
		d, ok := parseDate(s, h)
		yearInText(s, h)
		if !ok {
			return
		}
		again, ok := parseDate(d.EDTF, h)
		if !ok || again.EDTF != d.EDTF {
			t.Errorf("%q gives %q, and that gives %q %v", s, d.EDTF, again.EDTF, ok)
		}
	})
}
