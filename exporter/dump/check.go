package dump

import (
	"bufio"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/klauspost/compress/zstd"

	"ctiphub/record"
)

// mostReasons are named for holding a dump; more say nothing new.
const mostReasons = 20

// check compares a full dump with the last one: what was live has to be live still, or to have
// left a tombstone; no date and no number goes back; and no more than the guard allows may have
// gone. It returns why the dump is to be held, nil when it is not.
func (d *Dumps) check(m Manifest, index []line) (reasons []string, err error) {
	last, ok, err := d.last(Full)
	if err != nil || !ok {
		return nil, err
	}
	hold := func(format string, args ...any) {
		if len(reasons) < mostReasons {
			reasons = append(reasons, fmt.Sprintf(format, args...))
		}
	}
	i, vanished := 0, 0
	err = readIndex(filepath.Join(d.Dir, last.Name), func(was line) {
		for i < len(index) && index[i].id < was.id {
			i++
		}
		if i == len(index) || index[i].id != was.id {
			hold("%s has vanished without a tombstone", was.id)
			return
		}
		is := index[i]
		switch {
		case is.seq < was.seq:
			hold("the number of %s goes back from %d to %d", was.id, was.seq, is.seq)
		case is.stamp < was.stamp:
			hold("the date of %s goes back", was.id)
		}
		if !was.deleted && is.deleted {
			vanished++
		}
	})
	if err != nil {
		return nil, err
	}
	percent, few := d.Guard.Percent, d.Guard.Records
	if percent == 0 {
		percent = 15
	}
	if few == 0 {
		few = 20
	}
	if vanished > few && vanished*100 > last.Live*percent {
		hold("%d of %d records were withdrawn since %s, more than %d %%", vanished, last.Live, last.Name, percent)
	}
	return reasons, nil
}

// readIndex reads the index of a dump, in order of the ids.
func readIndex(dir string, each func(line)) error {
	f, err := os.Open(filepath.Join(dir, indexFile))
	if err != nil {
		return fmt.Errorf("reading the index of %s: %w", filepath.Base(dir), err)
	}
	defer f.Close()
	z, err := zstd.NewReader(bufio.NewReader(f), zstd.WithDecoderConcurrency(1))
	if err != nil {
		return fmt.Errorf("reading the index of %s: %w", filepath.Base(dir), err)
	}
	defer z.Close()
	rows := csv.NewReader(z)
	rows.ReuseRecord, rows.FieldsPerRecord = true, 4
	for first := true; ; first = false {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil && first {
			continue
		}
		l, lineErr := readLine(row, err)
		if lineErr != nil {
			return fmt.Errorf("reading the index of %s: %w", filepath.Base(dir), lineErr)
		}
		each(l)
	}
}

func readLine(row []string, err error) (l line, _ error) {
	if err != nil {
		return l, err
	}
	l.id, l.deleted = record.ID(row[0]), row[3] == "deleted"
	if l.seq, err = strconv.ParseInt(row[1], 10, 64); err != nil {
		return l, err
	}
	t, err := time.Parse(time.RFC3339, row[2])
	l.stamp = t.Unix()
	l.id = record.ID(append([]byte(nil), l.id...)) // the row is used again
	return l, err
}
