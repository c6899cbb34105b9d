package queue_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// bring makes a ticket of category A and brings it into a state at counter 1,
// which stays open and, unless it holds the ticket, free.
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

// TestTable is the state table of domain.md §3.1 for the commands there are:
// each cell the next state, or the refusal.
func TestTable(t *testing.T) {
	const (
		s = "conflict/wrong_state"
		k = "conflict/ticket_taken"
		o = "conflict/ticket_over"
		d = "closed/day_over"
		y = "conflict/counter_busy"
	)
	columns := []queue.TicketState{queue.Waiting, queue.Called, queue.Serving, queue.Parked, queue.Missed, queue.Finished, queue.Cancelled, queue.Expired}
	rows := []struct {
		name  string
		cmd   func(id queue.TicketID) queue.Command
		cells [8]string
	}{
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
		{"ReprintSlip", func(id queue.TicketID) queue.Command { return queue.ReprintSlip{Ticket: id} },
			[8]string{"waiting", "called", "serving", "parked", "no_show", o, o, d}},
		{"CloseDay", func(queue.TicketID) queue.Command { return queue.CloseDay{} },
			[8]string{"expired", y, y, "expired", "expired", "finished", "cancelled", "expired"}},
	}
	for _, row := range rows {
		for i, state := range columns {
			t.Run(fmt.Sprintf("%s/%s", row.name, state), func(t *testing.T) {
				b := queuetest.OpenBook(router.HeadStart{})
				id := bring(b, state)
				b.Must(queue.SlipMoved{Ticket: id, To: queue.SlipIsPrinted})
				if got := b.State.Ticket(id).State; got != state {
					t.Fatalf("ticket is %s, want %s", got, state)
				}
				got := ""
				if _, err := b.Do(row.cmd(id)); err != nil {
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
	refused(t, b, queue.Issue{Category: "R", Point: "annex"}, queue.Closed, queue.WhyCategoryClosed)
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
	cfg := queuetest.Config()
	cfg.Categories = cfg.Categories[1:]
	cfg.Counters[0].Skills, cfg.Counters[2].Skills = []queue.CategoryID{"B"}, []queue.CategoryID{"B"}
	refused(t, b, queue.ApplyConfig{Config: cfg}, queue.Conflict, queue.WhyInUse)
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
