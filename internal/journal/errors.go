package journal

import (
	"errors"
	"fmt"

	"github.com/mattn/go-sqlite3"

	"motcua/queue"
)

// ChainError tells of a journal whose records are not what was written.
type ChainError struct {
	Dir   string
	Seq   queue.Seq // the first record that does not fit
	Cause string    // what does not fit, in words
}

func (e *ChainError) Error() string {
	return fmt.Sprintf("journal in %s is broken at record %d: %s; "+
		"run `motcua journal verify --data %s` for the whole finding, then set the folder aside unchanged and restore the newest verified backup",
		e.Dir, e.Seq, e.Cause, e.Dir)
}

// NewerError tells of a journal this release can't fully read.
type NewerError struct {
	Dir     string
	Release string    // that last wrote the journal, "" when not known
	Schema  int64     // of the database, when that is the newer thing
	Known   int64     // the newest schema this release knows
	Head    queue.Seq // the journal's last record; 0 when not known
	Seq     queue.Seq // of the record, when an event is the newer thing
	Type    string    // of that event
	Err     error
}

func (e *NewerError) Error() string {
	what := fmt.Sprintf("has schema %d and this release knows up to %d", e.Schema, e.Known)
	if e.Seq != 0 {
		what = fmt.Sprintf("holds record %d (%s), which this release can't read", e.Seq, e.Type)
		if e.Err != nil {
			what += ": " + e.Err.Error()
		}
	}
	release := "a newer release"
	if e.Release != "" {
		release = "release " + e.Release
	}
	upTo := ""
	if e.Head != 0 {
		upTo = fmt.Sprintf(", up to record %d", e.Head)
	}
	return fmt.Sprintf("journal in %s %s; it was last written by %s%s: start that release or a newer one "+
		"(its `motcua journal verify --data %s` says whether the journal is sound), or restore a backup made before the upgrade",
		e.Dir, what, release, upTo, e.Dir)
}

func (e *NewerError) Unwrap() error { return e.Err }

// OutcomeUnknownError tells that nobody knows whether an append is on the
// disk. The process must end without answering: only a replay can tell.
type OutcomeUnknownError struct{ Err error }

func (e *OutcomeUnknownError) Error() string {
	return "append to journal: outcome unknown, end this process and let a restart read what is stored: " + e.Err.Error()
}

func (e *OutcomeUnknownError) Unwrap() error { return e.Err }

// OutcomeUnknown marks the error for callers that don't import this package.
func (e *OutcomeUnknownError) OutcomeUnknown() bool { return true }

// CorruptError tells that SQLite can't make sense of its own file.
type CorruptError struct {
	Dir string
	Err error
}

func (e *CorruptError) Error() string {
	return fmt.Sprintf("database in %s is damaged: %v; stop the daemon, move centre.db, centre.db-wal and centre.db-shm together out of the folder, and restore the newest verified backup", e.Dir, e.Err)
}

func (e *CorruptError) Unwrap() error { return e.Err }

// LockedError tells that another process writes this folder.
type LockedError struct {
	Dir string
	PID string // as it wrote it, "" when not known
}

func (e *LockedError) Error() string {
	who := "another process"
	if e.PID != "" {
		who = "process " + e.PID
	}
	return fmt.Sprintf("data folder %s is in use by %s: stop it first (systemctl stop motcuad), or give this one another folder with --data", e.Dir, who)
}

// explain makes a reading error clear where SQLite's code allows it.
func (j *Journal) explain(err error) error {
	var se sqlite3.Error
	if errors.As(err, &se) && (se.Code == sqlite3.ErrCorrupt || se.Code == sqlite3.ErrNotADB) {
		return &CorruptError{Dir: j.dir, Err: err}
	}
	return err
}

// notStored is the clear refusal: nothing happened and trying again may help.
// What to do is told by SQLite's code, never by its text.
func notStored(err error) *queue.Error {
	e := &queue.Error{
		Code: queue.Unavailable, Reason: queue.WhyNotStored, Err: err,
		Msg: "the journal could not be written, nothing has changed", Hint: "try again; if it stays so, look at the daemon's log",
	}
	var se sqlite3.Error
	if !errors.As(err, &se) {
		return e
	}
	switch se.Code {
	case sqlite3.ErrFull:
		e.Msg, e.Hint = "the disk is full, nothing has changed", "free space on the data disk"
	case sqlite3.ErrReadonly, sqlite3.ErrCantOpen, sqlite3.ErrPerm, sqlite3.ErrAuth:
		e.Msg, e.Hint = "the data folder can't be written, nothing has changed", "check that its disk is mounted read-write and belongs to the user motcua"
	case sqlite3.ErrBusy, sqlite3.ErrLocked:
		e.Msg, e.Hint = "another program holds the database, nothing has changed", "end the program that has centre.db open, then try again"
	case sqlite3.ErrCorrupt, sqlite3.ErrNotADB:
		e.Msg, e.Hint = "the database is damaged, nothing has changed", "stop the daemon and restore the newest verified backup"
	case sqlite3.ErrIoErr:
		e.Msg, e.Hint = "the disk reports an error, nothing has changed", "look at the kernel's log; the card may be dying"
	}
	return e
}
