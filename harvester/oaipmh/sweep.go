package oaipmh

import (
	"ctiphub/harvester"
	"ctiphub/internal/fetch"
	"ctiphub/internal/oai"
)

// reconcile reads a page of identifiers: those that are stored are still there, the others
// are asked for one by one. When there are too many of them, ok is false: then a list of
// the records is cheaper.
func (r *run) reconcile(a *oai.Answer, resp *fetch.Response) (page harvester.Page, ok bool, err error) {
	var unknown []oai.Record
	live := 0
	named := map[string]bool{}
	for _, rec := range a.Records {
		id := rec.Header.Identifier
		switch {
		case id == "":
			page.Rejects = append(page.Rejects, noIdentifier(resp.URL))
		case named[id] || r.delivered[hashOf(id)]:
		case !rec.Header.Deleted && r.stored(id):
			page.Same = append(page.Same, id)
		default:
			unknown = append(unknown, rec)
			if !rec.Header.Deleted {
				live++
			}
		}
		named[id] = true
	}
	if r.state.Single+live > maxSingle {
		return page, false, nil
	}
	b := builder{page: page, place: map[string]int{}}
	for _, rec := range unknown {
		if rec.Header.Deleted {
			b.add(r, r.raw(rec, resp))
			continue
		}
		if err := r.fetchInto(&b, rec.Header, notToBeHad); err != nil {
			return page, true, err
		}
	}
	return b.page, true, nil
}
