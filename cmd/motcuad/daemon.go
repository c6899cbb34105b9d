package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/renameio/v2"

	"motcua/display"
	"motcua/display/feed"
	"motcua/internal/auth"
	"motcua/internal/config"
	"motcua/internal/engine"
	"motcua/internal/httpapi"
	"motcua/internal/journal"
	"motcua/internal/parts"
	"motcua/internal/setup"
	"motcua/internal/staff"
	"motcua/internal/sysd"
	"motcua/internal/web"
	"motcua/kiosk"
	"motcua/kiosk/scanner/reader"
	"motcua/queue"
	"motcua/router"
)

// version is this release's; it stands in the journal's schema notes, in hello
// frames and in the OpenAPI document.
const version = "0.3.0"

// Daemon is a whole centre in one process. Make it with Open, let it work with
// Run; Run closes it.
type Daemon struct {
	demo    bool
	machine config.Machine
	log     *slog.Logger
	out     io.Writer // what a person reads at start
	started time.Time

	listener net.Listener
	journal  *journal.Journal
	clock    *sysd.Clock
	engine   *engine.Engine
	web      *web.Web
	hub      *feed.Hub
	links    auth.Links
	auth     *auth.Authenticator
	server   *httpapi.Server
	panel    kiosk.Panel                  // nil: none
	scanner  *reader.Reader               // nil: none is configured
	setup    atomic.Pointer[setup.Wizard] // nil in a demonstration; the loop looks at it while Open still puts it in place
	// The loop and the spool look at these while Open still puts them in place.
	kiosk atomic.Pointer[kiosk.Kiosk]
	paper atomic.Pointer[paper]
	doors *doors
	stage *stage // the demonstration's machines; nil without --demo

	readyMu sync.Mutex // one word to the panel about the printers at a time

	onLoop       *queue.State // set while the hub runs inside the engine's turn; touched there only
	ticketsDirty atomic.Bool  // pages of tickets wait for their next publication

	touchMu sync.Mutex      // protects touched
	touched map[string]bool // topics to publish again; see touch
	touchC  chan struct{}   // wakes refresh
	dayOver chan struct{}   // wakes fold

	fatal   chan error // the engine's last word
	work    context.Context
	stop    context.CancelFunc // ends the goroutines below
	workers sync.WaitGroup
	loaded  journal.LoadInfo
}

// Open starts everything but the answering of requests; a part that is missing
// is an entry in health, only a journal that can't be written is an error.
func Open(ctx context.Context, f flags, out, logs io.Writer) (_ *Daemon, err error) {
	d := &Daemon{demo: f.Demo, out: out, started: time.Now(), fatal: make(chan error, 1),
		touched: map[string]bool{}, touchC: make(chan struct{}, 1), dayOver: make(chan struct{}, 1), panel: f.panel}
	// A Pi shares 1 GB with a browser: collect a little earlier than usual.
	debug.SetGCPercent(60)

	if d.machine, err = machine(f); err != nil {
		return nil, err
	}
	handler := slog.NewTextHandler(logs, &slog.HandlerOptions{Level: d.machine.LogLevel})
	d.log = slog.New(handler)
	log.SetFlags(0) // periph reports through the standard logger
	log.SetOutput(slog.NewLogLogger(handler, slog.LevelWarn).Writer())
	d.doors = newDoors(d)
	d.work, d.stop = context.WithCancel(context.WithoutCancel(ctx))
	defer func() {
		if err != nil {
			d.close()
		}
	}()
	if err = d.openPanel(); err != nil {
		return nil, err
	}
	if d.listener, err = parts.Listen(d.machine.Listen, "is another motcuad running? choose a free port with --listen"); err != nil {
		return nil, err
	}
	if err = d.openEngine(ctx, f); err != nil {
		return nil, err
	}
	if d.web, err = web.New(web.Options{}); err != nil {
		return nil, fmt.Errorf("load pages: %w", err)
	}
	if err = d.applyCentre(ctx, f); err != nil {
		return nil, err
	}
	if err = d.warnMisfits(ctx); err != nil {
		return nil, err
	}
	if err = d.openAccess(ctx); err != nil {
		return nil, err
	}
	if err = d.openHub(); err != nil {
		return nil, err
	}
	if d.demo {
		if d.stage, err = openStage(d.work, d); err != nil {
			return nil, err
		}
	}
	if err = d.openSetup(ctx); err != nil {
		return nil, err
	}
	if err = d.openPaper(ctx, f); err != nil {
		return nil, err
	}
	if err = d.openKiosk(); err != nil {
		return nil, err
	}
	if err = d.openServer(); err != nil {
		return nil, err
	}
	return d, nil
}

// machine reads what the machine is; flags win over the file.
func machine(f flags) (config.Machine, error) {
	m := config.Defaults()
	if f.Demo {
		m.Data = "motcua-demo"
	}
	if f.Config != "" {
		var err error
		if m, err = config.LoadMachine(f.Config); err != nil {
			return m, err
		}
	}
	if f.Listen != "" {
		m.Listen = f.Listen
	}
	if f.Data != "" {
		m.Data = f.Data
	}
	if f.Centre != "" {
		m.Centre = f.Centre
	}
	return m, nil
}

func (d *Daemon) openEngine(ctx context.Context, f flags) (err error) {
	d.journal, err = journal.Open(ctx, d.machine.Data, journal.Options{Logger: d.log.With("part", "journal"), Release: version, Fault: f.broken})
	if err != nil {
		return err
	}
	if err := d.journal.Check(ctx); err != nil {
		return err
	}
	state, info, err := d.journal.Load(ctx)
	if err != nil {
		return err
	}
	d.loaded = info
	f.clock.NotBefore = state.LastAt.Time()
	if boot := sysd.BootID(); !d.demo && boot != "unknown" {
		d.keepTrust(&f.clock, boot)
	}
	d.clock = sysd.NewClock(f.clock)
	if d.demo {
		d.clock.Confirm() // a demonstration takes the machine's word for it
	}
	d.engine, err = engine.New(engine.Options{
		State: state, Journal: d.journal, Picker: router.Live{}, Clock: d.clock, Boot: sysd.BootID(),
		Logger: d.log.With("part", "engine"),
		Fatal: func(err error) {
			select {
			case d.fatal <- err:
			default:
			}
		},
	})
	if err != nil {
		return fmt.Errorf("start engine: %w", err)
	}
	return d.engine.Open()
}

// applyCentre gives an empty journal its centre: the file's, or in a
// demonstration the demonstration office. The demonstration's day is open.
func (d *Daemon) applyCentre(ctx context.Context, f flags) error {
	var have *queue.Config
	var day queue.BusinessDay
	if err := d.engine.Read(ctx, func(s *queue.State) { have, day = s.Config, s.Day }); err != nil {
		return err
	}
	var want *queue.Config
	switch {
	case f.Centre != "" || have == nil && d.machine.Centre != "":
		c, err := config.LoadCentre(d.machine.Centre)
		if err != nil {
			return err
		}
		want = &c
	case have == nil && d.demo:
		c, err := config.Demo()
		if err != nil {
			return err
		}
		want = &c
	}
	do := func(c queue.Command) error {
		_, err := d.engine.Do(ctx, queue.Request{Actor: "motcuad", Role: queue.Machine, Command: c})
		return err
	}
	if want != nil && (have == nil || !same(have.Plain(), want.Plain())) {
		err := do(queue.ApplyConfig{Config: *want})
		if have != nil && errors.Is(err, &queue.Error{Code: queue.Conflict, Reason: queue.WhyInUse}) {
			// A hall at work goes on with what it has; the next start tries again.
			d.log.Error("centre file not applied", "file", d.machine.Centre, "err", err)
			fmt.Fprintf(d.out, "%s is not applied: %v\n", d.machine.Centre, err)
		} else if err != nil {
			return fmt.Errorf("apply centre: %w", err)
		}
	}
	if !d.demo {
		return nil // the engine's timer opens the day when the clock is trusted
	}
	if err := d.engine.Read(ctx, func(s *queue.State) { day = s.Day }); err != nil {
		return err
	}
	if today := queue.DayOf(d.clock.Now()); !day.Open || day.ID < today {
		if day.Open {
			if err := do(queue.Tick{}); err == nil {
				return nil
			}
		}
		if err := do(queue.OpenDay{}); err != nil && !errors.Is(err, &queue.Error{Code: queue.Conflict}) {
			return fmt.Errorf("open the day: %w", err)
		}
	}
	return nil
}

// same reports whether two configurations say the same.
func same(a, b *queue.Config) bool {
	if a == nil || b == nil {
		return a == b
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func (d *Daemon) openAccess(ctx context.Context) (err error) {
	if d.auth, err = auth.NewAuthenticator(d.machine.Access, d.demo); err != nil {
		return err
	}
	if err := d.openDevices(ctx); err != nil {
		return err
	}
	key, err := d.journal.Secret(ctx, "k_centre")
	if err != nil {
		return err
	}
	base := d.machine.PublicURL
	if base == "" && d.demo {
		base = "http://" + d.reachable(outward())
	}
	d.links = auth.Links{Centre: d.journal.Epoch(), Key: key, Base: base}
	return nil
}

// openLocal draws the token by which this machine's own programs learn what is
// wrong, another at each start, for root and the daemon's user to read. Without
// the file they learn less, and the daemon starts.
func (d *Daemon) openLocal() (sum string) {
	token, sum := auth.NewToken()
	if err := renameio.WriteFile(filepath.Join(d.journal.Dir(), config.LocalToken), []byte(token+"\n"), 0o600); err != nil {
		d.log.Warn("token of this machine's programs not kept: motcua doctor needs --token-file", "err", err)
		return ""
	}
	return sum
}

func (d *Daemon) openServer() (err error) {
	o := httpapi.Options{
		Engine: office{d.engine}, Web: d.web, Feed: d.hub, Auth: d.auth, Links: d.links,
		Board: func(s *queue.State, p queue.PointID) display.Board { return d.board(s, p) },
		Desk:  func(s *queue.State, c queue.CounterID) (staff.Desk, bool) { return d.desk(s, c) },
		Ticket: func(s *queue.State, day queue.Day, ref queue.Ref) (display.Ticket, bool) {
			return display.NewTicket(s, day, ref, queue.StampOf(d.clock.Now()), router.NoPass)
		},
		Hours: func(s *queue.State, p queue.PointID) display.Hours {
			return display.NewHours(s, p, queue.StampOf(d.clock.Now()), d.clock.OK())
		},
		Panel:  func(s *queue.State, p queue.PointID) httpapi.PanelView { return d.panelView(s, p) },
		Health: d.health, LocalSum: d.openLocal(), Screen: d.screen, Hosts: d.machine.HostNames(),
		PerSecond: float64(d.machine.Limits.PerSecond), Burst: d.machine.Limits.Burst, Version: version, Logger: d.log.With("part", "http"), Now: d.clock.Now, Clock: d.clock, Devices: d, Doors: d.doors, NewRoll: d.newRoll,
	}
	if d.stage != nil {
		o.Demo = d.stage
	}
	if w := d.setup.Load(); w != nil {
		o.Setup = w
	}
	d.server, err = httpapi.New(o)
	return err
}

// Addr is the address the daemon answers on.
func (d *Daemon) Addr() string { return d.listener.Addr().String() }

// reachable is the address to ask the daemon by: where it listens, or on host
// when it listens on all of the machine's addresses, which is none to go to.
func (d *Daemon) reachable(host string) string {
	at := d.listener.Addr().(*net.TCPAddr)
	if !at.IP.IsUnspecified() {
		return at.String()
	}
	return net.JoinHostPort(host, strconv.Itoa(at.Port))
}

// loopback reaches the daemon from this machine, whatever it listens on.
const loopback = "127.0.0.1"

// outward is this machine's address on its network, for other machines to
// use; loopback when it has none.
func outward() string {
	if list := parts.Addresses(); len(list) > 0 {
		return list[0]
	}
	return loopback
}

// Run answers until ctx ends or the engine gives up, then closes everything.
func (d *Daemon) Run(ctx context.Context) error {
	d.greet()
	d.workers.Go(d.refresh)
	d.workers.Go(d.fold)
	if w := d.setup.Load(); w != nil {
		d.workers.Go(func() {
			if err := w.Run(d.work); err != nil {
				d.log.Error("what the wizard kept is still there", "err", err)
			}
		})
	}
	d.workers.Go(d.doors.watch)
	d.workers.Go(func() {
		if err := sysd.Watchdog(d.work, d.alive); err != nil {
			d.log.Error("watchdog ended", "err", err)
		}
	})
	serve, stop := context.WithCancel(ctx)
	defer stop()
	served := make(chan error, 1)
	go func() {
		served <- httpapi.Serve(serve, d.listener, d.server, d.log.With("part", "http"), 2*time.Second)
	}()
	var err error
	serving := true
	if err := sysd.Ready(d.summary()); err != nil {
		d.log.Warn("service manager not told", "err", err)
	}
	select {
	case <-ctx.Done():
	case err = <-d.fatal:
	case err = <-served:
		serving = false
	}
	if err := sysd.Stopping(); err != nil {
		d.log.Warn("service manager not told", "err", err)
	}
	if d.stage != nil {
		d.stage.stopMorning() // its officers finish through the API
	}
	d.hub.Close() // before the server: its shutdown does not end sockets
	stop()
	if serving { // requests under way still have an engine to answer them
		err = errors.Join(err, <-served)
	}
	return errors.Join(err, d.close())
}

// close ends the parts in the order in which they use each other; parts that
// were never opened are nil.
func (d *Daemon) close() error {
	var errs []error
	d.stop() // first: what is asked for now could not be printed any more
	d.workers.Wait()
	if p := d.paper.Load(); p != nil {
		errs = append(errs, p.close())
	}
	if d.hub != nil {
		d.hub.Close()
	}
	if d.engine != nil {
		errs = append(errs, d.engine.Close())
	}
	if d.stage != nil {
		errs = append(errs, d.stage.close())
	}
	if d.journal != nil {
		errs = append(errs, d.journal.Close())
	}
	if d.listener != nil {
		d.listener.Close()
	}
	return errors.Join(errs...)
}
