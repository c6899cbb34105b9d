package queue

import (
	"fmt"
	"time"
)

// Env is what a decision may look at besides the state.
type Env struct {
	Now     time.Time
	ClockOK bool
	Boot    string // of the records to be made; "" when only Now counts
	Mono    int64  // CLOCK_BOOTTIME in ms within Boot
	Role    Role   // of the asker; empty = Machine
	Picker  Picker // asked by CallNext and Finish.Next only
}

// Decide turns a command into events, or refuses it with an *Error. It is pure
// and never changes the state; equal states and arguments give equal events.
func (s *State) Decide(cmd Command, env Env) ([]Event, error) {
	d := decision{State: s, env: env, now: StampOf(env.Now)}
	if d.env.Role == "" {
		d.env.Role = Machine
	}
	if s.Config == nil {
		switch cmd.(type) {
		case ApplyConfig, Tick:
		default:
			return nil, notConfigured()
		}
	}
	switch c := cmd.(type) {
	case ApplyConfig:
		return d.applyConfig(c)
	case OpenDay:
		return d.openDay(c)
	case CloseDay:
		return d.closeDay(false)
	case Tick:
		return d.tick()
	case OpenCounter:
		return d.openCounter(c)
	case PauseCounter:
		return d.pauseCounter(c)
	case CloseCounter:
		return d.closeCounter(c)
	case Issue:
		return d.issue(c)
	case CallNext:
		return d.callNext(c)
	case CallTicket:
		return d.callTicket(c)
	case Recall:
		return d.recall(c)
	case Start:
		return d.start(c)
	case Finish:
		return d.finish(c)
	case NoShow:
		return d.noShow(c)
	case Reactivate:
		return d.reactivate(c)
	case Park:
		return d.park(c)
	case Unpark:
		return d.unpark(c)
	case Transfer:
		return d.transfer(c)
	case Cancel:
		return d.cancel(c)
	case ReprintSlip:
		return d.reprint(c)
	case ConfirmSlip:
		return d.confirmSlip(c)
	case SlipMoved:
		return d.slipMoved(c)
	case WalkDirect:
		return d.walkDirect(c)
	case SetClass:
		return d.setClass(c)
	case SetDossiers:
		return d.setDossiers(c)
	case PlanLegs:
		return d.planLegs(c)
	case Undo:
		return d.undo(c)
	case BookAppointments:
		return d.book(c)
	case CancelAppointment:
		return d.cancelAppointment(c)
	case CheckIn:
		return d.checkIn(c)
	case Rebook:
		return d.rebook(c)
	case StartRoll:
		return d.startRoll(c)
	case EndRoll:
		return d.endRoll(c)
	case TearOff:
		return d.tearOff(c)
	case TakeBack:
		return d.takeBack(c)
	}
	return nil, refuse(Internal, "command", "", "command %T has no decision", cmd)
}

// decision is one Decide in progress.
type decision struct {
	*State
	env Env
	now Stamp
}

func notConfigured() error {
	return refuse(Closed, WhyNotConfigured, "Apply the centre's configuration first.", "the centre has no configuration yet")
}

func one(e Event) ([]Event, error) { return []Event{e}, nil }

// since measures the short spans of the rules up to now.
func (d *decision) since(m Mark, then Stamp) time.Duration {
	var here Mark
	if d.env.Boot == d.Boot {
		here = Mark{Boot: d.Boots, Mono: d.env.Mono}
	}
	return elapsed(m, here, then, d.now)
}

// find looks a ticket up for a command.
func (d *decision) find(id TicketID) (*Ticket, error) {
	t := d.Ticket(id)
	if t == nil {
		return nil, refuse(NotFound, WhyTicketUnknown, "Look at the list again: numbers live for one business day.",
			"there is no ticket %d today", id)
	}
	return t, nil
}

// in refuses a ticket that is in none of the given states, with the reason
// of the state table (domain.md §3.1).
func (d *decision) in(t *Ticket, states ...TicketState) error {
	for _, s := range states {
		if t.State == s {
			return nil
		}
	}
	switch t.State {
	case Finished, Cancelled:
		return refuse(Conflict, WhyTicketOver, "Look at the list again.", "%s is %s", t.Label, t.State)
	case Expired:
		return refuse(Closed, WhyDayOver, "Take a new number today.", "%s expired when the day was closed", t.Label)
	}
	return refuse(Conflict, WhyWrongState, "Look at the list again: somebody may have been faster.",
		"%s is %s", t.Label, t.State)
}

// held refuses a held or parked ticket to any but its counter or a supervisor.
func (d *decision) held(t *Ticket, c CounterID) error {
	if t.State != Called && t.State != Serving && t.State != Parked {
		return nil
	}
	if t.Counter == c || d.env.Role == Supervisor && c == "" {
		return nil
	}
	return refuse(Denied, WhyNotHolder, "Ask the colleague there, or a supervisor.",
		"%s is at counter %s", t.Label, t.Counter)
}

// desk looks a counter up for a command.
func (d *decision) desk(id CounterID) (*Counter, *Desk, error) {
	c := d.Counter(id)
	if c == nil {
		return nil, nil, refuse(NotFound, WhyCounterUnknown, "Check the counter's id in the configuration.", "there is no counter %q", id)
	}
	return c, d.Config.Desk(id), nil
}

// free returns a counter that may call now.
func (d *decision) free(id CounterID) (*Counter, *Desk, error) {
	c, desk, err := d.desk(id)
	if err != nil {
		return nil, nil, err
	}
	if c.State != CounterIsOpen {
		return nil, nil, refuse(Closed, WhyCounterClosed, "Open the counter first.", "counter %d is %s", desk.Number, c.State)
	}
	if c.Ticket != 0 {
		return nil, nil, d.busy(c, desk)
	}
	return c, desk, nil
}

func (d *decision) busy(c *Counter, desk *Desk) error {
	t := d.Ticket(c.Ticket)
	return refuse(Conflict, WhyCounterBusy, "Finish, park or transfer it first.", "counter %d has %s", desk.Number, t.Label)
}

// label forms what is printed: the prefix and at least three digits.
func label(prefix string, n int) string { return fmt.Sprintf("%s%03d", prefix, n) }
