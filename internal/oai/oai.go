// Package oai holds what both sides of OAI-PMH 2.0 share: names, codes, datestamps and
// the wire form of answers (http://www.openarchives.org/OAI/openarchivesprotocol.html).
//
// In flow bytes of an answer or values to write; out flow typed answers or bytes. It
// stores nothing and must not know repositories or the catalogue.
package oai

import (
	"fmt"
	"time"
)

// Namespaces and schemas of the protocol and of simple Dublin Core.
const (
	Namespace    = "http://www.openarchives.org/OAI/2.0/"
	Schema       = "http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd"
	DCNamespace  = "http://www.openarchives.org/OAI/2.0/oai_dc/"
	DCSchema     = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"
	DCElements   = "http://purl.org/dc/elements/1.1/"
	CTIPPrefix   = "ctip"
	OAIDCPrefix  = "oai_dc"
	XSINamespace = "http://www.w3.org/2001/XMLSchema-instance"
)

// Error codes of section 3.6 of the protocol.
const (
	BadArgument             = "badArgument"
	BadResumptionToken      = "badResumptionToken"
	BadVerb                 = "badVerb"
	CannotDisseminateFormat = "cannotDisseminateFormat"
	IDDoesNotExist          = "idDoesNotExist"
	NoRecordsMatch          = "noRecordsMatch"
	NoMetadataFormats       = "noMetadataFormats"
	NoSetHierarchy          = "noSetHierarchy"
)

// Granularities of datestamps, as Identify names them (section 3.3).
const (
	Days    = "YYYY-MM-DD"
	Seconds = "YYYY-MM-DDThh:mm:ssZ"
)

// FormatStamp writes a datestamp at a granularity, in UTC.
func FormatStamp(t time.Time, granularity string) string {
	if granularity == Days {
		return t.UTC().Format(time.DateOnly)
	}
	return t.UTC().Format("2006-01-02T15:04:05Z")
}

// ParseStamp reads a datestamp strictly and returns its granularity.
func ParseStamp(s string) (t time.Time, granularity string, err error) {
	// The lengths are held too, because time.Parse lets fractions of a second pass.
	if t, err = time.Parse(time.DateOnly, s); err == nil {
		return t, Days, nil
	}
	if t, err = time.Parse("2006-01-02T15:04:05Z", s); err == nil && len(s) == len(Seconds) {
		return t, Seconds, nil
	}
	return time.Time{}, "", fmt.Errorf("%q is not a UTC datestamp of the form %s or %s", s, Days, Seconds)
}
