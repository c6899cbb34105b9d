package main

import (
	"time"

	"motcua/internal/auth"
	"motcua/internal/parts"
	"motcua/kiosk"
	"motcua/queue"
)

// openKiosk joins the panel to the engine: the real one where pins are wired,
// the virtual one in a demonstration, none otherwise.
func (d *Daemon) openKiosk() error {
	switch {
	case d.panel != nil: // a test's own
	case len(d.machine.Panel.Buttons) > 0:
		p, err := parts.Panel(d.machine.Panel)
		if err != nil {
			return err
		}
		d.panel = p
	case d.stage != nil:
		d.panel = d.stage.panel
	default:
		return nil
	}
	k := kiosk.New(kiosk.Options{
		Panel: d.panel, Actor: "panel:main", Do: d.engine.Do, NewRef: auth.NewRef,
		Refused: d.paper.Load().refuse,
		Changed: func() {
			if d.stage != nil {
				d.stage.panelChanged()
			}
		},
		Pressed: func(p kiosk.Press) {
			if d.setup != nil {
				d.setup.Pressed(p)
			}
		},
		Logger: d.log.With("part", "panel"),
	})
	d.kiosk.Store(k)
	k.SetPrinter(d.printerReady())
	err := d.engine.Read(d.work, d.tellKiosk)
	if err != nil {
		return err
	}
	d.workers.Go(func() {
		if err := k.Run(d.work); err != nil {
			d.log.Error("panel ended", "err", err)
		}
	})
	return nil
}

// tellKiosk passes on what the lamps depend on; on the loop.
func (d *Daemon) tellKiosk(s *queue.State) {
	k := d.kiosk.Load()
	if k == nil {
		return
	}
	hall := kiosk.Hall{Point: d.machine.Panel.Point}
	if d.stage != nil {
		hall.Point = d.stage.standsAt()
	}
	if s.Config == nil {
		k.SetHall(hall)
		return
	}
	hall.Languages = s.Config.Languages
	env := queue.Env{Now: d.clock.Now(), ClockOK: d.clock.OK()}
	for i := range s.Config.Categories {
		id := s.Config.Categories[i].ID
		if s.View().Offer(id, hall.Point, env) == nil {
			hall.Categories = append(hall.Categories, id)
		}
	}
	k.SetHall(hall)
}

// lampRefresh is how often a face of the panel is told the time-bound parts of
// its state: a chosen language that nobody used runs out.
const lampRefresh = time.Second
