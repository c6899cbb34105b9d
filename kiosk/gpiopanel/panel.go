package gpiopanel

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"motcua/kiosk"
)

// Clock is the time a panel lives by. Durations are taken between two Nows, so
// they must not jump when the wall clock is set: Go's own times carry the
// monotonic clock and do not.
type Clock interface {
	Now() time.Time
	After(d time.Duration) <-chan time.Time
}

// wallClock is the machine's clock.
type wallClock struct{}

func (wallClock) Now() time.Time                         { return time.Now() }
func (wallClock) After(d time.Duration) <-chan time.Time { return time.After(d) }

// Options are what a panel may be given besides its lines. The zero value is
// right on a real machine.
type Options struct {
	Clock Clock  // nil: the machine's clock
	Boot  string // "": kiosk.NewBoot()
}

// ErrRunning is the error of a second Run while the first still runs.
var ErrRunning = errors.New("panel is running already")

// Panel is a button panel on open lines. Make it with Open or New.
type Panel struct {
	lines  []Line
	boot   string
	clock  Clock
	absent *kiosk.Fault // why there is no panel; nil when there is one
	wires  *wires       // where the lines come from; nil: they were given to New

	changed chan struct{} // capacity 1: some lamp was set

	mu      sync.Mutex // protects what follows
	running bool
	count   uint64
	lamps   []kiosk.Lamp // what each lamp shall say, by line
}

var _ kiosk.Panel = (*Panel)(nil)

// New makes a panel of open lines; every Line has an In. It touches no line:
// they are configured when Run begins. Without lines the panel is absent.
func New(lines []Line, opt Options) *Panel {
	p := &Panel{
		lines:   append([]Line(nil), lines...),
		boot:    opt.Boot,
		clock:   opt.Clock,
		changed: make(chan struct{}, 1),
		lamps:   make([]kiosk.Lamp, len(lines)),
	}
	if p.boot == "" {
		p.boot = kiosk.NewBoot()
	}
	if p.clock == nil {
		p.clock = wallClock{}
	}
	for i := range p.lamps {
		p.lamps[i] = kiosk.LampOff
	}
	if len(lines) == 0 {
		p.absent = &kiosk.Fault{
			Code: kiosk.FaultAbsent,
			Msg:  "the panel has no buttons",
			Hint: "list its buttons and their lines in the configuration",
		}
	}
	return p
}

// newAbsent makes a panel that will never be there; why has Msg and Hint.
func newAbsent(cfg Config, opt Options, why kiosk.Fault) *Panel {
	lines := make([]Line, len(cfg.Buttons))
	for i, b := range cfg.Buttons {
		lines[i].Button = b.Button
	}
	p := New(lines, opt)
	why.Code = kiosk.FaultAbsent
	p.absent = &why
	return p
}

// Buttons implements kiosk.Panel.
func (p *Panel) Buttons() []kiosk.Button {
	buttons := make([]kiosk.Button, len(p.lines))
	for i, l := range p.lines {
		buttons[i] = l.Button
	}
	return buttons
}

// Boot implements kiosk.Panel.
func (p *Panel) Boot() string { return p.boot }

// SetLamp implements kiosk.Panel.
func (p *Panel) SetLamp(b kiosk.Button, l kiosk.Lamp) {
	if !l.Valid() {
		return
	}
	p.mu.Lock()
	for i, line := range p.lines {
		if b == "" || b == line.Button {
			p.lamps[i] = l
		}
	}
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default: // the lamp goroutine has not looked yet and will see this too
	}
}

// awaitChips waits until there are chips to have lines on, and reports whether
// ctx still lives.
func (p *Panel) awaitChips(ctx context.Context, fault func(kiosk.Fault, bool)) bool {
	if p.wires == nil {
		return true
	}
	for missing := (*kiosk.Fault)(nil); ; {
		_, _, err := p.wires.look()
		switch {
		case err == nil && missing == nil:
			return true
		case err == nil:
			fault(*missing, true)
			return true
		case missing == nil:
			missing = &kiosk.Fault{Code: kiosk.FaultAbsent}
			missing.Msg, missing.Hint = explain(err, "the panel", hintService)
			fault(*missing, false)
		}
		select {
		case <-ctx.Done():
			return false
		case <-p.clock.After(backOff):
		}
	}
}

// Run implements kiosk.Panel. It has one goroutine for each button and one for
// all lamps; when ctx has ended the lamps are put out, because a lit button
// that nobody watches would be pressed.
func (p *Panel) Run(ctx context.Context, press func(kiosk.Press), fault func(kiosk.Fault, bool)) error {
	p.mu.Lock()
	again := p.running
	p.running = true
	p.mu.Unlock()
	if again {
		return fmt.Errorf("run panel: %w", ErrRunning)
	}
	defer func() {
		p.mu.Lock()
		p.running = false
		p.mu.Unlock()
	}()
	if p.absent != nil {
		fault(*p.absent, false)
		<-ctx.Done()
		return nil
	}
	if !p.awaitChips(ctx, fault) {
		return nil // ctx ended
	}

	// The buffer lets the contacts be watched on time while a callback runs.
	events := make(chan event, 16*len(p.lines))
	send := func(e event) {
		select {
		case events <- e:
		case <-ctx.Done():
		}
	}
	start := p.clock.Now()
	var wg sync.WaitGroup
	defer wg.Wait()
	for i, l := range p.lines {
		c := contact{line: i, in: l.In, check: l.Check, clock: p.clock, start: start, send: send}
		wg.Go(func() { c.watch(ctx) })
	}
	wg.Go(func() { p.shine(ctx, start, send) })

	d := desk{
		lines: make([]button, len(p.lines)),
		press: func(i int, at time.Time) {
			p.mu.Lock()
			p.count++
			n := p.count
			p.mu.Unlock()
			press(kiosk.Press{Button: p.lines[i].Button, Count: n, At: at})
		},
		fault: fault,
		open:  make(map[faultID]kiosk.Fault),
	}
	for i, l := range p.lines {
		d.lines[i].name = l.Button
	}
	for {
		// Once ctx has ended nothing more is called, even if both are ready.
		if ctx.Err() != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case e := <-events:
			d.handle(e)
		}
	}
}
