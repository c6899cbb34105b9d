package queue_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/queue"
	"motcua/queue/queuetest"
)

// withAppointments is the centre of half days with a class for appointments.
func withAppointments() *queuetest.Book {
	cfg := halfDays().State.Config.Plain()
	cfg.Classes = append(cfg.Classes, queue.Class{ID: queue.Appointed, Name: queue.Text{"vi": "Lịch hẹn"}, HeadStart: 15})
	return opened(*cfg)
}

// TestCheckIn: early gains nothing, in time counts from the slot, late is a
// walk-in, and with priority it counts from the check-in (routing.md §1).
func TestCheckIn(t *testing.T) {
	slot := at("2026-11-23", "09:00")
	for _, c := range []struct {
		name    string
		come    string
		class   queue.ClassID
		want    queue.ClassID
		arrival string
		late    bool
	}{
		{"early", "08:10", "", queue.Appointed, "09:00", false},
		{"on the minute", "09:00", "", queue.Appointed, "09:00", false},
		{"in time", "09:15", "", queue.Appointed, "09:15", false},
		{"late", "09:16", "", queue.Normal, "09:16", true},
		{"early, asked for by its class", "08:10", queue.Appointed, queue.Appointed, "09:00", false},
		{"late, asked for by its class", "09:16", queue.Appointed, queue.Normal, "09:16", true},
		{"early, with priority", "08:10", "priority", "priority", "08:10", false},
		{"late, with priority", "09:40", "priority", "priority", "09:40", true},
	} {
		b := withAppointments()
		b.Role = queue.Greeter
		b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "AB-12", Slot: queue.StampOf(slot), Category: "B", Dossiers: 2}}})
		b.Now = at("2026-11-23", c.come)
		r := b.Must(queue.CheckIn{Code: "AB-12", Class: c.class})
		x := b.State.Ticket(queue.TicketID(r[0].Seq))
		if got := x.Arrival.Time().In(queue.Zone).Format("15:04"); got != c.arrival || x.Class != c.want || (x.Slot == 0) != c.late ||
			x.Entry != queue.EntryAppointment || x.Dossiers != 2 || x.Session != "morning" {
			t.Errorf("%s: arrival %s, %+v", c.name, got, x)
		}
		if a := b.State.Appointment("AB-12"); a.State != queue.AppointmentIsCheckedIn || a.Ticket != x.ID {
			t.Errorf("%s: %+v", c.name, a)
		}
		if e := r[1].Event.(queue.AppointmentCheckedIn); e.Late != c.late {
			t.Errorf("%s: %+v", c.name, e)
		}
		refused(t, b, queue.CheckIn{Code: "AB-12"}, queue.Conflict, queue.WhyAppointmentDone)
		if wrong := queuetest.Invariants(b.State); wrong != nil {
			t.Error(wrong)
		}
	}
}

// TestAppointmentOrder: an early arrival passes nobody before its time, an
// idle counter may call it all the same, and in time it has its head start.
func TestAppointmentOrder(t *testing.T) {
	b := withAppointments()
	slot := queue.StampOf(at("2026-11-23", "08:30"))
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "AB-12", Slot: slot, Category: "A"}, {Code: "AB-13", Slot: slot, Category: "A"}}})
	b.Now = at("2026-11-23", "08:00")
	early := queue.TicketID(b.Must(queue.CheckIn{Code: "AB-12"})[0].Seq)
	b.Now = at("2026-11-23", "08:14")
	before := b.Issue("A") // 08:14 comes before 08:30 less 15 minutes
	b.Now = at("2026-11-23", "08:16")
	after := b.Issue("A")
	var order []queue.TicketID
	for range 3 {
		b.Must(queue.CallNext{Counter: "1"})
		id := b.State.Counter("1").Ticket
		order = append(order, id)
		b.Must(queue.Start{Counter: "1", Ticket: id})
		b.Must(queue.Finish{Counter: "1", Ticket: id})
	}
	if want := []queue.TicketID{before, early, after}; order[0] != want[0] || order[1] != want[1] || order[2] != want[2] {
		t.Errorf("order %v, want %v", order, want)
	}
	idle := queue.TicketID(b.Must(queue.CheckIn{Code: "AB-13"})[0].Seq)
	b.Must(queue.CallNext{Counter: "1"})
	if b.State.Counter("1").Ticket != idle {
		t.Error("the idle counter did not call who came early")
	}
}

// TestBooking: all or none, every wrong one named; the same list again adds
// nothing, a changed one moves; codes of the past are forgotten.
func TestBooking(t *testing.T) {
	cfg := withAppointments().State.Config.Plain()
	cfg.Appointments.Capacity = 2
	cfg.Quotas = []queue.Quota{{Category: "B", Session: "afternoon", Dossiers: 3}}
	b := opened(*cfg)
	slot := func(clock string) queue.Stamp { return queue.StampOf(at("2026-11-24", clock)) }
	good := []queue.Booking{
		{Code: "A-001", Slot: slot("08:00"), Category: "A"},
		{Code: "A-002", Slot: slot("08:00"), Category: "A"},
		{Code: "A-003", Slot: slot("08:00"), Category: "A", Point: "annex"},
	}
	if r := b.Must(queue.BookAppointments{Bookings: good}); len(r) != 3 {
		t.Fatalf("%d records", len(r))
	}
	if r := b.Must(queue.BookAppointments{Bookings: good}); len(r) != 0 {
		t.Errorf("the same list once more: %v", r)
	}
	wrong := []queue.Booking{
		{Code: "A-004", Slot: slot("09:00"), Category: "A"}, // good
		{Code: "a b", Slot: slot("08:00"), Category: "A"},
		{Code: "A-005", Slot: slot("08:00"), Category: "A"}, // full
		{Code: "A-006", Slot: slot("12:00"), Category: "A"}, // at lunch
		{Code: "A-007", Slot: queue.StampOf(at("2026-11-22", "08:00")), Category: "A"},
		{Code: "A-008", Slot: slot("08:30"), Category: "Z"},
		{Code: "A-009", Slot: slot("08:30"), Category: "R", Point: "annex"},
		{Code: "A-010", Slot: slot("08:30"), Category: "A", Dossiers: 100},
		{Code: "A-004", Slot: slot("08:30"), Category: "A"},
		{Code: "A-011", Slot: slot("14:00"), Category: "B", Dossiers: 4}, // more than the quota
	}
	_, err := b.Do(queue.BookAppointments{Bookings: wrong})
	var e *queue.Error
	var problems queue.Problems
	if !errors.As(err, &e) || e.Reason != queue.WhyBadBookings || !errors.As(err, &problems) {
		t.Fatalf("got %v", err)
	}
	want := []string{"bookings[1].code", "bookings[2].slot", "bookings[3].slot", "bookings[4].slot", "bookings[5].category",
		"bookings[6].point", "bookings[7].dossiers", "bookings[8].code", "bookings[9].slot"}
	if len(problems) != len(want) {
		t.Fatalf("%d problems, want %d:\n%v", len(problems), len(want), problems)
	}
	for i, f := range want {
		if problems[i].Field != f || problems[i].Hint == "" || !slices.Contains(queue.BookingFlaws(), problems[i].Code) {
			t.Errorf("problem %d: %v with code %q, want %s", i, problems[i], problems[i].Code, f)
		}
	}
	if b.State.Appointment("A-004") != nil {
		t.Error("a good one of a refused list was booked")
	}
	for code, ok := range map[string]bool{"046058001234": false, "123456789A": false, "12345678": true, "1234-56789": false, "12345-A-678": true, "----": false, "AB1": false} {
		v := b.State.View().CheckBookings([]queue.Booking{{Code: code, Slot: slot("09:30"), Category: "A"}}, queue.Env{Now: b.Now, ClockOK: true})
		if (len(v) == 0) != ok {
			t.Errorf("code %s: %v", code, v)
		}
	}
	good[1].Slot = slot("08:15")
	if r := b.Must(queue.BookAppointments{Bookings: good}); len(r) != 1 || len(b.State.Appointments) != 3 {
		t.Errorf("moved: %v", r)
	}
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "A-012", Slot: slot("08:00"), Category: "A"}}}) // in the place that is free
	b.Must(queue.CancelAppointment{Code: "A-012"})
	refused(t, b, queue.CancelAppointment{Code: "A-012"}, queue.Conflict, queue.WhyAppointmentDone)
	refused(t, b, queue.CheckIn{Code: "NONE"}, queue.NotFound, queue.WhyAppointment)
	if e := refused(t, b, queue.CheckIn{Code: "A-001"}, queue.Conflict, queue.WhyAppointmentDay); e.Next != slot("08:00") {
		t.Errorf("next %v", e.Next.Time())
	}
	refused(t, b, queue.BookAppointments{}, queue.Invalid, queue.WhyBadField)
	b.Now = at("2026-11-25", "08:00")
	b.Must(queue.Tick{})
	if len(b.State.Appointments) != 0 {
		t.Errorf("appointments of yesterday: %v", b.State.Appointments)
	}
}

// TestMissedAppointment: the timer frees the slot; who comes then is a walk-in.
func TestMissedAppointment(t *testing.T) {
	cfg := withAppointments().State.Config.Plain()
	cfg.Appointments.Capacity = 1
	b := opened(*cfg)
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "AB-12", Slot: queue.StampOf(at("2026-11-23", "09:00")), Category: "A"}}})
	other := queue.Booking{Code: "AB-13", Slot: queue.StampOf(at("2026-11-23", "09:00")), Category: "A"}
	if p := b.State.View().CheckBookings([]queue.Booking{other}, queue.Env{Now: b.Now, ClockOK: true}); len(p) != 1 {
		t.Errorf("the slot is full: %v", p)
	}
	b.Now = at("2026-11-23", "09:15")
	if r := b.Must(queue.Tick{}); len(r) != 0 {
		t.Fatalf("still in time: %v", r)
	}
	b.Pass(time.Millisecond)
	if got := b.State.NextDeadline(); !got.Equal(b.Now) {
		t.Errorf("next deadline %v", got)
	}
	b.Must(queue.Tick{})
	if a := b.State.Appointment("AB-12"); a.State != queue.AppointmentIsMissed {
		t.Fatalf("%+v", a)
	}
	// Its slot is free again: as far as places go, somebody else may have it.
	if p := b.State.View().CheckBookings([]queue.Booking{other}, queue.Env{Now: at("2026-11-23", "09:15"), ClockOK: true}); len(p) != 0 {
		t.Errorf("the freed slot: %v", p)
	}
	// The morning's list, imported once more, is no mistake.
	if r := b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "AB-12", Slot: queue.StampOf(at("2026-11-23", "09:00")), Category: "A"}}}); len(r) != 0 {
		t.Errorf("imported again: %v", r)
	}
	x := b.State.Ticket(queue.TicketID(b.Must(queue.CheckIn{Code: "AB-12"})[0].Seq))
	if x.Class != queue.Normal || x.Slot != 0 {
		t.Errorf("%+v", x)
	}
}

// TestRebook: who can't be served today gets an appointment in the next
// session, under a code that stands on the slip already.
func TestRebook(t *testing.T) {
	b := withAppointments()
	b.Now = at("2026-11-23", "11:00")
	id := b.Issue("A")
	b.Must(queue.Rebook{Ticket: id})
	x, a := b.State.Ticket(id), b.State.Appointment("A001-1123")
	if x.State != queue.Cancelled || x.Rebooked != "A001-1123" || a == nil || a.Slot != queue.StampOf(at("2026-11-23", "13:30")) || a.Session != "afternoon" {
		t.Fatalf("%+v %+v", x, a)
	}
	refused(t, b, queue.Reactivate{Ticket: id}, queue.Conflict, queue.WhyRebooked)
	b.Must(queue.Undo{Ticket: id})
	if b.State.Ticket(id).State != queue.Waiting || b.State.Appointment("A001-1123").State != queue.AppointmentIsCancelled {
		t.Error("the undo left the appointment")
	}
	b.Must(queue.Rebook{Ticket: id})
	if x := b.State.Ticket(id); !strings.HasPrefix(x.Rebooked, "A001-1123") {
		t.Errorf("booked again as %s", x.Rebooked)
	}
	b.Must(queue.CheckIn{Code: b.State.Ticket(id).Rebooked}) // and came at once: one citizen, one number
	refused(t, b, queue.Undo{Ticket: id}, queue.Conflict, queue.WhyTicketTaken)
	plain := opened(queuetest.Config())
	refused(t, plain, queue.Rebook{Ticket: plain.Issue("A")}, queue.NotFound, queue.WhySessionUnknown)
}

// TestMissedWhileShut: an appointment on a day that was never opened is named
// as missed, once, before the next day begins without it.
func TestMissedWhileShut(t *testing.T) {
	for _, closed := range []bool{true, false} {
		b := withAppointments()
		b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "AB-1", Slot: queue.StampOf(at("2026-11-24", "09:00")), Category: "A"}}})
		if closed {
			b.Must(queue.CloseDay{})
		}
		b.Now = at("2026-11-26", "07:00")
		missed := 0
		for _, r := range b.Must(queue.Tick{}) {
			if e, ok := r.Event.(queue.AppointmentMissed); ok && e.Code == "AB-1" {
				missed++
			}
		}
		if missed != 1 || b.State.Appointment("AB-1") != nil {
			t.Errorf("closed by hand %t: missed %d times, then %+v", closed, missed, b.State.Appointment("AB-1"))
		}
	}
}

// TestPriorityTakenBack: an appointment that came early and was granted
// priority by mistake counts from its slot again.
func TestPriorityTakenBack(t *testing.T) {
	b := withAppointments()
	slot := queue.StampOf(at("2026-11-23", "09:00"))
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "AB-12", Slot: slot, Category: "A"}}})
	b.Now = at("2026-11-23", "08:10")
	id := queue.TicketID(b.Must(queue.CheckIn{Code: "AB-12", Class: "priority"})[0].Seq)
	b.Must(queue.SetClass{Ticket: id, Class: queue.Appointed})
	if x := b.State.Ticket(id); x.Arrival != slot {
		t.Errorf("counts from %v", x.Arrival.Time().In(queue.Zone))
	}
}

// TestBookingInOrder: each booking of a list finds those before it booked, at
// every point a quota counts, and what they moved from free.
func TestBookingInOrder(t *testing.T) {
	cfg := withAppointments().State.Config.Plain()
	cfg.Appointments.Capacity = 2
	cfg.Quotas = []queue.Quota{{Category: "B", Session: "afternoon", Dossiers: 5}, {Category: "B", Session: "afternoon", Point: "annex", Dossiers: 2}}
	b := opened(*cfg)
	slot := func(clock string) queue.Stamp { return queue.StampOf(at("2026-11-24", clock)) }
	book := func(list ...queue.Booking) queue.BookAppointments { return queue.BookAppointments{Bookings: list} }
	refused(t, b, book(
		queue.Booking{Code: "B-001", Slot: slot("14:00"), Category: "B", Point: "main", Dossiers: 4},
		queue.Booking{Code: "B-002", Slot: slot("14:00"), Category: "B", Point: "annex", Dossiers: 2},
	), queue.Invalid, queue.WhyBadBookings)
	b.Must(book(queue.Booking{Code: "B-001", Slot: slot("14:00"), Category: "B", Point: "main", Dossiers: 3}))
	refused(t, b, book(queue.Booking{Code: "B-001", Slot: slot("14:00"), Category: "B", Point: "annex", Dossiers: 3}), queue.Invalid, queue.WhyBadBookings)
	// Of two in a slot one changes, and another comes in place of none: three would be too many.
	b.Must(book(queue.Booking{Code: "A-001", Slot: slot("08:00"), Category: "A"}))
	b.Must(book(
		queue.Booking{Code: "A-001", Slot: slot("08:00"), Category: "A", Dossiers: 2},
		queue.Booking{Code: "A-002", Slot: slot("08:00"), Category: "A"},
	))
	b.Must(book(
		queue.Booking{Code: "A-001", Slot: slot("08:15"), Category: "A", Dossiers: 2},
		queue.Booking{Code: "A-003", Slot: slot("08:00"), Category: "A"},
	))
	refused(t, b, book(queue.Booking{Code: "A-003", Slot: slot("08:00"), Category: "A", Dossiers: -1}), queue.Invalid, queue.WhyBadBookings)
}

// TestUnkeptAppointments: a changed centre says which appointments it can't keep.
func TestUnkeptAppointments(t *testing.T) {
	b := withAppointments()
	slot := func(clock string) queue.Stamp { return queue.StampOf(at("2026-11-24", clock)) }
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "A-001", Slot: slot("08:00"), Category: "A"},
		{Code: "A-002", Slot: slot("16:30"), Category: "B"}, {Code: "A-003", Slot: slot("09:00"), Category: "B", Point: "annex"}, {Code: "A-004", Slot: slot("09:00"), Category: "R"}}})
	unkept := func() (codes []string) {
		for i := range b.State.Appointments {
			if a := &b.State.Appointments[i]; !b.State.View().Keeps(a) {
				codes = append(codes, a.Code)
			}
		}
		return codes
	}
	if got := unkept(); got != nil {
		t.Errorf("at first: %v", got)
	}
	cfg := *b.State.Config.Plain()
	cfg.Categories = cfg.Categories[1:] // no A
	cfg.Counters = cfg.Counters[:2]     // nobody at the annex
	cfg.Counters[0].Skills = []queue.CategoryID{"B"}
	cfg.Sessions[1].To = "16:00"
	b.Must(queue.ApplyConfig{Config: cfg})
	if got := unkept(); !slices.Equal(got, []string{"A-001", "A-002", "A-003"}) {
		t.Errorf("unkept: %v", got)
	}
}
