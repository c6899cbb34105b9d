package queue

import (
	"math"
	"time"
)

// Picker chooses the next ticket for a counter; router.Policy is one. It may
// only call tickets that View.Eligible allows there.
type Picker interface {
	Pick(v View, c CounterID, now time.Time) (Choice, bool)
}

// Choice is a ticket and why it was chosen.
type Choice struct {
	Ticket TicketID
	Reason Reason
}

// View is a state to be read: by the router, the boards, the forecast.
type View struct{ s *State }

// View returns the state for reading; it is valid until the next Apply.
func (s *State) View() View { return View{s} }

// Config is the centre's configuration; nil before the first one.
func (v View) Config() *Config { return v.s.Config }

// WaitingCount is how many tickets wait in the whole centre.
func (v View) WaitingCount() int { return len(v.s.waiting) }

// EachWaiting visits the waiting tickets by rising ID until yield returns
// false. The tickets belong to the state.
func (v View) EachWaiting(yield func(*Ticket) bool) {
	for _, i := range v.s.waiting {
		if !yield(&v.s.Tickets[i]) {
			return
		}
	}
}

// Counter finds a counter; nil when there is none.
func (v View) Counter(id CounterID) *Counter { return v.s.Counter(id) }

// Ticket finds a ticket of today; nil when there is none.
func (v View) Ticket(id TicketID) *Ticket { return v.s.Ticket(id) }

// Eligibility tells which waiting tickets a counter may call.
type Eligibility struct {
	point  PointID
	skills uint64 // bit i = serves category i
	desk   int16  // index of the counter; −1: it may call none
}

// Eligible returns the test of whether a waiting ticket may be called to the
// counter: same point, a category it serves, and not bound to another
// counter. A ticket bound to this counter needs no skill.
func (v View) Eligible(c CounterID) Eligibility {
	if v.s.Config == nil {
		return Eligibility{desk: -1}
	}
	k := v.s.Config.counter(c)
	if k < 0 {
		return Eligibility{desk: -1}
	}
	return Eligibility{point: v.s.Config.Counters[k].Point, skills: v.s.index.skills[k], desk: int16(k)}
}

// Allows reports whether the counter may call the waiting ticket.
func (e Eligibility) Allows(t *Ticket) bool {
	if e.desk < 0 || t.Point != e.point {
		return false
	}
	if t.desk >= 0 {
		return t.desk == e.desk
	}
	return t.lane >= 0 && e.skills&(1<<t.lane) != 0
}

// Effective is the ticket's effective arrival v of routing.md §1 at an
// instant: its arrival less its class's head start, and less the highest one
// once it has waited past the guard; the arrival alone where the centre calls
// by that. A ticket transferred to the front comes before every other.
func (v View) Effective(t *Ticket, now Stamp) Stamp {
	if t.Front {
		return math.MinInt64
	}
	if v.s.Config.Routing.Policy == PolicyArrival {
		return t.Arrival
	}
	return t.Arrival - v.HeadStart(t, now)
}

// HeadStart is H of the ticket's class, or the highest one under the guard, in milliseconds.
func (v View) HeadStart(t *Ticket, now Stamp) Stamp {
	if v.Guarded(t, now) {
		return v.s.index.highest
	}
	for i := range v.s.Config.Classes {
		if v.s.Config.Classes[i].ID == t.Class {
			return v.s.index.headStart[i]
		}
	}
	return 0
}

// Guarded reports whether the ticket has waited past the guard.
func (v View) Guarded(t *Ticket, now Stamp) bool {
	g := v.s.Config.Routing.Guard
	return g > 0 && now.Sub(t.Arrival) > minutes(g)
}

// Expected is E of routing.md §1: the whole minutes a ticket's service usually
// takes, its further dossiers at 0.6 of the first.
func (c *Config) Expected(t *Ticket) int {
	k := t.Lane()
	if k < 0 {
		return 1
	}
	extra := max(int(t.Dossiers)-1, 0)
	return max((c.Categories[k].Minutes*(10+6*extra)+5)/10, 1) // rounded half up in tenths
}

// Ahead is how many people of the same category and point stand before the
// ticket: the lane as the wall shows it (domain.md §3.2).
func (v View) Ahead(t *Ticket, now Stamp) int {
	mine := v.Effective(t, now)
	n := 0
	for _, i := range v.s.waiting {
		o := &v.s.Tickets[i]
		if o.ID == t.ID || o.Category != t.Category || o.Point != t.Point {
			continue
		}
		if e := v.Effective(o, now); e < mine || e == mine && o.ID < t.ID {
			n++
		}
	}
	return n
}
