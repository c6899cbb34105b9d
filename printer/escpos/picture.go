package escpos

import (
	"bytes"

	"motcua/printer"
)

// minGap is how many blank rows are worth a feed instead of white dots: the
// feed and the next band's head take 11 bytes, and a head that stops for every
// white row of a letter prints slowly.
const minGap = 4

// mostRows is what GS v 0 takes in one picture.
const mostRows = 2303

func (p *Protocol) maxBand() int {
	if !p.uses(Trimmed) {
		return mostRows
	}
	return p.profile.MaxBand
}

// picture encodes the rows y to end of a raster in bands of at most MaxBand
// rows with the white above and below them fed.
func (p *Protocol) picture(b []byte, r *printer.Raster, y, end int) []byte {
	if !p.uses(Trimmed) {
		for ; y < end; y += mostRows {
			b = p.placed(b, r, span{y0: y, y1: min(y+mostRows, end), wide: r.Stride})
		}
		return b
	}
	for y < end {
		gap := blank(r, y, end)
		if gap >= minGap || y+gap == end {
			b = p.feed(b, gap)
			y += gap
			continue
		}
		low := y // below the band
		for low < end && low-y < p.profile.MaxBand {
			gap := blank(r, low, end)
			if gap >= minGap || gap > 0 && low+gap == end {
				break
			}
			low = min(low+max(gap, 1), y+p.profile.MaxBand)
		}
		b = p.placed(b, r, p.trim(r, y, low))
		y = low
	}
	return b
}

// blank counts the white rows from y on, up to end.
func blank(r *printer.Raster, y, end int) int {
	n := 0
	for y+n < end && len(bytes.Trim(r.Row(y+n), "\x00")) == 0 {
		n++
	}
	return n
}

// feed moves the paper by n dots.
func (p *Protocol) feed(b []byte, n int) []byte {
	per := 1 // units per dot
	if !p.profile.MotionUnits {
		switch p.profile.Feed {
		case FeedHalf:
			per = 2
		case FeedUnknown:
			return p.white(b, n)
		}
	}
	for n > 0 {
		step := min(n, 255/per)
		b = append(b, 0x1B, 0x4A, byte(step*per)) // ESC J
		n -= step
	}
	return b
}

// white is n rows of nothing as a picture one byte wide.
func (p *Protocol) white(b []byte, n int) []byte {
	for n > 0 {
		rows := min(n, p.profile.MaxBand)
		b = p.graphics(b, 1, rows, make([]byte, rows))
		n -= rows
	}
	return b
}

// span is the part of a band that is sent.
type span struct {
	y0, y1 int // rows
	x      int // left edge in dots
	wide   int // bytes
}

// trim is rows y0 to y1 without the white at the right, and with a left trim
// without that at the left.
func (p *Protocol) trim(r *printer.Raster, y0, y1 int) span {
	left, right := r.Stride, 1 // bytes with ink
	for y := y0; y < y1; y++ {
		row := r.Row(y)
		for i := 0; i < left; i++ {
			if row[i] != 0 {
				left = i
			}
		}
		for i := r.Stride - 1; i >= right; i-- {
			if row[i] != 0 {
				right = i + 1
			}
		}
	}
	if p.leftTrim() == NoLeftTrim || left == r.Stride {
		left = 0
	}
	return span{y0: y0, y1: y1, x: left * 8, wide: right - left}
}

func (p *Protocol) leftTrim() LeftTrim {
	if !p.uses(LeftTrimmed) {
		return NoLeftTrim
	}
	return p.profile.LeftTrim
}

// placed encodes a span of the picture.
func (p *Protocol) placed(b []byte, r *printer.Raster, s span) []byte {
	if p.profile.ScrubRealtime {
		return p.scrubbed(b, r, s)
	}
	return p.send(b, s, s.data(r))
}

// data is the span's dots, as the command wants them.
func (s span) data(r *printer.Raster) []byte {
	data := make([]byte, 0, s.wide*(s.y1-s.y0))
	from, shift := s.x/8, s.x%8
	for y := s.y0; y < s.y1; y++ {
		row := r.Row(y)
		if shift == 0 && from+s.wide <= len(row) {
			data = append(data, row[from:from+s.wide]...)
			continue
		}
		at := func(i int) byte {
			if i < len(row) {
				return row[i]
			}
			return 0
		}
		for i := from; i < from+s.wide; i++ {
			data = append(data, at(i)<<shift|at(i+1)>>(8-shift))
		}
	}
	return data
}

// send is a band at its place.
func (p *Protocol) send(b []byte, s span, data []byte) []byte {
	return p.graphics(p.place(b, s.x), s.wide, s.y1-s.y0, data)
}

// place moves the left edge of the next picture.
func (p *Protocol) place(b []byte, x int) []byte {
	switch p.leftTrim() {
	case ESCDollar:
		if x > 0 { // a new line begins at 0
			b = append(b, 0x1B, 0x24, byte(x), byte(x>>8))
		}
	case GSL:
		b = append(b, 0x1D, 0x4C, byte(x), byte(x>>8))
	}
	return b
}

// graphics is one picture of wide bytes by rows.
func (p *Protocol) graphics(b []byte, wide, rows int, data []byte) []byte {
	if p.profile.Graphics == GSParenL {
		n, x := len(data)+10, wide*8
		if n <= 65535 {
			b = append(b, 0x1D, 0x28, 0x4C, byte(n), byte(n>>8))
		} else {
			b = append(b, 0x1D, 0x38, 0x4C, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
		}
		b = append(b, 0x30, 0x70, 0x30, 1, 1, 0x31, byte(x), byte(x>>8), byte(rows), byte(rows>>8))
		b = append(b, data...)
		return append(b, 0x1D, 0x28, 0x4C, 2, 0, 0x30, 0x32)
	}
	b = append(b, 0x1D, 0x76, 0x30, 0, byte(wide), byte(wide>>8), byte(rows), byte(rows>>8))
	return append(b, data...)
}
