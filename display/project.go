package display

import (
	"cmp"
	"slices"

	"motcua/queue"
)

const (
	boardCalls = 8 // tickets on a board, the newest large
	boardSoon  = 3
)

// NewBoard projects the board of one service point; an empty point is the
// centre's first. clockOK says that now may be trusted, without which no
// hours are kept. The result shares no memory with the state.
func NewBoard(s *queue.State, point queue.PointID, now queue.Stamp, clockOK bool) Board {
	cfg := s.Config
	b := Board{Calls: []Call{}, Lanes: []Lane{}, Soon: []string{}, Counters: []Counter{}}
	if cfg == nil {
		return b
	}
	if point == "" {
		point = cfg.Points[0].ID
	}
	b.Centre, b.Languages, b.Point, b.Timeless = centre(cfg), cfg.Languages, string(point), !clockOK
	if p := cfg.Point(point); p != nil && len(cfg.Points) > 1 {
		b.PointName = p.Name
	}
	b.Day = Day{ID: s.Day.ID, Open: s.Day.Open}
	b.Calls = calls(s, point)
	b.Lanes, b.Soon = lanes(s, point, now)
	for i := range b.Lanes {
		b.Lanes[i].Closed = closed(s, queue.CategoryID(b.Lanes[i].Category), point, now, clockOK)
	}
	for i := range cfg.Counters {
		d, c := &cfg.Counters[i], &s.Counters[i]
		if d.Point != point {
			continue
		}
		k := Counter{Number: d.Number, State: c.State}
		if t := s.Ticket(c.Ticket); t != nil {
			k.Label = t.Label
		}
		b.Counters = append(b.Counters, k)
	}
	return b
}

func centre(cfg *queue.Config) Centre {
	return Centre{Unit: cfg.Centre.Unit, Name: cfg.Centre.Name, Notice: cfg.Centre.Notice}
}

// calls lists each ticket once, by its newest call, so that a recall brings a
// number up again instead of filling the wall with it.
func calls(s *queue.State, point queue.PointID) []Call {
	list := []Call{}
	for i := len(s.Calls) - 1; i >= 0 && len(list) < boardCalls; i-- {
		c := &s.Calls[i]
		if c.Point != point || slices.ContainsFunc(s.Calls[i+1:], func(o queue.Call) bool { return o.Ticket == c.Ticket }) {
			continue
		}
		t := s.Ticket(c.Ticket)
		call := Call{Seq: c.Seq, Label: c.Label, At: c.At, Nth: c.Nth,
			OutOfOrder: c.Reason.Code == queue.ByHand && c.Reason.Cause != queue.CallParked,
			Active:     t != nil && t.State == queue.Called && t.Counter == c.Counter}
		if d := s.Config.Desk(c.Counter); d != nil {
			call.Counter = d.Number
		}
		if k := s.Config.Class(c.Class); k != nil {
			call.Mark = k.OnBoard
		}
		list = append(list, call)
	}
	return list
}

// order is a waiting ticket's place among all of its point.
type order struct {
	v queue.Stamp
	t *queue.Ticket
}

func lanes(s *queue.State, point queue.PointID, now queue.Stamp) ([]Lane, []string) {
	cfg, v := s.Config, s.View()
	list := []Lane{}
	next := make([]order, len(cfg.Categories))
	waiting := make([]int, len(cfg.Categories))
	var soon []order
	for t := range v.EachWaiting {
		k := t.Lane()
		if t.Point != point || k < 0 {
			continue
		}
		o := order{v.Effective(t, now), t}
		waiting[k]++
		if next[k].t == nil || o.compare(next[k]) < 0 {
			next[k] = o
		}
		soon = append(soon, o)
	}
	last := make([]*queue.Ticket, len(cfg.Categories))
	for i := range s.Tickets {
		t := &s.Tickets[i]
		called := t.LastCall > 0 && (t.Entry != queue.EntryDirect || t.Calls > 0) // who was taken at the counter was not
		if k := t.Lane(); k >= 0 && t.Point == point && called && t.State != queue.Waiting &&
			(last[k] == nil || t.LastCall >= last[k].LastCall) {
			last[k] = t
		}
	}
	open := make([]bool, len(cfg.Categories))
	for k := range cfg.Categories {
		c := &cfg.Categories[k]
		if !c.At(point) {
			continue
		}
		lane := Lane{Category: string(c.ID), Name: c.Name, Waiting: waiting[k]}
		for i := range cfg.Counters {
			d := &cfg.Counters[i]
			if d.Point != point || !d.Serves(c.ID) && !slices.Contains(d.Drains, c.ID) {
				continue
			}
			if s.Counters[i].State != queue.CounterIsClosed {
				open[k] = true
				lane.Counters = append(lane.Counters, d.Number)
			}
		}
		lane.Open = open[k]
		if last[k] != nil {
			lane.Now = last[k].Label
		}
		if next[k].t != nil {
			lane.Next = next[k].t.Label
		}
		list = append(list, lane)
	}
	// Nobody is told "soon" whom no counter would call.
	soon = slices.DeleteFunc(soon, func(o order) bool { return !open[o.t.Lane()] && o.t.Bound == "" })
	slices.SortFunc(soon, order.compare)
	labels := []string{}
	for _, o := range soon[:min(len(soon), boardSoon)] {
		labels = append(labels, o.t.Label)
	}
	return list, labels
}

func (o order) compare(p order) int {
	return cmp.Or(cmp.Compare(o.v, p.v), cmp.Compare(o.t.ID, p.t.ID))
}

// Promise tells of a waiting ticket after which stamp no number is taken that is
// placed before it; router.NoPass is one.
type Promise func(queue.View, queue.TicketID) (queue.Stamp, bool)

// NewTicket projects the page of the ticket with this ref; false when no
// ticket of the day has it. Without a promise the page makes none.
func NewTicket(s *queue.State, day queue.Day, ref queue.Ref, now queue.Stamp, promise Promise) (Ticket, bool) {
	if s.Config == nil || s.Day.ID != day || ref == (queue.Ref{}) { // nobody holds a link to a number that was torn off
		return Ticket{}, false
	}
	i := slices.IndexFunc(s.Tickets, func(t queue.Ticket) bool { return t.Ref == ref })
	if i < 0 {
		return Ticket{}, false
	}
	t, cfg := &s.Tickets[i], s.Config
	page := Ticket{Centre: centre(cfg), Languages: cfg.Languages, Label: t.Label, State: t.State, Issued: t.Issued,
		Slot: t.Slot, Claimed: t.Claim != "" && !t.State.Over(), Rebooked: rebooked(s, t)}
	if p := cfg.Point(t.Point); p != nil && len(cfg.Points) > 1 {
		page.Point = p.Name
	}
	if promise != nil {
		if until, ok := promise(s.View(), t.ID); ok {
			page.NoPass = until
		}
	}
	if len(t.Past)+len(t.Next) > 0 {
		page.Leg = len(t.Past) + 1
	}
	if !t.State.Over() {
		for _, id := range t.Next {
			if c := cfg.Category(id); c != nil {
				page.Then = append(page.Then, c.Name)
			}
		}
	}
	if c := cfg.Category(t.Category); c != nil {
		page.Category, page.Area = c.Name, c.Area
	}
	lanes, _ := lanes(s, t.Point, now)
	for _, l := range lanes {
		if l.Category == string(t.Category) {
			page.Now, page.Counters = l.Now, l.Counters
		}
	}
	if d := cfg.Desk(t.Bound); d != nil {
		page.Counters = []int{d.Number}
	}
	switch {
	case t.State == queue.Waiting:
		page.Ahead = s.View().Ahead(t, now)
	case t.State.Held(), t.State == queue.Parked, t.State == queue.Missed: // where to stay near, or to ask
		page.CalledAt = t.LastCall
		if d := cfg.Desk(t.Counter); d != nil {
			page.Counter = d.Number
		}
	}
	return page, true
}

// rebooked finds the appointment a ticket was turned into; nil when it was
// not, or when that was cancelled since.
func rebooked(s *queue.State, t *queue.Ticket) *Rebooked {
	if t.Rebooked == "" {
		return nil
	}
	a := s.Appointment(t.Rebooked)
	if a == nil || a.State == queue.AppointmentIsCancelled {
		return nil
	}
	return &Rebooked{Code: a.Code, Slot: a.Slot}
}
