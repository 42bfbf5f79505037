package normalizer

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// caseWords occur in what is told of one person's fate.
var caseWords = []string{
	"trafficked", "rescued", "sold", "victim", "survivor", "forced", "raped", "abused", "lured", "exploited", "kidnapped", "escaped", "her story", "his story", "case of",
	"korban", "dijual", "diperdagangkan", "diselamatkan", "mangsa", "diperkosa", "nạn nhân", "bị bán", "bị lừa", "giải cứu", "ผู้เสียหาย", "เหยื่อ", "ถูกหลอก", "ถูกขาย", "ถูกบังคับ",
	"ជនរងគ្រោះ", "ត្រូវបានលក់", "ຜູ້ຖືກເຄາະຮ້າຍ", "ຖືກຂາຍ", "လူကုန်ကူးခံရ", "ကယ်တင်", "biktima", "受害", "被拐", "被卖", "被骗", "解救", "vítima", "vitima", "traficad", "பாதிக்கப்பட்ட", "கடத்த", "ရောင်းစား", "လူကုန်ကူး", "ဓားစာခံ", "ត្រូវបានជួញដូរ", "ត្រូវបានបោក", "ຖືກຕົວະ", "ຖືກຄ້າ", "ditipu", "dipaksa", "dieksploitasi", "disekap", "bị ép", "mua bán", "nalinlang", "ibinenta", "pinilit", "brothel", "rescue", "ถูกล่อลวง", "ค้ามนุษย์",
}

// aliasNote stands behind a name that is not the true one.
const aliasNote = `(?:\s\([^()\d]{3,40}\))?`

var (
	initialsOnly = regexp.MustCompile(`^(?:\p{Lu}\.\s?)+$`)
	addressed    = regexp.MustCompile(`^(?:Ms|Mrs|Miss|Mr|Chị|Anh|Em|Cháu|Cik|Puan|Ibu|Sdri|Aling|Si)\.?\s\p{Lu}`)
	// A name or initials, then an age that says to be one.
	latinNameAge = regexp.MustCompile(`(?:^|[^\p{L}])((?:\p{Lu}\.\s?){1,4}|\p{Lu}[\p{L}'’-]*(?:\s\p{Lu}[\p{L}'’.-]*){0,3})` + aliasNote + `\s?[,(]{0,2}\s*(?:who (?:is|was)\s|is\s|was\s|aged?\s|age\s|a\s|an\s|berusia\s|berumur\s|usia\s|mới\s|năm nay\s)?(\d{1,2})\s?-?\s?(?:years?[ -]old|year-old|yrs?\b|yo\b|y/o|tuổi|tahun|thn\b|anos|taong gulang|taon)`)
	// The age alone in brackets right behind: "Sokha (15)".
	bracketAge = regexp.MustCompile(`(?:^|[^\p{L}])((?:\p{Lu}\.\s?){1,4}|\p{Lu}\p{Ll}+(?:\s\p{Lu}[\p{L}.]*){0,2}|\p{Lu})\s?\((?:aged?\s)?(\d{1,2})\)`)
	// A name or initials between commas with nothing but a number: "Dao, 15, was sold".
	// What follows is said of somebody: another capital would be the next of a list of places.
	commaAge = regexp.MustCompile(`(?:^|[^\p{L}])((?:\p{Lu}\.\s?){1,4}|\p{Lu}\p{Ll}+(?:\s\p{Lu}[\p{L}.]*){0,2})` + aliasNote + `,\s(?:now\s|then\s|only\s|just\s|umur\s|usia\s)?(\d{1,2}),\s\p{Ll}`)
	// A word for the age before it: "Maria, tinan 15".
	wordAge = regexp.MustCompile(`(?:^|[^\p{L}])((?:\p{Lu}\.\s?){1,4}|\p{Lu}[\p{L}'’-]*(?:\s\p{Lu}[\p{L}'’.-]*){0,3})` + aliasNote + `\s?[,(]{0,2}\s*(?:(?:who\s)?(?:was|is)\s(?:only\s|just\s)?|tinan\s|idade\s|umur\s|usia\s|berusia\s|berumur\s|edad\s|aged?\s|mới\s|now\s)(\d{1,2})\b`)
	// The age first: "15-year-old Sreyla", "a 14-year-old girl named Sokha".
	ageName = regexp.MustCompile(`(?i:\b\d{1,2}[\s-]years?[\s-]old)\s(?:\p{Ll}+\s){0,3}(?:(?:named|called)\s)?(\p{Lu}[\p{L}'’.-]+)`)
	// Initials or a name with its address, and an age further on: "Ms. S., a survivor, was 15".
	laterAge = regexp.MustCompile(`((?:(?:Ms|Mrs|Miss|Mr|Chị|Anh|Em|Cháu|Cik|Puan|Ibu|Sdri|Aling|Si)\.?\s)\p{Lu}[\p{L}'’.-]*|(?:\p{Lu}\.){1,4}),?\s[^.;!?]{0,90}?(?:was|is|at|aged|when)\s(?:only\s|just\s|she was\s|he was\s)?(\d{1,2})\b`)
	// The same with a year of birth.
	bornIn = regexp.MustCompile(`((?:\p{Lu}\.\s?){1,4}|\p{Lu}[\p{L}'’-]+(?:\s\p{Lu}[\p{L}'’.-]*){0,3})\s?[,(]{0,2}\s*(?:who was\s|was\s)?(?:born\s(?:in\s)?|b\.\s?|(?i:sn)\s?:?\s?|sinh năm\s|sinh\s|kelahiran\s|lahir\s(?:tahun\s)?|nascid[ao]\sem\s|isinilang noong\s)((?:19|20)\d{2})`)
	// Titles of persons in the region's other scripts, then an age.
	scriptNameAge = []*regexp.Regexp{
		regexp.MustCompile(`(?:น\.ส\.|นางสาว|ด\.ญ\.|ด\.ช\.|เด็กหญิง|เด็กชาย|นาย|นาง|ชื่อ|นามสมมติ)\s?[\p{Thai}. ()]{1,60}(?:อายุ|วัย)\s*\d{1,2}`),
		regexp.MustCompile(`(?:ឈ្មោះ|កញ្ញា|លោក|ក្មេងស្រី|ក្មេងប្រុស|កុមារី|កុមារា|នាង|យុវតី|យុវជន)\s?[\p{Khmer}\x{200b} ]{1,60}(?:អាយុ|វ័យ)\s*\d{1,2}`),
		regexp.MustCompile(`(?:ຊື່|ນາງ|ທ້າວ)\s?[\p{Lao} ]{1,60}(?:ອາຍຸ)\s*\d{1,2}`),
		regexp.MustCompile(`(?:မ|ကို|မောင်|ဒေါ်|ဦး|အမည်)[\p{Myanmar} ()]{1,60}(?:အသက်)\s*\(?\d{1,2}`),
		regexp.MustCompile(`\p{Tamil}[\p{Tamil}.]{1,30}(?:\s\([^()]{2,30}\))?,?\s\d{1,2}\sவயது`),
		regexp.MustCompile(`(?:\p{Han}某\p{Han}{0,2}|名叫\p{Han}{2,3}|化名)[^。]{0,16}?\d{1,2}\s?[岁歲]`),
	}
	berinisial = regexp.MustCompile(`(?i)\b(?:berinisial|inisial)\s+[A-Z]{1,4}\b`)
)

// notNames begin sentences and dates and are nobody's name.
var notNames = map[string]bool{
	"The": true, "A": true, "An": true, "In": true, "At": true, "By": true, "On": true, "Of": true, "And": true, "Children": true, "Girls": true, "Boys": true, "Women": true, "Article": true, "Chapter": true,
	"Section": true, "Part": true, "Module": true, "Volume": true, "Vol": true, "No": true, "Page": true, "Issue": true, "Session": true, "Unit": true, "Annex": true, "Table": true, "Day": true, "Under": true,
	"January": true, "February": true, "March": true, "April": true, "May": true, "June": true, "July": true, "August": true, "September": true, "October": true, "November": true, "December": true,
	"Victims": true, "Persons": true, "Those": true, "All": true, "Some": true, "Most": true, "Youth": true, "Minors": true, "Tahun": true, "Anak": true, "Trẻ": true, "Từ": true, "Dưới": true, "Over": true, "About": true, "Aged": true,
}

// personOfAge reports a name or initials with an age or a year of birth, where a word of
// a case stands near: together they are enough to find somebody. Numbers are looked at
// one by one; only the text around those that may be an age or a year of birth is read.
func (n *Normalizer) personOfAge(s string, spans []digitSpan) bool {
	for _, d := range spans {
		re := ageForm(s, d)
		if re == nil {
			continue
		}
		near := window(s, d.start, d.end, 200)
		if !containsAny(strings.ToLower(near), caseWords) {
			continue
		}
		around := window(s, d.start, d.end, 96)
		for _, form := range re {
			for _, at := range form.FindAllStringSubmatchIndex(around, 8) {
				if len(at) < 4 || n.isName(around[at[2]:at[3]]) {
					return true
				}
			}
		}
	}
	at := initialsWord(s)
	return at >= 0 && berinisial.MatchString(s[at:]) && containsAny(strings.ToLower(window(s, at, at, 200)), caseWords)
}

func endsWith(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(s, w) })
}

func startsWith(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(s, w) })
}

func initialsWord(s string) int {
	if at := strings.Index(s, "inisial"); at >= 0 {
		return max(0, at-3)
	}
	return -1
}

var (
	ageForms     = []*regexp.Regexp{latinNameAge, ageName, wordAge}
	laterForms   = []*regexp.Regexp{wordAge, laterAge}
	bracketForms = []*regexp.Regexp{bracketAge}
	commaForms   = []*regexp.Regexp{commaAge, wordAge, laterAge}
	bornForms    = []*regexp.Regexp{bornIn}
	ageWords     = []string{"year", "yr", "yo", "y/o", "tuổi", "tahun", "thn", "anos", "taon"}
	bornWords    = []string{"born", "b.", "sn", "sinh", "lahir", "nascid", "isinilang"}
	scriptAge    = []string{"อายุ", "วัย", "អាយុ", "វ័យ", "ອາຍຸ", "အသက်"}
	ageBefore    = []string{"was ", "is ", "only ", "just ", "at ", "aged ", "age ", "tinan ", "idade ", "umur ", "usia ", "berusia ", "berumur ", "edad ", "mới ", "now ", "when "}
	// What makes a number a count.
	countBehind = []string{"%", "per cent", "percent", "million", "thousand", "victims", "cases", "people", "persons", "countries", "provinces", "days", "months", "hours", "to ", "-", "and "}
)

// ageForm tells which ways of writing an age or a year of birth a number may belong to.
func ageForm(s string, d digitSpan) []*regexp.Regexp {
	before, after := s[max(0, d.start-24):d.start], s[d.end:min(len(s), d.end+20)]
	switch d.end - d.start {
	case 1, 2:
		switch rest := strings.ToLower(strings.TrimLeft(after, " -\u00a0")); {
		case containsAny(before, scriptAge) || strings.HasPrefix(rest, "岁") || strings.HasPrefix(rest, "歲") || strings.HasPrefix(rest, "வயது"):
			return scriptNameAge
		case strings.HasPrefix(after, ")"):
			return bracketForms
		case slices.ContainsFunc(ageWords, func(w string) bool { return strings.HasPrefix(rest, w) }):
			return ageForms
		case strings.HasPrefix(after, ",") && (strings.HasSuffix(before, ", ") || endsWith(before, ageBefore)):
			return commaForms
		case endsWith(strings.ToLower(before), ageBefore) && !startsWith(rest, countBehind) && !strings.HasPrefix(after, "-"):
			return laterForms
		}
	case 4:
		if containsAny(strings.ToLower(before), bornWords) {
			return bornForms
		}
	}
	return nil
}

// isName reports whether a capitalized word may be somebody's name or initials. Words that
// the vocabulary itself uses begin sentences more often than they name people.
func (n *Normalizer) isName(s string) bool {
	head, more, _ := strings.Cut(s, " ")
	if initialsOnly.MatchString(s) || addressed.MatchString(s) {
		return true
	}
	head = strings.TrimRight(head, ".,")
	if notNames[head] || more == "" && n.english[strings.ToLower(head)] {
		return false
	}
	letters := 0
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
		}
	}
	// Acronyms of bodies are no initials: "IOM (15)" against "K.T. (15)".
	return letters > 0 && (strings.Contains(s, ".") || letters == 1 || strings.ToUpper(s) != s)
}
