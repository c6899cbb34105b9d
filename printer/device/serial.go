package device

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"motcua/internal/tty"
)

const (
	defaultBaud = 38400 // slower ones keep people waiting
	defaultFlow = tty.RTSCTS
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
	if q := u.Query(); q.Has("baud") && !tty.IsBaud(number(q.Get("baud"))) {
		return "no such speed " + strconv.Quote(q.Get("baud")), "use 9600, 19200, 38400, 57600 or 115200, as the printer's self-test slip says"
	}
	if q := u.Query(); q.Has("flow") && !tty.IsFlow(q.Get("flow")) {
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

// serialDevice is a printer's serial line.
type serialDevice struct {
	*tty.Line
	uri string
}

var _ Device = (*serialDevice)(nil)

func openSerial(uri string, u *url.URL) (Device, error) {
	baud, flow := defaultBaud, defaultFlow
	if q := u.Query(); q.Has("baud") {
		baud = number(q.Get("baud"))
	}
	if q := u.Query(); q.Has("flow") {
		flow = tty.Flow(q.Get("flow"))
	}
	l, err := tty.Open(u.Path, baud, flow)
	if err != nil {
		e := &Error{URI: uri, Msg: "cannot be opened", Hint: forms, Err: err}
		if msg, hint := tty.Explain(err); msg != "" {
			e.Msg, e.Hint = msg, hint
		}
		return nil, e
	}
	return &serialDevice{Line: l, uri: uri}, nil
}

// Read returns what the printer says.
func (d *serialDevice) Read(b []byte) (int, error) {
	n, err := d.Line.Read(b)
	return n, d.explain(err)
}

// Write gives bytes to the kernel; that proves nothing about paper.
func (d *serialDevice) Write(b []byte) (int, error) {
	n, err := d.Line.Write(b)
	return n, d.explain(err)
}

// explain names what a line that went away looks like.
func (d *serialDevice) explain(err error) error {
	if tty.Gone(err) {
		return fmt.Errorf("serial port %s is unplugged: %w", d.uri, err)
	}
	return err
}

func (d *serialDevice) String() string { return d.uri }
