package normalizer

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Labels that stand before telephone and identity numbers.
var (
	phoneLabels = []string{"tel", "phone", "mobile", "whatsapp", "viber", "zalo", "fax", "hp:", "hp ", "wa:", "đt", "điện thoại", "sđt", "โทร", "มือถือ", "ទូរស័ព្ទ", "លេខទូរ", "ໂທ", "ဖုန်း", "电话", "手机", "電話", "telepon", "telefon", "telefone", "தொலைபேசி", "telemóvel", "nomor kontak"}
	idLabels    = []string{"nik", "ktp", "cccd", "cmnd", "nric", "mykad", "id no", "id card", "identity card", "passport", "paspor", "pasport", "hộ chiếu", "căn cước", "หนังสือเดินทาง", "บัตรประชาชน", "เลขประจำตัว", "លិខិតឆ្លងដែន", "အမှတ်စဉ်", "护照", "身份证", "bilhete de identidade", "passaporte"}
)

var (
	addressOrDOI = regexp.MustCompile(`https?://\S+|www\.\S+|\b10\.\d{4,9}/\S+`)
	mailAddress  = regexp.MustCompile(`(?i)([\p{L}\p{N}._%+-]+)\s?(?:@|＠|\[at\]|\(at\))\s?([\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+)`)
	// Passports and cards that mix letters and digits: passports only beside their label,
	// the cards of Singapore and Myanmar by their form.
	passport  = regexp.MustCompile(`(?i)(?:passport|paspor|pasport|pasaporte|passaporte|hộ chiếu|หนังสือเดินทาง|លិខិតឆ្លងដែន|护照|護照)[^\p{L}\p{N}]{0,6}(?:(?:no|nomor|number|số|เลขที่)[^\p{L}\p{N}]{0,4})?[A-Z]{1,2}\s?\d{6,8}\b`)
	nric      = regexp.MustCompile(`\b[STFGM]\d{7}[A-Z]\b`)
	myanmarID = regexp.MustCompile(`\b\d{1,2}/[\p{L}\p{M}]{3,20}\s?\([\p{L}\p{M}]{1,8}\)\s?\d{6}\b`)

	decimalPair  = regexp.MustCompile(`-?\d{1,2}\.\d{4,}\s*°?\s*[NSns]?\s*[,; ]\s*-?\d{1,3}\.\d{4,}`)
	degreeMinute = regexp.MustCompile(`\d{1,3}\s?°\s?\d{1,2}\s?['′’]`)

	streetAddress = regexp.MustCompile(`(?i)(?:\b\d{1,4}[a-z]?(?:/\d{1,4})?,?\s+(?:[\p{L}.]+\s+){0,3}(?:street|st\.|road|rd\.?|avenue|ave\.|lane|soi)\b)|(?:\b(?:jalan|jln\.?|jl\.?|street|st\.|soi|moo|no\.|house)\s+(?:[\p{L}.]+\s+){0,3}(?:no\.?\s*)?#?\d{1,4}\b)|(?:(?:ซอย|ถนน|หมู่ที่|บ้านเลขที่|đường|phố|số nhà|ngõ|ផ្លូវ|ផ្ទះលេខ|ຖະໜົນ|ເຮືອນເລກທີ|လမ်း|အမှတ်)\s*[\p{L}\p{M} .]{0,24}\d{1,4})`)
	shelterWords  = []string{"shelter", "safe house", "safehouse", "rumah aman", "rumah perlindungan", "selter", "tempat perlindungan", "สถานคุ้มครอง", "บ้านพัก", "nhà tạm lánh", "nhà nhân ái", "ជម្រក", "ທີ່ພັກເຊົາ", "ဂေဟာ", "庇护所", "casa de abrigo", "uma mahon", "kanlungan"}
)

// roleBoxes are mailboxes of offices, not of people.
var roleBoxes = map[string]bool{
	"info": true, "contact": true, "office": true, "admin": true, "media": true, "press": true, "secretariat": true, "enquiries": true, "inquiry": true,
	"inquiries": true, "hotline": true, "help": true, "helpline": true, "support": true, "mail": true, "publications": true, "webmaster": true, "editor": true,
	"communications": true, "general": true, "hello": true, "feedback": true, "humas": true, "vanthu": true, "saraban": true, "library": true, "unodc": true,
}

// personalMail reports an e-mail address that is not a role mailbox.
func personalMail(s string) bool {
	for _, m := range mailAddress.FindAllStringSubmatch(s, -1) {
		if !roleBoxes[strings.ToLower(strings.Trim(m[1], ".-_"))] {
			return true
		}
	}
	return false
}

func lettersAndDigits(s string) bool {
	low := strings.ToLower(s)
	return containsAny(low, idLabels) && passport.MatchString(s) || nric.MatchString(s) || strings.Contains(s, "(") && myanmarID.MatchString(s)
}

func coordinates(s string, spans []digitSpan) bool {
	for _, d := range spans {
		if d.end-d.start >= 4 && d.start >= 2 && s[d.start-1] == '.' && isDigitByte(s[d.start-2]) && decimalPair.MatchString(window(s, d.start, d.end, 40)) {
			return true
		}
	}
	return strings.Contains(s, "°") && degreeMinute.MatchString(s)
}

// shelterAddress reports a street and number near a word for a shelter.
func shelterAddress(s string, spans []digitSpan) bool {
	if !mayNameStreet(s, spans) || !containsAny(strings.ToLower(s), shelterWords) {
		return false
	}
	for _, at := range streetAddress.FindAllStringIndex(s, 8) {
		if noStreet(s, at[0], at[1]) {
			continue
		}
		if containsAny(strings.ToLower(window(s, at[0], at[1], 120)), shelterWords) {
			return true
		}
	}
	return false
}

// What streetAddress wants behind a number, before one, and before one in scripts where
// words do not stand apart.
var (
	streetsBehind = []string{"street", "st.", "road", "rd", "avenue", "ave.", "lane", "soi"}
	streetsBefore = []string{"jalan", "jln", "jln.", "jl", "jl.", "street", "st.", "soi", "moo", "no.", "house"}
	streetScripts = []string{"ซอย", "ถนน", "หมู่ที่", "บ้านเลขที่", "đường", "phố", "số nhà", "ngõ", "ផ្លូវ", "ផ្ទះលេខ", "ຖະໜົນ", "ເຮືອນເລກທີ", "လမ်း", "အမှတ်"}
)

// mayNameStreet reports whether a number has a word near that streetAddress could match it
// by: the expression is slow, and most numbers are years.
func mayNameStreet(s string, spans []digitSpan) bool {
	if len(spans) == 0 {
		return false
	}
	for _, d := range spans {
		rest, words := s[d.end:], 0
		for words < 5 && rest != "" {
			rest = strings.TrimLeft(rest, " \t\n\f\r")
			end := strings.IndexAny(rest, " \t\n\f\r")
			if end < 0 {
				end = len(rest)
			}
			if end > 0 && strings.IndexByte("sral", rest[0]|0x20) >= 0 {
				low := strings.ToLower(rest[:min(end, 12)])
				if slices.ContainsFunc(streetsBehind, func(w string) bool { return strings.HasPrefix(low, w) }) {
					return true
				}
			}
			rest, words = rest[end:], words+1
		}
		rest, words = s[:d.start], 0
		for words < 6 && rest != "" {
			rest = strings.TrimRight(rest, " \t\n\f\r")
			low := strings.ToLower(rest[max(0, len(rest)-8):])
			if slices.ContainsFunc(streetsBefore, func(w string) bool { return strings.HasSuffix(low, w) }) {
				return true
			}
			rest, words = rest[:strings.LastIndexAny(rest, " \t\n\f\r")+1], words+1
		}
	}
	return slices.ContainsFunc(spans, func(d digitSpan) bool { return streetInScript(s[:d.start]) })
}

// streetInScript reports one of streetScripts near the end of a text: so many letters before
// it, and any white space, as streetAddress has it.
func streetInScript(before string) bool {
	at := len(before)
	for range 24 {
		_, size := utf8.DecodeLastRuneInString(before[:at])
		at -= size
	}
	at = max(0, len(strings.TrimRight(before[:at], " \t\n\f\r"))-48) // longer than any of them
	near := before[at:]
	ascii := !strings.ContainsFunc(near, func(r rune) bool { return r >= utf8.RuneSelf })
	return !ascii && containsAny(strings.ToLower(near), streetScripts)
}

// documentYear is what follows the number of a law or letter: "No. 2197/2015".
var documentYear = regexp.MustCompile(`^\s*/\s*(?:19|2[0-6])\d{2}\b`)

// noStreet reports a match of streetAddress that is something else: a city ("thành phố"
// in Vietnamese), a guideline ("လမ်းညွှန်" in Burmese), a year, the number of a document.
func noStreet(s string, from, to int) bool {
	m := strings.ToLower(s[from:to])
	if strings.HasPrefix(m, "phố") && strings.HasSuffix(strings.ToLower(s[:from]), "thành ") || strings.HasPrefix(m, "လမ်းညွှန်") {
		return true
	}
	for to < len(s) && s[to] >= '0' && s[to] <= '9' {
		to++
	}
	first := to
	for first > from && s[first-1] >= '0' && s[first-1] <= '9' {
		first--
	}
	if year, err := strconv.Atoi(s[first:to]); err == nil && to-first == 4 && (year >= 1900 && year < 2100 || year >= 2400 && year < 2700) {
		return true
	}
	return documentYear.MatchString(s[to:])
}

// window is the text around from..to, so many bytes to each side, cut between characters.
func window(s string, from, to, size int) string {
	from, to = max(0, from-size), min(len(s), to+size)
	for from > 0 && !utf8.RuneStart(s[from]) {
		from--
	}
	for to < len(s) && !utf8.RuneStart(s[to]) {
		to++
	}
	return s[from:to]
}

// caseWords occur in what is told of one person's fate.
var caseWords = []string{
	"trafficked", "rescued", "sold", "victim", "survivor", "forced", "raped", "abused", "lured", "exploited", "kidnapped", "escaped", "her story", "his story", "case of",
	"korban", "dijual", "diperdagangkan", "diselamatkan", "mangsa", "diperkosa", "nạn nhân", "bị bán", "bị lừa", "giải cứu", "ผู้เสียหาย", "เหยื่อ", "ถูกหลอก", "ถูกขาย", "ถูกบังคับ",
	"ជនរងគ្រោះ", "ត្រូវបានលក់", "ຜູ້ຖືກເຄາະຮ້າຍ", "ຖືກຂາຍ", "လူကုန်ကူးခံရ", "ကယ်တင်", "biktima", "受害", "被拐", "被卖", "vítima", "பாதிக்கப்பட்ட",
}

var (
	// A name or initials, then an age that says to be one.
	latinNameAge = regexp.MustCompile(`(?:^|[^\p{L}])((?:\p{Lu}\.\s?){1,4}|\p{Lu}[\p{L}'’-]*(?:\s\p{Lu}[\p{L}'’.-]*){0,3})\s?[,(]?\s*(?:who (?:is|was)\s|is\s|was\s|aged?\s|age\s|a\s|an\s|berusia\s|berumur\s|usia\s|mới\s|năm nay\s)?(\d{1,2})\s?-?\s?(?:years?[ -]old|year-old|yrs?\b|yo\b|y/o|tuổi|tahun|thn\b|anos|taong gulang|taon)`)
	// The age alone in brackets right behind: "Sokha (15)".
	bracketAge = regexp.MustCompile(`(?:^|[^\p{L}])((?:\p{Lu}\.\s?){1,4}|\p{Lu}\p{Ll}+(?:\s\p{Lu}[\p{L}.]*){0,2}|\p{Lu})\s?\((?:aged?\s)?(\d{1,2})\)`)
	// A name or initials between commas with nothing but a number: "Dao, 15, was sold".
	commaAge = regexp.MustCompile(`(?:^|[^\p{L}])((?:\p{Lu}\.\s?){1,4}|\p{Lu}\p{Ll}+(?:\s\p{Lu}[\p{L}.]*){0,2}),\s(\d{1,2}),`)
	// The same with a year of birth.
	bornIn = regexp.MustCompile(`((?:\p{Lu}\.\s?){1,4}|\p{Lu}[\p{L}'’-]+(?:\s\p{Lu}[\p{L}'’.-]*){0,3})\s?[,(]{0,2}\s*(?:who was\s|was\s)?(?:born\s(?:in\s)?|b\.\s?|sn\s?:?|sinh năm\s|sinh\s|kelahiran\s|lahir\s(?:tahun\s)?|nascid[ao]\sem\s|isinilang noong\s)((?:19|20)\d{2})`)
	// Titles of persons in the region's other scripts, then an age.
	scriptNameAge = []*regexp.Regexp{
		regexp.MustCompile(`(?:น\.ส\.|นางสาว|ด\.ญ\.|ด\.ช\.|เด็กหญิง|เด็กชาย|นาย|นาง|ชื่อ|นามสมมติ)\s?[\p{Thai}. ()]{1,60}(?:อายุ|วัย)\s*\d{1,2}`),
		regexp.MustCompile(`(?:ឈ្មោះ|កញ្ញា|លោក|ក្មេងស្រី)\s?[\p{Khmer}\x{200b} ]{1,60}(?:អាយុ|វ័យ)\s*\d{1,2}`),
		regexp.MustCompile(`(?:ຊື່|ນາງ|ທ້າວ)\s?[\p{Lao} ]{1,60}(?:ອາຍຸ)\s*\d{1,2}`),
		regexp.MustCompile(`(?:မ|ကို|မောင်|ဒေါ်|ဦး|အမည်)[\p{Myanmar} ()]{1,60}(?:အသက်)\s*\(?\d{1,2}`),
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

func initialsWord(s string) int {
	if at := strings.Index(s, "inisial"); at >= 0 {
		return max(0, at-3)
	}
	return -1
}

var (
	ageForms     = []*regexp.Regexp{latinNameAge}
	bracketForms = []*regexp.Regexp{bracketAge}
	commaForms   = []*regexp.Regexp{commaAge}
	bornForms    = []*regexp.Regexp{bornIn}
	ageWords     = []string{"year", "yr", "yo", "y/o", "tuổi", "tahun", "thn", "anos", "taon"}
	bornWords    = []string{"born", "b.", "sn", "sinh", "lahir", "nascid", "isinilang"}
	scriptAge    = []string{"อายุ", "วัย", "អាយុ", "វ័យ", "ອາຍຸ", "အသက်"}
)

// ageForm tells which ways of writing an age or a year of birth a number may belong to.
func ageForm(s string, d digitSpan) []*regexp.Regexp {
	before, after := s[max(0, d.start-24):d.start], s[d.end:min(len(s), d.end+12)]
	switch d.end - d.start {
	case 1, 2:
		switch rest := strings.ToLower(strings.TrimLeft(after, " -\u00a0")); {
		case containsAny(before, scriptAge) || strings.HasPrefix(rest, "岁") || strings.HasPrefix(rest, "歲"):
			return scriptNameAge
		case strings.HasPrefix(after, ")"):
			return bracketForms
		case slices.ContainsFunc(ageWords, func(w string) bool { return strings.HasPrefix(rest, w) }):
			return ageForms
		case strings.HasPrefix(after, ",") && strings.HasSuffix(before, ", "):
			return commaForms
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
