package lang

import (
	"slices"
)

// block is a range of code points that belongs to one script.
type block struct {
	lo, hi rune
	script string
}

// blocks lists the scripts that occur in the region's records and in their neighbours,
// in code point order. Blocks rather than the exact script property: a mark or sign of a
// block is evidence of its script too.
var blocks = []block{
	{'A', 'Z', "Latn"}, {'a', 'z', "Latn"}, {0xAA, 0xAA, "Latn"}, {0xBA, 0xBA, "Latn"},
	{0xC0, 0xD6, "Latn"}, {0xD8, 0xF6, "Latn"}, {0xF8, 0x2AF, "Latn"},
	{0x370, 0x3FF, "Grek"}, {0x400, 0x52F, "Cyrl"}, {0x530, 0x58F, "Armn"}, {0x590, 0x5FF, "Hebr"},
	{0x600, 0x6FF, "Arab"}, {0x750, 0x77F, "Arab"}, {0x8A0, 0x8FF, "Arab"},
	{0x900, 0x97F, "Deva"}, {0x980, 0x9FF, "Beng"}, {0xA00, 0xA7F, "Guru"}, {0xA80, 0xAFF, "Gujr"},
	{0xB00, 0xB7F, "Orya"}, {0xB80, 0xBFF, "Taml"}, {0xC00, 0xC7F, "Telu"}, {0xC80, 0xCFF, "Knda"},
	{0xD00, 0xD7F, "Mlym"}, {0xD80, 0xDFF, "Sinh"}, {0xE00, 0xE7F, "Thai"}, {0xE80, 0xEFF, "Laoo"},
	{0xF00, 0xFFF, "Tibt"}, {0x1000, 0x109F, "Mymr"}, {0x10A0, 0x10FF, "Geor"}, {0x1100, 0x11FF, "Hang"},
	{0x1200, 0x139F, "Ethi"}, {0x1700, 0x171F, "Tglg"}, {0x1780, 0x17FF, "Khmr"}, {0x1980, 0x19DF, "Talu"},
	{0x19E0, 0x19FF, "Khmr"}, {0x1A20, 0x1AAF, "Lana"}, {0x1B00, 0x1B7F, "Bali"}, {0x1E00, 0x1EFF, "Latn"},
	{0x1F00, 0x1FFF, "Grek"}, {0x2C60, 0x2C7F, "Latn"}, {0x3005, 0x3007, "Hani"}, {0x3040, 0x309F, "Hira"},
	{0x30A0, 0x30FF, "Kana"}, {0x3130, 0x318F, "Hang"}, {0x31F0, 0x31FF, "Kana"}, {0x3400, 0x4DBF, "Hani"},
	{0x4E00, 0x9FFF, "Hani"}, {0xA720, 0xA7FF, "Latn"}, {0xA980, 0xA9DF, "Java"}, {0xA9E0, 0xA9FF, "Mymr"},
	{0xAA00, 0xAA5F, "Cham"}, {0xAA60, 0xAA7F, "Mymr"}, {0xAC00, 0xD7AF, "Hang"}, {0xF900, 0xFAFF, "Hani"},
	{0xFB00, 0xFB06, "Latn"}, {0xFB50, 0xFDFF, "Arab"}, {0xFE70, 0xFEFC, "Arab"}, {0xFF21, 0xFF3A, "Latn"},
	{0xFF41, 0xFF5A, "Latn"}, {0xFF66, 0xFF9F, "Kana"}, {0x20000, 0x323AF, "Hani"},
}

// scriptOf returns the ISO 15924 code of a letter or mark, "" for what all scripts share.
func scriptOf(r rune) string { return scriptNames[scriptNumber(r)] }

// scriptNames are the codes in their order, behind "" for no script.
var scriptNames = func() []string {
	names := []string{""}
	for _, b := range blocks {
		names = append(names, b.script)
	}
	slices.Sort(names)
	return slices.Compact(names)
}()

// mostScripts is more than there are scripts.
const mostScripts = 64

// scriptNumber is the place of a character's script in scriptNames.
func scriptNumber(r rune) uint8 {
	if uint32(r) < traitsUpTo {
		return scripts[r]
	}
	return findScript(r)
}

func makeScripts() (t [traitsUpTo]uint8) {
	for r := range t {
		t[r] = findScript(rune(r))
	}
	return t
}

func findScript(r rune) uint8 {
	at, _ := slices.BinarySearch(scriptNames, findBlock(r))
	return uint8(at)
}

// findBlock looks a character up among the blocks.
func findBlock(r rune) string {
	if r < 0x80 {
		if 'a' <= r|0x20 && r|0x20 <= 'z' {
			return "Latn"
		}
		return ""
	}
	if r == 0x30FB || r == 0xE3F || digitValue(r) >= 0 {
		return "" // middle dot, baht sign and digits are used beside other scripts
	}
	i, found := slices.BinarySearchFunc(blocks, r, func(b block, r rune) int {
		switch {
		case b.hi < r:
			return -1
		case b.lo > r:
			return 1
		}
		return 0
	})
	if !found {
		return ""
	}
	return blocks[i].script
}

// Script returns the ISO 15924 code of the script that a text is written in, or "" for
// a text without letters. A script of the region beside Latin names, acronyms and
// addresses wins when it has a third of the letters.
func Script(s string) string {
	count := scriptCounts(s)
	total, best, bestN := 0, "", 0
	for i, n := range count {
		total += n
		if n > bestN {
			best, bestN = scriptNames[i], n
		}
	}
	if best != "Latn" {
		return best
	}
	second, secondN := "", 0
	for i, n := range count {
		if n > secondN && scriptNames[i] != "Latn" {
			second, secondN = scriptNames[i], n
		}
	}
	if secondN*3 >= total && second != "Grek" && second != "Cyrl" {
		return second
	}
	return best
}

// scriptCounts counts the letters of each script, by its place in scriptNames; a Han
// character counts as two, because it says as much as two letters.
func scriptCounts(s string) (count [mostScripts]int) {
	for _, r := range s {
		count[scriptNumber(r)]++
	}
	count[0] = 0
	count[scriptNumber(hanFrom)] *= 2
	return count
}

// Run is a stretch of text in one script.
type Run struct {
	Script string // ISO 15924
	Text   string
}

// Runs splits a text where the script changes. What all scripts share (spaces, digits,
// punctuation) stays with the run before it, at the beginning with the first run.
func Runs(s string) []Run {
	var runs []Run
	start, script := 0, ""
	for i, r := range s {
		next := scriptOf(r)
		if next == "" || next == script {
			continue
		}
		if script != "" {
			runs = append(runs, Run{script, s[start:i]})
			start = i
		}
		script = next
	}
	if script != "" {
		runs = append(runs, Run{script, s[start:]})
	}
	return runs
}
