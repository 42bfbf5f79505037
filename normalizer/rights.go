package normalizer

import (
	"regexp"
	"slices"
	"strings"

	"ctiphub/internal/lang"
	"ctiphub/record"
)

var (
	ccURL  = regexp.MustCompile(`(?i)creativecommons\.org/(licenses|publicdomain)/([a-z-]+)/(\d\.\d)(?:/([a-z]{2,3})\b)?`)
	ccName = regexp.MustCompile(`(?i)\b(?:cc|creative commons)[ -](by(?:-(?:nc|sa|nd)){0,2}|zero|0)(?:[ -](\d\.\d))?(?:\W|$)`)
)

// rightsPhrases are read in this order: the more restrictive statement of a text counts.
var rightsPhrases = []struct {
	id      string
	phrases []string
}{
	{"permission-required", []string{"written permission", "prior permission", "permission must be", "izin tertulis", "ต้องได้รับอนุญาต"}},
	{"free-with-attribution", []string{"may be reproduced", "may be freely", "free reproduction", "acknowledgement of the source", "acknowledgment of the source", "with acknowledgement", "reproduction is authorized", "boleh diperbanyak"}},
	{"un-copyright", []string{"united nations", "international organization for migration", "international labour organization", "non-commercial purposes"}},
	{"all-rights-reserved", []string{"all rights reserved", "hak cipta dilindungi", "สงวนลิขสิทธิ์", "bản quyền thuộc", "版权所有", "direitos reservados"}},
}

// rights fills rights, license and sensitivity. Unknown stays unknown: link only.
func (w *work) rights() {
	statement := record.Texts{}
	for _, v := range append(w.values("license"), w.values("rights")...) {
		text := plainText(v.Text)
		if text == "" {
			continue
		}
		status, license := readRights(text)
		if license != "" && w.rec.Rights.License == "" {
			w.rec.Rights.License = license
		}
		if status != "" && (w.rec.Rights.Status == "" || status == "cc") {
			w.rec.Rights.Status = status
			w.assert(record.Assertion{Field: "rights", Value: status, Raw: text, Rule: v.Rule, Confidence: 0.9, Flag: record.Added})
		}
		text, stripped := w.n.stripContacts(text, w.hotlines())
		// A statement is worth less than a held record: with somebody's address in it, it goes.
		if stripped || w.n.personalData(text, w.hotlines()) != "" {
			w.find(CodeContactStripped, "rights", "")
		}
		if !isWeb(text) && text != "" && w.n.personalData(text, w.hotlines()) == "" {
			tag, _ := w.languageOf(text, v.Lang)
			if statement[tag] == "" {
				statement[tag] = cutAt(text, 500)
			}
		}
	}
	if len(statement) > 0 {
		w.rec.Rights.Statement = statement
	}
	switch {
	case w.rec.Rights.Status != "":
	case w.src.rules.Defaults.Rights != "":
		w.rec.Rights.Status = w.src.rules.Defaults.Rights
		w.assert(record.Assertion{Field: "rights", Value: w.rec.Rights.Status, Rule: "source-default", Confidence: 0.7, Flag: record.Default})
	default:
		w.rec.Rights.Status = "unknown"
		w.find(CodeNoRights, "rights", "")
	}
}

// readRights tells a rights value and the licence's address from a statement.
func readRights(text string) (status, license string) {
	low := strings.ToLower(text)
	if m := submatch(ccURL, text, strings.Contains(low, "creativecommons.org/")); m != nil {
		license = "https://creativecommons.org/" + strings.ToLower(m[1]) + "/" + strings.ToLower(m[2]) + "/" + m[3] + "/"
		if m[4] != "" {
			license += strings.ToLower(m[4]) + "/"
		}
		return "cc", license
	}
	if m := submatch(ccName, text, strings.Contains(low, "cc") || strings.Contains(low, "creative commons")); m != nil {
		kind := strings.ToLower(m[1])
		switch {
		case kind == "0" || kind == "zero":
			return "cc", "https://creativecommons.org/publicdomain/zero/1.0/"
		case m[2] != "":
			return "cc", "https://creativecommons.org/licenses/" + kind + "/" + m[2] + "/"
		}
		return "cc", "" // without a version there is no licence to point to
	}
	folded := lang.Fold(text)
	for _, r := range rightsPhrases {
		if slices.ContainsFunc(r.phrases, func(p string) bool { return strings.Contains(folded, lang.Fold(p)) }) {
			return r.id, ""
		}
	}
	return "", ""
}

// sensitivity decides how openly the record may be shown. Types that expose people are
// flagged by their nature; what is unknown follows the trust that the source has.
func (w *work) sensitivity() {
	set := func(id, rule string, flag record.Flag) {
		w.rec.Sensitivity = id
		w.assert(record.Assertion{Field: "sensitivity", Value: id, Rule: rule, Confidence: 0.8, Flag: flag})
	}
	is := func(ids ...string) bool {
		return slices.ContainsFunc(w.rec.Type, func(t record.Tag) bool { return slices.Contains(ids, t.ID) && t.Confidence >= publishFrom })
	}
	switch {
	case is("directory"):
		set("service-locations", "type:directory", record.Added)
	case is("video-webinar", "campaign-material"):
		set("check-images", "type", record.Added)
	case w.src.rules.Trust == "low":
	case w.src.rules.Trust != "high" && w.rec.Type[0].ID == "news":
		// News and stories tell of single people. Only a source that is trusted to leave
		// out who they are is shown unseen.
		w.hold(CodeUntrustedSource, "News and stories of this source are shown after a curator has looked.")
	default:
		set("public", "source-trust", record.Default)
	}
	if w.src.rules.Trust == "low" {
		w.hold(CodeUntrustedSource, codes[CodeUntrustedSource].meaning)
	}
}
