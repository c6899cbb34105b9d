package main

import (
	"context"

	"motcua/internal/sim"
	"motcua/queue"
	"motcua/router"
	"motcua/router/routertest"
)

// tickets is how many tickets the long run gives out.
const tickets = 100_000

// crowd is how many citizens a day brings for each counter: as many as it can
// serve and some more, so that people have to wait.
const crowd = 50

// bound plays days of random centres, each with every routing feature, and
// holds every call to the promise of the router's bound.
func bound(ctx context.Context, long *Long, n int) Result {
	return days(ctx, long, n, func(h *sim.Hall, b *routertest.Bound, e queue.Event) string {
		if call, ok := e.(queue.TicketCalled); ok {
			return b.Observe(h.State.View(), call, h.Now().Time())
		}
		return ""
	})
}

// totals plays the same days and holds each one's account to its sum: every
// ticket ends finished, as a no-show, cancelled or expired.
func totals(ctx context.Context, long *Long, n int) Result {
	return days(ctx, long, n, func(h *sim.Hall, _ *routertest.Bound, e queue.Event) string {
		c, ok := e.(queue.DayClosed)
		if !ok {
			return ""
		}
		x := c.Totals
		if x == nil || x.Issued != len(h.State.Tickets) || x.Issued != x.Finished+x.NoShow+x.Cancelled+x.Expired {
			return "the account of a day does not add up"
		}
		return ""
	})
}

// days plays days of random centres until n tickets are given out.
func days(ctx context.Context, long *Long, n int, wrong func(*sim.Hall, *routertest.Bound, queue.Event) string) Result {
	var r Result
	for i := uint64(0); r.Cases < n; i++ {
		if r.Err = ctx.Err(); r.Err != nil {
			return r
		}
		cfg := sim.Centre(long.Seed, i)
		var b routertest.Bound
		day := sim.Day{Config: cfg, Picker: router.Live{}, Seed: long.Seed, Index: i, Tickets: crowd * len(cfg.Counters),
			Watch: func(h *sim.Hall, e queue.Event) error {
				if s := wrong(h, &b, e); s != "" {
					if r.Failures++; r.Failures == 1 {
						long.say("centre %d of seed %d: %s", i, long.Seed, s)
					}
				}
				return nil
			}}
		account, err := day.Run()
		if err != nil {
			r.Err = err
			return r
		}
		r.Cases += account.Totals.Issued
	}
	return r
}
