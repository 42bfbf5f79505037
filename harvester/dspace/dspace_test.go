package dspace_test

import (
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/dspace"
	"ctiphub/harvester/harvestertest"
)

func none(string) string { return "" }

func TestArchives(t *testing.T) {
	now := func() time.Time { return time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC) }
	harvestertest.Run(t, "testdata/*.txtar", func(get harvestertest.Getter) harvester.Adapter { return dspace.New(get, now, none) })
}

func TestVisits(t *testing.T) {
	harvestertest.Visits(t, "testdata/visits/*.txtar", func(get harvestertest.Getter, now func() time.Time) harvester.Adapter {
		return dspace.New(get, now, none)
	})
}
