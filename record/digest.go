package record

import (
	"crypto/sha256"
	"strconv"
)

// EntryDigest is the SHA-256 of what tells one state of one entry from all others: its id,
// the number of its last change, and whether it is deleted, as "id seq live" or
// "id seq deleted". Whoever has the same entries of a source as the hub arrives at the same
// sums, and at the same XOR of them, in whatever order.
func EntryDigest(id ID, seq int64, deleted bool) [32]byte {
	b := make([]byte, 0, 48)
	b = append(append(b, id...), ' ')
	b = strconv.AppendInt(b, seq, 10)
	if deleted {
		b = append(b, " deleted"...)
	} else {
		b = append(b, " live"...)
	}
	return sha256.Sum256(b)
}

// XOR adds one sum to another, or takes it off again.
func XOR(a, b [32]byte) [32]byte {
	for i := range a {
		a[i] ^= b[i]
	}
	return a
}
