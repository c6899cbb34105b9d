package staff

import "motcua/queue"

// Seat is a counter as somebody sees it who looks for the place to sit down at.
type Seat struct {
	ID     queue.CounterID
	Number int
	Point  queue.PointID
	State  queue.CounterState
	Since  queue.Stamp // of the state; 0 when unknown
	Pause  queue.PauseReason
	Skills []Skill
	// Label and TicketState are of the ticket in hand; empty: none.
	Label       string
	TicketState queue.TicketState
	Waiting     int // tickets this counter may call
}

// Skill is a category a counter serves.
type Skill struct {
	Category queue.CategoryID
	Name     queue.Text
}

// NewSeats lists the centre's counters as they are configured; none without a
// configuration. The result shares no memory that changes with the state.
func NewSeats(s *queue.State) []Seat {
	cfg := s.Config
	if cfg == nil {
		return nil
	}
	seats := make([]Seat, 0, len(cfg.Counters))
	for i := range cfg.Counters {
		desk := &cfg.Counters[i]
		seat := Seat{ID: desk.ID, Number: desk.Number, Point: desk.Point, State: queue.CounterIsClosed}
		if k := s.Counter(desk.ID); k != nil {
			seat.State, seat.Since, seat.Pause = k.State, k.Since, k.Pause
			if t := s.Ticket(k.Ticket); t != nil {
				seat.Label, seat.TicketState = t.Label, t.State
			}
		}
		for j := range cfg.Categories { // in the order of the walls, not of the desk
			if c := &cfg.Categories[j]; desk.Serves(c.ID) {
				seat.Skills = append(seat.Skills, Skill{Category: c.ID, Name: c.Name})
			}
		}
		allowed := s.View().Eligible(desk.ID)
		for t := range s.View().EachWaiting {
			if allowed.Allows(t) {
				seat.Waiting++
			}
		}
		seats = append(seats, seat)
	}
	return seats
}
