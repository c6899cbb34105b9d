package printertest_test

import (
	"bytes"
	"context"
	"image/png"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"motcua/printer/printertest"
)

// initialise, leave kanji, motion units = dots at 203 dpi.
var prologue = []byte{0x1B, 0x40, 0x1C, 0x2E, 0x1D, 0x50, 203, 203}

var cut = []byte{0x1D, 0x56, 0x01}

// raster is GS v 0 with every dot burnt, wide bytes by high rows.
func raster(wide, high int) []byte {
	b := []byte{0x1D, 0x76, 0x30, 0, byte(wide), byte(wide >> 8), byte(high), byte(high >> 8)}
	return append(b, bytes.Repeat([]byte{0xFF}, wide*high)...)
}

func ack(id string) []byte {
	return append([]byte{0x1D, 0x28, 0x48, 6, 0, 0x30, 0x30}, id...)
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// print1 gives a new printer one job and returns its first ticket.
func print1(t *testing.T, o printertest.Options, job []byte) printertest.Ticket {
	t.Helper()
	p := printertest.New(o)
	defer p.Close()
	if _, err := p.Write(job); err != nil {
		t.Fatal(err)
	}
	ts := p.Tickets()
	if len(ts) == 0 {
		t.Fatal("no ticket was cut")
	}
	return ts[0]
}

func dots(pic *printertest.Picture) int {
	n := 0
	for y := range pic.Bounds().Dy() {
		for x := range pic.Bounds().Dx() {
			if pic.Black(x, y) {
				n++
			}
		}
	}
	return n
}

func TestRaster(t *testing.T) {
	got := print1(t, printertest.Options{}, join(prologue, raster(4, 10), []byte{0x1B, 0x4A, 20}, raster(2, 3), cut))
	if w, h := got.Image.Bounds().Dx(), got.Image.Bounds().Dy(); w != 576 || h != 33 {
		t.Errorf("picture is %dx%d, want 576x33", w, h)
	}
	if n := dots(got.Image); n != 32*10+16*3 {
		t.Errorf("%d dots burnt, want %d", n, 32*10+16*3)
	}
	if got.TextBytes != 0 || got.Unknown != 0 {
		t.Errorf("text %d, unknown %d: want a clean picture", got.TextBytes, got.Unknown)
	}
	var buf bytes.Buffer
	if err := got.Image.EncodePNG(&buf); err != nil {
		t.Fatal(err)
	}
	if bits := buf.Bytes()[24]; bits != 1 {
		t.Errorf("PNG has %d bits per dot, want 1", bits)
	}
	back, err := png.Decode(&buf)
	if err != nil {
		t.Fatal(err)
	}
	if r, _, _, _ := back.At(31, 9).RGBA(); r != 0 {
		t.Error("a burnt dot is white in the PNG")
	}
}

// Without GS P a vertical unit is half a dot: the trap of Epson's units.
func TestFeedUnits(t *testing.T) {
	feed := []byte{0x1B, 0x4A, 41}
	for _, c := range []struct {
		name string
		o    printertest.Options
		job  []byte
		want int
	}{
		{"GS P", printertest.Options{}, join(prologue, feed, feed, cut), 82},
		{"no GS P sent", printertest.Options{}, join([]byte{0x1B, 0x40}, feed, feed, cut), 41},
		{"360 units per inch at 180 dpi", printertest.Options{DPI: 180, Width: 512}, join([]byte{0x1B, 0x40}, feed, cut), 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := print1(t, c.o, c.job).Image.Bounds().Dy(); got != c.want {
				t.Errorf("paper moved %d dots, want %d", got, c.want)
			}
		})
	}
	t.Run("GS P unknown is printed as text", func(t *testing.T) {
		got := print1(t, printertest.Options{NoMotionUnits: true}, join(prologue, cut))
		if got.Unknown != 1 || got.TextBytes != 2 {
			t.Errorf("unknown %d, text %q", got.Unknown, got.Text)
		}
	})
}

func TestPlacement(t *testing.T) {
	left := func(pic *printertest.Picture) int {
		for x := range pic.Bounds().Dx() {
			if pic.Black(x, 0) {
				return x
			}
		}
		return -1
	}
	for _, c := range []struct {
		name string
		o    printertest.Options
		set  []byte
		want int
	}{
		{"left", printertest.Options{}, nil, 0},
		{"centre", printertest.Options{}, []byte{0x1B, 0x61, 1}, (576 - 32) / 2},
		{"right", printertest.Options{}, []byte{0x1B, 0x61, 2}, 576 - 32},
		{"ESC $", printertest.Options{}, []byte{0x1B, 0x24, 100, 0}, 100},
		{"GS L", printertest.Options{}, []byte{0x1D, 0x4C, 0x2C, 1}, 300},
		{"ESC $ ignored", printertest.Options{NoLeftTrim: true}, []byte{0x1B, 0x24, 100, 0}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := left(print1(t, c.o, join(prologue, c.set, raster(4, 1), cut)).Image); got != c.want {
				t.Errorf("left edge %d, want %d", got, c.want)
			}
		})
	}
	t.Run("too wide wraps", func(t *testing.T) {
		pic := print1(t, printertest.Options{Width: 512, DPI: 180}, join(prologue, raster(72, 1), raster(1, 1), cut)).Image
		if !pic.Black(40, 1) {
			t.Error("the row of 576 dots did not run on into the next one on a head of 512")
		}
	})
}

func TestGraphicsAndColumns(t *testing.T) {
	store := append([]byte{0x1D, 0x28, 0x4C, 10 + 6, 0, 0x30, 0x70, 0x30, 1, 1, 0x31, 12, 0, 3, 0}, 0xFF, 0xF0, 0x80, 0x10, 0xFF, 0xF0)
	show := []byte{0x1D, 0x28, 0x4C, 2, 0, 0x30, 0x32}
	if n := dots(print1(t, printertest.Options{}, join(prologue, store, show, cut)).Image); n != 12+2+12 {
		t.Errorf("GS ( L burnt %d dots, want 26", n)
	}
	large := append([]byte{0x1D, 0x38, 0x4C, 10 + 6, 0, 0, 0}, store[5:]...)
	if n := dots(print1(t, printertest.Options{}, join(prologue, large, show, cut)).Image); n != 26 {
		t.Errorf("GS 8 L burnt %d dots, want 26", n)
	}
	col := []byte{0x1B, 0x2A, 33, 2, 0, 0xFF, 0, 0, 0, 0, 0x01, 0x0A}
	pic := print1(t, printertest.Options{}, join(prologue, col, cut)).Image
	if n := dots(pic); n != 9 || !pic.Black(0, 7) || !pic.Black(1, 23) {
		t.Errorf("ESC * burnt %d dots, want 9 in two columns of 24", n)
	}
}

func TestQR(t *testing.T) {
	link := "https://example.test/t/abc"
	store := append([]byte{0x1D, 0x28, 0x6B, byte(len(link) + 3), 0, 0x31, 0x50, 0x30}, link...)
	got := print1(t, printertest.Options{}, join(prologue, []byte{
		0x1D, 0x28, 0x6B, 4, 0, 0x31, 0x41, 0x32, 0, 0x1D, 0x28, 0x6B, 3, 0, 0x31, 0x43, 5, 0x1D, 0x28, 0x6B, 3, 0, 0x31, 0x45, 0x31,
	}, store, []byte{0x1D, 0x28, 0x6B, 3, 0, 0x31, 0x51, 0x30}, cut))
	if len(got.Codes) != 1 || got.Codes[0] != link {
		t.Errorf("codes %q, want %q", got.Codes, link)
	}
	if h := got.Image.Bounds().Dy(); h%5 != 0 || h < 21*5 || dots(got.Image) < 1000 {
		t.Errorf("code is %d dots high with %d burnt", h, dots(got.Image))
	}
}

// nv is GS ( L fn 67: a picture of one row, wide dots all burnt, under a key.
func nv(key string, wide int) []byte {
	n := (wide + 7) / 8
	b := []byte{0x1D, 0x28, 0x4C, byte(n + 11), byte((n + 11) >> 8), 0x30, 0x43, 0x30, key[0], key[1], 1, byte(wide), byte(wide >> 8), 1, 0, 0x31}
	return append(b, bytes.Repeat([]byte{0xFF}, n)...)
}

// show is GS ( L fn 69.
func show(key string) []byte {
	return []byte{0x1D, 0x28, 0x4C, 6, 0, 0x30, 0x45, key[0], key[1], 1, 1}
}

func TestKeptGraphics(t *testing.T) {
	again := []byte{0x1B, 0x40} // ESC @ erases nothing
	got := print1(t, printertest.Options{}, join(prologue, nv("A1", 80), nv("A2", 16), nv("A1", 24), again, show("A1"), show("A2"), show("A1"), cut))
	if n := dots(got.Image); n != 24+16+24 || got.Image.Bounds().Dy() != 3 || got.Unknown != 0 {
		t.Errorf("%d dots in %d rows, %d commands unknown; want 64 in 3", n, got.Image.Bounds().Dy(), got.Unknown)
	}
	full := print1(t, printertest.Options{Memory: 12}, join(prologue, nv("A1", 80), nv("A2", 24), show("A1"), show("A2"), cut))
	if n := dots(full.Image); n != 80 || full.Unknown != 1 {
		t.Errorf("a full memory: %d dots, %d commands unknown; want the first picture and no second", n, full.Unknown)
	}
}

// More than 40 keys come in parts, the next one after the host's ACK.
func TestKeyList(t *testing.T) {
	onPipe(t, printertest.Options{}, func(_ *printertest.Printer, h client) {
		list := []byte{0x1D, 0x28, 0x4C, 4, 0, 0x30, 0x40, 0x4B, 0x43}
		h.send(list)
		h.expect(0x37, 0x72, 0x40, 0)
		var want []byte
		for i := range 45 {
			key := string([]byte{byte('A' + i/10), byte('0' + i%10)})
			h.send(nv(key, 8))
			want = append(want, key...)
		}
		h.send(list)
		h.expect(append(append([]byte{0x37, 0x72, 0x41}, want[:80]...), 0)...)
		h.silence()
		h.send([]byte{0x06})
		h.expect(append(append([]byte{0x37, 0x72, 0x40}, want[80:]...), 0)...)
		h.send([]byte{0x06})
		h.silence()
	})
}

// What a printer does not know it prints: garbage must be seen and counted.
func TestGarbageIsText(t *testing.T) {
	got := print1(t, printertest.Options{NoProcessID: true}, join(prologue, raster(1, 1), ack("0042"), cut))
	if got.Text != "H000042\n" || got.TextBytes != 7 || got.Unknown != 1 {
		t.Errorf("text %q, %d bytes, %d unknown", got.Text, got.TextBytes, got.Unknown)
	}
	if dots(got.Image) < 20 {
		t.Error("garbage left no mark on the picture")
	}
}

// client is a host on the other end of a pipe.
type client struct {
	t *testing.T
	c net.Conn
}

func (c client) send(b ...[]byte) {
	c.t.Helper()
	if _, err := c.c.Write(join(b...)); err != nil {
		c.t.Fatalf("write: %v", err)
	}
}

func (c client) expect(want ...byte) {
	c.t.Helper()
	_ = c.c.SetReadDeadline(time.Now().Add(time.Second))
	got := make([]byte, len(want))
	n, err := io.ReadFull(c.c, got)
	if err != nil || !bytes.Equal(got, want) {
		c.t.Errorf("printer said % X (%v), want % X", got[:n], err, want)
	}
}

func (c client) silence() {
	c.t.Helper()
	_ = c.c.SetReadDeadline(time.Now().Add(time.Second))
	var b [16]byte
	if n, err := c.c.Read(b[:]); n > 0 || err == nil {
		c.t.Errorf("printer said % X, want silence", b[:n])
	}
}

// onPipe runs a test in a bubble, where time is virtual, with a client.
func onPipe(t *testing.T, o printertest.Options, f func(p *printertest.Printer, c client)) {
	synctest.Test(t, func(t *testing.T) {
		p := printertest.New(o)
		c := p.Pipe()
		f(p, client{t, c})
		c.Close()
		p.Close()
	})
}

var eot = func(n byte) []byte { return []byte{0x10, 0x04, n} }

func TestStatus(t *testing.T) {
	for _, c := range []struct {
		kind printertest.Kind
		want [4]byte
		gsr  byte
	}{
		{"", [4]byte{0x12, 0x12, 0x12, 0x12}, 0},
		{printertest.PaperLow, [4]byte{0x12, 0x12, 0x12, 0x1E}, 0x03},
		{printertest.PaperOut, [4]byte{0x1A, 0x32, 0x12, 0x7E}, 0xFF},
		{printertest.CoverOpen, [4]byte{0x1A, 0x16, 0x12, 0x12}, 0xFF},
		{printertest.CutterJam, [4]byte{0x1A, 0x52, 0x1A, 0x12}, 0},
		{printertest.HeadHot, [4]byte{0x1A, 0x52, 0x52, 0x12}, 0xFF},
		{printertest.Offline, [4]byte{0x1A, 0x12, 0x12, 0x12}, 0xFF},
	} {
		t.Run(string(c.kind), func(t *testing.T) {
			onPipe(t, printertest.Options{}, func(p *printertest.Printer, h client) {
				if c.kind != "" {
					p.Fault(printertest.Fault{Kind: c.kind})
				}
				for n := range byte(4) {
					h.send(eot(n + 1))
					h.expect(c.want[n])
				}
				h.send([]byte{0x1D, 0x72, 0x01})
				if c.gsr == 0xFF { // GS r waits behind the head while offline
					h.silence()
					p.Repair()
					c.gsr = 0
				}
				h.expect(c.gsr)
			})
		})
	}
	t.Run("automatic", func(t *testing.T) {
		onPipe(t, printertest.Options{}, func(p *printertest.Printer, h client) {
			h.send([]byte{0x1D, 0x61, 0x0F})
			h.expect(0x10, 0, 0, 0)
			p.Fault(printertest.Fault{Kind: printertest.CoverOpen})
			h.expect(0x38, 0, 0, 0)
			p.Repair()
			h.expect(0x10, 0, 0, 0)
		})
	})
}

func TestAcknowledge(t *testing.T) {
	job := join(prologue, raster(72, 24), cut, ack("0042"))
	for _, c := range []struct {
		name   string
		faults []printertest.Fault
		want   []byte
	}{
		{"once", nil, []byte{0x37, 0x22, '0', '0', '4', '2', 0}},
		{"twice", []printertest.Fault{{Kind: printertest.AckDouble}}, []byte{0x37, 0x22, '0', '0', '4', '2', 0, 0x37, 0x22, '0', '0', '4', '2', 0}},
		{"constant", []printertest.Fault{{Kind: printertest.AckConstant}}, []byte{0x37, 0x22, '1', '2', '3', '4', 0}},
		{"lost", []printertest.Fault{{Kind: printertest.AckLost}}, nil},
		{"mute", []printertest.Fault{{Kind: printertest.Mute}}, nil},
		{"stray", []printertest.Fault{{Kind: printertest.Stray}}, []byte{6, 0x15, 6, 0x15, 0x37, 0x22, '0', '0', '4', '2', 0}},
		{"flow, split", []printertest.Fault{{Kind: printertest.FlowBytes}, {Kind: printertest.SplitReply}}, []byte{0x13, 0x37, 0x11, 0x22, '0', '0', '4', '2', 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			onPipe(t, printertest.Options{}, func(p *printertest.Printer, h client) {
				synctest.Wait() // attached
				for _, f := range c.faults {
					p.Fault(f)
				}
				h.send(job)
				h.expect(c.want...)
				h.silence()
				if n := p.Stats().Tickets; n != 1 {
					t.Errorf("%d tickets, want 1", n)
				}
			})
		})
	}
	t.Run("held", func(t *testing.T) {
		onPipe(t, printertest.Options{}, func(p *printertest.Printer, h client) {
			p.Fault(printertest.Fault{Kind: printertest.AckHeld})
			h.send(job)
			h.silence()
			p.Repair()
			h.expect(0x37, 0x22, '0', '0', '4', '2', 0)
		})
	})
}

// Replies of any kind come late, never, twice or together.
func TestReplies(t *testing.T) {
	one, two := byte(0x12), []byte{0x37, 0x22, '0', '0', '4', '2', 0}
	job := join(prologue, raster(1, 1), cut, ack("0042"))
	for _, c := range []struct {
		name                string
		fault               printertest.Fault
		atOnce, afterRepair []byte
	}{
		{"held", printertest.Fault{Kind: printertest.ReplyHeld}, nil, append([]byte{one}, two...)},
		{"lost", printertest.Fault{Kind: printertest.ReplyLost}, nil, nil},
		{"one lost", printertest.Fault{Kind: printertest.ReplyLost, Times: 1}, two, nil},
		{"doubled", printertest.Fault{Kind: printertest.ReplyDouble}, join([]byte{one, one}, two, two), nil},
		{"merged", printertest.Fault{Kind: printertest.ReplyMerged}, append([]byte{one}, two...), nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			onPipe(t, printertest.Options{}, func(p *printertest.Printer, h client) {
				synctest.Wait()
				p.Fault(c.fault)
				h.send(eot(1))
				if c.name == "merged" {
					h.silence()
				}
				h.send(job)
				h.expect(c.atOnce...)
				h.silence()
				p.Repair()
				h.expect(c.afterRepair...)
				h.silence()
			})
		})
	}
	t.Run("merged, repaired between", func(t *testing.T) {
		onPipe(t, printertest.Options{}, func(p *printertest.Printer, h client) {
			synctest.Wait()
			p.Fault(printertest.Fault{Kind: printertest.ReplyMerged})
			h.send(eot(1))
			h.silence()
			p.Repair()
			h.expect(one)
		})
	})
	t.Run("only the latest id", func(t *testing.T) {
		onPipe(t, printertest.Options{}, func(p *printertest.Printer, h client) {
			synctest.Wait()
			p.Fault(printertest.Fault{Kind: printertest.AckLatest})
			h.send(join(prologue, cut, ack("0041")), job)
			h.silence()
			p.Repair()
			h.expect(two...)
			h.silence()
		})
	})
	t.Run("automatic status in between", func(t *testing.T) {
		onPipe(t, printertest.Options{}, func(p *printertest.Printer, h client) {
			synctest.Wait()
			p.Fault(printertest.Fault{Kind: printertest.Stray, Bytes: []byte{0x10, 0, 0, 0}})
			h.expect(0x10, 0, 0, 0)
			h.send(job)
			h.expect(append([]byte{0x10, 0, 0, 0}, two...)...)
		})
	})
}

// Some printers obey what they find in a picture: answers nobody asked for, a
// pulse of the drawer, and a picture that is thrown away in its middle.
func TestRealTimeCodesInData(t *testing.T) {
	picture := func(code ...byte) []byte {
		b := raster(8, 2)
		copy(b[9:], code)
		return join(prologue, b, cut)
	}
	off := []byte{0x1D, 0x28, 0x44, 5, 0, 20, 1, 0, 2, 0}
	for _, c := range []struct {
		name    string
		scans   bool
		job     []byte
		says    []byte
		pulses  int64
		tickets int
	}{
		{"status", true, picture(0x10, 0x04, 0x01), []byte{0x12}, 0, 1},
		{"pulse", true, picture(0x10, 0x14, 0x01, 0x00, 0x02), nil, 1, 1},
		{"pulse disabled", true, join(off, picture(0x10, 0x14, 0x01, 0x00, 0x02)[8:]), nil, 0, 1},
		{"clear", true, picture(0x10, 0x05, 0x02), nil, 0, 1},
		{"a printer that knows better", false, join(picture(0x10, 0x04, 0x01), picture(0x10, 0x14, 0x01, 0x00, 0x02), picture(0x10, 0x05, 0x02)), nil, 0, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			onPipe(t, printertest.Options{ScanData: c.scans}, func(p *printertest.Printer, h client) {
				h.send(c.job)
				h.expect(c.says...)
				h.silence()
				if st := p.Stats(); st.Pulses != c.pulses || st.Tickets != c.tickets {
					t.Errorf("%d pulses, %d tickets, want %d and %d", st.Pulses, st.Tickets, c.pulses, c.tickets)
				}
				got := p.Tickets()
				if whole := got[0].TextBytes == 0; whole == (c.name == "clear") { // its rest is text
					t.Errorf("text %q", got[0].Text)
				}
			})
		})
	}
}

// What a model does not know it prints, passes over or takes otherwise.
func TestModels(t *testing.T) {
	feed := []byte{0x1B, 0x4A, 40}
	for _, c := range []struct {
		name    string
		o       printertest.Options
		job     []byte
		rows    int
		text    string
		unknown int
	}{
		{"no GS v 0", printertest.Options{NoRaster: true}, join([]byte{0x1B, 0x40, 0x1D, 0x76, 0x30, 0, 1, 0, 1, 0, 'x'}, cut), 33, "0x\n", 1},
		{"no GS ( k", printertest.Options{NoCode: true}, join([]byte{0x1B, 0x40, 0x1D, 0x28, 0x6B, 3, 0, 0x31, 0x51, 0x30}, cut), 33, "k1Q0\n", 1},
		{"no buzzer", printertest.Options{NoBuzzer: true}, join([]byte{0x1B, 0x40, 0x1B, 0x28, 0x41, 4, 0, 0x30, 0x31, 1, 10}, cut), 33, "A01\n", 1},
		{"no FS .", printertest.Options{NoKanji: true}, join([]byte{0x1B, 0x40, 0x1C, 0x2E}, cut), 0, "", 1},
		{"GS P means something else", printertest.Options{OddUnits: true}, join(prologue, feed, cut), 20, "", 0},
		{"dots", printertest.Options{FeedDots: true}, join([]byte{0x1B, 0x40}, feed, cut), 40, "", 0},
		{"an odd table", printertest.Options{OddTable: true}, join([]byte{0x1B, 0x40}, []byte("A1-"), []byte{0x1B, 0x74, 0}, []byte("A1"), cut), 33, "\xFF1-A1\n", 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := print1(t, c.o, c.job)
			if got.Text != c.text || got.Unknown != c.unknown || got.Image.Bounds().Dy() != c.rows {
				t.Errorf("text %q, %d unknown, %d rows; want %q, %d, %d", got.Text, got.Unknown, got.Image.Bounds().Dy(), c.text, c.unknown, c.rows)
			}
		})
	}
	t.Run("no cutter", func(t *testing.T) {
		p := printertest.New(printertest.Options{NoCutter: true})
		defer p.Close()
		if _, err := p.Write(join(prologue, []byte("one"), cut, []byte("two\n"))); err != nil {
			t.Fatal(err)
		}
		if got := p.Tear(); len(p.Tickets()) > 0 || got.Text != "one\ntwo\n" {
			t.Errorf("%d tickets, text %q", len(p.Tickets()), got.Text)
		}
	})
	t.Run("sounds", func(t *testing.T) {
		p := printertest.New(printertest.Options{})
		defer p.Close()
		if _, err := p.Write([]byte{0x1B, 0x42, 1, 2, 0x1B, 0x28, 0x41, 4, 0, 0x30, 0x31, 1, 10}); err != nil {
			t.Fatal(err)
		}
		if st := p.Stats(); st.Sounds != 2 || st.TextBytes+st.Unknown > 0 {
			t.Errorf("%+v", st)
		}
	})
	t.Run("a memory that was erased", func(t *testing.T) {
		p := printertest.New(printertest.Options{})
		defer p.Close()
		for _, erased := range []bool{false, true} {
			if erased {
				p.Forget()
			}
			if _, err := p.Write(join(nv("A1", 80), show("A1"), cut)[len(nv("A1", 80))*map[bool]int{true: 1}[erased]:]); err != nil {
				t.Fatal(err)
			}
			got := p.Tickets()
			if n := dots(got[len(got)-1].Image); n != map[bool]int{false: 80}[erased] {
				t.Errorf("erased %t: %d dots", erased, n)
			}
		}
	})
}

// The cable is pulled in mid-job: the buffer is kept, and the rest of the
// picture is awaited, or power went with it.
func TestUnplugged(t *testing.T) {
	job := join(prologue, raster(72, 20), []byte("whole"), cut, ack("0001"))
	for _, power := range []bool{false, true} {
		onPipe(t, printertest.Options{}, func(p *printertest.Printer, h client) {
			synctest.Wait()
			p.Fault(printertest.Fault{Kind: printertest.Cable, At: 500, Drop: power, Times: 1})
			h.send(job)
			synctest.Wait()
			if n := p.Stats().Received; n != 500 {
				t.Errorf("%d bytes came through a cable that was cut at byte 500", n)
			}
			rest := client{t, p.Pipe()}
			defer rest.c.Close()
			rest.send(job[500:])
			synctest.Wait()
			got := p.Tickets()
			if len(got) != 1 {
				t.Fatalf("%d tickets", len(got))
			}
			// Without power the rest of the picture is text.
			if whole := got[0].Text == "whole\n"; whole == power {
				t.Errorf("power lost %t: text of %d bytes", power, got[0].TextBytes)
			}
		})
	}
}

func TestPaperOut(t *testing.T) {
	job := join(prologue, []byte("half"), raster(72, 24), []byte("whole"), cut, ack("0001"))
	next := join(prologue, []byte("next"), cut, ack("0002"))
	for _, drop := range []bool{false, true} {
		t.Run(map[bool]string{false: "finishes", true: "drops"}[drop], func(t *testing.T) {
			onPipe(t, printertest.Options{}, func(p *printertest.Printer, h client) {
				p.Fault(printertest.Fault{Kind: printertest.PaperOut, At: 200, Drop: drop})
				h.send(job, next)
				h.send(eot(4))
				h.expect(0x7E)
				if n := p.Stats().Tickets; n != 0 {
					t.Errorf("%d tickets without paper", n)
				}
				p.Repair()
				got := p.Tickets()
				if drop {
					h.expect(0x37, 0x22, '0', '0', '0', '2', 0)
					if len(got) != 1 || got[0].Text != "next\n" {
						t.Errorf("tickets %+v, want only the next one", got)
					}
					return
				}
				h.expect(0x37, 0x22, '0', '0', '0', '1', 0, 0x37, 0x22, '0', '0', '0', '2', 0)
				if len(got) != 2 || got[0].Text != "half\nwhole\n" {
					t.Errorf("tickets %+v, want both", got)
				}
			})
		})
	}
}

func TestCutterJamHoldsTheTicket(t *testing.T) {
	p := printertest.New(printertest.Options{})
	defer p.Close()
	p.Fault(printertest.Fault{Kind: printertest.CutterJam})
	if _, err := p.Write(join(prologue, []byte("one"), cut, prologue, []byte("two"), cut)); err != nil {
		t.Fatal(err)
	}
	if n := len(p.Tickets()); n != 0 {
		t.Fatalf("%d tickets through a jammed cutter", n)
	}
	p.Repair()
	got := p.Tickets()
	if len(got) != 2 || got[0].Text != "one\n" || got[1].Text != "two\n" {
		t.Errorf("tickets %+v", got)
	}
}

// A job that was cut off makes the printer wait for the rest of its raster:
// the next ticket is swallowed, ESC @ included, unless the buffer is cleared.
func TestCutOffRasterSwallowsTheNext(t *testing.T) {
	half := join(prologue, raster(72, 100))[:3000]
	next := join(prologue, []byte("next"), cut)
	clearCode := []byte{0x10, 0x14, 8, 1, 3, 0x14, 1, 6, 2, 8}
	for _, c := range []struct {
		name    string
		o       printertest.Options
		between []byte
		want    int
	}{
		{"nothing", printertest.Options{}, nil, 0},
		{"cleared", printertest.Options{}, clearCode, 1},
		{"clear ignored", printertest.Options{NoClear: true}, clearCode, 0},
		{"zeros", printertest.Options{NoClear: true}, make([]byte, 72*100), 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := printertest.New(c.o)
			defer p.Close()
			if _, err := p.Write(join(half, c.between, next)); err != nil {
				t.Fatal(err)
			}
			if n := len(p.Tickets()); n != c.want {
				t.Errorf("%d tickets, want %d", n, c.want)
			}
		})
	}
}

func TestTCP(t *testing.T) {
	ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
	defer stop()
	p := printertest.New(printertest.Options{KeepsLastAck: true})
	defer p.Close()
	s, err := p.Start(ctx, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if !strings.HasPrefix(s.URI(), "tcp://127.0.0.1:") {
		t.Errorf("URI %q", s.URI())
	}
	dial := func() client {
		c, err := net.Dial("tcp", s.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return client{t, c}
	}
	first := dial()
	first.send(eot(1))
	first.expect(0x12)

	// The cable is cut in the middle of a job.
	p.Fault(printertest.Fault{Kind: printertest.Cable, At: 1000, Times: 1})
	first.send(join(prologue, raster(72, 100)))
	_ = first.c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := first.c.Read(make([]byte, 1)); err == nil {
		t.Error("the connection outlived its cable")
	}
	if got := p.Stats().Received; got != 3+1000 {
		t.Errorf("received %d bytes, want 1003", got)
	}
	second := dial()
	second.send(make([]byte, 72*100), join(prologue, cut, ack("0007")))
	second.expect(0x37, 0x22, '0', '0', '0', '7', 0)
	if _, err := p.Wait(ctx, 1); err != nil {
		t.Error(err)
	}
}

func TestSlowAndStalled(t *testing.T) {
	onPipe(t, printertest.Options{}, func(p *printertest.Printer, h client) {
		synctest.Wait()
		p.Fault(printertest.Fault{Kind: printertest.Slow, Rate: 960})
		// The read that was under way takes a full buffer; the next ones are small.
		h.send(eot(1))
		h.expect(0x12)
		start := time.Now()
		h.send(make([]byte, 9600), eot(1))
		_ = h.c.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := h.c.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		if d := time.Since(start); d < 9*time.Second || d > 11*time.Second {
			t.Errorf("9,600 bytes at 960 per second took %v", d)
		}
		p.Repair()
		p.Fault(printertest.Fault{Kind: printertest.Stalled})
		_ = h.c.SetWriteDeadline(time.Now().Add(time.Minute))
		if _, err := h.c.Write(make([]byte, 20000)); err == nil {
			t.Error("a stalled printer took everything")
		}
	})
}

// Whoever shows the tickets hears of each one, in order, and may ask the
// printer back.
func TestOnTicket(t *testing.T) {
	var p *printertest.Printer
	var seen []int
	p = printertest.New(printertest.Options{OnTicket: func(k printertest.Ticket) {
		seen = append(seen, min(k.Seq, p.Stats().Tickets))
	}})
	defer p.Close()
	p.Fault(printertest.Fault{Kind: printertest.PaperOut, At: 20})
	if _, err := p.Write(join(prologue, raster(1, 1), cut, prologue, raster(1, 1), cut)); err != nil {
		t.Fatal(err)
	}
	p.Repair()
	if len(seen) != 2 || seen[0] != 1 || seen[1] != 2 {
		t.Errorf("told of tickets %v, want 1 and 2", seen)
	}
}

func TestMemoryIsBounded(t *testing.T) {
	p := printertest.New(printertest.Options{Keep: 2, MaxRows: 100})
	defer p.Close()
	for range 5 {
		if _, err := p.Write(join(prologue, raster(72, 2000), cut)); err != nil {
			t.Fatal(err)
		}
	}
	got := p.Tickets()
	if len(got) != 2 || got[1].Seq != 5 || !got[1].Overlong || got[1].Image.Bounds().Dy() != 100 {
		t.Errorf("kept %d tickets, last %d, overlong %v, %v", len(got), got[1].Seq, got[1].Overlong, got[1].Image.Bounds())
	}
}

func FuzzPrinter(f *testing.F) {
	f.Add(join(prologue, raster(4, 10), cut, ack("0042")))
	f.Add(join(prologue, []byte("text\n"), []byte{0x1B, 0x2A, 33, 2, 0, 1, 2, 3, 4, 5, 6}, eot(4), cut))
	f.Add([]byte{0x1D, 0x38, 0x4C, 0xFF, 0xFF, 0xFF, 0xFF, 0x30, 0x70})
	f.Add([]byte{0x1D, 0x28, 0x4C, 14, 0, 0x30, 0x70, 0x30, 2, 2, 0x31, 0xFF, 0xFF, 0xFF, 0xFF, 1, 2, 3, 4, 0x1D, 0x28, 0x4C, 2, 0, 0x30, 0x32})
	f.Add(join(nv("K1", 64), show("K1"), []byte{0x1D, 0x28, 0x4C, 4, 0, 0x30, 0x40, 0x4B, 0x43, 0x06}))
	f.Add([]byte{0x10, 0x14, 8, 1, 3, 0x14, 1, 6, 2, 8, 0x1D, 0x6B, 4, 'a', 0, 0x1D, 0x6B, 73, 3, 'a', 'b', 'c'})
	f.Fuzz(func(t *testing.T, b []byte) {
		p := printertest.New(printertest.Options{Width: 64, MaxRows: 64, Keep: 2, ScanData: true})
		defer p.Close()
		if n, err := p.Write(b); err != nil || n != len(b) {
			t.Fatalf("took %d of %d bytes: %v", n, len(b), err)
		}
		if got := p.Tickets(); len(got) > 2 {
			t.Fatalf("kept %d tickets", len(got))
		}
		if pic := p.Tear().Image; pic.Bounds().Dy() > 64 {
			t.Fatalf("paper of %d rows", pic.Bounds().Dy())
		}
	})
}
