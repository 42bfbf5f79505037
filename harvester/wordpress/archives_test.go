package wordpress

import (
	"testing"
	"time"

	"ctiphub/harvester"
	"ctiphub/harvester/harvestertest"
)

// fixed is before any time that a test server could state, so that cursors stay the same.
func fixed() time.Time { return time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC) }

func TestArchives(t *testing.T) {
	harvestertest.Run(t, "testdata/*.txtar", func(g harvestertest.Getter) harvester.Adapter { return New(g, fixed) })
}

func TestVisits(t *testing.T) {
	harvestertest.Visits(t, "testdata/visits/*.txtar", func(g harvestertest.Getter, now func() time.Time) harvester.Adapter { return New(g, now) })
}
