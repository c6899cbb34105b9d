package device

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"motcua/printer"
)

// ioctls of usblp (linux/drivers/usb/class/usblp.c and include/linux/lp.h).
const (
	lpGetStatus   = 0x060b // LPGETSTATUS, an int
	lpIOCReset    = 0x5007 // LPIOC_SOFT_RESET
	lpIOCDeviceID = 2<<30 | deviceIDSize<<16 | 'P'<<8 | 1
	deviceIDSize  = 1024 // what usblp keeps of an id
)

// emptyPause slows down a printer that keeps answering with nothing.
const emptyPause = 20 * time.Millisecond

// PortStatus is what a USB printer's port says (USB printer class 1.1, §4.2.2).
// Many clones never change it: it is a hint, not the printer's word.
type PortStatus struct {
	OK       bool // no error
	Selected bool // online
	PaperOut bool
}

// USB is a USB printer's port. It is exclusive: a second open fails.
type USB struct {
	uri  string
	file *os.File
	id   printer.DeviceID
}

var (
	_ Device     = (*USB)(nil)
	_ Identified = (*USB)(nil)
	_ Resetter   = (*USB)(nil)
	_ PaperPort  = (*USB)(nil)
)

// USBPrinter is one that is plugged in.
type USBPrinter struct {
	Node string // such as /dev/usb/lp0
	ID   printer.DeviceID
}

// USBPrinters lists the USB printers the kernel knows, by their nodes' names,
// without opening one.
func (o Opener) USBPrinters() ([]USBPrinter, error) {
	o = o.withDefaults()
	dir := filepath.Join(o.Sys, "class", "usbmisc")
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) { // no such class: nothing was ever plugged in
		return nil, fmt.Errorf("list USB printers: %w", err)
	}
	var list []USBPrinter
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "lp") {
			continue
		}
		list = append(list, USBPrinter{
			Node: filepath.Join(o.Dev, "usb", e.Name()),
			ID:   sysID(filepath.Join(dir, e.Name(), "device")),
		})
	}
	return list, nil
}

// sysID reads a printer's id from its interface's folder in sysfs. What can't
// be read is empty: the printer may just have been unplugged.
func sysID(dir string) printer.DeviceID {
	text, _ := os.ReadFile(filepath.Join(dir, "ieee1284_id"))
	id := printer.ParseDeviceID(string(text))
	if id.Serial == "" {
		if real, err := filepath.EvalSymlinks(dir); err == nil {
			serial, _ := os.ReadFile(filepath.Join(filepath.Dir(real), "serial"))
			id.Serial = strings.TrimSpace(string(serial))
		}
	}
	return id
}

func (o Opener) openUSB(uri string, u *url.URL) (Device, error) {
	path := u.Path
	if path == "" {
		p, err := o.find(uri, u.Query())
		if err != nil {
			return nil, err
		}
		path = p.Node
	}
	fail := func(msg, hint string, err error) (Device, error) {
		return nil, &Error{URI: uri, Msg: msg, Hint: hint, Err: err}
	}
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	switch {
	case err == nil:
	case errors.Is(err, fs.ErrNotExist):
		return fail("no such device", "check that the printer is on and its USB cable is in; a printer without "+path+" is not of the printer class and needs its own driver", err)
	case errors.Is(err, unix.EISDIR):
		return fail("is a folder", "name the printer's node, such as usb:///dev/usb/lp0", err)
	default:
		return nil, explainFile(uri, err)
	}
	f := os.NewFile(uintptr(fd), path)
	d := &USB{uri: uri, file: f}
	raw, err := d.deviceID()
	if errors.Is(err, unix.ENOTTY) || errors.Is(err, unix.EINVAL) || f.SetDeadline(time.Time{}) != nil {
		f.Close()
		return fail("is not a USB printer", "name its node, such as usb:///dev/usb/lp0; for a serial port write serial://"+path+"?baud=38400, for a plain file file://"+path, err)
	}
	if errors.Is(err, unix.ENODEV) {
		f.Close()
		return nil, explainFile(uri, err)
	}
	d.id = printer.ParseDeviceID(raw) // empty when the printer keeps its name to itself
	if d.id.Serial == "" {
		var st unix.Stat_t
		if unix.Stat(path, &st) == nil {
			node := fmt.Sprintf("%d:%d", unix.Major(st.Rdev), unix.Minor(st.Rdev))
			d.id.Serial = sysID(filepath.Join(o.Sys, "dev", "char", node, "device")).Serial
		}
	}
	return d, nil
}

// find chooses the printer the query describes.
func (o Opener) find(uri string, q url.Values) (USBPrinter, error) {
	all, err := o.USBPrinters()
	if err != nil {
		return USBPrinter{}, &Error{URI: uri, Msg: "USB printers cannot be listed", Hint: "name its node: usb:///dev/usb/lp0", Err: err}
	}
	fits := func(key, is string) bool { return !q.Has(key) || strings.EqualFold(q.Get(key), is) }
	var found []USBPrinter
	for _, p := range all {
		if fits("mfg", p.ID.Manufacturer) && fits("mdl", p.ID.Model) && fits("sn", p.ID.Serial) {
			found = append(found, p)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(all) == 0:
		return USBPrinter{}, &Error{URI: uri, Msg: "no USB printer is plugged in", Hint: "check that the printer is on and its USB cable is in"}
	case len(found) == 0:
		return USBPrinter{}, &Error{URI: uri, Msg: "no USB printer is called that", Hint: "there is " + describe(all)}
	}
	return USBPrinter{}, &Error{URI: uri, Msg: "several USB printers are called that", Hint: "add sn=, or name the port's link under /dev/motcua; there is " + describe(found)}
}

func describe(list []USBPrinter) string {
	var names []string
	for _, p := range list {
		name := p.ID.String()
		if name == "" {
			name = "one without a name"
		}
		if p.ID.Serial != "" {
			name += " sn=" + p.ID.Serial
		}
		names = append(names, name+" at "+p.Node)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// control runs an ioctl. It goes by SyscallConn: (*os.File).Fd would make the
// descriptor blocking and take the deadlines away.
func (d *USB) control(request uint, arg unsafe.Pointer) error {
	raw, err := d.file.SyscallConn()
	if err != nil {
		return err
	}
	var errno unix.Errno
	if err := raw.Control(func(fd uintptr) {
		_, _, errno = unix.Syscall(unix.SYS_IOCTL, fd, uintptr(request), uintptr(arg))
	}); err != nil {
		return err
	}
	if errno != 0 {
		return errno
	}
	return nil
}

// deviceID asks the printer for its id, without the two bytes of its length,
// which count themselves.
func (d *USB) deviceID() (string, error) {
	var buf [deviceIDSize]byte
	if err := d.control(lpIOCDeviceID, unsafe.Pointer(&buf[0])); err != nil {
		return "", err
	}
	n := min(int(buf[0])<<8|int(buf[1]), len(buf))
	return string(buf[2:max(n, 2)]), nil
}

// ID is what the printer said when it was opened; empty when nothing.
func (d *USB) ID() printer.DeviceID { return d.id }

// PortStatus asks the port how it is; it works while data wait.
func (d *USB) PortStatus() (PortStatus, error) {
	var b int32
	if err := d.control(lpGetStatus, unsafe.Pointer(&b)); err != nil {
		return PortStatus{}, fmt.Errorf("read port status of printer %s: %w", d.uri, err)
	}
	return PortStatus{OK: b&0x08 != 0, Selected: b&0x10 != 0, PaperOut: b&0x20 != 0}, nil
}

// PaperOut is PortStatus for who wants to know of paper alone.
func (d *USB) PaperOut() (bool, error) {
	s, err := d.PortStatus()
	return s.PaperOut, err
}

// SoftReset empties the printer's buffers (USB printer class 1.1, §4.2.3).
// Close the device and open it again afterwards.
func (d *USB) SoftReset() error {
	if err := d.control(lpIOCReset, nil); err != nil {
		return fmt.Errorf("reset printer %s: %w", d.uri, err)
	}
	return nil
}

// Read returns what the printer says. Some answer with empty packets, which a
// file takes for its end: they are no answer here.
func (d *USB) Read(b []byte) (int, error) {
	for {
		n, err := d.file.Read(b)
		if n > 0 || !errors.Is(err, io.EOF) {
			return n, d.explain(err)
		}
		time.Sleep(emptyPause)
	}
}

// Write gives bytes to the kernel; that proves nothing about paper.
func (d *USB) Write(b []byte) (int, error) {
	n, err := d.file.Write(b)
	return n, d.explain(err)
}

// explain names what a printer that went away looks like: until the kernel has
// noticed, transfers fail as EIO.
func (d *USB) explain(err error) error {
	if errors.Is(err, unix.ENODEV) || errors.Is(err, unix.EIO) {
		return fmt.Errorf("printer %s is unplugged or off: %w", d.uri, err)
	}
	return err
}

// SetReadDeadline bounds reads.
func (d *USB) SetReadDeadline(t time.Time) error { return d.file.SetReadDeadline(t) }

// SetWriteDeadline bounds writes.
func (d *USB) SetWriteDeadline(t time.Time) error { return d.file.SetWriteDeadline(t) }

// Close gives the port free. What the printer has not taken is dropped.
func (d *USB) Close() error { return d.file.Close() }

func (d *USB) String() string { return d.uri }
