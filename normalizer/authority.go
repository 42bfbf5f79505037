package normalizer

import (
	"strings"
	"unicode"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

// authority finds the body that a publisher's name means.
type authority struct {
	list   []Publisher
	byName map[string]int // folded name -> entry
}

func newAuthority(list []Publisher) *authority {
	a := &authority{list: list, byName: map[string]int{}}
	for i, p := range list {
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

// learn keeps the first owner of a name: the list is ordered with the wider body first.
func (a *authority) learn(name string, i int) {
	if k := nameKey(name); k != "" {
		if _, taken := a.byName[k]; !taken {
			a.byName[k] = i
		}
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
// is part of, is found by its parts.
func (a *authority) find(name string) (Publisher, bool) {
	if i, ok := a.byName[nameKey(name)]; ok {
		return a.list[i], true
	}
	head, tail, ok := strings.Cut(name, "(")
	if ok {
		for _, part := range []string{head, strings.TrimRight(tail, ") ")} {
			if i, ok := a.byName[nameKey(part)]; ok {
				return a.list[i], true
			}
		}
	}
	return Publisher{}, false
}

// inField reports whether all work of a body is against trafficking.
func (a *authority) inField(id string) bool {
	for _, p := range a.list {
		if p.ID == id {
			return p.InField
		}
	}
	return false
}

// scope is what a body's resources are about when they name no place.
func (a *authority) scope(id string) string {
	for _, p := range a.list {
		if p.ID == id {
			return p.Scope
		}
	}
	return ""
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
	for _, w := range words {
		if n.english[strings.ToLower(w)] {
			return false
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
