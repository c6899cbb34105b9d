package sim_test

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/sim"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// last takes whoever came last: a policy unlike the product's.
type last struct{}

func (last) Pick(v queue.View, c queue.CounterID, now time.Time) (queue.Choice, bool) {
	var found *queue.Ticket
	for t := range v.EachWaiting {
		if v.Eligible(c).Allows(t) {
			found = t
		}
	}
	if found == nil {
		return queue.Choice{}, false
	}
	return queue.Choice{Ticket: found.ID}, true
}

func endless(p queue.Picker, seed uint64) sim.Endless {
	return sim.Endless{Config: queuetest.Config(), Picker: p, Seed: seed, Customers: 5000, Flows: []sim.Flow{
		{Category: "A", Class: queue.Normal, Between: 5 * time.Minute, Service: 4 * time.Minute},
		{Category: "B", Class: "priority", Between: 9 * time.Minute, Service: 6 * time.Minute},
	}}
}

func run(t *testing.T, e sim.Endless) []sim.Batch {
	t.Helper()
	batches, err := e.Run()
	if err != nil {
		t.Fatal(err)
	}
	return batches
}

// TestPolicyMovesNoDraw: under every policy the same citizens come at the same
// moments and need the same time, and only who waits differs.
func TestPolicyMovesNoDraw(t *testing.T) {
	ours, other := run(t, endless(router.HeadStart{}, 7)), run(t, endless(last{}, 7))
	if len(ours) != 20 {
		t.Fatalf("%d batches", len(ours))
	}
	all := 0
	for i := range ours {
		if d := cmp.Diff(ours[i].Citizens, other[i].Citizens); d != "" {
			t.Errorf("batch %d: %s", i, d)
		}
		all += ours[i].Citizens[0] + ours[i].Citizens[1]
	}
	if all != 4900 {
		t.Errorf("%d citizens count, want all but the 100 of the warm-up", all)
	}
	if cmp.Equal(ours, other) {
		t.Error("the policy makes no difference to anybody")
	}
	if d := cmp.Diff(ours, run(t, endless(router.HeadStart{}, 7))); d != "" {
		t.Errorf("the same seed gives another day: %s", d)
	}
	if cmp.Equal(ours, run(t, endless(router.HeadStart{}, 8))) {
		t.Error("another seed gives the same day")
	}
}

// TestStream: uniform, exponential and small whole numbers have the means and
// spreads they should, also across streams of neighbouring keys.
func TestStream(t *testing.T) {
	const n = 200_000
	sum, squares, exp, die := 0.0, 0.0, 0.0, 0.0
	for i := range uint64(n) {
		s := sim.NewStream(1, sim.Services, i)
		u := s.Uniform()
		if u <= 0 || u > 1 {
			t.Fatalf("%v is not in (0, 1]", u)
		}
		sum, squares = sum+u, squares+u*u
		exp += s.Exp(3)
		die += float64(s.Below(6))
	}
	for _, c := range []struct {
		name            string
		got, want, most float64 // most: five standard errors
	}{
		{"mean", sum / n, .5, 5 * math.Sqrt(1./12/n)},
		{"square", squares / n, 1. / 3, 5 * math.Sqrt(4./45/n)},
		{"exponential", exp / n, 3, 5 * 3 / math.Sqrt(n)},
		{"die", die / n, 2.5, 5 * math.Sqrt(35./12/n)},
	} {
		if math.Abs(c.got-c.want) > c.most {
			t.Errorf("%s: %v, want %v ± %v", c.name, c.got, c.want, c.most)
		}
	}
	a, b := sim.NewStream(1, sim.Services, 5), sim.NewStream(1, sim.Arrivals, 5)
	if a.Uniform() == b.Uniform() {
		t.Error("two purposes share a stream")
	}
}

func TestOver(t *testing.T) {
	batches := []sim.Batch{
		{Citizens: []int{2}, Late: []int{1}, Wait: []time.Duration{2 * time.Minute}},
		{Citizens: []int{2}, Late: []int{2}, Wait: []time.Duration{6 * time.Minute}},
	}
	if got := sim.Over(batches, func(b sim.Batch) float64 { return b.Mean(0).Minutes() }); got != (sim.Estimate{Mean: 2, Err: 1}) {
		t.Errorf("wait %+v", got)
	}
	if got := sim.Over(batches, sim.Batch.LateShare); got != (sim.Estimate{Mean: .75, Err: .25}) {
		t.Errorf("share %+v", got)
	}
}

// TestHall: what is put on the agenda happens in its order, at its instant.
func TestHall(t *testing.T) {
	h, err := sim.NewHall(queuetest.Morning, queuetest.Config(), router.HeadStart{})
	if err != nil {
		t.Fatal(err)
	}
	var events []string
	h.Watch = func(e queue.Event) error {
		if e, ok := e.(queue.TicketIssued); ok && h.State.Ticket(queue.TicketID(h.State.Pos.Seq+1)) != nil {
			t.Errorf("%s is there before its event", e.Label)
		}
		events = append(events, e.EventType())
		return nil
	}
	at := func(minutes int) queue.Stamp {
		return queue.StampOf(queuetest.Morning.Add(time.Duration(minutes) * time.Minute))
	}
	var id queue.TicketID
	h.At(at(9), func() error {
		_, err := h.Do(queue.Finish{Counter: "1", Ticket: id})
		return err
	})
	h.At(at(2), func() error {
		if _, err := h.Do(queue.Issue{Category: "A"}); err != nil {
			return err
		}
		id = queue.TicketID(h.State.Pos.Seq)
		if c, ok := h.Free(h.State.Ticket(id)); ok {
			t.Errorf("counter %s is closed and free", c)
		}
		h.At(at(4), func() error {
			if _, err := h.Do(queue.OpenCounter{Counter: "1"}); err != nil {
				return err
			}
			c, ok := h.Free(h.State.Ticket(id))
			if !ok || c != "1" {
				t.Errorf("counter %q is free, want 1", c)
			}
			called, err := h.Do(queue.CallNext{Counter: c})
			if call, ok := sim.Called(called); !ok || call.Ticket != id || err != nil {
				t.Errorf("called %+v, %v", called, err)
			}
			_, err = h.Do(queue.Start{Counter: c, Ticket: id})
			return err
		})
		return nil
	})
	if err := h.Run(); err != nil {
		t.Fatal(err)
	}
	want := []string{"ticket.issued.v1", "counter.opened.v1", "ticket.called.v1", "ticket.started.v1", "ticket.finished.v1"}
	if d := cmp.Diff(want, events); d != "" {
		t.Error(d)
	}
	if x := h.State.Ticket(id); x.Issued != at(2) || x.FirstCall != at(4) || x.Since != at(9) || h.Now() != at(9) {
		t.Errorf("%+v", x)
	}
	var refusal *queue.Error
	if _, err := h.Do(queue.Issue{Category: "Z"}); !errors.As(err, &refusal) || refusal.Code != queue.NotFound {
		t.Errorf("an unknown category: %v", err)
	}
}
