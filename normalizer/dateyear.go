package normalizer

import (
	"regexp"
	"strings"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

// Where years stand in running text. Only what is marked as a year counts: numbers with
// units, part numbers and years of a period are not dates of issue.
var (
	markedYear = regexp.MustCompile(`(?i)(?:\bB\.?\s?E\.?|พ\.?\s?ศ\.?|พุทธศักราช|ພ\.?\s?ສ\.?|ព\.?\s?ស\.?)\s*(\d{4})(?:\s*\((\d{4})\))?`)
	commonYear = regexp.MustCompile(`(?:ค\.?\s?ศ\.?|ຄ\.?\s?ສ\.?|គ\.?\s?ស\.?)\s*(\d{4})`)
	rocYear    = regexp.MustCompile(`民[國国]\s*(\d{2,3})\s*年`)
	thaiYear   = regexp.MustCompile(`(?:^|[^\d,.])(2[4-6]\d{2})(?:$|[^\d,])`)
	dottedYear = regexp.MustCompile(`\.(2[45]\d{2})`) // "ค้ามนุษย์.2565แนวทาง"
	lawYear    = regexp.MustCompile(`(?i)(?:^|[\s(])(?:law|decree|act|regulation|circular|lei|dekretu-lei|decreto-lei|nomor|số|no|nº|n\.º|nú)[.:]?\s*(?:no\.?\s*|nomor\s*|số\s*|n\.?[ºúo]\.?\s*)?(\d{1,4})\s*(?:/|tahun|of|year)\s*(\d{4})\b`)
)

// beforeLawYear is what lawYear wants before the year.
var beforeLawYear = []string{"/", "tahun", "of", "year"}

// yearInText finds the year that a text, mostly a title, says it is of. It returns a low
// confidence: a plan of 2565 was made in that year, a report of 2016 perhaps a year later.
func yearInText(text string, h dateHints) (readDate, bool) {
	if !hasDigit(text) {
		return readDate{}, false
	}
	s := lang.Digits(text)
	for _, era := range []struct {
		re   *regexp.Regexp
		less int
	}{{markedYear, eraBuddhist}, {commonYear, eraCommon}, {rocYear, eraROC}} {
		if m := era.re.FindStringSubmatch(s); m != nil {
			return h.textYear(m[1], era.less)
		}
	}
	if sc := lang.Script(text); sc == "Thai" || sc == "Laoo" || sc == "Khmr" {
		for _, re := range []*regexp.Regexp{thaiYear, dottedYear} {
			if m := re.FindAllStringSubmatch(s, 2); len(m) == 1 {
				return h.textYear(m[0][1], eraBuddhist)
			}
		}
	}
	if m := submatch(lawYear, s, numberBehind(s, 4, 4, beforeLawYear...)); m != nil {
		return h.textYear(m[2], eraCommon)
	}
	return readDate{}, false
}

func (h dateHints) textYear(number string, less int) (readDate, bool) {
	var y int
	if !digits(number, &y) {
		return readDate{}, false
	}
	d, ok := edtf(y-less, 0, 0, "")
	d.Confidence = dateGuessed + 0.1
	d.Date = record.Date{EDTF: d.EDTF, Raw: strings.TrimSpace(number)}
	if !ok || !h.plausible(y-less) {
		return readDate{}, false
	}
	return d, true
}
