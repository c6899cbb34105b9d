package main

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"motcua/internal/tty/ttytest"
	"motcua/printer/printertest"
)

// On a serial line bytes are time: the printer draws number and code itself,
// and from the evening on it keeps what all slips share.
func TestSerialPrinterKeepsWhatSlipsShare(t *testing.T) {
	master, path := ttytest.Pair(t)
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

// A printer that was never met gets what slips share before the doors open, so
// that the day's first slip is short already.
func TestPrinterIsFilledBeforeTheDoorsOpen(t *testing.T) {
	master, path := ttytest.Pair(t)
	o := &timed{t: t, printer: printertest.New(printertest.Options{Keep: 100})}
	served := make(chan error, 1)
	go func() { served <- o.printer.Attach(master) }()
	t.Cleanup(func() {
		master.Close()
		<-served
		o.printer.Close()
	})
	o.set("06:40") // the first session begins at 07:30
	o.open(demoWith(t, rules), "[printer]\ndevice = \"serial://"+path+"\"\nprofile = \"epson\"\n")
	ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
	defer cancel()
	if err := o.printer.Until(ctx, func(s printertest.Stats) bool { return s.Received > 20000 }); err != nil {
		t.Fatalf("%v: %+v", err, o.printer.Stats())
	}
	o.set("07:45")
	// What was not kept yet when the doors opened comes first.
	var slips []printertest.Ticket
	for n := 1; n < 30 && (len(slips) == 0 || slips[len(slips)-1].Bytes > 5000); n++ {
		if code := o.ask("POST", "/tickets", `{"category":"A"}`, nil); code != 201 {
			t.Fatalf("issue: %d", code)
		}
		var err error
		if slips, err = o.printer.Wait(ctx, n); err != nil {
			t.Fatal(err)
		}
	}
	if last := slips[len(slips)-1]; last.Bytes > 5000 || last.Unknown > 0 {
		t.Errorf("a slip takes %d bytes, %d commands unknown", last.Bytes, last.Unknown)
	}
}

func TestKeepingDue(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	long, short := at.Add(-time.Hour), at.Add(-time.Minute)
	for _, c := range []struct {
		name   string
		k      keeping
		closed bool
		want   bool
	}{
		{"nothing to do", keeping{slipAt: long}, true, false},
		{"doors closed", keeping{wanted: true, slipAt: short}, true, true},
		{"people come", keeping{wanted: true, slipAt: short}, false, false},
		{"a quiet hour", keeping{wanted: true, slipAt: long}, false, true},
		{"somebody sets the centre up", keeping{wanted: true, slipAt: long, changedAt: short}, true, false},
		{"often enough today", keeping{wanted: true, slipAt: long, day: "2026-11-23", told: keepMost}, true, false},
		{"another day", keeping{wanted: true, slipAt: long, day: "2026-11-22", told: keepMost}, true, true},
	} {
		if got := c.k.due(at, "2026-11-23", c.closed); got != c.want {
			t.Errorf("%s: %t, want %t", c.name, got, c.want)
		}
	}
}
