package spool_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"motcua/printer"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// language is a printer's language of bytes written by hand: a ticket says
// <7: at its top and 7> at its foot, <7R: and 7R> on a reprint, with a raster
// between. rows is the raster's height, 8 dots wide.
type language struct {
	rows    int
	noProof bool
	length  int  // of a slip, in tenths of a millimetre
	zeros   bool // recovers by zeros instead of clearing the buffer
}

func (l language) Encode(s printer.Slip, id printer.JobID) (printer.Job, error) {
	if s.Number == "□" {
		return printer.Job{}, errors.New("no glyph for □")
	}
	name := fmt.Sprint(uint64(id))
	if s.Reprint != "" {
		name += "R"
	}
	var b strings.Builder
	b.WriteString("\x1b@\x1c.\x1dP\xcb\xcb<" + name + ":\n")
	b.WriteString("\x1dv0\x00\x01\x00" + string([]byte{byte(l.rows), byte(l.rows >> 8)}))
	b.WriteString(strings.Repeat("\xaa", l.rows))
	b.WriteString(name + ">\n\x1dV\x01")
	if !l.noProof {
		fmt.Fprintf(&b, "\x1d(H\x06\x0000%04d", id%10000)
	}
	return printer.Job{ID: id, Bytes: []byte(b.String()), Proof: !l.noProof, Length: l.length}, nil
}

// Greeting ends a head that was cut off, and asks for the status.
func (l language) Greeting() []byte { return append(make([]byte, 8), l.StatusRequest()...) }

// StatusRequest asks for the causes of being offline: DLE EOT 2.
func (language) StatusRequest() []byte { return []byte{0x10, 0x04, 0x02} }

func (l language) Probe() []byte {
	if l.noProof {
		return nil
	}
	return []byte("\x1d(H\x06\x0000free")
}

func (l language) Recover(remainder, attempt int) []byte {
	if l.zeros || attempt > 0 {
		return make([]byte, remainder)
	}
	return []byte{0x10, 0x14, 8, 1, 3, 0x14, 1, 6, 2, 8}
}

func (language) NewParser() printer.Parser { return &parser{} }

type parser struct {
	block   []byte
	dropped int
}

func (p *parser) Dropped() int { return p.dropped }

func (p *parser) Feed(b []byte, _ time.Time) (out []printer.Reply) {
	for _, c := range b {
		switch {
		case c == 0x11 || c == 0x13:
		case len(p.block) > 0:
			p.block = append(p.block, c)
			if c != 0 && len(p.block) < 8 {
				continue
			}
			if p.block[1] == 0x22 && string(p.block[2:6]) == "free" {
				out = append(out, printer.Reply{Turn: true})
			} else if p.block[1] == 0x22 && len(p.block) == 7 {
				var id uint16
				for _, d := range p.block[2:6] {
					id = id*10 + uint16(d-'0')
				}
				out = append(out, printer.Reply{Ack: &id})
			}
			p.block = nil
		case c == 0x37:
			p.block = []byte{c}
		case c&0x93 == 0x12:
			s := printer.Status{Online: c == 0x12, CoverOpen: c&4 != 0, Paper: printer.PaperOK, Error: c&0x40 != 0}
			if c&0x20 != 0 {
				s.Paper = printer.PaperOut
			}
			out = append(out, printer.Reply{Status: &s})
		default:
			p.dropped++
		}
	}
	return out
}

// memory is the journal of a test: it outlives the spools that write to it.
type memory struct {
	mu      sync.Mutex // protects all below
	entries []string   // "sending 7", "sending 7R", "printed 7 proof", …
	changed chan struct{}
	killAt  int  // the process dies at this entry, counted from 1; 0: never
	torn    bool // it dies before the entry is durable, else after
	refuse  bool // the journal cannot be written
	killed  func()
}

var errKilled = errors.New("process is dead")

// writer is the memory as one process sees it.
type writer struct {
	m    *memory
	dead *bool // guarded by m.mu
}

func newMemory() *memory { return &memory{changed: make(chan struct{})} }

func (w writer) add(format string, args ...any) error {
	m := w.m
	m.mu.Lock()
	defer m.mu.Unlock()
	if *w.dead {
		return errKilled
	}
	if m.refuse {
		return errors.New("disk full")
	}
	dies := m.killAt == len(m.entries)+1
	if !dies || !m.torn {
		m.entries = append(m.entries, fmt.Sprintf(format, args...))
	}
	close(m.changed)
	m.changed = make(chan struct{})
	if dies {
		m.killAt = 0
		*w.dead = true
		m.killed()
		return errKilled
	}
	return nil
}

func (w writer) Sending(_ context.Context, id printer.JobID, reprint bool) error {
	if reprint {
		return w.add("sending %dR", id)
	}
	return w.add("sending %d", id)
}

func (w writer) Printed(_ context.Context, id printer.JobID, proof bool) error {
	if proof {
		return w.add("printed %d proof", id)
	}
	return w.add("printed %d", id)
}

func (w writer) Failed(_ context.Context, id printer.JobID, reason string) error {
	return w.add("failed %d %s", id, reason)
}

func (w writer) Unknown(_ context.Context, id printer.JobID) error { return w.add("unknown %d", id) }

func (m *memory) all() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return append([]string(nil), m.entries...)
}

// until waits for an entry.
func (m *memory) until(t *testing.T, entry string) {
	t.Helper()
	limit := time.After(30 * time.Second)
	for {
		m.mu.Lock()
		ch, entries := m.changed, m.entries
		m.mu.Unlock()
		for _, e := range entries {
			if e == entry {
				return
			}
		}
		select {
		case <-ch:
		case <-limit:
			t.Fatalf("no %q in the journal: %q", entry, entries)
		}
	}
}

// office is a printer, a journal and the process that drives them; the
// process can be killed and started again.
type office struct {
	p     *printertest.Printer
	lang  language
	log   *memory
	tune  func(*spool.Options)
	dial  func(context.Context) (spool.Link, error)
	sp    *spool.Spool
	dead  *bool
	reqs  map[printer.JobID]spool.Request
	order []printer.JobID

	mu    sync.Mutex  // protects the fields below
	links []io.Closer // of the process that lives
	wrong []string    // what must never happen
	dials int
}

// newOffice has its printer at the end of a pipe in memory.
func newOffice(lang language, po printertest.Options, tune func(*spool.Options)) *office {
	o := unopened(lang, po, tune)
	o.dial = func(context.Context) (spool.Link, error) { return o.p.Pipe(), nil }
	o.start()
	return o
}

// unopened has no process yet, and no way to the printer.
func unopened(lang language, po printertest.Options, tune func(*spool.Options)) *office {
	o := &office{lang: lang, log: newMemory(), tune: tune, reqs: map[printer.JobID]spool.Request{}}
	po.Keep = 1000
	o.p = printertest.New(po)
	o.log.killed = func() { o.cutLinks() }
	return o
}

// wire is a link whose process may die, and which checks that no job begins
// without its record.
type wire struct {
	spool.Link
	o    *office
	dead *bool
}

// usbWire is a wire to a port that can be reset.
type usbWire struct {
	wire
	port usb
}

func (w usbWire) SoftReset() error { return w.port.SoftReset() }

// portWire is a usbWire to a port that tells of paper.
type portWire struct {
	usbWire
	port port
}

func (w portWire) PaperOut() (bool, error) { return w.port.PaperOut() }
func (w portWire) ID() printer.DeviceID    { return w.port.ID() }

var jobBegins = regexp.MustCompile(`<(\d+R?):\n`)

func (w wire) Write(b []byte) (int, error) {
	w.o.log.mu.Lock()
	dead, entries := *w.dead, w.o.log.entries
	w.o.log.mu.Unlock()
	if dead {
		return 0, errKilled
	}
	if m := jobBegins.FindSubmatch(b); m != nil {
		if len(entries) == 0 || entries[len(entries)-1] != "sending "+string(m[1]) {
			w.o.mu.Lock()
			w.o.wrong = append(w.o.wrong, fmt.Sprintf("bytes of %s before their record: %q", m[1], entries))
			w.o.mu.Unlock()
		}
	}
	return w.Link.Write(b)
}

// usb is the port of a printer that can be reset by it.
type usb struct {
	spool.Link
	p *printertest.Printer
}

func (u usb) SoftReset() error { return u.p.SoftReset() }

// dialled returns how many links were opened.
func (o *office) dialled() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.dials
}

func (o *office) cutLinks() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, l := range o.links {
		l.Close()
	}
	o.links = nil
}

// start begins a process, with what the journal says of the one before.
func (o *office) start() {
	dead := new(bool)
	o.dead = dead
	opts := spool.Options{
		Open: func(ctx context.Context) (spool.Link, error) {
			o.log.mu.Lock()
			gone := *dead
			o.log.mu.Unlock()
			if gone {
				return nil, errKilled
			}
			c, err := o.dial(ctx)
			if err != nil {
				return nil, err
			}
			o.mu.Lock()
			o.links = append(o.links, c)
			o.dials++
			o.mu.Unlock()
			w := wire{c, o, dead}
			if p, ok := c.(port); ok {
				return portWire{usbWire{w, p.usb}, p}, nil
			}
			if u, ok := c.(usb); ok {
				return usbWire{w, u}, nil
			}
			return w, nil
		},
		Protocol: o.lang,
		Log:      writer{o.log, dead},
	}
	if o.tune != nil {
		o.tune(&opts)
	}
	o.sp = spool.New(opts)
	o.sp.Resume(left(o.log.all(), o.order, o.reqs))
}

// left is what a journal says is still to be done of what was asked for.
func left(entries []string, order []printer.JobID, reqs map[printer.JobID]spool.Request) (left []spool.Resumed) {
	for _, id := range order {
		state, marked := spool.Queued, reqs[id].Reprint
		ended := false
		for _, e := range entries {
			var word, name string
			fmt.Sscan(e, &word, &name)
			if strings.TrimSuffix(name, "R") != fmt.Sprint(uint64(id)) {
				continue
			}
			switch word {
			case "sending":
				state, marked = spool.Sending, strings.HasSuffix(name, "R")
			case "unknown":
				state = spool.Unknown
			default:
				ended = true
			}
		}
		if !ended {
			r := spool.Resumed{Request: reqs[id], State: state}
			r.Reprint = marked
			left = append(left, r)
		}
	}
	return left
}

// kill ends the process without a word: nothing of it reaches journal or
// printer any more.
func (o *office) kill() {
	o.log.mu.Lock()
	*o.dead = true
	o.log.mu.Unlock()
	o.cutLinks()
	o.sp.Close()
}

func (o *office) submit(id printer.JobID) error {
	r := spool.Request{ID: id, Slip: printer.Slip{Number: fmt.Sprint(id)}, At: time.Now()}
	err := o.sp.Submit(r)
	if err == nil {
		o.reqs[id] = r
		o.order = append(o.order, id)
	}
	return err
}

func (o *office) close() {
	o.sp.Close()
	o.p.Close()
}

// texts are the tickets so far, without line ends.
func (o *office) texts() []string {
	var out []string
	for _, t := range o.p.Tickets() {
		out = append(out, strings.ReplaceAll(t.Text, "\n", ""))
	}
	return out
}

// pass lets virtual time go by.
func pass(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

var copyOf = regexp.MustCompile(`<(\d+)(R?):`)

// check looks for everything that must hold at any time: no unmarked second
// copy, no mixed tickets, no proof without paper, no byte before its record.
func (o *office) check() error {
	texts := append(o.texts(), strings.ReplaceAll(o.p.Tear().Text, "\n", ""))
	if err := checkPaper(texts, o.log.all()); err != nil {
		return err
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if len(o.wrong) > 0 {
		return errors.New(o.wrong[0])
	}
	return nil
}

// checkPaper holds all the paper of a hall, in the order of each printer,
// against the journal.
func checkPaper(texts, entries []string) error {
	begun := map[string]int{}
	whole := map[string]bool{}
	for _, text := range texts {
		for _, m := range copyOf.FindAllStringSubmatch(text, -1) {
			if m[2] == "" {
				begun[m[1]]++
			}
			if begun[m[1]] > 1 {
				return fmt.Errorf("second copy of %s without mark in %q", m[1], texts)
			}
			name := m[1] + m[2]
			if strings.HasSuffix(text, "<"+name+":"+name+">") {
				whole[m[1]] = true
			}
		}
	}
	for _, e := range entries {
		var word, id, proof string
		fmt.Sscan(e, &word, &id, &proof)
		if proof == "proof" && !whole[id] {
			return fmt.Errorf("%q, but the paper says %q", e, texts)
		}
	}
	return nil
}

// missing returns the submitted slips that have no whole ticket.
func (o *office) missing() []printer.JobID { return without(o.order, o.texts()) }

// without are the slips that have no whole ticket among these.
func without(order []printer.JobID, texts []string) (out []printer.JobID) {
	for _, id := range order {
		found := false
		for _, text := range texts {
			found = found || strings.HasSuffix(text, fmt.Sprintf("<%d:%d>", id, id)) ||
				strings.HasSuffix(text, fmt.Sprintf("<%dR:%dR>", id, id))
		}
		if !found {
			out = append(out, id)
		}
	}
	return out
}

var _ io.ReadWriteCloser = wire{}

// ended reports whether a slip is done with.
func (o *office) ended(id printer.JobID) bool {
	for _, e := range o.log.all() {
		var word, name string
		fmt.Sscan(e, &word, &name)
		if name == fmt.Sprint(uint64(id)) && (word == "printed" || word == "failed") {
			return true
		}
	}
	return false
}

// next waits for the next entry, or a moment where none comes.
func (m *memory) next() {
	m.mu.Lock()
	ch := m.changed
	m.mu.Unlock()
	select {
	case <-ch:
	case <-time.After(20 * time.Millisecond):
	}
}
