package doorway

import (
	"time"

	"motcua/printer"
	"motcua/queue"
)

// The times both sides must agree on.
const (
	// Beat is how long the centre holds a question that nothing new answers.
	// The answer is the sign of life.
	Beat = 1500 * time.Millisecond
	// Gone is how long the centre believes in a kiosk that does not ask.
	Gone = 5 * time.Second
	// Settle is how long a slip waits for a kiosk that is gone. Then it is
	// unknown, for staff to decide, and the kiosk prints it no more. It is no
	// shorter than AskFor.
	Settle = 60 * time.Second
	// AskFor is how long a kiosk asks for the number of a press whose answer
	// does not come: who waits longer has gone to a person.
	AskFor = 60 * time.Second
)

// Question is what a kiosk asks, again and again: what is there to show and to
// print? It says how the kiosk is at the same time.
type Question struct {
	Boot   string `json:"boot" minLength:"8" maxLength:"64" pattern:"^[a-z0-9-]+$" doc:"Of this start of the kiosk: the newest one counts"`
	After  string `json:"after,omitempty" maxLength:"64" doc:"Tag of the last answer: the next one comes when something differs, or after 1.5 s; empty: at once"`
	Health Health `json:"health"`
}

// Health is how a kiosk is.
type Health struct {
	Printer string  `json:"printer" maxLength:"32" doc:"ok, paper_out, …; absent without a printer"`
	Detail  string  `json:"detail,omitempty" maxLength:"400" doc:"For the technician"`
	Queued  int     `json:"queued,omitempty" minimum:"0" doc:"Slips that wait for the printer"`
	Faults  []Fault `json:"faults,omitempty" maxItems:"64" doc:"Of the panel"`
	Version string  `json:"version,omitempty" maxLength:"40"`
}

// PrinterAbsent is the code of a kiosk that has no printer.
const PrinterAbsent = "absent"

// Fault is a standing fault of the kiosk's panel.
type Fault struct {
	Button string `json:"button,omitempty" maxLength:"32" doc:"Empty: the whole panel"`
	Code   string `json:"code" maxLength:"32"`
}

// Answer is what a kiosk shows and prints.
type Answer struct {
	Now        queue.Stamp        `json:"now" doc:"By the centre's clock: the kiosk's own may be another"`
	Tag        string             `json:"tag" doc:"Of all below: ask with it for the next answer"`
	Point      queue.PointID      `json:"point,omitempty" doc:"Service point the kiosk stands at; empty: the centre's first"`
	Languages  []string           `json:"languages" nullable:"false" doc:"The hall's order"`
	Categories []queue.CategoryID `json:"categories" nullable:"false" doc:"Whose buttons give a number now; all others are dark"`
	Slips      []Slip             `json:"slips" nullable:"false" doc:"All that this kiosk has to see to; what is not listed is wanted no more"`
}

// Slip is a slip for the kiosk's printer.
type Slip struct {
	Ticket  queue.TicketID  `json:"ticket"`
	Order   queue.Seq       `json:"order" doc:"Position of the record that asked for this paper: another number is another paper"`
	State   queue.SlipState `json:"state" enum:"queued,sending,unknown"`
	At      queue.Stamp     `json:"at" doc:"When it was asked for"`
	Reprint bool            `json:"reprint,omitempty" doc:"It was printed before, or may have been"`
	Mark    string          `json:"mark,omitempty" doc:"Words a reprint carries"`
	Paper   printer.Slip    `json:"paper" doc:"What it says"`
}

// Step is what became of a slip. Sending is answered before the first byte
// leaves; a refused one must not be printed.
type Step struct {
	Boot  string          `json:"boot" minLength:"8" maxLength:"64" pattern:"^[a-z0-9-]+$"`
	Order queue.Seq       `json:"order" minimum:"1"`
	To    queue.SlipState `json:"to" enum:"sending,printed,failed,unknown"`
	Proof bool            `json:"proof,omitempty" doc:"The printer has acknowledged it"`
	Cause string          `json:"cause,omitempty" maxLength:"40" pattern:"^[a-z_]*$" doc:"Of failed"`
}

// Refused asks what a paper without a number says.
type Refused struct {
	Category queue.CategoryID `json:"category" minLength:"1" maxLength:"32"`
	Language string           `json:"language,omitempty" maxLength:"8" pattern:"^[a-z]{2,8}$"`
	Code     queue.Code       `json:"code" maxLength:"20"`
	Reason   string           `json:"reason" maxLength:"40" pattern:"^[a-z_]*$"`
	Wait     int              `json:"wait,omitempty" minimum:"0"`
	Next     queue.Stamp      `json:"next,omitempty"`
}

// PairingAsked is a device that wants to be paired.
type PairingAsked struct {
	Role     queue.Role `json:"role" enum:"board,kiosk,greeter,officer,supervisor" doc:"What it is made for; who pairs it decides"`
	TokenSum string     `json:"token_sha256" minLength:"64" maxLength:"64" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the 256 random bits the device will ask with"`
}

// PairingShown is the code the device shows, and nobody else.
type PairingShown struct {
	ID      string    `json:"id" doc:"Known to the device alone: ask with it whether it is paired"`
	Code    string    `json:"code" doc:"Six digits for a supervisor to type"`
	Expires time.Time `json:"expires"`
}

// PairingState is where a pairing stands.
type PairingState struct {
	State string `json:"state" enum:"waiting,paired,over" doc:"over: expired, dismissed or guessed at too often; ask for a new code"`
	Name  string `json:"name,omitempty" doc:"Of the paired device"`
}

// The states of a pairing.
const (
	PairingWaits = "waiting"
	PairingDone  = "paired"
	PairingOver  = "over"
)
