package printer

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/vector"
	"golang.org/x/text/unicode/norm"

	"motcua/internal/fonts"
)

// GlyphError names what the ticket's typeface cannot print.
type GlyphError struct {
	Clusters []string // each letter with its marks, once, in order of appearance
}

func (e *GlyphError) Error() string {
	var b strings.Builder
	b.WriteString("the ticket's typeface (Noto Sans) has no glyph for")
	for i, c := range e.Clusters {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, " %+q", c)
	}
	b.WriteString(": write the text without it")
	return b.String()
}

// CheckText reports a [*GlyphError] when s holds anything the ticket's typeface
// cannot print. Line feeds are allowed; they end a line in a notice.
func CheckText(s string) error {
	ts, err := takeSetter()
	if err != nil {
		return err
	}
	defer setters.Put(ts)
	for _, line := range strings.Split(s, "\n") {
		ts.shape(line, style{size: 32})
		ts.shape(line, style{size: 32, bold: true})
	}
	return ts.missingError()
}

// style is a weight and a size in dots per em.
type style struct {
	size int
	bold bool
}

// The two fonts are parsed once, on first use: the bytes are in the binary.
var parsedFonts = sync.OnceValues(func() (f [2]*font.Font, err error) {
	for i, ttf := range [][]byte{fonts.Regular(), fonts.Bold()} {
		face, err := font.ParseTTF(bytes.NewReader(ttf))
		if err != nil {
			return f, fmt.Errorf("parse ticket typeface: %w", err)
		}
		f[i] = face.Font
	}
	return f, nil
})

// glyphKey names one glyph at one size; its bitmap never changes.
type glyphKey struct {
	gid   font.GID
	style style
}

// bitmap is a glyph's dots; min is the offset of its top left from the pen.
type bitmap struct {
	min image.Point
	*Raster
}

// maxGlyphs bounds the cache: about 400 are used by a whole centre's tickets.
const maxGlyphs = 1024

var glyphs = struct {
	sync.Mutex
	m map[glyphKey]bitmap
}{m: map[glyphKey]bitmap{}}

// setter shapes text. Faces and shapers are not safe for concurrent use, so
// each layout takes one from the pool.
type setter struct {
	faces   [2]*font.Face
	shaper  shaping.HarfbuzzShaper
	missing []string
}

var setters sync.Pool

func takeSetter() (*setter, error) {
	if ts, ok := setters.Get().(*setter); ok {
		ts.missing = ts.missing[:0]
		return ts, nil
	}
	f, err := parsedFonts()
	if err != nil {
		return nil, err
	}
	return &setter{faces: [2]*font.Face{font.NewFace(f[0]), font.NewFace(f[1])}}, nil
}

func (ts *setter) missingError() error {
	if len(ts.missing) == 0 {
		return nil
	}
	return &GlyphError{Clusters: slices.Clone(ts.missing)}
}

func (ts *setter) face(bold bool) *font.Face {
	if bold {
		return ts.faces[1]
	}
	return ts.faces[0]
}

// run is shaped text on one line.
type run struct {
	glyphs []shaping.Glyph
	style  style
	width  int // dots, rounded up
}

var vietnamese = language.NewLanguage("vi")

// shape normalises to NFC first: the precomposed glyphs are drawn by hand.
// What has no glyph is remembered for missingError.
func (ts *setter) shape(s string, st style) run {
	text := []rune(norm.NFC.String(s))
	out := ts.shaper.Shape(shaping.Input{
		Text: text, RunEnd: len(text), Direction: di.DirectionLTR,
		Face: ts.face(st.bold), Size: fixed.I(st.size),
		Script: language.Latin, Language: vietnamese,
	})
	for _, g := range out.Glyphs {
		from := g.TextIndex()
		to := min(from+max(g.RunesCount(), 1), len(text))
		c := string(text[from:to])
		control := strings.ContainsFunc(c, unicode.IsControl)
		if (g.GlyphID == 0 || control) && !slices.Contains(ts.missing, c) {
			ts.missing = append(ts.missing, c)
		}
	}
	return run{glyphs: slices.Clone(out.Glyphs), style: st, width: out.Advance.Ceil()}
}

// draw sets the run with its pen at (x, baseline y). Glyphs stand on whole
// dots: in one bit, equal letters must look equal.
func (ts *setter) draw(r *Raster, t run, x, y int, black bool) {
	pen := fixed.Int26_6(0)
	for _, g := range t.glyphs {
		b := ts.glyph(glyphKey{g.GlyphID, t.style})
		if b.Raster != nil {
			ox := x + (pen + g.XOffset).Round() + b.min.X
			oy := y - g.YOffset.Round() + b.min.Y
			for j := range b.Height {
				for i := range b.Width {
					if b.At(i, j) {
						r.Set(ox+i, oy+j, black)
					}
				}
			}
		}
		pen += g.Advance
	}
}

func (ts *setter) glyph(k glyphKey) bitmap {
	glyphs.Lock()
	b, ok := glyphs.m[k]
	glyphs.Unlock()
	if ok {
		return b
	}
	b = ts.rasterise(k)
	glyphs.Lock()
	defer glyphs.Unlock()
	if len(glyphs.m) >= maxGlyphs {
		clear(glyphs.m)
	}
	glyphs.m[k] = b
	return b
}

// rasterise fills the outline and keeps the dots that are covered by half or
// more. Points are rounded to 1/64 dot first, so that fused multiply-add on
// arm64 gives the same picture as amd64.
func (ts *setter) rasterise(k glyphKey) bitmap {
	face := ts.face(k.style.bold)
	o, ok := face.GlyphDataOutline(k.gid)
	if !ok || len(o.Segments) == 0 {
		return bitmap{}
	}
	scale := float32(k.style.size) / float32(face.Upem())
	at := func(p opentype.SegmentPoint) (x, y float32) {
		return float32(math.Round(float64(p.X*scale)*64)) / 64, -float32(math.Round(float64(p.Y*scale)*64)) / 64
	}
	lx, ly, hx, hy := float32(math.MaxFloat32), float32(math.MaxFloat32), float32(-math.MaxFloat32), float32(-math.MaxFloat32)
	for _, s := range o.Segments {
		for _, p := range s.ArgsSlice() {
			x, y := at(p)
			lx, ly, hx, hy = min(lx, x), min(ly, y), max(hx, x), max(hy, y)
		}
	}
	origin := image.Pt(int(math.Floor(float64(lx))), int(math.Floor(float64(ly))))
	w, h := int(math.Ceil(float64(hx)))-origin.X, int(math.Ceil(float64(hy)))-origin.Y
	if w <= 0 || h <= 0 {
		return bitmap{}
	}
	z := vector.NewRasterizer(w, h)
	to := func(p opentype.SegmentPoint) (x, y float32) {
		x, y = at(p)
		return x - float32(origin.X), y - float32(origin.Y)
	}
	for _, s := range o.Segments {
		switch s.Op {
		case opentype.SegmentOpMoveTo:
			z.ClosePath()
			z.MoveTo(to(s.Args[0]))
		case opentype.SegmentOpLineTo:
			z.LineTo(to(s.Args[0]))
		case opentype.SegmentOpQuadTo:
			bx, by := to(s.Args[0])
			cx, cy := to(s.Args[1])
			z.QuadTo(bx, by, cx, cy)
		case opentype.SegmentOpCubeTo:
			bx, by := to(s.Args[0])
			cx, cy := to(s.Args[1])
			dx, dy := to(s.Args[2])
			z.CubeTo(bx, by, cx, cy, dx, dy)
		}
	}
	z.ClosePath()
	m := image.NewAlpha(image.Rect(0, 0, w, h))
	z.Draw(m, m.Bounds(), image.Opaque, image.Point{})
	b := bitmap{min: origin, Raster: NewRaster(w, h)}
	for y := range h {
		for x := range w {
			b.Set(x, y, m.Pix[y*m.Stride+x] >= 128)
		}
	}
	return b
}

// wrap breaks s at spaces, and inside a word only when the word alone is wider
// than the line. A line feed always ends a line.
func (ts *setter) wrap(s string, st style, width int) []run {
	var lines []run
	for _, par := range strings.Split(norm.NFC.String(s), "\n") {
		line := ""
		for _, word := range strings.Split(par, " ") {
			if word == "" {
				continue
			}
			try := word
			if line != "" {
				try = line + " " + word
			}
			if ts.shape(try, st).width <= width {
				line = try
				continue
			}
			if line != "" {
				lines = append(lines, ts.shape(line, st))
			}
			line = word
			for ts.shape(line, st).width > width {
				cut := ts.fitting(line, st, width)
				if cut == len(line) {
					break
				}
				lines = append(lines, ts.shape(line[:cut], st))
				line = line[cut:]
			}
		}
		if line != "" {
			lines = append(lines, ts.shape(line, st))
		}
	}
	return lines
}

// fitting is how many bytes of the word fit the line, at least one letter with its marks.
func (ts *setter) fitting(word string, st style, width int) int {
	cut := 0
	for i, r := range word {
		if i == 0 || unicode.Is(unicode.M, r) {
			continue
		}
		if cut > 0 && ts.shape(word[:i], st).width > width {
			return cut
		}
		cut = i
	}
	if cut == 0 {
		return len(word)
	}
	return cut
}
