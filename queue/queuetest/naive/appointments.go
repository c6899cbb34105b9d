package naive

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"motcua/queue"
)

// Appointment is a booking of today or a later day.
type Appointment struct {
	queue.Booking
	Session queue.SessionID
	State   queue.AppointmentState
	Ticket  int
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
	var before []*Appointment
	for _, a := range m.Booked {
		x := *a
		before = append(before, &x)
	}
	for i, b := range list {
		if !m.bookOne(b, list[:i]) {
			m.Booked = before
			return "invalid/bookings"
		}
	}
	return ""
}

// validCode takes capital letters, digits and -, but nothing that could be the
// number of a person's card.
func validCode(s string) bool {
	const digits, letters = "0123456789", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	if len(s) < 4 || len(s) > 32 || strings.Trim(s, digits+letters+"-") != "" || !strings.ContainsAny(s, digits+letters) {
		return false
	}
	all := 0
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return !strings.ContainsRune(digits, r) }) {
		if all += len(part); len(part) > 8 {
			return false
		}
	}
	return all < 9 || strings.ContainsAny(s, letters)
}

// bookOne adds or moves one appointment of a list.
func (m *Model) bookOne(b queue.Booking, earlier []queue.Booking) bool {
	k := m.category(b.Category)
	again := slices.ContainsFunc(earlier, func(o queue.Booking) bool { return o.Code == b.Code })
	if !validCode(b.Code) || again || k == nil || k.Draining {
		return false
	}
	given := b.Point
	ok := false
	for _, p := range m.Config.Points {
		if !p.Draining && (given == p.ID || given == "" && !ok) && m.offered(k, p.ID) {
			b.Point, ok = p.ID, true
		}
	}
	b.Dossiers = cmp.Or(b.Dossiers, 1)
	old := m.appointment(b.Code)
	if ok && old != nil && old.State != queue.AppointmentIsCancelled && old.Booking == b {
		return true // once more
	}
	day := queue.DayOf(b.Slot.Time())
	if !ok || b.Dossiers < 1 || b.Dossiers > 99 || day < m.Day || day == m.Day && b.Slot+queue.Stamp(m.Config.Routing.Late)*minute < m.now {
		return false
	}
	if day > m.Day && clock(day, "03:00")-m.now >= 24*60*minute*400+60*minute {
		return false
	}
	a := Appointment{Booking: b, State: queue.AppointmentIsBooked}
	for _, s := range m.sessions(day, k) {
		if b.Slot >= s.from && b.Slot < s.to {
			a.Session = s.id
		}
	}
	if a.Session == "" && len(m.Config.Sessions) > 0 {
		return false
	}
	if old != nil && old.State == queue.AppointmentIsCheckedIn {
		return false
	}
	// What it moves is free; then the slot and the session must have room.
	state := queue.AppointmentState("")
	if old != nil {
		state, old.State = old.State, queue.AppointmentIsCancelled
	}
	n := 0
	for _, x := range m.Booked {
		if x.State == queue.AppointmentIsBooked && x.Slot == b.Slot && x.Category == b.Category && x.Point == b.Point {
			n++
		}
	}
	full := m.Config.Appointments.Capacity > 0 && n >= m.Config.Appointments.Capacity
	if full || m.room(day, a.Session, b.Category, b.Point) < b.Dossiers {
		if old != nil {
			old.State = state
		}
		return false
	}
	if old != nil {
		*old = a
	} else {
		m.Booked = append(m.Booked, &a)
	}
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
	a.State = queue.AppointmentIsCancelled
	return ""
}

func (m *Model) checkIn(c queue.CheckIn) string {
	if !m.Open {
		return dayClosed
	}
	a := m.appointment(c.Code)
	switch {
	case a == nil:
		return "not_found/appointment"
	case a.State == queue.AppointmentIsCancelled || a.State == queue.AppointmentIsCheckedIn:
		return "conflict/appointment_done"
	case queue.DayOf(a.Slot.Time()) != m.Day:
		m.Next = a.Slot
		return "conflict/appointment_day"
	}
	t, no := m.order(a.Category, a.Point, c.Class, 1)
	if no != "" {
		return no
	}
	t.Entry, t.Dossiers = queue.EntryAppointment, a.Dossiers
	if t.Class == queue.Appointed {
		t.Class = queue.Normal // in time it is of this class all the same, late it is not
	}
	if late := m.now > a.Slot+queue.Stamp(m.Config.Routing.Late)*minute; late && m.clock {
		if t.Session, no = m.hours(m.category(a.Category), a.Point, a.Dossiers); no != "" {
			return no
		}
	} else {
		t.Session, t.Slot = a.Session, a.Slot
		if t.Class == queue.Normal {
			t.Arrival = max(a.Slot, m.now)
			if k := m.class(queue.Appointed); k != nil && !k.Draining {
				t.Class = k.ID
			}
		}
	}
	x, no := m.give(t)
	if no != "" {
		return no
	}
	if c.Shown {
		x.show()
	}
	a.State, a.Ticket = queue.AppointmentIsCheckedIn, x.ID
	return ""
}

func (m *Model) rebook(c queue.Rebook) string {
	t, no := m.in(c.Ticket, queue.Waiting, queue.Parked, queue.Missed)
	if no != "" {
		return no
	}
	k := m.category(t.Category)
	switch {
	case k == nil:
		return noCategory
	case k.Draining || !m.offered(k, t.Point):
		return m.notOffered(k)
	}
	day, s := m.next(k, t.Point, t.Dossiers, t)
	if day == "" {
		return "not_found/session"
	}
	code := fmt.Sprintf("%s-%s%s", t.Label, m.Day[5:7], m.Day[8:])
	for n := 2; m.appointment(code) != nil; n++ {
		code = fmt.Sprintf("%s-%s%s-%d", t.Label, m.Day[5:7], m.Day[8:], n)
	}
	m.remember(m.holder(t), t)
	m.to(t, queue.Cancelled)
	t.Rebooked = code
	m.Booked = append(m.Booked, &Appointment{State: queue.AppointmentIsBooked, Session: s.id,
		Booking: queue.Booking{Code: code, Slot: s.from, Category: k.ID, Point: t.Point, Dossiers: t.Dossiers}})
	return ""
}
