package gpiopanel

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"periph.io/x/conn/v3/gpio"
	"periph.io/x/host/v3"
	"periph.io/x/host/v3/gpioioctl"

	"motcua/kiosk"
)

// Chip is a gpio chip of the machine, as far as a configuration needs it.
type Chip struct {
	Name  string       // "gpiochip0"
	Label string       // "pinctrl-bcm2711"; not unique, may contain colons
	Lines []gpio.PinIO // by offset; a line without a name has Name() ""
}

// Line is one button on lines that are open.
type Line struct {
	Button kiosk.Button
	In     gpio.PinIn
	Lamp   gpio.PinOut // nil when the button has no lamp
	// Check asks the line of the contact for an error. Read cannot give one:
	// it answers Low, which is also what a press is. A nil Check never fails.
	// It is called on the goroutine that reads In, before a press is believed.
	Check func() error
}

// modelFile names the machine, ended by a NUL byte, where there is a device tree.
const modelFile = "/proc/device-tree/model"

// Open makes the panel of this machine. The error is a *ConfigError that lists
// all that is wrong at once: fields that cannot be wired, or a Raspberry Pi 5
// as root (see [CheckUser]). A machine without gpio chips, or with chips this
// user may not open, gives a panel that reports itself absent when it runs.
func Open(cfg Config, opt Options) (*Panel, error) {
	model, _ := os.ReadFile(modelFile) // without a device tree it is no Pi
	if p, bad := CheckUser(string(model), os.Geteuid()); bad {
		return nil, &ConfigError{[]Problem{p}}
	}
	chips, err := Chips()
	if err != nil {
		return newAbsent(cfg, opt, err), nil
	}
	lines, err := Wire(cfg, chips)
	if err != nil {
		return nil, err
	}
	return New(lines, opt), nil
}

// CheckUser reports whether a panel must be refused to the user with this
// effective id on this model of machine (the text of /proc/device-tree/model).
// periph has no driver for the gpio of the Raspberry Pi 5 family. As root it
// takes the machine for a Pi 4 and maps physical memory at that one's address;
// any other user is denied the map, and every pin goes through the kernel,
// which is right.
func CheckUser(model string, euid int) (Problem, bool) {
	model = strings.TrimRight(model, "\x00\n")
	for _, rp1 := range []string{"Raspberry Pi 5", "Raspberry Pi Compute Module 5"} { // the first covers the Pi 500
		if euid == 0 && strings.HasPrefix(model, rp1) {
			return Problem{
				Field: "user",
				Value: "root",
				Msg:   "on a " + model + " the pins must not be driven as root",
				Hint:  "run the daemon as an unprivileged user in the group gpio",
			}, true
		}
	}
	return Problem{}, false
}

// Chips starts periph, once per process, and lists the gpio chips it could
// open. The error says why there are none.
func Chips() ([]Chip, error) {
	// The State that Init returns is not looked at: a driver that failed there
	// (bcm283x without /dev/gpiomem) does not keep the kernel's lines from working.
	if _, err := host.Init(); err != nil {
		return nil, fmt.Errorf("start periph: %w", err)
	}
	chips := make([]Chip, 0, len(gpioioctl.Chips))
	for _, c := range gpioioctl.Chips {
		chip := Chip{Name: c.Name(), Label: c.Label()}
		for _, l := range c.Lines() {
			chip.Lines = append(chip.Lines, l)
		}
		chips = append(chips, chip)
	}
	if len(chips) == 0 {
		if found, _ := filepath.Glob("/dev/gpiochip*"); len(found) > 0 {
			return nil, fmt.Errorf("open %s: this user may not; add it to the group that owns the file (gpio) and start again", strings.Join(found, ", "))
		}
		return nil, fmt.Errorf("find gpio chips: there is no /dev/gpiochip*; on a machine without pins leave the panel out of the configuration")
	}
	return chips, nil
}

// Wire finds the lines of a configuration on these chips. The error is a
// *ConfigError that lists all problems at once.
func Wire(cfg Config, chips []Chip) ([]Line, error) {
	w := wiring{chips: chips, used: make(map[place]string), named: make(map[kiosk.Button]string)}
	lines := make([]Line, 0, len(cfg.Buttons))
	for i, b := range cfg.Buttons {
		at := fmt.Sprintf("button[%d]", i)
		w.name(at+".name", b.Button)
		line := Line{Button: b.Button}
		if pin := w.find(at+".pin", b.Pin); pin != nil {
			line.In, line.Check = pin, check(pin)
		}
		if b.Lamp != "" {
			if pin := w.find(at+".lamp", b.Lamp); pin != nil {
				line.Lamp = pin
			}
		}
		lines = append(lines, line)
	}
	if len(w.problems) > 0 {
		return nil, &ConfigError{w.problems}
	}
	return lines, nil
}

// check returns how to ask a pin for an error. On a kernel line that is to
// request the same configuration again: nothing changes and no queued edge is
// lost, but a line whose chip is gone answers ENODEV.
func check(pin gpio.PinIO) func() error {
	if line, ok := pin.(*gpioioctl.GPIOLine); ok {
		return func() error { return line.In(gpio.PullUp, gpio.BothEdges) }
	}
	return nil
}

// place is one line of the machine, whatever name was used to find it.
type place struct{ chip, offset int }

// wiring collects what is wrong while the lines are found.
type wiring struct {
	chips    []Chip
	used     map[place]string        // line → field that has it
	named    map[kiosk.Button]string // button → field that has it
	problems []Problem
}

func (w *wiring) problem(field, value, msg, hint string) {
	w.problems = append(w.problems, Problem{field, value, msg, hint})
}

func (w *wiring) name(field string, b kiosk.Button) {
	if b == "" {
		w.problem(field, "", "the button has no name", "give it the category or language it stands for")
		return
	}
	if first, again := w.named[b]; again {
		w.problem(field, string(b), "the same name as "+first, "give each button a name of its own")
		return
	}
	w.named[b] = field
}

// find returns the pin that spec names, or nil after noting why there is none.
func (w *wiring) find(field, spec string) gpio.PinIO {
	if spec == "" {
		w.problem(field, spec, "no line is given", "write a line's name such as GPIO17, or chip:offset; `gpioinfo` lists them")
		return nil
	}
	places := w.byName(spec)
	if len(places) == 0 {
		// Only a spec that is no line's name is taken apart, so a name with a
		// colon in it can be used.
		if i := strings.LastIndexByte(spec, ':'); i >= 0 {
			return w.byOffset(field, spec, spec[:i], spec[i+1:])
		}
		w.problem(field, spec, "no chip has a line of this name", "use a name that `gpioinfo` lists, or chip:offset; chips here: "+w.list())
		return nil
	}
	if len(places) > 1 {
		w.problem(field, spec, "more than one line has this name: "+w.lines(places), "write one of these instead")
		return nil
	}
	return w.take(field, spec, places[0])
}

// byName finds the lines of a name. periph puts the chip's name before a name
// that another line had first, so both forms count as the name.
func (w *wiring) byName(name string) []place {
	var found []place
	for c, chip := range w.chips {
		for o, line := range chip.Lines {
			if n := line.Name(); n != "" && (n == name || n == chip.Name+"-"+name) {
				found = append(found, place{c, o})
			}
		}
	}
	return found
}

func (w *wiring) byOffset(field, spec, chip, offset string) gpio.PinIO {
	var found []int
	for c := range w.chips {
		if w.chips[c].Name == chip { // unique: the kernel's own numbering
			found = []int{c}
			break
		}
		if w.chips[c].Label == chip {
			found = append(found, c)
		}
	}
	switch {
	case len(found) == 0:
		w.problem(field, spec, fmt.Sprintf("no chip has the name or label %q", chip), "chips here: "+w.list())
		return nil
	case len(found) > 1:
		names := make([]string, len(found))
		for i, c := range found {
			names[i] = w.chips[c].Name + ":" + offset
		}
		w.problem(field, spec, fmt.Sprintf("%d chips have the label %q", len(found), chip), "write the chip's name instead: "+strings.Join(names, " or "))
		return nil
	}
	c := found[0]
	o, err := strconv.ParseUint(offset, 10, 16)
	if err != nil || int(o) >= len(w.chips[c].Lines) {
		w.problem(field, spec, fmt.Sprintf("chip %s has no line %q", w.chips[c].Name, offset),
			fmt.Sprintf("the offset is a number from 0 to %d", len(w.chips[c].Lines)-1))
		return nil
	}
	return w.take(field, spec, place{c, int(o)})
}

// take gives a line to a field that is the first to ask for it.
func (w *wiring) take(field, spec string, at place) gpio.PinIO {
	if first, again := w.used[at]; again {
		w.problem(field, spec, "the line "+w.lines([]place{at})+" is taken by "+first, "wire each button and each lamp to a line of its own")
		return nil
	}
	w.used[at] = field
	return w.chips[at.chip].Lines[at.offset]
}

func (w *wiring) lines(places []place) string {
	names := make([]string, len(places))
	for i, p := range places {
		names[i] = fmt.Sprintf("%s:%d", w.chips[p.chip].Name, p.offset)
	}
	return strings.Join(names, ", ")
}

func (w *wiring) list() string {
	names := make([]string, len(w.chips))
	for i, c := range w.chips {
		names[i] = fmt.Sprintf("%s (%s, %d lines)", c.Name, c.Label, len(c.Lines))
	}
	return strings.Join(names, ", ")
}
