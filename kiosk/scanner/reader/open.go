package reader

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"motcua/internal/tty"
)

// Source is an open scanner: what it reads as a stream of bytes. A Read that
// returns ErrLost goes on after it.
type Source interface {
	io.ReadCloser
	// SetReadDeadline ends reads with an error that is os.ErrDeadlineExceeded;
	// the zero time means never.
	SetReadDeadline(t time.Time) error
}

// ErrLost says that the scanner wrote more than could be read: the code that
// is being read has a gap.
var ErrLost = errors.New("keys were lost")

// Opener opens scanners. The zero value is ready; fields may be changed before
// its first use.
type Opener struct {
	Sys string // where sysfs is; default /sys
	Dev string // where device nodes are; default /dev
}

func (o Opener) withDefaults() Opener {
	if o.Sys == "" {
		o.Sys = "/sys"
	}
	if o.Dev == "" {
		o.Dev = "/dev"
	}
	return o
}

// Open opens the scanner at uri:
//
//	evdev:                  the only keyboard that says it is a scanner
//	evdev:/dev/input/by-id/usb-…-event-kbd
//	                        a keyboard by its node or a link to it
//	evdev:?name=SM-2D       a keyboard by the name it gives itself
//	serial:///dev/ttyACM0?baud=9600&flow=none
//	                        a serial line; baud 9600 (default) to 115200, flow
//	                        none (default), rtscts or xonxoff
//
// A keyboard belongs to this program alone until it is closed. The error is an
// [*Error].
func (o Opener) Open(_ context.Context, uri string) (Source, error) {
	o = o.withDefaults()
	t, err := parse(uri)
	if err != nil {
		return nil, err
	}
	if t.serial {
		return openSerial(uri, t)
	}
	if t.path == "" {
		k, err := o.find(uri, t.name)
		if err != nil {
			return nil, err
		}
		t.path = k.Node
	}
	return openKeyboard(uri, t.path)
}

func openSerial(uri string, t target) (Source, error) {
	l, err := tty.Open(t.path, t.baud, t.flow)
	if err == nil {
		return l, nil
	}
	e := &Error{URI: uri, Code: Broken, Msg: "cannot be opened", Hint: forms, Err: err}
	if msg, hint := tty.Explain(err); msg != "" {
		e.Msg, e.Hint = msg, hint
	}
	switch {
	case tty.Busy(err):
		e.Code = Taken
	case errors.Is(err, fs.ErrPermission):
		e.Code = Denied
	case errors.Is(err, fs.ErrNotExist), tty.Gone(err):
		e.Code, e.Hint = Absent, "check that the scanner is plugged in and in serial mode; /dev/serial/by-id lists what is"
	}
	return nil, e
}

// ioctls of evdev (linux/input.h), with buffers of this package's sizes.
const (
	keyBytes = 96 // KEY_MAX is 0x2ff
	ledBytes = 2

	eviocgkeys = 2<<30 | keyBytes<<16 | 'E'<<8 | (0x20 + evKey) // EVIOCGBIT(EV_KEY): the keys it has
	eviocgkey  = 2<<30 | keyBytes<<16 | 'E'<<8 | 0x18           // EVIOCGKEY: those that are down
	eviocgled  = 2<<30 | ledBytes<<16 | 'E'<<8 | 0x19           // EVIOCGLED: the lights that are on
	eviocgrab  = 1<<30 | 4<<16 | 'E'<<8 | 0x90                  // EVIOCGRAB
	ledCapsL   = 1
)

// letGo is how long a key may still be down from before. Taken while one is
// down, the console would never see it go up and repeat it for ever.
const (
	letGo     = time.Second
	letGoLook = 20 * time.Millisecond
)

// keyboard is an evdev device that is ours alone.
type keyboard struct {
	file   *os.File
	keys   Keys
	events [32 * eventSize]byte
}

func openKeyboard(uri, path string) (Source, error) {
	fail := func(code Code, msg, hint string, err error) (Source, error) {
		return nil, &Error{URI: uri, Code: code, Msg: msg, Hint: hint, Err: err}
	}
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENXIO):
		return fail(Absent, "no such device", "check that the scanner is plugged in and in keyboard mode; `motcua doctor scanner` lists the keyboards there are", err)
	case errors.Is(err, fs.ErrPermission):
		return fail(Denied, "no permission", "the daemon's user must be in group input", err)
	case err != nil:
		return fail(Broken, "cannot be opened", forms, err)
	}
	k := &keyboard{file: os.NewFile(uintptr(fd), filepath.Base(path))}
	if e := k.take(); e != nil {
		k.file.Close()
		e.URI = uri
		return nil, e
	}
	return k, nil
}

// take makes the keyboard ours, at a moment when no key is down.
func (k *keyboard) take() *Error {
	var set [keyBytes]byte
	if err := k.ioctl(eviocgkeys, unsafe.Pointer(&set)); err != nil {
		return &Error{Code: Unfit, Msg: "is not an input device", Hint: "name one under /dev/input/by-id", Err: err}
	}
	for _, key := range needed {
		if set[key/8]>>(key%8)&1 == 0 {
			return &Error{Code: Unfit, Msg: "has not the keys of a keyboard", Hint: "name the scanner's device that ends in -event-kbd"}
		}
	}
	if err := k.file.SetReadDeadline(time.Time{}); err != nil {
		return &Error{Code: Unfit, Msg: "has no deadlines", Hint: "name the scanner's own node under /dev/input", Err: err}
	}
	for end := time.Now().Add(letGo); ; time.Sleep(letGoLook) {
		if err := k.ioctl(eviocgkey, unsafe.Pointer(&set)); err != nil {
			return &Error{Code: Absent, Msg: "went away", Hint: "check its cable", Err: err}
		}
		if set == [keyBytes]byte{} {
			break
		}
		if time.Now().After(end) {
			return &Error{Code: Held, Msg: "a key of it is down", Hint: "free the key; if it is a person's keyboard, name another device"}
		}
	}
	err := k.control(func(fd int) error { return unix.IoctlSetInt(fd, eviocgrab, 1) })
	switch {
	case errors.Is(err, unix.EBUSY):
		return &Error{Code: Taken, Msg: "in use by another program", Hint: "stop the other daemon or the program that took it", Err: err}
	case err != nil:
		return &Error{Code: Broken, Msg: "cannot be taken", Hint: "unplug it and plug it in again", Err: err}
	}
	// Half a code that was typed before is no code.
	_ = k.control(func(fd int) error {
		defer clear(k.events[:])
		for {
			if n, err := unix.Read(fd, k.events[:]); err != nil || n <= 0 {
				return err
			}
		}
	})
	var lights [ledBytes]byte
	if err := k.ioctl(eviocgled, unsafe.Pointer(&lights)); err == nil {
		k.keys.Caps = lights[0]>>ledCapsL&1 == 1
	}
	return nil
}

// control runs f on the descriptor and leaves it non-blocking.
func (k *keyboard) control(f func(fd int) error) error {
	raw, err := k.file.SyscallConn()
	if err != nil {
		return err
	}
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = f(int(fd)) }); err != nil {
		return err
	}
	return inner
}

func (k *keyboard) ioctl(request uint, arg unsafe.Pointer) error {
	return k.control(func(fd int) error {
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(arg)); errno != 0 {
			return errno
		}
		return nil
	})
}

// Read returns what was typed.
func (k *keyboard) Read(b []byte) (int, error) {
	for {
		most := min(len(k.events), len(b)*eventSize)
		n, err := k.file.Read(k.events[:most])
		typed, lost := k.keys.Read(k.events[:n], b)
		clear(k.events[:n])
		switch {
		case err != nil:
			return typed, err
		case lost:
			return typed, ErrLost
		case typed > 0:
			return typed, nil
		}
	}
}

func (k *keyboard) SetReadDeadline(t time.Time) error { return k.file.SetReadDeadline(t) }

// Close gives the keyboard back to the system.
func (k *keyboard) Close() error { return k.file.Close() }
