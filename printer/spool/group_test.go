package spool_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/printer"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// hall is several printers, a journal and the process that drives them; the
// process can be killed and started again.
type hall struct {
	ps    []*printertest.Printer
	lang  language
	log   *memory
	group *spool.Group
	dead  *bool
	reqs  map[printer.JobID]spool.Request
	order []printer.JobID

	mu    sync.Mutex // protects links
	links []io.Closer
}

func newHall(lang language, po ...printertest.Options) *hall {
	h := &hall{lang: lang, log: newMemory(), reqs: map[printer.JobID]spool.Request{}}
	for _, o := range po {
		o.Keep = 1000
		h.ps = append(h.ps, printertest.New(o))
	}
	h.log.killed = h.cutLinks
	h.start()
	return h
}

func (h *hall) cutLinks() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, l := range h.links {
		l.Close()
	}
	h.links = nil
}

// mortal is a link whose process may die.
type mortal struct {
	spool.Link
	h    *hall
	dead *bool
}

func (m mortal) Write(b []byte) (int, error) {
	if m.h.isDead(m.dead) {
		return 0, errKilled
	}
	return m.Link.Write(b)
}

func (h *hall) isDead(dead *bool) bool {
	h.log.mu.Lock()
	defer h.log.mu.Unlock()
	return *dead
}

func (h *hall) start() {
	dead := new(bool)
	h.dead = dead
	var opts []spool.Options
	for _, p := range h.ps {
		opts = append(opts, spool.Options{
			Open: func(context.Context) (spool.Link, error) {
				if h.isDead(dead) {
					return nil, errKilled
				}
				c := p.Pipe()
				h.mu.Lock()
				h.links = append(h.links, c)
				h.mu.Unlock()
				return mortal{c, h, dead}, nil
			},
			Protocol: h.lang, Log: writer{h.log, dead},
		})
	}
	h.group = spool.NewGroup(opts...)
	h.group.Resume(left(h.log.all(), h.order, h.reqs))
}

func (h *hall) kill() {
	h.log.mu.Lock()
	*h.dead = true
	h.log.mu.Unlock()
	h.cutLinks()
	h.group.Close()
}

func (h *hall) submit(id printer.JobID) error {
	r := spool.Request{ID: id, Slip: printer.Slip{Number: fmt.Sprint(id)}, At: time.Now()}
	err := h.group.Submit(r)
	if err == nil {
		h.reqs[id] = r
		h.order = append(h.order, id)
	}
	return err
}

func (h *hall) close() {
	h.group.Close()
	for _, p := range h.ps {
		p.Close()
	}
}

// texts are the tickets of one printer.
func texts(p *printertest.Printer) (out []string) {
	for _, t := range p.Tickets() {
		out = append(out, strings.ReplaceAll(t.Text, "\n", ""))
	}
	return out
}

func (h *hall) texts() (out []string) {
	for _, p := range h.ps {
		out = append(out, texts(p)...)
	}
	return out
}

func (h *hall) check() error {
	all := h.texts()
	for _, p := range h.ps {
		all = append(all, strings.ReplaceAll(p.Tear().Text, "\n", ""))
	}
	return checkPaper(all, h.log.all())
}

// unknown are the slips that wait for staff.
func (h *hall) unknown() (out []printer.JobID) {
	for _, s := range h.group.Status() {
		out = append(out, s.Unknown...)
	}
	return out
}

func inHall(t *testing.T, f func(t *testing.T, h *hall)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := newHall(language{rows: 40}, printertest.Options{}, printertest.Options{})
		pass(time.Second)
		f(t, h)
		if err := h.check(); err != nil {
			t.Error(err)
		}
		if missing := without(h.order, h.texts()); len(missing) > 0 {
			t.Errorf("no slip for %v; paper %q, journal %q", missing, h.texts(), h.log.all())
		}
		h.close()
	})
}

func wantTexts(t *testing.T, p *printertest.Printer, want ...string) {
	t.Helper()
	if d := cmp.Diff(want, texts(p)); d != "" {
		t.Errorf("paper (-want +got):\n%s", d)
	}
}

// The first printer runs out of paper in the middle of a ticket while others
// wait. The second prints them at once, and the one in doubt, marked, when the
// first has had its time; with the new roll the first takes the next ones.
func TestSecondPrinterTakesOver(t *testing.T) {
	for _, drop := range []bool{false, true} {
		t.Run(fmt.Sprintf("the first drops its ticket: %v", drop), func(t *testing.T) {
			inHall(t, func(t *testing.T, h *hall) {
				first, second := h.ps[0], h.ps[1]
				h.group.Keep(nil)
				must(t, h.submit(1))
				synctest.Wait()
				wantTexts(t, first, "<1:1>")
				first.Fault(printertest.Fault{Kind: printertest.PaperOut, At: 30, Drop: drop})
				for id := range printer.JobID(3) {
					must(t, h.submit(id+2))
				}
				pass(time.Second)
				wantTexts(t, second, "<3:3>", "<4:4>")
				if s := h.group.Status(); s[0].Code != spool.HealthPaperOut || s[1].Code != spool.HealthOK || !h.group.Ready() {
					t.Errorf("health %+v", s)
				}
				pass(12 * time.Second)
				wantTexts(t, second, "<3:3>", "<4:4>", "<2R:2R>")
				must(t, h.submit(5))
				synctest.Wait()
				wantTexts(t, second, "<3:3>", "<4:4>", "<2R:2R>", "<5:5>")

				first.Repair() // a new roll
				pass(10 * time.Second)
				must(t, h.submit(6))
				pass(time.Second)
				if drop {
					wantTexts(t, first, "<1:1>", "<6:6>")
				} else {
					wantTexts(t, first, "<1:1>", "<2:2>", "<6:6>") // it ends what it had begun
				}
				if u := h.unknown(); len(u) > 0 {
					t.Errorf("%v wait for staff", u)
				}
				if p := h.group.Pending(); len(p) > 0 {
					t.Errorf("pending %+v", p)
				}
			})
		})
	}
}

// Whatever is wrong with the one, the other prints within two seconds.
func TestEitherPrinterWillDo(t *testing.T) {
	for _, kind := range []printertest.Kind{printertest.PaperOut, printertest.CoverOpen, printertest.HeadHot, printertest.Cable, printertest.Mute} {
		t.Run(string(kind), func(t *testing.T) {
			inHall(t, func(t *testing.T, h *hall) {
				first, second := h.ps[0], h.ps[1]
				first.Fault(printertest.Fault{Kind: kind})
				pass(2 * time.Second)
				must(t, h.submit(1))
				synctest.Wait()
				wantTexts(t, second, "<1:1>")
				first.Repair()
				pass(11 * time.Second)
				second.Fault(printertest.Fault{Kind: kind})
				pass(2 * time.Second)
				must(t, h.submit(2))
				synctest.Wait()
				wantTexts(t, first, "<2:2>")
				first.Fault(printertest.Fault{Kind: kind}) // both
				pass(2 * time.Second)
				must(t, h.submit(3))
				must(t, h.submit(4))
				pass(time.Minute)
				if h.group.Ready() && kind != printertest.Mute { // a mute one may print
					t.Errorf("ready: %+v", h.group.Status())
				}
				second.Repair() // whichever is well first
				pass(15 * time.Second)
				for _, id := range h.unknown() {
					must(t, h.group.Reprint(id))
				}
				first.Repair()
				pass(30 * time.Second)
				for _, id := range h.unknown() {
					must(t, h.group.Reprint(id))
				}
				pass(15 * time.Second)
			})
		})
	}
}

// A slip is in one spool at a time: what is decided about it and asked for
// twice finds it there.
func TestGroupKnowsWhereASlipIs(t *testing.T) {
	inHall(t, func(t *testing.T, h *hall) {
		first, second := h.ps[0], h.ps[1]
		first.Fault(printertest.Fault{Kind: printertest.CoverOpen})
		pass(2 * time.Second)
		must(t, h.submit(1))
		synctest.Wait()
		first.Repair()
		pass(2 * time.Second)
		if err := h.submit(1); !errors.Is(err, spool.ErrPrinted) {
			t.Errorf("the second printer's slip at the first: %v", err)
		}
		first.Fault(printertest.Fault{Kind: printertest.CoverOpen})
		second.Fault(printertest.Fault{Kind: printertest.CoverOpen})
		pass(2 * time.Second)
		must(t, h.submit(2))
		if err := h.submit(2); !errors.Is(err, spool.ErrDuplicate) {
			t.Errorf("same slip again: %v", err)
		}
		must(t, h.group.Dismiss(2))
		synctest.Wait()
		if err := h.group.Confirm(2); !errors.Is(err, spool.ErrNotHeld) {
			t.Errorf("decision about a slip that is gone: %v", err)
		}
		h.order = h.order[:1]
		first.Repair()
		second.Repair()
		pass(5 * time.Second)
		wantTexts(t, first)
		wantTexts(t, second, "<1:1>")
	})
}

// The process dies while both printers have a slip in hand; the one that has
// been printed says so to the next process, whichever it stands at.
func TestGroupKilled(t *testing.T) {
	for _, keeps := range []bool{false, true} {
		for at := 1; at <= 12; at++ {
			for _, torn := range []bool{false, true} {
				synctest.Test(t, func(t *testing.T) {
					po := printertest.Options{KeepsLastAck: keeps}
					h := newHall(language{rows: 40}, po, po)
					pass(time.Second)
					h.log.mu.Lock()
					h.log.killAt, h.log.torn = at, torn
					h.log.mu.Unlock()
					h.ps[0].Fault(printertest.Fault{Kind: printertest.CoverOpen, At: 150})
					for id := range printer.JobID(5) {
						must(t, h.submit(id+1))
					}
					pass(15 * time.Second)
					h.kill()
					h.ps[0].Repair()
					h.start()
					pass(45 * time.Second)
					for _, id := range h.unknown() {
						must(t, h.group.Reprint(id))
					}
					pass(20 * time.Second)
					if missing := without(h.order, h.texts()); len(missing) > 0 {
						t.Errorf("killed at entry %d: no slip for %v; journal %q, paper %q", at, missing, h.log.all(), h.texts())
					}
					if err := h.check(); err != nil {
						t.Errorf("killed at entry %d: %v", at, err)
					}
					h.close()
				})
			}
		}
	}
}

// visit lets a hall go through a day of actions, as live does an office.
func visit(t *testing.T, po printertest.Options, day []action, at []int) (err error) {
	synctest.Test(t, func(*testing.T) {
		h := newHall(language{rows: 30}, po, po)
		defer h.close()
		next := printer.JobID(1)
		revive := func() {
			if h.isDead(h.dead) {
				h.group.Close()
				h.start()
			}
		}
		staff := func() {
			for _, id := range h.unknown() {
				_ = h.group.Reprint(id)
			}
		}
		for i, a := range day {
			revive()
			p := h.ps[at[i]]
			switch a.What {
			case "submit":
				if err = h.submit(next); err != nil {
					return
				}
				next++
			case "fault":
				p.Fault(a.Fault)
			case "repair":
				pass(handsOn)
				p.Repair()
			case "kill":
				h.kill()
				h.start()
			case "die":
				h.log.mu.Lock()
				h.log.killAt, h.log.torn = len(h.log.entries)+a.Entry, a.Torn
				h.log.mu.Unlock()
			case "staff":
				staff()
			case "pass":
				pass(a.Wait)
			}
		}
		h.log.mu.Lock()
		h.log.killAt = 0
		h.log.mu.Unlock()
		pass(handsOn)
		for _, p := range h.ps {
			p.Repair()
		}
		for range 20 {
			revive()
			pass(15 * time.Second)
			if len(h.group.Pending()) == 0 {
				break
			}
			staff()
		}
		if left := h.group.Pending(); len(left) > 0 {
			err = fmt.Errorf("%d slips never ended: %+v; journal %q", len(left), h.group.Status(), h.log.all())
		} else if left := without(h.order, h.texts()); len(left) > 0 {
			err = fmt.Errorf("no slip for %v; journal %q, paper %q", left, h.log.all(), h.texts())
		} else {
			err = h.check()
		}
		// One that acknowledged nothing while it was offline, which this language
		// does not ask for, has had no slip since.
		notOK := func(s spool.Health) bool { return s.Code != spool.HealthOK && s.Code != spool.HealthNoProof }
		if err == nil && slices.ContainsFunc(h.group.Status(), notOK) {
			err = fmt.Errorf("health %+v after the repair", h.group.Status())
		}
	})
	return err
}

// With two printers as with one: every slip comes out in the end, every second
// copy carries the mark, and no proof is recorded for a slip that is not on
// paper.
func TestNeverLostNeverTwiceOnTwoPrinters(t *testing.T) {
	for round := range 10 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				po := printertest.Options{
					KeepsLastAck: rapid.Bool().Draw(rt, "keeps last ack"),
					ScanData:     rapid.Bool().Draw(rt, "scans data"),
				}
				day := rapid.SliceOfN(rapid.Custom(drawAction), 1, 25).Draw(rt, "day")
				at := rapid.SliceOfN(rapid.IntRange(0, 1), len(day), len(day)).Draw(rt, "at")
				if err := visit(t, po, day, at); err != nil {
					rt.Fatalf("%v\nafter %v at %v", err, day, at)
				}
			})
		})
	}
}
