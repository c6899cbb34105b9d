package main

import (
	"context"
	"fmt"
	"time"

	"motcua/internal/httpapi"
	"motcua/internal/staff"
	"motcua/kiosk"
	"motcua/printer/spool"
	"motcua/queue"
)

// printerHealth runs on the spool's goroutine: who looks at a board or console
// learns of an empty roll at once.
func (d *Daemon) printerHealth(h spool.Health) {
	if k := d.kiosk.Load(); k != nil {
		k.SetPrinter(h.Ready())
	}
	d.touch()
}

func (d *Daemon) printerReady() bool {
	p := d.paper.Load()
	return p != nil && p.spool != nil && p.spool.Status().Ready()
}

// devices lists what the hall or its staff must know to be broken.
func (d *Daemon) devices() []staff.Device {
	var list []staff.Device
	if p := d.paper.Load(); p != nil {
		code := "absent"
		if p.spool != nil {
			code = string(p.spool.Status().Code)
		}
		switch spool.Code(code) {
		case spool.HealthOK, spool.HealthConnecting, spool.HealthNoProof, spool.HealthSilent, spool.HealthClosed:
		default:
			list = append(list, staff.Device{Kind: "printer", Code: code})
		}
	}
	if k := d.kiosk.Load(); k != nil {
		for _, f := range k.State().Faults {
			list = append(list, staff.Device{Kind: "panel", Code: f.Code})
		}
	}
	return list
}

// health is what the daemon found and what is degraded, part by part.
func (d *Daemon) health() httpapi.Health {
	h := httpapi.Health{Status: httpapi.HealthOK, Version: version, Since: d.started}
	add := func(p httpapi.HealthPart) {
		if p.Status == "" {
			p.Status = httpapi.HealthOK
		}
		if p.Status != httpapi.HealthOK && h.Status == httpapi.HealthOK {
			h.Status = httpapi.HealthDegraded
		}
		h.Parts = append(h.Parts, p)
	}
	stats := d.engine.Stats()
	add(httpapi.HealthPart{Name: "journal", Msg: fmt.Sprintf("%d records verified at start, %d commands since", d.loaded.Records, stats.Commands)})
	add(d.centrePart())
	add(d.printerPart())
	add(d.panelPart())
	add(d.clockPart())
	return h
}

var printerHints = map[spool.Code]string{
	spool.HealthUnreachable: "Check its power, its cable and [printer] device in motcua.toml.",
	spool.HealthPaperOut:    "Put in a new roll.",
	spool.HealthPaperLow:    "Have a new roll at hand.",
	spool.HealthCover:       "Close the cover.",
	spool.HealthCutter:      "Switch it off, clear the cutter, switch it on.",
	spool.HealthHot:         "Let it cool; it goes on by itself.",
	spool.HealthOffline:     "Press its online key or see its display.",
	spool.HealthError:       "See the printer's own lamps.",
	spool.HealthSilent:      "It prints without saying so; check that the profile matches the model.",
	spool.HealthNoProof:     "It does not confirm slips; check that the profile matches the model.",
	spool.HealthJournal:     "See the journal's entry.",
}

// centrePart says what there is to give numbers for.
func (d *Daemon) centrePart() httpapi.HealthPart {
	p := httpapi.HealthPart{Name: "centre"}
	ctx, cancel := context.WithTimeout(d.work, time.Second)
	defer cancel()
	err := d.engine.Read(ctx, func(s *queue.State) {
		switch {
		case s.Config == nil:
			p.Status, p.Code, p.Msg = httpapi.HealthDegraded, queue.WhyNotConfigured, "no centre is configured, so no numbers can be taken"
			p.Hint = "Start it once with --centre and a centre file, or send one to PUT /api/v1/centre; --demo shows an example."
		case !s.Day.Open:
			p.Code, p.Msg = queue.WhyDayClosed, "the business day is closed"
		default:
			p.Msg = "the business day " + string(s.Day.ID) + " is open"
		}
	})
	if err != nil {
		p.Status, p.Code, p.Msg, p.Hint = httpapi.HealthDegraded, "engine", "the engine does not answer", "See the daemon's log."
	}
	return p
}

func (d *Daemon) printerPart() httpapi.HealthPart {
	p := httpapi.HealthPart{Name: "printer"}
	paper := d.paper.Load()
	if paper.spool == nil {
		p.Status, p.Code, p.Msg, p.Hint = httpapi.HealthDegraded, "absent", "no printer is configured", "Name it under [printer] device in motcua.toml."
		return p
	}
	s := paper.spool.Status()
	p.Code, p.Msg, p.Hint = string(s.Code), s.Detail, printerHints[s.Code]
	if p.Msg == "" {
		p.Msg = paper.note()
	}
	if !s.Ready() && s.Code != spool.HealthConnecting {
		p.Status = httpapi.HealthDegraded
	}
	return p
}

func (d *Daemon) panelPart() httpapi.HealthPart {
	p := httpapi.HealthPart{Name: "panel"}
	k := d.kiosk.Load()
	if k == nil {
		p.Status, p.Code, p.Msg, p.Hint = httpapi.HealthDegraded, kiosk.FaultAbsent, "no panel is wired", "List its buttons under [panel] in motcua.toml; until then numbers come from greeters."
		return p
	}
	for _, f := range k.State().Faults {
		p.Status, p.Code, p.Msg, p.Hint = httpapi.HealthDegraded, f.Code, f.Msg, f.Hint
	}
	return p
}

func (d *Daemon) clockPart() httpapi.HealthPart {
	p := httpapi.HealthPart{Name: "clock"}
	if !d.clock.OK() {
		p.Status, p.Code, p.Msg = httpapi.HealthDegraded, "untrusted", "nobody vouches for the time"
		p.Hint = "Connect it to the internet once, fit a clock module, or let a supervisor confirm it (POST /api/v1/clock/confirm); until then the open business day stays."
	}
	return p
}

// greet says in plain words what was found, what is degraded and where to look.
func (d *Daemon) greet() {
	say := func(format string, args ...any) { fmt.Fprintf(d.out, format+"\n", args...) }
	base := "http://" + d.reachable(loopback)
	say("motcua %s, data in %s", version, d.journal.Dir())
	say("  journal   %d records verified and replayed in %s", d.loaded.Records, d.loaded.Elapsed.Round(time.Millisecond))
	for _, p := range d.health().Parts[1:] {
		line := "ok"
		if p.Status != httpapi.HealthOK {
			line = p.Msg
			if line == "" {
				line = p.Code
			}
			if p.Hint != "" {
				line += "\n            → " + p.Hint
			}
		}
		say("  %-9s %s", p.Name, line)
	}
	if !d.demo && len(d.machine.Access) == 0 {
		say("  access    nobody may sign in: no counter can be opened\n            → Draw a token with `motcua token` and put its entry into motcua.toml.")
	}
	if d.demo {
		say("\nThe demonstration office is open. Begin here:\n\n  %s/demo\n", base)
	} else {
		say("\n  start page    %s/", base)
	}
	say("  wall display  %s/display\n  consoles      %s/console\n  API           %s/api/v1/openapi.json\n", base, base, base)
}
