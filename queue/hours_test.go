package queue_test

import (
	"errors"
	"testing"
	"time"

	"motcua/queue"
	"motcua/queue/queuetest"
)

func at(day, clock string) time.Time {
	x, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, queue.Zone)
	if err != nil {
		panic(err)
	}
	return x
}

// TestHours: when a machine gives out numbers, why not, and when next. The
// week of Monday 23 November 2026 has a holiday on Tuesday and works on Saturday.
func TestHours(t *testing.T) {
	cfg := halfDays().State.Config.Plain()
	cfg.Holidays = []queue.Holiday{{From: "2026-11-24", Name: queue.Text{"vi": "Nghỉ"}}, {From: "2026-12-24", To: "2026-12-27", Name: queue.Text{"vi": "Nghỉ"}}}
	cfg.ExtraDays = []queue.ExtraDay{{Day: "2026-11-28", As: "tue"}, {Day: "2026-12-25", As: "mon"}}
	cfg.Categories[1].Sessions = []queue.SessionID{"afternoon"}
	for _, c := range []struct {
		day, clock string
		category   queue.CategoryID
		session    queue.SessionID // or
		why        string
		next       string
	}{
		{"2026-11-23", "06:59", "A", "", queue.WhyOutsideHours, "2026-11-23 07:30"},
		{"2026-11-23", "07:00", "A", "morning", "", ""},
		{"2026-11-23", "07:00", "B", "", queue.WhyOutsideHours, "2026-11-23 13:30"},
		{"2026-11-23", "11:14", "A", "morning", "", ""},
		{"2026-11-23", "11:15", "A", "", queue.WhySessionCutOff, "2026-11-23 13:30"},
		{"2026-11-23", "12:00", "A", "", queue.WhyOutsideHours, "2026-11-23 13:30"},
		{"2026-11-23", "13:00", "B", "afternoon", "", ""},
		{"2026-11-23", "16:45", "A", "", queue.WhySessionCutOff, "2026-11-25 07:30"}, // Tuesday is a holiday
		{"2026-11-23", "17:01", "A", "", queue.WhyOutsideHours, "2026-11-25 07:30"},
		{"2026-11-24", "09:00", "A", "", queue.WhyHoliday, "2026-11-25 07:30"},
		{"2026-11-27", "18:00", "B", "", queue.WhyOutsideHours, "2026-11-28 13:30"}, // Saturday is worked
		{"2026-11-28", "09:00", "A", "morning", "", ""},
		{"2026-11-29", "09:00", "A", "", queue.WhyOutsideHours, "2026-11-30 07:30"},
		{"2026-12-24", "09:00", "A", "", queue.WhyHoliday, "2026-12-25 07:30"}, // worked all the same
		{"2026-12-25", "09:00", "A", "morning", "", ""},
	} {
		b := queuetest.NewBook(nil)
		b.Now = at(c.day, "03:00")
		b.Must(queue.ApplyConfig{Config: *cfg})
		b.Must(queue.OpenDay{})
		b.Now, b.Role = at(c.day, c.clock), queue.Kiosk
		offer := b.State.View().Offer(c.category, "main", queue.Env{Now: b.Now, ClockOK: true})
		r, err := b.Do(queue.Issue{Category: c.category})
		var e, o *queue.Error
		switch {
		case c.why == "" && (err != nil || offer != nil):
			t.Errorf("%s %s %s: %v, offer %v", c.day, c.clock, c.category, err, offer)
		case c.why == "" && r[0].Event.(queue.TicketIssued).Session != c.session:
			t.Errorf("%s %s %s: session %+v", c.day, c.clock, c.category, r[0].Event)
		case c.why == "":
		case !errors.As(err, &e) || e.Code != queue.Closed || e.Reason != c.why:
			t.Errorf("%s %s %s: %v, want %s", c.day, c.clock, c.category, err, c.why)
		case !errors.As(offer, &o) || o.Reason != e.Reason || o.Next != e.Next:
			t.Errorf("%s %s %s: refused %v, offered %v", c.day, c.clock, c.category, err, offer)
		case e.Next.Time().In(queue.Zone).Format("2006-01-02 15:04") != c.next:
			t.Errorf("%s %s %s: next %v, want %s", c.day, c.clock, c.category, e.Next.Time().In(queue.Zone), c.next)
		}
		// A wrong clock sends nobody home, and a supervisor lets in whom she will.
		if c.why != "" {
			b.NoClock = true
			b.Must(queue.Issue{Category: c.category})
			b.NoClock, b.Role = false, queue.Supervisor
			b.Must(queue.Issue{Category: c.category})
		}
	}
}

// TestQuota: counted in dossiers, with those of appointments to come; who does
// not come in time gives theirs back.
func TestQuota(t *testing.T) {
	cfg := halfDays().State.Config.Plain()
	cfg.Quotas = []queue.Quota{{Category: "A", Session: "morning", Dossiers: 10}, {Category: "A", Session: "afternoon", Dossiers: 3},
		{Category: "A", Session: "morning", Point: "annex", Dossiers: 1}}
	b := opened(*cfg)
	slot := queue.StampOf(at("2026-11-23", "08:00"))
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "LAND-1", Slot: slot, Category: "A", Dossiers: 4}}})
	b.Role = queue.Greeter
	b.Must(queue.Issue{Category: "A", Point: "annex"})
	e := refused(t, b, queue.Issue{Category: "A", Point: "annex"}, queue.Closed, queue.WhyQuotaExhausted)
	if got := e.Next.Time().In(queue.Zone).Format("15:04"); got != "13:30" {
		t.Errorf("next session %s", got)
	}
	b.Must(queue.Issue{Category: "A", Dossiers: 5}) // 1 + 5 + 4 reserved
	refused(t, b, queue.Issue{Category: "A"}, queue.Closed, queue.WhyQuotaExhausted)
	e = refused(t, b, queue.Issue{Category: "A", Dossiers: 4}, queue.Closed, queue.WhyQuotaExhausted)
	if got := e.Next.Time().In(queue.Zone).Format("2006-01-02 15:04"); got != "2026-11-24 07:30" {
		t.Errorf("room for four dossiers at %s", got) // the afternoon has room for three
	}
	b.Now = at("2026-11-23", "08:16")
	if got := b.State.NextDeadline(); got.After(b.Now) {
		t.Fatalf("the appointment's end is due at %v", got)
	}
	b.Must(queue.Tick{})
	id := b.Issue("A") // in the place of who did not come
	b.Must(queue.SetDossiers{Ticket: id, Dossiers: 4})
	refused(t, b, queue.Issue{Category: "A"}, queue.Closed, queue.WhyQuotaExhausted)
	b.Must(queue.Undo{Ticket: id})
	b.Must(queue.Issue{Category: "A", Dossiers: 3})
	refused(t, b, queue.CheckIn{Code: "LAND-1"}, queue.Closed, queue.WhyQuotaExhausted) // late, and full
	b.Role = queue.Supervisor
	b.Must(queue.CheckIn{Code: "LAND-1"})
}

// TestBreaks: a free counter pauses when its break comes, a busy one when it
// becomes free; who opens it again waives the rest; nothing opens by itself.
func TestBreaks(t *testing.T) {
	cfg := queuetest.Config()
	cfg.Breaks = []queue.Break{{Counter: "1", From: "09:30", To: "09:45"}, {Counter: "2", From: "09:30", To: "09:45", Reason: queue.PauseLunch},
		{Counter: "1", Days: []queue.Weekday{"tue"}, From: "08:00", To: "09:00"}}
	b := opened(cfg)
	b.Now = at("2026-11-23", "09:00")
	first, second, third := b.Issue("B"), b.Issue("B"), b.Issue("B")
	b.Must(queue.CallNext{Counter: "2"})
	b.Must(queue.Start{Counter: "2", Ticket: first})
	if got, want := b.State.NextDeadline(), at("2026-11-23", "09:30"); !got.Equal(want) {
		t.Errorf("next deadline %v", got)
	}
	b.Now = at("2026-11-23", "09:30")
	b.Must(queue.Tick{})
	one, two := b.State.Counter("1"), b.State.Counter("2")
	if one.State != queue.CounterIsPaused || one.Pause != queue.PauseBreak || one.Until != queue.StampOf(at("2026-11-23", "09:45")) || two.State != queue.CounterIsOpen {
		t.Fatalf("%+v\n%+v", one, two)
	}
	if r := b.Must(queue.Tick{}); len(r) > 0 {
		t.Errorf("a second tick did %v", r)
	}
	b.Pass(time.Minute)
	b.Must(queue.Finish{Counter: "2", Ticket: first, Next: true})
	if two.State != queue.CounterIsPaused || two.Pause != queue.PauseLunch || two.Ticket != 0 {
		t.Fatalf("%+v", two)
	}
	b.Must(queue.Undo{Counter: "2"}) // a mis-click does not send anybody to lunch
	if two.State != queue.CounterIsOpen || two.Ticket != first {
		t.Fatalf("undone: %+v", two)
	}
	b.Must(queue.Finish{Counter: "2", Ticket: first})
	b.Must(queue.OpenCounter{Counter: "1"})
	b.Must(queue.CallNext{Counter: "1"})
	b.Must(queue.Start{Counter: "1", Ticket: second})
	b.Must(queue.Finish{Counter: "1", Ticket: second, Next: true})
	if one.Ticket != third || b.State.NextDeadline().Before(queue.Day("2026-11-24").Begins()) {
		t.Errorf("the waived break came again: %+v", one)
	}
	// By hand, with its end.
	b.Must(queue.OpenCounter{Counter: "2"})
	b.Must(queue.PauseCounter{Counter: "2", Reason: queue.PauseDesk, Minutes: 20})
	if two.Until != queue.StampOf(b.Now.Add(20*time.Minute)) {
		t.Errorf("until %v", two.Until.Time())
	}
	refused(t, b, queue.PauseCounter{Counter: "3", Minutes: 500}, queue.Invalid, queue.WhyBadField)
}

// TestDayAhead: a day that has begun can't be taken back, so none begins too early.
func TestDayAhead(t *testing.T) {
	b := queuetest.NewBook(nil)
	b.Must(queue.ApplyConfig{Config: queuetest.Config()})
	refused(t, b, queue.OpenDay{Day: "2026-11-24"}, queue.Conflict, queue.WhyDayAhead)
	b.Must(queue.OpenDay{})
	b.Must(queue.CloseDay{})
	b.NoClock = true // staff say what day it is
	refused(t, b, queue.OpenDay{Day: "2062-11-24"}, queue.Conflict, queue.WhyDayAhead)
	b.Must(queue.OpenDay{Day: "2026-11-24"})
	if b.State.Day.ID != "2026-11-24" {
		t.Errorf("day %s", b.State.Day.ID)
	}
}

// TestNextHasRoom: who is sent away is not sent to a session whose numbers are
// all reserved.
func TestNextHasRoom(t *testing.T) {
	cfg := halfDays().State.Config.Plain()
	cfg.Quotas = []queue.Quota{{Category: "A", Session: "afternoon", Dossiers: 2}}
	b := opened(*cfg)
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "AB-12", Slot: queue.StampOf(at("2026-11-23", "14:00")), Category: "A", Dossiers: 2}}})
	b.Now, b.Role = at("2026-11-23", "11:20"), queue.Kiosk
	want := queue.StampOf(at("2026-11-24", "07:30"))
	if e := refused(t, b, queue.Issue{Category: "A"}, queue.Closed, queue.WhySessionCutOff); e.Next != want {
		t.Errorf("sent to %v, want %v", e.Next.Time().In(queue.Zone), want.Time().In(queue.Zone))
	}
}
