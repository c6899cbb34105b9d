package gpiopanel

import (
	"context"
	"time"

	"periph.io/x/conn/v3/gpio"

	"motcua/kiosk"
)

const (
	lampRetry = 1 * time.Second // a lamp whose line failed is left alone for so long
	lampLook  = 2 * time.Second // chips that came and went are noticed within this
)

// light is one lamp as the lamp goroutine knows it. The line is written, never
// read: reading an output through periph turns it into an input.
type light struct {
	lamp   kiosk.Lamp
	since  time.Time  // when the pattern began
	shown  gpio.Level // the level last written
	known  bool       // shown is what the line has
	faulty bool       // lampFault was sent and lampWell was not
	retry  time.Time  // while faulty: not written before
}

// shine writes the lamps until ctx ends, then puts them out. Patterns that all
// buttons share count from the start of the run, so the panel blinks as one;
// printing counts from when it was set, so it is seen at once.
func (p *Panel) shine(ctx context.Context, start time.Time, send func(event)) {
	lights := make([]light, len(p.lines))
	wanted := make([]kiosk.Lamp, len(p.lines))
	chips := 0
	for {
		p.mu.Lock()
		copy(wanted, p.lamps)
		p.mu.Unlock()
		now := p.clock.Now()
		var next time.Duration // until the first lamp changes; 0: none will
		if p.wires != nil {
			// A steady lamp whose chip came back is dark, and nothing says so.
			if _, n, _ := p.wires.look(); n != chips {
				chips = n
				for i := range lights {
					lights[i].known = false
				}
			}
			next = lampLook
		}
		for i := range lights {
			l := &lights[i]
			if p.lines[i].Lamp == nil {
				continue
			}
			if l.lamp != wanted[i] {
				l.begin(wanted[i], start, now)
			}
			on, change := l.lamp.At(now.Sub(l.since))
			if d := p.write(i, l, gpio.Level(on), now, send); d > 0 {
				change = d
			}
			if change > 0 && (next == 0 || change < next) {
				next = change
			}
		}
		var tick <-chan time.Time
		if next > 0 {
			tick = p.clock.After(next)
		}
		select {
		case <-tick:
		case <-p.changed:
		case <-ctx.Done():
			for _, l := range p.lines {
				if l.Lamp != nil {
					_ = l.Lamp.Out(gpio.Low) // nothing left to report it to
				}
			}
			return
		}
	}
}

// begin starts a pattern.
func (l *light) begin(lamp kiosk.Lamp, start, now time.Time) {
	l.lamp, l.since = lamp, start
	if lamp == kiosk.LampPrinting {
		l.since = now
		if on, half := lamp.At(0); gpio.Level(on) == l.shown {
			l.since = now.Add(-half) // dark already: begin with the half that is seen
		}
	}
}

// write brings a line to a level and returns after how long it must be tried
// again, 0 when it need not.
func (p *Panel) write(i int, l *light, level gpio.Level, now time.Time, send func(event)) time.Duration {
	if l.known && l.shown == level {
		return 0
	}
	if l.faulty && now.Before(l.retry) {
		return l.retry.Sub(now)
	}
	if err := p.lines[i].Lamp.Out(level); err != nil {
		if !l.faulty {
			send(event{kind: lampFault, line: i, err: err})
		}
		l.known, l.faulty, l.retry = false, true, now.Add(lampRetry)
		return lampRetry
	}
	l.known, l.shown = true, level
	if l.faulty {
		l.faulty = false
		send(event{kind: lampWell, line: i})
	}
	return 0
}
