package spool_test

import (
	"testing"
	"testing/synctest"
	"time"

	"motcua/printer"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// kept are the counts that outlive a spool, in order.
type kept []spool.Roll

func (k *kept) last() spool.Roll {
	if len(*k) == 0 {
		return spool.Roll{}
	}
	return (*k)[len(*k)-1]
}

// counted is a spool on a roll of 20 m whose slips take 150 mm each.
func counted(t *testing.T, before spool.Roll, then func(*testing.T, *office, *kept)) {
	t.Helper()
	k := &kept{}
	inBubble(t, language{length: 1500}, printertest.Options{}, func(so *spool.Options) {
		so.RollLength, so.Roll, so.KeepRoll = 200_000, before, func(r spool.Roll) { *k = append(*k, r) }
	}, func(t *testing.T, o *office) { then(t, o, k) })
}

// slips prints n more, from the given id on.
func (o *office) slips(t *testing.T, from printer.JobID, n int) {
	t.Helper()
	for id := range printer.JobID(n) {
		must(t, o.submit(from+id))
		pass(2 * time.Second)
	}
}

func wantLeft(t *testing.T, o *office, code spool.Code, left spool.Left) {
	t.Helper()
	synctest.Wait()
	if h := o.sp.Status(); h.Code != code || h.Left != left {
		t.Errorf("%s with %+v left, want %s with %+v", h.Code, h.Left, code, left)
	}
}

// Fifty slips before its end a counted roll is low, though no sensor says so;
// the printer goes on. A second paper counts as well.
func TestRollIsLow(t *testing.T) {
	counted(t, spool.Roll{}, func(t *testing.T, o *office, k *kept) {
		wantLeft(t, o, spool.HealthOK, spool.Left{Counted: true, Paper: 200_000})
		o.slips(t, 1, 82)
		must(t, o.sp.Submit(spool.Request{ID: 5, Slip: printer.Slip{Number: "5"}, At: time.Now(), Reprint: true}))
		pass(2 * time.Second)
		wantLeft(t, o, spool.HealthOK, spool.Left{Counted: true, Paper: 75_500, Slips: 50})
		o.slips(t, 100, 1)
		wantLeft(t, o, spool.HealthPaperLow, spool.Left{Counted: true, Paper: 74_000, Slips: 49})
		if !o.sp.Status().Ready() {
			t.Error("a roll that is low prints no more")
		}
		if len(*k) != 4 || k.last().Used != 80*1500 {
			t.Errorf("kept %+v: want each twentieth slip", *k)
		}
		must(t, o.sp.Close())
		if got, want := k.last(), (spool.Roll{Used: 84 * 1500, Slip: 1500}); got != want {
			t.Errorf("kept at the end %+v, want %+v", got, want)
		}
	})
	// The next process knows at once; and less than 5 m is low whatever a slip takes.
	counted(t, spool.Roll{Used: 84 * 1500, Slip: 1500}, func(t *testing.T, o *office, _ *kept) {
		wantLeft(t, o, spool.HealthPaperLow, spool.Left{Counted: true, Paper: 74_000, Slips: 49})
	})
	counted(t, spool.Roll{Used: 150_001}, func(t *testing.T, o *office, _ *kept) {
		wantLeft(t, o, spool.HealthPaperLow, spool.Left{Counted: true, Paper: 49_999})
	})
	counted(t, spool.Roll{Used: 300_000, Slip: 1500}, func(t *testing.T, o *office, _ *kept) { // it was longer than they said
		wantLeft(t, o, spool.HealthPaperLow, spool.Left{Counted: true})
	})
}

// Paper that was out and is there again is a new roll; a cover that was open,
// a sensor that moved and a cable that was out are none.
func TestNewRollIsNoticed(t *testing.T) {
	used := spool.Roll{Used: 180_000, Slip: 1500}
	low := spool.Left{Counted: true, Paper: 20_000, Slips: 13}
	for _, c := range []struct {
		name  string
		kinds []printertest.Kind
		lasts time.Duration
		fresh bool
	}{
		{"out", []printertest.Kind{printertest.PaperOut}, 20 * time.Second, true},
		{"a moment", []printertest.Kind{printertest.PaperOut}, 1500 * time.Millisecond, false},
		{"cover", []printertest.Kind{printertest.CoverOpen}, 20 * time.Second, false},
		{"cover that hides the paper", []printertest.Kind{printertest.CoverOpen, printertest.PaperOut}, 20 * time.Second, false},
		{"cable", []printertest.Kind{printertest.Cable}, 20 * time.Second, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			counted(t, used, func(t *testing.T, o *office, k *kept) {
				pass(5 * time.Second)
				wantLeft(t, o, spool.HealthPaperLow, low)
				for _, kind := range c.kinds {
					o.p.Fault(printertest.Fault{Kind: kind})
				}
				pass(c.lasts)
				o.p.Repair()
				pass(15 * time.Second)
				if c.fresh {
					wantLeft(t, o, spool.HealthOK, spool.Left{Counted: true, Paper: 200_000, Slips: 133})
					if got, want := k.last(), (spool.Roll{Slip: 1500}); got != want {
						t.Errorf("kept %+v, want %+v", got, want)
					}
					return
				}
				wantLeft(t, o, spool.HealthPaperLow, low)
			})
		})
	}
	// The roll is changed while the machine is off.
	counted(t, spool.Roll{Used: 180_000, Slip: 1500, Gone: true}, func(t *testing.T, o *office, _ *kept) {
		pass(10 * time.Second)
		wantLeft(t, o, spool.HealthOK, spool.Left{Counted: true, Paper: 200_000, Slips: 133})
	})
	// Somebody changed it before it was empty, and says so.
	counted(t, used, func(t *testing.T, o *office, k *kept) {
		o.sp.NewRoll()
		wantLeft(t, o, spool.HealthOK, spool.Left{Counted: true, Paper: 200_000, Slips: 133})
		if got, want := k.last(), (spool.Roll{Slip: 1500}); got != want {
			t.Errorf("kept %+v, want %+v", got, want)
		}
	})
}

// Without a length nothing is counted.
func TestPaperIsNotCounted(t *testing.T) {
	inBubble(t, language{length: 1500}, printertest.Options{}, nil, func(t *testing.T, o *office) {
		o.slips(t, 1, 3)
		o.sp.NewRoll()
		wantLeft(t, o, spool.HealthOK, spool.Left{})
	})
}
