package router_test

import (
	"testing"
	"time"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// next calls the next ticket at counter 1 and returns its label and reason.
func next(b *queuetest.Book, c queue.CounterID) (string, queue.Reason) {
	r := b.Must(queue.CallNext{Counter: c})
	e := r[len(r)-1].Event.(queue.TicketCalled)
	return e.Label, e.Reason
}

func issue(b *queuetest.Book, c queue.Command) queue.TicketID {
	return queue.TicketID(b.Must(c)[0].Seq)
}

// done frees a counter.
func done(b *queuetest.Book, c queue.CounterID) {
	id := b.State.Counter(c).Ticket
	b.Must(queue.Start{Counter: c, Ticket: id})
	b.Must(queue.Finish{Counter: c, Ticket: id})
}

func TestReasons(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	issue(b, queue.Issue{Category: "B"}) // B001, 12 min
	b.Pass(4 * time.Minute)
	issue(b, queue.Issue{Category: "A"}) // A001, 6 min, within the window of 5
	if l, r := next(b, "1"); l != "A001" || r.Code != queue.ByShorter || r.Other != "B001" || r.Expected != 6 || r.OtherMin != 12 {
		t.Errorf("shorter: %s %+v", l, r)
	}
	done(b, "1")
	if l, r := next(b, "1"); l != "B001" || r.Code != queue.ByArrival {
		t.Errorf("first: %s %+v", l, r)
	}
	done(b, "1")

	issue(b, queue.Issue{Category: "A"}) // A002
	b.Pass(50 * time.Minute)
	issue(b, queue.Issue{Category: "A", Class: "priority"}) // A003 counts 10 min before A002
	if l, r := next(b, "1"); l != "A003" || r.Code != queue.ByPriority || r.HeadStart != 60 || r.Other != "A002" {
		t.Errorf("priority: %s %+v", l, r)
	}
	done(b, "1")
	b.Pass(15 * time.Minute) // A002 has waited 65 min and counts like priority
	issue(b, queue.Issue{Category: "A", Class: "priority"})
	if l, r := next(b, "1"); l != "A002" || r.Code != queue.ByArrival {
		t.Errorf("past the guard: %s %+v", l, r)
	}
	done(b, "1")
	done2 := issue(b, queue.Issue{Category: "B"})
	b.Must(queue.Transfer{Ticket: done2, ToCategory: "A", Mode: queue.First})
	if l, r := next(b, "1"); l != "B002" || r.Code != queue.ByHand || r.Cause != queue.CallTransferred {
		t.Errorf("transferred first: %s %+v", l, r)
	}
	done(b, "1")
	if l, r := next(b, "1"); l != "A004" || r.Code != queue.ByArrival {
		t.Errorf("last: %s %+v", l, r)
	}
	b.Pass(time.Minute)
	id := b.State.Counter("1").Ticket
	b.Must(queue.NoShow{Counter: "1", Ticket: id})
	b.Must(queue.Reactivate{Ticket: id})
	if l, r := next(b, "1"); l != "A004" || r.Code != queue.ByReturn {
		t.Errorf("returned: %s %+v", l, r)
	}
}

// TestBoundToOneCounter: a ticket sent to counter 2 waits for it alone, until it closes.
func TestBoundToOneCounter(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	id := b.Issue("A")
	b.Must(queue.Transfer{Ticket: id, ToCounter: "2"})
	if _, ok := (router.HeadStart{}).Pick(b.State.View(), "1", b.Now); ok {
		t.Error("counter 1 may take a ticket bound to counter 2")
	}
	if c, ok := (router.HeadStart{}).Pick(b.State.View(), "2", b.Now); !ok || c.Ticket != id {
		t.Error("counter 2 may not take the ticket bound to it, which it has no skill for")
	}
	b.Must(queue.CloseCounter{Counter: "2"})
	if c, ok := (router.HeadStart{}).Pick(b.State.View(), "1", b.Now); !ok || c.Ticket != id {
		t.Error("counter 1 may not take it after counter 2 closed")
	}
}
