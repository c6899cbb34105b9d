package gpiopanel

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"periph.io/x/conn/v3/gpio"

	"motcua/kiosk"
)

// Chip is a gpio chip of the machine, as far as a configuration needs it.
type Chip struct {
	Name  string       // "gpiochip0"
	Label string       // "pinctrl-bcm2711"; not unique, may contain colons
	Lines []gpio.PinIO // by offset; a line without a name has Name() ""
}

// Contact is what a panel needs of a button's line; [gpio.PinIn] says what its
// methods do.
type Contact interface {
	In(pull gpio.Pull, edge gpio.Edge) error
	Read() gpio.Level
	WaitForEdge(timeout time.Duration) bool
}

// Light is what a panel needs of a lamp's line.
type Light interface{ Out(l gpio.Level) error }

// Line is one button on lines that are open.
type Line struct {
	Button kiosk.Button
	In     Contact
	Lamp   Light // nil when the button has no lamp
	// Check asks the line of the contact for an error. Read cannot give one:
	// it answers Low, which is also what a press is. A nil Check never fails.
	// It is called before a press is believed, and from other goroutines by
	// Panel.Closed.
	Check func() error
}

// modelFile names the machine, ended by a NUL byte, where there is a device tree.
const modelFile = "/proc/device-tree/model"

// Open makes the panel of this machine. What is wrong with a line (no chip has
// it, another button or another program has it) is a fault of its button when
// the panel runs, and is looked at again and again until it is right; a machine
// without gpio chips, or with chips this user may not open, gives a panel that
// reports itself absent until there are some. The error is a *ConfigError that
// lists what is wrong on any machine: buttons without a name, or with the same.
func Open(cfg Config, opt Options) (*Panel, error) {
	model, _ := os.ReadFile(modelFile) // without a device tree it is no Pi
	if p, bad := CheckUser(string(model), os.Geteuid()); bad {
		return newAbsent(cfg, opt, kiosk.Fault{Msg: p.Msg, Hint: p.Hint}), nil
	}
	return open(cfg, opt, machine.look)
}

func open(cfg Config, opt Options, look func() ([]Chip, int, error)) (*Panel, error) {
	var w wiring
	for i, b := range cfg.Buttons {
		w.name(i, b.Button)
	}
	if len(w.problems) > 0 {
		return nil, &ConfigError{w.problems}
	}
	wires := &wires{cfg: cfg, look: look}
	p := New(wires.lines(), opt)
	if len(cfg.Buttons) > 0 {
		p.wires = wires
	}
	return p, nil
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

// Wire finds the lines of a configuration on these chips. The error is a
// *ConfigError that lists all problems at once.
func Wire(cfg Config, chips []Chip) ([]Line, error) {
	w := newWiring(cfg, chips)
	if len(w.problems) > 0 {
		return nil, &ConfigError{w.problems}
	}
	lines := make([]Line, len(cfg.Buttons))
	for i, b := range cfg.Buttons {
		lines[i] = Line{Button: b.Button, In: w.found[pinField(i)]}
		if b.Lamp != "" {
			lines[i].Lamp = w.found[lampField(i)]
		}
	}
	return lines, nil
}

func pinField(i int) string  { return fmt.Sprintf("button[%d].pin", i) }
func lampField(i int) string { return fmt.Sprintf("button[%d].lamp", i) }

// place is one line of the machine, whatever name was used to find it.
type place struct{ chip, offset int }

// wiring is a configuration held against chips: the lines of its fields and
// what is wrong.
type wiring struct {
	chips    []Chip
	found    map[string]gpio.PinIO   // field → its line
	used     map[place]string        // line → field that has it
	named    map[kiosk.Button]string // button → field that has it
	problems []Problem
}

func newWiring(cfg Config, chips []Chip) *wiring {
	w := &wiring{chips: chips, found: make(map[string]gpio.PinIO), used: make(map[place]string)}
	for i, b := range cfg.Buttons {
		w.name(i, b.Button)
		w.find(pinField(i), b.Pin)
		if b.Lamp != "" {
			w.find(lampField(i), b.Lamp)
		}
	}
	return w
}

func (w *wiring) problem(field, value, msg, hint string) {
	w.problems = append(w.problems, Problem{field, value, msg, hint})
}

func (w *wiring) name(i int, b kiosk.Button) {
	field := fmt.Sprintf("button[%d].name", i)
	if b == "" {
		w.problem(field, "", "the button has no name", "give it the category or language it stands for")
		return
	}
	if first, again := w.named[b]; again {
		w.problem(field, string(b), "the same name as "+first, "give each button a name of its own")
		return
	}
	if w.named == nil {
		w.named = make(map[kiosk.Button]string)
	}
	w.named[b] = field
}

// find notes the line that spec names, or why there is none.
func (w *wiring) find(field, spec string) {
	if spec == "" {
		w.problem(field, spec, "no line is given", "write a line's name such as GPIO17, or chip:offset; `gpioinfo` lists them")
		return
	}
	places := w.byName(spec)
	if len(places) == 0 {
		// Only a spec that is no line's name is taken apart, so a name with a
		// colon in it can be used.
		if i := strings.LastIndexByte(spec, ':'); i >= 0 {
			w.byOffset(field, spec, spec[:i], spec[i+1:])
			return
		}
		w.problem(field, spec, "no chip has a line of this name", "use a name that `gpioinfo` lists, or chip:offset; chips here: "+w.list())
		return
	}
	if len(places) > 1 {
		w.problem(field, spec, "more than one line has this name: "+w.lines(places), "write one of these instead")
		return
	}
	w.take(field, spec, places[0])
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

func (w *wiring) byOffset(field, spec, chip, offset string) {
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
		return
	case len(found) > 1:
		names := make([]string, len(found))
		for i, c := range found {
			names[i] = w.chips[c].Name + ":" + offset
		}
		w.problem(field, spec, fmt.Sprintf("%d chips have the label %q", len(found), chip), "write the chip's name instead: "+strings.Join(names, " or "))
		return
	}
	c := found[0]
	o, err := strconv.ParseUint(offset, 10, 16)
	if err != nil || int(o) >= len(w.chips[c].Lines) {
		w.problem(field, spec, fmt.Sprintf("chip %s has no line %q", w.chips[c].Name, offset),
			fmt.Sprintf("the offset is a number from 0 to %d", len(w.chips[c].Lines)-1))
		return
	}
	w.take(field, spec, place{c, int(o)})
}

// take gives a line to a field that is the first to ask for it.
func (w *wiring) take(field, spec string, at place) {
	if first, again := w.used[at]; again {
		w.problem(field, spec, "the line "+w.lines([]place{at})+" is taken by "+first, "wire each button and each lamp to a line of its own")
		return
	}
	w.used[at] = field
	w.found[field] = w.chips[at.chip].Lines[at.offset]
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
