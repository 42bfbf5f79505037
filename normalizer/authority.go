package normalizer

import (
	"slices"
	"strings"
	"unicode"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

// authority finds the body that a publisher's name means.
type authority struct {
	list   []Publisher
	byID   map[string]int
	byName map[string][]int // folded name -> entries: several states have a Ministry of Labour
}

func newAuthority(list []Publisher) *authority {
	a := &authority{list: list, byID: map[string]int{}, byName: map[string][]int{}}
	for i, p := range list {
		a.byID[p.ID] = i
		for _, name := range p.Name {
			a.learn(name, i)
			a.learn(beforeParen(name), i)
		}
		for _, name := range p.Variants {
			a.learn(name, i)
		}
	}
	return a
}

// learn keeps every owner of a name.
func (a *authority) learn(name string, i int) {
	if k := nameKey(name); k != "" && !slices.Contains(a.byName[k], i) {
		a.byName[k] = append(a.byName[k], i)
	}
}

func beforeParen(s string) string {
	head, _, _ := strings.Cut(s, " (")
	return head
}

// nameKey folds a name to what all its spellings share: no case, accents, punctuation,
// articles and legal signs.
func nameKey(s string) string {
	s = strings.Map(func(r rune) rune {
		switch r {
		case '®', '™', '©', '.', '\'', '’', '"', '“', '”':
			return -1
		case '-', '–', '—', ',', '/', '(', ')', ':', ';', '&':
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(lang.Fold(s)), " ")
	s = strings.TrimPrefix(s, "the ")
	for _, tail := range []string{" republik indonesia", " inc", " ltd", " e v"} {
		s = strings.TrimSuffix(s, tail)
	}
	return s
}

// find looks up one name. A name with its acronym in brackets, or a body with the one it
// is part of, is found by its parts: the longest known one, the unit before its parent. The
// country, where known, tells the bodies of several states apart.
func (a *authority) find(name, country string) (Publisher, bool) {
	if i, ok := a.owner(name, country); ok {
		return a.list[i], true
	}
	head, tail, ok := strings.Cut(name, "(")
	if ok {
		inner := strings.TrimRight(tail, ") ")
		for _, part := range []string{head, inner} {
			if i, ok := a.owner(part, country); ok {
				return a.list[i], true
			}
		}
		// "Ministry of Justice (Cambodia)" in whatever order.
		if i, ok := a.owner(head+inner, country); ok {
			return a.list[i], true
		}
		name = head
	}
	// "Office of …, Ministry of …": a unit that is not known is told by its parent.
	for _, sep := range []string{", ", " - ", " – "} {
		parts := strings.Split(name, sep)
		if len(parts) < 2 || !unitWord(parts[0]) {
			continue
		}
		for n := range parts[1:] {
			if i, ok := a.owner(strings.Join(parts[n+1:], sep), country); ok {
				return a.list[i], true
			}
		}
	}
	return Publisher{}, false
}

// owner is the one body that a name means. A name that several states' bodies share means
// none without a country: a wrong ministry is worse than an unknown one.
func (a *authority) owner(name, country string) (int, bool) {
	owners := a.byName[nameKey(name)]
	switch {
	case len(owners) == 0:
		return 0, false
	case len(owners) == 1 || a.list[owners[0]].Kind != "government":
		return owners[0], true // the wider body stands first in the list
	}
	for _, i := range owners {
		if country != "" && a.list[i].Country == country {
			return i, true
		}
	}
	return 0, false
}

// unitWord reports whether a name begins as a part of a larger body does.
func unitWord(s string) bool {
	for _, w := range []string{"office", "division", "department", "bureau", "unit", "section", "directorate", "secretariat", "centre", "center", "cục", "vụ", "phòng", "ban ", "direktorat", "deputi", "bahagian", "jabatan", "unit "} {
		if strings.HasPrefix(strings.ToLower(s), w) {
			return true
		}
	}
	return false
}

// inField reports whether all work of a body is against trafficking.
func (a *authority) inField(id string) bool {
	i, ok := a.byID[id]
	if !ok {
		return false
	}
	return a.list[i].InField
}

// typeOf is what a body mostly publishes.
func (a *authority) typeOf(id string) string {
	i, ok := a.byID[id]
	if !ok {
		return ""
	}
	return a.list[i].Type
}

// scope is what a body's resources are about when they name no place.
func (a *authority) scope(id string) string {
	i, ok := a.byID[id]
	if !ok {
		return ""
	}
	return a.list[i].Scope
}

// agent makes the record's form of an entry.
func (p Publisher) agent() record.Agent {
	return record.Agent{Name: record.Texts(p.Name), Kind: p.Kind, Country: p.Country, ID: p.ID}
}

// bodyWords show that a name is of a body and not of a person.
var bodyWords = []string{
	"ministry", "department", "institute", "institution", "foundation", "organization", "organisation", "agency", "commission", "council",
	"committee", "university", "college", "school", "centre", "center", "office", "network", "coalition", "alliance", "association", "programme",
	"program", "project", "government", "bureau", "division", "police", "court", "press", "union", "group", "international", "society", "fund",
	"trust", "journal", "review", "initiative", "forum", "secretariat", "taskforce", "task force", "bank", "embassy", "research", "mission", "campus",
	"kementerian", "lembaga", "yayasan", "dinas", "badan", "universitas", "komisi", "jabatan", "majlis", "polis", "persatuan", "institut", "pusat",
	"bo ", "cuc ", "vien ", "hoi ", "truong ", "trung tam", "uy ban", "so ", "tong cuc", "chinh phu", "quoc hoi",
	"ministerio", "governo", "fundacao", "fundasaun", "komisaun", "universidade", "kagawaran", "news", "media", "bulletin", "times", "post", "library",
}

// isPerson guesses whether a name is that of a person, such as the owner of an account on
// a sharing site: two to four words of Latin letters, each with a capital, and none that
// bodies go by or that the vocabulary is written in ("Free Women Asia").
func (n *Normalizer) isPerson(name string) bool {
	if first, last, ok := strings.Cut(name, ","); ok && len(strings.Fields(first)) <= 3 && len(strings.Fields(last)) <= 3 && !strings.ContainsAny(name, "()/&") {
		name = last + " " + first // "Surname, Given"
	}
	words := strings.Fields(name)
	if len(words) < 2 || len(words) > 4 {
		return false
	}
	folded := lang.Fold(name) + " "
	for _, w := range bodyWords {
		if strings.Contains(folded, w) {
			return false
		}
	}
	for _, c := range n.typeScript {
		if strings.Contains(name, c.word) {
			return false
		}
	}
	for _, w := range words {
		if _, body := n.typeBody[lang.Fold(w)]; body || n.english[strings.ToLower(w)] {
			return false // "Hua Hin Today" is a newspaper
		}
		for i, r := range w {
			switch {
			case i == 0 && !unicode.IsUpper(r), !unicode.Is(unicode.Latin, r) && r != '.' && r != '-' && r != '\'' && r != '’':
				return false
			}
		}
		if len(w) > 1 && len(words) == 2 && strings.ToUpper(w) == w && len(w) <= 4 {
			return false // "IOM Myanmar"
		}
	}
	return true
}
