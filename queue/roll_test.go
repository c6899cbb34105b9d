package queue_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// issuedBy lists the labels that records give out.
func issuedBy(records []queue.Record) []string {
	var list []string
	for _, r := range records {
		switch e := r.Event.(type) {
		case queue.TicketIssued:
			list = append(list, e.Label)
		case queue.TicketReissued:
			list = append(list, e.Issued.Label)
		}
	}
	return list
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// TestRollMorning: the printer dies at A002, a roll stands in for it, and
// afterwards the series goes on where it was.
func TestRollMorning(t *testing.T) {
	b := queuetest.OpenBook(router.Live{})
	b.Issue("A")
	b.Issue("A")
	b.Role = queue.Greeter
	b.Must(queue.StartRoll{Category: "A", First: "057"})
	byHand := b.Must(queue.Issue{Category: "A", Entry: queue.EntryGreeter, Class: "priority"})
	expect(t, "by hand", issuedBy(byHand), []string{"057"})
	if e := byHand[0].Event.(queue.TicketIssued); e.Entry != queue.EntryRoll || e.Class != "priority" || e.Number != 57 || e.Series != "A" {
		t.Errorf("issued %+v", e)
	}
	if x := b.State.Ticket(queue.TicketID(byHand[0].Seq)); x.Slip != queue.SlipNone {
		t.Errorf("its slip is %q", x.Slip)
	}
	torn := b.Must(queue.TearOff{Category: "A", UpTo: "60"})
	expect(t, "torn off", issuedBy(torn), []string{"058", "059", "060"})
	for i, r := range torn {
		if e := r.Event.(queue.TicketIssued); e.Ahead != 3+i {
			t.Errorf("%s: %d ahead, want %d", e.Label, e.Ahead, 3+i)
		}
	}
	expect(t, "another category keeps its series", issuedBy(b.Must(queue.Issue{Category: "B"})), []string{"B001"})
	b.Role = queue.Kiosk
	expect(t, "a machine keeps printing", issuedBy(b.Must(queue.Issue{Category: "A"})), []string{"A003"})
	b.Role = queue.Officer
	for _, want := range []string{"057", "A001"} { // priority first
		e := b.Must(queue.CallNext{Counter: "1"})[0].Event.(queue.TicketCalled)
		expect(t, "called", e.Label, want)
		b.Must(queue.Start{Counter: "1", Ticket: e.Ticket})
		b.Must(queue.Finish{Counter: "1", Ticket: e.Ticket})
	}
	b.Must(queue.EndRoll{Category: "A"})
	expect(t, "the series after the roll", issuedBy(b.Must(queue.Issue{Category: "A"})), []string{"A004"})
	refused(t, b, queue.TearOff{Category: "A", UpTo: "61"}, queue.NotFound, queue.WhyRoll)
	refused(t, b, queue.StartRoll{Category: "A", First: "060"}, queue.Conflict, queue.WhyLabelTaken)
	b.Must(queue.StartRoll{Category: "A", First: "061"})
	b.Role = queue.Supervisor
	b.Now = queue.Day("2026-11-24").Begins()
	b.Must(queue.Tick{})
	if b.State.Rolls != nil {
		t.Errorf("a roll of yesterday is in use: %+v", b.State.Rolls)
	}
	b.Must(queue.StartRoll{Category: "A", First: "057"})
}

// TestRollRefusals: each with its reason, and none changes anything.
func TestRollRefusals(t *testing.T) {
	b := queuetest.OpenBook(router.Live{})
	b.Issue("A")
	for _, first := range []string{"", "7", "12345", "O12", "ABC12", "A 12", "-12", "1２"} {
		refused(t, b, queue.StartRoll{Category: "A", First: first}, queue.Invalid, queue.WhyBadField)
	}
	refused(t, b, queue.StartRoll{Category: "A", First: "A001"}, queue.Conflict, queue.WhyLabelTaken)
	refused(t, b, queue.StartRoll{Category: "Z", First: "057"}, queue.NotFound, queue.WhyCategoryUnknown)
	refused(t, b, queue.StartRoll{Category: "R", Point: "annex", First: "057"}, queue.Closed, queue.WhyOtherPoint)
	refused(t, b, queue.StartRoll{Point: "cellar", First: "057"}, queue.NotFound, queue.WhyPointUnknown)
	refused(t, b, queue.EndRoll{Category: "A"}, queue.NotFound, queue.WhyRoll)
	refused(t, b, queue.TakeBack{Category: "A", UpTo: "057"}, queue.NotFound, queue.WhyRoll)
	b.Must(queue.StartRoll{Category: "A", First: " a57 "})
	refused(t, b, queue.StartRoll{Category: "A", First: "099"}, queue.Conflict, queue.WhyWrongState)
	refused(t, b, queue.StartRoll{Category: "B", First: "A90"}, queue.Conflict, queue.WhyLabelTaken)
	for _, upTo := range []string{"", "A56", "56", "B58", "A058", "057", "no", "A5７"} {
		refused(t, b, queue.TearOff{Category: "A", UpTo: upTo}, queue.Invalid, queue.WhyRollNumber)
	}
	refused(t, b, queue.TearOff{Category: "B", UpTo: "58"}, queue.NotFound, queue.WhyRoll)
	refused(t, b, queue.TakeBack{Category: "A", UpTo: "57"}, queue.Invalid, queue.WhyRollNumber)
	expect(t, "the rest of the roll", len(issuedBy(b.Must(queue.TearOff{Category: "A", UpTo: "A99"}))), 43)
	refused(t, b, queue.Issue{Category: "A"}, queue.Closed, queue.WhyRollEnd)
	b.Must(queue.StartRoll{Category: "B", First: "000"})
	refused(t, b, queue.TearOff{Category: "B", UpTo: "099"}, queue.Invalid, queue.WhyRollNumber) // a hundred at once
	b.Must(queue.TearOff{Category: "B", UpTo: "098"})
	b.Role = queue.Kiosk
	for _, c := range []queue.Command{queue.StartRoll{First: "057"}, queue.EndRoll{Category: "B"}, queue.TearOff{Category: "B", UpTo: "99"}, queue.TakeBack{Category: "B"}} {
		refused(t, b, c, queue.Denied, queue.WhyRole)
	}
	b.Role = queue.Supervisor
	b.Must(queue.CloseDay{})
	refused(t, b, queue.TearOff{Category: "B", UpTo: "99"}, queue.Closed, queue.WhyDayClosed)
	refused(t, b, queue.StartRoll{First: "057"}, queue.Closed, queue.WhyDayClosed)
	b.Must(queue.OpenDay{})
	b.Must(queue.StartRoll{Category: "B", First: "099"}) // the same roll again
}

// TestTakeBackTable: only a number nothing has happened to goes back onto the roll.
func TestTakeBackTable(t *testing.T) {
	for _, state := range columns {
		t.Run(string(state), func(t *testing.T) {
			b := halfDays()
			b.Must(queue.StartRoll{Category: "A", First: "057"})
			id := bring(b, state)
			if state == queue.Expired {
				refused(t, b, queue.TakeBack{Category: "A"}, queue.NotFound, queue.WhyRoll)
				return
			}
			if state != queue.Waiting {
				refused(t, b, queue.TakeBack{Category: "A"}, queue.Conflict, queue.WhyRollCalled)
				return
			}
			used := slices.Clone(b.State.Used)
			b.Must(queue.TakeBack{Category: "A"})
			if b.State.Ticket(id) != nil || b.State.View().WaitingCount() != 0 {
				t.Fatal("it still waits")
			}
			b.Must(queue.EndRoll{Category: "A"})
			b.Must(queue.StartRoll{Category: "A", First: "057"})
			b.Pass(time.Hour)
			records := b.Must(queue.TearOff{Category: "A", UpTo: "58"})
			expect(t, "given out after all", issuedBy(records), []string{"057", "058"})
			if x := b.State.Ticket(id); x == nil || x.Label != "057" || x.Issued != queue.StampOf(b.Now) || x.State != queue.Waiting {
				t.Errorf("057 is %+v", x)
			}
			used[0].Dossiers = 2
			expect(t, "quotas", b.State.Used, used)
			if wrong := queuetest.Invariants(b.State); wrong != nil {
				t.Error(wrong)
			}
		})
	}
}

// TestTypingMistake: "up to 083" for "063", put right before anybody is called.
func TestTypingMistake(t *testing.T) {
	b := queuetest.OpenBook(router.Live{})
	b.Must(queue.StartRoll{Category: "A", First: "057"})
	b.Must(queue.TearOff{Category: "A", UpTo: "083"})
	e := b.Must(queue.TakeBack{Category: "A", UpTo: "63"})[0].Event.(queue.RollTakenBack)
	if e.Label != "064" || e.Last != "083" || len(e.Tickets) != 20 {
		t.Errorf("taken back: %+v", e)
	}
	if n := b.State.View().WaitingCount(); n != 7 {
		t.Errorf("%d wait, want 7", n)
	}
	b.Must(queue.CallNext{Counter: "1"})
	refused(t, b, queue.TakeBack{Category: "A", UpTo: "056"}, queue.Conflict, queue.WhyRollCalled)
	b.Must(queue.Undo{Counter: "1"})
	b.Must(queue.TakeBack{Category: "A", UpTo: "056"}) // nobody had come yet
	b.Must(queue.CloseDay{})
	closed := b.Records[len(b.Records)-1].Event.(queue.DayClosed)
	if *closed.Totals != (queue.Totals{}) {
		t.Errorf("the day's account counts numbers nobody held: %+v", *closed.Totals)
	}
}

// TestTornOffCalledDirectly: where people help themselves, a counter nobody is
// known to wait for calls the next number, also with "finish and next".
func TestTornOffCalledDirectly(t *testing.T) {
	b := queuetest.OpenBook(router.Live{})
	b.Role = queue.Officer
	b.Must(queue.StartRoll{First: "R90"})
	refused(t, b, queue.CallNext{Counter: "1"}, queue.NotFound, queue.WhyQueueEmpty) // handed out, not torn off
	b.Must(queue.EndRoll{})
	b.Must(queue.StartRoll{First: "R90", Self: true})
	waits := b.Issue("B") // R90, in the greeter's hand
	expect(t, "who waits comes first", b.Must(queue.CallNext{Counter: "1"})[0].Event.(queue.TicketCalled).Ticket, waits)
	b.Must(queue.Start{Counter: "1", Ticket: waits})
	records := b.Must(queue.Finish{Counter: "1", Ticket: waits, Next: true})
	e := records[len(records)-1].Event.(queue.TicketCalled)
	if e.Label != "R91" || e.Category != "A" || e.Finished != waits {
		t.Errorf("called %+v", e)
	}
	b.Must(queue.Undo{Counter: "1"}) // both
	if a, z := b.State.Ticket(waits), b.State.Ticket(e.Ticket); a.State != queue.Serving || z.State != queue.Waiting {
		t.Errorf("after the undo %s is %s and %s is %s", a.Label, a.State, z.Label, z.State)
	}
	records = b.Must(queue.CallNext{Counter: "2"}) // serves B and R, not A, for which R91 waits
	e = records[len(records)-1].Event.(queue.TicketCalled)
	if e.Label != "R92" || e.Category != "B" {
		t.Errorf("called %+v", e)
	}
	for n := 93; n <= 99; n++ {
		b.Must(queue.Issue{Category: "R"})
	}
	b.Must(queue.Start{Counter: "2", Ticket: e.Ticket})
	for range 8 {
		id := b.State.Counter("2").Ticket
		b.Must(queue.Finish{Counter: "2", Ticket: id, Next: true})
		if next := b.State.Counter("2").Ticket; next != 0 {
			b.Must(queue.Start{Counter: "2", Ticket: next})
		}
	}
	refused(t, b, queue.CallNext{Counter: "2"}, queue.NotFound, queue.WhyQueueEmpty) // the roll is used up
}

// TestSeriesStepsAroundRoll: no number of a roll in use, or taken back to it, is
// printed meanwhile, and none that was printed comes off it.
func TestSeriesStepsAroundRoll(t *testing.T) {
	b := queuetest.OpenBook(router.Live{})
	b.Role = queue.Kiosk
	for range 3 {
		b.Issue("A")
	}
	b.Role = queue.Officer
	b.Must(queue.StartRoll{Category: "A", First: "A005"})
	b.Must(queue.TearOff{Category: "A", UpTo: "6"})
	b.Role = queue.Kiosk
	b.Issue("A")
	expect(t, "the series with the roll ahead", issuedBy(b.Must(queue.Issue{Category: "A"})), []string{"A1000"})
	b.Role = queue.Officer
	b.Must(queue.TearOff{Category: "A", UpTo: "9"})
	b.Must(queue.TakeBack{Category: "A", UpTo: "7"})
	b.Must(queue.EndRoll{Category: "A"})
	refused(t, b, queue.StartRoll{Category: "B", First: "A007"}, queue.Conflict, queue.WhyLabelTaken)
	seen := map[string]bool{}
	for i := range b.State.Tickets {
		x := &b.State.Tickets[i]
		if key := fmt.Sprint(x.Point, x.Label); seen[key] {
			t.Errorf("%s twice", x.Label)
		} else {
			seen[key] = true
		}
	}
}

// TestTakenBackLabelStaysItsTickets: a number that went back onto a roll since
// put away is none of the series either: its label is kept for its ticket.
func TestTakenBackLabelStaysItsTickets(t *testing.T) {
	b := queuetest.OpenBook(router.Live{})
	b.Must(queue.StartRoll{Category: "A", First: "A002"})
	b.Must(queue.TearOff{Category: "A", UpTo: "4"})
	b.Must(queue.TakeBack{Category: "A", UpTo: "2"})
	b.Must(queue.EndRoll{Category: "A"})
	b.Role = queue.Kiosk
	var got []string
	for range 2 {
		got = append(got, issuedBy(b.Must(queue.Issue{Category: "A"}))...)
	}
	expect(t, "the series", got, []string{"A001", "A005"})
}

// TestCheckInFromRoll: who comes to an appointment gets a number of the roll
// from the greeter, and keeps the slot.
func TestCheckInFromRoll(t *testing.T) {
	b := queuetest.OpenBook(router.Live{})
	slot := queue.StampOf(b.Now.Add(10 * time.Minute))
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "AB-12", Slot: slot, Category: "A"}}})
	b.Must(queue.StartRoll{First: "057"})
	records := b.Must(queue.CheckIn{Code: "AB-12"})
	expect(t, "number", issuedBy(records), []string{"057"})
	if x := b.State.Ticket(queue.TicketID(records[0].Seq)); x.Slot != slot || x.Slip != queue.SlipNone {
		t.Errorf("ticket %+v", x)
	}
}

// TestShownNumber: its slip has failed from the first moment, so that it never
// comes out by itself; staff may print it later.
func TestShownNumber(t *testing.T) {
	b := queuetest.OpenBook(router.Live{})
	b.Role = queue.Kiosk
	records := b.Must(queue.Issue{Category: "A", Entry: queue.EntryPanel, Shown: true})
	id := queue.TicketID(records[0].Seq)
	expect(t, "second event", records[1].Event, queue.Event(queue.SlipFailed{Ticket: id, Cause: queue.CauseShown}))
	if x := b.State.Ticket(id); x.State != queue.Waiting || x.Slip != queue.SlipIsFailed {
		t.Errorf("%s is %s, its slip %s", x.Label, x.State, x.Slip)
	}
	b.Role = queue.Officer
	b.Must(queue.ReprintSlip{Ticket: id})
	if x := queue.SumCommand(queue.Issue{Category: "A", Shown: true}); x != queue.SumCommand(queue.Issue{Category: "A"}) {
		t.Error("a retry after the printer came back would be another command")
	}
}
