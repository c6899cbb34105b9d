package naive

import (
	"cmp"
	"math"
	"slices"

	"motcua/queue"
)

// pick is the rule of routing.md §1 with the reason it gives; nil when nobody
// waits for the counter.
func (m *Model) pick(id queue.CounterID) (*Ticket, queue.ReasonCode) {
	d := m.desk(id)
	var may []*Ticket
	for _, t := range m.Tickets {
		if t.State == queue.Waiting && m.mayCall(d, t) {
			may = append(may, t)
		}
	}
	if len(may) == 0 {
		return nil, ""
	}
	slices.SortFunc(may, func(x, y *Ticket) int { return cmp.Or(cmp.Compare(x.Arrival, y.Arrival), cmp.Compare(x.ID, y.ID)) })
	for _, t := range may {
		if t.Front {
			return t, queue.ByHand
		}
	}
	first := may[0]
	if m.Config.Routing.Policy == queue.PolicyArrival {
		return first, m.cameFirst(first)
	}
	slices.SortStableFunc(may, func(x, y *Ticket) int {
		return cmp.Or(cmp.Compare(m.effective(x), m.effective(y)), cmp.Compare(x.ID, y.ID))
	})
	var heads []*Ticket
	for _, t := range may {
		if !slices.ContainsFunc(heads, func(h *Ticket) bool { return h.Category == t.Category }) {
			heads = append(heads, t)
		}
	}
	x, window := heads[0], queue.Stamp(m.Config.Routing.Window)*minute
	for _, h := range heads {
		if window > 0 && m.effective(h) <= m.effective(heads[0])+window && m.expected(h) < m.expected(x) {
			x = h
		}
	}
	switch {
	case x != heads[0]:
		return x, queue.ByShorter
	case x == first:
		return x, m.cameFirst(x)
	case x.Class == queue.Appointed && x.Slot != 0:
		return x, queue.ByAppointment
	}
	return x, queue.ByPriority
}

// cameFirst is the reason of who has the smallest arrival.
func (m *Model) cameFirst(t *Ticket) queue.ReasonCode {
	switch {
	case t.Cause == queue.Moved:
		return queue.ByTransfer
	case t.Cause == queue.Returned:
		return queue.ByReturn
	case m.now < t.Slot && t.Arrival == t.Slot: // early, and nobody else is here
		return queue.ByAppointment
	}
	return queue.ByArrival
}

// effective is v: the arrival less the head start, or less the highest one
// past the guard.
func (m *Model) effective(t *Ticket) queue.Stamp {
	h := 0
	if k := m.class(t.Class); k != nil {
		h = k.HeadStart
	}
	if g := m.Config.Routing.Guard; g > 0 && m.now-t.Arrival > queue.Stamp(g)*minute {
		for _, k := range m.Config.Classes {
			h = max(h, k.HeadStart)
		}
	}
	return t.Arrival - queue.Stamp(h)*minute
}

// expected is E in whole minutes.
func (m *Model) expected(t *Ticket) int {
	e := 1
	if k := m.category(t.Category); k != nil {
		e = k.Minutes
	}
	return int(math.Round(float64(e) * (1 + .6*float64(t.Dossiers-1))))
}
