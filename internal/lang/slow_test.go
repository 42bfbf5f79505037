package lang

import (
	"strings"
	"testing"
	"time"
)

// A text of one repeated character must not take time in the square of its length: these
// took minutes when a rule looked ahead without bound.
func TestHostileRepetition(t *testing.T) {
	start := time.Now()
	for _, unit := range []string{" ", "\u200b", "\u1031", "\u1037", "က", "\u103b", "\u102d\u102f", "é", "ก", "\u0e4d", "é»", "¡", "၂", "ဝ", "&amp;", "&", "\u0300", "\u1040", "၂ဝ", "\xe0\xb8"} {
		s := strings.Repeat(unit, 60_000/len(unit))
		Clean(s)
		Fold(s)
		Mojibake(s)
		ToUnicode(s)
		Detect(s)
		Runs(s)
		DecodeCharset([]byte(s+"\xff"), "", "th")
	}
	if d := time.Since(start); d > time.Minute {
		t.Errorf("took %v", d)
	}
}
