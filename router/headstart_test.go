package router_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

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

// TestBound is the promise of routing.md §1: if j is called before i, which
// waits and may be served at that counter, then a_j ≤ a_i − H_i + H_max + D,
// and past the guard a_j ≤ a_i + D. Transfer "first" is exempt.
func TestBound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := queuetest.NewBook(router.HeadStart{})
		cfg := queuetest.Config()
		cfg.Routing.Window = rapid.IntRange(0, 10).Draw(t, "D")
		cfg.Routing.Guard = rapid.SampledFrom([]int{0, 30, 60, 240}).Draw(t, "G")
		cfg.Classes[1].HeadStart = rapid.IntRange(15, 120).Draw(t, "H")
		b.Must(queue.ApplyConfig{Config: cfg})
		b.Must(queue.OpenDay{})
		for _, c := range cfg.Counters {
			b.Must(queue.OpenCounter{Counter: c.ID})
		}
		const minute = queue.Stamp(60_000)
		most := queue.Stamp(cfg.Classes[1].HeadStart) * minute
		window := queue.Stamp(cfg.Routing.Window) * minute
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			b.Pass(time.Duration(rapid.IntRange(0, 900).Draw(t, "pass")) * time.Second)
			for _, c := range []queue.CounterID{"1", "2", "3"} {
				now := queue.StampOf(b.Now)
				choice, ok := router.HeadStart{}.Pick(b.State.View(), c, b.Now)
				if !ok {
					continue
				}
				j := b.State.Ticket(choice.Ticket)
				eligible := b.State.View().Eligible(c)
				if !eligible.Allows(j) {
					t.Fatalf("counter %s got %s, which it may not serve", c, j.Label)
				}
				if j.Front {
					continue
				}
				for i := range b.State.View().EachWaiting {
					if !eligible.Allows(i) {
						continue
					}
					if i.Front {
						t.Fatalf("%s called before %s, which was transferred to the front", j.Label, i.Label)
					}
					own := queue.Stamp(0)
					if i.Class == "priority" {
						own = most
					}
					if j.Arrival > i.Arrival-own+most+window {
						t.Fatalf("%s overtook %s beyond the bound", j.Label, i.Label)
					}
					if g := queue.Stamp(cfg.Routing.Guard) * minute; g > 0 && now > i.Arrival+g && j.Arrival > i.Arrival+window {
						t.Fatalf("%s overtook %s, which waited past the guard", j.Label, i.Label)
					}
				}
			}
			c := queuetest.Command(t, b.State)
			if _, ok := c.(queue.ApplyConfig); !ok { // the promise is that of one configuration
				b.Do(c)
			}
		}
	})
}

// TestRankIsTheOrderOfCalls: what the console shows as next is what happens.
func TestRankIsTheOrderOfCalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := queuetest.OpenBook(router.HeadStart{})
		for range rapid.IntRange(0, 15).Draw(t, "tickets") {
			b.Pass(time.Duration(rapid.IntRange(0, 600).Draw(t, "pass")) * time.Second)
			b.Do(queue.Issue{Category: rapid.SampledFrom([]queue.CategoryID{"A", "B", "R"}).Draw(t, "category"),
				Class: rapid.SampledFrom([]queue.ClassID{"", "priority"}).Draw(t, "class")})
		}
		for i, want := range (router.HeadStart{}).Rank(b.State.View(), "1", b.Now, 5) {
			r := b.Must(queue.CallNext{Counter: "1"})
			got := r[0].Event.(queue.TicketCalled)
			if got.Ticket != want.Ticket || got.Reason != want.Reason {
				t.Fatalf("call %d: got %s %+v, rank said %d %+v", i, got.Label, got.Reason, want.Ticket, want.Reason)
			}
			done(b, "1")
		}
	})
}

func BenchmarkPick(b *testing.B) {
	book := queuetest.OpenBook(router.HeadStart{})
	for i := range 80 {
		book.Pass(30 * time.Second)
		book.Must(queue.Issue{Category: []queue.CategoryID{"A", "B"}[i%2], Class: []queue.ClassID{"", "", "priority"}[i%3]})
	}
	v := book.State.View()
	b.ReportAllocs()
	for b.Loop() {
		router.HeadStart{}.Pick(v, "1", book.Now)
	}
}
