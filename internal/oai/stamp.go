package oai

import (
	"fmt"
	"strings"
	"time"
)

// looseForms are the datestamps that repositories write beside the two the protocol
// allows: fractions, offsets, no zone, a space for the T.
var looseForms = []string{
	time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04Z07:00",
	"2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999",
	"2006-01-02T15:04:05.999999999Z0700", "20060102",
}

// ReadStamp reads a datestamp as found in answers. What carries no zone is taken as UTC.
func ReadStamp(s string) (t time.Time, granularity string, err error) {
	s = strings.TrimSpace(s)
	if t, granularity, err = ParseStamp(s); err == nil {
		return t, granularity, nil
	}
	for _, form := range looseForms {
		if t, err := time.Parse(form, s); err == nil {
			if form == "20060102" {
				return t, Days, nil
			}
			return t.UTC(), Seconds, nil
		}
	}
	return time.Time{}, "", fmt.Errorf("%q is not a datestamp", s)
}
