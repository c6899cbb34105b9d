// Package tty opens serial lines: raw, with deadlines, and nobody else's.
//
// All reading and writing is done on a non-blocking file of our own.
// go.bug.st/serial sets speed and modem bits and keeps others out, since its
// own Write has neither deadline nor end and it has no flow control.
package tty

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"slices"
	"sync"
	"time"

	"go.bug.st/serial"
	"golang.org/x/sys/unix"
)

const (
	// What has not left the line when it is closed is given this long without
	// progress, and this long at all: a line that drains nothing would hold
	// Close for the kernel's 30 s.
	drainStall = 300 * time.Millisecond
	drainLimit = 5 * time.Second
	drainStep  = 10 * time.Millisecond

	tiocgexcl = 0x80045440 // TIOCGEXCL: is TIOCEXCL set? (asm-generic/ioctls.h)
)

// Flow is how one end tells the other to wait. The values stand in addresses
// and are never renamed.
type Flow string

const (
	RTSCTS  Flow = "rtscts"  // by wires: the other end's DTR on our CTS
	XonXoff Flow = "xonxoff" // by bytes of the other end
	NoFlow  Flow = "none"
)

// IsBaud reports whether a line can have this speed, in bits per second.
func IsBaud(n int) bool { return slices.Contains([]int{9600, 19200, 38400, 57600, 115200}, n) }

// IsFlow reports whether s names a flow control.
func IsFlow(s string) bool { return slices.Contains([]Flow{RTSCTS, XonXoff, NoFlow}, Flow(s)) }

// Line is an open serial line of 8 data bits, no parity and one stop bit. One
// goroutine may read while another writes. Close unblocks both.
type Line struct {
	file *os.File
	port serial.Port

	mu     sync.Mutex // protects closed
	closed bool
}

var _ io.ReadWriteCloser = (*Line)(nil)

// Open opens the line at path. [Explain] has words for the error.
func Open(path string, baud int, flow Flow) (*Line, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	l := &Line{file: os.NewFile(uintptr(fd), path)}
	if err := l.setUp(path, baud, flow); err != nil {
		if l.port != nil {
			l.port.Close()
		}
		l.file.Close()
		return nil, err
	}
	return l, nil
}

func (l *Line) setUp(path string, baud int, flow Flow) error {
	// An administrator gets past another's TIOCEXCL; two programs on one line
	// would each have half of what comes in.
	if err := l.control(func(fd int) error {
		if taken, err := unix.IoctlGetInt(fd, tiocgexcl); err != nil {
			return err
		} else if taken != 0 {
			return unix.EBUSY
		}
		return nil
	}); err != nil {
		return err
	}
	var err error
	if l.port, err = serial.Open(path, &serial.Mode{BaudRate: baud, DataBits: 8, Parity: serial.NoParity, StopBits: serial.OneStopBit}); err != nil {
		l.port = nil
		return err
	}
	// Ready to receive. A line without modem bits, as of a terminal pair, has none to set.
	_ = l.port.SetDTR(true)
	// serial.Open switched flow control off. It belongs to the line, not to a
	// descriptor, so it is set on ours.
	if err := l.control(func(fd int) error {
		t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			return err
		}
		t.Cflag &^= unix.CRTSCTS
		t.Iflag &^= unix.IXON | unix.IXOFF | unix.IXANY
		switch flow {
		case RTSCTS:
			t.Cflag |= unix.CRTSCTS
		case XonXoff:
			t.Iflag |= unix.IXON // only the other end can be flooded
			t.Cc[unix.VSTART], t.Cc[unix.VSTOP] = 0x11, 0x13
		}
		return unix.IoctlSetTermios(fd, unix.TCSETS, t)
	}); err != nil {
		return err
	}
	return l.file.SetDeadline(time.Time{}) // no poller, no deadlines
}

// control runs f on the descriptor and leaves it non-blocking.
func (l *Line) control(f func(fd int) error) error {
	raw, err := l.file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

// Explain says in plain words why a line can't be opened, and what helps; ""
// when it does not know.
func Explain(err error) (msg, hint string) {
	var p *serial.PortError
	switch {
	case Busy(err):
		return "in use by another program", "stop the other daemon, getty or modem program that has the port"
	case errors.As(err, &p) && p.Code() == serial.PermissionDenied, errors.Is(err, fs.ErrPermission):
		return "no permission", "the daemon's user must be in group dialout"
	case errors.Is(err, fs.ErrNotExist), Gone(err):
		return "no such port", "check that the adapter is plugged in; /dev/serial/by-path lists what is"
	case errors.Is(err, unix.EISDIR), errors.Is(err, unix.ENOTTY), errors.Is(err, unix.EINVAL):
		return "is not a serial port", "name one, such as serial:///dev/ttyUSB0"
	}
	return "", ""
}

// Busy reports whether an error of Open says that another program has the line.
func Busy(err error) bool {
	var p *serial.PortError
	return errors.As(err, &p) && p.Code() == serial.PortBusy || errors.Is(err, unix.EBUSY)
}

// Gone reports whether an error says that the line's adapter was pulled out.
func Gone(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, unix.EIO) || errors.Is(err, unix.ENXIO) || errors.Is(err, unix.ENODEV)
}

// Read returns what the other end says.
func (l *Line) Read(b []byte) (int, error) { return l.file.Read(b) }

// Write gives bytes to the kernel; that proves nothing about the other end.
func (l *Line) Write(b []byte) (int, error) { return l.file.Write(b) }

// SetReadDeadline bounds reads: they end with os.ErrDeadlineExceeded.
func (l *Line) SetReadDeadline(t time.Time) error { return l.file.SetReadDeadline(t) }

// SetWriteDeadline bounds writes in the same way.
func (l *Line) SetWriteDeadline(t time.Time) error { return l.file.SetWriteDeadline(t) }

// Close lets out what the other end still takes, drops the rest and gives the
// line free.
func (l *Line) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return os.ErrClosed
	}
	l.closed = true
	_ = l.file.SetDeadline(time.Unix(1, 0)) // a blocked read or write ends now
	l.drain()
	_ = l.port.Close()
	return l.file.Close()
}

// drain waits until the line is empty, at most drainLimit, and drops what it
// holds once nothing moves.
func (l *Line) drain() {
	begin := time.Now()
	moved, last := begin, -1
	for {
		left := 0
		if err := l.control(func(fd int) (err error) {
			left, err = unix.IoctlGetInt(fd, unix.TIOCOUTQ)
			return err
		}); err != nil || left == 0 {
			return
		}
		now := time.Now()
		if left != last {
			moved, last = now, left
		}
		if now.Sub(moved) >= drainStall || now.Sub(begin) >= drainLimit {
			_ = l.control(func(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCOFLUSH) })
			return
		}
		time.Sleep(drainStep)
	}
}
