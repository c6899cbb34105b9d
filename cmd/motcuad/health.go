package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"motcua/display/feed"
	"motcua/internal/engine"
	"motcua/internal/httpapi"
	"motcua/internal/parts"
	"motcua/internal/staff"
	"motcua/kiosk"
	"motcua/kiosk/scanner/reader"
	"motcua/printer/spool"
	"motcua/queue"
)

// printerHealth runs on a spool's goroutine: who looks at a board or console
// learns of an empty roll at once.
func (d *Daemon) printerHealth(h spool.Health) {
	d.tellReady()
	if w := d.setup.Load(); w != nil && h.Ready() {
		w.PrinterReady()
	}
	if p := d.paper.Load(); p != nil && !h.Ready() && d.showsNumbers() {
		p.queueJob(job{show: true})
	}
	d.touch()
}

// tellReady tells the panel whether a slip would come out now. Of two that do
// so at once the later word must be the last.
func (d *Daemon) tellReady() {
	d.readyMu.Lock()
	defer d.readyMu.Unlock()
	if k := d.kiosk.Load(); k != nil {
		k.SetPrinter(d.printerReady())
	}
}

// printerReady reports whether any printer would print.
func (d *Daemon) printerReady() bool {
	p := d.paper.Load()
	return p != nil && p.spool != nil && p.spool.Ready()
}

// devices lists what staff must know to be broken, or to be so soon.
func (d *Daemon) devices() []staff.Device {
	var list []staff.Device
	switch p := d.paper.Load(); {
	case p == nil:
	case p.spool == nil:
		list = append(list, staff.Device{Kind: firstPrinter, Code: "absent"})
	default:
		ready := p.spool.Ready()
		for i, h := range p.spool.Status() {
			switch h.Code {
			case spool.HealthOK, spool.HealthConnecting, spool.HealthClosed:
			default:
				list = append(list, staff.Device{Kind: p.printers[i].name, Code: string(h.Code), Covered: ready})
			}
		}
	}
	if k := d.kiosk.Load(); k != nil {
		for _, f := range k.State().Faults {
			// Once for each kind: a chip that is gone takes forty buttons along.
			if x := (staff.Device{Kind: "panel", Code: f.Code}); !slices.Contains(list, x) {
				list = append(list, x)
			}
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
	for _, p := range d.printerParts() {
		add(p)
	}
	add(d.panelPart())
	if d.scanner != nil {
		add(d.scannerPart())
	}
	for _, p := range d.doors.parts() {
		add(p)
	}
	add(d.clockPart())
	add(displaysPart(d.walls(), time.Now()))
	return h
}

// summary is health in one line, for the service manager.
func (d *Daemon) summary() string {
	var wrong []string
	for _, p := range d.health().Parts {
		if p.Status != httpapi.HealthOK {
			wrong = append(wrong, p.Name+" "+p.Code)
		}
	}
	if len(wrong) == 0 {
		return "all parts work"
	}
	return "degraded: " + strings.Join(wrong, ", ")
}

// How long the engine may be silent before the service manager is no longer
// told that it lives. Its loop turns each second; a card that stalls is no
// hang, unless it does so for a minute.
const (
	loopSilent  = 10 * time.Second
	storeSilent = time.Minute
)

// alive reports whether the engine works; whoever asks may kill the process.
func (d *Daemon) alive() bool { return turning(d.engine.Stats(), d.clock.Mono()) }

// turning judges an engine at the time now of its monotonic clock, in ms.
func turning(s engine.Stats, now int64) bool {
	if s.Committing != 0 {
		return now-s.Committing < storeSilent.Milliseconds()
	}
	return now-s.LastTurn < loopSilent.Milliseconds()
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
			p.Hint = "Open " + d.here() + "/setup in a browser; or start motcuad once with --centre and a centre file."
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

func (d *Daemon) printerParts() []httpapi.HealthPart {
	paper := d.paper.Load()
	if paper.spool == nil {
		return []httpapi.HealthPart{{Name: firstPrinter, Status: httpapi.HealthDegraded, Code: "absent",
			Msg: "no printer is configured", Hint: "Name it under [printer] device in motcua.toml."}}
	}
	var list []httpapi.HealthPart
	for i, s := range paper.spool.Status() {
		x := paper.printers[i]
		p := httpapi.HealthPart{Name: x.name, Code: string(s.Code), Msg: s.Detail, Hint: parts.PrinterHint(s.Code)}
		if p.Msg == "" {
			p.Msg = x.part.Note()
		}
		if left := leftWords(s.Left); left != "" {
			p.Msg = strings.TrimPrefix(p.Msg+"; "+left, "; ")
			if s.Code == spool.HealthPaperLow {
				p.Hint = "Have a new roll at hand. If the printer does not notice it, say so: POST /api/v1/printers/" + x.name + "/new-roll."
			}
		}
		if !s.Ready() && s.Code != spool.HealthConnecting {
			p.Status = httpapi.HealthDegraded
		} else if s.Unproven() {
			p.Status = httpapi.HealthDegraded
			if p.Msg == "" {
				p.Msg = "prints without proof"
			}
		} else if err := x.part.Unusable; err != nil {
			p.Status, p.Code, p.Msg, p.Hint = httpapi.HealthDegraded, "profile", err.Error(), parts.UnusableHint
		} else if wide := x.part.Misfit(); wide != "" {
			p.Status, p.Code, p.Msg, p.Hint = httpapi.HealthDegraded, "profile", wide, parts.MisfitHint
		}
		list = append(list, p)
	}
	return list
}

func (d *Daemon) panelPart() httpapi.HealthPart {
	p := httpapi.HealthPart{Name: "panel"}
	k := d.kiosk.Load()
	if k == nil || d.panel == nil {
		p.Status, p.Code, p.Msg, p.Hint = httpapi.HealthDegraded, kiosk.FaultAbsent, "no panel is wired", "List its buttons under [panel] in motcua.toml; until then numbers come from greeters."
		return p
	}
	faults := k.State().Faults
	if len(faults) == 0 {
		return p
	}
	worst := faults[0] // what concerns the whole panel comes first
	p.Status, p.Code, p.Msg, p.Hint = httpapi.HealthDegraded, worst.Code, worst.Msg, worst.Hint
	if worst.Button != "" {
		p.Msg = "button " + string(worst.Button) + ": " + p.Msg
	}
	if more := len(faults) - 1; more > 0 {
		p.Msg += fmt.Sprintf("; and %d more, see the log", more)
	}
	return p
}

func (d *Daemon) scannerPart() httpapi.HealthPart {
	p := httpapi.HealthPart{Name: "scanner"}
	s := d.scanner.Status()
	if p.Code, p.Msg, p.Hint = string(s.Code), s.Msg, s.Hint; s.Code != reader.OK && s.Code != reader.Opening {
		p.Status = httpapi.HealthDegraded
	}
	return p
}

// untrusted says of the clock that neither a network, a clock module nor a
// person vouches for it since the machine started.
const untrusted = "untrusted"

func (d *Daemon) clockPart() httpapi.HealthPart {
	p := httpapi.HealthPart{Name: "clock"}
	if !d.clock.OK() {
		p.Status, p.Code, p.Msg = httpapi.HealthDegraded, untrusted, "nobody vouches for the time"
		p.Hint = "Connect it to the internet once, fit a clock module, or let a supervisor confirm it on the page /setup/done; until then the open business day stays."
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
		if p.Name == displays { // none can be there yet
			continue
		}
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
	if w := d.setup.Load(); w != nil && w.Wanted() {
		say("  setup     waits for somebody with the code: it is on paper where a printer is reached;\n            → sudo motcua setup-code shows it")
	} else if !d.demo && len(d.machine.Access) == 0 && !d.anyPaired() {
		say("  access    nobody may sign in: no counter can be opened\n            → Draw a token with `motcua token` and put its entry into motcua.toml.")
	}
	if d.demo {
		say("\nThe demonstration office is open. Begin here:\n\n  %s/demo\n", base)
	} else {
		say("\n  start page    %s/", base)
		if w := d.setup.Load(); w != nil && w.Wanted() {
			say("  setup         %s/setup", d.here())
		}
	}
	say("  wall display  %s/display\n  consoles      %s/console\n  API           %s/api/v1/openapi.json\n", base, base, base)
}

const displays = "displays"

// screenSilent is how long a page on a named screen may go without drawing
// until it counts as frozen; its watcher acts at the same age.
const screenSilent = 30 * time.Second

// displaysPart says how many walls look at the board just now, and which of
// those on a named screen have stopped drawing. No wall is no fault: a hall may
// have no display at all.
func displaysPart(walls []feed.Client, now time.Time) httpapi.HealthPart {
	var frozen []string
	for _, c := range walls {
		if c.Status.Screen != "" && now.Sub(c.StatusAt) > screenSilent {
			frozen = append(frozen, c.Status.Screen)
		}
	}
	p := httpapi.HealthPart{Name: displays, Msg: fmt.Sprintf("%d displays connected", len(walls))}
	if len(walls) == 1 {
		p.Msg = "1 display connected"
	}
	if len(frozen) > 0 {
		p.Status, p.Code = httpapi.HealthDegraded, "frozen"
		p.Msg += "; nothing is drawn on " + strings.Join(frozen, ", ")
		p.Hint = "Look at that screen. motcua-display starts its browser anew by itself; elsewhere load the page again."
	}
	return p
}

// walls are the connections that show a board.
func (d *Daemon) walls() []feed.Client {
	return slices.DeleteFunc(d.hub.Clients(), func(c feed.Client) bool { return c.Kind != "board" && c.Kind != "board:*" })
}

// screen is when the page on a screen last said that it draws; zero: none is there.
func (d *Daemon) screen(name string) time.Time {
	var last time.Time
	for _, c := range d.walls() {
		if c.Status.Screen == name && c.StatusAt.After(last) {
			last = c.StatusAt
		}
	}
	return last
}
