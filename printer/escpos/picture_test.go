package escpos_test

import (
	"bytes"
	"math/bits"
	"testing"

	"pgregory.net/rapid"

	"motcua/printer"
	"motcua/printer/escpos"
)

// drawRaster draws pictures with white rows and columns, runs of ink and, what
// random bytes seldom hold, the bytes of real-time commands.
func drawRaster(t *rapid.T, width int) *printer.Raster {
	r := printer.NewRaster(width, rapid.IntRange(1, 300).Draw(t, "height"))
	ink := rapid.SampledFrom([]byte{0x10, 0x04, 0x05, 0x14, 0x01, 0x80, 0xFF, 0x3C})
	for range rapid.IntRange(0, 40).Draw(t, "blots") {
		y, x := rapid.IntRange(0, r.Height-1).Draw(t, "y"), rapid.IntRange(0, r.Stride-1).Draw(t, "x")
		copy(r.Row(y)[x:], rapid.SliceOfN(ink, 1, 12).Draw(t, "ink"))
	}
	if spare := r.Stride*8 - r.Width; spare > 0 { // bits off the paper are never set
		for y := range r.Height {
			r.Row(y)[r.Stride-1] &= 0xFF << spare
		}
	}
	return r
}

func drawProfile(t *rapid.T) escpos.Profile {
	p := escpos.Profile{
		Name: "drawn", DPI: 203, Buzzer: escpos.NoBuzzer,
		WidthDots:     rapid.SampledFrom([]int{384, 420, 512, 576, 640, 832}).Draw(t, "width"),
		Graphics:      rapid.SampledFrom([]escpos.Graphics{escpos.GSv0, escpos.GSParenL, escpos.Column}).Draw(t, "graphics"),
		LeftTrim:      rapid.SampledFrom([]escpos.LeftTrim{escpos.NoLeftTrim, escpos.ESCDollar, escpos.GSL}).Draw(t, "left trim"),
		MaxBand:       rapid.OneOf(rapid.IntRange(1, 128), rapid.IntRange(1, 1024)).Draw(t, "band"),
		MotionUnits:   rapid.Bool().Draw(t, "motion units"),
		Feed:          rapid.SampledFrom([]escpos.Feed{escpos.FeedHalf, escpos.FeedDots, escpos.FeedUnknown}).Draw(t, "feed"),
		ScrubRealtime: rapid.Bool().Draw(t, "scrub"),
	}
	if p.Graphics == escpos.Column && p.Feed == escpos.FeedUnknown {
		p.MotionUnits = true
	}
	return p
}

// hasRealtime looks for DLE EOT, DLE ENQ and DLE DC4.
func hasRealtime(b []byte) bool {
	return bytes.Contains(b, []byte{0x10, 0x04}) || bytes.Contains(b, []byte{0x10, 0x05}) || bytes.Contains(b, []byte{0x10, 0x14})
}

// What is sent, decoded, is the plain raster, however it was trimmed. Only the
// scrubbing of real-time commands may burn a dot more, where nothing else
// helps: without a left trim, and once for each pair inside a row.
func TestPictureDecodesToRaster(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		profile := drawProfile(t)
		r := drawRaster(t, profile.WidthDots)
		lang, err := escpos.New(profile)
		if err != nil {
			t.Fatal(err)
		}
		units := 1
		if !profile.MotionUnits && profile.Feed == escpos.FeedHalf {
			units = 2
		}
		lang = lang.At(escpos.LeftTrimmed)
		sent := lang.Picture(r)
		spare := 0 // rows that a last line of columns may have too many
		if profile.Graphics == escpos.Column {
			spare, profile.MaxBand = 23, 24
		}
		got, err := decode(sent, r.Width, r.Height+spare, units)
		if err != nil {
			t.Fatal(err)
		}
		if over := got.y - r.Height; over < 0 || over > spare {
			t.Errorf("paper moved %d rows, want %d", got.y, r.Height)
		}
		if got.widest > r.Stride || got.tallest > profile.MaxBand {
			t.Errorf("a band of %d bytes x %d rows", got.widest, got.tallest)
		}
		if !profile.ScrubRealtime {
			if !bytes.Equal(got.r.Bits[:len(r.Bits)], r.Bits) || len(bytes.Trim(got.r.Bits[len(r.Bits):], "\x00")) > 0 {
				t.Error("the picture differs")
			}
			return
		}
		if hasRealtime(sent) {
			t.Error("a real-time command is left in the bytes")
		}
		extra, pairs := 0, 0
		for i, b := range r.Bits {
			if b&^got.r.Bits[i] != 0 {
				t.Fatal("ink is lost")
			}
			extra += bits.OnesCount8(got.r.Bits[i] ^ b)
		}
		for y := range r.Height {
			for i := 0; i+1 < r.Stride; i++ {
				if hasRealtime(r.Row(y)[i : i+2]) {
					pairs++
				}
			}
		}
		if profile.Graphics == escpos.Column { // whose pairs stand the other way, wherever the line begins
			pairs = len(sent)
		}
		if extra > pairs {
			t.Errorf("%d dots too many for %d pairs", extra, pairs)
		}
	})
}

// With a left trim a pair is moved away without a dot too many.
func TestScrubShiftsWhereItCan(t *testing.T) {
	r := printer.NewRaster(576, 3)
	copy(r.Row(1)[10:], []byte{0x10, 0x04, 0x10, 0x14, 0xFF})
	for _, trim := range []escpos.LeftTrim{escpos.ESCDollar, escpos.GSL} {
		lang := speak(t, func(p *escpos.Profile) { p.LeftTrim, p.ScrubRealtime = trim, true })
		sent := lang.Picture(r)
		if hasRealtime(sent) {
			t.Errorf("%s: a real-time command is left in % X", trim, sent)
		}
		got, err := decode(sent, r.Width, r.Height, 1)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got.r.Bits, r.Bits) {
			t.Errorf("%s: the picture differs", trim)
		}
	}
}

// speak is the language of an Epson printer with something changed. Unless the
// change says otherwise nothing is trimmed at the left.
func speak(t *testing.T, change func(*escpos.Profile)) *escpos.Protocol {
	t.Helper()
	p, err := escpos.Named("epson")
	if err != nil {
		t.Fatal(err)
	}
	p.LeftTrim = escpos.NoLeftTrim
	if change != nil {
		change(&p)
	}
	lang, err := escpos.New(p)
	if err != nil {
		t.Fatal(err)
	}
	return lang.At(escpos.LeftTrimmed)
}
