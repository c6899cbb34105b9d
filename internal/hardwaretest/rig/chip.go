package rig

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Chip is a gpio chip of the kernel's gpio-sim: every line has a pull that is
// what stands at the pin from outside. It belongs to one test.
type Chip struct {
	t    testing.TB
	conf string // its folder in configfs
	sys  string // its folder in sysfs while it is there
	dev  string
}

// Line is one line of a chip.
type Line struct {
	Chip   *Chip
	Offset int
}

// NewChip makes a chip with so many lines, the first of which have these names;
// "" is a line without one, as on an expander. It is plugged in, all its lines
// are pulled up, and it is gone when the test ends.
func NewChip(t testing.TB, label string, lines int, names ...string) *Chip {
	t.Helper()
	c := &Chip{t: t, conf: filepath.Join(Env(t, "GPIO_SIM"), label)}
	bank := filepath.Join(c.conf, "bank0")
	made := []string{c.conf, bank}
	for i, name := range names {
		if name != "" {
			made = append(made, filepath.Join(bank, "line"+strconv.Itoa(i)))
		}
	}
	for _, dir := range made {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := os.Remove(dir); err != nil {
				t.Error(err)
			}
		})
	}
	put(t, filepath.Join(bank, "num_lines"), strconv.Itoa(lines))
	put(t, filepath.Join(bank, "label"), label)
	for i, name := range names {
		if name != "" {
			put(t, filepath.Join(bank, "line"+strconv.Itoa(i), "name"), name)
		}
	}
	c.Plug()
	t.Cleanup(c.Unplug)
	return c
}

// Plug brings the chip back, its lines pulled up. The kernel may give it
// another number than before.
func (c *Chip) Plug() {
	c.t.Helper()
	live := filepath.Join(c.conf, "live")
	if get(c.t, live) == "1" {
		return
	}
	put(c.t, live, "1")
	name := get(c.t, filepath.Join(c.conf, "bank0", "chip_name"))
	c.sys = filepath.Join("/sys/devices/platform", get(c.t, filepath.Join(c.conf, "dev_name")), name)
	c.dev = "/dev/" + name
	lines, err := strconv.Atoi(get(c.t, filepath.Join(c.conf, "bank0", "num_lines")))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := range lines {
		c.Line(i).Release()
	}
}

// Unplug takes the chip away, whoever uses it.
func (c *Chip) Unplug() {
	c.t.Helper()
	live := filepath.Join(c.conf, "live")
	if get(c.t, live) == "0" {
		return
	}
	put(c.t, live, "0")
	Until(c.t, "see the chip gone", func() error {
		if _, err := os.Stat(c.dev); err == nil {
			return fmt.Errorf("%s is there", c.dev)
		}
		return nil
	})
}

// Name is the chip's number in the kernel, such as "gpiochip0".
func (c *Chip) Name() string { return filepath.Base(c.dev) }

// Line is the line at an offset.
func (c *Chip) Line(offset int) Line { return Line{c, offset} }

func (l Line) file(name string) string {
	return filepath.Join(l.Chip.sys, "sim_gpio"+strconv.Itoa(l.Offset), name)
}

// Press closes the contact between the line and ground.
func (l Line) Press() {
	l.Chip.t.Helper()
	put(l.Chip.t, l.file("pull"), "pull-down")
}

// PressTogether closes contacts in one moment, as a plug does: within as long as
// so many writes take.
func PressTogether(t testing.TB, lines ...Line) {
	t.Helper()
	var files []*os.File
	for _, l := range lines {
		f, err := os.OpenFile(l.file("pull"), os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		files = append(files, f)
	}
	for _, f := range files {
		if _, err := f.WriteString("pull-down"); err != nil {
			t.Fatal(err)
		}
	}
}

// Bounce opens and closes the contact for as long as a bad one bounces, and
// leaves it closed. It reports whether it was done in time: a machine that
// stalled meanwhile has pressed the button more than once.
func (l Line) Bounce() bool {
	l.Chip.t.Helper()
	const bounces, rest = 8 * time.Millisecond, 16 * time.Millisecond
	start := time.Now()
	for time.Since(start) < bounces {
		l.Press()
		l.Release()
	}
	l.Press()
	return time.Since(start) < rest
}

// Release opens it.
func (l Line) Release() {
	l.Chip.t.Helper()
	put(l.Chip.t, l.file("pull"), "pull-up")
}

// Lit reports whether the line is driven high: whether its lamp is lit. The
// line itself is not asked.
func (l Line) Lit() bool {
	l.Chip.t.Helper()
	return get(l.Chip.t, l.file("value")) == "1"
}

// Flags of a line that Take takes, from linux/gpio.h.
const (
	Input       = 1 << 2
	FallingEdge = 1 << 5
)

// Taken is a line held by the test itself, as by another program.
type Taken struct {
	t testing.TB
	f *os.File // gives a struct gpio_v2_line_event for each edge
}

// Take takes a line that nobody has, until it is given back.
func Take(t testing.TB, l Line, flags uint64) *Taken {
	t.Helper()
	// struct gpio_v2_line_request of linux/gpio.h: offsets, consumer, the
	// configuration (its flags first), the number of lines, the size of the
	// buffer, padding and the descriptor.
	var r struct {
		offsets  [64]uint32
		consumer [32]byte
		flags    uint64
		config   [264]byte
		lines    uint32
		buffer   uint32
		padding  [5]uint32
		fd       int32
	}
	chip, err := os.Open(l.Chip.dev)
	if err != nil {
		t.Fatal(err)
	}
	defer chip.Close()
	r.lines, r.flags, r.offsets[0] = 1, flags, uint32(l.Offset)
	copy(r.consumer[:], "another")
	const getLine = 0xc250b407 // GPIO_V2_GET_LINE_IOCTL
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, chip.Fd(), getLine, uintptr(unsafe.Pointer(&r))); errno != 0 {
		t.Fatal(errno)
	}
	if err := unix.SetNonblock(int(r.fd), true); err != nil {
		t.Fatal(err)
	}
	k := &Taken{t, os.NewFile(uintptr(r.fd), l.Chip.Name())}
	t.Cleanup(k.GiveBack)
	return k
}

// GiveBack lets others have the line. It may be called again.
func (k *Taken) GiveBack() { k.f.Close() }

// Edge waits for an edge and returns when it was there: when a goroutine that
// waits for one is woken on this machine.
func (k *Taken) Edge() (time.Time, error) {
	if err := k.f.SetReadDeadline(time.Now().Add(Patience)); err != nil {
		return time.Time{}, err
	}
	var event [48]byte // struct gpio_v2_line_event
	_, err := k.f.Read(event[:])
	return time.Now(), err
}

// Idle waits so long for an edge that does not come, and asks for the level.
func (k *Taken) Idle(d time.Duration) error {
	if err := k.f.SetReadDeadline(time.Now().Add(d)); err != nil {
		return err
	}
	var event [48]byte
	if _, err := k.f.Read(event[:]); !errors.Is(err, os.ErrDeadlineExceeded) {
		return fmt.Errorf("wait for nothing: %w", err)
	}
	raw, err := k.f.SyscallConn()
	if err != nil {
		return err
	}
	values := struct{ bits, mask uint64 }{mask: 1}
	const getValues = 0xc010b40e // GPIO_V2_LINE_GET_VALUES_IOCTL
	var errno syscall.Errno
	err = raw.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall(unix.SYS_IOCTL, fd, getValues, uintptr(unsafe.Pointer(&values)))
	})
	if err == nil && errno != 0 {
		err = errno
	}
	return err
}

// Floor is what a press costs on this machine without a panel: from the pull to
// the end of a rest of 21 ms in the goroutine it has woken. It is taken between
// the presses it stands beside, because a machine that is emulated on shared
// processors is not always as slow.
type Floor struct {
	line Line
	held *Taken
	took []time.Duration
}

// NewFloor takes a line to press.
func NewFloor(t testing.TB, l Line) *Floor {
	return &Floor{line: l, held: Take(t, l, Input|FallingEdge)}
}

// Press adds one press to the measure.
func (f *Floor) Press() {
	rested := make(chan time.Time, 1)
	go func() {
		if _, err := f.held.Edge(); err != nil {
			f.held.t.Error(err)
		}
		<-time.After(Rest)
		rested <- time.Now()
	}()
	time.Sleep(Rest) // it waits by then
	start := time.Now()
	f.line.Press()
	f.took = append(f.took, (<-rested).Sub(start))
	f.line.Release()
}

// Quartile is the lower one of all presses.
func (f *Floor) Quartile() time.Duration { return Quartile(f.took) }

// Rest is how long a pressed contact is given to come to rest.
const Rest = 21 * time.Millisecond

// Quartile sorts, and returns what a quarter is below: the rest measures who
// else works on the machine that emulates this one.
func Quartile(d []time.Duration) time.Duration {
	slices.Sort(d)
	return d[len(d)/4]
}
