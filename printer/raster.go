package printer

import (
	"image"
	"image/color"
)

// Raster is a picture of one bit per dot, as a thermal head burns it.
type Raster struct {
	Width, Height int    // dots
	Stride        int    // bytes per row: (Width+7)/8
	Bits          []byte // rows from the top, most significant bit leftmost, 1 = burnt
}

// NewRaster returns blank paper.
func NewRaster(width, height int) *Raster {
	stride := (width + 7) / 8
	return &Raster{Width: width, Height: height, Stride: stride, Bits: make([]byte, stride*height)}
}

// Black reports whether a dot is burnt; outside the paper none is.
func (r *Raster) Black(x, y int) bool {
	return x >= 0 && y >= 0 && x < r.Width && y < r.Height && r.Bits[y*r.Stride+x/8]&(0x80>>(x%8)) != 0
}

// Set burns a dot; outside the paper it does nothing.
func (r *Raster) Set(x, y int) {
	if x >= 0 && y >= 0 && x < r.Width && y < r.Height {
		r.Bits[y*r.Stride+x/8] |= 0x80 >> (x % 8)
	}
}

// crop cuts the paper off after so many rows.
func (r *Raster) crop(height int) *Raster {
	return &Raster{Width: r.Width, Height: height, Stride: r.Stride, Bits: r.Bits[:height*r.Stride]}
}

// Row is the bits of one row.
func (r *Raster) Row(y int) []byte { return r.Bits[y*r.Stride : (y+1)*r.Stride] }

// fill burns the rectangle from (x0, y0) to (x1, y1), both clipped to the paper.
func (r *Raster) fill(x0, y0, x1, y1 int) {
	r.each(x0, y0, x1, y1, func(b *byte, mask byte) { *b |= mask })
}

// invert turns the rectangle's white to ink and its ink to white.
func (r *Raster) invert(x0, y0, x1, y1 int) {
	r.each(x0, y0, x1, y1, func(b *byte, mask byte) { *b ^= mask })
}

// each visits the bytes of a rectangle with the bits that lie inside it.
func (r *Raster) each(x0, y0, x1, y1 int, do func(b *byte, mask byte)) {
	x0, x1 = max(x0, 0), min(x1, r.Width)
	if x0 >= x1 {
		return
	}
	first, last := x0/8, (x1-1)/8
	for y := max(y0, 0); y < min(y1, r.Height); y++ {
		row := r.Row(y)
		for i := first; i <= last; i++ {
			mask := byte(0xFF)
			if i == first {
				mask >>= x0 % 8
			}
			if i == last {
				mask &= 0xFF << (7 - (x1-1)%8)
			}
			do(&row[i], mask)
		}
	}
}

// The methods of image.PalettedImage let image/png store one bit per dot.
var paper = color.Palette{color.White, color.Black}

func (r *Raster) ColorModel() color.Model { return paper }
func (r *Raster) Bounds() image.Rectangle { return image.Rect(0, 0, r.Width, r.Height) }
func (r *Raster) At(x, y int) color.Color { return paper[r.ColorIndexAt(x, y)] }
func (r *Raster) ColorIndexAt(x, y int) uint8 {
	if r.Black(x, y) {
		return 1
	}
	return 0
}

var _ image.PalettedImage = (*Raster)(nil)
