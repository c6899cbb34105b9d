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

// holiday reports whether a day is one and no extra working day.
func (m *Model) holiday(d queue.Day) bool {
	for _, x := range m.Config.ExtraDays {
		if x.Day == d {
			return false
		}
	}
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

// sessions are a category's on a day, by their beginning; all of them for nil.
func (m *Model) sessions(d queue.Day, k *queue.Category) []session {
	day := weekday(d)
	for _, x := range m.Config.ExtraDays {
		if x.Day == d {
			day = x.As
		}
	}
	if m.holiday(d) {
		return nil
	}
	var all []session
	for _, s := range m.Config.Sessions {
		if !slices.Contains(s.Days, day) || k != nil && len(k.Sessions) > 0 && !slices.Contains(k.Sessions, s.ID) {
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

// present is the session a number counts in that nothing refuses.
func (m *Model) present(k *queue.Category) queue.SessionID {
	if id := m.sessionNow(k); id != "" {
		return id
	}
	for _, s := range m.sessions(m.Day, nil) {
		if m.now >= s.doors && m.now < s.to {
			return s.id
		}
	}
	return ""
}

// hours refuses a number outside the sessions and beyond the quotas; neither
// binds a supervisor, nor anybody while the clock can't be trusted.
func (m *Model) hours(k *queue.Category, at queue.PointID, n int) (queue.SessionID, string) {
	if len(m.Config.Sessions) == 0 {
		return "", ""
	}
	if m.role == queue.Supervisor || !m.clock {
		return m.present(k), ""
	}
	id := m.sessionNow(k)
	no := ""
	switch all := m.sessions(m.Day, k); {
	case id != "":
		if m.room(m.Day, id, k.ID, at) >= n {
			return id, ""
		}
		no = "closed/quota_exhausted"
	case m.holiday(m.Day):
		no = "closed/holiday"
	case slices.ContainsFunc(all, func(s session) bool { return m.now >= s.cutOff && m.now < s.to }):
		no = "closed/session_cutoff"
	default:
		no = "closed/outside_hours"
	}
	_, s := m.next(k, at, n, nil)
	m.Next = s.from
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
			if d == m.Day && t.Origin == c && t.Session == s && (q.Point == "" || t.TakenAt == q.Point) {
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

// next is the next session in which a number can be had, with its day; another
// one than the ticket's, unless that is nil.
func (m *Model) next(k *queue.Category, at queue.PointID, n int, t *Ticket) (queue.Day, session) {
	d := m.Day
	for range 60 {
		for _, s := range m.sessions(d, k) {
			if own := t != nil && d == m.Day && s.id == t.Session; !own && m.now < s.cutOff && (t == nil || m.now < s.from) && m.room(d, s.id, k.ID, at) >= n {
				return d, s
			}
		}
		x, _ := time.Parse(time.DateOnly, string(d))
		d = queue.Day(x.AddDate(0, 0, 1).Format(time.DateOnly))
	}
	return "", session{}
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
	x, no := m.add(t)
	if no != "" {
		return no
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
		return notHere
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
