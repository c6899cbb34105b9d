package device

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"strings"
	"time"
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

const forms = "write tcp://host:9100 or file:///dev/usb/lp0"

// Open connects to the printer at uri:
//
//	tcp://host:port   a network printer, usually port 9100
//	file:///path      a device node such as /dev/usb/lp0, or a plain file,
//	                  to which bytes are appended and which never answers
//
// ctx ends the attempt, not the connection. The error is an [*Error].
func Open(ctx context.Context, uri string) (Device, error) {
	target, err := parse(uri)
	if err != nil {
		return nil, err
	}
	if target.Scheme == "tcp" {
		return openTCP(ctx, uri, target.Host)
	}
	return openFile(uri, target.Path)
}

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
	switch u.Scheme {
	case "tcp":
		switch {
		case u.Hostname() == "":
			return fail("host missing", forms, nil)
		case u.Port() == "" || u.Port() == "0":
			return fail("port missing", "printers listen on 9100: write tcp://"+u.Hostname()+":9100", nil)
		case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.User != nil || u.Fragment != "":
			return fail("more than host and port", "write tcp://"+u.Host, nil)
		}
	case "file":
		switch {
		case u.Host != "":
			return fail("file address names a host", "three slashes: file:///"+u.Host+u.Path, nil)
		case u.Path == "" || u.Path == "/":
			return fail("path missing", forms, nil)
		case u.RawQuery != "" || u.Fragment != "":
			return fail("path has ? or #", "write them as %3F and %23", nil)
		}
	case "":
		hint := forms
		if strings.HasPrefix(uri, "/") {
			hint = "write file://" + uri
		}
		return fail("scheme missing", hint, nil)
	default:
		return fail("unknown scheme "+u.Scheme, forms, nil)
	}
	return u, nil
}
