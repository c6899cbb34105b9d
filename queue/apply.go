package queue

import (
	"fmt"
	"slices"
	"strings"
)

// Apply folds one record into the state. It is total: every record a Decide of
// this or an earlier release made is accepted, and the clock and the policy
// are never asked. The error tells of a journal that is not one: a gap, an
// event about a ticket nobody issued. The state is then unusable.
func (s *State) Apply(r Record) error {
	if r.Seq != s.Pos.Seq+1 {
		return fmt.Errorf("apply record %d: the state stands at %d", r.Seq, s.Pos.Seq)
	}
	at := StampOf(r.At)
	if err := s.apply(&r, at); err != nil {
		return fmt.Errorf("apply record %d (%s): %w", r.Seq, r.Event.EventType(), err)
	}
	s.Pos.Seq, s.Pos.Hash, s.LastAt = r.Seq, r.Hash, at
	return nil
}

func (s *State) apply(r *Record, at Stamp) error {
	seq := r.Seq
	switch e := r.Event.(type) {
	case ConfigApplied:
		s.applyConfig(e.Config)
		return nil
	case DayOpened:
		s.applyDayOpened(e, at)
		return nil
	case DayClosed:
		s.Day.Open, s.Day.Closed = false, at
		return nil
	case CounterOpened:
		return s.onCounter(e.Counter, func(c *Counter) {
			c.State, c.Staff, c.Pause, c.Since = CounterIsOpen, e.Staff, "", at
		})
	case CounterPaused:
		return s.onCounter(e.Counter, func(c *Counter) {
			c.State, c.Pause, c.Since = CounterIsPaused, e.Reason, at
		})
	case CounterClosed:
		return s.applyCounterClosed(e, at)
	case TicketIssued:
		s.applyIssued(e, seq, at, r.ClockOK)
		return nil
	case TicketCalled:
		return s.applyCalled(e, seq, at)
	case TicketRecalled:
		return s.onTicket(e.Ticket, func(t *Ticket) {
			t.LastCall, t.Calls = at, int32(e.Call)
			s.remember(t, e.Counter, seq, at)
		})
	case TicketStarted:
		return s.onTicket(e.Ticket, func(t *Ticket) { s.move(t, Serving, at); t.Started = at })
	case TicketFinished:
		return s.onTicket(e.Ticket, func(t *Ticket) {
			s.release(t, at)
			s.move(t, Finished, at)
			t.Outcome = e.Outcome
			if c := s.Counter(e.Counter); c != nil {
				c.Served++
			}
		})
	case TicketNoShow:
		return s.onTicket(e.Ticket, func(t *Ticket) { s.release(t, at); s.move(t, Missed, at) })
	case TicketReactivated:
		return s.onTicket(e.Ticket, func(t *Ticket) {
			t.Returns++
			s.requeue(t, at, e.Arrival, Returned)
		})
	case TicketParked:
		return s.onTicket(e.Ticket, func(t *Ticket) { s.release(t, at); s.move(t, Parked, at) })
	case TicketUnparked:
		return s.onTicket(e.Ticket, func(t *Ticket) { s.requeue(t, at, e.Arrival, Returned) })
	case TicketTransferred:
		return s.onTicket(e.Ticket, func(t *Ticket) {
			s.release(t, at)
			t.Category, t.Bound, t.Front = e.Category, e.Bound, e.Mode == First
			s.requeue(t, at, e.Arrival, Moved)
		})
	case TicketCancelled:
		return s.onTicket(e.Ticket, func(t *Ticket) { s.release(t, at); s.move(t, Cancelled, at) })
	case TicketExpired:
		return s.onTicket(e.Ticket, func(t *Ticket) { s.release(t, at); s.move(t, Expired, at) })
	case SlipQueued:
		return s.onTicket(e.Ticket, func(t *Ticket) { t.Slip, t.SlipSince, t.Reprint = SlipIsQueued, at, true })
	case SlipSending:
		return s.onTicket(e.Ticket, func(t *Ticket) { t.Slip, t.SlipSince = SlipIsSending, at })
	case SlipPrinted:
		return s.onTicket(e.Ticket, func(t *Ticket) { t.Slip, t.SlipSince = SlipIsPrinted, at })
	case SlipFailed:
		return s.onTicket(e.Ticket, func(t *Ticket) { t.Slip, t.SlipSince = SlipIsFailed, at })
	case SlipUnknown:
		return s.onTicket(e.Ticket, func(t *Ticket) { t.Slip, t.SlipSince = SlipIsUnknown, at })
	}
	return fmt.Errorf("event %T is unknown to this release", r.Event)
}

func (s *State) applyConfig(c *Config) {
	s.Config, s.index = c, newIndex(c)
	counters := make([]Counter, len(c.Counters))
	for i, d := range c.Counters {
		counters[i] = Counter{ID: d.ID, State: CounterIsClosed}
		if old := s.Counter(d.ID); old != nil {
			counters[i] = *old
		}
	}
	s.Counters = counters
	for i := range s.Tickets {
		s.reindex(&s.Tickets[i])
	}
	s.handOnPrefixes()
}

// handOnPrefixes lets a series that has taken over another one's prefix during
// the day begin after what that one gave out: no label names two people.
func (s *State) handOnPrefixes() {
	for i := range s.Tickets {
		t := &s.Tickets[i]
		prefix := strings.TrimRight(t.Label, "0123456789")
		for k := range s.Config.Series {
			series := &s.Config.Series[k]
			if series.Prefix != prefix || series.ID == t.Series {
				continue
			}
			c := s.count(t.Point, series.ID)
			if c == nil {
				s.Series = append(s.Series, SeriesCount{Point: t.Point, Series: series.ID})
				c = &s.Series[len(s.Series)-1]
			}
			c.Last = max(c.Last, int(t.Number))
		}
	}
}

// applyDayOpened begins a day with nothing, or goes on with the one just closed.
func (s *State) applyDayOpened(e DayOpened, at Stamp) {
	if e.Day == s.Day.ID {
		s.Day.Open, s.Day.Closed = true, 0
		return
	}
	s.Day = BusinessDay{ID: e.Day, Open: true, Opened: at}
	s.Tickets, s.Series, s.Calls, s.waiting = nil, nil, nil, nil
	for i := range s.Counters {
		s.Counters[i] = Counter{ID: s.Counters[i].ID, State: CounterIsClosed}
	}
}

func (s *State) applyCounterClosed(e CounterClosed, at Stamp) error {
	for _, i := range s.waiting {
		if t := &s.Tickets[i]; t.Bound == e.Counter {
			t.Bound = "" // nobody waits for a counter that has gone home
			s.reindex(t)
		}
	}
	return s.onCounter(e.Counter, func(c *Counter) {
		c.State, c.Staff, c.Pause, c.Since = CounterIsClosed, "", "", at
	})
}

func (s *State) applyIssued(e TicketIssued, seq Seq, at Stamp, clockOK bool) {
	t := Ticket{
		ID: TicketID(seq), Label: e.Label, Number: int32(e.Number), Series: e.Series, Point: e.Point,
		Category: e.Category, Class: e.Class, State: Waiting, Dossiers: int32(e.Dossiers), Entry: e.Entry, Ref: e.Ref,
		Issued: at, ClockOK: clockOK, Arrival: at, Since: at, Slip: SlipIsQueued, SlipSince: at,
	}
	s.reindex(&t)
	s.waiting = append(s.waiting, int32(len(s.Tickets)))
	s.Tickets = append(s.Tickets, t)
	if c := s.count(e.Point, e.Series); c != nil {
		c.Last = e.Number
		return
	}
	s.Series = append(s.Series, SeriesCount{Point: e.Point, Series: e.Series, Last: e.Number})
}

func (s *State) applyCalled(e TicketCalled, seq Seq, at Stamp) error {
	err := s.onTicket(e.Ticket, func(t *Ticket) {
		s.move(t, Called, at)
		t.Counter, t.Reason, t.LastCall, t.Calls, t.Front = e.Counter, e.Reason, at, 1, false
		if t.FirstCall == 0 {
			t.FirstCall = at
		}
		s.remember(t, e.Counter, seq, at)
	})
	if err != nil {
		return err
	}
	return s.onCounter(e.Counter, func(c *Counter) { c.Ticket = e.Ticket })
}

// remember keeps the call for the boards.
func (s *State) remember(t *Ticket, c CounterID, seq Seq, at Stamp) {
	if len(s.Calls) == keptCalls {
		s.Calls = slices.Delete(s.Calls, 0, 1)
	}
	s.Calls = append(s.Calls, Call{Seq: seq, At: at, Ticket: t.ID, Label: t.Label, Category: t.Category, Class: t.Class,
		Point: t.Point, Counter: c, Nth: int(t.Calls), Reason: t.Reason})
}

// release frees the counter that holds the ticket and closes its serving interval.
func (s *State) release(t *Ticket, at Stamp) {
	if t.State == Serving {
		t.Served += at - t.Started
	}
	if t.State.Held() {
		if c := s.Counter(t.Counter); c != nil && c.Ticket == t.ID {
			c.Ticket = 0
		}
	}
}

// requeue puts a ticket back among the waiting.
func (s *State) requeue(t *Ticket, at, arrival Stamp, cause ArrivalCause) {
	s.move(t, Waiting, at)
	t.Arrival, t.ArrivalCause, t.Calls = arrival, cause, 0
	s.reindex(t)
}

// move changes a ticket's state and keeps the list of the waiting.
func (s *State) move(t *Ticket, to TicketState, at Stamp) {
	if (t.State == Waiting) != (to == Waiting) {
		id := t.ID
		k, found := slices.BinarySearchFunc(s.waiting, id, func(i int32, id TicketID) int {
			switch o := s.Tickets[i].ID; {
			case o < id:
				return -1
			case o > id:
				return 1
			}
			return 0
		})
		if to == Waiting && !found {
			i, _ := slices.BinarySearchFunc(s.Tickets, id, func(o Ticket, id TicketID) int {
				switch {
				case o.ID < id:
					return -1
				case o.ID > id:
					return 1
				}
				return 0
			})
			s.waiting = slices.Insert(s.waiting, k, int32(i))
		} else if to != Waiting && found {
			s.waiting = slices.Delete(s.waiting, k, k+1)
		}
	}
	t.State, t.Since = to, at
}

func (s *State) onTicket(id TicketID, f func(*Ticket)) error {
	t := s.Ticket(id)
	if t == nil {
		return fmt.Errorf("ticket %d was not issued on %s", id, s.Day.ID)
	}
	f(t)
	return nil
}

func (s *State) onCounter(id CounterID, f func(*Counter)) error {
	c := s.Counter(id)
	if c == nil {
		return fmt.Errorf("counter %q is not in the configuration", id)
	}
	f(c)
	return nil
}
