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
	if a.Verb == "ListIdentifiers" || (len(a.Records) == 0 && a.Token == nil && a.Verb != "ListRecords") {
		return nil, fmt.Errorf("the repository answers %s when asked for ListRecords", a.Verb)
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
		return []string{"verb", "ListRecords", "resumptionToken", s.Token}
	}
	w := s.Windows[0]
	return []string{"verb", "ListRecords", "metadataPrefix", s.Prefix, "from", s.stamp(w.From), "until", s.stamp(w.Until), "set", s.Set}
}

// failed decides what a request without an answer means. A list that is too much for
// the repository is divided. Any other trouble with a token ends the run, but is
// remembered: when the same token fails in the next run too, the list is divided then.
func (r *run) failed(err error) ([]harvester.Page, error) {
	if r.ctx.Err() != nil {
		return nil, err
	}
	s := &r.state
	var status *fetch.StatusError
	if errors.As(err, &status) && tooMuch(status) || errors.Is(err, fetch.ErrTooLarge) {
		return nil, r.split(err)
	}
	broken := errors.Is(err, oai.ErrNotOAI) || errors.Is(err, oai.ErrTruncated) ||
		(status != nil && status.Status >= 500 && status.Status != http.StatusServiceUnavailable)
	if s.Token == "" || !broken {
		return nil, err
	}
	if s.Failed {
		return nil, r.split(err)
	}
	s.Failed = true
	return []harvester.Page{r.page(harvester.Page{})}, err
}

// tooMuch recognises the ways of saying that a list is too long.
func tooMuch(e *fetch.StatusError) bool {
	return e.Status == http.StatusRequestEntityTooLarge || e.Status == http.StatusUnprocessableEntity ||
		bytes.Contains(bytes.ToLower(e.Body), []byte("too many records"))
}

// refused decides what an error of the protocol means.
func (r *run) refused(a *oai.Answer) ([]harvester.Page, error) {
	s := &r.state
	has := func(code string) bool { _, ok := a.Error(code); return ok }
	err := protocolError("ListRecords", a.Errors)
	bounded := s.Token == "" && (!s.Windows[0].From.IsZero() || !s.Windows[0].Until.IsZero())
	switch {
	case has(oai.NoRecordsMatch):
		if s.Set != "" && s.Since.IsZero() && s.Listed == 0 && s.Splits == 0 {
			r.checkSet()
		}
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
		if s.Granularity == oai.Seconds {
			s.Granularity = oai.Days
		} else {
			s.Granularity = oai.Seconds
		}
		r.note("granularity-refused", "dates of the granularity that Identify states are refused")
		return nil, nil
	case has(oai.CannotDisseminateFormat) && s.Prefix != oai.OAIDCPrefix && r.src.OAI.Prefix == "" && s.Token == "":
		r.note("format-refused", "the format %s is announced but refused", s.Prefix)
		s.Prefix = oai.OAIDCPrefix
		s.Since = time.Time{} // what is known came in the other format
		s.Windows = []window{{}}
		r.restart()
		return nil, nil
	}
	return nil, err
}

// listed turns an answer with records into a page and moves the state behind it.
func (r *run) listed(a *oai.Answer, resp *fetch.Response) ([]harvester.Page, error) {
	s := &r.state
	page := r.convert(a, resp)
	hash := pageHash(a)
	if len(a.Records) > 0 {
		if hash == s.LastPage || r.seen[hash] {
			return nil, errors.New("the list goes round: a page came a second time under another resumption token")
		}
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
	h := fnv.New64a()
	h.Write([]byte("token " + token))
	hash := h.Sum64()
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

// ended closes the window at hand, and the run with the last one.
func (r *run) ended(page harvester.Page) harvester.Page {
	s := &r.state
	s.Windows = slices.Delete(s.Windows, 0, 1)
	r.restart()
	if len(s.Windows) == 0 {
		page.Last, page.Complete = true, s.Since.IsZero()
		if page.Complete {
			s.Swept = s.First
		}
		s.Phase, s.Windows = done, nil
	} else {
		s.Restarted = true
	}
	return r.page(page)
}

// page finishes a page with what was noted and where to go on.
func (r *run) page(p harvester.Page) harvester.Page {
	p.Notes = append(p.Notes, r.notes...)
	r.notes = nil
	p.Cursor = r.state.cursor()
	return p
}
