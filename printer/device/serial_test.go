package device_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"motcua/printer/device"
	"motcua/printer/printertest"
)

func openLine(t *testing.T, l *line, query string) device.Device {
	t.Helper()
	d, err := device.Open(t.Context(), "serial://"+l.path+query)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	return d
}

func TestSerialSettings(t *testing.T) {
	for _, c := range []struct {
		query  string
		baud   int
		rtscts bool
		xon    bool
	}{
		{"", 38400, true, false},
		{"?baud=9600", 9600, true, false},
		{"?baud=19200&flow=xonxoff", 19200, false, true},
		{"?baud=57600&flow=none", 57600, false, false},
		{"?baud=115200&flow=rtscts", 115200, true, false},
	} {
		t.Run(c.query, func(t *testing.T) {
			l := newLine(t)
			openLine(t, l, c.query)
			if got := l.baud(t); got != c.baud {
				t.Errorf("%d baud, want %d", got, c.baud)
			}
			tio := l.settings(t)
			if got := tio.Cflag&unix.CRTSCTS != 0; got != c.rtscts {
				t.Errorf("RTS/CTS %t, want %t", got, c.rtscts)
			}
			if got := tio.Iflag&unix.IXON != 0; got != c.xon || c.xon && (tio.Cc[unix.VSTART] != 0x11 || tio.Cc[unix.VSTOP] != 0x13) {
				t.Errorf("XON/XOFF %t (%#x, %#x), want %t", got, tio.Cc[unix.VSTART], tio.Cc[unix.VSTOP], c.xon)
			}
			if tio.Cflag&unix.CSIZE != unix.CS8 || tio.Cflag&(unix.PARENB|unix.CSTOPB) != 0 || tio.Lflag&(unix.ECHO|unix.ICANON|unix.ISIG) != 0 || tio.Oflag&unix.OPOST != 0 {
				t.Errorf("not a raw line of 8 bits, no parity, 1 stop bit: %+v", tio)
			}
		})
	}
}

// Every byte arrives as it was sent, no faster than the line, and the printer
// is heard meanwhile.
func TestSerialPaced(t *testing.T) {
	for _, baud := range []int{38400, 115200} {
		t.Run(fmt.Sprint(baud), func(t *testing.T) {
			t.Parallel()
			l := newLine(t)
			d := openLine(t, l, fmt.Sprintf("?baud=%d", baud))
			p := printertest.New(printertest.Options{})
			defer p.Close()
			attached := make(chan error)
			wire := l.paced(t)
			go func() { attached <- p.Attach(wire) }()

			// A picture of 64 rows holding every byte, a cut, a status request.
			job := []byte("\x1b@\x1dv0\x00\x20\x00\x40\x00")
			for i := range 0x20 * 0x40 {
				job = append(job, byte(i))
			}
			job = append(job, "\x1dV\x01\x10\x04\x01"...)
			begin := time.Now()
			_ = d.SetWriteDeadline(begin.Add(20 * time.Second))
			if n, err := d.Write(job); err != nil || n != len(job) {
				t.Fatalf("wrote %d of %d bytes, %v", n, len(job), err)
			}
			_ = d.SetReadDeadline(begin.Add(20 * time.Second))
			var b [1]byte
			if _, err := io.ReadFull(d, b[:]); err != nil || b[0] != 0x12 {
				t.Errorf("printer said % X, %v", b, err)
			}
			least := time.Duration(len(job)) * 10 * time.Second / time.Duration(baud) * 9 / 10
			if took := time.Since(begin); took < least {
				t.Errorf("%d bytes took %s, faster than the line's %s", len(job), took, least)
			}
			got := p.Tickets()
			if len(got) != 1 || got[0].TextBytes != 0 || got[0].Unknown != 0 {
				t.Fatalf("tickets %+v", got)
			}
			img := got[0].Image
			for i := range 0x20 * 0x40 {
				x, y := i%0x20*8, i/0x20
				var have byte
				for bit := range 8 {
					have <<= 1
					if img.Black(x+bit, y) {
						have |= 1
					}
				}
				if have != byte(i) {
					t.Fatalf("byte %d of the picture is %#x, want %#x", i, have, byte(i))
				}
			}
			l.unplug()
			<-attached
		})
	}
}

// A printer that takes nothing: writes end by their deadline, and Close does
// not wait for the kernel's 30 s.
func TestSerialStalled(t *testing.T) {
	for _, flow := range []string{"rtscts", "none"} {
		l := newLine(t)
		d := openLine(t, l, "?flow="+flow)
		_ = d.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		n, err := d.Write(make([]byte, 1<<20))
		if !errors.Is(err, os.ErrDeadlineExceeded) || n == 0 || n == 1<<20 {
			t.Errorf("%s: wrote %d bytes, %v; want some and the deadline", flow, n, err)
		}
		_ = d.SetWriteDeadline(time.Time{})
		wrote := make(chan error)
		go func() {
			_, err := d.Write(make([]byte, 1<<20))
			wrote <- err
		}()
		begin := time.Now()
		if err := d.Close(); err != nil || time.Since(begin) > 10*time.Second {
			t.Errorf("%s: closed after %s, %v", flow, time.Since(begin), err)
		}
		if err := <-wrote; err == nil {
			t.Errorf("%s: a stalled write ended well", flow)
		}
		if err := d.Close(); !errors.Is(err, os.ErrClosed) {
			t.Errorf("%s: closed again: %v", flow, err)
		}
	}
}

// XOFF holds the line though the printer's end goes on taking, XON lets it go
// on, and nothing is lost in between.
func TestSerialXOFF(t *testing.T) {
	l := newLine(t)
	d := openLine(t, l, "?flow=xonxoff")
	arrived := make(chan int, 1)
	go func() {
		n, buf := 0, make([]byte, 1024)
		for {
			k, err := l.master.Read(buf)
			n += k
			if err != nil || bytes.HasSuffix(buf[:k], []byte("!")) {
				arrived <- n
				return
			}
		}
	}()
	if _, err := l.master.Write([]byte{0x13}); err != nil {
		t.Fatal(err)
	}
	sent := 0
	for begin := time.Now(); ; { // the line may take some until it has seen the XOFF
		_ = d.SetWriteDeadline(time.Now().Add(50 * time.Millisecond))
		n, err := d.Write([]byte("."))
		sent += n
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		if err != nil || time.Since(begin) > 20*time.Second {
			t.Fatalf("XOFF does not stop the line: %v", err)
		}
	}
	if _, err := l.master.Write([]byte{0x11}); err != nil {
		t.Fatal(err)
	}
	_ = d.SetWriteDeadline(time.Now().Add(20 * time.Second))
	if _, err := d.Write([]byte("!")); err != nil {
		t.Fatalf("after XON: %v", err)
	}
	select {
	case n := <-arrived:
		if n != sent+1 {
			t.Errorf("printer got %d bytes, want %d", n, sent+1)
		}
	case <-time.After(20 * time.Second):
		t.Error("nothing arrives after XON")
	}
}

// Two programs on one line would mix their slips.
func TestSerialExclusive(t *testing.T) {
	l := newLine(t)
	uri := "serial://" + l.path
	d := openLine(t, l, "")
	_, err := device.Open(context.Background(), uri)
	if !errors.Is(err, unix.EBUSY) || !strings.Contains(err.Error(), "in use by another program") {
		t.Errorf("second open: %v", err)
	}
	if got := l.settings(t).Cflag & unix.CRTSCTS; got == 0 {
		t.Error("the refused open switched flow control off")
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	d, err = device.Open(context.Background(), uri)
	if err != nil {
		t.Fatalf("after the first closed: %v", err)
	}
	d.Close()
}

func TestSerialUnplugged(t *testing.T) {
	l := newLine(t)
	d := openLine(t, l, "")
	read, wrote := make(chan error), make(chan error)
	go func() {
		_, err := d.Read(make([]byte, 1))
		read <- err
	}()
	go func() {
		_, err := d.Write(make([]byte, 1<<20))
		wrote <- err
	}()
	l.unplug()
	for what, ch := range map[string]chan error{"read": read, "write": wrote} {
		if err := <-ch; err == nil || !strings.Contains(err.Error(), "unplugged") {
			t.Errorf("%s ended by %v", what, err)
		}
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	if _, err := device.Open(context.Background(), "serial://"+l.path); err == nil || !strings.Contains(err.Error(), "adapter is plugged in") {
		t.Errorf("opened again: %v", err)
	}
}
