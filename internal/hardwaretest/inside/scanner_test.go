//go:build hardware

package inside_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"motcua/internal/hardwaretest/rig"
	"motcua/printer/printertest"
)

// What is scanned becomes a slip and reaches no console; the scanner is pulled
// out and put back while the centre works.
func TestHardwareScan(t *testing.T) {
	const scans = 6
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	c := openCentre(t, p, panelOf(t, "A", "B"), "[scanner]\ndevice = \"evdev:\"\n")
	c.part("scanner", "absent")
	person := rig.NewKeyboard(t, "Logitech USB Keyboard")
	var bookings []map[string]any
	for i := range scans {
		bookings = append(bookings, map[string]any{"code": fmt.Sprintf("SCAN-%d", i), "slot": time.Now().Add(time.Hour), "category": "B"})
	}
	c.post("/appointments", map[string]any{"bookings": bookings}, nil)

	wrong := 0
	gun := rig.NewKeyboard(t, "USB Barcode Scanner")
	for i := range scans {
		if i == scans/2 {
			gun.Unplug()
			c.part("scanner", "absent")
			gun = rig.NewKeyboard(t, "USB Barcode Scanner")
		}
		c.part("scanner", "ok")
		console := gun.Console()
		got := c.scan(gun, fmt.Sprintf("SCAN-%d\r", i), i+1)
		if got.Entry != "appointment" || got.Category != "B" {
			t.Errorf("scan %d gave %+v", i, got)
		}
		rig.Until(t, "print "+got.Label, func() error {
			for _, paper := range c.printer.Tickets() {
				if right, err := shows(paper.Image, got.Label); right && err == nil {
					return nil
				}
			}
			return fmt.Errorf("the printer is %+v", c.printer.Stats())
		})
		if keys := console.Keys(); keys != "" {
			wrong++
			t.Errorf("a console reads %q", keys)
		}
	}
	console := person.Console()
	person.Type("hello")
	if keys := console.Keys(); keys != "hello" {
		wrong++
		t.Errorf("a person's keyboard writes %q", keys)
	}
	rig.Check("scan_reaches_no_console", scans+1, wrong)
	c.stop()
	if strings.Contains(c.said(), "SCAN-") {
		t.Error("the log holds what was scanned")
	}
}

// scan types a code until the n-th ticket is given out: the kernel keeps few
// keys for a machine that stands still.
func (c *centre) scan(gun *rig.Keyboard, code string, n int) ticket {
	c.t.Helper()
	var all []ticket
	next := time.Time{}
	rig.Until(c.t, fmt.Sprintf("give out ticket %d", n), func() error {
		if all = c.tickets(); len(all) >= n {
			return nil
		}
		if time.Now().After(next) {
			gun.Type(code)
			next = time.Now().Add(5 * time.Second) // the same code sooner is the same scan
		}
		return errors.New("it is not there")
	})
	if len(all) != n {
		c.t.Fatalf("%d tickets, want %d: %+v", len(all), n, all)
	}
	return all[n-1]
}
