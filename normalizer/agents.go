package normalizer

import (
	"slices"
	"strings"

	"ctiphub/internal/extract"
	"ctiphub/internal/lang"
	"ctiphub/record"
)

// agents fills publishers, creators and funders.
func (w *work) agents() {
	w.rec.Publishers = w.bodies("publishers", w.values("publishers"))
	if len(w.rec.Publishers) == 0 {
		if name := w.src.rules.Defaults.Publisher; name != "" {
			a, _ := w.body(name)
			w.rec.Publishers = []record.Agent{a}
			w.assert(record.Assertion{Field: "publishers", Value: name, Rule: "source-default", Confidence: 0.7, Flag: record.Default})
		}
	}
	if len(w.rec.Publishers) == 0 {
		w.find(CodeNoPublisher, "publishers", "")
	}
	w.rec.Funders = w.bodies("funders", w.values("funders"))
	w.creators()
}

// body makes an agent of a name: the authority file's entry, or the name as it stands.
func (w *work) body(name string) (record.Agent, bool) {
	if p, ok := w.n.authority.find(name, w.seat()); ok {
		return p.agent(), true
	}
	// A name in Latin letters belongs to no language; another script tells its own.
	tag := "und"
	if script := lang.Script(name); script != "Latn" && script != "" {
		tag, _ = w.languageOf(name, "")
	}
	return record.Agent{Name: record.Texts{tag: name}}, false
}

// seat is the country whose bodies a name most likely means: that of the source, of the
// site, or of the language.
func (w *work) seat() string {
	if !w.seated {
		w.seatOf, w.seated = w.findSeat(), true
	}
	return w.seatOf
}

func (w *work) findSeat() string {
	if c := w.country(); c != "" {
		return c
	}
	if c := w.domainCountry(); c != "" {
		return c
	}
	for _, l := range w.rec.Languages {
		if i, ok := w.n.home[l]; ok {
			return w.n.vocab.Countries[i].ID
		}
	}
	return ""
}

// names cuts a field into single names: repositories and pages put several into one.
func (w *work) names(text string) []string {
	text = plainText(text)
	if w.knownName(text) {
		return []string{text}
	}
	for _, sep := range []string{";", " | ", " / "} {
		if strings.Contains(text, sep) {
			return w.eachName(strings.Split(text, sep))
		}
	}
	if parts := strings.Split(text, "/"); len(parts) > 1 && slices.ContainsFunc(parts, w.knownName) {
		return w.eachName(parts)
	}
	// "A, B and C" only where the authority file knows one of them: commas are part of names.
	for _, sep := range []string{", ", " and ", " with "} {
		if parts := strings.Split(text, sep); len(parts) > 1 && !slices.ContainsFunc(parts, func(p string) bool { return !w.knownName(p) }) {
			return parts
		}
	}
	return []string{text}
}

func (w *work) eachName(parts []string) []string {
	var out []string
	for _, part := range parts {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, w.names(part)...)
		}
	}
	return out
}

func (w *work) knownName(s string) bool {
	_, ok := w.n.authority.find(s, w.seat())
	return ok
}

func (w *work) bodies(field string, values []extract.Value) []record.Agent {
	var out []record.Agent
	for _, v := range values {
		for _, name := range w.names(v.Text) {
			if name == "" || len(name) > 300 || isAddress(name) {
				continue
			}
			a, known := w.body(name)
			if !known && w.n.isPerson(name) {
				w.find(CodePersonAsPublisher, field, "")
				continue
			}
			if sameAgent(out, a) {
				continue
			}
			conf := 0.7
			if known {
				conf = 0.95
			} else {
				w.find(CodePublisherUnmapped, field, "")
			}
			out = append(out, a)
			flag := record.AsIs
			shown, _ := a.Name.In("en")
			if shown != v.Text {
				flag = record.Cleaned
			}
			w.assert(record.Assertion{Field: field, Value: shown, Raw: v.Text, Rule: v.Rule, Confidence: conf, Flag: flag})
		}
	}
	return out
}

// isAddress: some systems put a web or mail address where a name belongs.
func isAddress(s string) bool { return strings.Contains(s, "@") || isWeb(s) }

func sameAgent(list []record.Agent, a record.Agent) bool {
	return slices.ContainsFunc(list, func(b record.Agent) bool {
		if a.ID != "" || b.ID != "" {
			return a.ID == b.ID
		}
		x, _ := a.Name.In("en")
		y, _ := b.Name.In("en")
		return nameKey(x) == nameKey(y)
	})
}

// systemNames are what content systems write as author.
var systemNames = map[string]bool{"admin": true, "administrator": true, "webmaster": true, "editor": true, "super user": true, "anonymous": true, "user": true, "root": true, "author": true, "unknown": true}

// creators may be persons. E-mail addresses beside names go.
func (w *work) creators() {
	for _, v := range w.values("creators") {
		text, _, _ := strings.Cut(plainText(v.Text), "<")
		parts := []string{text}
		if strings.Contains(text, ";") {
			parts = strings.Split(text, ";")
		}
		for _, name := range parts {
			name = strings.TrimSpace(name)
			if name == "" || len(name) > 300 || isAddress(name) || systemNames[strings.ToLower(name)] {
				continue
			}
			a, known := w.body(name)
			if !known && w.n.isPerson(name) {
				a.Kind = "person"
			}
			if sameAgent(w.rec.Creators, a) {
				continue
			}
			w.rec.Creators = append(w.rec.Creators, a)
			shown, _ := a.Name.In("en")
			w.assert(record.Assertion{Field: "creators", Value: shown, Rule: v.Rule, Confidence: 0.8})
		}
	}
}
