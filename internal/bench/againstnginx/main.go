// Command againstnginx times the hub's OAI-PMH provider beside nginx, which serves the very
// same pages as static files: a full ListRecords of a big catalogue, as it is and compressed.
//
// In flow the two programs; out flows a table. The catalogue is kept in the folder that is
// named, so that a second run need not fill it again. against-nginx.sh builds the hub and
// runs the usual row.
package main

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"ctiphub/internal/bench"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "againstnginx:", err)
		os.Exit(1)
	}
}

// contest is what is compared.
type contest struct {
	hub, nginx string // programs
	dir        string // of the catalogue and the pages
	records    int
	rounds     int
	client     *http.Client
	buf        []byte
}

// walk is one full list.
type walk struct {
	took        time.Duration
	bytes       int64
	pages       int
	first, last time.Duration // medians of the first and the last hundred pages
}

func run(ctx context.Context) error {
	c := contest{client: &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 1}}}
	flag.StringVar(&c.hub, "hub", "bin/hub", "the hub's binary")
	flag.StringVar(&c.nginx, "nginx", "nginx", "nginx's binary")
	flag.StringVar(&c.dir, "data", "", "folder of the catalogue; filled when it is empty")
	flag.IntVar(&c.records, "records", 1_000_000, "records of the catalogue")
	flag.IntVar(&c.rounds, "rounds", 3, "how often each list is walked, in turn")
	flag.Parse()
	if c.dir == "" {
		return fmt.Errorf("-data must name a folder")
	}
	if err := c.fill(ctx); err != nil {
		return fmt.Errorf("filling the catalogue: %w", err)
	}
	at, stop, err := c.serve(ctx)
	if err != nil {
		return err
	}
	defer stop()
	return c.hold(ctx, at)
}

// fill harvests a loopback repository into the catalogue, as any source is harvested.
func (c *contest) fill(ctx context.Context) error {
	data := filepath.Join(c.dir, "data")
	if err := os.MkdirAll(c.dir, 0o755); err != nil {
		return err
	}
	hub := "fetch: {allow_private: [127.0.0.0/8]}\nlimits: {off: true}\ndumps: {off: true}\n"
	if err := os.WriteFile(filepath.Join(c.dir, "hub.yaml"), []byte(hub), 0o600); err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(data, "catalog.db")); err == nil {
		return nil
	}
	stock, err := bench.Stock(ctx, 5000)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: bench.Repository{Records: c.records, Page: 1000, Stock: stock}, ReadHeaderTimeout: time.Minute}
	defer server.Close()
	go func() { _ = server.Serve(l) }() // ends with server.Close
	source := "id: stock\nname: Stock\nkind: oai-pmh\nurl: http://" + l.Addr().String() + "/oai\nenabled: true\ntrust: high\nin_scope: true\npoliteness: {min_delay: 1us}\noai: {prefix: oai_dc}\n"
	sources := filepath.Join(c.dir, "sources")
	if err := os.MkdirAll(sources, 0o750); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(sources, "stock.yaml"), []byte(source), 0o600); err != nil {
		return err
	}
	began := time.Now()
	cmd := exec.CommandContext(ctx, c.hub, "harvest", "--config", filepath.Join(c.dir, "hub.yaml"), "--data", data)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	fmt.Printf("filled with %d records in %s, at most %d MB resident\n", c.records, time.Since(began).Round(time.Second), peak(cmd)>>20)
	return nil
}

func peak(cmd *exec.Cmd) int64 {
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10
	}
	return 0
}

var listening = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// serve starts the hub on the catalogue; stop ends it and says how much memory it took.
func (c *contest) serve(ctx context.Context) (at string, stop func(), err error) {
	cmd := exec.CommandContext(ctx, c.hub, "serve", "--no-harvest", "--config", filepath.Join(c.dir, "hub.yaml"), "--data", filepath.Join(c.dir, "data"), "--listen", "127.0.0.1:0")
	out, err := cmd.StderrPipe()
	if err != nil {
		return "", nil, err
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if at = listening.FindString(lines.Text()); at != "" {
			break
		}
	}
	if at == "" {
		return "", nil, fmt.Errorf("the hub ended before it served: %w", cmd.Wait())
	}
	fmt.Printf("the hub serves %s after its start\n", time.Since(began).Round(time.Millisecond))
	go func() { _, _ = io.Copy(io.Discard, out) }() // ends with the program
	return at + "/oai", func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		fmt.Printf("the hub had at most %d MB resident\n", peak(cmd)>>20)
	}, nil
}

// hold walks the list once to write the pages for nginx, then both in turn.
func (c *contest) hold(ctx context.Context, at string) error {
	pages := filepath.Join(c.dir, "pages")
	if err := os.RemoveAll(pages); err != nil {
		return err
	}
	if err := os.MkdirAll(pages, 0o755); err != nil {
		return err
	}
	for _, coding := range []string{"identity", "gzip"} {
		n := 0
		cold, err := c.list(ctx, at, coding, func(body []byte) error {
			n++
			return os.WriteFile(filepath.Join(pages, coding+strconv.Itoa(n)), body, 0o644)
		})
		if err != nil {
			return err
		}
		c.print("hub, writing the pages, "+coding, []walk{cold})
	}
	base, stop, err := c.startNginx(ctx, pages)
	if err != nil {
		return err
	}
	defer stop()
	for _, coding := range []string{"identity", "gzip"} {
		var hub, nginx []walk
		for range c.rounds {
			w, err := c.list(ctx, at, coding, nil)
			if err != nil {
				return err
			}
			hub = append(hub, w)
			if w, err = c.files(ctx, base, coding, hub[0].pages); err != nil {
				return err
			}
			nginx = append(nginx, w)
		}
		h, n := c.print("hub, "+coding, hub), c.print("nginx, "+coding, nginx)
		fmt.Printf("the hub reaches %.2f of nginx's throughput\n", n.took.Seconds()/h.took.Seconds())
	}
	return nil
}

func (c *contest) print(name string, list []walk) walk {
	slices.SortFunc(list, func(a, b walk) int { return int(a.took - b.took) })
	w := list[len(list)/2]
	fmt.Printf("%-32s %7.2f s (%.2f to %.2f), %9.0f records/s, %6.0f MB/s, first pages %s, last pages %s\n", name, w.took.Seconds(), list[0].took.Seconds(), list[len(list)-1].took.Seconds(),
		float64(c.records)/w.took.Seconds(), float64(w.bytes)/1e6/w.took.Seconds(), w.first.Round(time.Microsecond), w.last.Round(time.Microsecond))
	return w
}

// list follows a full ListRecords by its tokens.
func (c *contest) list(ctx context.Context, at, coding string, keep func([]byte) error) (w walk, err error) {
	var times []time.Duration
	address := at + "?verb=ListRecords&metadataPrefix=oai_dc"
	began := time.Now()
	for address != "" {
		asked := time.Now()
		body, err := c.get(ctx, address, coding)
		if err != nil {
			return w, err
		}
		times = append(times, time.Since(asked))
		w.pages++
		w.bytes += int64(len(body))
		if keep != nil {
			if err := keep(body); err != nil {
				return w, err
			}
		}
		token := tokenOf(body)
		if address = ""; token != "" {
			address = at + "?verb=ListRecords&resumptionToken=" + url.QueryEscape(token)
		}
	}
	w.took = time.Since(began)
	w.first, w.last = median(times[:min(100, len(times))]), median(times[max(0, len(times)-100):])
	return w, nil
}

// files asks nginx for the same pages.
func (c *contest) files(ctx context.Context, base, coding string, pages int) (w walk, err error) {
	var times []time.Duration
	began := time.Now()
	for n := range pages {
		asked := time.Now()
		body, err := c.get(ctx, base+"/"+coding+strconv.Itoa(n+1), coding)
		if err != nil {
			return w, err
		}
		times = append(times, time.Since(asked))
		w.bytes += int64(len(body))
		_ = tokenOf(body) // the same work as with the hub
	}
	w.pages, w.took = pages, time.Since(began)
	w.first, w.last = median(times[:min(100, len(times))]), median(times[max(0, len(times)-100):])
	return w, nil
}

func median(list []time.Duration) time.Duration {
	list = slices.Sorted(slices.Values(list))
	return list[len(list)/2]
}

// get reads a whole answer; the bytes are good until the next one.
func (c *contest) get(ctx context.Context, address, coding string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept-Encoding", coding)
	res, err := c.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answered with status %d", address, res.StatusCode)
	}
	b := bytes.NewBuffer(c.buf[:0])
	_, err = b.ReadFrom(res.Body)
	c.buf = b.Bytes()
	return c.buf, err
}

// tokenOf finds the resumption token near the end of a page. In a compressed page of the hub
// the end is stored as it is.
func tokenOf(body []byte) string {
	tail := body[max(0, len(body)-1024):]
	_, rest, found := bytes.Cut(tail, []byte("<resumptionToken"))
	if !found {
		return ""
	}
	_, rest, _ = bytes.Cut(rest, []byte(">"))
	token, _, _ := bytes.Cut(rest, []byte("<"))
	return strings.TrimSpace(string(token))
}

// startNginx serves the pages as static files.
func (c *contest) startNginx(ctx context.Context, pages string) (base string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil {
		return "", nil, err
	}
	conf := filepath.Join(c.dir, "nginx.conf")
	text := "daemon off;\nworker_processes auto;\nerror_log " + c.dir + "/nginx.log;\npid " + c.dir + "/nginx.pid;\nuser root;\nevents {}\nhttp {\naccess_log off;\nsendfile on;\ntcp_nopush on;\nkeepalive_requests 10000000;\nserver { listen " + addr + "; root " + pages + "; default_type text/xml; }\n}\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		return "", nil, err
	}
	cmd := exec.CommandContext(ctx, c.nginx, "-p", c.dir, "-c", conf)
	if err := cmd.Start(); err != nil {
		return "", nil, fmt.Errorf("starting nginx (Debian package nginx-light): %w", err)
	}
	for range 100 {
		if conn, err := net.Dial("tcp", addr); err == nil {
			conn.Close()
			return "http://" + addr, func() { _ = cmd.Process.Signal(syscall.SIGTERM); _ = cmd.Wait() }, nil
		}
		time.Sleep(20 * time.Millisecond)
	}
	return "", nil, fmt.Errorf("nginx does not answer; see %s/nginx.log: %w", c.dir, cmd.Process.Kill())
}
