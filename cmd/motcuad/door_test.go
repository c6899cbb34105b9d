package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"motcua/internal/auth"
	"motcua/internal/doorway"
	"motcua/internal/sysd"
	"motcua/kiosk"
	"motcua/kiosk/door"
	"motcua/kiosk/virtual"
	"motcua/printer"
	"motcua/printer/escpos"
	"motcua/printer/printertest"
	"motcua/printer/spool"
	"motcua/queue"
)

// The tests here run a whole daemon and a kiosk on a network of the test's, on
// the clock of a synctest bubble: a minute without a link takes no time.

// lan is the network between a kiosk and the daemon.
type lan struct {
	mu      sync.Mutex // protects all below
	mode    string     // "pass", "cut": refused and closed, "hole": swallowed, "deaf": only what the daemon says is, "stall": held back
	fuse    int        // pieces until one connection is cut; 0: none
	lost    string     // a connection over which this is sent loses it, and all that follows
	changed chan struct{}
	to      *hallListener
	open    map[net.Conn]bool
}

func newLAN() *lan {
	return &lan{mode: "pass", changed: make(chan struct{}), open: map[net.Conn]bool{}}
}

func (l *lan) set(mode string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mode = mode
	close(l.changed)
	l.changed = make(chan struct{})
	if mode == "cut" {
		for c := range l.open {
			c.Close()
		}
	}
}

// lead sends connections from now on to another daemon.
func (l *lan) lead(to *hallListener) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.to = to
}

// burn cuts one connection after n pieces of whatever goes over it.
func (l *lan) burn(n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fuse = n
}

// lose swallows every request that says this; "" loses none.
func (l *lan) lose(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = what
}

func (l *lan) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	l.mu.Lock()
	mode, to := l.mode, l.to
	l.mu.Unlock()
	switch mode {
	case "cut":
		return nil, errors.New("connection refused")
	case "hole", "stall":
		t := time.NewTimer(time.Second)
		defer t.Stop()
		select {
		case <-ctx.Done():
		case <-t.C:
		}
		return nil, errors.New("no answer to the first packet")
	}
	here, a := net.Pipe()
	b, there := net.Pipe()
	if !to.deliver(there) {
		return nil, errors.New("connection refused")
	}
	l.mu.Lock()
	l.open[a], l.open[b] = true, true
	l.mu.Unlock()
	go l.carry(a, b, false)
	go l.carry(b, a, true)
	return here, nil
}

func (l *lan) carry(from, to net.Conn, down bool) {
	defer func() {
		from.Close()
		to.Close()
		l.mu.Lock()
		delete(l.open, from)
		l.mu.Unlock()
	}()
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if err != nil {
			return
		}
		l.mu.Lock()
		for l.mode == "stall" {
			changed := l.changed
			l.mu.Unlock()
			<-changed
			l.mu.Lock()
		}
		mode, cut := l.mode, l.fuse == 1
		lost := l.lost != "" && bytes.Contains(b[:n], []byte(l.lost))
		l.fuse = max(0, l.fuse-1)
		l.mu.Unlock()
		switch {
		case mode == "cut" || cut:
			return
		case mode == "hole" || mode == "deaf" && down || lost:
			_, _ = io.Copy(io.Discard, from) // this connection is dead and does not say so
			return
		}
		if _, err := to.Write(b[:n]); err != nil {
			return
		}
	}
}

// hallListener is where a daemon takes connections off the lan.
type hallListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newHallListener() *hallListener {
	return &hallListener{conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (h *hallListener) deliver(c net.Conn) bool {
	if h == nil {
		return false
	}
	select {
	case h.conns <- c:
		return true
	case <-h.closed:
		return false
	}
}

func (h *hallListener) Accept() (net.Conn, error) {
	select {
	case c := <-h.conns:
		return c, nil
	case <-h.closed:
		return nil, net.ErrClosed
	}
}

func (h *hallListener) Close() error { h.once.Do(func() { close(h.closed) }); return nil }

func (h *hallListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8480} }

// street is a centre, a kiosk at its other door and the lan between them.
type street struct {
	t       *testing.T
	dir     string
	main    bool // the centre has a printer of its own
	lan     *lan
	token   string
	printer *printertest.Printer // the kiosk's

	d     *Daemon
	stop  func()
	log   strings.Builder
	logMu sync.Mutex

	panel   *virtual.Panel
	door    *door.Door
	leave   func() // ends the kiosk as it should
	vanish  func() // ends the kiosk as a power cut does
	presses int
}

const doorName = "door-2"

// newStreet opens a centre with a paired kiosk, both at work. It must be
// called inside a bubble.
func newStreet(t *testing.T, withPrinter bool) *street {
	t.Helper()
	s := &street{t: t, dir: t.TempDir(), main: withPrinter, lan: newLAN(),
		printer: printertest.New(printertest.Options{Keep: 10000})}
	conf := "[limits]\nrequests_per_second = 1000\nburst = 10000\n"
	if withPrinter {
		conf += fmt.Sprintf("[printer]\ndevice = %q\n", "file://"+filepath.Join(s.dir, "main.bin"))
	}
	write(t, filepath.Join(s.dir, "motcua.toml"), conf)
	s.openCentre()
	token, hash := auth.NewToken()
	s.token = token
	if err := s.d.AddDevice(t.Context(), auth.Access{Name: doorName, Role: queue.Kiosk, TokenSHA256: hash}, "test"); err != nil {
		t.Fatal(err)
	}
	s.openKiosk()
	t.Cleanup(func() {
		s.leave()
		s.stop()
		s.printer.Close()
		if t.Failed() {
			s.logMu.Lock()
			defer s.logMu.Unlock()
			t.Log(s.log.String())
		}
	})
	return s
}

func (s *street) Write(b []byte) (int, error) {
	s.logMu.Lock()
	defer s.logMu.Unlock()
	return s.log.Write(b)
}

func (s *street) openCentre() {
	s.t.Helper()
	began := time.Now()
	f := flags{Config: filepath.Join(s.dir, "motcua.toml"), Centre: "../../internal/config/demo.toml",
		Data: filepath.Join(s.dir, "data"), Listen: "127.0.0.1:0"}
	f.clock = sysd.ClockOptions{Mono: func() int64 { return time.Since(began).Milliseconds() + 1 }, Synced: func() bool { return true }}
	d, err := Open(s.t.Context(), f, io.Discard, s)
	if err != nil {
		s.t.Fatal(err)
	}
	d.listener.Close()
	at := newHallListener()
	d.listener = at
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	ended := make(chan error, 1)
	go func() { ended <- d.Run(ctx) }()
	s.lan.lead(at)
	s.d = d
	s.stop = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	}
	d.open(s.t)
}

// open waits for the engine's timer to open the day.
func (d *Daemon) open(t *testing.T) {
	t.Helper()
	for range 100 {
		var open bool
		if err := d.engine.Read(t.Context(), func(s *queue.State) { open = s.Day.Open }); err != nil {
			t.Fatal(err)
		}
		if open {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the day does not open")
}

// plainSlips writes a slip's number and mark as text, so that paper can be read.
type plainSlips struct{ printer.Protocol }

func (plainSlips) Encode(s printer.Slip, id printer.JobID) (printer.Job, error) {
	name := s.Number
	if s.Reprint != "" {
		name += " again"
	}
	if name == "" {
		name = "no number"
	}
	b := fmt.Sprintf("\x1b@<%s>\n\x1dV\x01\x1d(H\x06\x0000%04d", name, id%10000)
	return printer.Job{ID: id, Bytes: []byte(b), Proof: true}, nil
}

func (s *street) openKiosk() {
	s.t.Helper()
	profile, err := escpos.Named("epson")
	if err != nil {
		s.t.Fatal(err)
	}
	protocol, err := escpos.New(profile)
	if err != nil {
		s.t.Fatal(err)
	}
	var links []io.Closer
	var mu sync.Mutex // protects links and gone
	gone := false
	own := newLANBehind(s.lan)
	log := slog.New(slog.NewTextHandler(s, nil)).With("part", "kiosk")
	s.panel = virtual.NewPanel("vi", "en", "A", "B", "C")
	s.door = door.New(door.Options{
		Centre: door.NewClient(door.ClientOptions{Base: "http://localhost:8480", Token: s.token, Dial: own.dial}),
		Panel:  s.panel, Logger: log,
		PairingSlip: func(code string, _ time.Time) door.Paper { return door.Paper{Category: "pairing", Number: code} },
		Printer: func(l spool.Log, health func(spool.Health)) *spool.Spool {
			return spool.New(spool.Options{Protocol: plainSlips{protocol}, Log: l, OnHealth: health, Logger: log,
				Open: func(context.Context) (spool.Link, error) {
					mu.Lock()
					defer mu.Unlock()
					if gone {
						return nil, errors.New("no power")
					}
					c := s.printer.Pipe()
					links = append(links, c)
					return c, nil
				}})
		},
	})
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	ended := make(chan error, 1)
	d := s.door
	go func() { ended <- d.Run(ctx) }()
	s.leave = func() {
		cancel()
		if err := <-ended; err != nil {
			s.t.Error(err)
		}
	}
	s.vanish = func() {
		mu.Lock()
		gone = true
		for _, c := range links {
			c.Close()
		}
		mu.Unlock()
		own.die()
		s.leave()
	}
}

// behind is a kiosk's own socket on the lan: it dies with the kiosk.
type behind struct {
	lan  *lan
	mu   sync.Mutex // protects below
	dead bool
	open []net.Conn
}

func newLANBehind(l *lan) *behind { return &behind{lan: l} }

func (b *behind) dial(ctx context.Context, network, address string) (net.Conn, error) {
	c, err := b.lan.dial(ctx, network, address)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.dead && err == nil {
		c.Close()
		err = errors.New("no power")
	}
	if err == nil {
		b.open = append(b.open, c)
	}
	return c, err
}

func (b *behind) die() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dead = true
	for _, c := range b.open {
		c.Close()
	}
}

// press pushes a button; whether the kiosk takes it is its own affair.
func (s *street) press(b kiosk.Button) {
	s.t.Helper()
	<-s.panel.Listening()
	if _, err := s.panel.Press(s.t.Context(), b); err != nil {
		s.t.Fatal(err)
	}
	s.presses++
}

// lamps waits until every lamp of these buttons says so, for at most within.
func (s *street) lamps(want kiosk.Lamp, within time.Duration, of ...kiosk.Button) {
	s.t.Helper()
	if len(of) == 0 {
		of = s.panel.Buttons()
	}
	limit := time.NewTimer(within)
	defer limit.Stop()
	for {
		lamps, changed := s.panel.Lamps()
		if !slices.ContainsFunc(of, func(b kiosk.Button) bool { return lamps[b] != want }) {
			return
		}
		select {
		case <-changed:
		case <-limit.C:
			s.t.Fatalf("after %v lamps say %v, want %s on %v; %+v", within, lamps, want, of, s.door.Status())
		}
	}
}

var onPaper = regexp.MustCompile(`<([^<>]*)>`)

// papers is what came out of the kiosk's printer; the beginning of a slip that
// was cut off may stand before the next.
func (s *street) papers() []string {
	var list []string
	for _, t := range s.printer.Tickets() {
		for _, m := range onPaper.FindAllStringSubmatch(t.Text, -1) {
			list = append(list, m[1])
		}
	}
	return list
}

// slips is where every ticket's paper stands, by label.
func (s *street) slips() map[string]queue.SlipState {
	s.t.Helper()
	all := map[string]queue.SlipState{}
	if err := s.d.engine.Read(s.t.Context(), func(st *queue.State) {
		for i := range st.Tickets {
			all[st.Tickets[i].Label] = st.Tickets[i].Slip
		}
	}); err != nil {
		s.t.Fatal(err)
	}
	return all
}

func (s *street) slip(label string) queue.SlipState { return s.slips()[label] }

// pass lets time go by and everything that is due happen.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (s *street) wantPapers(want ...string) {
	s.t.Helper()
	if got := s.papers(); !slices.Equal(got, want) {
		s.t.Errorf("papers %q, want %q; slips %v", got, want, s.slips())
	}
}

func TestKioskAtAnotherDoor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(t, true)
		s.lamps(kiosk.LampReady, 5*time.Second, "vi", "A", "B", "C")
		s.press("A")
		lamps, _ := s.panel.Lamps()
		if lamps["A"] != kiosk.LampPrinting {
			t.Errorf("the lamp answers a press with %s", lamps["A"])
		}
		pass(2 * time.Second)
		s.wantPapers("A001")
		if got := s.slip("A001"); got != queue.SlipIsPrinted {
			t.Errorf("the slip is %s", got)
		}
		s.lamps(kiosk.LampReady, time.Second, "A")
		s.press("B")
		pass(2 * time.Second)
		s.wantPapers("A001", "B001")
		if h := s.d.doors.parts(); len(h) != 1 || h[0].Name != doorName || h[0].Status != "ok" {
			t.Errorf("health %+v", h)
		}
	})
}

// A link that is lost without a word is noticed within five seconds: all lamps
// say so, no press is taken, and when it is back the kiosk goes on by itself.
func TestLinkLost(t *testing.T) {
	for _, mode := range []string{"cut", "hole", "stall"} {
		t.Run(mode, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStreet(t, true)
				s.lamps(kiosk.LampReady, 5*time.Second, "A")
				s.lan.set(mode)
				s.lamps(kiosk.LampNoLink, 5*time.Second)
				pass(5 * time.Second)
				s.press("A")
				pass(10 * time.Second)
				if p := s.d.doors.parts()[0]; p.Code != "no_link" || !strings.HasPrefix(p.Msg, "no link since ") {
					t.Errorf("health %+v", p)
				}
				if list := s.d.doors.devices(); len(list) != 1 || list[0].Name != doorName || list[0].Code != "no_link" || list[0].Since == 0 {
					t.Errorf("devices %+v", list)
				}
				s.lan.set("pass")
				s.lamps(kiosk.LampReady, 3*time.Second, "A")
				pass(5 * time.Second)
				if n := len(s.slips()); n != 0 {
					t.Errorf("%d numbers for a press without a link", n)
				}
				s.press("A")
				pass(2 * time.Second)
				s.wantPapers("A001")
			})
		})
	}
}

// A press whose answer is lost is asked again under the same key: one number,
// one paper.
func TestAnswerLost(t *testing.T) {
	for pieces := 1; pieces <= 6; pieces++ {
		synctest.Test(t, func(t *testing.T) {
			s := newStreet(t, true)
			s.lamps(kiosk.LampReady, 5*time.Second, "A")
			s.lan.burn(pieces)
			s.press("A")
			pass(10 * time.Second)
			s.wantPapers("A001")
			if n := len(s.slips()); n != 1 {
				t.Errorf("cut after %d pieces: %d numbers for one press", pieces, n)
			}
		})
	}
}

// A press that nobody answers for a minute is given up. Its number, if there
// is one, goes to staff: the kiosk prints it no more.
func TestPressGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(t, true)
		s.lamps(kiosk.LampReady, 5*time.Second, "A")
		s.lan.set("deaf")
		s.press("A")
		pass(30 * time.Second)
		s.lan.set("hole") // else its questions are signs of life
		pass(2 * time.Minute)
		s.lan.set("pass")
		pass(10 * time.Second)
		s.lamps(kiosk.LampReady, time.Second, "A")
		slips := s.slips()
		if len(slips) != 1 || slips["A001"] != queue.SlipIsUnknown || len(s.papers()) != 0 {
			t.Errorf("slips %v, papers %q; want the number in the hands of staff", slips, s.papers())
		}
		// Staff print it again: the kiosk is there, so there.
		s.must(queue.ReprintSlip{Ticket: s.ticket("A001")})
		pass(5 * time.Second)
		s.wantPapers("A001 again")
	})
}

// A slip that went to staff is not printed by a kiosk that has held it all the
// time; if they ask for it anew, that paper comes out and no other.
func TestSlipGivenToStaff(t *testing.T) {
	for _, askedFor := range []string{"nowhere", "at the kiosk", "at the main printer", "it came out"} {
		t.Run(askedFor, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newStreet(t, true)
				s.lamps(kiosk.LampReady, 5*time.Second, "A")
				s.lan.lose("/kiosk/slips/") // it may not begin to print
				s.press("A")
				pass(10 * time.Second)
				if got := s.slip("A001"); got != queue.SlipIsQueued {
					t.Fatalf("the slip is %s", got)
				}
				s.lan.set("cut")
				pass(doorway.Settle + 10*time.Second)
				if got := s.slip("A001"); got != queue.SlipIsUnknown {
					t.Fatalf("the slip of a kiosk that is gone is %s", got)
				}
				if askedFor == "at the main printer" {
					s.must(queue.ReprintSlip{Ticket: s.ticket("A001")})
					pass(5 * time.Second)
				}
				if askedFor == "it came out" {
					s.must(queue.ConfirmSlip{Ticket: s.ticket("A001")})
					pass(5 * time.Second)
				}
				s.lan.set("pass")
				s.lamps(kiosk.LampReady, 10*time.Second, "B")
				if askedFor == "at the kiosk" {
					s.must(queue.ReprintSlip{Ticket: s.ticket("A001")})
					pass(5 * time.Second)
				}
				s.lan.lose("")
				pass(time.Minute)
				switch askedFor {
				case "at the kiosk":
					s.wantPapers("A001 again")
				default:
					s.wantPapers()
				}
				want := queue.SlipIsPrinted
				if askedFor == "nowhere" {
					want = queue.SlipIsUnknown
				}
				if got := s.slip("A001"); got != want {
					t.Errorf("the slip is %s, want %s", got, want)
				}
			})
		})
	}
}

func (s *street) must(c queue.Command) {
	s.t.Helper()
	s.d.must(s.t, c)
}

func (s *street) ticket(label string) (id queue.TicketID) {
	s.t.Helper()
	if err := s.d.engine.Read(s.t.Context(), func(st *queue.State) {
		for i := range st.Tickets {
			if st.Tickets[i].Label == label {
				id = st.Tickets[i].ID
			}
		}
	}); err != nil {
		s.t.Fatal(err)
	}
	return id
}

// A second paper comes out where the person stands: at the kiosk if it would
// print it, else at the main printer, and never at both.
func TestReprint(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(t, true)
		s.lamps(kiosk.LampReady, 5*time.Second, "A")
		s.press("A")
		pass(2 * time.Second)
		s.must(queue.ReprintSlip{Ticket: s.ticket("A001")})
		pass(2 * time.Second)
		s.wantPapers("A001", "A001 again")
		s.printer.Fault(printertest.Fault{Kind: printertest.PaperOut})
		s.lamps(kiosk.LampFault, 5*time.Second, "A")
		pass(2 * time.Second)
		if list := s.d.doors.devices(); len(list) != 1 || list[0].Code != "paper_out" {
			t.Errorf("devices %+v", list)
		}
		s.must(queue.ReprintSlip{Ticket: s.ticket("A001")})
		pass(2 * time.Second)
		if got := s.slip("A001"); got != queue.SlipIsPrinted {
			t.Errorf("the slip is %s, want printed at the main printer", got)
		}
		s.printer.Repair(printertest.PaperOut)
		pass(10 * time.Second)
		s.wantPapers("A001", "A001 again")
	})
}

// What the kiosk's printer had to print when the power failed is printed
// again by the next process, with the mark if it may have come out.
func TestKioskRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(t, true)
		s.lamps(kiosk.LampReady, 5*time.Second, "A")
		s.printer.Fault(printertest.Fault{Kind: printertest.AckLost}) // it prints and says nothing
		s.press("A")
		pass(time.Second)
		s.vanish()
		s.printer.Repair(printertest.AckLost)
		pass(2 * time.Second)
		s.openKiosk()
		s.lamps(kiosk.LampReady, 20*time.Second, "B")
		pass(30 * time.Second)
		s.press("B")
		pass(3 * time.Second)
		got := s.papers()
		if len(got) < 2 || got[0] != "A001" || !slices.Contains(got, "B001") {
			t.Errorf("papers %q", got)
		}
		for i, p := range got {
			if i > 0 && p == "A001" {
				t.Errorf("a second paper without its mark: %q", got)
			}
		}
		if state := s.slip("A001"); state != queue.SlipIsPrinted && state != queue.SlipIsUnknown {
			t.Errorf("the slip is %s", state)
		}
	})
}

// A daemon that restarts finds in its journal what the kiosk has in hand.
func TestCentreRestarts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(t, true)
		s.lamps(kiosk.LampReady, 5*time.Second, "A")
		s.printer.Fault(printertest.Fault{Kind: printertest.PaperOut})
		s.press("A") // in the moment before it is noticed
		pass(200 * time.Millisecond)
		s.lan.set("cut")
		s.stop()
		s.openCentre()
		s.lan.set("pass")
		s.printer.Repair(printertest.PaperOut)
		pass(30 * time.Second)
		s.lamps(kiosk.LampReady, time.Second, "A")
		s.press("B")
		pass(3 * time.Second)
		if got := s.papers(); !slices.Contains(got, "B001") {
			t.Errorf("papers %q", got)
		}
		s.settled()
	})
}

// Of two machines with one secret the newer one counts, and the older is quiet.
func TestCopiedKiosk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(t, true)
		s.lamps(kiosk.LampReady, 5*time.Second, "A")
		first, panel, leave, itsPrinter := s.door, s.panel, s.leave, s.printer
		defer func() { leave(); itsPrinter.Close() }()
		s.printer = printertest.New(printertest.Options{Keep: 10})
		s.openKiosk()
		s.lamps(kiosk.LampReady, 5*time.Second, "A")
		pass(5 * time.Second)
		if l := first.Status().Link; l != door.LinkOther {
			t.Errorf("the copy's link is %s", l)
		}
		if _, err := panel.Press(t.Context(), "A"); err != nil {
			t.Fatal(err)
		}
		pass(2 * time.Minute)
		if n := len(s.slips()); n != 0 {
			t.Errorf("%d numbers at the machine that has lost its place", n)
		}
		s.press("A")
		pass(2 * time.Second)
		s.wantPapers("A001")
	})
}

// A revoked kiosk is out within a second and shows a code; typed by a
// supervisor, it lets the kiosk in again. The first code is on paper, a later
// one when somebody presses a button.
func TestPairing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStreet(t, true)
		lead, hash := auth.NewToken()
		if err := s.d.AddDevice(t.Context(), auth.Access{Name: "lead", Role: queue.Supervisor, TokenSHA256: hash}, "test"); err != nil {
			t.Fatal(err)
		}
		s.lamps(kiosk.LampReady, 5*time.Second, "A")
		if ok, err := s.d.RevokeDevice(t.Context(), doorName, "test"); !ok || err != nil {
			t.Fatal(ok, err)
		}
		s.lamps(kiosk.LampNoLink, time.Second)
		pass(2 * time.Second)
		first := s.door.Status()
		if first.Link != door.LinkUnpaired || len(first.Code) != 6 {
			t.Fatalf("status %+v, want a code", first)
		}
		s.wantPapers(first.Code)
		if len(s.d.doors.parts()) != 0 {
			t.Error("a revoked kiosk is still in health")
		}
		pass(auth.CodeLife + 5*time.Second)
		second := s.door.Status()
		if len(second.Code) != 6 || second.Code == first.Code {
			t.Fatalf("after %v the code is %q, it was %q", auth.CodeLife, second.Code, first.Code)
		}
		s.wantPapers(first.Code)
		s.press("A")
		pass(time.Second)
		s.wantPapers(first.Code, second.Code)
		s.press("B") // nobody needs it twice
		pass(5 * time.Second)
		s.wantPapers(first.Code, second.Code)

		s.lan.set("cut") // a new daemon knows no code of the one before
		s.stop()
		s.openCentre()
		s.lan.set("pass")
		pass(time.Minute)
		third := s.door.Status()
		if code, body := s.pairAs(lead, second.Code); code != 404 {
			t.Errorf("a code from before the restart: %d %s", code, body)
		}
		if code, body := s.pairAs(lead, third.Code); code != 201 {
			t.Fatalf("pair: %d %s", code, body)
		}
		s.lamps(kiosk.LampReady, 5*time.Second, "A")
		s.press("A")
		pass(2 * time.Second)
		s.wantPapers(first.Code, second.Code, "A001")
		if st := s.door.Status(); st.Code != "" {
			t.Errorf("a paired kiosk still shows %q", st.Code)
		}
	})
}

// pairAs types a code at the centre.
func (s *street) pairAs(token, code string) (status int, body string) {
	s.t.Helper()
	c := &http.Client{Transport: &http.Transport{DialContext: s.lan.dial, DisableKeepAlives: true}}
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, "http://localhost:8480/api/v1/devices",
		strings.NewReader(`{"code":"`+code+`","name":"`+doorName+`","role":"kiosk"}`))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", "application/json")
	res, err := c.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// Whatever happens to the lan, the printer, the kiosk and the centre while
// people press buttons, in the end every number is on paper or in the hands of
// staff, no press has two numbers, and every second paper has its mark.
func TestDoorFaults(t *testing.T) {
	seeds := 15
	if testing.Short() {
		seeds = 5
	}
	faults := map[string]int{}
	for seed := range seeds {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { troubledHour(t, uint64(seed), faults) })
		})
		if t.Failed() {
			break
		}
	}
	for _, f := range []string{"cut", "hole", "deaf", "stall", "burn", "kiosk", "centre", "printer", "reprint", "again", "numbers"} {
		if faults[f] == 0 {
			t.Errorf("%d seeds, and never %q: the test shows nothing of it", seeds, f)
		}
	}
	t.Log(faults)
}

// troubledHour plays one seed and counts what has happened.
func troubledHour(t *testing.T, seed uint64, count map[string]int) {
	r := rand.New(rand.NewPCG(seed, 4))
	s := newStreet(t, r.IntN(3) > 0)
	s.lamps(kiosk.LampReady, 5*time.Second, "A")
	kinds := []printertest.Kind{printertest.PaperOut, printertest.CoverOpen, printertest.Mute, printertest.Cable, printertest.AckLost}
	for range 25 {
		for range 1 + r.IntN(4) {
			s.press([]kiosk.Button{"A", "B", "C", "en"}[r.IntN(4)])
			time.Sleep(time.Duration(r.IntN(900)) * time.Millisecond)
		}
		did := ""
		switch r.IntN(12) {
		case 0, 1, 2:
			did = []string{"cut", "hole", "deaf", "stall"}[r.IntN(4)]
			s.lan.set(did)
			s.press("A")
			time.Sleep(time.Duration(r.IntN([]int{3000, 20000, 150000}[r.IntN(3)])) * time.Millisecond)
			s.lan.set("pass")
		case 3, 4:
			did = "burn"
			s.lan.burn(1 + r.IntN(12))
		case 5:
			did = "kiosk"
			s.vanish()
			time.Sleep(time.Duration(r.IntN([]int{2000, 90000}[r.IntN(2)])) * time.Millisecond)
			s.openKiosk()
		case 6:
			did = "centre"
			s.lan.set("cut") // a crash: what it says no more is lost
			s.stop()
			s.openCentre()
			s.lan.set("pass")
		case 7, 8:
			did = "printer"
			k := kinds[r.IntN(len(kinds))]
			s.printer.Fault(printertest.Fault{Kind: k, At: int64(r.IntN(60)), Drop: r.IntN(2) == 0})
			s.press("B")
			time.Sleep(time.Duration(r.IntN(30000)) * time.Millisecond)
			s.printer.Repair(k)
		default:
			time.Sleep(time.Duration(r.IntN(20000)) * time.Millisecond)
		}
		count[did]++
		for label, state := range s.slips() {
			if state == queue.SlipIsUnknown && r.IntN(2) == 0 || state == queue.SlipIsPrinted && r.IntN(40) == 0 {
				if _, err := s.d.engine.Do(t.Context(), queue.Request{Actor: "test", Role: queue.Supervisor, Command: queue.ReprintSlip{Ticket: s.ticket(label)}}); err == nil {
					count["reprint"]++
				}
			}
		}
	}
	s.printer.Repair(kinds...)
	s.lan.set("pass")
	pass(5 * time.Minute)
	s.lamps(kiosk.LampReady, 30*time.Second, "A")
	s.settled()
	count["numbers"] += len(s.slips())
	for _, p := range s.papers() {
		if strings.HasSuffix(p, "again") {
			count["again"]++
		}
	}
}

// settled checks what must hold once everything works again and some minutes
// have passed.
func (s *street) settled() {
	s.t.Helper()
	papers := map[string]int{}
	for _, p := range s.papers() {
		papers[p]++
	}
	main := map[queue.TicketID]int{} // printed at the main printer
	issues := map[string]int{}       // by key, which is the press's
	first := map[queue.TicketID]bool{}
	for r, err := range s.d.journal.Records(s.t.Context(), 1) {
		if err != nil {
			s.t.Fatal(err)
		}
		switch e := r.Event.(type) {
		case queue.TicketIssued:
			first[queue.TicketID(r.Seq)] = true
			if issues[r.Key]++; r.Key == "" || issues[r.Key] > 1 {
				s.t.Errorf("%s is number %d of press %q", e.Label, issues[r.Key], r.Key)
			}
		case queue.SlipQueued:
			first[e.Ticket] = false
		case queue.SlipSending:
			if r.Actor == "printer" && first[e.Ticket] {
				s.t.Errorf("ticket %d: the first paper left for the main printer, where nobody stands", e.Ticket)
			}
		case queue.SlipPrinted:
			if r.Actor == "printer" {
				main[e.Ticket]++
			}
		}
	}
	if len(issues) > s.presses {
		s.t.Errorf("%d numbers for %d presses", len(issues), s.presses)
	}
	for label, state := range s.slips() {
		out := papers[label] + papers[label+" again"] + main[s.ticket(label)]
		switch {
		case state == queue.SlipIsUnknown || state == queue.SlipIsFailed: // in the hands of staff
		case state != queue.SlipIsPrinted:
			s.t.Errorf("the slip of %s is %s for ever: %s", label, state, s.story(s.ticket(label)))
		case out == 0:
			s.t.Errorf("%s counts as printed, and there is no paper of it: %s", label, s.story(s.ticket(label)))
		}
		if n := papers[label]; n > 1 {
			s.t.Errorf("%d papers of %s without the mark: %s", n, label, s.story(s.ticket(label)))
		}
	}
}

// story is what the journal says of a ticket.
func (s *street) story(id queue.TicketID) string {
	var b strings.Builder
	for r, err := range s.d.journal.Records(s.t.Context(), queue.Seq(id)) {
		if about, ok := queue.Subject(&r); err == nil && ok && about == id {
			fmt.Fprintf(&b, "\n%s %d %s by %s key %s %s", r.At.Format("15:04:05.000"), r.Seq, r.Event.EventType(), r.Actor, r.Key, r.Data)
		}
	}
	return b.String()
}
