package insync

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"ctiphub/internal/fetch"
	"ctiphub/record"
)

// log is a hub that serves a change log, three changes at a time, and may break its
// contract.
type log struct {
	items  []map[string]any
	digest func(map[string]any)
	schema string
}

// newLog holds n entries of two sources, every fourth withdrawn.
func newLog(n int) *log {
	l := &log{schema: record.SchemaVersion}
	for i := range n {
		id := string(record.NewID("x", fmt.Sprint(i)))
		it := map[string]any{"seq": 2*i + 1, "stamp": time.Unix(int64(i), 0).UTC(), "id": id, "source": []string{"a", "b"}[i%2], "deleted": i%4 == 3}
		if i%4 != 3 {
			it["resource"] = map[string]any{"id": id, "title": map[string]string{"en": "T"}}
		}
		l.items = append(l.items, it)
	}
	return l
}

// Get answers /api/v1/changes.
func (l *log) Get(_ context.Context, r fetch.Request) (*fetch.Response, error) {
	u, err := url.Parse(r.URL)
	if err != nil || u.Path != "/api/v1/changes" {
		return &fetch.Response{Status: 404}, err
	}
	after, _ := strconv.Atoi(u.Query().Get("after"))
	doc := map[string]any{"schema": l.schema, "next": after}
	list := []map[string]any{}
	for _, it := range l.items {
		if it["seq"].(int) > after && len(list) < 3 {
			list = append(list, it)
			doc["next"] = it["seq"]
		}
	}
	doc["items"] = list
	if len(list) < 3 {
		doc["digest"] = l.sum()
	}
	body, err := json.Marshal(doc)
	return &fetch.Response{Status: 200, Body: body}, err
}

// sum is the digest of the log, as a hub states it.
func (l *log) sum() map[string]any {
	sums, live, deleted := map[string][32]byte{}, map[string]int{}, map[string]int{}
	for _, it := range l.items {
		s, gone := it["source"].(string), it["deleted"].(bool)
		sums[s] = record.XOR(sums[s], record.EntryDigest(record.ID(it["id"].(string)), int64(it["seq"].(int)), gone))
		if gone {
			deleted[s]++
		} else {
			live[s]++
		}
	}
	sources := []map[string]any{}
	for s, sum := range sums {
		one := map[string]any{"source": s, "live": live[s], "deleted": deleted[s], "digest": hex.EncodeToString(sum[:])}
		if l.digest != nil {
			l.digest(one)
		}
		sources = append(sources, one)
	}
	return map[string]any{"seq": 1000, "sources": sources}
}

func TestFollow(t *testing.T) {
	l, st := newLog(25), &State{URL: "https://hub.example/"}
	r, err := Follower{Get: l}.Follow(t.Context(), st)
	if err != nil || !r.InSync || r.Live != 19 || r.Deleted != 6 || r.Sources != 2 || r.Taken != 25 {
		t.Fatalf("%+v, %v", r, err)
	}
	// A record changes: it moves to the end of the log.
	moved := l.items[4]
	l.items = append(append(l.items[:4:4], l.items[5:]...), moved)
	moved["seq"], moved["stamp"] = 99, time.Unix(99, 0).UTC()
	if r, err = (Follower{Get: l}).Follow(t.Context(), st); err != nil || !r.InSync || r.Taken != 1 || r.Live != 19 {
		t.Errorf("after a change: %+v, %v", r, err)
	}
	if r, err = (Follower{Get: l}).Follow(t.Context(), st); err != nil || !r.InSync || r.Taken != 0 {
		t.Errorf("after no change: %+v, %v", r, err)
	}
}

// TestFaults lets a hub break its contract in each way.
func TestFaults(t *testing.T) {
	for want, spoil := range map[string]func(*log){
		"the digests of b differ":   func(l *log) { l.digest = func(d map[string]any) { d["digest"] = strings.Repeat("0", 64) } },
		"a has 11 live":             func(l *log) { l.digest = func(d map[string]any) { d["live"] = d["live"].(int) + 1 } },
		"knows nothing of a":        func(l *log) { l.digest = func(d map[string]any) { d["source"] = "c" } },
		"the date of change 9":      func(l *log) { l.items[4]["stamp"] = time.Unix(1, 0) },
		"neither a resource nor":    func(l *log) { delete(l.items[4], "resource") },
		"brings the resource":       func(l *log) { l.items[4]["resource"].(map[string]any)["id"] = "other" },
		"the schema has version":    func(l *log) { l.schema = "9.9" },
		"comes behind":              func(l *log) { l.items[4], l.items[5] = l.items[5], l.items[4] },
		"is here of c, which has 1": func(l *log) { l.digest = func(d map[string]any) { d["source"], d["live"] = "c", 1 } },
		"here are 10 and 0":         func(l *log) { l.digest = func(d map[string]any) { d["deleted"] = 7 } },
	} {
		l := newLog(20)
		spoil(l)
		r, err := Follower{Get: l}.Follow(t.Context(), &State{URL: "https://hub.example"})
		if err != nil || r.InSync || !strings.Contains(strings.Join(r.Faults, "\n"), want) {
			t.Errorf("%s: %+v, %v", want, r, err)
		}
	}
	if _, err := (Follower{Get: newLog(1)}).Follow(t.Context(), &State{URL: "https://hub.example/elsewhere"}); err == nil {
		t.Error("an address without a hub gave no error")
	}
}
