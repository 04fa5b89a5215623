// Package postgres is the cluster engine of the durable log: any
// PostgreSQL-compatible database, shared by as many processes as serve its
// practices.
//
// What comes in: sealed entries. What goes out: the same entries. It must
// never let two processes both append after the same head, and never count as
// durable what the database has not synchronously committed. Beside the log it
// passes on, between the processes, who looks at what (looking.go).
//
// The SQL stays within what PostgreSQL, Citus, CockroachDB and YugabyteDB all
// accept: the practice is the first column of every key and every statement
// (but for the list of practices); no sequences, triggers, advisory locks or
// NOTIFY; only text, bytea and bigint.
package postgres

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"heartwood/internal/fault"
	"heartwood/internal/ident"
	"heartwood/internal/record"
	"heartwood/internal/record/pack"
)

// Log is a record.Log in a database.
type Log struct{ pool *pgxpool.Pool }

var _ record.Log = (*Log)(nil)

// The tables: one row for each commit group, one for each stream's head, one
// for each body. Changes to them are only ever additions.
var schema = []string{
	`CREATE TABLE IF NOT EXISTS heartwood_head (
		practice text NOT NULL, stream text NOT NULL, seq bigint NOT NULL,
		PRIMARY KEY (practice, stream))`,
	`CREATE TABLE IF NOT EXISTS heartwood_group (
		practice text NOT NULL, stream text NOT NULL, last bigint NOT NULL,
		entries bytea NOT NULL,
		PRIMARY KEY (practice, stream, last))`,
	`CREATE TABLE IF NOT EXISTS heartwood_body (
		practice text NOT NULL, hash bytea NOT NULL, packed bytea NOT NULL,
		PRIMARY KEY (practice, hash))`,
	lookings,
}

// Open connects to a database by its URL or keyword string, makes the tables
// when they are not there, and refuses a database that does not make commits
// durable. Passwords belong in a password file (PGPASSFILE), not in the URL.
func Open(ctx context.Context, url string) (*Log, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fault.New(fault.Invalid, "The database's address cannot be read.") // the cause may hold a password
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fault.Wrap(err, fault.Busy, "The database cannot be reached.")
	}
	l := &Log{pool: pool}
	if err := l.prepare(ctx); err != nil {
		pool.Close()
		return nil, err
	}
	return l, nil
}

func (l *Log) prepare(ctx context.Context) error {
	for _, setting := range []string{"fsync", "synchronous_commit"} {
		var v string
		if err := l.pool.QueryRow(ctx, "SHOW "+setting).Scan(&v); err != nil {
			return fault.Wrap(err, fault.Busy, "The database cannot be reached.")
		}
		if v == "off" {
			return fault.New(fault.Refused, "The database has %s = off, so what it commits could be lost. Turn it on.", setting)
		}
	}
	for _, s := range schema {
		// Two processes that start at once may both try: the loser tries again.
		if err := retry(ctx, func() error { _, err := l.pool.Exec(ctx, s); return err }); err != nil {
			return fmt.Errorf("log: schema: %w", err)
		}
	}
	return nil
}

// retry repeats what the database asks to be repeated.
func retry(ctx context.Context, fn func() error) error {
	for try := 1; ; try++ {
		err := fn()
		if !again(err) || try == 10 {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(time.Duration(try)*2*time.Millisecond + rand.N(5*time.Millisecond)): //nolint:gosec // jitter, not a secret
		}
	}
}

// again tells serialisation failures, deadlocks and lost races to make a
// table from other errors.
func again(err error) bool {
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		return false
	}
	switch pg.Code {
	case "40001", "40P01", "42P07", "23505":
		return true
	}
	return false
}

// Append implements record.Log in one transaction: it moves each head with a
// compare-and-set, then adds the group and its bodies.
func (l *Log) Append(ctx context.Context, ods ident.ODS, heads ident.Position, entries []record.Entry) error {
	next, err := record.Continue(heads, heads, entries)
	if err != nil {
		return err
	}
	groups := groupsOf(entries)
	err = retry(ctx, func() error {
		return pgx.BeginFunc(ctx, l.pool, func(tx pgx.Tx) error {
			for _, stream := range heads.Streams() {
				if err := moveHead(ctx, tx, ods, stream, heads[stream], next[stream]); err != nil {
					return err
				}
			}
			b := &pgx.Batch{}
			for stream, g := range groups {
				b.Queue(`INSERT INTO heartwood_group (practice, stream, last, entries) VALUES ($1, $2, $3, $4)`,
					string(ods), stream, int64(next[stream]), g)
			}
			queueBodies(b, ods, entries)
			return tx.SendBatch(ctx, b).Close()
		})
	})
	switch {
	case err == nil || fault.Is(err, fault.Conflict):
		return err
	case answered(err):
		return fmt.Errorf("log: append: %w", err)
	}
	return fmt.Errorf("log: append: %w", errors.Join(record.ErrUncertain, err))
}

// answered tells whether the database itself said that it refused, or was
// never asked; after a connection that broke it may have committed.
func answered(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) || pgconn.SafeToRetry(err)
}

func moveHead(ctx context.Context, tx pgx.Tx, ods ident.ODS, stream string, from, to uint64) error {
	var tag pgconn.CommandTag
	var err error
	if from == 0 {
		tag, err = tx.Exec(ctx, `INSERT INTO heartwood_head (practice, stream, seq) VALUES ($1, $2, $3)
			ON CONFLICT (practice, stream) DO NOTHING`, string(ods), stream, int64(to))
	} else {
		tag, err = tx.Exec(ctx, `UPDATE heartwood_head SET seq = $3 WHERE practice = $1 AND stream = $2 AND seq = $4`,
			string(ods), stream, int64(to), int64(from))
	}
	if err == nil && tag.RowsAffected() == 0 {
		err = fault.New(fault.Conflict, "The record was changed by someone else at the same moment.")
	}
	return err
}

// groupsOf packs the entries of each stream into one value.
func groupsOf(entries []record.Entry) map[string][]byte {
	out := map[string][]byte{}
	for i := range entries {
		m := entries[i].Marshal()
		g := binary.AppendUvarint(out[entries[i].Stream], uint64(len(m)))
		out[entries[i].Stream] = append(g, m...)
	}
	return out
}

func queueBodies(b *pgx.Batch, ods ident.ODS, entries []record.Entry) {
	seen := map[record.Hash]bool{}
	for i := range entries {
		e := &entries[i]
		if e.BodyHash.IsZero() || seen[e.BodyHash] {
			continue
		}
		seen[e.BodyHash] = true
		b.Queue(`INSERT INTO heartwood_body (practice, hash, packed) VALUES ($1, $2, $3)
			ON CONFLICT (practice, hash) DO NOTHING`, string(ods), e.BodyHash[:], e.PackedBody())
	}
}

// Heads implements record.Log.
func (l *Log) Heads(ctx context.Context, ods ident.ODS) (ident.Position, error) {
	rows, err := l.pool.Query(ctx, `SELECT stream, seq FROM heartwood_head WHERE practice = $1`, string(ods))
	if err != nil {
		return nil, fmt.Errorf("log: heads: %w", err)
	}
	pos, stream, seq := ident.Position{}, "", int64(0)
	_, err = pgx.ForEachRow(rows, []any{&stream, &seq}, func() error {
		pos[stream] = uint64(seq)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("log: heads: %w", err)
	}
	return pos, nil
}

// Practices implements record.Log.
func (l *Log) Practices(ctx context.Context) ([]ident.ODS, error) {
	rows, err := l.pool.Query(ctx, `SELECT DISTINCT practice FROM heartwood_head ORDER BY practice`)
	if err != nil {
		return nil, fmt.Errorf("log: practices: %w", err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("log: practices: %w", err)
	}
	all := make([]ident.ODS, len(out))
	for i, s := range out {
		all[i] = ident.ODS(s)
	}
	return all, nil
}

// Read implements record.Log.
func (l *Log) Read(ctx context.Context, ods ident.ODS, from ident.Position, max int) ([]record.Entry, error) {
	heads, err := l.Heads(ctx, ods)
	if err != nil {
		return nil, err
	}
	var out []record.Entry
	for _, stream := range heads.Streams() {
		for at := from[stream]; at < heads[stream] && len(out) < max; {
			got, err := l.readGroups(ctx, ods, stream, at+1, 16)
			if err != nil {
				return nil, err
			}
			if len(got) == 0 {
				return nil, fmt.Errorf("log: %s %s is missing", ods, record.VersionID(stream, at+1))
			}
			got = got[:min(len(got), max-len(out))]
			out = append(out, got...)
			at = got[len(got)-1].Seq
		}
	}
	return out, l.fill(ctx, ods, out)
}

// readGroups reads the entries from first on in up to n groups, without
// bodies.
func (l *Log) readGroups(ctx context.Context, ods ident.ODS, stream string, first uint64, n int) ([]record.Entry, error) {
	rows, err := l.pool.Query(ctx, `SELECT entries FROM heartwood_group
		WHERE practice = $1 AND stream = $2 AND last >= $3 ORDER BY last LIMIT $4`,
		string(ods), stream, int64(first), n)
	if err != nil {
		return nil, fmt.Errorf("log: read: %w", err)
	}
	var out []record.Entry
	var g []byte
	_, err = pgx.ForEachRow(rows, []any{&g}, func() error {
		for len(g) > 0 {
			n, m := binary.Uvarint(g)
			if m <= 0 || n > uint64(len(g)-m) {
				return errors.New("a group is damaged")
			}
			e, err := record.UnmarshalEntry(g[m : m+int(n)])
			if err != nil {
				return err
			}
			if e.Seq >= first {
				out = append(out, e)
			}
			g = g[m+int(n):]
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("log: read: %w", err)
	}
	return out, nil
}

// fill gives entries their bodies.
func (l *Log) fill(ctx context.Context, ods ident.ODS, entries []record.Entry) error {
	var hashes [][]byte
	for i := range entries {
		if !entries[i].BodyHash.IsZero() {
			hashes = append(hashes, entries[i].BodyHash[:])
		}
	}
	if len(hashes) == 0 {
		return nil
	}
	rows, err := l.pool.Query(ctx, `SELECT hash, packed FROM heartwood_body WHERE practice = $1 AND hash = ANY($2)`, string(ods), hashes)
	if err != nil {
		return fmt.Errorf("log: bodies: %w", err)
	}
	bodies := make(map[record.Hash][]byte, len(hashes))
	var h, packed []byte
	_, err = pgx.ForEachRow(rows, []any{&h, &packed}, func() error {
		body, err := pack.Unpack(packed)
		bodies[record.Hash(h)] = body
		return err
	})
	if err != nil {
		return fmt.Errorf("log: bodies: %w", err)
	}
	for i := range entries {
		if e := &entries[i]; !e.BodyHash.IsZero() {
			var ok bool
			if e.Body, ok = bodies[e.BodyHash]; !ok {
				return fmt.Errorf("log: %s %s has no body", ods, e.Version())
			}
		}
	}
	return nil
}

// Entry implements record.Log.
func (l *Log) Entry(ctx context.Context, ods ident.ODS, stream string, seq uint64) (record.Entry, error) {
	got, err := l.readGroups(ctx, ods, stream, seq, 1)
	if err != nil {
		return record.Entry{}, err
	}
	if len(got) == 0 || got[0].Seq != seq {
		return record.Entry{}, fault.New(fault.NotFound, "There is no such version.")
	}
	return got[0], l.fill(ctx, ods, got[:1])
}

// Body implements record.Log.
func (l *Log) Body(ctx context.Context, ods ident.ODS, h record.Hash) ([]byte, error) {
	var packed []byte
	err := l.pool.QueryRow(ctx, `SELECT packed FROM heartwood_body WHERE practice = $1 AND hash = $2`, string(ods), h[:]).Scan(&packed)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, fault.New(fault.NotFound, "There is no such body.")
	}
	if err != nil {
		return nil, fmt.Errorf("log: body: %w", err)
	}
	return pack.Unpack(packed)
}

// Close implements record.Log.
func (l *Log) Close() error {
	l.pool.Close()
	return nil
}
