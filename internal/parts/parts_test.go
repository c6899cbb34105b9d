package parts_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"motcua/internal/config"
	"motcua/internal/parts"
	"motcua/kiosk"
	"motcua/kiosk/gpiopanel"
	"motcua/printer"
	"motcua/printer/device"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

func TestPrinter(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "slips bin")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		device, uri string
		proof       bool
	}{
		{"tcp://127.0.0.1:9100", "tcp://127.0.0.1:9100", true},
		{"/dev/null", "file:///dev/null", true},
		{plain, "file://" + strings.ReplaceAll(plain, " ", "%20"), false}, // nobody answers there
	} {
		p, err := parts.NewPrinter(config.Printer{Device: c.device, Profile: "epson"})
		if err != nil {
			t.Fatal(err)
		}
		if p.URI != c.uri {
			t.Errorf("%s is at %s, want %s", c.device, p.URI, c.uri)
		}
		job, err := p.Protocol.Encode(printer.Slip{Number: "A001"}, 1)
		if err != nil || job.Proof != c.proof {
			t.Errorf("%s: proof %t, %v", c.device, job.Proof, err)
		}
	}
	if _, err := parts.NewPrinter(config.Printer{Device: "/dev/null", Profile: "none"}); err == nil {
		t.Error("a profile that is not there")
	}
}

// A profile's file is used, its buzzer too; one that can't be is passed over,
// with the reason and what to do, and slips come out all the same.
func TestProfileFile(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "mine.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, wrong := write("based_on = \"epson\"\nwidth_dots = 512\ndpi = 180\n"), write("based_on = \"epson\"\ndpi = 180\n")
	for _, c := range []struct {
		name     string
		c        config.Printer
		profile  string
		unusable string
		sounds   bool
		note     string
	}{
		{"file", config.Printer{Device: "tcp://127.0.0.1:9100", Profile: good}, "mine", "", false, ""},
		{"file with a buzzer", config.Printer{Device: "tcp://127.0.0.1:9100", Profile: good, Buzzer: true}, "mine", "", true, ""},
		{"wrong file", config.Printer{Device: "tcp://127.0.0.1:9100", Profile: wrong}, "generic", "mine.toml: 1 problem\n  line 2: width_dots", false, ""},
		{"no file", config.Printer{Device: "usb:", Profile: "/nowhere/mine.toml"}, "generic", "/nowhere/mine.toml", false, ""},
		{"buzzer nobody knows", config.Printer{Device: "tcp://127.0.0.1:9100", Profile: "generic", Buzzer: true}, "generic", "", false, "profile generic knows no buzzer"},
		{"automatic, buzzer nobody knows", config.Printer{Device: "usb:", Profile: "auto", Buzzer: true}, "generic", "", false, "profile generic knows no buzzer"},
	} {
		p, err := parts.NewPrinter(c.c)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if got := p.Now().Profile().Name; got != c.profile {
			t.Errorf("%s: profile %s, want %s", c.name, got, c.profile)
		}
		if (p.Unusable == nil) != (c.unusable == "") || p.Unusable != nil && !strings.Contains(p.Unusable.Error(), c.unusable) {
			t.Errorf("%s: unusable: %v", c.name, p.Unusable)
		}
		if note := p.Note(); (note == "") != (c.note == "") || !strings.Contains(note, c.note) {
			t.Errorf("%s: note %q, want %q", c.name, note, c.note)
		}
		job, err := p.Protocol.Encode(printer.Slip{Number: "A001"}, 1)
		if err != nil || strings.Contains(string(job.Bytes), "\x1B(A") != c.sounds {
			t.Errorf("%s: sounds: %t, %v", c.name, !c.sounds, err)
		}
	}
}

func TestPrinterOpens(t *testing.T) {
	paper := printertest.New(printertest.Options{})
	defer paper.Close()
	s, err := paper.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	p, err := parts.NewPrinter(config.Printer{Device: s.URI(), Profile: "epson"})
	if err != nil {
		t.Fatal(err)
	}
	link, err := p.Open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := link.Write([]byte("\x1b@T\n\x1dV\x01")); err != nil {
		t.Error(err)
	}
	if got, err := paper.Wait(t.Context(), 1); err != nil || got[0].Text != "T\n" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := link.Close(); err != nil {
		t.Error(err)
	}
}

// named is a device whose printer says what it is.
type named struct {
	device.Device
	id printer.DeviceID
}

func (n named) ID() printer.DeviceID { return n.id }

// A profile that is too wide for the printer that was plugged in is told, once,
// and no more when another one stands there.
func TestPrinterOfAnotherWidth(t *testing.T) {
	p, err := parts.NewPrinter(config.Printer{Device: "usb:", Profile: "epson"})
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	p.Unknown = func(_ printer.DeviceID, profile, note string) { told = append(told, profile+": "+note) }
	for _, c := range []struct {
		model, want string
		told        int
	}{{"TM-T20II", "", 0}, {"TM-T88V", "512", 1}, {"TM-T88V", "512", 1}, {"TM-T20II", "", 1}} {
		p.OpenBy(func(context.Context, string) (device.Device, error) {
			return named{id: printer.DeviceID{Manufacturer: "EPSON", Model: c.model}}, nil
		})
		if _, err := p.Open(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := p.Misfit(); (got == "") != (c.want == "") || !strings.Contains(got, c.want) || len(told) != c.told {
			t.Errorf("%s: %q, want %q; told %q", c.model, got, c.want, told)
		}
	}
}

// Every state in which a person can help has a hint.
func TestPrinterHint(t *testing.T) {
	for _, c := range []spool.Code{spool.HealthUnreachable, spool.HealthPaperOut, spool.HealthPaperLow, spool.HealthCover, spool.HealthCutter,
		spool.HealthHot, spool.HealthOffline, spool.HealthError, spool.HealthGarbled, spool.HealthSilent, spool.HealthNoProof, spool.HealthJournal} {
		if parts.PrinterHint(c) == "" {
			t.Errorf("%s has no hint", c)
		}
	}
	if got := parts.PrinterHint(spool.HealthOK); got != "" {
		t.Errorf("a well printer has the hint %q", got)
	}
}

// Whatever the machine has, a panel is there and says what it lacks.
func TestPanel(t *testing.T) {
	p, err := parts.Panel(config.Panel{Buttons: []config.Button{{Button: "A", Pin: "NO-SUCH-LINE"}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	var faults []kiosk.Fault
	err = p.Run(ctx, func(kiosk.Press) {}, func(f kiosk.Fault, _ bool) {
		faults = append(faults, f)
		stop()
	})
	if err != nil || len(faults) != 1 || faults[0].Msg == "" || faults[0].Hint == "" {
		t.Errorf("%v, faults %+v; want one that says what to do", err, faults)
	}
	if _, err := parts.Panel(config.Panel{Buttons: []config.Button{{Pin: "GPIO4"}}}); !errors.As(err, new(*gpiopanel.ConfigError)) {
		t.Errorf("a button without a name: %v", err)
	}
}

func TestListen(t *testing.T) {
	l, err := parts.Listen("127.0.0.1:0", "")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = parts.Listen(l.Addr().String(), "stop the other")
	if err == nil || !strings.Contains(err.Error(), "stop the other") {
		t.Errorf("taken: %v", err)
	}
	if _, err = parts.Listen("192.0.2.1:0", "x"); err == nil || !strings.Contains(err.Error(), "address of this machine") {
		t.Errorf("foreign: %v", err)
	}
	var op *net.OpError
	if !errors.As(err, &op) {
		t.Errorf("the cause is hidden: %v", err)
	}
}
