package replay

import (
	"os"
	"path/filepath"
	"testing"
)

// Shared returns a folder of real-world files that lie beside the checkout, in
// ../shared/data or where HUB_SHARED points to. They are not part of the project: where
// they are absent, the second value is false, and the test goes by its own fixtures.
func Shared(t testing.TB, folder string) (string, bool) {
	t.Helper()
	base := os.Getenv("HUB_SHARED")
	if base == "" {
		base = filepath.Join(moduleRoot(t), "..", "shared")
	}
	dir := filepath.Join(base, "data", folder)
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		t.Logf("there are no real-world files of kind %q beside the checkout: only the project's own fixtures were used", folder)
		return "", false
	}
	return dir, true
}

// moduleRoot walks up to the folder of go.mod.
func moduleRoot(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatalf("finding the module: %v", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			t.Fatal("finding the module: no go.mod above the test")
		}
		dir = up
	}
}
