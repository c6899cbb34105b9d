package gpiopanel_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpiotest"
	"pgregory.net/rapid"

	"motcua/kiosk"
	"motcua/kiosk/gpiopanel"
)

// toggle sets a line's level at the end of each duration, alternating from to.
func toggle(l *line, to gpio.Level, after ...time.Duration) {
	for _, d := range after {
		time.Sleep(d)
		l.set(to)
		to = !to
	}
}

func TestPress(t *testing.T) {
	tests := []struct {
		name  string
		press []time.Duration // from released, alternating Low, High, …; odd count ends Low
	}{
		{"clean", []time.Duration{0}},
		{"one bounce", []time.Duration{0, 1 * ms, 1 * ms}},
		{"long chatter", []time.Duration{0, 2 * ms, 1 * ms, 2 * ms, 1 * ms, 3 * ms, 2 * ms}},
		{"fast chatter, queue overflows", repeat(41, 200*time.Microsecond)},
		{"bounce in the settle time", []time.Duration{0, 10 * ms, 2 * ms}},
		{"a glitch before it", []time.Duration{0, 1 * ms, 50 * ms}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				p := panelOf(l)
				h, stop := listen(t, p)
				defer stop()
				sleep(300 * ms)
				toggle(l, gpio.Low, tt.press...)
				sleep(700 * ms)
				toggle(l, gpio.High, tt.press...)
				sleep(700 * ms)
				if got, want := h.buttons(), []kiosk.Button{"A"}; !cmp.Equal(got, want) {
					t.Errorf("presses %v, want %v", got, want)
				}
				if got := h.changes(); len(got) > 0 {
					t.Errorf("faults %v", got)
				}
			})
		})
	}
}

func repeat(n int, d time.Duration) []time.Duration {
	ds := make([]time.Duration, n)
	for i := 1; i < n; i++ {
		ds[i] = d
	}
	return ds
}

// The press is with the listener within 40 ms of the first touch, bounces and
// all.
func TestLatency(t *testing.T) {
	for _, bounce := range []struct {
		name  string
		times []time.Duration
	}{
		{"clean", []time.Duration{0}},
		{"5 ms of bounces", []time.Duration{0, 1 * ms, 1 * ms, 1 * ms, 2 * ms}},
		{"10 ms of chatter", repeat(21, 500*time.Microsecond)},
	} {
		t.Run(bounce.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				h, stop := listen(t, panelOf(l))
				defer stop()
				sleep(300 * ms)
				touched := time.Now()
				toggle(l, gpio.Low, bounce.times...)
				sleep(100 * ms)
				if len(h.at) != 1 {
					t.Fatalf("%d presses, want 1", len(h.at))
				}
				if d := h.at[0] - 300*ms; d >= 40*ms {
					t.Errorf("press → callback took %v, want under 40ms", d)
				} else {
					t.Logf("press → callback took %v", d)
				}
				if got := h.presses[0].At; !got.Equal(touched) {
					t.Errorf("press at %v, want the first touch %v", got, touched)
				}
			})
		})
	}
}

// gpiotest.Pin takes the level from the channel of edges.
func TestPinOfPeriph(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pin := &gpiotest.Pin{N: "GPIO17", Num: 17, EdgesChan: make(chan gpio.Level, 64)}
		lamp := &gpiotest.Pin{N: "GPIO18", Num: 18}
		p := gpiopanel.New([]gpiopanel.Line{{Button: "A", In: pin, Lamp: lamp}}, gpiopanel.Options{Boot: "b"})
		h, stop := listen(t, p)
		defer stop()
		for range 3 {
			for _, level := range []gpio.Level{gpio.Low, gpio.High, gpio.Low} {
				sleep(1 * ms)
				pin.EdgesChan <- level
			}
			sleep(400 * ms)
			pin.EdgesChan <- gpio.High
			sleep(400 * ms)
		}
		var keys []string
		for _, p := range h.presses {
			keys = append(keys, p.Key("b"))
		}
		if want := []string{"b/1", "b/2", "b/3"}; !cmp.Equal(keys, want) {
			t.Errorf("keys %v, want %v", keys, want)
		}
		if pin.P != gpio.PullUp {
			t.Errorf("pull %v, want the line's own pull-up", pin.P)
		}
	})
}

// One press per real press, whatever the contact does in the first 20 ms after
// it closes and after it opens.
func TestBounceProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		type touch struct{ close, open []time.Duration }
		n := rapid.IntRange(1, 5).Draw(rt, "presses")
		bounce := rapid.Custom(func(rt *rapid.T) []time.Duration {
			// An even number of toggles follows the first, so it ends where it went.
			gaps := rapid.SliceOfN(rapid.IntRange(10, 3000), 0, 40).Draw(rt, "gaps µs")
			ds, sum := []time.Duration{0}, time.Duration(0)
			for i := 0; i+1 < len(gaps); i += 2 {
				a, b := time.Duration(gaps[i])*time.Microsecond, time.Duration(gaps[i+1])*time.Microsecond
				if sum += a + b; sum > 20*ms {
					break
				}
				ds = append(ds, a, b)
			}
			return ds
		})
		var touches []touch
		var pauses []time.Duration
		for range n {
			touches = append(touches, touch{bounce.Draw(rt, "closing"), bounce.Draw(rt, "opening")})
			pauses = append(pauses,
				time.Duration(rapid.IntRange(60, 900).Draw(rt, "held ms"))*ms,
				time.Duration(rapid.IntRange(60, 900).Draw(rt, "free ms"))*ms)
		}
		var got int
		synctest.Test(t, func(t *testing.T) {
			l := newLine()
			h, stop := listen(t, panelOf(l))
			defer stop()
			sleep(100 * ms)
			for i, touch := range touches {
				toggle(l, gpio.Low, touch.close...)
				sleep(pauses[2*i])
				toggle(l, gpio.High, touch.open...)
				sleep(pauses[2*i+1])
			}
			sleep(time.Second)
			got = len(h.buttons())
		})
		if got != n {
			rt.Fatalf("%d presses, want %d", got, n)
		}
	})
}

func TestLostEdgeIsHealedByTheTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		h, stop := listen(t, panelOf(l))
		defer stop()
		sleep(300 * ms)
		l.change(func(l *line) { l.deaf = true })
		l.set(gpio.Low)
		sleep(650 * ms)
		if got := len(h.buttons()); got != 1 {
			t.Errorf("%d presses after a lost falling edge, want 1", got)
		}
		l.set(gpio.High) // lost too
		sleep(650 * ms)
		l.change(func(l *line) { l.deaf = false })
		l.set(gpio.Low)
		sleep(50 * ms)
		if got := len(h.buttons()); got != 2 {
			t.Errorf("%d presses after a lost rising edge, want 2", got)
		}
	})
}

func TestLowAtBootIsNoPress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		l.level = gpio.Low
		h, stop := listen(t, panelOf(l))
		defer stop()
		sleep(3 * time.Second)
		if got := h.buttons(); got != nil {
			t.Fatalf("presses %v before one High, want none", got)
		}
		l.set(gpio.High)
		sleep(60 * ms)
		l.set(gpio.Low)
		sleep(60 * ms)
		if got := len(h.buttons()); got != 1 {
			t.Errorf("%d presses once released and pressed, want 1", got)
		}
	})
}

func TestStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, other := newLine(), newLine()
		h, stop := listen(t, panelOf(l, other))
		defer stop()
		sleep(100 * ms)
		l.set(gpio.Low)
		sleep(9900 * ms)
		if got := h.changes(); got != nil {
			t.Fatalf("faults %v before 10 s, want none", got)
		}
		sleep(800 * ms)
		if got, want := h.changes(), []change{{"A", kiosk.FaultStuck, false}}; !cmp.Equal(got, want) {
			t.Fatalf("faults %v, want %v", got, want)
		}
		other.set(gpio.Low) // the others go on
		sleep(100 * ms)
		other.set(gpio.High)
		sleep(time.Minute)
		l.set(gpio.High)
		sleep(100 * ms)
		if got, want := h.changes(), []change{{"A", kiosk.FaultStuck, false}, {"A", kiosk.FaultStuck, true}}; !cmp.Equal(got, want) {
			t.Fatalf("faults %v, want %v", got, want)
		}
		l.set(gpio.Low)
		sleep(100 * ms)
		if got, want := h.buttons(), []kiosk.Button{"A", "B", "A"}; !cmp.Equal(got, want) {
			t.Errorf("presses %v, want %v", got, want)
		}
	})
}

func TestCable(t *testing.T) {
	tests := []struct {
		name    string
		gaps    []time.Duration // between the closings of A, B, C, …
		presses []kiosk.Button
		cable   bool
	}{
		{"three at once", []time.Duration{0, 0, 0}, nil, true},
		{"three within 5 ms", []time.Duration{0, 2 * ms, 3 * ms}, nil, true},
		{"five in a row, each 2 ms", []time.Duration{0, 2 * ms, 2 * ms, 2 * ms, 2 * ms}, nil, true},
		{"three over 6 ms", []time.Duration{0, 3 * ms, 3 * ms}, []kiosk.Button{"A", "B", "C"}, false},
		{"two at once", []time.Duration{0, 0}, []kiosk.Button{"A", "B"}, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				lines := []*line{newLine(), newLine(), newLine(), newLine(), newLine(), newLine()}
				last := lines[5]
				h, stop := listen(t, panelOf(lines...))
				defer stop()
				sleep(300 * ms)
				for i, d := range tt.gaps {
					sleep(d)
					lines[i].set(gpio.Low)
				}
				sleep(100 * ms)
				if tt.cable { // the whole panel is out
					last.set(gpio.Low)
					sleep(100 * ms)
					last.set(gpio.High)
				}
				sleep(15 * time.Second) // no button is called stuck because of a cable
				var want []change
				if tt.cable {
					want = []change{{"", kiosk.FaultCable, false}}
				} else {
					for _, b := range tt.presses {
						want = append(want, change{b, kiosk.FaultStuck, false})
					}
				}
				if got := h.buttons(); !sameSet(got, tt.presses) {
					t.Errorf("presses %v, want %v", got, tt.presses)
				}
				if got := h.changes(); !sameSet(got, want) {
					t.Errorf("faults %v, want %v", got, want)
				}
				if !tt.cable {
					return
				}
				for _, l := range lines {
					l.set(gpio.High)
				}
				sleep(100 * ms)
				if got, want := h.changes(), append(want, change{"", kiosk.FaultCable, true}); !cmp.Equal(got, want) {
					t.Errorf("faults after release %v, want %v", got, want)
				}
				last.set(gpio.Low)
				sleep(100 * ms)
				if got, want := h.buttons(), []kiosk.Button{"F"}; !cmp.Equal(got, want) {
					t.Errorf("presses after release %v, want %v", got, want)
				}
			})
		})
	}
}

func sameSet[T comparable](a, b []T) bool {
	n := make(map[T]int)
	for _, x := range a {
		n[x]++
	}
	for _, x := range b {
		n[x]--
	}
	for _, k := range n {
		if k != 0 {
			return false
		}
	}
	return true
}

// A bounce that turns out to be nothing does not make a cable of two presses,
// and the presses are only late by it.
func TestTwoPressesAndAGlitch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := newLine(), newLine(), newLine()
		h, stop := listen(t, panelOf(a, b, c))
		defer stop()
		sleep(300 * ms)
		a.set(gpio.Low)
		b.set(gpio.Low)
		sleep(2 * ms)
		c.set(gpio.Low)
		sleep(1 * ms)
		c.set(gpio.High)
		sleep(37 * ms)
		if got := h.buttons(); !sameSet(got, []kiosk.Button{"A", "B"}) {
			t.Errorf("presses %v, want A and B within 40 ms", got)
		}
	})
}

// A chip that is gone reads Low on every line. Neither kernel makes a ticket
// of that, on a panel of any size, with or without a line's own error.
func TestChipGone(t *testing.T) {
	for _, how := range []gone{waitsFull, waitsZero} {
		for _, n := range []int{1, 5} {
			t.Run(fmt.Sprintf("%d buttons, kernel %d", n, how), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var lines []*line
					var want []change
					for i := range n {
						lines = append(lines, newLine())
						want = append(want, change{kiosk.Button('A' + rune(i)), kiosk.FaultIO, false})
					}
					h, stop := listen(t, panelOf(lines...))
					defer stop()
					sleep(1234 * ms)
					for _, l := range lines {
						l.change(func(l *line) { l.gone = how })
					}
					sleep(1234 * ms)
					before := lines[0].configured()
					sleep(10 * time.Second)
					if asked := lines[0].configured() - before; asked > 11 {
						t.Errorf("asked a dead line %d times in 10 s, want a back-off of 1 s", asked)
					}
					if got := h.changes(); !sameSet(got, want) {
						t.Errorf("faults %v, want %v", got, want)
					}
					for _, l := range lines {
						l.change(func(l *line) { l.gone = here })
					}
					sleep(2 * time.Second)
					for i := range n {
						want = append(want, change{kiosk.Button('A' + rune(i)), kiosk.FaultIO, true})
					}
					if got := h.changes(); !sameSet(got, want) {
						t.Errorf("faults after return %v, want %v", got, want)
					}
					if got := h.buttons(); got != nil {
						t.Errorf("presses %v, want none", got)
					}
				})
			})
		}
	}
}

// Without a Check three lines that go Low at one timeout are still a cable.
func TestChipGoneWithoutCheck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var in []gpiopanel.Line
		var lines []*line
		for _, b := range []kiosk.Button{"A", "B", "C", "D"} {
			l := newLine()
			lines = append(lines, l)
			in = append(in, gpiopanel.Line{Button: b, In: l})
		}
		h, stop := listen(t, gpiopanel.New(in, gpiopanel.Options{}))
		defer stop()
		// A press earlier puts the waits out of step, unless they share ticks.
		sleep(777 * ms)
		lines[1].set(gpio.Low)
		sleep(90 * ms)
		lines[1].set(gpio.High)
		sleep(433 * ms)
		for _, l := range lines {
			l.change(func(l *line) { l.gone = waitsFull })
		}
		sleep(5 * time.Second)
		if got, want := h.buttons(), []kiosk.Button{"B"}; !cmp.Equal(got, want) {
			t.Errorf("presses %v, want only the real one", got)
		}
		if got, want := h.changes(), []change{{"", kiosk.FaultCable, false}}; !cmp.Equal(got, want) {
			t.Errorf("faults %v, want %v", got, want)
		}
	})
}

// A line that another program holds is asked again, and works once it is free.
func TestLineTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, other := newLine(), newLine()
		l.inErr = errors.New("device or resource busy")
		h, stop := listen(t, panelOf(l, other))
		defer stop()
		sleep(3 * time.Second)
		other.set(gpio.Low)
		sleep(60 * ms)
		if got, want := h.changes(), []change{{"A", kiosk.FaultIO, false}}; !cmp.Equal(got, want) {
			t.Fatalf("faults %v, want %v", got, want)
		}
		l.change(func(l *line) { l.inErr = nil })
		sleep(2 * time.Second)
		l.set(gpio.Low)
		sleep(60 * ms)
		if got, want := h.changes(), []change{{"A", kiosk.FaultIO, false}, {"A", kiosk.FaultIO, true}}; !cmp.Equal(got, want) {
			t.Errorf("faults %v, want %v", got, want)
		}
		if got, want := h.buttons(), []kiosk.Button{"B", "A"}; !cmp.Equal(got, want) {
			t.Errorf("presses %v, want %v", got, want)
		}
	})
}

// Two early false returns are noise, three are a fault that ends with the next
// High; nothing is read between them.
func TestEarlyFalse(t *testing.T) {
	for _, tt := range []struct {
		falses int
		want   []change
	}{
		{2, nil},
		{3, []change{{"A", kiosk.FaultIO, false}, {"A", kiosk.FaultIO, true}}},
	} {
		t.Run(fmt.Sprint(tt.falses), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				l := newLine()
				h, stop := listen(t, panelOf(l))
				defer stop()
				sleep(300 * ms)
				l.change(func(l *line) { l.falses = tt.falses })
				sleep(2500 * ms)
				if got := h.changes(); !cmp.Equal(got, tt.want) {
					t.Errorf("faults %v, want %v", got, tt.want)
				}
				l.set(gpio.Low)
				sleep(60 * ms)
				if got := len(h.buttons()); got != 1 {
					t.Errorf("%d presses afterwards, want 1", got)
				}
			})
		})
	}
}

// A line that comes back with its button down is not well before it is
// released: what cannot be told from a dead line is not trusted.
func TestFaultEndsWithHigh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		l.inErr = errors.New("device or resource busy")
		h, stop := listen(t, panelOf(l))
		defer stop()
		sleep(100 * ms)
		l.set(gpio.Low)
		l.change(func(l *line) { l.inErr = nil })
		sleep(30 * time.Second)
		want := []change{{"A", kiosk.FaultIO, false}} // and not stuck on top of it
		if got := h.changes(); !cmp.Equal(got, want) {
			t.Errorf("faults while down %v, want %v", got, want)
		}
		l.set(gpio.High)
		sleep(700 * ms)
		if got, want := h.changes(), append(want, change{"A", kiosk.FaultIO, true}); !cmp.Equal(got, want) {
			t.Errorf("faults after release %v, want %v", got, want)
		}
		if got := h.buttons(); got != nil {
			t.Errorf("presses %v, want none", got)
		}
	})
}

// A slow listener delays presses and loses none; their times stay right.
func TestSlowListener(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		p := panelOf(l)
		ctx, cancel := context.WithCancel(t.Context())
		got := make(chan kiosk.Press, 8)
		done := make(chan error, 1)
		defer func() { cancel(); <-done }()
		go func() {
			done <- p.Run(ctx, func(p kiosk.Press) { time.Sleep(5 * time.Second); got <- p }, func(kiosk.Fault, bool) {})
		}()
		sleep(100 * ms)
		start := time.Now()
		for range 3 {
			l.set(gpio.Low)
			sleep(100 * ms)
			l.set(gpio.High)
			sleep(100 * ms)
		}
		for i := range 3 {
			press := <-got
			if at, want := press.At.Sub(start), time.Duration(i)*200*ms; at != want || press.Count != uint64(i+1) {
				t.Errorf("press %d: count %d at %v, want count %d at %v", i, press.Count, at, i+1, want)
			}
		}
	})
}

// The panel lives by the clock it was given.
func TestClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLine()
		p := gpiopanel.New([]gpiopanel.Line{{Button: "A", In: l}}, gpiopanel.Options{Clock: lateClock{}})
		h, stop := listen(t, p)
		defer stop()
		sleep(300 * ms)
		l.set(gpio.Low)
		want := time.Now().Add(late)
		sleep(60 * ms)
		if len(h.presses) != 1 || !h.presses[0].At.Equal(want) {
			t.Errorf("presses %v, want one at %v", h.presses, want)
		}
	})
}

// lateClock is the bubble's clock, an hour on.
type lateClock struct{}

const late = time.Hour

func (lateClock) Now() time.Time                         { return time.Now().Add(late) }
func (lateClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

func TestRunTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := panelOf(newLine())
		_, stop := listen(t, p)
		synctest.Wait()
		if err := p.Run(t.Context(), nil, nil); !errors.Is(err, gpiopanel.ErrRunning) {
			t.Errorf("second run: %v, want ErrRunning", err)
		}
		began := time.Now()
		stop()
		if d := time.Since(began); d > 700*ms {
			t.Errorf("Run returned %v after its context, want at most 700ms", d)
		}
		_, stop = listen(t, p) // after it ended it may run again
		sleep(100 * ms)
		stop()
	})
}
