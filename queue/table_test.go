package queue_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// bring makes a ticket of category A and brings it into a state at counter 1,
// which stays open and, unless it holds the ticket, free. Nothing of it may be
// undone any more.
func bring(b *queuetest.Book, to queue.TicketState) queue.TicketID {
	id := b.Issue("A")
	b.Pass(time.Minute)
	steps := map[queue.TicketState][]queue.Command{
		queue.Waiting:   nil,
		queue.Called:    {queue.CallNext{Counter: "1"}},
		queue.Serving:   {queue.CallNext{Counter: "1"}, queue.Start{Counter: "1", Ticket: id}},
		queue.Parked:    {queue.CallNext{Counter: "1"}, queue.Park{Counter: "1", Ticket: id}},
		queue.Missed:    {queue.CallNext{Counter: "1"}, queue.NoShow{Counter: "1", Ticket: id}},
		queue.Finished:  {queue.CallNext{Counter: "1"}, queue.Start{Counter: "1", Ticket: id}, queue.Finish{Counter: "1", Ticket: id}},
		queue.Cancelled: {queue.Cancel{Ticket: id}},
		queue.Expired:   {queue.CloseDay{}, queue.OpenDay{}, queue.OpenCounter{Counter: "1"}, queue.OpenCounter{Counter: "2"}},
	}
	for _, c := range steps[to] {
		b.Must(c)
		b.Pass(2 * time.Minute)
	}
	return id
}

var columns = []queue.TicketState{queue.Waiting, queue.Called, queue.Serving, queue.Parked, queue.Missed, queue.Finished, queue.Cancelled, queue.Expired}

// TestTable is the state table of domain.md §3.1, every cell of it: the next
// state, or the refusal.
func TestTable(t *testing.T) {
	const (
		s = "conflict/wrong_state"
		k = "conflict/ticket_taken"
		o = "conflict/ticket_over"
		d = "closed/day_over"
		y = "conflict/counter_busy"
		l = "conflict/too_late"
		e = "not_found/queue_empty"
	)
	rows := []struct {
		name  string
		cmd   func(id queue.TicketID) queue.Command
		cells [8]string
	}{
		// The router chooses none but a waiting ticket, and a counter that has
		// one calls no other.
		{"CallNext", func(queue.TicketID) queue.Command { return queue.CallNext{Counter: "1"} },
			[8]string{"called", y, y, e, e, e, e, e}},
		{"CallTicket", func(id queue.TicketID) queue.Command {
			return queue.CallTicket{Counter: "1", Ticket: id, Reason: queue.CallOther}
		}, [8]string{"called", k, k, "called", s, o, o, d}},
		{"Recall", func(id queue.TicketID) queue.Command { return queue.Recall{Counter: "1", Ticket: id} },
			[8]string{s, "called", s, s, s, o, o, d}},
		{"Start", func(id queue.TicketID) queue.Command { return queue.Start{Counter: "1", Ticket: id} },
			[8]string{s, "serving", s, s, s, o, o, d}},
		{"Finish", func(id queue.TicketID) queue.Command { return queue.Finish{Counter: "1", Ticket: id} },
			[8]string{s, s, "finished", s, s, o, o, d}},
		{"NoShow", func(id queue.TicketID) queue.Command { return queue.NoShow{Counter: "1", Ticket: id} },
			[8]string{s, "no_show", s, s, s, o, o, d}},
		{"Park", func(id queue.TicketID) queue.Command { return queue.Park{Counter: "1", Ticket: id} },
			[8]string{s, "parked", "parked", s, s, o, o, d}},
		{"Unpark", func(id queue.TicketID) queue.Command { return queue.Unpark{Counter: "1", Ticket: id} },
			[8]string{s, s, s, "waiting", s, o, o, d}},
		{"Transfer", func(id queue.TicketID) queue.Command {
			return queue.Transfer{Counter: "1", Ticket: id, ToCategory: "B"}
		}, [8]string{"waiting", "waiting", "waiting", "waiting", s, o, o, d}},
		{"Cancel", func(id queue.TicketID) queue.Command { return queue.Cancel{Counter: "1", Ticket: id} },
			[8]string{"cancelled", "cancelled", s, "cancelled", "cancelled", o, o, d}},
		{"Reactivate", func(id queue.TicketID) queue.Command { return queue.Reactivate{Ticket: id} },
			[8]string{s, s, s, s, "waiting", o, "waiting", d}},
		{"SetClass", func(id queue.TicketID) queue.Command { return queue.SetClass{Ticket: id, Class: "priority"} },
			[8]string{"waiting", s, s, "parked", "no_show", o, o, d}},
		{"SetDossiers", func(id queue.TicketID) queue.Command { return queue.SetDossiers{Ticket: id, Dossiers: 30} },
			[8]string{"waiting", "called", "serving", "parked", "no_show", o, o, d}},
		{"PlanLegs", func(id queue.TicketID) queue.Command {
			return queue.PlanLegs{Ticket: id, Legs: []queue.CategoryID{"B"}}
		}, [8]string{"waiting", "called", "serving", "parked", "no_show", o, o, d}},
		{"Rebook", func(id queue.TicketID) queue.Command { return queue.Rebook{Ticket: id} },
			[8]string{"cancelled", s, s, "cancelled", "cancelled", o, o, d}},
		{"ReprintSlip", func(id queue.TicketID) queue.Command { return queue.ReprintSlip{Ticket: id} },
			[8]string{"waiting", "called", "serving", "parked", "no_show", o, o, d}},
		{"ConfirmSlip", func(id queue.TicketID) queue.Command { return queue.ConfirmSlip{Ticket: id} }, // which came out
			[8]string{s, s, s, s, s, s, s, s}},
		// Of what has long been done nothing is undone; TestUndoTable has the rest.
		{"Undo", func(id queue.TicketID) queue.Command { return queue.Undo{Counter: "1", Ticket: id} },
			[8]string{s, l, l, l, l, l, l, d}},
		{"CloseDay", func(queue.TicketID) queue.Command { return queue.CloseDay{} },
			[8]string{"expired", y, y, "expired", "expired", "finished", "cancelled", "expired"}},
		{"rollover", func(queue.TicketID) queue.Command { return nil },
			[8]string{"expired", "expired", "finished", "expired", "expired", "finished", "cancelled", "expired"}},
	}
	for _, row := range rows {
		for i, state := range columns {
			t.Run(fmt.Sprintf("%s/%s", row.name, state), func(t *testing.T) {
				b := halfDays()
				id := bring(b, state)
				b.Must(queue.SlipMoved{Ticket: id, To: queue.SlipIsPrinted})
				if got := b.State.Ticket(id).State; got != state {
					t.Fatalf("ticket is %s, want %s", got, state)
				}
				got := ""
				if c := row.cmd(id); c == nil {
					got = rolledOver(t, b, id)
				} else if _, err := b.Do(c); err != nil {
					var e *queue.Error
					if !errors.As(err, &e) {
						t.Fatal(err)
					}
					got = string(e.Code) + "/" + e.Reason
				} else {
					got = string(b.State.Ticket(id).State)
				}
				if got != row.cells[i] {
					t.Errorf("got %s, want %s", got, row.cells[i])
				}
				if wrong := queuetest.Invariants(b.State); wrong != nil {
					t.Error(wrong)
				}
			})
		}
	}
}

// halfDays is the small centre with a morning and an afternoon session.
func halfDays() *queuetest.Book {
	cfg := queuetest.Config()
	week := []queue.Weekday{"mon", "tue", "wed", "thu", "fri"}
	cfg.Sessions = []queue.Session{
		{ID: "morning", Name: queue.Text{"vi": "Sáng"}, Days: week, From: "07:30", To: "11:30", Doors: 30, CutOff: 15},
		{ID: "afternoon", Name: queue.Text{"vi": "Chiều"}, Days: week, From: "13:30", To: "17:00", Doors: 30, CutOff: 15},
	}
	return opened(cfg)
}

// opened is a centre with its day and all its counters open.
func opened(cfg queue.Config) *queuetest.Book {
	b := queuetest.NewBook(router.HeadStart{})
	b.Must(queue.ApplyConfig{Config: cfg})
	b.Must(queue.OpenDay{})
	for _, c := range cfg.Counters {
		b.Must(queue.OpenCounter{Counter: c.ID})
	}
	return b
}

// rolledOver lets the day end by force and names how the ticket ended.
func rolledOver(t *testing.T, b *queuetest.Book, id queue.TicketID) string {
	t.Helper()
	before := b.State.Clone()
	b.Now = queue.Day("2026-11-24").Begins()
	for _, r := range b.Must(queue.Tick{}) {
		if _, ok := r.Event.(queue.DayOpened); ok {
			break // it forgets yesterday's tickets
		}
		if err := before.Apply(r); err != nil {
			t.Fatal(err)
		}
	}
	x := before.Ticket(id)
	if x.State == queue.Finished && x.Outcome != queue.AutoClosed && x.Outcome != queue.Done {
		t.Errorf("finished as %s", x.Outcome)
	}
	return string(x.State)
}

// TestUndoTable: each command, and the state its undo brings back, at once and
// when somebody else has had the ticket since.
func TestUndoTable(t *testing.T) {
	at1 := func(c queue.CounterID) func(queue.TicketID) queue.Command {
		return func(id queue.TicketID) queue.Command { return queue.Undo{Counter: c, Ticket: id} }
	}
	for _, c := range []struct {
		name string
		from queue.TicketState
		do   func(id queue.TicketID) queue.Command
		undo func(id queue.TicketID) queue.Command
	}{
		{"call", queue.Waiting, func(queue.TicketID) queue.Command { return queue.CallNext{Counter: "1"} }, at1("1")},
		{"call by hand", queue.Waiting, func(id queue.TicketID) queue.Command {
			return queue.CallTicket{Counter: "1", Ticket: id, Reason: queue.CallOther}
		}, at1("1")},
		{"call back", queue.Parked, func(id queue.TicketID) queue.Command { return queue.CallTicket{Counter: "1", Ticket: id} }, at1("1")},
		{"start", queue.Called, func(id queue.TicketID) queue.Command { return queue.Start{Counter: "1", Ticket: id} }, at1("1")},
		{"park called", queue.Called, func(id queue.TicketID) queue.Command { return queue.Park{Counter: "1", Ticket: id} }, at1("1")},
		{"park served", queue.Serving, func(id queue.TicketID) queue.Command { return queue.Park{Counter: "1", Ticket: id} }, at1("1")},
		{"no-show", queue.Called, func(id queue.TicketID) queue.Command { return queue.NoShow{Counter: "1", Ticket: id} }, at1("1")},
		{"finish", queue.Serving, func(id queue.TicketID) queue.Command { return queue.Finish{Counter: "1", Ticket: id} }, at1("1")},
		{"transfer called", queue.Called, func(id queue.TicketID) queue.Command {
			return queue.Transfer{Counter: "1", Ticket: id, ToCategory: "B", Mode: queue.Last}
		}, at1("1")},
		{"transfer served", queue.Serving, func(id queue.TicketID) queue.Command {
			return queue.Transfer{Counter: "1", Ticket: id, ToCounter: "2", Mode: queue.First}
		}, at1("1")},
		{"transfer parked", queue.Parked, func(id queue.TicketID) queue.Command {
			return queue.Transfer{Counter: "1", Ticket: id, ToCategory: "B"}
		}, at1("1")},
		{"transfer waiting", queue.Waiting, func(id queue.TicketID) queue.Command {
			return queue.Transfer{Ticket: id, ToCategory: "B"}
		}, at1("")},
		{"unpark", queue.Parked, func(id queue.TicketID) queue.Command { return queue.Unpark{Counter: "1", Ticket: id} }, at1("1")},
		{"cancel waiting", queue.Waiting, func(id queue.TicketID) queue.Command { return queue.Cancel{Ticket: id} }, at1("")},
		{"cancel called", queue.Called, func(id queue.TicketID) queue.Command { return queue.Cancel{Counter: "1", Ticket: id} }, at1("1")},
		{"cancel missed", queue.Missed, func(id queue.TicketID) queue.Command { return queue.Cancel{Ticket: id} }, at1("")},
		{"return", queue.Missed, func(id queue.TicketID) queue.Command { return queue.Reactivate{Ticket: id} }, at1("")},
		{"return of a cancelled", queue.Cancelled, func(id queue.TicketID) queue.Command { return queue.Reactivate{Ticket: id} }, at1("")},
		{"class", queue.Waiting, func(id queue.TicketID) queue.Command { return queue.SetClass{Ticket: id, Class: "priority"} }, at1("")},
		{"dossiers", queue.Serving, func(id queue.TicketID) queue.Command { return queue.SetDossiers{Ticket: id, Dossiers: 9} }, at1("1")},
		{"legs", queue.Waiting, func(id queue.TicketID) queue.Command {
			return queue.PlanLegs{Ticket: id, Legs: []queue.CategoryID{"B", "R"}}
		}, at1("")},
		{"rebook", queue.Waiting, func(id queue.TicketID) queue.Command { return queue.Rebook{Ticket: id} }, at1("")},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := halfDays()
			id := bring(b, c.from)
			before, counters, used := *b.State.Ticket(id), slices.Clone(b.State.Counters), slices.Clone(b.State.Used)
			b.Must(c.do(id))
			if now := b.State.Ticket(id); now.State == before.State && now.Touched == before.Touched {
				t.Fatal("the command did nothing")
			}
			b.Pass(10 * time.Second)
			b.Must(c.undo(id))
			before.Touched = 0
			if d := cmp.Diff(before, *b.State.Ticket(id), cmpopts.IgnoreUnexported(queue.Ticket{})); d != "" {
				t.Errorf("(-before +after the undo):\n%s", d)
			}
			if d := cmp.Diff(counters, b.State.Counters, cmpopts.IgnoreFields(queue.Counter{}, "Last")); d != "" {
				t.Errorf("counters (-before +after the undo):\n%s", d)
			}
			if d := cmp.Diff(used, b.State.Used); d != "" {
				t.Errorf("quotas (-before +after the undo):\n%s", d)
			}
			if wrong := queuetest.Invariants(b.State); wrong != nil {
				t.Error(wrong)
			}
			refused(t, b, c.undo(id), queue.Conflict, queue.WhyWrongState) // once only
		})
		t.Run(c.name+", too late", func(t *testing.T) {
			b := halfDays()
			id := bring(b, c.from)
			b.Must(c.do(id))
			b.Pass(10*time.Second + time.Millisecond)
			refused(t, b, c.undo(id), queue.Conflict, queue.WhyTooLate)
		})
	}
}

// refused asserts that a command is refused with a code and reason.
func refused(t *testing.T, b *queuetest.Book, c queue.Command, code queue.Code, reason string) *queue.Error {
	t.Helper()
	_, err := b.Do(c)
	var e *queue.Error
	if !errors.As(err, &e) || e.Code != code || e.Reason != reason {
		t.Fatalf("%#v: got %v, want %s/%s", c, err, code, reason)
	}
	return e
}

func TestRefusals(t *testing.T) {
	b := queuetest.NewBook(router.HeadStart{})
	refused(t, b, queue.Issue{Category: "A"}, queue.Closed, queue.WhyNotConfigured)
	b.Must(queue.ApplyConfig{Config: queuetest.Config()})
	refused(t, b, queue.Issue{Category: "A"}, queue.Closed, queue.WhyDayClosed)
	refused(t, b, queue.OpenCounter{Counter: "1"}, queue.Closed, queue.WhyDayClosed)
	refused(t, b, queue.OpenDay{Day: "23.11.2026"}, queue.Invalid, queue.WhyBadField)
	b.Must(queue.OpenDay{})
	refused(t, b, queue.OpenDay{}, queue.Conflict, queue.WhyWrongState)
	refused(t, b, queue.OpenDay{Day: "2026-11-20"}, queue.Conflict, queue.WhyDayBackwards)
	refused(t, b, queue.Issue{Category: "Z"}, queue.NotFound, queue.WhyCategoryUnknown)
	refused(t, b, queue.Issue{Category: "R", Point: "annex"}, queue.Closed, queue.WhyOtherPoint)
	refused(t, b, queue.Issue{Category: "A", Class: "king"}, queue.NotFound, queue.WhyClassUnknown)
	refused(t, b, queue.Issue{Category: "A", Dossiers: 100}, queue.Invalid, queue.WhyBadField)
	b.Role = queue.Kiosk
	refused(t, b, queue.Issue{Category: "A", Class: "priority"}, queue.Denied, queue.WhyClassByStaff)
	refused(t, b, queue.Issue{Category: "A", Dossiers: 2}, queue.Denied, queue.WhyClassByStaff)
	b.Role = queue.Officer
	refused(t, b, queue.CallNext{Counter: "1"}, queue.Closed, queue.WhyCounterClosed)
	refused(t, b, queue.CallNext{Counter: "9"}, queue.NotFound, queue.WhyCounterUnknown)
	b.Must(queue.OpenCounter{Counter: "1", Staff: "s1"})
	refused(t, b, queue.OpenCounter{Counter: "1", Staff: "s1"}, queue.Conflict, queue.WhyWrongState)
	refused(t, b, queue.OpenCounter{Counter: "2", Staff: "s1"}, queue.Conflict, queue.WhyStaffElsewhere)
	refused(t, b, queue.CallNext{Counter: "1"}, queue.NotFound, queue.WhyQueueEmpty)
	first, second := b.Issue("A"), b.Issue("A")
	b.Must(queue.CallNext{Counter: "1"})
	refused(t, b, queue.CallNext{Counter: "1"}, queue.Conflict, queue.WhyCounterBusy)
	refused(t, b, queue.PauseCounter{Counter: "1"}, queue.Conflict, queue.WhyCounterBusy)
	refused(t, b, queue.CloseCounter{Counter: "1"}, queue.Conflict, queue.WhyCounterBusy)
	b.Must(queue.OpenCounter{Counter: "2"})
	refused(t, b, queue.Start{Counter: "2", Ticket: first}, queue.Denied, queue.WhyNotHolder)
	if e := refused(t, b, queue.Recall{Counter: "1", Ticket: first}, queue.Conflict, queue.WhyTooSoon); e.Wait != 20 {
		t.Errorf("recall: wait %d s, want 20", e.Wait)
	}
	if e := refused(t, b, queue.NoShow{Counter: "1", Ticket: first}, queue.Conflict, queue.WhyTooSoon); e.Wait != 60 {
		t.Errorf("no-show: wait %d s, want 60", e.Wait)
	}
	b.Pass(20 * time.Second)
	b.Must(queue.Recall{Counter: "1", Ticket: first})
	b.Must(queue.NoShow{Counter: "1", Ticket: first}) // two calls are enough
	b.Must(queue.Reactivate{Ticket: first})
	b.Must(queue.CallTicket{Counter: "1", Ticket: first, Reason: queue.CallOther})
	b.Pass(time.Minute)
	b.Must(queue.NoShow{Counter: "1", Ticket: first})
	refused(t, b, queue.Reactivate{Ticket: first}, queue.Conflict, queue.WhyLimitReached)
	refused(t, b, queue.CallTicket{Counter: "1", Ticket: second}, queue.Invalid, queue.WhyBadField)
	refused(t, b, queue.Transfer{Ticket: second}, queue.Invalid, queue.WhyBadField)
	refused(t, b, queue.Transfer{Ticket: second, ToCategory: "Z"}, queue.NotFound, queue.WhyCategoryUnknown)
	refused(t, b, queue.Transfer{Ticket: second, ToCounter: "3"}, queue.Closed, queue.WhyCategoryClosed)
	b.Must(queue.CloseCounter{Counter: "2"})
	refused(t, b, queue.Transfer{Ticket: second, ToCategory: "R"}, queue.Closed, queue.WhyCategoryClosed)
}

// TestConfigMistakesAllAtOnce: ten mistakes, ten problems, each with its place and remedy.
func TestConfigMistakesAllAtOnce(t *testing.T) {
	cfg := queuetest.Config()
	cfg.Centre.ID = "a b"
	cfg.Languages = []string{"vi", "VI"}
	cfg.Series[0].Prefix = "Đ"
	cfg.Categories[0].Series = "X"
	cfg.Categories[1].Minutes = 0
	cfg.Categories[2].Name = nil
	cfg.Classes[1].HeadStart = 500
	cfg.Counters[0].Skills = []queue.CategoryID{"A", "Q"}
	cfg.Counters[1].Number = 1
	cfg.Routing.Guard = 5
	b := queuetest.NewBook(nil)
	_, err := b.Do(queue.ApplyConfig{Config: cfg})
	var problems queue.Problems
	if !errors.As(err, &problems) {
		t.Fatalf("got %v", err)
	}
	want := []string{"centre.id", "languages[1]", "series[0].prefix", "categories[0].series", "categories[1].minutes",
		"categories[2].name", "classes[1].head_start", "counters[0].skills[1]", "counters[1].number", "routing.guard"}
	for _, f := range want {
		found := false
		for _, p := range problems {
			found = found || p.Field == f && p.Msg != "" && p.Hint != ""
		}
		if !found {
			t.Errorf("no problem names %s:\n%v", f, problems)
		}
	}
	if len(problems) != len(want) {
		t.Errorf("%d problems, want %d:\n%v", len(problems), len(want), problems)
	}
	if len(b.Records) != 0 {
		t.Error("a refused configuration left a record")
	}
}
