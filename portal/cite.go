package portal

import (
	"strconv"
	"strings"

	"ctiphub/record"
)

// cited is how to name a record in another text.
type cited struct {
	Author  string
	Year    string
	Title   text
	Address string
}

// cite builds a citation: who, when, what, and where it stays found. here is the address
// of this request, which serves only a hub without a public one, for a record without a
// page at its publisher.
func (p *Portal) cite(rec record.Record, title text, here string) cited {
	c := cited{Title: text{clip(title.S, 300), title.Lang, title.Dir}, Address: here + resourceURL(rec.ID)}
	if landing := outLink(rec.Origin.Landing).URL; p.o.BaseURL == "" && landing != "" {
		c.Address = landing
	}
	var names []string
	for _, agents := range [][]record.Agent{rec.Creators, rec.Publishers} {
		for _, a := range agents {
			if t := bestText(a.Name, []string{title.Lang}); t.S != "" && len(names) < 3 {
				names = append(names, clip(t.S, 120))
			}
		}
		if len(names) > 0 {
			break
		}
	}
	c.Author = strings.Join(names, "; ")
	if y := rec.Issued.Year(); y > 0 {
		c.Year = strconv.Itoa(y)
	}
	if c.Year == "" {
		c.Year = "n.d."
	}
	for _, i := range rec.Identifiers {
		if l := identifierOf(i); i.Scheme == "doi" && l.Link.URL != "" {
			c.Address = l.Link.URL
		}
	}
	return c
}
