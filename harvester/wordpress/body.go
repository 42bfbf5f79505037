package wordpress

import (
	"bytes"
	"encoding/json"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/PuerkitoBio/goquery"
)

// beside is what the adapter writes under "hub" into each entry.
type beside struct {
	Site     string              `json:"site,omitempty"`
	Language string              `json:"language,omitempty"`
	Terms    map[string][]string `json:"terms,omitempty"`    // names by taxonomy, its REST base with _ for -
	Keywords []string            `json:"keywords,omitempty"` // all of them
	Types    []string            `json:"types,omitempty"`    // those of taxonomies for kinds of documents
	Files    []file              `json:"files,omitempty"`
	Summary  string              `json:"summary,omitempty"` // what a search engine is told of the page
}

// file is a document that the text links to.
type file struct {
	URL  string `json:"url"`
	Text string `json:"text,omitempty"`
}

// publicBody writes the entry without the site's user accounts and machinery, and with
// what was found beside it. Keys are in order: the same entry gives the same bytes.
func publicBody(t contentType, it item, extra beside) ([]byte, error) {
	fields := map[string]any{"hub": extra}
	for key, value := range it.fields {
		if machinery[key] || key == "hub" || strings.Contains(strings.ToLower(key), "author") && !t.has(key) {
			continue
		}
		fields[key] = withoutAccounts(value)
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(fields); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}

// withoutAccounts takes out of custom fields what plugins write of a user account.
func withoutAccounts(value json.RawMessage) any {
	if !bytes.Contains(value, []byte(`"user_`)) {
		return value
	}
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return value
	}
	return dropAccounts(v, 0)
}

func dropAccounts(v any, depth int) any {
	switch v := v.(type) {
	case map[string]any:
		_, mail := v["user_email"]
		_, name := v["user_nicename"]
		_, login := v["user_login"]
		if mail || name || login || depth > 50 {
			return nil
		}
		for key, inner := range v {
			v[key] = dropAccounts(inner, depth+1)
		}
	case []any:
		for i, inner := range v {
			v[i] = dropAccounts(inner, depth+1)
		}
	}
	return v
}

// machinery are fields that say nothing of the content, or name accounts, or change from
// one request to the next.
var machinery = map[string]bool{
	"_links": true, "_embedded": true, "yoast_head": true, "yoast_head_json": true, "rank_math_title": true, "aioseo_head": true, "aioseo_head_json": true,
	"comment_status": true, "ping_status": true, "comments_num": true, "class_list": true, "featured_media": true, "jetpack_featured_media_url": true,
	"jetpack_likes_enabled": true, "jetpack_sharing_enabled": true, "jetpack-related-posts": true, "jetpack_shortlink": true, "jetpack_publicize_connections": true,
	"uagb_featured_image_src": true, "uagb_comment_info": true, "post_views_count": true, "views": true, "permalink_template": true, "generated_slug": true,
}

// names gives the names of an entry's terms. The category of what has none says nothing.
func (r *run) names(t contentType, it item) (terms map[string][]string, keywords, types []string) {
	terms = map[string][]string{}
	for _, x := range t.Taxonomies {
		for _, id := range it.termIDs(x.Base) {
			one := r.terms[x.Base][id]
			if one == nil || x.Base == "categories" && id == 1 && strings.HasPrefix(one.Slug, "uncategori") || one.Slug == "uncategorized" {
				continue
			}
			name := textOf(one.Name)
			if name == "" {
				continue
			}
			key := strings.ReplaceAll(x.Base, "-", "_")
			terms[key] = append(terms[key], name)
			if !slices.Contains(keywords, name) {
				keywords = append(keywords, name)
			}
			if base := strings.ToLower(x.Base); strings.Contains(base, "type") || strings.Contains(base, "format") {
				types = append(types, name)
			}
		}
	}
	return terms, keywords, types
}

// summary is the description that an SEO plugin tells search engines. The rest of what
// such plugins write, names of accounts above all, is left out.
func summary(it item) string {
	var yoast struct {
		Description string
		OG          string `json:"og_description"`
	}
	it.get("yoast_head_json", &yoast)
	if yoast.Description == "" {
		return textOf(yoast.OG)
	}
	return textOf(yoast.Description)
}

// documents are the endings of files that are kept as such.
var documents = map[string]bool{".pdf": true, ".doc": true, ".docx": true, ".odt": true, ".rtf": true, ".ppt": true, ".pptx": true, ".xls": true, ".xlsx": true, ".epub": true}

const mostFiles = 50

// filesOf lists the documents that the text of an entry links to or embeds; of a medium,
// the file itself.
func filesOf(it item, link string) []file {
	base, err := url.Parse(link)
	if err != nil {
		return nil
	}
	var files []file
	add := func(ref, text string) {
		address := absolute(base, ref)
		u, err := url.Parse(address)
		if address == "" || err != nil || !documents[strings.ToLower(path.Ext(u.Path))] || len(files) >= mostFiles {
			return
		}
		text = strings.Join(strings.Fields(text), " ")
		if i := slices.IndexFunc(files, func(f file) bool { return f.URL == address }); i < 0 {
			files = append(files, file{address, text})
		} else if files[i].Text == "" {
			files[i].Text = text
		}
	}
	if source := it.text("source_url"); source != "" {
		add(source, "")
		return files
	}
	content, _ := it.rendered("content")
	if !strings.Contains(content, "<") {
		return nil
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(content))
	if err != nil {
		return nil
	}
	doc.Find("a[href], iframe[src], embed[src], object[data]").Each(func(_ int, s *goquery.Selection) {
		add(s.AttrOr("href", "")+s.AttrOr("src", "")+s.AttrOr("data", ""), s.Text())
	})
	return files
}
