package routertest_test

import (
	"strings"
	"testing"
	"time"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
	"motcua/router/routertest"
)

// last is a rule that breaks every promise: the last to come goes first.
type last struct{}

func (last) Pick(v queue.View, c queue.CounterID, _ time.Time) (queue.Choice, bool) {
	var x *queue.Ticket
	for t := range v.EachWaiting {
		if v.Eligible(c).Allows(t) {
			x = t
		}
	}
	if x == nil {
		return queue.Choice{}, false
	}
	return queue.Choice{Ticket: x.ID, Reason: queue.Reason{Code: queue.ByArrival}}, true
}

// TestBound: two tickets, the second of them called first, in every way the
// promise forbids and in those it permits.
func TestBound(t *testing.T) {
	for _, c := range []struct {
		name  string
		later time.Duration // the second one comes so long after the first
		then  time.Duration // and is called so long after that
		class queue.ClassID // of the second
		mine  queue.ClassID // of the first
		other queue.CategoryID
		edit  func(*queue.Routing)
		want  string // part of the complaint; empty: permitted
	}{
		{name: "priority within its head start", later: 50 * time.Minute, class: "priority"},
		{name: "priority at the bound", later: 65 * time.Minute, class: "priority", edit: func(r *queue.Routing) { r.Guard = 0 }},
		{name: "priority beyond the bound", later: 65*time.Minute + time.Millisecond, class: "priority", edit: func(r *queue.Routing) { r.Guard = 0 }, want: "1h5m0s is the bound"},
		{name: "priority over one who waited past the guard", later: 50 * time.Minute, then: 11 * time.Minute, class: "priority", want: "has waited 1h1m0s"},
		{name: "within the window, past the guard", later: 5 * time.Minute, then: time.Hour, class: "priority"},
		{name: "normal within priority's head start, another category", later: 50 * time.Minute, other: "B"},
		{name: "normal over priority beyond the window", later: 6 * time.Minute, mine: "priority", want: "5m0s is the bound"},
		{name: "same category and class", later: time.Minute, want: "same category and class"},
		{name: "by arrival", later: time.Millisecond, class: "priority", edit: func(r *queue.Routing) { r.Policy = queue.PolicyArrival }, want: "0s is the bound"},
	} {
		t.Run(c.name, func(t *testing.T) {
			bound := &routertest.Bound{Picker: last{}}
			b := queuetest.NewBook(bound)
			cfg := queuetest.Config()
			if c.edit != nil {
				c.edit(&cfg.Routing)
			}
			b.Must(queue.ApplyConfig{Config: cfg})
			b.Must(queue.OpenDay{})
			b.Must(queue.OpenCounter{Counter: "1"})
			b.Must(queue.Issue{Category: "A", Class: c.mine})
			b.Pass(c.later)
			if c.other == "" {
				c.other = "A"
			}
			b.Must(queue.Issue{Category: c.other, Class: c.class})
			b.Pass(c.then)
			before := b.State.Clone()
			called := b.Must(queue.CallNext{Counter: "1"})[0].Event.(queue.TicketCalled)
			if got := bound.First; (got != "") != (c.want != "") || !strings.Contains(got, c.want) || bound.Calls != 1 || bound.Passed != 1 {
				t.Errorf("complaint %q about %d calls, want %q about one", got, bound.Calls, c.want)
			}
			if got := (&routertest.Bound{}).Observe(before.View(), called, b.Now); got != bound.First {
				t.Errorf("of the event it says %q, of the choice %q", got, bound.First)
			}
		})
	}
}

// TestBoundOfEligibility: a call no counter may make, and the exemptions that
// must be earned.
func TestBoundOfEligibility(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	a := b.Issue("A")
	b.Pass(time.Minute)
	front := b.Issue("B")
	b.Must(queue.Transfer{Ticket: front, ToCategory: "B", Mode: queue.First})
	byHand := queue.Reason{Code: queue.ByHand, Cause: queue.CallOther}
	transferred := queue.Reason{Code: queue.ByHand, Cause: queue.CallTransferred}
	for _, c := range []struct {
		counter queue.CounterID
		ticket  queue.TicketID
		reason  queue.Reason
		want    string
	}{
		{"1", front, transferred, ""},
		{"1", a, byHand, ""},
		{"1", a, transferred, "was not"},
		{"1", a, queue.Reason{Code: queue.ByArrival}, "transferred to the front"},
		{"2", a, queue.Reason{Code: queue.ByArrival}, "counter 2 called A001"},
		{"3", a, queue.Reason{Code: queue.ByArrival}, "counter 3 called A001"},
		{"1", 999, queue.Reason{Code: queue.ByArrival}, "which there is not"},
	} {
		got := new(routertest.Bound).Observe(b.State.View(), queue.TicketCalled{Ticket: c.ticket, Counter: c.counter, Reason: c.reason}, b.Now)
		if (got != "") != (c.want != "") || !strings.Contains(got, c.want) {
			t.Errorf("ticket %d at counter %s, %s: %q, want %q", c.ticket, c.counter, c.reason.Code, got, c.want)
		}
	}
	b.Must(queue.Transfer{Ticket: a, ToCounter: "2"})
	got := new(routertest.Bound).Observe(b.State.View(), queue.TicketCalled{Ticket: a, Counter: "1", Reason: queue.Reason{Code: queue.ByArrival}}, b.Now)
	if !strings.Contains(got, `bound to "2"`) {
		t.Errorf("a ticket sent to counter 2, called by 1: %q", got)
	}
}
