package ctip

import "time"

// LanguageMap maps BCP 47 language tags to texts; "und" marks a text of unknown language.
type LanguageMap map[string]string

// Resource is one record in JSON. Fields that are not known are absent.
type Resource struct {
	// Stable, opaque, URL-safe id of the record; never reused.
	ID string `json:"id" jsonschema:"minLength=1,maxLength=128,pattern=^[A-Za-z0-9._~-]+$"`
	// Title of the resource, in each language it is known in.
	Title LanguageMap `json:"title"`
	// Other titles: short forms, former titles, translations by others.
	Alternative LanguageMap `json:"alternative,omitempty"`
	// What the resource is about.
	Description LanguageMap `json:"description,omitempty"`

	// Kinds of resource (vocabulary scheme "type"), the primary one first.
	Type []Tag `json:"type,omitempty"`
	// Themes of victim protection (vocabulary scheme "theme").
	Themes []Tag `json:"themes,omitempty"`
	// Whom the resource is made for (vocabulary scheme "audience").
	Audiences []Tag `json:"audiences,omitempty"`
	// Which victims it is about (vocabulary scheme "victim-group").
	VictimGroups []Tag `json:"victimGroups,omitempty"`
	// Which forms of exploitation it is about (vocabulary scheme "exploitation").
	ExploitationForms []Tag `json:"exploitationForms,omitempty"`
	// Countries the resource is about, ISO 3166-1 alpha-2; not the publisher's seat.
	Countries []Tag `json:"countries,omitempty"`
	// Regions as the resource states them; countries holds their members.
	Regions []Tag `json:"regions,omitempty"`

	// Languages of the resource itself, BCP 47.
	Languages []string `json:"languages,omitempty"`
	// Who wrote or made it.
	Creators []Agent `json:"creators,omitempty"`
	// Who published it.
	Publishers []Agent `json:"publishers,omitempty"`
	// Who paid for it.
	Funders []Agent `json:"funders,omitempty"`

	// When it was published.
	Issued Date `json:"issued,omitzero"`
	// When its content last changed.
	Modified Date `json:"modified,omitzero"`
	// When it holds: of laws, plans and events.
	Valid Date `json:"valid,omitzero"`

	// Its downloadable forms, at their publisher's.
	Files []File `json:"files,omitempty"`
	// Names the wider world knows it by.
	Identifiers []Identifier `json:"identifiers,omitempty"`
	// Its place among the editions of one work.
	Work Work `json:"work,omitzero"`
	// How it relates to other resources.
	Relations []Relation `json:"relations,omitempty"`

	// Rights value (vocabulary scheme "rights"); absent means unknown: link only.
	Rights string `json:"rights,omitempty"`
	// URI of the licence.
	License string `json:"license,omitempty" jsonschema:"format=uri-reference"`
	// The publisher's own words about rights.
	RightsStatement LanguageMap `json:"rightsStatement,omitempty"`
	// Sensitivity flag (vocabulary scheme "sensitivity").
	Sensitivity string `json:"sensitivity,omitempty"`

	// Where it was published and how the record came here.
	Origin Origin `json:"origin,omitzero"`
	// What the hub knows about its visits to the source.
	Harvest Harvest `json:"harvest,omitzero"`
	// How complete and usable the record is.
	Quality Quality `json:"quality,omitzero"`

	// Why fields have their values.
	Provenance []Assertion `json:"provenance,omitempty"`
	// Curators' decisions about single fields.
	Override []Override `json:"override,omitempty"`
}

// Tag is one vocabulary concept given to a record.
type Tag struct {
	// Id of the concept in its scheme.
	ID string `json:"id" jsonschema:"minLength=1"`
	// How sure the hub is, from 0 to 1.
	Confidence float64 `json:"confidence" jsonschema:"minimum=0,maximum=1"`
	// What led to the concept.
	Evidence []Evidence `json:"evidence,omitempty"`
}

// Evidence is one match that led to a concept.
type Evidence struct {
	// Where it matched: title, description, keyword, source.
	Field string `json:"field,omitempty"`
	// What matched, as written there.
	Match string `json:"match,omitempty"`
	// Rule or vocabulary term that matched.
	Rule string `json:"rule,omitempty"`
}

// Agent is an organisation or person.
type Agent struct {
	// Its name, in each language it is known in.
	Name LanguageMap `json:"name,omitempty"`
	// What it is: government, un, ngo, regional, academic, person.
	Kind string `json:"kind,omitempty"`
	// Country of its seat, ISO 3166-1 alpha-2.
	Country string `json:"country,omitempty"`
	// URI or authority id.
	ID string `json:"id,omitempty"`
}

// Date is a date with the text it was read from.
type Date struct {
	// The date in EDTF (ISO 8601-2:2019, level 1); absent when the text could not be read.
	EDTF string `json:"edtf,omitempty"`
	// The source's own text.
	Raw string `json:"raw,omitempty"`
}

// File is one downloadable form of a resource.
type File struct {
	// Where it can be had.
	URL string `json:"url,omitempty"`
	// Internet media type.
	MediaType string `json:"mediaType,omitempty"`
	// Size in bytes.
	Bytes int64 `json:"bytes,omitempty" jsonschema:"minimum=0"`
	// Number of pages.
	Pages int `json:"pages,omitempty" jsonschema:"minimum=0"`
	// Language of this file, BCP 47.
	Language string `json:"language,omitempty"`
	// Checksum with its algorithm: sha256:….
	Checksum string `json:"checksum,omitempty"`
	// When the hub last looked for it.
	Checked time.Time `json:"checked,omitzero"`
	// What it found: ok, dead, unknown.
	Status string `json:"status,omitempty"`
}

// Identifier is a name the wider world knows a resource by.
type Identifier struct {
	// Kind of name: doi, isbn, handle, uri, number.
	Scheme string `json:"scheme,omitempty"`
	// The name itself.
	Value string `json:"value,omitempty"`
}

// Work places a record among the editions of one work.
type Work struct {
	// Id that all editions of the work share.
	ID string `json:"id,omitempty" jsonschema:"maxLength=128,pattern=^[A-Za-z0-9._~-]*$"`
	// Standing of this edition: official, unofficial, machine.
	EditionStatus string `json:"editionStatus,omitempty"`
}

// Relation points to another resource.
type Relation struct {
	// Kind of relation: translationOf, versionOf, partOf, accompanies.
	Kind string `json:"kind,omitempty"`
	// Id of a record, or a URL.
	Target string `json:"target,omitempty"`
	// Language of the other resource, BCP 47.
	Lang string `json:"lang,omitempty"`
}

// Origin says where a record was published and how it came here.
type Origin struct {
	// Id of the source in this hub.
	Source string `json:"source,omitempty"`
	// The source's own identifier.
	Identifier string `json:"identifier,omitempty"`
	// Page to send a reader to.
	Landing string `json:"landing,omitempty"`
	// What is known of the publisher's page: origin-known, mirror-only, origin-dead.
	Status string `json:"status,omitempty"`
	// Repositories the record passed through, nearest first.
	Chain []Hop `json:"chain,omitempty"`
}

// Hop is one repository a record passed through, as in the OAI-PMH provenance container.
type Hop struct {
	// Base URL of the repository.
	BaseURL string `json:"baseURL,omitempty"`
	// Its identifier of the record.
	Identifier string `json:"identifier,omitempty"`
	// Its datestamp of the record, as given.
	Datestamp string `json:"datestamp,omitempty"`
	// Namespace of the metadata it gave.
	Namespace string `json:"namespace,omitempty"`
	// When it was harvested there.
	HarvestDate time.Time `json:"harvestDate,omitzero"`
	// Whether the metadata was changed on the way.
	Altered bool `json:"altered,omitempty"`
}

// Harvest is what the hub knows about its visits to the source.
type Harvest struct {
	// When the record was first seen.
	FirstSeen time.Time `json:"firstSeen,omitzero"`
	// When it was last seen.
	LastSeen time.Time `json:"lastSeen,omitzero"`
	// When its content last changed.
	LastChanged time.Time `json:"lastChanged,omitzero"`
	// Hash of the raw it was made from; not in public exports.
	Raw string `json:"raw,omitempty"`
}

// Quality is how complete and usable a record is.
type Quality struct {
	// From 0 to 100, by the published formula.
	Score int `json:"score" jsonschema:"minimum=0,maximum=100"`
	// What could be better, with stable codes.
	Findings []Finding `json:"findings,omitempty"`
}

// Finding is something about a record that could be better.
type Finding struct {
	// Stable code.
	Code string `json:"code,omitempty"`
	// Field it is about.
	Field string `json:"field,omitempty"`
	// Plain words.
	Detail string `json:"detail,omitempty"`
}

// Assertion says why a field has its value.
type Assertion struct {
	// Field of this document.
	Field string `json:"field,omitempty"`
	// Which entry of a language map.
	Lang string `json:"lang,omitempty"`
	// Which value, of fields that hold several.
	Value string `json:"value,omitempty"`
	// The source's text where it differs.
	Raw string `json:"raw,omitempty"`
	// Rule that set the value.
	Rule string `json:"rule,omitempty"`
	// How sure the hub is, from 0 to 1.
	Confidence float64 `json:"confidence" jsonschema:"minimum=0,maximum=1"`
	// How the value relates to the source's: as-is, cleaned, added, replaced, source-default, curator.
	Flag string `json:"flag,omitempty"`
}

// Override is one curator's decision about one field.
type Override struct {
	// Field of this document.
	Field string `json:"field,omitempty"`
	// The decided value, in the form of this document.
	Value string `json:"value,omitempty"`
	// Who decided; not in public exports.
	Who string `json:"who,omitempty"`
	// When.
	When time.Time `json:"when,omitzero"`
	// Why; not in public exports.
	Why string `json:"why,omitempty"`
}
