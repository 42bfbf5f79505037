package configs

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/invopop/jsonschema"

	"ctiphub/internal/fetch"
)

// Schemas returns the JSON Schemas of the configuration files for editors, by file name.
// They are made from the very structs that Load fills.
func Schemas() (map[string][]byte, error) {
	r := &jsonschema.Reflector{
		FieldNameTag:               "yaml",
		RequiredFromJSONSchemaTags: true,
		DoNotReference:             true,
		Anonymous:                  true,
		Mapper: func(t reflect.Type) *jsonschema.Schema {
			if t == reflect.TypeFor[fetch.Duration]() {
				return &jsonschema.Schema{Type: "string", Pattern: `^([0-9.]+(ns|us|µs|ms|s|m|h))+$`}
			}
			return nil
		},
	}
	out := map[string][]byte{}
	for name, v := range map[string]any{"hub.schema.json": &Hub{}, "source.schema.json": &Source{}} {
		s := r.Reflect(v)
		s.Title = name
		b, err := json.MarshalIndent(s, "", "  ")
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", name, err)
		}
		out[name] = append(b, '\n')
	}
	return out, nil
}
