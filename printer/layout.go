package printer

import (
	"fmt"
	"slices"
	"sort"
	"strings"
	"unicode"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/qr"
	"golang.org/x/text/unicode/norm"
)

// measures are the sizes of a slip in dots. Those of a width between two are
// the narrower one's.
type measures struct {
	margin           int // also the quiet zone of the code
	unit, centre     int // type sizes
	category, number int
	label, value     int
	row              int // height of a row
	small, line      int // words beside the code and their line height
	module           int // dots per module of the code, at most
}

var (
	wide   = measures{margin: 24, unit: 24, centre: 30, category: 44, number: 216, label: 30, value: 34, row: 64, small: 27, line: 36, module: 6}
	narrow = measures{margin: 16, unit: 19, centre: 23, category: 33, number: 148, label: 23, value: 26, row: 48, small: 22, line: 29, module: 4}
)

const (
	capHeight = 714 // of Noto Sans, in thousandths of an em
	descent   = 293
)

// sheet is a layout in progress: marks are recorded with their place and inked
// together, while the code is being made.
type sheet struct {
	*press
	m     measures
	width int
	y     int // next free row
	marks []func(*Raster)
	dst   *Raster // what has been inked; see flush
	lean  bool
	page  Page // what stands where
	err   error
}

// Layout sets a slip on paper of the given width in dots, 256 to 832. The
// error is a *GlyphError, or says why the code can't be drawn.
func Layout(s Slip, width int) (*Raster, error) {
	p, err := Compose(s, width, false)
	if err != nil {
		return nil, err
	}
	return p.Raster, nil
}

// Compose is Layout, and says what stands where. A lean page has nothing beside
// the code, and values below their labels: a printer that draws codes itself
// puts nothing beside them, and a picture another slip shares has nothing in
// its rows that this slip has alone. It is longer and takes fewer bytes.
func Compose(s Slip, width int, lean bool) (*Page, error) {
	if width < 256 || width > 832 {
		return nil, fmt.Errorf("lay out slip: paper of %d dots; give 256 to 832", width)
	}
	p, err := loadPress()
	if err != nil {
		return nil, err
	}
	sh := &sheet{press: p, m: wide, width: width, lean: lean}
	if width < 500 {
		sh.m = narrow
	}
	// The code takes as long as all the rest: both at once.
	code := make(chan qrCode, 1)
	if s.Link != "" {
		go func() { code <- encodeLink(s.Link) }()
	}
	sh.head(s)
	sh.number(s)
	sh.rows(s.Rows)
	sh.flush()
	sh.foot(s, code)
	sh.notice(s)
	if sh.err != nil {
		return nil, fmt.Errorf("lay out slip %s: %w", s.Number, sh.err)
	}
	sh.flush()
	sh.page.Raster = sh.dst.crop(sh.y + 8)
	return &sh.page, nil
}

// shared sets rows that other slips have too.
func (sh *sheet) shared(set func()) {
	top := sh.y
	set()
	if sh.y > top {
		sh.page.Shared = append(sh.page.Shared, Part{top, sh.y})
	}
}

// flush inks what has been placed so far; the paper grows as it is needed.
func (sh *sheet) flush() {
	const below = 64 // marks under the last line's baseline
	if sh.dst == nil {
		sh.dst = NewRaster(sh.width, sh.y+below)
	}
	if more := sh.y + below - sh.dst.Height; more > 0 {
		sh.dst.Height += more
		sh.dst.Bits = append(sh.dst.Bits, make([]byte, more*sh.dst.Stride)...)
	}
	for _, mark := range sh.marks {
		mark(sh.dst)
	}
	sh.marks = sh.marks[:0]
}

func (sh *sheet) inner() int { return sh.width - 2*sh.m.margin }

func (sh *sheet) set(text string, st style) run {
	r, err := sh.shape(text, st)
	if err != nil && sh.err == nil {
		sh.err = err
	}
	return r
}

// line places a shaped line with its baseline at y.
func (sh *sheet) line(r run, x, y int) {
	sh.marks = append(sh.marks, func(dst *Raster) { sh.draw(dst, r, x, y) })
}

func (sh *sheet) rule(thick int) {
	y := sh.y
	sh.marks = append(sh.marks, func(dst *Raster) { dst.fill(sh.m.margin, y, sh.width-sh.m.margin, y+thick) })
	sh.y += thick
}

func capOf(size int) int { return (size*capHeight + 999) / 1000 }

// wrap breaks text at spaces into lines no wider than most, all about as long
// as each other: a last line of one word looks like a mistake. A single word
// that is wider is broken between letters, so nothing ever leaves the paper.
func (sh *sheet) wrap(text string, st style, most int) []run {
	if whole := sh.set(text, st); whole.width <= most && !strings.ContainsAny(text, "\t\n") {
		if len(whole.glyphs) == 0 {
			return nil
		}
		return []run{whole}
	}
	words, widths := sh.words(text, st, most)
	space := sh.set(" ", st).width
	lines := breakLines(widths, space, most)
	// The narrowest measure that needs no more lines.
	for low, high := min(slices.Max(append(widths, 0)), most), most; low < high; {
		mid := (low + high) / 2
		if narrower := breakLines(widths, space, mid); len(narrower) > len(lines) {
			low = mid + 1
		} else {
			high, lines = mid, narrower
		}
	}
	var runs []run
	from := 0
	for _, to := range lines {
		runs = append(runs, sh.set(strings.Join(words[from:to], " "), st))
		from = to
	}
	return runs
}

// words are the pieces a line may end after, with their widths.
func (sh *sheet) words(text string, st style, most int) (words []string, widths []int) {
	for _, word := range strings.Fields(norm.NFC.String(text)) {
		width := sh.set(word, st).width
		for sh.err == nil && width > most {
			head, tail := sh.breakWord(word, st, most)
			if tail == "" {
				break
			}
			words, widths = append(words, head), append(widths, sh.set(head, st).width)
			word, width = tail, sh.set(tail, st).width
		}
		words, widths = append(words, word), append(widths, width)
	}
	return words, widths
}

// breakWord takes as many letters off a word as fit, marks with their letters.
func (sh *sheet) breakWord(word string, st style, most int) (head, tail string) {
	var ends []int
	for i, r := range word {
		if i > 0 && !unicode.Is(unicode.Mn, r) {
			ends = append(ends, i)
		}
	}
	if len(ends) == 0 {
		return word, ""
	}
	n := sort.Search(len(ends), func(n int) bool { return sh.set(word[:ends[n]], st).width > most })
	end := ends[max(n-1, 0)]
	return word[:end], word[end:]
}

// breakLines fills lines word by word and returns where each ends. A word
// wider than the measure has a line of its own.
func breakLines(widths []int, space, most int) (ends []int) {
	used := 0
	for i, w := range widths {
		switch {
		case i > 0 && used+space+w > most:
			ends, used = append(ends, i), w
		case i > 0:
			used += space + w
		default:
			used = w
		}
	}
	if len(widths) > 0 {
		ends = append(ends, len(widths))
	}
	return ends
}

// paragraph sets wrapped lines from the left margin and moves on.
func (sh *sheet) paragraph(text string, st style, leading int) {
	for _, r := range sh.wrap(text, st, sh.inner()) {
		sh.y += leading
		sh.line(r, sh.m.margin, sh.y-(leading-capOf(st.size))/2)
	}
}

// head is the office, and above it the frame of a reprint.
func (sh *sheet) head(s Slip) {
	sh.y = 16
	if s.Reprint != "" {
		st := style{sh.m.value, true}
		r := sh.fit(s.Reprint, st, sh.inner()-16)
		top, height := sh.y, sh.m.row
		sh.line(r, (sh.width-r.width)/2, top+(height+capOf(r.style.size))/2)
		sh.marks = append(sh.marks, func(dst *Raster) { dst.invert(sh.m.margin, top, sh.width-sh.m.margin, top+height) })
		sh.y += height + 16
	}
	sh.shared(func() {
		if s.Unit != "" {
			sh.paragraph(s.Unit, style{sh.m.unit, false}, sh.m.unit*4/3)
		}
		if s.Centre != "" {
			sh.paragraph(s.Centre, style{sh.m.centre, true}, sh.m.centre*4/3)
		}
		sh.y += sh.m.margin / 2
		sh.rule(4)
	})
}

// number is what the slip is for: the category, the mark and the number as
// large as the paper allows.
func (sh *sheet) number(s Slip) {
	sh.shared(func() {
		sh.y += sh.m.margin / 2
		if s.Category != "" {
			sh.paragraph(s.Category, style{sh.m.category, true}, sh.m.category*4/3)
		}
	})
	sh.shared(func() {
		if s.Mark == "" {
			return
		}
		st := style{sh.m.label, true}
		pad := sh.m.margin / 2
		r := sh.fit(s.Mark, st, sh.inner()-2*pad)
		top, height := sh.y+8, sh.m.label*3/2
		sh.line(r, sh.m.margin+pad, top+(height+capOf(r.style.size))/2)
		sh.marks = append(sh.marks, func(dst *Raster) { dst.invert(sh.m.margin, top, sh.m.margin+r.width+2*pad, top+height) })
		sh.y = top + height
	})
	if s.Number == "" {
		return
	}
	top := sh.y
	r := sh.fit(s.Number, style{sh.m.number, true}, sh.inner())
	if left := -r.bearing(); left > 0 { // moved to the right by what hangs over on the left
		r = sh.fit(s.Number, style{sh.m.number, true}, sh.inner()-left)
	}
	sh.y += sh.m.margin + capOf(r.style.size)
	sh.line(r, sh.m.margin-r.bearing(), sh.y)
	sh.y += sh.m.margin
	sh.page.Number = Number{Part{top, sh.y}, sh.m.margin, sh.inner(), s.Number}
}

// smallest is the least size in dots per em that can be read on paper.
const smallest = 14

// fit shrinks a line until it fits; what is too long even then loses its end.
func (sh *sheet) fit(text string, st style, most int) run {
	r := sh.set(text, st)
	for sh.err == nil && r.width > most && st.size > smallest {
		st.size = max(smallest, min(st.size-1, st.size*most/r.width))
		r = sh.set(text, st)
	}
	if sh.err == nil && r.width > most {
		head, _ := sh.breakWord(norm.NFC.String(text), st, most-sh.set("…", st).width)
		r = sh.set(head+"…", st)
	}
	return r
}

func (sh *sheet) rows(rows []Row) {
	for _, row := range rows {
		if sh.lean {
			sh.shared(func() {
				sh.rule(2)
				sh.paragraph(row.Label, style{sh.m.label, false}, sh.m.label*5/4)
			})
			sh.shared(func() { sh.paragraph(row.Value, style{sh.m.value, true}, sh.m.value*5/4) })
			sh.y += sh.m.margin / 3
			continue
		}
		sh.rule(2)
		label := sh.set(row.Label, style{sh.m.label, false})
		value := sh.set(row.Value, style{sh.m.value, true})
		if label.width+value.width+sh.m.margin <= sh.inner() {
			sh.y += sh.m.row
			base := sh.y - (sh.m.row-capOf(sh.m.value))/2
			sh.line(label, sh.m.margin, base)
			sh.line(value, sh.width-sh.m.margin-value.width, base)
			continue
		}
		sh.paragraph(row.Label, style{sh.m.label, false}, sh.m.row*3/4)
		for _, r := range sh.wrap(row.Value, style{sh.m.value, true}, sh.inner()) {
			sh.y += sh.m.value * 5 / 4
			sh.line(r, sh.width-sh.m.margin-r.width, sh.y-sh.m.value/4)
		}
		sh.y += sh.m.margin / 3
	}
}

// foot is the code with its hint, and when the number was taken.
func (sh *sheet) foot(s Slip, code <-chan qrCode) {
	if s.Link == "" && len(s.Issued) == 0 {
		return
	}
	sh.shared(func() { sh.rule(4) })
	top := sh.y + sh.m.margin
	left, bottom := sh.m.margin, top
	if s.Link != "" {
		size, err := sh.code(<-code, s.Link, top)
		if err != nil && sh.err == nil {
			sh.err = err
		}
		left += size + sh.m.margin
		bottom = top + size
	}
	width := sh.width - sh.m.margin - left
	if width < 6*sh.m.small || sh.lean && s.Link != "" { // too narrow beside the code: go below it
		left, width, top = sh.m.margin, sh.inner(), bottom+sh.m.margin/2
	}
	sh.y = top - (sh.m.line-capOf(sh.m.small))/2
	regular := style{sh.m.small, false}
	sh.shared(func() {
		for _, r := range sh.wrap(s.LinkHint, regular, width) {
			sh.y += sh.m.line
			sh.line(r, left, sh.y-(sh.m.line-capOf(sh.m.small))/2)
		}
	})
	if s.LinkHint != "" && len(s.Issued) > 0 {
		sh.y += sh.m.line / 2
	}
	for _, l := range s.Issued {
		sh.shared(func() { sh.issued(l, left, width) })
	}
	sh.y = max(sh.y+sh.m.margin/2, bottom+sh.m.margin)
}

// issued sets words with a bold tail, on two lines when one is too narrow.
func (sh *sheet) issued(l Line, left, width int) {
	x := left
	for _, r := range sh.wrap(l.Text, style{sh.m.small, false}, width) {
		sh.y += sh.m.line
		sh.line(r, left, sh.y-(sh.m.line-capOf(sh.m.small))/2)
		x = left + r.width + sh.m.small/4
	}
	if l.Bold == "" {
		return
	}
	bold := sh.fit(l.Bold, style{sh.m.small, true}, width)
	if l.Text == "" || x+bold.width > left+width {
		x = left
		sh.y += sh.m.line
	}
	sh.line(bold, x, sh.y-(sh.m.line-capOf(sh.m.small))/2)
}

// maxLink is what a QR code of version 6 at level M holds.
const maxLink = 106

// qrCode is an encoded link, or why there is none.
type qrCode struct {
	barcode barcode.Barcode
	err     error
}

func encodeLink(link string) qrCode {
	if len(link) > maxLink {
		return qrCode{err: fmt.Errorf("draw code: the link has %d bytes, at most %d fit; shorten the public address", len(link), maxLink)}
	}
	c, err := qr.Encode(link, qr.M, qr.Auto)
	if err != nil {
		return qrCode{err: fmt.Errorf("draw code: %w", err)}
	}
	return qrCode{barcode: c}
}

// code draws a QR code at row y, at the left edge or alone in the middle, and
// returns its size in dots. The paper around it is its quiet zone.
func (sh *sheet) code(code qrCode, link string, y int) (int, error) {
	if code.err != nil {
		return 0, code.err
	}
	c := code.barcode
	modules := c.Bounds().Dx()
	dots := sh.m.module
	for dots > 2 && dots*modules > sh.inner()*6/10 {
		dots--
	}
	x := sh.m.margin
	if sh.lean {
		x = (sh.width - modules*dots) / 2
	}
	sh.page.Code = Code{Part{y, y + modules*dots}, x, dots, link}
	sh.marks = append(sh.marks, func(dst *Raster) {
		for j := range modules {
			for i := range modules {
				if r, _, _, _ := c.At(i, j).RGBA(); r == 0 {
					dst.fill(x+i*dots, y+j*dots, x+(i+1)*dots, y+(j+1)*dots)
				}
			}
		}
	})
	return modules * dots, nil
}

func (sh *sheet) notice(s Slip) {
	if s.Notice == "" {
		sh.y += sh.m.margin / 2
		return
	}
	sh.shared(func() {
		if s.Link != "" || len(s.Issued) > 0 || len(s.Rows) > 0 {
			sh.rule(2)
		}
		sh.y += sh.m.margin / 3
		sh.paragraph(s.Notice, style{sh.m.small, false}, sh.m.line)
	})
	sh.y += sh.m.margin/2 + sh.m.small*descent/1000
}
