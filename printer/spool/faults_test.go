package spool_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"motcua/printer"
	"motcua/printer/escpos"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// told is what a spool said of its health, and when.
type told struct {
	at   time.Time
	code spool.Code
}

// watched is a printer of one family with a spool that speaks its language.
type watchedPrinter struct {
	t    *testing.T
	p    *printertest.Printer
	sp   *spool.Spool
	told []told
}

func watchPrinter(t *testing.T, profile func(*escpos.Profile), po printertest.Options) *watchedPrinter {
	t.Helper()
	prof, err := escpos.Named("epson")
	must(t, err)
	profile(&prof)
	lang, err := escpos.New(prof)
	must(t, err)
	w := &watchedPrinter{t: t, p: printertest.New(po)}
	w.sp = spool.New(spool.Options{
		Open:     func(context.Context) (spool.Link, error) { return w.p.Pipe(), nil },
		Protocol: lang, Log: writer{newMemory(), new(bool)},
		OnHealth: func(h spool.Health) { w.told = append(w.told, told{time.Now(), h.Code}) },
	})
	pass(2300 * time.Millisecond) // no multiple of any time of the spool's
	return w
}

func (w *watchedPrinter) close() {
	w.sp.Close()
	w.p.Close()
}

// within waits until health is one of the codes and fails after the bound.
func (w *watchedPrinter) within(what string, bound time.Duration, codes ...spool.Code) {
	w.t.Helper()
	start := time.Now()
	for !slices.Contains(codes, w.sp.Status().Code) {
		if time.Since(start) > bound {
			w.t.Errorf("%s: health %s %v later, want %v within %v; it said %v", what, w.sp.Status().Code, time.Since(start), codes, bound, w.told)
			return
		}
		pass(50 * time.Millisecond)
	}
}

// families are the ways in which printers tell how they are.
var families = []struct {
	name    string
	profile func(*escpos.Profile)
	po      printertest.Options
	says    string // "all", "turn": only in its turn, "nothing"
}{
	{"automatic status and requests", func(p *escpos.Profile) {}, printertest.Options{}, "all"},
	{"automatic status alone", func(p *escpos.Profile) { p.Status = false }, printertest.Options{}, "all"},
	{"requests alone", func(p *escpos.Profile) { p.ASB = false }, printertest.Options{}, "all"},
	{"GS r alone", func(p *escpos.Profile) {
		p.ASB, p.Status, p.GSR, p.ProcessID, p.AckAfterCut = false, false, true, false, false
	}, printertest.Options{NoProcessID: true}, "turn"},
	{"mute", func(p *escpos.Profile) {
		p.ASB, p.Status, p.ProcessID, p.AckAfterCut, p.NearEndSensor = false, false, false, false, false
	}, printertest.Options{NoStatus: true, NoProcessID: true}, "nothing"},
}

// Each fault reaches health within two seconds of the printer's saying so, and
// so does its end, without anybody starting anything again.
func TestFaultsAreKnownWithinTwoSeconds(t *testing.T) {
	const bound = 2 * time.Second
	away := []spool.Code{spool.HealthUnreachable, spool.HealthConnecting}
	for _, f := range families {
		for _, c := range []struct {
			kind   printertest.Kind
			code   spool.Code
			turn   spool.Code    // where only GS r speaks: silence is its word; "" = it has none
			repair time.Duration // bound of the end
		}{
			{printertest.PaperLow, spool.HealthPaperLow, spool.HealthPaperLow, bound},
			{printertest.PaperOut, spool.HealthPaperOut, spool.HealthOffline, bound},
			{printertest.CoverOpen, spool.HealthCover, spool.HealthOffline, bound},
			{printertest.CutterJam, spool.HealthCutter, "", bound}, // without real-time status nobody knows before the next cut
			{printertest.HeadHot, spool.HealthHot, spool.HealthOffline, bound},
			{printertest.Offline, spool.HealthOffline, spool.HealthOffline, bound},
			{printertest.Mute, spool.HealthOffline, spool.HealthOffline, bound},
			{printertest.Cable, "", "", 10 * time.Second}, // the longest wait between two tries to connect
		} {
			t.Run(f.name+", "+string(c.kind), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := watchPrinter(t, f.profile, f.po)
					defer w.close()
					want, well := []spool.Code{c.code}, spool.HealthOK
					switch {
					case f.says == "nothing":
						well, want = spool.HealthSilent, []spool.Code{spool.HealthSilent}
					case f.says == "turn" && c.turn == "":
						want = []spool.Code{spool.HealthOK}
					case f.says == "turn":
						want = []spool.Code{c.turn}
					case c.kind == printertest.Mute && f.name == "automatic status alone":
						want = []spool.Code{spool.HealthOK} // it is never asked
					}
					if c.kind == printertest.Cable {
						want = away
					}
					w.within("at first", 0, well)
					w.p.Fault(printertest.Fault{Kind: c.kind})
					w.within("broken", bound, want...)
					pass(13 * time.Second) // less than it takes to open a dead link again
					w.within("still broken", 0, want...)
					w.p.Repair()
					w.within("repaired", c.repair, well)
					pass(time.Minute)
					w.within("at the end", 0, well)
				})
			})
		}
	}
}

// A printer stops in the middle of a slip, its small buffer full, so that no
// question reaches it: that it takes nothing is word enough.
func TestFaultInMidSlipIsKnownWithinTwoSeconds(t *testing.T) {
	for _, f := range families {
		for _, kind := range []printertest.Kind{printertest.PaperOut, printertest.CoverOpen, printertest.HeadHot, printertest.Offline} {
			t.Run(f.name+", "+string(kind), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					po := f.po
					po.Buffer = 512
					w := watchPrinter(t, f.profile, po)
					defer w.close()
					w.p.Fault(printertest.Fault{Kind: kind, At: 1500})
					must(t, w.sp.Submit(spool.Request{ID: 1, Slip: printer.Slip{Number: "A001", Category: "Hộ tịch"}, At: time.Now()}))
					synctest.Wait()
					start := time.Now()
					for w.sp.Status().Ready() && time.Since(start) < time.Minute {
						pass(50 * time.Millisecond)
					}
					if took := time.Since(start); took > 2*time.Second {
						t.Errorf("known after %v; it said %v", took, w.told)
					}
					w.p.Repair()
					pass(20 * time.Second)
					if h := w.sp.Status(); !h.Ready() || h.Queued+h.Sent > 0 {
						t.Errorf("health %+v after the repair", h)
					}
					if n := len(w.p.Tickets()); n == 0 {
						t.Error("no ticket after the repair")
					}
				})
			})
		}
	}
}

// Without a process id nobody says that a slip is out, but a printer that
// speaks says what went wrong while it was printed: then the slip is in doubt.
func TestSlipWithoutProofIsWatched(t *testing.T) {
	for _, f := range []struct {
		name    string
		profile func(*escpos.Profile)
	}{
		{"requests", func(p *escpos.Profile) { p.ASB, p.ProcessID, p.AckAfterCut = false, false, false }},
		{"automatic status", func(p *escpos.Profile) { p.Status, p.ProcessID, p.AckAfterCut = false, false, false }},
		{"GS r", func(p *escpos.Profile) {
			p.ASB, p.Status, p.GSR, p.ProcessID, p.AckAfterCut = false, false, true, false, false
		}},
	} {
		t.Run(f.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				prof, err := escpos.Named("epson")
				must(t, err)
				f.profile(&prof)
				lang, err := escpos.New(prof)
				must(t, err)
				p := printertest.New(printertest.Options{NoProcessID: true})
				defer p.Close()
				m := newMemory()
				sp := spool.New(spool.Options{
					Open:     func(context.Context) (spool.Link, error) { return p.Pipe(), nil },
					Protocol: lang, Log: writer{m, new(bool)},
				})
				defer sp.Close()
				pass(2 * time.Second)
				submit := func(id printer.JobID) {
					must(t, sp.Submit(spool.Request{ID: id, Slip: printer.Slip{Number: "A001"}, At: time.Now()}))
				}
				submit(1)
				pass(3 * time.Second)
				if got := m.all(); !slices.Equal(got, []string{"sending 1", "printed 1"}) {
					t.Fatalf("journal %q", got)
				}
				p.Fault(printertest.Fault{Kind: printertest.PaperOut, At: 2000, Drop: true})
				submit(2)
				pass(20 * time.Second) // a person puts a new roll in
				p.Repair()
				pass(20 * time.Second)
				if got := m.all()[2:]; !slices.Equal(got, []string{"sending 2", "unknown 2", "sending 2R", "printed 2"}) {
					t.Errorf("journal %q", got)
				}
				if n := len(p.Tickets()); n != 2 {
					t.Errorf("%d whole tickets, want 2", n)
				}
			})
		})
	}
}
