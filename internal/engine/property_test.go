package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"motcua/internal/engine"
	"motcua/internal/journal"
	"motcua/queue"
	"motcua/queue/queuetest"
	"motcua/router"
)

// acked is a command whose success a caller has seen.
type acked struct {
	req  queue.Request
	recs []queue.Record
}

// TestNothingAcknowledgedIsLost runs random commands through the engine on a
// real journal whose appends go wrong at random, with restarts in between.
// After each restart the state is the one before it; every acknowledged
// command stands in the journal exactly once; repeated keys give the first
// answer; what was refused is not there.
func TestNothingAcknowledgedIsLost(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "centre")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		clock := newHandClock(queuetest.Morning)
		ctx := context.Background()

		var next journal.Fault // of the next append
		settings := func(eo *engine.Options, jo *journal.Options) {
			eo.Picker, eo.RecentKeys, eo.SnapshotEvery = router.HeadStart{}, 3, 7
			jo.Fault = func(int) journal.Fault { return next }
		}
		start := func() *centre {
			c, err := tryOpen(dir, clock, settings)
			if err != nil {
				t.Fatal(err)
			}
			return c
		}
		c := start()
		stop := func() {
			if err := errors.Join(c.Engine.Close(), c.journal.Close()); err != nil {
				t.Fatal(err)
			}
		}
		defer func() { stop() }()
		state := func() *queue.State {
			var s *queue.State
			if err := c.Read(ctx, func(now *queue.State) { s = now.Clone() }); err != nil {
				t.Fatal(err)
			}
			return s
		}
		encode := func(s *queue.State) string {
			b, err := s.Snapshot()
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
		var log []acked
		var open []queue.Request // of unknown outcome
		keys := 0
		send := func(r queue.Request) {
			before := encode(state())
			got, err := c.Do(ctx, r)
			switch {
			case err == nil:
				if len(got.Records) > 0 && !got.Repeated {
					log = append(log, acked{r, got.Records})
				}
			case errors.Is(err, unclear):
				<-c.Done()
				open = append(open, r)
				next = journal.NoFault
				stop()
				c = start()
			default:
				if errors.Is(err, notStored) && next != journal.FailBefore {
					t.Fatalf("%T: %v", r.Command, err)
				}
				if after := encode(state()); after != before {
					t.Fatalf("%T was refused (%v) and changed the state\n%s\nto\n%s", r.Command, err, before, after)
				}
			}
			if wrong := queuetest.Invariants(state()); len(wrong) > 0 {
				t.Fatal(wrong)
			}
		}
		send(queue.Request{Actor: "setup", Role: queue.Supervisor, Command: queue.ApplyConfig{Config: queuetest.Config()}})
		for _, k := range queuetest.Config().Counters {
			send(queue.Request{Actor: "setup", Role: queue.Supervisor, Command: queue.OpenCounter{Counter: k.ID}})
		}

		for range rapid.IntRange(5, 40).Draw(t, "steps") {
			next = journal.NoFault
			switch rapid.IntRange(0, 19).Draw(t, "step") {
			case 0:
				before := encode(state())
				stop()
				c = start()
				if after := encode(state()); after != before {
					t.Fatalf("state after a restart\n%s\nwant\n%s", after, before)
				}
			case 1, 2:
				if len(log) == 0 {
					continue
				}
				a := log[rapid.IntRange(0, len(log)-1).Draw(t, "again")]
				if a.req.Key == "" {
					continue
				}
				got, err := c.Do(ctx, a.req)
				if err != nil || !got.Repeated || !slices.EqualFunc(got.Records, a.recs, same) {
					t.Fatalf("repeat of %q: %+v, %v; want %+v", a.req.Key, got, err, a.recs)
				}
			case 3:
				if len(open) == 0 {
					continue
				}
				// The caller does what the hint says.
				r := open[len(open)-1]
				open = open[:len(open)-1]
				send(r)
			case 4:
				next = rapid.SampledFrom([]journal.Fault{journal.FailBefore, journal.FailCommitLost, journal.FailCommitKept}).Draw(t, "fault")
				fallthrough
			default:
				clock.pass(time.Duration(rapid.IntRange(0, 40_000).Draw(t, "ms")) * time.Millisecond)
				r := queue.Request{Actor: "test", Role: queue.Supervisor, Command: queuetest.Command(t, state())}
				if rapid.IntRange(0, 3).Draw(t, "keyed") > 0 {
					keys++
					r.Key = fmt.Sprint("key-", keys)
				}
				send(r)
			}
		}

		next = journal.NoFault
		stop()
		c = start()
		stored := map[queue.Seq]queue.Record{}
		commands := map[string][]queue.Seq{}
		for r, err := range c.journal.Records(ctx, 1) {
			if err != nil {
				t.Fatal(err)
			}
			stored[r.Seq] = r
			if r.Key != "" {
				commands[r.Key] = append(commands[r.Key], r.Seq)
			}
		}
		for _, a := range log {
			for _, want := range a.recs {
				if got, ok := stored[want.Seq]; !ok || !same(got, want) {
					t.Fatalf("acknowledged record %d is %+v in the journal, want %+v", want.Seq, got, want)
				}
			}
			if a.req.Key != "" && len(commands[a.req.Key]) != len(a.recs) {
				t.Fatalf("key %q has records %v, want the %d acknowledged", a.req.Key, commands[a.req.Key], len(a.recs))
			}
		}
		if _, err := c.journal.Verify(ctx); err != nil {
			t.Fatal(err)
		}
	})
}

// same compares what the hash covers, which is everything, and the hash.
func same(a, b queue.Record) bool {
	return a.Seq == b.Seq && a.Hash == b.Hash && string(a.Data) == string(b.Data) && a.Key == b.Key && a.At.Equal(b.At)
}
