package device_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/printer"
	"motcua/printer/device"
)

// plugIn makes the folders the kernel shows for a USB printer: its interface
// with the device id, and one above it the USB device with its serial number.
func plugIn(t *testing.T, sys, lp, id, serial string) {
	t.Helper()
	port := filepath.Join(sys, "devices", "usb-"+lp)
	node := filepath.Join(port, "1.0", "usbmisc", lp)
	for _, dir := range []string{node, filepath.Join(sys, "class", "usbmisc")} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for path, text := range map[string]string{
		filepath.Join(port, "1.0", "ieee1284_id"): id,
		filepath.Join(port, "serial"):             serial + "\n",
	} {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{
		filepath.Join(node, "device"):                  "../..",
		filepath.Join(sys, "class", "usbmisc", lp):     "../../devices/usb-" + lp + "/1.0/usbmisc/" + lp,
		filepath.Join(sys, "class", "usbmisc", "x"+lp): "../../devices/usb-" + lp,
	} {
		if err := os.Symlink(to, link); err != nil {
			t.Fatal(err)
		}
	}
}

func TestUSBPrinters(t *testing.T) {
	o := device.Opener{Sys: t.TempDir(), Dev: "/dev"}
	if list, err := o.USBPrinters(); err != nil || len(list) != 0 {
		t.Errorf("nothing plugged in gives %v, %v", list, err)
	}
	plugIn(t, o.Sys, "lp0", "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;SN:A1;", "USB1")
	plugIn(t, o.Sys, "lp1", "", "USB2")
	got, err := o.USBPrinters()
	if err != nil {
		t.Fatal(err)
	}
	want := []device.USBPrinter{
		{Node: "/dev/usb/lp0", ID: printer.DeviceID{Manufacturer: "EPSON", Model: "TM-T20II", Commands: []string{"ESC/POS"}, Serial: "A1"}},
		{Node: "/dev/usb/lp1", ID: printer.DeviceID{Serial: "USB2"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// Which printer an id means; its node, which no test can make, is missing, so
// the error names it.
func TestUSBByID(t *testing.T) {
	o := device.Opener{Sys: t.TempDir(), Dev: t.TempDir()}
	says := func(uri string, want ...string) {
		t.Helper()
		d, err := o.Open(context.Background(), uri)
		if err == nil {
			d.Close()
			t.Fatalf("%s opened", uri)
		}
		var e *device.Error
		for _, w := range want {
			if !errors.As(err, &e) || !strings.Contains(err.Error(), w) {
				t.Errorf("%s: error %q does not say %q", uri, err, w)
			}
		}
	}
	says("usb:", "no USB printer is plugged in", "USB cable")
	plugIn(t, o.Sys, "lp0", "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;SN:A1;", "")
	lp0, lp1 := "no such device", "several USB printers"
	says("usb:", lp0, filepath.Join(o.Dev, "usb/lp0"))
	says("usb:?mdl=tm-t20ii&mfg=Epson", lp0)
	says("usb:?mdl=TM-T88V", "no USB printer is called that", "there is EPSON TM-T20II sn=A1 at")
	plugIn(t, o.Sys, "lp1", "MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;", "A2")
	plugIn(t, o.Sys, "lp2", "", "")
	says("usb:?mdl=TM-T20II", lp1, "add sn=", "sn=A1", "sn=A2")
	says("usb:?mdl=TM-T20II&sn=a2", "no such device", filepath.Join(o.Dev, "usb/lp1"))
	says("usb:", lp1, "one without a name at")
}
