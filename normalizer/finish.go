package normalizer

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"ctiphub/record"
)

// finish draws the conclusions from what all fields together say.
func (w *work) finish() {
	if !w.gate && !w.src.rules.InScope {
		w.find(CodeOffTopic, "", "")
		w.hold(CodeOffTopic, codes[CodeOffTopic].meaning)
	}
	if w.rec.Sensitivity == "" {
		w.sensitivity()
	}
	if w.rec.Sensitivity == "service-locations" && len(w.rec.Description) > 0 {
		// The directory is linked to; who and where stays on the owner's page.
		w.rec.Description = record.Texts{}
		w.rec.Provenance = slices.DeleteFunc(w.rec.Provenance, func(a record.Assertion) bool { return a.Field == "description" })
		w.find(CodeContactStripped, "description", "")
	}
	if len(w.rec.Files) == 0 {
		w.find(CodeNoFile, "files", "")
	}
	if len(w.rec.Alternative) == 0 {
		w.rec.Alternative = nil
	}
	if len(w.rec.Description) == 0 {
		w.rec.Description = nil
	}
	w.rec.Quality.Score = quality(w.rec)
}

// exchange takes a record that another hub has made in the common schema: as it is, with
// the way it came. It is screened like any other.
func (w *work) exchange() (record.Record, record.Decision, error) {
	rec, ok := w.doc.Ctip()
	if !ok {
		return w.rec, reject(CodeUnreadable, "The content could not be read as a record of the common schema."), nil
	}
	id, origin := w.rec.ID, w.rec.Origin
	w.rec = rec
	w.rec.ID = id
	w.rec.Origin.Source, w.rec.Origin.Identifier = origin.Source, origin.Identifier
	w.rec.Origin.Chain = append([]record.Hop{w.hop()}, rec.Origin.Chain...)
	w.rec.Harvest = record.Harvest{}
	w.rec.Overrides = nil
	if len(w.rec.Title) == 0 {
		return w.rec, reject(CodeNoTitle, "The record has no title."), nil
	}
	w.screen()
	if w.rec.Quality.Score == 0 {
		w.rec.Quality.Score = quality(w.rec)
	}
	return w.rec, w.decide(), nil
}

// chain is the way that a record of a repository came: the repository that it was taken
// from, then those that it says it passed through before.
func (w *work) chain() []record.Hop {
	h := w.hop()
	h.Namespace, h.Altered = w.doc.Namespace(), true // what is published is our reading of it
	return append([]record.Hop{h}, w.doc.Provenance()...)
}

// hop is the repository that the record was taken from.
func (w *work) hop() record.Hop {
	h := record.Hop{Identifier: w.raw.Identifier, HarvestDate: w.raw.Fetched.UTC().Truncate(time.Second), BaseURL: w.raw.URL}
	if !w.raw.Datestamp.IsZero() {
		h.Datestamp = w.raw.Datestamp.UTC().Format(time.RFC3339)
	}
	if u, err := url.Parse(w.raw.URL); err == nil {
		u.RawQuery, u.Fragment = "", ""
		h.BaseURL = strings.TrimSuffix(u.String(), "?")
	}
	h.Namespace = ctipNamespace
	return h
}

// ctipNamespace names the format of the records that hubs exchange.
const ctipNamespace = "urn:ctip-hub:schema:ctip:" + record.SchemaVersion
