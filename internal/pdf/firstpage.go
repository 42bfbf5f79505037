package pdf

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"ctiphub/internal/lang"
)

// Limits on title candidates.
const (
	maxCandidates = 3
	maxTitleLen   = 300
	maxPlainTitle = 120 // of what is not printed larger
	maxTitleLines = 6
	oneSize       = 0.12 // letters whose height differs by less are of one size
)

// largest returns the texts of the first page that are printed larger than the rest, those
// of one size in the order of the page. Where nothing is, the page's first lines are a
// candidate, if they look like a heading.
func largest(lines []printed) []Line {
	usual := usualSize(lines)
	groups := paragraphs(lines)
	if len(groups) == 0 {
		return nil
	}
	top := groups[0].Text
	slices.SortStableFunc(groups, func(a, b printed) int {
		if math.Abs(a.Size-b.Size) < oneSize*max(a.Size, b.Size) {
			return 0
		}
		return cmp.Compare(b.Size, a.Size)
	})
	var out []Line
	for _, g := range groups {
		text := line(g.Text)
		scale := math.Round(g.Size/usual*10) / 10
		if scale <= 1.1 && g.Text != top || sentence(text, scale) || personal.MatchString(g.Text) || !titleLike(text) || slices.ContainsFunc(out, func(l Line) bool { return l.Value == text }) {
			continue
		}
		out = append(out, Line{text, scale})
		if len(out) >= maxCandidates {
			break
		}
	}
	return out
}

// sentence reports what is running text rather than a heading. None of it is kept.
func sentence(s string, scale float64) bool {
	long := utf8.RuneCountInString(s) > maxPlainTitle && scale < 1.3
	ends := strings.ContainsAny(s[len(s)-min(1, len(s)):], ".,;:-") && scale < 1.8
	return long || ends
}

// usualSize is the size of most letters.
func usualSize(lines []printed) float64 {
	bySize := map[int]int{}
	for _, l := range lines {
		bySize[int(math.Round(l.Size*2))] += utf8.RuneCountInString(l.Text)
	}
	best, most := 20, 0
	for size, n := range bySize {
		if n > most || n == most && size < best {
			best, most = size, n
		}
	}
	return max(float64(best)/2, 1)
}

// paragraphs joins the lines of the first page that follow each other closely in one
// size: titles run over several lines.
func paragraphs(lines []printed) []printed {
	var out []printed
	rows, bottom := 0, 0.0
	for _, l := range lines {
		if l.Page != 1 {
			break
		}
		if n := len(out); n > 0 {
			last := &out[n-1]
			sameSize := math.Abs(l.Size-last.Size) < oneSize*max(l.Size, last.Size)
			gap := l.Top - bottom
			if sameSize && gap > -l.Size/2 && gap < 0.9*l.Size && rows < maxTitleLines && overlap(*last, l) && len(last.Text)+len(l.Text) < maxTitleLen {
				last.Text = joinLines(last.Text, l.Text)
				last.Left, last.Right = min(last.Left, l.Left), max(last.Right, l.Right)
				rows, bottom = rows+1, l.Top+l.Size
				continue
			}
		}
		out = append(out, l)
		rows, bottom = 1, l.Top+l.Size
	}
	return out
}

func overlap(a, b printed) bool { return a.Left < b.Right && b.Left < a.Right }

// joinLines puts the lines of a title together; scripts without spaces need none.
func joinLines(a, b string) string {
	last, _ := utf8.DecodeLastRuneInString(a)
	next, _ := utf8.DecodeRuneInString(b)
	if unicode.In(last, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Han) && unicode.In(next, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar, unicode.Han) {
		return a + b
	}
	return a + " " + b
}

var (
	digitRuns = regexp.MustCompile(`\d[\d\s().-]{5,}\d`)
	webThing  = regexp.MustCompile(`(?i)@|https?:|\bwww\.|\.(?:com|org|net|gov|go\.[a-z]{2})\b`)
)

// titleLike reports whether a line can be a title at all: it has words, is neither a
// paragraph nor an address, and holds no number of a person or telephone.
func titleLike(s string) bool {
	letters := countLetters(s)
	n := utf8.RuneCountInString(s)
	return letters >= 4 && letters*2 >= n && n <= maxTitleLen && !webThing.MatchString(s) && !digitRuns.MatchString(lang.Digits(s)) && !unreadable(s)
}

var yearWord = regexp.MustCompile(`(?:^|[^\d.,/-])((?:19|20|24|25)\d{2})(?:$|[^\d])`)

const maxYears = 8

// years finds the years on the first page, Buddhist ones turned into Gregorian ones.
func years(lines []printed, height float64, titles []Line) []Year {
	var out []Year
	for _, l := range lines {
		if l.Page != 1 || len(out) >= maxYears {
			break
		}
		for _, m := range yearWord.FindAllStringSubmatch(lang.Digits(l.Text), -1) {
			y, err := strconv.Atoi(m[1])
			if err != nil {
				continue
			}
			if y >= 2400 {
				y -= 543
			}
			known := slices.ContainsFunc(out, func(o Year) bool { return o.Value == y })
			if y >= 1900 && y <= 2100 && !known && len(out) < maxYears {
				out = append(out, Year{Value: y, Place: place(l, height, titles)})
			}
		}
	}
	return out
}

// place says where on the page a line stands.
func place(l printed, height float64, titles []Line) string {
	if slices.ContainsFunc(titles, func(t Line) bool { return t.Scale >= 1.2 && strings.Contains(t.Value, line(l.Text)) }) {
		return "title"
	}
	switch {
	case height <= 0 || l.Top < height/4:
		return "top"
	case l.Top > height*3/4:
		return "bottom"
	}
	return "middle"
}
