package spell

import "testing"

func TestHint(t *testing.T) {
	known := []string{"title", "description", "issued"}
	for got, want := range map[string]string{
		"titel":       `did you mean "title"?`,
		"isued":       `did you mean "issued"?`,
		"descriptoin": `did you mean "description"?`,
		"publisher":   "known are title, description, issued",
		"":            "known are title, description, issued",
	} {
		if hint := Hint(got, known); hint != want {
			t.Errorf("%q: got %s, want %s", got, hint, want)
		}
	}
}

func TestDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"kitten", "sitting", 3}, {"same", "same", 0}} {
		if got := distance(c.a, c.b); got != c.want {
			t.Errorf("from %q to %q it is %d, want %d", c.a, c.b, got, c.want)
		}
	}
}
