package staff_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/staff"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

func desk(t *testing.T, b *queuetest.Book, c queue.CounterID) staff.Desk {
	t.Helper()
	d, ok := staff.NewDesk(b.State, c, router.HeadStart{}, b.Now)
	if !ok {
		t.Fatalf("no desk for counter %s", c)
	}
	return d
}

func labels(tickets []staff.Ticket) []string {
	list := []string{}
	for _, t := range tickets {
		list = append(list, t.Label)
	}
	return list
}

func TestDeskOfAMorning(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	a1 := b.Issue("A")
	b.Issue("B")
	a2 := b.Issue("A")
	b.Must(queue.Issue{Category: "A", Class: "priority", Dossiers: 3})
	d := desk(t, b, "1")
	if d.Current != nil || d.Counter.Number != 1 || d.Counter.State != queue.CounterIsOpen {
		t.Errorf("idle: %+v", d.Counter)
	}
	var next []string
	for _, c := range d.Next {
		next = append(next, c.Label+" "+string(c.Why.Code))
	}
	if diff := cmp.Diff([]string{"A003 priority", "A001 first", "A002 shorter", "B001 first"}, next); diff != "" {
		t.Errorf("next (-want +got):\n%s", diff)
	}
	if d.Next[0].Dossiers != 3 || d.Next[0].ClassName["vi"] != "Ưu tiên" {
		t.Errorf("priority candidate: %+v", d.Next[0])
	}
	if !d.Lanes[0].Mine || d.Lanes[0].Waiting != 3 || d.Lanes[2].Mine {
		t.Errorf("lanes: %+v", d.Lanes)
	}

	b.Must(queue.CallTicket{Counter: "1", Ticket: a1, Reason: queue.CallOther})
	if d := desk(t, b, "1"); d.Current == nil || d.Current.Label != "A001" || d.Current.Calls != 1 {
		t.Errorf("current: %+v", d.Current)
	}
	b.Must(queue.Park{Counter: "1", Ticket: a1})
	b.Must(queue.CallTicket{Counter: "2", Ticket: a2, Reason: queue.CallOther})
	b.Pass(time.Minute)
	b.Must(queue.NoShow{Counter: "2", Ticket: a2})
	b.Must(queue.SlipMoved{Ticket: a1, To: queue.SlipIsUnknown})
	d = desk(t, b, "2")
	if diff := cmp.Diff([][]string{{"A001"}, {"A002"}, {"A001"}}, [][]string{labels(d.Parked), labels(d.Missed), labels(d.Slips)}); diff != "" {
		t.Errorf("parked, missed, slips (-want +got):\n%s", diff)
	}
	if !d.Missed[0].Returnable || d.Parked[0].Counter != 1 {
		t.Errorf("missed %+v, parked %+v", d.Missed[0], d.Parked[0])
	}
}

// TestTargetsAreReachable: everything a console offers to transfer to is accepted.
func TestTargetsAreReachable(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.Must(queue.CloseCounter{Counter: "2"})
	for _, target := range desk(t, b, "1").Targets {
		id := b.Issue("A")
		if _, err := b.Do(queue.Transfer{Ticket: id, ToCategory: target.Category, ToCounter: target.Counter}); err != nil {
			t.Errorf("%+v is offered and refused: %v", target, err)
		}
	}
	for _, target := range desk(t, b, "1").Targets {
		if target.Category == "R" || target.Counter == "2" || target.Counter == "3" {
			t.Errorf("%+v is offered: closed, or of another point", target)
		}
	}
}

func TestNoSuchCounter(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	if _, ok := staff.NewDesk(b.State, "9", router.HeadStart{}, b.Now); ok {
		t.Error("a desk for a counter there is not")
	}
}
