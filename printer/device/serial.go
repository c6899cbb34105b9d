package device

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"go.bug.st/serial"
	"golang.org/x/sys/unix"
)

const (
	defaultBaud = 38400 // slower ones keep people waiting
	defaultFlow = "rtscts"

	// What has not left the port when it is closed is given this long without
	// progress, and this long at all: a port that drains nothing would hold
	// Close for the kernel's 30 s.
	drainStall = 300 * time.Millisecond
	drainLimit = 5 * time.Second
	drainStep  = 10 * time.Millisecond

	tiocgexcl = 0x80045440 // TIOCGEXCL: is TIOCEXCL set? (asm-generic/ioctls.h)
)

var (
	bauds = []int{9600, 19200, 38400, 57600, 115200}
	flows = []string{"rtscts", "xonxoff", "none"}
)

func checkSerial(u *url.URL) (msg, hint string) {
	at := "serial://" + u.Path
	switch {
	case u.Host != "" || u.Opaque != "":
		return "serial address names a host", "three slashes: serial:///" + u.Host + strings.TrimPrefix(u.Opaque, "/") + u.Path
	case u.Path == "" || u.Path == "/":
		return "path missing", "write serial:///dev/ttyUSB0?baud=38400, better the port's link under /dev/serial/by-path"
	case u.Fragment != "":
		return "path has #", "write it as %23"
	}
	if key := unknownKey(u, "baud", "flow"); key != "" {
		return "unknown setting " + key, "write baud and flow, as in " + at + "?baud=38400&flow=rtscts"
	}
	if q := u.Query(); q.Has("baud") && !slices.Contains(bauds, number(q.Get("baud"))) {
		return "no such speed " + strconv.Quote(q.Get("baud")), "use 9600, 19200, 38400, 57600 or 115200, as the printer's self-test slip says"
	}
	if q := u.Query(); q.Has("flow") && !slices.Contains(flows, q.Get("flow")) {
		return "no such flow control " + strconv.Quote(q.Get("flow")), "use rtscts (the printer's DTR wired to CTS), xonxoff or none"
	}
	return "", ""
}

func number(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil || strconv.Itoa(n) != s {
		return 0
	}
	return n
}

// serialDevice is a printer's serial port. All reading and writing is done on
// a non-blocking file of our own; go.bug.st/serial sets speed and modem bits
// and keeps others out, since its own Write has neither deadline nor end.
type serialDevice struct {
	uri  string
	file *os.File
	port serial.Port

	mu     sync.Mutex // protects closed
	closed bool
}

var _ Device = (*serialDevice)(nil)

func openSerial(uri string, u *url.URL) (Device, error) {
	baud, flow := defaultBaud, defaultFlow
	if q := u.Query(); q.Has("baud") {
		baud = number(q.Get("baud"))
	}
	if q := u.Query(); q.Has("flow") {
		flow = q.Get("flow")
	}
	fd, err := unix.Open(u.Path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, explainSerial(uri, err)
	}
	d := &serialDevice{uri: uri, file: os.NewFile(uintptr(fd), u.Path)}
	if err := d.setUp(u.Path, baud, flow); err != nil {
		if d.port != nil {
			d.port.Close()
		}
		d.file.Close()
		return nil, explainSerial(uri, err)
	}
	return d, nil
}

func (d *serialDevice) setUp(path string, baud int, flow string) error {
	// An administrator gets past another's TIOCEXCL; two writers on one line
	// would mix their slips.
	if err := d.control(func(fd int) error {
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
	if d.port, err = serial.Open(path, &serial.Mode{BaudRate: baud, DataBits: 8, Parity: serial.NoParity, StopBits: serial.OneStopBit}); err != nil {
		d.port = nil
		return err
	}
	// Ready to receive. A line without modem bits, as of a terminal pair, has none to set.
	_ = d.port.SetDTR(true)
	// serial.Open switched flow control off. It belongs to the line, not to a
	// descriptor, so it is set on ours.
	if err := d.control(func(fd int) error {
		t, err := unix.IoctlGetTermios(fd, unix.TCGETS)
		if err != nil {
			return err
		}
		t.Cflag &^= unix.CRTSCTS
		t.Iflag &^= unix.IXON | unix.IXOFF | unix.IXANY
		switch flow {
		case "rtscts":
			t.Cflag |= unix.CRTSCTS
		case "xonxoff":
			t.Iflag |= unix.IXON // only the printer can be flooded
			t.Cc[unix.VSTART], t.Cc[unix.VSTOP] = 0x11, 0x13
		}
		return unix.IoctlSetTermios(fd, unix.TCSETS, t)
	}); err != nil {
		return err
	}
	return d.file.SetDeadline(time.Time{}) // no poller, no deadlines
}

// control runs f on the descriptor and leaves it non-blocking.
func (d *serialDevice) control(f func(fd int) error) error {
	raw, err := d.file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

func explainSerial(uri string, err error) error {
	e := &Error{URI: uri, Msg: "cannot be opened", Hint: forms, Err: err}
	var p *serial.PortError
	switch {
	case errors.As(err, &p) && p.Code() == serial.PortBusy, errors.Is(err, unix.EBUSY):
		e.Msg, e.Hint = "in use by another program", "stop the other daemon, getty or modem program that has the port"
	case errors.As(err, &p) && p.Code() == serial.PermissionDenied, errors.Is(err, fs.ErrPermission):
		e.Msg, e.Hint = "no permission", "the daemon's user must be in group dialout"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO), errors.Is(err, unix.EIO):
		e.Msg, e.Hint = "no such port", "check that the adapter is plugged in; /dev/serial/by-path lists what is"
	case errors.Is(err, unix.EISDIR), errors.Is(err, unix.ENOTTY), errors.Is(err, unix.EINVAL):
		e.Msg, e.Hint = "is not a serial port", "name one, such as serial:///dev/ttyUSB0?baud=38400"
	}
	return e
}

// Read returns what the printer says.
func (d *serialDevice) Read(b []byte) (int, error) {
	n, err := d.file.Read(b)
	return n, d.explain(err)
}

// Write gives bytes to the kernel; that proves nothing about paper.
func (d *serialDevice) Write(b []byte) (int, error) {
	n, err := d.file.Write(b)
	return n, d.explain(err)
}

// explain names what a line that went away looks like.
func (d *serialDevice) explain(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, unix.EIO) || errors.Is(err, unix.ENXIO) || errors.Is(err, unix.ENODEV) {
		return fmt.Errorf("serial port %s is unplugged: %w", d.uri, err)
	}
	return err
}

// SetReadDeadline bounds reads.
func (d *serialDevice) SetReadDeadline(t time.Time) error { return d.file.SetReadDeadline(t) }

// SetWriteDeadline bounds writes.
func (d *serialDevice) SetWriteDeadline(t time.Time) error { return d.file.SetWriteDeadline(t) }

// Close lets out what the printer still takes, drops the rest and gives the
// port free.
func (d *serialDevice) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return os.ErrClosed
	}
	d.closed = true
	_ = d.file.SetWriteDeadline(time.Unix(1, 0)) // a blocked write ends now
	d.drain()
	_ = d.port.Close()
	return d.file.Close()
}

// drain waits until the port is empty, at most drainLimit, and drops what it
// holds once nothing moves.
func (d *serialDevice) drain() {
	begin := time.Now()
	moved, last := begin, -1
	for {
		left := 0
		if err := d.control(func(fd int) (err error) {
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
			_ = d.control(func(fd int) error { return unix.IoctlSetInt(fd, unix.TCFLSH, unix.TCOFLUSH) })
			return
		}
		time.Sleep(drainStep)
	}
}

func (d *serialDevice) String() string { return d.uri }
