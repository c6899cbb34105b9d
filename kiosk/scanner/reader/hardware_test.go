//go:build hardware

package reader_test

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"motcua/kiosk/scanner/reader"
)

// These tests need a kernel with uinput and evdev, as make test-hardware boots
// it: they plug real keyboards in and type on them.

// ioctls and the layout of uinput (linux/uinput.h, version 5).
const (
	uiDevCreate  = 'U'<<8 | 1
	uiDevDestroy = 'U'<<8 | 2
	uiSetEvBit   = 1<<30 | 4<<16 | 'U'<<8 | 100
	uiSetKeyBit  = 1<<30 | 4<<16 | 'U'<<8 | 101
	uiDevSetup   = 1<<30 | 92<<16 | 'U'<<8 | 3
	uiGetSysName = 2<<30 | 64<<16 | 'U'<<8 | 44

	evIOCGrab = 1<<30 | 4<<16 | 'E'<<8 | 0x90
)

// keyboard is one that a test types on.
type keyboard struct {
	t    *testing.T
	fd   int
	node string // /dev/input/event…
}

func ioctl(t *testing.T, fd int, request uintptr, arg int) {
	t.Helper()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(arg)); errno != 0 {
		t.Fatalf("ioctl %#x: %v", request, errno)
	}
}

// exchange is an ioctl with a buffer.
func exchange(t *testing.T, fd int, request uintptr, buf unsafe.Pointer) {
	t.Helper()
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(buf)); errno != 0 {
		t.Fatalf("ioctl %#x: %v", request, errno)
	}
}

// plugIn makes a keyboard with all the keys of one.
func plugIn(t *testing.T, name string) *keyboard {
	t.Helper()
	fd, err := unix.Open("/dev/uinput", unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("no uinput here: %v", err)
	}
	k := &keyboard{t: t, fd: fd}
	ioctl(t, fd, uiSetEvBit, 1)
	for key := 1; key < 128; key++ {
		ioctl(t, fd, uiSetKeyBit, key)
	}
	var setup [92]byte // bus, vendor, product, version, name[80], ff_effects_max
	binary.NativeEndian.PutUint16(setup[0:], 3)
	binary.NativeEndian.PutUint16(setup[2:], 0xac90)
	binary.NativeEndian.PutUint16(setup[4:], 0x3002)
	copy(setup[8:], name)
	exchange(t, fd, uiDevSetup, unsafe.Pointer(&setup))
	ioctl(t, fd, uiDevCreate, 0)
	t.Cleanup(k.pullOut)
	var sys [64]byte
	exchange(t, fd, uiGetSysName, unsafe.Pointer(&sys))
	input, _, _ := strings.Cut(string(sys[:]), "\x00")
	eventually(t, "the keyboard's node", func() bool {
		events, _ := filepath.Glob("/sys/devices/virtual/input/" + input + "/event*")
		if len(events) == 0 {
			return false
		}
		k.node = "/dev/input/" + filepath.Base(events[0])
		_, err := os.Stat(k.node)
		return err == nil
	})
	return k
}

func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !done(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s did not come", what)
		}
	}
}

func (k *keyboard) pullOut() {
	if k.fd >= 0 {
		_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(k.fd), uiDevDestroy, 0)
		unix.Close(k.fd)
		k.fd = -1
	}
}

func (k *keyboard) send(events []byte) {
	k.t.Helper()
	size := 2*strconv.IntSize/8 + 8
	// A scanner types no faster than its reports are fetched.
	for ; len(events) > 0; events = events[2*size:] {
		if _, err := unix.Write(k.fd, events[:2*size]); err != nil {
			k.t.Fatal(err)
		}
		<-time.After(time.Millisecond)
	}
}

func (k *keyboard) types(text string) { k.t.Helper(); k.send(typed(text)) }

// other is another program that has the keyboard open, as a console has.
type other struct {
	t  *testing.T
	fd int
}

func (k *keyboard) other() *other {
	k.t.Helper()
	fd, err := unix.Open(k.node, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		k.t.Fatal(err)
	}
	k.t.Cleanup(func() { unix.Close(fd) })
	return &other{k.t, fd}
}

// got is what it has read since it last looked.
func (o *other) got() string {
	o.t.Helper()
	var keys reader.Keys
	var text []byte
	for b, one := make([]byte, 24*64), make([]byte, 64); ; {
		n, err := unix.Read(o.fd, b)
		if n <= 0 || err != nil {
			return string(text)
		}
		m, _ := keys.Read(b[:n], one)
		text = append(text, one[:m]...)
	}
}

const card = "046058001234||HO VA TEN|15081958|Nam|DIA CHI|10052021"

// What is scanned reaches us and nobody else who has the keyboard open; when we
// let go of it, it is everybody's again.
func TestHardwareGrab(t *testing.T) {
	gun := plugIn(t, "SM SM-2D PRODUCT HID KBW")
	console := gun.other()
	gun.types("before")
	if got := console.got(); got != "before" {
		t.Fatalf("before it is taken the console reads %q", got)
	}
	t.Run("ours", func(t *testing.T) {
		l := listen(t, "evdev:"+gun.node)
		l.becomes(reader.OK)
		gun.types(card + "\r")
		l.hears(card)
		if got := console.got(); got != "" {
			t.Errorf("the console reads %q of a card", got)
		}
		_, err := reader.Opener{}.Open(t.Context(), "evdev:"+gun.node)
		if e, ok := err.(*reader.Error); !ok || e.Code != reader.Taken {
			t.Errorf("taken a second time: %v", err)
		}
	})
	gun.types("after")
	if got := console.got(); got != "after" {
		t.Errorf("let go, the console reads %q", got)
	}
}

// evdev: alone takes the scanner and leaves a person's keyboard alone.
func TestHardwareFind(t *testing.T) {
	person := plugIn(t, "Logitech USB Keyboard")
	console := person.other()
	if _, err := (reader.Opener{}).Open(t.Context(), "evdev:"); err == nil || !strings.Contains(err.Error(), "Logitech USB Keyboard") {
		t.Errorf("without a scanner: %v", err)
	}
	gun := plugIn(t, "USB Barcode Scanner")
	l := listen(t, "evdev:")
	l.becomes(reader.OK)
	person.types("hello")
	if got := console.got(); got != "hello" {
		t.Errorf("the person's console reads %q", got)
	}
	gun.types("DEMO-17\t")
	l.hears("DEMO-17")
	second := plugIn(t, "USB Barcode Scanner")
	if _, err := (reader.Opener{}).Open(t.Context(), "evdev:?name=USB Barcode Scanner"); err == nil || !strings.Contains(err.Error(), "several fit") {
		t.Errorf("two scanners: %v", err)
	}
	second.pullOut()
}

// Another program may have taken it first; it is ours as soon as that lets go.
func TestHardwareTakenByAnother(t *testing.T) {
	gun := plugIn(t, "USB Barcode Scanner")
	thief := gun.other()
	ioctl(t, thief.fd, evIOCGrab, 1)
	l := listen(t, "evdev:"+gun.node)
	if s := l.becomes(reader.Taken); !strings.Contains(s.Hint, "stop the other") {
		t.Errorf("taken by another it is %+v", s)
	}
	ioctl(t, thief.fd, evIOCGrab, 0)
	l.becomes(reader.OK)
	gun.types("DEMO-18\r")
	l.hears("DEMO-18")
}

// Taken with a key down, the console would repeat that key for ever.
func TestHardwareKeyDown(t *testing.T) {
	gun := plugIn(t, "USB Barcode Scanner")
	gun.send(down(30))
	l := listen(t, "evdev:"+gun.node)
	l.becomes(reader.Held)
	gun.send(up(30))
	l.becomes(reader.OK)
	gun.types("DEMO-19\r")
	l.hears("DEMO-19")
}

// It may be pulled out in mid-code and come back under another node.
func TestHardwareUnplug(t *testing.T) {
	gun := plugIn(t, "USB Barcode Scanner")
	l := listen(t, "evdev:")
	l.becomes(reader.OK)
	gun.types("half a co")
	gun.pullOut()
	l.becomes(reader.Absent)
	decoy := plugIn(t, "Logitech USB Keyboard") // takes the old node
	gun = plugIn(t, "USB Barcode Scanner")
	if decoy.node == gun.node {
		t.Fatal("two keyboards at one node")
	}
	l.becomes(reader.OK)
	gun.types("DEMO-20\r")
	l.hears("DEMO-20")
}

// Keys that came faster than we read leave a gap, and a code with a gap is none.
func TestHardwareOverrun(t *testing.T) {
	gun := plugIn(t, "USB Barcode Scanner")
	s, err := reader.Opener{}.Open(t.Context(), "evdev:"+gun.node)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	gun.types(strings.Repeat("0123456789", 40)) // nobody reads: the kernel keeps a part
	_ = s.SetReadDeadline(time.Now().Add(patience))
	for b := make([]byte, 64); ; {
		if _, err := s.Read(b); err == reader.ErrLost {
			return
		} else if err != nil {
			t.Fatalf("read: %v, want to hear of the gap", err)
		}
	}
}
