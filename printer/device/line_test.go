package device_test

import (
	"io"
	"os"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"motcua/internal/tty/ttytest"
)

// line is a terminal pair: the slave, at path, is the port the daemon opens;
// the master is the printer's end of the cable.
type line struct {
	master *os.File
	path   string
	once   sync.Once
}

func newLine(t *testing.T) *line {
	t.Helper()
	master, path := ttytest.Pair(t)
	l := &line{master: master, path: path}
	t.Cleanup(l.unplug)
	return l
}

func (l *line) control(t *testing.T, f func(fd int) error) {
	t.Helper()
	raw, err := l.master.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil || inner != nil {
		t.Fatal(err, inner)
	}
}

// raw switches the line discipline's own ideas off, as a USB node has none.
func (l *line) raw(t *testing.T) {
	t.Helper()
	l.control(t, func(fd int) error {
		tio, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			return err
		}
		tio.Iflag, tio.Oflag, tio.Lflag = 0, 0, 0
		return unix.IoctlSetTermios(fd, unix.TCSETS, tio)
	})
}

// settings are what was asked of the port.
func (l *line) settings(t *testing.T) *unix.Termios {
	t.Helper()
	var tio *unix.Termios
	l.control(t, func(fd int) (err error) {
		tio, err = unix.IoctlGetTermios(fd, unix.TCGETS)
		return err
	})
	return tio
}

var speeds = map[uint32]int{
	unix.B9600: 9600, unix.B19200: 19200, unix.B38400: 38400, unix.B57600: 57600, unix.B115200: 115200,
}

func (l *line) baud(t *testing.T) int {
	t.Helper()
	return speeds[l.settings(t).Cflag&unix.CBAUD]
}

// unplug ends the line as pulling an adapter out does.
func (l *line) unplug() { l.once.Do(func() { l.master.Close() }) }

// paced is the printer's end at the speed the port was set to: ten bits a byte,
// whatever the kernel's buffers would take at once.
type paced struct {
	io.ReadWriteCloser
	perByte time.Duration
	next    time.Time // when the wire is free again
	step    int
}

func (l *line) paced(t *testing.T) *paced {
	t.Helper()
	baud := l.baud(t)
	if baud == 0 {
		t.Fatal("the port has no speed")
	}
	return &paced{ReadWriteCloser: l.master, perByte: 10 * time.Second / time.Duration(baud), step: max(1, baud/10/100)}
}

func (p *paced) Read(b []byte) (int, error) {
	n, err := p.ReadWriteCloser.Read(b[:min(len(b), p.step)])
	if now := time.Now(); p.next.Before(now) {
		p.next = now
	}
	p.next = p.next.Add(time.Duration(n) * p.perByte)
	<-time.After(time.Until(p.next))
	return n, err
}
