package escpos

import (
	"crypto/sha256"
	"fmt"
	"maps"

	"motcua/printer"
)

// lean reports whether slips are laid out for a printer that draws parts of
// them itself.
func (p *Protocol) lean() bool {
	return p.uses(NativeCode) && (p.profile.NativeCode || p.profile.Memory)
}

// drawn is a part of a page that is not sent as a picture; its bytes move the
// paper by the part's rows.
type drawn struct {
	printer.Part
	above int // rows of white before the bytes,
	bytes []byte
	below int // and after them
}

// page encodes a page: what the printer draws itself by commands, the rest as
// a picture.
func (p *Protocol) page(b []byte, page *printer.Page) []byte {
	y, over := 0, 0
	for _, d := range p.drawn(page) {
		b, over = p.picture(b, page.Raster, y, d.Top, over)
		b, over = p.white(b, d.above, over)
		b = append(b, d.bytes...)
		b, over = p.white(b, d.below, over)
		y = d.Bottom
	}
	b, _ = p.picture(b, page.Raster, y, page.Height, over)
	return b
}

// white feeds n rows less those the paper has moved too far already.
func (p *Protocol) white(b []byte, n, over int) ([]byte, int) {
	return p.feed(b, max(n-over, 0)), max(over-n, 0)
}

// drawn lists, from the top, what the printer draws itself.
func (p *Protocol) drawn(page *printer.Page) []drawn {
	var out []drawn
	number := p.number(page.Number)
	code := p.code(page.Code)
	// Shared parts stand before the number, between it and the code, and after.
	shared := p.kept(page)
	next := func(above int) {
		for len(shared) > 0 && shared[0].Bottom <= above {
			out = append(out, shared[0])
			shared = shared[1:]
		}
	}
	if number != nil {
		next(page.Number.Top)
		out = append(out, *number)
	}
	if code != nil {
		next(page.Code.Top)
		out = append(out, drawn{Part: page.Code.Part, bytes: code})
	}
	next(page.Height)
	return out
}

// The printer's font A, of which every model has one: dots of a cell.
const (
	fontWide = 12
	fontHigh = 24
)

// number sets the number in the printer's own letters, as large as its rows
// allow; nil where that can't be.
func (p *Protocol) number(n printer.Number) *drawn {
	if n.Text == "" || !p.profile.NativeNumber || !p.uses(NativeNumber) {
		return nil
	}
	for _, c := range []byte(n.Text) {
		// All code tables have these, and no country's set changes them.
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') && (c < 'a' || c > 'z') && c != '-' {
			return nil
		}
	}
	rows, spare := n.Bottom-n.Top, 0
	if p.profile.Graphics == Column {
		spare = columnRows - 1 // the picture above may be so much too high
	}
	high := min(8, (rows-spare)/fontHigh)
	wide := min(8, high, n.Width/(fontWide*len(n.Text)))
	if wide < 2 {
		return nil
	}
	above := (rows - high*fontHigh) / 2
	b := append(p.place(nil, 0), tight...)
	if p.profile.CodeTable != NoCodeTable {
		b = append(b, 0x1B, 0x74, byte(p.profile.CodeTable)) // ESC t
	}
	b = append(b,
		0x1B, 0x24, byte(n.X), byte(n.X>>8), // ESC $
		0x1B, 0x45, 1, // ESC E: bold
		0x1D, 0x21, byte((wide-1)<<4|(high-1))) // GS !
	b = append(b, n.Text...)
	b = append(b, 0x0A, 0x1D, 0x21, 0, 0x1B, 0x45, 0) // LF, GS ! 0, ESC E 0
	return &drawn{n.Part, above, b, rows - above - high*fontHigh}
}

// code is GS ( k: the printer draws the code in the middle of the paper. It
// finds the version and the mask itself; its code is never larger than ours,
// which has the smallest version that holds the link.
func (p *Protocol) code(c printer.Code) []byte {
	if c.Link == "" || !p.profile.NativeCode || !p.uses(NativeCode) {
		return nil
	}
	n := len(c.Link) + 3
	b := append(p.place(nil, 0),
		0x1B, 0x61, 1, // ESC a: centred
		0x1D, 0x28, 0x6B, 4, 0, 0x31, 0x41, 0x32, 0, // fn 165: model 2
		0x1D, 0x28, 0x6B, 3, 0, 0x31, 0x43, byte(c.Module), // fn 167
		0x1D, 0x28, 0x6B, 3, 0, 0x31, 0x45, 0x31, // fn 169: level M
		0x1D, 0x28, 0x6B, byte(n), byte(n>>8), 0x31, 0x50, 0x30) // fn 180
	b = append(b, c.Link...)
	return append(b, 0x1D, 0x28, 0x6B, 3, 0, 0x31, 0x51, 0x30, 0x1B, 0x61, 0) // fn 181
}

// picture is a shared part as a printer's memory holds it, without the white
// above and below: cut into pieces with a key each.
type picture struct {
	printer.Part
	pieces []span
	sum    []byte // what its keys are made of
}

const (
	// least is how many pieces there are at least. A key of two signs holds 13
	// bits of the picture's hash; a page that trusted one alone could print
	// another category's name, once in a hundred changes. Three keys are all
	// taken by other pictures once in a million.
	least = 3
	// salts is how many sets of keys are tried: two pictures may want one key.
	salts = 4
)

// shared are the parts of a page that a printer can keep.
func (p *Protocol) shared(page *printer.Page) []picture {
	var out []picture
	for _, part := range page.Shared {
		r, top, bottom := page.Raster, part.Top+blank(page.Raster, part.Top, part.Bottom), part.Bottom
		for bottom > top && blank(r, bottom-1, bottom) == 1 {
			bottom--
		}
		n := max(least, (bottom-top+p.profile.MaxBand-1)/p.profile.MaxBand)
		if bottom-top < least || n > 16 {
			continue
		}
		whole := p.trim(r, top, bottom)
		// The white at the left is kept too: moving each piece would take bytes
		// with every slip.
		whole.x, whole.wide = 0, whole.wide+whole.x/8
		data := whole.data(r)
		if p.profile.ScrubRealtime && realtime(data) >= 0 {
			continue
		}
		pic := picture{Part: printer.Part{Top: top, Bottom: bottom}, sum: fmt.Appendf(data, "%d*%d", whole.wide, n)}
		for i := range n {
			s := whole
			s.y0, s.y1 = top+(bottom-top)*i/n, top+(bottom-top)*(i+1)/n
			pic.pieces = append(pic.pieces, s)
		}
		out = append(out, pic)
	}
	return out
}

// keys are the names of a picture's pieces: two printable signs each.
func (pic *picture) keys(salt byte) []string {
	sum := sha256.Sum256(append(pic.sum, salt))
	out := make([]string, len(pic.pieces))
	for i := range out {
		out[i] = string([]byte{0x21 + sum[2*i]%94, 0x21 + sum[2*i+1]%94})
	}
	return out
}

// find returns the keys under which a picture is known, or else those under
// which it can be stored: none of them is another picture's.
func (pic *picture) find(known map[string]bool) (keys []string, there bool) {
	var free []string
	for salt := range byte(salts) {
		keys := pic.keys(salt)
		n := 0
		for _, k := range keys {
			if known[k] {
				n++
			}
		}
		switch {
		case n == len(keys):
			return keys, true
		case n == 0 && free == nil:
			free = keys
		}
	}
	return free, false
}

// kept are the shared parts that the printer draws from its memory.
func (p *Protocol) kept(page *printer.Page) []drawn {
	if !p.remembers() || len(p.known) == 0 {
		return nil
	}
	var out []drawn
	for _, pic := range p.shared(page) {
		keys, there := pic.find(p.known)
		if !there {
			continue
		}
		b := p.place(nil, 0)
		for _, k := range keys {
			b = append(b, 0x1D, 0x28, 0x4C, 6, 0, 0x30, 0x45, k[0], k[1], 1, 1) // GS ( L fn 69
		}
		out = append(out, drawn{Part: pic.Part, bytes: b})
	}
	return out
}

// remembers reports whether the printer's memory is used.
func (p *Protocol) remembers() bool { return p.profile.Memory && p.uses(Stored) }

// KeysRequest is GS ( L fn 64: which pictures does the printer keep? It is
// empty for one that keeps none, or whose memory is not used.
func (p *Protocol) KeysRequest() []byte {
	if !p.remembers() {
		return nil
	}
	return []byte{0x1D, 0x28, 0x4C, 4, 0, 0x30, 0x40, 0x4B, 0x43}
}

// KeysTaken is ACK: the printer sends the next part of its list, if any.
func (p *Protocol) KeysTaken() []byte { return []byte{0x06} }

// Knowing returns the same language to a printer that keeps pictures under
// these keys.
func (p *Protocol) Knowing(keys []string) printer.Memory {
	q := *p
	q.known = make(map[string]bool, len(keys))
	for _, k := range keys {
		q.known[k] = true
	}
	return &q
}

// Store is GS ( L fn 67 for every shared part of the slip that the printer
// does not keep yet: nothing is written twice.
func (p *Protocol) Store(s printer.Slip) (b []byte, stored printer.Memory, err error) {
	if !p.remembers() {
		return nil, p, nil
	}
	page, err := printer.Compose(s, p.profile.WidthDots, p.lean())
	if err != nil {
		return nil, nil, fmt.Errorf("store parts of slip: %w", err)
	}
	known := maps.Clone(p.known)
	if known == nil {
		known = map[string]bool{}
	}
	for _, pic := range p.shared(page) {
		keys, there := pic.find(known)
		if there {
			continue
		}
		for i, k := range keys {
			s := pic.pieces[i]
			known[k] = true
			data, rows := s.data(page.Raster), s.y1-s.y0
			n, x := len(data)+11, s.wide*8
			b = append(b, 0x1D, 0x28, 0x4C, byte(n), byte(n>>8), 0x30, 0x43, 0x30, k[0], k[1], 1,
				byte(x), byte(x>>8), byte(rows), byte(rows>>8), 0x31)
			b = append(b, data...)
		}
	}
	after := *p
	after.known = known
	return b, &after, nil
}
