package normalizer

import "testing"

// TestAuthority: the ministries of several states share a name; the country tells them
// apart, and without one none is meant.
func TestAuthority(t *testing.T) {
	a := normalizer(t, nil).authority
	tests := []struct{ name, country, want string }{
		{"Ministry of Justice", "VN", "vn-moj"},
		{"Ministry of Justice", "KH", "kh-moj"},
		{"Ministry of Justice", "", ""},
		{"Bộ Tư pháp", "", "vn-moj"},
		{"Ministry of Labour", "TH", "th-mol"},
		{"Ministry of Labour (Thailand)", "", "th-mol"},
		{"กระทรวงยุติธรรม", "", "th-moj"},
		{"Attorney General's Chambers", "MY", "my-agc"},
		{"Office of Migrant Affairs, Ministry of Justice", "LA", "la-moj"},
		{"Friends of Justice, Ministry of Justice", "LA", ""},
		{"Division of Anti-Trafficking in Persons, MSDHS", "", "th-datip"},
		{"DSWD", "", "ph-dswd"},
		{"Sample Society", "KH", ""},
	}
	for _, tt := range tests {
		got, _ := a.find(tt.name, tt.country)
		if got.ID != tt.want {
			t.Errorf("%q in %q is %q, want %q", tt.name, tt.country, got.ID, tt.want)
		}
	}
}
