package naive

import (
	"cmp"
	"math"
	"slices"

	"motcua/queue"
)

// pick is the rule of routing.md §1; nil when nobody waits for the counter.
func (m *Model) pick(id queue.CounterID) *Ticket {
	d := m.desk(id)
	var may []*Ticket
	for _, t := range m.Tickets {
		if t.State == queue.Waiting && m.mayCall(d, t) {
			may = append(may, t)
		}
	}
	if len(may) == 0 {
		return nil
	}
	if m.Config.Routing.Policy == queue.PolicyArrival {
		slices.SortFunc(may, func(x, y *Ticket) int {
			return cmp.Or(front(x, y), cmp.Compare(x.Arrival, y.Arrival), cmp.Compare(x.ID, y.ID))
		})
		return may[0]
	}
	slices.SortFunc(may, func(x, y *Ticket) int {
		if x.Front && y.Front {
			return cmp.Or(cmp.Compare(x.Arrival, y.Arrival), cmp.Compare(x.ID, y.ID))
		}
		return cmp.Or(cmp.Compare(m.effective(x), m.effective(y)), cmp.Compare(x.ID, y.ID))
	})
	if may[0].Front {
		return may[0]
	}
	var heads []*Ticket
	for _, t := range may {
		if !slices.ContainsFunc(heads, func(h *Ticket) bool { return h.Category == t.Category }) {
			heads = append(heads, t)
		}
	}
	latest := m.effective(heads[0]) + queue.Stamp(m.Config.Routing.Window)*minute
	heads = slices.DeleteFunc(heads, func(h *Ticket) bool { return m.effective(h) > latest })
	if m.Config.Routing.Window > 0 {
		slices.SortStableFunc(heads, func(x, y *Ticket) int { return cmp.Compare(m.expected(x), m.expected(y)) })
	}
	return heads[0]
}

// effective is v: the arrival less the head start, or less the highest one
// past the guard. Who was transferred to the front comes before all.
func (m *Model) effective(t *Ticket) queue.Stamp {
	if t.Front {
		return math.MinInt64
	}
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

// front sorts who was transferred to the front before the others.
func front(x, y *Ticket) int {
	switch {
	case x.Front == y.Front:
		return 0
	case x.Front:
		return -1
	}
	return 1
}
