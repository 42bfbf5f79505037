package demo

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"
	"time"
)

//go:embed data/*.json data/*.html data/*.css
var data embed.FS

// resource is a real resource: what is said of it are facts.
type resource struct {
	ID        string   `json:"id"`
	Title     string   `json:"title"`
	TitleEn   string   `json:"titleEn"`
	Publisher string   `json:"publisher"`
	Year      int      `json:"year"`
	Coverage  []string `json:"coverage"`
	Language  string   `json:"language"`
	Type      string   `json:"type"`
	Themes    []string `json:"themes"`
	Audiences []string `json:"audiences"`
	Editions  []string `json:"editions"` // other languages in which it is known to exist
}

// place is a country with its provinces, each by language.
type place struct {
	Name      map[string]string   `json:"name"`
	Provinces []map[string]string `json:"provinces"`
}

// content is what every site draws from.
type content struct {
	seed      uint64
	now       time.Time
	phrases   map[string]*phrases
	places    map[string]place
	resources []resource
	pages     *template.Template
	style     template.CSS
}

func newContent(seed uint64, now time.Time) (*content, error) {
	c := &content{seed: seed, now: now}
	for name, dst := range map[string]any{"phrases": &c.phrases, "places": &c.places, "resources": &c.resources} {
		b, err := data.ReadFile("data/" + name + ".json")
		if err == nil {
			err = json.Unmarshal(b, dst)
		}
		if err != nil {
			return nil, fmt.Errorf("reading the demo's %s: %w", name, err)
		}
	}
	var err error
	if c.pages, err = template.ParseFS(data, "data/*.html"); err != nil {
		return nil, fmt.Errorf("reading the demo's pages: %w", err)
	}
	css, err := data.ReadFile("data/style.css")
	if err != nil {
		return nil, fmt.Errorf("reading the demo's style: %w", err)
	}
	c.style = template.CSS(css)
	return c, nil
}

// item is one resource as a site publishes it.
type item struct {
	Key         string // part of its address
	N           int    // its number among the site's original items; -1: it was added later
	Lang        string
	Title       string
	English     string // title in English, of a real resource in another language
	Description string
	Publisher   string
	Country     string
	Type        string
	Themes      []string
	Audiences   []string
	Editions    []string
	Year        int       // 0: the site does not say
	Issued      time.Time // zero: only the year is known
	Changed     time.Time // zero: never since it was published
}

// languages of the region, in the order in which the partner repository goes through them.
var languages = []string{"en", "th", "vi", "id", "km", "ms", "lo", "my", "fil", "pt", "zh-Hans", "ta", "tet"}

// spoken is the country that a generated text in a language is most likely about.
var spoken = map[string][]string{
	"en": {"SG", "PH", "MY", "TH", "KH", "VN", "BN", "ID", "MM", "LA", "TL"}, "th": {"TH"}, "vi": {"VN"}, "id": {"ID"},
	"km": {"KH"}, "ms": {"MY", "BN"}, "lo": {"LA"}, "my": {"MM"}, "fil": {"PH"}, "pt": {"TL"}, "tet": {"TL"},
	"zh-Hans": {"SG", "MY"}, "ta": {"SG", "MY"},
}

// types are what the forms of the phrases are, in their order.
var types = []string{"guideline", "guide", "report", "training-module", "brief", "sop"}

// topics are the themes of the phrases' topics, in their order, the wider one behind.
var topics = [][]string{
	{"identification"}, {"shelter", "protection-support"}, {"legal-aid", "victim-witness"}, {"compensation-restitution", "remedies"},
	{"child-victims"}, {"return-reintegration"}, {"referral", "identification"}, {"training-capacity", "systems"},
	{"health-psychosocial", "protection-support"}, {"interviewing", "identification"}, {"non-punishment", "protection-support"}, {"case-management", "protection-support"},
}

// audiences are whom the forms' closing sentences name, in their order.
var audiences = [][]string{{"police", "social-worker", "ngo"}, {"police", "social-worker"}, {"ngo"}, {"trainer"}, {"policymaker"}, {"police", "prosecutor"}}

// series are the generated items of one site.
type series struct {
	c    *content
	salt uint64
}

func (c *content) series(site string) series { return series{c, mix(c.seed ^ hash(site))} }

// dice is a source of small random numbers.
type dice uint64

func (d *dice) throw(n int) int {
	*d = dice(mix(uint64(*d)))
	return int(uint64(*d) >> 11 % uint64(n))
}

// item makes the n-th item in one language about one country, or about one where the
// language is spoken: a function of the seed, the site and n alone. In two languages the
// same n is the same resource.
func (s series) item(lang, country string, n int) item {
	d := dice(mix(s.salt + uint64(n)))
	p := s.c.phrases[lang]
	topic, form, opening := n%len(topics), d.throw(len(types)), d.throw(3)
	if topics[topic][0] == "training-capacity" && types[form] == "training-module" {
		form = slices.Index(types, "guide") // a training module on training says little
	}
	first := s.c.now.Year() - 17
	year, month, day, local := first+d.throw(17), 1+d.throw(12), 1+d.throw(28), d.throw(2) == 0
	if pick := d.throw(1 << 20); country == "" {
		country = spoken[lang][pick%len(spoken[lang])]
	}
	v := values{topic: p.Topics[topic], year: p.year(year)}
	v.place, v.full = s.c.place(lang, country, d.throw(1<<20))
	if local {
		v.year = p.local(v.year)
	}
	return item{
		Key: lang + "-" + strconv.Itoa(n), N: n, Lang: lang, Country: country, Type: types[form],
		Themes: topics[topic], Audiences: audiences[form], Year: year,
		Title:       p.Forms[form].fill(v),
		Description: p.Openings[opening].fill(v) + between(lang) + p.Closings[form],
		Issued:      time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC),
	}
}

// numbered gives an item the number of a document: forms, topics, places and years alone
// repeat after some thousand items.
func (s series) numbered(it item, n int) item {
	p := s.c.phrases[it.Lang]
	it.Title += " – " + p.Number.fill(values{number: strconv.Itoa(n), year: p.year(it.Year)})
	return it
}

// between is what separates two sentences.
func between(lang string) string {
	if lang == "zh-Hans" {
		return ""
	}
	return " "
}

// place names a province of a country, or the country as a whole, briefly and in full.
func (c *content) place(lang, country string, pick int) (short, full string) {
	p, where := c.phrases[lang], c.places[country]
	name := p.Country.fill(values{country: where.Name[lang]})
	n := pick % (len(where.Provinces) + 1)
	if n == 0 || where.Provinces[n-1][lang] == "" {
		return name, name
	}
	short = where.Provinces[n-1][lang]
	return short, p.Place.fill(values{place: short, country: name})
}

// real returns the real resources that belong on a site, as items.
func (c *content) real(wanted func(resource) bool) []item {
	var list []item
	for _, r := range c.resources {
		if !wanted(r) {
			continue
		}
		it := item{
			Key: strings.ToLower(r.ID), Lang: r.Language, Title: r.Title, English: r.TitleEn, Description: described(r), Publisher: r.Publisher,
			Type: r.Type, Themes: r.Themes, Audiences: r.Audiences, Editions: r.Editions, Year: r.Year,
		}
		if len(r.Coverage) == 1 && len(r.Coverage[0]) == 2 {
			it.Country = r.Coverage[0]
		}
		list = append(list, it)
	}
	return list
}

// themeWords are themes in words, where their ids do not read well.
var themeWords = map[string]string{
	"coordination-bodies": "bodies for coordination", "cross-border-cooperation": "cooperation across borders", "data-research": "data and research",
	"ethics-do-no-harm": "ethics and how to do no harm", "gender-inclusion": "gender and inclusion", "health-psychosocial": "health and psychosocial support",
	"identification": "victim identification", "indicators-screening": "indicators and screening", "interviewing": "interviewing victims",
	"labour-claims-grievance": "labour claims and grievance mechanisms", "law-policy": "laws and policies", "non-punishment": "non-punishment of victims",
	"online-child-exploitation": "online sexual exploitation of children", "protection-support": "victim protection and support",
	"referral": "referral mechanisms", "reflection-legal-status": "reflection periods and legal status", "remedies": "access to remedies",
	"return-reintegration": "return and reintegration", "survivor-engagement": "the part of survivors", "training-capacity": "training", "victim-witness": "victims as witnesses",
	"confidentiality-privacy": "confidentiality and privacy",
}

// described says of a real resource in English what is known of it. Of resources in other
// languages a site says nothing: we have no sentence of theirs.
func described(r resource) string {
	if r.Language != "en" {
		return ""
	}
	var about []string
	for _, theme := range r.Themes {
		about = append(about, cmp.Or(themeWords[theme], strings.ReplaceAll(theme, "-", " ")))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "On %s.", strings.Join(about, ", "))
	switch {
	case r.Publisher != "" && r.Year > 0:
		fmt.Fprintf(&b, " Published by %s, %d.", r.Publisher, r.Year)
	case r.Publisher != "":
		fmt.Fprintf(&b, " Published by %s.", r.Publisher)
	}
	return b.String()
}

// covers reports a resource that is about one of the countries or regions and no other.
func covers(codes ...string) func(resource) bool {
	return func(r resource) bool { return len(r.Coverage) == 1 && slices.Contains(codes, r.Coverage[0]) }
}

// severalCountries reports a resource that is about some countries, but not a region.
func severalCountries(r resource) bool { return len(r.Coverage) > 1 && len(r.Coverage[0]) == 2 }

// hash is FNV-1a.
func hash(s string) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range []byte(s) {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

// mix is the step of SplitMix64: neighbouring numbers become unrelated ones.
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
