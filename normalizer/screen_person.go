package normalizer

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// How far around an age or name the words of a case are looked for, and how much of the
// text is read.
const (
	caseNear = 200
	nameNear = 96
)

// person reports a person of whom a case is told: a name or initials with an age or a year
// of birth, a name that is said not to be the true one, or initials with their address.
// The true name is what is looked for, but all of these together are enough to find
// somebody.
func (r *reading) person(n *Normalizer) bool {
	for _, d := range r.spans {
		forms := r.ageForm(d)
		if forms == nil || !r.near(cueCase|cueDeed, d.start, d.end, caseNear) {
			continue
		}
		if matchName(n, forms, window(r.s, d.start, d.end, nameNear)) {
			return true
		}
	}
	for _, c := range r.cues {
		if c.kinds&(cueAlias|cueAge|cueBorn|cueTitle|cueNamed|cueNumber|cueHolder|cueRole) == 0 {
			continue
		}
		if r.near(cueCase|cueDeed, c.start, c.end, caseNear) && r.personAt(n, c) {
			return true
		}
	}
	return r.initials() || r.all&cueCase != 0 && containsAny(r.s, inisial) && berinisial.MatchString(r.s)
}

// inisial is what every match of berinisial holds; looking for it costs next to nothing.
var inisial = []string{"nisial", "NISIAL"}

// personAt looks at one word that may stand beside a name.
func (r *reading) personAt(n *Normalizer, c cueAt) bool {
	near := window(r.s, c.start, c.end, nameNear)
	switch {
	case c.kinds&cueAlias != 0 && aliasInBrackets(r.s, c):
		return true
	case c.kinds&cueAge != 0 && matchScript(near):
		return true
	case c.kinds&cueTitle != 0 && scriptBorn.MatchString(near):
		return true
	case c.kinds&cueBorn != 0 && bornDate.MatchString(r.s[c.start:min(len(r.s), c.end+48)]):
		return r.s[c.start]|0x20 == 'd' || matchName(n, bornForms, near)
	case c.kinds&cueNumber != 0:
		return matchName(n, writtenForms, near)
	case c.kinds&cueNamed != 0 && len(r.spans) > 0:
		return matchName(n, namedForms, near)
	case c.kinds&cueHolder != 0:
		return titledInitial.MatchString(window(r.s, c.start, c.end, 24))
	case c.kinds&cueRole != 0:
		return roleForm(r.s[c.start:min(len(r.s), c.end+64)])
	}
	return false
}

func matchName(n *Normalizer, forms []*regexp.Regexp, near string) bool {
	for _, form := range forms {
		for _, at := range form.FindAllStringSubmatchIndex(near, 8) {
			if len(at) < 4 || at[2] >= 0 && n.isName(near[at[2]:at[3]]) && !rangeBehind(near[at[1]:]) {
				return true
			}
		}
	}
	return false
}

// matchScript reports a name and an age in one of the region's own scripts.
func matchScript(near string) bool {
	for _, form := range scriptNameAge {
		for _, at := range form.FindAllStringIndex(near, 8) {
			if !rangeBehind(near[at[1]:]) && !manyNamed(near[at[0]:at[1]]) {
				return true
			}
		}
	}
	return false
}

// rangeBehind reports an age that is the end of a range or a limit: of a group, of nobody.
func rangeBehind(rest string) bool {
	rest = strings.TrimLeft(rest, " )")
	if len(rest) > 1 && rest[0] == '-' && isDigitByte(rest[1]) {
		return true
	}
	return containsAny(rest[:min(len(rest), 30)], limitsBehind)
}

var limitsBehind = []string{"ขึ้นไป", "ถึง", "ลงมา", "ដល់", "ឡើងទៅ", "ចុះក្រោម", "ຂຶ້ນໄປ", "ຫາ ", "ລົງມາ", "အောက်", "အထက်", "မှ ၁", "以下", "以上", "至", "க்குட்பட்ட", "க்கு மேற்பட்ட", "க்கு உட்பட்ட", "or older", "or younger", "and above", "and below", "ke bawah", "ke atas", "trở lên", "trở xuống"}

// manyNamed reports words for boys and girls at large: "boys and girls, age …".
func manyNamed(s string) bool {
	return containsAny(s, []string{"และ", "หรือ", "ทั้งหลาย", "និង", "ແລະ", "နှင့်", "များ", "ហើយ", "មួយចំនួន", "மற்றும்"})
}

// aliasInBrackets reports a note in brackets that a name is not the true one, directly
// behind something: "Dara (not her real name)". That all names of a study were changed
// tells of nobody.
func aliasInBrackets(s string, c cueAt) bool {
	before := strings.TrimRight(s[max(0, c.start-12):c.start], " \"'*")
	if strings.HasSuffix(before, "(") || strings.HasSuffix(before, "[") {
		return true
	}
	return strings.HasPrefix(s[c.start:], "化名") && strings.IndexFunc(s[c.end:min(len(s), c.end+3)], unicode.IsLetter) == 0
}

// initials reports initials that a case is told of: "A., a survivor", "M.L., 22". Those of
// authors stand beside a family name.
func (r *reading) initials() bool {
	s := r.s
	for i := 1; i < len(s); i++ {
		if s[i] != '.' || s[i-1] < 'A' || s[i-1] > 'Z' || i > 1 && (isWordByte(s[i-2]) || s[i-2] == '.') {
			continue
		}
		if i > 2 && s[i-2] == ' ' && isWordByte(s[i-3]) && !r.labelled(cueHolder|cueRole|cueCase, i-1, 3) {
			continue // "Smith J.": the end of a name
		}
		if i > 3 && s[i-2] == ' ' && s[i-3] == ',' {
			continue // "Smith, J."
		}
		if !r.near(cueCase|cueDeed, i, i, caseNear) {
			continue
		}
		if m := initialsForm.FindStringSubmatch(s[i-1 : min(len(s), i+80)]); m != nil && !acronym(m[1]) {
			return true
		}
	}
	return false
}

// acronym reports letters with points that name a state, a body or a degree.
func acronym(s string) bool {
	s = strings.ToUpper(strings.Join(strings.Fields(s), ""))
	return slices.Contains([]string{"U.S.", "U.S.A.", "U.K.", "U.N.", "E.U.", "U.A.E.", "P.D.R.", "D.C.", "R.A.", "B.E.", "A.D.", "N.Y.", "H.K.", "M.A.", "B.A.", "N.G.O.", "I.O.M.", "T.I.P.", "P.R.C.", "R.I.", "R.O.C."}, s)
}

// roleForm reports a name or initials behind a word for a victim.
func roleForm(s string) bool {
	return roleInitials.MatchString(s) && !acronym(roleInitials.FindStringSubmatch(s)[1]) || roleSample.MatchString(s) || roleYear.MatchString(s)
}

// knownChild reports a child without a name who can be found all the same: by school and
// class, by parents, by village; and what was done to the child.
func (r *reading) knownChild() bool {
	for _, c := range r.cues {
		if c.kinds&cueChild == 0 || !r.near(cueDeed, c.start, c.end, caseNear) || !r.near(cueTie, c.start, c.end, 80) {
			continue
		}
		if childTie.MatchString(window(r.s, c.start, c.end, nameNear)) {
			return true
		}
	}
	return false
}

// ageForm tells which ways of writing an age or a year of birth a number may belong to.
func (r *reading) ageForm(d digitSpan) []*regexp.Regexp {
	s := r.s
	before, after := s[max(0, d.start-24):d.start], s[d.end:min(len(s), d.end+24)]
	switch d.end - d.start {
	case 1, 2:
		rest := strings.TrimLeft(after, " -")
		if len(rest) > 0 && isDigitByte(rest[0]) {
			return nil
		}
		switch {
		case strings.HasPrefix(after, ")"):
			return bracketForms
		case prefixAny(rest, ageWords):
			if yearOfLaw(rest) {
				return nil
			}
			return ageForms
		case strings.HasPrefix(after, ",") && (endsWith(before, commaBefore) || suffixAny(before, ageBefore)):
			return commaForms
		case strings.HasPrefix(after, ")") || strings.HasSuffix(before, "("):
			return ageForms
		case suffixAny(before, ageBefore) && !prefixAny(rest, countBehind):
			return laterForms
		}
	case 4:
		if isYear(s[d.start:d.end]) && r.near(cueBorn, d.start, d.end, 20) {
			return bornForms
		}
	}
	return nil
}

// yearOfLaw reports the year behind the number of an Indonesian law: "Nomor 8 Tahun 2021".
func yearOfLaw(rest string) bool {
	return hasPrefixFold(rest, "tahun ") && len(rest) > 6 && isDigitByte(rest[6])
}

// prefixAny and suffixAny compare without regard to ASCII capitals; the words are in small
// letters.
func prefixAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return hasPrefixFold(s, w) })
}

func suffixAny(s string, words []string) bool {
	return slices.ContainsFunc(words, func(w string) bool { return hasSuffixFold(s, w) })
}

// isName reports whether a capitalized word may be somebody's name or initials. Words that
// the vocabulary itself uses begin sentences more often than they name people.
func (n *Normalizer) isName(s string) bool {
	if acronym(s) {
		return false
	}
	if initialsOnly.MatchString(s) || addressed.MatchString(s) {
		return true
	}
	head, more, _ := strings.Cut(s, " ")
	head = strings.TrimRight(head, ".,")
	if notNames[head] || more == "" && n.english[strings.ToLower(head)] {
		return false
	}
	letters, caseless := 0, false
	for _, r := range s {
		if unicode.IsLetter(r) {
			letters++
			caseless = caseless || !unicode.IsUpper(r) && !unicode.IsLower(r)
		}
	}
	if caseless {
		return true
	}
	// Acronyms of bodies are no initials: "IOM (15)" against "K.T. (15)".
	return letters > 0 && (strings.Contains(s, ".") || letters == 1 || strings.ToUpper(s) != s)
}
