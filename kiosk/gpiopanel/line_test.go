package gpiopanel_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"motcua/kiosk"
	"motcua/kiosk/gpiopanel"
)

// line is a kernel's gpio line with a button on it: Read tells the level that
// is there now, and at most 16 edges wait for a reader, the oldest dropped.
// What gpiotest.Pin cannot do (lose edges, be low before it is configured,
// vanish) it can.
type line struct {
	gpiotest.Pin // for the methods a panel never calls

	mu     sync.Mutex // protects what follows
	level  gpio.Level
	deaf   bool  // edges are lost
	gone   gone  // the chip was taken away
	inErr  error // what In answers
	ins    int   // calls of In
	falses int   // so many waits end early, with nothing
	closed int   // calls of Close

	edges chan struct{}
}

// gone is how a line whose chip is gone behaves, by kernel.
type gone int

const (
	here      gone = iota
	waitsFull      // 6.1: waits time out as if nothing had happened
	waitsZero      // 6.12: waits end at once
	readsHigh      // no kernel's: as waitsZero, for who has no Check
)

func newLine() *line { return &line{level: gpio.High, edges: make(chan struct{}, 16)} }

func (l *line) set(level gpio.Level) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.level == level {
		return
	}
	l.level = level
	if l.deaf {
		return
	}
	for {
		select {
		case l.edges <- struct{}{}:
			return
		default:
		}
		select {
		case <-l.edges:
		default:
		}
	}
}

func (l *line) change(f func(*line)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	f(l)
}

func (l *line) configured() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ins
}

func (l *line) In(gpio.Pull, gpio.Edge) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ins++
	if l.gone != here {
		return errors.New("no such device")
	}
	return l.inErr
}

func (l *line) Read() gpio.Level {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.level && (l.gone == here || l.gone == readsHigh)
}

func (l *line) WaitForEdge(d time.Duration) bool {
	if d <= 0 {
		panic("a wait that is not finite and positive")
	}
	l.mu.Lock()
	zero := l.gone == waitsZero || l.gone == readsHigh || l.falses > 0
	l.falses = max(l.falses-1, 0)
	l.mu.Unlock()
	if zero {
		return false
	}
	select {
	case <-l.edges:
		return true
	default:
	}
	select {
	case <-l.edges:
		return true
	case <-time.After(d):
		return false
	}
}

// change of a fault, as a listener hears it.
type change struct {
	Button  kiosk.Button
	Code    string
	Cleared bool
}

// heard is what a listener was told, with the time since the run began.
type heard struct {
	mu      sync.Mutex // protects what follows
	presses []kiosk.Press
	at      []time.Duration // of presses: when the callback ran
	faults  []change
	texts   []kiosk.Fault
	onPress func() // may be nil
}

func (h *heard) buttons() []kiosk.Button {
	h.mu.Lock()
	defer h.mu.Unlock()
	var b []kiosk.Button
	for _, p := range h.presses {
		b = append(b, p.Button)
	}
	return b
}

func (h *heard) changes() []change {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.faults)
}

// listen runs a panel until the test ends. It must be called in a bubble, and
// stop must be called before the bubble ends.
func listen(t testing.TB, p kiosk.Panel) (h *heard, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	h = new(heard)
	start := time.Now()
	done := make(chan error, 1)
	go func() {
		done <- p.Run(ctx, func(press kiosk.Press) {
			h.mu.Lock()
			defer h.mu.Unlock()
			if h.onPress != nil {
				h.onPress()
			}
			h.presses = append(h.presses, press)
			h.at = append(h.at, time.Since(start))
		}, func(f kiosk.Fault, cleared bool) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.faults = append(h.faults, change{f.Button, f.Code, cleared})
			h.texts = append(h.texts, f)
		})
	}()
	return h, func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
	}
}

// panelOf makes a panel of buttons A, B, … on these lines, as Wire would.
func panelOf(lines ...*line) *gpiopanel.Panel {
	var in []gpiopanel.Line
	for i, l := range lines {
		in = append(in, gpiopanel.Line{
			Button: kiosk.Button('A' + rune(i)),
			In:     l,
			Check:  func() error { return l.In(gpio.PullUp, gpio.BothEdges) },
		})
	}
	return gpiopanel.New(in, gpiopanel.Options{})
}

func sleep(d time.Duration) {
	time.Sleep(d) // virtual: every caller is inside a synctest bubble
	synctest.Wait()
}

const ms = time.Millisecond
