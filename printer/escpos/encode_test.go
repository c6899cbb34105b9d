package escpos_test

import (
	"bytes"
	"strings"
	"testing"

	"motcua/printer"
	"motcua/printer/escpos"
)

// dotted is a small picture: a white row, two rows of ink, 6 white ones, one
// of ink at the right edge and 300 white ones.
func dotted() *printer.Raster {
	r := printer.NewRaster(576, 310)
	copy(r.Row(1)[2:], []byte{0xAA, 0x00, 0x55})
	copy(r.Row(2)[3:], []byte{0xF0})
	copy(r.Row(9)[71:], []byte{0x01})
	return r
}

// The bytes of the commands by Epson's reference, written out by hand.
func TestPictureBytes(t *testing.T) {
	zeros := func(n int) string { return strings.Repeat("\x00", n) }
	rows := zeros(5) + "\x00\x00\xAA\x00\x55" + "\x00\x00\x00\xF0\x00"
	edge := zeros(71) + "\x01"
	for _, c := range []struct {
		name   string
		change func(*escpos.Profile)
		want   string
	}{
		{"GS v 0", nil,
			"\x1Dv0\x00\x05\x00\x03\x00" + rows + "\x1BJ\x06" + "\x1Dv0\x00\x48\x00\x01\x00" + edge + "\x1BJ\xFF\x1BJ\x2D"},
		{"half dots", func(p *escpos.Profile) { p.MotionUnits = false },
			"\x1Dv0\x00\x05\x00\x03\x00" + rows + "\x1BJ\x0C" + "\x1Dv0\x00\x48\x00\x01\x00" + edge + "\x1BJ\xFE\x1BJ\xFE\x1BJ\x5C"},
		{"dots without GS P", func(p *escpos.Profile) { p.MotionUnits, p.Feed = false, escpos.FeedDots },
			"\x1Dv0\x00\x05\x00\x03\x00" + rows + "\x1BJ\x06" + "\x1Dv0\x00\x48\x00\x01\x00" + edge + "\x1BJ\xFF\x1BJ\x2D"},
		{"feed by white pictures", func(p *escpos.Profile) { p.MotionUnits, p.Feed, p.MaxBand = false, escpos.FeedUnknown, 200 },
			"\x1Dv0\x00\x05\x00\x03\x00" + rows + "\x1Dv0\x00\x01\x00\x06\x00" + zeros(6) + "\x1Dv0\x00\x48\x00\x01\x00" + edge +
				"\x1Dv0\x00\x01\x00\xC8\x00" + zeros(200) + "\x1Dv0\x00\x01\x00\x64\x00" + zeros(100)},
		{"ESC $", func(p *escpos.Profile) { p.LeftTrim = escpos.ESCDollar },
			"\x1B$\x10\x00\x1Dv0\x00\x03\x00\x03\x00" + "\x00\x00\x00\xAA\x00\x55\x00\xF0\x00" + "\x1BJ\x06" +
				"\x1B$\x38\x02\x1Dv0\x00\x01\x00\x01\x00\x01" + "\x1BJ\xFF\x1BJ\x2D"},
		{"GS L", func(p *escpos.Profile) { p.LeftTrim = escpos.GSL },
			"\x1DL\x10\x00\x1Dv0\x00\x03\x00\x03\x00" + "\x00\x00\x00\xAA\x00\x55\x00\xF0\x00" + "\x1BJ\x06" +
				"\x1DL\x38\x02\x1Dv0\x00\x01\x00\x01\x00\x01" + "\x1BJ\xFF\x1BJ\x2D"},
		{"GS ( L", func(p *escpos.Profile) { p.Graphics = escpos.GSParenL },
			"\x1D(L\x19\x000p0\x01\x011\x28\x00\x03\x00" + rows + "\x1D(L\x02\x0002" + "\x1BJ\x06" +
				"\x1D(L\x52\x000p0\x01\x011\x40\x02\x01\x00" + edge + "\x1D(L\x02\x0002" + "\x1BJ\xFF\x1BJ\x2D"},
		{"bands of two rows", func(p *escpos.Profile) { p.MaxBand = 2 },
			"\x1Dv0\x00\x05\x00\x02\x00" + zeros(7) + "\xAA\x00\x55" + "\x1Dv0\x00\x04\x00\x01\x00\x00\x00\x00\xF0" + "\x1BJ\x06" +
				"\x1Dv0\x00\x48\x00\x01\x00" + edge + "\x1BJ\xFF\x1BJ\x2D"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := string(speak(t, c.change).Picture(dotted())); got != c.want {
				t.Errorf("got  % X\nwant % X", got, c.want)
			}
		})
	}
	t.Run("GS 8 L above 65,535 bytes", func(t *testing.T) {
		r := printer.NewRaster(576, 1000)
		for i := range r.Bits {
			r.Bits[i] = 0xFF
		}
		got := speak(t, func(p *escpos.Profile) { p.Graphics, p.MaxBand = escpos.GSParenL, 1000 }).Picture(r)
		// 72,010 bytes = 0x0001194A; 576 dots = 0x0240; 1,000 rows = 0x03E8.
		want := "\x1D8L\x4A\x19\x01\x000p0\x01\x011\x40\x02\xE8\x03" + string(r.Bits) + "\x1D(L\x02\x0002"
		if string(got) != want {
			t.Errorf("begins % X", got[:20])
		}
	})
}

func TestJobBytes(t *testing.T) {
	const (
		full  = "\x1B@" + "\x1C." + "\x1DP\xCB\xCB" + "\x1D(D\x05\x00\x14\x01\x00\x02\x00" + "\x1Da\x0F"
		cut   = "\x1DVB\x00"
		proof = "\x1D(H\x06\x0000"
	)
	for _, c := range []struct {
		name       string
		change     func(*escpos.Profile)
		id         printer.JobID
		head, tail string
		proof      bool
	}{
		{"epson", nil, 42, full + "\x1BJ", cut + proof + "0042", true},
		{"id modulo 10,000", nil, 1239876, full, cut + proof + "9876", true},
		{"id 0", nil, 70000, full, cut + proof + "0000", true},
		{"proof before the cut", func(p *escpos.Profile) { p.AckAfterCut = false }, 7, full, proof + "0007" + cut, true},
		{"no proof", func(p *escpos.Profile) { p.ProcessID, p.AckAfterCut = false, false }, 7, full, cut, false},
		{"180 dpi", func(p *escpos.Profile) { p.WidthDots, p.DPI = 512, 180 }, 7, "\x1B@\x1C.\x1DP\xB4\xB4", cut + proof + "0007", true},
		{"nothing but ESC @", func(p *escpos.Profile) {
			p.KanjiCancel, p.MotionUnits, p.RealtimeOff, p.ASB = false, false, false, false
		}, 7, "\x1B@\x1BJ", cut + proof + "0007", true},
		{"no cutter feeds 15 mm", func(p *escpos.Profile) { p.Cutter, p.ProcessID, p.AckAfterCut = false, false, false }, 7, full, "\x1BJ\x77", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			job, err := speak(t, c.change).Encode(slip, c.id)
			if err != nil {
				t.Fatal(err)
			}
			if job.ID != c.id || job.Proof != c.proof {
				t.Errorf("job %d, proof %v", job.ID, job.Proof)
			}
			if !strings.HasPrefix(string(job.Bytes), c.head) {
				t.Errorf("begins % X, want % X", job.Bytes[:len(c.head)], c.head)
			}
			if !strings.HasSuffix(string(job.Bytes), c.tail) {
				t.Errorf("ends % X, want % X", job.Bytes[len(job.Bytes)-len(c.tail):], c.tail)
			}
		})
	}
}

func TestStatusRequest(t *testing.T) {
	const (
		fill = "\x00\x00\x00\x00\x00\x00\x00\x00" // ends the head of a picture that was cut off
		all  = "\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04"
		free = "\x1D(H\x06\x0000free"
	)
	for _, c := range []struct {
		status, gsr, asb, id bool
		greeting, ask, probe string
	}{
		{true, false, false, false, fill + all, all, ""},
		{true, true, false, true, fill + all, all, free},
		{true, false, true, true, fill + "\x1Da\x0F" + all, all, free},
		{false, true, false, false, fill + "\x1Dr\x01", "\x1Dr\x01", "\x1Dr\x01"},
		{false, false, true, false, fill + "\x1Da\x0F", "", ""},
		{false, false, false, false, "", "", ""},
	} {
		lang := speak(t, func(p *escpos.Profile) {
			p.Status, p.GSR, p.ASB, p.ProcessID = c.status, c.gsr, c.asb, c.id
			p.AckAfterCut, p.NearEndSensor = c.id, c.status || c.gsr || c.asb
		})
		for _, x := range []struct{ what, got, want string }{
			{"greeting", string(lang.Greeting()), c.greeting},
			{"status request", string(lang.StatusRequest()), c.ask},
			{"probe", string(lang.Probe()), c.probe},
		} {
			if x.got != x.want {
				t.Errorf("%+v: %s % X, want % X", c, x.what, x.got, x.want)
			}
		}
	}
}

func TestRecover(t *testing.T) {
	clear8 := []byte{0x10, 0x14, 8, 1, 3, 0x14, 1, 6, 2, 8}
	if got := speak(t, nil).Recover(1<<20, 0); !bytes.Equal(got, clear8) {
		t.Errorf("with fn 8: % X, want nothing after it", got)
	}
	if got := speak(t, nil).Recover(100, 1); !bytes.Equal(got, make([]byte, 100)) {
		t.Errorf("with fn 8 in vain: % X, want zeros", got)
	}
	lang := speak(t, func(p *escpos.Profile) { p.MaxBand, p.ClearFn8 = 10, false })
	for _, c := range []struct{ remainder, zeros int }{{-1, 0}, {0, 0}, {100, 100}, {1 << 20, 72*10 + 32}} {
		if got := lang.Recover(c.remainder, 0); !bytes.Equal(got, make([]byte, c.zeros)) {
			t.Errorf("remainder %d: %d bytes, want %d zeros", c.remainder, len(got), c.zeros)
		}
	}
}

func TestEncodeRefusesMissingGlyph(t *testing.T) {
	s := slip
	s.Notice = "请"
	_, err := speak(t, nil).Encode(s, 1)
	if err == nil || !strings.Contains(err.Error(), "encode slip") || !strings.Contains(err.Error(), "请") {
		t.Errorf("error %v, want one that names the letter", err)
	}
}

func TestProfiles(t *testing.T) {
	for _, name := range escpos.Profiles() {
		p, err := escpos.Named(name)
		if err != nil {
			t.Fatal(err)
		}
		if problems := p.Check(); p.Name != name || len(problems) > 0 {
			t.Errorf("%s: name %q, problems %q", name, p.Name, problems)
		}
	}
	if _, err := escpos.Named("espon"); err == nil || !strings.Contains(err.Error(), "epson-tm-t88") {
		t.Errorf("error %v, want one that lists the names", err)
	}
	if _, err := escpos.New(escpos.Profile{Name: "x"}); err == nil || !strings.Contains(err.Error(), "width_dots: 0 is not from 256 to 832. See") {
		t.Errorf("error %v, want one with the remedy", err)
	}
}
