package main

import (
	"testing"
	"time"
)

// Whenever the tests run, the guest starts on a working day's morning in
// Vietnam, at a time no build lies behind.
func TestWorkday(t *testing.T) {
	for day := range 14 {
		now := time.Date(2026, 12, 24+day, 23, 59, 0, 0, time.FixedZone("", -11*3600))
		got := workday(now)
		there := got.In(time.FixedZone("", 7*3600))
		if there.Weekday() != time.Wednesday || there.Hour() != 10 || !got.After(now) {
			t.Errorf("at %s the guest starts at %s", now, there)
		}
	}
}
