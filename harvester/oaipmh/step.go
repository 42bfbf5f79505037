package oaipmh

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"math/bits"
	"net/http"
	"slices"
	"time"

	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/oai"
)

// Bounds of a list that never ends.
const (
	maxEmptyPages = 200
	maxPages      = 5_000_000
)

// step asks for the next part of the list. What it returns is to be yielded even when
// there is an error too.
func (r *run) step() ([]harvester.Page, error) {
	r.fit()
	asked := r.now()
	a, resp, err := r.ask(r.arguments()...)
	if err != nil {
		return r.failed(err)
	}
	if r.state.First.IsZero() {
		r.state.First = firstDate(a.ResponseDate, asked)
	}
	if len(a.Errors) > 0 && len(a.Records) == 0 {
		return r.refused(a)
	}
	verb := r.state.verb()
	if a.Verb != verb && (len(a.Records) > 0 || a.Token == nil) && !(verb == "ListRecords" && a.Verb == "GetRecord") {
		if verb == "ListIdentifiers" {
			return r.unsweepable("answers ListIdentifiers with something else")
		}
		return nil, fmt.Errorf("the repository answers %s when asked for %s", a.Verb, verb)
	}
	return r.listed(a, resp)
}

// firstDate is the time that the next run goes back to: the server's own, by which it
// stamps its records, unless that is ahead of ours. Then its zone may be wrong.
func firstDate(response, asked time.Time) time.Time {
	if response.IsZero() || response.After(asked) {
		return asked.UTC().Truncate(time.Second)
	}
	return response
}

// arguments of the next request. A token goes alone with the verb.
func (r *run) arguments() []string {
	s := &r.state
	if s.Token != "" {
		return []string{"verb", s.verb(), "resumptionToken", s.Token}
	}
	w := s.Windows[0]
	return []string{"verb", s.verb(), "metadataPrefix", s.Prefix, "from", s.stamp(w.From), "until", s.stamp(w.Until), "set", s.Set}
}

// failed decides what a request without an answer means. A list that is too much for
// the repository is divided. Any other trouble with a token ends the run, but is
// remembered: when the same token fails in the next run too, the list is divided then.
func (r *run) failed(err error) ([]harvester.Page, error) {
	if r.ctx.Err() != nil || fatal(err) {
		return nil, err
	}
	s := &r.state
	var status *fetch.StatusError
	errors.As(err, &status)
	if tooMuch(err) {
		return nil, r.split(err)
	}
	if status != nil && status.Status == http.StatusUnprocessableEntity {
		return r.unprocessable(err)
	}
	broken := errors.Is(err, oai.ErrNotOAI) || errors.Is(err, oai.ErrTruncated) || (status != nil && status.Status >= 500)
	if s.Token == "" || !broken {
		return nil, err
	}
	if s.Failed {
		return nil, r.split(err)
	}
	s.Failed = true
	return []harvester.Page{r.page(harvester.Page{})}, err
}

// tooMuch recognises the ways of saying that a list is too long: the status for it, the
// words of an error page, whatever its status, and an answer beyond the limit of size.
func tooMuch(err error) bool {
	var status *fetch.StatusError
	var page *unreadable
	switch {
	case errors.Is(err, fetch.ErrTooLarge):
		return true
	case errors.As(err, &status):
		return status.Status == http.StatusRequestEntityTooLarge || saysTooMuch(status.Body)
	case errors.As(err, &page):
		return saysTooMuch(page.body)
	}
	return false
}

// saysTooMuch looks for the words in the beginning of an error page.
func saysTooMuch(body []byte) bool {
	head := bytes.ToLower(body[:min(len(body), 64<<10)])
	return slices.ContainsFunc([]string{"too many", "too large", "restrict the period", "result set exceeds"}, func(words string) bool {
		return bytes.Contains(head, []byte(words))
	})
}

// unprocessable decides what the status 422 without words means. Some repositories answer
// so where a period holds nothing, others where it holds too much: it is divided, and what
// is still refused as a single day is taken for empty. Since that is a guess, a list with
// such a day is not a complete one.
func (r *run) unprocessable(err error) ([]harvester.Page, error) {
	s := &r.state
	if s.First.IsZero() {
		s.First = firstDate(time.Time{}, r.now())
	}
	w := s.Windows[0]
	if s.Token != "" || w.From.IsZero() && w.Until.IsZero() {
		return nil, r.split(err)
	}
	day := r.span(w) <= 48*time.Hour
	if !day && !(s.Learnt.EmptyRefused && r.span(w) <= 31*24*time.Hour) {
		return nil, r.split(err)
	}
	s.Learnt.EmptyRefused, s.Doubt = true, true
	r.note("empty-refused", "the repository answers 422 for periods in which nothing changed")
	return []harvester.Page{r.ended(harvester.Page{})}, nil
}

// refused decides what an error of the protocol means.
func (r *run) refused(a *oai.Answer) ([]harvester.Page, error) {
	s := &r.state
	has := func(code string) bool { _, ok := a.Error(code); return ok }
	err := protocolError(s.verb(), a.Errors)
	bounded := s.Token == "" && (!s.Windows[0].From.IsZero() || !s.Windows[0].Until.IsZero())
	switch {
	case s.Phase == sweeping && s.Token == "" && !bounded:
		if has(oai.NoRecordsMatch) {
			r.listAll("lists no identifiers")
			return nil, nil
		}
		return r.unsweepable("does not list identifiers")
	case has(oai.NoRecordsMatch):
		if s.Set != "" && s.Since.IsZero() && s.Listed == 0 && s.Splits == 0 {
			r.checkSet()
		}
		r.learnSpan()
		return []harvester.Page{r.ended(harvester.Page{})}, nil
	case s.Token != "" && (has(oai.BadResumptionToken) || has(oai.BadArgument)):
		if s.Restarted {
			return nil, r.split(err)
		}
		r.restart()
		s.Restarted = true
		r.note("token-refused", "a resumption token was refused and the list begun again")
		return nil, nil
	case bounded && has(oai.BadArgument) && !s.Toggle:
		s.Toggle = true
		r.toggle()
		r.note("granularity-refused", "dates of the granularity that Identify states are refused")
		return nil, nil
	case has(oai.CannotDisseminateFormat) && s.Prefix != oai.OAIDCPrefix && r.src.OAI.Prefix == "" && s.Token == "":
		return nil, r.nextFormat()
	case saysTooMuch([]byte(err.Error())):
		return nil, r.split(err)
	}
	return nil, err
}

// toggle goes over to the other granularity and keeps it for the next runs.
func (r *run) toggle() {
	s := &r.state
	if s.Granularity == oai.Seconds {
		s.Granularity = oai.Days
	} else {
		s.Granularity = oai.Seconds
	}
	s.Learnt.Granularity = s.Granularity
}

// nextFormat begins anew with the next richest format, when one that is announced is
// refused.
func (r *run) nextFormat() error {
	s := &r.state
	r.note("format-refused", "the format %s is announced but refused", s.Prefix)
	if slices.Contains(s.Learnt.Refused, s.Prefix) {
		s.Prefix = oai.OAIDCPrefix // it was refused before: the list of formats is of no help
	} else {
		s.Learnt.Refused = append(s.Learnt.Refused, s.Prefix)
		if err := r.choosePrefix(""); err != nil {
			return err
		}
	}
	s.Since, s.Sweep = time.Time{}, false // what is known came in the other format
	s.Windows = []window{{}}
	r.restart()
	return nil
}

// unsweepable remembers that a repository has no list of identifiers.
func (r *run) unsweepable(what string) ([]harvester.Page, error) {
	r.state.Learnt.NoIdentifiers = true
	r.listAll(what)
	return nil, nil
}

// listed turns an answer with records into a page and moves the state behind it.
func (r *run) listed(a *oai.Answer, resp *fetch.Response) ([]harvester.Page, error) {
	s := &r.state
	hash := pageHash(a)
	if len(a.Records) > 0 && (hash == s.LastPage || r.seen[hash]) {
		return nil, errors.New("the list goes round: a page came a second time under another resumption token")
	}
	var page harvester.Page
	var err error
	if s.Phase == sweeping {
		ok := false
		if page, ok, err = r.reconcile(a, resp); !ok {
			r.listAll("many of its records are new")
			return nil, nil
		}
	} else {
		page, err = r.convert(a, resp)
	}
	if err != nil {
		return nil, err
	}
	if len(a.Records) > 0 {
		s.LastPage = hash
		r.seen[hash] = true
		s.Empty = 0
	} else {
		s.Empty++
	}
	s.Listed += len(a.Records)
	s.Pages++
	s.Failed = false
	if a.Token != nil && a.Token.CompleteListSize > 0 {
		s.Total = a.Token.CompleteListSize
	}
	if len(s.Windows) == 1 && s.Splits == 0 {
		page.Total = s.Total
	}
	if a.Token == nil || a.Token.Value == "" {
		if s.Total > 0 && s.Total != s.Listed {
			r.note("list-size-mismatch", "the repository announced %d records and served %d", s.Total, s.Listed)
		}
		r.learnSpan()
		return []harvester.Page{r.ended(page)}, nil
	}
	looped := r.follow(a.Token.Value)
	if looped != nil {
		r.restart() // the next run begins again: by then the repository may be mended
	}
	return []harvester.Page{r.page(page)}, looped
}

// follow takes the next token, or says that the list will not end with it.
func (r *run) follow(token string) error {
	s := &r.state
	hash := hashOf("token " + token)
	same := token == s.Token
	s.Token = token
	switch {
	case same:
		return errors.New("the list goes round: the repository answers with the resumption token it was sent")
	case r.seen[hash] || hash == s.Tortoise:
		return errors.New("the list goes round: a resumption token came a second time")
	case s.Empty > maxEmptyPages:
		return fmt.Errorf("the list has %d empty pages in a row", s.Empty)
	case s.Pages > maxPages:
		return fmt.Errorf("the list has more than %d pages", maxPages)
	}
	r.seen[hash] = true
	if bits.OnesCount(uint(s.Pages)) == 1 {
		s.Tortoise = hash
	}
	return nil
}

// pageHash tells pages apart by what they list.
func pageHash(a *oai.Answer) uint64 {
	h := fnv.New64a()
	for _, rec := range a.Records {
		fmt.Fprintf(h, "%q %q %v\n", rec.Header.Identifier, rec.Header.Datestamp, rec.Header.Deleted)
	}
	return h.Sum64()
}

// page finishes a page with what was noted and where to go on.
func (r *run) page(p harvester.Page) harvester.Page {
	p.Notes = append(p.Notes, r.notes...)
	r.notes = nil
	p.Cursor = r.state.cursor()
	return p
}
