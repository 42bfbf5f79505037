package normalizer

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"ctiphub/internal/lang"
)

// What contact lines of staff consist of.
var (
	contactLabel = `(?:tel(?:ephone)?|phone|mobile|cell|fax|e-?mail|whatsapp|viber|zalo|line id|skype|telp|telepon|hp|wa|surel|đt|sđt|đtdđ|điện thoại|di động|thư điện tử|โทร(?:ศัพท์|สาร)?|มือถือ|อีเมล์?|ទូរស័ព្ទ|អ៊ីមែល|ໂທ(?:ລະສັບ)?|ອີເມວ|ဖုန်း|အီးမေးလ်|电话|電話|手机|电邮|邮箱|telefon|emel|telefone|correio eletrónico|telemóvel|தொலைபேசி|மின்னஞ்சல்)`
	contactValue = `(?:[\p{L}\p{N}._%+-]+\s?(?:@|\[at\]|\(at\))\s?[\p{L}\p{N}.-]+|[+(]?\d[\dxX*•\s().-]{4,}[\dxX*)]|\.{3,}|…)`
	contactPiece = regexp.MustCompile(`(?i)(?:^|[\s(;,|–-])` + contactLabel + `\s?(?:no\.?|number|số)?\s?[:：.]?\s?` + contactValue + `(?:\s?(?:/|,|;|or|hoặc|หรือ|atau)\s?` + contactValue + `)*`)
	// A sentence that tells whom to ask is about staff from end to end.
	contactAsk = regexp.MustCompile(`(?i)(?:please contact|contact(?: person| us)?\s?[:：]|for (?:more|further) information|media (?:contact|enquiries)|enquiries\s?[:：]|liên hệ|hubungi|narahubung|ติดต่อ|สอบถาม|ទំនាក់ទំនង|ຕິດຕໍ່|ဆက်သွယ်|联系人|联系方式|contacto\s?[:：]|makipag-ugnayan)`)
	anyMail    = regexp.MustCompile(`(?i)[\p{L}\p{N}._%+-]+(?:@|\[at\]|\(at\))[\p{L}\p{N}-]+\.[\p{L}\p{N}.-]+`)
	// The number of a help line: short, and of nobody; but a stale one harms, so that only
	// those of the list stay.
	helpLine = regexp.MustCompile(`(?i)(?:hot\s?line|help\s?line|สายด่วน|ศูนย์ช่วยเหลือสังคม|tổng đài|đường dây nóng|talian(?:\s\p{L}+)?|saluran siaga|ສາຍດ່ວນ|ខ្សែទូរស័ព្ទបន្ទាន់|热线|熱線|linha verde|லைன்)\s?(?:numbers?|no\.?|số|เบอร์|nomor|at|on|is)?\s?[:：]?\s?(\d{3,5})\b`)
	dangling = regexp.MustCompile(`\s*[-–—|;,(]+\s*$`)
)

// stripContacts takes the contact lines of staff out of a text: labelled numbers and
// addresses, and whole sentences that tell whom to ask. Numbers of official hotlines stay.
func stripContacts(s string, hotlines map[string]bool) (text string, stripped bool) {
	if !reachesSomebody(s) {
		return s, false
	}
	// Native digits are read as ASCII ones; the text that stays keeps its own.
	plain := lang.Digits(s)
	cuts := contactRanges(plain, hotlines)
	if len(cuts) == 0 {
		return s, false
	}
	out := without(s, plain, cuts)
	return strings.TrimSpace(dangling.ReplaceAllString(strings.Join(strings.Fields(out), " "), "")), true
}

// contactRanges finds what has to go.
func contactRanges(s string, hotlines map[string]bool) [][]int {
	var cuts [][]int
	if contactAsk.MatchString(s) {
		at := 0
		for _, sentence := range sentences(s) {
			if asksAndTells(sentence, hotlines) {
				cuts = append(cuts, []int{at, at + len(sentence)})
			}
			at += len(sentence)
		}
	}
	if namesHelpLine(s) {
		for _, m := range helpLine.FindAllStringSubmatchIndex(s, -1) {
			if !hotlines[s[m[2]:m[3]]] {
				cuts = append(cuts, []int{m[2], m[3]})
			}
		}
	}
	for _, m := range contactPiece.FindAllStringIndex(s, -1) {
		if !hotlines[onlyDigits(s[m[0]:m[1]])] {
			cuts = append(cuts, m)
		}
	}
	return cuts
}

// without returns s less the ranges, which were found in plain: the same characters, of
// which some take fewer bytes.
func without(s, plain string, cuts [][]int) string {
	var b strings.Builder
	at := 0 // in plain
	for _, r := range s {
		cut := slices.ContainsFunc(cuts, func(c []int) bool { return at >= c[0] && at < c[1] })
		if !cut {
			b.WriteRune(r)
		} else if b.Len() > 0 && !strings.HasSuffix(b.String(), " ") {
			b.WriteByte(' ')
		}
		_, size := utf8.DecodeRuneInString(plain[min(at, len(plain)):])
		at += size
	}
	return b.String()
}

// asksAndTells reports a sentence that asks to contact somebody and says how.
func asksAndTells(sentence string, hotlines map[string]bool) bool {
	if !contactAsk.MatchString(sentence) {
		return false
	}
	return anyMail.MatchString(sentence) || slices.ContainsFunc(numberRuns(sentence), func(r numberRun) bool { return !hotlines[r.digits] && !years(r) })
}

// reachesSomebody reports whether a text holds anything that contact lines are made of: an
// address, a number long enough to be dialled, or one that was masked.
func reachesSomebody(s string) bool {
	if strings.Contains(s, "@") || strings.Contains(s, "＠") || strings.Contains(s, "[at]") || strings.Contains(s, "(at)") || strings.Contains(s, "xxx") || strings.Contains(s, "...") {
		return true
	}
	if !hasDigit(s) {
		return false
	}
	plain := lang.Digits(s)
	return slices.ContainsFunc(numberRuns(plain), func(r numberRun) bool { return !years(r) }) || namesHelpLine(plain)
}

// namesHelpLine is the cheap look before helpLine.
func namesHelpLine(s string) bool {
	for _, w := range []string{"otline", "OTLINE", "ot line", "elpline", "HELPLINE", "elp line", "สายด่วน", "ช่วยเหลือสังคม", "ổng đài", "ường dây nóng", "alian ", "aluran siaga", "ສາຍດ່ວນ", "ខ្សែទូរស័ព្ទបន្ទាន់", "热线", "熱線", "inha verde", "லைன்"} {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// sentences splits after a full stop that a space follows; dots of addresses and numbers
// do not end one.
func sentences(s string) []string {
	var out []string
	start := 0
	for i := 0; i+1 < len(s); i++ {
		initial := i > 1 && 'A' <= s[i-1] && s[i-1] <= 'Z' && s[i-2] == ' ' // "A. Person"
		if (s[i] == '.' && !initial || s[i] == '!' || s[i] == '?') && s[i+1] == ' ' {
			out = append(out, s[start:i+2])
			start = i + 2
		}
	}
	return append(out, s[start:])
}
