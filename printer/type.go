package printer

import (
	"fmt"
	"image"
	"strings"
	"sync"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	ot "github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
	"golang.org/x/text/unicode/norm"

	"motcua/internal/fonts"
)

// GlyphError names text that the ticket's typeface can't set. Paper with empty
// boxes would be worse than none, so it is found when words are configured.
type GlyphError struct {
	Text    string   // the whole string
	Missing []string // the clusters without a glyph, in order
}

func (e *GlyphError) Error() string {
	quoted := make([]string, len(e.Missing))
	for i, m := range e.Missing {
		quoted[i] = fmt.Sprintf("%q (%U)", m, []rune(m))
	}
	return fmt.Sprintf("%q can't be printed: the ticket's typeface has no %s; write it in letters of the Latin script", e.Text, strings.Join(quoted, ", "))
}

// CheckText returns a *GlyphError for the first text that can't be set.
func CheckText(texts ...string) error {
	press, err := loadPress()
	if err != nil {
		return err
	}
	for _, s := range texts {
		if _, err := press.shape(s, style{size: 20}); err != nil {
			return err
		}
	}
	return nil
}

// style is a size in dots per em and a weight.
type style struct {
	size int
	bold bool
}

// run is one shaped line.
type run struct {
	glyphs []shaping.Glyph
	width  int // dots, rounded up
	style  style
}

// bearing is the white in dots before the first letter's ink: a large number
// must begin where the rules do.
func (r run) bearing() int {
	if len(r.glyphs) == 0 {
		return 0
	}
	return r.glyphs[0].XBearing.Floor()
}

// press holds the parsed typeface. The shaper and the faces are not safe for
// concurrent use, so one lock serves them all: a ticket takes milliseconds.
type press struct {
	mu     sync.Mutex // protects all below
	faces  [2]*font.Face
	shaper shaping.HarfbuzzShaper
	vector vector.Rasterizer
	mask   []byte
}

var loadPress = sync.OnceValues(func() (*press, error) {
	p := &press{}
	for i, file := range []string{fonts.Regular(), fonts.Bold()} {
		f, err := font.ParseTTF(strings.NewReader(file))
		if err != nil {
			return nil, fmt.Errorf("parse embedded font: %w", err)
		}
		p.faces[i] = f
	}
	return p, nil
})

func (p *press) face(s style) *font.Face {
	if s.bold {
		return p.faces[1]
	}
	return p.faces[0]
}

var vietnamese = language.NewLanguage("vi")

// shape sets one line. Text is composed first (NFC): the font's own composed
// letters look better than stacked marks; what has no composed form is placed
// by the font's GPOS anchors.
func (p *press) shape(text string, s style) (run, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.shapeLocked(text, s)
}

func (p *press) shapeLocked(text string, s style) (run, error) {
	runes := []rune(norm.NFC.String(text))
	r := run{style: s}
	if len(runes) == 0 {
		return r, nil
	}
	out := p.shaper.Shape(shaping.Input{
		Text: runes, RunEnd: len(runes), Direction: di.DirectionLTR, Face: p.face(s),
		Size: fixed.I(s.size), Script: language.Latin, Language: vietnamese,
	})
	var missing []string
	for _, g := range out.Glyphs {
		if g.GlyphID == 0 {
			missing = append(missing, string(runes[g.TextIndex():g.TextIndex()+g.RunesCount()]))
		}
	}
	if missing != nil {
		return r, &GlyphError{Text: text, Missing: missing}
	}
	r.glyphs, r.width = out.Glyphs, out.Advance.Ceil()
	return r, nil
}

// draw inks a shaped line with its pen at (x, baseline y).
func (p *press) draw(dst *Raster, r run, x, y int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	face := p.face(r.style)
	scale := float32(r.style.size) / float32(face.Upem())
	pen := fixed.I(x)
	for _, g := range r.glyphs {
		if o, ok := face.GlyphDataOutline(g.GlyphID); ok && len(o.Segments) > 0 {
			p.ink(dst, o.Segments, scale, float32(pen+g.XOffset)/64, float32(y)-float32(g.YOffset)/64)
		}
		pen += g.Advance
	}
}

// ink fills an outline at the origin (ox, oy) and burns every dot that is at
// least half covered.
func (p *press) ink(dst *Raster, segments []ot.Segment, scale, ox, oy float32) {
	minX, minY, maxX, maxY := float32(1e9), float32(1e9), float32(-1e9), float32(-1e9)
	for i := range segments {
		for _, a := range segments[i].ArgsSlice() {
			minX, maxX = min(minX, a.X), max(maxX, a.X)
			minY, maxY = min(minY, a.Y), max(maxY, a.Y)
		}
	}
	left, top := floor(ox+minX*scale), floor(oy-maxY*scale)
	w, h := floor(ox+maxX*scale)-left+2, floor(oy-minY*scale)-top+2
	p.vector.Reset(w, h)
	at := func(a ot.SegmentPoint) (float32, float32) {
		return ox + a.X*scale - float32(left), oy - a.Y*scale - float32(top)
	}
	for _, s := range segments {
		ax, ay := at(s.Args[0])
		bx, by := at(s.Args[1])
		cx, cy := at(s.Args[2])
		switch s.Op {
		case ot.SegmentOpMoveTo:
			p.vector.ClosePath()
			p.vector.MoveTo(ax, ay)
		case ot.SegmentOpLineTo:
			p.vector.LineTo(ax, ay)
		case ot.SegmentOpQuadTo:
			p.vector.QuadTo(ax, ay, bx, by)
		case ot.SegmentOpCubeTo:
			p.vector.CubeTo(ax, ay, bx, by, cx, cy)
		}
	}
	p.vector.ClosePath()
	mask := p.coverage(w, h)
	for j := range h {
		for i := range w {
			if mask[j*w+i] >= 0x80 {
				dst.Set(left+i, top+j)
			}
		}
	}
}

func floor(f float32) int {
	n := int(f)
	if f < float32(n) {
		n--
	}
	return n
}

// coverage rasterises the current path into a reused mask, one byte per dot.
func (p *press) coverage(w, h int) []byte {
	if n := w * h; cap(p.mask) < n {
		p.mask = make([]byte, n)
	}
	m := image.Alpha{Pix: p.mask[:w*h], Stride: w, Rect: image.Rect(0, 0, w, h)}
	clear(m.Pix)
	p.vector.Draw(&m, m.Rect, image.Opaque, image.Point{})
	return m.Pix
}
