package feed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"ctiphub/exporter"
	"ctiphub/record"
)

// JSON writes JSON Feed 1.1. What it has no names for stands below "_ctip".
func JSON(f Facts) Format {
	return Format{"jsonfeed", JSONType, func() exporter.Document {
		head, err := f.jsonHead()
		first := true
		return exporter.Document{Head: head, Tail: "\n]}\n", Append: func(dst []byte, rec record.Record) ([]byte, error) {
			if err != nil {
				return dst, err
			}
			item, err := compact(newEntry(f, rec).jsonItem())
			if err != nil {
				return dst, fmt.Errorf("writing %s as JSON: %w", rec.ID, err)
			}
			if !first {
				dst = append(dst, ',')
			}
			first = false
			return append(append(dst, '\n'), item...), nil
		}}
	}}
}

type jsonFeed struct {
	Version     string       `json:"version"`
	Title       string       `json:"title"`
	HomePageURL string       `json:"home_page_url,omitempty"`
	FeedURL     string       `json:"feed_url,omitempty"`
	NextURL     string       `json:"next_url,omitempty"`
	Authors     []jsonAuthor `json:"authors"`
	Language    string       `json:"language"`
	About       feedAbout    `json:"_ctip"`
}

// feedAbout is what the other forms of feed say too.
type feedAbout struct {
	ID       string `json:"id"`
	Updated  string `json:"updated"`
	FirstURL string `json:"first_url,omitempty"`
	PrevURL  string `json:"previous_url,omitempty"`
	Complete bool   `json:"complete,omitempty"`
}

type jsonAuthor struct {
	Name string `json:"name"`
	URL  string `json:"url,omitempty"`
}

type jsonItem struct {
	ID            string       `json:"id"`
	URL           string       `json:"url,omitempty"`
	ExternalURL   string       `json:"external_url,omitempty"`
	Title         string       `json:"title"`
	ContentText   string       `json:"content_text"`
	ContentHTML   string       `json:"content_html,omitempty"`
	Summary       string       `json:"summary,omitempty"`
	DatePublished string       `json:"date_published,omitempty"`
	DateModified  string       `json:"date_modified"`
	Authors       []jsonAuthor `json:"authors,omitempty"`
	Tags          []string     `json:"tags,omitempty"`
	Language      string       `json:"language,omitempty"`
	Concepts      itemConcepts `json:"_ctip"`
}

// itemConcepts are the concepts by the URI of their scheme, and the resource's languages.
type itemConcepts struct {
	Categories []jsonCategory `json:"categories,omitempty"`
	Languages  []string       `json:"languages,omitempty"`
	License    string         `json:"license,omitempty"`
}

type jsonCategory struct {
	Scheme string `json:"scheme"`
	Term   string `json:"term"`
	Label  string `json:"label"`
}

// jsonHead is the feed up to its first item.
func (f Facts) jsonHead() (string, error) {
	head, err := compact(jsonFeed{
		Version: "https://jsonfeed.org/version/1.1", Title: line(f.Title), HomePageURL: f.HTML, FeedURL: f.Self, NextURL: f.Next,
		Authors: []jsonAuthor{{f.hub(), f.Home}}, Language: f.language(),
		About: feedAbout{ID: f.ID, Updated: atomTime(known(f.Updated, never)), FirstURL: f.First, PrevURL: f.Previous, Complete: f.complete()},
	})
	if err != nil {
		return "", fmt.Errorf("writing the head of the feed: %w", err)
	}
	return strings.TrimSuffix(string(head), "}") + `,"items":[`, nil
}

func (e entry) jsonItem() jsonItem {
	item := jsonItem{
		ID: e.id, URL: e.link(), Title: e.title.s, ContentText: e.summary.s, ContentHTML: markup(e.full), Summary: e.summary.s,
		DateModified: atomTime(e.updated), Concepts: itemConcepts{Languages: e.languages, License: e.license},
	}
	if item.ContentText == "" {
		item.ContentText = e.title.s // one of the contents is wanted
	}
	if e.origin != e.link() {
		item.ExternalURL = e.origin
	}
	if !e.published.IsZero() {
		item.DatePublished = atomTime(e.published)
	}
	if e.title.lang != "und" {
		item.Language = e.title.lang
	}
	for _, name := range e.authors {
		item.Authors = append(item.Authors, jsonAuthor{Name: name})
	}
	for _, c := range e.categories {
		item.Tags = append(item.Tags, c.label)
		item.Concepts.Categories = append(item.Concepts.Categories, jsonCategory{c.uri(), c.id, c.label})
	}
	return item
}

// compact writes JSON in one line, with the signs of HTML as they are.
func compact(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(b.Bytes()), nil
}
