package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"heartwood/internal/ident"
	"heartwood/internal/record"
)

// lookings is one row for each page that a member of staff has open. Its times
// are milliseconds of the database's own clock, so that the clocks of the
// processes need not agree.
const lookings = `CREATE TABLE IF NOT EXISTS heartwood_looking (
	practice text NOT NULL, what text NOT NULL, who text NOT NULL,
	name text NOT NULL, since bigint NOT NULL, until bigint NOT NULL,
	PRIMARY KEY (practice, what, who))`

// clock is the database's clock in milliseconds. It is not that of the
// transaction: one that waited would hold for less than was asked.
const clock = `CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)`

// Look says that somebody looks at something, for x.Left from now on.
func (l *Log) Look(ctx context.Context, ods ident.ODS, x record.Looking) error {
	const hold = `INSERT INTO heartwood_looking (practice, what, who, name, since, until)
		VALUES ($1, $2, $3, $4, $5, ` + clock + ` + $6)
		ON CONFLICT (practice, what, who) DO UPDATE SET name = excluded.name, since = excluded.since, until = excluded.until`
	err := retry(ctx, func() error {
		_, err := l.pool.Exec(ctx, hold, string(ods), x.On.String(), x.Who.String(), x.Name, x.Since.UnixMilli(), x.Left.Milliseconds())
		return err
	})
	if err != nil {
		return fmt.Errorf("log: looking: %w", err)
	}
	return nil
}

// LookAway says that somebody no longer looks.
func (l *Log) LookAway(ctx context.Context, ods ident.ODS, on, who ident.Ref) error {
	_, err := l.pool.Exec(ctx, `DELETE FROM heartwood_looking WHERE practice = $1 AND what = $2 AND who = $3`,
		string(ods), on.String(), who.String())
	if err != nil {
		return fmt.Errorf("log: looking: %w", err)
	}
	return nil
}

// Lookings gives who looks at what now, through any process. Those that have
// run out are cleared away.
func (l *Log) Lookings(ctx context.Context, ods ident.ODS) ([]record.Looking, error) {
	rows, err := l.pool.Query(ctx, `SELECT what, who, name, since, until - `+clock+` FROM heartwood_looking WHERE practice = $1`, string(ods))
	if err != nil {
		return nil, fmt.Errorf("log: looking: %w", err)
	}
	var out []record.Looking
	var what, who, name string
	var since, left int64
	over := false
	_, err = pgx.ForEachRow(rows, []any{&what, &who, &name, &since, &left}, func() error {
		on, ok1 := ident.ParseRef(what)
		by, ok2 := ident.ParseRef(who)
		if left <= 0 || !ok1 || !ok2 {
			over = true
			return nil
		}
		out = append(out, record.Looking{On: on, Who: by, Name: name, Since: time.UnixMilli(since), Left: time.Duration(left) * time.Millisecond})
		return nil
	})
	if err == nil && over {
		_, err = l.pool.Exec(ctx, `DELETE FROM heartwood_looking WHERE practice = $1 AND until < `+clock, string(ods))
	}
	if err != nil {
		return nil, fmt.Errorf("log: looking: %w", err)
	}
	return out, nil
}
