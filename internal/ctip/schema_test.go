package ctip_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"math/rand/v2"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/invopop/jsonschema"
	validator "github.com/santhosh-tekuri/jsonschema/v6"

	"ctiphub/exporter/exportertest"
	"ctiphub/internal/ctip"
)

const (
	jsonSchemaFile = "schema/ctip.schema.json"
	jsonSchemaID   = "urn:ctip-hub:schema:ctip:1.0:json"
)

// generated makes the JSON Schema from the wire structs and their comments.
func generated(t *testing.T) []byte {
	t.Helper()
	r := jsonschema.Reflector{ExpandedStruct: true}
	if err := r.AddGoComments("ctiphub/internal/ctip", "."); err != nil {
		t.Fatal(err)
	}
	s := r.Reflect(&ctip.Resource{})
	s.ID = jsonSchemaID
	s.Title = "A CTIP victim-protection resource, schema ctip " + ctip.Version
	one := uint64(1)
	title, _ := s.Properties.Get("title")
	title.MinProperties = &one // as a tag it is lost beside a $ref
	s.Definitions["LanguageMap"].PropertyNames = &jsonschema.Schema{Pattern: "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"}
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(s); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// TestJSONSchemaIsCurrent keeps the published schema and the structs together.
func TestJSONSchemaIsCurrent(t *testing.T) {
	got := generated(t)
	if *update {
		if err := os.WriteFile(jsonSchemaFile, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := fs.ReadFile(ctip.Schemas, jsonSchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what the structs say; run the test with -update and review the diff", jsonSchemaFile)
	}
	if n, all := bytes.Count(got, []byte(`"description": `)), countFields(reflect.TypeFor[ctip.Resource](), map[reflect.Type]bool{}); n < all {
		t.Errorf("%d descriptions for %d fields: some field has no comment", n, all)
	}
}

// countFields counts the JSON fields of a struct and of all structs in it, each once.
func countFields(typ reflect.Type, seen map[reflect.Type]bool) int {
	for typ.Kind() == reflect.Slice {
		typ = typ.Elem()
	}
	if typ.Kind() != reflect.Struct || typ == reflect.TypeFor[time.Time]() || seen[typ] {
		return 0
	}
	seen[typ] = true
	n := typ.NumField()
	for i := range typ.NumField() {
		n += countFields(typ.Field(i).Type, seen)
	}
	return n
}

func compiled(t *testing.T) *validator.Schema {
	t.Helper()
	data, err := fs.ReadFile(ctip.Schemas, jsonSchemaFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := validator.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := validator.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(jsonSchemaID, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(jsonSchemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func validate(t *testing.T, s *validator.Schema, doc []byte) error {
	t.Helper()
	v, err := validator.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatalf("%v\n%s", err, doc)
	}
	return s.Validate(v)
}

func TestJSONSchema(t *testing.T) {
	s := compiled(t)
	recs := exportertest.Samples()
	for seed := range uint64(200) {
		rec := exportertest.Random(rand.New(rand.NewPCG(seed, 3)))
		rec.Rights.License = "https://licence.example/"
		if len(rec.Title) > 0 {
			recs = append(recs, rec)
		}
	}
	for _, rec := range recs {
		doc, err := ctip.AppendJSON(nil, rec)
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, doc); err != nil {
			t.Errorf("record %s: %v\n%s", rec.ID, err, doc)
		}
	}
	for name, doc := range map[string]string{
		"no id":      `{"title":{"en":"a"}}`,
		"no title":   `{"id":"a"}`,
		"no text":    `{"id":"a","title":{}}`,
		"language":   `{"id":"a","title":{"Thai language":"x"}}`,
		"a space":    `{"id":"a b","title":{"en":"a"}}`,
		"plain text": `{"id":"a","title":"a"}`,
		"unknown":    `{"id":"a","title":{"en":"a"},"secret":1}`,
		"confidence": `{"id":"a","title":{"en":"a"},"themes":[{"id":"x","confidence":2}]}`,
		"time":       `{"id":"a","title":{"en":"a"},"harvest":{"firstSeen":"yesterday"}}`,
		"score":      `{"id":"a","title":{"en":"a"},"quality":{"score":101}}`,
		"list":       `{"id":"a","title":{"en":"a"},"languages":"en"}`,
	} {
		if validate(t, s, []byte(doc)) == nil {
			t.Errorf("%s: the schema accepts %s", name, doc)
		}
	}
}

// TestContext holds the JSON-LD context against the structs: every field is a term where
// it occurs, language maps are declared as such, and every prefix in use is declared.
func TestContext(t *testing.T) {
	data, err := fs.ReadFile(ctip.Schemas, "schema/ctip.context.jsonld")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Context map[string]any `json:"@context"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	checkTerms(t, "", reflect.TypeFor[ctip.Resource](), []map[string]any{doc.Context})
	checkPrefixes(t, doc.Context, doc.Context)
}

func checkTerms(t *testing.T, path string, typ reflect.Type, scopes []map[string]any) {
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		def := lookup(scopes, name)
		if def == nil {
			t.Errorf("%s%s is not a term of the context", path, name)
			continue
		}
		object, _ := def.(map[string]any)
		if f.Type == reflect.TypeFor[ctip.LanguageMap]() && object["@container"] != "@language" {
			t.Errorf("%s%s is a language map and not declared as one", path, name)
		}
		elem := f.Type
		for elem.Kind() == reflect.Slice {
			elem = elem.Elem()
		}
		if elem.Kind() == reflect.Struct && elem != reflect.TypeFor[time.Time]() {
			inner, _ := object["@context"].(map[string]any)
			checkTerms(t, path+name+".", elem, append(scopes[:len(scopes):len(scopes)], inner))
		}
	}
}

func lookup(scopes []map[string]any, term string) any {
	for i := len(scopes) - 1; i >= 0; i-- {
		if def, ok := scopes[i][term]; ok {
			return def
		}
	}
	return nil
}

func checkPrefixes(t *testing.T, root map[string]any, v any) {
	switch v := v.(type) {
	case map[string]any:
		for _, e := range v {
			checkPrefixes(t, root, e)
		}
	case string:
		prefix, rest, found := strings.Cut(v, ":")
		if found && !strings.HasPrefix(rest, "//") && prefix != "urn" && root[prefix] == nil {
			t.Errorf("%q uses a prefix that is not declared", v)
		}
	}
}

// TestDocumented makes sure that docs/schema.md names every field of the JSON document
// and every element and attribute of the XML Schema.
func TestDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	text := string(doc)
	for _, typ := range []reflect.Type{
		reflect.TypeFor[ctip.Resource](), reflect.TypeFor[ctip.Tag](), reflect.TypeFor[ctip.Evidence](), reflect.TypeFor[ctip.Agent](),
		reflect.TypeFor[ctip.Date](), reflect.TypeFor[ctip.File](), reflect.TypeFor[ctip.Identifier](), reflect.TypeFor[ctip.Work](),
		reflect.TypeFor[ctip.Relation](), reflect.TypeFor[ctip.Origin](), reflect.TypeFor[ctip.Hop](), reflect.TypeFor[ctip.Harvest](),
		reflect.TypeFor[ctip.Quality](), reflect.TypeFor[ctip.Finding](), reflect.TypeFor[ctip.Assertion](), reflect.TypeFor[ctip.Override](),
	} {
		for i := range typ.NumField() {
			name, _, _ := strings.Cut(typ.Field(i).Tag.Get("json"), ",")
			if !regexp.MustCompile("[`\".]" + name + "[`\".]").MatchString(text) {
				t.Errorf("%s.%s is not described", typ.Name(), name)
			}
		}
	}
	xsd, err := fs.ReadFile(ctip.Schemas, "schema/"+ctip.SchemaXML)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`<xs:(?:element|attribute) name="(\w+)"`).FindAllStringSubmatch(string(xsd), -1) {
		if !regexp.MustCompile("[`\"./@< ]" + m[1] + "[`\"=>/ ]").MatchString(text) {
			t.Errorf("%s of the XML Schema is not described", m[1])
		}
	}
}
