package printer

import (
	"image"
	"image/color"
)

// Raster is a picture of one bit per dot, as a thermal head burns it.
// Rows are Stride bytes, the leftmost dot in the highest bit; 1 is black.
// Bits past Width in a row are 0.
type Raster struct {
	Width, Height int // dots
	Stride        int // bytes per row
	Bits          []byte
}

// NewRaster gives a white picture of width × height dots.
func NewRaster(width, height int) *Raster {
	stride := (width + 7) / 8
	return &Raster{Width: width, Height: height, Stride: stride, Bits: make([]byte, stride*height)}
}

// At reports whether the dot is black; outside the picture all is white.
func (r *Raster) At(x, y int) bool {
	if x < 0 || y < 0 || x >= r.Width || y >= r.Height {
		return false
	}
	return r.Bits[y*r.Stride+x>>3]&(0x80>>(x&7)) != 0
}

// Set makes the dot black or white; outside the picture it does nothing.
func (r *Raster) Set(x, y int, black bool) {
	if x < 0 || y < 0 || x >= r.Width || y >= r.Height {
		return
	}
	b := byte(0x80 >> (x & 7))
	if black {
		r.Bits[y*r.Stride+x>>3] |= b
	} else {
		r.Bits[y*r.Stride+x>>3] &^= b
	}
}

// Row is the bytes of row y, shared with the picture.
func (r *Raster) Row(y int) []byte { return r.Bits[y*r.Stride : (y+1)*r.Stride] }

func (r *Raster) fill(x, y, w, h int) {
	for j := y; j < y+h; j++ {
		for i := x; i < x+w; i++ {
			r.Set(i, j, true)
		}
	}
}

// Image is the picture for image/png and tests, two colours, black on white.
func (r *Raster) Image() image.Image {
	m := image.NewPaletted(image.Rect(0, 0, r.Width, r.Height), color.Palette{color.White, color.Black})
	for y := range r.Height {
		for x := range r.Width {
			if r.At(x, y) {
				m.Pix[y*m.Stride+x] = 1
			}
		}
	}
	return m
}
