package virtual

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"motcua/kiosk"
)

// Errors of Press and Run, for errors.Is.
var (
	// ErrUnknownButton: the panel has no button of that name.
	ErrUnknownButton = errors.New("unknown button")
	// ErrNotRunning: nobody listens to the panel now, so a press would be
	// lost; it was not counted.
	ErrNotRunning = errors.New("panel is not running")
	// ErrRunning: the panel runs already.
	ErrRunning = errors.New("panel is running already")
)

// Panel is a panel whose buttons are pressed by calls. Make it with NewPanel.
type Panel struct {
	buttons []kiosk.Button
	boot    string
	now     func() time.Time

	mu        sync.Mutex // protects what follows
	lamps     map[kiosk.Button]kiosk.Lamp
	changed   chan struct{} // closed and replaced when a lamp changes
	listening chan struct{} // closed when Run begins, replaced when it ends
	run       *run          // nil while nobody listens
	count     uint64
}

// run is one call of Run. The presses go through it to Run's goroutine.
type run struct {
	presses chan push
	ended   chan struct{} // closed when Run takes no more presses
}

type push struct {
	button kiosk.Button
	taken  chan kiosk.Press
}

var _ kiosk.Panel = (*Panel)(nil)

// NewPanel returns a panel with these buttons, all lamps off. Repeated names
// and the empty name are left out.
func NewPanel(buttons ...kiosk.Button) *Panel {
	p := &Panel{
		boot:      kiosk.NewBoot(),
		now:       time.Now,
		lamps:     make(map[kiosk.Button]kiosk.Lamp),
		changed:   make(chan struct{}),
		listening: make(chan struct{}),
	}
	for _, b := range buttons {
		if _, again := p.lamps[b]; again || b == "" {
			continue
		}
		p.lamps[b] = kiosk.LampOff
		p.buttons = append(p.buttons, b)
	}
	return p
}

// Listening returns a channel that is closed while Run listens: a press made
// after it closed is taken, unless Run ends meanwhile. Once Run has ended, ask
// for a new channel.
func (p *Panel) Listening() <-chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.listening
}

// Press pushes a button and returns when the listener has taken the press: the
// press is then counted and its callback has returned. If ctx ends first the
// press was not taken and nothing was counted, except in the moment in which
// the callback is running: then ctx only ends the wait.
func (p *Panel) Press(ctx context.Context, b kiosk.Button) (kiosk.Press, error) {
	p.mu.Lock()
	r, known := p.run, slices.Contains(p.buttons, b)
	p.mu.Unlock()
	if !known {
		return kiosk.Press{}, fmt.Errorf("press button %q: %w: this panel has %v", b, ErrUnknownButton, p.Buttons())
	}
	if r == nil {
		return kiosk.Press{}, fmt.Errorf("press button %q: %w: start the daemon's kiosk first", b, ErrNotRunning)
	}
	push := push{button: b, taken: make(chan kiosk.Press, 1)}
	select {
	case r.presses <- push:
	case <-r.ended:
		return kiosk.Press{}, fmt.Errorf("press button %q: %w: it stopped before the press was taken", b, ErrNotRunning)
	case <-ctx.Done():
		return kiosk.Press{}, fmt.Errorf("press button %q: %w", b, ctx.Err())
	}
	select {
	case press := <-push.taken:
		return press, nil
	case <-ctx.Done():
		return kiosk.Press{}, fmt.Errorf("press button %q: await the listener: %w", b, ctx.Err())
	}
}

// Run hands the presses to press until ctx ends. A virtual panel has no faults.
func (p *Panel) Run(ctx context.Context, press func(kiosk.Press), _ func(kiosk.Fault, bool)) error {
	r := &run{presses: make(chan push), ended: make(chan struct{})}
	p.mu.Lock()
	if p.run != nil {
		p.mu.Unlock()
		return fmt.Errorf("run virtual panel: %w", ErrRunning)
	}
	p.run = r
	close(p.listening)
	p.mu.Unlock()
	defer func() {
		p.mu.Lock()
		p.run = nil
		p.listening = make(chan struct{})
		p.mu.Unlock()
		close(r.ended)
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case push := <-r.presses:
			p.mu.Lock()
			p.count++
			taken := kiosk.Press{Button: push.button, Count: p.count, At: p.now()}
			p.mu.Unlock()
			press(taken)
			push.taken <- taken
		}
	}
}

// SetLamp implements kiosk.Panel.
func (p *Panel) SetLamp(b kiosk.Button, l kiosk.Lamp) {
	if !l.Valid() {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	changed := false
	for name, shown := range p.lamps {
		if (b == "" || b == name) && shown != l {
			p.lamps[name] = l
			changed = true
		}
	}
	if changed {
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// Lamps returns what every lamp says now, and a channel that is closed at the
// next change: read, show, wait, read again. Changes between two reads merge
// into one, so a slow page shows the newest lamps and never a backlog. The
// lamps' patterns are kiosk.Lamp.At; whoever draws them keeps the time.
func (p *Panel) Lamps() (lamps map[kiosk.Button]kiosk.Lamp, changed <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return maps.Clone(p.lamps), p.changed
}

// Buttons implements kiosk.Panel.
func (p *Panel) Buttons() []kiosk.Button { return slices.Clone(p.buttons) }

// Boot implements kiosk.Panel.
func (p *Panel) Boot() string { return p.boot }
