package linear_test

import (
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/queue/queuetest/linear"
	"motcua/router"
)

// centre is the tests' small centre with rules that time does not touch.
func centre() queue.Config {
	c := queuetest.Config()
	c.Routing = queue.Routing{ReturnWithin: 60, ReturnCredit: 60}
	c.Calls = queue.Calls{NoShowCalls: 1, UndoWithin: 60}
	return c
}

func op(client int, from, to int64, in any, out linear.Answer) linear.Operation {
	return linear.Operation{ClientId: client, Call: from, Return: to, Input: in, Output: out}
}

// The check must be able to fail, and to leave open what nobody knows.
func TestCheck(t *testing.T) {
	const patience = 30 * time.Second
	issued := func(label string, id queue.TicketID, seq queue.Seq, ahead int) linear.Answer {
		return linear.Answer{Ticket: id, Label: label, State: queue.Waiting, Ahead: ahead, Seq: seq}
	}
	called := func(label string, id queue.TicketID, c queue.CounterID, seq queue.Seq) linear.Answer {
		return linear.Answer{Ticket: id, Label: label, State: queue.Called, Counter: c, Seq: seq}
	}
	take, lost := queue.Issue{Category: "B"}, linear.Answer{Lost: true}
	next := func(c queue.CounterID) queue.CallNext { return queue.CallNext{Counter: c} }
	empty := linear.Answer{Refused: queue.WhyQueueEmpty}
	first := op(0, 0, 10, take, issued("B001", 7, 7, 0))
	for name, x := range map[string]struct {
		halls   int // that may be there afterwards; 0 = no order explains it
		history []linear.Operation
	}{
		"in order":              {1, []linear.Operation{first, op(1, 20, 30, next("1"), called("B001", 7, "1", 8))}},
		"at the same time":      {1, []linear.Operation{first, op(1, 5, 30, next("1"), called("B001", 7, "1", 8)), op(2, 5, 30, next("2"), empty)}},
		"called twice":          {0, []linear.Operation{first, op(1, 20, 30, next("1"), called("B001", 7, "1", 8)), op(2, 20, 30, next("2"), called("B001", 7, "2", 9))}},
		"called before issue":   {0, []linear.Operation{op(0, 20, 30, take, issued("B001", 7, 7, 0)), op(1, 0, 10, next("1"), called("B001", 7, "1", 8))}},
		"missed":                {0, []linear.Operation{first, op(1, 20, 30, next("1"), empty)}},
		"label twice":           {0, []linear.Operation{first, op(1, 20, 30, take, issued("B001", 8, 8, 1))}},
		"label left out":        {0, []linear.Operation{first, op(1, 20, 30, take, issued("B003", 8, 8, 1))}},
		"out of turn":           {0, []linear.Operation{first, op(1, 20, 30, take, issued("B002", 8, 8, 1)), op(1, 40, 50, next("1"), called("B002", 8, "1", 9))}},
		"ahead":                 {0, []linear.Operation{first, op(1, 20, 30, take, issued("B002", 8, 8, 0))}},
		"another order told":    {0, []linear.Operation{op(0, 0, 10, take, issued("B001", 7, 8, 0)), op(1, 20, 30, take, issued("B002", 8, 7, 1))}},
		"a stale look":          {0, []linear.Operation{first, op(1, 20, 30, next("1"), called("B001", 7, "1", 8)), op(2, 40, 50, linear.Look{Counter: "1"}, linear.Answer{})}},
		"another's ticket":      {0, []linear.Operation{first, op(1, 20, 30, next("1"), called("B001", 7, "1", 8)), op(2, 40, 50, queue.Start{Counter: "2", Ticket: 7}, linear.Answer{Ticket: 7, Label: "B001", State: queue.Serving, Counter: "2", Seq: 9})}},
		"lost":                  {2, []linear.Operation{op(0, 0, 10, take, lost)}},
		"lost, and done":        {1, []linear.Operation{op(0, 0, 10, take, lost), op(1, 20, 30, next("1"), called("B001", 7, "1", 8))}},
		"lost, and not done":    {1, []linear.Operation{op(0, 0, 10, take, lost), op(1, 20, 30, next("1"), empty)}},
		"lost, and done late":   {0, []linear.Operation{op(0, 0, 10, take, lost), op(1, 20, 30, next("1"), empty), op(1, 40, 50, next("1"), called("B001", 7, "1", 8))}},
		"lost, and done twice":  {0, []linear.Operation{op(0, 0, 10, take, lost), op(1, 20, 30, take, issued("B003", 8, 8, 2))}},
		"lost, and seen at all": {1, []linear.Operation{op(0, 0, 10, take, lost), op(1, 20, 30, linear.Survey{}, linear.Answer{Seen: []linear.Answer{{Ticket: 7, Label: "B001", State: queue.Waiting}}})}},
		"seen and not there":    {0, []linear.Operation{op(1, 20, 30, linear.Survey{}, linear.Answer{Seen: []linear.Answer{{Ticket: 7, Label: "B001", State: queue.Waiting}}})}},
		"there and not seen":    {0, []linear.Operation{first, op(1, 20, 30, linear.Survey{}, linear.Answer{})}},
	} {
		t.Run(name, func(t *testing.T) {
			to, err := linear.Check([]*linear.Hall{linear.NewHall(centre(), "main")}, x.history, patience)
			if errors.Is(err, linear.ErrUndecided) || (err == nil) != (x.halls > 0) || len(to) != x.halls {
				t.Errorf("%d halls and %v, want %d", len(to), err, x.halls)
			}
		})
	}
}

// What was lost may show much later: the trail goes back for it.
func TestTrail(t *testing.T) {
	answer := func(label string, id queue.TicketID, state queue.TicketState, c queue.CounterID, seq queue.Seq) linear.Answer {
		return linear.Answer{Ticket: id, Label: label, State: state, Counter: c, Seq: seq}
	}
	second := answer("B002", 8, queue.Waiting, "", 8)
	second.Ahead = 1
	front := queue.Transfer{Counter: "1", Ticket: 8, ToCategory: "B", Mode: queue.First}
	keep := queue.Transfer{Counter: "1", Ticket: 8, ToCategory: "B", Mode: queue.Keep}
	part := []linear.Operation{
		op(0, 0, 10, queue.Issue{Category: "B"}, answer("B001", 7, queue.Waiting, "", 7)),
		op(0, 20, 30, queue.Issue{Category: "B"}, second),
		op(1, 40, 60, front, linear.Answer{Lost: true}), // after the next one, or before it
		op(2, 41, 60, keep, answer("B002", 8, queue.Waiting, "", 9)),
	}
	for called, ok := range map[string]bool{"B001": true, "B002": true, "B003": false} {
		trail := linear.NewTrail(linear.NewHall(centre(), "main"))
		if err := trail.Check(part, time.Minute); err != nil {
			t.Fatal(err)
		}
		id := queue.TicketID(called[3]-'1') + 7
		err := trail.Check([]linear.Operation{op(1, 70, 80, queue.CallNext{Counter: "1"}, answer(called, id, queue.Called, "1", 11))}, time.Minute)
		if (err == nil) != ok {
			t.Errorf("%s: %v", called, err)
		}
	}
}

// A check that has no time says so, and does not call the history wrong.
func TestUndecided(t *testing.T) {
	var history []linear.Operation
	for i := range 40 { // which of them were carried out?
		history = append(history, op(i, 0, 10, queue.Issue{Category: "B"}, linear.Answer{Lost: true}))
	}
	history = append(history, op(40, 20, 30, queue.CallNext{Counter: "1"}, linear.Answer{Label: "B777", State: queue.Called}))
	if _, err := linear.Check([]*linear.Hall{linear.NewHall(centre(), "main")}, history, time.Millisecond); !errors.Is(err, linear.ErrUndecided) {
		t.Errorf("got %v", err)
	}
}

// One client after the other: the model and the domain say the same of
// everything, refusals too.
func TestModelAgrees(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		book := queuetest.NewBook(router.HeadStart{})
		book.Must(queue.ApplyConfig{Config: centre()})
		book.Must(queue.OpenDay{})
		for _, k := range centre().Counters {
			book.Must(queue.OpenCounter{Counter: k.ID})
		}
		history := map[queue.PointID][]linear.Operation{}
		for i := range rapid.Int64Range(1, 60).Draw(t, "commands") {
			c, point := command(t, book.State)
			book.Pass(time.Duration(rapid.IntRange(0, 2).Draw(t, "ms")) * time.Millisecond)
			history[point] = append(history[point], op(0, 2*i, 2*i+1, c, linear.AnswerOf(book.Do(c))))
		}
		for point, h := range history {
			if _, err := linear.Check([]*linear.Hall{linear.NewHall(centre(), point)}, h, time.Minute); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// command draws one that the model has, and its point.
func command(t *rapid.T, s *queue.State) (queue.Command, queue.PointID) {
	k := rapid.SampledFrom(s.Config.Counters).Draw(t, "counter")
	if rapid.IntRange(0, 3).Draw(t, "what") == 0 {
		return queue.Issue{Point: k.Point, Category: rapid.SampledFrom(k.Skills).Draw(t, "category"),
			Class: rapid.SampledFrom([]queue.ClassID{"", "priority"}).Draw(t, "class")}, k.Point
	}
	var here []queue.TicketID
	for i := range s.Tickets {
		if s.Tickets[i].Point == k.Point {
			here = append(here, s.Tickets[i].ID)
		}
	}
	id := s.Counter(k.ID).Ticket
	if len(here) > 0 && (id == 0 || rapid.IntRange(0, 4).Draw(t, "another") == 0) {
		id = rapid.SampledFrom(here).Draw(t, "ticket")
	}
	commands := []queue.Command{queue.CallNext{Counter: k.ID}, queue.PauseCounter{Counter: k.ID}, queue.OpenCounter{Counter: k.ID}, queue.Undo{Counter: k.ID}}
	if id != 0 {
		mode := rapid.SampledFrom([]queue.TransferMode{queue.Keep, queue.First}).Draw(t, "mode")
		commands = append(commands, queue.CallNext{Counter: k.ID}, queue.CallTicket{Counter: k.ID, Ticket: id, Reason: queue.CallOther}, queue.Recall{Counter: k.ID, Ticket: id},
			queue.Start{Counter: k.ID, Ticket: id}, queue.Start{Counter: k.ID, Ticket: id}, queue.Finish{Counter: k.ID, Ticket: id},
			queue.Finish{Counter: k.ID, Ticket: id, Next: true}, queue.NoShow{Counter: k.ID, Ticket: id}, queue.Park{Counter: k.ID, Ticket: id},
			queue.Unpark{Counter: k.ID, Ticket: id}, queue.Undo{Counter: k.ID, Ticket: id}, queue.Transfer{Counter: k.ID, Ticket: id, ToCounter: k.ID, Mode: mode},
			queue.Transfer{Counter: k.ID, Ticket: id, ToCategory: rapid.SampledFrom(k.Skills).Draw(t, "target"), Mode: mode})
	}
	return rapid.SampledFrom(commands).Draw(t, "command"), k.Point
}
