package api_test

import (
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/api"
	"ctiphub/harvester/harvestertest"
)

// key is the one API key that the archives may need.
func key(name string) string {
	if name == "HUB_KEY_AGENCY" {
		return "s3cret/+="
	}
	return ""
}

func adapter(get harvestertest.Getter) harvester.Adapter {
	return api.New(api.Options{Get: get, Now: func() time.Time { return time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC) }, Env: key})
}

func TestArchives(t *testing.T) { harvestertest.Run(t, "testdata/*.txtar", adapter) }

func TestRuns(t *testing.T) {
	harvestertest.Visits(t, "testdata/visits/*.txtar", func(get harvestertest.Getter, now func() time.Time) harvester.Adapter {
		return api.New(api.Options{Get: get, Now: now, Env: key})
	})
}
