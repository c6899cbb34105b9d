//go:build hardware

package reader_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"motcua/internal/hardwaretest/rig"
	"motcua/kiosk/scanner/reader"
)

const card = "046058001234||HO VA TEN|15081958|Nam|DIA CHI|10052021"

// scans types a code until it is heard whole. The kernel keeps 64 events of a
// keyboard, and an emulated machine that stands still for a moment loses some,
// as a real one would if the reader were so late.
func (l *listening) scans(gun *rig.Keyboard, text string) {
	l.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); {
		gun.Type(text)
		select {
		case got := <-l.codes:
			if got == strings.Trim(text, "\r\t") {
				return
			}
			l.t.Logf("heard %q of it", got)
			for quiet := false; !quiet; { // the rest of it
				select {
				case <-l.codes:
				case <-time.After(2 * time.Second):
					quiet = true
				}
			}
		case <-time.After(patience):
		}
	}
	l.t.Fatalf("%q did not come", text)
}

// What is scanned reaches us and nobody else who has the keyboard open; when we
// let go of it, it is everybody's again.
func TestHardwareGrab(t *testing.T) {
	gun := rig.NewKeyboard(t, "SM SM-2D PRODUCT HID KBW")
	console := gun.Console()
	gun.Type("before")
	if got := console.Keys(); got != "before" {
		t.Fatalf("before it is taken the console reads %q", got)
	}
	t.Run("ours", func(t *testing.T) {
		l := listen(t, "evdev:"+gun.Node)
		l.becomes(reader.OK)
		l.scans(gun, card+"\r")
		if got := console.Keys(); got != "" {
			t.Errorf("the console reads %q of a card", got)
		}
		_, err := reader.Opener{}.Open(t.Context(), "evdev:"+gun.Node)
		var e *reader.Error
		if !errors.As(err, &e) || e.Code != reader.Taken {
			t.Errorf("taken a second time: %v", err)
		}
	})
	gun.Type("after")
	if got := console.Keys(); got != "after" {
		t.Errorf("let go, the console reads %q", got)
	}
}

// evdev: alone takes the scanner and leaves a person's keyboard alone.
func TestHardwareFind(t *testing.T) {
	person := rig.NewKeyboard(t, "Logitech USB Keyboard")
	console := person.Console()
	if _, err := (reader.Opener{}).Open(t.Context(), "evdev:"); err == nil || !strings.Contains(err.Error(), "Logitech USB Keyboard") {
		t.Errorf("without a scanner: %v", err)
	}
	gun := rig.NewKeyboard(t, "USB Barcode Scanner")
	l := listen(t, "evdev:")
	l.becomes(reader.OK)
	person.Type("hello")
	if got := console.Keys(); got != "hello" {
		t.Errorf("the person's console reads %q", got)
	}
	l.scans(gun, "DEMO-17\t")
	second := rig.NewKeyboard(t, "USB Barcode Scanner")
	if _, err := (reader.Opener{}).Open(t.Context(), "evdev:?name=USB Barcode Scanner"); err == nil || !strings.Contains(err.Error(), "several fit") {
		t.Errorf("two scanners: %v", err)
	}
	second.Unplug()
}

// Another program may have taken it first; it is ours as soon as that lets go.
func TestHardwareTakenByAnother(t *testing.T) {
	gun := rig.NewKeyboard(t, "USB Barcode Scanner")
	thief := gun.Console()
	thief.Grab(true)
	l := listen(t, "evdev:"+gun.Node)
	if s := l.becomes(reader.Taken); !strings.Contains(s.Hint, "stop the other") {
		t.Errorf("taken by another it is %+v", s)
	}
	thief.Grab(false)
	l.becomes(reader.OK)
	l.scans(gun, "DEMO-18\r")
}

// Taken with a key down, the console would repeat that key for ever.
func TestHardwareKeyDown(t *testing.T) {
	gun := rig.NewKeyboard(t, "USB Barcode Scanner")
	gun.Send(rig.Down(30))
	l := listen(t, "evdev:"+gun.Node)
	l.becomes(reader.Held)
	gun.Send(rig.Up(30))
	l.becomes(reader.OK)
	l.scans(gun, "DEMO-19\r")
}

// It may be pulled out in mid-code and come back under another node.
func TestHardwareUnplug(t *testing.T) {
	gun := rig.NewKeyboard(t, "USB Barcode Scanner")
	l := listen(t, "evdev:")
	l.becomes(reader.OK)
	gun.Type("half a co")
	gun.Unplug()
	l.becomes(reader.Absent)
	decoy := rig.NewKeyboard(t, "Logitech USB Keyboard") // takes the old node
	gun = rig.NewKeyboard(t, "USB Barcode Scanner")
	if decoy.Node == gun.Node {
		t.Fatal("two keyboards at one node")
	}
	l.becomes(reader.OK)
	l.scans(gun, "DEMO-20\r")
}

// Keys that came faster than we read leave a gap, and a code with a gap is none.
func TestHardwareOverrun(t *testing.T) {
	gun := rig.NewKeyboard(t, "USB Barcode Scanner")
	s, err := reader.Opener{}.Open(t.Context(), "evdev:"+gun.Node)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	gun.Type(strings.Repeat("0123456789", 40)) // nobody reads: the kernel keeps a part
	_ = s.SetReadDeadline(time.Now().Add(patience))
	for b := make([]byte, 64); ; {
		if _, err := s.Read(b); errors.Is(err, reader.ErrLost) {
			return
		} else if err != nil {
			t.Fatalf("read: %v, want to hear of the gap", err)
		}
	}
}

// A scanner in serial mode on a real USB bus: found by its node, pulled out in
// mid-code, put back.
func TestHardwareSerial(t *testing.T) {
	gun := rig.NewSerial(t)
	l := listen(t, "serial://"+gun.Node)
	l.becomes(reader.OK)
	gun.Send("046058001234||HỌ VÀ TÊN|15081958|Nam|ĐỊA CHỈ|10052021\r")
	l.hears("046058001234||HỌ VÀ TÊN|15081958|Nam|ĐỊA CHỈ|10052021")
	gun.Send("DEMO-17") // no suffix
	l.hears("DEMO-17")
	gun.Send("half a co")
	gun.Unplug()
	l.becomes(reader.Absent)
	gun.Plug()
	l.becomes(reader.OK)
	gun.Send("DEMO-18\r")
	l.hears("DEMO-18")
}
