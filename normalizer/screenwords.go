package normalizer

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Labels that stand before telephone and identity numbers.
var (
	phoneLabels   = []string{"tel", "phone", "mobile", "whatsapp", "viber", "zalo", "fax", "hp:", "hp ", "wa:", "đt", "điện thoại", "sđt", "โทร", "มือถือ", "ទូរស័ព្ទ", "លេខទូរ", "ໂທ", "ဖုန်း", "电话", "手机", "電話", "telepon", "telefon", "telefone", "தொலைபேசி", "telemóvel", "nomor kontak", "call ", "hotline", "gọi ", "hubungi", "tumawag", "contact ", "line:", "skype", "telegram", "signal", "wechat", "微信"}
	accountLabels = []string{"rekening", "bank account", "account no", "a/c no", "akaun bank", "số tài khoản", "stk", "เลขที่บัญชี", "เลขบัญชี", "ເລກບັນຊີ", "គណនី", "ဘဏ်စာရင်း", "conta bancária", "账号", "帳號"}
	idLabels      = []string{"nik", "ktp", "cccd", "cmnd", "nric", "mykad", "id no", "id card", "identity card", "passport", "paspor", "pasport", "hộ chiếu", "căn cước", "หนังสือเดินทาง", "บัตรประชาชน", "เลขประจำตัว", "លិខិតឆ្លងដែន", "အမှတ်စဉ်", "护照", "身份证", "bilhete de identidade", "passaporte"}
)

var (
	addressOrDOI = regexp.MustCompile(`https?://\S+|www\.\S+|\b10\.\d{4,9}/\S+`)
	// Also written so that programs do not see it: "name [at] host [dot] org".
	mailAddress = regexp.MustCompile(`(?i)([\p{L}\p{N}._%+-]+)\s?(?:@|＠|\[at\]|\(at\)|\{at\}|\sat\s)\s?([\p{L}\p{N}-]+(?:\s?(?:\[dot\]|\(dot\)|\{dot\}|\sdot\s|\.)\s?[\p{L}\p{N}-]+)+)`)
	// Passports and cards that mix letters and digits: passports only beside their label,
	// the cards of Singapore and Myanmar by their form.
	passport  = regexp.MustCompile(`(?i)(?:passport|paspor|pasport|pasaporte|passaporte|hộ chiếu|หนังสือเดินทาง|លិខិតឆ្លងដែន|护照|護照)[^\p{L}\p{N}]{0,6}(?:(?:no|nomor|number|số|เลขที่)[^\p{L}\p{N}]{0,4})?[A-Z]{1,2}\s?\d{6,8}\b`)
	nric      = regexp.MustCompile(`\b[STFGM]\d{7}[A-Z]\b`)
	myanmarID = regexp.MustCompile(`\b\d{1,2}/[\p{L}\p{M}]{3,20}\s?\([\p{L}\p{M}]{1,8}\)\s?\d{6}\b`)

	decimalPair  = regexp.MustCompile(`-?\d{1,2}\.\d{4,}\s*°?\s*[NSns]?\s*[,; ]\s*-?\d{1,3}\.\d{4,}`)
	degreeMinute = regexp.MustCompile(`\d{1,3}\s?°\s?\d{1,2}\s?['′’]`)

	streetAddress = regexp.MustCompile(`(?i)(?:\b\d{1,4}[a-z]?(?:/\d{1,4})?,?\s+(?:[\p{L}.]+\s+){0,3}(?:street|st\.|road|rd\.?|avenue|ave\.|lane|soi)(?:[^\p{L}]|$))|(?:\brua\s+(?:[\p{L}.]+\s+){0,4}(?:n[.ºo°]*\s*)?\d{1,4}\b)|(?:\p{Han}{1,8}[路街巷道]\s?\d{1,4}\s?[号號])|(?:\b(?:jalan|jln\.?|jl\.?|street|st\.|soi|moo|no\.|house)\s+(?:[\p{L}.]+\s+){0,3}(?:no\.?\s*)?#?\d{1,4}\b)|(?:(?:ซอย|ถนน|หมู่ที่|บ้านเลขที่|đường|phố|số nhà|ngõ|ផ្លូវ|ផ្ទះលេខ|ຖະໜົນ|ເຮືອນເລກທີ|လမ်း|အမှတ်)\s*[\p{L}\p{M} .]{0,24}\d{1,4})`)
	shelterWords  = []string{"shelter", "safe house", "safehouse", "rumah aman", "rumah perlindungan", "selter", "tempat perlindungan", "สถานคุ้มครอง", "บ้านพัก", "nhà tạm lánh", "nhà nhân ái", "ជម្រក", "ທີ່ພັກເຊົາ", "ဂေဟာ", "庇护所", "casa de abrigo", "uma mahon", "kanlungan"}
)

// roleBoxes are mailboxes of offices, not of people.
var roleBoxes = map[string]bool{
	"info": true, "contact": true, "office": true, "admin": true, "media": true, "press": true, "secretariat": true, "enquiries": true, "inquiry": true,
	"inquiries": true, "hotline": true, "help": true, "helpline": true, "support": true, "mail": true, "publications": true, "webmaster": true, "editor": true,
	"communications": true, "general": true, "hello": true, "feedback": true, "humas": true, "vanthu": true, "saraban": true, "library": true, "unodc": true,
}

// hasMailSign reports what every way of writing a mail address has.
func hasMailSign(s string) bool {
	for _, sign := range []string{"@", "＠", "[at]", "(at)", "{at}", " dot ", "[dot]", "(dot)"} {
		if strings.Contains(s, sign) {
			return true
		}
	}
	return false
}

// personalMail reports an e-mail address that is not a role mailbox.
func personalMail(s string) bool {
	for _, m := range mailAddress.FindAllStringSubmatch(s, -1) {
		if strings.Contains(m[0], " at ") && !strings.Contains(m[0], "dot") {
			continue // "at noon.": the words of a sentence
		}
		if !roleBoxes[strings.ToLower(strings.Trim(m[1], ".-_"))] {
			return true
		}
	}
	return false
}

// signs are written in many ways between the digits of one number.
var signs = strings.NewReplacer("－", "-", "‐", "-", "‑", "-", "–", "-", "—", "-", "−", "-", "．", ".", "（", "(", "）", ")", "＋", "+", "\u00a0", " ", "\u3000", " ",
	"\u200b", "", "\u200c", "", "\u200d", "", "\u2060", "", "\ufeff", "", "\u00ad", "")

// plainSigns writes signs between digits in one way, and drops what is not seen.
func plainSigns(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return signs.Replace(s)
		}
	}
	return s
}

var (
	messengerName = regexp.MustCompile(`(?i)\b(?:line\s?id|zalo|wechat(?:\s?id)?|telegram|viber|whatsapp|skype|signal)\s?[:：]\s?@?[\p{L}\p{N}._-]*(?:\d|@|_)[\p{L}\p{N}._-]*`)
	mapAddress    = regexp.MustCompile(`(?i)(?:maps\.|/maps|goo\.gl|openstreetmap)\S*[^\d.]-?\d{1,3}\.\d{3,}`)
	plusCode      = regexp.MustCompile(`\b[2-9CFGHJMPQRVWX]{4,8}\+[2-9CFGHJMPQRVWX]{2,3}\b`)
)

// messenger reports the name of an account by which one person is reached.
func messenger(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] != ':' && !strings.HasPrefix(s[i:], "：") {
			continue
		}
		if containsAny(strings.ToLower(s[max(0, i-14):i]), messengers) && messengerName.MatchString(window(s, i, i, 60)) {
			return true
		}
	}
	return false
}

var messengers = []string{"line id", "lineid", "zalo", "wechat", "telegram", "viber", "whatsapp", "skype", "signal"}

// mapLink reports a place on a map: in the address of one, or as a code.
func mapLink(s string) bool {
	return strings.Contains(s, "map") && mapAddress.MatchString(s) || strings.Contains(s, "+") && plusCode.MatchString(s)
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
	streetsBefore = []string{"rua", "jalan", "jln", "jln.", "jl", "jl.", "street", "st.", "soi", "moo", "no.", "house"}
	streetScripts = []string{"ซอย", "ถนน", "หมู่ที่", "บ้านเลขที่", "đường", "phố", "số nhà", "ngõ", "ផ្លូវ", "ផ្ទះលេខ", "ຖະໜົນ", "ເຮືອນເລກທີ", "လမ်း", "အမှတ်", "路", "街", "巷", "道"}
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
