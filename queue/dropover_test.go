package queue_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// TestDropOver: whatever happened before, who is still here stays as they
// were, nobody else is left, and the next calls are the same.
func TestDropOver(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := queuetest.OpenBook(router.HeadStart{})
		for range rapid.IntRange(1, 80).Draw(t, "steps") {
			b.Pass(time.Duration(rapid.IntRange(0, 90).Draw(t, "pass")) * time.Second)
			b.Do(queuetest.Command(t, b.State))
		}
		whole := b.State.Clone()
		b.State.DropOver()
		if wrong := queuetest.Invariants(b.State); wrong != nil {
			t.Fatal(wrong)
		}
		here := 0
		for i := range whole.Tickets {
			was := &whole.Tickets[i]
			got := b.State.Ticket(was.ID)
			if was.State.Over() {
				if got != nil {
					t.Fatalf("%s is %s and was kept", was.Label, was.State)
				}
				continue
			}
			here++
			if got == nil || got.Label != was.Label || got.State != was.State || got.Arrival != was.Arrival {
				t.Fatalf("%s was %+v, is %+v", was.Label, was, got)
			}
		}
		if here != len(b.State.Tickets) {
			t.Fatalf("%d tickets, want %d", len(b.State.Tickets), here)
		}
		for _, c := range []queue.CounterID{"1", "2", "3"} {
			want, ok := router.HeadStart{}.Pick(whole.View(), c, b.Now)
			got, still := router.HeadStart{}.Pick(b.State.View(), c, b.Now)
			if got != want || ok != still {
				t.Fatalf("counter %s: %+v, before %+v", c, got, want)
			}
		}
	})
}

// TestDropOverBeginsSeriesAnew: a day without end does not run out of numbers.
func TestDropOverBeginsSeriesAnew(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	id := b.Issue("A")
	b.Must(queue.Cancel{Ticket: id})
	b.State.DropOver()
	if got := b.State.Ticket(b.Issue("A")).Label; got != "A001" {
		t.Errorf("the next number is %s, want A001", got)
	}
}
