package portal

import "net/http"

// aboutPage is "/about": what the hub does, does not do, and how to reach its people.
type aboutPage struct {
	Contact      link
	Mail         string
	RepositoryID string
	Vocabulary   string
	Criteria     []Criterion
	Dumps        bool
}

func (p *Portal) about(w http.ResponseWriter, r *http.Request) error {
	page := aboutPage{RepositoryID: p.o.RepositoryID, Vocabulary: p.o.Vocabulary.Version, Criteria: p.o.Criteria, Dumps: p.o.Dumps != nil}
	if l := outLink(p.o.Contact); l.URL != "" {
		page.Contact = l
	} else {
		page.Mail = p.o.Contact
	}
	return p.render(w, r, http.StatusOK, "about", frame{Title: "About", Section: "about", Index: true, Page: page})
}
