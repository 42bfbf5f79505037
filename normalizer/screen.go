package normalizer

import (
	"strings"
	"time"

	"ctiphub/record"
)

// screen looks for personal data in every text that readers would see. A hit holds the
// whole record. The reason says what kind of thing was seen and where, never what.
func (w *work) screen() {
	listed := w.hotlines()
	see := func(field, text string) {
		if what := w.n.personalData(text, listed); what != "" {
			w.find(CodePossiblePII, field, "The text may hold "+what+".")
			w.hold(CodePossiblePII, "The "+field+" may hold "+what+"; a curator has to look before anybody else does.")
			w.rec.Sensitivity = CodePossiblePII
		}
	}
	for _, agents := range []struct {
		field string
		list  []record.Agent
	}{{"creators", w.rec.Creators}, {"publishers", w.rec.Publishers}, {"funders", w.rec.Funders}} {
		for _, a := range agents.list {
			for _, tag := range a.Name.Languages() {
				see(agents.field, a.Name[tag])
			}
		}
	}
	// Addresses hold numbers of all kinds, so that only mailboxes can be told in them.
	for _, f := range append([]record.File{{URL: w.rec.Origin.Landing}}, w.rec.Files...) {
		if strings.Contains(f.URL, "@") && personalMail(f.URL) {
			see("files", f.URL[strings.LastIndexByte(f.URL, '/')+1:])
		}
	}
	for _, part := range []struct {
		field string
		texts record.Texts
	}{{"title", w.rec.Title}, {"alternative", w.rec.Alternative}, {"description", w.rec.Description}, {"rights", w.rec.Rights.Statement}} {
		for _, tag := range part.texts.Languages() {
			see(part.field, part.texts[tag])
		}
	}
}

// reviewedWithin is how long the review of an official number holds.
const reviewedWithin = 365 * 24 * time.Hour

// hotlines are the official numbers that may stand in texts: those that somebody reviewed
// within a year of the visit. A stale number harms more than none.
func (w *work) hotlines() map[string]bool {
	if len(w.n.hotlines) == 0 {
		return nil
	}
	oldest := w.raw.Fetched.Add(-reviewedWithin).Format(time.DateOnly)
	listed := map[string]bool{}
	for number, reviewed := range w.n.hotlines {
		listed[number] = reviewed >= oldest
	}
	return listed
}
