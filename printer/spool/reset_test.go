package spool_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// inBubbleOnUSB is inBubble with a printer whose port can be reset.
func inBubbleOnUSB(t *testing.T, lang language, po printertest.Options, f func(t *testing.T, o *office)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		o := unopened(lang, po, nil)
		o.dial = func(context.Context) (spool.Link, error) { return usb{o.p.Pipe(), o.p}, nil }
		o.start()
		pass(time.Second)
		f(t, o)
		if err := o.check(); err != nil {
			t.Error(err)
		}
		o.close()
	})
}

// A process dies in the middle of a picture, of which the printer still waits
// for 4,000 rows and more. Whatever way it leaves open to free it, the next
// tickets are not swallowed, and the way is the first one that works.
func TestFreedFromACutOffPicture(t *testing.T) {
	long := language{rows: 5000}
	for _, c := range []struct {
		name           string
		lang           language
		po             printertest.Options
		usb            bool
		resets, clears int64
		within         time.Duration
	}{
		{"reset by the port", long, printertest.Options{}, true, 1, 0, 14 * time.Second},
		{"port's reset ignored, buffer cleared", long, printertest.Options{NoReset: true}, true, 0, 1, 18 * time.Second},
		{"port's reset and clearing ignored, zeros", long, printertest.Options{NoReset: true, NoClear: true}, true, 0, 0, 22 * time.Second},
		{"no port to reset, buffer cleared", long, printertest.Options{}, false, 0, 1, 18 * time.Second},
		{"no port to reset, clearing ignored", long, printertest.Options{NoClear: true}, false, 0, 0, 22 * time.Second},
		{"no probe is answered, reset", language{rows: 5000, noProof: true}, printertest.Options{NoProcessID: true}, true, 1, 1, 10 * time.Second},
		{"no probe is answered, reset ignored", language{rows: 5000, noProof: true, zeros: true}, printertest.Options{NoProcessID: true, NoReset: true, NoClear: true}, true, 0, 0, 10 * time.Second},
		{"answers out of the picture, reset ignored", long, printertest.Options{NoReset: true, ScanData: true}, true, 0, 1, 18 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := func(t *testing.T, o *office) {
				o.p.Fault(printertest.Fault{Kind: printertest.Stalled, At: 700})
				must(t, o.submit(1))
				pass(2 * time.Second)
				o.kill()
				o.p.Fault(printertest.Fault{Kind: printertest.Cable, Times: 1})
				o.p.Repair()
				o.start()
				must(t, o.submit(2))
				start := time.Now()
				for len(o.missing()) > 0 && time.Since(start) < time.Minute {
					pass(100 * time.Millisecond)
				}
				if took := time.Since(start); took > c.within {
					t.Errorf("both slips were out after %v, want %v; paper %q, journal %q", took, c.within, o.texts(), o.log.all())
				}
				if s := o.p.Stats(); s.Resets != c.resets || s.Clears != c.clears {
					t.Errorf("%d resets and %d clears, want %d and %d", s.Resets, s.Clears, c.resets, c.clears)
				}
				pass(5 * time.Second)
				wantCode(t, o, spool.HealthOK)
			}
			if c.usb {
				inBubbleOnUSB(t, c.lang, c.po, run)
			} else {
				inBubble(t, c.lang, c.po, nil, run)
			}
		})
	}
}
