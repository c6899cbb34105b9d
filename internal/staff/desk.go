// Package staff projects what an officer sees at a counter: the ticket in
// hand, who comes next and why, what is parked or was missed.
package staff

import "motcua/queue"

// Desk is the whole console of one counter. It is sent whole (class Latest).
type Desk struct {
	Centre    queue.Text       `json:"centre"`
	Languages []string         `json:"languages"`
	Day       DayState         `json:"day"`
	Counter   Counter          `json:"counter"`
	Current   *Ticket          `json:"current"` // null: free
	Next      []Candidate      `json:"next"`    // at most 5, in the order they would be called now
	Lanes     []Lane           `json:"lanes"`   // own first
	Parked    []Ticket         `json:"parked"`  // of this point, own first
	Missed    []Ticket         `json:"missed"`  // no-shows that may come back, newest first
	Slips     []Ticket         `json:"slips"`   // whose paper failed or is unknown
	Rules     Rules            `json:"rules"`
	Devices   []Device         `json:"devices,omitempty"`
	Targets   []TransferTarget `json:"targets"`
	Claims    []Ticket         `json:"claims"`         // of this point, whose class awaits confirmation, oldest first
	Classes   []Class          `json:"classes"`        // that may be granted
	Undo      *Undo            `json:"undo,omitempty"` // null: nothing here can be taken back now
	Guarded   Guarded          `json:"guarded"`
}

type DayState struct {
	ID   queue.Day `json:"id,omitempty"`
	Open bool      `json:"open"`
}

// Counter is the console's own counter.
type Counter struct {
	ID     queue.CounterID    `json:"id"`
	Number int                `json:"number"`
	Point  queue.PointID      `json:"point"`
	State  queue.CounterState `json:"state"`
	Since  queue.Stamp        `json:"since,omitempty"`
	Pause  queue.PauseReason  `json:"pause,omitempty"`
	Served int                `json:"served"` // finished here today
	Skills []queue.CategoryID `json:"skills"`
	Until  queue.Stamp        `json:"until,omitempty"` // the pause is to end
	Break  *Break             `json:"break,omitempty"` // planned for later today; null: none
	// Draining: taken out of the configuration, it only finishes what it has.
	Draining bool `json:"draining,omitempty"`
}

// Break is a planned break of the counter. It begins when the counter is free.
type Break struct {
	From   queue.Stamp       `json:"from"`
	To     queue.Stamp       `json:"to"`
	Reason queue.PauseReason `json:"reason"`
}

// Class is a class that may be granted, and who may.
type Class struct {
	ID    queue.ClassID `json:"id"`
	Name  queue.Text    `json:"name"`
	Grant []queue.Role  `json:"grant"`
}

// Undo is the counter's last command while it may still be taken back.
type Undo struct {
	What   string         `json:"what"` // type of its event, such as "ticket.called.v1"
	Ticket queue.TicketID `json:"ticket"`
	Label  string         `json:"label"`
	Until  queue.Stamp    `json:"until"`
}

// Guarded is how many of this point's waiting tickets have waited past the
// guard. When they are more than a fifth, there are too few counters: Alarm
// (routing.md §1).
type Guarded struct {
	Waiting int  `json:"waiting"`
	Guarded int  `json:"guarded"`
	Alarm   bool `json:"alarm"`
}

// Ticket is a ticket as staff see it. Times are ms since 1970.
type Ticket struct {
	ID         queue.TicketID    `json:"id"`
	Label      string            `json:"label"`
	Category   queue.CategoryID  `json:"category"`
	Name       queue.Text        `json:"name"`    // of the category
	Minutes    int               `json:"minutes"` // it usually takes, all its dossiers
	Class      queue.ClassID     `json:"class"`
	ClassName  queue.Text        `json:"class_name"`
	Dossiers   int               `json:"dossiers"`
	State      queue.TicketState `json:"state"`
	Counter    int               `json:"counter,omitempty"` // number of the counter that holds, parked or had it
	Issued     queue.Stamp       `json:"issued"`
	FirstCall  queue.Stamp       `json:"first_call,omitempty"`
	LastCall   queue.Stamp       `json:"last_call,omitempty"`
	Started    queue.Stamp       `json:"started,omitempty"`
	Since      queue.Stamp       `json:"since"`
	Calls      int               `json:"calls"`
	Reason     queue.Reason      `json:"reason"`
	Slip       queue.SlipState   `json:"slip,omitempty"`
	Returnable bool              `json:"returnable,omitempty"`

	Entry         queue.Entry      `json:"entry,omitempty"`
	Origin        queue.CategoryID `json:"origin,omitempty"`  // it was issued for
	Session       queue.SessionID  `json:"session,omitempty"` // it was issued in
	Slot          queue.Stamp      `json:"slot,omitempty"`    // of the appointment it came to in time
	Claim         queue.ClassID    `json:"claim,omitempty"`   // claimed at a button, to be confirmed
	ClaimName     queue.Text       `json:"claim_name,omitempty"`
	Returns       int              `json:"returns,omitempty"`
	Leg           int              `json:"leg"`                       // 1 = the first of the visit
	WaitSince     queue.Stamp      `json:"wait_since"`                // of the present leg
	Past          []Leg            `json:"past,omitempty"`            // legs that are over
	Then          []LegAhead       `json:"then,omitempty"`            // legs to come
	ProposeNoShow bool             `json:"propose_no_show,omitempty"` // called often enough; nothing turns by itself
}

// Leg is one service of a visit that is over. Durations are in ms.
type Leg struct {
	Category queue.CategoryID `json:"category"`
	Name     queue.Text       `json:"name,omitempty"`
	Counter  int              `json:"counter,omitempty"` // number of the counter
	Wait     int64            `json:"wait"`
	Service  int64            `json:"service"`
	Ended    queue.Stamp      `json:"ended"`
	Outcome  queue.Outcome    `json:"outcome,omitempty"`
}

// LegAhead is a service a visit goes on to.
type LegAhead struct {
	Category queue.CategoryID `json:"category"`
	Name     queue.Text       `json:"name"`
}

// Candidate is a waiting ticket and the reason it would be called with.
type Candidate struct {
	Ticket
	Why queue.Reason `json:"why"`
}

// Lane is one category's load.
type Lane struct {
	Category queue.CategoryID `json:"category"`
	Name     queue.Text       `json:"name"`
	Mine     bool             `json:"mine"`
	Waiting  int              `json:"waiting"`
	Oldest   queue.Stamp      `json:"oldest,omitempty"` // issue of the one waiting longest
}

// Rules are the limits the console counts down to.
type Rules struct {
	RecallAfter int `json:"recall_after"`  // s since the last call
	NoShowCalls int `json:"no_show_calls"` // either this many calls
	NoShowAfter int `json:"no_show_after"` // or s since the first
	Propose     int `json:"propose"`       // calls after which a no-show is proposed
	UndoWithin  int `json:"undo_within"`   // s in which a command may be taken back
}

// TransferTarget is where a ticket may be sent now.
type TransferTarget struct {
	Category queue.CategoryID `json:"category,omitempty"`
	Counter  queue.CounterID  `json:"counter,omitempty"`
	Name     queue.Text       `json:"name,omitempty"`
	Number   int              `json:"number,omitempty"`
}

// Device is a machine that needs a hand. Code is translated by the face.
type Device struct {
	Kind string `json:"kind"` // "printer", "second_printer", "panel", "kiosk", "clock"
	Code string `json:"code"`
	// Covered says that slips come out all the same.
	Covered bool `json:"covered,omitempty"`
	// Name tells a kiosk at another door from others of its kind.
	Name string `json:"name,omitempty"`
	// Since is when it was last there, of one that can't be reached; 0: unknown.
	Since queue.Stamp `json:"since,omitempty"`
}
