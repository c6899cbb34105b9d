package parts

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"syscall"

	"motcua/internal/config"
	"motcua/kiosk"
	"motcua/kiosk/gpiopanel"
	"motcua/printer"
	"motcua/printer/device"
	"motcua/printer/escpos"
	"motcua/printer/spool"
)

// Printer is a ticket printer: where it is and what it speaks.
type Printer struct {
	URI      string // as package device reads it
	Protocol printer.Protocol
	// Unknown, if not nil, hears of a printer whose model is not known, with
	// the profile that is used instead and what to do; each note once.
	Unknown func(id printer.DeviceID, profile, note string)

	auto *escpos.Auto // nil: the profile is named in motcua.toml
	now  atomic.Pointer[escpos.Protocol]
}

// NewPrinter makes the printer of a configuration that names one. It does not
// reach for it yet. The error is a profile that is not to be had.
func NewPrinter(c config.Printer) (*Printer, error) {
	p := &Printer{URI: device.Address(c.Device)} // motcua.toml may name a node by its bare path
	if c.Profile == config.AutoProfile {
		p.auto = escpos.NewAuto()
		p.Protocol = p.auto
		profile, _ := escpos.ProfileFor(printer.DeviceID{})
		return p, p.speak(profile)
	}
	profile, err := escpos.Named(c.Profile)
	if err != nil {
		return nil, err
	}
	// Nobody acknowledges what is written to a plain file: without this each
	// slip would be waited for and end as unknown.
	profile.ProcessID = profile.ProcessID && device.Answers(p.URI)
	if err := p.speak(profile); err != nil {
		return nil, err
	}
	p.Protocol = p.Now()
	return p, nil
}

func (p *Printer) speak(profile escpos.Profile) error {
	protocol, err := escpos.New(profile)
	if err != nil {
		return err
	}
	if strings.HasPrefix(p.URI, "serial:") {
		protocol = protocol.At(escpos.Stored) // the line is slow: bytes count
	}
	p.now.Store(protocol)
	return nil
}

// Open connects to the printer and, where its profile is not named, learns it;
// it is the Open of [spool.Options].
func (p *Printer) Open(ctx context.Context) (spool.Link, error) {
	d, err := device.Open(ctx, p.URI)
	if err != nil || p.auto == nil {
		return d, err
	}
	var id printer.DeviceID
	if i, ok := d.(device.Identified); ok {
		id = i.ID()
	}
	before := p.auto.Note()
	profile, note := p.auto.Recognise(id)
	if note != "" && note != before && p.Unknown != nil {
		p.Unknown(id, profile.Name, note)
	}
	if err := p.speak(profile); err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Now is the language as the printer that was opened last speaks it.
func (p *Printer) Now() *escpos.Protocol { return p.now.Load() }

// Note says why the printer's profile may not fit; empty when nothing is known.
func (p *Printer) Note() string {
	if p.auto == nil {
		return ""
	}
	return p.auto.Note()
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

// PrinterHint says what to do about a printer in this state; "" when nothing is.
func PrinterHint(c spool.Code) string { return printerHints[c] }

// Panel makes the panel of a configuration that has buttons. The error is a
// [gpiopanel.ConfigError] with all that is wrong; a machine without pins gives
// a panel that reports itself absent when it runs.
func Panel(c config.Panel) (*gpiopanel.Panel, error) {
	var wiring gpiopanel.Config
	for _, b := range c.Buttons {
		wiring.Buttons = append(wiring.Buttons, gpiopanel.ButtonConfig{Button: kiosk.Button(b.Button), Pin: b.Pin, Lamp: b.Lamp})
	}
	p, err := gpiopanel.Open(wiring, gpiopanel.Options{})
	if err != nil {
		return nil, fmt.Errorf("open panel: %w", err)
	}
	return p, nil
}

// Listen opens the address pages and API are served at. The error says what
// to do; taken is that for an address somebody else listens on.
func Listen(address, taken string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if err != nil {
		hint := "give --listen an address of this machine and a port, such as 127.0.0.1:8480, or :8480 for all its addresses"
		if errors.Is(err, syscall.EADDRINUSE) {
			hint = taken
		}
		return nil, fmt.Errorf("listen on %s: %w (%s)", address, err, hint)
	}
	return l, nil
}

// Addresses are this machine's on its networks, as others reach it: IPv4, since
// people have to type them.
func Addresses() []string {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var list []string
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			list = append(list, n.IP.String())
		}
	}
	return list
}
