package demo

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// apiSite serves one publisher's records through an interface for programs, beside the
// pages that they link to.
type apiSite struct {
	*website
	mux *http.ServeMux
}

func newAPISite(c *content, sh shape, site Site, base string, revision *atomic.Int64) apiSite {
	s := apiSite{website: newWebsite(c, sh, site, base, revision)}
	s.mux = s.website.mux()
	return s
}

// interfaces are the sites that are read through an API.
func (t table) interfaces() []*site {
	return []*site{
		t.api("demo-ngo-survivors", "Demo: Survivor Support Network (NGO)", "wordpress", "WordPress with Polylang; one post asks for a password", "/", shape{
			lang: "id", country: "ID", metadata: "og", pdf: true, items: t.items("demo-ngo-survivors", "id", "ID", 14, t.made("demo-ngo-survivors", "en", "ID", 14, 24))}, apiSite.wordpress),
		t.api("demo-ph-opendata", "Demo: Open Data Portal (Philippines)", "ckan", "CKAN; one dataset is marked as deleted", "/", shape{
			lang: "en", country: "PH", metadata: "dc", pdf: true, items: t.items("demo-ph-opendata", "en", "PH", 12, t.made("demo-ph-opendata", "fil", "PH", 12, 18))}, apiSite.ckan),
		t.api("demo-th-university", "Demo: University Repository (Thailand)", "dspace", "DSpace 7; one item was withdrawn", "/server/api", shape{
			lang: "th", local: "คลังปัญญามหาวิทยาลัย (สาธิต)", country: "TH", metadata: "dc", pdf: true, items: t.items("demo-th-university", "th", "TH", 15, t.made("demo-th-university", "en", "TH", 15, 25))}, apiSite.dspace),
		t.api("demo-relief-reports", "Demo: Relief Reports (regional)", "reliefweb", "a ReliefWeb-shaped API", "/v2/reports", shape{
			lang: "en", metadata: "og", pdf: true, items: t.items("demo-relief-reports", "en", "", 24)}, apiSite.relief),
		t.api("demo-vn-register", "Demo: Register of Legal Documents (Viet Nam)", "api", "a CSV file with Vietnamese column names, read by a recipe", "/register.csv", shape{
			lang: "vi", country: "VN", metadata: "og", items: t.items("demo-vn-register", "vi", "VN", 20)}, apiSite.register),
	}
}

// registerRecipe and registerFields are what an operator writes for the CSV file.
const registerRecipe = `
media: csv
id: [so_dang_ky]
url: [duong_dan]
modified: ngay_sua
`

var registerFields = map[string][]string{
	"title": {"json:$.tieu_de"}, "description": {"json:$.tom_tat"}, "issued": {"json:$.ngay_ban_hanh"}, "publishers": {"json:$.co_quan"}, "landing": {"json:$.duong_dan"},
}

func (t table) api(id, name, kind, note, entry string, sh shape, routes func(apiSite)) *site {
	s := &site{Site: t.site(id, name, kind, note, sh), entry: entry}
	switch kind {
	case "api":
		s.Recipe, s.Fields = registerRecipe, registerFields
	case "reliefweb":
		s.Recipe = "query: {appname: hub.example}"
	}
	s.handler = func(base string) http.Handler {
		a := newAPISite(t.c, sh, s.Site, base, t.revision)
		routes(a)
		return a.mux
	}
	return s
}

// object is a JSON object.
type object = map[string]any

func sendJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(v) // the reader has gone, if anything
}

// id is the number by which an interface knows an item.
func (s apiSite) id(it item) int {
	if it.N >= 0 {
		return 100 + it.N
	}
	return 10_000 + number(it.Key)
}

// byChange are the items in the order in which they changed, those that did not change
// since a moment left out.
func (s apiSite) byChange(since time.Time) []item {
	list := slices.DeleteFunc(s.items(), func(it item) bool { return s.changed(it).Before(since) })
	slices.SortStableFunc(list, func(a, b item) int { return s.changed(a).Compare(s.changed(b)) })
	return list
}

// slice is one page of a list.
func slice(list []item, from, size int) []item {
	from = min(max(from, 0), len(list))
	return list[from:min(from+max(size, 1), len(list))]
}

// moments finds the first time in a text such as a filter.
func moments(text string) time.Time {
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ' ' || r == '[' || r == ']' || r == '"' }) {
		for _, form := range []string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly} {
			if at, err := time.Parse(form, part); err == nil {
				return at
			}
		}
	}
	return time.Time{}
}

func intOf(q url.Values, key string, otherwise int) int {
	if n, err := strconv.Atoi(q.Get(key)); err == nil {
		return n
	}
	return otherwise
}

// wordpress adds the REST API of WordPress.
func (s apiSite) wordpress() {
	s.offers = "<" + s.base + "/wp-json/>; rel=\"https://api.w.org/\""
	s.mux.HandleFunc("GET /wp-json/{$}", func(w http.ResponseWriter, r *http.Request) {
		sendJSON(w, object{"name": s.name, "url": s.base, "home": s.base, "gmt_offset": 7, "namespaces": []string{"oembed/1.0", "wp/v2", "pll/v1"}, "routes": object{"/wp/v2/posts": object{}}})
	})
	s.mux.HandleFunc("GET /wp-json/wp/v2/types", func(w http.ResponseWriter, r *http.Request) {
		sendJSON(w, object{"post": object{"name": "Posts", "slug": "post", "rest_base": "posts", "taxonomies": []string{"category", "post_tag"}}, "page": object{"name": "Pages", "slug": "page", "rest_base": "pages", "taxonomies": []string{}}})
	})
	s.mux.HandleFunc("GET /wp-json/wp/v2/taxonomies", func(w http.ResponseWriter, r *http.Request) {
		sendJSON(w, object{"category": object{"name": "Categories", "slug": "category", "rest_base": "categories", "types": []string{"post"}}, "post_tag": object{"name": "Tags", "slug": "post_tag", "rest_base": "tags", "types": []string{"post"}}})
	})
	s.mux.HandleFunc("GET /wp-json/wp/v2/categories", func(w http.ResponseWriter, r *http.Request) {
		var list []object
		for n, name := range types {
			list = append(list, object{"id": n + 1, "name": name, "slug": name, "taxonomy": "category"})
		}
		total(w, len(list), len(list))
		sendJSON(w, list)
	})
	empty := func(w http.ResponseWriter, _ *http.Request) {
		total(w, 0, 100)
		sendJSON(w, []object{})
	}
	for _, route := range []string{"tags", "pages", "media"} {
		s.mux.HandleFunc("GET /wp-json/wp/v2/"+route, empty)
	}
	s.mux.HandleFunc("GET /wp-json/wp/v2/posts", s.posts)
}

// total puts the counts of a list into the headers of WordPress.
func total(w http.ResponseWriter, n, size int) {
	w.Header().Set("X-WP-Total", strconv.Itoa(n))
	w.Header().Set("X-WP-TotalPages", strconv.Itoa((n+size-1)/size))
}

func (s apiSite) posts(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list := s.byChange(moments(q.Get("modified_after")))
	if q.Get("orderby") == "id" {
		slices.SortFunc(list, func(a, b item) int { return s.id(a) - s.id(b) })
	}
	if q.Get("order") == "desc" {
		slices.Reverse(list)
	}
	size, page := min(intOf(q, "per_page", 10), 100), intOf(q, "page", 1)
	if page > 1 && (page-1)*size >= len(list) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		w.WriteHeader(http.StatusBadRequest)
		_ = json.NewEncoder(w).Encode(object{"code": "rest_post_invalid_page_number", "message": "The page number requested is larger than the number of pages available.", "data": object{"status": 400}})
		return
	}
	total(w, len(list), size)
	posts := []object{}
	for _, it := range slice(list, (page-1)*size, size) {
		posts = append(posts, s.post(it))
	}
	sendJSON(w, posts)
}

// wpTime is how WordPress writes times; those with _gmt are UTC.
const wpTime = "2006-01-02T15:04:05"

func (s apiSite) post(it item) object {
	changed := s.changed(it)
	issued := it.Issued
	if issued.IsZero() {
		issued = changed
	}
	local := time.FixedZone("WIB", 7*3600)
	content := "<p>" + it.Description + "</p>"
	for _, f := range s.files(it) {
		content += "<p><a href=\"" + s.base + f + "\">Unduh PDF</a></p>"
	}
	secret := it.N == 3
	if secret {
		content = ""
	}
	return object{
		"id": s.id(it), "date": issued.In(local).Format(wpTime), "date_gmt": issued.Format(wpTime), "modified": changed.In(local).Format(wpTime), "modified_gmt": changed.Format(wpTime),
		"guid": object{"rendered": s.base + "/?p=" + strconv.Itoa(s.id(it))}, "slug": it.Key, "status": "publish", "type": "post", "link": s.base + s.path(it),
		"title": object{"rendered": it.Title}, "content": object{"rendered": content, "protected": secret}, "excerpt": object{"rendered": "<p>" + it.Description + "</p>", "protected": secret},
		"author": 1, "featured_media": 0, "categories": []int{slices.Index(types, it.Type) + 1}, "tags": []int{}, "lang": it.Lang,
	}
}

// ckan adds the action API of CKAN.
func (s apiSite) ckan() {
	s.mux.HandleFunc("GET /api/3/action/package_search", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		list := s.byChange(moments(q.Get("fq") + " " + q.Get("q")))
		results := []object{}
		for _, it := range slice(list, intOf(q, "start", 0), min(intOf(q, "rows", 10), 1000)) {
			results = append(results, s.dataset(it))
		}
		sendJSON(w, object{"help": s.base + "/api/3/action/help_show?name=package_search", "success": true, "result": object{"count": len(list), "sort": q.Get("sort"), "results": results}})
	})
	s.mux.HandleFunc("GET /dataset/{key}", s.page)
}

func (s apiSite) dataset(it item) object {
	state := "active"
	if it.N == 5 {
		state = "deleted"
	}
	d := object{
		"id": fmt.Sprintf("%016x", hash(s.website.id+it.Key)), "name": it.Key, "title": it.Title, "notes": it.Description, "url": s.base + s.path(it), "language": it.Lang,
		"metadata_created": it.Issued.Format(wpTime), "metadata_modified": s.changed(it).Format(wpTime + ".000000"), "state": state, "private": false, "type": "dataset",
		"license_id": "cc-by", "license_title": "Creative Commons Attribution", "license_url": "https://creativecommons.org/licenses/by/4.0/",
		"organization": object{"name": s.website.id, "title": s.publisher(it)}, "tags": []object{{"name": it.Type, "display_name": it.Type}}, "groups": []object{},
		"extras": []object{{"key": "issued", "value": strconv.Itoa(it.Year)}},
	}
	resources := []object{}
	for _, f := range s.files(it) {
		resources = append(resources, object{"id": it.Key, "name": it.Title, "url": s.base + f, "format": "PDF", "mimetype": "application/pdf"})
	}
	d["resources"] = resources
	return d
}

// dspace adds the REST API of DSpace 7.
func (s apiSite) dspace() {
	s.mux.HandleFunc("GET /server/api", func(w http.ResponseWriter, r *http.Request) {
		sendJSON(w, object{"dspaceName": s.name, "dspaceUI": s.base, "dspaceServer": s.base + "/server", "dspaceVersion": "DSpace 7.6", "_links": object{
			"discover": object{"href": s.base + "/server/api/discover"}, "items": object{"href": s.base + "/server/api/core/items"}}})
	})
	s.mux.HandleFunc("GET /server/api/discover/search/objects", s.discover)
	s.mux.HandleFunc("GET /server/api/core/items/{id}/bundles", func(w http.ResponseWriter, r *http.Request) {
		for _, it := range s.items() {
			if s.uuid(it) == r.PathValue("id") {
				sendJSON(w, object{"_embedded": object{"bundles": s.bundles(it)}, "page": object{"size": 20, "totalElements": 1, "totalPages": 1, "number": 0}})
				return
			}
		}
		http.NotFound(w, r)
	})
}

func (s apiSite) uuid(it item) string {
	h := fmt.Sprintf("%016x%016x", hash(s.website.id+it.Key), mix(hash(it.Key)))
	return h[:8] + "-" + h[8:12] + "-4" + h[13:16] + "-8" + h[17:20] + "-" + h[20:32]
}

func (s apiSite) discover(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	list := s.byChange(time.Time{})
	if strings.HasSuffix(strings.ToLower(q.Get("sort")), ",desc") {
		slices.Reverse(list)
	}
	size, page := min(intOf(q, "size", 20), 100), intOf(q, "page", 0)
	found := []object{}
	for _, it := range slice(list, page*size, size) {
		found = append(found, object{"type": "discover", "hitHighlights": nil, "_links": object{"indexableObject": object{"href": s.base + "/server/api/core/items/" + s.uuid(it)}}, "_embedded": object{"indexableObject": s.dspaceItem(it)}})
	}
	pages := (len(list) + size - 1) / size
	at := func(n int) object {
		next := copied(q)
		next.Set("page", strconv.Itoa(n))
		return object{"href": s.base + "/server/api/discover/search/objects?" + next.Encode()}
	}
	links := object{"self": at(page)}
	if page+1 < pages {
		links["next"] = at(page + 1)
	}
	sendJSON(w, object{"type": "discover", "_links": object{"self": at(page)}, "_embedded": object{"searchResult": object{
		"_embedded": object{"objects": found}, "_links": links, "page": object{"size": size, "totalElements": len(list), "totalPages": pages, "number": page},
	}}})
}

// copied copies the parameters of a query.
func copied(q url.Values) url.Values {
	out := url.Values{}
	for k, v := range q {
		out[k] = slices.Clone(v)
	}
	return out
}

func (s apiSite) dspaceItem(it item) object {
	value := func(text, lang string) []object {
		var language any
		if lang != "" {
			language = lang
		}
		return []object{{"value": text, "language": language, "authority": nil, "confidence": -1, "place": 0}}
	}
	date := strconv.Itoa(it.Year)
	if !it.Issued.IsZero() {
		date = it.Issued.Format(time.DateOnly)
	}
	handle := "20.500.99999/" + strconv.Itoa(s.id(it))
	meta := object{
		"dc.title": value(it.Title, it.Lang), "dc.publisher": value(s.publisher(it), ""), "dc.date.issued": value(date, ""), "dc.date.accessioned": value(s.changed(it).Format(time.RFC3339), ""),
		"dc.identifier.uri": value("https://hdl.handle.net/"+handle, ""), "dc.language.iso": value(it.Lang, ""), "dc.type": value(it.Type, ""),
	}
	if it.Description != "" {
		meta["dc.description.abstract"] = value(it.Description, it.Lang)
	}
	return object{
		"id": s.uuid(it), "uuid": s.uuid(it), "name": it.Title, "handle": handle, "metadata": meta, "inArchive": it.N != 6, "discoverable": true, "withdrawn": it.N == 6,
		"lastModified": s.changed(it).Format("2006-01-02T15:04:05.000+00:00"), "entityType": nil, "type": "item", "_embedded": object{"bundles": object{"_embedded": object{"bundles": s.bundles(it)}}},
		"_links": object{"self": object{"href": s.base + "/server/api/core/items/" + s.uuid(it)}, "bundles": object{"href": s.base + "/server/api/core/items/" + s.uuid(it) + "/bundles"}},
	}
}

func (s apiSite) bundles(it item) []object {
	files := []object{}
	for _, f := range s.files(it) {
		files = append(files, object{"id": s.uuid(it), "uuid": s.uuid(it), "name": it.Key + ".pdf", "sizeBytes": 1000, "type": "bitstream", "_links": object{"content": object{"href": s.base + f}}})
	}
	return []object{{"name": "ORIGINAL", "type": "bundle", "_embedded": object{"bitstreams": object{"_embedded": object{"bitstreams": files}}}}}
}

// relief adds an API in the shape of ReliefWeb's.
func (s apiSite) relief() {
	answer := func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		var asked struct {
			Limit, Offset int
			Filter        any
		}
		if r.Method == http.MethodPost {
			if json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<20)).Decode(&asked) != nil {
				http.Error(w, "bad request", http.StatusBadRequest)
				return
			}
		}
		filter := fmt.Sprint(asked.Filter)
		for k, v := range q {
			if strings.HasPrefix(k, "filter") {
				filter += " " + strings.Join(v, " ")
			}
		}
		limit, offset := min(max(intOf(q, "limit", max(asked.Limit, 10)), 1), 1000), intOf(q, "offset", asked.Offset)
		list := s.byChange(moments(strings.NewReplacer("from:", " ", "map", " ").Replace(filter)))
		data := []object{}
		for _, it := range slice(list, offset, limit) {
			data = append(data, object{"id": strconv.Itoa(s.id(it)), "score": 1, "href": s.base + "/v2/reports/" + strconv.Itoa(s.id(it)), "fields": s.report(it)})
		}
		links := object{"self": object{"href": s.base + r.URL.RequestURI()}}
		if offset+limit < len(list) {
			next := copied(q)
			next.Set("offset", strconv.Itoa(offset+limit))
			links["next"] = object{"href": s.base + "/v2/reports?" + next.Encode()}
		}
		sendJSON(w, object{"href": s.base + "/v2/reports", "time": 1, "took": 1, "totalCount": len(list), "count": len(data), "links": links, "data": data})
	}
	s.mux.HandleFunc("GET /v2/reports", answer)
	s.mux.HandleFunc("POST /v2/reports", answer)
}

func (s apiSite) report(it item) object {
	at := func(t time.Time) string { return t.Format("2006-01-02T15:04:05+00:00") }
	fields := object{
		"id": s.id(it), "title": it.Title, "body": it.Description, "url": s.base + s.path(it), "url_alias": s.base + s.path(it), "status": "published",
		"date":     object{"created": at(s.changed(it)), "changed": at(s.changed(it)), "original": at(it.Issued)},
		"language": []object{{"id": 267, "name": "English", "code": it.Lang}}, "source": []object{{"name": s.publisher(it), "shortname": "Demo"}},
		"format": []object{{"name": it.Type}}, "theme": []object{{"name": "Protection and Human Rights"}},
	}
	if it.Country != "" {
		fields["country"] = []object{{"iso3": iso3[it.Country], "name": s.c.places[it.Country].Name["en"], "primary": true}}
	}
	files := []object{}
	for _, f := range s.files(it) {
		files = append(files, object{"url": s.base + f, "filename": it.Key + ".pdf", "mimetype": "application/pdf", "filesize": "1000"})
	}
	fields["file"] = files
	return fields
}

// iso3 are the three-letter codes that this API has.
var iso3 = map[string]string{"BN": "brn", "ID": "idn", "KH": "khm", "LA": "lao", "MM": "mmr", "MY": "mys", "PH": "phl", "SG": "sgp", "TH": "tha", "TL": "tls", "VN": "vnm"}

// register adds the CSV file.
func (s apiSite) register() {
	s.mux.HandleFunc("GET /register.csv", func(w http.ResponseWriter, r *http.Request) {
		var b strings.Builder
		b.WriteString("\ufeff") // as spreadsheets write it
		out := csv.NewWriter(&b)
		rows := [][]string{{"so_dang_ky", "tieu_de", "tom_tat", "ngay_ban_hanh", "co_quan", "duong_dan", "ngay_sua"}}
		for _, it := range s.byChange(time.Time{}) {
			rows = append(rows, []string{strconv.Itoa(s.id(it)), it.Title, it.Description, it.Issued.Format("02/01/2006"), s.publisher(it), s.base + s.path(it), s.changed(it).Format(time.DateOnly)})
		}
		_ = out.WriteAll(rows) // a strings.Builder takes everything
		serve(w, r, "text/csv; charset=utf-8", []byte(b.String()), s.newest())
	})
}
