package queuetest

import (
	"pgregory.net/rapid"

	"motcua/queue"
)

// Command draws any command of the set, sensible or not: ids that exist and
// ids that don't, in every order.
func Command(t *rapid.T, s *queue.State) queue.Command {
	counter := rapid.SampledFrom([]queue.CounterID{"1", "2", "3", "1", "2", "3", "9"})
	category := rapid.SampledFrom([]queue.CategoryID{"A", "B", "R", "A", "B", "R", "Z"})
	id := func() queue.TicketID {
		if len(s.Tickets) == 0 || rapid.IntRange(0, 20).Draw(t, "stranger") == 0 {
			return queue.TicketID(rapid.IntRange(0, 50).Draw(t, "ticket"))
		}
		return s.Tickets[rapid.IntRange(0, len(s.Tickets)-1).Draw(t, "ticket")].ID
	}
	// holding prefers the ticket a counter holds, so that long stories happen.
	holding := func() (queue.CounterID, queue.TicketID) {
		c := counter.Draw(t, "counter")
		if k := s.Counter(c); k != nil && k.Ticket != 0 && rapid.IntRange(0, 5).Draw(t, "own") > 0 {
			return c, k.Ticket
		}
		return c, id()
	}
	// in prefers a ticket of the state, with the counter it stands at.
	in := func(state queue.TicketState) (queue.CounterID, queue.TicketID) {
		for i := range s.Tickets {
			if x := &s.Tickets[i]; x.State == state && rapid.IntRange(0, 5).Draw(t, "own") > 0 {
				return x.Counter, x.ID
			}
		}
		return counter.Draw(t, "counter"), id()
	}
	switch rapid.IntRange(0, 23).Draw(t, "command") {
	case 0, 1, 2, 3, 4:
		return queue.Issue{Category: category.Draw(t, "category"),
			Point:    rapid.SampledFrom([]queue.PointID{"", "main", "annex", "nowhere"}).Draw(t, "point"),
			Class:    rapid.SampledFrom([]queue.ClassID{"", queue.Normal, "priority", "king"}).Draw(t, "class"),
			Dossiers: rapid.IntRange(-1, 4).Draw(t, "dossiers")}
	case 5, 6, 7:
		return queue.CallNext{Counter: counter.Draw(t, "counter")}
	case 8:
		return queue.CallTicket{Counter: counter.Draw(t, "counter"), Ticket: id(),
			Reason: rapid.SampledFrom([]queue.CallReason{"", queue.CallAccompanied, queue.CallOther, "because"}).Draw(t, "reason")}
	case 9:
		c, k := holding()
		return queue.Recall{Counter: c, Ticket: k}
	case 10, 11:
		c, k := holding()
		return queue.Start{Counter: c, Ticket: k}
	case 12, 13:
		c, k := holding()
		return queue.Finish{Counter: c, Ticket: k, Next: rapid.Bool().Draw(t, "next"),
			Outcome: rapid.SampledFrom([]queue.Outcome{"", queue.Done, queue.Left, "gone"}).Draw(t, "outcome")}
	case 14:
		c, k := holding()
		return queue.NoShow{Counter: c, Ticket: k}
	case 15:
		_, k := in(queue.Missed)
		return queue.Reactivate{Ticket: k}
	case 16:
		c, k := holding()
		return queue.Park{Counter: c, Ticket: k}
	case 17:
		c, k := in(queue.Parked)
		return queue.Unpark{Counter: c, Ticket: k}
	case 18:
		c, k := holding()
		tr := queue.Transfer{Counter: c, Ticket: k, Mode: rapid.SampledFrom([]queue.TransferMode{"", queue.Keep, queue.First, queue.Last, "jump"}).Draw(t, "mode")}
		if rapid.Bool().Draw(t, "to counter") {
			tr.ToCounter = counter.Draw(t, "target")
		} else {
			tr.ToCategory = category.Draw(t, "target")
		}
		return tr
	case 19:
		return queue.Cancel{Counter: counter.Draw(t, "counter"), Ticket: id()}
	case 20:
		c := counter.Draw(t, "counter")
		switch rapid.IntRange(0, 2).Draw(t, "what") {
		case 0:
			return queue.OpenCounter{Counter: c, Staff: rapid.SampledFrom([]string{"", "s1", "s2"}).Draw(t, "staff")}
		case 1:
			return queue.PauseCounter{Counter: c, Reason: queue.PauseLunch}
		}
		return queue.CloseCounter{Counter: c}
	case 21:
		switch rapid.IntRange(0, 9).Draw(t, "day") {
		case 0:
			return queue.CloseDay{}
		case 1, 2:
			cfg := Config()
			if rapid.Bool().Draw(t, "prefixes swapped") {
				cfg.Series[0].Prefix, cfg.Series[1].Prefix = cfg.Series[1].Prefix, cfg.Series[0].Prefix
			}
			return queue.ApplyConfig{Config: cfg}
		}
		return queue.OpenDay{}
	case 22:
		return queue.Tick{}
	}
	if rapid.Bool().Draw(t, "reprint") {
		return queue.ReprintSlip{Ticket: id()}
	}
	return queue.SlipMoved{Ticket: id(), To: rapid.SampledFrom([]queue.SlipState{
		queue.SlipIsSending, queue.SlipIsPrinted, queue.SlipIsFailed, queue.SlipIsUnknown, "eaten"}).Draw(t, "to")}
}
