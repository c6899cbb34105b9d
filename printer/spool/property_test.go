package spool_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"motcua/printer"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// action is one thing that happens to an office.
type action struct {
	What  string
	Fault printertest.Fault
	Wait  time.Duration
	Entry int
	Torn  bool
}

func (a action) String() string {
	switch a.What {
	case "fault":
		return fmt.Sprintf("fault %+v", a.Fault)
	case "pass":
		return "pass " + a.Wait.String()
	case "die":
		return fmt.Sprintf("die in %d entries, torn %v", a.Entry, a.Torn)
	}
	return a.What
}

func drawAction(t *rapid.T) action {
	a := action{What: rapid.SampledFrom([]string{"submit", "submit", "submit", "fault", "fault", "pass", "pass", "repair", "kill", "die", "staff"}).Draw(t, "what")}
	switch a.What {
	case "fault":
		a.Fault = printertest.Fault{
			Kind: rapid.SampledFrom([]printertest.Kind{
				printertest.PaperOut, printertest.PaperLow, printertest.CoverOpen, printertest.CutterJam, printertest.HeadHot,
				printertest.Offline, printertest.Cable, printertest.Cable, printertest.Mute, printertest.Slow, printertest.Stalled,
				printertest.AckHeld, printertest.AckLost, printertest.AckDouble, printertest.AckConstant,
				printertest.SplitReply, printertest.Stray, printertest.FlowBytes,
			}).Draw(t, "kind"),
			At:    int64(rapid.IntRange(0, 150).Draw(t, "at")),
			Drop:  rapid.Bool().Draw(t, "drop"),
			Times: rapid.IntRange(0, 2).Draw(t, "times"),
			Rate:  rapid.SampledFrom([]int{10, 960}).Draw(t, "rate"),
		}
	case "pass":
		a.Wait = rapid.SampledFrom([]time.Duration{10 * time.Millisecond, time.Second, 4 * time.Second, 13 * time.Second, 70 * time.Second}).Draw(t, "wait")
	case "die":
		a.Entry, a.Torn = rapid.IntRange(1, 3).Draw(t, "entry"), rapid.Bool().Draw(t, "torn")
	}
	return a
}

// handsOn is how long a person needs at least to change a roll or close a
// cover.
const handsOn = 3 * time.Second

// live lets an office go through a day of actions, repairs it, plays staff
// who print again what is unknown, and reports what must not be.
func live(t *testing.T, lang language, po printertest.Options, day []action) (err error) {
	synctest.Test(t, func(*testing.T) {
		o := newOffice(lang, po, nil)
		defer o.close()
		next := printer.JobID(1)
		revive := func() {
			o.log.mu.Lock()
			dead := *o.dead
			o.log.mu.Unlock()
			if dead {
				o.sp.Close()
				o.start()
			}
		}
		staff := func() {
			for _, id := range o.sp.Status().Unknown {
				_ = o.sp.Reprint(id)
			}
		}
		for _, a := range day {
			revive()
			switch a.What {
			case "submit":
				if err = o.submit(next); err != nil {
					return
				}
				next++
			case "fault":
				if blind := []printertest.Kind{printertest.Offline, printertest.Mute, printertest.Slow, printertest.Stalled}; lang.noProof && slices.Contains(blind, a.Fault.Kind) {
					continue // nobody could know that a slip is lost
				}
				o.p.Fault(a.Fault)
			case "repair":
				pass(handsOn)
				o.p.Repair()
			case "kill":
				o.kill()
				o.start()
			case "die":
				o.log.mu.Lock()
				o.log.killAt, o.log.torn = len(o.log.entries)+a.Entry, a.Torn
				o.log.mu.Unlock()
			case "staff":
				staff()
			case "pass":
				pass(a.Wait)
			}
		}
		o.log.mu.Lock()
		o.log.killAt = 0
		o.log.mu.Unlock()
		pass(handsOn)
		o.p.Repair()
		for range 20 {
			revive()
			pass(15 * time.Second)
			if len(o.sp.Pending()) == 0 {
				break
			}
			staff()
		}
		if left := o.sp.Pending(); len(left) > 0 {
			err = fmt.Errorf("%d slips never ended: %+v; journal %q", len(left), o.sp.Status(), o.log.all())
		} else if left := o.missing(); len(left) > 0 {
			err = fmt.Errorf("no slip for %v; journal %q, paper %q", left, o.log.all(), o.texts())
		} else {
			err = o.check()
		}
		if err == nil && o.sp.Status().Code != spool.HealthOK {
			err = fmt.Errorf("health %+v after the repair", o.sp.Status())
		}
	})
	return err
}

// Whatever fails: every slip comes out in the end, every second copy carries
// the mark, and no proof is recorded for a slip that is not on paper.
func TestNeverLostNeverTwice(t *testing.T) {
	// rapid lives 100 days a run; some faults need hundreds to show.
	for round := range 20 {
		t.Run(fmt.Sprint(round), func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				po := printertest.Options{
					KeepsLastAck: rapid.Bool().Draw(rt, "keeps last ack"),
					ScanData:     rapid.Bool().Draw(rt, "scans data"),
				}
				day := rapid.SliceOfN(rapid.Custom(drawAction), 1, 25).Draw(rt, "day")
				lang := language{rows: 30, noProof: rapid.Bool().Draw(rt, "no proof"), zeros: rapid.Bool().Draw(rt, "zeros")}
				if err := live(t, lang, po, day); err != nil {
					rt.Fatalf("%v\nafter %v", err, day)
				}
			})
		})
	}
}
