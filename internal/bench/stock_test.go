package bench

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"testing"
)

// What is measured must be worth measuring: records of the length that libraries have,
// well-formed, in many languages, and the same each time.
func TestStock(t *testing.T) {
	list, err := Stock(t.Context(), 400)
	if err != nil {
		t.Fatal(err)
	}
	size, languages := 0, map[string]bool{}
	for _, meta := range list {
		size += len(meta)
		languages[element(meta, "language")] = true
		for dec := xml.NewDecoder(bytes.NewReader(meta)); ; {
			if _, err := dec.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", meta, err)
			}
		}
		if bytes.Contains(meta, []byte("127.0.0.1")) {
			t.Errorf("%s names the place where it was made", meta)
		}
	}
	if mean := size / len(list); mean < 1400 || mean > 2000 {
		t.Errorf("records have %d bytes on average", mean)
	}
	if len(languages) < 8 {
		t.Errorf("only the languages %v", languages)
	}
	again, err := Stock(t.Context(), 400)
	if err != nil || !slices.EqualFunc(list, again, bytes.Equal) {
		t.Errorf("the second time is different (%v)", err)
	}
}
