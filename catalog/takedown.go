package catalog

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"time"

	"ctiphub/record"
)

// ErrNoTakedown is returned for a takedown that does not exist or is over.
var ErrNoTakedown = errors.New("no such takedown")

// CodeTakenDown is the reason for which a listed record is passed over for good.
const CodeTakenDown = "taken-down"

// Takedown hides records for good: what the hub kept of them is erased, readers and
// consumers see tombstones, and no harvest or replay brings them back.
type Takedown struct {
	ID     int64
	Record record.ID // what is taken down: one record,
	URL    string    // or all that have this address, of whatever source
	Reason string    // for the audit; shown to staff alone
	Who    string
	When   time.Time
	Ended  time.Time // when a curator let them come back; zero: it counts
}

// Removal is what a takedown did, or would do.
type Removal struct {
	Takedown  Takedown
	Records   []record.ID // erased now, or the ones that it would erase
	Withdrawn int         // how many of them were public
}

// Digest proves which entries of a source somebody has: it is the XOR of the
// record.EntryDigest of all its published entries, tombstones included.
type Digest struct {
	Source  string
	Live    int
	Deleted int
	Sum     [32]byte
}

// Digests are the digests of all sources at one moment.
type Digests struct {
	Seq     int64 // last number of the sequence
	Sources []Digest
}

// Keeper is what the store offers those who answer for what is public.
type Keeper interface {
	// TakeDown erases what is taken down, or only counts it on a dry run.
	TakeDown(ctx context.Context, t Takedown, dry bool) (Removal, error)
	// Reinstate ends the takedowns of a record or address. The records come back with the
	// next harvest that lists them: the hub has nothing left of them.
	Reinstate(ctx context.Context, t Takedown) ([]Takedown, error)
	// Takedowns returns all takedowns, those that are over included, the newest first.
	Takedowns(ctx context.Context) ([]Takedown, error)
	// Relabel moves the records whose concepts are called otherwise than the last time, by
	// "scheme/id": exports write labels out. The first time none moves.
	Relabel(ctx context.Context, now time.Time, labels map[string]string) (moved int, err error)
	// Digests returns the digests of the sources, all at the same moment.
	Digests(ctx context.Context) (Digests, error)
}

// AddressKey is the form in which addresses of takedowns are compared: without scheme,
// "www.", final slash and fragment, which do not make another page.
func AddressKey(address string) string {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" {
		return ""
	}
	key := strings.TrimPrefix(strings.ToLower(u.Host), "www.") + strings.TrimRight(u.EscapedPath(), "/")
	if u.RawQuery != "" {
		key += "?" + u.RawQuery
	}
	return key
}

// Addresses are where a record sends its readers: its page and its files.
func Addresses(r record.Record) []string {
	var list []string
	if r.Origin.Landing != "" {
		list = append(list, r.Origin.Landing)
	}
	for _, f := range r.Files {
		if f.URL != "" {
			list = append(list, f.URL)
		}
	}
	return list
}
