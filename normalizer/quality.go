package normalizer

import (
	"strings"
	"unicode/utf8"

	"ctiphub/record"
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
		{"country", pointsCountry, "at least one country or region that the record names"},
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
	score := 0
	for _, points := range earned(r) {
		score += points
	}
	return score
}

// Points returns what a record earns of each criterion, in the order of Criteria.
func Points(r record.Record) []int {
	e := earned(r)
	return e[:]
}

// earned are the points of each criterion in the order of Criteria.
func earned(r record.Record) (e [10]int) {
	has := func(code string) bool {
		for _, f := range r.Quality.Findings {
			if f.Code == code {
				return true
			}
		}
		return false
	}
	earn := func(criterion int, ok bool, points int) {
		if ok {
			e[criterion] += points
		}
	}
	earn(0, len(r.Title) > 0 && !has(CodeDamagedText), pointsTitle)
	longest := 0
	for _, d := range r.Description {
		longest = max(longest, utf8.RuneCountInString(d))
	}
	earn(1, longest > 0, pointsDescription/2)
	earn(1, longest >= 100, pointsDescription/2)
	earn(2, len(r.Themes) > 0, pointsThemes)
	earn(3, len(r.Countries)+len(r.Regions) > 0 && !has(CodeNoCountry), pointsCountry)
	if len(r.Type) > 0 && r.Type[0].ID != "other" {
		earn(4, r.Type[0].Confidence >= publishFrom, pointsType)
		earn(4, r.Type[0].Confidence < publishFrom, pointsType/2)
	}
	earn(5, len(r.Languages) > 0, pointsLanguage/2)
	earn(5, len(r.Languages) > 0 && !has(CodeLanguageDiffers), pointsLanguage/2)
	earn(6, r.Issued.EDTF != "", pointsDate/2)
	earn(6, len(r.Issued.EDTF) >= 7 && !strings.Contains(r.Issued.EDTF[:7], "/") && !has(CodeDateUncertain), pointsDate/2)
	if len(r.Publishers) > 0 {
		earn(7, true, 3)
		earn(7, r.Publishers[0].ID != "", pointsPublisher-3)
	}
	earn(8, r.Rights.Status != "" && r.Rights.Status != "unknown", pointsRights)
	earn(9, r.Origin.Landing != "" && r.Origin.Status == "origin-known", pointsLink)
	earn(9, reachable(r), pointsLink)
	return e
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
