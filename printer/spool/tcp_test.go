package spool_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"testing"
	"time"

	"motcua/printer"
	"motcua/printer/device"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// overTCP is an office whose printer listens on port 9100's stand-in. Time is
// real, so the windows are short.
func overTCP(t *testing.T, po printertest.Options, ackWindow time.Duration) *office {
	t.Helper()
	o := unopened(language{rows: 400}, po, func(so *spool.Options) {
		so.AckWindow, so.Pace, so.RecoverPause = ackWindow, time.Minute, 20*time.Millisecond
		so.BackoffMin, so.BackoffMax, so.StatusWait = 5*time.Millisecond, 20*time.Millisecond, 50*time.Millisecond
		so.PollEvery, so.CloseGrace = 20*time.Millisecond, 50*time.Millisecond
	})
	s, err := o.p.Start(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.dial = func(ctx context.Context) (spool.Link, error) { return device.Open(ctx, s.URI()) }
	o.start()
	t.Cleanup(func() {
		o.close()
		s.Close()
		if err := o.check(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func TestTCP(t *testing.T) {
	t.Run("prints", func(t *testing.T) {
		o := overTCP(t, printertest.Options{}, time.Minute)
		for id := range printer.JobID(50) {
			must(t, o.submit(id+1))
		}
		o.log.until(t, "printed 50 proof")
		if left := o.missing(); len(left) > 0 {
			t.Errorf("no slip for %v", left)
		}
	})
	for _, drop := range []bool{false, true} {
		t.Run(fmt.Sprintf("cable cut, power lost %v", drop), func(t *testing.T) {
			for _, at := range []int64{1, 9, 17, 100, 411, 427} {
				o := overTCP(t, printertest.Options{}, 50*time.Millisecond)
				must(t, o.submit(1))
				o.log.until(t, "printed 1 proof")
				o.p.Fault(printertest.Fault{Kind: printertest.Cable, At: at, Drop: drop, Times: 1})
				must(t, o.submit(2))
				must(t, o.submit(3))
				o.log.until(t, "printed 3 proof")
				if left := o.missing(); len(left) > 0 {
					t.Errorf("cut at byte %d: no slip for %v; journal %q, paper %q", at, left, o.log.all(), o.texts())
				}
			}
		})
	}
	t.Run("paper", func(t *testing.T) {
		o := overTCP(t, printertest.Options{}, time.Minute)
		o.p.Fault(printertest.Fault{Kind: printertest.PaperOut, At: 100})
		must(t, o.submit(1))
		must(t, o.submit(2))
		ctx, stop := context.WithTimeout(context.Background(), 20*time.Second)
		defer stop()
		must(t, o.p.Until(ctx, func(s printertest.Stats) bool { return s.Replies > 3 }))
		o.p.Repair()
		o.log.until(t, "printed 2 proof")
		if got := o.texts(); !slices.Equal(got, []string{"<1:1>", "<2:2>"}) {
			t.Errorf("paper %q", got)
		}
	})
	t.Run("killed", func(t *testing.T) {
		for at := 1; at <= 6; at++ {
			o := overTCP(t, printertest.Options{}, 50*time.Millisecond)
			o.log.mu.Lock()
			o.log.killAt, o.log.torn = at, at%2 == 0
			o.log.mu.Unlock()
			died := make(chan struct{})
			o.log.killed = func() { o.cutLinks(); close(died) }
			for id := range printer.JobID(3) {
				must(t, o.submit(id+1))
			}
			<-died
			o.sp.Close()
			o.start()
			// The last one can be printed unmarked only once its record is there.
			for !o.ended(3) {
				for _, id := range o.sp.Status().Unknown {
					_ = o.sp.Reprint(id)
				}
				o.log.next()
			}
			if left := o.missing(); len(left) > 0 {
				t.Errorf("killed at %d: no slip for %v; journal %q, paper %q", at, left, o.log.all(), o.texts())
			}
		}
	})
}

// A printer that is switched off refuses connections; slips wait for it.
func TestPrinterSwitchedOff(t *testing.T) {
	o := unopened(language{rows: 40}, printertest.Options{}, func(so *spool.Options) {
		so.BackoffMin, so.BackoffMax = 5*time.Millisecond, 20*time.Millisecond
	})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	addr := l.Addr().String()
	l.Close()
	refused := make(chan error, 100)
	o.dial = func(ctx context.Context) (spool.Link, error) {
		d, err := device.Open(ctx, "tcp://"+addr)
		if err != nil {
			select {
			case refused <- err:
			default:
			}
			return nil, err
		}
		return d, nil
	}
	o.start()
	must(t, o.submit(1))
	<-refused
	<-refused
	if h := o.sp.Status(); h.Ready() || h.Queued != 1 {
		t.Errorf("health %+v", h)
	}
	s, err := o.p.Start(context.Background(), addr)
	must(t, err)
	o.log.until(t, "printed 1 proof")
	o.close()
	s.Close()
}

// BenchmarkFirstByte measures what the spool adds between Submit and the
// first byte of the slip at the printer, over TCP on one machine, with a
// journal that costs nothing.
func BenchmarkFirstByte(b *testing.B) {
	p := printertest.New(printertest.Options{})
	defer p.Close()
	s, err := p.Start(context.Background(), "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	m := newMemory()
	first := make(chan time.Time, 1)
	sp := spool.New(spool.Options{
		Open: func(ctx context.Context) (spool.Link, error) {
			d, err := device.Open(ctx, s.URI())
			return stopwatch{d, first}, err
		},
		Protocol: language{rows: 400},
		Log:      writer{m, new(bool)},
	})
	defer sp.Close()
	var total time.Duration
	n := 0
	for b.Loop() {
		n++
		begin := time.Now()
		if err := sp.Submit(spool.Request{ID: printer.JobID(n), At: begin}); err != nil {
			b.Fatal(err)
		}
		total += (<-first).Sub(begin)
		ended := fmt.Sprintf("printed %d proof", n)
		for {
			m.mu.Lock()
			ch := m.changed
			done := len(m.entries) > 0 && m.entries[len(m.entries)-1] == ended
			if done {
				m.entries = nil
			}
			m.mu.Unlock()
			if done {
				break
			}
			<-ch
		}
	}
	b.ReportMetric(float64(total.Microseconds())/float64(n), "µs/first-byte")
}

// stopwatch notes when the first byte of a slip leaves.
type stopwatch struct {
	spool.Link
	first chan time.Time
}

func (s stopwatch) Write(b []byte) (int, error) {
	if jobBegins.Match(b) {
		s.first <- time.Now()
	}
	return s.Link.Write(b)
}
