//go:build hardware

package inside_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"motcua/internal/hardwaretest/rig"
	"motcua/printer"
	"motcua/printer/printertest"
)

const ms = time.Millisecond

// spaced is how far apart the presses of one button must be to count: motcuad
// takes one in 1.5 s.
const spaced = 1600 * ms

// A press becomes a slip that comes out of the printer with the number the
// journal has, the lamp answers first, and all of it in time.
func TestHardwarePress(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	chip := rig.NewChip(t, "bare", 1)
	c := openCentre(t, p, panelOf(t, "A", "B", "C", "D", "E"), "")
	const presses = 15
	wrong := 0
	// Beside it, what the machine itself takes for an edge and its rest, and to
	// lay out a slip.
	floor := rig.NewFloor(t, chip.Line(0))
	var layout []time.Duration
	var request, lamp, byte1 []time.Duration
	last := map[string]time.Time{}
	for n := range presses {
		b := c.buttons[n%len(c.buttons)]
		time.Sleep(spaced - time.Since(last[b.name]))
		rig.Until(t, "light the lamp again", func() error {
			if !b.light.Lit() {
				return fmt.Errorf("lamp %s is dark", b.name)
			}
			return nil
		})
		floor.Press()
		layout = append(layout, layoutTakes(t))
		had := p.Stats().Processed // requests for the status are not
		first := make(chan time.Time, 1)
		ctx, stop := context.WithTimeout(t.Context(), rig.Patience)
		go func() {
			_ = p.Until(ctx, func(s printertest.Stats) bool { return s.Processed > had })
			first <- time.Now()
		}()
		start := time.Now()
		b.contact.Press()
		for b.light.Lit() && time.Since(start) < time.Second {
			time.Sleep(ms / 2)
		}
		lamp = append(lamp, time.Since(start))
		byte1 = append(byte1, (<-first).Sub(start))
		stop()
		got := c.issued(n + 1)
		last[b.name] = time.Now()
		request = append(request, time.UnixMilli(got.Issued).Sub(start))
		b.contact.Release()
		paper := c.cut(n + 1)
		if right, err := shows(paper.Image, got.Label); err != nil || !right || paper.Unknown != 0 || got.Category != b.name || got.Entry != "panel" {
			wrong++
			t.Errorf("button %s gave %+v, its slip shows that: %v (%v), %d commands unknown", b.name, got, right, err, paper.Unknown)
		}
		if n == 0 {
			c.follows(paper, got.Label)
		}
	}
	if got := len(p.Tickets()); got != presses {
		t.Errorf("%d slips for %d presses", got, presses)
	}
	slow, slip := floor.Quartile()-rig.Rest, rig.Quartile(layout)
	rig.Check("press_makes_its_slip", presses, wrong)
	rig.Measure("press_to_request", presses, 0, rig.Quartile(request), 40*ms+slow)
	rig.Measure("press_to_lamp", presses, 0, rig.Quartile(lamp), 50*ms+slow)
	rig.Measure("press_to_first_byte", presses, 0, rig.Quartile(byte1), 150*ms+slow+slip)
	t.Logf("the machine adds %s, and %s for a slip; request %s to %s, lamp %s to %s, first byte %s to %s", slow, slip,
		request[0], request[presses-1], lamp[0], lamp[presses-1], byte1[0], byte1[presses-1])
	c.stop()
}

// layoutTakes is how long this machine lays out a slip.
func layoutTakes(t *testing.T) time.Duration {
	t.Helper()
	start := time.Now()
	_, err := printer.Layout(printer.Slip{Centre: "Phường Mẫu", Category: "Lĩnh vực A", Number: "A001",
		Rows: []printer.Row{{Label: "Trước bạn", Value: "3 người"}}, Link: publicURL + "/t/2026-12-02/" + strings.Repeat("x", 43),
		LinkHint: "Quét mã để theo dõi số trên điện thoại."}, 576)
	if err != nil {
		t.Fatal(err)
	}
	return time.Since(start)
}

// follows reads the code on a slip as a phone does, and looks where it leads.
func (c *centre) follows(paper printertest.Ticket, label string) {
	c.t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(paper.Image)
	if err != nil {
		c.t.Fatal(err)
	}
	code, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true})
	if err != nil {
		c.t.Fatalf("read the code: %v", err)
	}
	path, ours := strings.CutPrefix(code.GetText(), publicURL)
	if !ours {
		c.t.Fatalf("the code leads to %s", code.GetText())
	}
	page, err := c.page(path)
	if err != nil || !strings.Contains(page, label) {
		c.t.Errorf("the page at %s does not tell of %s (%v)", path, label, err)
	}
}

// However a contact bounces and however often somebody hits it, a press is one
// ticket.
func TestHardwareOnePressOneTicket(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	c := openCentre(t, p, panelOf(t, "A", "B"), "")
	const presses = 6
	for n := range presses {
		b := c.buttons[n%2].contact
		b.Bounce()
		c.issued(n + 1)
		b.Bounce()
		b.Release()
		c.cut(n + 1)
		time.Sleep(spaced)
	}
	wrong := 0
	if got := len(c.tickets()); got != presses {
		wrong = max(got-presses, presses-got)
	}
	if got := p.Stats().Tickets; got != presses {
		wrong += max(got-presses, presses-got)
	}
	rig.Check("one_press_one_ticket", presses, wrong)
	if wrong > 0 {
		t.Errorf("%d tickets and %d slips for %d presses", len(c.tickets()), p.Stats().Tickets, presses)
	}
	c.stop()
}

// A button that is jammed gives one ticket, goes dark and is reported; three at
// once are a cable; what is low at the start gives nothing. The others work on.
func TestHardwareJammed(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	buttons := panelOf(t, "A", "B", "C", "D")
	buttons[3].contact.Press() // from before the start
	c := openCentre(t, p, buttons, "")
	a := c.buttons[0]

	a.contact.Press()
	c.issued(1)
	c.cut(1)
	stuck := c.part("panel", "stuck")
	if !strings.Contains(stuck.Message, "button A") && !strings.Contains(stuck.Message, "button D") || stuck.Hint == "" {
		t.Errorf("health says %+v", stuck)
	}
	c.dark(a)
	c.shows("panel/stuck")
	c.buttons[1].contact.Press()
	c.issued(2)
	c.cut(2)
	c.buttons[1].contact.Release()
	a.contact.Release()
	buttons[3].contact.Release()
	c.part("panel", "")
	c.shows()
	c.lit(c.buttons...)
	buttons[3].contact.Press()
	if got := c.issued(3); got.Category != "D" {
		t.Errorf("ticket %+v, want one of D", got)
	}
	buttons[3].contact.Release()
	c.cut(3)

	var together []rig.Line
	for _, b := range c.buttons {
		together = append(together, b.contact)
	}
	// An emulated machine may stall for longer than a plug takes; then they are
	// people, and it is tried again.
	for try := 1; ; try++ {
		time.Sleep(spaced)
		had := len(c.tickets())
		rig.PressTogether(t, together...)
		time.Sleep(time.Second)
		fault := c.panel()
		if fault.Code == "cable" && len(c.tickets()) == had {
			c.shows("panel/cable")
			if fault.Hint == "" {
				t.Errorf("health says %+v", fault)
			}
			break
		}
		if try == 5 {
			t.Fatalf("never a cable: health says %+v", fault)
		}
		for _, b := range c.buttons {
			b.contact.Release()
		}
	}
	for _, b := range c.buttons {
		b.contact.Release()
	}
	c.part("panel", "")
	c.lit(c.buttons...)
	rig.Check("jammed_buttons", 3, failures(t))
	c.stop()
}

// The chip of a panel is pulled out and put back: no ticket comes of it, staff
// are told, and the buttons work again by themselves.
func TestHardwarePanelPulled(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	c := openCentre(t, p, panelOf(t, "A", "B"), "")
	chip := c.buttons[0].contact.Chip
	n := 0
	const times = 2
	var seen, back []time.Duration
	for range times {
		start := time.Now()
		chip.Unplug()
		gone := c.part("panel", "io")
		seen = append(seen, time.Since(start))
		if gone.Message == "" || gone.Hint == "" {
			t.Errorf("health says %+v", gone)
		}
		c.shows("panel/io", "panel/lamp")
		start = time.Now()
		chip.Plug()
		c.part("panel", "")
		back = append(back, time.Since(start))
		c.shows()
		c.lit(c.buttons...)
		for _, b := range c.buttons {
			b.contact.Press()
			n++
			if got := c.issued(n); got.Category != b.name {
				t.Errorf("button %s gave %+v", b.name, got)
			}
			b.contact.Release()
			c.cut(n)
		}
		time.Sleep(spaced)
	}
	rig.Measure("panel_seen_gone", times, failures(t), slices.Max(seen), 3*time.Second)
	rig.Measure("panel_seen_back", times, failures(t), slices.Max(back), 5*time.Second)
	c.stop()
}

// What can't be wired costs one button, what is missing one part; each says what
// to do, and the rest gives out numbers.
func TestHardwareWrongWiring(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	buttons := panelOf(t, "A", "B", "C", "D")
	chip := buttons[0].contact.Chip
	buttons[1].pin = "NO-SUCH-LINE"
	buttons[2].pin = buttons[0].pin // two buttons on one line
	held := rig.Take(t, buttons[3].contact, rig.Input)
	c := openCentre(t, nil, buttons, fmt.Sprintf("[printer]\ndevice = \"usb://%s\"\n", p.Node))
	c.printer = p
	c.part("printer", "ok")
	rig.Until(t, "see three buttons out of order", func() error {
		if got := c.panel(); !strings.Contains(got.Message, "button B: the line of the button: \"NO-SUCH-LINE\": no chip has a line of this name; and 2 more") ||
			!strings.Contains(got.Hint, chip.Name()) {
			return fmt.Errorf("health says %+v", got)
		}
		return nil
	})
	for _, word := range []string{"is taken by button[0].pin", "device or resource busy"} {
		if !strings.Contains(c.said(), word) {
			t.Errorf("the log does not say %q", word)
		}
	}
	c.lit(buttons[0])
	c.dark(buttons[1])
	buttons[0].contact.Press()
	if got := c.issued(1); got.Category != "A" {
		t.Errorf("ticket %+v, want one of A", got)
	}
	buttons[0].contact.Release()
	c.cut(1)
	held.GiveBack() // its holder ends
	c.lit(buttons[3])
	buttons[3].contact.Press()
	if got := c.issued(2); got.Category != "D" {
		t.Errorf("ticket %+v, want one of D", got)
	}
	buttons[3].contact.Release()
	c.cut(2)
	rig.Check("wrong_wiring", 3, failures(t))
	c.stop()
}

// A machine without pins and without a printer is a centre all the same: its
// greeters give out numbers, and both parts come when they are plugged in.
func TestHardwareNothingThere(t *testing.T) {
	names := []button{{name: "A", pin: "BTN_A", lamp: "LAMP_A"}}
	c := openCentre(t, nil, names, "[printer]\ndevice = \"usb:?mdl=TM-T20II&sn=SN2\"\n")
	panel := c.part("panel", "absent")
	paper := c.part("printer", "unreachable")
	for _, part := range []healthPart{panel, paper} {
		if part.Message == "" || part.Hint == "" {
			t.Errorf("health says %+v", part)
		}
	}
	c.shows("panel/absent", "printer/unreachable")
	c.post("/tickets", map[string]any{"category": "A"}, nil)
	c.issued(1)

	c.buttons = panelOf(t, "A")
	c.part("panel", "")
	c.printer = rig.NewSecondPrinter(t, printertest.Options{Keep: 100})
	c.part("printer", "ok")
	c.cut(1) // the slip that waited
	c.lit(c.buttons...)
	c.buttons[0].contact.Press()
	c.issued(2)
	c.buttons[0].contact.Release()
	c.cut(2)
	rig.Check("nothing_there", 2, failures(t))
	c.stop()
}

// failures is what a row counts of a test: whether it has failed so far.
func failures(t *testing.T) int {
	if t.Failed() {
		return 1
	}
	return 0
}

// A category that is closed is a button that is dark and gives nothing.
func TestHardwareClosed(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	c := openCentre(t, p, panelOf(t, "A", "B"), "")
	c.post("/day/close", nil, nil)
	c.dark(c.buttons...)
	c.buttons[0].contact.Press()
	c.lamps(false, c.buttons...)
	c.buttons[0].contact.Release()
	if got := len(c.tickets()); got != 0 {
		t.Errorf("%d tickets of a closed day", got)
	}
	c.post("/day/open", nil, nil)
	c.lit(c.buttons...)
	c.buttons[1].contact.Press()
	got := c.issued(1)
	c.buttons[1].contact.Release()
	if got.Category != "B" {
		t.Errorf("ticket %+v, want one of B", got)
	}
	c.stop()
}
