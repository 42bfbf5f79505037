package sqlstore

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"ctiphub/record"
)

// encode writes what is stored of a record, and the hash that decides whether it changed:
// of everything but the visits to the source, and of what screening decided.
func encode(rec record.Record, d record.Decision) (doc []byte, hash string, err error) {
	rec.Harvest = record.Harvest{}
	doc, err = json.Marshal(document(rec))
	if err != nil {
		return nil, "", fmt.Errorf("writing record %s: %w", rec.ID, err)
	}
	said := doc
	if len(rec.Origin.Chain) > 0 {
		// The nearest hop is this visit to the source: its dates alone change nothing.
		rec.Origin.Chain = slices.Clone(rec.Origin.Chain)
		rec.Origin.Chain[0].HarvestDate, rec.Origin.Chain[0].Datestamp = time.Time{}, ""
		if said, err = json.Marshal(document(rec)); err != nil {
			return nil, "", fmt.Errorf("writing record %s: %w", rec.ID, err)
		}
	}
	h := sha256.New()
	h.Write(said)
	h.Write([]byte(d.Verdict))
	h.Write([]byte(d.Code))
	return doc, hex.EncodeToString(h.Sum(nil)[:16]), nil
}

func decode(doc []byte) (record.Record, error) {
	var d document
	if err := json.Unmarshal(doc, &d); err != nil {
		return record.Record{}, fmt.Errorf("reading a stored record: %w", err)
	}
	return record.Record(d), nil
}

// document is a record as stored: without the fields that are empty, which are most.
type document struct {
	ID                record.ID           `json:",omitzero"`
	Title             record.Texts        `json:",omitzero"`
	Alternative       record.Texts        `json:",omitzero"`
	Description       record.Texts        `json:",omitzero"`
	Type              []record.Tag        `json:",omitzero"`
	Themes            []record.Tag        `json:",omitzero"`
	Audiences         []record.Tag        `json:",omitzero"`
	VictimGroups      []record.Tag        `json:",omitzero"`
	ExploitationForms []record.Tag        `json:",omitzero"`
	Countries         []record.Tag        `json:",omitzero"`
	Regions           []record.Tag        `json:",omitzero"`
	Languages         []string            `json:",omitzero"`
	Creators          []record.Agent      `json:",omitzero"`
	Publishers        []record.Agent      `json:",omitzero"`
	Funders           []record.Agent      `json:",omitzero"`
	Issued            record.Date         `json:",omitzero"`
	Modified          record.Date         `json:",omitzero"`
	Valid             record.Date         `json:",omitzero"`
	Files             []record.File       `json:",omitzero"`
	Identifiers       []record.Identifier `json:",omitzero"`
	Work              record.Work         `json:",omitzero"`
	Relations         []record.Relation   `json:",omitzero"`
	Rights            record.Rights       `json:",omitzero"`
	Sensitivity       string              `json:",omitzero"`
	Origin            record.Origin       `json:",omitzero"`
	Harvest           record.Harvest      `json:",omitzero"`
	Quality           record.Quality      `json:",omitzero"`
	Provenance        []record.Assertion  `json:",omitzero"`
	Overrides         []record.Override   `json:",omitzero"`
	Review            []record.Proposal   `json:",omitzero"`
}

// encodeRaw writes a raw as its facts and its compressed body.
func (s *Store) encodeRaw(raw record.Raw) (meta string, body []byte, err error) {
	body = s.enc.EncodeAll(raw.Body, nil)
	raw.Body = nil
	b, err := json.Marshal(raw)
	if err != nil {
		return "", nil, fmt.Errorf("writing the raw of %s: %w", raw.Identifier, err)
	}
	return string(b), body, nil
}

func (s *Store) decodeRaw(meta string, body []byte) (record.Raw, error) {
	var raw record.Raw
	if err := json.Unmarshal([]byte(meta), &raw); err != nil {
		return raw, fmt.Errorf("reading a stored raw: %w", err)
	}
	var err error
	if raw.Body, err = s.dec.DecodeAll(body, nil); err != nil {
		return raw, fmt.Errorf("reading the body of the raw of %s: %w", raw.Identifier, err)
	}
	return raw, nil
}

// placeholders returns "$from,$from+1,…" for n values.
func placeholders(from, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('$')
		b.WriteString(strconv.Itoa(from + i))
	}
	return b.String()
}
