package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"motcua/internal/config"
	"motcua/internal/journal"
	"motcua/internal/parts"
	"motcua/internal/sysd"
	"motcua/kiosk"
	"motcua/kiosk/scanner/reader"
	"motcua/printer/device"
	"motcua/printer/spool"
	"motcua/queue"
)

type doctorCmd struct {
	machineFile `embed:""`
	Checks      []string `arg:"" optional:"" enum:"program,config,motcuad,journal,disk,clock,network,printer,panel,scanner,displays" help:"What to look at: program, config, motcuad, journal, disk, clock, network, printer, panel, scanner, displays. Without it: everything." placeholder:"CHECK"`
	TokenFile   string   `help:"File with an access token of any role, alone on its first line: a running motcuad tells how its parts are only to those with one." type:"path" placeholder:"FILE"`
	Writes      int      `help:"How many writes to time on the disk; 0 = 500, or 2000 for the disk alone." placeholder:"N"`
}

// Validate is called by kong before Run.
func (c *doctorCmd) Validate() error {
	if c.Writes < 0 || c.Writes > 1_000_000 {
		return fmt.Errorf("--writes %d: give 1 to 1000000, or 0", c.Writes)
	}
	return nil
}

// verdict is how a check ended. The words are printed.
type verdict string

const (
	fine    verdict = "ok"
	warning verdict = "warning"
	bad     verdict = "bad"
)

// report is one check's line.
type report struct {
	verdict  verdict
	said     []string
	remedies []string
	below    []string // lines under it
}

func (r *report) note(format string, args ...any) {
	r.said = append(r.said, fmt.Sprintf(format, args...))
}

func (r *report) found(v verdict, what, remedy string) {
	if r.verdict != bad {
		r.verdict = v
	}
	r.said = append(r.said, what)
	if remedy != "" && !slices.Contains(r.remedies, remedy) {
		r.remedies = append(r.remedies, remedy)
	}
}

func (r *report) warn(what, remedy string) { r.found(warning, what, remedy) }
func (r *report) bad(what, remedy string)  { r.found(bad, what, remedy) }

// line is the report as it is printed.
func (r *report) line(name string) string {
	flat := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	s := fmt.Sprintf("%-8s %-9s %s", cmp.Or(r.verdict, fine), name, flat(strings.Join(r.said, "; ")))
	if len(r.remedies) > 0 {
		s += " → " + flat(strings.Join(r.remedies, " "))
	}
	return s
}

// patient is the machine that is looked at.
type patient struct {
	*doctorCmd
	*console
	machine config.Machine
	health  *centreHealth // nil: no motcuad runs
	other   error         // who answers in its place
}

func (c *doctorCmd) Run(io *console) error {
	p := &patient{doctorCmd: c, console: io}
	checks := []struct {
		name string
		run  func(*report)
	}{
		{"program", p.program}, {"motcuad", p.daemon}, {"journal", p.journal}, {"disk", p.disk}, {"clock", p.clock},
		{"network", p.network}, {"printer", p.printer}, {"printer2", p.second}, {"panel", p.panel},
		{"scanner", p.scanner}, {"displays", p.displays},
	}
	wanted := func(name string) bool { return len(c.Checks) == 0 || slices.Contains(c.Checks, name) }
	worst := fine
	show := func(name string, r *report) {
		io.say("%s", r.line(name))
		for _, l := range r.below {
			io.say("%s", l)
		}
		if r.verdict == bad {
			worst = bad
		}
	}

	r := &report{}
	p.config(r)
	if wanted("config") || r.verdict == bad {
		show("config", r)
	}
	if r.verdict == bad && p.machine.Listen == "" {
		return result(exitBroken) // nothing to go by
	}
	token, err := daemon{TokenFile: c.TokenFile}.token()
	if err != nil {
		return err
	}
	if c.TokenFile == "" { // root and the daemon's user may read its own
		token, err = daemon{TokenFile: filepath.Join(p.machine.Data, config.LocalToken)}.token()
		if err != nil {
			token = ""
		}
	}
	p.health, p.other = askHealth(io.ctx, p.machine, token)
	for _, check := range checks {
		if io.ctx.Err() != nil {
			return io.ctx.Err()
		}
		asked := check.name
		if asked == "printer2" { // is looked at with the first, where there is one
			if asked = "printer"; p.machine.Second.Device == "" {
				continue
			}
		}
		if wanted(asked) {
			r := &report{}
			check.run(r)
			show(check.name, r)
		}
	}
	if worst == bad {
		return result(exitBroken)
	}
	return nil
}

// config reads the machine's file, and the centre's where it names one.
func (p *patient) config(r *report) {
	m, err := config.LoadMachine(p.Config)
	var file *config.Error
	switch {
	case errors.Is(err, fs.ErrPermission):
		r.bad(err.Error(), "Run it as the daemon's user: sudo -u motcua motcua doctor.")
		return
	case errors.Is(err, fs.ErrNotExist):
		r.bad(err.Error(), "Name the file with --config.")
		return
	case errors.As(err, &file):
		for _, problem := range file.Problems {
			r.bad(strings.TrimSuffix(problem.String(), " "+problem.Hint), problem.Hint)
		}
		return
	case err != nil:
		r.bad(err.Error(), "")
		return
	}
	p.machine = m
	r.note("%s is right", p.Config)
	if m.Centre == "" {
		return
	}
	centre, err := config.LoadCentre(m.Centre)
	if err != nil {
		r.bad(err.Error(), "Correct the centre's file; `motcua centre check` lists what is wrong.")
		return
	}
	for _, problem := range m.Against(&centre) {
		r.warn("it does not fit the centre: "+strings.TrimSuffix(problem.String(), " "+problem.Hint), problem.Hint)
	}
}

func (p *patient) daemon(r *report) {
	switch {
	case p.other != nil:
		r.bad(p.other.Error(), "Free the address, or give listen another one in motcua.toml.")
	case p.health == nil:
		r.note("does not run; its parts are tried from here")
	case p.health.Version == "":
		r.note("runs and says %q", p.health.Status)
		if p.health.Status != "ok" {
			r.warn("what is degraded it tells those with a token", "Run it as the daemon's user, sudo -u motcua motcua doctor, or name a token of any role with --token-file.")
		}
	default:
		r.note("%s runs since %s and says %q", p.health.Version, local(p.health.Since), p.health.Status)
	}
}

// told reports whether a running daemon has the part, and takes its word. What
// is missing but need not be there is a warning.
func (p *patient) told(r *report, name string) bool {
	if p.health == nil {
		return false
	}
	for _, part := range p.health.Parts {
		if part.Name != name {
			continue
		}
		what := cmp.Or(part.Message, part.Code, part.Status)
		switch {
		case part.Code == string(spool.HealthPaperLow):
			r.warn("motcuad says: "+what, part.Hint)
		case part.Status == "ok":
			r.note("motcuad says: %s", what)
		case name != "scanner" && part.Code == kiosk.FaultAbsent || part.Code == "untrusted":
			r.warn("motcuad says: "+what, part.Hint)
		default:
			r.bad("motcuad says: "+what, part.Hint)
		}
		return true
	}
	r.note("motcuad has it and tells those with a token (--token-file)")
	return true
}

// journal checks it quickly; `motcua journal verify` reads everything.
func (p *patient) journal(r *report) {
	if _, err := os.Stat(filepath.Join(p.machine.Data, journal.File)); errors.Is(err, fs.ErrNotExist) {
		r.note("none yet in %s; motcuad makes it at its first start", p.machine.Data)
		return
	}
	j, err := data{Data: p.machine.Data}.open(p.ctx)
	if err != nil {
		r.bad(err.Error(), "")
		return
	}
	defer j.Close()
	if err := j.Check(p.ctx); err != nil {
		r.bad(err.Error(), "Stop motcuad, set the folder aside unchanged, and restore the newest verified backup.")
		return
	}
	head, err := j.Head(p.ctx)
	if err != nil {
		r.bad(err.Error(), "")
		return
	}
	if head.Seq == 0 {
		r.note("sound and empty")
		return
	}
	r.note("%d records, its end is whole", head.Seq)
	if last := lastRecord(p.ctx, j, head.Seq); !last.IsZero() {
		r.note("the last of %s", local(last))
	}
}

// lastRecord is the time of record seq; zero when it can't be read.
func lastRecord(ctx context.Context, j *journal.Journal, seq queue.Seq) time.Time {
	for r, err := range j.Records(ctx, seq) {
		if err == nil {
			return r.At
		}
		break
	}
	return time.Time{}
}

func (p *patient) clock(r *report) {
	if p.health != nil && len(p.health.Parts) > 0 && p.told(r, "clock") {
		return
	}
	var floor time.Time
	if j, err := (data{Data: p.machine.Data}).open(p.ctx); err == nil {
		if head, err := j.Head(p.ctx); err == nil && head.Seq > 0 {
			floor = lastRecord(p.ctx, j, head.Seq)
		}
		j.Close()
	}
	judgeClock(r, sysd.NewClock(sysd.ClockOptions{NotBefore: floor}), floor, sysd.RTC())
}

func judgeClock(r *report, c *sysd.Clock, floor time.Time, rtc string) {
	now := c.Now()
	const remedy = "Connect it to the internet once or fit a clock module; or let a supervisor confirm it on the page /setup/done."
	switch {
	case now.Before(floor):
		r.bad(fmt.Sprintf("says %s, before the journal's last record of %s", local(now), local(floor)), remedy)
	case !c.OK():
		r.warn(fmt.Sprintf("says %s, and nobody vouches for it", local(now)), remedy)
	default:
		r.note("%s, vouched for", local(now))
	}
	if rtc == "" {
		r.note("no clock module: after a power cut without internet a person must confirm the day")
	} else {
		r.note("clock module %s", rtc)
	}
}

func (p *patient) network(r *report) {
	if p.health != nil {
		r.note("motcuad answers at %s", p.machine.Listen)
	} else if p.other == nil {
		l, err := parts.Listen(p.machine.Listen, "another program has it: stop that, or give listen another port in motcua.toml")
		if err != nil {
			r.bad(err.Error(), "")
		} else {
			l.Close()
			r.note("%s is free", p.machine.Listen)
		}
	}
	mine := addresses()
	host, _, _ := net.SplitHostPort(p.machine.Listen)
	if ip := net.ParseIP(host); host == "localhost" || ip != nil && ip.IsLoopback() {
		r.warn("only this machine is answered", `For displays and consoles elsewhere set listen = ":8480" in motcua.toml.`)
	} else if len(mine) == 0 {
		r.warn("this machine has no address on a network", "Check its network cable or Wi-Fi.")
	} else {
		r.note("reached at %s", strings.Join(mine, ", "))
	}
	for _, name := range p.machine.Hosts {
		ctx, cancel := context.WithTimeout(p.ctx, soon)
		found, err := net.DefaultResolver.LookupHost(ctx, name)
		cancel()
		switch {
		case err != nil:
			r.warn(fmt.Sprintf("hosts: %s is not found", name), "Enter the name in the network's name server, or for a .local name install avahi-daemon; or take it out of hosts.")
		case !slices.ContainsFunc(found, func(a string) bool { return slices.Contains(mine, a) || net.ParseIP(a).IsLoopback() }):
			r.warn(fmt.Sprintf("hosts: %s leads to %s and not here", name, strings.Join(found, ", ")), "Correct it in the network's name server.")
		}
	}
}

// addresses are this machine's on its networks.
func addresses() []string {
	var list []string
	all, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && n.IP.IsGlobalUnicast() {
			list = append(list, n.IP.String())
		}
	}
	return list
}

// greeting bounds how long a printer may take to be reached and to answer.
const greeting = 10 * time.Second

func (p *patient) printer(r *report) {
	if p.machine.Printer.Device == "" {
		r.warn("none is configured: numbers are shown, not printed", "Name it under [printer] device in motcua.toml.")
		return
	}
	p.tryPrinter(r, "printer", p.machine.Printer)
}

func (p *patient) second(r *report) { p.tryPrinter(r, "second_printer", p.machine.Second) }

// tryPrinter reaches for a printer, or takes the word of a daemon that has it,
// which knows it by this name.
func (p *patient) tryPrinter(r *report, name string, c config.Printer) {
	if p.told(r, name) {
		return
	}
	made, err := parts.NewPrinter(c)
	if err != nil {
		r.bad(err.Error(), "")
		return
	}
	if made.Unusable != nil {
		r.bad(made.Unusable.Error(), "Correct the file: `motcua printer profile` explains every key.")
	}
	if !device.Answers(made.URI) && !strings.HasPrefix(made.URI, "file:///dev/") {
		r.note("%s collects bytes and can't be asked", made.URI)
		return
	}
	changes := make(chan spool.Health, 64)
	s := spool.New(spool.Options{Open: made.Open, Protocol: made.Protocol, Log: steps(nil),
		OnHealth: func(h spool.Health) { offer(changes, h) }})
	defer s.Close()
	h := s.Status()
	late := time.After(greeting)
	for h.Code == spool.HealthConnecting && late != nil {
		select {
		case h = <-changes:
		case <-late:
			late = nil
		case <-p.ctx.Done():
			late = nil
		}
	}
	judgePrinter(r, made.URI, h)
	if wide := made.Misfit(); wide != "" {
		r.bad(wide, parts.MisfitHint)
	} else if note := made.Note(); note != "" && h.Connected {
		r.warn(note, "")
	}
}

func judgePrinter(r *report, uri string, h spool.Health) {
	switch h.Code {
	case spool.HealthOK:
		r.note("%s answers and is ready", uri)
	case spool.HealthPaperLow, spool.HealthSilent, spool.HealthNoProof:
		r.warn(printerWords(uri, h), parts.PrinterHint(h.Code))
	default:
		r.bad(printerWords(uri, h), parts.PrinterHint(h.Code))
	}
}

// printerWords is a printer's state in a few words.
func printerWords(uri string, h spool.Health) string {
	words := map[spool.Code]string{
		spool.HealthOK: "is ready", spool.HealthConnecting: "does not answer the call", spool.HealthUnreachable: "cannot be reached",
		spool.HealthPaperOut: "is out of paper", spool.HealthPaperLow: "is nearly out of paper", spool.HealthCover: "has its cover open",
		spool.HealthCutter: "has its cutter jammed", spool.HealthHot: "has its head too hot", spool.HealthOffline: "is offline",
		spool.HealthError: "has an error", spool.HealthGarbled: "answers nonsense", spool.HealthSilent: "takes bytes and answers nothing", spool.HealthNoProof: "confirms no slips",
	}
	s := uri + " " + cmp.Or(words[h.Code], string(h.Code))
	if h.Detail != "" {
		s += ": " + strings.TrimPrefix(h.Detail, "open printer "+uri+": ") // named already
	}
	return s
}

// offer hands h on and drops it when nobody listens any more.
func offer(to chan<- spool.Health, h spool.Health) {
	select {
	case to <- h:
	default:
	}
}

// panelTrial is how long the panel runs: a line that can't be had says so at
// once, and every level has been read by then.
const panelTrial = time.Second

func (p *patient) panel(r *report) {
	n := len(p.machine.Panel.Buttons)
	if n == 0 {
		r.warn("none is wired: numbers come from greeters", "List its buttons under [panel] in motcua.toml.")
		return
	}
	if p.told(r, "panel") {
		return
	}
	panel, err := p.openPanel(p.machine.Panel)
	if err != nil {
		r.bad(err.Error(), "")
		return
	}
	ctx, cancel := context.WithTimeout(p.ctx, panelTrial)
	defer cancel()
	closed := make(chan []kiosk.Button, 1)
	look := time.AfterFunc(panelTrial/2, func() { closed <- panel.Closed() })
	var faults []kiosk.Fault
	err = panel.Run(ctx, func(kiosk.Press) {}, func(f kiosk.Fault, cleared bool) {
		if !cleared {
			faults = append(faults, f)
		}
	})
	if err != nil {
		r.bad(err.Error(), "")
	}
	for _, f := range faults {
		r.bad(strings.TrimSpace(string(f.Button)+" "+f.Msg), f.Hint)
	}
	if look.Stop() || len(faults) > 0 {
		return // it ended before the look, or there is nothing to see
	}
	r.note("%d buttons on their lines", n)
	for _, b := range <-closed {
		r.warn(string(b)+" is pressed", "Unless somebody stands there, free the button or look for a wire to ground: motcua panel test.")
	}
}

// scanner takes the scanner for a moment: what is scanned meanwhile is lost.
func (p *patient) scanner(r *report) {
	uri := reader.Address(p.machine.Scanner.Device)
	if uri == "" {
		r.note("none is configured")
		for _, k := range (reader.Opener{}).Keyboards() {
			if k.Scanner {
				r.note("there is %s", k)
			}
		}
		if pos := (reader.Opener{}).POSMode(); len(pos) > 0 {
			r.warn("there is one in point-of-sale mode at "+strings.Join(pos, ", "), reader.POSRemedy)
		}
		return
	}
	if p.told(r, "scanner") {
		return
	}
	s, err := reader.Opener{}.Open(p.ctx, uri)
	var e *reader.Error
	switch {
	case errors.As(err, &e):
		r.bad(uri+": "+e.Msg, e.Hint)
	case err != nil:
		r.bad(err.Error(), "")
	default:
		s.Close()
		r.note("%s is there and can be taken; motcua scanner test shows what it reads", uri)
	}
}

func (p *patient) displays(r *report) {
	if !p.told(r, "displays") {
		r.note("known only while motcuad runs")
	}
}
