package queue

import (
	"fmt"
	"slices"
	"strings"
)

// Appointment finds an appointment by its code; nil when there is none to come.
func (s *State) Appointment(code string) *Appointment {
	for i := len(s.Appointments) - 1; i >= 0; i-- {
		if s.Appointments[i].Code == code {
			return &s.Appointments[i]
		}
	}
	return nil
}

func (d *decision) appointment(code string) (*Appointment, error) {
	a := d.Appointment(code)
	if a == nil {
		return nil, refuse(NotFound, WhyAppointment, "Check the code, or give out a number without appointment.", "there is no appointment of this code")
	}
	if a.State == AppointmentIsCheckedIn || a.State == AppointmentIsCancelled {
		return nil, refuse(Conflict, WhyAppointmentDone, "Give out a number without appointment.", "this appointment is %s", a.State)
	}
	return a, nil
}

// book adds appointments, all or none.
func (d *decision) book(c BookAppointments) ([]Event, error) {
	if n := len(c.Bookings); n == 0 || n > MaxBookings {
		return nil, refuse(Invalid, WhyBadField, fmt.Sprintf("Send 1 to %d at a time.", MaxBookings), "%d appointments", n)
	}
	events, problems := d.bookings(c.Bookings)
	if len(problems) > 0 {
		return nil, &Error{Code: Invalid, Reason: WhyBadBookings, Msg: problems.Error(),
			Hint: "Correct each and send them again; nothing was booked.", Err: problems}
	}
	return events, nil
}

// CheckBookings finds what is wrong with appointments that are to be booked,
// by field: "bookings[3].slot".
func (v View) CheckBookings(list []Booking, env Env) Problems {
	if v.s.Config == nil {
		return Problems{{Field: "bookings", Msg: "the centre has no configuration yet", Hint: "Apply the centre's configuration first."}}
	}
	d := decision{State: v.s, env: env, now: StampOf(env.Now)}
	_, problems := d.bookings(list)
	return problems
}

func (d *decision) bookings(list []Booking) ([]Event, Problems) {
	var events []Event
	var p Problems
	seen := map[string]bool{}
	// Each is asked for where those before it are booked already.
	booked := *d.State
	booked.Appointments = slices.Clone(d.Appointments)
	for i, b := range list {
		bad := func(code, field string, value any, hint, msg string, args ...any) {
			p = append(p, Problem{Field: fmt.Sprintf("bookings[%d].%s", i, field), Code: code, Value: fmt.Sprint(value), Msg: fmt.Sprintf(msg, args...), Hint: hint})
		}
		before := len(p)
		if !validCode(b.Code) {
			bad(FlawBookingCode, "code", "", "Use 4 to 32 capital letters, digits and -, and no number of a card or telephone.", "is no code")
		} else if seen[b.Code] {
			bad(FlawBookingRepeated, "code", b.Code, "Give each its own.", "stands twice")
		}
		seen[b.Code] = true
		point := b.Point
		k := d.Config.Category(b.Category)
		switch {
		case k == nil:
			bad(FlawBookingCategory, "category", b.Category, "Name one of the centre's categories.", "is no category")
		case k.Draining:
			bad(FlawBookingDropped, "category", b.Category, "Name one of the centre's categories.", "is no longer offered")
		case point == "":
			for j := range d.Config.Points {
				if x := &d.Config.Points[j]; point == "" && !x.Draining && d.Config.Offered(b.Category, x.ID) {
					point = x.ID
				}
			}
		case d.Config.Point(point) == nil || d.Config.Point(point).Draining:
			bad(FlawBookingPoint, "point", point, "Name one of the centre's service points.", "is no service point")
		case !d.Config.Offered(b.Category, point):
			bad(FlawBookingNotThere, "point", point, "Name a service point that serves the category.", "does not serve category %s", b.Category)
		}
		dossiers := max(b.Dossiers, 1)
		if b.Dossiers < 0 || b.Dossiers > 99 {
			bad(FlawBookingDossiers, "dossiers", b.Dossiers, "Give 1 to 99 dossiers.", "is out of range")
		}
		if a := booked.Appointment(b.Code); len(p) == before && a != nil && a.State != AppointmentIsCancelled && a.Slot == b.Slot && a.Category == b.Category && a.Point == point && int(a.Dossiers) == dossiers {
			continue // imported once more, also when its time is over
		}
		at := b.Slot.Time().In(Zone).Format("2006-01-02 15:04")
		day := DayOf(b.Slot.Time())
		sit := Sitting{Day: day}
		late := b.Slot.Add(minutes(d.Config.Routing.Late))
		switch {
		case day < d.Day.ID || day == d.Day.ID && late < d.now:
			bad(FlawBookingPast, "slot", at, "Give a time to come.", "is over")
		case day > d.Day.ID && int(DayOf(b.Slot.Time()).Begins().Sub(d.env.Now).Hours()) > 24*400:
			bad(FlawBookingFar, "slot", at, "Give a time within a year.", "is too far away")
		case len(d.Config.Sessions) > 0 && k != nil:
			found := false
			for _, s := range d.Config.Sittings(day) {
				if s.From <= b.Slot && b.Slot < s.To && k.In(s.Session) {
					sit, found = s, true
				}
			}
			if !found {
				bad(FlawBookingNoSession, "slot", at, "Give a time in one of the category's sessions.", "is in no session of category %s", b.Category)
			}
		}
		if len(p) > before {
			continue
		}
		was := AppointmentIsCancelled
		old := booked.Appointment(b.Code)
		if old != nil {
			if old.State == AppointmentIsCheckedIn {
				bad(FlawBookingCheckedIn, "code", b.Code, "Use a new code.", "has been checked in already")
				continue
			}
			was, old.State = old.State, AppointmentIsCancelled // its place is free
		}
		if n := d.Config.Appointments.Capacity; n > 0 && booked.taken(b.Category, point, b.Slot) >= n {
			bad(FlawBookingFull, "slot", at, "Give another time.", "is full: %d at most", n)
		} else if left, bounded := booked.Left(b.Category, point, sit); bounded && left < dossiers {
			bad(FlawBookingQuota, "slot", at, "Give a time in another session.", "is in a session whose quota is used up")
		}
		if len(p) > before {
			if old != nil {
				old.State = was
			}
			continue
		}
		e := AppointmentBooked{Code: b.Code, Slot: b.Slot, Category: b.Category, Point: point, Session: sit.Session, Dossiers: dossiers}
		booked.applyBooked(e)
		events = append(events, e)
	}
	return events, p
}

// taken is how many are booked for a slot.
func (s *State) taken(k CategoryID, p PointID, slot Stamp) int {
	n := 0
	for i := range s.Appointments {
		if a := &s.Appointments[i]; a.State == AppointmentIsBooked && a.Category == k && a.Point == p && a.Slot == slot {
			n++
		}
	}
	return n
}

// validCode refuses also what could be the number of a card or a telephone:
// nine digits in a row, or as many without a letter. No person is kept.
func validCode(s string) bool {
	if len(s) < 4 || len(s) > 32 || strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") != "" {
		return false
	}
	letters, digits, row := 0, 0, 0
	for _, c := range s {
		switch {
		case c == '-':
			row = 0
		case c <= '9':
			digits++
			if row++; row >= 9 {
				return false
			}
		default:
			letters++
			row = 0
		}
	}
	return letters > 0 || digits > 0 && digits < 9
}

func (d *decision) cancelAppointment(c CancelAppointment) ([]Event, error) {
	a, err := d.appointment(c.Code)
	if err != nil {
		return nil, err
	}
	return one(AppointmentCancelled{Code: a.Code})
}

// checkIn issues the number of an appointment (routing.md §1).
func (d *decision) checkIn(c CheckIn) ([]Event, error) {
	if !d.Day.Open {
		return nil, dayClosed()
	}
	a, err := d.appointment(c.Code)
	if err != nil {
		return nil, err
	}
	if day := DayOf(a.Slot.Time()); day != d.Day.ID {
		e := refuse(Conflict, WhyAppointmentDay, "Come back on that day, or give out a number without appointment.", "this appointment is on %s", day)
		e.Next = a.Slot
		return nil, e
	}
	o := order{point: a.Point, dossiers: int(a.Dossiers), entry: EntryAppointment, ref: c.Ref}
	if o.category, err = d.offered(a.Category, a.Point); err != nil {
		return nil, err
	}
	if o.class, o.claim, err = d.granted(c.Class); err != nil {
		return nil, err
	}
	if o.legs, err = d.legs(o.category, a.Point, nil); err != nil {
		return nil, err
	}
	if o.class == Appointed {
		o.class = Normal // in time it is of this class without being asked for, late it is not
	}
	now := max(d.now, d.LastAt)
	late := d.env.ClockOK && now > a.Slot.Add(minutes(d.Config.Routing.Late))
	switch {
	case late:
		if o.session, err = d.admit(o.category, a.Point, o.dossiers); err != nil {
			return nil, err
		}
	case o.class == Normal:
		o.session, o.slot, o.arrival = a.Session, a.Slot, max(a.Slot, now)
		if k := d.Config.Class(Appointed); k != nil && !k.Draining {
			o.class = Appointed
		}
	default: // priority counts from the check-in
		o.session, o.slot = a.Session, a.Slot
	}
	g, err := d.give(o)
	if err != nil {
		return nil, err
	}
	events := append(g.events(c.Shown), AppointmentCheckedIn{Code: a.Code, Ticket: g.id, Late: late})
	return events, nil
}

// rebook turns a ticket into an appointment in the category's next session.
func (d *decision) rebook(c Rebook) ([]Event, error) {
	t, err := d.find(c.Ticket)
	if err != nil {
		return nil, err
	}
	if err := d.in(t, Waiting, Parked, Missed); err != nil {
		return nil, err
	}
	k, err := d.offered(t.Category, t.Point)
	if err != nil {
		return nil, err
	}
	full := func(s Sitting) bool {
		left, bounded := d.Left(k.ID, t.Point, s)
		return s.From <= d.now || s.Day == d.Day.ID && s.Session == t.Session || bounded && left < int(t.Dossiers)
	}
	next, ok := d.Config.nextSitting(k, d.Day.ID, d.now, full)
	if !ok {
		return nil, refuse(NotFound, WhySessionUnknown, "Give out a number on another day, or write the sessions into the centre's file.", "no session to come has room for %s", t.Label)
	}
	code := rebookedCode(t, d.Day.ID)
	for n := 2; d.Appointment(code) != nil; n++ {
		code = fmt.Sprintf("%s-%d", rebookedCode(t, d.Day.ID), n)
	}
	return []Event{
		TicketCancelled{Ticket: t.ID, Label: t.Label, Appointment: code},
		AppointmentBooked{Code: code, Slot: next.From, Category: k.ID, Point: t.Point, Session: next.Session, Dossiers: int(t.Dossiers)},
	}, nil
}

// rebookedCode is the label and the date, as both stand on the slip: A012-1123.
func rebookedCode(t *Ticket, d Day) string { return t.Label + "-" + string(d[5:7]) + string(d[8:]) }

// Keeps reports whether the centre can still keep an appointment to come: its
// category is offered at its point, and its slot lies in one of the sessions.
// A changed configuration may leave some that it can't; staff move them.
func (v View) Keeps(a *Appointment) bool {
	cfg := v.s.Config
	k := cfg.Category(a.Category)
	if k == nil || k.Draining || !cfg.Offered(a.Category, a.Point) {
		return false
	}
	return len(cfg.Sessions) == 0 || slices.ContainsFunc(cfg.Sittings(DayOf(a.Slot.Time())), func(s Sitting) bool {
		return s.From <= a.Slot && a.Slot < s.To && k.In(s.Session)
	})
}

// missed lists the appointments nobody has come to in time.
func (d *decision) missed(over func(*Appointment) bool) []Event {
	var due []*Appointment
	for i := range d.Appointments {
		if a := &d.Appointments[i]; a.State == AppointmentIsBooked && over(a) {
			due = append(due, a)
		}
	}
	slices.SortStableFunc(due, func(a, b *Appointment) int { return int(min(max(a.Slot-b.Slot, -1), 1)) })
	var events []Event
	for _, a := range due {
		events = append(events, AppointmentMissed{Code: a.Code})
	}
	return events
}
