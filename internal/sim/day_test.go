package sim_test

import (
	"slices"
	"testing"

	"motcua/internal/sim"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

func TestReference(t *testing.T) {
	cfg, demand := sim.Reference()
	if problems := cfg.Check(); problems != nil {
		t.Error(problems)
	}
	citizens, minutes := 0, 0
	for i, n := range demand {
		citizens += n
		minutes += n * cfg.Categories[i].Minutes
	}
	if citizens != 365 || minutes != 3060 {
		t.Errorf("%d citizens need %d minutes, want 365 and 3060", citizens, minutes)
	}
}

// TestDay: on days in random centres on which everything happens, every state
// on the way is a right one at the end, and the account adds up exactly.
func TestDay(t *testing.T) {
	events := map[string]int{}
	waits, drains := 0, 0 // configurations applied with people in the hall
	for i := range uint64(40) {
		cfg := sim.Centre(1, i)
		if problems := cfg.Check(); problems != nil {
			t.Fatalf("centre %d: %v", i, problems)
		}
		var hall *sim.Hall
		day := sim.Day{Config: cfg, Picker: router.HeadStart{}, Seed: 1, Index: i, Tickets: 40 * len(cfg.Counters),
			Watch: func(h *sim.Hall, e queue.Event) error {
				hall = h
				if c, ok := e.(queue.ConfigApplied); ok && c.Config.Later != nil {
					waits++
					if slices.ContainsFunc(c.Config.Categories, func(k queue.Category) bool { return k.Draining }) {
						drains++
					}
				}
				return nil
			}}
		a, err := day.Run()
		if err != nil {
			t.Fatal(err)
		}
		if wrong := queuetest.Invariants(hall.State); wrong != nil {
			t.Errorf("centre %d: %q", i, wrong)
		}
		if x := a.Totals; x.Issued == 0 || x.Issued != a.Events["ticket.issued.v1"] || x.Issued != x.Finished+x.NoShow+x.Cancelled+x.Expired {
			t.Errorf("centre %d: %+v of %d tickets", i, x, a.Events["ticket.issued.v1"])
		}
		if hall.State.Day.Open || a.Events["day.closed.v1"] != 1 {
			t.Errorf("centre %d: the day was closed %d times", i, a.Events["day.closed.v1"])
		}
		for e, n := range a.Events {
			events[e] += n
		}
	}
	if waits == 0 || drains == 0 {
		t.Errorf("%d configurations waited for the next opening, %d had categories to drain", waits, drains)
	}
	for _, e := range queue.EventTypes() {
		switch e {
		case "day.opened.v1": // before anybody watches
		case "slip.failed.v1", "slip.unknown.v1": // the printer never fails here
		case "roll.started.v1", "roll.ended.v1", "roll.taken_back.v1", "ticket.reissued.v1": // so nobody needs paper numbers
		default:
			if events[e] == 0 {
				t.Errorf("no day brought forth %s", e)
			}
		}
	}
}
