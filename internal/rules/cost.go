package main

import (
	"context"
	"fmt"
	"syscall"
	"time"

	"motcua/internal/sim"
	"motcua/router"
)

// A year is 250 days on which 400 numbers are given out; some of those who
// come are sent away or don't come, so that a few more set out.
const (
	yearDays  = 250
	dayIssues = 400
	setOut    = 475
	yearCost  = 3 // seconds, on one core
)

// cost measures what a year of the reference centre takes under the rules and
// the router, with nothing stored: all that a simulation of plans will cost.
func cost(ctx context.Context, long *Long) Result {
	r := Result{Goal: yearCost, Unit: "s"}
	cfg, demand := sim.Reference()
	began, err := used()
	if err != nil {
		r.Err = err
		return r
	}
	for i := range uint64(long.Of(yearDays)) {
		if r.Err = ctx.Err(); r.Err != nil {
			return r
		}
		a, err := sim.Day{Config: cfg, Picker: router.Live{}, Seed: long.Seed, Index: i, Tickets: setOut, Demand: demand}.Run()
		if err != nil {
			r.Err = err
			return r
		}
		r.Cases += a.Totals.Issued
	}
	now, err := used()
	r.Err = err
	r.Figure = (now - began).Seconds() * yearDays * dayIssues / float64(r.Cases)
	return r
}

// used is the processor time this process has taken so far: unlike the clock
// on the wall it does not count what else the machine does.
func used() (time.Duration, error) {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0, fmt.Errorf("ask processor time: %w", err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano()), nil
}
