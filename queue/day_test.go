package queue_test

import (
	"testing"
	"time"

	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

func TestBusinessDay(t *testing.T) {
	at := func(day, clock string) time.Time {
		x, err := time.ParseInLocation("2006-01-02 15:04", day+" "+clock, queue.Zone)
		if err != nil {
			t.Fatal(err)
		}
		return x
	}
	for _, c := range []struct {
		day, clock string
		want       queue.Day
	}{
		{"2026-11-23", "06:59", "2026-11-23"}, // one day with 07:01, though UTC's midnight lies between
		{"2026-11-23", "07:01", "2026-11-23"},
		{"2026-11-23", "03:00", "2026-11-23"},
		{"2026-11-24", "02:59", "2026-11-23"},
	} {
		if got := queue.DayOf(at(c.day, c.clock)); got != c.want {
			t.Errorf("%s %s belongs to %s, want %s", c.day, c.clock, got, c.want)
		}
	}
	if got, want := queue.Day("2026-11-23").Begins(), at("2026-11-23", "03:00"); !got.Equal(want) {
		t.Errorf("begins %v, want %v", got, want)
	}
}

// TestRollover: at the boundary the timer ends the old day by force, names how
// each ticket ended, and begins the new one with number one.
func TestRollover(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	waiting, called, served := b.Issue("A"), b.Issue("A"), b.Issue("B")
	b.Must(queue.CallTicket{Counter: "1", Ticket: called, Reason: queue.CallOther})
	b.Must(queue.CallTicket{Counter: "2", Ticket: served, Reason: queue.CallOther})
	b.Must(queue.Start{Counter: "2", Ticket: served})
	if r := b.Must(queue.Tick{}); len(r) > 0 {
		t.Fatalf("a tick in the day did %v", r)
	}
	if got := b.State.NextDeadline(); !got.Equal(queue.Day("2026-11-24").Begins()) {
		t.Errorf("next deadline %v", got)
	}
	b.Now = b.State.NextDeadline()
	ends := map[queue.TicketID]string{}
	for _, r := range b.Must(queue.Tick{}) {
		switch e := r.Event.(type) {
		case queue.TicketExpired:
			ends[e.Ticket] = "expired"
			if e.NotThere {
				ends[e.Ticket] = "not there"
			}
		case queue.TicketFinished:
			ends[e.Ticket] = string(e.Outcome)
		}
	}
	if ends[waiting] != "expired" || ends[called] != "not there" || ends[served] != "auto_closed" {
		t.Errorf("ends: %v", ends)
	}
	if b.State.Day.ID != "2026-11-24" || !b.State.Day.Open {
		t.Errorf("day %+v", b.State.Day)
	}
	if id := b.Issue("A"); b.State.Ticket(id).Label != "A001" {
		t.Errorf("first label of the new day: %s", b.State.Ticket(id).Label)
	}
	refused(t, b, queue.Cancel{Ticket: waiting}, queue.NotFound, queue.WhyTicketUnknown)
}

// TestReopenedDayGoesOn: a day closed by mistake goes on with its numbers.
func TestReopenedDayGoesOn(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.Issue("A")
	b.Must(queue.CloseDay{})
	refused(t, b, queue.Issue{Category: "A"}, queue.Closed, queue.WhyDayClosed)
	b.Must(queue.OpenDay{})
	if id := b.Issue("A"); b.State.Ticket(id).Label != "A002" {
		t.Errorf("label after reopening: %s", b.State.Ticket(id).Label)
	}
}

// TestUntrustedClockOpensNoDay: a clock that nobody vouches for moves nothing.
func TestUntrustedClockOpensNoDay(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	for _, now := range []time.Time{time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), queuetest.Morning.AddDate(1, 0, 0)} {
		events, err := b.State.Decide(queue.Tick{}, queue.Env{Now: now, ClockOK: false})
		if err != nil || events != nil {
			t.Errorf("at %v: %v, %v", now, events, err)
		}
	}
	b.Must(queue.CloseDay{})
	events, err := b.State.Decide(queue.OpenDay{}, queue.Env{Now: time.Unix(0, 0), ClockOK: false})
	if err != nil || events[0].(queue.DayOpened).Day != "2026-11-23" {
		t.Errorf("reopening without a clock: %v, %v", events, err)
	}
}

// TestNumbering: categories that share a series share its numbers, points have
// their own, and past 999 a fourth digit follows.
func TestNumbering(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	label := func(c queue.CategoryID, p queue.PointID) string {
		r := b.Must(queue.Issue{Category: c, Point: p})
		return r[0].Event.(queue.TicketIssued).Label
	}
	for _, c := range []struct {
		category queue.CategoryID
		point    queue.PointID
		want     string
	}{{"B", "", "B001"}, {"R", "", "B002"}, {"B", "annex", "B001"}, {"A", "", "A001"}, {"B", "main", "B003"}} {
		if got := label(c.category, c.point); got != c.want {
			t.Errorf("%s at %q: %s, want %s", c.category, c.point, got, c.want)
		}
	}
	for range 998 {
		label("A", "")
	}
	if got := label("A", ""); got != "A1000" {
		t.Errorf("after A999: %s", got)
	}
}

// TestTimes: the wait is fixed at the first call, whatever happens later.
func TestTimes(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	id := b.Issue("A")
	b.Pass(10 * time.Minute)
	b.Must(queue.CallNext{Counter: "1"})
	first := b.State.Ticket(id).FirstCall
	b.Pass(time.Minute)
	b.Must(queue.Recall{Counter: "1", Ticket: id})
	b.Must(queue.Start{Counter: "1", Ticket: id})
	b.Pass(3 * time.Minute)
	b.Must(queue.Park{Counter: "1", Ticket: id})
	b.Pass(30 * time.Minute)
	b.Must(queue.CallTicket{Counter: "1", Ticket: id})
	b.Must(queue.Start{Counter: "1", Ticket: id})
	b.Pass(2 * time.Minute)
	b.Must(queue.Finish{Counter: "1", Ticket: id})
	x := b.State.Ticket(id)
	if x.FirstCall != first || first.Sub(x.Issued) != 10*time.Minute {
		t.Errorf("first call moved: %v", x.FirstCall.Time())
	}
	if got := time.Duration(x.Served) * time.Millisecond; got != 5*time.Minute {
		t.Errorf("served %v, want 5m without the time it was parked", got)
	}
}

// A configuration applied in the middle of the day may give one series the
// other's letters; what is on paper already is not given out again.
func TestPrefixHandedOnWithinTheDay(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	for range 3 {
		b.Issue("A") // A001–A003
	}
	b.Issue("B") // B001
	cfg := queuetest.Config()
	cfg.Series[0].Prefix, cfg.Series[1].Prefix = "B", "A"
	b.Must(queue.ApplyConfig{Config: cfg})
	for _, x := range []struct {
		category queue.CategoryID
		want     string
	}{{"B", "A004"}, {"A", "B004"}, {"B", "A005"}, {"A", "B005"}} {
		if got := b.State.Ticket(b.Issue(x.category)).Label; got != x.want {
			t.Errorf("category %s gives %s, want %s", x.category, got, x.want)
		}
	}
	// Another day begins anew.
	b.Must(queue.CloseDay{})
	b.Now = b.Now.AddDate(0, 0, 1)
	b.Must(queue.OpenDay{})
	if got := b.State.Ticket(b.Issue("B")).Label; got != "A001" {
		t.Errorf("the next day begins with %s, want A001", got)
	}
}

// TestRangeOfASeries: past its range a series goes on in four digits.
func TestRangeOfASeries(t *testing.T) {
	cfg := queuetest.Config()
	cfg.Series[0].From, cfg.Series[0].To = 100, 101
	b := queuetest.NewBook(router.HeadStart{})
	b.Must(queue.ApplyConfig{Config: cfg})
	b.Must(queue.OpenDay{})
	for _, want := range []string{"A100", "A101", "A1000", "A1001"} {
		if got := b.State.Ticket(b.Issue("A")).Label; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
