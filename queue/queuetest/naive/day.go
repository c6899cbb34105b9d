package naive

import (
	"slices"
	"time"

	"motcua/queue"
)

func (m *Model) openDay(d queue.Day) string {
	today := queue.DayOf(m.now.Time())
	if d != "" {
		if x, err := time.Parse(time.DateOnly, string(d)); err != nil || x.Format(time.DateOnly) != string(d) {
			return badField
		}
	} else if d = today; !m.clock && m.Day != "" {
		d = m.Day
	}
	switch {
	case d < m.Day:
		return "conflict/day_backwards"
	case m.Open:
		return wrongState
	case m.clock && d > today || m.Day != "" && days(m.Day, d) > 366:
		return "conflict/day_ahead"
	}
	m.begin(d)
	return ""
}

// days is how many lie between two dates.
func days(from, to queue.Day) int {
	a, _ := time.Parse(time.DateOnly, string(from))
	b, _ := time.Parse(time.DateOnly, string(to))
	return int(b.Sub(a).Hours() / 24)
}

// begin opens a day; a new one begins without tickets, numbers and old rules.
func (m *Model) begin(d queue.Day) {
	if d != m.Day {
		m.settle()
		m.Tickets, m.undos, m.Series = nil, nil, map[Run]int{}
		m.Rolls, m.Back = nil, nil
		for i, k := range m.Counters {
			m.Counters[i] = &Counter{ID: k.ID, State: queue.CounterIsClosed}
		}
		m.Booked = slices.DeleteFunc(m.Booked, func(a *Appointment) bool { return queue.DayOf(a.Slot.Time()) < d })
	}
	m.Day, m.Open = d, true
}

// closeDay ends the day; by force what is called or served ends as well.
func (m *Model) closeDay(force bool) string {
	if !m.Open {
		return dayClosed
	}
	for _, k := range m.Counters {
		if k.Ticket != 0 && !force {
			return busy
		}
	}
	m.Totals = queue.Totals{Issued: len(m.Tickets)}
	for _, t := range m.Tickets {
		switch t.State {
		case queue.Waiting, queue.Parked:
			m.to(t, queue.Expired)
			t.mark = 0
		case queue.Called, queue.Missed:
			m.to(t, queue.Expired)
			t.NotThere, t.mark = true, 0
		case queue.Serving:
			m.remember(t.Counter, t)
			m.counter(t.Counter).Served++
			m.to(t, queue.Finished)
			t.Outcome = queue.AutoClosed
		}
		switch {
		case t.NotThere:
			m.Totals.NoShow++
		case t.State == queue.Finished:
			m.Totals.Finished++
		case t.State == queue.Cancelled:
			m.Totals.Cancelled++
		default:
			m.Totals.Expired++
		}
	}
	for _, a := range m.Booked {
		if a.State == queue.AppointmentIsBooked && queue.DayOf(a.Slot.Time()) <= m.Day {
			a.State = queue.AppointmentIsMissed
		}
	}
	for _, r := range m.Rolls {
		r.Open = false
	}
	for _, k := range m.Counters {
		if k.State != queue.CounterIsClosed {
			m.settleAt(k)
			k.State, k.Staff, k.Pause, k.Until = queue.CounterIsClosed, "", "", 0
			m.unbind(k.ID)
		}
	}
	m.Open = false
	return ""
}

func (m *Model) tick() string {
	if m.Config == nil || !m.clock {
		return ""
	}
	if d := queue.DayOf(m.now.Time()); d > m.Day {
		if m.Open {
			m.closeDay(true)
		}
		m.begin(d)
		return ""
	}
	for _, a := range m.Booked {
		if a.State == queue.AppointmentIsBooked && m.now > a.Slot+queue.Stamp(m.Config.Routing.Late)*minute {
			a.State = queue.AppointmentIsMissed
		}
	}
	if m.Open {
		for _, k := range m.Counters {
			m.breaks(k.ID)
		}
	}
	return ""
}
