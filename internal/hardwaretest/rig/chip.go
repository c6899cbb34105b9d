package rig

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
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
