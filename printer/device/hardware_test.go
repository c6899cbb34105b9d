//go:build hardware

package device_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"motcua/printer"
	"motcua/printer/device"
	"motcua/printer/escpos"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// These tests need a kernel with a USB printer of which they hold the other
// end: the printer gadget on dummy_hcd, as make test-hardware boots it. It is
// an EPSON TM-T20II with the serial number SN1. The environment says where:
//
//	PRINTER_LP      the printer's node, /dev/usb/lp0
//	PRINTER_GADGET  the printer's own end, /dev/g_printer0
//	PRINTER_UDC     a file: empty is unplugged, the controller's name is plugged in

const controller = "dummy_udc.0"

// patience is for an emulated machine, many times slower than a real one.
const patience = 20 * time.Second

func env(t *testing.T, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Skip(name + " is not set: no printer gadget here")
	}
	return v
}

// plug puts the cable in or pulls it out. The printer's end must not be open
// when it is pulled: Linux 6.1's gadget would go on using what it has freed.
func plug(t *testing.T, in bool) {
	t.Helper()
	path, name := env(t, "PRINTER_UDC"), ""
	if in {
		name = controller
	}
	if now, err := os.ReadFile(path); err != nil || strings.TrimSpace(string(now)) == name {
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	if err := os.WriteFile(path, []byte(name+"\n"), 0); err != nil {
		t.Fatal(err)
	}
}

// until tries again until it succeeds.
func until(t *testing.T, what string, try func() error) {
	t.Helper()
	end := time.Now().Add(patience)
	for {
		err := try()
		if err == nil {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%s: %v", what, err)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// openGadget opens the printer's end. It must not block: the driver holds its
// lock while a read waits.
func openGadget(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_RDWR|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	f := os.NewFile(uintptr(fd), path)
	return f, f.SetDeadline(time.Time{})
}

// whole reads all the gadget has at once: ten requests of 8 kB. Linux 6.1
// frees a request twice when the cable is pulled while it is half read.
type whole struct {
	*os.File
	r *bufio.Reader
}

func (w whole) Read(b []byte) (int, error) { return w.r.Read(b) }

func gadget(t *testing.T) *os.File {
	t.Helper()
	path := env(t, "PRINTER_GADGET")
	var f *os.File
	until(t, "open the printer's end", func() (err error) {
		f, err = openGadget(path)
		return err
	})
	t.Cleanup(func() { f.Close() })
	return f
}

func openUSB(t *testing.T, uri string) *device.USB {
	t.Helper()
	var d device.Device
	until(t, "open the printer", func() (err error) {
		d, err = device.Open(context.Background(), uri)
		return err
	})
	t.Cleanup(func() { d.Close() })
	return d.(*device.USB)
}

// takes reads what the printer got, so much of it.
func takes(t *testing.T, f *os.File, n int) []byte {
	t.Helper()
	_ = f.SetReadDeadline(time.Now().Add(patience))
	b := make([]byte, n)
	got, err := io.ReadFull(f, b)
	if err != nil {
		t.Fatalf("printer got %d of %d bytes: %v", got, n, err)
	}
	return b
}

func TestHardwareUSB(t *testing.T) {
	lp := env(t, "PRINTER_LP")
	uri := "usb://" + lp

	t.Run("addresses", func(t *testing.T) {
		link := filepath.Join(t.TempDir(), "printer-port")
		if err := os.Symlink(lp, link); err != nil {
			t.Fatal(err)
		}
		for _, a := range []string{uri, "usb://" + link, "usb:", "usb:?mdl=TM-T20II", "usb:?mfg=Epson&mdl=tm-t20ii&sn=SN1"} {
			d := openUSB(t, a)
			id := d.ID()
			if id.String() != "EPSON TM-T20II" || len(id.Commands) != 1 || id.Commands[0] != "ESC/POS" || id.Serial != "SN1" {
				t.Errorf("%s is %+v", a, id)
			}
			if p, note := escpos.ProfileFor(id); p.Name != "epson" || note != "" {
				t.Errorf("%s gets profile %s, %q", a, p.Name, note)
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		}
		if _, err := device.Open(t.Context(), "usb:?mdl=TM-T88V"); err == nil || !strings.Contains(err.Error(), "there is EPSON TM-T20II sn=SN1 at "+lp) {
			t.Errorf("another model: %v", err)
		}
	})

	t.Run("exclusive", func(t *testing.T) {
		openUSB(t, uri)
		for _, a := range []string{uri, "usb:?mdl=TM-T20II", "file://" + lp} {
			if _, err := device.Open(t.Context(), a); !errors.Is(err, unix.EBUSY) || !strings.Contains(err.Error(), "in use by another program") || !strings.Contains(err.Error(), "stop the other daemon or CUPS") {
				t.Errorf("%s, taken: %v", a, err)
			}
		}
	})

	t.Run("both ways", func(t *testing.T) {
		d, g := openUSB(t, uri), gadget(t)
		slip := make([]byte, 20_000)
		for i := range slip {
			slip[i] = byte(i * 7)
		}
		wrote := make(chan error, 1)
		go func() {
			_ = d.SetWriteDeadline(time.Now().Add(patience))
			_, err := d.Write(slip)
			wrote <- err
		}()
		if got := takes(t, g, len(slip)); !bytes.Equal(got, slip) {
			t.Error("the printer got other bytes")
		}
		if err := <-wrote; err != nil {
			t.Error(err)
		}
		for _, answer := range []string{"\x12", "\x37\x220042\x00"} {
			if _, err := g.Write([]byte(answer)); err != nil {
				t.Fatal(err)
			}
			_ = d.SetReadDeadline(time.Now().Add(patience))
			b := make([]byte, len(answer))
			if _, err := io.ReadFull(d, b); err != nil || string(b) != answer {
				t.Errorf("read % X, %v; want % X", b, err, answer)
			}
		}
	})

	t.Run("deadlines", func(t *testing.T) {
		d := openUSB(t, uri)
		_ = d.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
		if n, err := d.Read(make([]byte, 1)); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("read %d bytes, %v; want the deadline", n, err)
		}
		// Nobody drains the printer: buffers fill, then writes end in time.
		taken := 0
		_ = d.SetWriteDeadline(time.Now().Add(2 * time.Second))
		n, err := d.Write(make([]byte, 1<<20))
		taken += n
		if !errors.Is(err, os.ErrDeadlineExceeded) || taken == 0 || taken == 1<<20 {
			t.Errorf("wrote %d bytes, %v; want some and the deadline", taken, err)
		}
		t.Logf("a printer that drains nothing took %d bytes", taken)
		begin := time.Now()
		if err := d.Close(); err != nil || time.Since(begin) > 5*time.Second {
			t.Errorf("closed after %s, %v", time.Since(begin), err)
		}
	})

	// What was stuck before is gone after a soft reset: the way out of a
	// picture that was cut off.
	t.Run("soft reset", func(t *testing.T) {
		d := openUSB(t, uri)
		if err := d.SoftReset(); err != nil {
			t.Fatal(err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		d, g := openUSB(t, uri), gadget(t)
		_ = d.SetWriteDeadline(time.Now().Add(patience))
		if _, err := d.Write([]byte("new")); err != nil {
			t.Fatal(err)
		}
		if got := takes(t, g, 3); string(got) != "new" {
			t.Errorf("printer got %q, want what was written after the reset", got)
		}
	})

	t.Run("port status", func(t *testing.T) {
		d, g := openUSB(t, uri), gadget(t)
		raw, err := g.SyscallConn()
		if err != nil {
			t.Fatal(err)
		}
		for b, want := range map[int]device.PortStatus{
			0x18: {OK: true, Selected: true},
			0x38: {OK: true, Selected: true, PaperOut: true},
			0x00: {},
		} {
			var inner error
			if err := raw.Control(func(fd uintptr) { inner = unix.IoctlSetInt(int(fd), 0xc0016722, b) }); err != nil || inner != nil {
				t.Fatal(err, inner) // GADGET_SET_PRINTER_STATUS
			}
			if got, err := d.PortStatus(); err != nil || got != want {
				t.Errorf("status %#x reads %+v, %v; want %+v", b, got, err, want)
			}
		}
		var inner error
		if err := raw.Control(func(fd uintptr) { inner = unix.IoctlSetInt(int(fd), 0xc0016722, 0x18) }); err != nil || inner != nil {
			t.Fatal(err, inner)
		}
	})

	// The cable may be pulled at any moment: in a read, in a write, in both,
	// before a word was said.
	for _, moment := range []string{"idle", "reading", "writing", "both"} {
		t.Run("unplugged "+moment, func(t *testing.T) {
			defer plug(t, true)
			d := openUSB(t, uri)
			read, wrote := make(chan error, 1), make(chan error, 1)
			if moment == "reading" || moment == "both" {
				go func() {
					_, err := d.Read(make([]byte, 1))
					read <- err
				}()
			}
			if moment == "writing" || moment == "both" {
				go func() {
					_, err := d.Write(make([]byte, 1<<20))
					wrote <- err
				}()
			}
			plug(t, false)
			if moment == "idle" {
				go func() {
					_, err := d.Write([]byte("late"))
					wrote <- err
				}()
			}
			for what, ch := range map[string]chan error{"read": read, "write": wrote} {
				if what == "read" && (moment == "idle" || moment == "writing") || what == "write" && moment == "reading" {
					continue
				}
				select {
				case err := <-ch:
					if !errors.Is(err, unix.ENODEV) && !errors.Is(err, unix.EIO) || !strings.Contains(err.Error(), "unplugged") {
						t.Errorf("%s ended by %v", what, err)
					}
				case <-time.After(patience):
					t.Fatalf("%s does not end", what)
				}
			}
			if err := d.Close(); err != nil {
				t.Error(err)
			}
			says := func(uri, want string) {
				until(t, "find it gone", func() error { // the kernel takes a moment to notice
					d, err := device.Open(t.Context(), uri)
					if err == nil {
						d.Close()
						return errors.New("opened without a cable")
					}
					if !strings.Contains(err.Error(), want) {
						return err
					}
					return nil
				})
			}
			says("usb:?mdl=TM-T20II", "no USB printer is plugged in")
			says(uri, "check that the printer is on and its USB cable is in")
			plug(t, true)
			d = openUSB(t, uri)
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// Slips go through the kernel's printer driver to an emulated printer while
// its cable is pulled out and put back again and again: every slip comes out.
func TestHardwareUSBSpool(t *testing.T) {
	lp, path := env(t, "PRINTER_LP"), env(t, "PRINTER_GADGET")
	const slips = 6
	p := printertest.New(printertest.Options{KeepsLastAck: true})
	defer p.Close()
	// The printer's end comes and goes with the cable.
	var (
		keeper sync.WaitGroup
		stop   = make(chan struct{})

		mu    sync.Mutex // protects the rest
		out   bool
		now   *os.File      // nil: not open
		ended chan struct{} // closed when nobody reads now any more
	)
	keeper.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
			mu.Lock()
			var f *os.File
			if !out {
				f, _ = openGadget(path)
			}
			now, ended = f, make(chan struct{})
			done := ended
			mu.Unlock()
			if f != nil {
				_ = p.Attach(whole{f, bufio.NewReaderSize(f, 1<<17)})
			}
			close(done)
		}
	})
	// release closes the printer's end and keeps it closed.
	release := func() {
		mu.Lock()
		out = true
		f, done := now, ended
		mu.Unlock()
		if f != nil {
			f.Close()
			<-done
		}
	}
	log := newJournal()
	auto := escpos.NewAuto()
	sp := spool.New(spool.Options{
		Open: func(ctx context.Context) (spool.Link, error) {
			d, err := device.Open(ctx, "usb://"+lp)
			if err != nil {
				return nil, err
			}
			auto.Recognise(d.(*device.USB).ID())
			return d, nil
		},
		Protocol: auto, Log: log, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
		AckWindow: 3 * time.Second, StatusWait: 500 * time.Millisecond, RecoverPause: 100 * time.Millisecond,
		AutoReprints: 100, BackoffMin: 50 * time.Millisecond, BackoffMax: 500 * time.Millisecond,
	})
	defer func() {
		if err := sp.Close(); err != nil {
			t.Error(err)
		}
		release()
		close(stop)
		keeper.Wait()
	}()
	for id := range printer.JobID(slips) {
		s := printer.Slip{Centre: "Trung tâm", Category: "Chứng thực", Number: "A00" + string(rune('1'+id))}
		if err := sp.Submit(spool.Request{ID: id + 1, Slip: s, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
		// Pulled once some bytes of it arrived, which is a different place each time.
		ctx, cancel := context.WithTimeout(t.Context(), patience)
		had := p.Stats().Received
		err := p.Until(ctx, func(s printertest.Stats) bool { return s.Received > had+int64(id)*150 })
		cancel()
		if err != nil {
			t.Fatalf("slip %d: %v; %+v", id+1, err, sp.Status())
		}
		release()
		plug(t, false)
		until(t, "see it gone", func() error {
			if _, err := os.Stat(lp); err == nil {
				return errors.New("its node is there")
			}
			return nil
		})
		plug(t, true)
		mu.Lock()
		out = false
		mu.Unlock()
	}
	if n := log.wait(slips, 2*time.Minute); n != slips {
		t.Fatalf("%d of %d slips printed; %+v; printer %+v", n, slips, sp.Status(), p.Stats())
	}
	t.Logf("%d slips, %d pieces of paper, %d links", slips, p.Stats().Tickets, p.Stats().Connections)
}
