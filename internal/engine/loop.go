package engine

import (
	"context"
	"time"

	"motcua/queue"
)

// poll is how long the loop sleeps at most. It looks at the clock at least
// this often, so a clock that was set is noticed within a second, and the
// watchdog sees a loop that turns.
const poll = time.Second

// loop owns the state from Open to the end.
func (e *Engine) loop() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for e.turn(timer) {
		timer.Reset(e.sleep())
	}
	close(e.commits) // the loop alone sends on it
	e.drain()
	close(e.done)
	if e.failed != nil {
		e.o.Fatal(e.failed)
	}
}

// turn waits for one thing to do and does it; false ends the loop.
func (e *Engine) turn(timer *time.Timer) bool {
	e.stats.lastTurn.Store(e.o.Clock.Mono())
	// While a batch is being stored, requests gather in the channel and become
	// the next one; readers are served all the while.
	requests, closing := e.requests, e.closing
	if e.pending != nil {
		requests, closing = nil, nil
	}
	select {
	case t := <-e.turns:
		t.run()
		close(t.done)
	case err := <-e.settled:
		e.stats.committing.Store(0)
		b := e.pending
		e.pending = nil
		return e.settle(b, err)
	case q := <-requests:
		e.begin(q)
	case <-timer.C:
		if e.pending == nil && e.tickDue() {
			e.begin(nil)
		}
	case <-closing:
		e.saveLastSnapshot()
		return false
	}
	return true
}

// committer runs the appends, so that a slow disk does not stop the loop.
func (e *Engine) committer() {
	for b := range e.commits {
		// No caller's context reaches a commit.
		e.settled <- e.o.Journal.Append(context.Background(), b.recs, b.languages)
	}
}

// drain answers what was never taken up.
func (e *Engine) drain() {
	for {
		select {
		case q := <-e.requests:
			q.answer <- answer{err: e.ended()}
		default:
			return
		}
	}
}

// sleep is how long until the next deadline, at most poll.
func (e *Engine) sleep() time.Duration {
	deadline := e.durable.NextDeadline()
	if deadline.IsZero() || e.pending != nil {
		return poll
	}
	d := deadline.Sub(e.o.Clock.Now())
	if held := time.Duration(e.tickAfter-e.o.Clock.Mono()) * time.Millisecond; held > d {
		d = held
	}
	return min(max(d, 0), poll)
}

// tickDue reports whether the state's deadline has come. A Tick that changed
// nothing is not tried again before poll has passed.
func (e *Engine) tickDue() bool {
	deadline := e.durable.NextDeadline()
	return !deadline.IsZero() && !e.o.Clock.Now().Before(deadline) && e.o.Clock.Mono() >= e.tickAfter
}

// Actor is the actor of records the engine's own timer causes.
const Actor = "engine"

func tick() *request {
	return &request{
		Request: queue.Request{Actor: Actor, Role: queue.Machine, Command: queue.Tick{}},
		ctx:     context.Background(),
		answer:  make(chan answer, 1),
	}
}
