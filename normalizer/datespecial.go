package normalizer

import (
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"ctiphub/record"
)

// This file reads the ways to write a date that are no day, month or year: years of a
// budget, quarters, spans of years, and years that are only about right.

// approximate words stand before a date that is about right (EDTF "~").
var approximate = []string{"c. ", "c.", "ca. ", "ca ", "circa ", "about ", "around ", "approx. ", "approximately ", "early ", "mid-", "mid ", "late ", "sekitar ", "awal ", "akhir ", "khoảng ", "đầu năm ", "cuối năm ", "ประมาณ ", "ราว ", "cerca de ", "约", "大约"}

// fiscal words stand before the year of a budget. Thailand's begins on 1 October of the
// year before.
var fiscal = []string{"fiscal year", "financial year", "fy", "tahun anggaran", "tahun kewangan", "năm tài chính", "ปีงบประมาณ", "ປີງົບປະມານ", "ឆ្នាំសារពើពន្ធ", "ano fiscal", "财政年度"}

var (
	quarter   = regexp.MustCompile(`(?:\bq|\bquarter|quý|triwulan|suku tahun|ไตรมาสที่|ไตรมาส|trimestre)\s*([1-4]|iv|i{1,3})\s*[/,]?\s*(?:of\s+|tahun\s+|năm\s+|พ\.?ศ\.?\s*|de\s+)?(\d{4})`)
	yearSpan  = regexp.MustCompile(`^(?:b\.?e\.?|พ\.?\s?ศ\.?|ค\.?\s?ศ\.?|ປີ|ปี|ឆ្នាំ|tahun|năm)?\s*(\d{4})\s*[-–—/]\s*(?:b\.?e\.?|พ\.?\s?ศ\.?)?\s*(\d{4}|\d{2})$`)
	quarterOf = map[string]int{"1": 1, "2": 2, "3": 3, "4": 4, "i": 1, "ii": 2, "iii": 3, "iv": 4}
)

// special reads what the general way would take for something else.
func (h dateHints) special(s string) (readDate, bool) {
	for _, w := range approximate {
		if rest, ok := strings.CutPrefix(s, w); ok {
			d, ok := h.single(rest)
			if !ok || strings.ContainsAny(d.EDTF, "/~?%") {
				return readDate{}, false
			}
			d.EDTF += "~"
			return d, true
		}
	}
	for _, w := range fiscal {
		if rest, ok := strings.CutPrefix(s, w); ok {
			return h.budget(strings.TrimSpace(rest), w == "ปีงบประมาณ")
		}
	}
	if strings.ContainsAny(s, "qíýuไt") {
		if m := quarter.FindStringSubmatch(s); m != nil {
			return h.quarterYear(quarterOf[m[1]], m[2])
		}
	}
	return h.span(s)
}

// budget reads the year of a budget: a period, and no date of publication.
func (h dateHints) budget(s string, thai bool) (readDate, bool) {
	d, ok := h.span(s)
	if !ok {
		d, ok = h.single(s)
	}
	if !ok || len(d.EDTF) < 4 {
		return readDate{}, false
	}
	if y := yearOf(d.EDTF); thai && len(d.EDTF) == 4 {
		d.EDTF = strconv.Itoa(y-1) + "-10/" + strconv.Itoa(y) + "-09"
	}
	d.Period = true
	return d, true
}

// quarterYear reads one quarter of a year.
func (h dateHints) quarterYear(n int, year string) (readDate, bool) {
	var y int
	digits(year, &y)
	if y >= 2400 && y <= 2700 {
		y -= eraBuddhist
	}
	from, ok := edtf(y, 3*n-2, 0, "")
	to, okTo := edtf(y, 3*n, 0, "")
	return readDate{Date: record.Date{EDTF: from.EDTF + "/" + to.EDTF}, Confidence: dateNamed, Period: true}, ok && okTo
}

// span reads two years, as plans carry them.
func (h dateHints) span(s string) (readDate, bool) {
	if len(s) > 60 || !hasDigit(s) {
		return readDate{}, false
	}
	m := yearSpan.FindStringSubmatch(s)
	if m == nil {
		return readDate{}, false
	}
	var from, to int
	digits(m[1], &from)
	digits(m[2], &to)
	if len(m[2]) == 2 {
		if to <= 12 && !strings.Contains(s, "/") {
			return readDate{}, false // 2022-05 is a month
		}
		to += from - from%100
	}
	if from >= 2400 && to <= 2700 {
		from, to = from-eraBuddhist, to-eraBuddhist
	}
	if from >= to || to-from > 30 {
		return readDate{}, false
	}
	a, ok := edtf(from, 0, 0, "")
	b, okB := edtf(to, 0, 0, "")
	return readDate{Date: record.Date{EDTF: a.EDTF + "/" + b.EDTF}, Confidence: dateSure, Period: true}, ok && okB
}

var hanDigit = map[rune]int{'〇': 0, '零': 0, '○': 0, '一': 1, '二': 2, '三': 3, '四': 4, '五': 5, '六': 6, '七': 7, '八': 8, '九': 9}

// hanNumbers writes the Chinese numerals of a date in digits: 二〇二三年五月十二日.
func hanNumbers(s string) string {
	var b, run strings.Builder
	for len(s) > 0 {
		r, size := utf8.DecodeRuneInString(s)
		_, number := hanDigit[r]
		switch {
		case number || r == '十':
			run.WriteRune(r)
		default:
			if run.Len() > 0 {
				if r == '年' || r == '月' || r == '日' || r == '号' || r == '號' {
					b.WriteString(hanNumber(run.String()))
				} else {
					b.WriteString(run.String())
				}
				run.Reset()
			}
			b.WriteString(s[:size]) // also bytes that are no character
		}
		s = s[size:]
	}
	return b.String() + run.String()
}

// hanNumber reads digits in their places, or a number below a hundred with its ten.
func hanNumber(s string) string {
	before, after, ten := strings.Cut(s, "十")
	if !ten {
		var b strings.Builder
		for _, r := range s {
			b.WriteByte(byte('0' + hanDigit[r]))
		}
		return b.String()
	}
	value := 10
	for _, r := range before {
		value = 10 * hanDigit[r]
	}
	for _, r := range after {
		value += hanDigit[r]
	}
	return strconv.Itoa(value)
}
