package naive

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/queue"
)

const minute = queue.Stamp(60_000)

// Model is one centre. Whoever drives it names the tickets.
type Model struct {
	ID       int           // of the ticket issued next; they only rise
	Config   *queue.Config // nil before the first
	Day      queue.Day
	Open     bool
	Tickets  []*Ticket // of Day, by rising ID
	Counters []*Counter
	Series   map[Run]int // the last number given out today
	Booked   []*Appointment
	Rolls    []*Roll
	Back     []*Ticket // numbers that were taken back onto their rolls
	// Next is when numbers are next served, of the last refusal by hours or quota.
	Next queue.Stamp

	Totals queue.Totals // of the last day closed
	marks  int
	undos  []undo
	role   queue.Role
	now    queue.Stamp
	clock  bool
}

// Ticket is a number of today.
type Ticket struct {
	ID                                     int
	Label                                  string
	Series                                 queue.SeriesID
	Point                                  queue.PointID
	Category, Origin                       queue.CategoryID
	Class, Claim                           queue.ClassID
	State                                  queue.TicketState
	Counter, Bound                         queue.CounterID
	Front                                  bool
	Dossiers                               int
	Entry                                  queue.Entry
	Issued, Arrival, FirstCall, LastCall   queue.Stamp
	Started, Served, Since, Slot, LegSince queue.Stamp
	Cause                                  queue.ArrivalCause
	Number, Calls, Returns                 int
	Outcome                                queue.Outcome
	Why                                    queue.ReasonCode // of the last call from the queue
	Session                                queue.SessionID
	Next                                   []queue.CategoryID
	Past                                   []queue.Leg
	Slip                                   queue.SlipState
	TakenAt                                queue.PointID
	NotThere                               bool
	Rebooked                               string
	mark                                   int // of the command that may still be undone; 0 = none
}

// Counter is a counter today.
type Counter struct {
	ID      queue.CounterID
	State   queue.CounterState
	Staff   string
	Pause   queue.PauseReason
	Ticket  int // called or served here; 0 = none
	Served  int
	Until   queue.Stamp
	BreakTo queue.Stamp
	last    int // ticket of the last command here that may be undone
}

// Run is a series at a point.
type Run struct {
	Point  queue.PointID
	Series queue.SeriesID
}

const (
	wrongState = "conflict/wrong_state"
	over       = "conflict/ticket_over"
	taken      = "conflict/ticket_taken"
	busy       = "conflict/counter_busy"
	notHolder  = "denied/not_holder"
	shut       = "closed/counter_closed"
	badField   = "invalid/field"
	noTicket   = "not_found/ticket"
	noCounter  = "not_found/counter"
	noCategory = "not_found/category"
	notHere    = "closed/category_closed"
	byStaff    = "denied/class_by_staff"
	dayClosed  = "closed/day_closed"
	tooLate    = "conflict/too_late"
)

// Do carries a command out and returns "", or the code and reason of its refusal.
func (m *Model) Do(c queue.Command, role queue.Role, now time.Time, clockOK bool) (code, reason string) {
	m.role, m.now, m.clock, m.Next = role, queue.StampOf(now), clockOK, 0
	code, reason, _ = strings.Cut(m.do(c), "/")
	return code, reason
}

func (m *Model) do(c queue.Command) string {
	switch c := c.(type) {
	case queue.ApplyConfig:
		return m.applyConfig(c.Config)
	case queue.Tick:
		return m.tick()
	}
	if m.Config == nil {
		return "closed/not_configured"
	}
	switch c := c.(type) {
	case queue.OpenDay:
		return m.openDay(c.Day)
	case queue.SlipMoved:
		return m.slipMoved(c)
	case queue.BookAppointments:
		return m.book(c.Bookings)
	case queue.CancelAppointment:
		return m.cancelAppointment(c.Code)
	case queue.CloseDay:
		return m.closeDay(false)
	case queue.OpenCounter:
		return m.openCounter(c)
	case queue.PauseCounter:
		return m.pauseCounter(c)
	case queue.CloseCounter:
		return m.closeCounter(c.Counter)
	case queue.Issue:
		return m.issue(c)
	case queue.WalkDirect:
		return m.walkDirect(c)
	case queue.CallNext:
		return m.callNext(c.Counter)
	case queue.CallTicket:
		return m.callTicket(c)
	case queue.Recall:
		return m.recall(c)
	case queue.Start:
		return m.start(c)
	case queue.Finish:
		return m.finish(c)
	case queue.NoShow:
		return m.noShow(c)
	case queue.Park:
		return m.park(c)
	case queue.Unpark:
		return m.unpark(c)
	case queue.Transfer:
		return m.transfer(c)
	case queue.Cancel:
		return m.cancel(c)
	case queue.Reactivate:
		return m.reactivate(c)
	case queue.SetClass:
		return m.setClass(c)
	case queue.SetDossiers:
		return m.setDossiers(c)
	case queue.PlanLegs:
		return m.planLegs(c)
	case queue.Undo:
		return m.undo(c)
	case queue.CheckIn:
		return m.checkIn(c)
	case queue.Rebook:
		return m.rebook(c)
	case queue.ReprintSlip:
		return m.reprint(c)
	case queue.ConfirmSlip:
		return m.confirmSlip(c)
	case queue.StartRoll:
		return m.startRoll(c)
	case queue.EndRoll:
		return m.endRoll(c)
	case queue.TearOff:
		return m.tearOff(c)
	case queue.TakeBack:
		return m.takeBack(c)
	}
	return fmt.Sprintf("internal/%T", c)
}

func (m *Model) ticket(id queue.TicketID) *Ticket {
	for _, t := range m.Tickets {
		if t.ID == int(id) {
			return t
		}
	}
	return nil
}

func (m *Model) counter(id queue.CounterID) *Counter {
	for _, k := range m.Counters {
		if k.ID == id {
			return k
		}
	}
	return nil
}

func (m *Model) category(id queue.CategoryID) *queue.Category {
	for i, k := range m.Config.Categories {
		if k.ID == id {
			return &m.Config.Categories[i]
		}
	}
	return nil
}

func (m *Model) desk(id queue.CounterID) *queue.Desk {
	for i, k := range m.Config.Counters {
		if k.ID == id {
			return &m.Config.Counters[i]
		}
	}
	return nil
}

func (m *Model) class(id queue.ClassID) *queue.Class {
	for i, k := range m.Config.Classes {
		if k.ID == id {
			return &m.Config.Classes[i]
		}
	}
	return nil
}

func (m *Model) series(id queue.SeriesID) *queue.Series {
	for i, k := range m.Config.Series {
		if k.ID == id {
			return &m.Config.Series[i]
		}
	}
	return nil
}

// in finds a ticket that must stand in one of the states.
func (m *Model) in(id queue.TicketID, states ...queue.TicketState) (*Ticket, string) {
	t := m.ticket(id)
	switch {
	case t == nil:
		return nil, noTicket
	case slices.Contains(states, t.State):
		return t, ""
	case t.State == queue.Expired:
		return nil, "closed/day_over"
	case t.State == queue.Finished || t.State == queue.Cancelled:
		return nil, over
	}
	return nil, wrongState
}

// held is in for a command that only the holding counter may give, or a
// supervisor who names none.
func (m *Model) held(c queue.CounterID, id queue.TicketID, states ...queue.TicketState) (*Ticket, string) {
	if m.ticket(id) != nil && c != "" && m.counter(c) == nil {
		return nil, noCounter
	}
	t, no := m.in(id, states...)
	if no == "" {
		no = m.mayTouch(c, t)
	}
	return t, no
}

func (m *Model) mayTouch(c queue.CounterID, t *Ticket) string {
	if t.State != queue.Called && t.State != queue.Serving && t.State != queue.Parked {
		return ""
	}
	if c == t.Counter || c == "" && m.role == queue.Supervisor {
		return ""
	}
	return notHolder
}

func (m *Model) staff() bool {
	return m.role == queue.Greeter || m.role == queue.Officer || m.role == queue.Supervisor
}

// to moves a ticket into a state; a serving interval that ends is summed up.
func (m *Model) to(t *Ticket, s queue.TicketState) {
	if t.State == queue.Serving {
		t.Served += m.now - t.Started
	}
	if k := m.counter(t.Counter); k != nil && k.Ticket == t.ID && s != queue.Called && s != queue.Serving {
		k.Ticket = 0
	}
	t.State, t.Since = s, m.now
}
