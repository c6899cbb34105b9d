package rig

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"motcua/printer/printertest"
)

// Printer is a USB printer: the kernel sees an EPSON TM-T20II, and what is
// written to it reaches the emulated printer it is made of.
type Printer struct {
	*printertest.Printer
	Node string // /dev/usb/lp0

	t          testing.TB
	gadget     string
	udc        string
	controller string

	stop   chan struct{}
	keeper sync.WaitGroup

	mu    sync.Mutex // protects what follows
	out   bool       // the printer's end stays closed
	now   *os.File   // the printer's end; nil: not open
	ended chan struct{}
}

// NewPrinter plugs the guest's first printer in; made of these options.
func NewPrinter(t testing.TB, o printertest.Options) *Printer {
	t.Helper()
	return newPrinter(t, o, "PRINTER", "dummy_udc.0")
}

// NewSecondPrinter plugs the second one in.
func NewSecondPrinter(t testing.TB, o printertest.Options) *Printer {
	t.Helper()
	return newPrinter(t, o, "PRINTER2", "dummy_udc.1")
}

func newPrinter(t testing.TB, o printertest.Options, env, controller string) *Printer {
	t.Helper()
	p := &Printer{
		Printer: printertest.New(o), Node: Env(t, env+"_LP"),
		t: t, gadget: Env(t, env+"_GADGET"), udc: Env(t, env+"_UDC"), controller: controller, stop: make(chan struct{}),
	}
	p.cable(false) // drops what an earlier test left on its way
	p.Plug()
	p.drain()
	p.keeper.Go(p.keep)
	t.Cleanup(func() {
		p.release()
		close(p.stop)
		p.keeper.Wait()
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		p.cable(env == "PRINTER") // as init.sh left it
	})
	return p
}

// drain throws away what the kernel still has for a printer of an earlier test.
func (p *Printer) drain() {
	p.t.Helper()
	var f *os.File
	Until(p.t, "open the printer's end", func() (err error) {
		f, err = openEnd(p.gadget)
		return err
	})
	defer f.Close()
	if err := f.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		p.t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, f); !errors.Is(err, os.ErrDeadlineExceeded) {
		p.t.Fatalf("drained %d bytes: %v", n, err)
	}
}

// keep holds the printer's end open while the cable is in.
func (p *Printer) keep() {
	for {
		select {
		case <-p.stop:
			return
		case <-time.After(10 * time.Millisecond):
		}
		p.mu.Lock()
		var f *os.File
		if !p.out {
			f, _ = openEnd(p.gadget) // it may not be there yet: tried again
		}
		p.now, p.ended = f, make(chan struct{})
		done := p.ended
		p.mu.Unlock()
		if f != nil {
			_ = p.Attach(whole{f, bufio.NewReaderSize(f, 1<<17)}) // ends with the cable
		}
		close(done)
	}
}

// openEnd opens the printer's end of the cable. It must not block: the driver
// holds its lock while a read waits.
func openEnd(path string) (*os.File, error) {
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

// release closes the printer's end and keeps it closed. While it is open the
// cable must not be pulled: Linux 6.1's gadget would go on using what it has
// freed.
func (p *Printer) release() {
	p.mu.Lock()
	p.out = true
	f, done := p.now, p.ended
	p.mu.Unlock()
	if f != nil {
		// Not by closing the file: a printer that takes no bytes would not see it.
		p.Fault(printertest.Fault{Kind: printertest.Cable, Times: 1})
		<-done
	}
}

// Unplug pulls the cable.
func (p *Printer) Unplug() {
	p.t.Helper()
	p.release()
	p.cable(false)
	Until(p.t, "see the printer gone", func() error {
		if _, err := os.Stat(p.Node); err == nil {
			return fmt.Errorf("%s is there", p.Node)
		}
		return nil
	})
}

// Plug puts the cable back.
func (p *Printer) Plug() {
	p.t.Helper()
	p.cable(true)
	p.mu.Lock()
	p.out = false
	p.mu.Unlock()
	Until(p.t, "see the printer", func() error {
		_, err := os.Stat(p.Node)
		return err
	})
}

func (p *Printer) cable(in bool) {
	p.t.Helper()
	name := ""
	if in {
		name = p.controller
	}
	if now := strings.TrimSpace(get(p.t, p.udc)); now != name {
		put(p.t, p.udc, name)
	}
}

// PortStatus sets what the printer answers to the kernel's own request: 08 no
// fault, 10 selected, 20 paper out.
func (p *Printer) PortStatus(status int) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == nil {
		p.t.Fatal("the printer's end is not open")
	}
	raw, err := p.now.SyscallConn()
	if err != nil {
		p.t.Fatal(err)
	}
	const setPrinterStatus = 0xc0016722 // GADGET_SET_PRINTER_STATUS, linux/usb/g_printer.h
	var inner error
	if err := raw.Control(func(fd uintptr) { inner = unix.IoctlSetInt(int(fd), setPrinterStatus, status) }); err != nil || inner != nil {
		p.t.Fatal(err, inner)
	}
}
