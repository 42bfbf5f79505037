package portal

import "testing"

// FuzzPing compares any address with the sources: it must not fail, nor find a source of
// another host.
func FuzzPing(f *testing.F) {
	for _, s := range []string{"https://un.example/news", "http://[::1]:x/", "//un.example", "https://un.example:99999/%zz", "\x00", "https://www.UN.example/feed?a=b"} {
		f.Add(s)
	}
	sources := []SourceInfo{
		{ID: "news", URL: "https://un.example/news/feed", Home: "https://un.example/", Enabled: true},
		{ID: "off", URL: "https://un.example/off"},
	}
	f.Fuzz(func(t *testing.T, address string) {
		found := sourcesOf(sources, address)
		if len(found) == 0 {
			return
		}
		if p, ok := readPlace(address); !ok || p.host != "un.example" || len(found) != 1 || found[0] != "news" {
			t.Errorf("%q belongs to %q", address, found)
		}
	})
}
