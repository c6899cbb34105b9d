package queue

import "time"

// NextDeadline is when a Tick is due: the next business day's beginning. The
// zero time means none.
func (s *State) NextDeadline() time.Time {
	if s.Config == nil {
		return time.Time{}
	}
	if s.Day.ID == "" {
		return s.LastAt.Time()
	}
	return s.Day.ID.Begins().Add(24 * time.Hour)
}
