package normalizer

import (
	"testing"
	"time"

	"ctiphub/record"
)

// typical is a record as repositories of the field send them: a title and about 600
// characters of description.
var typical = record.Raw{
	Source: "bench", Identifier: "oai:bench:1", URL: "https://repository.example/oai", Format: record.FormatOAIDC, Fetched: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC),
	Body: dcRecord(
		[2]string{"title", "Supporting the Reintegration of Trafficked Persons: A Guidebook for the Greater Mekong Sub-Region"},
		[2]string{"creator", "NEXUS Institute"}, [2]string{"publisher", "UN-ACT"}, [2]string{"date", "2017-04"}, [2]string{"type", "Guide"}, [2]string{"language", "en"},
		[2]string{"subject", "human trafficking; reintegration"}, [2]string{"identifier", "https://repository.example/handle/123/45"},
		[2]string{"description", "This guidebook is for practitioners who work with trafficked persons and their families in Cambodia, Lao PDR, Myanmar, Thailand and Viet Nam. It describes what victims need after they have been identified: safe accommodation, health care, psychosocial support, legal assistance, vocational training and help with finding work. Each chapter lists promising practices from service providers and government agencies, challenges that they met, and steps that programmes can take to follow up on reintegration over time. It draws on interviews with more than 250 survivors and was reviewed by social workers of 14 organisations in 2016."},
		[2]string{"rights", "https://creativecommons.org/licenses/by-nc/4.0/"},
	),
}

func BenchmarkNormalizeOAIDC(b *testing.B) {
	n := normalizer(b, nil)
	b.SetBytes(int64(len(typical.Body)))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, _, err := n.Normalize(typical); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
}
