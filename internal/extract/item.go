package extract

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/mmcdole/gofeed"
	ext "github.com/mmcdole/gofeed/extensions"
	"golang.org/x/net/html"

	"ctiphub/internal/lang"
)

// item is a feed entry in gofeed's neutral form.
type item struct{ gofeed.Item }

// openItem reads the JSON of an entry. It is UTF-8 whatever the feed was; but entities
// and damage of the feed's texts are still in it.
func (d *Document) openItem() error {
	it := &item{}
	if err := json.Unmarshal(d.raw.Body, &it.Item); err != nil {
		return fmt.Errorf("reading the feed entry: %w", err)
	}
	d.item = it
	sample := strings.Join([]string{it.Title, plainText(it.Description), plainText(it.Content)}, "\n")
	d.findDamage(sample[:min(len(sample), maxSample)])
	return nil
}

// plainText takes the markup out of a text that may hold some.
func plainText(s string) string {
	if !strings.ContainsAny(s, "<&") {
		return s
	}
	if !strings.Contains(s, "<") && strings.Contains(s, "&lt;") {
		s = html.UnescapeString(s) // escaped twice
	}
	nodes, err := html.ParseFragment(strings.NewReader(s), nil)
	if err != nil {
		return s
	}
	var b strings.Builder
	for _, n := range nodes {
		b.WriteString(textOf(n))
	}
	return b.String()
}

func (d *Document) itemText() string {
	return d.mend.text(plainText(d.item.Description) + "\n" + plainText(d.item.Content))
}

func (d *Document) selectItem(s Selector) []Value {
	if d.item == nil {
		return nil
	}
	prefix, name, extension := strings.Cut(s.name, ":")
	texts := d.item.field(s.name, d.resolve)
	if extension {
		texts = d.item.extension(prefix, name, s.attr)
	}
	address := slices.Contains([]string{"link", "links", "guid", "enclosures", "image"}, s.name)
	var found []Value
	for _, t := range texts {
		if address || s.attr != "" || strings.HasPrefix(t, "http") && !strings.ContainsAny(t, " <") {
			found = append(found, Value{Text: t}) // "&copy=1" is no entity in an address
			continue
		}
		found = append(found, Value{Text: d.mend.text(plainText(t)), Lang: d.Lang()})
	}
	return found
}

// field returns the values of one of gofeed's fields.
func (it *item) field(name string, resolve func(string) string) []string {
	switch name {
	case "title":
		return []string{it.Title}
	case "link":
		return []string{resolve(it.Link)}
	case "links":
		return each(it.Links, resolve)
	case "published":
		return []string{it.Published}
	case "updated":
		return []string{it.Updated}
	case "description":
		return []string{it.Description}
	case "content":
		return []string{it.Content}
	case "guid":
		return []string{it.GUID}
	case "categories":
		return it.Categories
	case "image":
		if it.Image != nil {
			return []string{resolve(it.Image.URL)}
		}
	case "authors":
		people := it.Authors
		if len(people) == 0 && it.Author != nil { //nolint:staticcheck // older raws have only this
			people = []*gofeed.Person{it.Author}
		}
		var names []string
		for _, p := range people {
			if p != nil {
				names = append(names, p.Name)
			}
		}
		return names
	case "enclosures":
		var urls []string
		for _, e := range it.Enclosures {
			if e != nil {
				urls = append(urls, resolve(e.URL))
			}
		}
		return urls
	}
	return nil
}

func each(list []string, f func(string) string) []string {
	out := make([]string, 0, len(list))
	for _, s := range list {
		out = append(out, f(s))
	}
	return out
}

// extension returns the values, or one attribute, of the elements of an extension.
func (it *item) extension(prefix, name, attr string) []string {
	if prefix == "custom" {
		return []string{it.Custom[name]}
	}
	var texts []string
	for _, e := range it.Extensions[prefix][name] {
		if attr != "" {
			texts = append(texts, e.Attrs[attr])
		} else {
			texts = append(texts, e.Value)
		}
	}
	if len(texts) == 0 && prefix == "dc" && attr == "" && it.DublinCoreExt != nil {
		return dublinCore(it.DublinCoreExt, name)
	}
	return texts
}

func dublinCore(dc *ext.DublinCoreExtension, name string) []string {
	return map[string][]string{
		"title": dc.Title, "creator": dc.Creator, "author": dc.Author, "subject": dc.Subject, "description": dc.Description,
		"publisher": dc.Publisher, "contributor": dc.Contributor, "date": dc.Date, "type": dc.Type, "format": dc.Format,
		"identifier": dc.Identifier, "source": dc.Source, "language": dc.Language, "relation": dc.Relation,
		"coverage": dc.Coverage, "rights": dc.Rights,
	}[name]
}

// itemLinks gives the files of an entry: its enclosures, its link, the links in its texts.
func (d *Document) itemLinks(add func(Link)) {
	for _, e := range d.item.Enclosures {
		if e != nil {
			add(Link{URL: d.resolve(e.URL), Type: mediaType(e.Type)})
		}
	}
	add(Link{URL: d.resolve(d.item.Link)})
	for _, s := range slices.Compact([]string{d.item.Description, d.item.Content}) {
		if !strings.Contains(s, "<") {
			continue
		}
		nodes, err := html.ParseFragment(strings.NewReader(s), nil)
		if err != nil {
			continue
		}
		for _, n := range nodes {
			d.linksIn(n, furniture, func(l Link) {
				l.Text = d.mend.text(lang.Clean(l.Text))
				add(l)
			})
		}
	}
}
