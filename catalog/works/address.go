package works

import (
	"cmp"
	"net/url"
	"path"
	"strings"
)

// Address is a web address without what differs between views of one page: scheme, "www.",
// print and mobile views, and the language, which stands by itself.
type Address struct {
	Rest string `json:"rest"`
	Lang string `json:"lang,omitempty"`
}

func (a Address) compare(b Address) int {
	return cmp.Or(cmp.Compare(a.Rest, b.Rest), cmp.Compare(a.Lang, b.Lang))
}

// String is the address with the language in brackets: evidence that a person can read.
func (a Address) String() string {
	if a.Lang == "" {
		return a.Rest
	}
	return a.Rest + " [" + a.Lang + "]"
}

// readAddress reads a web address. Front pages are no address of a work.
func readAddress(s string) (Address, bool) {
	rest, ok := strings.CutPrefix(s, "https://")
	if !ok {
		if rest, ok = strings.CutPrefix(s, "http://"); !ok {
			return Address{}, false
		}
	}
	rest, _, _ = strings.Cut(rest, "#")
	rest, query, _ := strings.Cut(rest, "?")
	host, p, _ := strings.Cut(rest, "/")
	a := Address{}
	host = a.host(host)
	p = a.path(p)
	query = a.query(query)
	if p == "" && query == "" || host == "" {
		return Address{}, false
	}
	a.Rest = host + "/" + p
	if query != "" {
		a.Rest += "?" + query
	}
	return a, true
}

// note keeps the first language that an address shows.
func (a *Address) note(lang string) bool {
	if lang == "" {
		return false
	}
	if a.Lang == "" {
		a.Lang = lang
	}
	return true
}

func (a *Address) host(host string) string {
	host = strings.ToLower(host)
	for _, label := range [...]string{"www.", "m.", "www2.", "mobile."} {
		host = strings.TrimPrefix(host, label)
	}
	if label, rest, ok := strings.Cut(host, "."); ok && strings.Contains(rest, ".") && a.note(words().value["urllang"][label]) {
		return rest
	}
	return host
}

// views are parts of paths that show the same page otherwise.
var views = map[string]bool{"print": true, "printpdf": true, "printmail": true, "printer-friendly": true, "amp": true, "printview": true}

var indexes = map[string]bool{"index.html": true, "index.htm": true, "index.php": true, "default.aspx": true, "default.html": true, "home.html": true, "index.aspx": true}

func (a *Address) path(p string) string {
	kept := make([]string, 0, 8)
	for seg := range strings.SplitSeq(p, "/") {
		low := strings.ToLower(seg)
		switch {
		case seg == "", views[low], indexes[low]:
		case a.note(words().value["urllang"][low]):
		default:
			kept = append(kept, seg)
		}
	}
	if n := len(kept); n > 0 {
		kept[n-1] = a.name(kept[n-1])
	}
	return strings.Join(kept, "/")
}

// name takes the language out of the name of a file: "guide_EN.pdf", "guide-vietnamese.pdf",
// "guide(TH).pdf", "en_guide.pdf".
func (a *Address) name(name string) string {
	if strings.Contains(name, "%") {
		if plain, err := url.PathUnescape(name); err == nil && !strings.ContainsAny(plain, "/?#") {
			name = plain
		}
	}
	ext := path.Ext(name)
	if len(ext) > 5 || strings.ContainsAny(ext, "_- )]") {
		ext = ""
	}
	// What the name says holds for the file; the folder tells the language of the site.
	site := a.Lang
	a.Lang = ""
	defer func() {
		if a.Lang == "" {
			a.Lang = site
		}
	}()
	stem := strings.TrimSuffix(name, ext)
	tail := strings.TrimRight(stem, " )]")
	if i := strings.LastIndexAny(tail, "_-. (["); i > 0 && a.note(words().value["urllang"][strings.ToLower(tail[i+1:])]) {
		return strings.TrimRight(tail[:i], "_-. ([") + strings.ToLower(ext)
	}
	if i := strings.IndexAny(stem, "_-"); i > 0 && ext != "" && a.note(words().value["urllang"][strings.ToLower(stem[:i])]) {
		return stem[i+1:] + strings.ToLower(ext)
	}
	return stem + strings.ToLower(ext)
}

// viewQuery names parameters that show the same page otherwise.
var viewQuery = map[string]bool{"print": true, "printable": true, "amp": true, "m": true, "tmpl=component": true, "view=print": true, "format=print": true, "output=print": true, "layout=print": true, "mobile": true}

// langQuery names the parameters that choose a language.
var langQuery = map[string]bool{"lang": true, "language": true, "locale": true, "hl": true, "lng": true, "l": true, "lg": true, "langid": true, "idioma": true, "bahasa": true}

func (a *Address) query(query string) string {
	if query == "" {
		return ""
	}
	kept := make([]string, 0, 4)
	for part := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(part, "=")
		name = strings.ToLower(name)
		switch {
		case part == "", viewQuery[name], viewQuery[strings.ToLower(part)]:
		case langQuery[name] && a.note(words().value["urllang"][strings.ToLower(value)]):
		default:
			kept = append(kept, part)
		}
	}
	return strings.Join(kept, "&")
}
