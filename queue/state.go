package queue

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
)

// TicketState is where a ticket stands. The literals reach disk and wire.
type TicketState string

const (
	Waiting   TicketState = "waiting"
	Called    TicketState = "called"
	Serving   TicketState = "serving"
	Parked    TicketState = "parked"
	Missed    TicketState = "no_show"
	Finished  TicketState = "finished"
	Cancelled TicketState = "cancelled"
	Expired   TicketState = "expired"
)

// Held reports whether the ticket is with a counter right now.
func (s TicketState) Held() bool { return s == Called || s == Serving }

// Over reports whether nothing more can happen to the ticket but a return.
func (s TicketState) Over() bool { return s == Finished || s == Cancelled || s == Expired }

// ArrivalCause says how a ticket came by its present arrival.
type ArrivalCause string

const (
	Arrived  ArrivalCause = ""         // by taking a number
	Moved    ArrivalCause = "transfer" // by a transfer
	Returned ArrivalCause = "returned" // by coming back
)

// SlipState is where a ticket's paper stands.
type SlipState string

const (
	SlipNone      SlipState = ""        // no paper asked for
	SlipIsQueued  SlipState = "queued"  // waits for the printer
	SlipIsSending SlipState = "sending" // bytes may have left
	SlipIsPrinted SlipState = "printed"
	SlipIsFailed  SlipState = "failed"
	SlipIsUnknown SlipState = "unknown" // staff look whether it came out
)

// Ticket is one number of the current business day. It holds no person.
type Ticket struct {
	ID       TicketID    `json:"id"`
	Label    string      `json:"label"`
	Number   int32       `json:"number"`
	Series   SeriesID    `json:"series"`
	Point    PointID     `json:"point"`
	Category CategoryID  `json:"category"` // where it waits or is served
	Class    ClassID     `json:"class"`
	State    TicketState `json:"state"`
	Counter  CounterID   `json:"counter,omitempty"` // holds it, parked it, or had it last
	Bound    CounterID   `json:"bound,omitempty"`   // only this counter may call it
	Front    bool        `json:"front,omitempty"`   // transferred to the front of its lane
	Dossiers int32       `json:"dossiers"`
	Entry    Entry       `json:"entry,omitempty"`
	Ref      Ref         `json:"ref"`

	Issued       Stamp        `json:"issued"`
	ClockOK      bool         `json:"clock_ok"` // somebody vouched for the time of issue: it may be printed
	Arrival      Stamp        `json:"arrival"`  // a of routing.md §1
	ArrivalCause ArrivalCause `json:"arrival_cause,omitempty"`
	FirstCall    Stamp        `json:"first_call,omitempty"` // fixed: wait = FirstCall − Issued
	LastCall     Stamp        `json:"last_call,omitempty"`
	LastCallMark Mark         `json:"last_call_mark,omitzero"`
	Calls        int32        `json:"calls,omitempty"` // since it was last taken from the queue
	Reason       Reason       `json:"reason"`          // of the last call from the queue
	Started      Stamp        `json:"started,omitempty"`
	Served       Stamp        `json:"served,omitempty"` // ms of serving intervals already over
	Since        Stamp        `json:"since"`            // in the present state
	SinceMark    Mark         `json:"since_mark,omitzero"`
	Outcome      Outcome      `json:"outcome,omitempty"`
	NotThere     bool         `json:"not_there,omitempty"` // expired as a no-show
	Returns      int32        `json:"returns,omitempty"`   // times reactivated

	Origin   CategoryID   `json:"origin"`              // it was issued for: its quota counts there
	TakenAt  PointID      `json:"taken_at"`            // the point it was issued for: likewise
	Session  SessionID    `json:"session,omitempty"`   // it was issued in
	Slot     Stamp        `json:"slot,omitempty"`      // of the appointment it came to in time
	Claim    ClassID      `json:"claim,omitempty"`     // claimed at a button, not yet confirmed
	Next     []CategoryID `json:"next,omitempty"`      // further legs; replaced whole, never changed in place
	Past     []Leg        `json:"past,omitempty"`      // legs that are over; likewise
	LegSince Stamp        `json:"leg_since,omitempty"` // the present leg waits since; 0 in the first one: Issued
	Rebooked string       `json:"rebooked,omitempty"`  // code of the appointment it was turned into
	Touched  Seq          `json:"touched,omitempty"`   // the record that may still be undone; 0 = none

	Slip      SlipState `json:"slip,omitempty"`
	SlipSince Stamp     `json:"slip_since,omitempty"`
	Reprint   bool      `json:"reprint,omitempty"` // the paper asked for is not the first

	lane int16 // index of Category in the configuration
	desk int16 // index of Bound, −1 for none
}

// Leg is one service of a visit that is over. Its wait is FirstCall − Since,
// its service time Served.
type Leg struct {
	Category  CategoryID `json:"category"`
	Point     PointID    `json:"point"`
	Counter   CounterID  `json:"counter"`
	Since     Stamp      `json:"since"`
	FirstCall Stamp      `json:"first_call"`
	Started   Stamp      `json:"started"`
	Ended     Stamp      `json:"ended"`
	Served    Stamp      `json:"served"` // ms of serving intervals
	Outcome   Outcome    `json:"outcome"`
}

// AppointmentState is where an appointment stands.
type AppointmentState string

const (
	AppointmentIsBooked    AppointmentState = "booked"
	AppointmentIsMissed    AppointmentState = "missed"
	AppointmentIsCancelled AppointmentState = "cancelled"
	AppointmentIsCheckedIn AppointmentState = "checked_in"
)

// Appointment is a booking of today or a later day.
type Appointment struct {
	Code     string           `json:"code"`
	Slot     Stamp            `json:"slot"`
	Category CategoryID       `json:"category"`
	Point    PointID          `json:"point"`
	Session  SessionID        `json:"session,omitempty"`
	Dossiers int32            `json:"dossiers"`
	State    AppointmentState `json:"state"`
	Ticket   TicketID         `json:"ticket,omitempty"` // it became
}

// Used is how many dossiers a category has given out in a session today.
type Used struct {
	Session  SessionID  `json:"session"`
	Category CategoryID `json:"category"`
	Point    PointID    `json:"point"`
	Dossiers int        `json:"dossiers"`
}

// Undoable is a command that may still be taken back: a ticket as it was
// before. A finish that called the next ticket leaves two of them.
type Undoable struct {
	Counter CounterID `json:"counter,omitempty"` // at which it was given
	Seq     Seq       `json:"seq"`               // of its event
	At      Stamp     `json:"at"`
	Mark    Mark      `json:"mark,omitzero"`
	Event   string    `json:"event"` // its type
	// Finished is the ticket whose finish asked for this call: both are undone together.
	Finished TicketID `json:"finished,omitempty"`
	Before   Ticket   `json:"before"`
}

// CounterState is what a counter does. The literals reach disk and wire.
type CounterState string

const (
	CounterIsClosed CounterState = "closed"
	CounterIsOpen   CounterState = "open"
	CounterIsPaused CounterState = "paused"
)

// Counter is a counter today; its number and skills are in the configuration.
type Counter struct {
	ID     CounterID    `json:"id"`
	State  CounterState `json:"state"`
	Staff  string       `json:"staff,omitempty"`
	Pause  PauseReason  `json:"pause,omitempty"`
	Since  Stamp        `json:"since,omitempty"`
	Ticket TicketID     `json:"ticket,omitempty"` // called or serving here; 0 = none
	Served int32        `json:"served,omitempty"` // services finished here today

	Until   Stamp    `json:"until,omitempty"`    // a pause is to end
	BreakTo Stamp    `json:"break_to,omitempty"` // end of the last planned break that has begun here
	Last    TicketID `json:"last,omitempty"`     // of the last command here that may be undone
}

// Call is one announcement, as the board remembers it.
type Call struct {
	Seq      Seq        `json:"seq"`
	At       Stamp      `json:"at"`
	Ticket   TicketID   `json:"ticket"`
	Label    string     `json:"label"`
	Category CategoryID `json:"category"`
	Class    ClassID    `json:"class"`
	Point    PointID    `json:"point"`
	Counter  CounterID  `json:"counter"`
	Nth      int        `json:"nth"` // 1 = first call
	Reason   Reason     `json:"reason"`
}

// keptCalls bounds the calls a state remembers: more than any wall shows.
const keptCalls = 64

// SeriesCount is the last number a series gave out at a point today.
type SeriesCount struct {
	Point  PointID  `json:"point"`
	Series SeriesID `json:"series"`
	Last   int      `json:"last"`
}

// BusinessDay is the current or last business day.
type BusinessDay struct {
	ID     Day   `json:"id"`
	Open   bool  `json:"open"`
	Opened Stamp `json:"opened,omitempty"`
	Closed Stamp `json:"closed,omitempty"`
}

// State is one centre at one position of its journal: what Decide asks and
// Apply changes. It is not safe for concurrent use; internal/engine owns one.
// The zero State is not usable, see NewState.
type State struct {
	Pos      Position      `json:"pos"`
	LastAt   Stamp         `json:"last_at"`         // of the last record
	Boot     string        `json:"boot,omitempty"`  // likewise
	Boots    int32         `json:"boots,omitempty"` // how many boots the journal has seen
	Mono     int64         `json:"mono,omitempty"`  // of the last record
	Config   *Config       `json:"config"`          // nil until one is applied; never changed
	Day      BusinessDay   `json:"day"`
	Counters []Counter     `json:"counters"` // in the configuration's order
	Tickets  []Ticket      `json:"tickets"`  // of Day, by rising ID
	Series   []SeriesCount `json:"series"`
	Calls    []Call        `json:"calls"` // newest last, at most 64

	Appointments []Appointment `json:"appointments,omitempty"` // in the order of their booking
	Used         []Used        `json:"used,omitempty"`         // of the quotas of today
	// Mingled: tickets have changed their point today, or come from a roll, or the
	// configuration has changed, so that a series' next label may stand at its
	// point already.
	Mingled bool       `json:"mingled,omitempty"`
	Undos   []Undoable `json:"undos,omitempty"` // oldest first
	Rolls   []Roll     `json:"rolls,omitempty"` // of Day, in the order of their first start
	Back    []Ticket   `json:"back,omitempty"`  // numbers of rolls that were entered by mistake and taken back

	waiting []int32 // indexes of waiting tickets, rising
	index   *index  // derived from Config; shared by clones
}

// NewState returns the state of an empty journal.
func NewState(epoch string) *State {
	return &State{Pos: Position{Epoch: epoch}}
}

// Clone returns an independent copy; a few slice copies, since tickets hold no pointers.
func (s *State) Clone() *State {
	c := *s
	c.Counters = slices.Clone(s.Counters)
	c.Tickets = slices.Clone(s.Tickets)
	c.Series = slices.Clone(s.Series)
	c.Calls = slices.Clone(s.Calls)
	c.Appointments = slices.Clone(s.Appointments)
	c.Used = slices.Clone(s.Used)
	c.Undos = slices.Clone(s.Undos)
	c.Rolls = slices.Clone(s.Rolls)
	c.Back = slices.Clone(s.Back)
	c.waiting = slices.Clone(s.waiting)
	return &c
}

// Ticket finds a ticket of the current business day; nil when there is none.
// The result belongs to the state: read it, don't keep or change it.
func (s *State) Ticket(id TicketID) *Ticket {
	i, ok := sort.Find(len(s.Tickets), func(i int) int { return cmp.Compare(id, s.Tickets[i].ID) })
	if !ok {
		return nil
	}
	return &s.Tickets[i]
}

// DropOver forgets the tickets of today that are over, with what could be undone
// about them, and lets every series begin again. It is for simulations of
// days without end: a centre's state keeps its whole day.
func (s *State) DropOver() {
	s.Tickets = slices.DeleteFunc(s.Tickets, func(t Ticket) bool { return t.State.Over() })
	s.Undos = slices.DeleteFunc(s.Undos, func(u Undoable) bool { return s.Ticket(u.Before.ID) == nil })
	for i := range s.Counters {
		if c := &s.Counters[i]; s.Ticket(c.Last) == nil {
			c.Last = 0
		}
	}
	s.Series = nil
	s.rewait()
}

// rewait finds the waiting anew, after tickets have changed their places.
func (s *State) rewait() {
	s.waiting = s.waiting[:0]
	for i := range s.Tickets {
		if s.Tickets[i].State == Waiting {
			s.waiting = append(s.waiting, int32(i))
		}
	}
}

// Counter finds a counter; nil when the configuration has none of that id.
func (s *State) Counter(id CounterID) *Counter {
	for i := range s.Counters {
		if s.Counters[i].ID == id {
			return &s.Counters[i]
		}
	}
	return nil
}

// count finds what a series has given out at a point; nil when nothing yet.
func (s *State) count(p PointID, id SeriesID) *SeriesCount {
	for i := range s.Series {
		if c := &s.Series[i]; c.Series == id && c.Point == p {
			return c
		}
	}
	return nil
}

// Snapshot encodes the state; equal states give equal bytes.
func (s *State) Snapshot() ([]byte, error) {
	b, err := json.Marshal(struct {
		*State
		Hash [32]byte `json:"hash"`
	}{s, s.Pos.Hash})
	if err != nil {
		return nil, fmt.Errorf("encode state: %w", err)
	}
	return b, nil
}

// Restore decodes a Snapshot of the same release.
func Restore(b []byte) (*State, error) {
	var w struct {
		State
		Hash [32]byte `json:"hash"`
	}
	if err := json.Unmarshal(b, &w); err != nil {
		return nil, fmt.Errorf("decode state: %w", err)
	}
	s := &w.State
	s.Pos.Hash = w.Hash
	if s.Config != nil {
		s.index = newIndex(s.Config)
	}
	for i := range s.Tickets {
		s.reindex(&s.Tickets[i])
		if s.Tickets[i].State == Waiting {
			s.waiting = append(s.waiting, int32(i))
		}
	}
	return s, nil
}

// index answers by number what the configuration answers by name.
type index struct {
	skills    []uint64 // per counter: bit i = serves category i
	headStart []Stamp  // per class
	highest   Stamp    // largest head start of any class
}

func newIndex(c *Config) *index {
	x := &index{skills: make([]uint64, len(c.Counters)), headStart: make([]Stamp, len(c.Classes))}
	for i, d := range c.Counters {
		for k := range c.Categories {
			if d.Serves(c.Categories[k].ID) || slices.Contains(d.Drains, c.Categories[k].ID) {
				x.skills[i] |= 1 << k
			}
		}
	}
	for i, k := range c.Classes {
		x.headStart[i] = Stamp(0).Add(minutes(k.HeadStart))
		x.highest = max(x.highest, x.headStart[i])
	}
	return x
}

// Lane is the index of the ticket's category in the configuration; −1 when the
// category has gone.
func (t *Ticket) Lane() int { return int(t.lane) }

func (s *State) reindex(t *Ticket) {
	t.lane, t.desk = -1, -1
	if s.Config == nil {
		return
	}
	t.lane = int16(s.Config.category(t.Category))
	if t.Bound != "" {
		t.desk = int16(s.Config.counter(t.Bound))
	}
}

func (c *Config) category(id CategoryID) int {
	return slices.IndexFunc(c.Categories, func(k Category) bool { return k.ID == id })
}

func (c *Config) counter(id CounterID) int {
	return slices.IndexFunc(c.Counters, func(d Desk) bool { return d.ID == id })
}

// Category finds a category; nil when there is none of that id.
func (c *Config) Category(id CategoryID) *Category {
	if i := c.category(id); i >= 0 {
		return &c.Categories[i]
	}
	return nil
}

// Desk finds a counter's configuration; nil when there is none of that id.
func (c *Config) Desk(id CounterID) *Desk {
	if i := c.counter(id); i >= 0 {
		return &c.Counters[i]
	}
	return nil
}

// Class finds a class; nil when there is none of that id.
func (c *Config) Class(id ClassID) *Class {
	for i := range c.Classes {
		if c.Classes[i].ID == id {
			return &c.Classes[i]
		}
	}
	return nil
}

// Point finds a service point; nil when there is none of that id.
func (c *Config) Point(id PointID) *Point {
	for i := range c.Points {
		if c.Points[i].ID == id {
			return &c.Points[i]
		}
	}
	return nil
}

// At reports whether the category is offered at a point.
func (c *Category) At(p PointID) bool {
	return len(c.Points) == 0 || slices.Contains(c.Points, p)
}

// Serves reports whether the counter serves the category; one that was taken
// out serves none but those in Drains, until their tickets are done.
func (d *Desk) Serves(c CategoryID) bool { return !d.Draining && slices.Contains(d.Skills, c) }
