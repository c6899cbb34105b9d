package queue

import (
	"fmt"
	"slices"
)

// holder is the counter a command about the ticket is counted with: the one
// that holds it or has parked it.
func (s *State) holder(t *Ticket) CounterID {
	if t.State.Held() || t.State == Parked {
		return t.Counter
	}
	return ""
}

// mark keeps the ticket as it is before an event that may be undone. A counter
// has one last command; a ticket nobody holds has its own.
func (s *State) mark(t *Ticket, c CounterID, r *Record, at Stamp) {
	s.forget(c, t.ID, at, 0)
	s.keep(t, c, r, at, 0)
}

// markCall is mark for a call, which may belong to the finish just before it.
func (s *State) markCall(t *Ticket, e TicketCalled, r *Record, at Stamp) {
	s.forget(e.Counter, t.ID, at, e.Finished)
	s.keep(t, e.Counter, r, at, e.Finished)
}

// keptUndos bounds what is kept of commands no counter gave: in a rush the
// oldest go before their time, so that a state stays cheap to copy.
const keptUndos = 32

func (s *State) keep(t *Ticket, c CounterID, r *Record, at Stamp, finished TicketID) {
	s.Undos = append(s.Undos, Undoable{Counter: c, Seq: r.Seq, At: at, Mark: s.here(), Event: r.Event.EventType(), Finished: finished, Before: *t})
	t.Touched = r.Seq
	if k := s.Counter(c); k != nil {
		k.Last = t.ID
	}
}

// forget drops what can no longer be undone: what is out of time, and the
// earlier command of the same counter, or for the same ticket when no counter
// gave it. The finish that asked for a call stays beside it.
func (s *State) forget(c CounterID, t TicketID, at Stamp, finished TicketID) {
	window := s.Config.Calls.UndoWindow()
	s.Undos = slices.DeleteFunc(s.Undos, func(u Undoable) bool {
		switch {
		case elapsed(u.Mark, s.here(), u.At, at) > window:
			return true
		case finished != 0 && u.Before.ID == finished && u.Counter == c:
			return false
		}
		return u.Counter == c && (c != "" || u.Before.ID == t)
	})
	if limit := keptUndos + len(s.Counters); len(s.Undos) > limit {
		if i := slices.IndexFunc(s.Undos, func(u Undoable) bool { return u.Counter == "" }); i >= 0 {
			s.Undos = slices.Delete(s.Undos, i, i+1)
		}
	}
}

// settle ends what may be undone at a counter that was opened, paused or closed
// by hand: its last command is that, and the officer may be another one.
func (s *State) settle(c CounterID) {
	s.Undos = slices.DeleteFunc(s.Undos, func(u Undoable) bool { return u.Counter == c })
	if k := s.Counter(c); k != nil {
		k.Last = 0
	}
}

// applyUndone puts the ticket back as it was; only its paper stays as it is.
func (s *State) applyUndone(e TicketUndone, at Stamp) error {
	t := s.Ticket(e.Ticket)
	i := slices.IndexFunc(s.Undos, func(u Undoable) bool { return u.Before.ID == e.Ticket && u.Seq == e.Seq })
	if t == nil || i < 0 {
		return fmt.Errorf("nothing of ticket %d to undo at %d", e.Ticket, e.Seq)
	}
	u := s.Undos[i]
	s.Undos = slices.Delete(s.Undos, i, i+1)
	if k := s.Counter(u.Counter); k != nil {
		k.Last = 0
	}
	if k := s.Counter(t.Counter); k != nil && t.State.Held() && k.Ticket == t.ID {
		k.Ticket = 0
	}
	switch u.Event {
	case TicketFinished{}.EventType(), TicketLegFinished{}.EventType():
		if k := s.Counter(u.Counter); k != nil {
			k.Served--
		}
	case TicketCalled{}.EventType():
		s.Calls = slices.DeleteFunc(s.Calls, func(c Call) bool { return c.Ticket == t.ID && c.Seq >= u.Seq })
	case TicketDossiersSet{}.EventType():
		s.use(t, int(u.Before.Dossiers)-int(t.Dossiers))
	}
	s.move(t, u.Before.State, at)
	slip, since, reprint := t.Slip, t.SlipSince, t.Reprint
	*t = u.Before
	t.Slip, t.SlipSince, t.Reprint, t.Touched = slip, since, reprint, 0
	if t.Bound != "" {
		k := s.Counter(t.Bound)
		if k == nil || k.State == CounterIsClosed || s.Config.Desk(t.Bound).Point != t.Point {
			t.Bound = ""
		}
	}
	s.reindex(t)
	if k := s.Counter(t.Counter); k != nil && t.State.Held() {
		if k.State == CounterIsPaused && k.Until == k.BreakTo {
			k.BreakTo = 0 // the planned break comes when the ticket is done
		}
		k.Ticket, k.State, k.Pause, k.Until = t.ID, CounterIsOpen, "", 0
	}
	return nil
}
