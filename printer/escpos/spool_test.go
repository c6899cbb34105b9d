package escpos_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"motcua/printer"
	"motcua/printer/device"
	"motcua/printer/escpos"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// journal tells a test what a spool recorded.
type journal chan string

func (j journal) Sending(_ context.Context, id printer.JobID, reprint bool) error {
	j <- fmt.Sprintf("sending %d reprint %v", id, reprint)
	return nil
}

func (j journal) Printed(_ context.Context, id printer.JobID, proof bool) error {
	j <- fmt.Sprintf("printed %d proof %v", id, proof)
	return nil
}

func (j journal) Failed(_ context.Context, id printer.JobID, reason string) error {
	j <- fmt.Sprintf("failed %d %s", id, reason)
	return nil
}

func (j journal) Unknown(_ context.Context, id printer.JobID) error {
	j <- fmt.Sprintf("unknown %d", id)
	return nil
}

// counter is a spool that prints to a printer on TCP.
type counter struct {
	t       *testing.T
	lang    *escpos.Protocol
	printer *printertest.Printer
	tickets chan printertest.Ticket
	journal journal
	health  chan spool.Code
	spool   *spool.Spool
}

func open(t *testing.T, profile escpos.Profile) *counter {
	t.Helper()
	lang, err := escpos.New(profile)
	if err != nil {
		t.Fatal(err)
	}
	c := &counter{
		t: t, lang: lang, tickets: make(chan printertest.Ticket, 64),
		journal: make(journal, 64), health: make(chan spool.Code, 1024),
	}
	o := model(profile)
	o.OnTicket = func(t printertest.Ticket) { c.tickets <- t }
	c.printer = printertest.New(o)
	server, err := c.printer.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var last spool.Code
	c.spool = spool.New(spool.Options{
		Open:     func(ctx context.Context) (spool.Link, error) { return device.Open(ctx, server.URI()) },
		Protocol: lang, Log: c.journal,
		OnHealth: func(h spool.Health) {
			if h.Code != last {
				last = h.Code
				c.health <- h.Code
			}
		},
		PollEvery: 20 * time.Millisecond, StatusWait: 100 * time.Millisecond, RecoverPause: 20 * time.Millisecond, Watch: 20 * time.Millisecond,
		AckWindow: 200 * time.Millisecond, BackoffMin: 5 * time.Millisecond, BackoffMax: 20 * time.Millisecond,
	})
	t.Cleanup(func() {
		c.spool.Close()
		server.Close()
		c.printer.Close()
	})
	return c
}

func (c *counter) submit(id printer.JobID, s printer.Slip) {
	c.t.Helper()
	if err := c.spool.Submit(spool.Request{ID: id, Slip: s, At: time.Now()}); err != nil {
		c.t.Fatal(err)
	}
}

// next takes the next value of a channel.
func next[T any](t *testing.T, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(20 * time.Second):
		t.Fatalf("no %s", what)
		panic("unreachable")
	}
}

func (c *counter) recorded(want ...string) {
	c.t.Helper()
	for _, w := range want {
		if got := next(c.t, c.journal, w); got != w {
			c.t.Fatalf("recorded %q, want %q", got, w)
		}
	}
}

func (c *counter) becomes(want spool.Code) {
	c.t.Helper()
	for next(c.t, c.health, string(want)) != want {
	}
}

// printed compares the next ticket with the slip's layout.
func (c *counter) printed(s printer.Slip) printertest.Ticket {
	c.t.Helper()
	want, err := printer.Layout(s, c.lang.Profile().WidthDots)
	if err != nil {
		c.t.Fatal(err)
	}
	got := next(c.t, c.tickets, "ticket")
	if got.TextBytes != 0 || got.Unknown != 0 {
		c.t.Errorf("%d bytes came out as text %q, %d commands unknown", got.TextBytes, got.Text, got.Unknown)
	}
	same(c.t, got.Image, want)
	return got
}

// A slip goes through spool, TCP and printer, and the paper is the layout.
func TestSlipToPaper(t *testing.T) {
	for _, name := range escpos.Profiles() {
		t.Run(name, func(t *testing.T) {
			profile, err := escpos.Named(name)
			if err != nil {
				t.Fatal(err)
			}
			profile.Cutter = true // without a cut this printer hands out no ticket
			c := open(t, profile)
			for id := range printer.JobID(3) {
				s := slip
				s.Number = fmt.Sprintf("A%03d", id)
				c.submit(id+9998, s) // over the turn of the process ids
				c.recorded(fmt.Sprintf("sending %d reprint false", id+9998), fmt.Sprintf("printed %d proof %v", id+9998, profile.ProcessID))
				ticket := c.printed(s)
				if link := scan(t, ticket.Image); link != s.Link {
					t.Errorf("code says %q", link)
				}
			}
			if st := c.printer.Stats(); st.Pulses != 0 || st.TextBytes != 0 {
				t.Errorf("printer counts %+v", st)
			}
		})
	}
}

func TestPaperOutAndBack(t *testing.T) {
	c := open(t, speak(t, nil).Profile())
	c.becomes(spool.HealthOK)
	c.printer.Fault(printertest.Fault{Kind: printertest.PaperOut, At: 2000})
	c.submit(1, slip)
	c.recorded("sending 1 reprint false")
	c.becomes(spool.HealthPaperOut)
	c.printer.Repair()
	c.becomes(spool.HealthOK)
	c.recorded("printed 1 proof true")
	c.printed(slip)
}

// The cable is pulled in the middle of a picture. The slip is in doubt, so it
// prints again with its mark, and nothing of the first one spoils it.
func TestCutOffInMidPicture(t *testing.T) {
	marked := slip
	marked.Reprint = "BẢN IN LẠI"
	for _, fn8 := range []bool{true, false} {
		for _, at := range []int64{30, 1500, 6001} {
			t.Run(fmt.Sprintf("clears %v, cut at %d", fn8, at), func(t *testing.T) {
				c := open(t, speak(t, func(p *escpos.Profile) { p.ClearFn8 = fn8 }).Profile())
				c.becomes(spool.HealthOK)
				c.printer.Fault(printertest.Fault{Kind: printertest.Cable, At: at, Times: 1})
				c.submit(1, slip)
				c.recorded("sending 1 reprint false", "unknown 1", "sending 1 reprint true", "printed 1 proof true")
				got := next(t, c.tickets, "ticket")
				// A command cut off in its head is one the printer doesn't
				// know; nothing of it may come out as text.
				if got.TextBytes != 0 {
					t.Errorf("%d bytes came out as text %q", got.TextBytes, got.Text)
				}
				want, err := printer.Layout(marked, c.lang.Profile().WidthDots)
				if err != nil {
					t.Fatal(err)
				}
				// What the first copy left stands above. The emulator moves
				// the paper at the end of a band: one that was cleared away
				// lies under the first rows of the second copy.
				above, under := got.Image.Bounds().Dy()-want.Height, 0
				if fn8 {
					under = c.lang.Profile().MaxBand
				}
				for y := range want.Height {
					for x := range want.Width {
						black := got.Image.Black(x, above+y)
						if black != want.Black(x, y) && (y >= under || !black) {
							t.Fatalf("dot (%d, %d) of the second copy differs", x, y)
						}
					}
				}
			})
		}
	}
}
