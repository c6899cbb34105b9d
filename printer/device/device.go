package device

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"motcua/printer"
)

// Device is an open connection to one printer. One goroutine may read while
// another writes. Close unblocks both.
type Device interface {
	io.ReadWriteCloser
	// SetReadDeadline ends pending and future reads with an error that is
	// os.ErrDeadlineExceeded; the zero time means never.
	SetReadDeadline(t time.Time) error
	// SetWriteDeadline does the same for writes. A write that ends by its
	// deadline says how many bytes were taken.
	SetWriteDeadline(t time.Time) error
	// String returns the address the device was opened by.
	String() string
}

// Identified is a device whose printer can say what it is: one on USB.
type Identified interface {
	// ID is what the printer said when it was opened; empty when nothing.
	ID() printer.DeviceID
}

// Resetter is a device that can free its printer from a picture that was cut
// off: one on USB.
type Resetter interface {
	// SoftReset empties the printer's buffers. Close the device and open it
	// again afterwards. Some printers ignore it without an error.
	SoftReset() error
}

// PaperPort is a device whose port has a word about paper, beside the printer's
// own: one on USB.
type PaperPort interface {
	// PaperOut may take seconds when the printer doesn't answer. Many printers
	// never change it.
	PaperOut() (bool, error)
}

// Error says why a printer cannot be reached, and what helps.
type Error struct {
	URI  string // the address as configured
	Msg  string // what is wrong
	Hint string // what a person can do
	Err  error  // the cause, if any
}

func (e *Error) Error() string {
	s := fmt.Sprintf("open printer %s: %s", e.URI, e.Msg)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

const forms = "write usb:///dev/usb/lp0, serial:///dev/ttyUSB0?baud=38400, tcp://host:9100 or file:///path/slips.bin"

// Opener opens printers. The zero value is ready; fields may be changed before
// its first use.
type Opener struct {
	Sys string // where sysfs is; default /sys
	Dev string // where device nodes are; default /dev

	ConnectTimeout time.Duration       // of TCP; default 3 s
	DeadAfter      time.Duration       // TCP: what was sent stays unacknowledged this long: the link ends; default 20 s
	KeepAlive      net.KeepAliveConfig // of TCP; default: a silent link is probed after 15 s and given up within 45
}

func (o Opener) withDefaults() Opener {
	if o.Sys == "" {
		o.Sys = "/sys"
	}
	if o.Dev == "" {
		o.Dev = "/dev"
	}
	if o.ConnectTimeout <= 0 {
		o.ConnectTimeout = 3 * time.Second
	}
	if o.DeadAfter <= 0 {
		o.DeadAfter = 20 * time.Second
	}
	if o.KeepAlive == (net.KeepAliveConfig{}) {
		o.KeepAlive = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 6}
	}
	return o
}

// Open connects to the printer at uri:
//
//	usb:///dev/usb/lp0      a USB printer by its node, or a link to it such as
//	                        /dev/motcua/printer-<port>
//	usb:?mdl=TM-T20II       a USB printer by its device id; mfg and sn narrow it
//	                        down. usb: alone is the only one plugged in
//	serial:///dev/ttyUSB0?baud=38400&flow=rtscts
//	                        a serial port; baud 9600 to 115200 (default 38400),
//	                        flow rtscts (default), xonxoff or none
//	tcp://host:port         a network printer, usually port 9100. ?idle=30s lets
//	                        it go after so long without a slip (see [IdleClose])
//	file:///path            a plain file, to which bytes are appended and which
//	                        never answers, or any other device node
//
// ctx ends the attempt, not the connection. The error is an [*Error].
func (o Opener) Open(ctx context.Context, uri string) (Device, error) {
	o = o.withDefaults()
	target, err := parse(uri)
	if err != nil {
		return nil, err
	}
	switch target.Scheme {
	case "tcp":
		return o.openTCP(ctx, uri, target.Host)
	case "usb":
		return o.openUSB(uri, target)
	case "serial":
		return openSerial(uri, target)
	}
	return openFile(uri, target.Path)
}

// Open connects to the printer at uri with the defaults; see [Opener.Open].
func Open(ctx context.Context, uri string) (Device, error) { return Opener{}.Open(ctx, uri) }

// Answers reports whether what stands at the address could ever answer: a
// plain file takes bytes and says nothing, so no slip sent there can be proved.
func Answers(uri string) bool {
	u, err := parse(uri)
	if err != nil || u.Scheme != "file" {
		return err == nil
	}
	info, err := os.Stat(u.Path)
	return err == nil && !info.Mode().IsRegular()
}

// Names reports whether a printer at the address can say what model it is.
func Names(uri string) bool {
	u, err := parse(uri)
	return err == nil && u.Scheme == "usb"
}

// IdleClose is how long the link may lie idle before whoever opened it should
// close it: the address's idle, and 0 without one, which is never.
func IdleClose(uri string) time.Duration {
	u, err := parse(uri)
	if err != nil || u.Scheme != "tcp" {
		return 0
	}
	d, _ := time.ParseDuration(u.Query().Get("idle"))
	return d
}

// Address completes a bare path: a printer's node becomes usb://, everything
// else file://. Other text is returned as it is.
func Address(s string) string {
	if !filepath.IsAbs(s) {
		return s
	}
	scheme := "file"
	for _, node := range []string{"/dev/usb/lp", "/dev/usblp", "/dev/motcua/printer-"} {
		if strings.HasPrefix(s, node) {
			scheme = "usb"
		}
	}
	return (&url.URL{Scheme: scheme, Path: s}).String()
}

// Same reports whether two addresses are written for one printer: what they
// add to the place it is at does not count. Links and names are not followed,
// and a USB printer may be named by its node and by its device id.
func Same(a, b string) bool {
	x, err := parse(Address(a))
	if err != nil {
		return false
	}
	y, err := parse(Address(b))
	if err != nil || x.Scheme != y.Scheme {
		return false
	}
	switch {
	case x.Scheme == "tcp":
		return strings.EqualFold(x.Hostname(), y.Hostname()) && x.Port() == y.Port()
	case x.Path == "" && y.Path == "": // device ids
		return maps.EqualFunc(x.Query(), y.Query(), func(p, q []string) bool { return strings.EqualFold(p[0], q[0]) })
	}
	return x.Path != "" && filepath.Clean(x.Path) == filepath.Clean(y.Path)
}

// Check reports what is wrong with an address, without opening it; for
// configurations. The error is an [*Error].
func Check(uri string) error {
	_, err := parse(uri)
	return err
}

func parse(uri string) (*url.URL, error) {
	fail := func(msg, hint string, err error) (*url.URL, error) {
		return nil, &Error{URI: uri, Msg: msg, Hint: hint, Err: err}
	}
	if uri == "" {
		return fail("no address", forms, nil)
	}
	u, err := url.Parse(uri)
	if err != nil {
		return fail("not an address", forms, err)
	}
	if _, err := url.ParseQuery(u.RawQuery); err != nil {
		return fail("what follows the ? is not key=value", forms, err)
	}
	wrong := func(msg, hint string) (*url.URL, error) { return fail(msg, hint, nil) }
	switch u.Scheme {
	case "tcp":
		switch {
		case u.Hostname() == "":
			return wrong("host missing", forms)
		case u.Port() == "" || u.Port() == "0":
			return wrong("port missing", "printers listen on 9100: write tcp://"+u.Hostname()+":9100")
		case strings.Trim(u.Path, "/") != "" || u.User != nil || u.Fragment != "":
			return wrong("more than host and port", "write tcp://"+u.Host)
		}
		if key := unknownKey(u, "idle"); key != "" {
			return wrong("unknown setting "+key, "write tcp://"+u.Host+", or tcp://"+u.Host+"?idle=30s")
		}
		if u.Query().Has("idle") {
			if d, err := time.ParseDuration(u.Query().Get("idle")); err != nil || d < time.Second || d > time.Hour {
				return wrong("idle is no time from 1s to 1h", "write tcp://"+u.Host+"?idle=30s")
			}
		}
	case "usb":
		switch {
		case u.Opaque != "" || u.Host != "":
			return wrong("neither a path nor a device id", "write usb:///dev/usb/lp0 with three slashes, or usb:?mdl=TM-T20II")
		case u.Fragment != "":
			return wrong("more than a path or a device id", "write usb:///dev/usb/lp0 or usb:?mdl=TM-T20II")
		case u.Path == "/":
			return wrong("path missing", "write usb:///dev/usb/lp0; usb: alone takes the only printer there is")
		case u.Path != "" && u.RawQuery != "":
			return wrong("both a path and a device id", "write usb:///dev/usb/lp0 or usb:?mdl=TM-T20II")
		}
		if key := unknownKey(u, "mfg", "mdl", "sn"); key != "" {
			return wrong("unknown setting "+key, "write mfg, mdl or sn, as in usb:?mfg=EPSON&mdl=TM-T20II")
		}
	case "serial":
		if msg, hint := checkSerial(u); msg != "" {
			return wrong(msg, hint)
		}
	case "file":
		switch {
		case u.Host != "":
			return wrong("file address names a host", "three slashes: file:///"+u.Host+u.Path)
		case u.Path == "" || u.Path == "/":
			return wrong("path missing", forms)
		case u.RawQuery != "" || u.Fragment != "":
			return wrong("path has ? or #", "write them as %3F and %23")
		}
	case "":
		hint := forms
		switch {
		case strings.HasPrefix(uri, "/dev/tty"), strings.HasPrefix(uri, "/dev/serial/"):
			hint = "write serial://" + uri + "?baud=38400"
		case strings.HasPrefix(uri, "/"):
			hint = "write " + Address(uri)
		}
		return wrong("scheme missing", hint)
	default:
		return wrong("unknown scheme "+u.Scheme, forms)
	}
	return u, nil
}

// unknownKey returns a key of the query that is not among the known ones.
func unknownKey(u *url.URL, known ...string) string {
next:
	for key := range u.Query() {
		for _, k := range known {
			if key == k {
				continue next
			}
		}
		return key
	}
	return ""
}
