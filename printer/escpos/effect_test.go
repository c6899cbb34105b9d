package escpos_test

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"motcua/printer"
	"motcua/printer/escpos"
	"motcua/printer/printertest"
)

// blots is a picture with ink enough that a wrong width, feed or place shows,
// and with what bytes it is told to have.
func blots(width int, bytes ...byte) *printer.Raster {
	r := printer.NewRaster(width, 200)
	for y := 20; y < 60; y++ {
		for x := 40 + y; x < width; x += 37 {
			r.Set(x, y)
		}
	}
	for x := width - 60; x < width; x++ {
		r.Set(x, 150)
	}
	copy(r.Row(30)[9:], bytes)
	return r
}

// comesOut prints a picture on a printer and reports whether it came out dot
// for dot, with nothing unknown, and no text.
func comesOut(t *testing.T, o printertest.Options, lang *escpos.Protocol, r *printer.Raster) bool {
	t.Helper()
	p := printertest.New(o)
	defer p.Close()
	if _, err := p.Write(lang.Job(r)); err != nil {
		t.Fatal(err)
	}
	got := p.Tear()
	if cut := p.Tickets(); len(cut) > 0 {
		got = cut[0]
	}
	if got.TextBytes > 0 || got.Unknown > 0 || got.Image.Bounds() != r.Bounds() {
		return false
	}
	for y := range r.Height {
		for x := range r.Width {
			if got.Image.Black(x, y) != r.Black(x, y) {
				return false
			}
		}
	}
	return true
}

// answers are all bytes a printer says within a second of virtual time when it
// is given some; faults strike before, or once it has taken them.
func answers(t *testing.T, o printertest.Options, send []byte, before, after []printertest.Fault) (all []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		p := printertest.New(o)
		defer p.Close()
		host := p.Pipe()
		defer host.Close()
		synctest.Wait()
		strike := func(faults []printertest.Fault) {
			for _, f := range faults {
				p.Fault(f)
			}
		}
		strike(before)
		go func() {
			if _, err := host.Write(send); err != nil {
				t.Error(err)
			}
			strike(after)
		}()
		if err := host.SetReadDeadline(time.Now().Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		all, _ = io.ReadAll(host) // until the deadline
	})
	return all
}

// replies are answers as a language understands them.
func replies(t *testing.T, o printertest.Options, lang *escpos.Protocol, send []byte, after ...printertest.Fault) []printer.Reply {
	t.Helper()
	return lang.NewParser().Feed(answers(t, o, send, nil, after), noon)
}

// slipOut prints a slip at the last level and returns the paper.
func slipOut(t *testing.T, o printertest.Options, lang printer.Protocol) (printertest.Ticket, printertest.Stats) {
	t.Helper()
	p := printertest.New(o)
	defer p.Close()
	if _, err := p.Write(encode(t, lang, slip)); err != nil {
		t.Fatal(err)
	}
	if cut := p.Tickets(); len(cut) > 0 {
		return cut[0], p.Stats()
	}
	return p.Tear(), p.Stats()
}

// Every key of a profile changes what comes out of a printer, or what is heard
// of it; each is shown right, and wrong on a printer that is otherwise.
func TestEveryKeyHasAnEffect(t *testing.T) {
	with := func(t *testing.T, change func(*escpos.Profile)) *escpos.Protocol { return speak(t, change) }
	expect := func(t *testing.T, what string, got, want bool) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %t, want %t", what, got, want)
		}
	}
	options := printertest.Options{}
	effects := map[string]func(t *testing.T){
		"width_dots": func(t *testing.T) {
			head := printertest.Options{Width: 512}
			expect(t, "512 on 512", comesOut(t, head, with(t, func(p *escpos.Profile) { p.WidthDots = 512 }), blots(512)), true)
			expect(t, "576 on 512", comesOut(t, head, with(t, nil), blots(576)), false)
		},
		"dpi": func(t *testing.T) {
			head := printertest.Options{Width: 512, DPI: 180}
			expect(t, "180 on 180", comesOut(t, head, with(t, func(p *escpos.Profile) { p.WidthDots, p.DPI = 512, 180 }), blots(512)), true)
			expect(t, "203 on 180", comesOut(t, head, with(t, func(p *escpos.Profile) { p.WidthDots = 512 }), blots(512)), false)
		},
		"raster": func(t *testing.T) {
			clone, old := printertest.Options{NoGraphics: true}, printertest.Options{NoGraphics: true, NoRaster: true}
			columns := with(t, func(p *escpos.Profile) { p.Graphics, p.Memory = escpos.Column, false })
			expect(t, "GS v 0 on a clone", comesOut(t, clone, with(t, nil), blots(576)), true)
			expect(t, "GS ( L on a clone", comesOut(t, clone, with(t, func(p *escpos.Profile) { p.Graphics = escpos.GSParenL }), blots(576)), false)
			expect(t, "GS ( L on Epson", comesOut(t, options, with(t, func(p *escpos.Profile) { p.Graphics = escpos.GSParenL }), blots(576)), true)
			expect(t, "GS v 0 on an old one", comesOut(t, old, with(t, nil), blots(576)), false)
			expect(t, "ESC * on an old one", comesOut(t, old, columns, blots(576)), true)
		},
		"left_trim": func(t *testing.T) {
			deaf := printertest.Options{NoLeftTrim: true}
			for _, trim := range []escpos.LeftTrim{escpos.ESCDollar, escpos.GSL} {
				trimmed := with(t, func(p *escpos.Profile) { p.LeftTrim = trim })
				expect(t, string(trim), comesOut(t, options, trimmed, blots(576)), true)
				expect(t, string(trim)+" where it is unknown", comesOut(t, deaf, trimmed, blots(576)), false)
				expect(t, string(trim)+" saves bytes", len(trimmed.Job(blots(576))) < len(with(t, nil).Job(blots(576))), true)
			}
			expect(t, "none where all are unknown", comesOut(t, deaf, with(t, nil), blots(576)), true)
		},
		"max_band": func(t *testing.T) {
			// What a slip that was cut off awaits, in the worst place.
			for _, band := range []int{8, 64} {
				lang := with(t, func(p *escpos.Profile) { p.MaxBand, p.ClearFn8 = band, false })
				p := printertest.New(printertest.Options{NoClear: true})
				defer p.Close()
				job := lang.Job(blots(576))
				zeros := make([]byte, 72*band)
				for _, b := range [][]byte{job[:bytes.Index(job, []byte("\x1Dv0"))+9], zeros, job} {
					if _, err := p.Write(b); err != nil {
						t.Fatal(err)
					}
				}
				expect(t, "a ticket after the zeros", len(p.Tickets()) == 1, true)
				if n := len(lang.Recover(1<<20, 0)); n < len(zeros) || n > len(zeros)+64 {
					t.Errorf("bands of %d rows: %d zeros", band, n)
				}
			}
		},
		"motion_units": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.MotionUnits = false })
			for name, o := range map[string]printertest.Options{"unknown": {NoMotionUnits: true}, "something else": {OddUnits: true}} {
				expect(t, "GS P where it is "+name, comesOut(t, o, with(t, nil), blots(576)), false)
				expect(t, "half dots where it is "+name, comesOut(t, o, without, blots(576)), true)
			}
		},
		"feed": func(t *testing.T) {
			for _, c := range []struct {
				feed        escpos.Feed
				half, whole bool
			}{{escpos.FeedHalf, true, false}, {escpos.FeedDots, false, true}, {escpos.FeedUnknown, true, true}} {
				lang := with(t, func(p *escpos.Profile) { p.MotionUnits, p.Feed = false, c.feed })
				expect(t, string(c.feed)+" on half dots", comesOut(t, options, lang, blots(576)), c.half)
				expect(t, string(c.feed)+" on dots", comesOut(t, printertest.Options{FeedDots: true}, lang, blots(576)), c.whole)
			}
		},
		"kanji_cancel": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.KanjiCancel = false })
			expect(t, "FS . where it is unknown", comesOut(t, printertest.Options{NoKanji: true}, with(t, nil), blots(576)), false)
			expect(t, "none where it is unknown", comesOut(t, printertest.Options{NoKanji: true}, without, blots(576)), true)
			for lang, pairs := range map[*escpos.Protocol]bool{with(t, nil): false, without: true} {
				p := printertest.New(printertest.Options{Kanji: true})
				defer p.Close()
				if _, err := p.Write(append(lang.Job(blots(576)), 0xC4, 0xE3)); err != nil {
					t.Fatal(err)
				}
				expect(t, "two bytes are one sign", len(p.Tear().Text) == 1, pairs)
			}
		},
		"realtime_off": func(t *testing.T) {
			pulse := blots(576, 0x10, 0x14, 0x01, 0x00, 0x01)
			without := with(t, func(p *escpos.Profile) { p.RealtimeOff = false })
			for lang, want := range map[*escpos.Protocol]int64{with(t, nil): 0, without: 1} {
				p := printertest.New(printertest.Options{ScanData: true})
				defer p.Close()
				if _, err := p.Write(lang.Job(pulse)); err != nil {
					t.Fatal(err)
				}
				if got := p.Stats().Pulses; got != want {
					t.Errorf("%d pulses of the drawer, want %d", got, want)
				}
			}
			expect(t, "GS ( D where it is unknown", comesOut(t, printertest.Options{NoRealTimeOff: true}, with(t, nil), blots(576)), false)
			expect(t, "none where it is unknown", comesOut(t, printertest.Options{NoRealTimeOff: true}, without, blots(576)), true)
		},
		"scrub_realtime": func(t *testing.T) {
			obeys := printertest.Options{ScanData: true}
			for name, code := range map[string][]byte{"clear": {0x10, 0x05, 0x02}, "pulse": {0x10, 0x14, 0x01, 0x00, 0x01}, "status": {0x10, 0x04, 0x01}} {
				for _, scrub := range []bool{false, true} {
					lang := with(t, func(p *escpos.Profile) { p.ScrubRealtime, p.RealtimeOff, p.LeftTrim = scrub, false, escpos.ESCDollar })
					p := printertest.New(obeys)
					defer p.Close()
					if _, err := p.Write(lang.Job(blots(576, code...))); err != nil {
						t.Fatal(err)
					}
					whole := comesOut(t, obeys, lang, blots(576, code...))
					switch name {
					case "clear":
						expect(t, "a picture with a clear in it", whole, scrub)
					case "pulse":
						expect(t, "a pulse", p.Stats().Pulses > 0, !scrub)
					case "status":
						job := lang.Job(blots(576, code...))
						expect(t, "an answer nobody asked for", bytes.Contains(answers(t, obeys, job, nil, nil), []byte("\x12")), !scrub)
					}
					expect(t, name+" scrubbed comes out", whole || !scrub, true)
				}
			}
		},
		"cutter": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.Cutter = false })
			for _, c := range []struct {
				lang  *escpos.Protocol
				o     printertest.Options
				cut   bool
				spare int // rows below the picture
			}{{with(t, nil), options, true, 0}, {without, options, false, 119}, {without, printertest.Options{NoCutter: true}, false, 119}} {
				p := printertest.New(c.o)
				defer p.Close()
				if _, err := p.Write(c.lang.Job(blots(576))); err != nil {
					t.Fatal(err)
				}
				expect(t, "cut", len(p.Tickets()) == 1, c.cut)
				if !c.cut {
					if rows := p.Tear().Image.Bounds().Dy(); rows != 200+c.spare {
						t.Errorf("%d rows to the tear bar, want %d", rows-200, c.spare)
					}
				}
			}
		},
		"buzzer": func(t *testing.T) {
			for buzzer, want := range map[escpos.Buzzer]int64{escpos.NoBuzzer: 0, escpos.ESCParenA: 1, escpos.ESCB: 1} {
				lang := with(t, func(p *escpos.Profile) { p.Buzzer = buzzer })
				if _, st := slipOut(t, options, lang); st.Sounds != 0 {
					t.Errorf("%s: it sounds without having been asked to", buzzer)
				}
				if _, st := slipOut(t, options, lang.Sounding()); st.Sounds != want {
					t.Errorf("%s: %d sounds, want %d", buzzer, st.Sounds, want)
				}
				_, st := slipOut(t, printertest.Options{NoBuzzer: true}, lang.Sounding())
				expect(t, string(buzzer)+" is garbage where both are unknown", st.TextBytes+st.Unknown > 0, want > 0)
			}
		},
		"process_id": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.ProcessID, p.AckAfterCut = false, false })
			for lang, want := range map[*escpos.Protocol]bool{with(t, nil): true, without: false} {
				heard := false
				for _, r := range replies(t, options, lang, encode(t, lang, slip)) {
					heard = heard || r.Ack != nil && *r.Ack == 42
				}
				expect(t, "acknowledged", heard, want)
				_, st := slipOut(t, printertest.Options{NoProcessID: true}, lang)
				expect(t, "garbage where it is unknown", st.TextBytes > 0, want)
			}
		},
		"ack_after_cut": func(t *testing.T) {
			before := with(t, func(p *escpos.Profile) { p.AckAfterCut = false })
			jam := printertest.Fault{Kind: printertest.CutterJam}
			for lang, want := range map[*escpos.Protocol]bool{with(t, nil): false, before: true} {
				heard := false
				for _, r := range lang.NewParser().Feed(answers(t, options, encode(t, lang, slip), []printertest.Fault{jam}, nil), noon) {
					heard = heard || r.Ack != nil
				}
				expect(t, "acknowledged with the paper in a jammed cutter", heard, want)
			}
		},
		"status": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.Status = false })
			expect(t, "answered", len(replies(t, options, with(t, nil), with(t, nil).StatusRequest())) == 1, true)
			expect(t, "not asked", len(without.StatusRequest()) == 0, true)
			expect(t, "answered where it is unknown", len(replies(t, printertest.Options{NoRealTime: true}, with(t, nil), with(t, nil).StatusRequest())) == 0, true)
		},
		"gs_r": func(t *testing.T) {
			lang := with(t, func(p *escpos.Profile) { p.Status, p.GSR = false, true })
			o := printertest.Options{NoRealTime: true}
			got := replies(t, o, lang, lang.StatusRequest())
			expect(t, "answered", len(got) == 1 && got[0].Status != nil && got[0].Status.Online, true)
			without := with(t, func(p *escpos.Profile) { p.Status = false })
			expect(t, "understood", len(replies(t, o, without, lang.StatusRequest())) > 0, false)
		},
		"asb": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.ASB = false })
			for lang, want := range map[*escpos.Protocol]bool{with(t, nil): true, without: false} {
				open := false
				for _, r := range replies(t, options, lang, encode(t, lang, slip), printertest.Fault{Kind: printertest.CoverOpen}) {
					open = open || r.Status != nil && r.Status.CoverOpen
				}
				expect(t, "an open cover is told of", open, want)
			}
		},
		"near_end_sensor": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.NearEndSensor = false })
			for lang, want := range map[*escpos.Protocol]printer.Paper{with(t, nil): printer.PaperLow, without: printer.PaperOK} {
				var paper printer.Paper
				ask := append([]byte("\x1Da\x0F"), lang.StatusRequest()...)
				for _, r := range replies(t, options, lang, ask, printertest.Fault{Kind: printertest.PaperLow}) {
					if r.Status != nil {
						paper = r.Status.Paper
					}
				}
				if paper != want {
					t.Errorf("paper is %q, want %q", paper, want)
				}
			}
		},
		"clear_fn8": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.ClearFn8 = false })
			for _, c := range []struct {
				lang *escpos.Protocol
				o    printertest.Options
				out  bool
			}{{with(t, nil), options, true}, {with(t, nil), printertest.Options{NoClear: true}, false}, {without, printertest.Options{NoClear: true}, true}, {without, options, true}} {
				p := printertest.New(c.o)
				defer p.Close()
				job := c.lang.Job(blots(576))
				half := job[:bytes.Index(job, []byte("\x1Dv0"))+100]
				for _, b := range [][]byte{half, c.lang.Recover(len(job), 0), c.lang.Job(printer.NewRaster(576, 20))} {
					if _, err := p.Write(b); err != nil {
						t.Fatal(err)
					}
				}
				expect(t, "the next ticket comes out", len(p.Tickets()) == 1, c.out)
			}
		},
		"native_qr": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.NativeCode = false })
			for lang, want := range map[*escpos.Protocol]bool{with(t, nil).At(escpos.NativeCode): true, without.At(escpos.NativeCode): false} {
				got, _ := slipOut(t, options, lang)
				expect(t, "drawn by the printer", len(got.Codes) == 1, want)
				got, _ = slipOut(t, printertest.Options{NoCode: true}, lang)
				expect(t, "printed as text where it is unknown", strings.Contains(got.Text, slip.Link[:20]), want)
			}
		},
		"native_number": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.NativeNumber = false })
			for lang, want := range map[*escpos.Protocol]bool{with(t, nil).At(escpos.NativeNumber): true, without.At(escpos.NativeNumber): false} {
				got, _ := slipOut(t, options, lang)
				expect(t, "in the printer's letters", got.Text == slip.Number+"\n", want)
			}
		},
		"code_table": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.CodeTable = escpos.NoCodeTable })
			for lang, want := range map[*escpos.Protocol]bool{with(t, nil).At(escpos.NativeNumber): true, without.At(escpos.NativeNumber): false} {
				got, _ := slipOut(t, printertest.Options{OddTable: true}, lang)
				expect(t, "the letter of the number is right", got.Text == slip.Number+"\n", want)
			}
		},
		"nv_logo": func(t *testing.T) {
			without := with(t, func(p *escpos.Profile) { p.Memory = false })
			for lang, want := range map[*escpos.Protocol]bool{with(t, nil).At(escpos.Stored): true, without.At(escpos.Stored): false} {
				p := printertest.New(options)
				defer p.Close()
				store, kept, err := lang.Store(slip)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := p.Write(store); err != nil {
					t.Fatal(err)
				}
				first := len(encode(t, lang, slip))
				job := encode(t, kept, slip)
				expect(t, "a quarter of the bytes", len(job) < first/4, want)
				if got := printed(t, p, job); got.Image.Bounds().Dy() < 500 {
					t.Errorf("paper of %v", got.Image.Bounds())
				}
			}
		},
	}
	for _, k := range escpos.Keys() {
		effect := effects[k.Name]
		if effect == nil {
			t.Errorf("%s: no effect is shown", k.Name)
			continue
		}
		t.Run(k.Name, effect)
		delete(effects, k.Name)
	}
	for key := range effects {
		t.Errorf("%s is no key", key)
	}
}
