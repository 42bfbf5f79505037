package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"ctiphub/configs"
	"ctiphub/exporter/feed"
	"ctiphub/record"
)

// feedFacts is what a feed that "hub export" writes says of itself: all records that were
// chosen in one document. Without a public address entries lead to the publishers' pages.
func feedFacts(h configs.Hub, v record.Vocabulary, now time.Time, key string) feed.Facts {
	f := feed.Facts{
		ID: feed.FeedID(h.RepositoryID, "export/"+key), Title: h.Name + ": resources", Updated: now, Author: h.Name,
		Authority: h.RepositoryID, Label: label(v), Complete: true,
	}
	if base := strings.TrimSuffix(h.BaseURL, "/"); base != "" {
		f.HTML, f.Home = base+"/search", base+"/"
		f.Page = func(id record.ID) string { return base + "/resources/" + url.PathEscape(string(id)) }
	}
	return f
}

// key tells exports of other records apart: a feed that says it is complete makes readers
// drop what an earlier one of the same id held beyond it.
func (c *exportCmd) key() string {
	var chosen []string
	for _, list := range [][]string{c.Country, c.Theme, c.Language, c.Source} {
		chosen = append(chosen, strings.Join(slices.Sorted(slices.Values(list)), ","))
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q", append(chosen, c.Query)))
	return hex.EncodeToString(sum[:10])
}
