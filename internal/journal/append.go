package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"motcua/queue"
)

// writer is the one connection that writes, with its statements. It is used
// below database/sql: a transaction of 64 rows then costs what SQLite costs.
type writer struct {
	conn     *sql.Conn
	raw      *sqlite3.SQLiteConn
	begin    driver.StmtExecContext
	commit   driver.StmtExecContext
	rollback driver.StmtExecContext
	record   driver.StmtExecContext
	label    driver.StmtExecContext
	language driver.StmtExecContext
	forget   driver.StmtExecContext
	forgetTo driver.StmtExecContext
	roll     driver.StmtExecContext
	wipe     driver.StmtExecContext
	pair     driver.StmtExecContext
	revoke   driver.StmtExecContext
	sign     driver.StmtExecContext
	signed   bool // the release has been written by an append
	stmts    []driver.Stmt
	args     [11]driver.NamedValue
}

func newWriter(ctx context.Context, db *sql.DB) (_ *writer, err error) {
	w := &writer{}
	if w.conn, err = db.Conn(ctx); err != nil {
		return nil, fmt.Errorf("open writing connection: %w", err)
	}
	err = w.conn.Raw(func(c any) error {
		w.raw = c.(*sqlite3.SQLiteConn)
		return nil
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open writing connection: %w", err), w.conn.Close())
	}
	for _, p := range []struct {
		to    *driver.StmtExecContext
		query string
	}{
		{&w.begin, `BEGIN IMMEDIATE`},
		{&w.commit, `COMMIT`},
		{&w.rollback, `ROLLBACK`},
		{&w.record, `INSERT INTO records (seq, at, boot, mono, clock_ok, actor, key, key_sum, type, data, hash) VALUES (?,?,?,?,?,?,?,?,?,?,?)`},
		{&w.label, `INSERT INTO labels (day, point, label, ticket) VALUES (?,?,?,?)`},
		{&w.language, `INSERT INTO slip_languages (ticket, language) VALUES (?,?) ON CONFLICT (ticket) DO UPDATE SET language = excluded.language`},
		{&w.forget, `DELETE FROM slip_languages WHERE ticket = ?`},
		{&w.forgetTo, `DELETE FROM slip_languages WHERE ticket < ?`},
		{&w.wipe, `DELETE FROM slip_languages`},
		{&w.pair, `INSERT INTO devices (name, role, counter, point, token_sum, paired_at, paired_by) VALUES (?,?,?,?,?,?,?)`},
		{&w.revoke, `UPDATE devices SET revoked_at = ?, revoked_by = ? WHERE name = ? AND revoked_at IS NULL`},
		{&w.roll, `INSERT INTO printer_rolls (printer, used, slip, gone) VALUES (?,?,?,?) ON CONFLICT (printer) DO UPDATE SET used = excluded.used, slip = excluded.slip, gone = excluded.gone`},
		{&w.sign, `INSERT INTO meta (name, value) VALUES ('release', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value`},
	} {
		s, err := w.raw.Prepare(p.query)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("prepare %q: %w", p.query, err), w.close())
		}
		w.stmts = append(w.stmts, s)
		*p.to = s.(driver.StmtExecContext)
	}
	return w, nil
}

func (w *writer) close() error {
	var errs []error
	for _, s := range w.stmts {
		errs = append(errs, s.Close())
	}
	return errors.Join(append(errs, w.conn.Close())...)
}

// exec runs a statement to its end: a context that could be cancelled would
// make the driver interrupt SQLite in the middle of a commit.
func (w *writer) exec(s driver.StmtExecContext, values ...driver.Value) error {
	_, err := w.execCount(s, values...)
	return err
}

// execCount is exec and tells how many rows were changed.
func (w *writer) execCount(s driver.StmtExecContext, values ...driver.Value) (int64, error) {
	args := w.args[:len(values)]
	for i, v := range values {
		args[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	r, err := s.ExecContext(context.Background(), args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// undo ends the transaction in hand; false when SQLite would not let go of it.
func (w *writer) undo() bool {
	if w.raw.AutoCommit() {
		return true // SQLite has rolled back by itself
	}
	_ = w.exec(w.rollback) // AutoCommit tells whether it worked
	return w.raw.AutoCommit()
}

var errReadOnly = errors.New("the journal was opened for reading only")

// Append makes recs durable in one transaction, with the slip languages of
// new tickets beside them, or changes nothing. The records must continue the
// stored ones in Seq and Hash; Data and Hash are as Seal left them.
//
// ctx's values are used, its end is not: a commit is never cut short. A
// *queue.Error (unavailable, not_stored) means nothing is stored; an
// *OutcomeUnknownError means nobody knows, and every later Append says the same.
func (j *Journal) Append(_ context.Context, recs []queue.Record, languages map[queue.TicketID]string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.broken != nil:
		return j.broken
	case j.closed:
		return notStored(errors.New("the journal is closed"))
	case j.w == nil:
		return notStored(errReadOnly)
	case len(recs) == 0:
		return nil
	}
	head, err := j.follow(recs)
	if err != nil {
		return notStored(err)
	}
	j.appends++
	fault := NoFault
	if j.fault != nil {
		fault = j.fault(j.appends)
	}

	w := j.w
	if err := w.exec(w.begin); err != nil {
		return j.failed(err)
	}
	if err := w.insert(recs, languages); err != nil {
		return j.failed(err)
	}
	if !w.signed {
		// An older program that can't read these records names this release.
		if err := w.exec(w.sign, j.release); err != nil {
			return j.failed(fmt.Errorf("sign journal: %w", err))
		}
	}
	if fault == FailBefore {
		return j.failed(errors.New("fault injected before the commit"))
	}
	err = nil
	if fault != FailCommitLost {
		err = w.exec(w.commit)
	}
	if fault == FailCommitLost || fault == FailCommitKept {
		err = errors.Join(err, errors.New("fault injected in the commit"))
	}
	if err != nil {
		return j.failedInCommit(err)
	}
	j.head, w.signed = head, true
	if keys := j.keys.Load(); keys != nil {
		for i := range recs {
			if key := recs[i].Key; key != "" && (i == 0 || recs[i-1].Key != key) {
				keys.add(keys.hash(key))
			}
		}
	}
	return nil
}

// Checkpoint folds the write-ahead log into the database and empties it: for
// the night, when nobody waits. Until then what has been forgotten may still
// stand in the log. It holds up appends for as long as it takes.
func (j *Journal) Checkpoint(ctx context.Context) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.broken != nil:
		return j.broken
	case j.closed || j.w == nil:
		return fmt.Errorf("checkpoint journal: %w", errReadOnly)
	}
	var busy, frames, done int
	if err := j.w.conn.QueryRowContext(context.WithoutCancel(ctx), `PRAGMA wal_checkpoint(TRUNCATE)`).Scan(&busy, &frames, &done); err != nil {
		return j.failed(fmt.Errorf("checkpoint journal: %w", err))
	}
	if busy != 0 {
		return errors.New("checkpoint journal: a reader holds the log, try again later")
	}
	return nil
}

// follow checks that the records continue the chain and returns its new head.
func (j *Journal) follow(recs []queue.Record) (queue.Position, error) {
	head := j.head
	for i := range recs {
		r := &recs[i]
		if r.Seq != head.Seq+1 {
			return head, fmt.Errorf("append record %d: the journal stands at %d", r.Seq, head.Seq)
		}
		if queue.ChainHash(head.Hash, r, r.Event.EventType()) != r.Hash {
			return head, fmt.Errorf("append record %d: its hash does not continue the chain", r.Seq)
		}
		head.Seq, head.Hash = r.Seq, r.Hash
	}
	return head, nil
}

func (w *writer) insert(recs []queue.Record, languages map[queue.TicketID]string) error {
	var closed queue.Seq // the last day's end among recs
	for i := range recs {
		r := &recs[i]
		clockOK := int64(0)
		if r.ClockOK {
			clockOK = 1
		}
		err := w.exec(w.record, int64(r.Seq), r.At.UnixMilli(), r.Boot, r.Mono, clockOK,
			r.Actor, r.Key, int64(r.KeySum), r.Event.EventType(), string(r.Data), r.Hash[:])
		if err != nil {
			return fmt.Errorf("insert record %d: %w", r.Seq, err)
		}
		switch e := r.Event.(type) {
		case queue.TicketIssued:
			if err := w.exec(w.label, string(e.Day), string(e.Point), e.Label, int64(r.Seq)); err != nil {
				var se sqlite3.Error
				if errors.As(err, &se) && se.Code == sqlite3.ErrConstraint {
					return fmt.Errorf("insert record %d: label %s was already given out at point %s on %s: %w", r.Seq, e.Label, e.Point, e.Day, err)
				}
				return fmt.Errorf("insert label of record %d: %w", r.Seq, err)
			}
		case queue.DayClosed:
			closed = r.Seq
			if err := w.exec(w.wipe); err != nil {
				return fmt.Errorf("wipe slip languages: %w", err)
			}
		}
	}
	for ticket, language := range languages {
		if queue.Seq(ticket) < closed {
			continue
		}
		if err := w.exec(w.language, int64(ticket), language); err != nil {
			return fmt.Errorf("insert slip language: %w", err)
		}
	}
	return nil
}

// failed ends an append that went wrong before its COMMIT.
func (j *Journal) failed(err error) error {
	if !j.w.undo() {
		return j.lost(fmt.Errorf("roll back: %w", err))
	}
	if isFsync(err) {
		// After a failed fsync the kernel may have dropped dirty pages: what
		// the files hold is no longer known, whatever SQLite rolled back.
		return j.lost(err)
	}
	return notStored(err)
}

// failedInCommit ends an append whose COMMIT reported an error. Only a full
// disk is a clear refusal: SQLite reports it for a write that did not fit, and
// the frame that makes a transaction valid is written last.
func (j *Journal) failedInCommit(err error) error {
	undone := j.w.undo()
	var se sqlite3.Error
	if undone && errors.As(err, &se) && se.Code == sqlite3.ErrFull {
		if head, headErr := j.Head(context.Background()); headErr == nil && head == j.head {
			return notStored(err)
		}
	}
	return j.lost(err)
}

func (j *Journal) lost(err error) error {
	j.broken = &OutcomeUnknownError{Err: err}
	return j.broken
}

func isFsync(err error) bool {
	var se sqlite3.Error
	return errors.As(err, &se) && (se.ExtendedCode == sqlite3.ErrIoErrFsync || se.ExtendedCode == sqlite3.ErrIoErrDirFsync)
}
