package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"motcua/printer/spool"
	"motcua/queue"
)

// deafPrinter is a demonstration office whose printer is never there, so that
// slips wait. It ends with the test.
func deafPrinter(t *testing.T) *Daemon {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, "motcua.toml")
	if err := os.WriteFile(file, []byte("[printer]\ndevice = \"tcp://127.0.0.1:1\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d, err := Open(t.Context(), flags{Demo: true, Config: file, Data: filepath.Join(dir, "data"), Listen: "127.0.0.1:0"}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.close(); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *Daemon) must(t *testing.T, c queue.Command) []queue.Record {
	t.Helper()
	res, err := d.engine.Do(t.Context(), queue.Request{Actor: "test", Role: queue.Supervisor, Command: c})
	if err != nil {
		t.Fatal(err)
	}
	return res.Records
}

// slip is where the ticket's paper stands.
func (d *Daemon) slip(t *testing.T, id queue.TicketID) queue.SlipState {
	t.Helper()
	var state queue.SlipState
	if err := d.engine.Read(t.Context(), func(s *queue.State) { state = s.Ticket(id).Slip }); err != nil {
		t.Fatal(err)
	}
	return state
}

// A button pressed while the daemon ends has its number in the journal; the
// paper must be left for the next start and not be written off.
func TestSlipOfTheLastMomentStaysQueued(t *testing.T) {
	d := deafPrinter(t)
	if err := d.paper.Load().spool.Close(); err != nil {
		t.Fatal(err)
	}
	id := queue.TicketID(d.must(t, queue.Issue{Category: "A"})[0].Seq)
	d.paper.Load().submit(job{id: id, at: time.Now()})
	if got := d.slip(t, id); got != queue.SlipIsQueued {
		t.Errorf("the slip is %s, want queued", got)
	}
}

// A slip the spool has in hand already is not written off when it is handed
// over once more.
func TestSlipHandedOverTwice(t *testing.T) {
	d := deafPrinter(t)
	id := queue.TicketID(d.must(t, queue.Issue{Category: "A"})[0].Seq)
	for range 2 {
		d.paper.Load().submit(job{id: id, at: time.Now()})
	}
	if got := d.slip(t, id); got != queue.SlipIsQueued {
		t.Errorf("the slip is %s, want queued", got)
	}
}

// What could not be printed before the day ended must not come out of the
// printer among tomorrow's numbers.
func TestSlipsEndWithTheirDay(t *testing.T) {
	d := deafPrinter(t)
	id := queue.TicketID(d.must(t, queue.Issue{Category: "A"})[0].Seq)
	waits := func(n int) {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		poll := time.NewTicker(time.Millisecond)
		defer poll.Stop()
		for len(d.paper.Load().spool.Pending()) != n {
			select {
			case <-ctx.Done():
				t.Fatalf("%d slips wait in the spool, want %d", len(d.paper.Load().spool.Pending()), n)
			case <-poll.C:
			}
		}
	}
	waits(1)
	d.must(t, queue.CloseDay{})
	waits(0)
	if got := d.slip(t, id); got != queue.SlipIsFailed {
		t.Errorf("the slip of the day that ended is %s, want failed", got)
	}
	if h := d.paper.Load().spool.Status()[0]; h.Code == spool.HealthClosed {
		t.Error("the spool has ended with the day")
	}
}
