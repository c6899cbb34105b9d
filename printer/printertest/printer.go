package printertest

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"time"
)

// Options describe a model of printer. The zero value is an 80 mm printer of
// 576 dots at 203 dpi that knows all the commands.
type Options struct {
	Width int // dots; default 576
	DPI   int // dots per inch, both ways; default 203

	NoRaster      bool // GS v 0 is unknown
	NoMotionUnits bool // GS P is unknown: vertical units stay as they are
	OddUnits      bool // GS P is taken and leaves the units as they are
	FeedDots      bool // without GS P a vertical unit is one dot, not half of one
	NoProcessID   bool // GS ( H is unknown: its parameters are printed as text
	NoRealTimeOff bool // GS ( D is unknown
	NoGraphics    bool // GS ( L and GS 8 L are unknown
	NoCode        bool // GS ( k is unknown
	NoBuzzer      bool // ESC ( A and ESC B are unknown
	NoKanji       bool // FS . and FS & are unknown
	NoCutter      bool // GS V is taken and cuts nothing: see Tear
	NoClear       bool // DLE DC4 fn 8 is ignored
	NoReset       bool // the soft reset of the USB port is ignored, without an error
	NoNearEnd     bool // no near-end sensor: its bits stay 0
	NoStatus      bool // DLE EOT, GS r and GS a are taken but never answered
	NoRealTime    bool // DLE EOT is never answered, GS r is
	NoLeftTrim    bool // ESC $ and GS L do not move raster images
	Kanji         bool // starts in kanji mode, as Chinese clones do
	OddTable      bool // starts in a character set of seven bits whose letters are others, until ESC t
	ScanData      bool // executes DLE EOT, DLE ENQ and the drawer's pulse found inside image data
	Clips         bool // rows wider than the head are clipped; else they wrap
	KeepsLastAck  bool // the newest acknowledgement nobody could hear is sent to the next client
	Buffer        int  // receive buffer in bytes; default 65,536
	Memory        int  // bytes of NV graphics it can keep; default 262,144
	Keep          int  // how many finished tickets are kept; default 16
	MaxRows       int  // longest ticket in dots; default 8,192, about 1 m
	ReplyTimeout  time.Duration
	Now           func() time.Time // default time.Now
	OnTicket      func(Ticket)     // called after each cut, in order, from one of the printer's goroutines
}

// vertical is how many vertical units an inch has before GS P.
func (o *Options) vertical() int {
	if o.FeedDots {
		return o.DPI
	}
	return 2 * o.DPI
}

// Ticket is a piece of paper that was cut off.
type Ticket struct {
	Seq       int       // 1 for the first ticket of this printer
	Image     *Picture  // one bit per dot
	Bytes     int64     // bytes processed since the cut before
	Text      string    // what was printed as text, lines ended by \n; at most 4,096 bytes
	TextBytes int       // how many bytes were printed as text
	Unknown   int       // commands this printer does not know
	Codes     []string  // what the QR codes say, at most 8
	Overlong  bool      // rows past Options.MaxRows were lost
	At        time.Time // when it was cut
}

// Stats counts what went through a printer since it was made.
type Stats struct {
	Received    int64 // bytes taken from connections
	Processed   int64 // bytes interpreted
	Tickets     int
	TextBytes   int64
	Unknown     int64 // commands not known
	Acks        int64 // acknowledgements sent, doubles included
	Replies     int64 // replies of any kind
	Clears      int64 // DLE DC4 fn 8 obeyed
	Resets      int64 // soft resets of the USB port obeyed
	Pulses      int64 // cash drawer pulses; a ticket printer should see none
	Sounds      int64 // of the buzzer
	Connections int64 // clients served, one at a time
}

// Printer is one machine. Its methods are safe for concurrent use. Close it
// when connections were attached to it.
type Printer struct {
	opts Options

	slot   chan struct{} // held by the one client that is served
	closed chan struct{}
	wg     sync.WaitGroup // goroutines that serve connections

	mu      sync.Mutex // protects all below
	machine *machine   // the head: modes, line, roll
	ears    scanner    // the socket: catches real-time commands
	clearAt int        // how much of DLE DC4 fn 8 was matched
	inData  []byte     // the last bytes of payload, for ScanData
	noPulse bool       // GS ( D has disabled the real-time pulse
	rx      []byte     // received, not yet processed
	faults  map[Kind]*switchable
	jammed  bool // stands at a cut with a jammed cutter
	asb     bool // automatic status back is on
	lastASB []byte
	held    [][4]byte // acknowledgements waiting under AckHeld, at most 64
	waiting [][]byte  // replies under ReplyHeld, at most 64, or the one under ReplyMerged
	unheard []byte    // newest acknowledgement nobody heard
	link    *link     // the client that is served
	tickets []Ticket
	pending []Ticket // cut but not yet handed to OnTicket
	telling bool     // somebody is handing out pending
	stats   Stats
	struck  map[Kind]int  // how often each fault began
	changed chan struct{} // closed and replaced at every change
	ended   bool
}

// New makes a printer that is switched on, idle and full of paper.
func New(o Options) *Printer {
	def := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	def(&o.Width, 576)
	def(&o.DPI, 203)
	def(&o.Buffer, 65536)
	def(&o.Memory, 262144)
	def(&o.Keep, 16)
	def(&o.MaxRows, 8192)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ReplyTimeout <= 0 {
		o.ReplyTimeout = 5 * time.Second
	}
	p := &Printer{
		opts: o, slot: make(chan struct{}, 1), closed: make(chan struct{}),
		faults: map[Kind]*switchable{}, struck: map[Kind]int{}, changed: make(chan struct{}),
	}
	p.ears = p.newScanner()
	p.machine = newMachine(p)
	return p
}

func (p *Printer) newScanner() scanner {
	return scanner{o: &p.opts}
}

// broadcast wakes everybody who waits for a change.
func (p *Printer) broadcast() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// Close ends all connections and waits for their goroutines.
func (p *Printer) Close() error {
	p.mu.Lock()
	if !p.ended {
		p.ended = true
		close(p.closed)
		if p.link != nil {
			p.link.end()
		}
		p.broadcast()
	}
	p.mu.Unlock()
	p.wg.Wait()
	return nil
}

// Stats returns the counters.
func (p *Printer) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stats
}

// Struck returns how often each kind of fault has begun.
func (p *Printer) Struck() map[Kind]int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.struck)
}

// Tickets returns the last finished tickets, oldest first, at most
// Options.Keep.
func (p *Printer) Tickets() []Ticket {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Ticket(nil), p.tickets...)
}

// Wait blocks until n tickets were cut since the printer was made and returns
// the ones kept. The error is the context's.
func (p *Printer) Wait(ctx context.Context, n int) ([]Ticket, error) {
	err := p.Until(ctx, func(s Stats) bool { return s.Tickets >= n })
	if err != nil {
		return p.Tickets(), fmt.Errorf("wait for ticket %d: %w", n, err)
	}
	return p.Tickets(), nil
}

// Until blocks until the counters satisfy cond. cond must not call the
// printer.
func (p *Printer) Until(ctx context.Context, cond func(Stats) bool) error {
	for {
		p.mu.Lock()
		ok, ch := cond(p.stats), p.changed
		p.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-ch:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Forget loses the NV graphics, as a printer whose memory was erased or worn out.
func (p *Printer) Forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.machine.nv, p.machine.nvUsed = map[string]*raster{}, 0
}

// Tear takes what stands on the paper without a cut, as a person tears it
// off; for printers without a cutter and for looking at half a ticket.
func (p *Printer) Tear() Ticket {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.machine.ticket()
}

// Write gives the printer bytes without a connection; replies go nowhere. It
// returns an error when the receive buffer is full because the head stands
// still.
func (p *Printer) Write(b []byte) (int, error) {
	p.mu.Lock()
	n := 0
	for n < len(b) && len(p.rx) < p.opts.Buffer {
		p.receive(b[n])
		n++
		p.process()
	}
	p.broadcast()
	p.mu.Unlock()
	p.tell()
	if n < len(b) {
		return n, fmt.Errorf("write to printer: receive buffer of %d bytes is full and the head stands still; repair the fault", p.opts.Buffer)
	}
	return n, nil
}

// clearCode is DLE DC4 fn 8: clear the buffers (Epson, DLE DC4 <Function 8>).
var clearCode = []byte{dle, dc4, 0x08, 0x01, 0x03, 0x14, 0x01, 0x06, 0x02, 0x08}

// receive takes one byte from the connection. Real-time commands are obeyed
// here, however much waits before them.
func (p *Printer) receive(b byte) {
	p.stats.Received++
	inData := p.ears.inPayload()
	p.ears.scan(b, func(t token) {
		switch t.kind {
		case tokText, tokPayload:
			p.rx = append(p.rx, t.b)
		case tokUnknown:
			p.rx = append(p.rx, t.head...)
		case tokCommand:
			if t.head[0] == dle {
				p.realTime(t.head)
			} else {
				p.rx = append(p.rx, t.head...)
			}
		}
	})
	// The ten bytes of fn 8 are obeyed even where image data were expected:
	// that is what frees a printer from a raster that was cut off.
	switch {
	case b == clearCode[p.clearAt]:
		p.clearAt++
	case b == dle:
		p.clearAt = 1
	default:
		p.clearAt = 0
	}
	if p.clearAt == len(clearCode) {
		p.clearAt = 0
		if !p.opts.NoClear {
			p.clear()
			p.stats.Clears++
			p.reply([]byte{0x37, 0x25, 0x00})
		}
	}
	if p.opts.ScanData && inData {
		p.scanData(b)
	} else {
		p.inData = p.inData[:0]
	}
	p.count(true)
}

// scanData looks for real-time commands that end with this byte of image data
// and obeys them, as some printers do: DLE EOT n, DLE ENQ n, DLE DC4 1 m t.
func (p *Printer) scanData(b byte) {
	if p.inData = append(p.inData, b); len(p.inData) > 5 {
		p.inData = p.inData[1:]
	}
	n := len(p.inData)
	if n >= 3 && p.inData[n-3] == dle && (p.inData[n-2] == eot || p.inData[n-2] == enq) {
		p.realTime(p.inData[n-3:])
	}
	if n == 5 && p.inData[0] == dle && p.inData[1] == dc4 && p.inData[2] == 1 && p.inData[3] <= 1 {
		p.realTime(p.inData)
	}
}

// realTime obeys a command that does not wait for the head.
func (p *Printer) realTime(cmd []byte) {
	switch cmd[1] {
	case eot:
		if b, ok := p.realTimeStatus(cmd[2]); ok && !p.opts.NoStatus && !p.opts.NoRealTime {
			p.reply([]byte{b})
		}
	case enq:
		if cmd[2] == 2 {
			p.clear()
		}
	case dc4:
		if cmd[2] == 1 && !p.noPulse {
			p.stats.Pulses++
		}
	}
}

// SoftReset is the soft reset of the USB port (USB printer class 1.1, §4.2.3):
// the buffers are emptied, and a command that was cut off is forgotten. What is
// on the paper stays there.
func (p *Printer) SoftReset() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.opts.NoReset {
		return nil
	}
	p.clear()
	p.stats.Resets++
	p.broadcast()
	return nil
}

// clear empties the receive buffer and forgets the command that was cut off.
// What is already on the paper stays there.
func (p *Printer) clear() {
	p.rx = p.rx[:0]
	p.ears.reset()
	p.machine.abandon()
}

// process lets the head work until it stands still or nothing is left.
func (p *Printer) process() {
	i := 0
	for i < len(p.rx) && !p.blocked() {
		b := p.rx[i]
		i++
		p.stats.Processed++
		p.machine.bytes++
		p.machine.take(b)
		p.count(false)
	}
	if i > 0 {
		p.rx = append(p.rx[:0], p.rx[i:]...)
	}
}

// cutOff is called by the machine at every cut.
func (p *Printer) cutOff(t Ticket) {
	p.stats.Tickets++
	t.Seq = p.stats.Tickets
	p.tickets = append(p.tickets, t)
	if over := len(p.tickets) - p.opts.Keep; over > 0 {
		p.tickets = append(p.tickets[:0:0], p.tickets[over:]...)
	}
	if p.opts.OnTicket != nil {
		p.pending = append(p.pending, t)
	}
}

// tell hands finished tickets to OnTicket, in order and outside the lock.
func (p *Printer) tell() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.telling {
		return
	}
	p.telling = true
	for len(p.pending) > 0 {
		t := p.pending[0]
		p.pending = p.pending[1:]
		p.mu.Unlock()
		p.opts.OnTicket(t)
		p.mu.Lock()
	}
	p.telling = false
}
