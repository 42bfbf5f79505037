// Package local starts an installed ClickHouse as a child of this process, on loopback, with its
// own folder: for trials of the hub, and for tests.
//
// In flow a folder and what the server is to be part of; out flows the address of its native
// protocol. The child ends with its parent. Package clickhouse must not know of it.
package local

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

//go:embed config.xml.tmpl users.xml
var files embed.FS

var configTemplate = template.Must(template.New("config.xml.tmpl").Funcs(template.FuncMap{
	"host": func(addr string) string { host, _, _ := strings.Cut(addr, ":"); return host },
	"port": func(addr string) string { _, port, _ := strings.Cut(addr, ":"); return port },
}).ParseFS(files, "config.xml.tmpl"))

// Options are what a server is started with.
type Options struct {
	Dir string // for data, configuration and log
	// Ports are chosen when they are 0.
	Port, HTTPPort, InterserverPort int
	// Of a member of a cluster; "" for one server alone.
	Cluster, Shard, Replica string
	ZooKeeper               int        // port on loopback
	Shards                  [][]string // host:port of all replicas, by shard
}

// Server is a running child.
type Server struct {
	Addr string // of the native protocol

	o      Options
	binary []string
	mu     sync.Mutex
	child  *exec.Cmd
	gone   chan struct{} // closed when the child has ended
}

// ErrNotInstalled is returned where no ClickHouse is installed.
var ErrNotInstalled = errors.New("no clickhouse-server and no clickhouse is in PATH: see https://clickhouse.com/docs/install")

// find returns the command that starts a server.
func find() ([]string, error) {
	for _, name := range []string{"clickhouse-server", "/usr/sbin/clickhouse-server", "clickhouse"} {
		path, err := exec.LookPath(name)
		if err != nil {
			continue
		}
		if filepath.Base(path) == "clickhouse" {
			return []string{path, "server"}, nil
		}
		return []string{path}, nil
	}
	return nil, ErrNotInstalled
}

// Start starts a server and waits until it answers, at most a minute.
func Start(ctx context.Context, o Options) (*Server, error) {
	binary, err := find()
	if err != nil {
		return nil, err
	}
	if o.Dir, err = filepath.Abs(o.Dir); err != nil {
		return nil, err
	}
	for _, port := range []*int{&o.Port, &o.HTTPPort, &o.InterserverPort} {
		if *port == 0 {
			if *port, err = FreePort(); err != nil {
				return nil, err
			}
		}
	}
	s := &Server{Addr: fmt.Sprintf("127.0.0.1:%d", o.Port), o: o, binary: binary}
	if err := s.configure(); err != nil {
		return nil, fmt.Errorf("configuring the local ClickHouse: %w", err)
	}
	return s, s.Restart(ctx)
}

// FreePort returns a port of loopback that nobody listens on.
func FreePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// configure writes the server's files.
func (s *Server) configure() error {
	for _, dir := range []string{"data", "tmp", "files"} {
		if err := os.MkdirAll(filepath.Join(s.o.Dir, dir), 0o700); err != nil {
			return err
		}
	}
	users, err := files.ReadFile("users.xml")
	if err != nil {
		return err
	}
	var config strings.Builder
	if err := configTemplate.Execute(&config, s.o); err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(filepath.Join(s.o.Dir, "users.xml"), users, 0o600),
		os.WriteFile(filepath.Join(s.o.Dir, "config.xml"), []byte(config.String()), 0o600))
}

// Restart starts the child again, after it has ended.
func (s *Server) Restart(ctx context.Context) error {
	if err := s.start(); err != nil {
		return fmt.Errorf("starting %s: %w", s.binary[0], err)
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		if err := s.ping(ctx); err == nil {
			return nil
		}
		select {
		case <-s.gone:
			return fmt.Errorf("the local ClickHouse ended at once: see %s", filepath.Join(s.o.Dir, "server.log"))
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("the local ClickHouse does not answer: see %s", filepath.Join(s.o.Dir, "server.log")), s.Stop())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// start starts the child from a thread that lasts as long: the kernel ends a child with the
// thread that started it.
func (s *Server) start() error {
	out, err := os.OpenFile(filepath.Join(s.o.Dir, "out.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	child := exec.Command(s.binary[0], append(s.binary[1:], "--config-file="+filepath.Join(s.o.Dir, "config.xml"))...)
	child.Dir, child.Stdout, child.Stderr = s.o.Dir, out, out
	endWithParent(child)
	gone, started := make(chan struct{}), make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(gone)
		defer out.Close()
		err := child.Start()
		started <- err
		if err == nil {
			child.Wait() // how it ended is in its log
		}
	}()
	if err := <-started; err != nil {
		return err
	}
	s.mu.Lock()
	s.child, s.gone = child, gone
	s.mu.Unlock()
	return nil
}

func (s *Server) ping(ctx context.Context) error {
	conn, err := clickhouse.Open(&clickhouse.Options{Addr: []string{s.Addr}, DialTimeout: time.Second})
	if err != nil {
		return err
	}
	defer conn.Close()
	return conn.Ping(ctx)
}

// DSN is the address of a database of the server.
func (s *Server) DSN(database string) string { return "clickhouse://" + s.Addr + "/" + database }

// Kill ends the child as a power cut would, and waits until it is gone.
func (s *Server) Kill() error { return s.end(os.Kill, 0) }

// Stop ends the child, and waits until it is gone; after ten seconds without mercy.
func (s *Server) Stop() error { return s.end(os.Interrupt, 10*time.Second) }

func (s *Server) end(how os.Signal, patience time.Duration) error {
	s.mu.Lock()
	child, gone := s.child, s.gone
	s.mu.Unlock()
	if child == nil {
		return nil
	}
	if err := child.Process.Signal(how); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	if patience > 0 {
		select {
		case <-gone:
			return nil
		case <-time.After(patience):
			if err := child.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
				return err
			}
		}
	}
	<-gone
	return nil
}
