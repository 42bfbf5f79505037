package normalizer

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"ctiphub/internal/lang"
)

// The parts that dates are made of.
type dateToken struct {
	kind  dateKind
	value int // of numbers and months; years to subtract of eras
	width int // digits of a number
	glue  bool
}

type dateKind uint8

const (
	tokenNumber dateKind = iota
	tokenMonth
	tokenEra       // value: years to subtract from the number beside it
	tokenYearMark  // "năm", "ปี", "年"
	tokenMonthMark // "tháng", "เดือน", "月"
	tokenDayMark   // "ngày", "วันที่", "日"
	tokenSlash     // "/", ".", "-" between numbers
	tokenDash      // "-" or "–" that may join two days
	tokenWord      // anything else
)

// markAfter says that a marker stands behind its number: 年, ရက်.
const markAfter = 1

// Years that eras are ahead of ours. Myanmar's is behind.
const (
	eraCommon   = 0
	eraBuddhist = 543
	eraMyanmar  = -638
	eraROC      = -1911
	eraHijri    = 1 << 20 // lunar: not a plain difference
)

// dateWords maps folded words to tokens: months of all languages, markers and eras. Words
// of unspaced scripts are searched inside runs, longest first.
type dateWords struct {
	word map[string]dateToken
	runs []runWord // of unspaced scripts, longest first
}

type runWord struct {
	text  string
	token dateToken
}

// months lists the names of the months by language, each with its other forms.
const months = `
en january,jan february,feb march,mar april,apr may june,jun july,jul august,aug september,sept,sep october,oct november,nov december,dec
id januari februari,pebruari maret april mei juni juli agustus,agt,agu,ags september oktober,okt november,nopember,nop desember,des
ms januari februari mac april mei jun julai ogos,ogo september oktober november disember,dis
th มกราคม,มค,มกรา กุมภาพันธ์,กพ,กุมภา มีนาคม,มีค,มีนา เมษายน,เมย,เมษา พฤษภาคม,พค,พฤษภา มิถุนายน,มิย,มิถุนา กรกฎาคม,กค,กรกฎา สิงหาคม,สค,สิงหา กันยายน,กย,กันยา ตุลาคม,ตค,ตุลา พฤศจิกายน,พย,พฤศจิกา ธันวาคม,ธค,ธันวา
km មករា កុម្ភៈ,កុម្ភះ,កុម្ភ មីនា,មិនា មេសា ឧសភា មិថុនា កក្កដា សីហា កញ្ញា តុលា វិច្ឆិកា,វិច្ចិកា ធ្នូ
lo ມັງກອນ,ມກ ກຸມພາ,ກພ ມີນາ,ມນ ເມສາ,ມສ ພຶດສະພາ,ພພ ມິຖຸນາ,ມິຖ ກໍລະກົດ,ກລ ສິງຫາ,ສຫ ກັນຍາ,ກຍ ຕຸລາ,ຕລ ພະຈິກ,ພຈ ທັນວາ,ທວ
my ဇန်နဝါရီ ဖေဖော်ဝါရီ မတ် ဧပြီ မေ ဇွန် ဇူလိုင် ဩဂုတ်,သြဂုတ် စက်တင်ဘာ အောက်တိုဘာ နိုဝင်ဘာ ဒီဇင်ဘာ
fil enero,ene pebrero,peb marso abril,abr mayo hunyo,hun hulyo,hul agosto,ago setyembre,set oktubre nobyembre,nob disyembre
pt janeiro fevereiro,fev março abril maio,mai junho julho agosto setembro outubro,out novembro dezembro,dez
tet janeiru fevereiru marsu abríl maiu juñu jullu,jullhu agostu setembru outubru novembru dezembru
ta ஜனவரி,ஜன பிப்ரவரி,பிப் மார்ச்,மார் ஏப்ரல்,ஏப் மே ஜூன் ஜூலை ஆகஸ்ட்,ஆக செப்டம்பர்,செப் அக்டோபர்,அக் நவம்பர்,நவ டிசம்பர்,டிச
fr janvier février,févr mars avril mai juin juillet,juil août septembre octobre novembre décembre,déc
es enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre
zh 一月 二月 三月 四月 五月 六月 七月 八月 九月 十月 十一月 十二月
vi tháng-một,tháng-giêng tháng-hai tháng-ba tháng-tư tháng-năm tháng-sáu tháng-bảy tháng-tám tháng-chín tháng-mười tháng-mười-một tháng-mười-hai,tháng-chạp
`

// marks lists the other words of dates; a trailing kind names what they are.
var marks = map[string]dateToken{
	"be": {kind: tokenEra, value: eraBuddhist}, "b.e": {kind: tokenEra, value: eraBuddhist},
	"พศ": {kind: tokenEra, value: eraBuddhist}, "พุทธศักราช": {kind: tokenEra, value: eraBuddhist},
	"ພສ": {kind: tokenEra, value: eraBuddhist}, "ពស": {kind: tokenEra, value: eraBuddhist}, "ពុទ្ធសករាជ": {kind: tokenEra, value: eraBuddhist},
	"ce": {kind: tokenEra}, "ad": {kind: tokenEra}, "c.e": {kind: tokenEra}, "a.d": {kind: tokenEra},
	"คศ": {kind: tokenEra}, "ຄສ": {kind: tokenEra}, "គស": {kind: tokenEra}, "คริสต์ศักราช": {kind: tokenEra}, "គ្រិស្តសករាជ": {kind: tokenEra},
	"民國": {kind: tokenEra, value: eraROC}, "民国": {kind: tokenEra, value: eraROC},
	"မြန်မာသက္ကရာဇ်": {kind: tokenEra, value: eraMyanmar}, "ကောဇာသက္ကရာဇ်": {kind: tokenEra, value: eraMyanmar}, "သက္ကရာဇ်": {kind: tokenEra, value: eraMyanmar},
	"h": {kind: tokenEra, value: eraHijri}, "ah": {kind: tokenEra, value: eraHijri}, "hijrah": {kind: tokenEra, value: eraHijri}, "hijri": {kind: tokenEra, value: eraHijri}, "hijriah": {kind: tokenEra, value: eraHijri},
	"năm": {kind: tokenYearMark}, "tahun": {kind: tokenYearMark}, "tinan": {kind: tokenYearMark}, "taong": {kind: tokenYearMark}, "ano": {kind: tokenYearMark},
	"ปี": {kind: tokenYearMark}, "ປີ": {kind: tokenYearMark}, "ឆ្នាំ": {kind: tokenYearMark}, "ခုနှစ်": {kind: tokenYearMark, value: markAfter}, "年": {kind: tokenYearMark, value: markAfter}, "ஆண்டு": {kind: tokenYearMark},
	"tháng": {kind: tokenMonthMark}, "bulan": {kind: tokenMonthMark}, "thg": {kind: tokenMonthMark}, "fulan": {kind: tokenMonthMark},
	"เดือน": {kind: tokenMonthMark}, "ເດືອນ": {kind: tokenMonthMark}, "ខែ": {kind: tokenMonthMark}, "လ": {kind: tokenMonthMark, value: markAfter}, "月": {kind: tokenMonthMark, value: markAfter},
	"ngày": {kind: tokenDayMark}, "loron": {kind: tokenDayMark}, "dia": {kind: tokenDayMark}, "ika": {kind: tokenDayMark},
	"วันที่": {kind: tokenDayMark}, "ວັນທີ": {kind: tokenDayMark}, "ថ្ងៃទី": {kind: tokenDayMark}, "ရက်": {kind: tokenDayMark, value: markAfter}, "日": {kind: tokenDayMark, value: markAfter}, "号": {kind: tokenDayMark, value: markAfter},
}

// ordinals are the English words for days.
var ordinals = map[string]int{
	"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
	"eleventh": 11, "twelfth": 12, "thirteenth": 13, "fourteenth": 14, "fifteenth": 15, "sixteenth": 16, "seventeenth": 17,
	"eighteenth": 18, "nineteenth": 19, "twentieth": 20, "thirtieth": 30,
}

// words is the one table of date words, made at the first date that needs it.
var words = sync.OnceValue(func() *dateWords {
	w := &dateWords{word: map[string]dateToken{}}
	add := func(text string, t dateToken) {
		text = strings.ReplaceAll(text, "-", " ")
		if r, _ := utf8.DecodeRuneInString(text); unspaced(r) {
			w.runs = append(w.runs, runWord{text, t})
			return
		}
		w.word[lang.Fold(text)] = t
	}
	for line := range strings.Lines(months) {
		f := strings.Fields(line)
		if len(f) != 13 {
			continue
		}
		for i, forms := range f[1:] {
			for form := range strings.SplitSeq(forms, ",") {
				add(form, dateToken{kind: tokenMonth, value: i + 1})
			}
		}
	}
	for text, t := range marks {
		add(text, t)
	}
	for text, n := range ordinals {
		w.word[text] = dateToken{kind: tokenNumber, value: n, width: 2}
	}
	sortRuns(w.runs)
	return w
})

// dateTokens cuts a text, in lower case and with ASCII digits, into tokens.
func dateTokens(s string) []dateToken {
	w := words()
	var out []dateToken
	space := true
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case '0' <= r && r <= '9':
			n := numberLen(s[i:])
			t := dateToken{kind: tokenNumber, width: n, glue: !space}
			if n <= 4 {
				digits(s[i:i+n], &t.value)
			}
			out = append(out, t)
			i += n + len(ordinalSuffix(s[i+n:]))
			space = false
		case r == '၊':
			space = true
			i += size
		case unspaced(r):
			n := runLen(s[i:])
			out = w.cut(out, strings.ReplaceAll(s[i:i+n], ".", ""))
			i += n
			space = false
		case unicode.IsLetter(r):
			n := wordLen(s[i:])
			out, i = w.latin(out, s, i, n)
			space = false
		case r == '/' || r == '.':
			out = append(out, dateToken{kind: tokenSlash})
			i += size
			space = false
		case r == '-' || r == '–' || r == '—' || r == '‐' || r == '‑':
			out = append(out, dateToken{kind: tokenDash, glue: !space})
			i += size
			space = false
		case unicode.IsSpace(r) || r == ',' || r == '、' || r == '\u200b' || r == '(' || r == ')' || r == '\'':
			space = true
			i += size
		default:
			out = append(out, dateToken{kind: tokenWord})
			i += size
			space = false
		}
	}
	return out
}

// latin reads a word of a spaced script, or a phrase of two or three that the table has.
func (w *dateWords) latin(out []dateToken, s string, i, n int) ([]dateToken, int) {
	word := lang.Fold(strings.TrimRight(s[i:i+n], "."))
	if tens := map[string]int{"twenty": 20, "thirty": 30}[word]; tens > 0 {
		rest := strings.TrimLeft(s[i+n:], " -")
		m := wordLen(rest)
		if unit := ordinals[rest[:m]]; unit > 0 && unit < 10 {
			return append(out, dateToken{kind: tokenNumber, value: tens + unit, width: 2}), len(s) - len(rest) + m
		}
	}
	if word == "thang" { // "tháng mười một": the longest phrase wins
		for end := 3; end > 0; end-- {
			m := phraseLen(s[i:], end+1)
			if t, ok := w.word[lang.Fold(s[i:i+m])]; ok && t.kind == tokenMonth {
				return append(out, t), i + m
			}
		}
	}
	t, ok := w.word[word]
	if !ok {
		t = dateToken{kind: tokenWord}
		if connecting[word] {
			return out, i + n
		}
	}
	return append(out, t), i + n
}

// connecting words stand inside dates and say nothing.
var connecting = map[string]bool{"of": true, "de": true, "the": true, "ng": true, "fo": true, "on": true, "th": true, "tanggal": true, "dated": true, "pada": true}

// cut searches a run of an unspaced script for date words.
func (w *dateWords) cut(out []dateToken, run string) []dateToken {
	other := false
	for run != "" {
		found := false
		for _, rw := range w.runs {
			if rest, ok := strings.CutPrefix(run, rw.text); ok {
				if r, _ := utf8.DecodeRuneInString(rest); rest != "" && classOf(r) == classMark && rw.token.kind != tokenYearMark {
					continue
				}
				out, run, found, other = append(out, rw.token), rest, true, false
				break
			}
		}
		if !found {
			_, size := utf8.DecodeRuneInString(run)
			run = run[size:]
			if !other {
				out, other = append(out, dateToken{kind: tokenWord}), true
			}
		}
	}
	return out
}
