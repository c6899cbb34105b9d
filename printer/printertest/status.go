package printertest

import "bytes"

// Status bits by Epson's tables of DLE EOT, GS a and GS r.

func (p *Printer) paperEnd() bool { return p.fault(PaperOut) != nil }
func (p *Printer) paperNear() bool {
	return !p.opts.NoNearEnd && (p.fault(PaperLow) != nil || p.paperEnd())
}
func (p *Printer) cutterBad() bool { return p.fault(CutterJam) != nil }

// bit returns v when on.
func bit(on bool, v byte) byte {
	if on {
		return v
	}
	return 0
}

func (p *Printer) isOffline() bool {
	return p.blocked() || p.cutterBad()
}

// realTimeStatus answers DLE EOT n.
func (p *Printer) realTimeStatus(n byte) (byte, bool) {
	b := byte(0x12)
	switch n {
	case 1:
		b |= bit(p.isOffline(), 0x08)
	case 2:
		b |= bit(p.fault(CoverOpen) != nil, 0x04) | bit(p.paperEnd(), 0x20) |
			bit(p.cutterBad() || p.fault(HeadHot) != nil, 0x40)
	case 3:
		b |= bit(p.cutterBad(), 0x08) | bit(p.fault(HeadHot) != nil, 0x40)
	case 4:
		b |= bit(p.paperNear(), 0x0C) | bit(p.paperEnd(), 0x60)
	default:
		return 0, false
	}
	return b, true
}

// autoStatus is the four bytes of automatic status back.
func (p *Printer) autoStatus() []byte {
	return []byte{
		0x10 | bit(p.isOffline(), 0x08) | bit(p.fault(CoverOpen) != nil, 0x20),
		bit(p.cutterBad(), 0x08) | bit(p.fault(HeadHot) != nil, 0x40),
		bit(p.paperNear(), 0x03) | bit(p.paperEnd(), 0x0C),
		0x00,
	}
}

// statusChanged sends automatic status when it is on and something changed.
func (p *Printer) statusChanged() {
	if !p.asb || p.opts.NoStatus {
		return
	}
	if s := p.autoStatus(); !bytes.Equal(s, p.lastASB) {
		p.lastASB = s
		p.reply(s)
	}
}

// paperStatus answers GS r 1.
func (p *Printer) paperStatus() byte {
	return bit(p.paperNear(), 0x03) | bit(p.paperEnd(), 0x0C)
}

// ack reports print data as finished: GS ( H fn 48.
func (p *Printer) ack(id [4]byte) {
	if f := p.fault(AckLost); f != nil {
		p.spent(f)
		return
	}
	if p.fault(AckLatest) != nil {
		p.held = append(p.held[:0], id)
		return
	}
	if p.fault(AckHeld) != nil {
		if len(p.held) < 64 {
			p.held = append(p.held, id)
		}
		return
	}
	if f := p.fault(AckConstant); f != nil {
		id = [4]byte{'1', '2', '3', '4'}
		p.spent(f)
	}
	msg := []byte{0x37, 0x22, id[0], id[1], id[2], id[3], 0x00}
	if p.link == nil {
		if p.opts.KeepsLastAck {
			p.unheard = msg
		}
		return
	}
	p.stats.Acks++
	p.reply(msg)
	if f := p.fault(AckDouble); f != nil {
		p.stats.Acks++
		p.reply(msg)
		p.spent(f)
	}
}

// reply sends one message to the client, when and as often as the faults of the
// moment let it.
func (p *Printer) reply(msg []byte) {
	if p.link == nil || p.fault(Mute) != nil {
		return
	}
	if f := p.fault(ReplyLost); f != nil {
		p.spent(f)
		return
	}
	if p.fault(ReplyHeld) != nil {
		if len(p.waiting) < 64 {
			p.waiting = append(p.waiting, msg)
		}
		return
	}
	if f := p.fault(ReplyMerged); f != nil {
		if len(p.waiting) == 0 {
			p.waiting = [][]byte{msg}
			return
		}
		msg = append(bytes.Clone(p.waiting[0]), msg...)
		p.waiting = nil
		p.spent(f)
	}
	p.send(msg)
	if f := p.fault(ReplyDouble); f != nil {
		p.send(msg)
		p.spent(f)
	}
}

// send sends one message with what disturbs the line.
func (p *Printer) send(msg []byte) {
	if p.link == nil {
		return
	}
	if f := p.fault(Stray); f != nil {
		p.sendRaw(f.Bytes)
	}
	if p.fault(FlowBytes) != nil {
		noisy := append([]byte{0x13}, msg[0], 0x11)
		msg = append(noisy, msg[1:]...)
	}
	p.stats.Replies++
	p.sendRaw(msg)
}

// sendRaw queues bytes for the client; what a deaf client leaves unread past
// the queue's bound is lost.
func (p *Printer) sendRaw(b []byte) {
	if p.link == nil {
		return
	}
	step := len(b)
	if p.fault(SplitReply) != nil {
		step = 1
	}
	for ; len(b) > 0; b = b[min(step, len(b)):] {
		p.link.send(append([]byte(nil), b[:min(step, len(b))]...))
	}
}
