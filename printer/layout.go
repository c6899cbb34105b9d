package printer

import (
	"fmt"
	"image/color"

	"github.com/boombuler/barcode/qr"
)

// maxLink is what a QR code of 41 modules with error correction M holds, bytes.
const maxLink = 106

// Widths of paper that [Layout] accepts, dots.
const (
	minWidth = 320
	maxWidth = 1024
)

// metrics are the sizes of one paper width, dots.
type metrics struct {
	width, margin, module           int
	small, centre, category, number int
	label, value, hint, notice      int
}

// sizes scale with the width, but words stay readable: narrow paper has the
// same dots per millimetre, so its words shrink by a fifth at most.
func sizes(width int) metrics {
	f := func(n int) int { return (n*min(max(width, 461), 576) + 288) / 576 }
	m := metrics{
		width: width, margin: 24, module: 6,
		small: f(26), centre: f(31), category: f(44), number: f(216),
		label: f(30), value: f(34), hint: f(27), notice: f(26),
	}
	if width < 500 { // 58 mm paper
		m.margin, m.module = 16, 5
	}
	return m
}

// sheet is a slip being set, from the top down.
type sheet struct {
	metrics
	ts *setter
	*Raster
	y int // first free row
}

// Layout sets the slip on paper of the given width in dots (320..1024; 576 and
// 512 are 80 mm paper, 420 and 384 are 58 mm paper). Its errors: a
// [*GlyphError], a link of more than 106 bytes, a number no size can fit, a
// width out of range. It is safe for concurrent use.
func Layout(s Slip, width int) (*Raster, error) {
	if width < minWidth || width > maxWidth {
		return nil, fmt.Errorf("lay out slip: paper width is %d dots, must be %d to %d: correct the printer's profile", width, minWidth, maxWidth)
	}
	if len(s.Link) > maxLink {
		return nil, fmt.Errorf("lay out slip: link has %d bytes, at most %d fit the code: shorten the public address", len(s.Link), maxLink)
	}
	ts, err := takeSetter()
	if err != nil {
		return nil, err
	}
	defer setters.Put(ts)
	p := &sheet{metrics: sizes(width), ts: ts, Raster: NewRaster(width, 256)}
	p.y = p.margin
	p.reprint(s.Reprint)
	p.head(s)
	p.title(s)
	if err := p.bigNumber(s.Number); err != nil {
		return nil, err
	}
	p.rows(s.Rows)
	if err := p.foot(s); err != nil {
		return nil, err
	}
	p.notice(s.Notice)
	if err := ts.missingError(); err != nil {
		return nil, fmt.Errorf("lay out slip: %w", err)
	}
	p.need(p.y + p.margin/2)
	p.Height = p.y + p.margin/2
	p.Bits = p.Bits[:p.Height*p.Stride]
	return p.Raster, nil
}

func (p *sheet) inner() int { return p.width - 2*p.margin }

// need grows the picture to at least h rows.
func (p *sheet) need(h int) {
	if h > p.Height {
		h += 256
		bits := make([]byte, h*p.Stride)
		copy(bits, p.Bits)
		p.Bits, p.Height = bits, h
	}
}

func (p *sheet) rule(thick int) {
	p.need(p.y + thick)
	p.fill(p.margin, p.y, p.inner(), thick)
	p.y += thick
}

// lineHeight leaves room for two marks over a capital (Ấ, Ẵ) and one below.
func lineHeight(size int) int { return size * 4 / 3 }

// ascent is where the baseline lies below the top of a line.
func ascent(size int) int { return size * 105 / 100 }

// lines sets runs one below the other from x on.
func (p *sheet) lines(rs []run, x int) {
	for _, t := range rs {
		p.need(p.y + 2*t.style.size)
		p.ts.draw(p.Raster, t, x, p.y+ascent(t.style.size), true)
		p.y += lineHeight(t.style.size)
	}
}

func (p *sheet) frame(x, y, w, h, thick int) {
	p.need(y + h)
	p.fill(x, y, w, thick)
	p.fill(x, y+h-thick, w, thick)
	p.fill(x, y, thick, h)
	p.fill(x+w-thick, y, thick, h)
}

func (p *sheet) reprint(s string) {
	if s == "" {
		return
	}
	top, pad := p.y, p.small/3
	p.y += pad + 2
	for _, t := range p.ts.wrap(s, style{p.value, true}, p.inner()-4*pad) {
		p.lines([]run{t}, (p.width-t.width)/2)
	}
	p.y += pad + 2
	p.frame(p.margin, top, p.inner(), p.y-top, 4)
	p.y += p.small / 2
}

func (p *sheet) head(s Slip) {
	p.lines(p.ts.wrap(s.Unit, style{size: p.small}, p.inner()), p.margin)
	p.lines(p.ts.wrap(s.Centre, style{p.centre, true}, p.inner()), p.margin)
	if s.Unit+s.Centre != "" {
		p.y += p.small * 2 / 3
		p.rule(4)
		p.y += p.small * 2 / 3
	}
}

// title is the category, with the mark white on black at the right edge.
func (p *sheet) title(s Slip) {
	room, top := p.inner(), p.y
	if s.Mark != "" {
		t := p.ts.shape(s.Mark, style{p.label, true})
		pad := p.label / 3
		w, h := t.width+2*pad, lineHeight(p.label)+pad/2
		x := p.width - p.margin - w
		y := top + max(0, (lineHeight(p.category)-h)/2)
		below := w > room/2 // no room beside the category
		if below {
			x, y = p.margin, top
		}
		p.need(y + h)
		p.fill(x, y, w, h)
		p.ts.draw(p.Raster, t, x+pad, y+pad/4+ascent(p.label), false)
		if below {
			p.y += h + pad
		} else {
			room -= w + 2*pad
		}
		top = y + h
	}
	p.lines(p.ts.wrap(s.Category, style{p.category, true}, room), p.margin)
	p.y = max(p.y, top)
}

// bigNumber is as large as the paper allows; its ink, not its em, is spaced.
func (p *sheet) bigNumber(s string) error {
	if s == "" {
		p.y += p.small / 2
		return nil
	}
	st := style{p.number, true}
	t := p.ts.shape(s, st)
	if t.width > p.inner() {
		st.size = st.size * p.inner() / t.width
		if st.size < p.value {
			return fmt.Errorf("lay out slip: number %q is too long for paper of %d dots: shorten the series' prefix", s, p.width)
		}
		t = p.ts.shape(s, st)
	}
	cap := st.size * 714 / 1000 // cap height of Noto Sans, 0.714 em
	p.y += p.small
	p.need(p.y + 2*st.size)
	p.ts.draw(p.Raster, t, p.margin, p.y+cap, true)
	p.y += cap + p.small
	return nil
}

func (p *sheet) rows(rows []Row) {
	for i, r := range rows {
		if i == 0 {
			p.rule(2)
		}
		pad := p.label / 3
		p.y += pad
		label, value := style{size: p.label}, style{p.value, true}
		l, v := p.ts.shape(r.Label, label), p.ts.shape(r.Value, value)
		if l.width+p.label+v.width <= p.inner() {
			p.need(p.y + 2*p.value)
			base := p.y + ascent(p.value)
			p.ts.draw(p.Raster, l, p.margin, base, true)
			p.ts.draw(p.Raster, v, p.width-p.margin-v.width, base, true)
			p.y += lineHeight(p.value)
		} else {
			p.lines(p.ts.wrap(r.Label, label, p.inner()), p.margin)
			for _, t := range p.ts.wrap(r.Value, value, p.inner()) {
				p.lines([]run{t}, p.width-p.margin-t.width)
			}
		}
		p.y += pad / 2
		if i < len(rows)-1 {
			p.rule(2)
		} else {
			p.rule(4)
		}
	}
}

// foot is the QR code with the hint and the lines of issue beside it, or below
// it on narrow paper. The quiet zone of four modules stays white.
func (p *sheet) foot(s Slip) error {
	p.y += 4*p.module + 4
	x, room, top, bottom := p.margin, p.inner(), p.y, p.y
	if s.Link != "" {
		code, err := qr.Encode(s.Link, qr.M, qr.Auto)
		if err != nil {
			return fmt.Errorf("lay out slip: encode link as QR: %w", err)
		}
		n := code.Bounds().Dx()
		side := n * p.module
		left := max(p.margin, 4*p.module)
		beside := p.width - p.margin - left - side - 4*p.module
		if beside >= 8*p.hint {
			x, room = left+side+4*p.module, beside
		} else {
			left = (p.width - side) / 2
		}
		p.need(top + side)
		for j := range n {
			for i := range n {
				if g := color.GrayModel.Convert(code.At(i, j)).(color.Gray); g.Y < 128 {
					p.fill(left+i*p.module, top+j*p.module, p.module, p.module)
				}
			}
		}
		bottom = top + side
		if x == p.margin {
			p.y = bottom + 4*p.module
		}
	}
	st := style{size: p.hint}
	p.lines(p.ts.wrap(s.LinkHint, st, room), x)
	if s.LinkHint != "" && len(s.Issued) > 0 {
		p.y += p.hint / 2
	}
	for _, l := range s.Issued {
		p.issued(l, st, x, room)
	}
	p.y = max(p.y, bottom)
	return nil
}

func (p *sheet) issued(l Line, st style, x, room int) {
	if l.Text == "" || l.Bold == "" {
		p.lines(p.ts.wrap(l.Text, st, room), x)
		p.lines(p.ts.wrap(l.Bold, style{st.size, true}, room), x)
		return
	}
	t, b := p.ts.shape(l.Text+" ", st), p.ts.shape(l.Bold, style{st.size, true})
	if t.width+b.width > room {
		p.issued(Line{Text: l.Text}, st, x, room)
		p.issued(Line{Bold: l.Bold}, st, x, room)
		return
	}
	y := p.y
	p.lines([]run{t}, x)
	p.y = y
	p.lines([]run{b}, x+t.width)
}

func (p *sheet) notice(s string) {
	if s == "" {
		return
	}
	p.y += 4 * p.module
	p.rule(2)
	p.y += p.notice / 2
	p.lines(p.ts.wrap(s, style{size: p.notice}, p.inner()), p.margin)
}
