package display_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/display"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

func board(b *queuetest.Book) display.Board {
	return display.NewBoard(b.State, "main", queue.StampOf(b.Now), true)
}

// TestBoardOfAnUntrustedClock says that no time may be shown.
func TestBoardOfAnUntrustedClock(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	for _, ok := range []bool{true, false} {
		if got := display.NewBoard(b.State, "main", queue.StampOf(b.Now), ok); got.Timeless == ok {
			t.Errorf("clock trusted %v: timeless %v", ok, got.Timeless)
		}
	}
}

// TestBoardOfAMorning tells a short story and looks at the wall after each step.
func TestBoardOfAMorning(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	a1, _, b1 := b.Issue("A"), b.Issue("A"), b.Issue("B")
	first := board(b)
	if d := cmp.Diff([]string{"A001", "A002", "B001"}, first.Soon); d != "" {
		t.Errorf("soon (-want +got):\n%s", d)
	}
	b.Pass(time.Minute)
	b.Must(queue.CallNext{Counter: "1"})
	b.Must(queue.CallTicket{Counter: "2", Ticket: b1, Reason: queue.CallAccompanied})
	got := board(b)
	want := []display.Call{
		{Seq: got.Calls[0].Seq, Label: "B001", Counter: 2, At: queue.StampOf(b.Now), Nth: 1, OutOfOrder: true, Active: true},
		{Seq: got.Calls[1].Seq, Label: "A001", Counter: 1, At: queue.StampOf(b.Now), Nth: 1, Active: true},
	}
	if d := cmp.Diff(want, got.Calls); d != "" {
		t.Errorf("calls (-want +got):\n%s", d)
	}
	lane := got.Lanes[0]
	if lane.Now != "A001" || lane.Next != "A002" || lane.Waiting != 1 || !lane.Open || !cmp.Equal(lane.Counters, []int{1}) {
		t.Errorf("lane A: %+v", lane)
	}

	// A recall comes to the top as a call of its own, and only once.
	b.Pass(30 * time.Second)
	b.Must(queue.Recall{Counter: "1", Ticket: a1})
	got = board(b)
	if len(got.Calls) != 2 || got.Calls[0].Label != "A001" || got.Calls[0].Nth != 2 || got.Calls[0].Seq <= want[0].Seq {
		t.Errorf("after the recall: %+v", got.Calls)
	}

	// Who has sat down is no longer called; who was parked and comes back is no queue-jumper.
	b.Must(queue.Start{Counter: "1", Ticket: a1})
	b.Must(queue.Park{Counter: "1", Ticket: a1})
	b.Must(queue.CallTicket{Counter: "1", Ticket: a1})
	if got := board(b).Calls[0]; got.OutOfOrder || !got.Active {
		t.Errorf("parked and back: %+v", got)
	}
	b.Must(queue.Start{Counter: "1", Ticket: a1})
	if board(b).Calls[0].Active {
		t.Error("served and still called")
	}
}

func TestBoardKeepsToItsPoint(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.Must(queue.Issue{Category: "A", Point: "annex"})
	b.Must(queue.CallNext{Counter: "3"})
	if got := board(b); len(got.Calls) != 0 || got.Lanes[0].Now != "" || len(got.Counters) != 2 {
		t.Errorf("the main hall shows the annex's: %+v", got)
	}
	if got := display.NewBoard(b.State, "annex", queue.StampOf(b.Now), true); got.Calls[0].Label != "A001" || got.Calls[0].Counter != 1 {
		t.Errorf("the annex: %+v", got.Calls)
	}
}

// TestBoardSaysNoClass: a class is off the wall unless the centre shows it, and
// what staff may know is never there.
func TestBoardSaysNoClass(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.Must(queue.Issue{Category: "A", Class: "priority"})
	b.Must(queue.CallNext{Counter: "1"})
	text, err := json.Marshal(board(b))
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"priority", "class", "reason", "arrival", "mark"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("the board says %q: %s", secret, text)
		}
	}
}

// TestNobodyIsToldSoonForNothing: a lane without an open counter has no next.
func TestNobodyIsToldSoonForNothing(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.Issue("R")
	b.Must(queue.CloseCounter{Counter: "2"})
	if got := board(b); len(got.Soon) != 0 || got.Lanes[2].Open {
		t.Errorf("soon %v, lane %+v", got.Soon, got.Lanes[2])
	}
}

func TestTicketPage(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.Issue("A")
	ref := queue.Ref{7}
	id := queue.TicketID(b.Must(queue.Issue{Category: "A", Ref: ref})[0].Seq)
	page := func(day queue.Day, ref queue.Ref) (display.Ticket, bool) {
		return display.NewTicket(b.State, day, ref, queue.StampOf(b.Now), func(_ queue.View, id queue.TicketID) (queue.Stamp, bool) { return queue.Stamp(id), true })
	}
	if p, ok := page("2026-11-23", ref); !ok || p.Label != "A002" || p.Ahead != 1 || p.State != queue.Waiting || p.NoPass != queue.Stamp(id) {
		t.Errorf("waiting: %+v", p)
	}
	for _, wrong := range []struct {
		day queue.Day
		ref queue.Ref
	}{{"2026-11-22", ref}, {"2026-11-23", queue.Ref{8}}} {
		if p, ok := page(wrong.day, wrong.ref); ok {
			t.Errorf("%v shows %+v", wrong, p)
		}
	}
	b.Must(queue.CallTicket{Counter: "2", Ticket: id, Reason: queue.CallOther})
	if p, _ := page("2026-11-23", ref); p.State != queue.Called || p.Counter != 2 || p.CalledAt == 0 {
		t.Errorf("called: %+v", p)
	}
}

// TestTicketPageOfAVisit: where it goes on to and where to go, leg by leg.
func TestTicketPageOfAVisit(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	ref := queue.Ref{7}
	id := queue.TicketID(b.Must(queue.Issue{Category: "A", Ref: ref, Legs: []queue.CategoryID{"B", "R"}})[0].Seq)
	page := func() display.Ticket {
		t.Helper()
		p, ok := display.NewTicket(b.State, "2026-11-23", ref, queue.StampOf(b.Now), nil)
		if !ok {
			t.Fatal("no page")
		}
		return p
	}
	then := func(p display.Ticket) []string {
		var names []string
		for _, n := range p.Then {
			names = append(names, n["en"])
		}
		return names
	}
	p := page()
	if d := cmp.Diff([]string{"Civil status", "Collect a result"}, then(p)); d != "" || p.Leg != 1 || p.Point["vi"] != "Sảnh chính" {
		t.Errorf("first leg %d at %v (-want +got):\n%s", p.Leg, p.Point, d)
	}
	b.Must(queue.CallNext{Counter: "1"})
	b.Must(queue.Start{Counter: "1", Ticket: id})
	b.Must(queue.Finish{Counter: "1", Ticket: id})
	p = page()
	if d := cmp.Diff([]string{"Collect a result"}, then(p)); d != "" || p.Leg != 2 || p.State != queue.Waiting || p.Category["en"] != "Civil status" {
		t.Errorf("second leg: %+v (-want +got):\n%s", p, d)
	}
	b.Must(queue.Cancel{Ticket: id})
	if p = page(); p.State != queue.Cancelled || len(p.Then) != 0 || p.Rebooked != nil {
		t.Errorf("cancelled: %+v", p)
	}
}

// TestTicketPageOfAnAppointment: its hour, and the new one when it is put off.
func TestTicketPageOfAnAppointment(t *testing.T) {
	b := hoursBook(t)
	ref := queue.Ref{9}
	slot := queue.StampOf(at("08:00"))
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "H-01", Slot: slot, Category: "A"}}})
	id := queue.TicketID(b.Must(queue.CheckIn{Code: "H-01", Ref: ref})[0].Seq)
	page := func() display.Ticket {
		p, _ := display.NewTicket(b.State, "2026-11-23", ref, queue.StampOf(b.Now), nil)
		return p
	}
	if p := page(); p.Slot != slot || p.State != queue.Waiting {
		t.Errorf("checked in: %+v", p)
	}
	b.Must(queue.Rebook{Ticket: id})
	want := &display.Rebooked{Code: "A001-1123", Slot: queue.StampOf(at("13:30"))}
	if d := cmp.Diff(want, page().Rebooked); d != "" {
		t.Errorf("put off (-want +got):\n%s", d)
	}
	b.Must(queue.CancelAppointment{Code: "A001-1123"})
	if p := page(); p.Rebooked != nil || p.State != queue.Cancelled {
		t.Errorf("put off, then called off: %+v", p.Rebooked)
	}
}

// TestWalkDirectIsNoCall: nobody was called, but the counter serves somebody.
func TestWalkDirectIsNoCall(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.Must(queue.WalkDirect{Counter: "1", Category: "A"})
	got := board(b)
	if len(got.Calls) != 0 || got.Lanes[0].Now != "" || got.Counters[0].Label != "A001" {
		t.Errorf("the wall calls %+v, lane now %q, counter %+v", got.Calls, got.Lanes[0].Now, got.Counters[0])
	}
}

// TestBoardOfAnyState: whatever happens, the board is whole, agrees with the
// state, and two projections are equal.
func TestBoardOfAnyState(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := queuetest.OpenBook(router.HeadStart{})
		for range rapid.IntRange(0, 80).Draw(t, "steps") {
			b.Pass(25 * time.Second)
			b.Do(queuetest.Command(t, b.State))
		}
		got := board(b)
		if d := cmp.Diff(got, board(b)); d != "" {
			t.Fatalf("two projections differ:\n%s", d)
		}
		waiting := 0
		for x := range b.State.View().EachWaiting {
			if x.Point == "main" {
				waiting++
			}
		}
		for _, l := range got.Lanes {
			waiting -= l.Waiting
		}
		if waiting != 0 {
			t.Fatalf("lanes and state differ by %d waiting", waiting)
		}
		seen := map[string]bool{}
		for i, c := range got.Calls {
			if seen[c.Label] || i > 0 && c.Seq >= got.Calls[i-1].Seq {
				t.Fatalf("calls are not newest first, each once: %+v", got.Calls)
			}
			seen[c.Label] = true
		}
		if text, err := json.Marshal(got); err != nil || len(text) > 5000 {
			t.Fatalf("board of %d bytes, %v", len(text), err)
		}
	})
}
