package router

import (
	"slices"
	"time"

	"motcua/queue"
)

// Policy is a rule by which a counter takes its next ticket. A policy holds no
// state: it may be asked about any number of centres at once.
//
// Under every policy a counter takes only what it may (queue.Eligibility), and
// a ticket that was transferred to the front before all others, by (arrival, id).
type Policy interface {
	queue.Picker
	// Name is the policy's name in routing.md §1.
	Name() string
	// Rank returns the first n choices in the order in which the counter would
	// take them if it did so at once: what a console shows as "next".
	Rank(v queue.View, c queue.CounterID, now time.Time, n int) []queue.Choice
}

// policies are in the order of routing.md §1, "Other policies".
var policies = []Policy{
	HeadStart{},
	fcfs,
	rule{"strict", ordered(classFirst)},
	rule{"category-list", pickCategoryList},
	rule{"longest-queue", pickLongestQueue},
	AccumulatingPriority(3),
	rule{"gcmu", ordered(generalizedCMu)},
}

// fcfs is also a policy of live centres.
var fcfs = rule{queue.PolicyArrival, ordered(arrival)}

// Named finds a policy by its name.
func Named(name string) (Policy, bool) {
	i := slices.IndexFunc(policies, func(p Policy) bool { return p.Name() == name })
	if i < 0 {
		return nil, false
	}
	return policies[i], true
}

// Names lists the policies in the order of routing.md §1, the product's own first.
func Names() []string {
	names := make([]string, len(policies))
	for i, p := range policies {
		names[i] = p.Name()
	}
	return names
}

// Live is the policy a centre's configuration names (Routing.Policy): what the
// daemon calls by and what its consoles show.
type Live struct{}

var _ queue.Picker = Live{}

// Pick returns the ticket the counter takes at the instant now, and the
// reason; false when nobody it may serve waits.
func (Live) Pick(v queue.View, c queue.CounterID, now time.Time) (queue.Choice, bool) {
	return live(v).Pick(v, c, now)
}

// Rank returns the first n choices of the counter, as Policy.Rank.
func (Live) Rank(v queue.View, c queue.CounterID, now time.Time, n int) []queue.Choice {
	return live(v).Rank(v, c, now, n)
}

func live(v queue.View) Policy {
	if byArrival(v) {
		return fcfs
	}
	return HeadStart{}
}

// byArrival reports whether the centre calls in the plain order of arrival.
func byArrival(v queue.View) bool {
	cfg := v.Config()
	return cfg != nil && cfg.Routing.Policy == queue.PolicyArrival
}

// picker chooses among the tickets that are not yet taken.
type picker func(v queue.View, c queue.CounterID, now queue.Stamp, taken []queue.TicketID) (queue.Choice, bool)

// rule is a policy made of its name and its choice.
type rule struct {
	name string
	pick picker
}

func (r rule) Name() string { return r.name }

func (r rule) Pick(v queue.View, c queue.CounterID, now time.Time) (queue.Choice, bool) {
	return r.pick(v, c, queue.StampOf(now), nil)
}

func (r rule) Rank(v queue.View, c queue.CounterID, now time.Time, n int) []queue.Choice {
	var order []queue.Choice
	var taken []queue.TicketID
	for len(order) < n {
		choice, ok := r.pick(v, c, queue.StampOf(now), taken)
		if !ok {
			break
		}
		order = append(order, choice)
		taken = append(taken, choice.Ticket)
	}
	return order
}

// ordered picks the first ticket of an order over all that the counter may call.
func ordered(by order) picker {
	return func(v queue.View, c queue.CounterID, now queue.Stamp, taken []queue.TicketID) (queue.Choice, bool) {
		var h hall
		h.enter(v, c, now, taken, by)
		return h.choose(h.best.t, now)
	}
}

// arrival is the order of "fcfs".
func arrival(_ queue.View, t *queue.Ticket, _ queue.Stamp) place {
	return place{int64(t.Arrival), 1, t.Arrival}
}

// ages is more milliseconds than lie between any two arrivals.
const ages = 1 << 50

// classFirst is the order of "strict": whoever has a class before whoever has
// none, without a guard.
func classFirst(v queue.View, t *queue.Ticket, now queue.Stamp) place {
	p := arrival(v, t, now)
	if t.Class != queue.Normal {
		p.value -= ages
	}
	return p
}

// AccumulatingPriority is "apq": the largest w·b goes first, w the wait and b
// the rate at which a class gathers priority, 1 for normal and the given one
// for every other. Routing.md's is 3.
func AccumulatingPriority(b int64) Policy {
	return rule{"apq", ordered(func(_ queue.View, t *queue.Ticket, now queue.Stamp) place {
		rate := int64(1)
		if t.Class != queue.Normal {
			rate = b
		}
		return place{-int64(now-t.Arrival) * rate, 1, t.Arrival}
	})}
}

// generalizedCMu is the order of "gcmu": the largest (w + .01 min)/(T²·E) goes
// first. T² is 900 or 100; only the ratio matters, so it is taken as 9 or 1.
func generalizedCMu(v queue.View, t *queue.Ticket, now queue.Stamp) place {
	const instant = 600 // ms: .01 min
	target := int64(9)
	if t.Class != queue.Normal {
		target = 1
	}
	return place{-int64(now-t.Arrival) - instant, target * int64(v.Config().Expected(t)), t.Arrival}
}

// pickCategoryList serves the categories in the order of the counter's list,
// and then what was sent to the counter of others.
func pickCategoryList(v queue.View, c queue.CounterID, now queue.Stamp, taken []queue.TicketID) (queue.Choice, bool) {
	var h hall
	h.enter(v, c, now, taken, classFirst)
	if h.best.t == nil {
		return queue.Choice{}, false
	}
	for _, id := range v.Config().Desk(c).Skills {
		for k := range h.heads {
			if t := h.heads[k].t; t != nil && t.Category == id {
				return h.choose(t, now)
			}
		}
	}
	return h.choose(h.best.t, now)
}

// pickLongestQueue serves the category of which most wait for this counter;
// of two as long, the one whose next ticket came earlier.
func pickLongestQueue(v queue.View, c queue.CounterID, now queue.Stamp, taken []queue.TicketID) (queue.Choice, bool) {
	var h hall
	h.enter(v, c, now, taken, classFirst)
	var longest *queue.Ticket
	most := 0
	for k := range h.heads {
		t := h.heads[k].t
		if t != nil && (h.waiting[k] > most || h.waiting[k] == most && earlier(t, longest)) {
			longest, most = t, h.waiting[k]
		}
	}
	return h.choose(longest, now)
}
