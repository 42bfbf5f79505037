package oaipmh

import (
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ctiphub/internal/oai"
)

// maxBody is the longest body of a POST request: a token is the longest argument.
const maxBody = 64 << 10

// request is one protocol request, checked against the grammar.
type request struct {
	verb       string
	values     url.Values
	identifier string
	prefix     string
	set        string
	token      string
	from       time.Time
	until      time.Time
	base       string      // base URL of the repository, as this request sees it
	errors     []oai.Error // why it is refused
	// echo says that the arguments are repeated in the answer: not when they are what
	// was wrong (section 3.2 of the protocol).
	echo bool
	// splices are written records that go into the answer.
	splices []splice
}

// rule says which arguments a verb takes.
type rule struct{ required, optional []string }

// grammar is section 4 of the protocol. A resumptionToken excludes all else.
var grammar = map[string]rule{
	"Identify":            {},
	"ListMetadataFormats": {optional: []string{"identifier"}},
	"ListSets":            {optional: []string{"resumptionToken"}},
	"GetRecord":           {required: []string{"identifier", "metadataPrefix"}},
	"ListIdentifiers":     {required: []string{"metadataPrefix"}, optional: []string{"from", "until", "set", "resumptionToken"}},
	"ListRecords":         {required: []string{"metadataPrefix"}, optional: []string{"from", "until", "set", "resumptionToken"}},
}

// arguments lists all arguments of the protocol in the order they are repeated in answers.
var arguments = []string{"verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken"}

func (q *request) bad(code, message string) {
	q.errors = append(q.errors, oai.Error{Code: code, Message: message})
}

// parse reads a request and notes everything that is wrong with it.
func (h *handler) parse(r *http.Request) *request {
	q := &request{}
	values, ok := readArguments(r)
	q.values = values
	if !q.readVerb() {
		return q
	}
	if !ok {
		q.bad(oai.BadArgument, "The arguments are not properly encoded.")
	}
	q.checkGrammar()
	if len(q.errors) == 0 {
		q.readValues()
	}
	q.echo = len(q.errors) == 0
	if q.echo && q.prefix != "" && h.byPrefix[q.prefix] == nil {
		q.bad(oai.CannotDisseminateFormat, "Records are not available in this format; ListMetadataFormats names those that are.")
	}
	return q
}

// readArguments joins the arguments of the URL and of a form.
func readArguments(r *http.Request) (url.Values, bool) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if r.Method != http.MethodPost {
		return values, err == nil
	}
	body, readErr := io.ReadAll(http.MaxBytesReader(nil, r.Body, maxBody))
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	form, formErr := url.ParseQuery(string(body))
	if media != "application/x-www-form-urlencoded" {
		return values, false
	}
	for name, v := range form {
		values[name] = append(values[name], v...)
	}
	return values, err == nil && readErr == nil && formErr == nil
}

// readVerb finds the verb; without one there is no telling what the rest should be.
func (q *request) readVerb() bool {
	verbs := q.values["verb"]
	switch {
	case len(verbs) == 0:
		q.bad(oai.BadVerb, "The verb argument is missing.")
	case len(verbs) > 1:
		q.bad(oai.BadVerb, "The verb argument is repeated.")
	default:
		if _, known := grammar[verbs[0]]; known {
			q.verb = verbs[0]
			return true
		}
		q.bad(oai.BadVerb, "The verb is not one of OAI-PMH 2.0.")
	}
	return false
}

// checkGrammar holds the names of the arguments against those the verb takes.
func (q *request) checkGrammar() {
	rule := grammar[q.verb]
	for _, name := range sortedNames(q.values) {
		v := q.values[name]
		switch {
		case name == "verb":
		case !slices.Contains(rule.required, name) && !slices.Contains(rule.optional, name):
			q.bad(oai.BadArgument, "An argument is not one that "+q.verb+" takes: "+printable(name))
		case len(v) > 1:
			q.bad(oai.BadArgument, "An argument is repeated: "+name)
		case v[0] == "":
			q.bad(oai.BadArgument, "An argument is empty: "+name)
		case !legal(v[0]):
			q.bad(oai.BadArgument, "An argument holds characters that are not allowed: "+name)
		}
	}
	if q.values.Has("resumptionToken") && slices.Contains(rule.optional, "resumptionToken") {
		if len(q.values) > 2 {
			q.bad(oai.BadArgument, "A resumptionToken allows no other argument but the verb.")
		}
		return
	}
	for _, name := range rule.required {
		if !q.values.Has(name) {
			q.bad(oai.BadArgument, "A required argument is missing: "+name)
		}
	}
}

// readValues reads the arguments and checks the form of each.
func (q *request) readValues() {
	q.identifier, q.prefix = q.values.Get("identifier"), q.values.Get("metadataPrefix")
	q.set, q.token = q.values.Get("set"), q.values.Get("resumptionToken")
	if strings.ContainsAny(q.identifier, " \"<>\\^`{|}") {
		q.bad(oai.BadArgument, "The identifier is not a URI.")
	}
	if q.prefix != "" && !validPart(q.prefix) {
		q.bad(oai.BadArgument, "The metadataPrefix holds characters that are not allowed.")
	}
	if q.set != "" && !validSpec(q.set) {
		q.bad(oai.BadArgument, "The set is not a setSpec.")
	}
	from, fromGranularity := q.stamp("from")
	until, untilGranularity := q.stamp("until")
	if from.IsZero() || until.IsZero() {
		q.from, q.until = from, endOf(until, untilGranularity)
		return
	}
	if fromGranularity != untilGranularity {
		q.bad(oai.BadArgument, "The granularities of from and until differ.")
	} else if from.After(until) {
		q.bad(oai.BadArgument, "from is later than until.")
	}
	q.from, q.until = from, endOf(until, untilGranularity)
}

// stamp reads a date argument.
func (q *request) stamp(name string) (time.Time, string) {
	s := q.values.Get(name)
	if s == "" {
		return time.Time{}, ""
	}
	t, granularity, err := oai.ParseStamp(s)
	if err != nil {
		q.bad(oai.BadArgument, name+" is not a date of the form "+oai.Days+" or "+oai.Seconds+".")
	} else if first := (time.Time{}).Add(time.Second); t.Before(first) {
		t = first // the zero time would mean "no bound"; nothing is as old
	}
	return t, granularity
}

// endOf makes an upper bound inclusive: a day reaches to its last second.
func endOf(t time.Time, granularity string) time.Time {
	if granularity == oai.Days {
		return t.Add(24*time.Hour - time.Second)
	}
	return t
}

// legal reports whether an argument is text that an XML answer could repeat.
func legal(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7F || r == 0xFFFE || r == 0xFFFF })
}

// printable shortens a foreign name for a message.
func printable(s string) string { return s[:min(len(s), 40)] }

// validSpec reports whether a set spec has the form that the protocol asks for.
func validSpec(spec string) bool {
	for part := range strings.SplitSeq(spec, ":") {
		if !validPart(part) {
			return false
		}
	}
	return true
}

// validPart reports whether a text consists of the unreserved characters of URIs.
func validPart(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("-_.!~*'()", c) >= 0) {
			return false
		}
	}
	return s != ""
}

// validDomain reports whether a text can be the repositoryIdentifier of an oai-identifier.
func validDomain(s string) bool {
	if !strings.Contains(s, ".") {
		return false
	}
	for label := range strings.SplitSeq(s, ".") {
		if label == "" || label[0] == '-' || strings.ContainsAny(label, "_!~*'()") || !validPart(label) {
			return false
		}
	}
	return true
}

func sortedNames(v url.Values) []string {
	names := make([]string, 0, len(v))
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
