package device_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"motcua/printer/device"
	"motcua/printer/printertest"
)

func TestBadAddresses(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ uri, want string }{
		{"", "tcp://host:9100"},
		{"lpt:1", "unknown scheme lpt"},
		{"/dev/usb/lp0", "write usb:///dev/usb/lp0"},
		{"/dev/ttyUSB0", "write serial:///dev/ttyUSB0?baud=38400"},
		{"/srv/slips.bin", "write file:///srv/slips.bin"},
		{"usb://lp0", "usb:///dev/usb/lp0 with three slashes"},
		{"usb:lp0", "usb:///dev/usb/lp0 with three slashes"},
		{"usb:///", "path missing"},
		{"usb:///dev/usb/lp0?mdl=x", "both a path and a device id"},
		{"usb:?model=TM-T20II", "unknown setting model"},
		{"usb:?mdl=%zz", "not key=value"},
		{"usb:///dev/usb/no-such-printer", "USB cable"},
		{"usb:///dev/null", "is not a USB printer"},
		{"usb://" + dir, "name the printer's node"},
		{"serial://dev/ttyUSB0", "serial:///dev/ttyUSB0"},
		{"serial:///", "path missing"},
		{"serial:///dev/ttyUSB0?speed=9600", "unknown setting speed"},
		{"serial:///dev/ttyUSB0?baud=2400", "use 9600, 19200"},
		{"serial:///dev/ttyUSB0?baud=+9600", "use 9600, 19200"},
		{"serial:///dev/ttyUSB0?flow=dtr", "use rtscts"},
		{"serial:///dev/no-such-port", "adapter is plugged in"},
		{"serial:///dev/null", "is not a serial port"},
		{"serial://" + dir, "is not a serial port"},
		{"tcp://10.0.0.9:9100?idle=now", "10.0.0.9:9100?idle=30s"},
		{"tcp://10.0.0.9:9100?idle=1ms", "no time from 1s to 1h"},
		{"tcp://10.0.0.9:9100?keep=1", "unknown setting keep"},
		{"tcp://10.0.0.9", "write tcp://10.0.0.9:9100"},
		{"tcp://:9100", "host missing"},
		{"tcp://10.0.0.9:9100/lp", "more than host and port"},
		{"file://dev/usb/lp0", "file:///dev/usb/lp0"},
		{"file:///", "path missing"},
		{"tcp://[::1", "not an address"},
		{"file:///dev/no-such-printer", "USB cable"},
		{"file://" + dir, "is a folder"},
		{"file://" + dir + "/none/slip.bin", "make the folder first"},
	} {
		t.Run(c.uri, func(t *testing.T) {
			d, err := device.Open(context.Background(), c.uri)
			if err == nil {
				d.Close()
				t.Fatal("opened")
			}
			var e *device.Error
			if !errors.As(err, &e) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %q does not say %q", err, c.want)
			}
		})
	}
}

func TestRefused(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	_, err = device.Open(context.Background(), "tcp://"+addr)
	if !errors.Is(err, unix.ECONNREFUSED) || !strings.Contains(err.Error(), "9100") {
		t.Errorf("error %q", err)
	}
	ctx, stop := context.WithCancel(context.Background())
	stop()
	if _, err := device.Open(ctx, "tcp://"+addr); !errors.Is(err, context.Canceled) {
		t.Errorf("error %q, want cancelled", err)
	}
}

func TestTCP(t *testing.T) {
	p := printertest.New(printertest.Options{})
	defer p.Close()
	s, err := p.Start(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	d, err := device.Open(t.Context(), s.URI())
	if err != nil {
		t.Fatal(err)
	}
	if d.String() != s.URI() {
		t.Errorf("device is called %s", d)
	}
	if _, err := d.Write([]byte("\x1b@A042\n\x1dV\x01\x10\x04\x01")); err != nil {
		t.Fatal(err)
	}
	_ = d.SetReadDeadline(time.Now().Add(5 * time.Second))
	var b [1]byte
	if _, err := io.ReadFull(d, b[:]); err != nil || b[0] != 0x12 {
		t.Errorf("printer said % X, %v", b, err)
	}
	_ = d.SetReadDeadline(time.Now().Add(-time.Second))
	if _, err := d.Read(b[:]); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read past its deadline: %v", err)
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if got := p.Tickets(); len(got) != 1 || got[0].Text != "A042\n" {
		t.Errorf("tickets %+v", got)
	}
}

func TestPlainFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "slips.bin")
	for _, text := range []string{"one", "two"} {
		d, err := device.Open(context.Background(), "file://"+path)
		if err != nil {
			t.Fatal(err)
		}
		_ = d.SetWriteDeadline(time.Now().Add(time.Second))
		if _, err := d.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
		_ = d.SetReadDeadline(time.Now().Add(-time.Second))
		if _, err := d.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read ended by %v, want its deadline", err)
		}
		_ = d.SetReadDeadline(time.Time{})
		read := make(chan error)
		go func() {
			_, err := d.Read(make([]byte, 1))
			read <- err
		}()
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		if err := <-read; !errors.Is(err, os.ErrClosed) {
			t.Errorf("read ended by %v, want Close", err)
		}
	}
	if got, _ := os.ReadFile(path); string(got) != "onetwo" {
		t.Errorf("file holds %q, want both writes", got)
	}
}

// A device node must have deadlines and be read while it is written. A
// terminal pair stands in for the printer's node, which needs a printer.
func TestDeviceNode(t *testing.T) {
	l := newLine(t)
	l.raw(t)
	d, err := device.Open(context.Background(), "file://"+l.path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()

	_ = d.SetReadDeadline(time.Now().Add(-time.Second))
	if _, err := d.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read ended by %v, want its deadline", err)
	}
	// A printer that drains nothing: the write ends by its deadline.
	_ = d.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
	n, err := d.Write(make([]byte, 1<<20))
	if !errors.Is(err, os.ErrDeadlineExceeded) || n == 0 || n == 1<<20 {
		t.Errorf("wrote %d bytes, %v; want some and the deadline", n, err)
	}
	if _, err := l.master.Write([]byte{0x12}); err != nil {
		t.Fatal(err)
	}
	_ = d.SetReadDeadline(time.Now().Add(5 * time.Second))
	var b [1]byte
	if _, err := io.ReadFull(d, b[:]); err != nil || b[0] != 0x12 {
		t.Errorf("read % X, %v", b, err)
	}
}

func ExampleOpen() {
	_, err := device.Open(context.Background(), "tcp://10.0.0.9")
	fmt.Println(err)
	// Output:
	// open printer tcp://10.0.0.9: port missing (printers listen on 9100: write tcp://10.0.0.9:9100)
}

func TestAnswers(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "slips.bin")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for uri, want := range map[string]bool{
		"tcp://127.0.0.1:9100":         true,
		"file://" + plain:              false,
		"file://" + plain + ".not-yet": false,
		"file:///dev/null":             true, // a device node may answer
		"usb:":                         true,
		"serial:///dev/ttyUSB0":        true,
		"nonsense":                     false,
	} {
		if got := device.Answers(uri); got != want {
			t.Errorf("%s answers: %t, want %t", uri, got, want)
		}
	}
}

func TestAddress(t *testing.T) {
	for in, want := range map[string]string{
		"/dev/usb/lp0": "usb:///dev/usb/lp0",
		"/dev/motcua/printer-platform-3f980000.usb-usb-0:1.2:1.0": "usb:///dev/motcua/printer-platform-3f980000.usb-usb-0:1.2:1.0",
		"/srv/a b?":      "file:///srv/a%20b%3F",
		"tcp://a:9100":   "tcp://a:9100",
		"usb:?mdl=POS80": "usb:?mdl=POS80",
	} {
		got := device.Address(in)
		if got != want {
			t.Errorf("%s becomes %s, want %s", in, got, want)
		}
		if err := device.Check(got); err != nil {
			t.Errorf("%s: %v", got, err)
		}
	}
}

func TestSame(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"/dev/usb/lp0", "usb:///dev/usb/lp0", true},
		{"/dev/usb/lp0", "usb:///dev/usb/../usb//lp0", true},
		{"/dev/usb/lp0", "/dev/usb/lp1", false},
		{"tcp://Printer.local:9100", "tcp://printer.local:9100/?idle=30s", true},
		{"tcp://printer.local:9100", "tcp://printer.local:9101", false},
		{"serial:///dev/ttyUSB0", "serial:///dev/ttyUSB0?baud=9600&flow=none", true},
		{"serial:///dev/ttyUSB0", "file:///dev/ttyUSB0", false},
		{"usb:?mdl=TM-T20II&mfg=Epson", "usb:?mfg=EPSON&mdl=TM-T20II", true},
		{"usb:?mdl=TM-T20II&sn=1", "usb:?mdl=TM-T20II&sn=2", false},
		{"usb:?mdl=TM-T20II", "usb:", false},
		{"usb:", "usb:", true},
		{"usb:", "usb:///dev/usb/lp0", false},
		{"file:///srv/a.bin", "/srv/x/../a.bin", true},
		{"nonsense", "nonsense", false},
	} {
		if got := device.Same(c.a, c.b); got != c.want {
			t.Errorf("%s and %s the same: %t, want %t", c.a, c.b, got, c.want)
		}
		if got := device.Same(c.b, c.a); got != c.want {
			t.Errorf("%s and %s the same: %t, want %t", c.b, c.a, got, c.want)
		}
	}
}

func TestIdleClose(t *testing.T) {
	for uri, want := range map[string]time.Duration{
		"tcp://10.0.0.9:9100":            0,
		"tcp://10.0.0.9:9100?idle=30s":   30 * time.Second,
		"tcp://10.0.0.9:9100/?idle=1m5s": 65 * time.Second,
		"usb:":                           0,
		"nonsense":                       0,
	} {
		if got := device.IdleClose(uri); got != want {
			t.Errorf("%s is let go after %s, want %s", uri, got, want)
		}
	}
}
