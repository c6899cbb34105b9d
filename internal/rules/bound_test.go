package main

import (
	"testing"
	"time"

	"motcua/internal/sim"
	"motcua/queue"
	"motcua/router"
	"motcua/router/routertest"
)

// TestBound and TestTotals are the short forms.
func TestBound(t *testing.T) {
	if r := bound(t.Context(), &Long{Seed: 2, Log: t.Output()}, 3000); r.Short() {
		t.Errorf("%+v", r)
	}
}

func TestTotals(t *testing.T) {
	if r := totals(t.Context(), &Long{Seed: 3, Log: t.Output()}, 3000); r.Short() {
		t.Errorf("%+v", r)
	}
}

// newest calls whoever came last.
type newest struct{}

func (newest) Pick(v queue.View, c queue.CounterID, _ time.Time) (choice queue.Choice, ok bool) {
	e := v.Eligible(c)
	for t := range v.EachWaiting {
		if e.Allows(t) {
			choice.Ticket, ok = t.ID, true
		}
	}
	return choice, ok
}

// TestBoundNotices: the days are crowded enough, and the check sharp enough,
// that another rule is found out on the first of them.
func TestBoundNotices(t *testing.T) {
	cfg := sim.Centre(1, 0)
	calls := map[bool]routertest.Bound{}
	for _, ours := range []bool{true, false} {
		b := routertest.Bound{Picker: newest{}}
		if ours {
			b.Picker = router.Live{}
		}
		if _, err := (sim.Day{Config: cfg, Picker: &b, Seed: 1, Tickets: crowd * len(cfg.Counters)}).Run(); err != nil {
			t.Fatal(err)
		}
		calls[ours] = b
	}
	if b := calls[true]; b.Broken != 0 || b.Later == 0 {
		t.Errorf("our rule: %+v", b)
	}
	if b := calls[false]; b.Broken == 0 {
		t.Errorf("newest first: %+v", b)
	}
}
