package engine_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/engine"
	"motcua/internal/journal"
	"motcua/queue"
)

var (
	notStored = &queue.Error{Code: queue.Unavailable, Reason: queue.WhyNotStored}
	unclear   = &queue.Error{Code: queue.Unavailable, Reason: engine.WhyOutcomeUnknown}
	keyReused = &queue.Error{Code: queue.Conflict, Reason: queue.WhyKeyReused}
)

func issue(key string) queue.Request {
	return queue.Request{Actor: "panel", Role: queue.Kiosk, Key: key, Command: queue.Issue{Category: "A"}}
}

func TestRestartHasTheSameState(t *testing.T) {
	dir, clock := folder(t), newHandClock(monday)
	c := open(t, dir, clock)
	c.found(t, 2)
	for range 5 {
		c.do(t, queue.Issue{Category: "A"})
	}
	called := c.do(t, queue.CallNext{Counter: "1"})
	if got := called.Records[0].Event.EventType(); got != "ticket.called.v1" {
		t.Errorf("first record is %s, want ticket.called.v1", got)
	}
	before := c.snapshot(t)
	c.close(t)

	again := open(t, dir, clock)
	if got := again.snapshot(t); got != before {
		t.Errorf("state after restart\n%s\nwant\n%s", got, before)
	}
}

func TestRecordsAreStamped(t *testing.T) {
	clock := newHandClock(monday)
	m := newMemory()
	c := m.on(t, clock)
	defer c.Close()
	c.found(t, 1)
	r := issue("k")
	got, err := c.Do(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	want := queue.Record{At: monday.UTC(), Boot: "boot-1", Mono: 1000, ClockOK: true, Actor: "panel", Key: "k", KeySum: queue.SumCommand(r.Command)}
	rec := got.Records[0]
	want.Seq, want.Event, want.Data, want.Hash = rec.Seq, rec.Event, rec.Data, rec.Hash
	if diff := cmp.Diff(want, rec); diff != "" {
		t.Errorf("record (-want +got):\n%s", diff)
	}

	// A clock set back by an hour: time stands still and is not trusted.
	clock.wall.Add(-time.Hour.Milliseconds())
	rec = c.do(t, queue.Issue{Category: "A"}).Records[0]
	if !rec.At.Equal(monday) || rec.ClockOK {
		t.Errorf("after a step back: at %s, trusted %t; want %s, untrusted", rec.At, rec.ClockOK, monday.UTC())
	}
	// Less than a second behind is a slew.
	clock.wall.Add(time.Hour.Milliseconds() - 200)
	rec = c.do(t, queue.Issue{Category: "A"}).Records[0]
	if !rec.At.Equal(monday) || !rec.ClockOK {
		t.Errorf("in a slew: at %s, trusted %t; want %s, trusted", rec.At, rec.ClockOK, monday.UTC())
	}
	clock.untrusted.Store(true)
	if rec = c.do(t, queue.Issue{Category: "A"}).Records[0]; rec.ClockOK {
		t.Error("an untrusted clock made a trusted record")
	}
}

func TestRepeatedKey(t *testing.T) {
	dir, clock := folder(t), newHandClock(monday)
	few := func(eo *engine.Options, _ *journal.Options) { eo.RecentKeys = 1 }
	c := open(t, dir, clock, few)
	c.found(t, 1)
	first, err := c.Do(t.Context(), issue("k1"))
	if err != nil || first.Repeated {
		t.Fatal(first, err)
	}
	again := func(when string) {
		t.Helper()
		head := c.snapshot(t)
		got, err := c.Do(t.Context(), issue("k1"))
		if err != nil {
			t.Fatalf("%s: %v", when, err)
		}
		if diff := cmp.Diff(queue.Result{Records: first.Records, Repeated: true}, got); diff != "" {
			t.Errorf("%s: answer (-want +got):\n%s", when, diff)
		}
		other := issue("k1")
		other.Command = queue.Issue{Category: "B"}
		if _, err := c.Do(t.Context(), other); !errors.Is(err, keyReused) {
			t.Errorf("%s: another command under the key: %v, want %v", when, err, keyReused)
		}
		if c.snapshot(t) != head {
			t.Errorf("%s: a repeat changed the state", when)
		}
	}
	again("at once")
	if _, err := c.Do(t.Context(), issue("k2")); err != nil { // pushes k1 out of memory
		t.Fatal(err)
	}
	again("from the journal")
	c.close(t)
	c = open(t, dir, clock, few)
	again("after a restart")

	// A refusal leaves no trace: the key is free still.
	refused := queue.Request{Actor: "c", Role: queue.Officer, Key: "k3", Command: queue.Start{Counter: "1", Ticket: 999}}
	if _, err := c.Do(t.Context(), refused); err == nil {
		t.Fatal("a ticket nobody has was started")
	}
	if r, err := c.Do(t.Context(), issue("k3")); err != nil || r.Repeated {
		t.Errorf("a key whose command was refused: %v, repeated %t", err, r.Repeated)
	}
}

// The same key twice in one batch: a double press while the disk is busy.
func TestRepeatedKeyInOneBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		c := m.on(t, newHandClock(monday))
		defer c.Close()
		c.found(t, 1)
		m.gate = make(chan struct{})
		hold := goDo(c, issue(""))
		synctest.Wait()
		one, two := goDo(c, issue("k")), goDo(c, issue("k"))
		other := issue("k")
		other.Command = queue.Issue{Category: "B"}
		synctest.Wait() // both wait in the channel, in order
		three := goDo(c, other)
		synctest.Wait()
		close(m.gate)
		<-hold
		a, b, x := <-one, <-two, <-three
		if a.err != nil || b.err != nil || a.Repeated == b.Repeated {
			t.Fatalf("answers %+v and %+v, want one first and one repeated", a, b)
		}
		if diff := cmp.Diff(a.Records, b.Records); diff != "" {
			t.Errorf("the two got different tickets:\n%s", diff)
		}
		if !errors.Is(x.err, keyReused) {
			t.Errorf("another command under the key in the same batch: %v", x.err)
		}
		if n := len(m.batches); m.batches[n-1] != 1 {
			t.Errorf("the batch has %d records, want 1", m.batches[n-1])
		}
	})
}

type outcome struct {
	queue.Result
	err error
}

func goDo(c *centre, r queue.Request) <-chan outcome {
	return goDoCtx(context.Background(), c, r)
}

func goDoCtx(ctx context.Context, c *centre, r queue.Request) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		res, err := c.Do(ctx, r)
		done <- outcome{res, err}
	}()
	return done
}

func TestWhatWaitsBecomesOneBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		c := m.on(t, newHandClock(monday), func(o *engine.Options) { o.Batch = 50 })
		defer c.Close()
		c.found(t, 1)
		before := len(m.batches)
		m.gate = make(chan struct{})
		var all []<-chan outcome
		all = append(all, goDo(c, issue("")))
		synctest.Wait()
		for i := range 120 {
			all = append(all, goDo(c, issue(fmt.Sprint("k", i))))
		}
		synctest.Wait()
		close(m.gate)
		labels := map[string]bool{}
		for _, done := range all {
			o := <-done
			if o.err != nil {
				t.Fatal(o.err)
			}
			labels[o.Records[0].Event.(queue.TicketIssued).Label] = true
		}
		if len(labels) != 121 {
			t.Errorf("%d labels for 121 tickets", len(labels))
		}
		if diff := cmp.Diff([]int{1, 50, 50, 20}, m.batches[before:]); diff != "" {
			t.Errorf("batches (-want +got):\n%s", diff)
		}
	})
}

func TestReadersDoNotWaitForTheDisk(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		clock := newHandClock(monday)
		c := m.on(t, clock)
		defer c.Close()
		c.found(t, 1)
		before := c.snapshot(t)
		m.gate = make(chan struct{})
		done := goDo(c, issue("k"))
		synctest.Wait()
		if got := c.snapshot(t); got != before {
			t.Error("a reader saw a ticket that is not stored")
		}
		clock.mono.Add(5000)
		time.Sleep(5 * time.Second) // of the bubble's clock
		synctest.Wait()
		if s := c.Stats(); s.Committing != 1000 || s.LastTurn != 6000 {
			t.Errorf("while the disk stalls: committing since %d, last turn %d; want 1000 and 6000", s.Committing, s.LastTurn)
		}
		close(m.gate)
		if o := <-done; o.err != nil {
			t.Error(o.err)
		}
		if s := c.Stats(); s.Committing != 0 {
			t.Errorf("committing since %d when nothing is", s.Committing)
		}
		if c.snapshot(t) == before {
			t.Error("a reader does not see the stored ticket")
		}
	})
}

func TestContextEndsTheWaitNotTheCommit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		c := m.on(t, newHandClock(monday))
		defer c.Close()
		c.found(t, 1)
		m.gate = make(chan struct{})
		ctx, cancel := context.WithCancel(t.Context())
		first := goDoCtx(ctx, c, issue("taken up"))
		synctest.Wait()
		second := goDoCtx(ctx, c, issue("still waiting"))
		synctest.Wait()
		cancel()
		for _, o := range []outcome{<-first, <-second} {
			if !errors.Is(o.err, unclear) || !errors.Is(o.err, context.Canceled) {
				t.Errorf("got %v, want outcome_unknown around the context's error", o.err)
			}
		}
		n := len(m.recs)
		close(m.gate)
		synctest.Wait()
		if got := len(m.recs) - n; got != 1 {
			t.Errorf("%d records stored, want the one that was taken up", got)
		}
		if r, err := c.Do(t.Context(), issue("taken up")); err != nil || !r.Repeated {
			t.Errorf("the repeat: %v, repeated %t", err, r.Repeated)
		}
		if r, err := c.Do(t.Context(), issue("still waiting")); err != nil || r.Repeated {
			t.Errorf("the one given up before its turn: %v, repeated %t", err, r.Repeated)
		}
	})
}

func TestRefusalOfTheStoreChangesNothing(t *testing.T) {
	fail := make(map[int]bool)
	var mu sync.Mutex
	dir, clock := folder(t), newHandClock(monday)
	c := open(t, dir, clock, func(_ *engine.Options, jo *journal.Options) {
		jo.Fault = func(n int) journal.Fault {
			mu.Lock()
			defer mu.Unlock()
			if fail[n] {
				return journal.FailBefore
			}
			return journal.NoFault
		}
	})
	c.found(t, 1)
	before := c.snapshot(t)
	mu.Lock()
	for n := range 100 {
		fail[n] = true
	}
	mu.Unlock()
	told := 0
	c.Observe(func(*queue.State, []queue.Record) { told++ })
	for range 3 {
		if _, err := c.Do(t.Context(), issue("k")); !errors.Is(err, notStored) {
			t.Fatalf("got %v, want not_stored", err)
		}
	}
	if got := c.snapshot(t); got != before {
		t.Errorf("state after refusals\n%s\nwant\n%s", got, before)
	}
	mu.Lock()
	clear(fail)
	mu.Unlock()
	r, err := c.Do(t.Context(), issue("k"))
	if err != nil || r.Repeated {
		t.Fatalf("when the disk is well again: %v, repeated %t", err, r.Repeated)
	}
	if label := r.Records[0].Event.(queue.TicketIssued).Label; label != "A001" {
		t.Errorf("the first number is %s, want A001: refusals must use none up", label)
	}
	if err := c.Read(t.Context(), func(*queue.State) {
		if told != 1 {
			t.Errorf("observers were told %d times, want 1", told)
		}
	}); err != nil {
		t.Error(err)
	}
	select {
	case err := <-c.fatal:
		t.Errorf("fatal: %v", err)
	default:
	}
}

func TestUnknownOutcomeEndsTheEngine(t *testing.T) {
	for _, fault := range []journal.Fault{journal.FailCommitLost, journal.FailCommitKept} {
		t.Run(fmt.Sprint(fault), func(t *testing.T) {
			var arm sync.Mutex
			armed := false
			dir, clock := folder(t), newHandClock(monday)
			c := open(t, dir, clock, func(_ *engine.Options, jo *journal.Options) {
				jo.Fault = func(int) journal.Fault {
					arm.Lock()
					defer arm.Unlock()
					if armed {
						return fault
					}
					return journal.NoFault
				}
			})
			c.found(t, 1)
			arm.Lock()
			armed = true
			arm.Unlock()
			c.Observe(func(_ *queue.State, recs []queue.Record) { t.Errorf("observers were told of %d records", len(recs)) })
			_, err := c.Do(t.Context(), issue("k"))
			var refusal *queue.Error
			if !errors.Is(err, unclear) || !errors.As(err, &refusal) || refusal.Hint != "unknown outcome: repeat with the same key" {
				t.Errorf("got %v, want outcome_unknown with its hint", err)
			}
			<-c.Done()
			if err := <-c.fatal; err == nil {
				t.Error("Fatal got no error")
			}
			if _, err := c.Do(t.Context(), issue("k2")); !errors.Is(err, notStored) {
				t.Errorf("a command after the end: %v, want not_stored", err)
			}
			if err := c.Read(t.Context(), func(*queue.State) { t.Error("a reader ran after the end") }); err == nil {
				t.Error("Read after the end gave no error")
			}
			c.close(t)

			c = open(t, dir, clock)
			r, err := c.Do(t.Context(), issue("k"))
			if err != nil {
				t.Fatal(err)
			}
			if kept := fault == journal.FailCommitKept; r.Repeated != kept {
				t.Errorf("the repeat after a restart: repeated %t, want %t", r.Repeated, kept)
			}
			if label := r.Records[0].Event.(queue.TicketIssued).Label; label != "A001" {
				t.Errorf("the ticket is %s, want A001", label)
			}
		})
	}
}

func TestWaitingCallersLearnThatTheOutcomeIsUnknown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		c := m.on(t, newHandClock(monday))
		c.found(t, 1)
		m.gate = make(chan struct{})
		m.fail = func(int) error { return unknown{} }
		stored, queued := goDo(c, issue("1")), (<-chan outcome)(nil)
		synctest.Wait()
		queued = goDo(c, issue("2"))
		synctest.Wait()
		close(m.gate)
		if o := <-stored; !errors.Is(o.err, unclear) || !errors.Is(o.err, unknown{}) {
			t.Errorf("in the batch: %v, want outcome_unknown", o.err)
		}
		if o := <-queued; !errors.Is(o.err, notStored) {
			t.Errorf("not yet taken up: %v, want not_stored", o.err)
		}
		if err := <-c.fatal; !errors.Is(err, unknown{}) {
			t.Errorf("Fatal got %v", err)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
}

func TestObserversComeBeforeAnswers(t *testing.T) {
	m := newMemory()
	var told []queue.Seq
	c := m.on(t, newHandClock(monday), func(o *engine.Options) {
		o.Observers = []engine.Observer{func(s *queue.State, recs []queue.Record) {
			if last := recs[len(recs)-1].Seq; s.Pos.Seq != last {
				t.Errorf("the state stands at %d when record %d is told", s.Pos.Seq, last)
			}
			for _, r := range recs {
				told = append(told, r.Seq)
			}
		}}
	})
	defer c.Close()
	c.found(t, 2)
	r := c.do(t, queue.Issue{Category: "A"})
	// No lock: the answer comes after the telling.
	if last := r.Records[0].Seq; len(told) != int(last) || told[last-1] != last {
		t.Errorf("told %v before the answer, want 1 … %d", told, last)
	}
}

func TestLanguageGoesBesideTheSlip(t *testing.T) {
	m := newMemory()
	c := m.on(t, newHandClock(monday))
	defer c.Close()
	c.found(t, 1)
	r := issue("")
	r.SlipLanguage = "x-elvish"
	got, err := c.Do(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	id := queue.TicketID(got.Records[0].Seq)
	if m.languages[id] != "x-elvish" {
		t.Errorf("languages are %v, want one for ticket %d", m.languages, id)
	}
	// A second paper while the first is in doubt speaks as the first one did.
	for _, cmd := range []queue.Command{
		queue.SlipMoved{Ticket: id, To: queue.SlipIsSending}, queue.SlipMoved{Ticket: id, To: queue.SlipIsUnknown}, queue.ReprintSlip{Ticket: id},
	} {
		if _, err := c.Do(t.Context(), queue.Request{Actor: "greeter-1", Role: queue.Machine, Command: cmd}); err != nil {
			t.Fatal(err)
		}
	}
	if m.languages[id] != "x-elvish" {
		t.Errorf("after the second paper was asked for: %v", m.languages)
	}
	for _, rec := range m.recs {
		if bytes.Contains(rec.Data, []byte("x-elvish")) {
			t.Errorf("record %d holds the language: %s", rec.Seq, rec.Data)
		}
	}
}

// TestNoSlipNoLanguage: of a number that has no slip no language is kept.
func TestNoSlipNoLanguage(t *testing.T) {
	m := newMemory()
	c := m.on(t, newHandClock(monday))
	defer c.Close()
	c.found(t, 1)
	do := func(role queue.Role, cmd queue.Command) {
		t.Helper()
		if _, err := c.Do(t.Context(), queue.Request{Actor: "panel", Role: role, SlipLanguage: "x-elvish", Command: cmd}); err != nil {
			t.Fatal(err)
		}
	}
	do(queue.Kiosk, queue.Issue{Category: "A", Shown: true})
	do(queue.Greeter, queue.StartRoll{First: "057"})
	do(queue.Greeter, queue.Issue{Category: "A"})
	if len(m.languages) != 0 {
		t.Errorf("languages are %v, want none", m.languages)
	}
}

func TestFailedLookUpIsNoNewCommand(t *testing.T) {
	m := newMemory()
	c := m.on(t, newHandClock(monday))
	defer c.Close()
	c.found(t, 1)
	m.find = errors.New("the disk is gone")
	n := len(m.recs)
	if _, err := c.Do(t.Context(), issue("k")); !errors.Is(err, notStored) || !errors.Is(err, m.find) {
		t.Errorf("got %v, want not_stored around the journal's error", err)
	}
	if len(m.recs) != n {
		t.Error("a command with an unchecked key was stored")
	}
	if _, err := c.Do(t.Context(), issue("")); err != nil {
		t.Errorf("a command without a key: %v", err)
	}
}

// wallClock is the bubble's clock.
type wallClock struct{ began time.Time }

func (c wallClock) Now() time.Time { return time.Now() }
func (c wallClock) Mono() int64    { return time.Since(c.began).Milliseconds() + 1 }
func (wallClock) OK() bool         { return true }

func TestTimerOpensEachDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		c := m.on(t, wallClock{time.Now()})
		defer c.Close()
		c.do(t, queue.ApplyConfig{Config: office(1)})
		first := queue.DayOf(time.Now())
		time.Sleep(time.Until(first.Begins().Add(72*time.Hour + time.Minute)))
		synctest.Wait()
		var days []queue.Day
		for _, r := range m.recs {
			if e, ok := r.Event.(queue.DayOpened); ok {
				days = append(days, e.Day)
				if late := r.At.Sub(e.Day.Begins()); e.Day != first && (late < 0 || late > time.Second) {
					t.Errorf("day %s was opened %s after it began", e.Day, late)
				}
				if r.Actor != engine.Actor {
					t.Errorf("actor is %q, want %q", r.Actor, engine.Actor)
				}
			}
		}
		if len(days) != 4 {
			t.Errorf("days %v were opened, want 4", days)
		}
	})
}

func TestClockStepIsNoticed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMemory()
		clock := newHandClock(monday)
		c := m.on(t, clock)
		defer c.Close()
		c.do(t, queue.ApplyConfig{Config: office(1)})
		clock.pass(2 * time.Second)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		clock.wall.Add((24 * time.Hour).Milliseconds()) // somebody sets it to tomorrow
		clock.mono.Add(1000)
		time.Sleep(time.Second)
		synctest.Wait()
		last := m.recs[len(m.recs)-1].Event
		if e, ok := last.(queue.DayOpened); !ok || e.Day != "2026-11-24" {
			t.Errorf("last event is %+v, want the day 2026-11-24 opened within a second of the step", last)
		}
	})
}

func TestClose(t *testing.T) {
	t.Run("never opened", func(t *testing.T) {
		e, err := engine.New(engine.Options{State: queue.NewState("x"), Journal: newMemory(), Picker: fifo{}, Clock: newHandClock(monday)})
		if err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
		if _, err := e.Do(t.Context(), issue("")); !errors.Is(err, notStored) {
			t.Errorf("Do: %v", err)
		}
	})
	t.Run("in the middle", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			m := newMemory()
			c := m.on(t, newHandClock(monday))
			c.found(t, 1)
			m.gate = make(chan struct{})
			taken := goDo(c, issue("1"))
			synctest.Wait()
			queued := goDo(c, issue("2"))
			synctest.Wait()
			closed := make(chan struct{})
			go func() {
				c.Close()
				close(closed)
			}()
			synctest.Wait()
			if _, err := c.Do(t.Context(), issue("3")); !errors.Is(err, notStored) {
				t.Errorf("a command while closing: %v, want not_stored", err)
			}
			close(m.gate)
			<-closed
			if o := <-taken; o.err != nil {
				t.Errorf("what was being stored: %v", o.err)
			}
			stored := len(m.recs)
			if o := <-queued; o.err != nil && !errors.Is(o.err, notStored) {
				t.Errorf("what was waiting: %v", o.err)
			} else if last := m.recs[stored-1]; (o.err == nil) != (last.Key == "2") {
				t.Errorf("the answer is %v and the last record has key %q", o.err, last.Key)
			}
			if got := m.snapshots; len(got) != 1 || got[0].Seq != queue.Seq(stored) {
				t.Errorf("snapshots %v, want one at %d", got, stored)
			}
		})
	})
}

func TestSnapshotEveryFewRecords(t *testing.T) {
	m := newMemory()
	c := m.on(t, newHandClock(monday), func(o *engine.Options) { o.SnapshotEvery = 10 })
	c.found(t, 1)
	for range 50 {
		c.do(t, queue.Issue{Category: "A"})
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	// How many fall together while one is written is the machine's affair.
	if n := len(m.snapshots); n < 2 || n > 6 {
		t.Errorf("%d snapshots of 53 records, want 2 to 6", n)
	}
	if last := m.snapshots[len(m.snapshots)-1]; last.Seq != m.recs[len(m.recs)-1].Seq {
		t.Errorf("the last snapshot stands at %d, the journal at %d", last.Seq, m.recs[len(m.recs)-1].Seq)
	}
}

func TestNewNamesWhatIsMissing(t *testing.T) {
	if _, err := engine.New(engine.Options{}); err == nil {
		t.Error("an engine of nothing was made")
	}
	m := newMemory()
	c := m.on(t, newHandClock(monday))
	defer c.Close()
	if err := c.Open(); err == nil {
		t.Error("opened twice")
	}
	if _, err := c.Do(t.Context(), queue.Request{}); !errors.Is(err, &queue.Error{Code: queue.Invalid}) {
		t.Errorf("a request without a command: %v", err)
	}
}

// TestSpansOutliveAClockSetBack: what must wait some seconds waits those on the
// monotonic clock, and what ends after some seconds ends, while the wall clock
// stands an hour behind the journal.
func TestSpansOutliveAClockSetBack(t *testing.T) {
	clock := newHandClock(monday)
	c := newMemory().on(t, clock)
	defer c.Close()
	c.found(t, 1)
	id := queue.TicketID(c.do(t, queue.Issue{Category: "A"}).Records[0].Seq)
	c.do(t, queue.CallNext{Counter: "1"})
	clock.wall.Add(-time.Hour.Milliseconds())
	clock.mono.Add(19_999)
	refused := func(cmd queue.Command, reason string) {
		t.Helper()
		_, err := c.Do(t.Context(), queue.Request{Role: queue.Officer, Command: cmd})
		if !errors.Is(err, &queue.Error{Code: queue.Conflict, Reason: reason}) {
			t.Fatalf("%#v: %v, want %s", cmd, err, reason)
		}
	}
	recall := queue.Recall{Counter: "1", Ticket: id}
	refused(recall, queue.WhyTooSoon)
	clock.mono.Add(1)
	c.do(t, recall)
	refused(recall, queue.WhyTooSoon)
	c.do(t, queue.Start{Counter: "1", Ticket: id})
	clock.mono.Add(10_001)
	refused(queue.Undo{Counter: "1", Ticket: id}, queue.WhyTooLate)
	c.do(t, queue.Finish{Counter: "1", Ticket: id})
	clock.mono.Add(10_000)
	c.do(t, queue.Undo{Counter: "1", Ticket: id})
}
