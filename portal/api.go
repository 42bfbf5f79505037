package portal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"
)

// apiPrefix is where the JSON API lives.
const apiPrefix = "/api/v1"

// mountAPI puts the JSON API and its OpenAPI document on the mux.
func (p *Portal) mountAPI(mux *http.ServeMux) {
	api := humago.New(conditionalMux{mux}, p.apiConfig())
	api.UseMiddleware(keepRequest, refuseUnknown(api))
	p.registerResources(api)
	p.registerWorks(api)
	p.registerChanges(api)
	p.registerVocabulary(api)
	p.registerCoverage(api)
	p.registerSources(api)
	p.registerPing(api)
	p.registerUsage(api)
	neverNull(api.OpenAPI().Components.Schemas.Map())
	mux.Handle("GET /api/openapi.json", conditional(p.adapt(p.openAPI(api.OpenAPI()))))
	mux.HandleFunc("OPTIONS /api/", preflight)
	mux.HandleFunc("/api/", p.noAPI)
}

// apiConfig is huma's own default without what the portal does not want: a page of
// documentation that loads scripts from elsewhere, and links to schemas in every answer.
func (p *Portal) apiConfig() huma.Config {
	c := huma.DefaultConfig(p.o.Name+" JSON API", "1.0")
	c.OpenAPIPath, c.DocsPath, c.SchemasPath, c.CreateHooks = "", "", "", nil
	c.Transformers = []huma.Transformer{sayWhatToDo}
	c.Info.Description = "Read-only but for announcements of changes (/api/v1/ping). Records have the ctip 1.0 JSON form, described by /schema/ctip.schema.json. " +
		"Lists are paged by cursor; errors are application/problem+json (RFC 9457)."
	if p.o.BaseURL != "" {
		c.Servers = []*huma.Server{{URL: p.o.BaseURL}}
	}
	return c
}

// sayWhatToDo puts into the sentence of a problem what is wrong with which parameter: the
// library's own says only that validation failed.
func sayWhatToDo(_ huma.Context, _ string, v any) (any, error) {
	pr, ok := v.(*huma.ErrorModel)
	if !ok || pr.Status != http.StatusUnprocessableEntity || len(pr.Errors) == 0 {
		return v, nil
	}
	var parts []string
	for _, e := range pr.Errors {
		parts = append(parts, strings.TrimPrefix(e.Location, "query.")+": "+e.Message)
	}
	pr.Detail = "Correct these parameters and ask again: " + strings.Join(parts, "; ") + "."
	return pr, nil
}

// neverNull takes null out of the types of lists: an empty list is [] or absent.
func neverNull(schemas map[string]*huma.Schema) {
	for _, s := range schemas {
		for _, property := range s.Properties {
			if property.Type == huma.TypeArray {
				property.Nullable = false
			}
			if property.AdditionalProperties != nil {
				if of, ok := property.AdditionalProperties.(*huma.Schema); ok && of.Type == huma.TypeArray {
					of.Nullable = false
				}
			}
		}
	}
}

// operation is one line of the API: where it is and what it says of itself.
type operation struct {
	id, path, summary string
	description       string
	errors            []int
}

// get registers one operation. Whatever its handler returns as an error becomes a problem
// document with a sentence for the client; what happened inside goes to the log.
func get[I, O any](p *Portal, api huma.API, op operation, h func(context.Context, *I) (*O, error)) {
	huma.Register(api, huma.Operation{
		OperationID: op.id, Method: http.MethodGet, Path: apiPrefix + op.path, Summary: op.summary, Description: op.description,
		Errors: append([]int{http.StatusBadRequest, http.StatusUnprocessableEntity, http.StatusInternalServerError}, op.errors...),
	}, answered(p, op.path, h))
}

// answered gives a handler's errors the form of problem documents.
func answered[I, O any](p *Portal, path string, h func(context.Context, *I) (*O, error)) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (*O, error) {
		out, err := h(ctx, in)
		if err == nil {
			return out, nil
		}
		if _, ok := errors.AsType[huma.StatusError](err); ok {
			return nil, err
		}
		pr := asProblem(err)
		p.logProblem(ctx, apiPrefix+path, pr)
		return nil, huma.NewError(pr.status, pr.sentence)
	}
}

// answer is an answer without special headers.
type answer[T any] struct{ Body T }

// refuseUnknown answers requests with parameters that the operation does not have: a
// filter with a typing error must not give the unfiltered list.
func refuseUnknown(api huma.API) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		var known []string
		for _, param := range ctx.Operation().Parameters {
			if param.In == "query" {
				known = append(known, param.Name)
			}
		}
		u := ctx.URL()
		for name := range u.Query() {
			if slices.Contains(known, name) {
				continue
			}
			sentence := fmt.Sprintf("There is no query parameter %q here; ", clip(visible(name), 40))
			if len(known) == 0 {
				sentence += "this address takes none."
			} else {
				sentence += "this address knows " + strings.Join(known, ", ") + "."
			}
			// Only a client that went away can make this fail.
			_ = huma.WriteErr(api, ctx, http.StatusBadRequest, sentence)
			return
		}
		next(ctx)
	}
}

// openAPI serves the description of the API.
func (p *Portal) openAPI(doc *huma.OpenAPI) handler {
	return func(w http.ResponseWriter, _ *http.Request) error {
		data, err := json.Marshal(doc)
		if err != nil {
			return fmt.Errorf("writing the OpenAPI document: %w", err)
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "public, max-age=3600")
		_, _ = w.Write(data) // only a client that went away can make this fail
		return nil
	}
}

// preflight answers browsers that ask before they read from another site's page.
func preflight(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS")
	h.Set("Access-Control-Allow-Headers", "Accept, If-None-Match")
	h.Set("Access-Control-Max-Age", "86400")
	w.WriteHeader(http.StatusNoContent)
}

// noAPI answers whatever no operation does, as a problem document too.
func (p *Portal) noAPI(w http.ResponseWriter, r *http.Request) {
	pr := huma.ErrorModel{Status: http.StatusNotFound, Title: "Not Found", Detail: "There is nothing at this address; /api/openapi.json lists what there is."}
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD, OPTIONS")
		pr = huma.ErrorModel{Status: http.StatusMethodNotAllowed, Title: "Method Not Allowed", Detail: "The API can only be read."}
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(pr.Status)
	if err := json.NewEncoder(w).Encode(pr); err != nil && r.Context().Err() == nil {
		p.o.Logger.Warn("writing a problem document", "error", err)
	}
}
