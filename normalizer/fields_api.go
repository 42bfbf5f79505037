package normalizer

// The usual places of what APIs list.
var (
	// dspaceFields follow the qualified Dublin Core of DSpace's metadata registry. The dates
	// of accession and availability are those of the upload and say nothing of the resource.
	dspaceFields = map[string]Chain{
		"title":       {All: []string{"json:$.metadata['dc.title']"}},
		"alternative": {All: []string{"json:$.metadata['dc.title.alternative']", "json:$.metadata['dc.title.translated']"}},
		"description": {First: []string{"json:$.metadata['dc.description.abstract']", "json:$.metadata['dc.description']"}},
		"keywords":    {All: []string{"json:$.metadata['dc.subject']", "json:$.metadata['dc.subject.other']"}},
		"type":        {All: []string{"json:$.metadata['dc.type']", "json:$.metadata['dspace.entity.type']"}},
		"language":    {First: []string{"json:$.metadata['dc.language.iso']", "json:$.metadata['dc.language']"}},
		"creators":    {All: []string{"json:$.metadata['dc.contributor.author']", "json:$.metadata['dc.creator']", "json:$.metadata['dc.contributor.editor']"}},
		"publishers":  {All: []string{"json:$.metadata['dc.publisher']"}},
		"funders":     {All: []string{"json:$.metadata['dc.description.sponsorship']"}},
		"issued":      {First: []string{"json:$.metadata['dc.date.issued']", "json:$.metadata['dc.date']"}},
		"modified":    {First: []string{"json:$.lastModified"}},
		"identifiers": {All: []string{"json:$.metadata['dc.identifier.doi']", "json:$.metadata['dc.identifier.isbn']", "json:$.metadata['dc.identifier.uri']", "json:$.handle", "json:$.metadata['dc.identifier']"},
			// A handle stands there bare. One with a short number before the slash may as well
			// be the number of a document and year, and stays what it is.
			Then: []string{`regex.replace:~^((?:[2-9]\d|\d{4})\.[\d.]+/\S+|\d{5,}/\S+)$~hdl:$1~`}},
		"rights":    {First: []string{"json:$.metadata['dc.rights.uri']", "json:$.metadata['dc.rights.license']", "json:$.metadata['dc.rights']"}},
		"landing":   {First: []string{"json:$.metadata['dc.identifier.uri'][0]", "json:$.metadata['dc.identifier.url'][0]"}},
		"files":     {All: []string{"json:$._embedded.bundles._embedded.bundles[name=ORIGINAL]._embedded.bitstreams._embedded.bitstreams._links.content.href"}},
		"countries": {All: []string{"json:$.metadata['dc.coverage.spatial']", "json:$.metadata['dc.coverage']"}},
		"audiences": {All: []string{"json:$.metadata['dc.audience']"}},
	}
	// ckanFields read texts in several languages where the portal keeps them (fluent and
	// multilingual extensions), and what DCAT portals put into extras.
	ckanFields = map[string]Chain{
		"title":       {First: []string{"json:$.title_translated", "json:$.title", "json:$.name"}},
		"description": {First: []string{"json:$.notes_translated", "json:$.notes", "json:$.description"}},
		"keywords":    {All: []string{"json:$.tags.display_name", "json:$.tags", "json:$.tags_translated", "json:$.groups.title"}},
		"type":        {All: []string{"json:$.extras[key=type].value", "json:$.extras[key=dcat_type].value"}},
		"language":    {All: []string{"json:$.language", "json:$.extras[key=language].value"}},
		"creators":    {First: []string{"json:$.extras[key=creator_name].value", "json:$.author"}},
		"publishers":  {First: []string{"json:$.extras[key=publisher_name].value", "json:$.publisher.name", "json:$.organization.title_translated", "json:$.organization.title"}},
		"issued":      {First: []string{"json:$.issued", "json:$.extras[key=issued].value", "json:$.extras[key=dcat_issued].value", "json:$.release_date"}},
		"modified":    {First: []string{"json:$.modified", "json:$.extras[key=modified].value", "json:$.metadata_modified"}},
		"identifiers": {All: []string{"json:$.doi", "json:$.identifier", "json:$.extras[key=identifier].value"}},
		"rights":      {First: []string{"json:$.license_url", "json:$.license_title", "json:$.license_id"}},
		"landing":     {First: []string{"json:$.landing_page", "json:$.extras[key=landing_page].value"}},
		"files":       {All: []string{"json:$.resources.url"}},
		"countries":   {All: []string{"json:$.extras[key=spatial_text].value", "json:$.groups[state=active].title"}},
	}
	reliefwebFields = map[string]Chain{
		"title":       {First: []string{"json:$.fields.title", "json:$.fields.name"}},
		"description": {First: []string{"json:$.fields.headline.summary", "json:$.fields['body-html']", "json:$.fields.body", "json:$.fields.description"}},
		"keywords":    {All: []string{"json:$.fields.theme.name", "json:$.fields.disaster_type.name", "json:$.fields.tags.name"}},
		"type":        {All: []string{"json:$.fields.format.name"}},
		"language":    {All: []string{"json:$.fields.language.code"}},
		"publishers":  {All: []string{"json:$.fields.source.name"}},
		"issued":      {First: []string{"json:$.fields.date.original", "json:$.fields.date.event"}},
		"modified":    {First: []string{"json:$.fields.date.changed"}},
		"identifiers": {All: []string{"json:$.fields.glide", "json:$.fields.origin"}},
		"landing":     {First: []string{"json:$.fields.url_alias", "json:$.fields.url"}},
		"files":       {All: []string{"json:$.fields.file.url"}},
		"countries":   {All: []string{"json:$.fields.primary_country.name", "json:$.fields.country.name"}},
	}
	// jsonFields are the names that most APIs use; a recipe's source says its own.
	jsonFields = map[string]Chain{
		"title":       {First: []string{"json:$.title", "json:$.name", "json:$.headline"}},
		"description": {First: []string{"json:$.abstract", "json:$.description", "json:$.summary", "json:$.notes"}},
		"keywords":    {All: []string{"json:$.keywords", "json:$.tags", "json:$.subjects", "json:$.subject"}},
		"type":        {All: []string{"json:$.type", "json:$.format"}},
		"language":    {All: []string{"json:$.language", "json:$.languages", "json:$.lang"}},
		"creators":    {All: []string{"json:$.authors", "json:$.author", "json:$.creators", "json:$.creator"}},
		"publishers":  {First: []string{"json:$.publisher", "json:$.organization", "json:$.agency"}},
		"issued":      {First: []string{"json:$.issued", "json:$.published", "json:$.datePublished", "json:$.publication_date", "json:$.date"}},
		"modified":    {First: []string{"json:$.modified", "json:$.updated", "json:$.dateModified", "json:$.last_modified"}},
		"identifiers": {All: []string{"json:$.doi", "json:$.isbn", "json:$.identifier"}},
		"rights":      {First: []string{"json:$.license", "json:$.rights"}},
		"landing":     {First: []string{"json:$.url", "json:$.link", "json:$.landing_page"}},
		"files":       {All: []string{"json:$.files", "json:$.file", "json:$.attachments", "json:$.pdf"}},
		"countries":   {All: []string{"json:$.countries", "json:$.country", "json:$.coverage", "json:$.spatial"}},
	}
)
