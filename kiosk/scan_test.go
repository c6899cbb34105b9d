package kiosk_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/kiosk"
	"motcua/kiosk/scanner"
	"motcua/kiosk/scans"
	"motcua/printer"
	"motcua/queue"
	"motcua/queue/queuetest"
)

var (
	receipt = scanner.Code{Kind: scanner.Receipt}
	booked  = scanner.Code{Kind: scanner.Appointment, Appointment: "DEMO-17"}
	old     = scanner.Code{Kind: scanner.IDCard, From60: true}
	young   = scanner.Code{Kind: scanner.IDCard}
	strange = scanner.Code{Kind: scanner.Unknown}
)

// mine is the link of slip n.
func mine(n int) scanner.Code {
	return scanner.Code{Kind: scanner.Ticket, Token: fmt.Sprint(n)}
}

// ask answers as package scans does for a centre whose class "priority" may be
// claimed.
func ask(_ context.Context, c scanner.Code, at queue.PointID) (scans.Ask, error) {
	a := scans.Ask{Kind: c.Kind}
	switch c.Kind {
	case scanner.Receipt:
		a.Command = queue.Issue{Entry: queue.EntryReceipt, Point: at}
	case scanner.Appointment:
		a.Command = queue.CheckIn{Code: c.Appointment}
	case scanner.IDCard:
		if c.From60 {
			a.From60, a.Class = true, "priority"
		}
	case scanner.Ticket:
		fmt.Sscan(c.Token, &a.Ticket)
	}
	return a, nil
}

func (h *hall) scan(c scanner.Code) {
	h.t.Helper()
	h.kiosk.Scan(c)
	synctest.Wait()
}

// answers takes what was answered since it was last asked for.
func (h *hall) answers(want ...string) {
	h.t.Helper()
	synctest.Wait()
	if d := cmp.Diff(want, h.answered); d != "" {
		h.t.Errorf("answers (-want +got):\n%s", d)
	}
	h.answered = nil
}

// issued has every number given out in a category.
func (h *hall) issued(c queue.CategoryID) {
	h.do = func(queue.Request) (queue.Result, error) {
		return queue.Result{Records: []queue.Record{{Seq: queue.Seq(100 + len(h.requests)), Event: queue.TicketIssued{Category: c}}}}, nil
	}
}

func TestScanBecomesTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.issued("B")
		h.press("en")
		h.scan(receipt)
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampPrinting)
		h.kiosk.Printed(101)
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampReady)
		h.scan(booked)
		want := []queue.Request{
			{Actor: "scanner:main", Role: queue.Kiosk, Key: h.panel.Boot() + "/scan-1", SlipLanguage: "en", Command: queue.Issue{Entry: queue.EntryReceipt, Point: "porch"}},
			{Actor: "scanner:main", Role: queue.Kiosk, Key: h.panel.Boot() + "/scan-2", Command: queue.CheckIn{Code: "DEMO-17"}},
		}
		if d := cmp.Diff(want, h.requests); d != "" {
			t.Errorf("requests (-want +got):\n%s", d)
		}
		h.answers()
	})
}

// An old person's card lets its holder claim a class with the next number, once
// and for 20 seconds; the lamps answer every card alike.
func TestCardClaimsAClassOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		class := func(i int) queue.ClassID { return h.requests[i].Command.(queue.Issue).Class }
		for _, card := range []scanner.Code{old, young} {
			h.scan(card)
			h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampPrinting, kiosk.LampPrinting)
			time.Sleep(3 * time.Second)
			synctest.Wait()
			h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampReady)
		}
		h.press("A") // a young person's card was the last
		synctest.Wait()
		time.Sleep(4 * time.Second)
		h.scan(old)
		h.press("B")
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampPrinting)
		synctest.Wait()
		time.Sleep(2 * time.Second)
		h.press("B")
		h.scan(old)
		time.Sleep(20*time.Second + time.Millisecond)
		h.press("A")
		h.scan(old)
		h.scan(receipt)
		if len(h.requests) != 5 || class(0) != "" || class(1) != "priority" || class(2) != "" || class(3) != "" || class(4) != "priority" {
			t.Errorf("requests %+v", h.requests)
		}
		h.answers()
	})
}

// A refused press keeps the claim for the next one.
func TestClaimOutlivesARefusal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		issue := h.do
		h.do = func(queue.Request) (queue.Result, error) {
			return queue.Result{}, &queue.Error{Code: queue.Closed, Reason: queue.WhyQuotaExhausted}
		}
		h.scan(old)
		h.press("A")
		synctest.Wait()
		h.do = issue
		h.press("B")
		synctest.Wait()
		if c := h.requests[1].Command.(queue.Issue).Class; c != "priority" {
			t.Errorf("class %q after a refusal", c)
		}
	})
}

func TestRefusedScanSaysWhyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.do = func(queue.Request) (queue.Result, error) {
			return queue.Result{}, &queue.Error{Code: queue.Conflict, Reason: queue.WhyAppointmentDone}
		}
		for range 3 {
			h.scan(booked)
			time.Sleep(2 * time.Second)
		}
		if d := cmp.Diff([]string{"appointment_done  "}, h.refusals); d != "" {
			t.Errorf("refusals within six seconds (-want +got):\n%s", d)
		}
	})
}

// A slip tells how it stands, once in 20 seconds each; slips of another day are
// told the same and count as one.
func TestSlipIsAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.scan(mine(7))
		h.scan(mine(7))
		h.scan(mine(8))
		h.scan(mine(0))
		h.scan(mine(0))
		h.answers("ticket 7 ", "ticket 8 ", "ticket 0 ")
		time.Sleep(20 * time.Second)
		h.press("en")
		h.scan(mine(7))
		h.answers("ticket 7 en")
		if len(h.requests) != 0 {
			t.Error("a slip was given another number")
		}
	})
}

// Codes that are not known are answered, but a cable that hums prints no roll
// empty; who brings one later is answered again.
func TestUnknownIsAnsweredSparingly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.scan(strange)
		time.Sleep(time.Second)
		h.scan(strange)
		h.answers("unknown 0 ")
		time.Sleep(5 * time.Second)
		h.scan(strange)
		h.answers("unknown 0 ")
		for range 3600 {
			h.scan(strange)
			time.Sleep(time.Second)
		}
		if n := len(h.answered); n < 12 || n > 20 {
			t.Errorf("%d papers in an hour of noise", n)
		}
		h.answered = nil
		time.Sleep(5 * time.Minute)
		h.scan(strange)
		time.Sleep(5 * time.Second)
		h.scan(strange)
		h.answers("unknown 0 ", "unknown 0 ")
	})
}

func TestNoPaperNoScan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.kiosk.SetPrinter(false)
		for _, c := range []scanner.Code{receipt, booked, mine(7), strange} {
			h.scan(c)
		}
		if len(h.requests) != 0 {
			t.Error("a number was given out that nobody can hold")
		}
		h.answers()
	})
}

// A scanner without a panel works alone; a card is answered on paper, since no
// button can be pressed.
func TestScannerWithoutAPanel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &hall{t: t}
		h.issued("R")
		h.openOn(nil)
		h.scan(receipt)
		h.scan(old)
		h.scan(young)
		h.answers("id_card 0 ")
		if len(h.requests) != 1 || h.requests[0].Key == "/scan-1" || h.kiosk.State().Faults != nil {
			t.Errorf("requests %+v, faults %v", h.requests, h.kiosk.State().Faults)
		}
	})
}

// TestAnswers: what the short papers say, and that no number on them is as large
// as a slip's.
func TestAnswers(t *testing.T) {
	b := hallOf(nil)
	waiting := b.Issue("A")
	other := b.Issue("A")
	called := b.Issue("B")
	b.Must(queue.CallTicket{Counter: "2", Ticket: called, Reason: queue.CallOther})
	gone := b.Issue("A")
	b.Must(queue.Cancel{Ticket: gone})
	ticket := func(id queue.TicketID) scans.Ask { return scans.Ask{Kind: scanner.Ticket, Ticket: id} }
	rows := func(n int) []printer.Row {
		return []printer.Row{
			{Label: "en:slip.ahead", Value: fmt.Sprintf("en:slip.ahead.n map[n:%d]", n)},
			{Label: "en:slip.where", Value: "en:slip.where.counter map[list:1 n:1]"},
		}
	}
	for _, c := range []struct {
		name string
		ask  scans.Ask
		want printer.Slip
	}{
		{"waiting", ticket(waiting), printer.Slip{Category: "en:slip.standing map[label:A001]", Rows: rows(0), Notice: "en:slip.standing.keep"}},
		{"waiting behind another", ticket(other), printer.Slip{Category: "en:slip.standing map[label:A002]", Rows: rows(1), Notice: "en:slip.standing.keep"}},
		{"called", ticket(called), printer.Slip{Category: "en:slip.standing map[label:B001]", Notice: "en:ticket.called.go map[counter:2]."}},
		{"cancelled", ticket(gone), printer.Slip{Category: "en:slip.standing map[label:A003]", Notice: "en:ticket.cancelled. en:ticket.cancelled.hint"}},
		{"another day's", ticket(0), printer.Slip{Category: "en:slip.over", Notice: "en:ticket.expired.hint"}},
		{"a card", scans.Ask{Kind: scanner.IDCard, From60: true, Class: "priority"}, printer.Slip{Category: "en:slip.card", Notice: "en:slip.card.hint"}},
		{"unknown", scans.Ask{Kind: scanner.Unknown}, printer.Slip{Category: "en:slip.unknown", Notice: "en:slip.unknown.hint"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.want.Unit, c.want.Centre = "Trung tâm", "Model Ward"
			got, ok := kiosk.NewAnswer(b.State, c.ask, "en", queuetest.Morning, keys{})
			if d := cmp.Diff(c.want, got); d != "" || !ok {
				t.Errorf("paper (-want +got):\n%s", d)
			}
		})
	}
}

// openOn starts the kiosk on a panel, which may be none, inside a synctest
// bubble; it ends with the test.
func (h *hall) openOn(p kiosk.Panel, set ...func(*kiosk.Options)) {
	o := kiosk.Options{
		Panel: p, Actor: "panel:main", ScanActor: "scanner:main",
		Do: func(_ context.Context, r queue.Request) (queue.Result, error) {
			h.requests = append(h.requests, r)
			return h.do(r)
		},
		NewRef: func() queue.Ref { return queue.Ref{1} },
		Refused: func(c queue.CategoryID, e *queue.Error, l string) {
			h.refusals = append(h.refusals, e.Reason+" "+string(c)+" "+l)
		},
		Ask: ask,
		Answered: func(a scans.Ask, l string) {
			h.answered = append(h.answered, fmt.Sprintf("%s %d %s", a.Kind, a.Ticket, l))
		},
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	for _, f := range set {
		f(&o)
	}
	h.kiosk = kiosk.New(o)
	ctx, cancel := context.WithCancel(h.t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); h.kiosk.Run(ctx) }()
	h.t.Cleanup(func() { cancel(); <-ended })
}
