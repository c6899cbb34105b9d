package kiosktest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"motcua/kiosk"
)

// Panel is a panel that does what a test tells it. Make it with NewPanel; Name
// and Now may be changed before Run. Unlike real panels it checks nothing:
// it presses buttons it does not have, and faults may come in any order.
type Panel struct {
	// Name is what Boot returns. NewPanel sets "test-boot", the same for all,
	// so that keys can be written down in tests; a test of restarts gives each
	// start its own.
	Name string
	// Now stamps the presses. NewPanel sets time.Now, which inside
	// testing/synctest is the virtual clock.
	Now func() time.Time

	buttons []kiosk.Button
	steps   chan played

	mu      sync.Mutex // protects what follows
	count   uint64
	lamps   map[kiosk.Button]kiosk.Lamp
	told    []Told
	changed chan struct{} // closed and replaced when a lamp was told something
	running bool
}

// Step is one thing that happens to a panel: it waits After, then does the one
// thing that is set. Use the constructors Press, Fault, Clear and Wait.
type Step struct {
	After  time.Duration
	press  *kiosk.Press
	fault  *kiosk.Fault
	clears bool
}

// played is a step on its way to Run's goroutine.
type played struct {
	step Step
	done chan struct{}
}

// Told is one call of SetLamp, after the empty button was resolved.
type Told struct {
	Button kiosk.Button
	Lamp   kiosk.Lamp
}

var _ kiosk.Panel = (*Panel)(nil)

// NewPanel returns a panel with these buttons, all lamps off.
func NewPanel(buttons ...kiosk.Button) *Panel {
	p := &Panel{
		Name:    "test-boot",
		Now:     time.Now,
		buttons: slices.Clone(buttons),
		steps:   make(chan played),
		lamps:   make(map[kiosk.Button]kiosk.Lamp),
		changed: make(chan struct{}),
	}
	for _, b := range buttons {
		p.lamps[b] = kiosk.LampOff
	}
	return p
}

// Press is the step in which somebody presses a button; the panel counts.
func Press(b kiosk.Button) Step { return Step{press: &kiosk.Press{Button: b}} }

// Repeat is the step in which a press arrives once more with the count it had,
// as after a crash between the press and its answer.
func Repeat(p kiosk.Press) Step { return Step{press: &p} }

// Fault is the step in which a fault begins.
func Fault(f kiosk.Fault) Step { return Step{fault: &f} }

// Clear is the step in which a fault ends.
func Clear(f kiosk.Fault) Step { return Step{fault: &f, clears: true} }

// Wait is the step in which nothing happens for a while. Inside
// testing/synctest it costs no time.
func Wait(d time.Duration) Step { return Step{After: d} }

// Play plays the steps in order and returns when the callback of the last one
// has returned, or when ctx ends. It waits for Run to begin.
func (p *Panel) Play(ctx context.Context, steps ...Step) error {
	for i, s := range steps {
		if s.After > 0 {
			select {
			case <-time.After(s.After):
			case <-ctx.Done():
				return fmt.Errorf("play step %d: %w", i, ctx.Err())
			}
		}
		if s.press == nil && s.fault == nil {
			continue
		}
		play := played{step: s, done: make(chan struct{})}
		select {
		case p.steps <- play:
		case <-ctx.Done():
			return fmt.Errorf("play step %d: await the panel's run: %w", i, ctx.Err())
		}
		select {
		case <-play.done:
		case <-ctx.Done():
			return fmt.Errorf("play step %d: await the listener: %w", i, ctx.Err())
		}
	}
	return nil
}

// Run implements kiosk.Panel.
func (p *Panel) Run(ctx context.Context, press func(kiosk.Press), fault func(kiosk.Fault, bool)) error {
	p.mu.Lock()
	again := p.running
	p.running = true
	p.mu.Unlock()
	if again {
		return errors.New("run scripted panel: it is running already")
	}
	defer func() {
		p.mu.Lock()
		p.running = false
		p.mu.Unlock()
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case play := <-p.steps:
			switch s := play.step; {
			case s.press != nil:
				press(p.stamp(*s.press))
			case s.fault != nil:
				fault(*s.fault, s.clears)
			}
			close(play.done)
		}
	}
}

// stamp gives a new press its count and time and leaves a repeated one alone.
func (p *Panel) stamp(press kiosk.Press) kiosk.Press {
	if press.Count != 0 {
		return press
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.count++
	press.Count, press.At = p.count, p.Now()
	return press
}

// SetLamp implements kiosk.Panel.
func (p *Panel) SetLamp(b kiosk.Button, l kiosk.Lamp) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, name := range p.buttons {
		if (b != "" && b != name) || !l.Valid() {
			continue
		}
		p.lamps[name] = l
		p.told = append(p.told, Told{name, l})
	}
	close(p.changed)
	p.changed = make(chan struct{})
}

// Lamp returns what a lamp says now; the empty Lamp for a button the panel
// does not have.
func (p *Panel) Lamp(b kiosk.Button) kiosk.Lamp {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lamps[b]
}

// Told returns everything the lamps were told since the panel was made, in
// order, repetitions included.
func (p *Panel) Told() []Told {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.told)
}

// AwaitLamp waits until a lamp says l, or says at what it stood when ctx ended.
func (p *Panel) AwaitLamp(ctx context.Context, b kiosk.Button, l kiosk.Lamp) error {
	for {
		p.mu.Lock()
		shown, changed := p.lamps[b], p.changed
		p.mu.Unlock()
		if shown == l {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return fmt.Errorf("await lamp %q %s: it says %q: %w", b, l, shown, ctx.Err())
		}
	}
}

// Buttons implements kiosk.Panel.
func (p *Panel) Buttons() []kiosk.Button { return slices.Clone(p.buttons) }

// Boot implements kiosk.Panel.
func (p *Panel) Boot() string { return p.Name }
