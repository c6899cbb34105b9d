package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"

	"motcua/queue"
)

// Try makes a journal in the empty folder dir, commits a record as a centre
// does, opens the folder anew and verifies all of it. It tells whether this
// program's SQLite does on this machine what a journal relies on: WAL, FULL
// and reading back what was committed. It returns SQLite's version.
func Try(ctx context.Context, dir string) (sqlite string, err error) {
	sqlite, _, _ = sqlite3.Version()
	written, err := tryWriting(ctx, dir)
	if err != nil {
		return sqlite, err
	}
	j, err := Open(ctx, dir, Options{})
	if err != nil {
		return sqlite, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	rep, err := j.Verify(ctx)
	if err != nil {
		return sqlite, err
	}
	if rep.Position != written {
		return sqlite, fmt.Errorf("try journal: opened again it ends at record %d (%x), and what was committed at %d (%x)",
			rep.Position.Seq, rep.Position.Hash, written.Seq, written.Hash)
	}
	return sqlite, nil
}

// tryWriting commits one record and returns where that leaves the journal.
func tryWriting(ctx context.Context, dir string) (_ queue.Position, err error) {
	var none queue.Position
	j, err := Open(ctx, dir, Options{})
	if err != nil {
		return none, err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	// go-sqlite3 ignores what it does not know in a DSN, so what holds is asked.
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2"} {
		var got string
		if err := j.w.conn.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil {
			return none, fmt.Errorf("read %s: %w", pragma, j.explain(err))
		}
		if got != want {
			return none, fmt.Errorf("try journal: %s is %s, want %s: a power cut could take back what was committed", pragma, got, want)
		}
	}
	now := time.Now().UTC().Truncate(time.Millisecond)
	head, err := j.Head(ctx)
	if err != nil {
		return none, err
	}
	if head.Seq != 0 {
		return none, fmt.Errorf("try journal: %s is a centre's, not an empty folder", dir)
	}
	r := queue.Record{Seq: 1, At: now, Actor: "trial", Event: queue.DayOpened{Day: queue.DayOf(now)}}
	if err := r.Seal(head.Hash); err != nil {
		return none, fmt.Errorf("try journal: %w", err)
	}
	if err := j.Append(ctx, []queue.Record{r}, nil); err != nil {
		return none, err
	}
	return j.Head(ctx)
}
