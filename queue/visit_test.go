package queue_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"motcua/queue"
	"motcua/queue/queuetest"
)

// serve calls the next ticket at a counter, serves it for some minutes and
// finishes it; it returns the ticket.
func serve(t *testing.T, b *queuetest.Book, c queue.CounterID, minutes int, outcome queue.Outcome) queue.TicketID {
	t.Helper()
	b.Must(queue.CallNext{Counter: c})
	id := b.State.Counter(c).Ticket
	b.Pass(30 * time.Second)
	b.Must(queue.Start{Counter: c, Ticket: id})
	b.Pass(time.Duration(minutes) * time.Minute)
	b.Must(queue.Finish{Counter: c, Ticket: id, Outcome: outcome})
	return id
}

// TestVisit: one number on paper through three services, each with a wait and
// a service time of its own, and the seniority of the first arrival.
func TestVisit(t *testing.T) {
	cfg := queuetest.Config()
	cfg.Categories[0].Then = []queue.CategoryID{"B", "R"}
	cfg.Series[0].AcrossPoints = true // R is served in the main hall alone
	b := opened(cfg)
	id := b.Issue("A")
	issued := b.State.Ticket(id).Issued
	b.Pass(10 * time.Minute)
	later := b.Issue("B")
	serve(t, b, "1", 5, queue.Done)
	x := b.State.Ticket(id)
	if x.State != queue.Waiting || x.Category != "B" || x.Arrival != issued || x.Label != "A001" || !slices.Equal(x.Next, []queue.CategoryID{"R"}) {
		t.Fatalf("after the first leg: %+v", x)
	}
	b.Pass(2 * time.Minute)
	if got := serve(t, b, "2", 7, queue.Done); got != id {
		t.Fatalf("%d was called before %d, which came first", got, id)
	}
	b.Pass(3 * time.Minute)
	// Ticket `later` goes first now: the visit waits for results alone.
	b.Must(queue.CallTicket{Counter: "1", Ticket: later, Reason: queue.CallOther})
	serve(t, b, "2", 1, queue.Done)
	x = b.State.Ticket(id)
	if x.State != queue.Finished || len(x.Past) != 2 || len(x.Next) != 0 {
		t.Fatalf("at the end: %+v", x)
	}
	for i, want := range []struct {
		category     queue.CategoryID
		wait, served time.Duration
	}{{"A", 10 * time.Minute, 5 * time.Minute}, {"B", 2 * time.Minute, 7 * time.Minute}} {
		l := x.Past[i]
		if l.Category != want.category || l.FirstCall.Sub(l.Since) != want.wait || l.Served.Sub(0) != want.served || l.Outcome != queue.Done {
			t.Errorf("leg %d: %+v, want %+v", i, l, want)
		}
	}
	if x.FirstCall.Sub(x.LegSince) != 3*time.Minute || x.Served.Sub(0) != time.Minute {
		t.Errorf("last leg: wait %v, served %v", x.FirstCall.Sub(x.LegSince), x.Served)
	}
	if n := b.State.Counter("2").Served; n != 2 {
		t.Errorf("counter 2 served %d, want 2", n)
	}
}

// TestVisitEnds: a service that is not done leads to no further one; a plan
// may be changed on the way; a leg taken out of the centre is passed over.
func TestVisitEnds(t *testing.T) {
	b := opened(queuetest.Config())
	visit := func(legs ...queue.CategoryID) queue.TicketID {
		return queue.TicketID(b.Must(queue.Issue{Category: "A", Legs: legs})[0].Seq)
	}
	state := func(id queue.TicketID) queue.TicketState { return b.State.Ticket(id).State }

	id := visit("B")
	serve(t, b, "1", 1, queue.PapersMissing)
	if state(id) != queue.Finished {
		t.Errorf("papers missing: %s", state(id))
	}
	id = visit("B", "R")
	b.Must(queue.PlanLegs{Ticket: id})
	serve(t, b, "1", 1, queue.Done)
	if state(id) != queue.Finished {
		t.Errorf("with the plan emptied: %s", state(id))
	}
	id = visit("R", "B")
	cfg := queuetest.Config()
	cfg.Categories = cfg.Categories[:2]
	cfg.Counters[1].Skills = []queue.CategoryID{"B"}
	b.Must(queue.ApplyConfig{Config: cfg})
	serve(t, b, "1", 1, queue.Done)
	if x := b.State.Ticket(id); x.State != queue.Waiting || x.Category != "B" {
		t.Errorf("past a leg that is gone: %s for %s", x.State, x.Category)
	}
	refused(t, b, queue.PlanLegs{Ticket: id, Legs: []queue.CategoryID{"R"}}, queue.NotFound, queue.WhyCategoryUnknown)
	refused(t, b, queue.Issue{Category: "A", Point: "annex", Legs: []queue.CategoryID{"A", "A", "A", "A", "A", "A", "A"}}, queue.Invalid, queue.WhyBadField)
	b.Role = queue.Kiosk
	refused(t, b, queue.Issue{Category: "A", Legs: []queue.CategoryID{"B"}}, queue.Denied, queue.WhyClassByStaff)
}

// TestVisitThroughTwoHalls: a leg in another hall is possible only when the
// label is unique in both.
func TestVisitThroughTwoHalls(t *testing.T) {
	cfg := queuetest.Config()
	b := opened(cfg)
	refused(t, b, queue.Issue{Category: "A", Point: "annex", Legs: []queue.CategoryID{"R"}}, queue.Closed, queue.WhyCategoryClosed)

	cfg = queuetest.Config()
	for i := range cfg.Series {
		cfg.Series[i].AcrossPoints = true
	}
	b = opened(cfg)
	main, annex := b.Issue("A"), queue.TicketID(b.Must(queue.Issue{Category: "A", Point: "annex", Legs: []queue.CategoryID{"R"}})[0].Seq)
	if m, a := b.State.Ticket(main).Label, b.State.Ticket(annex).Label; m != "A001" || a != "A002" {
		t.Errorf("labels %s and %s, want one run through both halls", m, a)
	}
	serve(t, b, "3", 1, queue.Done)
	if x := b.State.Ticket(annex); x.Point != "main" || x.State != queue.Waiting {
		t.Errorf("the leg waits at %s, %s", x.Point, x.State)
	}
	if got := serve(t, b, "2", 1, queue.Done); got != annex {
		t.Errorf("counter 2 called %d", got)
	}
	// And by hand, to a counter there.
	third := b.Issue("A")
	b.Must(queue.Transfer{Ticket: third, ToCounter: "3"})
	if x := b.State.Ticket(third); x.Point != "annex" || x.Bound != "3" {
		t.Errorf("transferred to %s at %s", x.Bound, x.Point)
	}
}

// TestWalkDirect: no slip, no call, a label, and service at once.
func TestWalkDirect(t *testing.T) {
	b := opened(queuetest.Config())
	b.Issue("A")
	b.Role = queue.Officer
	r := b.Must(queue.WalkDirect{Counter: "1", Category: "A", Dossiers: 12})
	id := queue.TicketID(r[0].Seq)
	x := b.State.Ticket(id)
	if x.Label != "A002" || x.State != queue.Serving || x.Slip != queue.SlipNone || x.Counter != "1" || len(b.State.Calls) != 0 || x.FirstCall != x.Issued {
		t.Fatalf("%+v", x)
	}
	refused(t, b, queue.WalkDirect{Counter: "1", Category: "A"}, queue.Conflict, queue.WhyCounterBusy)
	b.Must(queue.Undo{Counter: "1"})
	if x := b.State.Ticket(id); x.State != queue.Cancelled || b.State.Counter("1").Ticket != 0 {
		t.Errorf("undone: %s", x.State)
	}
	refused(t, b, queue.WalkDirect{Counter: "2", Category: "Z"}, queue.NotFound, queue.WhyCategoryUnknown)
	refused(t, b, queue.WalkDirect{Counter: "3", Category: "R"}, queue.Closed, queue.WhyOtherPoint)
	if wrong := queuetest.Invariants(b.State); wrong != nil {
		t.Error(wrong)
	}
}

// TestClaim: what is claimed at a button counts only once somebody has seen a card.
func TestClaim(t *testing.T) {
	cfg := queuetest.Config()
	b := opened(cfg)
	b.Role = queue.Kiosk
	refused(t, b, queue.Issue{Category: "A", Class: "priority"}, queue.Denied, queue.WhyClassByStaff)

	cfg.Classes[1].Button = true
	cfg.Classes[1].Grant = []queue.Role{queue.Greeter}
	b = opened(cfg)
	b.Role = queue.Kiosk
	id := queue.TicketID(b.Must(queue.Issue{Category: "A", Class: "priority"})[0].Seq)
	if x := b.State.Ticket(id); x.Class != queue.Normal || x.Claim != "priority" {
		t.Fatalf("class %s, claim %s", x.Class, x.Claim)
	}
	refused(t, b, queue.SetClass{Ticket: id, Class: "priority"}, queue.Denied, queue.WhyClassByStaff)
	b.Role = queue.Officer // this centre leaves it to the greeter
	refused(t, b, queue.SetClass{Ticket: id, Class: "priority"}, queue.Denied, queue.WhyClassByStaff)
	b.Role = queue.Greeter
	b.Must(queue.SetClass{Ticket: id, Class: "priority"})
	if x := b.State.Ticket(id); x.Class != "priority" || x.Claim != "" {
		t.Errorf("confirmed: class %s, claim %s", x.Class, x.Claim)
	}
	refused(t, b, queue.SetClass{Ticket: id, Class: "priority"}, queue.Conflict, queue.WhyWrongState)
	refused(t, b, queue.SetClass{Ticket: id, Class: "king"}, queue.NotFound, queue.WhyClassUnknown)
	id = b.Issue("A")
	b.Must(queue.SetClass{Ticket: id, Class: "priority"})
	b.Must(queue.SetClass{Ticket: id, Class: queue.Normal})
	if x := b.State.Ticket(id); x.Class != queue.Normal {
		t.Errorf("taken back: %s", x.Class)
	}
}

// TestBulk: many dossiers go to their own category.
func TestBulk(t *testing.T) {
	cfg := queuetest.Config()
	cfg.Agents = queue.Agents{Above: 5, Category: "B"}
	b := opened(cfg)
	b.Must(queue.Issue{Category: "A", Dossiers: 5})
	refused(t, b, queue.Issue{Category: "A", Dossiers: 6}, queue.Closed, queue.WhyBulkElsewhere)
	b.Must(queue.Issue{Category: "B", Dossiers: 30})
}

// TestReceipt: a scanned receipt gets a number of the category for results.
func TestReceipt(t *testing.T) {
	cfg := queuetest.Config()
	b := opened(cfg)
	b.Role = queue.Kiosk
	refused(t, b, queue.Issue{Entry: queue.EntryReceipt}, queue.Closed, queue.WhyCategoryClosed)
	cfg.Categories[2].Results = true
	b = opened(cfg)
	b.Role = queue.Kiosk
	if e := b.Must(queue.Issue{Entry: queue.EntryReceipt})[0].Event.(queue.TicketIssued); e.Category != "R" || e.Entry != queue.EntryReceipt {
		t.Errorf("%+v", e)
	}
	refused(t, b, queue.Issue{Entry: queue.EntryReceipt, Point: "annex"}, queue.Closed, queue.WhyCategoryClosed)
	refused(t, b, queue.Issue{}, queue.NotFound, queue.WhyCategoryUnknown)
}

// TestUndoIsTheCountersOwn: nobody takes back what another counter did, nor
// what has gone on since.
func TestUndoIsTheCountersOwn(t *testing.T) {
	b := opened(queuetest.Config())
	first, second := b.Issue("B"), b.Issue("B")
	b.Role = queue.Officer
	b.Must(queue.CallNext{Counter: "1"})
	refused(t, b, queue.Undo{Counter: "2", Ticket: first}, queue.Denied, queue.WhyNotHolder)
	refused(t, b, queue.Undo{Counter: "2"}, queue.Conflict, queue.WhyWrongState)
	refused(t, b, queue.Undo{Counter: "9"}, queue.NotFound, queue.WhyCounterUnknown)
	refused(t, b, queue.Undo{Ticket: 999}, queue.NotFound, queue.WhyTicketUnknown)
	refused(t, b, queue.Undo{Ticket: second}, queue.Conflict, queue.WhyWrongState)
	b.Must(queue.Transfer{Counter: "1", Ticket: first, ToCategory: "B"})
	b.Must(queue.CallNext{Counter: "2"})
	refused(t, b, queue.Undo{Counter: "1", Ticket: first}, queue.Conflict, queue.WhyTicketTaken)
	b.Must(queue.Start{Counter: "2", Ticket: first})
	b.Must(queue.Finish{Counter: "2", Ticket: first})
	b.Must(queue.CallNext{Counter: "2"})
	refused(t, b, queue.Undo{Counter: "2", Ticket: first}, queue.Conflict, queue.WhyCounterBusy)
	b.Must(queue.Undo{Counter: "2"})
	if x := b.State.Ticket(second); x.State != queue.Waiting {
		t.Errorf("%s is %s", x.Label, x.State)
	}
	b.Role = queue.Supervisor
	b.Must(queue.CallNext{Counter: "2"})
	b.Must(queue.Undo{Ticket: second}) // a supervisor names no counter
	b.Must(queue.CloseCounter{Counter: "2"})
	b.Must(queue.OpenCounter{Counter: "2"})
	b.Must(queue.CallNext{Counter: "2"})
	b.Must(queue.NoShow{Counter: "2", Ticket: waitForNoShow(b, second)})
	// Who goes on to open, pause or close the counter has left it behind.
	b.Must(queue.PauseCounter{Counter: "2"})
	refused(t, b, queue.Undo{Counter: "2"}, queue.Conflict, queue.WhyWrongState)
	b.Must(queue.CloseCounter{Counter: "2"})
	b.Must(queue.OpenCounter{Counter: "2", Staff: "another"})
	refused(t, b, queue.Undo{Counter: "2", Ticket: second}, queue.Conflict, queue.WhyTooLate)
}

func waitForNoShow(b *queuetest.Book, id queue.TicketID) queue.TicketID {
	b.Pass(time.Minute)
	return id
}

// TestUndoOfFinishAndNext: one request, one undo, from either ticket.
func TestUndoOfFinishAndNext(t *testing.T) {
	for _, by := range []int{0, 1, 2} {
		b := opened(queuetest.Config())
		first, second := b.Issue("A"), b.Issue("A")
		b.Must(queue.CallNext{Counter: "1"})
		b.Must(queue.Start{Counter: "1", Ticket: first})
		b.Must(queue.Finish{Counter: "1", Ticket: first, Next: true})
		calls := len(b.State.Calls)
		b.Must(queue.Undo{Counter: "1", Ticket: []queue.TicketID{0, first, second}[by]})
		if x, y := b.State.Ticket(first), b.State.Ticket(second); x.State != queue.Serving || y.State != queue.Waiting || b.State.Counter("1").Ticket != first {
			t.Errorf("by %d: %s %s, %s %s", by, x.Label, x.State, y.Label, y.State)
		}
		if len(b.State.Calls) != calls-1 || b.State.Counter("1").Served != 0 {
			t.Errorf("by %d: %d calls, %d served", by, len(b.State.Calls), b.State.Counter("1").Served)
		}
		if wrong := queuetest.Invariants(b.State); wrong != nil {
			t.Error(wrong)
		}
		// Two requests are two commands.
		b.Must(queue.Finish{Counter: "1", Ticket: first})
		b.Must(queue.CallNext{Counter: "1"})
		b.Must(queue.Undo{Counter: "1"})
		if x := b.State.Ticket(first); x.State != queue.Finished {
			t.Errorf("by %d: the call's undo took the finish back too: %s", by, x.State)
		}
	}
}

// TestNextLegIsNotPassedOver: who finishes a leg and calls the next in one
// request calls the same citizen again when nobody came before; one undo takes
// both back.
func TestNextLegIsNotPassedOver(t *testing.T) {
	b := opened(queuetest.Config())
	first := queue.TicketID(b.Must(queue.Issue{Category: "A", Legs: []queue.CategoryID{"B"}})[0].Seq)
	b.Pass(10 * time.Minute)
	b.Issue("B")
	b.Must(queue.CallNext{Counter: "1"})
	b.Must(queue.Start{Counter: "1", Ticket: first})
	served := *b.State.Ticket(first)
	b.Must(queue.Finish{Counter: "1", Ticket: first, Next: true})
	if x := b.State.Ticket(first); x.State != queue.Called || x.Category != "B" || len(x.Past) != 1 {
		t.Fatalf("%+v", x)
	}
	b.Must(queue.Undo{Counter: "1"})
	served.Touched = 0
	if d := cmp.Diff(served, *b.State.Ticket(first), cmpopts.IgnoreUnexported(queue.Ticket{})); d != "" {
		t.Errorf("(-before +after the undo):\n%s", d)
	}
	if wrong := queuetest.Invariants(b.State); wrong != nil {
		t.Error(wrong)
	}
}

// TestDossiersByStaff: a button corrects nobody's number of dossiers, to one
// as little as to many.
func TestDossiersByStaff(t *testing.T) {
	b := opened(queuetest.Config())
	id := queue.TicketID(b.Must(queue.Issue{Category: "A", Dossiers: 4})[0].Seq)
	for _, role := range []queue.Role{queue.Kiosk, queue.Machine} {
		b.Role = role
		refused(t, b, queue.SetDossiers{Ticket: id, Dossiers: 1}, queue.Denied, queue.WhyClassByStaff)
	}
	b.Role = queue.Greeter
	b.Must(queue.SetDossiers{Ticket: id, Dossiers: 1})
}

// TestReturnsToAnybody: who was bound to a counter that has closed since comes
// back for anybody's, not to wait for it.
func TestReturnsToAnybody(t *testing.T) {
	b := opened(queuetest.Config())
	id := b.Issue("B")
	b.Must(queue.Transfer{Ticket: id, ToCounter: "2"})
	b.Must(queue.CallNext{Counter: "2"})
	b.Pass(time.Minute)
	b.Must(queue.NoShow{Counter: "2", Ticket: id})
	b.Must(queue.CloseCounter{Counter: "2"})
	b.Must(queue.Reactivate{Ticket: id})
	b.Must(queue.CallNext{Counter: "1"})
	if got := b.State.Counter("1").Ticket; got != id {
		t.Errorf("counter 1 has ticket %d, want %d", got, id)
	}
}

// TestReturnLosesTheFront: who was sent to the front of a lane, cancelled and
// came back waits like everybody who came back.
func TestReturnLosesTheFront(t *testing.T) {
	b := opened(queuetest.Config())
	first, second := b.Issue("A"), b.Issue("A")
	b.Must(queue.Transfer{Ticket: second, ToCategory: "A", Mode: queue.First})
	b.Must(queue.Cancel{Ticket: second})
	b.Pass(time.Minute)
	b.Must(queue.Reactivate{Ticket: second})
	b.Must(queue.CallNext{Counter: "1"})
	if got := b.State.Counter("1").Ticket; got != first {
		t.Errorf("%d was called first", got)
	}
}

// TestUndoOfUnpark: it is the last command of the counter that had parked the
// ticket, however soon after the parking; a greeter may take back a greeter's.
func TestUndoOfUnpark(t *testing.T) {
	b := opened(queuetest.Config())
	id := b.Issue("A")
	b.Role = queue.Officer
	b.Must(queue.CallNext{Counter: "1"})
	b.Must(queue.Park{Counter: "1", Ticket: id})
	b.Must(queue.Unpark{Counter: "1", Ticket: id})
	b.Must(queue.Undo{Counter: "1"})
	if x := b.State.Ticket(id); x.State != queue.Parked || x.Counter != "1" {
		t.Fatalf("%s is %s at %s", x.Label, x.State, x.Counter)
	}
	b.Role = queue.Greeter
	b.Must(queue.Unpark{Ticket: id})
	b.Must(queue.Undo{Ticket: id})
	if x := b.State.Ticket(id); x.State != queue.Parked {
		t.Errorf("%s is %s", x.Label, x.State)
	}
}
