package printer_test

import (
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"motcua/printer"
)

// TestLinkCode: what is drawn on a screen is read as the link, by a reader of
// another make.
func TestLinkCode(t *testing.T) {
	link := "https://so.example.vn/t/2026-11-23/" + strings.Repeat("aB3-_", 8) + "xyz"
	c, err := printer.NewLinkCode(link)
	if err != nil {
		t.Fatal(err)
	}
	const dots = 8
	side := (c.Size + 8) * dots
	img := image.NewGray(image.Rect(0, 0, side, side))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for _, run := range strings.Split(strings.TrimSuffix(c.Path, "z"), "z") {
		var x, y, w, back int
		if _, err := fmt.Sscanf(run, "M%d %dh%dv1h-%d", &x, &y, &w, &back); err != nil || w != back {
			t.Fatalf("run %q: %v", run, err)
		}
		for py := (y + 4) * dots; py < (y+5)*dots; py++ {
			for px := (x + 4) * dots; px < (x+w+4)*dots; px++ {
				img.SetGray(px, py, color.Gray{})
			}
		}
	}
	bitmap, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		t.Fatal(err)
	}
	got, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil || got.GetText() != link {
		t.Errorf("read %v, %v", got, err)
	}
	if c, err := printer.NewLinkCode(""); err != nil || c != (printer.LinkCode{}) {
		t.Errorf("no link gives %+v, %v", c, err)
	}
	if _, err := printer.NewLinkCode(strings.Repeat("x", 107)); err == nil {
		t.Error("a link that fits no slip is drawn")
	}
}
