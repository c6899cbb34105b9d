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
}

// Ticket is a ticket as staff see it. Times are ms since 1970.
type Ticket struct {
	ID         queue.TicketID    `json:"id"`
	Label      string            `json:"label"`
	Category   queue.CategoryID  `json:"category"`
	Name       queue.Text        `json:"name"` // of the category
	Minutes    int               `json:"minutes"`
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
	Kind string `json:"kind"`
	Code string `json:"code"`
}
