//go:build hardware

package inside_test

import (
	"testing"

	"motcua/internal/hardwaretest/rig"
	"motcua/printer/printertest"
)

// A press becomes a slip that comes out of the printer with the number the
// journal has.
func TestHardwarePress(t *testing.T) {
	p := rig.NewPrinter(t, printertest.Options{Keep: 100})
	c := openCentre(t, p, panelOf(t, "A", "B", "C"), "")
	for i, b := range c.buttons {
		b.contact.Press()
		got := c.issued(i + 1)
		b.contact.Release()
		if got.Category != b.name || got.Entry != "panel" {
			t.Errorf("button %s gave %+v", b.name, got)
		}
		paper := c.cut(i + 1)
		if right, err := shows(paper.Image, got.Label); err != nil || !right || paper.Unknown != 0 {
			t.Errorf("slip %d does not show %s (%v), %d commands unknown", i+1, got.Label, err, paper.Unknown)
		}
	}
	c.stop()
}
