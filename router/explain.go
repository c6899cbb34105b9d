package router

import (
	"time"

	"motcua/queue"
)

// What an Explanation may say beside the codes of queue.Reason: the counter
// could not have taken the ticket that is asked about.
const (
	NotIssued  queue.ReasonCode = "not_issued"  // it had no number yet
	NotWaiting queue.ReasonCode = "not_waiting" // it was in another State
	Elsewhere  queue.ReasonCode = "elsewhere"   // it waits at another service point
	BoundTo    queue.ReasonCode = "bound"       // it waits for another Counter alone
)

// Earlier says that the chosen ticket came before the asked one, though not
// before all others.
const Earlier queue.ReasonCode = "earlier"

// Explanation is the answer to "why was the chosen ticket taken, and not the
// asked one?". It is for staff, the audit and the asked ticket's holder. It
// knows no ground of priority, no cause of a transfer or parking, and no
// speed of a counter.
//
// Why.Code is one of
//
//	not_issued, not_waiting, elsewhere, bound, not_served
//	          the counter could not take the asked ticket
//	manual    the chosen one was called by hand, or was transferred to the front (Cause)
//	first, earlier, transfer, returned
//	          the chosen one has the earlier arrival, and so came by it
//	appointment, priority
//	          the class of the chosen one puts it before the asked one
//	guard     the chosen one came earlier, and has waited so long that the
//	          asked one's class no longer puts that one before it
//	shorter   the chosen one stands behind Why.Other by no more than the window
//	          and takes less time; Why.Other is the asked ticket, or the one
//	          that stands before that in its own category
//	policy    by a rule that gives no reason
//
// and where the asked ticket is the chosen one, the reason of the call itself.
type Explanation struct {
	Chosen Standing     `json:"chosen"` // zero when the counter takes nobody
	Asked  Standing     `json:"asked"`
	Why    queue.Reason `json:"why"`

	// Of not_waiting: the asked ticket's state, and the counter it was at, if
	// any. Of bound: the counter it waits for. Of not_served: the one that
	// does not serve Why.Category.
	State   queue.TicketState `json:"state,omitempty"`
	Counter queue.CounterID   `json:"counter,omitempty"`
	// Of elsewhere: where the asked ticket waits.
	Point queue.PointID `json:"point,omitempty"`
}

// Standing is how a ticket stood at the moment of the choice.
type Standing struct {
	Ticket    queue.TicketID   `json:"ticket"`
	Label     string           `json:"label,omitempty"` // empty when it was not issued yet
	Category  queue.CategoryID `json:"category,omitempty"`
	Arrival   queue.Stamp      `json:"arrival,omitempty"`    // a
	HeadStart int              `json:"head_start,omitempty"` // of its class, in minutes; 0 when strict
	Expected  int              `json:"expected,omitempty"`   // E in minutes
}

// Explain answers why the counter, if it took its next ticket at the instant
// now, would not take the asked one. It never fails: a ticket nobody knows has
// not been issued.
func Explain(v queue.View, c queue.CounterID, asked queue.TicketID, now time.Time) Explanation {
	choice, _ := Live{}.Pick(v, c, now)
	return explain(v, c, choice, asked, queue.StampOf(now))
}

// ExplainCall answers why a call was not one of the asked ticket. The view is
// of the state right before the call, and now is when it was made. What was
// decided by hand or by a rule that this release does not know keeps the
// reason it was recorded with.
func ExplainCall(v queue.View, call queue.TicketCalled, asked queue.TicketID, now time.Time) Explanation {
	return explain(v, call.Counter, queue.Choice{Ticket: call.Ticket, Reason: call.Reason}, asked, queue.StampOf(now))
}

func explain(v queue.View, c queue.CounterID, choice queue.Choice, asked queue.TicketID, now queue.Stamp) Explanation {
	e := Explanation{Chosen: standing(v, choice.Ticket), Asked: standing(v, asked), Why: choice.Reason}
	if asked == choice.Ticket {
		return e
	}
	i := v.Ticket(asked)
	if i == nil {
		e.Why = queue.Reason{Code: NotIssued}
		return e
	}
	if i.State != queue.Waiting {
		e.Why, e.State, e.Counter = queue.Reason{Code: NotWaiting}, i.State, i.Counter
		return e
	}
	if !v.Eligible(c).Allows(i) {
		e.unable(v, c, i)
		return e
	}
	if choice.Reason.Code == queue.ByHand {
		return e
	}
	if again, ok := live(v).Pick(v, c, now.Time()); ok && again.Ticket == choice.Ticket {
		e.Why = passes(v, c, v.Ticket(choice.Ticket), i, now)
	}
	return e
}

// unable says why the counter may not call the waiting ticket.
func (e *Explanation) unable(v queue.View, c queue.CounterID, i *queue.Ticket) {
	cfg := v.Config()
	switch d := cfg.Desk(c); {
	case d != nil && d.Point != i.Point:
		e.Why, e.Point = queue.Reason{Code: Elsewhere}, i.Point
	case i.Bound != "":
		e.Why, e.Counter = queue.Reason{Code: BoundTo}, i.Bound
	default:
		e.Why, e.Counter = queue.Reason{Code: queue.NotServed, Category: i.Category}, c
	}
}

// passes says why x, which the centre's rule takes, goes before i, which the
// counter may call too.
func passes(v queue.View, c queue.CounterID, x, i *queue.Ticket, now queue.Stamp) queue.Reason {
	var h hall
	h.enter(v, c, now, nil, effective)
	came := cameFirst(x, now)
	if came.Code == queue.ByArrival && x != h.first {
		came.Code, came.Other = Earlier, i.Label
	}
	if byArrival(v) {
		return came
	}
	cfg := v.Config()
	ex, ei := entry{x, effective(v, x, now)}, entry{i, effective(v, i, now)}
	switch {
	case ei.before(ex):
		return shorter(cfg, x, h.heads[i.Lane()+1].t) // i, or who stands before it
	case !earlier(x, i):
		return granted(cfg, x, i)
	}
	// By their classes alone, would i go first?
	ex.value = int64(x.Arrival) - int64(headStart(cfg, x.Class))*minute
	ei.value = int64(i.Arrival) - int64(headStart(cfg, i.Class))*minute
	if ei.before(ex) {
		return queue.Reason{Code: queue.ByGuard, Arrival: x.Arrival, Guard: cfg.Routing.Guard, Other: i.Label}
	}
	return came
}

func standing(v queue.View, id queue.TicketID) Standing {
	s := Standing{Ticket: id}
	t := v.Ticket(id)
	if t == nil {
		return s
	}
	cfg := v.Config()
	s.Label, s.Category, s.Arrival, s.Expected = t.Label, t.Category, t.Arrival, cfg.Expected(t)
	if h := headStart(cfg, t.Class); h < queue.Strict {
		s.HeadStart = h
	}
	return s
}

// NoPass is the promise to a waiting ticket's holder: at the counters that
// serve it, no number taken after the stamp is placed before it. A call by
// hand and a transfer to the front are exempt, and marked on the board. A face
// that shows minutes rounds it up. False under strict priority, which promises
// nothing of the kind, and for a ticket that does not wait.
func NoPass(v queue.View, ticket queue.TicketID) (queue.Stamp, bool) {
	t := v.Ticket(ticket)
	if t == nil || t.State != queue.Waiting {
		return 0, false
	}
	if byArrival(v) {
		return t.Arrival, true
	}
	cfg := v.Config()
	highest := 0
	for k := range cfg.Classes {
		highest = max(highest, cfg.Classes[k].HeadStart)
	}
	if highest >= queue.Strict {
		return 0, false
	}
	later := highest - headStart(cfg, t.Class) + cfg.Routing.Window
	return t.Arrival + queue.Stamp(later)*minute, true
}
