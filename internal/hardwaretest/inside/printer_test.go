//go:build hardware

package inside_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"motcua/internal/hardwaretest/rig"
	"motcua/printer"
	"motcua/printer/printertest"
)

// reprintMark stands above a slip that is printed again, white on black.
const reprintMark = "BẢN IN LẠI"

// marked reports whether the paper says that it is printed again.
func marked(paper *printertest.Picture) (bool, error) {
	page, err := printer.Compose(printer.Slip{Reprint: reprintMark, Number: "A001"}, paper.Bounds().Dx(), false)
	if err != nil {
		return false, err
	}
	rows := printer.Part{Bottom: page.Number.Top}
	for !inked(page.Raster, rows.Top) {
		rows.Top++
	}
	for rows.Bottom = rows.Top; inked(page.Raster, rows.Bottom); {
		rows.Bottom++
	}
	for at := 0; at+rows.Bottom-rows.Top <= paper.Bounds().Dy(); at++ {
		if sameRows(paper, at, page.Raster, rows) {
			return true, nil
		}
	}
	return false, nil
}

// slips counts the pieces of paper that show a number, and those of them that
// are not marked as printed again.
func (c *centre) slips(label string) (all, unmarked int) {
	c.t.Helper()
	for _, paper := range c.printer.Tickets() {
		right, err := shows(paper.Image, label)
		if err != nil {
			c.t.Fatal(err)
		}
		if !right {
			continue
		}
		all++
		again, err := marked(paper.Image)
		if err != nil {
			c.t.Fatal(err)
		}
		if !again {
			unmarked++
		}
	}
	return all, unmarked
}

// comesOut waits until a number is on paper, and at most once without a mark.
func (c *centre) comesOut(label string) {
	c.t.Helper()
	rig.Until(c.t, "print "+label, func() error {
		all, unmarked := c.slips(label)
		if unmarked > 1 {
			c.t.Fatalf("%s is on %d pieces of paper that are not marked", label, unmarked)
		}
		if all == 0 {
			return fmt.Errorf("it is on none; printer %+v, %+v", c.printer.Stats(), c.health())
		}
		return nil
	})
}

// quiet waits until every slip is known to be printed.
func (c *centre) quiet() {
	c.t.Helper()
	rig.Until(c.t, "end all printing", func() error {
		for _, x := range c.tickets() {
			if x.Slip != "printed" {
				return fmt.Errorf("the slip of %s is %s", x.Label, x.Slip)
			}
		}
		return nil
	})
}

// blinking waits until all lamps have gone dark and lit again: ask the greeter.
// The lamps of a printing slip do so faster, but then one alone.
func (c *centre) blinking() {
	c.t.Helper()
	var dark, lit [64]bool
	rig.Until(c.t, "see all lamps blink", func() error {
		for i, b := range c.buttons {
			if b.light.Lit() {
				lit[i] = true
			} else {
				dark[i] = true
			}
			if !lit[i] || !dark[i] {
				return fmt.Errorf("lamp %s was lit %v, dark %v", b.name, lit[i], dark[i])
			}
		}
		return nil
	})
}

// sent waits until the printer has taken so many bytes in all.
func (c *centre) sent(bytes int64) {
	c.t.Helper()
	rig.Until(c.t, fmt.Sprintf("send %d bytes", bytes), func() error {
		if got := c.printer.Stats().Received; got < bytes {
			return fmt.Errorf("%d bytes are there", got)
		}
		return nil
	})
}

// faults of a printer and the health they make.
var faults = []struct {
	kind printertest.Kind
	code string
}{
	{printertest.PaperOut, "paper_out"},
	{printertest.CoverOpen, "cover_open"},
	{printertest.CutterJam, "cutter"},
	{printertest.HeadHot, "head_hot"},
	{printertest.Offline, "offline"},
}

// What a printer says is wrong is seen within two seconds, by staff, by the hall
// and at the lamps; while it is, nobody gets a number that has no paper; and it
// is over without a restart.
func TestHardwarePrinterFaults(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	c := openCentre(t, p, panelOf(t, "A", "B"), "")
	var seen, over []time.Duration
	for n, f := range faults {
		start := time.Now()
		p.Fault(printertest.Fault{Kind: f.kind})
		said := c.part("printer", f.code)
		seen = append(seen, time.Since(start))
		if said.Hint == "" {
			t.Errorf("health says %+v", said)
		}
		c.shows("printer/" + f.code)
		c.blinking()
		c.buttons[0].contact.Press()
		time.Sleep(time.Second)
		c.buttons[0].contact.Release()
		if got := len(c.tickets()); got != n {
			t.Errorf("%s: %d tickets, want %d", f.code, got, n)
		}
		start = time.Now()
		p.Repair()
		c.part("printer", "ok")
		over = append(over, time.Since(start))
		c.shows()
		c.lit(c.buttons...)
		c.buttons[1].contact.Press()
		got := c.issued(n + 1)
		c.buttons[1].contact.Release()
		c.comesOut(got.Label)
	}
	rig.Measure("printer_fault_seen", len(faults), failures(t), slices.Max(seen), 2*time.Second)
	rig.Measure("printer_fault_over", len(faults), failures(t), slices.Max(over), 2*time.Second)
	c.stop()
}

// A fault in the middle of a slip: the number is on paper when the printer is
// well again, and no two pieces without the mark.
func TestHardwarePrinterFaultsMidSlip(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	c := openCentre(t, p, panelOf(t, "A", "B"), "")
	wrong := 0
	n := 0
	var pressed [2]time.Time
	for i, f := range faults {
		for _, drop := range []bool{false, true} {
			if drop && f.kind != printertest.PaperOut {
				continue
			}
			// A button counts once in 1.5 s.
			time.Sleep(time.Until(pressed[n%2].Add(1600 * time.Millisecond)))
			p.Fault(printertest.Fault{Kind: f.kind, At: int64(300 + 900*i), Drop: drop})
			c.buttons[n%2].contact.Press()
			pressed[n%2] = time.Now()
			n++
			got := c.issued(n)
			c.part("printer", f.code)
			c.buttons[(n-1)%2].contact.Release()
			p.Repair()
			c.part("printer", "ok")
			c.comesOut(got.Label)
			c.quiet() // else a second printing, marked, brings the next fault early
			if t.Failed() {
				wrong++
			}
		}
	}
	rig.Check("fault_mid_slip", n, wrong)
	c.stop()
}

// The cable is pulled out while nothing is printed, and in the middle of slips.
func TestHardwarePrinterUnplugged(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100, KeepsLastAck: true})
	c := openCentre(t, p, panelOf(t, "A", "B"), "")
	var seen, idle, mid []time.Duration
	for n, at := range []int64{0, 1, 9000} { // 0: idle
		var label string
		if at > 0 {
			had := p.Stats().Received
			p.Fault(printertest.Fault{Kind: printertest.Stalled, At: at})
			c.buttons[n%2].contact.Press()
			label = c.issued(n).Label
			c.buttons[n%2].contact.Release()
			c.sent(had + at)
		}
		start := time.Now()
		p.Unplug()
		said := c.part("printer", "unreachable")
		seen = append(seen, time.Since(start))
		if said.Hint == "" || said.Message == "" {
			t.Errorf("health says %+v", said)
		}
		c.shows("printer/unreachable")
		c.blinking()
		p.Repair()
		start = time.Now()
		p.Plug()
		c.part("printer", "ok")
		c.shows()
		if at == 0 {
			idle = append(idle, time.Since(start))
		} else {
			c.comesOut(label)
			mid = append(mid, time.Since(start))
		}
		c.lit(c.buttons...)
	}
	rig.Measure("cable_out_seen", len(seen), failures(t), slices.Max(seen), 2*time.Second)
	rig.Measure("cable_in_idle", len(idle), failures(t), slices.Max(idle), 5*time.Second)
	// A late word of the printer is awaited for 10 s, and what it may still
	// expect of the old slip is seen to.
	rig.Measure("cable_in_mid_slip", len(mid), failures(t), slices.Max(mid), 20*time.Second)
	c.stop()
}

// motcuad is killed in the middle of a slip. Started again it prints the same
// number, and what may have come out twice says so.
func TestHardwareKilled(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	c := openCentre(t, p, panelOf(t, "A", "B"), "")
	wrong := 0
	places := []int64{1, 700, 6000}
	for n, at := range places {
		had := p.Stats().Received
		p.Fault(printertest.Fault{Kind: printertest.Stalled, At: at})
		c.buttons[n%2].contact.Press()
		got := c.issued(n + 1)
		c.buttons[n%2].contact.Release()
		c.sent(had + at)
		c.kill()
		p.Repair()
		c.start()
		c.comesOut(got.Label)
		rig.Until(t, "settle the slip", func() error {
			for _, x := range c.tickets() {
				if x.ID == got.ID && x.Slip != "printed" {
					return fmt.Errorf("it is %s", x.Slip)
				}
			}
			return nil
		})
		all, unmarked := c.slips(got.Label)
		if len(c.tickets()) != n+1 || c.tickets()[n].Label != got.Label || unmarked > 1 {
			wrong++
			t.Errorf("killed after %d bytes: %s is on %d pieces of paper, %d of them unmarked; tickets %+v", at, got.Label, all, unmarked, c.tickets())
		}
		c.ready()
	}
	rig.Check("killed_mid_slip", len(places), wrong)
	c.stop()
}

// Of a printer that says nothing the kernel knows, by the port alone, that the
// roll is at its end: no number without paper, and staff are told.
func TestHardwareSilentPrinter(t *testing.T) {
	const there, out = 0x18, 0x38
	p := rig.NewPrinter(t, printertest.Options{NoStatus: true, NoProcessID: true, Keep: 100})
	c := openCentre(t, nil, panelOf(t, "A", "B"), fmt.Sprintf("[printer]\ndevice = \"usb://%s\"\nprofile = \"generic\"\n", p.Node))
	c.printer = p
	c.part("printer", "silent")
	c.lit(c.buttons...)
	p.PortStatus(out)
	c.part("printer", "paper_out")
	c.shows("printer/paper_out")
	c.blinking()
	c.buttons[0].contact.Press()
	time.Sleep(time.Second)
	c.buttons[0].contact.Release()
	if got := len(c.tickets()); got != 0 {
		t.Errorf("%d numbers without paper", got)
	}
	p.PortStatus(there)
	c.part("printer", "silent")
	c.lit(c.buttons...)
	c.buttons[1].contact.Press()
	got := c.issued(1)
	c.buttons[1].contact.Release()
	c.comesOut(got.Label)
	rig.Check("silent_printer", 2, failures(t))
	c.stop()
}

// The second printer takes over what the first can't print, and gives it back.
func TestHardwareSecondPrinter(t *testing.T) {
	first := rig.NewPrinter(t, printertest.Options{Keep: 100})
	second := rig.NewSecondPrinter(t, printertest.Options{Keep: 100})
	c := openCentre(t, first, panelOf(t, "A", "B"), fmt.Sprintf("[second_printer]\ndevice = \"usb://%s\"\n", second.Node))
	// press takes number n, whose slip comes out of one of these.
	press := func(n int, of ...*rig.Printer) {
		t.Helper()
		c.buttons[n%2].contact.Press()
		label := c.issued(n).Label
		c.buttons[n%2].contact.Release()
		rig.Until(t, "print "+label, func() error {
			sum := 0
			for _, c.printer = range of {
				all, _ := c.slips(label)
				sum += all
			}
			if sum != 1 {
				return fmt.Errorf("it is on %d pieces of paper; %+v", sum, c.health())
			}
			return nil
		})
	}
	press(1, first, second)
	first.Fault(printertest.Fault{Kind: printertest.PaperOut})
	c.part("printer", "paper_out")
	c.lit(c.buttons...) // a number comes out all the same
	press(2, second)
	first.Unplug()
	c.part("printer", "unreachable")
	c.lit(c.buttons...)
	press(3, second)
	second.Unplug()
	c.blinking()
	first.Repair()
	first.Plug()
	c.lit(c.buttons...)
	press(4, first)
	rig.Check("second_printer", 4, failures(t))
	c.stop()
}
