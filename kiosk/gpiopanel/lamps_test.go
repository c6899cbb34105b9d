package gpiopanel_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"motcua/kiosk"
	"motcua/kiosk/gpiopanel"
)

// lampLine remembers what was written to it, and when.
type lampLine struct {
	gpiotest.Pin

	mu     sync.Mutex // protects what follows
	start  time.Time
	err    error // what Out answers
	outs   int
	writes []write
}

type write struct {
	At time.Duration
	On bool
}

func (l *lampLine) Out(level gpio.Level) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.outs++
	if l.err != nil {
		return l.err
	}
	l.writes = append(l.writes, write{time.Since(l.start), bool(level)})
	return nil
}

func (l *lampLine) Read() gpio.Level { panic("a lamp was read: on a kernel line it goes out") }
func (l *lampLine) String() string   { panic("a lamp was described") }
func (l *lampLine) Function() string { panic("a lamp was asked for its function") }

// since forgets what was written and counts from now.
func (l *lampLine) since() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.start, l.writes = time.Now(), nil
}

func (l *lampLine) written() []write {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]write(nil), l.writes...)
}

func (l *lampLine) tried() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.outs
}

func litPanel(n int) (*gpiopanel.Panel, []*line, []*lampLine) {
	var in []gpiopanel.Line
	var lines []*line
	var lamps []*lampLine
	for i := range n {
		l, lamp := newLine(), &lampLine{start: time.Now()}
		lines, lamps = append(lines, l), append(lamps, lamp)
		in = append(in, gpiopanel.Line{Button: kiosk.Button('A' + rune(i)), In: l, Lamp: lamp})
	}
	return gpiopanel.New(in, gpiopanel.Options{}), lines, lamps
}

func TestLampPatterns(t *testing.T) {
	// Each pattern is set 10.3 s after the run began, on a lamp that was
	// ready, and watched for the time given.
	tests := []struct {
		lamp  kiosk.Lamp
		watch time.Duration
		want  []write
	}{
		{kiosk.LampReady, 10 * time.Second, nil},
		{kiosk.LampOff, 10 * time.Second, []write{{0, false}}},
		{kiosk.LampPrinting, 1 * time.Second, []write{ // 4/s, dark at once
			{0, false}, {125 * ms, true}, {250 * ms, false}, {375 * ms, true},
			{500 * ms, false}, {625 * ms, true}, {750 * ms, false}, {875 * ms, true},
		}},
		{kiosk.LampFault, 3 * time.Second, []write{ // 1/s, in step with the run
			{200 * ms, false}, {700 * ms, true}, {1200 * ms, false}, {1700 * ms, true}, {2200 * ms, false}, {2700 * ms, true},
		}},
		{kiosk.LampNoLink, 5 * time.Second, []write{ // two flashes every 3 s, in step with the run
			{0, false},
			{1700 * ms, true}, {1800 * ms, false}, {1900 * ms, true}, {2000 * ms, false},
			{4700 * ms, true}, {4800 * ms, false}, {4900 * ms, true},
		}},
	}
	for _, tt := range tests {
		t.Run(string(tt.lamp), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, _, lamps := litPanel(2)
				_, stop := listen(t, p)
				defer stop()
				p.SetLamp("", kiosk.LampReady)
				sleep(10300 * ms)
				lamps[0].since()
				lamps[1].since()
				p.SetLamp("A", tt.lamp)
				sleep(tt.watch - 1)
				if diff := cmp.Diff(tt.want, lamps[0].written()); diff != "" {
					t.Errorf("writes (-want +got):\n%s", diff)
				}
				if got := lamps[1].written(); got != nil {
					t.Errorf("the other lamp was written: %v", got)
				}
			})
		})
	}
}

// Lamps set one after another blink as one.
func TestLampsBlinkTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, lamps := litPanel(3)
		_, stop := listen(t, p)
		defer stop()
		for _, b := range p.Buttons() {
			sleep(77 * ms)
			p.SetLamp(b, kiosk.LampFault)
		}
		sleep(time.Second)
		for _, l := range lamps {
			l.since()
		}
		sleep(5 * time.Second)
		for i, l := range lamps {
			if diff := cmp.Diff(lamps[0].written(), l.written()); diff != "" {
				t.Errorf("lamp %d is out of step (-A +it):\n%s", i, diff)
			}
		}
	})
}

// From the touch to the lamp: under 50 ms when the listener sets it in its
// callback.
func TestLampAnswersThePress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, lines, lamps := litPanel(1)
		p.SetLamp("A", kiosk.LampReady) // before Run: remembered
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		defer func() { cancel(); <-done }()
		go func() {
			done <- p.Run(ctx, func(press kiosk.Press) { p.SetLamp(press.Button, kiosk.LampPrinting) }, func(kiosk.Fault, bool) {})
		}()
		sleep(300 * ms)
		lamps[0].since()
		lines[0].set(gpio.Low)
		sleep(100 * ms)
		got := lamps[0].written()
		if len(got) != 1 || got[0].On || got[0].At >= 50*ms {
			t.Errorf("writes %v, want dark within 50ms", got)
		}
	})
}

// Printing on a lamp that is dark already begins with light.
func TestPrintingIsSeenFromTheDark(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, _, lamps := litPanel(1)
		_, stop := listen(t, p)
		defer stop()
		sleep(time.Second)
		lamps[0].since()
		p.SetLamp("A", kiosk.LampPrinting)
		sleep(300 * ms)
		p.SetLamp("A", kiosk.LampPrinting) // again: does not restart it
		sleep(100 * ms)
		want := []write{{0, true}, {125 * ms, false}, {250 * ms, true}, {375 * ms, false}}
		if diff := cmp.Diff(want, lamps[0].written()); diff != "" {
			t.Errorf("writes (-want +got):\n%s", diff)
		}
	})
}

func TestLampFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, lines, lamps := litPanel(1)
		h, stop := listen(t, p)
		sleep(100 * ms)
		lamps[0].mu.Lock()
		lamps[0].err = errors.New("no such device")
		lamps[0].mu.Unlock()
		before := lamps[0].tried()
		p.SetLamp("A", kiosk.LampPrinting)
		sleep(10 * time.Second)
		if n := lamps[0].tried() - before; n > 11 {
			t.Errorf("%d writes to a dead line in 10 s, want a back-off of 1 s", n)
		}
		lines[0].set(gpio.Low) // the button works without its lamp
		sleep(100 * ms)
		lamps[0].mu.Lock()
		lamps[0].err = nil
		lamps[0].mu.Unlock()
		sleep(1100 * ms)
		want := []change{{"A", kiosk.FaultLamp, false}, {"A", kiosk.FaultLamp, true}}
		if got := h.changes(); !cmp.Equal(got, want) {
			t.Errorf("faults %v, want %v", got, want)
		}
		if got := len(h.buttons()); got != 1 {
			t.Errorf("%d presses, want 1", got)
		}
		p.SetLamp("", kiosk.LampReady)
		p.SetLamp("Z", kiosk.LampOff)  // no such button
		p.SetLamp("A", "disco")        // no such lamp
		p.SetLamp("A", kiosk.Lamp("")) // nor this
		sleep(100 * ms)
		w := lamps[0].written()
		if last := w[len(w)-1]; !last.On {
			t.Errorf("last write %v, want light", last)
		}
		stop()
		w = lamps[0].written()
		if last := w[len(w)-1]; last.On {
			t.Error("the lamp is lit after Run, want it out: nobody watches the button")
		}
	})
}
