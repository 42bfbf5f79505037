package demo

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctiphub/internal/oai"
)

// refusal is an error of the protocol: code and words.
type refusal struct{ code, detail string }

func (r refusal) Error() string { return r.code + ": " + r.detail }

// arguments are what each verb may be asked, those that it must be asked first.
var arguments = map[string]struct{ required, optional []string }{
	"Identify":            {},
	"ListMetadataFormats": {nil, []string{"identifier"}},
	"ListSets":            {nil, []string{"resumptionToken"}},
	"GetRecord":           {[]string{"identifier", "metadataPrefix"}, nil},
	"ListIdentifiers":     {[]string{"metadataPrefix"}, []string{"from", "until", "set", "resumptionToken"}},
	"ListRecords":         {[]string{"metadataPrefix"}, []string{"from", "until", "set", "resumptionToken"}},
}

// answer answers one request of the protocol. The bytes depend on the request and the
// step of time alone, so those two make the ETag.
func (p repository) answer(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	s := p.snapshot()
	body := make([]byte, 0, 96<<10)
	body = fmt.Appendf(body, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAI-PMH xmlns=\"%s\" xmlns:xsi=\"%s\" xsi:schemaLocation=\"%s %s\">\n<responseDate>%s</responseDate>\n",
		oai.Namespace, oai.XSINamespace, oai.Namespace, oai.Schema, oai.FormatStamp(p.c.today(s.steps), oai.Seconds))
	content, err := s.respond(r.Form)
	var no refusal
	echo := r.Form
	if errors.As(err, &no) {
		if no.code == oai.BadVerb || no.code == oai.BadArgument {
			echo = nil // the protocol wants a bare request element then
		}
		content = oai.AppendText(append(content[:0], "<error code=\""+no.code+"\">"...), no.detail)
		content = append(content, "</error>\n"...)
	}
	body = append(body, "<request"...)
	for _, name := range []string{"verb", "identifier", "metadataPrefix", "from", "until", "set", "resumptionToken"} {
		if echo.Has(name) {
			body = append(oai.AppendAttr(append(body, " "+name+"=\""...), echo.Get(name)), '"')
		}
	}
	body = append(body, ">"+p.base+"/oai</request>\n"...)
	body = append(append(body, content...), "</OAI-PMH>\n"...)
	tag := mix(hash(r.Form.Encode()+p.base) ^ mix(p.c.seed+uint64(s.steps)))
	serveTagged(w, r, "text/xml; charset=utf-8", body, p.newest(), tag)
}

// respond makes the part of an answer that depends on the verb. Errors are refusals.
func (s snapshot) respond(q url.Values) ([]byte, error) {
	verb := q.Get("verb")
	args, known := arguments[verb]
	if !known || len(q["verb"]) > 1 {
		return nil, refusal{oai.BadVerb, "unknown, missing or repeated verb"}
	}
	for name, given := range q {
		switch {
		case name == "verb":
		case !slices.Contains(args.required, name) && !slices.Contains(args.optional, name):
			return nil, refusal{oai.BadArgument, "illegal argument " + name}
		case len(given) > 1:
			return nil, refusal{oai.BadArgument, "repeated argument " + name}
		}
	}
	if q.Has("resumptionToken") && len(q) > 2 {
		return nil, refusal{oai.BadArgument, "resumptionToken is an exclusive argument"}
	}
	for _, name := range args.required {
		if q.Get(name) == "" && !q.Has("resumptionToken") {
			return nil, refusal{oai.BadArgument, "missing argument " + name}
		}
	}
	switch verb {
	case "Identify":
		return s.identify(), nil
	case "ListMetadataFormats":
		return s.formats(q)
	case "ListSets":
		return nil, refusal{oai.NoSetHierarchy, "this repository has no sets"}
	case "GetRecord":
		return s.one(q)
	}
	return s.list(verb, q)
}

func (s snapshot) identify() []byte {
	b := []byte("<Identify><repositoryName>")
	b = oai.AppendText(b, s.name)
	return fmt.Appendf(b, "</repositoryName><baseURL>%s/oai</baseURL><protocolVersion>2.0</protocolVersion><adminEmail>repository@repository.example</adminEmail><earliestDatestamp>%s</earliestDatestamp><deletedRecord>persistent</deletedRecord><granularity>%s</granularity></Identify>\n",
		s.base, oai.FormatStamp(s.stamp(0), oai.Seconds), oai.Seconds)
}

func (s snapshot) formats(q url.Values) ([]byte, error) {
	if q.Has("identifier") {
		n, ok := numberOf(q.Get("identifier"))
		if _, there := s.where(n); !ok || !there {
			return nil, refusal{oai.IDDoesNotExist, "unknown identifier"}
		}
	}
	b := []byte("<ListMetadataFormats>")
	for _, prefix := range s.prefixes {
		b = fmt.Appendf(b, "<metadataFormat><metadataPrefix>%s</metadataPrefix><schema>%s</schema><metadataNamespace>%s</metadataNamespace></metadataFormat>", prefix, schemas[prefix][0], schemas[prefix][1])
	}
	return append(b, "</ListMetadataFormats>\n"...), nil
}

// one answers GetRecord.
func (s snapshot) one(q url.Values) ([]byte, error) {
	prefix := q.Get("metadataPrefix")
	n, ok := numberOf(q.Get("identifier"))
	pos, there := s.where(n)
	switch {
	case !ok || !there:
		return nil, refusal{oai.IDDoesNotExist, "unknown identifier"}
	case !slices.Contains(s.prefixes, prefix):
		return nil, refusal{oai.CannotDisseminateFormat, "unknown format"}
	}
	b := s.appendRecord([]byte("<GetRecord>"), pos, prefix)
	return append(b, "</GetRecord>\n"...), nil
}

// span is a list that was asked for: the places still to be given, and how many of those
// before them were not given, because the list began later or they were empty.
type span struct {
	next, end, left int
	prefix          string
}

// token writes all that there is to know for going on.
func (l span) token() string {
	t := strconv.Itoa(l.next) + "/" + strconv.Itoa(l.end) + "/" + l.prefix
	if l.left > 0 {
		t += "/" + strconv.Itoa(l.left)
	}
	return t
}

// resumed reads a token back.
func (s snapshot) resumed(token string) (span, error) {
	bad := refusal{oai.BadResumptionToken, "unknown or expired token"}
	parts := strings.Split(token, "/")
	if len(parts) == 3 {
		parts = append(parts, "0")
	}
	if len(parts) != 4 {
		return span{}, bad
	}
	next, err1 := strconv.Atoi(parts[0])
	end, err2 := strconv.Atoi(parts[1])
	left, err3 := strconv.Atoi(parts[3])
	l := span{next, end, left, parts[2]}
	if errors.Join(err1, err2, err3) != nil || left < 0 || next < left || next >= end || end > s.positions() || !slices.Contains(s.prefixes, l.prefix) {
		return span{}, bad
	}
	return l, nil
}

// asked reads the arguments of a new list.
func (s snapshot) asked(q url.Values) (span, error) {
	switch {
	case q.Has("set"):
		return span{}, refusal{oai.NoSetHierarchy, "this repository has no sets"}
	case !slices.Contains(s.prefixes, q.Get("metadataPrefix")):
		return span{}, refusal{oai.CannotDisseminateFormat, "unknown format"}
	}
	from, until, err := window(q)
	if err != nil {
		return span{}, err
	}
	first, end := s.bounds(from, until)
	return span{first, end, first, q.Get("metadataPrefix")}, nil
}

// list answers ListRecords and ListIdentifiers.
func (s snapshot) list(verb string, q url.Values) ([]byte, error) {
	l, err := s.asked(q)
	if q.Has("resumptionToken") {
		l, err = s.resumed(q.Get("resumptionToken"))
	}
	if err != nil {
		return nil, err
	}
	b := make([]byte, 0, 64<<10)
	b = append(b, "<"+verb+">\n"...)
	given, count := l.next-l.left, 0
	for ; l.next < l.end; l.next++ {
		pos := s.at(l.next)
		if pos.n < 0 {
			l.left++
			continue
		}
		if count == pageSize {
			break // the token is given when something is left, and not merely a place
		}
		count++
		if verb == "ListIdentifiers" {
			b = append(appendHeader(b, pos), '\n')
		} else {
			b = append(s.appendRecord(b, pos, l.prefix), '\n')
		}
	}
	switch {
	case count == 0:
		return nil, refusal{oai.NoRecordsMatch, "nothing matches"}
	case l.next < l.end:
		b = append(b, "<resumptionToken"...)
		if s.steps == 0 {
			b = fmt.Appendf(b, " completeListSize=\"%d\"", l.end-l.left)
		}
		b = fmt.Appendf(b, " cursor=\"%d\">%s</resumptionToken>\n", given, l.token())
	case q.Has("resumptionToken"):
		b = fmt.Appendf(b, "<resumptionToken cursor=\"%d\"/>\n", given)
	}
	return append(b, "</"+verb+">\n"...), nil
}

// window reads from and until; the zero time is no bound.
func window(q url.Values) (from, until time.Time, err error) {
	var grain [2]string
	for i, name := range []string{"from", "until"} {
		if !q.Has(name) {
			continue
		}
		t, granularity, err := oai.ParseStamp(q.Get(name))
		if err != nil {
			return from, until, refusal{oai.BadArgument, err.Error()}
		}
		grain[i] = granularity
		if name == "from" {
			from = t
			continue
		}
		if until = t; granularity == oai.Days {
			until = t.Add(24*time.Hour - time.Second)
		}
	}
	switch {
	case grain[0] != "" && grain[1] != "" && grain[0] != grain[1]:
		err = refusal{oai.BadArgument, "from and until differ in granularity"}
	case !until.IsZero() && from.After(until):
		err = refusal{oai.BadArgument, "from is later than until"}
	}
	return from, until, err
}
