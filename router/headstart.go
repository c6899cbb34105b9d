package router

import (
	"math"
	"time"

	"motcua/queue"
)

// HeadStart is the rule of routing.md §1: every class counts as having come
// some minutes earlier than it did, whoever waits too long counts as priority,
// and within a small window the shorter service goes first. It computes in
// whole milliseconds and allocates nothing.
type HeadStart struct{}

var _ queue.Picker = HeadStart{}

// Pick returns the ticket the counter takes at the instant now, and the
// reason; false when nobody it may serve waits.
func (HeadStart) Pick(v queue.View, c queue.CounterID, now time.Time) (queue.Choice, bool) {
	return pick(v, c, queue.StampOf(now), nil)
}

// Rank returns the first n choices in the order in which the counter would
// take them if it did so at once: what a console shows as "next".
func (HeadStart) Rank(v queue.View, c queue.CounterID, now time.Time, n int) []queue.Choice {
	var order []queue.Choice
	var taken []queue.TicketID
	for len(order) < n {
		choice, ok := pick(v, c, queue.StampOf(now), taken)
		if !ok {
			break
		}
		order = append(order, choice)
		taken = append(taken, choice.Ticket)
	}
	return order
}

// head is the ticket of a category that is called first.
type head struct {
	t *queue.Ticket
	v queue.Stamp
}

// before orders two tickets by (v, id); those transferred to the front, which
// share one v, by (arrival, id).
func (h head) before(o head) bool {
	if h.v != o.v {
		return h.v < o.v
	}
	if h.t.Front && h.t.Arrival != o.t.Arrival {
		return h.t.Arrival < o.t.Arrival
	}
	return h.t.ID < o.t.ID
}

func pick(v queue.View, c queue.CounterID, now queue.Stamp, taken []queue.TicketID) (queue.Choice, bool) {
	var heads [64]head      // by category; queue.Config allows no more
	var first *queue.Ticket // f: smallest (arrival, id) of all eligible
	var m head              // the head at V
	eligible := v.Eligible(c)
	for t := range v.EachWaiting {
		if !eligible.Allows(t) || contains(taken, t.ID) {
			continue
		}
		if first == nil || t.Arrival < first.Arrival || t.Arrival == first.Arrival && t.ID < first.ID {
			first = t
		}
		h := head{t, v.Effective(t, now)}
		if k := max(t.Lane(), 0); heads[k].t == nil || h.before(heads[k]) {
			heads[k] = h
		}
		if m.t == nil || h.before(m) {
			m = h
		}
	}
	if m.t == nil {
		return queue.Choice{}, false
	}
	cfg := v.Config()
	limit := m.v
	if limit != math.MinInt64 {
		limit += queue.Stamp(cfg.Routing.Window) * 60_000
	}
	x, xe := m, Expected(cfg, m.t)
	for k := range heads {
		h := heads[k]
		if h.t == nil || h.t == m.t || h.v > limit || h.t.Front != m.t.Front || cfg.Routing.Window == 0 {
			continue
		}
		if e := Expected(cfg, h.t); e < xe || e == xe && h.before(x) {
			x, xe = h, e
		}
	}
	return queue.Choice{Ticket: x.t.ID, Reason: reason(v, x, m, first, now)}, true
}

// reason follows the order of routing.md §1, "Reasons".
func reason(v queue.View, x, m head, first *queue.Ticket, now queue.Stamp) queue.Reason {
	cfg := v.Config()
	r := queue.Reason{Arrival: x.t.Arrival}
	switch {
	case x.t.Front:
		r.Code, r.Cause = queue.ByHand, queue.CallTransferred
	case x.t != m.t:
		r.Code, r.Other, r.Window = queue.ByShorter, m.t.Label, cfg.Routing.Window
		r.Expected, r.OtherMin = Expected(cfg, x.t), Expected(cfg, m.t)
	case x.t == first && x.t.ArrivalCause == queue.Moved:
		r.Code = queue.ByTransfer
	case x.t == first && x.t.ArrivalCause == queue.Returned:
		r.Code = queue.ByReturn
	case x.t == first:
		r.Code = queue.ByArrival
	case v.Guarded(x.t, now):
		r.Code, r.Guard, r.Effective = queue.ByGuard, cfg.Routing.Guard, x.v
		r.Other = first.Label
	default:
		r.Code, r.Effective, r.Other = queue.ByPriority, x.v, first.Label
		r.HeadStart = int(v.HeadStart(x.t, now) / 60_000)
	}
	return r
}

// Expected is E of routing.md §1: the whole minutes a ticket's service usually
// takes, its further dossiers at 0.6 of the first.
func Expected(cfg *queue.Config, t *queue.Ticket) int {
	c := cfg.Category(t.Category)
	if c == nil {
		return 1
	}
	extra := max(int(t.Dossiers)-1, 0)
	return max((c.Minutes*(10+6*extra)+5)/10, 1) // rounded half up in tenths
}

func contains(ids []queue.TicketID, id queue.TicketID) bool {
	for _, x := range ids {
		if x == id {
			return true
		}
	}
	return false
}
