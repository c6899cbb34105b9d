package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/internal/config"
	"motcua/kiosk"
)

type panelTestCmd struct {
	machineFile `embed:""`
	Seconds     int `help:"End after so many seconds; 0 = when interrupted (Ctrl+C)." placeholder:"N"`
}

const (
	lampShown = time.Second            // how long each lamp is lit in turn
	levelLook = 50 * time.Millisecond  // how often the contacts are looked at
	lampThank = 3 * time.Second        // how long a pressed button's lamp blinks
	settling  = 300 * time.Millisecond // until the lines are configured
)

// trial is a panel under test.
type trial struct {
	*console
	panel   testedPanel
	pressed map[kiosk.Button]int
	faults  int
	absent  bool // there are no lines yet
	closed  []kiosk.Button
	thanked map[kiosk.Button]time.Time // pressed then: the lamp blinks
}

func (c *panelTestCmd) Run(io *console) error {
	m, err := config.LoadMachine(c.Config)
	if err != nil {
		return err
	}
	if len(m.Panel.Buttons) == 0 {
		return fmt.Errorf("no panel is wired: list its buttons under [panel] in %s", c.Config)
	}
	if err := notBeside(io.ctx, m, "panel"); err != nil {
		return err
	}
	panel, err := io.openPanel(m.Panel)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(io.ctx)
	if c.Seconds > 0 {
		ctx, stop = context.WithTimeout(io.ctx, time.Duration(c.Seconds)*time.Second)
	}
	defer stop()
	t := &trial{console: io, panel: panel, pressed: map[kiosk.Button]int{}, thanked: map[kiosk.Button]time.Time{}}
	events := make(chan func(), 64)
	hand := func(f func()) {
		select {
		case events <- f:
		case <-ctx.Done():
		}
	}
	ended := make(chan error, 1)
	go func() {
		ended <- panel.Run(ctx,
			func(p kiosk.Press) { hand(func() { t.press(p) }) },
			func(f kiosk.Fault, cleared bool) { hand(func() { t.fault(f, cleared) }) })
	}()
	var lit []kiosk.Button // those with a lamp
	for _, b := range m.Panel.Buttons {
		if b.Lamp != "" {
			lit = append(lit, kiosk.Button(b.Button))
		}
	}
	t.run(ctx, events, lit)
	err = <-ended
	for _, b := range panel.Buttons() {
		if n := t.pressed[b]; n > 0 {
			io.say("%-8s pressed %d times", b, n)
		} else {
			io.say("%-8s never pressed", b)
		}
	}
	if err == nil && t.faults > 0 {
		return result(exitBroken)
	}
	return err
}

// run shows lamps and contacts until ctx ends.
func (t *trial) run(ctx context.Context, events <-chan func(), lamps []kiosk.Button) {
	next := time.NewTimer(settling)
	defer next.Stop()
	look := time.NewTicker(levelLook)
	defer look.Stop()
	begun := false // the lines are configured
	shown := 0     // lamps whose turn has come
	for {
		select {
		case <-ctx.Done():
			return
		case f := <-events:
			f()
		case <-next.C:
			if t.absent {
				next.Reset(settling)
				continue
			}
			begun = true
			t.panel.SetLamp("", kiosk.LampOff)
			if shown < len(lamps) {
				t.say("%-8s its lamp is lit now, and no other", lamps[shown])
				t.panel.SetLamp(lamps[shown], kiosk.LampReady)
				shown++
				next.Reset(lampShown)
				continue
			}
			t.panel.SetLamp("", kiosk.LampReady)
			t.say("Press each button. Its contact shows as closed and open, a press once.")
		case now := <-look.C:
			if begun {
				t.look()
			}
			for b, at := range t.thanked {
				if now.Sub(at) >= lampThank {
					delete(t.thanked, b)
					t.panel.SetLamp(b, kiosk.LampReady)
				}
			}
		}
	}
}

// look says which contacts have changed.
func (t *trial) look() {
	now := t.panel.Closed()
	for _, b := range t.panel.Buttons() {
		switch was, is := slices.Contains(t.closed, b), slices.Contains(now, b); {
		case is && !was:
			t.say("%-8s closed", b)
		case was && !is:
			t.say("%-8s open", b)
		}
	}
	t.closed = now
}

func (t *trial) press(p kiosk.Press) {
	t.pressed[p.Button]++
	t.thanked[p.Button] = time.Now()
	t.panel.SetLamp(p.Button, kiosk.LampPrinting)
	t.say("%-8s pressed, %d ms after the first touch", p.Button, time.Since(p.At).Milliseconds())
}

func (t *trial) fault(f kiosk.Fault, cleared bool) {
	if f.Code == kiosk.FaultAbsent {
		t.absent = !cleared
	}
	name := f.Button
	if name == "" {
		name = "panel"
	}
	if cleared {
		t.say("%-8s well again: %s", name, f.Code)
		return
	}
	t.faults++
	t.say("%-8s fault: %s → %s", name, strings.TrimSpace(f.Msg), f.Hint)
}
