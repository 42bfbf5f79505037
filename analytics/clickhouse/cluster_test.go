package clickhouse_test

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	driver "github.com/ClickHouse/clickhouse-go/v2"

	"ctiphub/analytics"
	"ctiphub/analytics/analyticstest"
	"ctiphub/analytics/clickhouse"
	"ctiphub/analytics/clickhouse/local"
)

// startZooKeeper starts Debian's ZooKeeper on a free port of loopback.
func startZooKeeper(t *testing.T) int {
	t.Helper()
	port, err := local.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	jars, err := filepath.Glob("/usr/share/java/*.jar")
	if err != nil || len(jars) == 0 {
		t.Fatalf("this test needs ZooKeeper (Debian: apt-get install zookeeper): %v", err)
	}
	config := fmt.Sprintf("dataDir=%s\nclientPort=%d\nclientPortAddress=127.0.0.1\ntickTime=500\nadmin.enableServer=false\n", dir, port)
	if err := os.WriteFile(filepath.Join(dir, "zoo.cfg"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("java", "-Xmx128m", "-Dzookeeper.log.dir="+dir, "-cp", "/usr/share/java/zookeeper.jar:"+strings.Join(jars, ":"), "org.apache.zookeeper.server.quorum.QuorumPeerMain", filepath.Join(dir, "zoo.cfg"))
	cmd.Dir = dir
	if err := cmd.Start(); err != nil {
		t.Fatalf("starting ZooKeeper: %v", err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for until := time.Now().Add(30 * time.Second); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			conn.Close()
			return port
		}
	}
	t.Fatal("ZooKeeper does not answer")
	return 0
}

// startCluster starts two shards of two replicas each, in order.
func startCluster(t *testing.T) []*local.Server {
	t.Helper()
	zk := startZooKeeper(t)
	var ports [4]int
	var shards [][]string
	for i := range ports {
		var err error
		if ports[i], err = local.FreePort(); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 {
			shards = append(shards, nil)
		}
		shards[i/2] = append(shards[i/2], fmt.Sprintf("127.0.0.1:%d", ports[i]))
	}
	var servers []*local.Server
	for i, port := range ports {
		s, err := local.Start(t.Context(), local.Options{
			Dir: t.TempDir(), Port: port, Cluster: "hub", Shard: fmt.Sprintf("s%d", i/2), Replica: fmt.Sprintf("r%d", i%2), ZooKeeper: zk, Shards: shards,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Kill() })
		servers = append(servers, s)
	}
	return servers
}

// TestCluster: a cluster with a dead replica goes on, and the replica catches up.
func TestCluster(t *testing.T) {
	servers := startCluster(t)
	connect := func(s *local.Server) *clickhouse.Store {
		return openWith(t, clickhouse.Options{DSN: s.DSN("usage"), Cluster: "hub", Crowd: analytics.LeastCrowd})
	}
	first := connect(servers[0])
	made := analyticstest.Generate(analyticstest.Shape{Seed: 4, First: 20_510, Days: 25, Events: 12_000, Readers: 300, Records: 60})
	batches := made.Batches(1500)
	add := func(list []analytics.Batch) {
		t.Helper()
		for _, b := range list {
			if err := first.Add(t.Context(), b); err != nil {
				t.Fatal(err)
			}
			if n, err := first.Stored(t.Context(), b); n != len(b.Events) || err != nil {
				t.Fatalf("of %d events %d are stored, %v", len(b.Events), n, err)
			}
		}
	}
	add(batches[:4])
	third := connect(servers[2])

	if err := servers[0].Kill(); err != nil { // the first replica of the first shard
		t.Fatal(err)
	}
	second := connect(servers[1])
	add(batches[4:])
	for _, s := range []*clickhouse.Store{second, third} {
		analyticstest.SameRollups(t, s, made.Events)
	}
	releaseAll(t, second)
	want := answers(t, second)
	if len(want) == 0 || !reflect.DeepEqual(answers(t, third), want) {
		t.Errorf("two servers of the cluster answer differently")
	}

	if err := servers[0].Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	caughtUp(t, servers[0], servers[1])
	// What was sent already comes again, by the replica that did not take it.
	again := openWith(t, clickhouse.Options{DSN: servers[0].DSN("usage"), Cluster: "hub", Crowd: analytics.LeastCrowd})
	for _, b := range batches {
		if err := again.Add(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	analyticstest.SameRollups(t, again, made.Events)
	for month := made.Events[0].Day.Month(); month <= made.Events[len(made.Events)-1].Day; month = month.NextMonth() {
		if err := again.Rebuild(t.Context(), month); err != nil {
			t.Fatal(err)
		}
		if v, err := again.Verify(t.Context(), month); err != nil || len(v.Differ) > 0 || v.Events == 0 {
			t.Errorf("%s: %+v, %v", month, v, err)
		}
	}
	analyticstest.SameRollups(t, again, made.Events)
	if !reflect.DeepEqual(answers(t, again), want) {
		t.Error("the server that was away answers differently")
	}
}

func releaseAll(t *testing.T, s analytics.Store) {
	t.Helper()
	now := func() time.Time { return analytics.Day(20_600).Time() }
	r := analytics.Releaser{Store: s, Crowd: analytics.LeastCrowd, Retention: analytics.DefaultRetention(), Now: now}
	if _, err := r.Run(t.Context(), 20_600); err != nil {
		t.Fatal(err)
	}
}

// answers asks all questions of the dashboards.
func answers(t *testing.T, s analytics.Store) (all []analytics.Cell) {
	t.Helper()
	for _, q := range analyticstest.Questions() {
		cells, err := s.Cells(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, cells...)
	}
	return all
}

// caughtUp waits until a replica holds what another one does.
func caughtUp(t *testing.T, servers ...*local.Server) {
	t.Helper()
	count := func(s *local.Server) (n uint64) {
		conn, err := driver.Open(&driver.Options{Addr: []string{s.Addr}})
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if err := conn.QueryRow(context.Background(), "SELECT count() FROM usage.usage_events").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for until := time.Now().Add(30 * time.Second); count(servers[0]) != count(servers[1]); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(until) {
			t.Fatalf("the replica has %d events, the other one %d", count(servers[0]), count(servers[1]))
		}
	}
}
