package gpiopanel

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"periph.io/x/conn/v3/driver"
	"periph.io/x/host/v3"
	"periph.io/x/host/v3/gpioioctl"
)

// kernel is the machine's gpio chips, as periph's driver sees them. periph
// looks once in a process: a chip that comes back has new lines it does not
// know. So the driver is made to look again when the chips have changed, and
// what it finds then counts.
type kernel struct {
	mu     sync.Mutex // protects what follows, and periph's own list of chips
	driver driver.Impl
	nodes  string // the chips at the last look, as the kernel shows them
	looked int    // how often the driver did
	chips  []Chip
	err    error
}

// machine is the only one: periph's list of chips belongs to the process.
var machine kernel

// errLinked is why the driver is not made to look again on a machine where a
// chip has two names: it would close what is not its own. See DESIGN.md.
var errLinked = &Problem{Msg: "a gpio chip has come or gone", Hint: "restart the service: on this machine the panel can't find it again by itself"}

// look returns the chips that are there now, and a number that is another one
// when they are others than before. The error says why there are none.
func (k *kernel) look() ([]Chip, int, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	nodes, linked := chipNodes()
	if nodes == k.nodes && k.looked > 0 {
		return k.chips, k.looked, k.err
	}
	if linked && k.looked > 0 {
		return nil, k.looked, errLinked
	}
	known, err := k.again()
	if err != nil {
		return nil, k.looked, err
	}
	k.looked++
	k.nodes = nodes
	k.chips, k.err = nil, nil
	for _, c := range gpioioctl.Chips[known:] {
		chip := Chip{Name: c.Name(), Label: c.Label()}
		for _, l := range c.Lines() {
			chip.Lines = append(chip.Lines, l)
		}
		k.chips = append(k.chips, chip)
	}
	switch {
	case len(k.chips) > 0:
	case nodes == "":
		k.err = &Problem{Msg: "this machine has no gpio chips: there is no /dev/gpiochip*",
			Hint: "plug them in; on a machine without pins leave the panel out of the configuration, and until then issue tickets at the greeter's tablet or a console"}
	default:
		k.err = &Problem{Msg: "this user may open none of the gpio chips (/dev/gpiochip*)",
			Hint: "add it to the group that owns them (gpio) and restart the service; until then issue tickets at the greeter's tablet or a console"}
	}
	return k.chips, k.looked, k.err
}

// again makes periph's driver look, the first time with all the others, and
// returns how many chips were in its list before.
func (k *kernel) again() (known int, err error) {
	defer keepStdin()
	if k.driver != nil {
		known = len(gpioioctl.Chips)
		_, _ = k.driver.Init() // what it could not open is told by what is missing
		return known, nil
	}
	// A driver that failed (bcm283x without /dev/gpiomem) does not keep the
	// kernel's lines from working.
	state, err := host.Init()
	if err != nil {
		return 0, fmt.Errorf("start periph: %w", err)
	}
	for _, d := range state.Loaded {
		if d.String() == driverName {
			k.driver = d
		}
	}
	for _, f := range slices.Concat(state.Skipped, state.Failed) { // it found no chip yet
		if f.D.String() == driverName {
			k.driver = f.D
		}
	}
	if k.driver == nil {
		return 0, errors.New("start periph: it has no driver for the kernel's gpio chips")
	}
	return 0, nil
}

// driverName is periph's driver for the kernel's gpio chips.
const driverName = "ioctl-gpio"

// chipNodes tells the chips apart: one that has come back has a node of its
// own, and one that may be opened now has changed. linked says that one of them
// has a second name.
func chipNodes() (nodes string, linked bool) {
	found, _ := filepath.Glob("/dev/gpiochip*") // the pattern is sound
	var b strings.Builder
	for _, path := range found {
		info, err := os.Lstat(path)
		if err != nil {
			continue // just gone
		}
		linked = linked || info.Mode()&os.ModeSymlink != 0
		if s, ok := info.Sys().(*syscall.Stat_t); ok {
			fmt.Fprintf(&b, "%s %d %d %d.%09d\n", path, s.Rdev, s.Ino, s.Ctim.Sec, s.Ctim.Nsec)
		}
	}
	return b.String(), linked
}

// keepStdin puts /dev/null where the standard input was: periph closes it when
// it drops the second name of a chip, and what is opened next would be there.
func keepStdin() {
	var s syscall.Stat_t
	if syscall.Fstat(0, &s) == nil {
		return
	}
	fd, err := syscall.Open(os.DevNull, syscall.O_RDONLY, 0)
	if err != nil || fd == 0 {
		return
	}
	_ = syscall.Close(fd) // another was quicker; then that is open
}
