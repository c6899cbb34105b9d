package queue

import (
	"fmt"
	"slices"
)

// applyRollStarted takes a roll into use: in the place of the one put away there before.
func (s *State) applyRollStarted(e RollStarted, at Stamp) {
	r := Roll{Point: e.Point, Category: e.Category, Prefix: e.Prefix, Width: e.Width, First: e.Number, Next: e.Number,
		Self: e.Self, Open: true, Since: at}
	s.Mingled = true
	if old := s.roll(e.Point, e.Category); old != nil {
		*old = r
		return
	}
	s.Rolls = append(s.Rolls, r)
}

// onRoll changes a roll. One whose point or category the configuration has lost
// meanwhile is gone: there is nothing to change.
func (s *State) onRoll(p PointID, c CategoryID, f func(*Roll)) error {
	if r := s.roll(p, c); r != nil {
		f(r)
		return nil
	}
	return fmt.Errorf("no roll of category %q at point %q", c, p)
}

// unroll notes that a ticket's number is off its roll.
func (s *State) unroll(t *Ticket) {
	for i := range s.Rolls {
		if r := &s.Rolls[i]; r.Open && r.Point == t.Point {
			if n, ok := r.number(t.Label); ok {
				r.Next = max(r.Next, n+1)
			}
		}
	}
}

// applyTakenBack puts numbers back onto their roll. The tickets are kept beside
// those of the day, since a label is given to one id alone.
func (s *State) applyTakenBack(e RollTakenBack) error {
	for _, id := range e.Tickets {
		t := s.Ticket(id)
		if t == nil {
			return fmt.Errorf("ticket %d was not issued on %s", id, s.Day.ID)
		}
		s.use(t, -int(t.Dossiers))
		s.Back = append(s.Back, *t)
		s.Tickets = slices.DeleteFunc(s.Tickets, func(o Ticket) bool { return o.ID == id })
		s.Undos = slices.DeleteFunc(s.Undos, func(u Undoable) bool { return u.Before.ID == id })
		for i := range s.Counters {
			if s.Counters[i].Last == id {
				s.Counters[i].Last = 0
			}
		}
	}
	s.rewait()
	return s.onRoll(e.Point, e.Category, func(r *Roll) { r.Next = e.Number })
}

func (s *State) applyReissued(e TicketReissued, at Stamp, clockOK bool) error {
	i := slices.IndexFunc(s.Back, func(t Ticket) bool { return t.ID == e.Ticket })
	if i < 0 {
		return fmt.Errorf("ticket %d was not taken back", e.Ticket)
	}
	s.Back = slices.Delete(s.Back, i, i+1)
	s.applyIssued(e.Issued, e.Ticket, at, clockOK)
	return nil
}
