package naive

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/queue"
)

// Appointment is a booking of today or a later day.
type Appointment struct {
	queue.Booking
	Session queue.SessionID
	State   queue.AppointmentState
	Ticket  int
}

// session is one of a day, as instants.
type session struct {
	id                      queue.SessionID
	doors, from, cutOff, to queue.Stamp
}

// clock is a time of day's instant on a business day.
func clock(d queue.Day, t queue.TimeOfDay) queue.Stamp {
	x, _ := time.ParseInLocation("2006-01-02 15:04", string(d)+" "+string(t), queue.Zone)
	return queue.StampOf(x)
}

func (m *Model) holiday(d queue.Day) bool {
	for _, h := range m.Config.Holidays {
		if d == h.From || d >= h.From && d <= h.To {
			return true
		}
	}
	return false
}

func weekday(d queue.Day) queue.Weekday {
	x, _ := time.Parse(time.DateOnly, string(d))
	return queue.Weekday(strings.ToLower(x.Weekday().String()[:3]))
}

// sessions are a category's on a day, by their beginning.
func (m *Model) sessions(d queue.Day, k *queue.Category) []session {
	day := weekday(d)
	extra := false
	for _, x := range m.Config.ExtraDays {
		if x.Day == d {
			day, extra = x.As, true
		}
	}
	if m.holiday(d) && !extra {
		return nil
	}
	var all []session
	for _, s := range m.Config.Sessions {
		if !slices.Contains(s.Days, day) || len(k.Sessions) > 0 && !slices.Contains(k.Sessions, s.ID) {
			continue
		}
		from, to := clock(d, s.From), clock(d, s.To)
		all = append(all, session{s.ID, from - queue.Stamp(s.Doors)*minute, from, to - queue.Stamp(s.CutOff)*minute, to})
	}
	slices.SortStableFunc(all, func(x, y session) int { return cmp.Compare(x.from, y.from) })
	return all
}

// sessionNow is the session a number given out now belongs to; "" outside of all.
func (m *Model) sessionNow(k *queue.Category) queue.SessionID {
	for _, s := range m.sessions(m.Day, k) {
		if m.now >= s.doors && m.now < s.cutOff {
			return s.id
		}
	}
	return ""
}

// hours refuses a number outside the sessions and beyond the quotas; neither
// binds a supervisor, nor anybody while the clock can't be trusted.
func (m *Model) hours(k *queue.Category, at queue.PointID, n int) (queue.SessionID, string) {
	id := m.sessionNow(k)
	if len(m.Config.Sessions) == 0 || m.role == queue.Supervisor || !m.clock {
		return id, ""
	}
	no := ""
	switch all := m.sessions(m.Day, k); {
	case id != "":
		if m.room(m.Day, id, k.ID, at) >= n {
			return id, ""
		}
		no = "closed/quota_exhausted"
	case slices.ContainsFunc(all, func(s session) bool { return m.now >= s.cutOff && m.now < s.to }):
		no = "closed/session_cutoff"
	case len(all) == 0 && m.holiday(m.Day):
		no = "closed/holiday"
	default:
		no = "closed/outside_hours"
	}
	m.Next = m.next(k, at, n)
	return "", no
}

// room is how many dossiers the quotas of a session leave.
func (m *Model) room(d queue.Day, s queue.SessionID, c queue.CategoryID, at queue.PointID) int {
	left := 1 << 30
	for _, q := range m.Config.Quotas {
		if q.Category != c || q.Session != s || q.Point != "" && q.Point != at {
			continue
		}
		used := 0
		for _, t := range m.Tickets {
			if d == m.Day && t.Origin == c && t.Session == s && (q.Point == "" || t.Point == q.Point) {
				used += t.Dossiers
			}
		}
		for _, a := range m.Booked {
			if a.State == queue.AppointmentIsBooked && queue.DayOf(a.Slot.Time()) == d && a.Category == c && a.Session == s && (q.Point == "" || a.Point == q.Point) {
				used += a.Dossiers
			}
		}
		left = min(left, q.Dossiers-used)
	}
	return left
}

// next is the beginning of the next session in which a number can be had.
func (m *Model) next(k *queue.Category, at queue.PointID, n int) queue.Stamp {
	day, _ := time.Parse(time.DateOnly, string(m.Day))
	for i := range 60 {
		d := queue.Day(day.AddDate(0, 0, i).Format(time.DateOnly))
		for _, s := range m.sessions(d, k) {
			if s.from > m.now && m.room(d, s.id, k.ID, at) >= n {
				return s.from
			}
		}
	}
	return 0
}

func (m *Model) appointment(code string) *Appointment {
	for _, a := range m.Booked {
		if a.Code == code {
			return a
		}
	}
	return nil
}

// book adds or moves appointments, all of them or none.
func (m *Model) book(list []queue.Booking) string {
	if len(list) == 0 || len(list) > queue.MaxBookings {
		return badField
	}
	before := slices.Clone(m.Booked)
	for i, b := range list {
		if m.bookOne(b, list[:i]) {
			continue
		}
		m.Booked = before
		return "invalid/bookings"
	}
	return ""
}

func (m *Model) bookOne(b queue.Booking, earlier []queue.Booking) bool {
	if len(b.Code) < 4 || len(b.Code) > 32 || strings.Trim(b.Code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return false
	}
	for _, o := range earlier {
		if o.Code == b.Code {
			return false
		}
	}
	k := m.category(b.Category)
	if k == nil || k.Draining {
		return false
	}
	if b.Point == "" {
		for _, p := range m.Config.Points {
			if b.Point == "" && offered(k, p.ID) {
				b.Point = p.ID
			}
		}
	}
	if !m.point(b.Point) || !offered(k, b.Point) {
		return false
	}
	if b.Dossiers == 0 {
		b.Dossiers = 1
	}
	if b.Dossiers < 1 || b.Dossiers > 99 || b.Slot <= m.now {
		return false
	}
	day := queue.DayOf(b.Slot.Time())
	a := Appointment{Booking: b, State: queue.AppointmentIsBooked}
	if len(m.Config.Sessions) > 0 {
		for _, s := range m.sessions(day, k) {
			if b.Slot >= s.from && b.Slot < s.to {
				a.Session = s.id
			}
		}
		if a.Session == "" {
			return false
		}
	}
	old := m.appointment(b.Code)
	if old != nil && old.State == queue.AppointmentIsBooked && old.Booking == b {
		return true
	}
	rest := slices.DeleteFunc(slices.Clone(m.Booked), func(x *Appointment) bool { return x == old })
	if c := m.Config.Appointments.Capacity; c > 0 {
		n := 0
		for _, x := range rest {
			if x.State == queue.AppointmentIsBooked && x.Slot == b.Slot && x.Category == b.Category && x.Point == b.Point {
				n++
			}
		}
		if n >= c {
			return false
		}
	}
	m.Booked = rest
	if m.room(day, a.Session, b.Category, b.Point) < b.Dossiers {
		return false
	}
	m.Booked = append(m.Booked, &a)
	return true
}

func (m *Model) cancelAppointment(code string) string {
	a := m.appointment(code)
	switch {
	case a == nil:
		return "not_found/appointment"
	case a.State == queue.AppointmentIsCancelled || a.State == queue.AppointmentIsCheckedIn:
		return "conflict/appointment_done"
	}
	b := *a
	b.State = queue.AppointmentIsCancelled
	m.replace(a, &b)
	return ""
}

func (m *Model) replace(old, with *Appointment) {
	m.Booked[slices.Index(m.Booked, old)] = with
}

func (m *Model) checkIn(c queue.CheckIn) string {
	a := m.appointment(c.Code)
	switch {
	case a == nil:
		return "not_found/appointment"
	case a.State == queue.AppointmentIsCancelled || a.State == queue.AppointmentIsCheckedIn:
		return "conflict/appointment_done"
	case queue.DayOf(a.Slot.Time()) != m.Day:
		return "conflict/appointment_day"
	}
	k := m.category(a.Category)
	if k == nil {
		return noCategory
	}
	if k.Draining {
		return notHere
	}
	late := m.now > a.Slot+queue.Stamp(m.Config.Routing.Late)*minute
	t := Ticket{Point: a.Point, Category: k.ID, Class: queue.Normal, Dossiers: a.Dossiers, Entry: queue.EntryAppointment, Session: a.Session, Next: k.Then}
	if !late {
		t.Slot, t.Arrival = a.Slot, max(a.Slot, m.now)
		if m.class(queue.Appointed) != nil {
			t.Class = queue.Appointed
		}
	}
	if c.Class != "" && c.Class != queue.Normal {
		x := m.class(c.Class)
		switch {
		case x == nil:
			return "not_found/class"
		case !m.mayGrant(x):
			return byStaff
		}
		t.Class, t.Arrival = x.ID, m.now
	}
	if late {
		s, no := m.hours(k, a.Point, a.Dossiers)
		if no != "" {
			return no
		}
		t.Session = s
	}
	x, no := m.add(t)
	if no != "" {
		return no
	}
	b := *a
	b.State, b.Ticket = queue.AppointmentIsCheckedIn, x.ID
	m.replace(a, &b)
	return ""
}

func (m *Model) rebook(c queue.Rebook) string {
	t, no := m.in(c.Ticket, queue.Waiting, queue.Parked, queue.Missed)
	if no != "" {
		return no
	}
	k := m.category(t.Category)
	if k == nil || len(m.Config.Sessions) == 0 {
		return "not_found/session"
	}
	slot := m.next(k, t.Point, t.Dossiers)
	if slot == 0 {
		return "not_found/session"
	}
	day := queue.DayOf(slot.Time())
	code := fmt.Sprintf("%s-%s%s", t.Label, m.Day[5:7], m.Day[8:10])
	a := Appointment{Booking: queue.Booking{Code: code, Slot: slot, Category: t.Category, Point: t.Point, Dossiers: t.Dossiers}, State: queue.AppointmentIsBooked}
	for _, s := range m.sessions(day, k) {
		if s.from == slot {
			a.Session = s.id
		}
	}
	m.to(t, queue.Cancelled)
	m.Booked = append(m.Booked, &a)
	return ""
}

// miss marks the appointments nobody came to in time.
func (m *Model) miss() {
	for _, a := range m.Booked {
		if a.State == queue.AppointmentIsBooked && m.now > a.Slot+queue.Stamp(m.Config.Routing.Late)*minute {
			b := *a
			b.State = queue.AppointmentIsMissed
			m.replace(a, &b)
		}
	}
}

// breaks pauses a free open counter whose planned break has come.
func (m *Model) breaks(id queue.CounterID) {
	k := m.counter(id)
	if k == nil || k.State != queue.CounterIsOpen || k.Ticket != 0 || !m.clock {
		return
	}
	for _, b := range m.Config.Breaks {
		from, to := clock(m.Day, b.From), clock(m.Day, b.To)
		if b.Counter != id || len(b.Days) > 0 && !slices.Contains(b.Days, weekday(m.Day)) || m.now < from || m.now >= to || k.BreakTo >= to {
			continue
		}
		k.State, k.Pause, k.Until, k.BreakTo = queue.CounterIsPaused, cmp.Or(b.Reason, queue.PauseBreak), to, to
		return
	}
}
