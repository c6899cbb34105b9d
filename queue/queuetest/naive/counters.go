package naive

import (
	"cmp"
	"slices"

	"motcua/queue"
)

func (m *Model) openCounter(c queue.OpenCounter) string {
	k, d := m.counter(c.Counter), m.desk(c.Counter)
	switch {
	case k == nil:
		return noCounter
	case !m.Open:
		return dayClosed
	case d.Draining && !m.stillNeeded(d):
		return shut
	case k.State == queue.CounterIsOpen && k.Staff == c.Staff:
		return wrongState
	case k.State == queue.CounterIsOpen && k.Ticket != 0:
		return busy
	}
	for _, o := range m.Counters {
		if o != k && c.Staff != "" && o.Staff == c.Staff && o.State != queue.CounterIsClosed {
			return "conflict/staff_elsewhere"
		}
	}
	m.settleAt(k)
	k.State, k.Staff, k.Pause, k.Until = queue.CounterIsOpen, c.Staff, "", 0
	if _, to := m.breakNow(k.ID); to != 0 {
		k.BreakTo = to // who opens during a planned break waives the rest
	}
	return ""
}

// stillNeeded reports whether a counter that was taken out has anything left.
func (m *Model) stillNeeded(d *queue.Desk) bool {
	return slices.ContainsFunc(m.Tickets, func(t *Ticket) bool {
		return t.State == queue.Parked && t.Counter == d.ID || t.State == queue.Waiting && m.mayCall(d, t)
	})
}

// mayCall reports whether a counter may call a waiting ticket by the rules.
func (m *Model) mayCall(d *queue.Desk, t *Ticket) bool {
	if m.desk(t.Bound) != nil {
		return t.Point == d.Point && t.Bound == d.ID
	}
	return t.Point == d.Point && serves(d, t.Category)
}

func (m *Model) pauseCounter(c queue.PauseCounter) string {
	k := m.counter(c.Counter)
	switch {
	case k == nil:
		return noCounter
	case !slices.Contains([]queue.PauseReason{"", queue.PauseBreak, queue.PauseLunch, queue.PauseDesk, queue.PauseOther}, c.Reason):
		return badField
	case c.Minutes < 0 || c.Minutes > 480:
		return badField
	case k.State == queue.CounterIsClosed:
		return shut
	case k.State == queue.CounterIsPaused:
		return wrongState
	case k.Ticket != 0:
		return busy
	}
	m.settleAt(k)
	k.State, k.Pause, k.Until = queue.CounterIsPaused, c.Reason, 0
	if c.Minutes > 0 {
		k.Until = m.now + queue.Stamp(c.Minutes)*minute
	}
	return ""
}

func (m *Model) closeCounter(id queue.CounterID) string {
	k := m.counter(id)
	switch {
	case k == nil:
		return noCounter
	case k.State == queue.CounterIsClosed:
		return shut
	case k.Ticket != 0:
		return busy
	}
	m.settleAt(k)
	k.State, k.Staff, k.Pause, k.Until = queue.CounterIsClosed, "", "", 0
	m.unbind(id)
	return ""
}

// settleAt forgets what could be undone at a counter that is opened, paused or
// closed by hand.
func (m *Model) settleAt(k *Counter) {
	m.undos = slices.DeleteFunc(m.undos, func(u undo) bool { return u.counter == k.ID })
	k.last = 0
}

// unbind makes what waits, or may wait again, for a counter anyone's.
func (m *Model) unbind(id queue.CounterID) {
	for _, t := range m.Tickets {
		if t.Bound == id && t.State != queue.Finished && t.State != queue.Expired {
			t.Bound = ""
		}
	}
}

// ready says why a counter can't take a ticket.
func (m *Model) ready(id queue.CounterID) string {
	k := m.counter(id)
	switch {
	case k == nil:
		return noCounter
	case k.State != queue.CounterIsOpen:
		return shut
	case k.Ticket != 0:
		return busy
	}
	return ""
}

// called reports whether a counter of the point calls tickets of the category.
func (m *Model) called(id queue.CategoryID, at queue.PointID) bool { return calls(m.Config, id, at) }

func calls(c *queue.Config, id queue.CategoryID, at queue.PointID) bool {
	return slices.ContainsFunc(c.Counters, func(d queue.Desk) bool { return d.Point == at && serves(&d, id) })
}

// served reports whether a counter of the point that isn't closed serves the category.
func (m *Model) served(id queue.CategoryID, at queue.PointID) bool {
	for _, d := range m.Config.Counters {
		if d.Point == at && serves(&d, id) && m.counter(d.ID).State != queue.CounterIsClosed {
			return true
		}
	}
	return false
}

// breakNow is the planned break of a counter that runs now, and its end.
func (m *Model) breakNow(id queue.CounterID) (queue.PauseReason, queue.Stamp) {
	for _, b := range m.Config.Breaks {
		from, to := clock(m.Day, b.From), clock(m.Day, b.To)
		if b.Counter == id && (len(b.Days) == 0 || slices.Contains(b.Days, weekday(m.Day))) && from <= m.now && m.now < to {
			return cmp.Or(b.Reason, queue.PauseBreak), to
		}
	}
	return "", 0
}

// breaks pauses a free open counter whose planned break has come.
func (m *Model) breaks(id queue.CounterID) {
	k := m.counter(id)
	if k == nil || k.State != queue.CounterIsOpen || k.Ticket != 0 || !m.clock {
		return
	}
	if reason, to := m.breakNow(id); k.BreakTo < to {
		k.State, k.Pause, k.Until, k.BreakTo = queue.CounterIsPaused, reason, to, to
	}
}
