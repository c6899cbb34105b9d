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

func TestSlip(t *testing.T) {
	b := queuetest.OpenBook(router.HeadStart{})
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

// TestWhereToWait: open counters as people say them; all that serve it when none is open.
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
		return slip.Rows[1].Value
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
	got := kiosk.NewRefusal(&cfg, &queue.Error{Code: queue.Closed, Reason: queue.WhyDayClosed}, "", keys{})
	if got.Number != "" || got.Category != "vi:slip.closed" || got.Notice != "vi:error.closed.day_closed vi:slip.closed.hint" {
		t.Errorf("refusal: %+v", got)
	}
}
