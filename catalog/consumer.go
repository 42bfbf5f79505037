package catalog

import (
	"context"
	"errors"
	"time"

	"ctiphub/record"
)

// ErrNoConsumer is returned for a consumer that does not exist.
var ErrNoConsumer = errors.New("no such consumer")

// Consumer is a portal that takes records under a key, so that redistribution can be counted
// and a takedown can tell who has a record. Nobody needs a key.
type Consumer struct {
	ID        string // as in the command line: "asean-portal"
	Name      string
	Contact   string // whom to tell of a takedown
	PerMinute int    // requests; 0: the default of known consumers
	Made      time.Time
	Disabled  bool
	// Filled in by Consumers.
	Records  int       // taken in all
	Month    int       // of these, in the last 30 days
	LastSeen time.Time // day of the last request
}

// Pull is what a consumer was given: requests and records of one day and form, and the part of
// the change log that they come from.
type Pull struct {
	Consumer string
	Day      time.Time // UTC
	Form     string    // "oai", "api", "feed", "dump", "resource"
	Requests int
	Records  int
	First    int64 // lowest and highest number served; 0: none
	Last     int64
}

// Taker is a consumer that took a record, or may have: in between the numbers that it was
// given, a filter may have left the record out.
type Taker struct {
	Consumer Consumer
	First    time.Time // days
	Last     time.Time
}

// Redistribution is what the store offers those who count who passes records on.
type Redistribution interface {
	// PutConsumer adds a consumer, or changes all of it but its key when hash is "".
	PutConsumer(ctx context.Context, c Consumer, hash string) error
	// Consumers returns all consumers by id, with what they took.
	Consumers(ctx context.Context, now time.Time) ([]Consumer, error)
	// ConsumerOf returns the consumer of a key, by the hash of the key, or ErrNoConsumer.
	ConsumerOf(ctx context.Context, hash string) (Consumer, error)
	// AddPulls adds to what consumers took.
	AddPulls(ctx context.Context, pulls []Pull) error
	// Takers returns who took a record, in any of its states.
	Takers(ctx context.Context, id record.ID) ([]Taker, error)
}
