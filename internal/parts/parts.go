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
	"motcua/kiosk/scanner/reader"
	"motcua/printer"
	"motcua/printer/device"
	"motcua/printer/escpos"
	"motcua/printer/spool"
)

// Printer is a ticket printer: where it is and what it speaks.
type Printer struct {
	URI      string // as package device reads it
	Protocol printer.Protocol
	// Unknown, if not nil, hears of a printer whose model is not known, or is not
	// one for the profile named, with the profile in use and what to do; each
	// note once.
	Unknown func(id printer.DeviceID, profile, note string)
	// Unusable says why the profile's file is not used, so that the printer goes
	// by what it says of itself, or speaks what all do; nil when nothing is wrong.
	Unusable error

	buzzer bool
	auto   *escpos.Auto // nil: the profile is named in motcua.toml
	now    atomic.Pointer[escpos.Protocol]
	misfit atomic.Pointer[string] // see Misfit; nil: no printer was opened yet
	open   func(ctx context.Context, uri string) (device.Device, error)
}

// NewPrinter makes the printer of a configuration that names one. It does not
// reach for it yet. A profile's file that can't be used is no error, see
// [Printer.Unusable]: slips come out all the same. The error is a profile that
// does not come with the program.
func NewPrinter(c config.Printer) (*Printer, error) {
	p := &Printer{URI: device.Address(c.Device), buzzer: c.Buzzer, open: device.Open} // motcua.toml may name a node by its bare path
	var profile escpos.Profile
	if config.IsProfileFile(c.Profile) {
		if profile, p.Unusable = config.LoadProfile(c.Profile); p.Unusable != nil {
			c.Profile = config.AutoProfile
		}
	} else if c.Profile != config.AutoProfile {
		var err error
		if profile, err = escpos.Named(c.Profile); err != nil {
			return nil, err
		}
	}
	if c.Profile == config.AutoProfile {
		p.auto = escpos.NewAuto()
		if p.buzzer {
			p.auto.Sounding()
		}
		p.Protocol = p.auto
		profile, _ := escpos.ProfileFor(printer.DeviceID{})
		return p, p.speak(profile)
	}
	if !device.Answers(p.URI) {
		// Nobody acknowledges what is written to a plain file: without this each
		// slip would be waited for and end as unknown.
		profile.ProcessID, profile.AckAfterCut = false, false
	}
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
	if p.buzzer {
		protocol = protocol.Sounding()
	}
	p.now.Store(protocol)
	return nil
}

// Open connects to the printer and, where its profile is not named, learns it;
// it is the Open of [spool.Options].
func (p *Printer) Open(ctx context.Context) (spool.Link, error) {
	d, err := p.open(ctx, p.URI)
	if err != nil {
		return nil, err
	}
	var id printer.DeviceID
	if i, ok := d.(device.Identified); ok {
		id = i.ID()
	}
	if p.auto == nil {
		named, before := p.Now().Profile(), p.Misfit()
		note := escpos.Misfit(named, id)
		p.misfit.Store(&note)
		if note != "" && note != before && p.Unknown != nil {
			p.Unknown(id, named.Name, note)
		}
		return d, nil
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

// Misfit says why the profile that motcua.toml names is too wide for the
// printer that was opened last; empty when it is not, as far as is known.
func (p *Printer) Misfit() string {
	if s := p.misfit.Load(); s != nil {
		return *s
	}
	return ""
}

// MisfitHint says what to do about a profile that is too wide.
const MisfitHint = `Set profile = "auto" in motcua.toml, print with motcua printer test, and start motcuad again.`

// Now is the language as the printer that was opened last speaks it.
func (p *Printer) Now() *escpos.Protocol { return p.now.Load() }

// Note says why the printer's profile may not fit, or can't do what motcua.toml
// asks for; empty when nothing is known.
func (p *Printer) Note() string {
	if p.auto != nil && p.auto.Note() != "" {
		return p.auto.Note()
	}
	if now := p.Now().Profile(); p.buzzer && now.Buzzer == escpos.NoBuzzer {
		return fmt.Sprintf("profile %s knows no buzzer, so the printer does not sound: set buzzer in a profile's file of your own, or remove it under [printer] in motcua.toml", now.Name)
	}
	return ""
}

// UnusableHint says what to do about a profile's file that can't be used.
const UnusableHint = "Run `motcua printer profile` with the file's name: it lists what is wrong; then start motcuad again."

var printerHints = map[spool.Code]string{
	spool.HealthUnreachable: "Check its power, its cable and [printer] device in motcua.toml.",
	spool.HealthPaperOut:    "Put in a new roll.",
	spool.HealthPaperLow:    "Have a new roll at hand.",
	spool.HealthCover:       "Close the cover.",
	spool.HealthCutter:      "Switch it off, clear the cutter, switch it on.",
	spool.HealthHot:         "Let it cool; it goes on by itself.",
	spool.HealthOffline:     "Press its online key or see its display.",
	spool.HealthError:       "See the printer's own lamps.",
	spool.HealthGarbled:     "It answers nonsense: check [printer] profile against the model, and on a serial line the speed and the flow control.",
	spool.HealthSilent:      "It prints without saying so; check that the profile matches the model, and on a serial line the speed.",
	spool.HealthNoProof:     "It does not confirm slips; check that the profile matches the model.",
	spool.HealthJournal:     "See the journal's entry.",
}

// PrinterHint says what to do about a printer in this state; "" when nothing is.
func PrinterHint(c spool.Code) string { return printerHints[c] }

// Panel makes the panel of a configuration that has buttons. A line that can't
// be had is a fault of its button when the panel runs, and a machine without pins
// gives a panel that reports itself absent. The error is a
// [gpiopanel.ConfigError]: buttons without a name of their own.
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

// Scanner makes the reader of a configuration that names a scanner; a missing
// one is tried again for as long as it runs. See [reader.Options] for code and
// changed.
func Scanner(c config.Scanner, code func(text []byte), changed func(reader.Status)) (*reader.Reader, error) {
	return reader.New(reader.Options{URI: c.Device, Code: code, Changed: changed})
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
