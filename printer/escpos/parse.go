package escpos

import (
	"strings"
	"time"

	"motcua/printer"
)

const (
	maxBlock = 96                     // bytes of a reply 37 … 00 or 5F … 00
	maxPause = 500 * time.Millisecond // inside one reply, or between the four answers to one request
)

// parser takes a printer's bytes apart by the table of hardware.md §3.2.
type parser struct {
	profile Profile
	turns   bool      // GS r is its only word
	last    time.Time // of the byte before

	part    []byte // an unfinished block or automatic status, at most maxBlock
	answers []byte // to DLE EOT 1.. of the request being answered, at most 4
	dropped int
	out     []printer.Reply
}

// NewParser returns a parser for one connection.
func (p *Protocol) NewParser() printer.Parser {
	return &parser{profile: p.profile, turns: p.turns()}
}

// Dropped counts bytes that belonged to no known reply.
func (p *parser) Dropped() int { return p.dropped }

// Feed takes bytes as they come, now being the time they came at.
func (p *parser) Feed(b []byte, now time.Time) []printer.Reply {
	if len(b) == 0 {
		return nil
	}
	if now.Sub(p.last) > maxPause {
		p.dropped += len(p.part) + len(p.answers)
		p.part, p.answers = p.part[:0], p.answers[:0]
	}
	p.last = now
	p.out = nil
	for _, c := range b {
		p.take(c)
	}
	return p.out
}

func (p *parser) take(c byte) {
	if c == 0x11 || c == 0x13 { // XON, XOFF: no reply contains them
		return
	}
	if len(p.part) == 0 {
		p.first(c)
		return
	}
	p.part = append(p.part, c)
	switch check(p.part) {
	case whole:
		p.finish(p.part)
		p.part = p.part[:0]
	case rubbish:
		// Only the first byte is given up: what follows it may be a reply.
		again := append([]byte(nil), p.part[1:]...)
		p.part = p.part[:0]
		p.dropped++
		for _, c := range again {
			p.take(c)
		}
	}
}

// first takes a byte that continues nothing.
func (p *parser) first(c byte) {
	switch {
	case c == 0x37 || c == 0x5F || c&0x93 == 0x10:
		p.part = append(p.part, c)
	case c&0x93 == 0x12:
		p.answer(c)
	case p.turns && isPaper(c):
		s := printer.Status{Online: true, Paper: p.paper(c&0x03 != 0, c&0x0C != 0)}
		p.out = append(p.out, printer.Reply{Status: &s, Turn: true})
	default:
		p.dropped++
	}
}

// verdict is what an unfinished reply turned out to be.
type verdict string

const (
	growing verdict = "growing"
	whole   verdict = "whole"
	rubbish verdict = "rubbish"
)

// check looks at a reply of at least two bytes.
func check(b []byte) verdict {
	last := b[len(b)-1]
	switch {
	case b[0] != 0x37 && b[0] != 0x5F: // automatic status
		switch {
		case last&0x90 != 0:
			return rubbish
		case len(b) == 4:
			return whole
		}
		return growing
	case len(b) == 2 && b[0] == 0x37:
		if last < 0x20 || last > 0x7E {
			return rubbish
		}
		return growing
	case b[0] == 0x37 && b[1] == 0x22: // process id: four bytes, then the end
		return fixed(b, 6, 0x20, 0x7E)
	case b[0] == 0x37 && b[1] == 0x25: // cleared
		return fixed(b, 2, 0, 0)
	case b[0] == 0x37 && b[1] == 0x23: // why it is offline: up to ten bytes
		if last != 0 && (last < 0x40 || last > 0x7F || len(b) > 12) {
			return rubbish
		}
	case len(b) > maxBlock || last != 0 && (last < 0x20 || last > 0x7E):
		return rubbish
	}
	switch {
	case last == 0 && endsInAck(b):
		return rubbish // its beginning is: an acknowledgement came before its end
	case last == 0:
		return whole
	}
	return growing
}

// endsInAck reports whether the end of a longer block is a whole
// acknowledgement. No name of a printer and no list of keys ends so, but once in
// many millions; a slip that was printed must not be taken for lost because a
// stray byte stood before its word.
func endsInAck(b []byte) bool {
	n := len(b) - 7
	if n <= 0 || b[n] != 0x37 || b[n+1] != 0x22 {
		return false
	}
	id := string(b[n+2 : n+6])
	return id == probeID || strings.Trim(id, "0123456789") == ""
}

// fixed checks a block whose end 00 stands at index n, of bytes from lo to hi
// before it.
func fixed(b []byte, n int, lo, hi byte) verdict {
	last := b[len(b)-1]
	switch {
	case len(b) == n+1 && last == 0:
		return whole
	case len(b) > n || last < lo || last > hi:
		return rubbish
	}
	return growing
}

// finish understands a whole reply.
func (p *parser) finish(b []byte) {
	if b[0]&0x93 == 0x10 {
		p.status(printer.Status{
			Online:    b[0]&0x08 == 0,
			CoverOpen: b[0]&0x20 != 0,
			Cutter:    b[1]&0x08 != 0,
			Hot:       b[1]&0x40 != 0,
			Error:     b[1]&0x24 != 0,
			Paper:     p.paper(b[2]&0x03 != 0, b[2]&0x0C != 0),
		})
		return
	}
	if b[0] == 0x37 && b[1] == 0x72 {
		p.keys(b[2 : len(b)-1])
		return
	}
	if b[0] == 0x37 && b[1] == 0x22 {
		if string(b[2:6]) == probeID {
			p.out = append(p.out, printer.Reply{Turn: true})
			return
		}
		id := uint16(0)
		for _, d := range b[2:6] {
			if d < '0' || d > '9' { // somebody else's id: ours are digits
				p.dropped += len(b)
				return
			}
			id = id*10 + uint16(d-'0')
		}
		p.out = append(p.out, printer.Reply{Ack: &id})
	}
}

// keys understands a part of the list of stored pictures: whether more follows,
// then keys of two bytes.
func (p *parser) keys(b []byte) {
	if len(b)%2 == 0 || b[0] != 0x40 && b[0] != 0x41 {
		p.dropped += len(b) + 3
		return
	}
	k := &printer.Keys{More: b[0] == 0x41}
	for i := 1; i < len(b); i += 2 {
		k.List = append(k.List, string(b[i:i+2]))
	}
	p.out = append(p.out, printer.Reply{Keys: k})
}

// answer collects the answers to one status request: they don't say which
// question they answer, only their order does.
func (p *parser) answer(c byte) {
	p.answers = append(p.answers, c)
	if len(p.answers) < 4 {
		return
	}
	a := p.answers
	p.answers = p.answers[:0]
	s := printer.Status{
		Online:    a[0]&0x08 == 0,
		CoverOpen: a[1]&0x04 != 0,
		Cutter:    a[2]&0x08 != 0,
		Hot:       a[2]&0x40 != 0,
		Paper:     p.paper(a[3]&0x0C != 0, a[3]&0x60 != 0 || a[1]&0x20 != 0),
	}
	// DLE EOT 2 says that there is an error, DLE EOT 3 which one.
	s.Error = a[2]&0x24 != 0 || a[1]&0x40 != 0 && !s.Cutter && !s.Hot
	p.status(s)
}

func (p *parser) status(s printer.Status) { p.out = append(p.out, printer.Reply{Status: &s}) }

func (p *parser) paper(low, out bool) printer.Paper {
	switch {
	case out:
		return printer.PaperOut
	case low && p.profile.NearEndSensor:
		return printer.PaperLow
	}
	return printer.PaperOK
}

// isPaper reports whether a byte can be the answer to GS r 1. Each sensor has
// two bits that are equal, which tells it from a stray ACK.
func isPaper(c byte) bool {
	return c&0x90 == 0 && (c&0x03 == 0 || c&0x03 == 0x03) && (c&0x0C == 0 || c&0x0C == 0x0C)
}
