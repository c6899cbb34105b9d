package main

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"sync"
	"time"

	"motcua/internal/auth"
	"motcua/internal/journal"
	"motcua/internal/setup"
	"motcua/kiosk"
	"motcua/printer"
	"motcua/printer/spool"
	"motcua/queue"
)

// openSetup prepares the first run, which a demonstration has none of.
func (d *Daemon) openSetup(ctx context.Context) (err error) {
	if d.demo {
		return nil
	}
	wanted := false
	if err := d.engine.Read(ctx, func(s *queue.State) { wanted = s.Config == nil }); err != nil {
		return err
	}
	o := setup.Options{
		Dir: d.journal.Dir(), Web: d.web, Do: office{d.engine}.Do, Read: d.engine.Read, Admit: d.admit, Paired: d.paired,
		Printer: triedPrinter{d}, Buttons: d.machine.Panel.Buttons, Clock: d.clock, Here: d.here,
		Logger: d.log.With("part", "setup"),
	}
	if len(d.machine.Panel.Buttons) > 0 {
		o.Panel = triedPanel{d}
	}
	w, err := setup.New(o, wanted)
	if err == nil {
		d.setup.Store(w)
	}
	return err
}

// here is where a browser of the same network finds this machine.
func (d *Daemon) here() string { return "http://" + d.reachable(outward()) }

// firstDevice is the name the browser that sets a centre up goes by.
const firstDevice = "setup"

// admit pairs the first browser, as a supervisor. Asked again with the same
// token it does nothing; who asks with another one comes in its place, since
// what went before made no centre.
func (d *Daemon) admit(ctx context.Context, tokenSHA256 string) (actor string, err error) {
	name := firstDevice
	if slices.ContainsFunc(d.machine.Access, func(a auth.Access) bool { return a.Name == name }) {
		name += "-1"
	}
	devices, err := d.journal.Devices(ctx)
	if err != nil {
		return "", err
	}
	for _, x := range devices {
		switch {
		case x.Revoked() || x.Name != name:
		case hex.EncodeToString(x.TokenSum[:]) == tokenSHA256:
			return name, nil
		default:
			if _, err := d.RevokeDevice(ctx, name, name); err != nil {
				return "", err
			}
		}
	}
	return name, d.AddDevice(ctx, auth.Access{Name: name, Role: queue.Supervisor, TokenSHA256: tokenSHA256}, name)
}

// paired names the device paired for a counter, the newest where there are several.
func (d *Daemon) paired(ctx context.Context) (map[queue.CounterID]string, error) {
	list, err := d.Devices(ctx)
	at := map[queue.CounterID]string{}
	for _, x := range list {
		if x.Counter != "" {
			at[x.Counter] = x.Name
		}
	}
	return at, err
}

// anyPaired reports whether somebody may sign in beside those in motcua.toml.
func (d *Daemon) anyPaired() bool {
	devices, err := d.journal.Devices(d.work)
	return err == nil && slices.ContainsFunc(devices, func(x journal.Device) bool { return !x.Revoked() })
}

// triedPanel is the panel in the hands of the wizard.
type triedPanel struct{ d *Daemon }

func (p triedPanel) Faults() []kiosk.Fault {
	if k := p.d.kiosk.Load(); k != nil {
		return k.State().Faults
	}
	return nil
}

func (p triedPanel) Light(lamps map[kiosk.Button]kiosk.Lamp) {
	if k := p.d.kiosk.Load(); k != nil {
		k.Try(lamps)
	}
}

// trial is a slip that is no ticket and somebody waits for.
type trial struct {
	id    printer.JobID
	mu    sync.Mutex // protects state
	state setup.PrintState
}

// triedPrinter is the printer in the hands of the wizard.
type triedPrinter struct{ d *Daemon }

func (t triedPrinter) Code() (code string, ready bool) {
	p := t.d.paper.Load()
	if p == nil || p.spool == nil {
		return "absent", false
	}
	return string(p.spool.Status()[0].Code), p.spool.Ready()
}

func (t triedPrinter) Width() int {
	const usual = 576 // dots of an 80 mm printer of 203 dpi
	if p := t.d.paper.Load(); p != nil && len(p.printers) > 0 {
		return p.printers[0].part.Now().Profile().WidthDots
	}
	return usual
}

func (t triedPrinter) Tried() setup.PrintState {
	p := t.d.paper.Load()
	if p == nil {
		return setup.PrintNone
	}
	x := p.tried.Load()
	if x == nil {
		return setup.PrintNone
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.state
}

// Try prints a slip that is no ticket.
func (t triedPrinter) Try(s printer.Slip) error {
	p := t.d.paper.Load()
	if p == nil || p.spool == nil {
		return errors.New("no printer is configured")
	}
	var id printer.JobID
	if err := t.d.engine.Read(t.d.work, func(st *queue.State) { id = p.noTicket(st) }); err != nil {
		return err
	}
	p.tried.Store(&trial{id: id, state: setup.PrintWaiting})
	return p.spool.Submit(spool.Request{ID: id, Slip: s, At: time.Now()})
}

// tryMoved notes a step of a slip that is no ticket, if somebody waits for it.
func (p *paper) tryMoved(id printer.JobID, m queue.SlipMoved) {
	x := p.tried.Load()
	if x == nil || x.id != id {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	switch {
	case m.To == queue.SlipIsPrinted && m.Proof:
		x.state = setup.PrintProved
	case m.To == queue.SlipIsPrinted:
		x.state = setup.PrintDone
	case m.To == queue.SlipIsFailed:
		x.state = setup.PrintFailed
	case m.To == queue.SlipIsUnknown:
		x.state = setup.PrintUnknown
	}
}
