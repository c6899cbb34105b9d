package printer

import "time"

// JobID names a print job. It is the ticket's number in the journal, so a
// reprint carries the same one; printers see it modulo 10,000 (see [Protocol]).
type JobID uint64

// Paper is what a printer says of its roll.
type Paper string

const (
	PaperUnknown Paper = ""         // nothing heard, or no sensor
	PaperOK      Paper = "ok"       // present
	PaperLow     Paper = "near_end" // near-end sensor
	PaperOut     Paper = "out"      // end of roll, or printing stopped at it
)

// Status is a printer's own word about itself.
type Status struct {
	Online    bool  // false: refuses data until a person helps
	Paper     Paper // worst of all sensors heard
	CoverOpen bool
	Cutter    bool // cutter jammed
	Hot       bool // head too hot; recovers alone
	Error     bool // any other error that stops printing
}

// Ready reports whether a ticket sent now would be printed.
func (s Status) Ready() bool {
	return s.Online && s.Paper != PaperOut && !s.CoverOpen && !s.Cutter && !s.Error && !s.Hot
}

// Reply is one message decoded from the bytes a printer sends.
type Reply struct {
	Status *Status // nil when the reply is not about status
	Ack    *uint16 // process id whose print data are finished, 0..9999; nil when none
	Keys   *Keys   // nil when the reply is not about the printer's memory
	// Turn says that the printer came to what this answers in its turn: all
	// that was sent before is taken. Real-time answers never say so.
	Turn bool
}

// Keys is a part of the list of pictures a printer keeps, for Memory.Knowing.
type Keys struct {
	List []string
	More bool // Memory.KeysTaken asks for the next part
}

// Parser reassembles replies from bytes in any chunking. It never panics, its
// memory is bounded, and it finds its footing again after rubbish.
// It is not safe for concurrent use.
type Parser interface {
	Feed(p []byte, now time.Time) []Reply
	// Dropped counts bytes that belonged to no known reply.
	Dropped() int
}

// Job is one slip in a printer's language.
type Job struct {
	ID    JobID
	Bytes []byte
	// Proof reports whether the bytes ask for a process-id acknowledgement;
	// without it a job ends as sent, never as acked.
	Proof bool
	// Length is how much paper the slip takes, in tenths of a millimetre, the
	// way to the cutter included; 0: nobody counted.
	Length int
}

// Protocol is a printer's language: slips to bytes, bytes to replies.
// The process id of a job is its ID modulo 10,000. Implementations are
// immutable and safe for concurrent use.
type Protocol interface {
	// Encode lays the slip out and encodes it as one complete job, prologue,
	// cut and acknowledgement request included.
	Encode(s Slip, id JobID) (Job, error)
	// Greeting comes first on a new link. It ends a command whose head an
	// earlier link may have left incomplete, asks the printer to tell of changes
	// by itself where it can, and asks for the status.
	Greeting() []byte
	// StatusRequest is sent between jobs only; the printer answers it even
	// when it is out of paper, unless it says by Reply.Turn that it answers in
	// its turn alone.
	StatusRequest() []byte
	// Probe asks for a Reply with Turn, which a printer that still waits for
	// the rest of a cut-off job does not give; empty: it knows none.
	Probe() []byte
	// Recover is sent after a job was cut off, before anything else: it ends
	// a raster that still waits for bytes. remainder is how many bytes of the
	// job the printer may still expect; attempt counts from 0 what was tried
	// in vain, for a printer that does not obey the first way.
	Recover(remainder, attempt int) []byte
	NewParser() Parser
}

// Memory is a Protocol whose printer may keep the parts that slips share, so
// that they need not be sent with each.
type Memory interface {
	Protocol
	// KeysRequest asks what the printer keeps; empty: it keeps nothing. The
	// answers are Reply.Keys. Ask after connecting: a printer that was
	// replaced keeps other pictures.
	KeysRequest() []byte
	// KeysTaken is the host's word after each answer.
	KeysTaken() []byte
	// Knowing returns the protocol for a printer that keeps these.
	Knowing(keys []string) Memory
	// Store makes the printer keep what slips share with this one and it does
	// not keep yet; empty: nothing. The memory wears out at some ten writes a
	// day, and the printer is busy meanwhile: not in opening hours. stored is
	// the protocol when it has kept all; only its own list proves that.
	Store(s Slip) (b []byte, stored Memory, err error)
}
