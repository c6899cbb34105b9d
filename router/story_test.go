package router_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"motcua/queue"
	"motcua/queue/queuetest"
)

// drawCentre draws a whole centre: points, up to twelve categories, counters
// that serve some of them, classes, window and guard.
func drawCentre(t *rapid.T) queue.Config {
	cfg := queuetest.Config()
	draw := func(low, high int, what string) int { return rapid.IntRange(low, high).Draw(t, what) }
	words := queue.Text{"vi": "Mẫu", "en": "Model"}
	cfg.Points = cfg.Points[:draw(1, 2, "points")]
	cfg.Categories, cfg.Counters = nil, nil
	for i := range draw(1, 12, "categories") {
		cfg.Categories = append(cfg.Categories, queue.Category{ID: queue.CategoryID("ABCDEFGHKLMN"[i : i+1]), Name: words,
			Series: "A", Minutes: draw(1, 30, "minutes"), Panel: true})
	}
	for i := range draw(1, 5, "counters") {
		d := queue.Desk{ID: queue.CounterID(fmt.Sprint(i + 1)), Number: i + 1, Point: cfg.Points[i%len(cfg.Points)].ID}
		for _, k := range rapid.Permutation(cfg.Categories).Draw(t, "skills")[:draw(1, len(cfg.Categories), "served")] {
			d.Skills = append(d.Skills, k.ID)
		}
		cfg.Counters = append(cfg.Counters, d)
	}
	for _, k := range cfg.Categories { // each is served somewhere
		if !slices.ContainsFunc(cfg.Counters, func(d queue.Desk) bool { return d.Serves(k.ID) }) {
			d := &cfg.Counters[draw(0, len(cfg.Counters)-1, "server")]
			d.Skills = append(d.Skills, k.ID)
		}
	}
	most := draw(15, 120, "H priority")
	cfg.Routing = queue.Routing{Window: draw(0, 10, "D"), Guard: rapid.SampledFrom([]int{0, 30, 45, 60, 90, 240}).Draw(t, "G"),
		ReturnWithin: draw(0, 60, "return within"), ReturnCredit: draw(0, 60, "return credit"), Late: draw(0, 60, "late")}
	cfg.Classes[1].HeadStart = most
	if draw(0, 7, "strict") == 0 {
		cfg.Classes[1].HeadStart, cfg.Routing.Guard = queue.Strict, 60
	}
	cfg.Classes = append(cfg.Classes,
		queue.Class{ID: queue.Appointed, Name: words, HeadStart: draw(0, most, "H appointment")},
		queue.Class{ID: "invited", Name: words, HeadStart: draw(0, most, "H invited")})
	return cfg
}

// story is a day of a centre, drawn step by step.
type story struct {
	*queuetest.Book
	t   *rapid.T
	cfg queue.Config
}

// newStory opens the centre with all its counters.
func newStory(t *rapid.T, cfg queue.Config, picker queue.Picker) *story {
	s := &story{queuetest.NewBook(picker), t, cfg}
	s.Must(queue.ApplyConfig{Config: cfg})
	s.Must(queue.OpenDay{})
	for _, c := range cfg.Counters {
		s.Must(queue.OpenCounter{Counter: c.ID})
	}
	return s
}

func (s *story) draw(low, high int, what string) int {
	return rapid.IntRange(low, high).Draw(s.t, what)
}

func (s *story) counter() queue.CounterID {
	return s.cfg.Counters[s.draw(0, len(s.cfg.Counters)-1, "counter")].ID
}

func (s *story) category() queue.CategoryID {
	return s.cfg.Categories[s.draw(0, len(s.cfg.Categories)-1, "category")].ID
}

// one draws a ticket in one of the states; 0 when there is none.
func (s *story) one(states ...queue.TicketState) queue.TicketID {
	var ids []queue.TicketID
	for i := range s.State.Tickets {
		if slices.Contains(states, s.State.Tickets[i].State) {
			ids = append(ids, s.State.Tickets[i].ID)
		}
	}
	if len(ids) == 0 {
		return 0
	}
	return ids[s.draw(0, len(ids)-1, "ticket")]
}

func (s *story) class() queue.ClassID {
	classes := []queue.ClassID{"priority", "invited", queue.Normal, queue.Normal, queue.Normal, queue.Normal, queue.Normal, queue.Normal}
	return classes[s.draw(0, len(classes)-1, "class")]
}

func (s *story) transfer(held queue.CounterID, id queue.TicketID) queue.Command {
	tr := queue.Transfer{Counter: held, Ticket: id,
		Mode: rapid.SampledFrom([]queue.TransferMode{queue.Keep, queue.Keep, queue.Last, queue.Last, queue.First}).Draw(s.t, "mode")}
	if s.draw(0, 2, "to counter") == 0 {
		tr.ToCounter = s.counter()
	} else {
		tr.ToCategory = s.category()
	}
	return tr
}

// step lets some time go by and something happen. What the rules refuse is
// part of the story.
func (s *story) step() {
	s.Pass(time.Duration(s.draw(0, 15, "minutes"))*time.Minute + time.Duration(s.draw(0, 59_999, "pass"))*time.Millisecond)
	switch s.draw(0, 15, "step") {
	case 0, 1, 2, 3:
		point := s.cfg.Points[s.draw(0, len(s.cfg.Points)-1, "point")].ID
		dossiers := 1
		if s.draw(0, 7, "agent") == 0 {
			dossiers = s.draw(2, 9, "dossiers")
		}
		s.Do(queue.Issue{Category: s.category(), Point: point, Class: s.class(), Dossiers: dossiers})
	case 4, 5, 6:
		s.appointment()
	case 7, 8:
		s.Do(queue.CallNext{Counter: s.counter()})
	case 9, 10, 11:
		s.work(s.counter())
	case 12:
		if id := s.one(queue.Waiting); id != 0 {
			s.Do(s.transfer("", id))
		}
	case 13:
		if id := s.one(queue.Missed, queue.Parked, queue.Cancelled); id != 0 {
			if t := s.State.Ticket(id); t.State == queue.Parked {
				s.Do(queue.Unpark{Counter: t.Counter, Ticket: id})
			} else {
				s.Do(queue.Reactivate{Ticket: id})
			}
		}
	case 14:
		if id := s.one(queue.Waiting); id != 0 {
			switch s.draw(0, 2, "what") {
			case 0:
				s.Do(queue.CallTicket{Counter: s.counter(), Ticket: id, Reason: queue.CallOther})
			case 1:
				s.Do(queue.SetClass{Ticket: id, Class: s.class()})
			case 2:
				s.Do(queue.Cancel{Ticket: id})
			}
		}
	case 15:
		c := s.counter()
		if s.draw(0, 2, "close") == 0 {
			s.Do(queue.CloseCounter{Counter: c})
		} else {
			s.Do(queue.OpenCounter{Counter: c})
		}
	}
}

// work does something about the ticket at a counter, or calls the next one.
func (s *story) work(c queue.CounterID) {
	id := s.State.Counter(c).Ticket
	if id == 0 {
		s.Do(queue.CallNext{Counter: c})
		return
	}
	switch s.draw(0, 5, "work") {
	case 0:
		s.Pass(time.Minute)
		s.Do(queue.NoShow{Counter: c, Ticket: id})
	case 1:
		s.Do(queue.Park{Counter: c, Ticket: id})
	case 2:
		s.Do(s.transfer(c, id))
	default:
		s.Do(queue.Start{Counter: c, Ticket: id})
		s.Do(queue.Finish{Counter: c, Ticket: id, Next: rapid.Bool().Draw(s.t, "next")})
	}
}

// appointment books one, or lets somebody come to one that was booked: early,
// in time or too late.
func (s *story) appointment() {
	var booked []string
	for _, a := range s.State.Appointments {
		if a.State == queue.AppointmentIsBooked {
			booked = append(booked, a.Code)
		}
	}
	if len(booked) == 0 || s.draw(0, 2, "book") == 0 {
		slot := queue.StampOf(s.Now).Add(time.Duration(s.draw(0, 90, "slot")) * time.Minute)
		s.Do(queue.BookAppointments{Bookings: []queue.Booking{{Code: fmt.Sprintf("DRAWN-%d", s.State.Pos.Seq), Slot: slot, Category: s.category()}}})
		return
	}
	class := queue.ClassID("")
	if s.draw(0, 5, "priority as well") == 0 {
		class = "priority"
	}
	s.Do(queue.CheckIn{Code: rapid.SampledFrom(booked).Draw(s.t, "code"), Class: class})
}
