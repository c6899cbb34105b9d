package kiosk_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/kiosk"
	"motcua/printer"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// keys says which sentence was asked for instead of saying it.
type keys struct{}

func (keys) Text(language, key string, args map[string]any) string {
	if len(args) == 0 {
		return language + ":" + key
	}
	return fmt.Sprintf("%s:%s %v", language, key, args)
}

func (keys) When(language string, at, now time.Time) string {
	return fmt.Sprintf("%s:%s", language, at.In(queue.Zone).Format("02.01. 15:04"))
}

// hallOf is an open hall with one point alone, so that slips needn't name it, and
// what a test changes.
func hallOf(change func(*queue.Config)) *queuetest.Book {
	cfg := queuetest.Config()
	cfg.Points, cfg.Counters = cfg.Points[:1], cfg.Counters[:2]
	if change != nil {
		change(&cfg)
	}
	b := queuetest.NewBook(router.HeadStart{})
	b.Must(queue.ApplyConfig{Config: cfg})
	b.Must(queue.OpenDay{})
	b.Must(queue.OpenCounter{Counter: "1"})
	b.Must(queue.OpenCounter{Counter: "2"})
	return b
}

func TestSlip(t *testing.T) {
	b := hallOf(nil)
	id := queue.TicketID(b.Must(queue.Issue{Category: "A", Class: "priority"})[0].Seq)
	got, ok := kiosk.NewSlip(b.State, id, 2, "en", "http://so.example/t/1", keys{})
	want := printer.Slip{
		Unit: "Trung tâm", Centre: "Model Ward", Category: "Certification", Number: "A001", Mark: "Priority",
		Rows: []printer.Row{
			{Label: "en:slip.ahead", Value: "en:slip.ahead.n map[n:2]"},
			{Label: "en:slip.where", Value: "en:slip.where.counter map[list:1 n:1]"},
		},
		Link: "http://so.example/t/1", LinkHint: "en:slip.link",
		Issued: []printer.Line{
			{Text: "en:slip.issued", Bold: "07:30"},
			{Text: "en:slip.session.day map[session:morning weekday:mon]"},
			{Bold: "23/11/2026"},
		},
	}
	if d := cmp.Diff(want, got); d != "" || !ok {
		t.Errorf("slip (-want +got):\n%s", d)
	}
}

// TestSlipWithoutAClock: a time nobody vouches for is not printed.
func TestSlipWithoutAClock(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.NoClock = true
	got, _ := kiosk.NewSlip(b.State, b.Issue("A"), 0, "", "", keys{})
	if got.Issued != nil || got.Link != "" || got.LinkHint != "" {
		t.Errorf("slip: %+v", got)
	}
	if got.Centre != "Phường Mẫu" {
		t.Errorf("without a chosen language it says %q, not the hall's first", got.Centre)
	}
}

func TestReprintSaysSo(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	id := b.Issue("A")
	b.Pass(time.Minute)
	b.Must(queue.SlipMoved{Ticket: id, To: queue.SlipIsUnknown})
	b.Must(queue.ReprintSlip{Ticket: id})
	got, _ := kiosk.NewSlip(b.State, id, 0, "xx", "", keys{})
	if got.Reprint != "vi:slip.reprint" || got.Number != "A001" {
		t.Errorf("slip: %+v", got)
	}
}

func TestReprintForWhoWasCalled(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
	b.Issue("A")
	id := b.Issue("A")
	b.Must(queue.CallTicket{Counter: "1", Ticket: id, Reason: queue.CallOther})
	b.Must(queue.SlipMoved{Ticket: id, To: queue.SlipIsPrinted})
	b.Must(queue.ReprintSlip{Ticket: id})
	got, _ := kiosk.NewSlip(b.State, id, 1, "", "", keys{})
	for _, r := range got.Rows {
		if r.Label == "vi:slip.ahead" {
			t.Errorf("the reprint of a called number says %q", r.Value)
		}
	}
}

// TestWhereToWait: open counters as people say them; all that serve it when none is open.
func TestWhereToWait(t *testing.T) {
	cfg := queuetest.Config()
	cfg.Counters = nil
	for _, n := range []int{1, 2, 3, 5, 7, 8} {
		cfg.Counters = append(cfg.Counters, queue.Desk{ID: queue.CounterID(fmt.Sprint(n)), Number: n, Point: "main", Skills: []queue.CategoryID{"A", "B", "R"}})
	}
	cfg.Categories[0].Area = queue.Text{"vi": "Khu A"}
	b := queuetest.NewBook(router.HeadStart{})
	b.Must(queue.ApplyConfig{Config: cfg})
	b.Must(queue.OpenDay{})
	where := func() string {
		slip, _ := kiosk.NewSlip(b.State, b.Issue("A"), 0, "", "", keys{})
		return slip.Rows[len(slip.Rows)-1].Value
	}
	if got, want := where(), "vi:slip.where.area map[area:Khu A list:1–3, 5, 7, 8 n:6]"; got != want {
		t.Errorf("none open: %q, want %q", got, want)
	}
	b.Must(queue.OpenCounter{Counter: "5"})
	if got, want := where(), "vi:slip.where.area map[area:Khu A list:5 n:1]"; got != want {
		t.Errorf("one open: %q, want %q", got, want)
	}
}

func TestRefusalHasNoNumber(t *testing.T) {
	cfg := queuetest.Config()
	got := kiosk.NewRefusal(&cfg, "A", &queue.Error{Code: queue.Closed, Reason: queue.WhyDayClosed}, "", queuetest.Morning, keys{})
	if got.Number != "" || got.Category != "vi:slip.closed" || got.Notice != "vi:error.closed.day_closed map[name:Chứng thực wait:0] vi:slip.closed.hint" {
		t.Errorf("refusal: %+v", got)
	}
	gone := &queue.Error{Code: queue.Closed, Reason: queue.WhyQuotaExhausted, Next: queue.StampOf(queuetest.Morning.Add(6 * time.Hour))}
	got = kiosk.NewRefusal(&cfg, "B", gone, "en", queuetest.Morning, keys{})
	if want := "en:error.closed.quota_exhausted map[has:yes name:Civil status next:en:23.11. 13:30 wait:0] en:slip.closed.hint"; got.Notice != want {
		t.Errorf("refusal %q, want %q", got.Notice, want)
	}
	away := &queue.Error{Code: queue.Closed, Reason: queue.WhyOtherPoint}
	got = kiosk.NewRefusal(&cfg, "R", away, "en", queuetest.Morning, keys{})
	if want := "en:error.closed.other_point map[list:Sảnh chính n:1 name:Collect a result wait:0] en:slip.closed.hint"; got.Notice != want {
		t.Errorf("refusal %q, want %q", got.Notice, want)
	}
	got = kiosk.NewRefusal(&cfg, "Z", gone, "en", queuetest.Morning, keys{})
	if want := "en:error.closed.quota_exhausted map[has:yes name:en:error.name next:en:23.11. 13:30 wait:0] en:slip.closed.hint"; got.Notice != want {
		t.Errorf("refusal %q, want %q", got.Notice, want)
	}
}

// TestSlipOfARichTicket: whatever a ticket is besides a number is on its paper.
func TestSlipOfARichTicket(t *testing.T) {
	b := hallOf(func(c *queue.Config) {
		c.Points = queuetest.Config().Points
		c.Sessions = []queue.Session{{ID: "am", Name: queue.Text{"vi": "Buổi sáng", "en": "Morning"},
			Days: []queue.Weekday{"mon", "tue"}, From: "07:30", To: "11:30"}}
		c.Categories[0].Then = []queue.CategoryID{"R", "B"}
		c.Classes[1].Button, c.Classes[1].Grant = true, []queue.Role{queue.Greeter}
		c.Classes = append(c.Classes, queue.Class{ID: queue.Appointed, Name: queue.Text{"vi": "Có hẹn"}})
	})
	slot := queue.StampOf(queuetest.Morning.Add(time.Hour))
	b.Must(queue.BookAppointments{Bookings: []queue.Booking{{Code: "H-01", Slot: slot, Category: "A", Dossiers: 3}}})
	id := queue.TicketID(b.Must(queue.CheckIn{Code: "H-01"})[0].Seq)
	got, _ := kiosk.NewSlip(b.State, id, 0, "en", "", keys{})
	rows := []printer.Row{
		{Label: "en:slip.appointment", Value: "08:30"},
		{Label: "en:slip.ahead", Value: "en:slip.ahead.n map[n:0]"},
		{Label: "en:slip.point", Value: "Sảnh chính"},
		{Label: "en:slip.where", Value: "en:slip.where.counter map[list:1 n:1]"},
		{Label: "en:slip.then", Value: "Collect a result – en:slip.where.counter map[list:2 n:1]"},
		{Label: "en:slip.then", Value: "Civil status – en:slip.where.counter map[list:1, 2 n:2]"},
		{Label: "en:slip.dossiers", Value: "3"},
	}
	if d := cmp.Diff(rows, got.Rows); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
	if want := "en:slip.session.named map[session:Morning weekday:mon]"; got.Issued[1].Text != want {
		t.Errorf("session %q, want %q", got.Issued[1].Text, want)
	}

	b.Role = queue.Kiosk
	claim := queue.TicketID(b.Must(queue.Issue{Category: "B", Class: "priority"})[0].Seq)
	got, _ = kiosk.NewSlip(b.State, claim, 0, "en", "", keys{})
	if want := (printer.Row{Label: "Priority", Value: "en:slip.claim"}); got.Rows[0] != want || got.Mark != "" {
		t.Errorf("a claim: %+v, mark %q", got.Rows[0], got.Mark)
	}
	b.Role = queue.Greeter
	b.Must(queue.SetClass{Ticket: claim, Class: "priority"})
	got, _ = kiosk.NewSlip(b.State, claim, 0, "en", "", keys{})
	if got.Rows[0].Label == "Priority" || got.Mark != "Priority" {
		t.Errorf("a class confirmed: %+v, mark %q", got.Rows[0], got.Mark)
	}
}

// TestSlipLeadsToItsHall: a printer prints the slips of all halls, and each says
// which one it is for; a leg in another hall than the one before names it.
func TestSlipLeadsToItsHall(t *testing.T) {
	b := hallOf(func(c *queue.Config) {
		whole := queuetest.Config()
		c.Points, c.Counters = whole.Points, whole.Counters
		for i := range c.Series {
			c.Series[i].AcrossPoints = true
		}
		c.Categories[0].Points = []queue.PointID{"annex"}
		c.Categories[0].Then = []queue.CategoryID{"R", "B", "A"}
	})
	id := queue.TicketID(b.Must(queue.Issue{Category: "A", Point: "annex"})[0].Seq)
	got, _ := kiosk.NewSlip(b.State, id, 0, "en", "", keys{})
	rows := []printer.Row{
		{Label: "en:slip.ahead", Value: "en:slip.ahead.n map[n:0]"},
		{Label: "en:slip.point", Value: "Sảnh phụ"},
		{Label: "en:slip.where", Value: "en:slip.where.counter map[list:1 n:1]"},
		{Label: "en:slip.then", Value: "Collect a result – Sảnh chính, en:slip.where.counter map[list:2 n:1]"},
		{Label: "en:slip.then", Value: "Civil status – en:slip.where.counter map[list:1, 2 n:2]"},
		{Label: "en:slip.then", Value: "Certification – Sảnh phụ, en:slip.where.counter map[list:1 n:1]"},
	}
	if d := cmp.Diff(rows, got.Rows); d != "" {
		t.Errorf("rows (-want +got):\n%s", d)
	}
}
