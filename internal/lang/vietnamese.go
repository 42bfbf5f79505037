package lang

import (
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fixEth replaces the letter ETH, which looks like Đ and comes from pages in
// windows-1252, in texts that have letters only Vietnamese has. Other texts keep it.
func fixEth(s string) string {
	if !strings.ContainsAny(s, "ÐðƉ") || strings.IndexFunc(s, onlyVietnamese) < 0 {
		return s
	}
	return strings.NewReplacer("Ð", "Đ", "Ɖ", "Đ", "ð", "đ").Replace(s)
}

// onlyVietnamese reports letters that no other language of the hub uses.
func onlyVietnamese(r rune) bool {
	return 0x1EA0 <= r && r <= 0x1EF9 || r == 'Ơ' || r == 'ơ' || r == 'Ư' || r == 'ư'
}

// tcvn3 gives the letters of TCVN 5712:1993 (the "ABC" fonts) for the bytes 0xA1 to
// 0xFE. A dot marks what is no letter.
var tcvn3 = []rune("ĂÂÊÔƠƯĐăâêôơưđẰ·····àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵ")

// fromTCVN3 reads Latin-1 characters as bytes of TCVN3.
func fromTCVN3(s string) string {
	return strings.Map(func(r rune) rune {
		if 0xA1 <= r && r <= 0xFE && tcvn3[r-0xA1] != '·' {
			return tcvn3[r-0xA1]
		}
		return r
	}, s)
}

// viscii is the charset of RFC 1456, which x/text does not have.
const viscii = "viscii"

// visciiHigh gives the letters of VISCII for the bytes 0x80 to 0xFF.
var visciiHigh = []rune("ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ")

// visciiLow gives the letters that VISCII puts in place of control characters.
var visciiLow = map[byte]rune{0x02: 'Ẳ', 0x05: 'Ẵ', 0x06: 'Ẫ', 0x14: 'Ỷ', 0x19: 'Ỹ', 0x1E: 'Ỵ'}

func fromVISCII(body []byte) string {
	var b strings.Builder
	b.Grow(len(body))
	for _, c := range body {
		if r, ok := visciiLow[c]; ok {
			b.WriteRune(r)
		} else if c >= 0x80 {
			b.WriteRune(visciiHigh[c-0x80])
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// VNI writes a vowel as its ASCII letter and a second character for its marks.
var (
	vniAlone = map[rune]rune{'ñ': 'đ', 'Ñ': 'Đ', 'ô': 'ơ', 'Ô': 'Ơ', 'ö': 'ư', 'Ö': 'Ư', 'ó': 'ĩ', 'Ó': 'Ĩ', 'æ': 'ỉ', 'Æ': 'Ỉ', 'ò': 'ị', 'Ò': 'Ị', 'î': 'ỵ', 'Î': 'Ỵ'}
	vniMarks = map[rune]string{
		'ø': "\u0300", 'ù': "\u0301", 'û': "\u0309", 'õ': "\u0303", 'ï': "\u0323",
		'â': "\u0302", 'à': "\u0302\u0300", 'á': "\u0302\u0301", 'å': "\u0302\u0309", 'ã': "\u0302\u0303", 'ä': "\u0302\u0323",
		'ê': "\u0306", 'è': "\u0306\u0300", 'é': "\u0306\u0301", 'ú': "\u0306\u0309", 'ü': "\u0306\u0303", 'ë': "\u0306\u0323",
	}
)

// vniPair returns the marks that a character puts on the vowel before it, or "".
func vniPair(prev, r rune) string {
	if r < 0xC0 {
		return ""
	}
	marks, ok := vniMarks[unicode.ToLower(r)]
	breve := strings.HasPrefix(marks, "\u0306")
	tone := ok && !breve && !strings.HasPrefix(marks, "\u0302")
	switch {
	case ok && breve && strings.ContainsRune("aA", prev),
		ok && !breve && strings.ContainsRune("aAeEoO", prev),
		tone && strings.ContainsRune("uUyYôÔöÖ", prev):
		return marks
	}
	return ""
}

// hasVNI reports whether a text has two-character vowels of the VNI fonts.
func hasVNI(s string) bool {
	prev := rune(0)
	for _, r := range s {
		if vniPair(prev, r) != "" {
			return true
		}
		prev = r
	}
	return false
}

// fromVNI reads the two-character vowels of the VNI fonts and counts them.
func fromVNI(s string) (text string, pairs int) {
	var b strings.Builder
	prev := rune(0)
	for _, r := range s {
		marks := vniPair(prev, r)
		switch {
		case marks != "":
			b.WriteString(marks)
			pairs++
			r = 0
		case vniAlone[r] != 0:
			b.WriteRune(vniAlone[r])
		default:
			b.WriteRune(r)
		}
		prev = r
	}
	return norm.NFC.String(b.String()), pairs
}

var vietOnsets = strings.Fields("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph q qu r s t th tr v x")

var vietRimes = strings.Fields("a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây " +
	"e ec em en eng eo ep et ê êch êm ên ênh êp êt êu i ia ich im in inh ip it iu iêc iêm iên iêng iêp iêt iêu " +
	"o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong op ot oong " +
	"ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uênh ui um un ung up ut uơ " +
	"uôc uôi uôm uôn uông uôt uy uya uych uyên uyêt uyn uynh uyt uyu ư ưa ưc ưi ưm ưng ươc ươi ươm ươn ương ươp ươt ươu ưt ưu " +
	"y yêm yên yêng yêt yêu")

// vietSyllables holds every syllable that Vietnamese spelling allows, without tones.
var vietSyllables = sync.OnceValue(func() map[string]bool {
	m := map[string]bool{}
	for _, rime := range vietRimes {
		m[rime] = true
		for _, onset := range vietOnsets {
			m[onset+rime] = true
		}
	}
	return m
})

// vietnameseSyllable reports whether a word can be a Vietnamese syllable: an allowed
// spelling, one tone at most, where it may stand, and a closed syllable only with the
// tones that it can carry.
func vietnameseSyllable(word string) bool {
	if len(word) > 16 {
		return false
	}
	var bare []rune
	tone, at := rune(0), -1
	for _, r := range norm.NFD.String(strings.ToLower(word)) {
		switch r {
		case 0x300, 0x301, 0x303, 0x309, 0x323:
			if tone != 0 {
				return false
			}
			tone, at = r, len(bare)-1
		case 0x302, 0x306, 0x31B:
			if len(bare) == 0 {
				return false
			}
			bare[len(bare)-1] = []rune(norm.NFC.String(string([]rune{bare[len(bare)-1], r})))[0]
		default:
			bare = append(bare, r)
		}
	}
	if !vietSyllables()[string(bare)] {
		return false
	}
	stop := strings.ContainsRune("cpt", bare[len(bare)-1]) || strings.HasSuffix(string(bare), "ch")
	if stop && len(bare) > 1 && tone != 0x301 && tone != 0x323 {
		return false
	}
	return tone == 0 || toneMayStand(bare, at)
}

// toneMayStand accepts the old and the new custom (hoà, hòa), but no tone on a vowel that
// has another vowel with a quality mark beside it, nor on a closing glide.
func toneMayStand(bare []rune, at int) bool {
	if at < 0 || !isVietVowel(bare[at]) {
		return false
	}
	if i := slices.IndexFunc(bare, func(r rune) bool { return strings.ContainsRune("ăâêôơ", r) }); i >= 0 {
		return at == i
	}
	if i := slices.Index(bare, 'ư'); i >= 0 {
		return at == i
	}
	end := at + 1
	for end < len(bare) && isVietVowel(bare[end]) {
		end++
	}
	closed := end < len(bare)
	glide := at > 0 && isVietVowel(bare[at-1]) && strings.ContainsRune("iuoy", bare[at]) && !closed && end == len(bare)
	uy := at > 0 && bare[at-1] == 'u' && bare[at] == 'y'
	return uy || !glide && !(closed && end-at > 1)
}

func isVietVowel(r rune) bool { return strings.ContainsRune("aăâeêioôơuưy", r) }

// legacyWords are the runs of letters of a text, soft hyphens and the symbols that TCVN3
// uses as letters included.
func legacyWords(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsMark(r) && !(0xA1 <= r && r <= 0xFE)
	})
}

// longestWord is more letters than a word of a text has; what is longer says nothing.
const longestWord = 24

// soundness judges a text that was read anew from a legacy font: how many of its
// words changed, how many of those are syllables, and how many of all words are.
type soundness struct{ words, syllables, changed, changedSyllables int }

// soundVietnamese compares a text before and after.
func soundVietnamese(before, after string) soundness {
	var n soundness
	b, a := legacyWords(before), legacyWords(after)
	for i, w := range a {
		if utf8.RuneCountInString(w) > longestWord {
			continue
		}
		n.words++
		ok := vietnameseSyllable(w)
		if ok {
			n.syllables++
		}
		if i < len(b) && b[i] != w {
			n.changed++
			if ok {
				n.changedSyllables++
			}
		}
	}
	return n
}

// soundsVietnamese reports whether a text was rightly read anew from a legacy font: nearly
// all words that changed are syllables, and most of all words, unless very many changed.
func soundsVietnamese(before, after string) bool {
	b, a := legacyWords(before), legacyWords(after)
	changed, sound := 0, 0
	for i, w := range a {
		if i < len(b) && b[i] != w && utf8.RuneCountInString(w) <= longestWord {
			changed++
			if vietnameseSyllable(w) {
				sound++
			}
		}
	}
	if changed < 2 || sound*10 < changed*9 {
		return false
	}
	if sound >= 20 {
		return true
	}
	n := soundVietnamese(before, after)
	return n.syllables*4 >= n.words*3
}
