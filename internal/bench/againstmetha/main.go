// Command againstmetha times the hub beside metha, the common command-line client of
// OAI-PMH, on one and the same loopback repository: the hub stores, normalizes, screens
// and indexes every record; metha mirrors the answers into compressed files.
//
// In flow the two programs; out flows a table. Nothing is kept. metha is not part of this
// project and has to be there; against-metha.sh builds the hub and runs the usual rows.
package main

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/klauspost/compress/zstd"

	"ctiphub/catalog/sqlstore"
	"ctiphub/internal/bench"
)

func main() {
	if err := run(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "againstmetha:", err)
		os.Exit(1)
	}
}

// result is one timed run of a program.
type result struct {
	took   time.Duration
	cpu    time.Duration // user and system
	memory int64         // most that was resident, in bytes
}

// contest is one row of the table: so many records in pages of such a size.
type contest struct {
	hub, metha    string // programs
	records, page int
	rounds        int
	stock         [][]byte
}

func run(ctx context.Context) error {
	var c contest
	flag.StringVar(&c.hub, "hub", "bin/hub", "the hub's binary")
	flag.StringVar(&c.metha, "metha", "", "metha-sync; empty: the hub alone")
	records := flag.String("records", "20000", "records of the repository: one number, or several with commas")
	pages := flag.String("page", "100", "records in one answer: one number, or several with commas")
	flag.IntVar(&c.rounds, "rounds", 3, "how often each program runs, in turn")
	flag.Parse()
	var err error
	if c.stock, err = bench.Stock(ctx, 5000); err != nil {
		return fmt.Errorf("making the records: %w", err)
	}
	for n := range strings.SplitSeq(*records, ",") {
		for page := range strings.SplitSeq(*pages, ",") {
			if c.records, err = strconv.Atoi(n); err != nil {
				return fmt.Errorf("reading -records: %w", err)
			}
			if c.page, err = strconv.Atoi(page); err != nil {
				return fmt.Errorf("reading -page: %w", err)
			}
			if err := c.hold(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

// hold runs the programs in turn and prints how they did.
func (c contest) hold(ctx context.Context) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: bench.Repository{Records: c.records, Page: c.page, Stock: c.stock}, ReadHeaderTimeout: time.Minute}
	defer server.Close()
	go func() { _ = server.Serve(l) }() // ends with server.Close
	at := "http://" + l.Addr().String() + "/oai"

	var hub, metha []result
	for range c.rounds {
		r, err := c.timeHub(ctx, at)
		if err != nil {
			return err
		}
		hub = append(hub, r)
		if c.metha == "" {
			continue
		}
		if r, err = c.timeMetha(ctx, at); err != nil {
			return err
		}
		metha = append(metha, r)
	}
	h := c.print("hub", hub)
	if m := c.print("metha", metha); m > 0 {
		fmt.Printf("the hub took %.2f times as long as metha\n", h.Seconds()/m.Seconds())
	}
	return nil
}

// print writes the median of the runs of a program, and returns its time.
func (c contest) print(name string, list []result) time.Duration {
	if len(list) == 0 {
		return 0
	}
	slices.SortFunc(list, func(a, b result) int { return cmp.Compare(a.took, b.took) })
	mid := list[len(list)/2]
	fmt.Printf("%-6s %8d records, %4d a page: median %7.2f s of %.2f to %.2f, %7.0f records/s, %4.0f µs of processor a record, at most %4d MB resident\n",
		name, c.records, c.page, mid.took.Seconds(), list[0].took.Seconds(), list[len(list)-1].took.Seconds(),
		float64(c.records)/mid.took.Seconds(), float64(mid.cpu.Microseconds())/float64(c.records), mid.memory>>20)
	return mid.took
}

// timeHub harvests the repository into a fresh catalogue, which then has to have it all.
func (c contest) timeHub(ctx context.Context, at string) (result, error) {
	dir, err := os.MkdirTemp("", "against-*")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir)
	source := "id: stock\nname: Stock\nkind: oai-pmh\nurl: " + at + "\nenabled: true\ntrust: high\nin_scope: true\npoliteness: {min_delay: 1us}\noai: {prefix: oai_dc}\n"
	for name, text := range map[string]string{"hub.yaml": "fetch: {allow_private: [127.0.0.0/8]}\n", "sources/stock.yaml": source} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			return result{}, err
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			return result{}, err
		}
	}
	data := filepath.Join(dir, "data")
	r, err := measure(exec.CommandContext(ctx, c.hub, "harvest", "--config", filepath.Join(dir, "hub.yaml"), "--data", data))
	if err != nil {
		return r, err
	}
	store, err := sqlstore.Open(ctx, filepath.Join(data, "catalog.db"), sqlstore.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return r, err
	}
	runs, err := store.Runs(ctx, "stock", 1)
	if err = errors.Join(err, store.Close()); err != nil {
		return r, err
	}
	if len(runs) != 1 || runs[0].Counts.New != c.records {
		return r, fmt.Errorf("the hub did not store %d records: %+v", c.records, runs)
	}
	return r, nil
}

// timeMetha mirrors the repository into fresh files, which then have to have it all.
func (c contest) timeMetha(ctx context.Context, at string) (result, error) {
	dir, err := os.MkdirTemp("", "against-*")
	if err != nil {
		return result{}, err
	}
	defer os.RemoveAll(dir)
	r, err := measure(exec.CommandContext(ctx, c.metha, "-base-dir", dir, "-no-intervals", "-q", at))
	if err != nil {
		return r, err
	}
	got, err := mirrored(dir)
	if err == nil && got != c.records {
		err = fmt.Errorf("metha mirrored %d of %d records", got, c.records)
	}
	return r, err
}

// unpacked reads a file as metha compresses it: with zstd, older versions with gzip.
func unpacked(f io.Reader, ext string) (io.Reader, error) {
	if ext == ".gz" {
		return gzip.NewReader(f)
	}
	return zstd.NewReader(f, zstd.WithDecoderConcurrency(1))
}

// mirrored counts the records in compressed files.
func mirrored(dir string) (count int, err error) {
	err = filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() || !slices.Contains([]string{".gz", ".zst"}, filepath.Ext(path)) {
			return err
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		text, err := unpacked(f, filepath.Ext(path))
		if err != nil {
			return fmt.Errorf("reading %s: %w", path, err)
		}
		for lines := bufio.NewReaderSize(text, 1<<20); ; {
			line, err := lines.ReadSlice('>')
			if bytes.HasPrefix(line, []byte(bench.Identifiers)) {
				count++
			}
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil && !errors.Is(err, bufio.ErrBufferFull):
				return fmt.Errorf("reading %s: %w", path, err)
			}
		}
	})
	return count, err
}

// measure runs a program to its end.
func measure(cmd *exec.Cmd) (result, error) {
	began := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		return result{}, fmt.Errorf("%s: %w\n%s", cmd.Path, err, out)
	}
	r := result{took: time.Since(began), cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		r.memory = usage.Maxrss << 10
	}
	return r, nil
}
