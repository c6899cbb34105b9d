package routertest

import (
	"fmt"
	"slices"
	"time"

	"motcua/queue"
)

// Bound checks calls against the promise of routing.md §1. If j is called
// before i, which waits and may be served at that counter, then
//
//	a_j ≤ a_i − H_i + H_max + D
//	a_j ≤ a_i + D                   once i has waited past the guard
//	(a_j, id) < (a_i, id)           in one category and class
//
// with D and every H = 0 where the centre calls by arrival. Who was
// transferred to the front goes before all others. What is called by hand is
// exempt.
//
// The zero Bound is ready for use. Given a Picker it is one too, which checks
// each choice it passes on.
type Bound struct {
	Picker queue.Picker

	Calls  int    // checked
	Exempt int    // of these, by hand
	Passed int    // pairs of a called ticket and one that went on waiting
	Later  int    // of these, the called one came later
	Broken int    // calls that broke the promise
	First  string // what was wrong with the first of them
}

var _ queue.Picker = (*Bound)(nil)

// Pick asks the Picker and checks its choice.
func (b *Bound) Pick(v queue.View, c queue.CounterID, now time.Time) (queue.Choice, bool) {
	choice, ok := b.Picker.Pick(v, c, now)
	if ok {
		b.check(v, c, choice, now)
	}
	return choice, ok
}

// Observe checks a call that was made at the instant now: before is the state
// it was made in. It returns what is wrong, or "".
func (b *Bound) Observe(before queue.View, call queue.TicketCalled, now time.Time) string {
	return b.check(before, call.Counter, queue.Choice{Ticket: call.Ticket, Reason: call.Reason}, now)
}

func (b *Bound) check(v queue.View, c queue.CounterID, choice queue.Choice, now time.Time) string {
	b.Calls++
	wrong := b.broken(v, c, choice, now)
	if wrong != "" {
		b.Broken++
		if b.First == "" {
			b.First = wrong
		}
	}
	return wrong
}

func (b *Bound) broken(v queue.View, c queue.CounterID, choice queue.Choice, now time.Time) string {
	cfg := v.Config()
	j := v.Ticket(choice.Ticket)
	if j == nil {
		return fmt.Sprintf("counter %s called ticket %d, which there is not", c, choice.Ticket)
	}
	if choice.Reason.Code == queue.ByHand {
		b.Exempt++
		if choice.Reason.Cause == queue.CallTransferred && !j.Front {
			return fmt.Sprintf("%s was called as transferred to the front, and was not", j.Label)
		}
		return ""
	}
	if j.State != queue.Waiting || !mayCall(cfg, c, j) {
		return fmt.Sprintf("counter %s called %s, which is %s in category %s at %s, bound to %q", c, j.Label, j.State, j.Category, j.Point, j.Bound)
	}
	window, guard := minutes(cfg.Routing.Window), minutes(cfg.Routing.Guard)
	classes := cfg.Classes
	if cfg.Routing.Policy == queue.PolicyArrival {
		window, guard, classes = 0, 0, nil
	}
	var highest time.Duration
	for _, k := range classes {
		highest = max(highest, minutes(k.HeadStart))
	}
	for i := range v.EachWaiting {
		if i.ID == j.ID || !mayCall(cfg, c, i) {
			continue
		}
		b.Passed++
		later := j.Arrival.Sub(i.Arrival)
		if later > 0 {
			b.Later++
		}
		var own time.Duration
		if k := slices.IndexFunc(classes, func(x queue.Class) bool { return x.ID == i.Class }); k >= 0 {
			own = minutes(classes[k].HeadStart)
		}
		waited := queue.StampOf(now).Sub(i.Arrival)
		switch {
		case i.Front:
			return fmt.Sprintf("%s was called before %s, which was transferred to the front", j.Label, i.Label)
		case later > highest-own+window:
			return fmt.Sprintf("%s came %v after %s and was called before it: %v is the bound", j.Label, later, i.Label, highest-own+window)
		case guard > 0 && waited > guard && later > window:
			return fmt.Sprintf("%s came %v after %s and was called before it, which has waited %v", j.Label, later, i.Label, waited)
		case j.Category == i.Category && j.Class == i.Class && (later > 0 || later == 0 && j.ID > i.ID):
			return fmt.Sprintf("%s came after %s, of the same category and class, and was called before it", j.Label, i.Label)
		}
	}
	return ""
}

// mayCall is domain.md §3 in its own words: the counter of that point that
// serves the category, or still does so for tickets of a changed centre, or
// the one counter the ticket was sent to.
func mayCall(cfg *queue.Config, c queue.CounterID, t *queue.Ticket) bool {
	d := cfg.Desk(c)
	if d == nil || d.Point != t.Point {
		return false
	}
	if t.Bound != "" {
		return t.Bound == c
	}
	return !d.Draining && slices.Contains(d.Skills, t.Category) || slices.Contains(d.Drains, t.Category)
}

func minutes(n int) time.Duration { return time.Duration(n) * time.Minute }
