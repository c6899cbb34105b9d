package device

import (
	"errors"
	"io/fs"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

func openFile(uri, path string) (Device, error) {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil, &Error{URI: uri, Msg: "is a folder", Hint: "name a file in it"}
	case err == nil && info.Mode()&fs.ModeCharDevice != 0:
		return openNode(uri, path)
	case err == nil && !info.Mode().IsRegular():
		return nil, &Error{URI: uri, Msg: "is neither a device node of a printer nor a plain file", Hint: forms}
	case errors.Is(err, fs.ErrNotExist) && len(path) > 5 && path[:5] == "/dev/":
		return nil, &Error{URI: uri, Msg: "no such device", Hint: "check that the printer is on and its USB cable is in", Err: err}
	}
	return openPlain(uri, path)
}

// openNode opens a device node such as /dev/usb/lp0 for both directions.
// O_NONBLOCK puts it in Go's poller, which gives it deadlines; calling Fd on
// the file would take them away again.
func openNode(uri, path string) (Device, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, explainFile(uri, err)
	}
	f := os.NewFile(uintptr(fd), path)
	// Without a poller there are no deadlines, and a stalled printer would
	// block its user for ever.
	if err := f.SetDeadline(time.Time{}); err != nil {
		f.Close()
		return nil, &Error{URI: uri, Msg: "device has no deadlines", Hint: "name the printer's own node, such as /dev/usb/lp0", Err: err}
	}
	return &nodeDevice{File: f, uri: uri}, nil
}

func explainFile(uri string, err error) error {
	e := &Error{URI: uri, Msg: "cannot be opened", Hint: forms, Err: err}
	switch {
	case errors.Is(err, unix.EBUSY):
		e.Msg, e.Hint = "in use by another program", "stop the other daemon or CUPS, or see whether both printers of motcua.toml are this one"
	case errors.Is(err, fs.ErrPermission):
		e.Msg, e.Hint = "no permission", "the daemon's user must be in group lp for a printer, and own the folder for a plain file"
	case errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		e.Msg, e.Hint = "no printer behind this node", "check that the printer is on and its USB cable is in"
	case errors.Is(err, fs.ErrNotExist):
		e.Msg, e.Hint = "folder missing", "make the folder first"
	}
	return e
}

// nodeDevice is a printer's device node.
type nodeDevice struct {
	*os.File
	uri string
}

var _ Device = (*nodeDevice)(nil)

func (d *nodeDevice) String() string { return d.uri }

// plainDevice appends to a file and never answers.
type plainDevice struct {
	uri  string
	file *os.File

	mu       sync.Mutex    // protects the rest
	deadline time.Time     // of reads
	moved    chan struct{} // closed and replaced when the deadline moves
	closed   chan struct{}
	ended    bool
}

var _ Device = (*plainDevice)(nil)

func openPlain(uri, path string) (Device, error) {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o640)
	if err != nil {
		return nil, explainFile(uri, err)
	}
	return &plainDevice{uri: uri, file: f, moved: make(chan struct{}), closed: make(chan struct{})}, nil
}

// Read blocks until the deadline or Close: a file says nothing.
func (d *plainDevice) Read([]byte) (int, error) {
	for {
		d.mu.Lock()
		deadline, moved := d.deadline, d.moved
		d.mu.Unlock()
		var expired <-chan time.Time
		if !deadline.IsZero() {
			t := time.NewTimer(time.Until(deadline))
			defer t.Stop()
			expired = t.C
		}
		select {
		case <-d.closed:
			return 0, os.ErrClosed
		case <-expired:
			return 0, os.ErrDeadlineExceeded
		case <-moved:
		}
	}
}

// Write appends b to the file.
func (d *plainDevice) Write(b []byte) (int, error) { return d.file.Write(b) }

// SetReadDeadline bounds reads that would otherwise wait until Close.
func (d *plainDevice) SetReadDeadline(t time.Time) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return os.ErrClosed
	}
	d.deadline = t
	close(d.moved)
	d.moved = make(chan struct{})
	return nil
}

// SetWriteDeadline does nothing: a plain file takes bytes or fails.
func (d *plainDevice) SetWriteDeadline(time.Time) error { return nil }

// Close ends pending reads and the file.
func (d *plainDevice) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ended {
		return os.ErrClosed
	}
	d.ended = true
	close(d.closed)
	return d.file.Close()
}

func (d *plainDevice) String() string { return d.uri }
