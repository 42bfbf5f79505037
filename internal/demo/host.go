package demo

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// site is a Site with the server behind it.
type site struct {
	Site
	handler func(base string) http.Handler
	entry   string // path of URL
	slow    time.Duration
	busy    bool // answers 503 to the first request for every seventh page

	base     string
	port     int
	server   *http.Server
	done     chan struct{}  // closed when the server no longer accepts
	active   sync.WaitGroup // requests being answered
	broken   atomic.Int64
	gone     atomic.Bool
	mu       sync.Mutex
	closed   bool
	requests []Request
	asked    map[string]bool
	accident map[Accident]bool
}

// maxLog bounds what a site remembers: the demo may run for days.
const maxLog = 1 << 16

// listen starts the site's server.
func (s *site) listen(ctx context.Context, addr string, port int) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", net.JoinHostPort(addr, strconv.Itoa(port)))
	if err != nil {
		return fmt.Errorf("%w (another demo may be running; the port is kept in federation.json of the demo's data folder)", err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	s.base = "http://" + l.Addr().String()
	s.URL, s.Home = s.base+s.entry, s.base+"/"
	s.asked, s.done = map[string]bool{}, make(chan struct{})
	s.server = &http.Server{Handler: s.accidents(s.handler(s.base)), ReadHeaderTimeout: 5 * time.Second}
	go func() {
		defer close(s.done)
		_ = s.server.Serve(l) // ends with ErrServerClosed by stop
	}()
	return nil
}

// stop does not shut down gently: nobody minds a simulated site that breaks off, but a
// browser's idle connection would hold the end up for seconds.
func (s *site) stop(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	err := s.server.Close()
	<-s.done
	idle := make(chan struct{})
	go func() {
		defer close(idle)
		s.active.Wait()
	}()
	select {
	case <-idle:
	case <-ctx.Done():
		return fmt.Errorf("waiting for the simulated site %s: %w", s.ID, ctx.Err())
	}
	return err
}

// accidents wraps the site in its habits and logs what it was asked.
func (s *site) accidents(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.enter() {
			cut(w)
			return
		}
		defer s.active.Done()
		rec := &recorder{ResponseWriter: w, status: http.StatusOK}
		defer func() { s.log(r, rec.status) }()
		if s.gone.Load() {
			rec.status = 0
			cut(w)
			return
		}
		if status := int(s.broken.Load()); status != 0 {
			http.Error(rec, "This site is out of order.", status)
			return
		}
		if s.suffers(Firewall) {
			challenge(rec)
			return
		}
		if s.busy && s.tooEarly(r.URL.Path) {
			rec.Header().Set("Retry-After", "1")
			http.Error(rec, "Too busy, come back in a second.", http.StatusServiceUnavailable)
			return
		}
		if s.slow > 0 {
			select {
			case <-time.After(s.slow):
			case <-r.Context().Done():
				rec.status = 0
				return
			}
		}
		next.ServeHTTP(rec, r)
	})
}

// enter counts a request, unless the site has closed meanwhile.
func (s *site) enter() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.closed {
		s.active.Add(1)
	}
	return !s.closed
}

// cut closes the connection under a request.
func cut(w http.ResponseWriter) {
	if h, ok := w.(http.Hijacker); ok {
		if conn, _, err := h.Hijack(); err == nil {
			_ = conn.Close() // it is gone either way
		}
	}
}

func (s *site) log(r *http.Request, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.requests) >= maxLog {
		s.requests = append(s.requests[:0], s.requests[maxLog/2:]...)
	}
	s.requests = append(s.requests, Request{Path: r.URL.RequestURI(), Status: status, Time: time.Now(), UserAgent: r.UserAgent()})
}

// tooEarly reports the first request for a page whose address falls into the seventh part.
func (s *site) tooEarly(path string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked[path] || hash(path)%7 != 0 || len(s.asked) >= maxLog {
		return false
	}
	s.asked[path] = true
	return true
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}
