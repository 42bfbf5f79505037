package normalizer

import "ctiphub/record"

// defaultFields says where each format usually has what. Rules of a source replace the
// chain of a field, not the others.
var defaultFields = map[record.Format]map[string]Chain{
	record.FormatFeedItem: {
		"title":       {First: []string{"item:title"}},
		"description": {First: []string{"item:description", "item:content"}},
		"keywords":    {All: []string{"item:categories"}},
		"type":        {All: []string{"item:dc:type"}},
		"language":    {First: []string{"item:dc:language"}},
		"creators":    {All: []string{"item:authors"}},
		"publishers":  {First: []string{"item:dc:publisher"}},
		"rights":      {First: []string{"item:dc:rights"}},
		"countries":   {All: []string{"item:dc:coverage"}},
		"issued":      {First: []string{"item:published"}},
		"modified":    {First: []string{"item:updated"}},
		"landing":     {First: []string{"item:link"}},
		"identifiers": {All: []string{"item:guid", "item:dc:identifier"}},
	},
	record.FormatHTML: {
		"title":       {First: []string{"jsonld:$.headline", "jsonld:$.name", "meta:citation_title", "meta:dcterms.title", "meta:DC.title", "micro:$.headline", "meta:og:title", "css:h1", "html:title"}},
		"description": {First: []string{"jsonld:$.abstract", "jsonld:$.description", "meta:citation_abstract", "meta:dcterms.abstract", "meta:dcterms.description", "meta:DC.description", "meta:description", "meta:og:description", "micro:$.description"}},
		"keywords":    {All: []string{"meta:keywords", "meta:citation_keywords", "meta:DC.subject", "meta:dcterms.subject", "meta:article:tag", "jsonld:$.keywords"}},
		"type":        {All: []string{"meta:DC.type", "meta:dcterms.type", "jsonld:$.genre", "jsonld:$.@type"}},
		"language":    {First: []string{"meta:citation_language", "meta:DC.language", "meta:dcterms.language", "jsonld:$.inLanguage", "micro:$.inLanguage"}},
		"creators":    {First: []string{"meta:citation_author", "meta:DC.creator", "meta:dcterms.creator", "jsonld:$.author.name", "micro:$.author", "meta:author"}},
		"publishers":  {First: []string{"meta:citation_publisher", "meta:DC.publisher", "meta:dcterms.publisher", "jsonld:$.publisher.name", "micro:$.publisher"}},
		"funders":     {First: []string{"jsonld:$.funder.name", "jsonld:$.sponsor.name"}},
		"issued":      {First: []string{"meta:citation_publication_date", "meta:citation_date", "meta:dcterms.issued", "meta:DC.date.issued", "meta:DC.date", "meta:dcterms.date", "jsonld:$.datePublished", "meta:article:published_time", "micro:$.datePublished", "meta:datePublished", "meta:publication_date", "meta:publish-date", "meta:pubdate", "meta:dcterms.created", "meta:DC.date.created", "css:article time@datetime", "css:article .entry-date, main .entry-date, #content .entry-date, .submitted-by, .node .submitted", `url:/\/((?:19|20)\d\d\/\d{1,2}\/\d{1,2})(?:\/|$)/`}},
		"modified":    {First: []string{"meta:dcterms.modified", "meta:DC.date.modified", "jsonld:$.dateModified", "meta:article:modified_time", "meta:og:updated_time", "micro:$.dateModified"}},
		"valid":       {First: []string{"meta:dcterms.valid", "jsonld:$.expires"}},
		"identifiers": {All: []string{"meta:citation_doi", "meta:citation_isbn", "meta:DC.identifier", "meta:dcterms.identifier", "jsonld:$.isbn", "jsonld:$.identifier"}},
		"rights":      {First: []string{"meta:DC.rights", "meta:dcterms.rights", "meta:dcterms.license", "jsonld:$.license", "link:license"}},
		"landing":     {First: []string{"link:canonical", "meta:og:url"}},
		"files":       {All: []string{"meta:citation_pdf_url"}},
		"countries":   {All: []string{"meta:DC.coverage", "meta:dcterms.spatial", "jsonld:$.spatialCoverage.name"}},
		"audiences":   {All: []string{"meta:dcterms.audience", "jsonld:$.audience.audienceType"}},
		"site":        {All: []string{"meta:og:site_name", "meta:application-name"}},
	},
	record.FormatCTIP: {},

	record.FormatOAIDC: oaidcFields, record.FormatQDC: qdcFields, record.FormatMODS: modsFields, record.FormatMARC: marcFields,
	record.FormatDataCite: dataciteFields, record.FormatDIM: dimFields, record.FormatMETS: metsFields,
	record.FormatWordPress: wordpressFields, record.FormatDSpace: dspaceFields, record.FormatCKAN: ckanFields,
	record.FormatReliefWeb: reliefwebFields, record.FormatJSON: jsonFields, record.FormatPDF: pdfFields,
}
