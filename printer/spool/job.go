package spool

import (
	"context"
	"errors"
	"time"

	"motcua/printer"
)

// State is where a job stands. The values are stable: they are kept beside
// the journal and come back through [Spool.Resume].
type State string

const (
	Queued  State = "queued"  // no byte has left
	Sending State = "sending" // bytes may have left
	Sent    State = "sent"    // all bytes left, no acknowledgement yet
	Unknown State = "unknown" // nobody knows whether it came out; staff decide
)

// Reasons given to Log.Failed.
const (
	ReasonEncode    = "encode"    // the slip cannot be laid out, such as a missing glyph
	ReasonDismissed = "dismissed" // staff want no slip
)

// Errors of Submit and of the decisions.
var (
	ErrFull      = errors.New("printer queue is full: repair the printer or dismiss waiting slips")
	ErrDuplicate = errors.New("slip is in the spool already: decide it with Reprint, Confirm or Dismiss")
	ErrPrinted   = errors.New("slip was printed already: submit it as a reprint")
	ErrNotHeld   = errors.New("slip is not waiting for a decision")
	ErrClosed    = errors.New("spool is closed")
	// ErrWithdrawn is for a Log to answer Sending with: this printer shall not
	// print the slip any more.
	ErrWithdrawn = errors.New("slip is no longer this printer's")
)

// Request is one slip to print.
type Request struct {
	ID   printer.JobID
	Slip printer.Slip
	// At is when the number was issued. It decides how long an unknown slip
	// prints again by itself.
	At time.Time
	// Reprint says that this number was printed before; the slip carries the
	// mark from the first try.
	Reprint bool
	// Mark is the words a reprint carries, in the slip's language; empty is
	// Options.ReprintMark.
	Mark string
}

// Resumed is a job that an earlier process left behind.
type Resumed struct {
	Request
	State State
}

// Log records what happens to a job. Each call returns only when the record
// is durable. It is called from the spool's goroutine, one call at a time;
// the context ends only when a closing spool gives up.
type Log interface {
	// Sending comes before the first byte. With ErrWithdrawn the slip is not
	// sent and forgotten; nothing more is recorded of it.
	Sending(ctx context.Context, id printer.JobID, reprint bool) error
	// Printed ends a job. proof: the printer acknowledged its process id;
	// without it the bytes were taken, or staff saw the slip.
	Printed(ctx context.Context, id printer.JobID, proof bool) error
	// Failed ends a job that will not be printed, for one of the Reasons.
	Failed(ctx context.Context, id printer.JobID, reason string) error
	// Unknown says that nobody can tell whether the slip came out. A later
	// Sending, Printed or Failed of the same id settles it.
	Unknown(ctx context.Context, id printer.JobID) error
}

// job is a request on its way. Its fields belong to the spool's goroutine,
// but for state and marked, which change under the spool's mutex alone. While
// the state is Queued the others do so too.
type job struct {
	Request
	state  State
	marked bool // the next printing carries the mark
	auto   int  // printings that the spool repeated by itself
	proof  bool // asks for an acknowledgement
	size   int  // bytes of the encoded job
	sentAt time.Time
	due    time.Time // when it becomes unknown; zero: the clock stands
	lostAt time.Time // when its link was lost; zero: it was not
	cut    bool      // its last bytes never left, so it cannot be acknowledged any more
	clean  bool      // link and readiness were not lost since it was sent, as far as heard
}

// waitsFor reports whether a decision finds the job as it needs it; it needs the
// spool's mutex.
func (j *job) waitsFor(kind string) bool {
	switch {
	case j.state == Unknown:
		return true
	case j.state != Queued:
		return false
	case kind == "confirm": // it was sent before
		return j.size > 0
	}
	return kind != "reprint"
}

// slip returns what goes on paper this time.
func (j *job) slip(mark string) printer.Slip {
	s := j.Slip
	if j.marked {
		s.Reprint = j.Mark
		if s.Reprint == "" {
			s.Reprint = mark
		}
	}
	return s
}

// processID is the number a printer acknowledges.
func (j *job) processID() uint16 { return uint16(j.ID % 10000) }
