package linear

import (
	"fmt"
	"slices"
	"strings"

	"motcua/queue"
)

// Hall is one service point between two operations. It is never changed: what
// happens in it makes a new one.
type Hall struct {
	config   *queue.Config
	point    queue.PointID
	seq      queue.Seq // the last one told
	tickets  []ticket  // in the order they were issued
	gone     int       // tickets served and forgotten
	counters []counter
	given    []int // by series: the last number, 0 = none
	undos    []undo
}

// ticket is known by its label; its id is 0 while nobody was told it.
type ticket struct {
	id       queue.TicketID
	label    string
	category queue.CategoryID
	class    queue.ClassID
	state    queue.TicketState
	counter  queue.CounterID // that was the last to have it
	bound    queue.CounterID // for which alone it waits
	front    bool            // before all others
	touched  bool            // something was done to it that has not been taken back
}

type counter struct {
	id     queue.CounterID
	paused bool
	holds  string // label; "" = free
	last   string // label of the last command given here that may be undone
}

// NewHall is a point of the centre where nobody has come yet and all counters
// are open.
func NewHall(cfg queue.Config, point queue.PointID) *Hall {
	h := &Hall{config: &cfg, point: point, given: make([]int, len(cfg.Series))}
	for _, d := range cfg.Counters {
		if d.Point == point {
			h.counters = append(h.counters, counter{id: d.ID})
		}
	}
	return h
}

func (h *Hall) String() string {
	var b strings.Builder
	for i := range h.tickets {
		fmt.Fprintf(&b, "\n  %v", told(&h.tickets[i]))
	}
	for _, k := range h.counters {
		fmt.Fprintf(&b, "\n  counter %s holds %q, paused: %t", k.id, k.holds, k.paused)
	}
	return b.String()
}

func (h *Hall) equal(o *Hall) bool {
	return h.seq == o.seq && h.gone == o.gone && slices.Equal(h.tickets, o.tickets) &&
		slices.Equal(h.counters, o.counters) && slices.Equal(h.given, o.given) && slices.Equal(h.undos, o.undos)
}

func (h *Hall) clone() *Hall {
	n := *h
	n.tickets, n.counters = slices.Clone(h.tickets), slices.Clone(h.counters)
	n.given, n.undos = slices.Clone(h.given), slices.Clone(h.undos)
	return &n
}

// forget drops the tickets that are served and stay so unless somebody names
// one in an undo. All other commands find what is not there as they find what
// is over.
func (h *Hall) forget() *Hall {
	n := h.clone()
	n.tickets = slices.DeleteFunc(n.tickets, func(t ticket) bool {
		return t.state == queue.Finished && !slices.ContainsFunc(h.undos, func(u undo) bool { return u.before.label == t.label })
	})
	n.gone += len(h.tickets) - len(n.tickets)
	return n
}

func (h *Hall) ticket(id queue.TicketID) *ticket {
	for i := range h.tickets {
		if h.tickets[i].id == id {
			return &h.tickets[i]
		}
	}
	return nil
}

func (h *Hall) labelled(label string) *ticket {
	for i := range h.tickets {
		if h.tickets[i].label == label {
			return &h.tickets[i]
		}
	}
	return nil
}

func (h *Hall) counter(id queue.CounterID) *counter {
	for i := range h.counters {
		if h.counters[i].id == id {
			return &h.counters[i]
		}
	}
	return nil
}

// first is whom the counter calls next: who was put to the front, then the
// privileged, then all others, each in the order of their numbers; nil: nobody.
func (h *Hall) first(c queue.CounterID) *ticket {
	var best *ticket
	rank := func(t *ticket) int {
		switch {
		case t.front:
			return 0
		case t.class != queue.Normal:
			return 1
		}
		return 2
	}
	for i := range h.tickets {
		t := &h.tickets[i]
		if t.state != queue.Waiting || t.bound != "" && t.bound != c ||
			t.bound == "" && !slices.Contains(h.config.Desk(c).Skills, t.category) {
			continue
		}
		if best == nil || rank(t) < rank(best) {
			best = t
		}
	}
	return best
}

// do carries out a command: the hall after it and what the client is told. A
// refusal leaves the hall as it is.
func (h *Hall) do(c queue.Command) (*Hall, Answer) {
	switch c := c.(type) {
	case queue.Issue:
		return h.issue(c)
	case queue.OpenCounter:
		if !h.counter(c.Counter).paused {
			return h, refused(queue.WhyWrongState)
		}
		n := h.clone()
		n.counter(c.Counter).paused = false
		n.settle(c.Counter)
		return n, Answer{}
	case queue.PauseCounter:
		switch k := h.counter(c.Counter); {
		case k.paused:
			return h, refused(queue.WhyWrongState)
		case k.holds != "":
			return h, refused(queue.WhyCounterBusy)
		}
		n := h.clone()
		n.counter(c.Counter).paused = true
		n.settle(c.Counter)
		return n, Answer{}
	case queue.CallNext:
		if why := h.busy(c.Counter); why != "" {
			return h, refused(why)
		}
		t := h.first(c.Counter)
		if t == nil {
			return h, refused(queue.WhyQueueEmpty)
		}
		return h.call(t.label, c.Counter, "")
	case queue.CallTicket:
		return h.callTicket(c)
	case queue.Undo:
		return h.undo(c)
	case queue.Recall:
		return h.at(c.Counter, c.Ticket, func(*Hall, *ticket) {}, queue.Called)
	case queue.Start:
		return h.at(c.Counter, c.Ticket, func(n *Hall, t *ticket) { n.mark(t, c.Counter, ""); t.state = queue.Serving }, queue.Called)
	case queue.NoShow:
		return h.at(c.Counter, c.Ticket, func(n *Hall, t *ticket) { n.mark(t, c.Counter, ""); n.release(t, queue.Missed) }, queue.Called)
	case queue.Park:
		return h.at(c.Counter, c.Ticket, func(n *Hall, t *ticket) { n.mark(t, c.Counter, ""); n.release(t, queue.Parked) }, queue.Called, queue.Serving)
	case queue.Unpark:
		return h.at(c.Counter, c.Ticket, func(n *Hall, t *ticket) { n.mark(t, t.counter, ""); t.state = queue.Waiting }, queue.Parked)
	case queue.Transfer:
		n, a := h.at(c.Counter, c.Ticket, func(n *Hall, t *ticket) {
			by := t.counter
			if t.state == queue.Waiting {
				by = ""
			}
			n.mark(t, by, "")
			n.release(t, queue.Waiting)
			t.bound, t.front = c.ToCounter, c.Mode == queue.First
			if c.ToCategory != "" {
				t.category = c.ToCategory
			}
		}, queue.Waiting, queue.Called, queue.Serving, queue.Parked)
		if a.Refused == "" {
			a.Counter = c.ToCounter
		}
		return n, a
	case queue.Finish:
		n, a := h.at(c.Counter, c.Ticket, func(n *Hall, t *ticket) { n.mark(t, c.Counter, ""); n.release(t, queue.Finished) }, queue.Serving)
		if a.Refused == "" && c.Next {
			if t := n.first(c.Counter); t != nil {
				return n.call(t.label, c.Counter, a.Label)
			}
		}
		return n, a
	}
	panic(fmt.Sprintf("the model has no %T", c))
}

func refused(reason string) Answer { return Answer{Refused: reason} }

func (h *Hall) issue(c queue.Issue) (*Hall, Answer) {
	cat := h.config.Category(c.Category)
	k := slices.IndexFunc(h.config.Series, func(s queue.Series) bool { return s.ID == cat.Series })
	series := h.config.Series[k]
	number := max(h.given[k]+1, series.From)
	if number > series.To {
		number = max(number, 1000)
	}
	t := ticket{label: fmt.Sprintf("%s%03d", series.Prefix, number), category: c.Category, class: c.Class, state: queue.Waiting}
	if t.class == "" {
		t.class = queue.Normal
	}
	ahead := 0
	for i := range h.tickets {
		o := &h.tickets[i]
		if o.state == queue.Waiting && o.category == t.category && (o.front || o.class != queue.Normal || t.class == queue.Normal) {
			ahead++
		}
	}
	n := h.clone()
	n.given[k] = number
	n.tickets = append(n.tickets, t)
	a := told(&t)
	a.Ahead = ahead
	return n, a
}

// busy is why a counter can't call anybody, or "".
func (h *Hall) busy(c queue.CounterID) string {
	switch k := h.counter(c); {
	case k.paused:
		return queue.WhyCounterClosed
	case k.holds != "":
		return queue.WhyCounterBusy
	}
	return ""
}

// call calls a ticket in the same breath as another one was finished, or by
// itself.
func (h *Hall) call(label string, c queue.CounterID, finished string) (*Hall, Answer) {
	n := h.clone()
	t := n.labelled(label)
	n.mark(t, c, finished)
	t.state, t.counter, t.front = queue.Called, c, false
	n.counter(c).holds = label
	return n, told(t)
}

func (h *Hall) callTicket(c queue.CallTicket) (*Hall, Answer) {
	t := h.ticket(c.Ticket)
	if t == nil {
		return h, refused(queue.WhyTicketOver)
	}
	switch t.state {
	case queue.Called, queue.Serving:
		return h, refused(queue.WhyTicketTaken)
	case queue.Finished:
		return h, refused(queue.WhyTicketOver)
	case queue.Missed:
		return h, refused(queue.WhyWrongState)
	}
	if why := h.busy(c.Counter); why != "" {
		return h, refused(why)
	}
	if t.state == queue.Parked && t.counter != c.Counter {
		return h, refused(queue.WhyNotHolder)
	}
	return h.call(t.label, c.Counter, "")
}

// at changes a ticket that is in one of the states and, unless it waits, at
// that very counter.
func (h *Hall) at(c queue.CounterID, id queue.TicketID, change func(*Hall, *ticket), states ...queue.TicketState) (*Hall, Answer) {
	t := h.ticket(id)
	switch {
	case t == nil || t.state == queue.Finished:
		return h, refused(queue.WhyTicketOver)
	case !slices.Contains(states, t.state):
		return h, refused(queue.WhyWrongState)
	case t.state != queue.Waiting && t.counter != c:
		return h, refused(queue.WhyNotHolder)
	}
	n := h.clone()
	t = n.ticket(id)
	change(n, t)
	return n, told(t)
}

// release moves a ticket to a state in which no counter holds it.
func (h *Hall) release(t *ticket, to queue.TicketState) {
	if t.state.Held() {
		h.counter(t.counter).holds = ""
	}
	t.state = to
}

// told is what an answer says of a ticket as it stands now.
func told(t *ticket) Answer {
	a := Answer{Ticket: t.id, Label: t.label, Category: t.category, Class: t.class, State: t.state, Counter: t.counter}
	if t.state == queue.Waiting {
		a.Counter = ""
	}
	return a
}

// look is what a counter holds.
func (h *Hall) look(c queue.CounterID) Answer {
	if label := h.counter(c).holds; label != "" {
		return told(h.labelled(label))
	}
	return Answer{}
}

// survey compares the hall with all that is seen of it, and learns the ids.
func (h *Hall) survey(seen []Answer) *Hall {
	if len(seen) != len(h.tickets)+h.gone {
		return nil
	}
	n := h.clone()
	over := 0
	for _, a := range seen {
		t := n.labelled(a.Label)
		if t == nil {
			over++
			if a.State != queue.Finished {
				return nil
			}
			continue
		}
		if !told(t).agrees(a) || a.Bound != t.bound {
			return nil
		}
		t.id = a.Ticket
	}
	if over != h.gone {
		return nil
	}
	return n
}
