package lang

import (
	"testing"

	"golang.org/x/text/encoding/charmap"
)

// asLatin1 is how the bytes of a charset look to whoever takes them for Latin-1.
func asLatin1(t *testing.T, cm *charmap.Charmap, s string) string {
	t.Helper()
	b, err := cm.NewEncoder().String(s)
	if err != nil {
		t.Fatal(err)
	}
	out, err := charmap.ISO8859_1.NewDecoder().String(b)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// misread is UTF-8 text as a single-byte charset shows it, undefined bytes as controls.
func misread(cm *charmap.Charmap, s string) string {
	var out []rune
	for _, b := range []byte(s) {
		r := cm.DecodeByte(b)
		if r == '\ufffd' {
			r = rune(b)
		}
		out = append(out, r)
	}
	return string(out)
}

func TestMojibake(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"TIS-620 as Latin-1", "¡ÒÃ¤éÒÁ¹ØÉÂì", "การค้ามนุษย์"},
		{"TIS-620, one word", "¤ÙèÁ×Í", "คู่มือ"},
		{"TIS-620 beside English", "Thai: " + asLatin1(t, charmap.Windows874, "รายงานประจำปี") + " (PDF)", "Thai: รายงานประจำปี (PDF)"},
		{"UTF-8 Thai as windows-1252", "à¸\u0081à¸²à¸£à¸„à¹‰à¸²", "การค้า"},
		{"UTF-8 Khmer", misread(charmap.Windows1252, "ជនរងគ្រោះ"), "ជនរងគ្រោះ"},
		{"UTF-8 Vietnamese", misread(charmap.Windows1252, "Đường dây nóng"), "Đường dây nóng"},
		{"UTF-8 Portuguese", misread(charmap.Windows1252, "Prevenção do tráfico"), "Prevenção do tráfico"},
		{"UTF-8 apostrophe alone", misread(charmap.Windows1252, "women’s shelter"), "women’s shelter"},
		{"UTF-8 e acute alone", "CafÃ©", "Café"},
		{"UTF-8 twice", misread(charmap.Windows1252, misread(charmap.Windows1252, "การค้า")), "การค้า"},
		{"UTF-8 as windows-874", misread(charmap.Windows874, "การค้ามนุษย์"), "การค้ามนุษย์"},
		{"TCVN3", "Mua b¸n ng\u00adêi", "Mua bán người"},
		{"TCVN3 sentence", "n¹n nh©n bÞ mua b¸n", "nạn nhân bị mua bán"},
		{"VNI", "naïn nhaân bò mua baùn", "nạn nhân bị mua bán"},
		{"VNI capital", "Phoøng choáng mua baùn ngöôøi", "Phòng chống mua bán người"},
		{"Latin-2 sign", "Copyright Š ECPAT International", "Copyright © ECPAT International"},
	} {
		got, changed := Mojibake(c.in)
		if got != c.want || !changed {
			t.Errorf("%s: Mojibake(%q) = %q, %v; want %q", c.name, c.in, got, changed, c.want)
		}
	}
}

func TestMojibakeLeavesCorrectTextAlone(t *testing.T) {
	for _, s := range []string{
		"", "Plain English © 2020 NEXUS Institute®", "co\u00adoperation and re\u00adintegration",
		"Les « café » et « thé » né à Paris à « Noël »", "Le maïs naïf d’Haïti, où l’on a reçu août", "l’été “à Évry”…", "Être né en été à l’île de Ré",
		"Lei n.º 3/2017 – Prevenção e Luta contra o Tráfico de Pessoas", "NÃO à exploração “AMANHÃ” «AMANHû ÓRFÃ…", "país saúde aí daí ruído",
		"LEI BA PREVENSAUN NO LUTA HASORU TRÁFIKU UMANU", "ne’ebé kona-ba jéneru sivíl nasionál",
		"¿Cuándo llegó el niño? ¡Aquí! Año 1ª, 2º", "Größe – „Ärger“ über Öl", "Às vezes é só isso", "Café · thé · 20 °C ± 1",
		"Hỗ trợ tái hòa nhập cho nạn nhân bị buôn bán", "Đại học Quốc gia", "การค้ามนุษย์", "เธอเป็นเนื้อเรื่อง เธอเนรเทศ", "อเนกประสงค์ เน้น เธอ",
		"လူကုန်ကူးမှု", "人口贩运", "Škoda, Čapek", "naïve coöperation façade", "São Tomé e Príncipe", "Ação já, irmão!",
	} {
		if got, changed := Mojibake(s); changed || got != s {
			t.Errorf("Mojibake(%q) = %q, %v (%s): it was right", s, got, changed, Diagnose(s))
		}
	}
}

func TestVietnameseSyllable(t *testing.T) {
	for _, w := range []string{"người", "nạn", "nhân", "bị", "mua", "bán", "hoà", "hòa", "thuỷ", "thủy", "quyền", "giết", "khuỷu", "nghiêng", "ươm", "yêu", "oan", "Đường", "gì", "quý", "trách", "đẹp"} {
		if !vietnameseSyllable(w) {
			t.Errorf("%q is a syllable", w)
		}
	}
	for _, w := range []string{"", "cafộ", "nạf", "mạs", "paỉs", "oỉ", "strong", "tóan", "bac", "tìch", "người1", "ảá", "the\u0301\u0300"} {
		if vietnameseSyllable(w) {
			t.Errorf("%q is no syllable", w)
		}
	}
}
