package kiosk_test

import (
	"regexp"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/kiosk"
)

func TestPressKey(t *testing.T) {
	p := kiosk.Press{Button: "A", Count: 42}
	if got, want := p.Key("3f2b8c1d-9a64d1f0c2e85b37"), "3f2b8c1d-9a64d1f0c2e85b37/42"; got != want {
		t.Errorf("key %q, want %q", got, want)
	}
}

func TestNewBoot(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-z]+-[0-9a-f]{16}$`)
	seen := make(map[string]bool)
	for range 100 {
		b := kiosk.NewBoot()
		if !form.MatchString(b) {
			t.Fatalf("boot %q has not the form %v", b, form)
		}
		if seen[b] {
			t.Fatalf("boot %q came twice", b)
		}
		seen[b] = true
	}
}

func TestLampAt(t *testing.T) {
	const ms = time.Millisecond
	type moment struct {
		On   bool
		Next time.Duration
	}
	tests := []struct {
		lamp kiosk.Lamp
		d    time.Duration
		want moment
	}{
		{kiosk.LampReady, time.Hour, moment{true, 0}},
		{kiosk.LampOff, time.Hour, moment{false, 0}},
		{kiosk.LampPrinting, 0, moment{false, 125 * ms}},
		{kiosk.LampPrinting, 130 * ms, moment{true, 120 * ms}},
		{kiosk.LampFault, 0, moment{true, 500 * ms}},
		{kiosk.LampFault, 999 * ms, moment{false, 1 * ms}},
		{kiosk.LampNoLink, 0, moment{true, 100 * ms}},
		{kiosk.LampNoLink, 150 * ms, moment{false, 50 * ms}},
		{kiosk.LampNoLink, 200 * ms, moment{true, 100 * ms}},
		{kiosk.LampNoLink, 300 * ms, moment{false, 2700 * ms}},
		{kiosk.LampNoLink, 3000 * ms, moment{true, 100 * ms}},
		{kiosk.LampFault, -time.Hour, moment{true, 500 * ms}},
		{"disco", time.Second, moment{false, 0}},
	}
	for _, tt := range tests {
		on, next := tt.lamp.At(tt.d)
		if diff := cmp.Diff(tt.want, moment{on, next}); diff != "" {
			t.Errorf("%s at %v (-want +got):\n%s", tt.lamp, tt.d, diff)
		}
	}
}

// Next is exactly when the light changes: not before, and then it does. Who
// follows Next sees 4 and 1 blinks and two flashes in 3 s.
func TestLampNextIsTheChange(t *testing.T) {
	for _, l := range kiosk.Lamps() {
		if !l.Valid() {
			t.Errorf("%q is listed and not valid", l)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(kiosk.Lamps()).Draw(t, "lamp")
		d := time.Duration(rapid.Int64Range(0, int64(time.Hour)).Draw(t, "d"))
		on, next := l.At(d)
		if next == 0 {
			return
		}
		if before, _ := l.At(d + next - 1); before != on {
			t.Fatalf("%s changed before next", l)
		}
		if then, _ := l.At(d + next); then == on {
			t.Fatalf("%s did not change at next", l)
		}
	})
	rate := map[kiosk.Lamp]int{kiosk.LampPrinting: 4 * 30, kiosk.LampFault: 30, kiosk.LampNoLink: 2 * 10}
	for l, want := range rate {
		n := 0
		for d := time.Duration(0); d < 30*time.Second; {
			on, next := l.At(d)
			if on {
				n++
			}
			d += next
		}
		if n != want {
			t.Errorf("%s lights up %d times in 30 s, want %d", l, n, want)
		}
	}
}
