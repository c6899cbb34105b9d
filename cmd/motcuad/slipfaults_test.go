package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"motcua/internal/config"
	"motcua/internal/journal"
	"motcua/internal/sysd"
	"motcua/internal/web"
	"motcua/printer"
	"motcua/printer/escpos"
	"motcua/printer/printertest"
	"motcua/printer/spool"
	"motcua/queue"
)

// What the programme of faults runs; make test-hardware runs it at length.
//
//	go test ./cmd/motcuad -run TestSlipFaults -args -slips 1 -slips.seed 17
var (
	slipSeeds = flag.Int("slips", 60, "how many days of TestSlipFaults")
	slipSeed  = flag.Uint64("slips.seed", 1, "the first of their seeds")
)

// caught are seeds that once found something, kept for ever.
var caught = []uint64{
	1021, 1032, // a printer that took nothing of what was to free it counted as free
}

// family is a make of printers.
type family struct {
	name    string
	profile string
	odd     func(*printertest.Options) // how it differs from what its profile says
}

var printerFamilies = []family{
	{"epson", "epson", nil},
	{"epson, late word kept", "epson", func(o *printertest.Options) { o.KeepsLastAck = true }},
	{"epson, deaf to clearing", "epson", func(o *printertest.Options) { o.NoClear = true }},
	{"epson, small buffer", "epson", func(o *printertest.Options) { o.Buffer = 4096 }},
	{"epson, obeys codes in pictures", "everything", func(o *printertest.Options) { o.ScanData = true }},
	{"tm-t88", "epson-tm-t88", nil},
	{"tm-t88iii", "epson-tm-t88iii", nil},
	{"citizen", "citizen", nil},
	{"clone", "generic", nil},
	{"clone, small buffer", "generic", func(o *printertest.Options) { o.Buffer = 4096 }},
}

// model is a printer that knows what its family's profile says.
func (f family) model(t *testing.T) (printertest.Options, escpos.Profile) {
	t.Helper()
	p, err := escpos.Named(f.profile)
	if err != nil {
		t.Fatal(err)
	}
	o := printertest.Options{
		Width: p.WidthDots, DPI: p.DPI, NoMotionUnits: !p.MotionUnits, NoProcessID: !p.ProcessID, NoRealTimeOff: !p.RealtimeOff,
		NoGraphics: p.Graphics != escpos.GSParenL && !p.Memory, NoClear: !p.ClearFn8, NoNearEnd: !p.NearEndSensor,
		NoLeftTrim: p.LeftTrim == escpos.NoLeftTrim, ScanData: p.ScrubRealtime, Keep: 1000,
	}
	if f.odd != nil {
		f.odd(&o)
	}
	return o, p
}

// faultKinds are all that happens to printers here.
var faultKinds = []printertest.Kind{
	printertest.PaperOut, printertest.PaperOut, printertest.PaperLow, printertest.CoverOpen, printertest.CutterJam,
	printertest.HeadHot, printertest.Offline, printertest.Cable, printertest.Cable, printertest.Mute, printertest.Slow,
	printertest.Stalled, printertest.AckHeld, printertest.AckLost, printertest.AckDouble, printertest.AckConstant,
	printertest.SplitReply, printertest.Stray, printertest.FlowBytes,
}

// more that happens, counted under these names.
const (
	powerOff   = "power_off"         // cable, and the buffer is lost
	dropped    = "paper_out_dropped" // the slip at which the roll ended is lost
	killByte   = "kill_at_byte"
	killCommit = "kill_in_commit"
	killIdle   = "kill"
	askedAgain = "reprint_asked"
	confirmed  = "confirmed"
)

// mostAsked is how many percent of the numbers may have no paper until their
// people ask at the desk. Only a printer that neither proves nor answers may
// lose one so.
const mostAsked = 0.5

// uncounted are names of what the printer counts by a kind of its own, and of
// what people do.
var uncounted = []string{powerOff, dropped, askedAgain, confirmed}

var errDeadProcess = errors.New("process is dead")

// lab is a hall under faults: real engine, real journal, real spools and the
// daemon's own wiring between them; printers in software, and time that is not
// real. Only the test's goroutine touches what no comment protects.
type lab struct {
	t        *testing.T
	rng      *rand.Rand
	web      *web.Web
	root     string // folders of the journal, one for each life of the process
	lives    int
	families []family
	models   []printertest.Options
	printers []*printertest.Printer
	d        *Daemon
	dead     *atomic.Bool // of the process that lives

	mu     sync.Mutex // protects below
	links  []io.Closer
	slips  map[string]printedSlip // by what they say and the width they are laid out for
	budget int64                  // bytes until the process dies; 0: it does not
	commit int                    // appends until it dies in one; 0: it does not
	kept   bool                   // whether that append is stored

	read     []map[int]printedSlip // of each printer, by the number of the paper; no id: no slip
	happened map[string]int
	issued   map[string]queue.TicketID // by idempotency key
	pressed  int
}

// printedSlip is what a paper can be.
type printedSlip struct {
	id     printer.JobID
	number string
	marked bool
	width  int
	rows   []uint64 // of its picture, see rowsOf
}

// mortalLink is a printer's link whose process may die at any byte.
type mortalLink struct {
	spool.Link
	l    *lab
	dead *atomic.Bool
}

func (m mortalLink) Write(b []byte) (int, error) {
	if m.dead.Load() {
		return 0, errDeadProcess
	}
	m.l.mu.Lock()
	n := int64(len(b))
	dies := m.l.budget > 0 && m.l.budget <= n
	if dies {
		n = m.l.budget
	}
	if m.l.budget > 0 {
		m.l.budget -= n
	}
	m.l.mu.Unlock()
	wrote, err := m.Link.Write(b[:n])
	if dies {
		m.l.die(killByte)
		return wrote, errDeadProcess
	}
	return wrote, err
}

// count adds one to what happened.
func (l *lab) count(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.happened[what]++
}

// die is end as something that happens.
func (l *lab) die(how string) {
	if l.end() {
		l.count(how)
	}
}

// end ends the process where it stands: nothing of it reaches printer or
// journal any more. It returns false when it is dead already.
func (l *lab) end() bool {
	if l.dead.Swap(true) {
		return false
	}
	l.mu.Lock()
	links := l.links
	l.links, l.budget, l.commit = nil, 0, 0
	l.mu.Unlock()
	for _, c := range links {
		c.Close()
	}
	return true
}

// capturing notes what each slip looks like.
type capturing struct {
	printer.Protocol
	l     *lab
	width int
}

func (c capturing) Encode(s printer.Slip, id printer.JobID) (printer.Job, error) {
	key := fmt.Sprintf("%d %+v", c.width, s)
	c.l.mu.Lock()
	_, known := c.l.slips[key]
	c.l.mu.Unlock()
	if r, err := printer.Layout(s, c.width); err == nil && !known {
		c.l.mu.Lock()
		c.l.slips[key] = printedSlip{id, s.Number, s.Reprint != "", c.width, rowsOf(r.Width, r.Height, r.Black)}
		c.l.mu.Unlock()
	}
	return c.Protocol.Encode(s, id)
}

// rowsOf is a hash of each row of a picture.
func rowsOf(width, height int, black func(x, y int) bool) []uint64 {
	rows := make([]uint64, height)
	for y := range rows {
		h := uint64(14695981039346656037) // FNV-1a, of the dots that are black
		for x := range width {
			if black(x, y) {
				h = (h ^ uint64(x)) * 1099511628211
			}
		}
		rows[y] = h
	}
	return rows
}

// start begins a process on the journal as it is.
func (l *lab) start() {
	dead := new(atomic.Bool)
	d := &Daemon{demo: true, out: io.Discard, started: time.Now(), fatal: make(chan error, 1),
		touched: map[string]bool{}, touchC: make(chan struct{}, 1), dayOver: make(chan struct{}, 1), web: l.web}
	d.machine = config.Defaults()
	d.machine.Data = filepath.Join(l.root, fmt.Sprint(l.lives))
	d.machine.PublicURL = "http://so.vn"
	d.machine.Printer = config.Printer{Device: "tcp://first:9100", Profile: l.families[0].profile}
	if len(l.families) > 1 {
		d.machine.Second = config.Printer{Device: "tcp://second:9100", Profile: l.families[1].profile}
	}
	d.log = slog.New(slog.DiscardHandler)
	d.doors = newDoors(d)
	ctx := context.Background()
	d.work, d.stop = context.WithCancel(ctx)
	l.d, l.dead = d, dead
	begin := time.Now()
	f := flags{
		clock: sysd.ClockOptions{Now: time.Now, Mono: func() int64 { return time.Since(begin).Milliseconds() + 1 }, Synced: func() bool { return true }},
		broken: func(int) journal.Fault {
			if dead.Load() {
				return journal.FailBefore
			}
			l.mu.Lock()
			dies, kept := l.commit == 1, l.kept
			l.commit = max(l.commit-1, 0)
			l.mu.Unlock()
			if !dies {
				return journal.NoFault
			}
			l.die(killCommit)
			if kept {
				return journal.FailCommitKept
			}
			return journal.FailCommitLost
		},
		reach: func(name string, o *spool.Options) {
			i := 0
			if name == secondPrinter {
				i = 1
			}
			p := l.printers[i]
			o.Protocol = capturing{o.Protocol, l, l.models[i].Width}
			o.Open = func(context.Context) (spool.Link, error) {
				if dead.Load() {
					return nil, errDeadProcess
				}
				c := p.Pipe()
				l.mu.Lock()
				l.links = append(l.links, c)
				l.mu.Unlock()
				return mortalLink{c, l, dead}, nil
			}
		},
	}
	for _, step := range []func() error{
		func() error { return d.openEngine(ctx, f) },
		func() error { return d.applyCentre(ctx, f) },
		func() error { return d.openAccess(ctx) },
		d.openHub,
		func() error { return d.openPaper(ctx, f) },
	} {
		if err := step(); err != nil {
			if dead.Load() {
				return // it died while it started
			}
			l.t.Fatal(err)
		}
	}
}

// bury closes what is left of a dead process, after its files were taken as
// they are: kill -9 says no farewell.
func (l *lab) bury() {
	synctest.Wait()
	from := filepath.Join(l.root, fmt.Sprint(l.lives))
	l.lives++
	to := filepath.Join(l.root, fmt.Sprint(l.lives))
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		l.t.Fatal(err)
	}
	_ = l.d.close() // whatever it says, nobody hears it
	if err := os.RemoveAll(from); err != nil {
		l.t.Fatal(err)
	}
}

// revive starts the process again if it died.
func (l *lab) revive() {
	for l.dead.Load() {
		l.bury()
		l.start()
	}
}

// press takes a number under a key of its own, or under the one of a press
// that was never answered.
func (l *lab) press(key string) {
	c := []queue.CategoryID{"A", "B", "C", "D"}[l.rng.IntN(4)]
	if key == "" {
		l.pressed++
		key = fmt.Sprintf("press-%d", l.pressed)
	} else {
		c = queue.CategoryID(key[:1])
	}
	key = string(c) + strings.TrimLeft(key, "ABCD")
	var ref queue.Ref
	for i := range ref {
		ref[i] = byte(l.rng.Uint32())
	}
	l.issued[key] = 0
	r, err := l.d.engine.Do(context.Background(), queue.Request{Actor: "panel:main", Role: queue.Kiosk, Key: key,
		Command: queue.Issue{Category: c, Entry: queue.EntryPanel, Ref: ref}})
	if err != nil {
		if !l.dead.Load() {
			l.t.Fatalf("press: %v", err)
		}
		return
	}
	l.issued[key] = queue.TicketID(r.Records[0].Seq)
}

// tickets are those of the journal.
func (l *lab) tickets() (list []queue.Ticket) {
	err := l.d.engine.Read(context.Background(), func(s *queue.State) { list = slices.Clone(s.Tickets) })
	if err != nil && !l.dead.Load() {
		l.t.Fatal(err)
	}
	return list
}

// papers are the whole slips on the paper of all printers, those of one in the
// order in which they came out.
func (l *lab) papers() (all []printedSlip) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, p := range l.printers {
		for _, paper := range p.Tickets() {
			s, known := l.read[i][paper.Seq]
			if !known {
				s = l.reads(paper.Image, l.models[i].Width)
				l.read[i][paper.Seq] = s
			}
			if s.id != 0 {
				all = append(all, s)
			}
		}
	}
	return all
}

// reads finds the slip at the end of a paper; it needs mu. It may hang on what
// a broken job left, and a marked slip is the unmarked with the mark above: the
// tallest that fits is it.
func (l *lab) reads(paper *printertest.Picture, width int) (found printedSlip) {
	size := paper.Bounds()
	rows := rowsOf(size.Dx(), size.Dy(), paper.Black)
	for _, s := range l.slips {
		if s.width == width && len(s.rows) <= len(rows) && len(s.rows) > len(found.rows) && slices.Equal(s.rows, rows[len(rows)-len(s.rows):]) {
			found = s
		}
	}
	return found
}

// staff look at the paper: what is there is confirmed, what is not is printed
// again.
func (l *lab) staff() {
	out := l.papers()
	l.revive()
	for _, h := range l.d.paper.Load().spool.Status() {
		for _, id := range h.Unknown {
			if slices.ContainsFunc(out, func(s printedSlip) bool { return s.id == id }) {
				_, err := l.d.engine.Do(context.Background(), queue.Request{Actor: "greeter", Role: queue.Greeter, Command: queue.ConfirmSlip{Ticket: queue.TicketID(id)}})
				if err == nil {
					l.count(confirmed)
				}
			} else {
				l.reprint(queue.TicketID(id))
			}
		}
	}
}

func (l *lab) reprint(id queue.TicketID) {
	_, err := l.d.engine.Do(context.Background(), queue.Request{Actor: "greeter", Role: queue.Greeter, Command: queue.ReprintSlip{Ticket: id}})
	if err == nil {
		l.count(askedAgain)
	}
}

func let(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

// happens lets one thing happen.
func (l *lab) happens() {
	p := l.printers[l.rng.IntN(len(l.printers))]
	switch n := l.rng.IntN(20); {
	case n < 6:
		l.press("")
	case n < 11:
		f := printertest.Fault{
			Kind: faultKinds[l.rng.IntN(len(faultKinds))], Drop: l.rng.IntN(2) == 0, Times: l.rng.IntN(3), Rate: []int{960, 3840}[l.rng.IntN(2)],
		}
		if l.rng.IntN(4) > 0 {
			f.At = l.rng.Int64N(40_000)
		}
		switch {
		case f.Kind == printertest.Cable && f.Drop:
			l.count(powerOff)
		case f.Kind == printertest.PaperOut && f.Drop:
			l.count(dropped)
		}
		p.Fault(f)
	case n < 12:
		l.mu.Lock()
		l.budget = 1 + l.rng.Int64N(40_000)
		l.mu.Unlock()
	case n < 13:
		l.mu.Lock()
		l.commit, l.kept = 1+l.rng.IntN(6), l.rng.IntN(2) == 0
		l.mu.Unlock()
	case n < 14:
		l.die(killIdle)
	case n < 15:
		let(3 * time.Second) // hands need that long
		p.Repair()
	case n < 16:
		l.staff()
	case n < 17:
		if all := l.tickets(); len(all) > 0 {
			l.reprint(all[l.rng.IntN(len(all))].ID)
		}
	default:
		let([]time.Duration{20 * time.Millisecond, time.Second, 5 * time.Second, 14 * time.Second, 70 * time.Second}[l.rng.IntN(5)])
	}
}

// spare lets the process live from now on.
func (l *lab) spare() {
	l.mu.Lock()
	l.budget, l.commit = 0, 0
	l.mu.Unlock()
	l.revive()
}

// settle repairs everything and waits until nothing is on its way.
func (l *lab) settle() error {
	let(3 * time.Second)
	for _, p := range l.printers {
		p.Repair()
	}
	for range 40 {
		l.revive()
		let(15 * time.Second)
		if len(l.d.paper.Load().spool.Pending()) == 0 {
			return nil
		}
		l.staff()
	}
	return fmt.Errorf("slips never end: %+v, health %+v", l.d.paper.Load().spool.Pending(), l.d.paper.Load().spool.Status())
}

// day is what a day of faults came to.
type day struct {
	err      error
	happened map[string]int
	tickets  int
	papers   int
	asked    int // slips without proof that never came out, and whose people asked for one
}

// runDay lets one day of faults happen and looks at the paper.
func runDay(t *testing.T, w *web.Web, seed uint64) (out day) {
	synctest.Test(t, func(t *testing.T) {
		l := &lab{t: t, rng: rand.New(rand.NewPCG(seed, 1)), web: w, slips: map[string]printedSlip{}, happened: map[string]int{}, issued: map[string]queue.TicketID{}}
		var err error
		// In memory, where there is such a place: kill -9 takes nothing from a
		// disk's cache, and the disk's time is real.
		if l.root, err = os.MkdirTemp("/dev/shm", "slipfaults"); err != nil {
			if l.root, err = os.MkdirTemp("", "slipfaults"); err != nil {
				t.Fatal(err)
			}
		}
		defer os.RemoveAll(l.root)
		for range 1 + l.rng.IntN(3)/2 {
			f := printerFamilies[l.rng.IntN(len(printerFamilies))]
			o, _ := f.model(t)
			l.families, l.models = append(l.families, f), append(l.models, o)
			l.printers, l.read = append(l.printers, printertest.New(o)), append(l.read, map[int]printedSlip{})
		}
		l.start()
		for range 12 + l.rng.IntN(20) {
			l.revive()
			l.happens()
		}
		l.spare()
		for key, id := range l.issued {
			if id == 0 { // never answered: the same press again
				l.press(key)
			}
		}
		out.err = l.settle()
		if out.err == nil {
			out.err = l.judge(&out)
		}
		if out.err != nil {
			names := []string{}
			for _, f := range l.families {
				names = append(names, f.name)
			}
			out.err = fmt.Errorf("seed %d on %s: %w", seed, strings.Join(names, " and "), out.err)
		}
		out.happened = l.happened
		for _, p := range l.printers {
			for kind, n := range p.Struck() {
				out.happened[string(kind)] += n
			}
		}
		l.end()
		_ = l.d.close()
		for _, p := range l.printers {
			p.Close()
		}
	})
	return out
}

// judge holds the paper against the journal.
func (l *lab) judge(out *day) error {
	tickets := l.tickets()
	out.tickets = len(tickets)
	proved := map[queue.TicketID]bool{} // by the last word about each
	seen := map[queue.TicketID]bool{}   // by staff, and nothing else since
	for r, err := range l.d.journal.Records(context.Background(), 1) {
		if err != nil {
			return err
		}
		switch e := r.Event.(type) {
		case queue.SlipPrinted:
			if seen[e.Ticket] && !e.Proof {
				return fmt.Errorf("ticket %d: record %d says again, without proof, what staff have said", e.Ticket, r.Seq)
			}
			proved[e.Ticket], seen[e.Ticket] = e.Proof, e.Seen
		case queue.SlipSending:
			seen[e.Ticket] = false
		case queue.SlipQueued:
			proved[e.Ticket], seen[e.Ticket] = false, false
		}
	}
	// A printer that proves nothing may lose a slip that nobody can know of:
	// the person who pressed asks at the desk.
	for _, t := range tickets {
		onPaper := func(s printedSlip) bool { return queue.TicketID(s.id) == t.ID }
		if slices.ContainsFunc(l.papers(), onPaper) {
			continue
		}
		if t.Slip != queue.SlipIsPrinted || proved[t.ID] || !slices.ContainsFunc(l.models, func(o printertest.Options) bool { return o.NoProcessID }) {
			return fmt.Errorf("%s is not on paper, its slip is %s, proved %t", t.Label, t.Slip, proved[t.ID])
		}
		out.asked++
		l.reprint(t.ID)
	}
	if out.asked > 0 {
		if err := l.settle(); err != nil {
			return err
		}
	}
	holder := map[string]queue.TicketID{}
	label := map[queue.TicketID]string{}
	for _, t := range tickets {
		if other, twice := holder[t.Label]; twice {
			return fmt.Errorf("%s names tickets %d and %d", t.Label, other, t.ID)
		}
		holder[t.Label], label[t.ID] = t.ID, t.Label
	}
	for key, id := range l.issued {
		if label[id] == "" {
			return fmt.Errorf("press %s was answered with ticket %d, which the journal does not know", key, id)
		}
	}
	plain := map[printer.JobID]int{}
	whole := map[printer.JobID]bool{}
	papers := l.papers()
	out.papers = len(papers)
	for _, s := range papers {
		if label[queue.TicketID(s.id)] != s.number {
			return fmt.Errorf("paper says %s for ticket %d, whose number is %q", s.number, s.id, label[queue.TicketID(s.id)])
		}
		whole[s.id] = true
		if !s.marked {
			plain[s.id]++
		}
	}
	for id, n := range plain {
		if n > 1 {
			return fmt.Errorf("%s came out %d times without a mark", label[queue.TicketID(id)], n)
		}
	}
	for _, t := range tickets {
		if !whole[printer.JobID(t.ID)] {
			return fmt.Errorf("%s is on no paper, its slip is %s", t.Label, t.Slip)
		}
	}
	return nil
}

// Whatever fails, at whatever byte: every number is on paper, none is two
// people's, each further paper of one says that it is a reprint, and no paper
// has a number that was not given out.
func TestSlipFaults(t *testing.T) {
	w, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex // protects below
	happened := map[string]int{}
	days, tickets, papers, asked, faults, failures := 0, 0, 0, 0, 0, 0
	t.Run("days", func(t *testing.T) {
		var seeds []uint64
		for i := range *slipSeeds {
			seeds = append(seeds, *slipSeed+uint64(i))
		}
		if *slipSeeds > 1 {
			seeds = append(seeds, caught...)
		}
		for _, seed := range seeds {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				d := runDay(t, w, seed)
				mu.Lock()
				defer mu.Unlock()
				days++
				tickets, papers, asked = tickets+d.tickets, papers+d.papers, asked+d.asked
				for k, n := range d.happened {
					happened[k] += n
					if !slices.Contains(uncounted, k) {
						faults += n
					}
				}
				if d.err != nil {
					failures++
					t.Error(d.err)
				}
			})
		}
	})
	if *slipSeeds >= 50 {
		for _, k := range append([]string{killByte, killCommit, killIdle, askedAgain, confirmed}, kindNames()...) {
			if happened[k] == 0 {
				t.Errorf("%s never happened", k)
			}
		}
	}
	t.Logf("%d days, %d faults, %d numbers, %d papers, %d asked for at the desk; %v", days, faults, tickets, papers, asked, happened)
	share := 100 * float64(asked) / float64(max(tickets, 1))
	over := 0
	if share > mostAsked {
		over = 1
		t.Errorf("people asked for %.2f%% of the slips at the desk, want %.2f%% at most", share, mostAsked)
	}
	fmt.Printf("CHECK slip_faults %d %d - -\n", faults, failures)
	fmt.Printf("CHECK slips_asked_for %d %d %.2f%% %.2f%%\n", tickets, over, share, mostAsked)
}

func kindNames() (names []string) {
	for _, k := range faultKinds {
		names = append(names, string(k))
	}
	return names
}
