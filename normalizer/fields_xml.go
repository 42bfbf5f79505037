package normalizer

import (
	"slices"
	"strings"

	"ctiphub/record"
)

// library reports whether a format is one of the library formats that OAI-PMH repositories
// disseminate: its language field is about the resource, and the address that it was
// fetched from is a request of the protocol, no page for a reader.
func library(f record.Format) bool {
	switch f {
	case record.FormatOAIDC, record.FormatQDC, record.FormatMODS, record.FormatMARC, record.FormatDataCite, record.FormatDIM, record.FormatMETS:
		return true
	}
	return false
}

// oaidcFields are the places of simple Dublin Core.
var oaidcFields = map[string]Chain{
	"title":       {All: []string{"dc:title"}},
	"description": {All: []string{"dc:description"}},
	"keywords":    {All: []string{"dc:subject"}},
	"type":        {All: []string{"dc:type"}},
	"language":    {All: []string{"dc:language"}},
	"creators":    {All: []string{"dc:creator"}},
	"publishers":  {All: []string{"dc:publisher"}},
	"issued":      {All: []string{"dc:date"}},
	"identifiers": {All: []string{"dc:identifier"}},
	"rights":      {All: []string{"dc:rights"}},
	"countries":   {All: []string{"dc:coverage"}},
}

// qdcFields are the places of qualified Dublin Core, in whatever container: its elements
// and those of dcterms stand side by side. When something was accepted or made available
// is when it was uploaded, and no date of publication.
var qdcFields = map[string]Chain{
	"title":       {All: []string{"dc:title"}},
	"alternative": {All: []string{"dc:alternative"}},
	"description": {First: []string{"dc:abstract", "dc:description", "dc:tableofcontents"}},
	"keywords":    {All: []string{"dc:subject"}},
	"type":        {All: []string{"dc:type"}},
	"language":    {All: []string{"dc:language"}},
	"creators":    {All: []string{"dc:creator"}},
	"publishers":  {All: []string{"dc:publisher"}},
	"issued":      {First: []string{"dc:issued", "dc:date", "dc:created", "dc:datecopyrighted"}},
	"modified":    {All: []string{"dc:modified"}},
	"valid":       {All: []string{"dc:valid"}},
	"identifiers": {All: []string{"dc:identifier"}},
	"rights":      {First: []string{"dc:rights", "dc:accessrights"}},
	"license":     {All: []string{"dc:license"}},
	"countries":   {All: []string{"dc:spatial", "dc:coverage"}},
	"audiences":   {All: []string{"dc:audience"}},
}

// modsFields are the places of MODS 3. Paths begin at the root, because the host of an
// article (relatedItem) has a title, names and dates of its own.
var modsFields = map[string]Chain{
	"title":       {All: []string{"xml:mods/titleInfo[!type]/nonSort|title|subTitle|partNumber|partName+", "xml:mods/titleInfo[type=translated]/nonSort|title|subTitle+"}},
	"alternative": {All: []string{"xml:mods/titleInfo[type=alternative|abbreviated|uniform]/nonSort|title|subTitle+"}},
	"description": {First: []string{"xml:mods/abstract", "xml:mods/note[type=abstract|summary|content]", "xml:mods/tableOfContents"}},
	"keywords":    {All: []string{"xml:mods/subject/topic"}},
	"type":        {All: []string{"xml:mods/genre", "xml:mods/typeOfResource"}},
	"language":    {First: []string{"xml:mods/language/languageTerm[type=code]", "xml:mods/language/languageTerm", "xml:mods/language"}},
	"creators": {All: []string{
		"xml:mods/name[!role/roleTerm]/namePart[type=family|given]+", "xml:mods/name[!role/roleTerm]/namePart[!type]+",
		"xml:mods/name[role/roleTerm=author|aut|creator|cre]/namePart[type=family|given]+", "xml:mods/name[role/roleTerm=author|aut|creator|cre]/namePart[!type]+",
	}},
	"publishers":  {All: []string{"xml:mods/originInfo/publisher", "xml:mods/name[role/roleTerm=publisher|pbl]/namePart[!type]"}},
	"funders":     {All: []string{"xml:mods/name[role/roleTerm=funder|fnd|sponsor|spn]/namePart[!type]"}},
	"issued":      {First: []string{"xml:mods/originInfo/dateIssued[keyDate=yes]", "xml:mods/originInfo/dateIssued[!point]", "xml:mods/originInfo/dateIssued", "xml:mods/originInfo/copyrightDate", "xml:mods/originInfo/dateCreated", "xml:mods/part/date", "xml:mods/relatedItem[type=host]/part/date"}},
	"modified":    {All: []string{"xml:mods/originInfo/dateModified"}},
	"valid":       {All: []string{"xml:mods/originInfo/dateValid"}},
	"identifiers": {All: []string{"xml:mods/identifier[!invalid]", "xml:mods/location/url"}},
	"rights":      {All: []string{"xml:mods/accessCondition"}},
	"license":     {All: []string{"xml:mods/accessCondition@href"}},
	"landing":     {First: []string{"xml:mods/location/url[access=object in context]", "xml:mods/location/url[usage=primary|primary display]"}},
	"files":       {All: []string{"xml:mods/location/url[access=raw object]"}},
	"countries":   {All: []string{"xml:mods/subject/geographic", "xml:mods/subject/hierarchicalGeographic/country"}},
	"audiences":   {All: []string{"xml:mods/targetAudience"}},
}

// isbd takes off the punctuation that catalogue cards put between the parts of a field.
const isbd = `regex.replace:~\s*[/:;,=]\s*$~~`

// marcFields are the places of MARC 21. A title in another script (field 880)
// was given the number of the field that it repeats when the record was opened.
var marcFields = map[string]Chain{
	"title": {All: []string{
		"xml:datafield[tag=245]/subfield[code=a|b|n|p]+",
		"xml:datafield[tag=242]/subfield[code=a|b]+",
	}, Then: []string{isbd, `regex.replace:~(\p{Ll}{2})\.$~$1~`}},
	"alternative": {All: []string{"xml:datafield[tag=246|240|740]/subfield[code=a|b]+"}, Then: []string{isbd, `regex.replace:~(\p{Ll}{2})\.$~$1~`}},
	"description": {First: []string{"xml:datafield[tag=520]/subfield[code=a|b]+", "xml:datafield[tag=505]/subfield[code=a]"}},
	"keywords":    {All: []string{"xml:datafield[tag=650|653]/subfield[code=a]"}, Then: []string{isbd, `regex.replace:~\.$~~`}},
	"type":        {All: []string{"xml:datafield[tag=655]/subfield[code=a]"}, Then: []string{isbd, `regex.replace:~\.$~~`}},
	// The language stands in field 041, of old several in one word, or near the end of
	// the fixed field 008.
	"language":    {First: []string{"xml:datafield[tag=041]/subfield[code=a]", "xml:controlfield[tag=008]"}, Then: []string{`regex.replace:~^.*?\b([a-z]{3})(?:\s?[a-z|])?$~$1~`, `regex.replace:~^([a-z]{3})([a-z]{3})$~$1;$2~`, `regex.find:^[a-z;]{3,}$`}},
	"creators":    {All: []string{"xml:datafield[tag=100|111|700]/subfield[code=a]", "xml:datafield[tag=110]/subfield[code=a|b]+"}, Then: []string{isbd, `regex.replace:~(\p{Ll}{2})\.$~$1~`}},
	"publishers":  {All: []string{"xml:datafield[tag=264][ind2=1]/subfield[code=b]", "xml:datafield[tag=260]/subfield[code=b]"}, Then: []string{isbd, `regex.replace:~(\p{Ll}{2})\.$~$1~`}},
	"funders":     {All: []string{"xml:datafield[tag=536]/subfield[code=a]"}, Then: []string{isbd}},
	"issued":      {First: []string{"xml:datafield[tag=264][ind2=1]/subfield[code=c]", "xml:datafield[tag=260]/subfield[code=c]", "xml:controlfield[tag=008]"}, Then: []string{`regex.replace:~^\d{6}[a-z|](\d{4})\b.*$~$1~`, `regex.replace:~[\[\]]~~`, isbd, `regex.replace:~\.$~~`, `regex.replace:~^[cp©℗]\s*(\d{4})~$1~`}},
	"identifiers": {All: []string{"xml:datafield[tag=020]/subfield[code=a]", "xml:datafield[tag=024]/subfield[code=a]", "xml:datafield[tag=856]/subfield[code=u]"}},
	"rights":      {All: []string{"xml:datafield[tag=540]/subfield[code=a]", "xml:datafield[tag=506]/subfield[code=a]"}},
	"license":     {All: []string{"xml:datafield[tag=540]/subfield[code=u]"}},
	"countries":   {All: []string{"xml:datafield[tag=651]/subfield[code=a]", "xml:datafield[tag=650]/subfield[code=z]"}, Then: []string{isbd, `regex.replace:~\.$~~`}},
	"audiences":   {All: []string{"xml:datafield[tag=521]/subfield[code=a]"}, Then: []string{isbd, `regex.replace:~\.$~~`}},
}

// dataciteFields are the places of DataCite 2 to 4, and of OpenAIRE's profile, which has
// some elements of its own beside them.
var dataciteFields = map[string]Chain{
	"title":       {All: []string{"xml:resource/titles/title[!titleType]", "xml:resource/titles/title[titleType=TranslatedTitle]"}},
	"alternative": {All: []string{"xml:resource/titles/title[titleType=AlternativeTitle|Subtitle|Other]"}},
	"description": {First: []string{"xml:resource/descriptions/description[descriptionType=Abstract]", "xml:resource/descriptions/description", "xml:resource/description"}},
	"keywords":    {All: []string{"xml:resource/subjects/subject"}},
	"type":        {All: []string{"xml:resource/resourceType", "xml:resource/resourceType@resourceTypeGeneral"}},
	"language":    {All: []string{"xml:resource/language"}},
	"creators":    {All: []string{"xml:resource/creators/creator/creatorName"}},
	"publishers":  {All: []string{"xml:resource/publisher"}},
	"funders":     {All: []string{"xml:resource/fundingReferences/fundingReference/funderName", "xml:resource/contributors/contributor[contributorType=Funder]/contributorName"}},
	"issued":      {First: []string{"xml:resource/dates/date[dateType=Issued]", "xml:resource/publicationYear", "xml:resource/dates/date[dateType=Copyrighted|Created]"}},
	"modified":    {All: []string{"xml:resource/dates/date[dateType=Updated]"}},
	"valid":       {All: []string{"xml:resource/dates/date[dateType=Valid]"}},
	"identifiers": {All: []string{"xml:resource/identifier", "xml:resource/alternateIdentifiers/alternateIdentifier"}},
	"rights":      {All: []string{"xml:resource/rightsList/rights", "xml:resource/rights", "xml:resource/licenseCondition"}},
	"license":     {All: []string{"xml:resource/rightsList/rights@rightsURI", "xml:resource/licenseCondition@uri"}},
	// A DOI or handle written without its resolver leads nowhere.
	"landing":   {First: []string{"xml:resource/alternateIdentifiers/alternateIdentifier[alternateIdentifierType=URL]", "xml:resource/identifier[identifierType=URL]", "xml:resource/identifier[identifierType=DOI]", "xml:resource/identifier[identifierType=Handle]"}, Then: []string{`regex.replace:~^(?i:doi:\s*)?(10\.\d+/)~https://doi.org/$1~`, `regex.replace:~^(?i:hdl:\s*)?(\d[\d.]*/\S+)$~https://hdl.handle.net/$1~`, `regex.find:^https?://.*`}},
	"files":     {All: []string{"xml:resource/file"}},
	"countries": {All: []string{"xml:resource/geoLocations/geoLocation/geoLocationPlace"}},
	"audiences": {All: []string{"xml:resource/audience"}},
}

// dimFields are the places of DSpace's intermediate metadata. Its dates accessioned and
// available are those of the upload.
var dimFields = map[string]Chain{
	"title":       {All: []string{"xml:field[element=title][!qualifier]", "xml:field[element=title][qualifier=none|translated]"}},
	"alternative": {All: []string{"xml:field[element=title][qualifier=alternative]"}},
	"description": {First: []string{"xml:field[element=description][qualifier=abstract]", "xml:field[element=description][!qualifier]", "xml:field[element=description][qualifier=tableofcontents]"}},
	"keywords":    {All: []string{"xml:field[element=subject]"}},
	"type":        {All: []string{"xml:field[element=type]"}},
	"language":    {First: []string{"xml:field[element=language][qualifier=iso|rfc3066]", "xml:field[element=language]"}},
	"creators":    {All: []string{"xml:field[element=contributor][qualifier=author|corporatename|corporateauthor]", "xml:field[element=creator]"}},
	"publishers":  {All: []string{"xml:field[element=publisher][!qualifier]", "xml:field[element=publisher][qualifier=none]"}},
	"funders":     {All: []string{"xml:field[element=description][qualifier=sponsorship]"}},
	"issued":      {First: []string{"xml:field[element=date][qualifier=issued]", "xml:field[element=date][!qualifier]", "xml:field[element=date][qualifier=published|created|copyright]"}},
	"modified":    {All: []string{"xml:field[element=date][qualifier=updated|modified]"}},
	"valid":       {All: []string{"xml:field[element=date][qualifier=valid]"}},
	"identifiers": {All: []string{"xml:field[element=identifier][qualifier!=citation]"}},
	"rights":      {All: []string{"xml:field[element=rights][!qualifier]", "xml:field[element=rights][qualifier=accessrights|holder|none]"}},
	"license":     {All: []string{"xml:field[element=rights][qualifier=uri|license]"}},
	"countries":   {All: []string{"xml:field[element=coverage][qualifier!=temporal]"}},
	"audiences":   {All: []string{"xml:field[element=audience]"}},
}

// metsFields are the places of METS as repositories serve it: what it wraps is MODS with
// or without its root, DIM, or Dublin Core, and it lists the files itself.
var metsFields = func() map[string]Chain {
	wrapped := map[string]Chain{}
	for field, c := range modsFields {
		wrapped[field] = c.or(c.moved("xml:mods/", "xml:xmlData/"))
	}
	for field, c := range dimFields {
		wrapped[field] = wrapped[field].or(c)
	}
	for field, c := range qdcFields {
		wrapped[field] = wrapped[field].or(c.moved("dc:", "xml:xmlData/")).or(c.moved("dc:", "xml:xmlData/dc/"))
	}
	wrapped["files"] = wrapped["files"].or(Chain{All: []string{"xml:fileGrp[USE=original|content]/file/FLocat@href"}})
	return wrapped
}()

// or is a chain that goes on to another one. Where one of them takes the first find and
// the other all, the first find of both counts.
func (c Chain) or(next Chain) Chain {
	out := Chain{Then: c.Then}
	if len(c.First)+len(next.First) > 0 {
		out.First = slices.Concat(c.First, c.All, next.First, next.All)
	} else {
		out.All = slices.Concat(c.All, next.All)
	}
	return out
}

// moved is a chain that looks the same below another element.
func (c Chain) moved(from, to string) Chain {
	move := func(list []string) []string {
		var out []string
		for _, s := range list {
			if rest, ok := strings.CutPrefix(s, from); ok {
				out = append(out, to+rest)
			}
		}
		return out
	}
	return Chain{First: move(c.First), All: move(c.All), Then: c.Then}
}
