package naive

import (
	"cmp"
	"slices"

	"motcua/queue"
)

// undo is what may be taken back: a ticket as it was.
type undo struct {
	counter  queue.CounterID // at which the command was given
	at       queue.Stamp
	before   Ticket
	finished int // the ticket whose finish asked for this call
	unpark   bool
	mark     int
}

// holder is the counter a ticket is at.
func (m *Model) holder(t *Ticket) queue.CounterID {
	if t.State == queue.Called || t.State == queue.Serving || t.State == queue.Parked {
		return t.Counter
	}
	return ""
}

func (m *Model) window() queue.Stamp {
	return queue.Stamp(cmp.Or(m.Config.Calls.UndoWithin, 10)) * 1000
}

// remember keeps a ticket as it is before a command, so that it may be undone:
// one command for each counter, one for each ticket at none.
func (m *Model) remember(c queue.CounterID, t *Ticket) {
	m.undos = slices.DeleteFunc(m.undos, func(u undo) bool {
		return m.now-u.at > m.window() || u.counter == c && (c != "" || u.before.ID == t.ID)
	})
	m.keep(undo{counter: c, at: m.now, before: *t}, t)
}

// rememberNext is remember for the call that belongs to a finish.
func (m *Model) rememberNext(c queue.CounterID, finished, t *Ticket) {
	m.keep(undo{counter: c, at: m.now, before: *t, finished: finished.ID}, t)
}

func (m *Model) keep(u undo, t *Ticket) {
	m.marks++
	u.mark, t.mark = m.marks, m.marks
	m.undos = append(m.undos, u)
	if k := m.counter(u.counter); k != nil {
		k.last = t.ID
	}
}

func (m *Model) undo(c queue.Undo) string {
	id, at := int(c.Ticket), m.counter(c.Counter)
	switch {
	case c.Counter != "" && at == nil:
		return noCounter
	case id == 0 && at != nil:
		id = at.last
	}
	if id == 0 {
		return wrongState
	}
	t := m.ticket(queue.TicketID(id))
	switch {
	case t == nil:
		return noTicket
	case t.State == queue.Expired:
		return "closed/day_over"
	case t.mark == 0:
		return wrongState
	case !m.Open:
		return dayClosed
	}
	var mine, last *undo
	for i := range m.undos {
		if u := &m.undos[i]; u.before.ID == id && m.now-u.at <= m.window() {
			last = u
			if u.counter == c.Counter {
				mine = u
			}
		}
	}
	u := last
	switch {
	case mine != nil && mine.mark == t.mark:
		u = mine
	case c.Counter != "" && mine != nil:
		return taken
	case last == nil || last.mark != t.mark:
		if at != nil && at.Ticket != 0 && at.Ticket != id && t.Counter == at.ID && m.now-t.Since <= m.window() {
			return busy
		}
		return tooLate
	case last.counter != "" && (c.Counter != "" || m.role != queue.Supervisor && (m.role != queue.Greeter || !last.unpark)):
		return notHolder
	}
	// A finish and the call of the next ticket are one command.
	both := []undo{*u}
	for _, o := range m.undos {
		if o.mark == u.mark || o.counter != u.counter {
			continue
		}
		if u.finished != 0 && o.before.ID == u.finished {
			both = []undo{*u, o}
		} else if o.finished == id {
			both = []undo{o, *u}
		}
	}
	for i, x := range both {
		again := i > 0 && x.before.ID == both[0].before.ID // the citizen was called for the next leg
		if !again && m.ticket(queue.TicketID(x.before.ID)).mark != x.mark {
			return taken
		}
		if x.before.State != queue.Cancelled && x.before.State != queue.Finished && !m.called(x.before.Category, x.before.Point) {
			return notHere
		}
		if m.twin(m.ticket(queue.TicketID(x.before.ID)), x.before.Point) {
			return taken
		}
		if a := m.appointment(m.ticket(queue.TicketID(x.before.ID)).Rebooked); a != nil && a.State == queue.AppointmentIsCheckedIn {
			return taken
		}
		if x.before.State != queue.Called && x.before.State != queue.Serving {
			continue
		}
		k := m.counter(x.before.Counter)
		switch {
		case k == nil:
			return noCounter
		case k.State == queue.CounterIsClosed:
			return shut
		case k.Ticket != 0 && k.Ticket != x.before.ID && k.Ticket != both[0].before.ID:
			return busy
		}
	}
	for _, x := range both {
		m.restore(x)
	}
	return ""
}

// restore makes a ticket what it was; its paper stays.
func (m *Model) restore(u undo) {
	t, b := m.ticket(queue.TicketID(u.before.ID)), u.before
	if k := m.counter(u.counter); k != nil {
		k.last = 0
		if t.State == queue.Finished || len(t.Past) > len(b.Past) {
			k.Served--
		}
	}
	if k := m.counter(t.Counter); k != nil && k.Ticket == t.ID {
		k.Ticket = 0
	}
	if t.Rebooked != "" {
		if a := m.appointment(t.Rebooked); a != nil && a.State == queue.AppointmentIsBooked {
			a.State = queue.AppointmentIsCancelled
		}
	}
	b.Slip, b.mark = t.Slip, 0
	if k := m.counter(b.Bound); b.Bound != "" && (k == nil || k.State == queue.CounterIsClosed) {
		b.Bound = ""
	}
	*t = b
	m.release(t)
	if k := m.counter(t.Counter); t.State == queue.Called || t.State == queue.Serving {
		if k.State == queue.CounterIsPaused && k.Until == k.BreakTo {
			k.BreakTo = 0 // the break comes when the ticket is done
		}
		k.Ticket, k.State, k.Pause, k.Until = t.ID, queue.CounterIsOpen, "", 0
	}
	m.undos = slices.DeleteFunc(m.undos, func(o undo) bool { return o.mark == u.mark })
}
