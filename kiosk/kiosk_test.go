package kiosk_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/kiosk"
	"motcua/kiosk/virtual"
	"motcua/queue"
)

// hall is a kiosk on a virtual panel; do answers its commands.
type hall struct {
	t        *testing.T
	panel    *virtual.Panel
	kiosk    *kiosk.Kiosk
	requests []queue.Request
	refusals []string
	answered []string
	do       func(queue.Request) (queue.Result, error)
}

// open starts the kiosk inside a synctest bubble; it ends with the test.
func open(t *testing.T, set ...func(*kiosk.Options)) *hall {
	h := &hall{t: t, panel: virtual.NewPanel("vi", "en", "A", "B")}
	h.do = func(queue.Request) (queue.Result, error) {
		return queue.Result{Records: []queue.Record{{Seq: queue.Seq(100 + len(h.requests))}}}, nil
	}
	h.openOn(h.panel, set...)
	<-h.panel.Listening()
	h.kiosk.SetHall(kiosk.Hall{Point: "main", Scanner: "porch", Languages: []string{"vi", "en"}, Categories: []queue.CategoryID{"A", "B"}})
	return h
}

func (h *hall) press(b kiosk.Button) {
	h.t.Helper()
	if _, err := h.panel.Press(h.t.Context(), b); err != nil {
		h.t.Fatal(err)
	}
}

func (h *hall) lamps(want ...kiosk.Lamp) {
	h.t.Helper()
	lamps, _ := h.panel.Lamps()
	got := []kiosk.Lamp{lamps["vi"], lamps["en"], lamps["A"], lamps["B"]}
	if d := cmp.Diff(want, got); d != "" {
		h.t.Errorf("lamps vi en A B (-want +got):\n%s", d)
	}
}

func TestPressBecomesTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampReady)
		h.press("A")
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampPrinting, kiosk.LampReady) // before any answer
		synctest.Wait()
		want := []queue.Request{{Actor: "panel:main", Role: queue.Kiosk, Key: h.panel.Boot() + "/1",
			Command: queue.Issue{Category: "A", Point: "main", Entry: queue.EntryPanel, Ref: queue.Ref{1}}}}
		if d := cmp.Diff(want, h.requests); d != "" {
			t.Errorf("requests (-want +got):\n%s", d)
		}
		h.kiosk.Printed(101)
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampReady)
	})
}

func TestTenFastTapsAreOneTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		for range 10 {
			h.press("A")
			time.Sleep(100 * time.Millisecond)
		}
		synctest.Wait()
		if len(h.requests) != 1 {
			t.Errorf("%d tickets for ten fast taps", len(h.requests))
		}
		time.Sleep(time.Second)
		h.press("A")
		h.press("B") // the limit is each button's own
		synctest.Wait()
		if len(h.requests) != 3 {
			t.Errorf("%d tickets, want 3", len(h.requests))
		}
	})
}

// A card that stalls for longer than any lamp blinks: the press is neither lost
// nor doubled, and its button says so until it is answered.
func TestStalledCommitGivesOneTicket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		stored := make(chan error)
		answer := h.do
		h.do = func(r queue.Request) (queue.Result, error) {
			if err := <-stored; err != nil {
				return queue.Result{}, err
			}
			return answer(r)
		}
		for range 5 {
			h.press("A")
			time.Sleep(4 * time.Second)
			h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampPrinting, kiosk.LampReady)
		}
		h.press("B") // waits behind it, and says so as well
		time.Sleep(4 * time.Second)
		h.press("B")
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampPrinting, kiosk.LampPrinting)
		stored <- nil
		synctest.Wait()
		h.kiosk.Printed(101)
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampPrinting)
		stored <- errors.New("disk full")
		synctest.Wait()
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampReady)
		if len(h.requests) != 2 {
			t.Errorf("%d numbers were asked for, want one of each button", len(h.requests))
		}
		h.press("A")
		stored <- nil
		synctest.Wait()
		if len(h.requests) != 3 {
			t.Errorf("%d numbers were asked for, want a third", len(h.requests))
		}
		time.Sleep(3 * time.Second) // nobody said that it is out
		synctest.Wait()
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampReady)
	})
}

func TestLanguageIsForOneSlip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.press("en")
		h.lamps(kiosk.LampOff, kiosk.LampReady, kiosk.LampReady, kiosk.LampReady)
		h.press("A")
		synctest.Wait()
		h.press("B")
		synctest.Wait()
		if h.requests[0].SlipLanguage != "en" || h.requests[1].SlipLanguage != "" {
			t.Errorf("languages %q, %q", h.requests[0].SlipLanguage, h.requests[1].SlipLanguage)
		}
		h.press("en")
		time.Sleep(20 * time.Second) // whoever chose it has walked away
		synctest.Wait()
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampReady)
		h.press("A")
		synctest.Wait()
		if l := h.requests[2].SlipLanguage; l != "" {
			t.Errorf("a forgotten choice printed in %q", l)
		}
	})
}

// faulty is a virtual panel whose faults the test reports.
type faulty struct {
	*virtual.Panel
	fault func(kiosk.Fault, bool)
}

func (f *faulty) Run(ctx context.Context, press func(kiosk.Press), fault func(kiosk.Fault, bool)) error {
	f.fault = fault
	return f.Panel.Run(ctx, press, fault)
}

// A lamp says what a press would do: on a loose cable none counts, at a stuck
// button that one does not.
func TestLampsTellFaults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &faulty{}
		h := open(t, func(o *kiosk.Options) { f.Panel = o.Panel.(*virtual.Panel); o.Panel = f })
		const (
			lit  = kiosk.LampReady
			dark = kiosk.LampOff
			slow = kiosk.LampFault
		)
		f.fault(kiosk.Fault{Code: kiosk.FaultCable}, false)
		h.lamps(slow, slow, slow, slow)
		f.fault(kiosk.Fault{Code: kiosk.FaultCable}, true)
		h.lamps(lit, dark, lit, lit)
		for _, code := range []string{kiosk.FaultStuck, kiosk.FaultIO} {
			f.fault(kiosk.Fault{Button: "A", Code: code}, false)
			h.lamps(lit, dark, dark, lit)
			f.fault(kiosk.Fault{Button: "A", Code: code}, true)
			h.lamps(lit, dark, lit, lit)
		}
	})
}

func TestNoPaperNoNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.kiosk.SetPrinter(false)
		h.lamps(kiosk.LampFault, kiosk.LampFault, kiosk.LampFault, kiosk.LampFault)
		h.press("A")
		synctest.Wait()
		if len(h.requests) != 0 {
			t.Error("a number was given out that nobody can hold")
		}
		h.kiosk.SetPrinter(true)
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampReady)
	})
}

func TestNoLinkNoNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.press("A") // its slip is on the way
		h.kiosk.SetLink(false)
		h.lamps(kiosk.LampNoLink, kiosk.LampNoLink, kiosk.LampNoLink, kiosk.LampNoLink)
		h.kiosk.SetPrinter(false) // the link comes first: paper alone would not help
		h.lamps(kiosk.LampNoLink, kiosk.LampNoLink, kiosk.LampNoLink, kiosk.LampNoLink)
		h.kiosk.SetPrinter(true)
		time.Sleep(2 * time.Second)
		h.press("B")
		h.press("en")
		synctest.Wait()
		if len(h.requests) != 1 {
			t.Errorf("%d numbers were asked for, want the one from before", len(h.requests))
		}
		h.kiosk.SetLink(true)
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampPrinting, kiosk.LampReady)
	})
}

// A number nobody waits for any more is not asked for: neither the one under
// way nor those behind it.
func TestPressesAreGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		panel := virtual.NewPanel("A", "B")
		var asked []string
		k := kiosk.New(kiosk.Options{Panel: panel, AskFor: time.Minute, NewRef: func() queue.Ref { return queue.Ref{} },
			Do: func(ctx context.Context, r queue.Request) (queue.Result, error) {
				if ctx.Err() == nil {
					asked = append(asked, string(r.Command.(queue.Issue).Category))
				}
				<-ctx.Done()
				return queue.Result{}, ctx.Err()
			}, Logger: slog.New(slog.DiscardHandler)})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); k.Run(ctx) }()
		<-panel.Listening()
		for _, b := range []kiosk.Button{"A", "B"} {
			if _, err := panel.Press(ctx, b); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Minute + time.Second)
		synctest.Wait()
		if len(asked) != 1 || asked[0] != "A" {
			t.Errorf("asked for %v, want A alone", asked)
		}
		cancel()
		<-ended
	})
}

func TestClosedDayIsDarkAndSaysWhyOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.kiosk.SetHall(kiosk.Hall{Point: "main", Languages: []string{"vi", "en"}})
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampOff, kiosk.LampOff)
		h.do = func(queue.Request) (queue.Result, error) {
			return queue.Result{}, &queue.Error{Code: queue.Closed, Reason: queue.WhyDayClosed}
		}
		for range 3 {
			h.press("A")
			time.Sleep(2 * time.Second)
		}
		synctest.Wait()
		if d := cmp.Diff([]string{"day_closed A "}, h.refusals); d != "" {
			t.Errorf("refusals within six seconds (-want +got):\n%s", d)
		}
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampOff, kiosk.LampOff)
	})
}

// TestOnlyWhatIsOfferedIsLit: a category whose numbers are gone is dark, and a
// press on it says why, each button for itself.
func TestOnlyWhatIsOfferedIsLit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.kiosk.SetHall(kiosk.Hall{Point: "main", Languages: []string{"vi", "en"}, Categories: []queue.CategoryID{"B"}})
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampOff, kiosk.LampReady)
		h.do = func(queue.Request) (queue.Result, error) {
			return queue.Result{}, &queue.Error{Code: queue.Closed, Reason: queue.WhyQuotaExhausted}
		}
		h.press("A")
		h.press("B")
		synctest.Wait()
		if d := cmp.Diff([]string{"quota_exhausted A ", "quota_exhausted B "}, h.refusals); d != "" {
			t.Errorf("refusals (-want +got):\n%s", d)
		}
	})
}

func TestBlinkingEndsByItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t)
		h.press("A")
		time.Sleep(3*time.Second + time.Millisecond)
		synctest.Wait()
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampReady)
	})
}

// With a screen beside it a panel works without paper: its lamps stay, and the
// number is one that has no slip.
func TestScreenInsteadOfPaper(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := open(t, func(o *kiosk.Options) { o.Screen = true })
		h.kiosk.SetPrinter(false)
		h.lamps(kiosk.LampReady, kiosk.LampOff, kiosk.LampReady, kiosk.LampReady)
		h.press("A")
		synctest.Wait()
		h.kiosk.SetPrinter(true)
		h.press("B")
		synctest.Wait()
		h.kiosk.SetPrinter(false)
		h.scan(receipt)
		h.scan(booked)
		var shown []bool
		for _, r := range h.requests {
			switch c := r.Command.(type) {
			case queue.Issue:
				shown = append(shown, c.Shown)
			case queue.CheckIn:
				shown = append(shown, c.Shown)
			}
		}
		if d := cmp.Diff([]bool{true, false, true, true}, shown); d != "" {
			t.Errorf("shown instead of printed (-want +got):\n%s", d)
		}
	})
}
