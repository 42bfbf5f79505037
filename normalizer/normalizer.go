// Package normalizer turns what a source said into the common schema, and can say why.
//
// In flows a record.Raw; out flow a record.Record with provenance and findings, and the
// screening decision. Outcomes depend on the raw, the source's rules and the vocabulary
// alone: no network, clock or database. It must not know how the raw was fetched or
// where the record goes.
package normalizer

// Rules is what configuration says about reading one source.
type Rules struct {
	Fields   map[string]Chain `yaml:"fields,omitempty" jsonschema:"description=Where each field comes from; the format's usual places when absent"`
	Defaults Defaults         `yaml:"defaults,omitempty" jsonschema:"description=What holds for the records of this source that do not say otherwise"`
	Trust    string           `yaml:"trust,omitempty" jsonschema:"enum=high,enum=normal,enum=low,description=high: unknown sensitivity is published; low: everything is reviewed first (normal when absent)"`
	InScope  bool             `yaml:"in_scope,omitempty" jsonschema:"description=All of the source is about counter-trafficking: no topical gate"`
}

// Chain says where a field's value comes from: the first selector that finds something,
// or all of them, then named transforms in order.
type Chain struct {
	First []string `yaml:"first,omitempty" jsonschema:"description=Selectors in order of preference"`
	All   []string `yaml:"all,omitempty" jsonschema:"description=Selectors whose values are all taken"`
	Then  []string `yaml:"then,omitempty" jsonschema:"description=Named transforms, applied in order"`
}

// Defaults are values that hold unless a record says otherwise.
type Defaults struct {
	Language  string   `yaml:"language,omitempty" jsonschema:"description=BCP 47 tag of most texts: evidence, never the last word"`
	Countries []string `yaml:"countries,omitempty" jsonschema:"description=What the records are about when they name no country"`
	Publisher string   `yaml:"publisher,omitempty" jsonschema:"description=Publisher when a record names none"`
	Type      string   `yaml:"type,omitempty" jsonschema:"description=Resource type when nothing else tells"`
	Rights    string   `yaml:"rights,omitempty" jsonschema:"description=Id of a rights value"`
	DateOrder string   `yaml:"date_order,omitempty" jsonschema:"enum=dmy,enum=mdy,enum=ymd,description=Order of numeric dates"`
}
