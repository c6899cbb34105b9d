package rig

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Serial is a device in serial mode over USB (CDC ACM), such as a scanner, on
// the cable of the second printer, which must be out.
type Serial struct {
	Node string // /dev/ttyACM0

	t     testing.TB
	folds string   // of the gadget, in configfs
	end   *os.File // the device's own end; nil: it is pulled out
}

const (
	serialUDC = "dummy_udc.1"
	serialEnd = "/dev/ttyGS0"
)

// NewSerial plugs one in.
func NewSerial(t testing.TB) *Serial {
	t.Helper()
	gadgets := filepath.Dir(filepath.Dir(Env(t, "PRINTER2_UDC")))
	s := &Serial{Node: "/dev/ttyACM0", t: t, folds: filepath.Join(gadgets, "serial")}
	for _, dir := range []string{"strings/0x409", "functions/acm.0", "configs/c.1"} {
		if err := os.MkdirAll(filepath.Join(s.folds, dir), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{"idVendor": "0x05f9", "idProduct": "0x4204", "strings/0x409/product": "scanner"} {
		put(t, filepath.Join(s.folds, name), text)
	}
	link := filepath.Join(s.folds, "configs/c.1/acm.0")
	if err := os.Symlink(filepath.Join(s.folds, "functions/acm.0"), link); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	t.Cleanup(s.Unplug)
	s.Plug()
	return s
}

// Plug puts the cable in.
func (s *Serial) Plug() {
	s.t.Helper()
	put(s.t, filepath.Join(s.folds, "UDC"), serialUDC)
	Until(s.t, "see the serial device", func() error {
		if _, err := os.Stat(s.Node); err != nil {
			return err
		}
		fd, err := unix.Open(serialEnd, unix.O_RDWR|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		s.end = os.NewFile(uintptr(fd), serialEnd)
		return nil
	})
	raw, err := s.end.SyscallConn()
	if err != nil {
		s.t.Fatal(err)
	}
	var inner error
	err = raw.Control(func(fd uintptr) {
		tio := &unix.Termios{Cflag: unix.CS8 | unix.CREAD | unix.B9600} // raw
		inner = unix.IoctlSetTermios(int(fd), unix.TCSETS, tio)
	})
	if err != nil || inner != nil {
		s.t.Fatal(err, inner)
	}
}

// Unplug pulls the cable, if it is in.
func (s *Serial) Unplug() {
	s.t.Helper()
	if s.end == nil {
		return
	}
	s.end.Close() // first, as for a printer
	s.end = nil
	udc := filepath.Join(s.folds, "UDC")
	if strings.TrimSpace(get(s.t, udc)) != "" {
		put(s.t, udc, "")
	}
	Until(s.t, "see the serial device gone", func() error {
		if _, err := os.Stat(s.Node); err == nil {
			return fmt.Errorf("%s is there", s.Node)
		}
		return nil
	})
}

// Send sends bytes, as a scanner does.
func (s *Serial) Send(text string) {
	s.t.Helper()
	if _, err := s.end.WriteString(text); err != nil {
		s.t.Fatal(err)
	}
}
