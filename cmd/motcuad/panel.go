package main

import (
	"cmp"
	"context"
	"time"

	"motcua/internal/auth"
	"motcua/internal/parts"
	"motcua/kiosk"
	"motcua/kiosk/scanner"
	"motcua/kiosk/scanner/reader"
	"motcua/kiosk/scans"
	"motcua/queue"
)

// openPanel takes the pins that are wired, before anything else opens files:
// see gpiopanel.
func (d *Daemon) openPanel() error {
	if d.panel != nil || len(d.machine.Panel.Buttons) == 0 {
		return nil // a test's own, or none
	}
	p, err := parts.Panel(d.machine.Panel)
	if err != nil {
		return err
	}
	d.panel = p
	return nil
}

// openKiosk joins panel and scanner to the engine: the real panel where pins are
// wired, the virtual one in a demonstration, none otherwise.
func (d *Daemon) openKiosk() error {
	if d.panel == nil && d.stage != nil {
		d.panel = d.stage.panel
	}
	if d.panel == nil && d.machine.Scanner.Device == "" {
		return nil
	}
	k := kiosk.New(kiosk.Options{
		Panel: d.panel, Actor: "panel:main", Do: d.engine.Do, NewRef: auth.NewRef,
		Refused:   d.paper.Load().refuse,
		ScanActor: "scanner:main", Ask: d.ask, Answered: d.paper.Load().answer,
		Changed: func() {
			if d.stage != nil {
				d.stage.panelChanged()
			}
		},
		Screen:  d.showsNumbers(),
		Faulted: func() { d.touch() }, // boards and consoles tell of it at once
		Pressed: func(p kiosk.Press) {
			if w := d.setup.Load(); w != nil {
				w.Pressed(p)
			}
		},
		Logger: d.log.With("part", "panel"),
	})
	d.kiosk.Store(k)
	d.tellReady()
	err := d.engine.Read(d.work, d.tellKiosk)
	if err != nil {
		return err
	}
	d.workers.Go(func() {
		if err := k.Run(d.work); err != nil {
			d.log.Error("panel ended", "err", err)
		}
	})
	return d.openScanner(k)
}

// openScanner hands what is scanned to the kiosk. Of a code nothing leaves but
// what package scanner keeps.
func (d *Daemon) openScanner(k *kiosk.Kiosk) error {
	if d.machine.Scanner.Device == "" {
		return nil
	}
	log := d.log.With("part", "scanner")
	r, err := parts.Scanner(d.machine.Scanner,
		func(text []byte) { k.Scan(scanner.Read(text, d.clock.Now().In(queue.Zone))) },
		func(s reader.Status) {
			if s.Code == reader.OK {
				log.Info("scanner ready")
			} else {
				log.Warn("scanner not ready", "code", s.Code, "msg", s.Msg, "hint", s.Hint)
			}
		})
	if err != nil {
		return err
	}
	d.scanner = r
	d.workers.Go(func() { r.Run(d.work) })
	return nil
}

// ask says what a scanned code asks for.
func (d *Daemon) ask(ctx context.Context, c scanner.Code, at queue.PointID) (a scans.Ask, err error) {
	got := make(chan scans.Ask, 1)
	err = d.engine.Read(ctx, func(s *queue.State) { got <- scans.Of(s, c, at, auth.NewRef(), d.links) })
	if err != nil {
		return a, err
	}
	return <-got, nil
}

// tellKiosk passes on what the lamps depend on; on the loop.
func (d *Daemon) tellKiosk(s *queue.State) {
	k := d.kiosk.Load()
	if k == nil {
		return
	}
	point := d.machine.Panel.Point
	if d.stage != nil {
		point = d.stage.standsAt()
	}
	hall := d.hall(s, point)
	hall.Scanner = cmp.Or(d.machine.Scanner.Point, hall.Point)
	k.SetHall(hall)
}

// hall is what a panel at a service point must know; on the loop.
func (d *Daemon) hall(s *queue.State, point queue.PointID) kiosk.Hall {
	hall := kiosk.Hall{Point: point}
	if s.Config == nil {
		return hall
	}
	hall.Languages = s.Config.Languages
	env := queue.Env{Now: d.clock.Now(), ClockOK: d.clock.OK()}
	for i := range s.Config.Categories {
		id := s.Config.Categories[i].ID
		if s.View().Offer(id, hall.Point, env) == nil {
			hall.Categories = append(hall.Categories, id)
		}
	}
	return hall
}

// lampRefresh is how often a face of the panel is told the time-bound parts of
// its state: a chosen language that nobody used runs out.
const lampRefresh = time.Second
