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

// columnRows is how high a line of ESC * 33 is, always.
const columnRows = 24

func (p *Protocol) maxBand() int {
	switch {
	case p.profile.Graphics == Column:
		return columnRows
	case !p.uses(Trimmed):
		return mostRows
	}
	return p.profile.MaxBand
}

// picture encodes the rows y to end of a raster in bands of at most MaxBand
// rows with the white above and below them fed. over is how many rows the
// paper has moved too far: the last line of columns may be too high, and those
// rows are white on it. What the one before was too high is taken off the white
// above.
func (p *Protocol) picture(b []byte, r *printer.Raster, y, end, before int) (_ []byte, over int) {
	most := p.maxBand()
	if before > 0 {
		gap := min(before, blank(r, y, end))
		y, before = y+gap, before-gap
	}
	if !p.uses(Trimmed) {
		for ; y < end; y += most {
			b = p.placed(b, r, span{y0: y, y1: min(y+most, end), wide: r.Stride})
		}
		return b, before + p.tooHigh(y, end)
	}
	for y < end {
		gap := blank(r, y, end)
		if gap >= minGap || y+gap == end {
			b = p.feed(b, gap)
			y += gap
			continue
		}
		top, low := y, y // of the band, and below it
		for low < end && low-y < most {
			gap := blank(r, low, end)
			if gap >= minGap && p.profile.Graphics != Column || gap > 0 && low+gap == end {
				break
			}
			low = min(low+max(gap, 1), y+most)
		}
		b = p.placed(b, r, p.trim(r, y, low))
		if y = low; p.profile.Graphics == Column {
			y = top + columnRows
		}
	}
	return b, before + p.tooHigh(y, end)
}

// tooHigh is how far y is below end, where columns can bring it.
func (p *Protocol) tooHigh(y, end int) int {
	if p.profile.Graphics != Column {
		return 0
	}
	return max(y-end, 0)
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
			return p.blankPicture(b, n)
		}
	}
	for n > 0 {
		step := min(n, 255/per)
		b = append(b, 0x1B, 0x4A, byte(step*per)) // ESC J
		n -= step
	}
	return b
}

// blankPicture is n rows of nothing as a picture one byte wide.
func (p *Protocol) blankPicture(b []byte, n int) []byte {
	for n > 0 {
		rows := min(n, p.profile.MaxBand) // columns have a feed: see Check
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
	return p.send(b, s, p.dots(r, s))
}

// dots is a span's dots, as the profile's command wants them.
func (p *Protocol) dots(r *printer.Raster, s span) []byte {
	if p.profile.Graphics == Column {
		return s.columns(r)
	}
	return s.data(r)
}

// columns is the span's dots by columns from the left, each three bytes from
// the top.
func (s span) columns(r *printer.Raster) []byte {
	data := make([]byte, s.wide*8*columnRows/8)
	for y := s.y0; y < s.y1; y++ {
		for x := range s.wide * 8 {
			if r.Black(s.x+x, y) {
				data[x*columnRows/8+(y-s.y0)/8] |= 0x80 >> ((y - s.y0) % 8)
			}
		}
	}
	return data
}

// data is the span's dots by rows.
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

// graphics is one picture of wide bytes by rows; data are the dots as [Protocol.dots]
// has them.
func (p *Protocol) graphics(b []byte, wide, rows int, data []byte) []byte {
	switch p.profile.Graphics {
	case Column:
		x := wide * 8
		b = append(b, 0x1B, 0x2A, 33, byte(x), byte(x>>8)) // ESC * 33: 24 dots, as close across as down
		return append(append(b, data...), 0x0A)
	case GSParenL:
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
