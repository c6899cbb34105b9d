package escpos_test

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"motcua/printer"
	"motcua/printer/escpos"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// slow is a spool on a line where bytes count, and the printer at its end.
type slow struct {
	t       *testing.T
	profile escpos.Profile
	spool   *spool.Spool
	now     atomic.Pointer[printertest.Printer]
	tickets chan printertest.Ticket
	memory  int
	journal journal
	log     said
	last    printer.JobID
}

// said is a log whose messages a test waits for.
type said chan string

func (said) Enabled(context.Context, slog.Level) bool { return true }
func (c said) WithAttrs([]slog.Attr) slog.Handler     { return c }
func (c said) WithGroup(string) slog.Handler          { return c }
func (c said) Handle(_ context.Context, r slog.Record) error {
	c <- r.Message
	return nil
}

// openSlow starts a printer that can keep so many bytes.
func openSlow(t *testing.T, memory int) *slow {
	s := &slow{t: t, profile: named(t, "everything"), memory: memory,
		tickets: make(chan printertest.Ticket, 64), journal: make(journal, 256), log: make(said, 256)}
	s.plug()
	s.spool = spool.New(spool.Options{
		Open:     func(context.Context) (spool.Link, error) { return s.now.Load().Pipe(), nil },
		Protocol: at(t, s.profile, escpos.Stored), Log: s.journal, Logger: slog.New(s.log),
		PollEvery: 20 * time.Millisecond, StatusWait: 100 * time.Millisecond, RecoverPause: 20 * time.Millisecond, Watch: 20 * time.Millisecond,
		BackoffMin: 5 * time.Millisecond, BackoffMax: 20 * time.Millisecond,
	})
	t.Cleanup(func() {
		s.spool.Close()
		s.now.Load().Close()
	})
	return s
}

// plug puts another printer in the place of the one that is there.
func (s *slow) plug() {
	o := model(s.profile)
	o.Memory, o.OnTicket = s.memory, func(t printertest.Ticket) { s.tickets <- t }
	if old := s.now.Swap(printertest.New(o)); old != nil {
		old.Close()
	}
}

// print sends a slip, whole whatever the printer keeps, and returns its bytes.
func (s *slow) print() int64 {
	s.t.Helper()
	s.last++
	if err := s.spool.Submit(spool.Request{ID: s.last, Slip: slip, At: time.Now()}); err != nil {
		s.t.Fatal(err)
	}
	got := next(s.t, s.tickets, "ticket")
	want, err := printer.Compose(slip, s.profile.WidthDots, true)
	if err != nil {
		s.t.Fatal(err)
	}
	if wrong := outside(got.Image, want, want.Number.Part, want.Code.Part); wrong > 0 || got.Unknown > 0 {
		s.t.Fatalf("%d dots differ, %d commands unknown", wrong, got.Unknown)
	}
	for {
		if r := next(s.t, s.journal, "record"); r[:7] == "printed" {
			return got.Bytes
		}
	}
}

// least prints until the printer's memory is used, which comes when it has
// listed what it keeps.
func (s *slow) least(enough int64) {
	s.t.Helper()
	var last int64
	for range 100 {
		if last = s.print(); last <= enough {
			return
		}
	}
	s.t.Fatalf("a ticket takes %d bytes, want %d", last, enough)
}

// What the printer is told to keep is not sent again: after the link was lost
// its list says what it has, and a printer that has nothing gets all.
func TestPrinterKeepsPictures(t *testing.T) {
	s := openSlow(t, 0)
	whole := s.print()
	s.spool.Keep([]printer.Slip{slip})
	s.least(whole / 4)
	if short := s.print(); short > whole/4 {
		t.Errorf("a ticket takes %d bytes after one that was short", short)
	}

	p := s.now.Load()
	before := p.Stats().Connections
	p.Fault(printertest.Fault{Kind: printertest.Cable, At: 3, Times: 1}) // after the first part of the next status request
	err := p.Until(t.Context(), func(st printertest.Stats) bool { return st.Connections > before })
	if err != nil {
		t.Fatal(err)
	}
	s.least(whole / 4)

	s.plug()
	if again := s.print(); again < whole/2 {
		t.Errorf("a new printer got %d bytes, the whole slip has %d", again, whole)
	}
}

// A printer with too little memory is not written to every evening.
func TestPrinterThatKeepsTooLittle(t *testing.T) {
	s := openSlow(t, 5000)
	s.spool.Keep([]printer.Slip{slip})
	const wrote, gaveUp = "printer keeps parts of slips", "printer did not keep all it was given; it is given no more until the next start"
	writes := 0
	for m := ""; m != gaveUp; {
		if m = next(t, s.log, gaveUp); m == wrote {
			writes++
		}
	}
	other := slip
	other.Category = "Đất đai"
	s.spool.Keep([]printer.Slip{slip, other})
	for range 3 {
		s.print() // whole, with what was kept
	}
	if err := s.spool.Close(); err != nil {
		t.Fatal(err)
	}
	for len(s.log) > 0 {
		if <-s.log == wrote {
			writes++
		}
	}
	if writes != 1 {
		t.Errorf("written %d times, want once", writes)
	}
}

// However far a job of native parts came, the printer is freed by Recover and
// the next slip is whole.
func TestRecoverFromNativeParts(t *testing.T) {
	for _, fn8 := range []bool{true, false} {
		profile := named(t, "everything")
		profile.ClearFn8 = fn8
		_, lang, err := at(t, profile, escpos.Stored).Store(slip)
		if err != nil {
			t.Fatal(err)
		}
		store, _, err := at(t, profile, escpos.Stored).Store(slip)
		if err != nil {
			t.Fatal(err)
		}
		job := encode(t, lang, slip)
		want, err := printer.Compose(slip, profile.WidthDots, true)
		if err != nil {
			t.Fatal(err)
		}
		for cut := 1; cut < len(job); cut += 5 {
			p := printertest.New(model(profile))
			for _, b := range [][]byte{store, job[:cut], lang.Recover(len(job), 0), job} {
				if _, err := p.Write(b); err != nil {
					t.Fatal(err)
				}
			}
			tickets := p.Tickets()
			if len(tickets) == 0 {
				t.Fatalf("clears %v, cut at %d: no ticket", fn8, cut)
			}
			got := tickets[len(tickets)-1]
			above := got.Image.Bounds().Dy() - want.Height
			if !strings.HasSuffix(got.Text, slip.Number+"\n") || len(got.Codes) == 0 || got.Codes[len(got.Codes)-1] != slip.Link {
				t.Errorf("clears %v, cut at %d: text %q, codes %q", fn8, cut, got.Text, got.Codes)
			}
			// The emulator inks before it feeds: what was cleared away, at most a
			// number's letters, lies under the first rows.
			const under = 8 * 24
			for y := range want.Height {
				if y >= want.Number.Top && y < want.Number.Bottom || y >= want.Code.Top && y < want.Code.Bottom {
					continue
				}
				for x := range want.Width {
					black := got.Image.Black(x, above+y)
					if black != want.Black(x, y) && (y >= under || !black) {
						t.Fatalf("clears %v, cut at %d: dot (%d, %d) differs", fn8, cut, x, y)
					}
				}
			}
			p.Close()
		}
	}
}
