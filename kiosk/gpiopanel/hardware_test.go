//go:build hardware

package gpiopanel_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/host/v3/gpioioctl"

	"motcua/internal/hardwaretest/rig"
	"motcua/kiosk"
	"motcua/kiosk/gpiopanel"
)

// These tests need a kernel with gpio-sim, as make test-hardware boots it: the
// lines are the kernel's own, and a test pulls them from outside.

// kernelPanel is a panel on such lines while it runs.
type kernelPanel struct {
	*heard
	t     *testing.T
	panel *gpiopanel.Panel
	lines []rig.Line // of the buttons
}

// runPanel runs a panel of buttons A, B, … until the test ends; each is armed.
func runPanel(t *testing.T, lines []rig.Line, cfg gpiopanel.Config) *kernelPanel {
	t.Helper()
	k := openPanel(t, lines, cfg)
	for _, l := range lines {
		k.arm(l)
	}
	k.forget()
	return k
}

func openPanel(t *testing.T, lines []rig.Line, cfg gpiopanel.Config) *kernelPanel {
	t.Helper()
	p, err := gpiopanel.Open(cfg, gpiopanel.Options{})
	if err != nil {
		t.Fatal(err)
	}
	k := &kernelPanel{t: t, panel: p, lines: lines}
	var stop func()
	k.heard, stop = listen(t, p)
	t.Cleanup(stop)
	return k
}

// named wires buttons A, B, … to these lines.
func named(pins ...string) gpiopanel.Config {
	var cfg gpiopanel.Config
	for i, p := range pins {
		cfg.Buttons = append(cfg.Buttons, gpiopanel.ButtonConfig{Button: kiosk.Button('A' + rune(i)), Pin: p})
	}
	return cfg
}

// forget drops what was heard.
func (k *kernelPanel) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.presses, k.at, k.faults, k.texts = nil, nil, nil, nil
}

// arm presses a button until it counts: it has been seen open once then.
func (k *kernelPanel) arm(l rig.Line) {
	k.t.Helper()
	before := len(k.buttons())
	rig.Until(k.t, "arm a button", func() error {
		l.Press()
		defer k.release(l)
		return bound(300*time.Millisecond, func() bool { return len(k.buttons()) > before })
	})
}

// release opens a contact until the panel has seen it.
func (k *kernelPanel) release(l rig.Line) {
	l.Release()
	time.Sleep(2 * settled)
}

// settled is longer than a contact takes to rest, on a machine that shares its
// processors.
const settled = 60 * time.Millisecond

// bound waits until it is so, or says that it is not.
func bound(d time.Duration, so func() bool) error {
	for end := time.Now().Add(d); ; {
		if so() {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("not so after %s", d)
		}
		time.Sleep(time.Millisecond)
	}
}

// pressed waits until so many presses were heard since the last forget.
func (k *kernelPanel) pressed(n int) {
	k.t.Helper()
	rig.Until(k.t, fmt.Sprintf("hear press %d", n), func() error {
		if got := k.buttons(); len(got) < n {
			return fmt.Errorf("heard %v", got)
		}
		return nil
	})
}

// is waits until the faults of the panel are these, in any order.
func (k *kernelPanel) is(faults ...string) {
	k.t.Helper()
	slices.Sort(faults)
	rig.Until(k.t, fmt.Sprintf("have the faults %v", faults), func() error {
		if got := k.standing(); !slices.Equal(got, faults) {
			return fmt.Errorf("they are %v, presses %v", got, k.buttons())
		}
		return nil
	})
}

// standing are the faults that were not cleared, as button/code.
func (k *kernelPanel) standing() []string {
	open := map[string]bool{}
	for _, c := range k.changes() {
		open[string(c.Button)+"/"+c.Code] = !c.Cleared
	}
	var all []string
	for f, stands := range open {
		if stands {
			all = append(all, f)
		}
	}
	slices.Sort(all)
	return all
}

// told is the last fault of a button and its code.
func (k *kernelPanel) told(b kiosk.Button, code string) kiosk.Fault {
	k.t.Helper()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, f := range slices.Backward(k.texts) {
		if f.Button == b && f.Code == code {
			return f
		}
	}
	k.t.Fatalf("no fault %s of %q in %+v", code, b, k.texts)
	return kiosk.Fault{}
}

// Lines are found by name, by chip and offset, and by a label with colons in
// it; lines without a name are an expander's.
func TestHardwareNames(t *testing.T) {
	straight := rig.NewChip(t, "pinctrl-sim", 4, "GPIO17", "GPIO22")
	expander := rig.NewChip(t, "mcp23017:0x20", 16)
	lines := []rig.Line{straight.Line(0), straight.Line(3), expander.Line(5), expander.Line(15)}
	k := runPanel(t, lines, named("GPIO17", straight.Name()+":3", "mcp23017:0x20:5", expander.Name()+":15"))
	for i, l := range lines {
		l.Press()
		k.pressed(i + 1)
		k.release(l)
	}
	if got, want := k.buttons(), []kiosk.Button{"A", "B", "C", "D"}; !cmp.Equal(got, want) {
		t.Errorf("presses %v, want %v", got, want)
	}
	if got := k.changes(); len(got) > 0 {
		t.Errorf("faults %v", got)
	}
}

// However a contact bounces, a press is one press.
func TestHardwareBounce(t *testing.T) {
	chip := rig.NewChip(t, "panel", 1, "BTN")
	k := runPanel(t, []rig.Line{chip.Line(0)}, named("BTN"))
	const presses = 10
	l := chip.Line(0)
	wrong := 0
	for n, tries := 0, 0; n < presses; tries++ {
		if tries == 20*presses {
			t.Fatal("this machine stalls all the time")
		}
		k.forget()
		whole := l.Bounce() // more edges than the kernel keeps of a line
		k.pressed(1)
		whole = l.Bounce() && whole
		k.release(l)
		if !whole {
			continue
		}
		n++
		if got := len(k.buttons()); got != 1 {
			wrong++
			t.Errorf("%d presses for one", got)
		}
	}
	rig.Check("bounce", presses, wrong)
}

// A level that is low from the start is no press, and does not become one by
// waiting; released once, the button works.
func TestHardwareLowAtBoot(t *testing.T) {
	chip := rig.NewChip(t, "panel", 2, "BTN1", "BTN2")
	chip.Line(0).Press()
	k := openPanel(t, []rig.Line{chip.Line(0), chip.Line(1)}, named("BTN1", "BTN2"))
	k.arm(chip.Line(1))
	time.Sleep(time.Second) // two looks at every level
	if got := k.buttons(); slices.Contains(got, "A") {
		t.Fatalf("presses %v of a button that was closed from the start", got)
	}
	k.release(chip.Line(0))
	k.forget()
	chip.Line(0).Press()
	k.pressed(1)
	chip.Line(0).Release()
}

// Three buttons in one moment are a plug, and none of them a press; two are
// people.
func TestHardwareCable(t *testing.T) {
	chip := rig.NewChip(t, "panel", 5, "BTN1", "BTN2", "BTN3", "BTN4", "BTN5")
	var lines []rig.Line
	for i := range 5 {
		lines = append(lines, chip.Line(i))
	}
	k := runPanel(t, lines, named("BTN1", "BTN2", "BTN3", "BTN4", "BTN5"))
	// An emulated machine may stall for longer than a plug takes; then they are
	// people, and it is tried again.
	for try := 1; ; try++ {
		rig.PressTogether(t, lines...)
		err := bound(time.Second, func() bool { return slices.Equal(k.standing(), []string{"/" + kiosk.FaultCable}) })
		if err == nil && len(k.buttons()) == 0 {
			break
		}
		if try == 5 {
			t.Fatalf("never a cable: faults %v, presses %v", k.standing(), k.buttons())
		}
		for _, l := range lines {
			k.release(l)
		}
		k.forget()
	}
	for _, l := range lines[1:] {
		k.release(l)
	}
	k.is("/" + kiosk.FaultCable) // one is still down
	k.release(lines[0])
	k.is()
	if got := k.buttons(); len(got) > 0 {
		t.Errorf("presses %v of a pulled plug", got)
	}
	rig.PressTogether(t, lines[:2]...)
	k.pressed(2)
	k.release(lines[0])
	k.release(lines[1])
}

func TestHardwareStuck(t *testing.T) {
	chip := rig.NewChip(t, "panel", 2, "BTN1", "BTN2")
	k := runPanel(t, []rig.Line{chip.Line(0), chip.Line(1)}, named("BTN1", "BTN2"))
	start := time.Now()
	chip.Line(0).Press()
	k.is("A/" + kiosk.FaultStuck)
	if after := time.Since(start); after < 10*time.Second {
		t.Errorf("stuck after %s", after)
	}
	chip.Line(1).Press() // the other works
	k.pressed(2)
	k.release(chip.Line(1))
	k.release(chip.Line(0))
	k.is()
	if got, want := k.buttons(), []kiosk.Button{"A", "B"}; !cmp.Equal(got, want) {
		t.Errorf("presses %v, want %v", got, want)
	}
}

// A chip that goes gives no presses but a fault of each of its buttons, and
// the others work on. Back again, its buttons and lamps work by themselves,
// under whatever number the kernel gives it now.
func TestHardwareChipGone(t *testing.T) {
	straight := rig.NewChip(t, "straight", 2, "BTN1", "LAMP1")
	loose := rig.NewChip(t, "loose", 4, "BTN2", "BTN3", "LAMP2", "LAMP3")
	cfg := named("BTN1", "BTN2", "loose:1")
	cfg.Buttons[0].Lamp, cfg.Buttons[1].Lamp, cfg.Buttons[2].Lamp = "LAMP1", "LAMP2", "loose:3"
	k := runPanel(t, []rig.Line{straight.Line(0), loose.Line(0), loose.Line(1)}, cfg)
	lit := func(want bool, lamps ...rig.Line) {
		t.Helper()
		for _, l := range lamps {
			rig.Until(t, "see a lamp", func() error {
				if l.Lit() != want {
					return fmt.Errorf("line %d of %s is lit: %v", l.Offset, l.Chip.Name(), !want)
				}
				return nil
			})
		}
	}
	k.panel.SetLamp("", kiosk.LampReady)
	lit(true, straight.Line(1), loose.Line(2), loose.Line(3))
	const times = 2
	var gone, back time.Duration // the longest
	for range times {
		k.forget()
		start := time.Now()
		loose.Unplug()
		k.is("B/"+kiosk.FaultIO, "B/"+kiosk.FaultLamp, "C/"+kiosk.FaultIO, "C/"+kiosk.FaultLamp)
		gone = max(gone, time.Since(start))
		if got := k.buttons(); len(got) > 0 {
			t.Fatalf("presses %v of a pulled chip", got)
		}
		f := k.told("B", kiosk.FaultIO)
		if f.Hint == "" || strings.Contains(f.Hint, "restart") {
			t.Errorf("fault %+v, want a hint that needs no restart", f)
		}
		straight.Line(0).Press()
		k.pressed(1)
		k.release(straight.Line(0))

		start = time.Now()
		loose.Plug()
		k.is()
		back = max(back, time.Since(start))
		lit(true, loose.Line(2), loose.Line(3))
		for i, l := range []rig.Line{loose.Line(0), loose.Line(1)} {
			l.Press()
			k.pressed(i + 2)
			k.release(l)
		}
		if got, want := k.buttons(), []kiosk.Button{"A", "B", "C"}; !cmp.Equal(got, want) {
			t.Errorf("presses %v, want %v", got, want)
		}
	}
	rig.Measure("chip_seen_gone", times, 0, gone, 3*time.Second)
	rig.Measure("chip_seen_back", times, 0, back, 5*time.Second)
}

// A panel whose machine has no chip says so, and is there once it has one.
func TestHardwareChipLate(t *testing.T) {
	cfg := named("BTN1")
	cfg.Buttons[0].Lamp = "LAMP1"
	k := openPanel(t, nil, cfg)
	k.panel.SetLamp("", kiosk.LampReady)
	k.is("/" + kiosk.FaultAbsent)
	if f := k.told("", kiosk.FaultAbsent); !strings.Contains(f.Msg, "no gpio chips") || f.Hint == "" {
		t.Errorf("fault %+v", f)
	}
	other := rig.NewChip(t, "other", 1, "ELSE")
	k.is("A/"+kiosk.FaultIO, "A/"+kiosk.FaultLamp)
	f := k.told("A", kiosk.FaultIO)
	if !strings.Contains(f.Msg, `"BTN1": no chip has a line of this name`) || !strings.Contains(f.Hint, other.Name()+" (other, 1 lines)") {
		t.Errorf("fault %+v", f)
	}
	chip := rig.NewChip(t, "panel", 2, "BTN1", "LAMP1")
	k.is()
	k.arm(chip.Line(0))
	rig.Until(t, "light the lamp", func() error {
		if !chip.Line(1).Lit() {
			return errors.New("it is dark")
		}
		return nil
	})
}

// What is wrong with one line is a fault of its button, with a remedy, and the
// others work.
func TestHardwareWrongLines(t *testing.T) {
	chip := rig.NewChip(t, "panel", 4, "BTN1", "BTN2", "HELD", "LAMP1")
	cfg := named("BTN1", "NO-SUCH", chip.Name()+":0", "panel:9", "HELD", "BTN2")
	cfg.Buttons[0].Lamp, cfg.Buttons[5].Lamp = "LAMP1", "LAMP1"
	held := rig.Take(t, chip.Line(2), rig.Input)
	k := openPanel(t, nil, cfg)
	k.is("B/"+kiosk.FaultIO, "C/"+kiosk.FaultIO, "D/"+kiosk.FaultIO, "E/"+kiosk.FaultIO, "F/"+kiosk.FaultLamp)
	for b, want := range map[kiosk.Button][2]string{
		"B": {`"NO-SUCH": no chip has a line of this name`, "gpioinfo"},
		"C": {"is taken by button[0].pin", "a line of its own"},
		"D": {`has no line "9"`, "from 0 to 3"},
		"E": {"device or resource busy", "whether another program holds the line"},
	} {
		if f := k.told(b, kiosk.FaultIO); !strings.Contains(f.Msg, want[0]) || !strings.Contains(f.Hint, want[1]) {
			t.Errorf("button %s: %q → %q, want %q", b, f.Msg, f.Hint, want)
		}
	}
	if f := k.told("F", kiosk.FaultLamp); !strings.Contains(f.Msg, "is taken by button[0].lamp") {
		t.Errorf("lamp: %+v", f)
	}
	k.arm(chip.Line(0))
	k.arm(chip.Line(1))
	held.GiveBack()
	k.is("B/"+kiosk.FaultIO, "C/"+kiosk.FaultIO, "D/"+kiosk.FaultIO, "F/"+kiosk.FaultLamp)
	k.arm(chip.Line(2))
}

// The lamps say what they shall by the level on their lines, the first answer
// to a press among them.
func TestHardwareLamps(t *testing.T) {
	chip := rig.NewChip(t, "panel", 4, "BTN1", "BTN2", "LAMP1", "LAMP2")
	cfg := named("BTN1", "BTN2")
	cfg.Buttons[0].Lamp, cfg.Buttons[1].Lamp = "LAMP1", "LAMP2"
	k := runPanel(t, []rig.Line{chip.Line(0), chip.Line(1)}, cfg)
	// changes is how often a lamp changes in this time.
	changes := func(l rig.Line, d time.Duration) int {
		n, was := 0, l.Lit()
		for end := time.Now().Add(d); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
			if is := l.Lit(); is != was {
				n, was = n+1, is
			}
		}
		return n
	}
	wrong := 0
	for _, c := range []struct {
		lamp     kiosk.Lamp
		min, max int // changes in two seconds
	}{
		{kiosk.LampReady, 0, 1}, {kiosk.LampOff, 0, 1},
		{kiosk.LampPrinting, 14, 17}, {kiosk.LampFault, 3, 5}, {kiosk.LampNoLink, 2, 5},
	} {
		k.panel.SetLamp("", c.lamp)
		if n := changes(chip.Line(2), 2*time.Second); n < c.min || n > c.max {
			wrong++
			t.Errorf("%s changes %d times in 2 s, want %d to %d", c.lamp, n, c.min, c.max)
		}
	}
	// Steady again, and read in between by nobody: a lamp that is looked at
	// would become an input.
	k.panel.SetLamp("A", kiosk.LampReady)
	k.panel.SetLamp("B", kiosk.LampOff)
	if err := bound(time.Second, func() bool { return chip.Line(2).Lit() && !chip.Line(3).Lit() }); err != nil {
		wrong++
		t.Errorf("one ready and one off: lit %v and %v", chip.Line(2).Lit(), chip.Line(3).Lit())
	}
	if got := k.panel.Closed(); len(got) > 0 {
		t.Errorf("closed: %v", got)
	}
	if !chip.Line(2).Lit() {
		wrong++
		t.Error("a lamp went out when the contacts were looked at")
	}
	rig.Check("lamp_patterns", 6, wrong)
}

// What the package relies on in the kernel, and in periph's driver.
func TestHardwareKernel(t *testing.T) {
	chip := rig.NewChip(t, "panel", 1, "BTN")
	k := openPanel(t, nil, named("BTN")) // makes periph look at the chips
	k.arm(chip.Line(0))
	other := rig.NewChip(t, "bare", 3, "EDGES")
	k2 := openPanel(t, nil, named("EDGES")) // and again
	k2.arm(other.Line(0))
	line := bare(t, other.Line(1))
	edges := func() int {
		n := 0
		for line.WaitForEdge(20 * time.Millisecond) {
			n++
		}
		return n
	}
	configure := func() {
		t.Helper()
		if err := line.In(gpio.PullUp, gpio.BothEdges); err != nil {
			t.Fatal(err)
		}
	}
	configure()
	toggle := func(n int) {
		for range n {
			other.Line(1).Press()
			other.Line(1).Release()
		}
	}

	t.Run("configured again it keeps its edges", func(t *testing.T) {
		edges()
		toggle(3)
		configure()
		if n := edges(); n == 0 || n > 6 {
			t.Errorf("%d edges of 6", n)
		}
	})
	t.Run("it keeps sixteen edges", func(t *testing.T) {
		toggle(50)
		if n := edges(); n == 0 || n > 17 { // one more may come while they are read
			t.Errorf("%d edges of 100", n)
		}
	})
	t.Run("a wait ends after its time", func(t *testing.T) {
		start := time.Now()
		if line.WaitForEdge(200*time.Millisecond) || time.Since(start) < 200*time.Millisecond {
			t.Errorf("it ended after %s", time.Since(start))
		}
	})
	t.Run("its level is read with an error", func(t *testing.T) {
		if err := gpiopanel.LineError(line); err != nil {
			t.Errorf("of a line that is there: %v", err)
		}
		other.Line(1).Press()
		if err := gpiopanel.LineError(line); err != nil || line.Read() != gpio.Low {
			t.Errorf("%v, and the level is changed by it", err)
		}
		other.Unplug()
		if err := gpiopanel.LineError(line); !errors.Is(err, syscall.ENODEV) {
			t.Errorf("of a line whose chip is gone: %v, want ENODEV", err)
		}
		if line.Read() != gpio.Low || line.In(gpio.PullUp, gpio.BothEdges) == nil {
			t.Error("a line whose chip is gone reads High, or can be configured")
		}
	})
}

// A machine may have a second name for a chip, as the Pi 5 has. periph drops it
// and closes the standard input with it: what is opened next must not be there.
func TestHardwareLinkedChip(t *testing.T) {
	const child = "GPIOPANEL_CHILD" // periph looks for the first time in a process of its own
	if os.Getenv(child) != "" {
		openPanel(t, nil, named("BTN")).is()
		var s unix.Stat_t
		if err := unix.Fstat(0, &s); err != nil {
			t.Errorf("standard input: %v", err)
		}
		return
	}
	chip := rig.NewChip(t, "panel", 1, "BTN")
	if err := os.Symlink(chip.Name(), "/dev/gpiochip99"); err != nil {
		t.Fatal(err)
	}
	defer os.Remove("/dev/gpiochip99")
	cmd := exec.Command(os.Args[0], "-test.run=^TestHardwareLinkedChip$")
	cmd.Env = append(os.Environ(), child+"=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v:\n%s", err, out)
	}
	// Who has looked already must not do it again, and says what to do.
	openPanel(t, nil, named()) // looks
	other := rig.NewChip(t, "other", 1, "ELSE")
	k := openPanel(t, nil, named("ELSE"))
	k.is("/" + kiosk.FaultAbsent)
	if f := k.told("", kiosk.FaultAbsent); !strings.Contains(f.Hint, "restart the service") {
		t.Errorf("fault %+v", f)
	}
	_ = other
}

// bare is a line as periph has it, among the chips it found last.
func bare(t *testing.T, l rig.Line) *gpioioctl.GPIOLine {
	t.Helper()
	for _, c := range slices.Backward(gpioioctl.Chips) {
		if c.Name() == l.Chip.Name() && c.LineCount() > l.Offset {
			return c.ByNumber(l.Offset)
		}
	}
	t.Fatalf("periph has no line %d of %s", l.Offset, l.Chip.Name())
	return nil
}

// A press reaches its listener within 40 ms. What an emulated machine takes for
// an edge and the contact's rest of 21 ms is measured beside it: the panel may
// add the other 19.
func TestHardwareLatency(t *testing.T) {
	chip := rig.NewChip(t, "panel", 2, "BTN", "BARE")
	k := runPanel(t, []rig.Line{chip.Line(0)}, named("BTN"))
	heard := make(chan time.Time, 1)
	k.mu.Lock()
	k.onPress = func() {
		select {
		case heard <- time.Now():
		default: // the one before took too long to count
		}
	}
	k.mu.Unlock()
	const presses = 25
	floor := rig.NewFloor(t, chip.Line(1))
	var took []time.Duration
	for len(took) < presses {
		floor.Press()
		start := time.Now()
		chip.Line(0).Press()
		select {
		case at := <-heard:
			took = append(took, at.Sub(start))
		case <-time.After(time.Second): // the release before was not seen yet
		}
		k.release(chip.Line(0))
	}
	rig.Measure("press_to_listener", presses, 0, rig.Quartile(took), floor.Quartile()+40*time.Millisecond-rig.Rest)
	t.Logf("press to listener %v to %v, an edge and its rest %v", took[0], took[presses-1], floor.Quartile())
}
