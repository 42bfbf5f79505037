package normalizer

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"ctiphub/internal/lang"
)

var (
	markup = regexp.MustCompile(`<(?:/?[a-zA-Z][^<>]*|!--.*?--)>`)
	// A label that themes print before the title of a page.
	pageLabel     = regexp.MustCompile(`(?i)^(?:you are reading|title|judul|tajuk|tiêu đề|หัวข้อ|ชื่อเรื่อง)\s*[:：]\s*`)
	bracketPrefix = regexp.MustCompile(`^\[([\p{L}][\p{L} /&-]{1,30})\]\s*`)
	fileEnding    = regexp.MustCompile(`(?i)\.(?:pdf|docx?|pptx?)$`)
	letterSpaced  = regexp.MustCompile(`^(?:\p{L}[ -]){5,}\p{L}$`)
)

// plainText takes markup out of a text and makes it fit for display.
func plainText(s string) string {
	s = lang.Clean(s)
	if strings.IndexByte(s, '<') >= 0 {
		// A tag that divides words becomes a space; Clean takes the surplus away.
		s = lang.Clean(markup.ReplaceAllString(s, " "))
	}
	return s
}

// titleRepair is what was done to a title.
type titleRepair struct {
	text  string
	label string // what stood in brackets before it: "Research"
}

// repairTitle takes off what pages and feeds add to a title. sites are the names that the
// site goes by: only those are cut off at the end, because the part behind a bar may as
// well be the second half of the title.
func (n *Normalizer) repairTitle(s string, sites []string) titleRepair {
	r := titleRepair{text: plainText(s)}
	if i := letterSpacing(s); i != "" {
		r.text = n.respace(i)
	}
	r.text = pageLabel.ReplaceAllString(r.text, "")
	r.text = cutSite(r.text, sites)
	r.text = undouble(r.text)
	if m := bracketPrefix.FindStringSubmatch(r.text); m != nil && len(m[0]) < len(r.text) {
		r.label, r.text = m[1], r.text[len(m[0]):]
	}
	if strings.HasSuffix(r.text, ")") || strings.HasSuffix(r.text, "]") {
		r.text = downloadNote.ReplaceAllString(r.text, "")
	}
	r.text = strings.TrimSpace(fileEnding.ReplaceAllString(r.text, ""))
	return r
}

// downloadNote is what pages write behind the name of a file: "(PDF, 2.3 MB)".
var downloadNote = regexp.MustCompile(`(?i)\s*[(\[](?:(?:pdf|docx?|pptx?|xlsx?|zip)[\s,;:–-]*)?(?:\d+(?:[.,]\d+)?\s*(?:kb|mb|kib|mib|bytes))?[)\]]$`)

// separators stand between a title and the name of its site.
var separators = []string{" | ", " - ", " – ", " — ", " :: ", " » ", " « ", " · ", " • "}

// cutSite removes the name of the site from either end of a title.
func cutSite(title string, sites []string) string {
	if len(sites) == 0 {
		return title
	}
	for _, sep := range separators {
		if i := strings.LastIndex(title, sep); i > 0 && isSite(title[i+len(sep):], sites) {
			return strings.TrimSpace(title[:i])
		}
		if i := strings.Index(title, sep); i > 0 && isSite(title[:i], sites) {
			return strings.TrimSpace(title[i+len(sep):])
		}
	}
	return title
}

func isSite(s string, sites []string) bool {
	key := ""
	for _, site := range sites {
		if site == "" {
			continue
		}
		if key == "" {
			key = lang.Fold(s)
		}
		if key == lang.Fold(site) {
			return true
		}
	}
	return false
}

// undouble repairs titles that a page prints twice, and text layers of PDFs in which each
// letter or the whole text stands twice.
func undouble(s string) string {
	if half := halved(s); half != "" {
		return half
	}
	runes := []rune(s)
	if len(runes) < 8 {
		return s
	}
	pairs := 0
	var once strings.Builder
	for i := 0; i < len(runes); {
		once.WriteRune(runes[i])
		switch {
		case i+1 < len(runes) && runes[i+1] == runes[i]:
			pairs++
			i += 2
		case runes[i] == ' ':
			i++
		default:
			return s
		}
	}
	if pairs < 4 {
		return s
	}
	return once.String()
}

// halved returns the first half of a text that consists of the same text twice, with or
// without a space between, else "".
func halved(s string) string {
	if len(s) < 12 {
		return ""
	}
	if len(s)%2 == 1 {
		mid := len(s) / 2
		if s[mid] == ' ' && s[:mid] == s[mid+1:] {
			return s[:mid]
		}
	} else if s[:len(s)/2] == s[len(s)/2:] {
		return strings.TrimSpace(s[:len(s)/2])
	}
	// "Prosedur StandarProsedur StandarOperasional": the beginning twice, then the rest.
	for i := len(s) / 2; i >= 12; i-- {
		if utf8.RuneStart(s[i]) && strings.HasPrefix(s[i:], s[:i]) && strings.Contains(s[:i], " ") {
			rest := s[2*i:]
			if rest != "" && !strings.HasPrefix(rest, " ") {
				rest = " " + rest
			}
			return s[:i] + rest
		}
	}
	return ""
}

// letterSpacing returns the letters of a heading whose letters are set apart ("S H E L T
// E R", or the slug "s-h-e-l-t-e-r"), with the spaces between words where they can be
// told, else "".
func letterSpacing(s string) string {
	s = strings.TrimSpace(s)
	if len(s) < 11 || !strings.ContainsAny(s[1:4], " -") {
		return ""
	}
	var out []string
	for word := range strings.SplitSeq(strings.NewReplacer("\u00a0", " ", "   ", "\x00", "  ", "\x00").Replace(s), "\x00") {
		word = strings.TrimSpace(word)
		switch {
		case word == "":
		case letterSpaced.MatchString(word), utf8.RuneCountInString(word) <= 9 && strings.Trim(word, " -") != "" && isSpread(word):
			out = append(out, strings.NewReplacer(" ", "", "-", "").Replace(word))
		default:
			return ""
		}
	}
	return strings.Join(out, " ")
}

func isSpread(word string) bool {
	for i, r := range []rune(word) {
		if i%2 == 0 != unicode.IsLetter(r) {
			return false
		}
	}
	return true
}

// respace finds the words in letters without spaces, by the words that the English texts
// of the vocabulary consist of. What cannot be told stays as it is.
func (n *Normalizer) respace(s string) string {
	if strings.Contains(s, " ") || len(s) > 200 {
		return s
	}
	low := strings.ToLower(s)
	best := make([]int, len(low)+1) // fewest words to here, 0 unreachable
	from := make([]int, len(low)+1)
	best[0] = 1
	for end := 1; end <= len(low); end++ {
		for start := max(0, end-24); start < end; start++ {
			if best[start] > 0 && n.english[low[start:end]] && (best[end] == 0 || best[start]+1 < best[end]) {
				best[end], from[end] = best[start]+1, start
			}
		}
	}
	if best[len(low)] == 0 {
		return s
	}
	var parts []string
	for end := len(low); end > 0; end = from[end] {
		parts = append(parts, s[from[end]:end])
	}
	for i, j := 0, len(parts)-1; i < j; i, j = i+1, j-1 {
		parts[i], parts[j] = parts[j], parts[i]
	}
	return strings.ToUpper(strings.Join(parts, " "))
}

// damaged reports whether a text lost too many characters to be tagged by: replacement
// characters, or private-use letters of a font.
func damaged(s string) bool {
	bad, all := 0, 0
	for _, r := range s {
		all++
		if r == utf8.RuneError || 0xE000 <= r && r < 0xF900 {
			bad++
		}
	}
	return bad > 0 && bad*50 >= all
}
