package dump

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"ctiphub/record"
)

// Verify holds a dump against its manifest, as whoever fetched it can: the checksum of each
// file, and of a full dump the counts and digests that follow from its index.
func Verify(dir string) (Manifest, error) {
	m, err := readManifest(dir)
	if err != nil {
		return m, err
	}
	for _, f := range m.Files {
		if err := verifyFile(dir, f); err != nil {
			return m, fmt.Errorf("verifying %s: %w", m.Name, err)
		}
	}
	live, deleted, sum := 0, 0, [32]byte{}
	err = readIndex(dir, func(l line) {
		sum = record.XOR(sum, record.EntryDigest(l.id, l.seq, l.deleted))
		if l.deleted {
			deleted++
		} else {
			live++
		}
	})
	if err != nil {
		return m, err
	}
	if live != m.Live || deleted != m.Deleted {
		return m, fmt.Errorf("verifying %s: the index has %d live and %d withdrawn, the manifest says %d and %d", m.Name, live, deleted, m.Live, m.Deleted)
	}
	for _, s := range m.Sources {
		b, err := hex.DecodeString(s.Digest)
		if err != nil || len(b) != len(sum) {
			return m, fmt.Errorf("verifying %s: the digest of %s is none", m.Name, s.Source)
		}
		sum = record.XOR(sum, [32]byte(b))
	}
	if sum != [32]byte{} {
		return m, fmt.Errorf("verifying %s: the digests are not those of the index", m.Name)
	}
	return m, nil
}

func verifyFile(dir string, f File) error {
	in, err := os.Open(filepath.Join(dir, filepath.Base(f.Name)))
	if err != nil {
		return err
	}
	defer in.Close()
	h := sha256.New()
	n, err := io.Copy(h, in)
	if err != nil {
		return err
	}
	if got := hex.EncodeToString(h.Sum(nil)); got != f.SHA256 || n != f.Bytes {
		return fmt.Errorf("%s has %d bytes and the SHA-256 %s, the manifest says %d and %s: fetch it again", f.Name, n, got, f.Bytes, f.SHA256)
	}
	return nil
}
