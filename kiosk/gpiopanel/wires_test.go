package gpiopanel_test

import (
	"errors"
	"strings"
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

// ports are the chips of a machine that come and go.
type ports struct {
	mu     sync.Mutex // protects what follows
	chips  []gpiopanel.Chip
	number int
}

func (p *ports) look() ([]gpiopanel.Chip, int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.chips) == 0 {
		return nil, p.number, errors.New("there are no chips")
	}
	return p.chips, p.number, nil
}

func (p *ports) put(chips ...gpiopanel.Chip) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.chips, p.number = chips, p.number+1
}

// Close makes a line one that can be given up. Until then nobody else can have
// it, as in the kernel.
func (l *line) Close() { l.change(func(l *line) { l.closed++ }) }

// output is a lamp's line as periph has it: once it was refused, it fails until
// it is closed.
type output struct {
	gpiotest.Pin
	mu      sync.Mutex // protects what follows
	refuses bool
	broken  bool
	lit     bool
}

func (o *output) Out(l gpio.Level) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.refuses || o.broken {
		o.broken = true
		return errors.New("device or resource busy")
	}
	o.lit = bool(l)
	return nil
}

func (o *output) Close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.broken = false
}

func (o *output) set(refuses bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.refuses = refuses
}

func (o *output) is() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lit
}

func (l *line) named(name string) *line { l.N = name; return l }
func newOutput(name string) *output     { return &output{Pin: gpiotest.Pin{N: name}} }
func on(l ...gpio.PinIO) gpiopanel.Chip {
	return gpiopanel.Chip{Name: "gpiochip0", Label: "a", Lines: l}
}
func also(l ...gpio.PinIO) gpiopanel.Chip {
	return gpiopanel.Chip{Name: "gpiochip1", Label: "b", Lines: l}
}

// A chip that comes back has lines of its own: they are taken, the old ones are
// given up, and steady lamps are lit again. What is on another chip stays.
func TestChipComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p ports
		stays, goes := newLine().named("A"), newLine().named("B")
		lamp, lampGoes := newOutput("LA"), newOutput("LB")
		p.put(on(stays, lamp), also(goes, lampGoes))
		panel, err := gpiopanel.OpenOn(gpiopanel.Config{Buttons: []gpiopanel.ButtonConfig{
			{Button: "A", Pin: "A", Lamp: "LA"}, {Button: "B", Pin: "B", Lamp: "LB"},
		}}, p.look)
		if err != nil {
			t.Fatal(err)
		}
		h, stop := listen(t, panel)
		defer stop()
		panel.SetLamp("", kiosk.LampReady)
		sleep(time.Second)
		for range 2 {
			goes.change(func(l *line) { l.gone = readsHigh })
			lampGoes.set(true)
			p.put(on(newLine().named("A"), lamp)) // what stays is found again, and is another
			sleep(4 * time.Second)
			goes, lampGoes = newLine().named("B"), newOutput("LB")
			p.put(on(newLine().named("A"), lamp), also(goes, lampGoes))
			sleep(4 * time.Second)
			for _, l := range []*line{stays, goes} {
				l.set(gpio.Low)
				sleep(60 * ms)
				l.set(gpio.High)
				sleep(60 * ms)
			}
			if !lamp.is() || !lampGoes.is() {
				t.Errorf("lit: %v and %v, want both", lamp.is(), lampGoes.is())
			}
		}
		if got, want := h.buttons(), []kiosk.Button{"A", "B", "A", "B"}; !cmp.Equal(got, want) {
			t.Errorf("presses %v, want %v", got, want)
		}
		if n := stays.configured(); n != 1 {
			t.Errorf("the line that stays was configured %d times", n)
		}
		open := map[string]int{}
		for _, c := range h.changes() {
			if c.Cleared {
				open[string(c.Button)+c.Code]--
			} else {
				open[string(c.Button)+c.Code]++
			}
		}
		if diff := cmp.Diff(map[string]int{"B" + kiosk.FaultIO: 0, "B" + kiosk.FaultLamp: 0}, open); diff != "" {
			t.Errorf("faults that stand (-want +got):\n%s", diff)
		}
	})
}

// A line that fails by itself while another chip went is taken anew, after the
// old hold on it was given up.
func TestLineIsGivenUpFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p ports
		old, renewed := newLine().named("A"), newLine().named("A")
		p.put(on(old))
		panel, err := gpiopanel.OpenOn(gpiopanel.Config{Buttons: []gpiopanel.ButtonConfig{{Button: "A", Pin: "A"}}}, p.look)
		if err != nil {
			t.Fatal(err)
		}
		h, stop := listen(t, panel)
		defer stop()
		sleep(time.Second)
		p.put(on(renewed))
		old.change(func(l *line) { l.falses = 3 })
		sleep(5 * time.Second)
		old.mu.Lock()
		closed := old.closed
		old.mu.Unlock()
		renewed.set(gpio.Low)
		sleep(60 * ms)
		if len(h.buttons()) != 1 || closed != 1 {
			t.Errorf("%d presses, the old line was closed %d times", len(h.buttons()), closed)
		}
	})
}

// A panel without chips waits for some, and what one line lacks is its own
// button's fault, in words that say what to do.
func TestLinesAreAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p ports
		panel, err := gpiopanel.OpenOn(gpiopanel.Config{Buttons: []gpiopanel.ButtonConfig{
			{Button: "A", Pin: "A"}, {Button: "B", Pin: "gpiochip0:0"}, {Button: "C", Pin: "C", Lamp: "A"},
		}}, p.look)
		if err != nil {
			t.Fatal(err)
		}
		h, stop := listen(t, panel)
		defer stop()
		sleep(3 * time.Second)
		a, c := newLine().named("A"), newLine().named("C")
		p.put(on(a))
		sleep(3 * time.Second)
		a.set(gpio.Low)
		sleep(60 * ms)
		p.put(on(a), also(c))
		sleep(3 * time.Second)
		c.set(gpio.Low)
		sleep(60 * ms)
		if got, want := h.buttons(), []kiosk.Button{"A", "C"}; !cmp.Equal(got, want) {
			t.Errorf("presses %v, want %v", got, want)
		}
		want := map[change]string{
			{"", kiosk.FaultAbsent, false}: "there are no chips",
			{"", kiosk.FaultAbsent, true}:  "there are no chips",
			{"B", kiosk.FaultIO, false}:    "taken by button[0].pin",
			{"C", kiosk.FaultLamp, false}:  "taken by button[0].pin",
			{"C", kiosk.FaultIO, false}:    "no chip has a line of this name",
			{"C", kiosk.FaultIO, true}:     "no chip has a line of this name",
		}
		got := h.changes()
		for i, c := range got {
			if f := h.texts[i]; want[c] == "" || !strings.Contains(f.Msg, want[c]) || f.Hint == "" {
				t.Errorf("%v: %q → %q, want %q", c, f.Msg, f.Hint, want[c])
			}
		}
		if len(got) != len(want) {
			t.Errorf("faults %v, want %d", got, len(want))
		}
	})
}

// A lamp's line that another program had is taken once it is free.
func TestLampLineIsAwaited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p ports
		lamp := newOutput("LA")
		lamp.set(true)
		p.put(on(newLine().named("A"), lamp))
		panel, err := gpiopanel.OpenOn(gpiopanel.Config{Buttons: []gpiopanel.ButtonConfig{{Button: "A", Pin: "A", Lamp: "LA"}}}, p.look)
		if err != nil {
			t.Fatal(err)
		}
		h, stop := listen(t, panel)
		defer stop()
		panel.SetLamp("", kiosk.LampReady)
		sleep(5 * time.Second)
		lamp.set(false)
		sleep(2 * time.Second)
		if got, want := h.changes(), []change{{"A", kiosk.FaultLamp, false}, {"A", kiosk.FaultLamp, true}}; !cmp.Equal(got, want) || !lamp.is() {
			t.Errorf("faults %v, want %v; lit %v", got, want, lamp.is())
		}
	})
}

func TestOpenNames(t *testing.T) {
	_, err := gpiopanel.Open(gpiopanel.Config{Buttons: []gpiopanel.ButtonConfig{{Button: "A", Pin: "A"}, {Pin: "B"}, {Button: "A", Pin: "C"}}}, gpiopanel.Options{})
	var wrong *gpiopanel.ConfigError
	if !errors.As(err, &wrong) || len(wrong.Problems) != 2 || wrong.Problems[0].Field != "button[1].name" || wrong.Problems[1].Field != "button[2].name" {
		t.Errorf("error %v, want both names", err)
	}
}
