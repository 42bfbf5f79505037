package portal

import (
	"context"
	"errors"
	"net/http"

	"ctiphub/analytics"
	"ctiphub/catalog"
)

// handler is a page. What it returns as an error, adapt shows as a status and a sentence.
type handler func(w http.ResponseWriter, r *http.Request) error

// problem is an error with what a visitor may know of it.
type problem struct {
	status   int
	sentence string
	err      error // for the log; nil when the visitor's request is all there is to it
}

func (p *problem) Error() string {
	if p.err != nil {
		return p.err.Error()
	}
	return p.sentence
}

func (p *problem) Unwrap() error { return p.err }

// asProblem finds the status and sentence of any error.
func asProblem(err error) *problem {
	var p *problem
	switch {
	case errors.As(err, &p):
		return p
	case errors.Is(err, catalog.ErrCursor):
		return &problem{http.StatusBadRequest, "The cursor does not belong to this query: leave it out to begin again with the first page.", nil}
	case errors.Is(err, analytics.ErrAway):
		return &problem{http.StatusServiceUnavailable, "The figures cannot be read at the moment. Uses are counted all the same; please try again later.", err}
	case errors.Is(err, catalog.ErrNotFound):
		return &problem{http.StatusNotFound, "There is no record of that id.", nil}
	}
	return &problem{http.StatusInternalServerError, "Something went wrong on our side. Please try again in a minute.", err}
}

// adapt turns a page into an http.Handler.
func (p *Portal) adapt(h handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		err := h(w, r)
		if err == nil {
			return
		}
		pr := asProblem(err)
		p.logProblem(r.Context(), r.Pattern, pr)
		if err := p.errorPage(w, r, pr); err != nil {
			p.o.Logger.Error("showing an error page", "error", err)
			http.Error(w, pr.sentence, pr.status)
		}
	})
}

// logProblem logs what only the people who run the hub may see. A visitor who went away
// is nobody's error.
func (p *Portal) logProblem(ctx context.Context, route string, pr *problem) {
	if pr.status >= http.StatusInternalServerError && ctx.Err() == nil {
		p.o.Logger.Error("a page failed", "route", route, "status", pr.status, "error", pr.err)
	}
}

// nothing answers whatever no other route does.
func (p *Portal) nothing(w http.ResponseWriter, r *http.Request) error {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		return &problem{http.StatusMethodNotAllowed, "This address can only be read.", nil}
	}
	return &problem{http.StatusNotFound, "There is no page at this address.", nil}
}
