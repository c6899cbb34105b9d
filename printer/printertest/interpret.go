package printertest

import (
	"bytes"
	"image"
	"maps"
	"slices"
	"strings"

	"github.com/boombuler/barcode/qr"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

const (
	maxPayload = 1 << 20 // stored graphics larger than this are taken but not drawn
	maxText    = 4096    // bytes of text a ticket remembers
	maxCodes   = 8       // QR codes a ticket remembers
)

// machine is the head: it turns processed bytes into dots. Its owner holds
// the printer's lock.
type machine struct {
	p    *Printer
	scan scanner
	roll *roll

	// What ESC @ resets.
	unitX, unitY  int // motion units per inch; the default vertical unit is half a dot
	align         byte
	size          byte // GS !: (w-1)<<4 | (h-1)
	spacing       int  // ESC 3, in dots
	margin        int  // GS L, in dots
	kanji         bool // bytes from 81 up begin a character of two bytes
	odd           bool // letters are not those of ASCII
	lead          byte // the first of the two
	qrModule      int
	qrLevel       qr.ErrorCorrectionLevel
	qrData        []byte
	graphics      *raster // GS ( L fn 112
	feedRemainder int     // vertical units smaller than a dot, times the dpi

	// What no switching off erases.
	nv     map[string]*raster // GS ( L fn 67, by key
	nvUsed int                // bytes
	list   []string           // keys of fn 64 that wait for the host's ACK

	// The line being set.
	x, lineHeight int
	inLine        bool
	lettered      bool // the line has text

	// The command whose payload is being read.
	cmd     []byte
	payload []byte
	pixels  *raster // GS v 0, drawn while it comes
	at      int64   // payload byte

	// The ticket so far.
	touched   bool // something was printed or fed since the last cut
	dropping  bool // the ticket fell to a paper end: draw and acknowledge nothing until the next ESC @
	bytes     int64
	text      []byte
	textBytes int
	unknown   int
	codes     []string
}

// raster is an image in the making.
type raster struct {
	width, height  int // dots
	scaleX, scaleY int
	rows           []byte
	x              int // left edge on the paper
}

func newMachine(p *Printer) *machine {
	m := &machine{p: p, scan: p.newScanner(), roll: newRoll(p.opts.Width, p.opts.MaxRows), nv: map[string]*raster{}}
	m.reset()
	return m
}

// reset restores the power-on modes (ESC @). The paper, the receive buffer
// and a command in the making are not touched.
func (m *machine) reset() {
	m.unitX, m.unitY = m.p.opts.DPI, m.p.opts.vertical()
	m.p.noPulse, m.odd = false, m.p.opts.OddTable
	m.align, m.size, m.margin, m.lead = 0, 0, 0, 0
	m.spacing = m.p.opts.DPI / 6
	m.kanji = m.p.opts.Kanji
	m.qrModule, m.qrLevel, m.qrData, m.graphics = 3, qr.L, nil, nil
	m.x, m.lineHeight, m.inLine, m.lettered, m.feedRemainder = 0, 0, false, false, 0
}

// abandon forgets the command that was cut off.
func (m *machine) abandon() {
	if r := m.pixels; r != nil && r.width > 0 { // the rows that came are on the paper
		stride := int64(r.width / 8)
		m.feedDots(int((m.at+stride-1)/stride) * r.scaleY)
	}
	m.scan.reset()
	m.cmd, m.payload, m.pixels, m.dropping = nil, nil, nil, false
	m.x, m.lineHeight, m.inLine, m.lettered = 0, 0, false, false
}

// dropTicket loses the ticket in the making: its paper was torn off with the
// old roll, and nothing of it is printed or acknowledged any more.
func (m *machine) dropTicket() {
	m.ticket()
	m.dropping = true
}

// ticket takes the paper so far.
func (m *machine) ticket() Ticket {
	pic, overlong := m.roll.cut()
	t := Ticket{
		Image: pic, Bytes: m.bytes, Text: string(m.text), TextBytes: m.textBytes, Unknown: m.unknown,
		Codes: m.codes, Overlong: overlong, At: m.p.opts.Now(),
	}
	m.bytes, m.text, m.textBytes, m.unknown, m.codes, m.touched = 0, m.text[:0], 0, 0, nil, false
	return t
}

// take processes one byte.
func (m *machine) take(b byte) {
	m.scan.scan(b, func(t token) {
		switch t.kind {
		case tokText:
			m.char(t.b)
		case tokUnknown:
			m.unknown++
			m.p.stats.Unknown++
		case tokCommand:
			m.begin(t)
		case tokPayload:
			m.data(t)
		}
	})
}

// begin starts a command; without payload it is run at once.
func (m *machine) begin(t token) {
	h := t.head
	if m.dropping && h[0] == esc && h[1] == '@' {
		m.dropping = false
	}
	m.cmd = append(m.cmd[:0], h...)
	m.payload, m.pixels, m.at = m.payload[:0], nil, 0
	if h[0] == gs && h[1] == 'v' {
		m.flushLine()
		wide, high := int(h[4])|int(h[5])<<8, int(h[6])|int(h[7])<<8
		m.pixels = &raster{width: wide * 8, height: high, scaleX: 1 + int(h[3]&1), scaleY: 1 + int(h[3]>>1&1)}
		m.place(m.pixels)
	}
	if t.payload == 0 && !m.scan.zeroEnd {
		m.run()
	}
}

// data takes one byte of payload.
func (m *machine) data(t token) {
	if m.pixels != nil {
		m.rasterByte(m.pixels, m.at, t.b)
	} else if len(m.payload) < maxPayload {
		m.payload = append(m.payload, t.b)
	}
	m.at++
	if t.last {
		m.run()
	}
}

// rasterByte burns eight dots of an image that is drawn while it comes, and
// moves the paper when it is complete.
func (m *machine) rasterByte(r *raster, at int64, b byte) {
	stride := int64(r.width / 8)
	x, y := int(at%stride)*8, int(at/stride)
	for i := 0; b != 0; i, b = i+1, b<<1 {
		if b&0x80 != 0 {
			m.dot(r, x+i, y)
		}
	}
}

// dot burns one dot of an image whose top is under the head.
func (m *machine) dot(r *raster, x, y int) {
	if m.dropping {
		return
	}
	for dy := range r.scaleY {
		for dx := range r.scaleX {
			px, py := r.x+x*r.scaleX+dx, m.roll.y+y*r.scaleY+dy
			// A row wider than the head runs on into the next one.
			if over := (m.p.opts.Width + 7) / 8 * 8; px >= over {
				if m.p.opts.Clips {
					continue
				}
				px, py = px-over, py+1
			}
			m.roll.set(px, py)
		}
	}
}

// place finds an image's left edge.
func (m *machine) place(r *raster) {
	w := r.width * r.scaleX
	if !m.p.opts.NoLeftTrim {
		r.x = m.margin
		if m.x > 0 {
			r.x = m.margin + m.x
		}
	}
	if free := m.p.opts.Width - m.margin - w; free > 0 {
		switch m.align {
		case 1:
			r.x = m.margin + free/2
		case 2:
			r.x = m.margin + free
		}
	}
	m.x = 0
}

// feedDots moves the paper, unless the ticket is being dropped.
func (m *machine) feedDots(n int) {
	m.touched = true
	if !m.dropping {
		m.roll.feed(n)
	}
}

// feedUnits moves the paper by vertical motion units. Without GS P a unit is
// half a dot; the rest of a dot is kept for the next feed.
func (m *machine) feedUnits(n int) {
	total := n*m.p.opts.DPI + m.feedRemainder
	m.feedRemainder = total % m.unitY
	m.feedDots(total / m.unitY)
}

// flushLine prints the line in the making.
func (m *machine) flushLine() {
	if m.inLine {
		m.newLine()
	}
}

func (m *machine) newLine() {
	m.feedDots(max(m.spacing, m.lineHeight))
	if m.lettered || !m.inLine { // a line of columns is no text
		m.remember('\n')
	}
	m.x, m.lineHeight, m.inLine, m.lettered = 0, 0, false, false
}

func (m *machine) remember(b byte) {
	if !m.dropping && len(m.text) < maxText {
		m.text = append(m.text, b)
	}
}

// char prints one byte as text: font A, 12 x 24 dots, in a face of its own so
// that text which should have been an image is seen at once.
func (m *machine) char(b byte) {
	switch {
	case m.lead != 0:
	case b == ack && m.list != nil:
		m.sendKeys()
		return
	case b == lf:
		m.newLine()
		return
	case b < 0x20 || b == 0x7F:
		return // CR, HT, CAN, FF and NUL move nothing here
	}
	w, h := 12*(1+int(m.size>>4&7)), 24*(1+int(m.size&7))
	if m.lead != 0 {
		m.lead, b, w = 0, 0xFF, 2*w
	} else if m.kanji && b >= 0x81 {
		m.lead = b
		return
	}
	if m.odd && (b|0x20 >= 'a' && b|0x20 <= 'z') {
		b = 0xFF
	}
	if m.x+w > m.p.opts.Width-m.margin {
		m.newLine()
	}
	if !m.dropping {
		m.textBytes++
		m.p.stats.TextBytes++
		m.glyph(b, m.margin+m.x, m.roll.y, w, h)
	}
	m.remember(b)
	m.x += w
	m.lineHeight = max(m.lineHeight, h)
	m.inLine, m.lettered, m.touched = true, true, true
}

// glyph draws a character cell; what has no glyph is a frame.
func (m *machine) glyph(b byte, left, top, w, h int) {
	face := basicfont.Face7x13
	dr, mask, mp, _, ok := face.Glyph(fixed.P(0, face.Ascent), rune(b))
	for y := range h {
		for x := range w {
			on := x == 1 || x == w-2 || y == 1 || y == h-2
			if ok && b < 0x7F {
				at := image.Pt(x*face.Advance/w, y*face.Height/h)
				on = at.In(dr)
				if on {
					_, _, _, a := mask.At(mp.X+at.X-dr.Min.X, mp.Y+at.Y-dr.Min.Y).RGBA()
					on = a > 0
				}
			}
			if on {
				m.roll.set(left+x, top+y)
			}
		}
	}
}

// run obeys the command that is complete.
func (m *machine) run() {
	h := m.cmd
	switch h[0] {
	case esc:
		m.runESC(h)
	case fs:
		switch h[1] {
		case '.':
			m.kanji = false
		case '&':
			m.kanji = true
		}
	case gs:
		m.runGS(h)
	}
	m.pixels = nil
}

func (m *machine) runESC(h []byte) {
	switch h[1] {
	case '@':
		m.reset()
	case 'a':
		m.align = h[2] & 3
	case '!':
		m.size = h[2]>>1&0x10 | h[2]>>4&1
	case '2':
		m.spacing = m.p.opts.DPI / 6
	case '3':
		m.spacing = int(h[2]) * m.p.opts.DPI / m.unitY
	case 'J':
		m.inLine, m.lettered, m.x, m.lineHeight = false, false, 0, 0
		m.feedUnits(int(h[2]))
	case 'd':
		m.flushLine()
		for range h[2] {
			m.feedDots(m.spacing)
		}
	case '$':
		m.x = (int(h[2]) | int(h[3])<<8) * m.p.opts.DPI / m.unitX
	case '\\':
		m.x = max(0, m.x+int(int16(uint16(h[2])|uint16(h[3])<<8))*m.p.opts.DPI/m.unitX)
	case '*':
		m.columns(h)
	case 't':
		m.odd = false
	case 'B':
		m.p.stats.Sounds++
	case '(':
		if h[2] == 'A' && len(m.payload) == 4 && m.payload[0] == '0' {
			m.p.stats.Sounds++
			return
		}
		m.unknown++
		m.p.stats.Unknown++
	case 'i', 'm':
		m.cut()
	case 'p':
		m.p.stats.Pulses++
	}
}

// columns draws ESC *: 8 or 24 dots high, single or double width.
func (m *machine) columns(h []byte) {
	per, wide := 1, 2
	switch h[2] {
	case 1:
		wide = 1
	case 32:
		per = 3
	case 33:
		per, wide = 3, 1
	}
	if m.dropping {
		return
	}
	for i, b := range m.payload {
		for bitAt := 0; b != 0; bitAt, b = bitAt+1, b<<1 {
			if b&0x80 == 0 {
				continue
			}
			for dx := range wide {
				m.roll.set(m.margin+m.x+i/per*wide+dx, m.roll.y+i%per*8+bitAt)
			}
		}
	}
	m.x += len(m.payload) / per * wide
	m.lineHeight = max(m.lineHeight, per*8)
	m.inLine, m.touched = true, true
}

func (m *machine) runGS(h []byte) {
	switch h[1] {
	case '!':
		m.size = h[2]
	case 'P':
		if m.p.opts.OddUnits {
			return
		}
		m.unitX, m.unitY = m.p.opts.DPI, m.p.opts.vertical()
		if h[2] > 0 {
			m.unitX = int(h[2])
		}
		if h[3] > 0 {
			m.unitY = int(h[3])
		}
	case 'L':
		m.margin = min((int(h[2])|int(h[3])<<8)*m.p.opts.DPI/m.unitX, m.p.opts.Width)
		if m.p.opts.NoLeftTrim {
			m.margin = 0
		}
	case 'a':
		m.p.asb = h[2] != 0
		m.p.lastASB = nil
		m.p.statusChanged()
	case 'r':
		if !m.p.opts.NoStatus && (h[2] == 1 || h[2] == '1') {
			m.p.reply([]byte{m.p.paperStatus()})
		}
	case 'v':
		if m.pixels != nil {
			m.feedDots(m.pixels.height * m.pixels.scaleY)
		}
	case 'V':
		m.flushLine()
		if len(h) == 4 {
			m.feedUnits(int(h[3]))
		}
		m.cut()
	case '(':
		m.runParen(h[2])
	case '8':
		m.graphic()
	case 'k':
		// Bar codes are not drawn: the tickets of this house have none.
		m.unknown++
		m.p.stats.Unknown++
	case '*', '/', ':', '^', 'T', 'I':
		m.unknown++
		m.p.stats.Unknown++
	}
}

// cut ends the ticket. A jammed cutter holds the paper until the repair.
func (m *machine) cut() {
	switch {
	case m.p.opts.NoCutter:
	case m.dropping:
		m.bytes, m.text, m.touched = 0, m.text[:0], false
	case m.p.fault(CutterJam) != nil:
		m.p.jammed = true
	default:
		m.p.cutOff(m.ticket())
	}
}

// runParen obeys GS ( fn.
func (m *machine) runParen(fn byte) {
	d := m.payload
	switch fn {
	case 'H':
		if len(d) == 6 && d[0] == '0' && d[1] == '0' && !m.dropping {
			m.p.ack([4]byte(d[2:6]))
		}
	case 'L':
		m.graphic()
	case 'k':
		m.code(d)
	case 'D':
		m.realTimeOff(d)
	default:
		m.unknown++
		m.p.stats.Unknown++
	}
}

// realTimeOff obeys GS ( D fn 20: pairs of a real-time command and whether it
// is obeyed. Only the pulse (1) is known here; power-off does nothing anyway.
func (m *machine) realTimeOff(d []byte) {
	for i := 1; i+1 < len(d) && d[0] == 20; i += 2 {
		if d[i] == 1 {
			m.p.noPulse = d[i+1]&1 == 0
		}
	}
}

// graphic stores or prints graphics data: GS ( L and GS 8 L, fn 112 and 50.
func (m *machine) graphic() {
	d := m.payload
	if len(d) < 2 || d[0] != '0' {
		return
	}
	switch d[1] {
	case 112:
		if len(d) < 10 || len(d) == maxPayload {
			m.graphics = nil
			return
		}
		r := &raster{
			width: int(d[6]) | int(d[7])<<8, height: int(d[8]) | int(d[9])<<8,
			scaleX: 1 + bool2int(d[3] == 2), scaleY: 1 + bool2int(d[4] == 2),
		}
		r.rows = append([]byte(nil), d[10:]...)
		m.graphics = r
	case 2, 50:
		if m.graphics != nil {
			m.drawGraphic(m.graphics)
			m.graphics = nil
		}
	case 64:
		m.list = slices.Sorted(maps.Keys(m.nv))
		m.sendKeys()
	case 67:
		m.define(d)
	case 69:
		if len(d) != 6 || m.nv[string(d[2:4])] == nil {
			m.unknown++ // nothing is printed, as by a printer that lost its memory
			m.p.stats.Unknown++
			return
		}
		r := *m.nv[string(d[2:4])]
		r.scaleX, r.scaleY = 1+bool2int(d[4] == 2), 1+bool2int(d[5] == 2)
		m.drawGraphic(&r)
	default:
		m.unknown++
		m.p.stats.Unknown++
	}
}

// drawGraphic prints graphics data on rows of their own.
func (m *machine) drawGraphic(r *raster) {
	m.flushLine()
	m.place(r)
	stride := (r.width + 7) / 8
	for y := range min(r.height, len(r.rows)/max(stride, 1)+1) {
		for x := range r.width {
			if i := y*stride + x/8; i < len(r.rows) && r.rows[i]&(0x80>>(x%8)) != 0 {
				m.dot(r, x, y)
			}
		}
	}
	m.feedDots(r.height * r.scaleY)
}

// define stores NV graphics of one colour; what the memory can't hold, or what
// is not as long as it says, is not stored.
func (m *machine) define(d []byte) {
	if len(d) < 11 || d[2] != '0' || d[5] != 1 || d[10] != '1' {
		return
	}
	key := string(d[3:5])
	r := &raster{width: int(d[6]) | int(d[7])<<8, height: int(d[8]) | int(d[9])<<8, rows: bytes.Clone(d[11:])}
	used := m.nvUsed + len(r.rows)
	if old := m.nv[key]; old != nil {
		used -= len(old.rows)
	}
	if used > m.p.opts.Memory || len(r.rows) != (r.width+7)/8*r.height {
		return
	}
	m.nv[key], m.nvUsed = r, used
}

// sendKeys answers GS ( L fn 64: up to 40 keys, the rest after the host's ACK.
func (m *machine) sendKeys() {
	n := min(len(m.list), 40)
	head, rest := m.list[:n], m.list[n:]
	more := byte(0x40)
	m.list = nil
	if len(rest) > 0 {
		more, m.list = 0x41, rest
	}
	m.p.reply(append(append([]byte{0x37, 0x72, more}, strings.Join(head, "")...), 0))
}

func bool2int(b bool) int {
	if b {
		return 1
	}
	return 0
}

// code obeys GS ( k for QR codes (cn 49).
func (m *machine) code(d []byte) {
	if len(d) < 3 || d[0] != '1' {
		m.unknown++
		m.p.stats.Unknown++
		return
	}
	switch d[1] {
	case 67:
		m.qrModule = max(1, min(int(d[2]), 16))
	case 69:
		switch d[2] {
		case '1':
			m.qrLevel = qr.M
		case '2':
			m.qrLevel = qr.Q
		case '3':
			m.qrLevel = qr.H
		default:
			m.qrLevel = qr.L
		}
	case 80:
		m.qrData = append([]byte(nil), d[3:min(len(d), 3+2953)]...)
	case 81:
		m.drawQR()
	}
}

func (m *machine) drawQR() {
	if len(m.qrData) == 0 || m.dropping {
		return
	}
	c, err := qr.Encode(string(m.qrData), m.qrLevel, qr.Auto)
	if err != nil {
		m.unknown++
		m.p.stats.Unknown++
		return
	}
	m.flushLine()
	n := c.Bounds().Dx()
	r := &raster{width: n, height: n, scaleX: m.qrModule, scaleY: m.qrModule}
	m.place(r)
	for y := range n {
		for x := range n {
			if v, _, _, _ := c.At(x, y).RGBA(); v == 0 {
				m.dot(r, x, y)
			}
		}
	}
	m.feedDots(n * m.qrModule)
	if len(m.codes) < maxCodes {
		m.codes = append(m.codes, string(m.qrData))
	}
}
