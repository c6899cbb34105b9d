package router

import (
	"time"

	"motcua/queue"
)

// HeadStart is the rule of routing.md §1: every class counts as having come
// some minutes earlier than it did, whoever waits too long counts as priority,
// and within a small window the shorter service goes first.
type HeadStart struct{}

var _ Policy = HeadStart{}

// Name is the name of the rule in a centre's file.
func (HeadStart) Name() string { return queue.PolicyHeadStart }

// Pick returns the ticket the counter takes at the instant now, and the
// reason; false when nobody it may serve waits.
func (HeadStart) Pick(v queue.View, c queue.CounterID, now time.Time) (queue.Choice, bool) {
	return pickHeadStart(v, c, queue.StampOf(now), nil)
}

// Rank returns the first n choices of the counter, as Policy.Rank.
func (HeadStart) Rank(v queue.View, c queue.CounterID, now time.Time, n int) []queue.Choice {
	return rule{queue.PolicyHeadStart, pickHeadStart}.Rank(v, c, now, n)
}

const minute = 60_000 // ms

// effective is the order by v = a − H.
func effective(v queue.View, t *queue.Ticket, now queue.Stamp) place {
	return place{int64(t.Arrival - v.HeadStart(t, now)), 1, 0}
}

func pickHeadStart(v queue.View, c queue.CounterID, now queue.Stamp, taken []queue.TicketID) (queue.Choice, bool) {
	var h hall
	h.enter(v, c, now, taken, effective)
	if h.front != nil {
		return h.chooseFront(), true
	}
	m := h.best // the head at V
	if m.t == nil {
		return queue.Choice{}, false
	}
	cfg := v.Config()
	x := m
	if cfg.Routing.Window > 0 {
		limit := m.value + int64(cfg.Routing.Window)*minute
		shortest := cfg.Expected(m.t)
		for k := range h.heads {
			o := h.heads[k]
			if o.t == nil || o.t == m.t || o.value > limit {
				continue
			}
			if e := cfg.Expected(o.t); e < shortest || e == shortest && o.before(x) {
				x, shortest = o, e
			}
		}
	}
	return queue.Choice{Ticket: x.t.ID, Reason: reason(v, x, m, h.first, now)}, true
}
