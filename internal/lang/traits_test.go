package lang

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// properly is Clean without the look ahead that spares most texts most of the work.
func properly(s string) string {
	for range 2 {
		s = entity.ReplaceAllStringFunc(s, decodeEntity)
	}
	s = dropInvisible(dropControls(strings.ToValidUTF8(s, "\uFFFD")))
	return fixEth(fixThaiLao(norm.NFC.String(s)))
}

// checkShortcuts holds what is quick against what is thorough.
func checkShortcuts(t *testing.T, s string) {
	t.Helper()
	if got, want := Clean(s), properly(s); got != want {
		t.Errorf("Clean(%q) = %q, want %q", s, got, want)
	}
	if utf8.ValidString(s) && traitsOf(s)&traitJoins == 0 && !norm.NFC.IsNormalString(s) {
		t.Errorf("%q is said to be in NFC", s)
	}
	if got, want := hasSmall(s), strings.ToUpper(s) != s; got != want {
		t.Errorf("hasSmall(%q) = %v", s, got)
	}
	if _, pairs := fromVNI(s); hasVNI(s) != (pairs > 0) {
		t.Errorf("hasVNI(%q) = %v, with %d pairs", s, !(pairs > 0), pairs)
	}
	if got := Digits(s); !hasForeignDigit(s) && got != s {
		t.Errorf("Digits(%q) = %q, and no digit was seen", s, got)
	}
	for _, r := range s {
		if scriptOf(r) != findBlock(r) {
			t.Errorf("%U is of %q, want %q", r, scriptOf(r), findBlock(r))
		}
	}
}

// Texts put together of what the shortcuts are about, by a fixed seed.
func TestShortcuts(t *testing.T) {
	parts := []string{
		"a", "Victim ", " ", "  ", "\u00a0", "\n", "&amp;", "&", ";", "đ", "Ð", "ð", "ữ", "u\u031b\u0303", "\u0301", "\u0323", "ô", "aâ", "öôø", "\u00ad",
		"ก", "า", "ำ", "\u0e4d", "\u0e48", "\u0e38", "เ", "เเ", "ກ", "າ", "\u0ecd", "\u0eb8", "က", "\u1037", "\u103a", "\u102e", "ဥ", "ဝ", "၂", "ខ", "\u17d2", "ដ", "\u200b", "\u17d2\u178a", "\u17dd",
		"人", "ｆ", "\ufffd", "\xff", "\u0085", "\u0091", "\x01", "క", "\u0c56", "의", "\u1100\u1161", "𝒜", "\U0001f600", "Å", "É”", "Ã©", "à¸", "x¡", "¡ÒÃ",
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		var b strings.Builder
		for range 1 + random.IntN(8) {
			b.WriteString(parts[random.IntN(len(parts))])
		}
		checkShortcuts(t, b.String())
	}
}

func FuzzShortcuts(f *testing.F) {
	for _, s := range []string{"Hỗ trợ nạn nhân", "คู่มือการปฏิบัติงานล่าม", "လူကုန်ကူးမှု ၂၀၂၃", "&lt;b&gt; x", "ngöôøi", "\u0e4d\u0e48\u0e32"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) { checkShortcuts(t, s) })
}
