package device_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/printer"
	"motcua/printer/device"
	"motcua/printer/escpos"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// journal notes which slips were printed.
type journal struct {
	mu      sync.Mutex
	printed map[printer.JobID]bool
	changed chan struct{}
}

func (j *journal) Sending(context.Context, printer.JobID, bool) error  { return nil }
func (j *journal) Unknown(context.Context, printer.JobID) error        { return nil }
func (j *journal) Failed(context.Context, printer.JobID, string) error { return nil }
func (j *journal) Printed(_ context.Context, id printer.JobID, _ bool) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.printed[id] = true
	close(j.changed)
	j.changed = make(chan struct{})
	return nil
}

func newJournal() *journal {
	return &journal{printed: map[printer.JobID]bool{}, changed: make(chan struct{})}
}

// wait returns how many slips are printed, at once when all n are.
func (j *journal) wait(n int, limit time.Duration) int {
	end := time.After(limit)
	for {
		j.mu.Lock()
		got, changed := len(j.printed), j.changed
		j.mu.Unlock()
		if got >= n {
			return got
		}
		select {
		case <-changed:
		case <-end:
			return got
		}
	}
}

// spooling prints through open, in the language of an Epson printer.
func spooling(t *testing.T, open func(ctx context.Context) (spool.Link, error)) (*spool.Spool, *journal) {
	t.Helper()
	profile, err := escpos.Named("epson")
	if err != nil {
		t.Fatal(err)
	}
	language, err := escpos.New(profile)
	if err != nil {
		t.Fatal(err)
	}
	log := newJournal()
	sp := spool.New(spool.Options{
		Open: open, Protocol: language, Log: log, Logger: slog.New(slog.NewTextHandler(t.Output(), nil)),
		AckWindow: 2 * time.Second, StatusWait: 200 * time.Millisecond, RecoverPause: 50 * time.Millisecond,
		AutoReprints: 100, BackoffMin: 20 * time.Millisecond, BackoffMax: 100 * time.Millisecond,
	})
	t.Cleanup(func() {
		if err := sp.Close(); err != nil {
			t.Error(err)
		}
	})
	return sp, log
}

func submit(t *testing.T, sp *spool.Spool, id printer.JobID) {
	t.Helper()
	s := printer.Slip{Centre: "Trung tâm", Category: "Chứng thực", Number: fmt.Sprintf("A%03d", id)}
	if err := sp.Submit(spool.Request{ID: id, Slip: s, At: time.Now()}); err != nil {
		t.Fatal(err)
	}
}

// received waits for so many bytes more at the printer.
func received(t *testing.T, p *printertest.Printer, more int64) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	had := p.Stats().Received
	if err := p.Until(ctx, func(s printertest.Stats) bool { return s.Received >= had+more }); err != nil {
		t.Fatalf("%v; printer %+v", err, p.Stats())
	}
}

// A serial adapter is pulled out in the middle of slips and put back: every
// slip comes out.
func TestSpoolOverSerial(t *testing.T) {
	t.Parallel()
	p := printertest.New(printertest.Options{KeepsLastAck: true})
	defer p.Close()
	var mu sync.Mutex // protects plugged
	plugged := newLine(t)
	sp, log := spooling(t, func(ctx context.Context) (spool.Link, error) {
		mu.Lock()
		l := plugged
		mu.Unlock()
		if l == nil {
			return nil, errors.New("unplugged")
		}
		d, err := device.Open(ctx, "serial://"+l.path+"?baud=115200")
		if err != nil {
			return nil, err
		}
		go func() { _ = p.Attach(l.paced(t)) }() // ends with the line
		return d, nil
	})
	const slips = 3
	for id := range printer.JobID(slips) {
		submit(t, sp, id+1)
		received(t, p, 100+200*int64(id))
		mu.Lock()
		plugged.unplug()
		plugged = newLine(t)
		mu.Unlock()
	}
	if n := log.wait(slips, 30*time.Second); n != slips {
		t.Errorf("%d of %d slips printed; %+v; printer %+v", n, slips, sp.Status(), p.Stats())
	}
	inPieces(t, p, slips)
}

// The network swallows a slip: the link is found dead though nobody says so,
// and the slip comes out over the next one.
func TestSpoolOverBlackHole(t *testing.T) {
	t.Parallel()
	p := printertest.New(printertest.Options{})
	defer p.Close()
	s, err := p.Start(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	x := newProxy(t, s.Addr())
	sp, log := spooling(t, func(ctx context.Context) (spool.Link, error) {
		x.cut(false) // the printer serves one client, and forgets the lost one
		return device.Opener{DeadAfter: 200 * time.Millisecond}.Open(ctx, x.uri())
	})
	submit(t, sp, 1)
	if log.wait(1, 20*time.Second) != 1 {
		t.Fatalf("first slip not printed; %+v", sp.Status())
	}
	x.swallow(t)
	submit(t, sp, 2)
	if n := log.wait(2, 20*time.Second); n != 2 {
		t.Errorf("%d of 2 slips printed; %+v; printer %+v", n, sp.Status(), p.Stats())
	}
	inPieces(t, p, 2)
}

var numberText = regexp.MustCompile(`^(A\d{3})?$`) // where the printer writes the number itself

// inPieces holds every piece of paper that was cut to hold no garbage.
func inPieces(t *testing.T, p *printertest.Printer, least int) {
	t.Helper()
	got := p.Tickets()
	if len(got) < least {
		t.Errorf("%d pieces of paper, want %d", len(got), least)
	}
	for _, ticket := range got {
		if text := strings.TrimSpace(ticket.Text); !numberText.MatchString(text) {
			t.Errorf("piece %d has %q printed as text", ticket.Seq, text)
		}
	}
}
