package escpos_test

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/printer"
	"motcua/printer/escpos"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func status(s printer.Status) printer.Reply { return printer.Reply{Status: &s} }
func ack(id uint16) printer.Reply           { return printer.Reply{Ack: &id} }

var low = status(printer.Status{Online: true, Paper: printer.PaperLow})

var ready = status(printer.Status{Online: true, Paper: printer.PaperOK})

// The bits of hardware.md §3.2, each alone.
func TestReplies(t *testing.T) {
	ok := printer.PaperOK
	for _, c := range []struct {
		name    string
		bytes   string
		want    []printer.Reply
		dropped int
	}{
		{"all well", "\x12\x12\x12\x12", []printer.Reply{ready}, 0},
		{"offline", "\x1A\x12\x12\x12", []printer.Reply{status(printer.Status{Paper: ok})}, 0},
		{"cover", "\x1A\x16\x12\x12", []printer.Reply{status(printer.Status{Paper: ok, CoverOpen: true})}, 0},
		{"feed button", "\x12\x1A\x12\x12", []printer.Reply{ready}, 0},
		{"stopped at paper end", "\x1A\x32\x12\x12", []printer.Reply{status(printer.Status{Paper: printer.PaperOut})}, 0},
		{"error that nothing explains", "\x1A\x52\x12\x12", []printer.Reply{status(printer.Status{Paper: ok, Error: true})}, 0},
		{"cutter", "\x1A\x52\x1A\x12", []printer.Reply{status(printer.Status{Paper: ok, Cutter: true})}, 0},
		{"unrecoverable", "\x1A\x52\x32\x12", []printer.Reply{status(printer.Status{Paper: ok, Error: true})}, 0},
		{"head hot", "\x1A\x52\x52\x12", []printer.Reply{status(printer.Status{Paper: ok, Hot: true})}, 0},
		{"near end", "\x12\x12\x12\x1E", []printer.Reply{status(printer.Status{Online: true, Paper: printer.PaperLow})}, 0},
		{"end", "\x12\x12\x12\x7E", []printer.Reply{status(printer.Status{Online: true, Paper: printer.PaperOut})}, 0},
		{"two requests", "\x12\x12\x12\x12\x1A\x16\x12\x12", []printer.Reply{ready, status(printer.Status{Paper: ok, CoverOpen: true})}, 0},

		{"ASB all well", "\x10\x00\x00\x00", []printer.Reply{ready}, 0},
		{"ASB offline, cover", "\x38\x00\x00\x00", []printer.Reply{status(printer.Status{Paper: ok, CoverOpen: true})}, 0},
		{"ASB feed button, drawer", "\x54\x00\x00\x0F", []printer.Reply{ready}, 0},
		{"ASB recoverable", "\x18\x04\x00\x00", []printer.Reply{status(printer.Status{Paper: ok, Error: true})}, 0},
		{"ASB cutter", "\x18\x08\x00\x00", []printer.Reply{status(printer.Status{Paper: ok, Cutter: true})}, 0},
		{"ASB unrecoverable", "\x18\x20\x00\x00", []printer.Reply{status(printer.Status{Paper: ok, Error: true})}, 0},
		{"ASB hot", "\x18\x40\x00\x00", []printer.Reply{status(printer.Status{Paper: ok, Hot: true})}, 0},
		{"ASB near end", "\x10\x00\x03\x00", []printer.Reply{status(printer.Status{Online: true, Paper: printer.PaperLow})}, 0},
		{"ASB end", "\x18\x00\x0F\x00", []printer.Reply{status(printer.Status{Paper: printer.PaperOut})}, 0},

		{"process id", "\x37\x220042\x00", []printer.Reply{ack(42)}, 0},
		{"highest process id", "\x37\x229999\x00", []printer.Reply{ack(9999)}, 0},
		{"process id of no job of ours", "\x37\x22A042\x00", nil, 7},
		{"answer to a probe", "\x37\x22free\x00", []printer.Reply{{Turn: true}}, 0},
		{"process id cut short", "\x37\x22004\x00\x37\x220043\x00", []printer.Reply{ack(43)}, 6},
		{"cleared", "\x37\x25\x00", nil, 0},
		{"offline cause", "\x37\x23@A\x00\x37\x220001\x00", []printer.Reply{ack(1)}, 0},
		{"NV keys", "\x37\x72\x40KC01\x00", []printer.Reply{{Keys: &printer.Keys{List: []string{"KC", "01"}}}}, 0},
		{"NV keys, more to come", "\x37\x72\x41KC\x00", []printer.Reply{{Keys: &printer.Keys{List: []string{"KC"}, More: true}}}, 0},
		{"no NV keys", "\x37\x72\x40\x00", []printer.Reply{{Keys: &printer.Keys{}}}, 0},
		{"NV keys with half a key", "\x37\x72\x40KC0\x00", nil, 7},
		{"NV keys of no status", "\x37\x72KCA\x00", nil, 6},
		{"information", "\x5FTM-T82\x00\x12\x12\x12\x12", []printer.Reply{ready}, 0},

		{"XON and XOFF inside everything", "\x13\x12\x11\x12\x12\x13\x12\x37\x11\x22\x130\x110\x114\x132\x11\x00\x10\x13\x00\x00\x11\x00",
			[]printer.Reply{ready, ack(42), ready}, 0},
		{"stray ACK and NAK", "\x06\x15\x12\x12\x06\x12\x12", []printer.Reply{ready}, 3},
		{"ASB between answers", "\x12\x12\x10\x00\x00\x00\x12\x12", []printer.Reply{ready, ready}, 0},
		{"id between answers", "\x12\x37\x220007\x00\x12\x12\x12", []printer.Reply{ack(7), ready}, 0},
		{"ASB broken off by an id", "\x10\x00\x37\x220007\x00", []printer.Reply{ack(7)}, 2},
		{"block broken off by answers", "\x37\x22\x12\x12\x12\x12", []printer.Reply{ready}, 2},
		{"block broken off by a block", "\x37\x2200\x37\x220007\x00", []printer.Reply{ack(7)}, 4},
		{"information broken off by an id", "\x5FTM\x37\x220007\x00", []printer.Reply{ack(7)}, 3},
		{"high bytes", "\x80\xFF\xC3\x37\x220007\x00", []printer.Reply{ack(7)}, 3},
		{"GS r nobody asked for", "\x00\x03\x0C", nil, 3},
	} {
		t.Run(c.name, func(t *testing.T) {
			lang := speak(t, nil)
			for _, step := range []int{len(c.bytes), 1, 3} {
				p := lang.NewParser()
				var got []printer.Reply
				for b := []byte(c.bytes); len(b) > 0; b = b[min(step, len(b)):] {
					got = append(got, p.Feed(b[:min(step, len(b))], noon)...)
				}
				if d := cmp.Diff(c.want, got); d != "" {
					t.Errorf("in steps of %d (-want +got):\n%s", step, d)
				}
				if p.Dropped() != c.dropped {
					t.Errorf("in steps of %d: %d bytes dropped, want %d", step, p.Dropped(), c.dropped)
				}
			}
		})
	}
}

// Of the answers to a request only their order says what they answer: one that
// was lost must not shift the next request's.
func TestPauseEndsAGroup(t *testing.T) {
	p := speak(t, nil).NewParser()
	if got := p.Feed([]byte{0x12, 0x12, 0x12}, noon); got != nil {
		t.Errorf("three answers gave %v", got)
	}
	got := p.Feed([]byte{0x1A, 0x16, 0x12, 0x12}, noon.Add(501*time.Millisecond))
	if d := cmp.Diff([]printer.Reply{status(printer.Status{Paper: printer.PaperOK, CoverOpen: true})}, got); d != "" {
		t.Error(d)
	}
	if p.Dropped() != 3 {
		t.Errorf("%d bytes dropped, want 3", p.Dropped())
	}
	p.Feed([]byte{0x37, 0x22, '0', '0'}, noon.Add(time.Second))
	got = p.Feed([]byte("\x37\x220009\x00"), noon.Add(2*time.Second))
	if d := cmp.Diff([]printer.Reply{ack(9)}, got); d != "" {
		t.Error(d)
	}
}

func TestNoNearEndSensor(t *testing.T) {
	p := speak(t, func(p *escpos.Profile) { p.NearEndSensor = false }).NewParser()
	if d := cmp.Diff([]printer.Reply{ready}, p.Feed([]byte{0x12, 0x12, 0x12, 0x1E}, noon)); d != "" {
		t.Errorf("the bits of a sensor that is not there count: %s", d)
	}
}

func TestGSr(t *testing.T) {
	p := speak(t, func(p *escpos.Profile) { p.Status, p.GSR = false, true }).NewParser()
	turn := func(p printer.Paper) printer.Reply {
		return printer.Reply{Status: &printer.Status{Online: true, Paper: p}, Turn: true}
	}
	got := p.Feed([]byte{0x00, 0x06, 0x03, 0x15, 0x0F}, noon)
	if d := cmp.Diff([]printer.Reply{turn(printer.PaperOK), turn(printer.PaperLow), turn(printer.PaperOut)}, got); d != "" {
		t.Error(d)
	}
	if p.Dropped() != 2 {
		t.Errorf("%d bytes dropped, want the stray 06 and 15", p.Dropped())
	}
}

// maxKeys is what a block of 96 bytes holds.
const maxKeys = 46

// feed gives a parser bytes in chunks and returns its replies.
func feed(p printer.Parser, b []byte, chunk int) (all []printer.Reply) {
	for ; len(b) > 0; b = b[min(chunk, len(b)):] {
		all = append(all, p.Feed(b[:min(chunk, len(b))], noon)...)
	}
	return all
}

// recovers holds a parser to keeping its footing: whatever rubbish came, in
// whatever chunks and with whatever flow control between, what follows is
// understood. What names itself is so at once: every acknowledgement, and
// automatic status but for one at most. The four answers to a request, which
// don't, are so after a pause.
func recovers(t interface{ Errorf(string, ...any) }, lang *escpos.Protocol, rubbish []byte) {
	p := lang.NewParser()
	replies := p.Feed(rubbish, noon)
	if len(replies) > len(rubbish) || p.Dropped() > len(rubbish) {
		t.Errorf("%d bytes gave %d replies and %d dropped", len(rubbish), len(replies), p.Dropped())
	}
	for _, chunk := range []int{1, 2, 7} {
		o := lang.NewParser()
		if d := cmp.Diff(replies, feed(o, rubbish, chunk)); d != "" || p.Dropped() != o.Dropped() {
			t.Errorf("%d bytes at a time differ, %d dropped and not %d: %s", chunk, o.Dropped(), p.Dropped(), d)
		}
	}
	var flowing []byte
	for i, b := range rubbish {
		flowing = append(flowing, b, []byte{0x11, 0x13}[i%2])
	}
	if d := cmp.Diff(replies, lang.NewParser().Feed(flowing, noon)); d != "" {
		t.Errorf("XON and XOFF differ: %s", d)
	}
	for _, r := range replies {
		kinds := 0
		for _, has := range []bool{r.Status != nil, r.Ack != nil, r.Keys != nil, r.Status == nil && r.Turn} {
			if has {
				kinds++
			}
		}
		if kinds != 1 || r.Ack != nil && *r.Ack > 9999 || r.Keys != nil && len(r.Keys.List) > maxKeys {
			t.Errorf("reply %+v", r)
		}
	}
	for _, c := range []struct {
		stream string
		want   []printer.Reply // from here on
	}{
		{"\x37\x220042\x00\x37\x229999\x00\x10\x00\x03\x00\x37\x220000\x00", []printer.Reply{ack(42), ack(9999), low, ack(0)}},
		// An open cover makes the first byte of automatic status a letter, which a
		// block that rubbish began takes in. The next one is understood.
		{"\x38\x00\x00\x00\x38\x00\x00\x00\x37\x220007\x00", []printer.Reply{status(printer.Status{Paper: printer.PaperOK, CoverOpen: true}), ack(7)}},
		{"\x37\x22free\x00\x37\x22free\x00", []printer.Reply{{Turn: true}, {Turn: true}}},
	} {
		for _, chunk := range []int{1, 5, 1000} {
			got := feed(lang.NewParser(), append(bytes.Clone(rubbish), c.stream...), chunk)
			// What the rubbish itself may have said stands before.
			if d := cmp.Diff(c.want, got[max(len(got)-len(c.want), 0):]); d != "" {
				t.Errorf("at once after % X, %d bytes at a time: %s", rubbish, chunk, d)
			}
		}
	}
	got := p.Feed([]byte("\x12\x12\x12\x12\x37\x220042\x00\x1A\x16\x12\x12"), noon.Add(time.Second))
	if d := cmp.Diff([]printer.Reply{ready, ack(42), status(printer.Status{Paper: printer.PaperOK, CoverOpen: true})}, got); d != "" {
		t.Errorf("after % X and a pause: %s", rubbish, d)
	}
}

func TestRecoversAfterRubbish(t *testing.T) {
	lang := speak(t, nil)
	rapid.Check(t, func(t *rapid.T) {
		bytes := rapid.SampledFrom([]byte{0x37, 0x22, 0x23, 0x25, 0x72, 0x41, 0x5F, 0x00, 0x10, 0x12, 0x11, 0x13, 0x40, '0', '1', 0x06, 0xFF})
		recovers(t, lang, rapid.SliceOfN(bytes, 0, 300).Draw(t, "rubbish"))
	})
	// What would swallow the next acknowledgement whole, if it were let.
	for _, s := range []string{"\x5F", "\x37", "\x37\x37", "\x37\x41", "\x37\x72\x40", "\x37\x72\x41K", "\x5FTM-T82", "\x37\x22", "\x37\x220042", "\x10\x00\x00"} {
		recovers(t, lang, []byte(s))
	}
}

// A block that never ends holds the parser up for no more than 96 bytes.
func TestEndlessBlock(t *testing.T) {
	p := speak(t, nil).NewParser()
	long := make([]byte, 500)
	for i := range long {
		long[i] = 'A'
	}
	p.Feed(append([]byte{0x5F}, long...), noon)
	if p.Dropped() < 400 {
		t.Errorf("%d of 500 bytes given up", p.Dropped())
	}
	if d := cmp.Diff([]printer.Reply{ack(5)}, p.Feed([]byte("\x37\x220005\x00"), noon)); d != "" {
		t.Error(d)
	}
}

func FuzzParser(f *testing.F) {
	for _, s := range []string{
		"", "\x12\x12\x12\x12", "\x1A\x32\x12\x7E", "\x10\x00\x00\x00", "\x37\x220042\x00", "\x37\x23@\x00", "\x37\x25\x00",
		"\x37\x72\x41KC01\x00", "\x5FEPSON\x00", "\x13\x37\x11\x220042\x00", "\x06\x15", "\x37\x37\x37\x5F\x10\x10\x12", "\x5F", "\x5FTM-T82", "\x37\x72\x40", "\x37\x22004",
	} {
		f.Add([]byte(s))
	}
	p, err := escpos.Named("epson")
	if err != nil {
		f.Fatal(err)
	}
	lang, err := escpos.New(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) { recovers(t, lang, b) })
}
