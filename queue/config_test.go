package queue_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/queue"
	"motcua/queue/queuetest"
)

// TestConfigInAFullHall: whatever is taken out, everybody in the hall is still
// served, nobody new is let into it, and the next day begins without it.
func TestConfigInAFullHall(t *testing.T) {
	b := opened(queuetest.Config())
	issue := func(c queue.Issue) queue.TicketID { return queue.TicketID(b.Must(c)[0].Seq) }
	waits := issue(queue.Issue{Category: "A", Class: "priority"})
	annex := issue(queue.Issue{Category: "A", Point: "annex"})
	served := issue(queue.Issue{Category: "R"})
	parked := issue(queue.Issue{Category: "R"})
	b.Must(queue.CallTicket{Counter: "2", Ticket: parked, Reason: queue.CallOther})
	b.Must(queue.Park{Counter: "2", Ticket: parked})
	b.Must(queue.CallTicket{Counter: "2", Ticket: served, Reason: queue.CallOther})
	b.Must(queue.Start{Counter: "2", Ticket: served})

	// Out go category A and R with their series, counter 2, the class and the annex.
	small := queuetest.Config()
	small.Points = small.Points[:1]
	small.Series = small.Series[1:]
	small.Categories = small.Categories[1:2]
	small.Classes = small.Classes[:1]
	small.Counters = small.Counters[:1]
	small.Counters[0].Skills = []queue.CategoryID{"B"}
	b.Must(queue.ApplyConfig{Config: small})

	refused(t, b, queue.Issue{Category: "A"}, queue.Closed, queue.WhyCategoryClosed)
	refused(t, b, queue.Issue{Category: "B", Class: "priority"}, queue.NotFound, queue.WhyClassUnknown)
	refused(t, b, queue.Issue{Category: "B", Point: "annex"}, queue.NotFound, queue.WhyPointUnknown)
	refused(t, b, queue.Transfer{Ticket: annex, ToCategory: "B"}, queue.Closed, queue.WhyCategoryClosed)
	if d := cmp.Diff(small, *b.State.Config.Plain()); d != "" {
		t.Errorf("the configuration as a file (-applied +plain):\n%s", d)
	}
	// Applied once more, by somebody who looks at the file: nothing changes.
	before, _ := b.State.Snapshot()
	if again := b.Must(queue.ApplyConfig{Config: *b.State.Config.Plain()})[0].Event.(queue.ConfigApplied); cmp.Diff(*again.Config, *b.State.Config) != "" {
		t.Errorf("applying the same drains otherwise: %s", before)
	}

	// The counter finishes what it has and calls back what it parked, then no more.
	b.Must(queue.Finish{Counter: "2", Ticket: served, Next: true})
	if b.State.Counter("2").Ticket != 0 {
		t.Error("a counter that was taken out called somebody")
	}
	refused(t, b, queue.CallNext{Counter: "2"}, queue.NotFound, queue.WhyQueueEmpty)
	b.Must(queue.CloseCounter{Counter: "2"})
	b.Must(queue.OpenCounter{Counter: "2"}) // it has something parked
	b.Must(queue.CallTicket{Counter: "2", Ticket: parked})
	b.Must(queue.Start{Counter: "2", Ticket: parked})
	b.Must(queue.Finish{Counter: "2", Ticket: parked})
	b.Must(queue.CloseCounter{Counter: "2"})
	refused(t, b, queue.OpenCounter{Counter: "2"}, queue.Closed, queue.WhyCounterClosed)
	// Who waits is called by whoever had the skill.
	b.Must(queue.CallNext{Counter: "1"})
	b.Must(queue.CallNext{Counter: "3"})
	for id, c := range map[queue.TicketID]queue.CounterID{waits: "1", annex: "3"} {
		if x := b.State.Ticket(id); x.State != queue.Called || x.Counter != c {
			t.Errorf("%s is %s at %s, want called at %s", x.Label, x.State, x.Counter, c)
		}
		b.Must(queue.Start{Counter: c, Ticket: id})
		b.Must(queue.Finish{Counter: c, Ticket: id})
	}
	if wrong := queuetest.Invariants(b.State); wrong != nil {
		t.Error(wrong)
	}
	b.Now = queue.Day("2026-11-24").Begins()
	b.Must(queue.Tick{})
	if d := cmp.Diff(small, *b.State.Config); d != "" {
		t.Errorf("the next day's configuration (-applied +in force):\n%s", d)
	}
}

// TestSkillTakenAway: tickets of a category nobody at their point serves any
// more are still called, by those who could before, or else by all.
func TestSkillTakenAway(t *testing.T) {
	b := opened(queuetest.Config())
	id := b.Issue("A") // at main only counter 1 serves it
	cfg := queuetest.Config()
	cfg.Counters[0].Skills = []queue.CategoryID{"B"}
	b.Must(queue.ApplyConfig{Config: cfg})
	refused(t, b, queue.Issue{Category: "A"}, queue.Closed, queue.WhyOtherPoint) // the annex has it still
	b.Must(queue.CallNext{Counter: "1"})
	if b.State.Counter("1").Ticket != id {
		t.Error("the ticket was left waiting")
	}
	b = opened(queuetest.Config())
	id = b.Issue("A")
	b.Must(queue.CloseCounter{Counter: "1"})
	cfg.Counters = cfg.Counters[1:] // and counter 1 is gone
	b.Must(queue.ApplyConfig{Config: cfg})
	b.Must(queue.CallNext{Counter: "2"})
	if b.State.Counter("2").Ticket != id {
		t.Error("the ticket was left waiting")
	}
}

// TestOrderOfTheDayStays: what the slips promise holds until the next opening.
func TestOrderOfTheDayStays(t *testing.T) {
	cfg := queuetest.Config()
	b := opened(cfg)
	cfg = queuetest.Config()
	cfg.Routing.Window, cfg.Classes[1].HeadStart = 0, 30
	cfg.Classes = append(cfg.Classes, queue.Class{ID: "vip", Name: queue.Text{"vi": "Khác"}, HeadStart: 90})
	b.Must(queue.ApplyConfig{Config: cfg}) // nobody has a slip yet
	if b.State.Config.Later != nil || b.State.Config.Routing.Window != 0 {
		t.Errorf("before the first number: %+v", b.State.Config.Later)
	}
	b.Issue("A")
	again := queuetest.Config()
	again.Classes = append(again.Classes, queue.Class{ID: "vip", Name: queue.Text{"vi": "Khác"}, HeadStart: 120},
		queue.Class{ID: "new", Name: queue.Text{"vi": "Mới"}, HeadStart: 110})
	b.Must(queue.ApplyConfig{Config: again})
	starts := func() []int {
		var n []int
		for _, k := range b.State.Config.Classes {
			n = append(n, k.HeadStart)
		}
		return n
	}
	if got := starts(); !slices.Equal(got, []int{0, 30, 90, 90}) || b.State.Config.Routing.Window != 0 {
		t.Errorf("today: head starts %v, window %d", got, b.State.Config.Routing.Window)
	}
	if d := cmp.Diff(again, *b.State.Config.Plain()); d != "" {
		t.Errorf("as a file (-applied +plain):\n%s", d)
	}
	b.Must(queue.CloseDay{})
	b.Must(queue.OpenDay{}) // the same day: still as promised
	if got := starts(); !slices.Equal(got, []int{0, 30, 90, 90}) {
		t.Errorf("reopened: head starts %v", got)
	}
	b.Pass(24 * time.Hour)
	b.Must(queue.Tick{})
	if got := starts(); !slices.Equal(got, []int{0, 60, 120, 110}) || b.State.Config.Routing.Window != 5 || b.State.Config.Later != nil {
		t.Errorf("tomorrow: head starts %v, window %d", got, b.State.Config.Routing.Window)
	}
}

// TestTooManyCategories: with those that drain there may be no more than the
// router has room for.
func TestTooManyCategories(t *testing.T) {
	cfg := queuetest.Config()
	b := opened(cfg)
	b.Issue("A")
	cfg = queuetest.Config()
	cfg.Categories = cfg.Categories[1:]
	cfg.Counters[0].Skills, cfg.Counters[2].Skills = []queue.CategoryID{"B"}, []queue.CategoryID{"B"}
	for i := range 62 {
		k := cfg.Categories[0]
		k.ID = queue.CategoryID("X" + string(rune('a'+i/26)) + string(rune('a'+i%26)))
		cfg.Categories = append(cfg.Categories, k)
		cfg.Counters[0].Skills = append(cfg.Counters[0].Skills, k.ID)
	}
	_, err := b.Do(queue.ApplyConfig{Config: cfg})
	if !errors.Is(err, &queue.Error{Code: queue.Conflict, Reason: queue.WhyInUse}) {
		t.Errorf("got %v", err)
	}
}

// TestAccount: the day's account adds up, whatever has become of the tickets.
func TestAccount(t *testing.T) {
	b := opened(queuetest.Config())
	for _, state := range columns[:7] {
		id := b.Issue("B")
		b.Must(queue.Transfer{Ticket: id, ToCounter: "2"})
		b.Pass(time.Minute)
		if state == queue.Cancelled {
			b.Must(queue.Cancel{Ticket: id})
		}
		if state == queue.Waiting || state == queue.Cancelled {
			continue
		}
		b.Must(queue.CallTicket{Counter: "2", Ticket: id, Reason: queue.CallOther})
		b.Pass(2 * time.Minute)
		switch state {
		case queue.Parked:
			b.Must(queue.Park{Counter: "2", Ticket: id})
		case queue.Missed:
			b.Must(queue.NoShow{Counter: "2", Ticket: id})
		case queue.Serving, queue.Finished, queue.Called:
			b.Must(queue.Start{Counter: "2", Ticket: id})
			b.Must(queue.Finish{Counter: "2", Ticket: id})
		}
	}
	b.Now = queue.Day("2026-11-24").Begins()
	for _, r := range b.Must(queue.Tick{}) {
		if e, ok := r.Event.(queue.DayClosed); ok {
			if want := (queue.Totals{Issued: 7, Finished: 3, NoShow: 1, Cancelled: 1, Expired: 2}); e.Totals == nil || *e.Totals != want {
				t.Errorf("%+v, want %+v", e.Totals, want)
			}
			return
		}
	}
	t.Error("the day was not closed")
}

// TestTakenOutTakesNobodyElse: a counter that goes takes in nobody and calls
// nobody by hand whom another one may call.
func TestTakenOutTakesNobodyElse(t *testing.T) {
	b := opened(queuetest.Config())
	id := b.Issue("B")
	without := queuetest.Config()
	without.Counters[0].Skills = append(without.Counters[0].Skills, "R")
	without.Counters = slices.Delete(without.Counters, 1, 2)
	b.Must(queue.ApplyConfig{Config: without})
	refused(t, b, queue.WalkDirect{Counter: "2", Category: "B"}, queue.Closed, queue.WhyCounterClosed)
	refused(t, b, queue.CallTicket{Counter: "2", Ticket: id, Reason: queue.CallOther}, queue.Closed, queue.WhyCounterClosed)
	b.Must(queue.CallTicket{Counter: "1", Ticket: id, Reason: queue.CallOther})
}

// TestOnlyWhatIsUsedStays: a counter that only had a ticket once is not kept for it.
func TestOnlyWhatIsUsedStays(t *testing.T) {
	b := opened(queuetest.Config())
	id := b.Issue("B")
	b.Must(queue.CallTicket{Counter: "2", Ticket: id, Reason: queue.CallOther})
	b.Must(queue.Transfer{Counter: "2", Ticket: id, ToCounter: "1"})
	b.Must(queue.CloseCounter{Counter: "2"})
	without := queuetest.Config()
	without.Counters[0].Skills = append(without.Counters[0].Skills, "R")
	without.Counters = slices.Delete(without.Counters, 1, 2)
	b.Must(queue.ApplyConfig{Config: without})
	if b.State.Config.Desk("2") != nil {
		t.Error("counter 2 stays for a ticket that waits for counter 1")
	}
}

// TestNoUndoIntoNothing: what was done to a ticket of a category that has gone
// since is not taken back: nobody would call it.
func TestNoUndoIntoNothing(t *testing.T) {
	b := opened(queuetest.Config())
	id := b.Issue("R")
	b.Must(queue.Cancel{Ticket: id})
	without := queuetest.Config()
	without.Categories = without.Categories[:2]
	without.Counters[1].Skills = without.Counters[1].Skills[:1]
	b.Must(queue.ApplyConfig{Config: without})
	refused(t, b, queue.Undo{Ticket: id}, queue.Closed, queue.WhyCategoryClosed)
	refused(t, b, queue.Reactivate{Ticket: id}, queue.Closed, queue.WhyCategoryClosed)
}

// TestLabelBroughtAlong: a series that is counted at each point from now on
// gives out no label that somebody has brought there before.
func TestLabelBroughtAlong(t *testing.T) {
	cfg := queuetest.Config()
	cfg.Series[0].AcrossPoints = true
	b := opened(cfg)
	id := b.Issue("A")
	b.Must(queue.Transfer{Ticket: id, ToCounter: "3"})
	if x := b.State.Ticket(id); x.Point != "annex" || x.Label != "A001" {
		t.Fatalf("%s is at %s", x.Label, x.Point)
	}
	cfg.Series = slices.Clone(cfg.Series)
	cfg.Series[0].AcrossPoints = false
	b.Must(queue.ApplyConfig{Config: cfg})
	other := queue.TicketID(b.Must(queue.Issue{Category: "A", Point: "annex"})[0].Seq)
	if x := b.State.Ticket(other); x.Label != "A002" {
		t.Errorf("the annex gives out %s beside A001", x.Label)
	}
}

// TestBoundWhereItIsServed: who is sent to one counter waits at a point that
// calls its category, for when that counter closes.
func TestBoundWhereItIsServed(t *testing.T) {
	b := opened(queuetest.Config())
	id := b.Issue("A")
	b.Must(queue.Transfer{Ticket: id, ToCounter: "2"}) // counter 1 serves it too
	cfg := queuetest.Config()
	cfg.Series[1].AcrossPoints = true
	b = opened(cfg)
	id = b.Issue("R")
	refused(t, b, queue.Transfer{Ticket: id, ToCounter: "3"}, queue.Closed, queue.WhyCategoryClosed)
	b.Must(queue.Transfer{Ticket: id, ToCounter: "3", ToCategory: "B"})
	b.Must(queue.CloseCounter{Counter: "3"})
	b.Must(queue.OpenCounter{Counter: "3"})
	b.Must(queue.CallNext{Counter: "3"})
	if got := b.State.Counter("3").Ticket; got != id {
		t.Errorf("counter 3 has ticket %d, want %d", got, id)
	}
}

// TestNoReturnToNobody: a category that goes on, though nobody at the ticket's
// point calls it any more, takes no return there, and no undo.
func TestNoReturnToNobody(t *testing.T) {
	b := opened(queuetest.Config())
	id := queue.TicketID(b.Must(queue.Issue{Category: "A", Point: "annex"})[0].Seq)
	b.Must(queue.Cancel{Ticket: id})
	cfg := queuetest.Config()
	cfg.Counters[2].Skills = []queue.CategoryID{"B"}
	b.Must(queue.ApplyConfig{Config: cfg})
	refused(t, b, queue.Undo{Ticket: id}, queue.Closed, queue.WhyCategoryClosed)
	refused(t, b, queue.Reactivate{Ticket: id}, queue.Closed, queue.WhyCategoryClosed)
}

// TestCounterMovesAway: a counter that moves to another point leaves those who
// waited for it alone to the others; when it is the last one that would call
// somebody there, it stays.
func TestCounterMovesAway(t *testing.T) {
	b := opened(queuetest.Config())
	id := b.Issue("B")
	b.Must(queue.Transfer{Ticket: id, ToCounter: "2"})
	moved := queuetest.Config()
	moved.Counters[0].Skills = []queue.CategoryID{"A", "B", "R"}
	moved.Counters[1].Number, moved.Counters[1].Point = 9, "annex"
	b.Must(queue.ApplyConfig{Config: moved})
	b.Must(queue.CallNext{Counter: "1"})
	if got := b.State.Counter("1").Ticket; got != id {
		t.Errorf("counter 1 has ticket %d, want %d, which waited for counter 2", got, id)
	}

	b = opened(queuetest.Config())
	b.Must(queue.Issue{Category: "A", Point: "annex"})
	moved = queuetest.Config()
	moved.Points = moved.Points[:1]
	moved.Counters[2].Number, moved.Counters[2].Point = 9, "main"
	refused(t, b, queue.ApplyConfig{Config: moved}, queue.Conflict, queue.WhyInUse)
	b.Must(queue.CallNext{Counter: "3"})
	b.Must(queue.Start{Counter: "3", Ticket: b.State.Counter("3").Ticket})
	b.Must(queue.Finish{Counter: "3", Ticket: b.State.Counter("3").Ticket})
	b.Must(queue.ApplyConfig{Config: moved})
}

// TestNoUndoBesideItsLabel: a ticket doesn't go back to a point to which
// another one of its label has moved since.
func TestNoUndoBesideItsLabel(t *testing.T) {
	cfg := queuetest.Config()
	cfg.Points = append(cfg.Points, queue.Point{ID: "third"})
	cfg.Counters = append(cfg.Counters, queue.Desk{ID: "4", Number: 1, Point: "third", Skills: []queue.CategoryID{"A"}})
	b := opened(cfg)
	first := queue.TicketID(b.Must(queue.Issue{Category: "A", Point: "main"})[0].Seq)
	second := queue.TicketID(b.Must(queue.Issue{Category: "A", Point: "annex"})[0].Seq)
	cfg.Series = slices.Clone(cfg.Series)
	cfg.Series[0].AcrossPoints = true
	b.Must(queue.ApplyConfig{Config: cfg})
	b.Must(queue.Transfer{Ticket: second, ToCounter: "4"})
	b.Must(queue.Transfer{Ticket: first, ToCounter: "3"})
	refused(t, b, queue.Undo{Ticket: second}, queue.Conflict, queue.WhyTicketTaken)
	b.Must(queue.Undo{Ticket: first})
	b.Must(queue.Undo{Ticket: second})
}
