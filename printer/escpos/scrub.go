package escpos

import "motcua/printer"

// realtime finds the first byte pair that begins a real-time command, DLE EOT,
// DLE ENQ or DLE DC4, and returns its index or -1.
func realtime(b []byte) int {
	for i := 0; i+1 < len(b); i++ {
		if b[i] == 0x10 && (b[i+1] == 0x04 || b[i+1] == 0x05 || b[i+1] == 0x14) {
			return i
		}
	}
	return -1
}

// scrubbed encodes a span so that no pair of its bytes begins a real-time
// command. Epson warns under DLE DC4 that a printer may obey one inside
// picture data: an answer nobody asked for, a drawer pulse, a lost buffer.
//
// The picture stays the same where that can be had: a white byte at the right
// parts the rows, a left edge moved by some dots makes other bytes of the same
// dots, a cut between two rows does the rest. A pair inside a row that can't
// be moved costs one dot burnt beside another.
func (p *Protocol) scrubbed(b []byte, r *printer.Raster, s span) []byte {
	try := func(s span) ([]byte, int) {
		one := p.send(nil, s, p.dots(r, s))
		return one, realtime(one)
	}
	one, at := try(s)
	if at < 0 {
		return append(b, one...)
	}
	if s.x+8*(s.wide+1) <= p.stride()*8 {
		wider := s
		wider.wide++
		if one, at := try(wider); at < 0 {
			return append(b, one...)
		}
	}
	if p.leftTrim() != NoLeftTrim {
		for d := 1; d < 8 && d <= s.x; d++ {
			moved := s
			moved.x -= d
			if moved.x+8*(moved.wide+1) <= p.stride()*8 {
				moved.wide++
			}
			if !moved.covers(r) {
				continue
			}
			if one, at := try(moved); at < 0 {
				return append(b, one...)
			}
		}
	}
	if s.y1-s.y0 > 1 && p.profile.Graphics != Column { // a line of columns can't be cut
		// Small bands have fewer pairs, and different ones in their heads.
		mid := (s.y0 + s.y1) / 2
		top, bottom := s, s
		top.y1, bottom.y0 = mid, mid
		return p.scrubbed(p.scrubbed(b, r, top), r, bottom)
	}
	data := p.dots(r, s)
	for at := realtime(data); at >= 0; at = realtime(data) {
		data[at+1] |= 0x08 // 04, 05, 14 become 0C, 0D, 1C
	}
	return p.send(b, s, data)
}

// covers reports whether a moved span still holds the ink of its rows.
func (s span) covers(r *printer.Raster) bool {
	for y := s.y0; y < s.y1; y++ {
		for x := s.x + 8*s.wide; x < r.Width; x++ {
			if r.Black(x, y) {
				return false
			}
		}
	}
	return true
}
