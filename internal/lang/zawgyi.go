package lang

import (
	_ "embed"
	"encoding/binary"
	"fmt"
	"math"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode/utf8"
)

// ZawgyiThreshold is the probability from which a document is taken to be Zawgyi.
const ZawgyiThreshold = 0.95

// Zawgyi returns how probable it is that a text is in the Zawgyi font encoding rather than
// Unicode. ok is false for a text with fewer than three Burmese letters: it is undecidable
// by itself and must follow its document.
func Zawgyi(text string) (probability float64, ok bool) {
	p, letters := zawgyiProbability(text)
	return p, letters >= 3
}

// FixZawgyi converts a text that is Zawgyi by itself and reports whether it did. For
// parts of a document, ask Zawgyi about the whole first.
func FixZawgyi(text string) (fixed string, changed bool) {
	if p, ok := Zawgyi(text); ok && p > ZawgyiThreshold {
		return ToUnicode(text), true
	}
	return text, false
}

//go:embed data/zawgyi-model.dat
var zawgyiModelData []byte

// zawgyiModel holds, for each pair of neighbouring states, the log-probability under
// Unicode less that under Zawgyi. State 0 is everything that is not Burmese; digits are
// part of it, because they are the same in both.
type zawgyiModel struct {
	size   int
	spaces bool // space-like characters have states of their own
	delta  []float32
}

var loadZawgyiModel = sync.OnceValue(func() zawgyiModel {
	m, err := parseZawgyiModel(zawgyiModelData)
	if err != nil {
		panic(err) // the embedded file is part of the program; a test reads it
	}
	return m
})

// parseZawgyiModel reads the format of myanmar-tools: big-endian, a magic word and
// version for the model and again for its Markov chain, then for each state a count, a
// value for the rest and the exceptions as (state, value).
func parseZawgyiModel(data []byte) (zawgyiModel, error) {
	r := &beReader{data: data}
	if magic := string(r.take(8)); magic != "UZMODEL " {
		return zawgyiModel{}, fmt.Errorf("reading the Zawgyi model: magic word %q", magic)
	}
	m := zawgyiModel{spaces: true}
	switch version := r.uint32(); version {
	case 1:
	case 2:
		m.spaces = r.uint32() == 0
	default:
		return m, fmt.Errorf("reading the Zawgyi model: unknown version %d", version)
	}
	if magic := string(r.take(8)); magic != "BMARKOV " || r.uint32() != 0 {
		return m, fmt.Errorf("reading the Zawgyi model: unknown chain %q", magic)
	}
	m.size = r.uint16()
	m.delta = make([]float32, m.size*m.size)
	for from := range m.size {
		row := m.delta[from*m.size : (from+1)*m.size]
		n := r.uint16()
		if n == 0 {
			continue
		}
		rest := r.float32()
		for i := range row {
			row[i] = rest
		}
		for range n {
			to, v := r.uint16(), r.float32()
			if to < m.size {
				row[to] = v
			}
		}
	}
	if r.short || len(r.data) != 0 {
		return m, fmt.Errorf("reading the Zawgyi model: length does not fit")
	}
	return m, nil
}

// beReader reads big-endian values and remembers when the bytes ran out.
type beReader struct {
	data  []byte
	short bool
}

func (r *beReader) take(n int) []byte {
	if len(r.data) < n {
		r.short, r.data = true, nil
		return make([]byte, n)
	}
	b := r.data[:n]
	r.data = r.data[n:]
	return b
}

func (r *beReader) uint32() uint32   { return binary.BigEndian.Uint32(r.take(4)) }
func (r *beReader) uint16() int      { return int(binary.BigEndian.Uint16(r.take(2))) }
func (r *beReader) float32() float32 { return math.Float32frombits(r.uint32()) }

// state numbers the characters of the chain: Myanmar without digits, its two extensions,
// then spaces.
func (m zawgyiModel) state(r rune) int {
	switch {
	case 0x1000 <= r && r <= 0x103F:
		return int(r-0x1000) + 1
	case 0x104A <= r && r <= 0x109F:
		return int(r-0x104A) + 65
	case 0xAA60 <= r && r <= 0xAA7F:
		return int(r-0xAA60) + 151
	case 0xA9E0 <= r && r <= 0xA9FF:
		return int(r-0xA9E0) + 183
	case m.spaces && 0x2000 <= r && r <= 0x200B:
		return int(r-0x2000) + 215
	}
	return 0
}

// zawgyiProbability also counts the Burmese characters; without any, it returns 0.
func zawgyiProbability(text string) (p float64, letters int) {
	if !hasMyanmar(text) {
		return 0, 0
	}
	m := loadZawgyiModel()
	total, prev := 0.0, 0
	for _, r := range text {
		cur := m.state(r)
		if cur > 0 && cur < 215 {
			letters++
		}
		if prev != 0 || cur != 0 {
			total += float64(m.delta[prev*m.size+cur])
		}
		prev = cur
	}
	if letters == 0 {
		return 0, 0
	}
	if prev != 0 {
		total += float64(m.delta[prev*m.size])
	}
	return 1 / (1 + math.Exp(total)), letters
}

// hasMyanmar reports whether a text may hold letters of the Myanmar blocks, by the first
// two bytes of their UTF-8.
func hasMyanmar(s string) bool {
	for i := 0; i+1 < len(s); i++ {
		if s[i] == 0xE1 && s[i+1] <= 0x82 || s[i] == 0xEA && (s[i+1] == 0xA7 || s[i+1] == 0xA9) {
			return true
		}
	}
	return false
}

//go:embed data/zawgyi-rules.txt
var zawgyiRulesText string

// zawgyiRule is one rule of a phase.
type zawgyiRule struct {
	pattern     *regexp.Regexp
	replacement string
	first       []rune // pairs of bounds: what the pattern can begin with; nil: anything
	start       bool   // only at the beginning of the text
	revisit     bool   // the replacement is looked at again
}

// bounded keeps a hostile run of the same character from taking time in its square.
var bounded = strings.NewReplacer("+", "{1,9}", "*", "{0,9}")

var zawgyiRules = sync.OnceValue(func() [][]zawgyiRule {
	var phases [][]zawgyiRule
	for line := range strings.Lines(zawgyiRulesText) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case strings.HasPrefix(line, "phase "):
			phases = append(phases, nil)
		default:
			f := append(strings.Split(line, "\t"), "", "")
			rule := zawgyiRule{
				pattern: regexp.MustCompile(bounded.Replace(f[0])), replacement: unescape(f[1]),
				start: strings.Contains(f[2], "start"), revisit: strings.Contains(f[2], "revisit"),
			}
			if re, err := syntax.Parse(f[0], syntax.Perl); err == nil {
				rule.first, _ = firstRunes(re)
			}
			phases[len(phases)-1] = append(phases[len(phases)-1], rule)
		}
	}
	return phases
})

var escapedRune = regexp.MustCompile(`\\x\{([0-9A-F]+)\}`)

// unescape puts characters in place of the \x{…} of a replacement.
func unescape(s string) string {
	return escapedRune.ReplaceAllStringFunc(s, func(e string) string {
		var r rune
		for _, c := range e[3 : len(e)-1] {
			r = r<<4 + rune(strings.IndexRune("0123456789ABCDEF", c))
		}
		return string(r)
	})
}

// firstRunes lists what a pattern can begin with, so that most rules are passed over
// without running them. empty says that the part can match nothing at all.
func firstRunes(re *syntax.Regexp) (bounds []rune, empty bool) {
	switch re.Op {
	case syntax.OpLiteral:
		return []rune{re.Rune[0], re.Rune[0]}, false
	case syntax.OpCharClass:
		return re.Rune, false
	case syntax.OpCapture, syntax.OpPlus:
		return firstRunes(re.Sub[0])
	case syntax.OpStar, syntax.OpQuest:
		b, _ := firstRunes(re.Sub[0])
		return b, true
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			b, e := firstRunes(sub)
			bounds = append(bounds, b...)
			if !e {
				return bounds, false
			}
		}
	}
	return bounds, true
}

func (rule zawgyiRule) mayMatch(r rune) bool {
	for i := 0; i+1 < len(rule.first); i += 2 {
		if rule.first[i] <= r && r <= rule.first[i+1] {
			return true
		}
	}
	return false
}

// ToUnicode converts Zawgyi to Unicode. It must only be given Zawgyi: Unicode text comes
// out corrupted.
func ToUnicode(text string) string {
	for _, phase := range zawgyiRules() {
		text = runPhase(phase, text)
	}
	return text
}

// runPhase walks through the text. At each place all rules are tried in turn, each behind
// what the one before it has replaced; where none fits, one character passes.
func runPhase(rules []zawgyiRule, rest string) string {
	var out []byte
	for start := true; rest != ""; start = false {
		if len(rest) > 1 && '!' <= rest[0] && rest[0] < utf8.RuneSelf && rest[1] < utf8.RuneSelf {
			out = append(out, rest[0]) // no rule is about Latin text
			rest = rest[1:]
			continue
		}
		found := false
		for _, rule := range rules {
			r, _ := utf8.DecodeRuneInString(rest)
			if rest == "" || rule.start && !start || !rule.mayMatch(r) {
				continue
			}
			m := rule.pattern.FindStringSubmatchIndex(rest)
			if m == nil {
				continue
			}
			found = true
			if rule.revisit {
				rest = string(rule.pattern.ExpandString(nil, rule.replacement, rest, m)) + rest[m[1]:]
				continue
			}
			out = rule.pattern.ExpandString(out, rule.replacement, rest, m)
			rest = rest[m[1]:]
		}
		if !found {
			_, size := utf8.DecodeRuneInString(rest)
			out = append(out, rest[:size]...)
			rest = rest[size:]
		}
	}
	return string(out)
}
