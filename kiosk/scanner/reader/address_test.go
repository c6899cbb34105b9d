package reader_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/kiosk/scanner/reader"
)

func TestAddresses(t *testing.T) {
	for uri, want := range map[string]string{
		"evdev:": "", "evdev:/dev/input/by-id/usb-SM-event-kbd": "", "evdev:///dev/input/event3": "",
		"evdev:?name=USBKey Chip USBKey Module": "", "evdev:?name=SM+2D": "",
		"serial:///dev/ttyACM0": "", "serial:///dev/serial/by-id/usb-x?baud=115200&flow=rtscts": "",

		"":                                    "not an address",
		"barcode":                             "neither evdev: nor serial:",
		"usb:":                                "neither evdev: nor serial:",
		"tcp://10.0.0.9:9100":                 "neither evdev: nor serial:",
		"evdev://event3":                      "path does not begin with /",
		"evdev:event3":                        "path does not begin with /",
		"evdev:/":                             "path missing",
		"evdev:?name=":                        "name is empty",
		"evdev:/dev/input/event3?name=x":      "both a path and a name",
		"evdev:?vendor=05e0":                  "unknown setting vendor",
		"evdev:?name=%zz":                     "not key=value",
		"evdev:/dev/input/event3#1":           "path has #",
		"serial:":                             "path missing",
		"serial://ttyACM0":                    "path does not begin with /",
		"serial:///dev/ttyACM0?baud=300":      "no such speed",
		"serial:///dev/ttyACM0?flow=dtr":      "no such flow control",
		"serial:///dev/ttyACM0?name=x":        "unknown setting name",
		"serial:///dev/ttyACM0?baud=9600&x=1": "unknown setting x",
	} {
		err := reader.Check(uri)
		var e *reader.Error
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", uri, err)
		case want != "" && (!errors.As(err, &e) || !strings.Contains(e.Msg, want) || e.Hint == "" || e.Code != reader.Unfit):
			t.Errorf("%q: %v, want %q and a hint", uri, err, want)
		}
	}
	for path, want := range map[string]string{
		"/dev/ttyACM0":        "serial:///dev/ttyACM0",
		"/dev/serial/by-id/x": "serial:///dev/serial/by-id/x",
		"/dev/input/event3":   "evdev:///dev/input/event3",
		"evdev:":              "evdev:",
	} {
		if got := reader.Address(path); got != want || reader.Check(got) != nil {
			t.Errorf("%s became %s", path, got)
		}
	}
}

// The key sets below are those of real devices as a kernel of 64 bits prints
// them; on 32 bits it prints other words.
const (
	fullKeys  = "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe" // a keyboard's
	mouseKeys = "1f0000 0 0 0 0"
	mediaKeys = "3e000b00000000 0 0 0"
)

type device struct{ node, name, vendor, keys, link string }

// machine makes a sysfs and a /dev of these input devices.
func machine(t *testing.T, devices ...device) reader.Opener {
	t.Helper()
	o := reader.Opener{Sys: t.TempDir(), Dev: t.TempDir()}
	for _, d := range devices {
		for name, text := range map[string]string{"name": d.name, "id/vendor": d.vendor, "capabilities/key": d.keys} {
			put(t, filepath.Join(o.Sys, "class/input", d.node, "device", name), text+"\n")
		}
		put(t, filepath.Join(o.Dev, "input", d.node), "")
		if d.link != "" {
			link := filepath.Join(o.Dev, "input/by-id", d.link)
			put(t, filepath.Join(filepath.Dir(link), ".keep"), "")
			if err := os.Symlink("../"+d.node, link); err != nil {
				t.Fatal(err)
			}
		}
	}
	return o
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

var (
	typist = device{"event0", "Logitech USB Keyboard", "046d", fullKeys, "usb-Logitech-event-kbd"}
	media  = device{"event1", "Logitech USB Keyboard Consumer Control", "046d", mediaKeys, ""}
	mouse  = device{"event2", "Barcode Mouse", "05e0", mouseKeys, ""}
	gun    = device{"event10", "SM SM-2D PRODUCT HID KBW", "ac90", fullKeys, "usb-SM-event-kbd"}
	zebra  = device{"event9", "Symbol Technologies, Inc, 2008 DS4308", "05e0", fullKeys, ""}
	silent = device{"event4", "USBKey Chip USBKey Module", "28e9", fullKeys, ""}
)

func TestKeyboards(t *testing.T) {
	o := machine(t, gun, typist, media, mouse, zebra)
	want := []reader.Keyboard{
		{Node: o.Dev + "/input/event0", Link: o.Dev + "/input/by-id/usb-Logitech-event-kbd", Name: typist.name},
		{Node: o.Dev + "/input/event9", Name: zebra.name, Scanner: true},
		{Node: o.Dev + "/input/event10", Link: o.Dev + "/input/by-id/usb-SM-event-kbd", Name: gun.name, Scanner: true},
	}
	if d := cmp.Diff(want, o.Keyboards()); d != "" {
		t.Errorf("keyboards (-want +got):\n%s", d)
	}
}

// Without a path the scanner must be the only one there is; a person's keyboard
// is never taken for one.
func TestWhichKeyboardIsMeant(t *testing.T) {
	for _, c := range []struct {
		name    string
		devices []device
		uri     string
		code    reader.Code
		says    []string
	}{
		{"one scanner beside a keyboard", []device{typist, media, gun}, "evdev:", reader.Unfit, nil},
		{"by its name", []device{typist, silent}, "evdev:?name=usbkey chip usbkey module", reader.Unfit, nil},
		{"no scanner, a keyboard", []device{typist, media, mouse}, "evdev:", reader.Absent, []string{"no scanner is plugged in", typist.name, "evdev:?name="}},
		{"nothing", nil, "evdev:", reader.Absent, []string{"no scanner is plugged in", "cable"}},
		{"one that does not say what it is", []device{typist, silent}, "evdev:", reader.Absent, []string{silent.name}},
		{"two scanners", []device{gun, zebra}, "evdev:", reader.Ambiguous, []string{gun.name, zebra.name, "/input/event9"}},
		{"two of one name", []device{silent, {"event5", silent.name, "28e9", fullKeys, ""}}, "evdev:?name=" + silent.name, reader.Ambiguous, []string{"event4", "event5"}},
		{"another name", []device{gun}, "evdev:?name=DS4308", reader.Absent, []string{`"DS4308"`, gun.name}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := machine(t, c.devices...)
			_, err := o.Open(t.Context(), c.uri)
			var e *reader.Error
			if !errors.As(err, &e) || e.Code != c.code {
				t.Fatalf("got %v, want %s", err, c.code) // Unfit: it was found, and is a plain file here
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%v lacks %q", err, s)
				}
			}
		})
	}
}

func TestPOSModeIsNamed(t *testing.T) {
	o := machine(t, typist)
	put(t, filepath.Join(o.Sys, "class/hidraw/hidraw0/device/report_descriptor"), "\x05\x01\x09\x06\xa1\x01")
	put(t, filepath.Join(o.Sys, "class/hidraw/hidraw1/device/report_descriptor"), "\x05\x8c\x09\x02\xa1\x01")
	_, err := o.Open(t.Context(), "evdev:")
	for _, s := range []string{"point-of-sale mode at hidraw1", "USB keyboard"} {
		if err == nil || !strings.Contains(err.Error(), s) {
			t.Errorf("%v lacks %q", err, s)
		}
	}
}

// What stands at a path may be missing, closed to us, or no scanner.
func TestWrongDevices(t *testing.T) {
	o := machine(t, gun)
	for uri, code := range map[string]reader.Code{
		"evdev:" + o.Dev + "/input/event77":        reader.Absent,
		"evdev:" + o.Dev + "/input/event10":        reader.Unfit,
		"evdev:" + o.Dev:                           reader.Unfit,
		"evdev:/dev/null":                          reader.Unfit,
		"serial://" + o.Dev + "/ttyACM0":           reader.Absent,
		"serial://" + o.Dev + "/input/event10":     reader.Broken,
		"serial:///dev/null":                       reader.Broken,
		"serial:///dev/serial/by-id/none?baud=300": reader.Unfit,
	} {
		s, err := o.Open(t.Context(), uri)
		if err == nil {
			s.Close()
		}
		var e *reader.Error
		if !errors.As(err, &e) || e.Code != code || e.Hint == "" || e.URI != uri {
			t.Errorf("%s: %v, want %s and a hint", uri, err, code)
		}
	}
}
