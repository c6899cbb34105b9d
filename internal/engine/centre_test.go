package engine_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"motcua/internal/engine"
	"motcua/internal/journal"
	"motcua/queue"
)

// monday is when the tests' centre opens: 08:00 local time.
var monday = time.Date(2026, 11, 23, 8, 0, 0, 0, queue.Zone)

// office is a centre of n counters that all serve categories A and B.
func office(n int) queue.Config {
	c := queue.Config{
		Centre:    queue.Centre{ID: "test", Name: queue.Text{"vi": "Trung tâm thử"}},
		Languages: []string{"vi"},
		Points:    []queue.Point{{ID: "hall", Name: queue.Text{"vi": "Sảnh"}}},
		Series:    []queue.Series{{ID: "a", Prefix: "A", From: 1, To: 999}, {ID: "b", Prefix: "B", From: 1, To: 999}},
		Categories: []queue.Category{
			{ID: "A", Name: queue.Text{"vi": "Chứng thực"}, Series: "a", Minutes: 5, Panel: true},
			{ID: "B", Name: queue.Text{"vi": "Hộ tịch"}, Series: "b", Minutes: 12, Panel: true},
		},
		Classes: []queue.Class{{ID: queue.Normal, Name: queue.Text{"vi": "Thường"}}, {ID: "priority", Name: queue.Text{"vi": "Ưu tiên"}, HeadStart: 15}},
		Routing: queue.DefaultRouting(),
		Calls:   queue.DefaultCalls(),
	}
	for i := 1; i <= n; i++ {
		c.Counters = append(c.Counters, queue.Desk{ID: counter(i), Number: i, Point: "hall", Skills: []queue.CategoryID{"A", "B"}})
	}
	return c
}

func counter(i int) queue.CounterID { return queue.CounterID(fmt.Sprint(i)) }

// fifo calls the eligible ticket that came first.
type fifo struct{}

func (fifo) Pick(v queue.View, c queue.CounterID, _ time.Time) (choice queue.Choice, ok bool) {
	eligible := v.Eligible(c)
	v.EachWaiting(func(t *queue.Ticket) bool {
		if ok = eligible.Allows(t); ok {
			choice = queue.Choice{Ticket: t.ID, Reason: queue.Reason{Code: queue.ByArrival, Arrival: t.Arrival}}
		}
		return !ok
	})
	return choice, ok
}

// handClock is a clock that a test sets by hand.
type handClock struct {
	wall, mono atomic.Int64 // ms
	untrusted  atomic.Bool
}

func newHandClock(t time.Time) *handClock {
	c := &handClock{}
	c.wall.Store(t.UnixMilli())
	c.mono.Store(1000)
	return c
}

func (c *handClock) Now() time.Time { return time.UnixMilli(c.wall.Load()) }
func (c *handClock) Mono() int64    { return c.mono.Load() }
func (c *handClock) OK() bool       { return !c.untrusted.Load() }

// pass lets d go by on both clocks.
func (c *handClock) pass(d time.Duration) {
	c.wall.Add(d.Milliseconds())
	c.mono.Add(d.Milliseconds())
}

// centre is an engine over a real journal in a folder that outlives it.
type centre struct {
	*engine.Engine
	journal *journal.Journal
	clock   *handClock
	fatal   chan error
}

type setting func(*engine.Options, *journal.Options)

// open starts a centre on a folder, new or used.
func open(t testing.TB, dir string, clock *handClock, settings ...setting) *centre {
	t.Helper()
	c, err := tryOpen(dir, clock, settings...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.close(t) })
	return c
}

func tryOpen(dir string, clock *handClock, settings ...setting) (*centre, error) {
	ctx := context.Background()
	c := &centre{clock: clock, fatal: make(chan error, 1)}
	eo := engine.Options{Picker: fifo{}, Clock: clock, Boot: "boot-1", Fatal: func(err error) { c.fatal <- err }}
	jo := journal.Options{Release: "test"}
	for _, s := range settings {
		s(&eo, &jo)
	}
	var err error
	if c.journal, err = journal.Open(ctx, dir, jo); err != nil {
		return nil, err
	}
	state, _, err := c.journal.Load(ctx)
	if err != nil {
		c.journal.Close()
		return nil, err
	}
	eo.State, eo.Journal = state, c.journal
	if c.Engine, err = engine.New(eo); err != nil {
		c.journal.Close()
		return nil, err
	}
	return c, c.Open()
}

func (c *centre) close(t testing.TB) {
	t.Helper()
	if err := c.Engine.Close(); err != nil {
		t.Error(err)
	}
	if err := c.journal.Close(); err != nil {
		t.Error(err)
	}
}

// do sends a command as a supervisor without a key and wants it done.
func (c *centre) do(t testing.TB, cmd queue.Command) queue.Result {
	t.Helper()
	r, err := c.Do(t.Context(), queue.Request{Actor: "test", Role: queue.Supervisor, Command: cmd})
	if err != nil {
		t.Fatalf("%T: %v", cmd, err)
	}
	return r
}

// found makes an office of n open counters ; the engine opens the day by itself.
func (c *centre) found(t testing.TB, n int) {
	t.Helper()
	c.do(t, queue.ApplyConfig{Config: office(n)})
	for i := 1; i <= n; i++ {
		c.do(t, queue.OpenCounter{Counter: counter(i)})
	}
}

// snapshot is the state as bytes.
func (c *centre) snapshot(t testing.TB) string {
	t.Helper()
	var b []byte
	var err error
	if e := c.Read(context.Background(), func(s *queue.State) { b, err = s.Snapshot() }); e != nil {
		t.Fatal(e)
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func folder(t testing.TB) string { return filepath.Join(t.TempDir(), "data") }
