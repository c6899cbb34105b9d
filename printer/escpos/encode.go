package escpos

import (
	"fmt"
	"slices"
	"strings"

	"motcua/printer"
)

// Level says how much of what a printer knows is used to save bytes. Each adds
// to the one before; what the profile lacks is left out.
type Level string

const (
	Plain        Level = "plain"         // the whole slip as one picture
	Trimmed      Level = "trimmed"       // bands, white rows fed, nothing white at the right
	LeftTrimmed  Level = "left_trim"     // nothing white at the left
	NativeCode   Level = "native_code"   // the printer draws the QR code; the page is lean
	NativeNumber Level = "native_number" // and the number, in its own letters
	Stored       Level = "stored"        // and what it keeps in its memory, see Protocol.Knowing
)

var levels = []Level{Plain, Trimmed, LeftTrimmed, NativeCode, NativeNumber, Stored}

// Levels lists all levels, from the most bytes to the fewest.
func Levels() []Level { return slices.Clone(levels) }

// Protocol is ESC/POS as one model of printer speaks it. It is immutable and
// safe for concurrent use.
type Protocol struct {
	profile Profile
	level   Level           // "" = Trimmed
	sounds  bool            // with each slip
	known   map[string]bool // keys of the pictures the printer keeps
}

var _ printer.Memory = (*Protocol)(nil)

// New returns the language of a printer, at the level [Trimmed]: on USB and
// TCP the bytes of a slip take no time. The error lists what is wrong with the
// profile, but for what merely has no effect.
func New(p Profile) (*Protocol, error) {
	var lines []string
	for _, w := range p.Check() {
		if w.Code != BadNeeds { // what has no effect does no harm
			lines = append(lines, fmt.Sprintf("%s: %s. %s", w.Keys[0], w.Msg, w.Hint))
		}
	}
	if len(lines) > 0 {
		return nil, fmt.Errorf("use printer profile %q: %s", p.Name, strings.Join(lines, "; "))
	}
	return &Protocol{profile: p}, nil
}

// At returns the same language at another level; serial lines want [Stored].
func (p *Protocol) At(l Level) *Protocol {
	q := *p
	q.level = l
	return &q
}

// Sounding returns the same language with a sound after each slip, for a
// printer that has a buzzer and knows a command for it.
func (p *Protocol) Sounding() *Protocol {
	q := *p
	q.sounds = true
	return &q
}

// uses reports whether the level takes in l.
func (p *Protocol) uses(l Level) bool {
	at := p.level
	if at == "" {
		at = Trimmed
	}
	return slices.Index(levels, at) >= slices.Index(levels, l)
}

// Profile returns what New was given.
func (p *Protocol) Profile() Profile { return p.profile }

// Encode lays the slip out and encodes it as one job: prologue, picture, cut
// and, where the printer knows it, the request for proof.
func (p *Protocol) Encode(s printer.Slip, id printer.JobID) (printer.Job, error) {
	page, err := printer.Compose(s, p.profile.WidthDots, p.lean())
	if err != nil {
		return printer.Job{}, fmt.Errorf("encode slip: %w", err)
	}
	b := p.prologue(make([]byte, 0, len(page.Bits)+len(page.Bits)/8+256))
	b = p.page(b, page)
	job := p.finish(b, id)
	job.Length = (page.Height + p.cutFeed()) * 254 / p.profile.DPI
	return job, nil
}

// finish ends a job: cut, sound and the request for proof.
func (p *Protocol) finish(b []byte, id printer.JobID) printer.Job {
	if p.profile.ProcessID && !p.profile.AckAfterCut {
		b = processID(b, id)
	}
	b = p.cut(b)
	if p.sounds {
		b = p.sound(b)
	}
	if p.profile.ProcessID && p.profile.AckAfterCut {
		b = processID(b, id)
	}
	return printer.Job{ID: id, Bytes: b, Proof: p.profile.ProcessID}
}

// prologue brings the printer into a known state. ESC @ comes first because
// it undoes the others.
func (p *Protocol) prologue(b []byte) []byte {
	b = append(b, 0x1B, 0x40) // ESC @: power-on modes
	if p.profile.KanjiCancel {
		b = append(b, 0x1C, 0x2E) // FS .
	}
	if p.profile.MotionUnits {
		b = append(b, 0x1D, 0x50, byte(p.profile.DPI), byte(p.profile.DPI)) // GS P: units are dots
	}
	if p.profile.RealtimeOff {
		// GS ( D fn 20: real-time pulse (1) and power-off (2) off.
		b = append(b, 0x1D, 0x28, 0x44, 5, 0, 20, 1, 0, 2, 0)
	}
	if p.profile.ASB {
		b = append(b, 0x1D, 0x61, 0x0F) // GS a: drawer, online, error, paper
	}
	if p.profile.Graphics == Column {
		b = append(b, tight...)
	}
	return b
}

// tight is ESC 3 16: the line spacing is less than any line of ours is high,
// whether its unit is a dot or half of one, and gives way to it. Python-escpos
// prints columns so on many machines.
var tight = []byte{0x1B, 0x33, 16}

// cutFeed is the way in dots from the head to the cutter, or to the tear bar of
// a printer without one: about 15 mm.
func (p *Protocol) cutFeed() int { return p.profile.DPI * 15 * 10 / 254 }

func (p *Protocol) cut(b []byte) []byte {
	if !p.profile.Cutter {
		return p.feed(b, p.cutFeed())
	}
	return append(b, 0x1D, 0x56, 0x42, 0) // GS V 66 0: feed to the cutter, partial cut
}

// sound is one sound of a second at Epson, of 100 ms at clones.
func (p *Protocol) sound(b []byte) []byte {
	switch p.profile.Buzzer {
	case ESCParenA:
		return append(b, 0x1B, 0x28, 0x41, 4, 0, 0x30, 0x31, 1, 10) // ESC ( A fn 48: the first sound, once, in 10 x 100 ms
	case ESCB:
		return append(b, 0x1B, 0x42, 1, 2) // ESC B: once, 2 x 50 ms
	}
	return b
}

// processID is GS ( H fn 48: when what stands before it is printed, the
// printer says so with the same four digits.
func processID(b []byte, id printer.JobID) []byte {
	n := id % 10000
	return append(b, 0x1D, 0x28, 0x48, 6, 0, 0x30, 0x30,
		byte('0'+n/1000), byte('0'+n/100%10), byte('0'+n/10%10), byte('0'+n%10))
}

// headFill are the zeros at the beginning of a link. The one before may have
// broken inside a picture's head without the host's knowing, as TCP took all
// bytes; the printer would take a request for the picture's size and swallow the
// next tickets. Zeros end the head first: no size has more than seven bytes to
// come. A printer that waits for nothing ignores them. They are not sent again
// on the same link: one without paper would collect them until its buffer is
// full and no request reaches it any more.
const headFill = "\x00\x00\x00\x00\x00\x00\x00\x00"

// Greeting ends a head that was cut off, turns automatic status on where the
// printer knows it, so that a change is told before the first slip, and asks
// for the status. It is empty for a printer that answers nothing.
func (p *Protocol) Greeting() []byte {
	ask := p.StatusRequest()
	if len(ask) == 0 && !p.profile.ASB {
		return nil
	}
	b := []byte(headFill)
	if p.profile.ASB {
		b = append(b, 0x1D, 0x61, 0x0F) // GS a: drawer, online, error, paper
	}
	return append(b, ask...)
}

// StatusRequest asks for all four real-time statuses, DLE EOT 1 to 4, which a
// printer answers in this order even when it is out of paper; with GS r alone
// it asks for the paper. It is empty for a printer that answers neither.
func (p *Protocol) StatusRequest() []byte {
	switch {
	case p.profile.Status:
		return []byte("\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04")
	case p.profile.GSR:
		return []byte("\x1D\x72\x01")
	}
	return nil
}

// probeID is a process id that no job has: jobs have digits.
const probeID = "free"

// Probe asks for a process id of its own, or for the paper: both are answered
// when the printer comes to them, and not out of the middle of a picture. It is
// empty for a printer that knows neither.
func (p *Protocol) Probe() []byte {
	switch {
	case p.profile.ProcessID:
		return []byte("\x1D\x28\x48\x06\x00\x30\x30" + probeID)
	case p.turns():
		return p.StatusRequest()
	}
	return nil
}

// turns reports whether the printer answers in its turn alone, and so not at
// all while it is offline.
func (p *Protocol) turns() bool { return p.profile.GSR && !p.profile.Status }

// Recover ends a picture that was cut off. Where the printer knows DLE DC4
// fn 8, that clears its buffers even in the middle of one; nothing else may
// follow it, so nothing does. Others get zeros, and so does one that was
// cleared in vain: they end the picture as white and are ignored where none is
// awaited. No command takes more bytes than one band, however long the
// remainder.
func (p *Protocol) Recover(remainder, attempt int) []byte {
	if p.profile.ClearFn8 && attempt == 0 {
		return []byte{0x10, 0x14, 8, 1, 3, 20, 1, 6, 2, 8}
	}
	most := p.stride()*p.maxBand() + 32 // 32: more than any head of a command
	return make([]byte, min(max(remainder, 0), most))
}

func (p *Protocol) stride() int { return (p.profile.WidthDots + 7) / 8 }
