package spool_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"motcua/printer"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// port is a USB port, and what it says of paper.
type port struct {
	usb
	says *atomic.Value // a word
	name string
}

// word is a port's about paper.
type word struct {
	out bool
	err error
}

func (p port) PaperOut() (bool, error) {
	w := p.says.Load().(word)
	return w.out, w.err
}

func (p port) ID() printer.DeviceID { return printer.DeviceID{Model: p.name} }

// onPort runs a test with a printer that answers nothing but by its port.
func onPort(t *testing.T, lang language, f func(t *testing.T, o *office, says, name *atomic.Value)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := unopened(lang, printertest.Options{NoStatus: true, NoProcessID: true}, nil)
		var says atomic.Value
		says.Store(word{})
		var name atomic.Value
		name.Store("POS-80")
		o.dial = func(context.Context) (spool.Link, error) {
			return port{usb{o.p.Pipe(), o.p}, &says, name.Load().(string)}, nil
		}
		o.start()
		pass(6 * time.Second)
		f(t, o, &says, &name)
		if err := o.check(); err != nil {
			t.Error(err)
		}
		o.close()
	})
}

// A printer that says nothing itself is out of paper when its port says so,
// through a new cable as well, and what was on its way comes out again.
func TestPortOfASilentPrinterTellsOfPaper(t *testing.T) {
	onPort(t, language{rows: 40, noProof: true}, func(t *testing.T, o *office, says, _ *atomic.Value) {
		wantCode(t, o, spool.HealthSilent)
		must(t, o.submit(1))
		pass(2 * time.Second)
		wantLog(t, o, "sending 1", "printed 1")
		o.p.Fault(printertest.Fault{Kind: printertest.PaperOut, At: 30, Drop: true})
		must(t, o.submit(2))
		says.Store(word{out: true})
		pass(2 * time.Second)
		wantCode(t, o, spool.HealthPaperOut)
		if o.sp.Status().Ready() {
			t.Error("a printer without paper is ready")
		}
		must(t, o.submit(3))
		o.p.Fault(printertest.Fault{Kind: printertest.Cable, Times: 1}) // people switch it off and on
		pass(10 * time.Second)
		wantCode(t, o, spool.HealthPaperOut)
		says.Store(word{err: errors.New("no answer")})
		pass(15 * time.Second)
		wantCode(t, o, spool.HealthPaperOut)
		o.p.Repair()
		says.Store(word{})
		pass(20 * time.Second)
		wantCode(t, o, spool.HealthSilent)
		wantLog(t, o, "sending 1", "printed 1", "sending 2", "unknown 2", "sending 2R", "printed 2", "sending 3", "printed 3")
		if left := o.missing(); len(left) > 0 {
			t.Errorf("%d have no slip: %q", left, o.texts())
		}
	})
}

// Many ports say the same for ever, whatever is in the printer. Of another
// printer at the same place nothing is known yet.
func TestPortThatNeverSaidPaperIsNotBelieved(t *testing.T) {
	onPort(t, language{rows: 40, noProof: true}, func(t *testing.T, o *office, says, name *atomic.Value) {
		o.p.Fault(printertest.Fault{Kind: printertest.Cable, Times: 1})
		name.Store("another")
		says.Store(word{out: true})
		pass(20 * time.Second)
		wantCode(t, o, spool.HealthSilent)
		must(t, o.submit(1))
		pass(2 * time.Second)
		wantLog(t, o, "sending 1", "printed 1")
	})
}

// A printer that speaks itself needs no port's word.
func TestPortOfAPrinterThatSpeaksIsNotAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := unopened(language{rows: 40}, printertest.Options{}, nil)
		var says atomic.Value
		says.Store(word{})
		o.dial = func(context.Context) (spool.Link, error) { return port{usb{o.p.Pipe(), o.p}, &says, ""}, nil }
		o.start()
		pass(5 * time.Second)
		says.Store(word{out: true})
		pass(5 * time.Second)
		wantCode(t, o, spool.HealthOK)
		o.close()
	})
}

// A printer stands in a picture that somebody else began, long ago.
func TestSilentPrinterIsFreedFromAnEarlierLife(t *testing.T) {
	for _, c := range []struct {
		name string
		po   printertest.Options
		usb  bool
	}{
		{"by its port", printertest.Options{}, true},
		{"port's reset ignored", printertest.Options{NoReset: true}, true},
		{"by zeros", printertest.Options{NoClear: true}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				o := unopened(language{rows: 40}, c.po, nil)
				o.dial = func(context.Context) (spool.Link, error) {
					if c.usb {
						return usb{o.p.Pipe(), o.p}, nil
					}
					return o.p.Pipe(), nil
				}
				if _, err := o.p.Write([]byte("\x1dv0\x00\x48\x00\x80\x00\x55\x55")); err != nil { // 72 bytes × 128
					t.Fatal(err)
				}
				o.start()
				must(t, o.submit(1))
				pass(6 * time.Second)
				wantCode(t, o, spool.HealthOK)
				wantLog(t, o, "sending 1", "printed 1 proof")
				if paper := o.texts(); len(paper) != 1 || !strings.HasSuffix(paper[0], "<1:1>") {
					t.Errorf("paper %q", paper)
				}
				o.close()
			})
		})
	}
}

// A printer at another speed answers what looks like a cover now and like paper
// then. It is not ready, one word says why, and it stands until the answers are
// good.
func TestNonsenseIsNoFault(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []spool.Code
		o := unopened(language{rows: 40}, printertest.Options{}, func(so *spool.Options) {
			so.OnHealth = func(h spool.Health) {
				if len(told) == 0 || told[len(told)-1] != h.Code {
					told = append(told, h.Code)
				}
			}
		})
		o.dial = func(context.Context) (spool.Link, error) { return o.p.Pipe(), nil }
		o.start()
		pass(2 * time.Second)
		wantCode(t, o, spool.HealthOK)
		o.p.Fault(printertest.Fault{Kind: printertest.Stray, Bytes: []byte("\xFF\xE0\xF3\x16\xC1\xFC\x32\x81\xF8")})
		pass(5 * time.Second)
		told = nil
		must(t, o.submit(1))
		pass(time.Minute)
		wantCode(t, o, spool.HealthGarbled)
		if o.sp.Status().Ready() || len(o.log.all()) > 0 {
			t.Errorf("prints in a language it does not know: %q", o.log.all())
		}
		if bad := slices.DeleteFunc(told, func(c spool.Code) bool { return c == spool.HealthGarbled }); len(bad) > 0 {
			t.Errorf("told %v", told)
		}
		o.p.Fault(printertest.Fault{Kind: printertest.Cable, Times: 1})
		pass(4 * time.Second)
		wantCode(t, o, spool.HealthGarbled) // it is the same printer
		o.p.Repair()
		pass(2 * time.Minute) // of one byte a second
		wantCode(t, o, spool.HealthOK)
		wantLog(t, o, "sending 1", "printed 1 proof")
		o.close()
	})
}

// Who stood before a printer when its cable came loose has a slip soon after
// it is in again.
func TestReplugInMidSlipPrintsAgainSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := unopened(language{rows: 2000}, printertest.Options{}, nil)
		o.dial = func(context.Context) (spool.Link, error) { return usb{o.p.Pipe(), o.p}, nil }
		o.start()
		pass(2 * time.Second)
		o.p.Fault(printertest.Fault{Kind: printertest.Offline, At: 100})
		must(t, o.submit(1))
		synctest.Wait()
		o.p.Fault(printertest.Fault{Kind: printertest.Cable, Drop: true, Times: 1}) // and its power
		o.p.Repair(printertest.Offline)
		start := time.Now()
		for len(o.missing()) > 0 && time.Since(start) < time.Minute {
			pass(100 * time.Millisecond)
		}
		if took := time.Since(start); took > 8*time.Second {
			t.Errorf("the slip was out after %v; paper %q, journal %q", took, o.texts(), o.log.all())
		}
		wantLog(t, o, "sending 1", "unknown 1", "sending 1R", "printed 1 proof")
		if err := o.check(); err != nil {
			t.Error(err)
		}
		o.close()
	})
}
