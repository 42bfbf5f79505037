package ndjson_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"math/rand/v2"
	"reflect"
	"testing"

	"ctiphub/exporter/exportertest"
	"ctiphub/exporter/ndjson"
	"ctiphub/internal/ctip"
	"ctiphub/record"
)

var update = flag.Bool("update", false, "refresh the golden files")

func TestGolden(t *testing.T) {
	got := exportertest.Encode(t, ndjson.New(), exportertest.Samples()...)
	exportertest.Golden(t, "samples.ndjson.golden", got, *update)
	for _, secret := range []string{"curator-7", "asked the agency", "00aa11bb"} {
		if bytes.Contains(got, []byte(secret)) {
			t.Errorf("%q, which is internal, was exported", secret)
		}
	}
}

func TestErrors(t *testing.T) { exportertest.Errors(t, ndjson.New()) }

func TestEmpty(t *testing.T) {
	if got := exportertest.Encode(t, ndjson.New()); len(got) != 0 {
		t.Errorf("no records gave %q", got)
	}
}

// TestLines reads the lines of hostile records back: one record a line, nothing lost.
func TestLines(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 4))
	var recs []record.Record
	for range 200 {
		recs = append(recs, exportertest.Random(r))
	}
	lines := bytes.SplitAfter(exportertest.Encode(t, ndjson.New(), recs...), []byte("\n"))
	if len(lines) != len(recs)+1 || len(lines[len(recs)]) != 0 {
		t.Fatalf("%d records gave %d lines", len(recs), len(lines)-1)
	}
	for i, rec := range recs {
		var res ctip.Resource
		if err := json.Unmarshal(lines[i], &res); err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		got, err := ctip.FromJSON(res)
		if err != nil {
			t.Fatalf("line %d: %v", i+1, err)
		}
		if !reflect.DeepEqual(ctip.Content(got), ctip.Content(mustJSON(t, rec))) {
			t.Errorf("line %d holds another record than was given", i+1)
		}
	}
}

// mustJSON takes a record through its JSON form, which drops empty inner lists.
func mustJSON(t *testing.T, rec record.Record) record.Record {
	t.Helper()
	got, err := ctip.FromJSON(ctip.ToJSON(rec))
	if err != nil {
		t.Fatal(err)
	}
	return got
}
