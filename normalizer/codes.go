package normalizer

import (
	"cmp"
	"slices"
)

// Codes of findings, holds and rejects. They are stable: publishers, dashboards and
// docs/schema.md refer to them.
const (
	CodeNoTitle           = "no-title"
	CodeUnreadable        = "unreadable"
	CodeOffTopic          = "off-topic"
	CodePossiblePII       = "possible-pii"
	CodeCaseData          = "case-data"
	CodeUntrustedSource   = "review-first"
	CodeContactStripped   = "contact-stripped"
	CodeNoDescription     = "no-description"
	CodeNoDate            = "no-date"
	CodeDateUnreadable    = "date-unreadable"
	CodeDateAmbiguous     = "date-ambiguous"
	CodeDateUncertain     = "date-uncertain"
	CodeDatePeriod        = "date-is-period"
	CodeDateFromTitle     = "date-from-title"
	CodeDateFromFile      = "date-from-file"
	CodeNoLanguage        = "no-language"
	CodeLanguageDiffers   = "language-differs"
	CodeLanguageUnknown   = "language-unknown"
	CodeNoCountry         = "no-country"
	CodeNoType            = "no-type"
	CodeNoTheme           = "no-theme"
	CodeThemeReview       = "theme-review"
	CodeNoPublisher       = "no-publisher"
	CodePublisherUnmapped = "publisher-unmapped"
	CodePersonAsPublisher = "person-as-publisher"
	CodeNoRights          = "no-rights"
	CodeNoLanding         = "no-landing"
	CodeNoFile            = "no-file"
	CodeMirrorOnly        = "mirror-only"
	CodeInvalidISBN       = "isbn-invalid"
	CodeTitleRepaired     = "title-repaired"
	CodeLongTitle         = "title-too-long"
	CodeDamagedText       = "damaged-text"
	CodeRepaired          = "repaired"
	CodeCharset           = "charset-guessed"
	CodeMojibake          = "mojibake-repaired"
	CodeZawgyi            = "zawgyi-converted"
	CodeMarkup            = "markup-mended"
	CodeTruncated         = "truncated"
)

// CodeInfo explains a code to publishers and operators.
type CodeInfo struct {
	Code    string
	Meaning string
	Fix     string // what the publisher can do; "" when it is not theirs to do
}

type codeText struct{ meaning, fix string }

var codes = map[string]codeText{
	CodeNoTitle:           {"The record has no title and was not taken.", "Give every page its own <h1> and <title>, every repository record a dc:title."},
	CodeUnreadable:        {"The content could not be read and was not taken.", "Check that the address serves the page itself, in the format it says."},
	CodeOffTopic:          {"No word of the field was found: a curator decides whether the record belongs here.", "Name the subject in title, description or keywords, such as \"trafficking in persons\"."},
	CodePossiblePII:       {"The text may hold personal data and is not shown until a curator has looked.", "Take names with ages, private numbers and addresses out of public texts."},
	CodeCaseData:          {"The columns are those of a table about single people. Such data are never taken.", "Publish counts and findings; keep records of people out of public files."},
	CodeUntrustedSource:   {"Records of this source are shown after a curator has looked.", ""},
	CodeContactStripped:   {"Contact lines of staff were taken out of the description.", "Keep direct numbers and personal addresses on a contact page."},
	CodeNoDescription:     {"There is no description.", "Add <meta name=\"description\" content=\"…\"> or dc:description: two or three sentences."},
	CodeNoDate:            {"There is no date of publication.", "Add <meta name=\"dcterms.issued\" content=\"YYYY-MM-DD\"> or dc:date."},
	CodeDateUnreadable:    {"The date of publication could not be read as one.", "Write dates as YYYY-MM-DD."},
	CodeDateAmbiguous:     {"Day and month of the date could be the other way round.", "Write dates as YYYY-MM-DD."},
	CodeDateUncertain:     {"The year of the date is a guess: it was written with two digits or in another era.", "Write dates as YYYY-MM-DD."},
	CodeDatePeriod:        {"The date is a period that the resource covers, not when it was published.", "State the day of publication in a field of its own."},
	CodeDateFromTitle:     {"The year was taken from the title because no date is stated.", "Add <meta name=\"dcterms.issued\" content=\"YYYY-MM-DD\"> or dc:date."},
	CodeDateFromFile:      {"Nothing but the day on which the PDF file was made is known; the document may be older, so it has no date.", "Put the date of publication on the page that links to the file, or into the XMP property dc:date."},
	CodeNoLanguage:        {"The language of the resource could not be told.", "Add dc:language, or lang=\"…\" on <html>."},
	CodeLanguageDiffers:   {"The stated language is not the one that the text is in.", "Set lang=\"…\" or dc:language to the language of the text, not of the menu."},
	CodeLanguageUnknown:   {"The stated language is not known to any standard.", "Use a BCP 47 tag such as km, lo, my, th or vi."},
	CodeNoCountry:         {"No country or region was found that the resource is about.", "Add dc:coverage or <meta name=\"dcterms.spatial\">."},
	CodeNoType:            {"The kind of resource could not be told.", "Add dc:type, or say in the title what it is: guide, report, law, training module."},
	CodeNoTheme:           {"No theme was found.", "Add keywords that say what part of victim protection the resource is about."},
	CodeThemeReview:       {"A theme is possible but not sure: a curator decides.", "Add keywords that say what part of victim protection the resource is about."},
	CodeNoPublisher:       {"There is no publisher.", "Add <meta name=\"dcterms.publisher\"> or dc:publisher."},
	CodePublisherUnmapped: {"The publisher is not in the hub's list yet.", ""},
	CodePersonAsPublisher: {"A person's name stood where the publisher belongs and was left out.", "State the body that publishes, not who uploaded the file."},
	CodeNoRights:          {"Nothing says what may be done with the resource: it is linked to, never copied.", "Add <link rel=\"license\"> or dc:rights with the address of a licence."},
	CodeNoLanding:         {"There is no page to send a reader to.", "Give every record a web address of its own in dc:identifier."},
	CodeNoFile:            {"No file to read or download was found.", "Link the document from the page's main content."},
	CodeMirrorOnly:        {"Only a copy on a sharing site is known.", "Publish the document on your own site; the hub will prefer it."},
	CodeInvalidISBN:       {"The ISBN fails its check digit and was left out.", "Correct the ISBN."},
	CodeTitleRepaired:     {"The title needed repair: it stood twice or carried the name of the site.", "Keep the site's name out of og:title and dc:title."},
	CodeLongTitle:         {"The title is longer than 500 characters and was cut.", "Put the title alone into the title."},
	CodeDamagedText:       {"Letters were lost in the text; nothing was concluded from it.", "Publish text, not a text layer of scanned pages or of an old font."},
	CodeRepaired:          {"The content needed mending before it could be read.", "Check the page with a validator."},
	CodeCharset:           {"The charset was missing or wrong and was guessed.", "Serve UTF-8 and say so: Content-Type: text/html; charset=utf-8."},
	CodeMojibake:          {"The text had been decoded wrongly before it was published and was repaired.", "Re-import the text as UTF-8."},
	CodeZawgyi:            {"Burmese text in the Zawgyi encoding was converted to Unicode.", "Publish Burmese in Unicode."},
	CodeMarkup:            {"The XML or JSON is not well-formed and was mended.", "Escape &, < and control characters."},
	CodeTruncated:         {"The content is larger than the hub reads; the rest was left out.", ""},
}

// Codes lists every code with what it means and what can be done, in order.
func Codes() []CodeInfo {
	out := make([]CodeInfo, 0, len(codes))
	for code, t := range codes {
		out = append(out, CodeInfo{Code: code, Meaning: t.meaning, Fix: t.fix})
	}
	slices.SortFunc(out, func(a, b CodeInfo) int { return cmp.Compare(a.Code, b.Code) })
	return out
}
