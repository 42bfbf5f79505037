package normalizer

import "testing"

func TestRepairTitle(t *testing.T) {
	n := normalizer(t, nil)
	sites := []string{"Example Agency", "หน่วยงานตัวอย่าง"}
	tests := []struct{ in, want string }{
		{"Guide to shelters | Example Agency", "Guide to shelters"},
		{"Example Agency - Guide to shelters", "Guide to shelters"},
		{"คู่มือ - หน่วยงานตัวอย่าง", "คู่มือ"},
		{"Guide | Part two", "Guide | Part two"},
		{"Going home: what survivors say", "Going home: what survivors say"},
		{"Guide to shelters Guide to shelters", "Guide to shelters"},
		{"Guide to sheltersGuide to shelters", "Guide to shelters"},
		{"VViiccttiimm IIddeennttiiffiiccaattiioonn", "Victim Identification"},
		{"Committee on aggressive tattoos", "Committee on aggressive tattoos"},
		{"S H E L T E R   P R A C T I C E S   I N   A S E A N", "SHELTER PRACTICES IN ASEAN"},
		{"s-h-e-l-t-e-r-g-u-i-d-a-n-c-e", "SHELTER GUIDANCE"},
		{"A B C of protection", "A B C of protection"},
		{"<em>Guide</em> to shelters", "Guide to shelters"},
		{"5 < 6 and more", "5 < 6 and more"},
		{"Guide &amp;amp; tools", "Guide & tools"},
		{"[Research] Guide", "Guide"},
		{"[2nd edition]", "[2nd edition]"},
		{"guide-to-shelters.pdf", "guide-to-shelters"},
		{"Title: Guide to shelters", "Guide to shelters"},
		{"", ""},
	}
	for _, tt := range tests {
		if got := n.repairTitle(tt.in, sites).text; got != tt.want {
			t.Errorf("%q = %q, want %q", tt.in, got, tt.want)
		}
	}
	if label := n.repairTitle("[Research] Guide", nil).label; label != "Research" {
		t.Errorf("label = %q", label)
	}
}

func TestDamaged(t *testing.T) {
	for text, want := range map[string]bool{"ก\uFFFDรค้\uFFFDมนุษย์": true, "การค้ามนุษย์": false, "": false, "A long English title in which one bad \uFFFD letter stands is not": false} {
		if got := damaged(text); got != want {
			t.Errorf("damaged(%q) = %v", text, got)
		}
	}
}
