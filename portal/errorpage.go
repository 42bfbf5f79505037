package portal

import "net/http"

// errorPage is shown for every request that cannot be answered.
type errorPage struct {
	Status   int
	Heading  string
	Sentence string
}

func (p *Portal) errorPage(w http.ResponseWriter, r *http.Request, pr *problem) error {
	heading := map[int]string{
		http.StatusNotFound: "Page not found", http.StatusBadRequest: "That did not work",
		http.StatusMethodNotAllowed: "That did not work",
	}[pr.status]
	if heading == "" {
		heading = "Something went wrong"
	}
	return p.render(w, r, pr.status, "error", frame{Title: heading, Page: errorPage{pr.status, heading, pr.sentence}})
}
