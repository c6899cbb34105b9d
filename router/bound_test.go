package router_test

import (
	"testing"

	"pgregory.net/rapid"

	"motcua/queue"
	"motcua/router"
	"motcua/router/routertest"
)

// TestBound holds every call of random centres, and every call a counter could
// have made, to the promise of routing.md §1; and the promise on the holder's
// page to both.
func TestBound(t *testing.T) {
	reasons := map[queue.ReasonCode]int{}
	rapid.Check(t, func(t *rapid.T) {
		cfg := drawCentre(t)
		cfg.Routing.Policy = rapid.SampledFrom([]string{"", queue.PolicyHeadStart, queue.PolicyHeadStart, queue.PolicyArrival}).Draw(t, "policy")
		bound := &routertest.Bound{Picker: router.Live{}}
		s := newStory(t, cfg, bound)
		for range rapid.IntRange(20, 400).Draw(t, "steps") {
			s.step()
			v := s.State.View()
			for _, d := range s.cfg.Counters {
				choice, ok := bound.Pick(v, d.ID, s.Now)
				if !ok {
					continue
				}
				reasons[choice.Reason.Code]++
				if choice.Reason.Code == queue.ByHand {
					continue
				}
				j := v.Ticket(choice.Ticket)
				eligible := v.Eligible(d.ID)
				for i := range v.EachWaiting {
					if stamp, ok := router.NoPass(v, i.ID); ok && i != j && eligible.Allows(i) && j.Issued > stamp {
						t.Fatalf("%s, taken at %d, passes %s, which was promised %d", j.Label, j.Issued, i.Label, stamp)
					}
				}
			}
			if bound.Broken > 0 {
				t.Fatal(bound.First)
			}
		}
	})
	for _, code := range []queue.ReasonCode{queue.ByArrival, queue.ByPriority, queue.ByAppointment, queue.ByShorter,
		queue.ByTransfer, queue.ByReturn, queue.ByHand} {
		if reasons[code] == 0 {
			t.Errorf("no choice was ever made for the reason %q: the centres are too tame", code)
		}
	}
}
