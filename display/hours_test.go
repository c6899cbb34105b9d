package display_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/display"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// hoursBook is a centre with two sessions on weekdays, a holiday on Tuesday, a
// category for mornings only and a quota of three dossiers.
func hoursBook(t *testing.T) *queuetest.Book {
	t.Helper()
	cfg := queuetest.Config()
	days := []queue.Weekday{"mon", "tue", "wed", "thu", "fri"}
	cfg.Sessions = []queue.Session{
		{ID: "am", Name: queue.Text{"vi": "Buổi sáng"}, Days: days, From: "07:30", To: "11:30", Doors: 30, CutOff: 15},
		{ID: "pm", Name: queue.Text{"vi": "Buổi chiều"}, Days: days, From: "13:30", To: "17:00", Doors: 30, CutOff: 15},
	}
	cfg.Holidays = []queue.Holiday{{From: "2026-11-24", Name: queue.Text{"vi": "Ngày lễ"}}}
	cfg.Categories[1].Sessions = []queue.SessionID{"am"}
	cfg.Quotas = []queue.Quota{{Category: "A", Session: "am", Dossiers: 3}}
	b := queuetest.NewBook(router.HeadStart{})
	b.Must(queue.ApplyConfig{Config: cfg})
	b.Must(queue.OpenDay{})
	return b
}

// at is a time of Monday, 23 November 2026, in Huế.
func at(clock string) time.Time {
	t, err := time.ParseInLocation("2006-01-02 15:04", "2026-11-23 "+clock, queue.Zone)
	if err != nil {
		panic(err)
	}
	return t
}

func hours(b *queuetest.Book) display.Hours {
	return display.NewHours(b.State, "", queue.StampOf(b.Now), !b.NoClock)
}

func TestHoursOfADay(t *testing.T) {
	b := hoursBook(t)
	thursday := 72 * time.Hour
	for _, x := range []struct {
		clock  string
		am, pm display.SessionState
		a, b   string        // why closed: "" = numbers are given out
		aNext  time.Duration // after Monday 07:30
		bNext  time.Duration
	}{
		{"06:59", "later", "later", "outside_hours", "outside_hours", 0, 0},
		{"07:00", "doors", "later", "", "", 0, 0},
		{"07:30", "open", "later", "", "", 0, 0},
		{"11:14", "open", "later", "", "", 0, 0},
		{"11:15", "cut_off", "later", "session_cutoff", "session_cutoff", 6 * time.Hour, thursday - 24*time.Hour},
		{"11:30", "over", "later", "outside_hours", "outside_hours", 6 * time.Hour, thursday - 24*time.Hour},
		{"13:00", "over", "doors", "", "outside_hours", 0, thursday - 24*time.Hour},
		{"13:30", "over", "open", "", "outside_hours", 0, thursday - 24*time.Hour},
		{"17:00", "over", "over", "outside_hours", "outside_hours", thursday - 24*time.Hour, thursday - 24*time.Hour},
	} {
		b.Now = at(x.clock)
		h := hours(b)
		if len(h.Sessions) != 2 || h.Sessions[0].State != x.am || h.Sessions[1].State != x.pm || h.Sessions[0].Name["vi"] != "Buổi sáng" {
			t.Errorf("%s: sessions %+v, want %s, %s", x.clock, h.Sessions, x.am, x.pm)
		}
		for i, want := range []struct {
			reason string
			next   time.Duration
		}{{x.a, x.aNext}, {x.b, x.bNext}} {
			got := h.Categories[i].Closed
			switch {
			case want.reason == "" && got != nil:
				t.Errorf("%s: %s is closed: %+v", x.clock, h.Categories[i].Category, got)
			case want.reason != "" && (got == nil || got.Reason != want.reason || got.Next != queue.StampOf(at("07:30").Add(want.next))):
				t.Errorf("%s: %s %+v, want %s, next %v", x.clock, h.Categories[i].Category, got, want.reason, want.next)
			}
		}
	}
}

// TestHoursOfAQuota: what is left goes down, and at nothing the category is
// closed on the wall as well, until the next session.
func TestHoursOfAQuota(t *testing.T) {
	b := hoursBook(t)
	b.Must(queue.Issue{Category: "A", Dossiers: 2})
	if o := hours(b).Categories[0]; o.Closed != nil || o.Left == nil || *o.Left != 1 || o.Session != "am" {
		t.Errorf("two of three gone: %+v", o)
	}
	b.Issue("A")
	o := hours(b).Categories[0]
	want := &display.Closed{Code: queue.Closed, Reason: queue.WhyQuotaExhausted, Next: queue.StampOf(at("13:30"))}
	if d := cmp.Diff(want, o.Closed); d != "" || o.Left == nil || *o.Left != 0 {
		t.Errorf("all gone (-want +got):\n%s left %v", d, o.Left)
	}
	if d := cmp.Diff(want, board(b).Lanes[0].Closed); d != "" {
		t.Errorf("the wall (-want +got):\n%s", d)
	}
	if lane := board(b).Lanes[1]; lane.Closed != nil {
		t.Errorf("another lane is closed: %+v", lane.Closed)
	}
	if o := hours(b).Categories[1]; o.Left != nil {
		t.Errorf("no quota, and %d left", *o.Left)
	}
}

func TestHoursWithoutPlan(t *testing.T) {
	b := hoursBook(t)
	b.Now = at("06:00")
	b.NoClock = true
	if h := hours(b); h.Kept || h.Categories[0].Closed != nil {
		t.Errorf("nobody knows the time, and %+v", h.Categories[0].Closed)
	}
	b.NoClock = false
	b.Now = at("09:00").AddDate(0, 0, 1)
	b.Must(queue.Tick{})
	if h := hours(b); h.Day != "2026-11-24" || h.Holiday["vi"] != "Ngày lễ" || len(h.Sessions) != 0 {
		t.Errorf("a holiday: %+v", h)
	}
	plain := queuetest.OpenBook(router.HeadStart{})
	if h := hours(plain); len(h.Sessions) != 0 || h.Categories[0].Closed != nil || len(h.Categories) != 3 {
		t.Errorf("no sessions at all: %+v", h)
	}
	if h := display.NewHours(plain.State, "annex", queue.StampOf(plain.Now), true); len(h.Categories) != 2 {
		t.Errorf("the annex offers %+v", h.Categories)
	}
	if h := display.NewHours(queue.NewState("e"), "", 1, true); h.Open || h.Categories == nil || h.Sessions == nil {
		t.Errorf("not configured: %+v", h)
	}
	plain.Must(queue.CloseDay{})
	if h := hours(plain); h.Categories[0].Closed == nil || h.Categories[0].Closed.Reason != queue.WhyDayClosed {
		t.Errorf("a closed day: %+v", h.Categories[0])
	}
}
