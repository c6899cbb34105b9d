package reader

import (
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"

	"motcua/internal/tty"
)

// Code says how a scanner is. The values reach health entries and logs and are
// never renamed.
type Code string

const (
	OK        Code = "ok"
	Opening   Code = "opening"   // not tried yet
	Absent    Code = "absent"    // not plugged in, or none that says it is a scanner
	Ambiguous Code = "ambiguous" // several fit the address
	Denied    Code = "denied"    // the daemon's user may not open it
	Taken     Code = "taken"     // another program has it
	Held      Code = "held"      // one of its keys is down
	Unfit     Code = "unfit"     // what stands there is no scanner
	Broken    Code = "broken"    // anything else
)

// Error says why a scanner can't be read, and what helps.
type Error struct {
	URI  string // the address as configured
	Code Code
	Msg  string // what is wrong
	Hint string // what a person can do
	Err  error  // the cause, if any
}

func (e *Error) Error() string {
	s := fmt.Sprintf("open scanner %s: %s", e.URI, e.Msg)
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

const (
	forms = "write evdev:, evdev:/dev/input/by-id/…-event-kbd, evdev:?name=… or serial:///dev/ttyUSB0?baud=9600"

	defaultBaud = 9600 // what scanners leave the factory with
)

// Address completes a bare path: a serial port's becomes serial://, every other
// one evdev:. Other text is returned as it is.
func Address(s string) string {
	switch {
	case !filepath.IsAbs(s):
		return s
	case strings.HasPrefix(s, "/dev/tty"), strings.HasPrefix(s, "/dev/serial/"):
		return (&url.URL{Scheme: "serial", Path: s}).String()
	}
	return (&url.URL{Scheme: "evdev", Path: s}).String()
}

// Check reports what is wrong with an address, without opening it; for
// configurations. The error is an [*Error].
func Check(uri string) error {
	_, err := parse(uri)
	return err
}

// target is a parsed address.
type target struct {
	serial bool
	path   string // of the device; "" of a keyboard that is to be found
	name   string // of the keyboard to be found; "" the only one that says it is a scanner
	baud   int
	flow   tty.Flow
}

func parse(uri string) (target, error) {
	fail := func(msg, hint string) (target, error) {
		return target{}, &Error{URI: uri, Code: Unfit, Msg: msg, Hint: hint}
	}
	u, err := url.Parse(uri)
	if err != nil || uri == "" {
		return fail("not an address", forms)
	}
	q, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return fail("what follows the ? is not key=value", forms)
	}
	known := map[string][]string{"evdev": {"name"}, "serial": {"baud", "flow"}}[u.Scheme]
	switch {
	case known == nil:
		return fail("neither evdev: nor serial:", forms)
	case u.Host != "" || u.Opaque != "":
		return fail("path does not begin with /", forms)
	case u.Fragment != "":
		return fail("path has #", "write it as %23")
	}
	for key := range q {
		if key != known[0] && (len(known) < 2 || key != known[1]) {
			return fail("unknown setting "+key, forms)
		}
	}
	t := target{path: u.Path, name: q.Get("name")}
	if u.Scheme == "evdev" {
		switch {
		case t.path == "/":
			return fail("path missing", "write evdev: alone for the only scanner, or the whole path of one under /dev/input/by-id")
		case t.path != "" && q.Has("name"):
			return fail("both a path and a name", "write one of them")
		case q.Has("name") && t.name == "":
			return fail("name is empty", "write the keyboard's name as `motcua doctor scanner` lists it, or evdev: alone")
		}
		return t, nil
	}
	t.serial, t.baud, t.flow = true, defaultBaud, tty.NoFlow
	if t.path == "" || t.path == "/" {
		return fail("path missing", "write serial:///dev/ttyUSB0?baud=9600, better the port's link under /dev/serial/by-id")
	}
	if q.Has("baud") {
		if t.baud, err = strconv.Atoi(q.Get("baud")); err != nil || !tty.IsBaud(t.baud) {
			return fail("no such speed "+strconv.Quote(q.Get("baud")), "use 9600, 19200, 38400, 57600 or 115200, as the scanner is set")
		}
	}
	if q.Has("flow") {
		if t.flow = tty.Flow(q.Get("flow")); !tty.IsFlow(q.Get("flow")) {
			return fail("no such flow control "+strconv.Quote(q.Get("flow")), "use none, rtscts or xonxoff")
		}
	}
	return t, nil
}
