package rig

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Keys of Linux (input-event-codes.h) that are no letters.
const (
	KeyTab   = 15
	KeyEnter = 28
	KeyShift = 42
	KeyAlt   = 56
	KeyCaps  = 58
)

// rows are where the keys are on a US keyboard, and what they write alone and
// with Shift. They are written down from a keyboard, not from the program.
var rows = []struct {
	first         int
	plain, shifts string
}{
	{2, "1234567890-=", "!@#$%^&*()_+"},
	{16, "qwertyuiop[]", "QWERTYUIOP{}"},
	{30, "asdfghjkl;'`", `ASDFGHJKL:"~`},
	{43, `\zxcvbnm,./`, "|ZXCVBNM<>?"},
	{57, " ", " "},
	{KeyTab, "\t", "\t"},
	{KeyEnter, "\r", "\r"},
}

// Event is a struct input_event of this machine.
func Event(typ, code uint16, value int32) []byte {
	b := make([]byte, eventSize-8) // its time, which nobody reads
	b = binary.NativeEndian.AppendUint16(b, typ)
	b = binary.NativeEndian.AppendUint16(b, code)
	return binary.NativeEndian.AppendUint32(b, uint32(value))
}

const eventSize = 2*strconv.IntSize/8 + 8

// Down, Up and Tap are the events of a key, each with the report's end.
func Down(key int) []byte { return append(Event(1, uint16(key), 1), Event(0, 0, 0)...) }
func Up(key int) []byte   { return append(Event(1, uint16(key), 0), Event(0, 0, 0)...) }
func Tap(key int) []byte  { return append(Down(key), Up(key)...) }

// Strokes are the events of a scanner that writes a text of ASCII; it panics at
// a letter no key writes.
func Strokes(text string) []byte {
	var b []byte
next:
	for i := range len(text) {
		for _, r := range rows {
			if at := strings.IndexByte(r.plain, text[i]); at >= 0 {
				b = append(b, Tap(r.first+at)...)
				continue next
			}
			if at := strings.IndexByte(r.shifts, text[i]); at >= 0 {
				b = append(append(b, Down(KeyShift)...), append(Tap(r.first+at), Up(KeyShift)...)...)
				continue next
			}
		}
		panic("no key writes " + strconv.Quote(text[i:i+1]))
	}
	return b
}

// Keyboard is a USB keyboard, or a scanner that is one, in a test's hands.
type Keyboard struct {
	Node string // /dev/input/event…

	t  testing.TB
	fd int // of uinput; -1: pulled out
}

// ioctls of uinput (linux/uinput.h, version 5).
const (
	uiDevCreate  = 'U'<<8 | 1
	uiDevDestroy = 'U'<<8 | 2
	uiSetEvBit   = 1<<30 | 4<<16 | 'U'<<8 | 100
	uiSetKeyBit  = 1<<30 | 4<<16 | 'U'<<8 | 101
	uiDevSetup   = 1<<30 | setupSize<<16 | 'U'<<8 | 3
	uiGetSysName = 2<<30 | nameSize<<16 | 'U'<<8 | 44
	setupSize    = 92 // bus, vendor, product, version, name[80], ff_effects_max
	nameSize     = 64
)

// NewKeyboard plugs a keyboard with this name in. The test is skipped where the
// kernel has no uinput.
func NewKeyboard(t testing.TB, name string) *Keyboard {
	t.Helper()
	fd, err := unix.Open("/dev/uinput", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("no keyboards can be made: %v: this is not the guest of make test-hardware", err)
	}
	k := &Keyboard{t: t, fd: fd}
	t.Cleanup(k.Unplug)
	set := func(request uint, value int) {
		t.Helper()
		if err := unix.IoctlSetInt(fd, request, value); err != nil {
			t.Fatalf("make a keyboard: %v", err)
		}
	}
	set(uiSetEvBit, 1)
	for key := 1; key < 128; key++ {
		set(uiSetKeyBit, key)
	}
	var setup [setupSize]byte
	binary.NativeEndian.PutUint16(setup[0:], 3) // USB
	binary.NativeEndian.PutUint16(setup[2:], 0xac90)
	binary.NativeEndian.PutUint16(setup[4:], 0x3002)
	copy(setup[8:], name)
	k.ioctl(uiDevSetup, unsafe.Pointer(&setup))
	set(uiDevCreate, 0)
	var sys [nameSize]byte
	k.ioctl(uiGetSysName, unsafe.Pointer(&sys))
	input, _, _ := strings.Cut(string(sys[:]), "\x00")
	Until(t, "see the keyboard", func() error {
		events, _ := filepath.Glob("/sys/devices/virtual/input/" + input + "/event*")
		if len(events) == 0 {
			return errors.New("it has no events")
		}
		k.Node = "/dev/input/" + filepath.Base(events[0])
		_, err := os.Stat(k.Node)
		return err
	})
	return k
}

func (k *Keyboard) ioctl(request uint, arg unsafe.Pointer) {
	k.t.Helper()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(k.fd), uintptr(request), uintptr(arg)); errno != 0 {
		k.t.Fatalf("make a keyboard: %v", errno)
	}
}

// Unplug pulls it out, if it is in.
func (k *Keyboard) Unplug() {
	if k.fd >= 0 {
		_ = unix.IoctlSetInt(k.fd, uiDevDestroy, 0)
		unix.Close(k.fd)
		k.fd = -1
	}
}

// Send sends events. The kernel keeps 64 for who reads them, so there is a pause
// after each half of that, and none within: a code cut by a stall of the
// emulated machine would be two.
func (k *Keyboard) Send(events []byte) {
	k.t.Helper()
	const most = 32 * eventSize
	for len(events) > 0 {
		n := min(len(events), most)
		if _, err := unix.Write(k.fd, events[:n]); err != nil {
			k.t.Fatalf("type: %v", err)
		}
		if events = events[n:]; len(events) > 0 {
			<-time.After(20 * time.Millisecond)
		}
	}
}

// Type types a text as a scanner does.
func (k *Keyboard) Type(text string) { k.t.Helper(); k.Send(Strokes(text)) }

// Console is another program that has a keyboard open.
type Console struct {
	t  testing.TB
	fd int
}

// Console opens the keyboard beside whoever has it.
func (k *Keyboard) Console() *Console {
	k.t.Helper()
	fd, err := unix.Open(k.Node, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { unix.Close(fd) })
	return &Console{k.t, fd}
}

// Grab takes the keyboard from all others, or gives it back.
func (c *Console) Grab(take bool) {
	c.t.Helper()
	value := 0
	if take {
		value = 1
	}
	const eviocgrab = 1<<30 | 4<<16 | 'E'<<8 | 0x90
	if err := unix.IoctlSetInt(c.fd, eviocgrab, value); err != nil {
		c.t.Fatalf("take the keyboard: %v", err)
	}
}

// Keys are the keys it has seen going down since it last looked, Shift apart, as
// they write alone.
func (c *Console) Keys() string {
	c.t.Helper()
	var s strings.Builder
	for b := make([]byte, 64*eventSize); ; {
		n, err := unix.Read(c.fd, b)
		if n <= 0 || err != nil {
			return s.String()
		}
		for e := b[:n]; len(e) >= eventSize; e = e[eventSize:] {
			f := e[eventSize-8:]
			typ, code, value := binary.NativeEndian.Uint16(f), int(binary.NativeEndian.Uint16(f[2:])), binary.NativeEndian.Uint32(f[4:])
			if typ != 1 || value != 1 || code == KeyShift {
				continue
			}
			written := fmt.Sprintf("<%d>", code)
			for _, r := range rows {
				if at := code - r.first; at >= 0 && at < len(r.plain) {
					written = r.plain[at : at+1]
				}
			}
			s.WriteString(written)
		}
	}
}
