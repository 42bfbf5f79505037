package normalizer

// wordpressFields are the places of a post, page or medium of WordPress. Names of user
// accounts are no creators; what a custom field or a taxonomy of the site says is. What
// stands under "hub" was found beside the entry by the adapter: names of terms, files,
// language. The date of publication is that in UTC; imported entries have zeros there.
var wordpressFields = map[string]Chain{
	"title":       {First: []string{"json:$.title.rendered", "json:$.title"}, Then: []string{"html.text", "title.repair"}},
	"description": {First: []string{"json:$.excerpt.rendered", "json:$.caption.rendered", "json:$.hub.summary", "json:$.content.rendered", "json:$.description.rendered"}, Then: []string{"html.text", `regex.replace:~\[/?[a-z][a-z0-9]*[_-][a-z0-9_-]+[^\]]*\]~~`, `regex.replace:~\s*(?:\[(?:…|\.\.\.)\]|…)\s*(?:(?i:continue reading|read more)\b.*)?$~ …~`, "trim"}},
	"keywords":    {All: []string{"json:$.hub.keywords"}},
	"type":        {All: []string{"json:$.hub.types"}},
	"language":    {First: []string{"json:$.hub.language"}},
	"creators":    {All: []string{"json:$.acf.authors", "json:$.acf.author", "json:$.acf.creator", "json:$.hub.terms.resource_author"}, Then: []string{`drop:^\d+$`, "name.real"}},
	"publishers":  {All: []string{"json:$.acf.publisher", "json:$.acf.publishers", "json:$.acf.agency", "json:$.acf.organisation", "json:$.acf.organization", "json:$.hub.terms.publisher", "json:$.hub.terms.publishers", "json:$.hub.terms.agency", "json:$.hub.terms.agencies", "json:$.hub.terms.organisation", "json:$.hub.terms.organization", "json:$.hub.terms.organisations", "json:$.hub.terms.organizations"}, Then: []string{`drop:^\d+$`, "name.real"}},
	"issued":      {First: []string{"json:$.acf.publication_date", "json:$.acf.publication_year", "json:$.date_gmt", "json:$.date"}, Then: []string{`drop:^(?:0|-)`}},
	"modified":    {All: []string{"json:$.modified_gmt", "json:$.modified"}, Then: []string{`drop:^(?:0|-)`}},
	"landing":     {First: []string{"json:$.link"}},
	"files":       {All: []string{"json:$.hub.files.url", "json:$.source_url"}},
	"identifiers": {All: []string{"json:$.guid.rendered", "json:$.acf.isbn", "json:$.acf.doi"}},
	"site":        {All: []string{"json:$.hub.site"}},
}
