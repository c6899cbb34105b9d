package staff_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/staff"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

func TestSeats(t *testing.T) {
	if got := staff.NewSeats(queue.NewState("e")); len(got) != 0 {
		t.Errorf("without a centre: %v", got)
	}
	b := queuetest.OpenBook(router.HeadStart{})
	for _, k := range []queue.CounterID{"2", "3"} { // an open book opens them all
		b.Must(queue.CloseCounter{Counter: k})
	}
	b.Issue("A")
	b.Issue("B")
	b.Issue("R")
	b.Must(queue.CallNext{Counter: "1"})
	skill := func(id queue.CategoryID) staff.Skill {
		return staff.Skill{Category: id, Name: b.State.Config.Category(id).Name}
	}
	open := b.State.Counter("1").Since
	closed := func(id queue.CounterID) queue.Stamp { return b.State.Counter(id).Since }
	want := []staff.Seat{
		{ID: "1", Number: 1, Point: "main", State: queue.CounterIsOpen, Since: open, Skills: []staff.Skill{skill("A"), skill("B")},
			Label: "A001", TicketState: queue.Called, Waiting: 1},
		{ID: "2", Number: 2, Point: "main", State: queue.CounterIsClosed, Since: closed("2"), Skills: []staff.Skill{skill("B"), skill("R")}, Waiting: 2},
		// Nobody waits at the annex.
		{ID: "3", Number: 1, Point: "annex", State: queue.CounterIsClosed, Since: closed("3"), Skills: []staff.Skill{skill("A"), skill("B")}},
	}
	if d := cmp.Diff(want, staff.NewSeats(b.State)); d != "" {
		t.Error(d)
	}
}
