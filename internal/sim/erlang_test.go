package sim_test

import (
	"math"
	"testing"
	"time"

	"motcua/internal/sim"
)

func near(got, want, within float64) bool { return math.Abs(got-want) <= within }

// TestErlang holds the formulas to the tables (μ, waits in the unit of λ and μ).
func TestErlang(t *testing.T) {
	for _, c := range []struct {
		lambda, mu float64
		counters   int
		share      float64 // who must wait
		wait       float64
	}{
		{6, 3, 3, .444444, .148148},
		{.9, 1, 1, .9, 9},
		{2.4, 1, 3, .647191, 1.078652},
		{4, 1, 5, .554113, .554113},
		{7.2, 1, 8, .701533, .876916},
		{10.2, 1, 12, .493339, .274077},
	} {
		if got := sim.ErlangC(c.counters, c.lambda/c.mu); !near(got, c.share, 1e-6) {
			t.Errorf("λ=%v c=%d: P(wait) %.6f, want %.6f", c.lambda, c.counters, got, c.share)
		}
		if got := sim.ErlangWait(c.counters, c.lambda, c.mu); !near(got, c.wait, 1e-6) {
			t.Errorf("λ=%v c=%d: wait %.6f, want %.6f", c.lambda, c.counters, got, c.wait)
		}
	}
	if got := sim.ErlangC(3, 3); got != 1 {
		t.Errorf("P(wait) at load 1 is %v", got)
	}
	if got := sim.ErlangWait(3, 3, 1); !math.IsInf(got, 1) {
		t.Errorf("wait at load 1 is %v", got)
	}
}

func TestStaff(t *testing.T) {
	for _, c := range []struct {
		perHour         float64
		service, target int // minutes
		share           float64
		counters        int
		within, wait    float64
	}{
		{40, 8, 10, .80, 7, .9490, 1.966},
		{60, 7, 15, .90, 8, .9255, 4.447},
		{52, 8, 20, .80, 8, .9573, 4.605},
	} {
		got := sim.Staff(c.perHour, time.Duration(c.service)*time.Minute, time.Duration(c.target)*time.Minute, c.share)
		if got.Counters != c.counters || !near(got.Within, c.within, 5e-5) || !near(got.Wait.Minutes(), c.wait, 5e-4) {
			t.Errorf("%v/h × %d min: %d counters, %.4f within %d min, wait %.3f min; want %d, %.4f, %.3f",
				c.perHour, c.service, got.Counters, got.Within, c.target, got.Wait.Minutes(), c.counters, c.within, c.wait)
		}
	}
}
