package router

import (
	"slices"

	"motcua/queue"
)

// place is where a policy puts a ticket: the smallest value/weight goes first,
// then the smallest tie, then the smallest id. The fractions are compared by
// multiplying crosswise. Nothing overflows: values are below 2^44 in size when
// weights are above 1, and those are below 2^19 (9 × 480 min × 99 dossiers).
type place struct {
	value, weight int64
	tie           queue.Stamp
}

// order gives a ticket its place at an instant.
type order func(v queue.View, t *queue.Ticket, now queue.Stamp) place

// entry is a ticket in its place.
type entry struct {
	t *queue.Ticket
	place
}

func (e entry) before(o entry) bool {
	if e.weight == o.weight {
		if e.value != o.value {
			return e.value < o.value
		}
	} else if a, b := e.value*o.weight, o.value*e.weight; a != b {
		return a < b
	}
	if e.tie != o.tie {
		return e.tie < o.tie
	}
	return e.t.ID < o.t.ID
}

// earlier orders two tickets by (arrival, id).
func earlier(a, b *queue.Ticket) bool {
	if a.Arrival != b.Arrival {
		return a.Arrival < b.Arrival
	}
	return a.ID < b.ID
}

// lanes is one for every category queue.Config allows, and the first one for
// tickets bound to a counter whose category has gone.
const lanes = 65

// hall is what one counter may call at one instant, as a policy orders it.
type hall struct {
	heads   [lanes]entry  // of each category, by Lane + 1
	waiting [lanes]int    // how many of each category
	best    entry         // first of the heads
	first   *queue.Ticket // smallest (arrival, id)
	front   *queue.Ticket // likewise, of those transferred to the front
}

// enter goes once through the waiting tickets, all but those taken.
func (h *hall) enter(v queue.View, c queue.CounterID, now queue.Stamp, taken []queue.TicketID, by order) {
	eligible := v.Eligible(c)
	for t := range v.EachWaiting {
		if !eligible.Allows(t) || slices.Contains(taken, t.ID) {
			continue
		}
		if h.first == nil || earlier(t, h.first) {
			h.first = t
		}
		if t.Front && (h.front == nil || earlier(t, h.front)) {
			h.front = t
		}
		e := entry{t, by(v, t, now)}
		k := t.Lane() + 1
		h.waiting[k]++
		if h.heads[k].t == nil || e.before(h.heads[k]) {
			h.heads[k] = e
		}
		if h.best.t == nil || e.before(h.best) {
			h.best = e
		}
	}
}

// choose is the choice of a policy that gives no reason of its own for taking
// x, unless another ticket was transferred to the front; false when x is nil.
func (h *hall) choose(x *queue.Ticket, now queue.Stamp) (queue.Choice, bool) {
	switch {
	case x == nil:
		return queue.Choice{}, false
	case h.front != nil:
		return h.chooseFront(), true
	case x == h.first:
		return queue.Choice{Ticket: x.ID, Reason: cameFirst(x, now)}, true
	}
	return queue.Choice{Ticket: x.ID, Reason: queue.Reason{Code: queue.ByPolicy, Arrival: x.Arrival, Other: h.first.Label}}, true
}

// chooseFront takes the first of those transferred to the front.
func (h *hall) chooseFront() queue.Choice {
	return queue.Choice{Ticket: h.front.ID, Reason: queue.Reason{Code: queue.ByHand, Cause: queue.CallTransferred, Arrival: h.front.Arrival}}
}
