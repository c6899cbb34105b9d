package printertest

import (
	"image"
	"image/color"
	"image/png"
	"io"
)

// inks are a picture's two colours: index 0 is paper, 1 is a burnt dot.
var inks = color.Palette{color.Gray{Y: 0xff}, color.Gray{Y: 0}}

// Picture is what stands on one piece of paper, one bit per dot. It is
// immutable and implements [image.PalettedImage], so image/png stores it with
// one bit per dot as well.
type Picture struct {
	width, height, stride int
	rows                  []byte // most significant bit is the leftmost dot
}

var _ image.PalettedImage = (*Picture)(nil)

// ColorModel returns the two-colour palette.
func (p *Picture) ColorModel() color.Model { return inks }

// Bounds returns width and height in dots, from (0, 0).
func (p *Picture) Bounds() image.Rectangle { return image.Rect(0, 0, p.width, p.height) }

// At returns black for a burnt dot, else white.
func (p *Picture) At(x, y int) color.Color { return inks[p.ColorIndexAt(x, y)] }

// ColorIndexAt returns 1 for a burnt dot, else 0.
func (p *Picture) ColorIndexAt(x, y int) uint8 {
	if p.Black(x, y) {
		return 1
	}
	return 0
}

// Black reports whether the dot at (x, y) was burnt; outside it is paper.
func (p *Picture) Black(x, y int) bool {
	if x < 0 || y < 0 || x >= p.width || y >= p.height {
		return false
	}
	return p.rows[y*p.stride+x/8]&(0x80>>(x%8)) != 0
}

// EncodePNG writes the picture as a PNG of one bit per dot.
func (p *Picture) EncodePNG(w io.Writer) error {
	e := png.Encoder{CompressionLevel: png.BestSpeed}
	return e.Encode(w, p)
}

// roll is the paper under the head since the last cut.
type roll struct {
	width, stride int
	maxRows       int
	rows          []byte
	y             int  // row under the head
	used          int  // rows that are on the paper so far
	overlong      bool // rows past maxRows were lost
}

func newRoll(width, maxRows int) *roll {
	return &roll{width: width, stride: (width + 7) / 8, maxRows: maxRows}
}

// set burns a dot; outside the head's reach nothing happens.
func (r *roll) set(x, y int) {
	if x < 0 || x >= r.width || y < 0 {
		return
	}
	if y >= r.maxRows {
		r.overlong = true
		return
	}
	if need := (y + 1) * r.stride; need > len(r.rows) {
		if need > cap(r.rows) {
			grown := make([]byte, len(r.rows), min(max(2*cap(r.rows), need, 256*r.stride), r.maxRows*r.stride))
			copy(grown, r.rows)
			r.rows = grown
		}
		r.rows = r.rows[:need]
	}
	r.rows[y*r.stride+x/8] |= 0x80 >> (x % 8)
	r.used = max(r.used, y+1)
}

// feed moves the paper by n dots; paper never moves back.
func (r *roll) feed(n int) {
	if n <= 0 {
		return
	}
	r.y += n
	if r.y > r.maxRows {
		r.y, r.overlong = r.maxRows, true
	}
	r.used = max(r.used, r.y)
}

// cut takes what is on the paper and starts a new piece.
func (r *roll) cut() (*Picture, bool) {
	rows := make([]byte, r.used*r.stride)
	copy(rows, r.rows)
	pic, overlong := &Picture{width: r.width, height: r.used, stride: r.stride, rows: rows}, r.overlong
	clear(r.rows)
	r.rows, r.y, r.used, r.overlong = r.rows[:0], 0, 0, false
	return pic, overlong
}
