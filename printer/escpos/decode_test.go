package escpos_test

import (
	"errors"
	"fmt"

	"motcua/printer"
)

// paper is what a plain reading of the documentation makes of a picture's
// bytes: a second opinion beside printertest, strict where that is lenient.
type paper struct {
	r       *printer.Raster
	y       int // row under the head
	half    int // half dots fed beyond y
	units   int // vertical units per dot
	x       int // left edge set by ESC $, for one picture
	margin  int // left edge set by GS L
	stored  *printer.Raster
	widest  int // bytes of the widest picture
	tallest int // rows of the tallest one
	bands   int
}

// decode reads pictures and feeds onto paper of the given size.
func decode(b []byte, width, height, units int) (*paper, error) {
	p := &paper{r: printer.NewRaster(width, height), units: units}
	for len(b) > 0 {
		n, err := p.command(b)
		if err != nil {
			return p, fmt.Errorf("at % X: %w", b[:min(len(b), 12)], err)
		}
		b = b[n:]
	}
	return p, nil
}

func word(b []byte) int { return int(b[0]) | int(b[1])<<8 }

func (p *paper) command(b []byte) (int, error) {
	has := func(n int, head ...byte) bool { return len(b) >= n && string(b[:len(head)]) == string(head) }
	switch {
	case has(3, 0x1B, 0x4A):
		p.half += int(b[2])
		p.y += p.half / p.units
		p.half %= p.units
		return 3, nil
	case has(4, 0x1B, 0x24):
		p.x = word(b[2:])
		return 4, nil
	case has(4, 0x1D, 0x4C):
		p.margin = word(b[2:])
		return 4, nil
	case has(5, 0x1B, 0x2A, 33):
		wide := word(b[3:])
		if len(b) < 5+3*wide+1 || b[5+3*wide] != 0x0A {
			return 0, errors.New("columns are too short, or not printed")
		}
		rows := printer.NewRaster(wide, 24)
		for x := range wide {
			for y := range 24 {
				if b[5+3*x+y/8]&(0x80>>(y%8)) != 0 {
					rows.Set(x, y)
				}
			}
		}
		return 5 + 3*wide + 1, p.burn(wide, 24, rows.Bits)
	case has(8, 0x1D, 0x76, 0x30, 0):
		wide, rows := word(b[4:]), word(b[6:])
		if len(b) < 8+wide*rows {
			return 0, errors.New("picture is too short")
		}
		return 8 + wide*rows, p.burn(wide*8, rows, b[8:8+wide*rows])
	case has(17, 0x1D, 0x28, 0x4C) && b[6] == 0x70:
		return p.store(b, 5, word(b[3:]))
	case has(19, 0x1D, 0x38, 0x4C):
		return p.store(b, 7, word(b[3:])|word(b[5:])<<16)
	case has(7, 0x1D, 0x28, 0x4C, 2, 0, 0x30, 0x32):
		if p.stored == nil {
			return 0, errors.New("nothing is stored")
		}
		r := p.stored
		p.stored = nil
		return 7, p.burn(r.Width, r.Height, r.Bits)
	}
	return 0, errors.New("no command of a picture")
}

// store is GS ( L fn 112: tone 30, scale 1 x 1, colour 31.
func (p *paper) store(b []byte, head, size int) (int, error) {
	if len(b) < head+size || string(b[head:head+6]) != "\x30\x70\x30\x01\x01\x31" {
		return 0, errors.New("not the picture to be stored")
	}
	r := printer.NewRaster(word(b[head+6:]), word(b[head+8:]))
	if copy(r.Bits, b[head+10:head+size]) != size-10 || len(r.Bits) != size-10 {
		return 0, fmt.Errorf("%d bytes for %d x %d dots", size-10, r.Width, r.Height)
	}
	p.stored = r
	return head + size, nil
}

func (p *paper) burn(width, rows int, data []byte) error {
	if p.half != 0 {
		return errors.New("paper stands between two dots")
	}
	if width == 0 || rows == 0 {
		return errors.New("empty picture")
	}
	left, stride := p.margin+p.x, (width+7)/8
	for y := range rows {
		for x := range width {
			if data[y*stride+x/8]&(0x80>>(x%8)) == 0 {
				continue
			}
			if left+x >= p.r.Width || p.y+y >= p.r.Height {
				return fmt.Errorf("dot (%d, %d) is off the paper", left+x, p.y+y)
			}
			p.r.Set(left+x, p.y+y)
		}
	}
	p.widest, p.tallest, p.bands = max(p.widest, stride+(left+7)/8), max(p.tallest, rows), p.bands+1
	p.y += rows
	p.x = 0
	return nil
}
