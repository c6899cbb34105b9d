package spool

import "time"

// Clock is the time a spool lives by. Deadlines of reads and writes are the
// operating system's and do not use it.
type Clock interface {
	Now() time.Time
	// After returns a channel that fires once, d from now, and a stop.
	After(d time.Duration) (<-chan time.Time, func())
}

// systemClock is the real one.
type systemClock struct{}

func (systemClock) Now() time.Time { return time.Now() }

func (systemClock) After(d time.Duration) (<-chan time.Time, func()) {
	t := time.NewTimer(d)
	return t.C, func() { t.Stop() }
}
