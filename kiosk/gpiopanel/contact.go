package gpiopanel

import (
	"context"
	"errors"
	"fmt"
	"time"

	"periph.io/x/conn/v3/gpio"
)

// The times of one contact. DESIGN.md has the reasons.
const (
	period    = 500 * time.Millisecond // a wait ends at the next multiple of this since Run began …
	shortest  = 120 * time.Millisecond // … that is at least this far away
	early     = 100 * time.Millisecond // a false before this is no timeout
	earlies   = 3                      // this many of them in a row are a fault
	backOff   = 1 * time.Second        // nothing is asked of a faulty line for this long
	drainWait = 1 * time.Millisecond   // an edge within this of the last is the same bounce
	drains    = 32                     // so chatter cannot hold the drain for ever
	settle    = 20 * time.Millisecond  // contacts of push buttons bounce for under 10 ms
	stuckLow  = 10 * time.Second       // nobody leans on a button that long
)

// event is what a contact tells the desk.
type event struct {
	kind eventKind
	line int
	at   time.Time // falling, down: when the contact first closed
	err  error     // ioFault, lampFault
}

type eventKind int

// The events of a contact, and the lamps' two. They never leave the process.
const (
	falling   eventKind = iota // an open contact may be closing: down or calm follows
	calm                       // it was nothing
	down                       // it is closed; a press if the desk agrees
	up                         // it is open
	stuck                      // it has been closed for stuckLow; ends with up
	ioFault                    // its line answers with err; nothing else until ioWell
	ioWell                     // its line answers again and the contact is open
	lampFault                  // the line of its lamp answers with err
	lampWell                   // it answers again
)

// contact watches one button's line and turns its edges into clean events. It
// is the debouncer: an edge is only a reason to look, and what counts is the
// level read when the contact has settled.
type contact struct {
	line  int
	in    Contact
	check func() error // may be nil
	clock Clock
	start time.Time // when Run began
	send  func(event)

	level    gpio.Level // the last settled level; High also means armed, see follow
	lowSince time.Time  // while level is Low: since when
	stuck    bool       // stuck was sent and up was not
	faulty   bool       // ioFault was sent and ioWell was not
}

// errEarly is what three early false returns mean: the line no longer waits.
var errEarly = errors.New("the line ends its waits at once, as when its chip is gone")

// watch runs until ctx ends.
func (c *contact) watch(ctx context.Context) {
	for ctx.Err() == nil {
		err := c.in.In(gpio.PullUp, gpio.BothEdges)
		if err != nil {
			err = fmt.Errorf("configure the line: %w", err)
		} else {
			err = c.follow(ctx)
		}
		if err == nil {
			return // ctx ended
		}
		if !c.faulty {
			c.faulty = true
			c.send(event{kind: ioFault, line: c.line, err: err})
		}
		c.sleep(ctx, backOff)
	}
}

// follow watches a configured line until ctx ends (nil) or the line fails.
func (c *contact) follow(ctx context.Context) error {
	// Whatever was known is void. The level begins as Low, whatever it is: a
	// contact must be seen open once before it can close, so one that is
	// closed now is no press.
	c.level, c.stuck, c.lowSince = gpio.Low, false, c.clock.Now()
	if c.in.Read() == gpio.High {
		if err := c.settled(ctx, c.clock.Now(), false); err != nil {
			return err
		}
	}
	for falses := 0; ctx.Err() == nil; {
		wait := c.untilTick()
		began := c.clock.Now()
		edge := c.in.WaitForEdge(wait)
		now := c.clock.Now()
		if !edge && now.Sub(began) < early {
			// No timeout, so the line is not to be believed, nor is what it
			// reads.
			if falses++; falses == earlies {
				return errEarly
			}
			continue
		}
		falses = 0
		if c.faulty && c.level == gpio.High {
			// It reads High and it waits: a dead line does at most one of them.
			c.faulty = false
			c.send(event{kind: ioWell, line: c.line})
		}
		// Read at each timeout too: an edge may have been lost.
		if edge || c.in.Read() != c.level {
			if err := c.settled(ctx, now, edge); err != nil {
				return err
			}
		}
		c.checkStuck()
	}
	return nil
}

// untilTick returns how long to wait for an edge. The waits of all contacts end
// at the same ticks, so what their timeouts find (a chip that is gone reads Low
// everywhere) is found in one moment, where the desk can tell it from people.
// The result is between shortest and shortest+period.
func (c *contact) untilTick() time.Duration {
	d := period - c.clock.Now().Sub(c.start)%period
	if d < shortest {
		d += period
	}
	return d
}

// settled lets the contact come to rest after something was seen at the given
// time, reads it and tells the desk what changed. The error is the line's.
func (c *contact) settled(ctx context.Context, at time.Time, edge bool) error {
	announced := c.level == gpio.High
	if announced {
		c.send(event{kind: falling, line: c.line, at: at})
	}
	if edge {
		for n := 0; n < drains && c.in.WaitForEdge(drainWait); n++ {
		}
	}
	if !c.sleep(ctx, settle) {
		return nil
	}
	level := c.in.Read()
	if level == gpio.Low && level != c.level && c.check != nil {
		// Read has no error: Low may be a press or a dead line.
		if err := c.check(); err != nil {
			return fmt.Errorf("check the line: %w", err)
		}
	}
	switch {
	case level == c.level:
		if announced {
			c.send(event{kind: calm, line: c.line})
		}
	case level == gpio.Low:
		c.level, c.lowSince = level, c.clock.Now()
		c.send(event{kind: down, line: c.line, at: at})
	default:
		c.level, c.stuck = level, false
		c.send(event{kind: up, line: c.line})
	}
	return nil
}

// checkStuck tells the desk once when the contact has been closed too long.
func (c *contact) checkStuck() {
	if c.level == gpio.Low && !c.stuck && !c.faulty && c.clock.Now().Sub(c.lowSince) > stuckLow {
		c.stuck = true
		c.send(event{kind: stuck, line: c.line})
	}
}

// sleep waits and reports whether ctx still lives.
func (c *contact) sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-c.clock.After(d):
		return true
	}
}
