package normalizer

import (
	"slices"

	"ctiphub/record"
)

// Vocabulary is what the hub knows of its field: the concepts that records are tagged
// with, and the words of thirteen languages by which texts reveal them. Its files under
// configs/vocab each hold one or more of its keys and are decoded into one Vocabulary.
type Vocabulary struct {
	Version      string            `yaml:"version,omitempty"`
	Gate         Gate              `yaml:"gate,omitempty"`
	Themes       []Concept         `yaml:"themes,omitempty"`
	Types        []Type            `yaml:"types,omitempty"`
	TypeValues   map[string]string `yaml:"type_values,omitempty"` // what repositories write as type -> id
	Audiences    []Concept         `yaml:"audiences,omitempty"`
	VictimGroups []Concept         `yaml:"victim_groups,omitempty"`
	Exploitation []Concept         `yaml:"exploitation,omitempty"`
	Countries    []Country         `yaml:"countries,omitempty"`
	Regions      []Region          `yaml:"regions,omitempty"`
	Languages    []Language        `yaml:"languages,omitempty"`
	Sensitivity  []Value           `yaml:"sensitivity,omitempty"`
	Rights       []Value           `yaml:"rights,omitempty"`
	Publishers   []Publisher       `yaml:"publishers,omitempty"`
	Hotlines     []Hotline         `yaml:"hotlines,omitempty"`
	Notes        map[string]string `yaml:"notes,omitempty"` // what editors of a scheme must know
}

// Gate holds the words that put a record into the field at all.
type Gate struct {
	Description string   `yaml:"description,omitempty"`
	Keywords    Keywords `yaml:"keywords,omitempty"`
}

// Keywords are the words for a concept, by BCP 47 tag.
type Keywords map[string]Terms

// Terms are the words of one language for one concept, with how sure the editors are of
// form and use. Terms of low confidence widen search; they never set a tag.
type Terms struct {
	Confidence string   `yaml:"confidence,omitempty"` // "high", "medium" (when absent), "low"
	Terms      []string `yaml:"terms,omitempty"`
	// Weak terms are right but too common to decide alone: they count a third.
	Weak []string `yaml:"weak,omitempty"`
	// Unsure terms wait for a native reader, like all terms of low confidence.
	Unsure []string `yaml:"unsure,omitempty"`
	// Not are longer phrases in which a term means something else.
	Not []string `yaml:"not,omitempty"`
}

// Concept is one theme, audience, victim group or form of exploitation.
type Concept struct {
	ID        string            `yaml:"id"`
	Notation  string            `yaml:"notation,omitempty"`
	Label     map[string]string `yaml:"label"`
	Broader   string            `yaml:"broader,omitempty"`
	Area      int               `yaml:"acwc_area,omitempty"` // area of the ACWC Regional Guidelines, 7 for cross-cutting
	Note      string            `yaml:"note,omitempty"`
	Grounding []string          `yaml:"grounding,omitempty"`
	Keywords  Keywords          `yaml:"keywords,omitempty"`
}

// Type is one kind of resource.
type Type struct {
	ID      string              `yaml:"id"`
	Label   map[string]string   `yaml:"label"`
	Broader string              `yaml:"broader,omitempty"`
	Note    string              `yaml:"note,omitempty"`
	DCMI    string              `yaml:"dcmi,omitempty"`
	COAR    []string            `yaml:"coar,omitempty"`
	Schema  []string            `yaml:"schema_org,omitempty"`
	Cues    map[string][]string `yaml:"title_cues,omitempty"` // by language: words of a title that tell the kind
	Weak    map[string][]string `yaml:"weak_cues,omitempty"`  // cues that any better one beats
	// Headlines are verbs that make a title a report of what happened, not the name of a
	// document, whatever document they speak of.
	Headlines map[string][]string `yaml:"headline_cues,omitempty"`
	// Enacted: a legal instrument may put such a document into force; then it is this.
	Enacted   bool      `yaml:"enacted,omitempty"`
	Addresses Addresses `yaml:"addresses,omitempty"`
	// Publishers are words in the names of bodies that mostly publish this type.
	Publishers []string `yaml:"publisher_cues,omitempty"`
	Theme      string   `yaml:"theme,omitempty"` // what such a resource is about by its nature
	Fallback   string   `yaml:"theme_when_none,omitempty"`
}

// Addresses are what web addresses of a type have in common. They say little, and are asked
// only when the title says nothing.
type Addresses struct {
	Segments   []string `yaml:"segments,omitempty"`   // of the path: "press-releases"
	Extensions []string `yaml:"extensions,omitempty"` // of the file: "mp4"
	Hosts      []string `yaml:"hosts,omitempty"`      // with all hosts below: "youtube.com"
}

// Country is a country that resources may be about.
type Country struct {
	ID        string            `yaml:"id"` // ISO 3166-1 alpha-2
	Alpha3    string            `yaml:"alpha3"`
	Numeric   string            `yaml:"numeric,omitempty"`
	ASEAN     int               `yaml:"asean_member_since,omitempty"`
	Role      string            `yaml:"role,omitempty"` // why a country outside ASEAN is listed
	Official  string            `yaml:"official_name_en,omitempty"`
	Label     map[string]string `yaml:"label"`
	Autonyms  map[string]string `yaml:"autonyms,omitempty"`
	Names     []string          `yaml:"alt_names,omitempty"`
	Demonyms  []string          `yaml:"demonyms,omitempty"`
	Capital   []string          `yaml:"capital,omitempty"`
	Languages []string          `yaml:"languages,omitempty"`
	Agencies  []Agency          `yaml:"agencies,omitempty"`
	Places    []string          `yaml:"places,omitempty"`
	// Not are phrases that look like this country and are not about it.
	Not          []string `yaml:"not,omitempty"`
	FalseFriends []string `yaml:"false_friends,omitempty"` // the same for people to read
	DateOrder    string   `yaml:"date_order,omitempty"`    // order of numeric dates when not dmy
}

// Agency is a body of a state whose name tells that a text is about the country.
type Agency struct {
	Acronym   string `yaml:"acronym,omitempty"`
	Name      string `yaml:"name"`
	LocalName string `yaml:"local_name,omitempty"`
	Role      string `yaml:"role,omitempty"`
	Evidence  string `yaml:"evidence,omitempty"` // "verified-name" or "assumed"
}

// Region is a group of countries under one name.
type Region struct {
	ID       string            `yaml:"id"`
	Label    map[string]string `yaml:"label"`
	Names    []string          `yaml:"names,omitempty"`
	Members  []string          `yaml:"members,omitempty"` // empty: not expanded to countries
	Joined   map[string]string `yaml:"joined,omitempty"`  // members that came later -> date
	Note     string            `yaml:"note,omitempty"`
	Not      []string          `yaml:"not,omitempty"`
	Anywhere bool              `yaml:"anywhere,omitempty"` // only when nothing narrower is named
}

// Language is a language that resources are written in.
type Language struct {
	ID      string   `yaml:"id"` // BCP 47
	ISO3    string   `yaml:"iso639_3,omitempty"`
	Script  string   `yaml:"script,omitempty"`
	Name    string   `yaml:"name_en"`
	Autonym string   `yaml:"autonym,omitempty"`
	Aliases []string `yaml:"aliases,omitempty"`
	Digits  string   `yaml:"native_digits,omitempty"`
	Home    string   `yaml:"home,omitempty"` // the one country that texts in it are for when they name none
	Tier    int      `yaml:"tier,omitempty"` // 1: the hub speaks it; 2: it knows of it
}

// Value is one value of a plain list: a sensitivity flag or a rights statement.
type Value struct {
	ID    string `yaml:"id"`
	Label string `yaml:"label"`
	Rule  string `yaml:"rule,omitempty"`
}

// Publisher is an entry of the authority file of bodies that publish.
type Publisher struct {
	ID       string            `yaml:"id"`
	Name     map[string]string `yaml:"name"`
	Variants []string          `yaml:"variants,omitempty"`
	Kind     string            `yaml:"kind,omitempty"`    // "government", "un", "ngo", "regional", "academic"
	Country  string            `yaml:"country,omitempty"` // seat, ISO 3166-1 alpha-2
	Parent   string            `yaml:"parent,omitempty"`
	Scope    string            `yaml:"scope,omitempty"` // country or region its resources are about when they name none
	Type     string            `yaml:"type,omitempty"`  // what it mostly publishes: a newspaper news
	URL      string            `yaml:"url,omitempty"`
	InField  bool              `yaml:"in_field,omitempty"` // all its work is against trafficking: passes the gate
}

// Hotline is an official number that may stand in public text. Stale numbers harm, so
// each has an owner and the day somebody last rang it.
type Hotline struct {
	Number   string `yaml:"number"` // digits as dialled in the country
	Country  string `yaml:"country"`
	Owner    string `yaml:"owner"`
	Reviewed string `yaml:"reviewed"` // YYYY-MM-DD
}

// Concepts returns the vocabulary as readers see it.
func (v *Vocabulary) Concepts() record.Vocabulary {
	out := record.Vocabulary{Version: v.Version}
	add := func(id string, concepts []record.Concept) {
		out.Schemes = append(out.Schemes, record.Scheme{ID: id, Concepts: concepts})
	}
	add("theme", fromConcepts(v.Themes))
	types := make([]record.Concept, len(v.Types))
	for i, t := range v.Types {
		types[i] = record.Concept{ID: t.ID, Label: record.Texts(t.Label), Broader: t.Broader, Note: t.Note}
	}
	add("type", types)
	add("audience", fromConcepts(v.Audiences))
	add("victim-group", fromConcepts(v.VictimGroups))
	add("exploitation", fromConcepts(v.Exploitation))
	countries := make([]record.Concept, len(v.Countries))
	for i, c := range v.Countries {
		countries[i] = record.Concept{ID: c.ID, Label: record.Texts(c.Label), Note: c.Role}
	}
	add("country", countries)
	regions := make([]record.Concept, len(v.Regions))
	for i, r := range v.Regions {
		regions[i] = record.Concept{ID: r.ID, Label: record.Texts(r.Label), Note: r.Note}
	}
	add("region", regions)
	languages := make([]record.Concept, len(v.Languages))
	for i, l := range v.Languages {
		languages[i] = record.Concept{ID: l.ID, Label: record.Texts{"en": l.Name, l.ID: first(l.Autonym, l.Name)}}
	}
	add("language", languages)
	add("rights", fromValues(v.Rights))
	add("sensitivity", fromValues(v.Sensitivity))
	return out
}

func fromConcepts(list []Concept) []record.Concept {
	out := make([]record.Concept, len(list))
	for i, c := range list {
		out[i] = record.Concept{ID: c.ID, Notation: c.Notation, Label: record.Texts(c.Label), Broader: c.Broader, Note: c.Note}
	}
	return out
}

func fromValues(list []Value) []record.Concept {
	out := make([]record.Concept, len(list))
	for i, c := range list {
		out[i] = record.Concept{ID: c.ID, Label: record.Texts{"en": c.Label}, Note: c.Rule}
	}
	return out
}

// first returns the first of its arguments that is not empty.
func first(s ...string) string {
	if i := slices.IndexFunc(s, func(x string) bool { return x != "" }); i >= 0 {
		return s[i]
	}
	return ""
}
