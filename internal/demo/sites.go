package demo

import (
	"cmp"
	"net/http"
	"slices"
	"sync/atomic"
	"time"
)

// table makes the sites; all have the content and the step of time in common.
type table struct {
	c        *content
	revision *atomic.Int64
}

// site makes the description of a site from what it shows.
func (t table) site(id, name, kind, note string, sh shape) Site {
	s := Site{ID: id, Name: name, Country: sh.country, Kind: kind, Note: note, Languages: []string{sh.lang}}
	for _, it := range sh.items {
		if !slices.Contains(s.Languages, it.Lang) {
			s.Languages = append(s.Languages, it.Lang)
		}
	}
	s.Defaults.Language = sh.lang
	if sh.country != "" {
		s.Defaults.Countries = []string{sh.country}
	}
	return s
}

func (t table) web(id, name, note string, sh shape) *site {
	s := &site{Site: t.site(id, name, "website", note, sh)}
	s.Include = []string{"/(?:en/)?publications/"}
	s.Discover, s.entry = "sitemap", "/sitemap.xml"
	if sh.list {
		s.Discover, s.entry, s.Item, s.Next = "list", "/publications", "ul.publications a", "a.next"
	}
	if sh.hidden {
		s.Include = append(s.Include, "/internal/")
	}
	if sh.metadata == "og" {
		s.Fields = map[string][]string{"issued": {"css:.published"}, "description": {"meta:og:description", "css:.summary"}}
	}
	s.handler = func(base string) http.Handler {
		w := newWebsite(t.c, sh, s.Site, base, t.revision)
		w.suffers = s.suffers
		return w.mux()
	}
	return s
}

func (t table) feed(id, name, format, note string, broken bool, sh shape) *site {
	s := &site{Site: t.site(id, name, "feed", note, sh), entry: "/feed." + format}
	sh.metadata = "og"
	s.handler = func(base string) http.Handler {
		return newFeedSite(t.c, sh, s.Site, base, format, broken, t.revision)
	}
	return s
}

// items are generated items and real ones, the latest first, those of unknown age last.
func (t table) items(id, lang, country string, n int, more ...[]item) []item {
	list := t.made(id, lang, country, 0, n)
	for _, m := range more {
		list = append(list, m...)
	}
	slices.SortStableFunc(list, func(a, b item) int {
		return cmp.Or(cmp.Compare(b.Year, a.Year), b.Issued.Compare(a.Issued), cmp.Compare(a.Key, b.Key))
	})
	return list
}

// made are the generated items of a site from one number up to another.
func (t table) made(id, lang, country string, from, to int) []item {
	var list []item
	for n := from; n < to; n++ {
		list = append(list, t.c.series(id).item(lang, country, n))
	}
	return list
}

func (t table) about(code string) []item { return t.c.real(covers(code)) }

// allSites is the table of the federation: one agency for each member state, a regional
// body, two NGOs and a partner repository.
func allSites(c *content, records int, revision *atomic.Int64) []*site {
	t := table{c, revision}
	return slices.Concat(t.agencies(), t.interfaces(), []*site{regional(c, revision)}, t.organisations(), []*site{partner(c, records, revision)})
}

// agencies are one site for each member state, by country code.
func (t table) agencies() []*site {
	busy := t.web("demo-vn-labour", "Demo: Department of Social Affairs (Viet Nam)", "says 503 with Retry-After to one first request in seven; OpenGraph only", shape{
		lang: "vi", local: "Cục Bảo trợ xã hội (mô phỏng)", country: "VN", metadata: "og", items: t.items("demo-vn-labour", "vi", "VN", 16, t.about("VN"))})
	busy.busy = true
	council := t.web("demo-ph-council", "Demo: Inter-Agency Council (Philippines)", "month before day in dates; staff contacts on the pages, on two even in the summary", shape{
		lang: "fil", local: "Konseho Laban sa Human Trafficking (demo)", country: "PH", metadata: "og", contact: true, list: true,
		items: t.items("demo-ph-council", "fil", "PH", 13, t.about("PH"))})
	council.Defaults.DateOrder = "mdy"
	return []*site{
		t.web("demo-bn-community", "Demo: Community Development Office (Brunei)", "Malay text below /en/; the sitemap is a gzip file that no header announces", shape{
			lang: "ms", local: "Pejabat Pembangunan Masyarakat (demo)", country: "BN", metadata: "dc", mislead: true, packed: true,
			items: t.items("demo-bn-community", "ms", "BN", 16)}),
		t.feed("demo-id-protection", "Demo: Ministry of Women and Children (Indonesia)", "rss", "RSS 2.0 with enclosed PDF files", false, shape{
			lang: "id", local: "Kementerian Perempuan dan Anak (demo)", country: "ID", pdf: true, items: t.items("demo-id-protection", "id", "ID", 16, t.about("ID"))}),
		t.web("demo-kh-social", "Demo: Ministry of Social Affairs (Cambodia)", "Khmer digits and months; list pages", shape{
			lang: "km", local: "ក្រសួងសង្គមកិច្ច (សាកល្បង)", country: "KH", metadata: "dc", list: true,
			items: t.items("demo-kh-social", "km", "KH", 20, t.about("KH"))}),
		t.web("demo-la-union", "Demo: Women's Union (Lao PDR)", "Lao digits; English twins by hreflang", shape{
			lang: "lo", local: "ສະຫະພັນແມ່ຍິງ (ທົດລອງ)", country: "LA", metadata: "jsonld", english: true,
			items: t.items("demo-la-union", "lo", "LA", 12, t.about("LA"))}),
		t.web("demo-mm-welfare", "Demo: Department of Social Welfare (Myanmar)", "some pages are in Zawgyi; Burmese digits", shape{
			lang: "my", local: "လူမှုဝန်ထမ်းဦးစီးဌာန (စမ်းသပ်)", country: "MM", metadata: "og", zawgyi: true,
			items: t.items("demo-mm-welfare", "my", "MM", 18, t.about("MM"))}),
		t.feed("demo-my-council", "Demo: Anti-Trafficking Council (Malaysia)", "atom", "Atom", false, shape{
			lang: "ms", local: "Majlis Antipemerdagangan Orang (demo)", country: "MY", items: t.items("demo-my-council", "ms", "MY", 14, t.about("MY"))}),
		council,
		t.web("demo-sg-taskforce", "Demo: Inter-Agency Taskforce (Singapore)", "robots.txt forbids a part of what the sitemap lists; a dead page; Crawl-delay", shape{
			lang: "en", country: "SG", metadata: "jsonld", hidden: true, missing: true, crawl: "0.05",
			items: t.items("demo-sg-taskforce", "en", "SG", 10, t.made("demo-sg-taskforce", "zh-Hans", "SG", 10, 14), t.made("demo-sg-taskforce", "ta", "SG", 14, 18), t.about("SG"))}),
		t.web("demo-th-datip", "Demo: Division of Anti-Trafficking (Thailand)", "windows-874 bytes under a wrong label or none; Buddhist-era dates in Thai digits; PDF files called \"Microsoft Word - final2.doc\", one link to them dead", shape{
			lang: "th", local: "กองต่อต้านการค้ามนุษย์ (สาธิต)", country: "TH", metadata: "og", thai874: true, pdf: true,
			items: t.items("demo-th-datip", "th", "TH", 16, t.about("TH"))}),
		t.feed("demo-tl-justice", "Demo: Ministry of Justice (Timor-Leste)", "json", "JSON Feed, Portuguese and Tetum", false, shape{
			lang: "pt", local: "Ministério da Justiça (demonstração)", country: "TL",
			items: t.items("demo-tl-justice", "pt", "TL", 9, t.made("demo-tl-justice", "tet", "TL", 9, 18), t.about("TL"))}),
		busy,
	}
}

// organisations are the two NGOs.
func (t table) organisations() []*site {
	slow := t.web("demo-ngo-shelters", "Demo: Shelter Network Asia (NGO)", "a slow site: 150 ms for every answer", shape{
		lang: "en", metadata: "dc", items: t.items("demo-ngo-shelters", "en", "", 8, t.about("APAC"))})
	slow.slow = 150 * time.Millisecond
	return []*site{
		slow,
		t.feed("demo-ngo-justice", "Demo: Migrant Justice Asia (NGO)", "rss", "a broken feed: bare ampersands, control characters, an entry without address", true, shape{
			lang: "en", items: t.items("demo-ngo-justice", "en", "", 10, t.c.real(severalCountries))}),
	}
}
