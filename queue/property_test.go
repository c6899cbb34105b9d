package queue_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// TestInvariants throws random commands at a centre. After each, nothing may
// be lost, doubled or in two places; a refusal is typed and changes nothing;
// and the journal replayed gives the live state, byte for byte.
func TestInvariants(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := queuetest.OpenBook(router.HeadStart{})
		issued := map[queue.TicketID]string{}
		labels := map[string]bool{}
		for range rapid.IntRange(1, 120).Draw(t, "steps") {
			b.Pass(time.Duration(rapid.SampledFrom([]int{0, 1, 5, 25, 70, 1200, 7200, 40000}).Draw(t, "pass")) * time.Second)
			b.Role = rapid.SampledFrom([]queue.Role{queue.Supervisor, queue.Officer, queue.Kiosk, queue.Greeter}).Draw(t, "role")
			before, _ := b.State.Snapshot()
			cmd := queuetest.Command(t, b.State)
			records, err := b.Do(cmd)
			after, _ := b.State.Snapshot()
			if err != nil {
				var refusal *queue.Error
				if !errors.As(err, &refusal) || refusal.Code == queue.Internal || refusal.Msg == "" || refusal.Hint == "" {
					t.Fatalf("%#v: refusal is not whole: %v", cmd, err)
				}
				if !bytes.Equal(before, after) {
					t.Fatalf("%#v was refused and changed the state", cmd)
				}
				continue
			}
			for _, r := range records {
				if e, ok := r.Event.(queue.TicketIssued); ok {
					key := string(e.Point) + string(e.Day) + e.Label
					if labels[key] {
						t.Fatalf("label %s given twice", key)
					}
					labels[key], issued[queue.TicketID(r.Seq)] = true, e.Label
				}
				switch e := r.Event.(type) {
				case queue.RollTakenBack:
					for _, id := range e.Tickets {
						delete(issued, id)
					}
				case queue.TicketReissued:
					issued[e.Ticket] = e.Issued.Label
				}
				if e, ok := r.Event.(queue.DayOpened); ok && len(b.State.Tickets) == 0 {
					_ = e
					clear(issued)
				}
			}
			if wrong := queuetest.Invariants(b.State); wrong != nil {
				t.Fatalf("after %#v: %q", cmd, wrong)
			}
			if len(b.State.Tickets) != len(issued) {
				t.Fatalf("after %#v: %d tickets issued today, %d in the state", cmd, len(issued), len(b.State.Tickets))
			}
		}
		live, err := b.State.Snapshot()
		if err != nil {
			t.Fatal(err)
		}
		replayed, err := queuetest.Replay("test", b.Records)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := replayed.Snapshot()
		if !bytes.Equal(live, again) {
			t.Fatalf("replay differs from live:\n%s\n%s", live, again)
		}
		restored, err := queue.Restore(live)
		if err != nil {
			t.Fatal(err)
		}
		// A restored and a cloned state must decide as the live one does, derived indexes included.
		for _, s := range []*queue.State{restored, b.State.Clone()} {
			for _, c := range []queue.CounterID{"1", "2", "3"} {
				want, wok := router.HeadStart{}.Pick(b.State.View(), c, b.Now)
				got, gok := router.HeadStart{}.Pick(s.View(), c, b.Now)
				if want != got || wok != gok {
					t.Fatalf("counter %s: copy picks %+v, live %+v", c, got, want)
				}
			}
		}
	})
}

// TestClone shows that a clone shares nothing that changes.
func TestClone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := queuetest.OpenBook(router.HeadStart{})
		step := func(n int) {
			for range n {
				b.Pass(30 * time.Second)
				b.Do(queuetest.Command(t, b.State))
			}
		}
		step(rapid.IntRange(0, 40).Draw(t, "before"))
		clone := b.State.Clone()
		want, _ := clone.Snapshot()
		step(rapid.IntRange(1, 40).Draw(t, "after"))
		got, _ := clone.Snapshot()
		if !bytes.Equal(want, got) {
			t.Fatal("the clone changed with the original")
		}
	})
}
