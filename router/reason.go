package router

import "motcua/queue"

// reason says why x was taken, in the order of routing.md §1, "Reasons": m is
// the ticket with the smallest effective arrival, first the one that came first.
// The guard is never the cause here: whoever came before a ticket that has
// waited past the guard has done so too. It is one in Explain.
func reason(v queue.View, x, m entry, first *queue.Ticket, now queue.Stamp) queue.Reason {
	switch {
	case x.t != m.t:
		return shorter(v.Config(), x.t, m.t)
	case x.t == first:
		return cameFirst(x.t, now)
	}
	return granted(v.Config(), x.t, first)
}

// cameFirst is the reason of the ticket with the smallest arrival.
func cameFirst(x *queue.Ticket, now queue.Stamp) queue.Reason {
	r := queue.Reason{Code: queue.ByArrival, Arrival: x.Arrival}
	switch {
	case x.ArrivalCause == queue.Moved:
		r.Code = queue.ByTransfer
	case x.ArrivalCause == queue.Returned:
		r.Code = queue.ByReturn
	case x.Arrival == x.Slot && now < x.Slot: // it is here early, and nobody else is
		r.Code, r.Slot = queue.ByAppointment, x.Slot
	}
	return r
}

// granted is the reason of a ticket whose class put it before another one.
func granted(cfg *queue.Config, x, other *queue.Ticket) queue.Reason {
	h := headStart(cfg, x.Class)
	r := queue.Reason{Code: queue.ByPriority, Arrival: x.Arrival, Other: other.Label}
	if x.Class == queue.Appointed && x.Slot != 0 {
		r.Code, r.Slot = queue.ByAppointment, x.Slot
	}
	if h < queue.Strict { // else the figures say nothing to anybody
		r.HeadStart, r.Effective = h, x.Arrival-queue.Stamp(h)*minute
	}
	return r
}

// shorter is the reason of a ticket that stands a little after another one and
// takes less time.
func shorter(cfg *queue.Config, x, other *queue.Ticket) queue.Reason {
	return queue.Reason{
		Code: queue.ByShorter, Arrival: x.Arrival, Other: other.Label, Window: cfg.Routing.Window,
		Expected: cfg.Expected(x), OtherMin: cfg.Expected(other),
	}
}

// headStart is H of a class in minutes, without the guard.
func headStart(cfg *queue.Config, id queue.ClassID) int {
	if c := cfg.Class(id); c != nil {
		return c.HeadStart
	}
	return 0
}
