package printer_test

import (
	"testing"

	"motcua/printer"
)

func TestRuler(t *testing.T) {
	for _, c := range []struct{ width, dpi, marks int }{{576, 203, 72}, {512, 180, 72}, {384, 203, 48}} {
		r := printer.Ruler(c.width, c.dpi)
		if r.Width != c.width {
			t.Fatalf("%d dots wide, want %d", r.Width, c.width)
		}
		for y := range r.Height {
			if !r.Black(0, y) || !r.Black(c.width-1, y) {
				t.Fatalf("width %d: an edge is missing in row %d", c.width, y)
			}
		}
		marks := 0 // between the bars, in a row that all marks cross
		for x := 3; x < c.width-2; x++ {
			if r.Black(x, r.Height/4-1) && !r.Black(x-1, r.Height/4-1) {
				marks++
			}
		}
		if marks < c.marks-2 || marks > c.marks {
			t.Errorf("width %d: %d marks, want one each millimetre of %d", c.width, marks, c.marks)
		}
	}
}
