package normalizer

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ctiphub/internal/extract"
	"ctiphub/internal/lang"
	"ctiphub/internal/spell"
	"ctiphub/record"
)

// Normalizer turns raws into records. It holds the vocabulary as a matcher and the rules
// of every source ready to run, changes nothing of itself, and may be used by many
// goroutines at once.
type Normalizer struct {
	vocab      *Vocabulary
	matcher    *matcher
	byDefault  map[record.Format]map[string]chain
	sources    map[string]*source
	plain      *source // for sources that no rules are known of
	themeUp    [][]int // theme -> ancestors
	themeIndex map[string]int
	typeValue  map[string]int // folded value of a type field -> type
	// host, "/segment" or ".extension" of an address -> type
	typeAddress map[string]int
	typeBody    map[string]int // folded word of a publisher's name -> type
	typeScript  []bodyCue      // the same for scripts without spaces
	home        map[string]int // language -> country
	countries   map[string]int
	regions     map[string]int
	authority   *authority
	english     map[string]bool   // words of the vocabulary's English texts
	cues        *cueFinder        // words by which the screen looks closer
	hotlines    map[string]string // day of the last review by number
	latin       map[string]bool   // languages in Latin script
	spoken      map[string]bool   // languages of the hub
	htmlTitle   extract.Selector  // what a page calls itself in the browser
	pdfCreated  extract.Selector  // when a PDF file was made
	tableHeads  extract.Selector  // columns of the tables of a page
}

// source is one source's rules, ready to run.
type source struct {
	rules  Rules
	fields map[string]chain // what the rules replace
	order  string
}

// chain is one field's selectors and transforms, ready to run.
type chain struct {
	first []extract.Selector
	all   []extract.Selector
	then  []transform
}

// New makes a normalizer from a vocabulary and the rules of each source by its id. What
// cannot work in the rules is an error that names source and field.
func New(vocab *Vocabulary, rules map[string]Rules) (*Normalizer, error) {
	if err := vocab.Validate(); err != nil {
		return nil, fmt.Errorf("checking the vocabulary: %w", err)
	}
	n := &Normalizer{
		vocab: vocab, matcher: newMatcher(newTerms(vocab)), sources: map[string]*source{}, plain: &source{},
		themeIndex: map[string]int{}, typeValue: map[string]int{}, typeAddress: map[string]int{}, typeBody: map[string]int{}, home: map[string]int{}, countries: map[string]int{}, regions: map[string]int{},
		english: map[string]bool{}, hotlines: map[string]string{}, byDefault: map[record.Format]map[string]chain{},
	}
	n.index()
	var err error
	if n.cues, err = newCueFinder(screeningWords); err != nil {
		return nil, err
	}
	if n.htmlTitle, err = extract.ParseSelector("html:title"); err != nil {
		return nil, fmt.Errorf("compiling the selector of page titles: %w", err)
	}
	if n.tableHeads, err = extract.ParseSelector("css:table th"); err != nil {
		return nil, err
	}
	if n.pdfCreated, err = extract.ParseSelector("pdf:created"); err != nil {
		return nil, fmt.Errorf("compiling the selector of file dates: %w", err)
	}
	var errs []error
	for format, fields := range defaultFields {
		n.byDefault[format] = map[string]chain{}
		for field, c := range fields {
			compiled, err := compileChain(c)
			if err != nil {
				return nil, fmt.Errorf("compiling the default chain of %s for %s: %w", field, format, err)
			}
			n.byDefault[format][field] = compiled
		}
	}
	for _, id := range slices.Sorted(maps.Keys(rules)) {
		s, err := n.compileSource(rules[id])
		if err != nil {
			errs = append(errs, fmt.Errorf("source %s: %w", id, err))
			continue
		}
		n.sources[id] = s
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return n, nil
}

func (n *Normalizer) index() {
	v := n.vocab
	for i, t := range v.Themes {
		n.themeIndex[t.ID] = i
	}
	n.themeUp = make([][]int, len(v.Themes))
	for i, t := range v.Themes {
		for up := t.Broader; up != ""; up = v.Themes[n.themeIndex[up]].Broader {
			n.themeUp[i] = append(n.themeUp[i], n.themeIndex[up])
		}
	}
	types := map[string]int{}
	for i, t := range v.Types {
		types[t.ID] = i
		n.typeValue[lang.Fold(t.ID)] = i
		for _, l := range t.Label {
			n.typeValue[lang.Fold(l)] = i
		}
		for _, word := range t.Publishers {
			// Capitals and spaces are for names that must stand as written.
			if r, _ := utf8.DecodeRuneInString(word); unspaced(r) || unicode.IsUpper(r) || strings.Contains(word, " ") {
				n.typeScript = append(n.typeScript, bodyCue{word, i})
			} else {
				n.typeBody[lang.Fold(word)] = i
			}
		}
		for _, host := range t.Addresses.Hosts {
			n.typeAddress[host] = i
		}
		for _, segment := range t.Addresses.Segments {
			n.typeAddress["/"+segment] = i
		}
		for _, extension := range t.Addresses.Extensions {
			n.typeAddress["."+extension] = i
		}
	}
	for value, id := range v.TypeValues {
		n.typeValue[lang.Fold(value)] = types[id]
	}
	for i, c := range v.Countries {
		n.countries[c.ID] = i
	}
	for i, r := range v.Regions {
		n.regions[r.ID] = i
	}
	n.latin, n.spoken = map[string]bool{}, map[string]bool{}
	for _, l := range v.Languages {
		n.latin[l.ID], n.spoken[l.ID] = l.Script == "Latn", l.Tier == 1
		if l.Home != "" {
			n.home[l.ID] = n.countries[l.Home]
		}
	}
	for _, h := range v.Hotlines {
		n.hotlines[onlyDigits(h.Number)] = h.Reviewed
	}
	n.authority = newAuthority(v.Publishers)
	n.learnEnglish()
}

// learnEnglish collects the words that the vocabulary itself is written in.
func (n *Normalizer) learnEnglish() {
	learn := func(s string) {
		for w := range strings.FieldsFuncSeq(strings.ToLower(s), func(r rune) bool { return r < 'a' || r > 'z' }) {
			if len(w) > 2 || w == "in" || w == "of" || w == "to" || w == "on" || w == "a" || w == "by" {
				n.english[w] = true
			}
		}
	}
	for _, list := range [][]Concept{n.vocab.Themes, n.vocab.Audiences, n.vocab.VictimGroups, n.vocab.Exploitation} {
		for _, c := range list {
			learn(c.Label["en"] + " " + c.Note + " " + strings.Join(c.Keywords["en"].Terms, " ") + " " + strings.Join(c.Keywords["en"].Weak, " "))
		}
	}
	for _, t := range n.vocab.Types {
		learn(t.Label["en"] + " " + t.Note)
		for _, cue := range t.Cues["en"] {
			// The last word is a noun; "white paper" must not make White a word.
			learn(cue[strings.LastIndexByte(cue, ' ')+1:])
		}
	}
	for _, c := range n.vocab.Countries {
		learn(c.Label["en"] + " " + strings.Join(c.Demonyms, " ") + " " + strings.Join(c.Capital, " "))
	}
	for _, r := range n.vocab.Regions {
		learn(strings.Join(r.Names, " "))
	}
}

// fieldNames are the fields that a source's rules may say the place of.
var fieldNames = []string{
	"title", "alternative", "description", "keywords", "type", "language", "creators", "publishers", "funders",
	"issued", "modified", "valid", "identifiers", "rights", "license", "landing", "files", "countries", "audiences", "site",
}

func (n *Normalizer) compileSource(r Rules) (*source, error) {
	s := &source{rules: r, fields: map[string]chain{}, order: r.Defaults.DateOrder}
	var errs []error
	for _, field := range slices.Sorted(maps.Keys(r.Fields)) {
		if !slices.Contains(fieldNames, field) {
			errs = append(errs, fmt.Errorf("fields.%s: unknown field; %s", field, spell.Hint(field, fieldNames)))
			continue
		}
		c, err := compileChain(r.Fields[field])
		if err != nil {
			errs = append(errs, fmt.Errorf("fields.%s: %w", field, err))
		}
		s.fields[field] = c
	}
	errs = append(errs, n.checkDefaults(r))
	for _, c := range r.Defaults.Countries {
		if i, ok := n.countries[c]; ok && s.order == "" {
			s.order = n.vocab.Countries[i].DateOrder
		}
	}
	return s, errors.Join(errs...)
}

// checkDefaults holds the default values of a source against the vocabulary.
func (n *Normalizer) checkDefaults(r Rules) error {
	d := r.Defaults
	var errs []error
	if d.Type != "" && !slices.ContainsFunc(n.vocab.Types, func(t Type) bool { return t.ID == d.Type }) {
		errs = append(errs, fmt.Errorf("defaults.type: %q is not a type of the vocabulary", d.Type))
	}
	if d.Rights != "" && !slices.ContainsFunc(n.vocab.Rights, func(v Value) bool { return v.ID == d.Rights }) {
		errs = append(errs, fmt.Errorf("defaults.rights: %q is not a rights value of the vocabulary", d.Rights))
	}
	for _, c := range d.Countries {
		_, country := n.countries[c]
		_, region := n.regions[c]
		if !country && !region {
			errs = append(errs, fmt.Errorf("defaults.countries: %q is neither a country nor a region of the vocabulary", c))
		}
	}
	if _, ok := lang.Tag(d.Language); d.Language != "" && !ok {
		errs = append(errs, fmt.Errorf("defaults.language: %q is not a language tag", d.Language))
	}
	if !slices.Contains([]string{"", "high", "normal", "low"}, r.Trust) {
		errs = append(errs, fmt.Errorf("trust: %q must be high, normal or low", r.Trust))
	}
	if !slices.Contains([]string{"", "dmy", "mdy", "ymd"}, d.DateOrder) {
		errs = append(errs, fmt.Errorf("defaults.date_order: %q must be dmy, mdy or ymd", d.DateOrder))
	}
	return errors.Join(errs...)
}

func compileChain(c Chain) (chain, error) {
	var out chain
	var errs []error
	parse := func(list []string) []extract.Selector {
		var sel []extract.Selector
		for _, s := range list {
			p, err := extract.ParseSelector(s)
			if err != nil {
				errs = append(errs, fmt.Errorf("selector %q: %w", s, err))
				continue
			}
			sel = append(sel, p)
		}
		return sel
	}
	out.first, out.all = parse(c.First), parse(c.All)
	for _, s := range c.Then {
		t, err := parseTransform(s)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		out.then = append(out.then, t)
	}
	return out, errors.Join(errs...)
}
