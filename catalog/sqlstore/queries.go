package sqlstore

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"slices"

	"ctiphub/record"
)

//go:embed queries/*.sql
var queryFiles embed.FS

// queries are the statements that run once or more for each record.
type queries struct {
	insertRecord *sql.Stmt
	updateRecord *sql.Stmt
	buryRecord   *sql.Stmt
	deleteMember *sql.Stmt
	insertSearch *sql.Stmt
	deleteSearch *sql.Stmt
	growSpec     *sql.Stmt
	putContent   *sql.Stmt
	putTally     *sql.Stmt
	putValidator *sql.Stmt
	keepUndo     *sql.Stmt
	reissue      *sql.Stmt

	insertMembers, insertChanges *sql.Stmt // of rowsAtOnce rows
	lookup, hashes               *sql.Stmt // of idsAtOnce ids; the second for readers
	head, block                  *sql.Stmt // for readers
}

// idsAtOnce is how many ids a prepared query looks up.
const idsAtOnce = 50

// eachRow runs a query of idsAtOnce ids for all of the ids and hands on its rows.
func eachRow(ctx context.Context, query *sql.Stmt, ids []record.ID, do func(scan func(...any) error) error) error {
	for part := range slices.Chunk(ids, idsAtOnce) {
		args := make([]any, idsAtOnce)
		for i := range args {
			args[i] = string(part[min(i, len(part)-1)]) // the last one fills up
		}
		rows, err := query.QueryContext(ctx, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			if err := do(rows.Scan); err != nil {
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
	}
	return nil
}

// What rows are written many at a time.
const (
	memberRows = `member (spec, seq)`
	changeRows = `change (seq, num, run, kind)`
)

// prepare prepares every statement of queries.
func (s *Store) prepare(ctx context.Context) error {
	for dst, name := range map[**sql.Stmt]string{
		&s.q.insertRecord: "insert_record", &s.q.updateRecord: "update_record", &s.q.buryRecord: "bury_record",
		&s.q.deleteMember: "delete_member", &s.q.insertSearch: "insert_search", &s.q.deleteSearch: "delete_search",
		&s.q.putContent: "put_content", &s.q.putTally: "put_tally", &s.q.putValidator: "put_validator",
		&s.q.keepUndo: "keep_undo", &s.q.reissue: "reissue_record",
	} {
		text, err := queryText(name)
		if err != nil {
			return err
		}
		if *dst, err = s.write.PrepareContext(ctx, text); err != nil {
			return fmt.Errorf("preparing %s: %w", name, err)
		}
	}
	for dst, text := range map[**sql.Stmt]string{
		&s.q.growSpec:      `UPDATE spec SET members = members + $2 WHERE num = $1`,
		&s.q.lookup:        `SELECT ` + rowColumns + ` FROM record WHERE id IN (` + placeholders(1, idsAtOnce) + `)`,
		&s.q.insertMembers: insertText(memberRows, 2, rowsAtOnce),
		&s.q.insertChanges: insertText(changeRows, 4, rowsAtOnce),
	} {
		var err error
		if *dst, err = s.write.PrepareContext(ctx, text); err != nil {
			return fmt.Errorf("preparing %s: %w", text, err)
		}
	}
	var err error
	if s.q.hashes, err = s.read.PrepareContext(ctx, `SELECT id, hash FROM record WHERE id IN (`+placeholders(1, idsAtOnce)+`)`); err != nil {
		return fmt.Errorf("preparing the look-up of hashes: %w", err)
	}
	if s.q.head, err = s.read.PrepareContext(ctx, `SELECT value FROM counter WHERE name = 'seq'`); err != nil {
		return fmt.Errorf("preparing the look at the change log: %w", err)
	}
	if s.q.block, err = s.read.PrepareContext(ctx, countBlock); err != nil {
		return fmt.Errorf("preparing the count of blocks: %w", err)
	}
	return nil
}

// queryText returns the text of a query that has its own file.
func queryText(name string) (string, error) {
	text, err := queryFiles.ReadFile("queries/" + name + ".sql")
	if err != nil {
		return "", fmt.Errorf("reading query %s: %w", name, err)
	}
	return string(text), nil
}
