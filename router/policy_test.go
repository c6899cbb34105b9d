package router_test

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

func TestNames(t *testing.T) {
	want := []string{"headstart", "fcfs", "strict", "category-list", "longest-queue", "apq", "gcmu"}
	if got := router.Names(); !slices.Equal(got, want) {
		t.Errorf("policies %q, want %q", got, want)
	}
	for _, name := range want {
		if p, ok := router.Named(name); !ok || p.Name() != name {
			t.Errorf("policy %q is %v, %t", name, p, ok)
		}
	}
	if p, ok := router.Named("headstart "); ok {
		t.Errorf("there is a policy %v of no such name", p)
	}
}

// TestPolicies holds every policy to its specification wherever a counter
// could press "next" in random centres.
func TestPolicies(t *testing.T) {
	differ := map[string]int{} // choices that are not those of headstart
	rapid.Check(t, func(t *rapid.T) {
		s := newStory(t, drawCentre(t), router.HeadStart{})
		for n := range rapid.IntRange(1, 200).Draw(t, "steps") {
			s.step()
			if n%4 != 0 {
				continue // the specification takes its time
			}
			c := s.counter()
			own, _ := router.HeadStart{}.Pick(s.State.View(), c, s.Now)
			for _, name := range router.Names() {
				p, _ := router.Named(name)
				got, ok := p.Pick(s.State.View(), c, s.Now)
				if want, any := specify(name, s.State, c, queue.StampOf(s.Now)); got.Ticket != want || ok != any {
					t.Fatalf("%s at counter %s takes %d, %t; specified %d, %t", name, c, got.Ticket, ok, want, any)
				}
				if got.Ticket != own.Ticket {
					differ[name]++
				}
			}
		}
	})
	for _, name := range router.Names()[1:] {
		if differ[name] == 0 {
			t.Errorf("%s never chose anything but headstart's choice: the centres are too tame", name)
		}
	}
}

// TestClockFromNowhere: a machine without a clock gives out numbers in 1970
// and calls them in its own year. No policy loses the order over it.
func TestClockFromNowhere(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	for _, c := range []queue.Issue{{Category: "B", Dossiers: 99}, {Category: "A", Dossiers: 98}, {Category: "B", Class: "priority", Dossiers: 99}} {
		b.Must(c)
	}
	for i := range b.State.Tickets {
		b.State.Tickets[i].Arrival = queue.Stamp(i + 1)
	}
	b.Now = time.Date(2099, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, name := range router.Names() {
		p, _ := router.Named(name)
		got, _ := p.Pick(b.State.View(), "1", b.Now)
		if want, _ := specify(name, b.State, "1", queue.StampOf(b.Now)); got.Ticket != want {
			t.Errorf("%s takes %d, specified %d", name, got.Ticket, want)
		}
	}
}

// TestLive: the daemon calls by the rule the centre's configuration names.
func TestLive(t *testing.T) {
	for policy, want := range map[string]string{"": "A002", queue.PolicyHeadStart: "A002", queue.PolicyArrival: "A001"} {
		b := queuetest.NewBook(router.Live{})
		cfg := queuetest.Config()
		cfg.Routing.Policy = policy
		b.Must(queue.ApplyConfig{Config: cfg})
		b.Must(queue.OpenDay{})
		b.Must(queue.OpenCounter{Counter: "1"})
		b.Issue("A")
		b.Pass(time.Minute)
		b.Must(queue.Issue{Category: "A", Class: "priority"})
		// The wall shows the lane in the order of effective arrivals.
		v, first := b.State.View(), b.State.Tickets[0].Label
		if v.Effective(&b.State.Tickets[1], queue.StampOf(b.Now)) < v.Effective(&b.State.Tickets[0], queue.StampOf(b.Now)) {
			first = b.State.Tickets[1].Label
		}
		if first != want {
			t.Errorf("policy %q shows %s on the wall, want %s", policy, first, want)
		}
		if next := (router.Live{}).Rank(b.State.View(), "1", b.Now, 5); len(next) != 2 || b.State.Ticket(next[0].Ticket).Label != want {
			t.Errorf("policy %q shows %v next, want %s", policy, next, want)
		}
		if got, _ := next(b, "1"); got != want {
			t.Errorf("policy %q calls %s, want %s", policy, got, want)
		}
	}
}

// TestRankIsTheOrderOfCalls: what a console shows as next is what happens.
func TestRankIsTheOrderOfCalls(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, _ := router.Named(rapid.SampledFrom(router.Names()).Draw(t, "policy"))
		s := newStory(t, drawCentre(t), p)
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			s.step()
		}
		c := s.counter()
		s.Do(queue.CloseCounter{Counter: c})
		s.Do(queue.OpenCounter{Counter: c})
		if k := s.State.Counter(c); k.State != queue.CounterIsOpen || k.Ticket != 0 {
			t.Skip("the counter is not free")
		}
		ranked := p.Rank(s.State.View(), c, s.Now, 5)
		if got, ok := p.Pick(s.State.View(), c, s.Now); ok != (len(ranked) > 0) || ok && got != ranked[0] {
			t.Fatalf("%s would take %+v and ranks %+v", p.Name(), got, ranked)
		}
		for i, want := range ranked {
			r := s.Must(queue.CallNext{Counter: c})
			got := r[0].Event.(queue.TicketCalled)
			if got.Ticket != want.Ticket || got.Reason != want.Reason {
				t.Fatalf("%s, call %d: got %s %+v, rank said %d %+v", p.Name(), i, got.Label, got.Reason, want.Ticket, want.Reason)
			}
			s.Must(queue.Start{Counter: c, Ticket: got.Ticket})
			s.Must(queue.Finish{Counter: c, Ticket: got.Ticket})
		}
	})
}

// fullHall has 80 waiting tickets that one counter may call.
func fullHall() *queuetest.Book {
	book := queuetest.OpenBook(router.HeadStart{})
	for i := range 80 {
		book.Pass(30 * time.Second)
		book.Must(queue.Issue{Category: []queue.CategoryID{"A", "B"}[i%2], Class: []queue.ClassID{"", "", "priority"}[i%3]})
	}
	return book
}

func TestPickAllocatesNothing(t *testing.T) {
	book := fullHall()
	v := book.State.View()
	for _, name := range router.Names() {
		p, _ := router.Named(name)
		if n := testing.AllocsPerRun(20, func() { p.Pick(v, "1", book.Now) }); n != 0 {
			t.Errorf("%s allocates %v times to pick", name, n)
		}
	}
	if n := testing.AllocsPerRun(20, func() { router.Live{}.Pick(v, "1", book.Now) }); n != 0 {
		t.Errorf("Live allocates %v times to pick", n)
	}
}

func BenchmarkPick(b *testing.B) {
	book := fullHall()
	v := book.State.View()
	for _, name := range router.Names() {
		p, _ := router.Named(name)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p.Pick(v, "1", book.Now)
			}
		})
	}
}
