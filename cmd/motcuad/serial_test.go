package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"motcua/printer/printertest"
)

// terminal opens a pair: the printer's end, and the path of the daemon's.
func terminal(t *testing.T) (*os.File, string) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	raw, err := master.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var number int
	var inner error
	err = raw.Control(func(fd uintptr) {
		if inner = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); inner == nil {
			number, inner = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil || inner != nil {
		t.Fatal(err, inner)
	}
	return master, fmt.Sprintf("/dev/pts/%d", number)
}

// On a serial line bytes are time: the printer draws number and code itself,
// and from the evening on it keeps what all slips share.
func TestSerialPrinterKeepsWhatSlipsShare(t *testing.T) {
	master, path := terminal(t)
	h := &hardware{t: t, printer: printertest.New(printertest.Options{Keep: 100}), data: t.TempDir()}
	served := make(chan error, 1)
	go func() { served <- h.printer.Attach(master) }()
	t.Cleanup(func() {
		master.Close()
		<-served
		h.printer.Close()
	})
	conf := filepath.Join(t.TempDir(), "motcua.toml")
	write(t, conf, fmt.Sprintf("[printer]\ndevice = %q\nprofile = \"epson\"\n", "serial://"+path))
	h.args = []string{"--config", conf}
	h.start()

	a := h.issue(`{"category":"A"}`)
	first := h.cut(1)
	if first.Text != a.Label+"\n" || first.Unknown != 0 {
		t.Errorf("the paper has the text %q, want the number; %d commands unknown", first.Text, first.Unknown)
	}
	if code, err := h.post("/day/close", "", `{}`, nil); err != nil || code != 200 {
		t.Fatalf("close the day: %d %v", code, err)
	}
	before := h.printer.Stats().Received
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err := h.printer.Until(ctx, func(s printertest.Stats) bool { return s.Received > before+20000 })
	if err != nil {
		t.Fatal(err)
	}
	if code, err := h.post("/day/open", "", `{}`, nil); err != nil || code != 200 {
		t.Fatalf("open the day: %d %v", code, err)
	}
	n, last := 1, first
	for n < 50 && last.Bytes > first.Bytes/2 {
		h.issue(`{"category":"A"}`)
		n++
		last = h.cut(n)
		if last.Unknown != 0 {
			t.Fatalf("%d commands unknown", last.Unknown)
		}
	}
	if last.Bytes > first.Bytes/2 {
		t.Errorf("a slip takes %d bytes, the first took %d", last.Bytes, first.Bytes)
	}
	h.stop()
}
