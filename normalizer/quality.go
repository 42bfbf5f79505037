package normalizer

import (
	"ctiphub/record"
	"strings"
)

// Criterion is one part of the quality score. The score of a record is the sum of the
// points it earns; 100 is the most.
type Criterion struct {
	Name   string
	Points int
	Earned string // what earns the points
}

// The parts of the score.
const (
	pointsTitle       = 5
	pointsDescription = 20
	pointsThemes      = 10
	pointsCountry     = 10
	pointsType        = 10
	pointsLanguage    = 10
	pointsDate        = 10
	pointsPublisher   = 5
	pointsRights      = 10
	pointsLink        = 5
)

// Criteria is the published formula of the quality score.
func Criteria() []Criterion {
	return []Criterion{
		{"title", pointsTitle, "a title of which no letters are lost"},
		{"description", pointsDescription, "a description of 100 characters; half for a shorter one"},
		{"themes", pointsThemes, "at least one theme"},
		{"country", pointsCountry, "at least one country or region"},
		{"type", pointsType, "a known type; half when only the source's default tells it"},
		{"language", pointsLanguage, "a known language that the text confirms; half when they differ"},
		{"date", pointsDate, "a date of publication to the day or month; half for a year or an uncertain date"},
		{"publisher", pointsPublisher, "a publisher; 3 when it is not in the authority file"},
		{"rights", pointsRights, "stated rights"},
		{"link", 2 * pointsLink, "a page at its origin (half) and a file or a known identifier (half); files known to be dead earn nothing"},
	}
}

// quality computes the score of a record from the record alone.
func quality(r record.Record) int {
	has := func(code string) bool {
		for _, f := range r.Quality.Findings {
			if f.Code == code {
				return true
			}
		}
		return false
	}
	score := 0
	earn := func(ok bool, points int) {
		if ok {
			score += points
		}
	}
	earn(len(r.Title) > 0 && !has(CodeDamagedText), pointsTitle)
	longest := 0
	for _, d := range r.Description {
		longest = max(longest, len([]rune(d)))
	}
	earn(longest > 0, pointsDescription/2)
	earn(longest >= 100, pointsDescription/2)
	earn(len(r.Themes) > 0, pointsThemes)
	earn(len(r.Countries)+len(r.Regions) > 0, pointsCountry)
	if len(r.Type) > 0 && r.Type[0].ID != "other" {
		earn(r.Type[0].Confidence >= publishFrom, pointsType)
		earn(r.Type[0].Confidence < publishFrom, pointsType/2)
	}
	earn(len(r.Languages) > 0, pointsLanguage/2)
	earn(len(r.Languages) > 0 && !has(CodeLanguageDiffers), pointsLanguage/2)
	earn(r.Issued.EDTF != "", pointsDate/2)
	earn(len(r.Issued.EDTF) >= 7 && !strings.Contains(r.Issued.EDTF[:7], "/") && !has(CodeDateUncertain), pointsDate/2)
	if len(r.Publishers) > 0 {
		earn(true, 3)
		earn(r.Publishers[0].ID != "", pointsPublisher-3)
	}
	earn(r.Rights.Status != "" && r.Rights.Status != "unknown", pointsRights)
	earn(r.Origin.Landing != "" && r.Origin.Status == "origin-known", pointsLink)
	earn(reachable(r), pointsLink)
	return score
}

// reachable reports whether there is a file that is not known to be dead, or an
// identifier that leads to one.
func reachable(r record.Record) bool {
	for _, f := range r.Files {
		if f.Status != "dead" {
			return true
		}
	}
	for _, id := range r.Identifiers {
		if id.Scheme == "doi" || id.Scheme == "handle" {
			return true
		}
	}
	return false
}
