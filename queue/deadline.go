package queue

import (
	"time"
)

// NextDeadline is when a Tick is due: the next business day's beginning, the
// end of an appointment's time, a planned break. The zero time means none.
func (s *State) NextDeadline() time.Time {
	if s.Config == nil {
		return time.Time{}
	}
	if s.Day.ID == "" {
		return s.LastAt.Time()
	}
	next := StampOf(s.Day.ID.Begins().Add(24 * time.Hour))
	late := minutes(s.Config.Routing.Late)
	for i := range s.Appointments {
		if a := &s.Appointments[i]; a.State == AppointmentIsBooked {
			next = min(next, a.Slot.Add(late)+1)
		}
	}
	if !s.Day.Open {
		return next.Time()
	}
	for i := range s.Config.Breaks {
		b := &s.Config.Breaks[i]
		from, to, ok := b.span(s.Day.ID)
		k := s.Counter(b.Counter)
		if !ok || k == nil || k.State != CounterIsOpen || k.Ticket != 0 || k.BreakTo >= to || s.LastAt >= to {
			continue // a busy counter pauses when it becomes free
		}
		next = min(next, from)
	}
	return next.Time()
}
