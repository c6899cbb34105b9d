package printertest

// Kind names a way in which a printer fails. The values are stable: scripts
// and the demonstration desk send them.
type Kind string

// What can go wrong. "Blocks" means that bytes wait in the receive buffer and
// only real-time requests are answered, as on a real machine that is offline.
const (
	PaperOut    Kind = "paper_out"    // blocks; Fault.Drop: the ticket is lost after the roll change, unacknowledged
	PaperLow    Kind = "paper_low"    // near-end sensor
	CoverOpen   Kind = "cover_open"   // blocks
	CutterJam   Kind = "cutter_jam"   // blocks at the next cut
	HeadHot     Kind = "head_hot"     // blocks
	Offline     Kind = "offline"      // blocks
	Cable       Kind = "cable"        // the connection ends; Fault.Drop: power was lost too, and with it the buffer
	Mute        Kind = "mute"         // sends nothing
	Slow        Kind = "slow"         // takes Fault.Rate bytes per second
	Stalled     Kind = "stalled"      // takes no byte from the connection
	AckHeld     Kind = "ack_held"     // acknowledgements wait until the repair
	AckLost     Kind = "ack_lost"     // acknowledgements are never sent
	AckDouble   Kind = "ack_double"   // each is sent twice
	AckConstant Kind = "ack_constant" // each says 1234
	AckLatest   Kind = "ack_latest"   // acknowledgements wait until the repair, and only the newest is sent then
	ReplyHeld   Kind = "reply_held"   // replies of any kind wait until the repair
	ReplyLost   Kind = "reply_lost"   // replies of any kind are never sent
	ReplyDouble Kind = "reply_double" // each is sent twice
	ReplyMerged Kind = "reply_merged" // a reply waits for the next one, and both leave at once
	SplitReply  Kind = "split_reply"  // replies leave one byte at a time
	Stray       Kind = "stray"        // Fault.Bytes (default 06 15) go out now and before every reply
	FlowBytes   Kind = "flow_bytes"   // XON and XOFF inside every reply
)

// Fault is one failure.
type Fault struct {
	Kind Kind `json:"kind"`
	// At delays the fault by so many bytes from now: bytes taken from the
	// connection for Cable, Mute and Stalled, bytes processed for the others.
	// 0 is at once.
	At int64 `json:"at,omitempty"`
	// Drop: see PaperOut and Cable.
	Drop bool `json:"drop,omitempty"`
	// Times repairs the fault by itself after so many occurrences: cut
	// connections for Cable, acknowledgements for the Ack kinds, replies for the
	// Reply kinds. 0 is never.
	Times int `json:"times,omitempty"`
	// Rate is bytes per second for Slow; 9600 baud are 960.
	Rate int `json:"rate,omitempty"`
	// Bytes are what Stray sends, at most 64.
	Bytes []byte `json:"bytes,omitempty"`
}

// switchable is a fault and how far it is.
type switchable struct {
	Fault
	since int64 // value of the fault's byte counter when it was set
	on    bool
}

// receiving reports which byte counter a fault looks at.
func (f *switchable) receiving() bool {
	return f.Kind == Cable || f.Kind == Mute || f.Kind == Stalled
}

// Fault makes the printer fail from now on, or from the byte f.At. A second
// fault of the same kind repairs the first and takes its place.
func (p *Printer) Fault(f Fault) {
	defer p.tell()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.repair(f.Kind)
	if f.Kind == Stray && len(f.Bytes) == 0 {
		f.Bytes = []byte{0x06, 0x15}
	}
	if len(f.Bytes) > 64 {
		f.Bytes = f.Bytes[:64]
	}
	s := &switchable{Fault: f}
	if s.receiving() {
		s.since = p.stats.Received
	} else {
		s.since = p.stats.Processed
	}
	p.faults[f.Kind] = s
	if f.At == 0 {
		p.strike(s)
	}
	p.statusChanged()
	p.process()
	p.broadcast()
}

// strike lets a fault begin.
func (p *Printer) strike(s *switchable) {
	if s.on {
		return
	}
	s.on = true
	p.struck[s.Kind]++
	switch s.Kind {
	case Cable:
		p.cutCable(s)
	case Stray:
		p.sendRaw(s.Bytes)
	}
	p.statusChanged()
}

// Repair ends the faults of the given kinds, all of them when none is given,
// and the printer goes on with what waits in its buffer.
func (p *Printer) Repair(kinds ...Kind) {
	defer p.tell()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(kinds) == 0 {
		for k := range p.faults {
			kinds = append(kinds, k)
		}
	}
	for _, k := range kinds {
		p.repair(k)
	}
	p.statusChanged()
	p.process()
	p.broadcast()
}

func (p *Printer) repair(k Kind) {
	f := p.faults[k]
	delete(p.faults, k)
	if f == nil || !f.on {
		return
	}
	switch k {
	case PaperOut:
		if f.Drop && (p.machine.scan.busy() || p.machine.touched) {
			p.machine.dropTicket()
		}
	case CutterJam:
		if p.jammed {
			p.jammed = false
			p.cutOff(p.machine.ticket())
		}
	case AckHeld, AckLatest:
		held := p.held
		p.held = nil
		for _, id := range held {
			p.ack(id)
		}
	case ReplyHeld, ReplyMerged:
		waiting := p.waiting
		p.waiting = nil
		for _, msg := range waiting {
			p.send(msg)
		}
	}
}

// fault returns the fault of a kind while it is on, else nil.
func (p *Printer) fault(k Kind) *switchable {
	if f := p.faults[k]; f != nil && f.on {
		return f
	}
	return nil
}

// spent counts one occurrence and repairs a fault whose Times are over.
func (p *Printer) spent(f *switchable) {
	if f.Times == 0 {
		return
	}
	if f.Times--; f.Times == 0 {
		delete(p.faults, f.Kind)
	}
}

// count strikes the delayed faults whose byte has come.
func (p *Printer) count(receiving bool) {
	n := p.stats.Processed
	if receiving {
		n = p.stats.Received
	}
	for _, f := range p.faults {
		if !f.on && f.receiving() == receiving && n-f.since >= f.At {
			p.strike(f)
		}
	}
}

// blocked reports whether the head stands still.
func (p *Printer) blocked() bool {
	return p.fault(PaperOut) != nil || p.fault(CoverOpen) != nil || p.fault(HeadHot) != nil ||
		p.fault(Offline) != nil || p.jammed && p.fault(CutterJam) != nil
}
