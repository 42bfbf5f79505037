package catalog

import "ctiphub/record"

// Facet is a way to divide the live records.
type Facet string

// The facets of a search.
const (
	FacetCountry  Facet = "country"
	FacetTheme    Facet = "theme"
	FacetType     Facet = "type"
	FacetLanguage Facet = "language"
	FacetAudience Facet = "audience"
	FacetSource   Facet = "source"
	FacetYear     Facet = "year"
)

// Facets by which records can be chosen, and which no search counts: they are for those
// who look after the records.
const (
	FacetFinding Facet = "finding" // codes of findings
	FacetScore   Facet = "score"   // quality score, 0 to 100
)

// Filters lists everything by which records can be chosen: the facets, then those that are
// not counted.
func Filters() []Facet { return append(Facets(), FacetFinding, FacetScore) }

// Facets lists all facets that searches count, in the order they are shown.
func Facets() []Facet {
	return []Facet{FacetCountry, FacetTheme, FacetType, FacetLanguage, FacetAudience, FacetSource, FacetYear}
}

// Sort is the order of results.
type Sort string

// The orders of results.
const (
	ByRelevance Sort = "relevance" // with a text; without one the same as ByNewest
	ByNewest    Sort = "newest"    // last changed in the catalogue first
	ByIssued    Sort = "issued"    // latest date of issue first, undated last
)

// Query selects live records. Values of one facet widen, facets narrow.
type Query struct {
	Text    string
	Filters map[Facet][]string
	Sort    Sort
	Limit   int    // 20 when 0, at most 100
	Cursor  string // Result.Next of the page before
}

// Result is one page of a query's answer.
type Result struct {
	Hits   []Hit
	Total  int
	Facets map[Facet][]FacetCount // most frequent first, then by id
	Next   string                 // "" on the last page
	// Note says, as a stable code, how the answer was shortened: "ranked-by-title" when
	// so many records matched that only titles were weighed.
	Note string
}

// Hit is one record found.
type Hit struct {
	Entry record.Entry
	Score float64
}

// FacetCount is how many records of the answer have a value.
type FacetCount struct {
	ID    string
	Count int
}
