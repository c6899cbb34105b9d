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

// Row is the bits of one row.
func (r *Raster) Row(y int) []byte { return r.Bits[y*r.Stride : (y+1)*r.Stride] }

func (r *Raster) fill(x0, y0, x1, y1 int) {
	for y := max(y0, 0); y < min(y1, r.Height); y++ {
		for x := max(x0, 0); x < min(x1, r.Width); x++ {
			r.Set(x, y)
		}
	}
}

func (r *Raster) invert(x0, y0, x1, y1 int) {
	for y := max(y0, 0); y < min(y1, r.Height); y++ {
		for x := max(x0, 0); x < min(x1, r.Width); x++ {
			r.Bits[y*r.Stride+x/8] ^= 0x80 >> (x % 8)
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
