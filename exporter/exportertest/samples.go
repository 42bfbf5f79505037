package exportertest

import (
	"time"

	"ctiphub/record"
)

// Samples returns the records that every format has a golden file of. All of it is
// invented, with domains that cannot exist.
func Samples() []record.Record {
	return []record.Record{guideline(), translation(), law(), directory(), hostile(), bare()}
}

func at(day, hour int) time.Time { return time.Date(2026, 3, day, hour, 30, 0, 0, time.UTC) }

// guideline has every field.
func guideline() record.Record {
	return record.Record{
		ID: record.NewID("th-agency", "https://agency.example.th/ct/101"),
		Title: record.Texts{
			"th": "คู่มือการคัดแยกผู้เสียหายจากการค้ามนุษย์",
			"en": "Handbook on Identifying Victims of Trafficking",
		},
		Alternative: record.Texts{"en": "Screening Handbook"},
		Description: record.Texts{
			"th": "แนวทางสำหรับเจ้าหน้าที่ในการคัดแยกและส่งต่อผู้เสียหาย",
			"en": "How officials tell, refer & protect victims.\nWith checklists in \"Annex A\".",
		},
		Type: []record.Tag{
			tag("guideline", 0.95, record.Evidence{Field: "title", Match: "คู่มือ", Rule: "vocab:guideline/th/คู่มือ"}),
			tag("training", 0.5),
		},
		Themes: []record.Tag{
			tag("identification", 0.9,
				record.Evidence{Field: "title", Match: "คัดแยกผู้เสียหาย", Rule: "vocab:identification/th/คัดแยกผู้เสียหาย"},
				record.Evidence{Field: "keyword", Match: "victim identification", Rule: "vocab:identification/en/victim identification"}),
			tag("referral", 0.625, record.Evidence{Field: "description", Match: "refer", Rule: "vocab:referral/en/refer"}),
		},
		Audiences:         []record.Tag{tag("police", 0.8), tag("social-worker", 0.8)},
		VictimGroups:      []record.Tag{tag("migrant-workers", 0.7)},
		ExploitationForms: []record.Tag{tag("forced-labour", 0.7)},
		Countries:         []record.Tag{tag("TH", 1, record.Evidence{Field: "source", Match: "TH", Rule: "source-default"})},
		Regions:           []record.Tag{tag("GMS", 0.6)},
		Languages:         []string{"th", "en"},
		Creators:          []record.Agent{{Name: record.Texts{"th": "กองต่อต้านตัวอย่าง", "en": "Example Division"}, Kind: "government", Country: "TH"}},
		Publishers: []record.Agent{
			{Name: record.Texts{"en": "Ministry of Examples"}, Kind: "government", Country: "TH", ID: "https://authority.example/th/moe"},
			{Name: record.Texts{"en": "Regional Sample Office"}, Kind: "un"},
		},
		Funders:  []record.Agent{{Name: record.Texts{"en": "Sample Trust"}, Kind: "ngo"}},
		Issued:   record.Date{EDTF: "2023-12-13", Raw: "13 ธันวาคม 2566"},
		Modified: record.Date{EDTF: "2024-01"},
		Valid:    record.Date{EDTF: "2024/2027", Raw: "พ.ศ. 2567-2570"},
		Files: []record.File{
			{URL: "https://agency.example.th/files/101.pdf", MediaType: "application/pdf", Bytes: 1048576, Pages: 88, Language: "th",
				Checksum: "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", Checked: at(2, 4), Status: "ok"},
			{URL: "https://agency.example.th/files/101-en.pdf", MediaType: "application/pdf", Language: "en", Status: "dead"},
		},
		Identifiers: []record.Identifier{{Scheme: "doi", Value: "10.99999/example.101"}, {Scheme: "isbn", Value: "978 616 000 000 0"}, {Scheme: "number", Value: "MOE|7/2566"}},
		Work:        record.Work{ID: "w-101", EditionStatus: "official"},
		Relations:   []record.Relation{{Kind: "accompanies", Target: "https://agency.example.th/ct/102", Lang: "th"}},
		Rights:      record.Rights{Status: "gov-public", License: "https://creativecommons.org/licenses/by/4.0/", Statement: record.Texts{"th": "สงวนลิขสิทธิ์"}},
		Sensitivity: "public",
		Origin:      record.Origin{Source: "th-agency", Identifier: "https://agency.example.th/ct/101", Landing: "https://agency.example.th/ct/101", Status: "origin-known"},
		Harvest:     record.Harvest{FirstSeen: at(1, 2), LastSeen: at(9, 2), LastChanged: at(5, 2), Raw: "00aa11bb"},
		Quality:     record.Quality{Score: 92, Findings: []record.Finding{{Code: "title-repaired", Field: "title", Detail: "The title stood twice."}}},
		Provenance: []record.Assertion{
			{Field: "title", Lang: "th", Rule: "css:h1", Confidence: 1, Flag: record.AsIs},
			{Field: "issued", Value: "2023-12-13", Raw: "13 ธันวาคม 2566", Rule: "css:.date", Confidence: 0.98, Flag: record.Replaced},
		},
		Overrides: []record.Override{{Field: "sensitivity", Value: `"public"`, Who: "curator-7", When: at(6, 9), Why: "asked the agency"}},
	}
}

// translation came through another hub.
func translation() record.Record {
	return record.Record{
		ID:          record.NewID("partner-hub", "oai:partner.example:vn-7"),
		Title:       record.Texts{"vi": "Sổ tay hỗ trợ nạn nhân bị mua bán"},
		Description: record.Texts{"vi": "Hướng dẫn tiếp nhận, bảo vệ và hỗ trợ nạn nhân."},
		Type:        []record.Tag{tag("toolkit", 0.9)},
		Themes:      []record.Tag{tag("protection-support", 0.9)},
		Countries:   []record.Tag{tag("VN", 1)},
		Languages:   []string{"vi"},
		Publishers:  []record.Agent{{Name: record.Texts{"vi": "Cơ quan Ví dụ"}, Kind: "government", Country: "VN"}},
		Issued:      record.Date{EDTF: "2021", Raw: "2021"},
		Work:        record.Work{ID: "w-101", EditionStatus: "unofficial"},
		Relations:   []record.Relation{{Kind: "translationOf", Target: string(record.NewID("th-agency", "https://agency.example.th/ct/101")), Lang: "th"}},
		Origin: record.Origin{
			Source: "partner-hub", Identifier: "oai:partner.example:vn-7", Landing: "https://coquan.example.vn/so-tay", Status: "mirror-only",
			Chain: []record.Hop{
				{BaseURL: "https://partner.example/oai", Identifier: "oai:partner.example:vn-7", Datestamp: "2026-02-01T00:00:00Z", Namespace: "http://www.openarchives.org/OAI/2.0/oai_dc/", HarvestDate: at(3, 1), Altered: true},
				{BaseURL: "https://first.example/oai", Identifier: "oai:first.example:9", Datestamp: "2025-11-30"},
			},
		},
		Harvest: record.Harvest{FirstSeen: at(3, 1), LastSeen: at(9, 1), LastChanged: at(3, 1)},
		Quality: record.Quality{Score: 71, Findings: []record.Finding{{Code: "no-file", Field: "files", Detail: "No file is linked."}}},
	}
}

func law() record.Record {
	return record.Record{
		ID: record.NewID("kh-agency", "law-12"),
		Title: record.Texts{
			"km": "ច្បាប់ស្តីពីការបង្ក្រាបអំពើជួញដូរមនុស្ស",
			"lo": "ກົດໝາຍວ່າດ້ວຍການຕ້ານການຄ້າມະນຸດ",
			"en": "Law on Suppressing Trafficking (invented)",
		},
		Type:        []record.Tag{tag("law-policy", 1)},
		Themes:      []record.Tag{tag("law-policy", 0.8)},
		Countries:   []record.Tag{tag("KH", 1), tag("LA", 0.8)},
		Languages:   []string{"km"},
		Issued:      record.Date{EDTF: "2008-02"},
		Identifiers: []record.Identifier{{Scheme: "uri", Value: "https://laws.example.kh/12"}},
		Rights:      record.Rights{Statement: record.Texts{"und": "© 2008"}},
		Origin:      record.Origin{Source: "kh-agency", Identifier: "law-12", Landing: "https://laws.example.kh/12", Status: "origin-dead"},
		Quality:     record.Quality{Score: 64},
	}
}

func directory() record.Record {
	return record.Record{
		ID:          record.NewID("mm-ngo", "dir"),
		Title:       record.Texts{"my": "လူကုန်ကူးခံရသူများအတွက် ဝန်ဆောင်မှုလမ်းညွှန်", "zh-Hans": "人口贩运受害者服务指南", "ta": "மனிதக் கடத்தல்"},
		Description: record.Texts{"und": "𝒮𝑒𝓇𝓋𝒾𝒸𝑒𝓈 🏠"},
		Type:        []record.Tag{tag("directory", 0.75)},
		Countries:   []record.Tag{tag("MM", 0.9)},
		Regions:     []record.Tag{tag("ASEAN", 0.9)},
		Languages:   []string{"my"},
		Files:       []record.File{{URL: "https://ngo.example.mm/dir?a=1&b=2", MediaType: "text/html"}},
		Sensitivity: "service-locations",
		Origin:      record.Origin{Source: "mm-ngo", Identifier: "dir", Landing: "https://ngo.example.mm/dir"},
		Quality:     record.Quality{Score: 40, Findings: []record.Finding{{Code: "no-date", Field: "issued", Detail: "No date was found."}}},
	}
}

// hostile has texts that would break a careless writer.
func hostile() record.Record {
	return record.Record{
		ID:          record.NewID("bad", "1"),
		Title:       record.Texts{"en": `=HYPERLINK("https://evil.example","click") <b>]]>&amp;</b>`},
		Alternative: record.Texts{"en": "+1", "th": "@SUM(A1)", "vi": "a|b\\c"},
		Description: record.Texts{"ar": "\u202Eبصق\u202C", "en": " \t-2+3\r\nnext\x00\x1b[31m, \uFFFE end\u2028"},
		Languages:   []string{"ar"},
		Publishers:  []record.Agent{{Name: record.Texts{"en": "O'Neil, \"Quote\" & Sons"}}, {Kind: "ngo"}},
		Files:       []record.File{{URL: "https://x.example/?q=\"><script>", MediaType: "text/html;\ncharset=x"}},
		Identifiers: []record.Identifier{{Scheme: "", Value: "-1"}},
		Origin:      record.Origin{Source: "bad", Identifier: "1"},
	}
}

// bare has the least that a record can be published with.
func bare() record.Record {
	return record.Record{ID: record.NewID("few", "0"), Title: record.Texts{"id": "Pedoman Contoh"}}
}

func tag(id string, confidence float64, evidence ...record.Evidence) record.Tag {
	return record.Tag{ID: id, Confidence: confidence, Evidence: evidence}
}
