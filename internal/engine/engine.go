package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"motcua/queue"
)

// Options of New. State, Journal, Picker and Clock are needed, the rest has defaults.
type Options struct {
	// State is the journal's, at its head. The engine owns it from New on.
	State   *queue.State
	Journal Journal
	Picker  queue.Picker
	Clock   Clock
	Boot    string // boot id, on every record
	Logger  *slog.Logger
	// Observers are told before those added with Observe.
	Observers []Observer
	// Fatal is called when the outcome of an append is unknown or the state
	// can't follow its own records: the process must end. It is the last thing
	// the loop does, so it must not wait for Close.
	Fatal func(error)
	// Batch bounds the requests of one transaction; 0 = 256.
	Batch int
	// RecentKeys bounds the answers kept in memory for repeated keys; older
	// ones are found in the journal. 0 = 1,024.
	RecentKeys int
	// SnapshotEvery is after how many records a snapshot is saved; 0 = 5,000,
	// negative = never.
	SnapshotEvery int
}

// Engine runs one centre. Make it with New, start it with Open, end it with Close.
type Engine struct {
	o   Options
	log *slog.Logger

	requests chan *request
	turns    chan *turn
	commits  chan *batch   // to the committer, one at a time
	settled  chan error    // from the committer, one for each batch
	closing  chan struct{} // closed by Close
	done     chan struct{} // closed when the loop has ended

	open      atomic.Bool
	closeOnce sync.Once
	wg        sync.WaitGroup // loop, committer, snapshots

	observing sync.Mutex // protects observers
	observers []Observer

	stats counters

	// Owned by the loop.
	durable   *queue.State // what is stored: readers and observers see this
	draft     *queue.State // with what is decided and not yet stored
	recent    *recent
	pending   *batch // what the committer has in hand; nil = nothing
	failed    error  // why the loop ended by itself; read by others after done
	unsaved   int    // records since the last snapshot
	tickAfter int64  // Clock.Mono before which no Tick is tried again
	tickError string // the last refusal of a Tick, so that it is logged once

	saving sync.Mutex // held while a snapshot is encoded and written
}

// New makes an engine for a state and its journal.
func New(o Options) (*Engine, error) {
	switch {
	case o.State == nil:
		return nil, errors.New("make engine: Options.State is nil: load it from the journal")
	case o.Journal == nil:
		return nil, errors.New("make engine: Options.Journal is nil")
	case o.Picker == nil:
		return nil, errors.New("make engine: Options.Picker is nil: give it a router.Policy")
	case o.Clock == nil:
		return nil, errors.New("make engine: Options.Clock is nil")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Fatal == nil {
		o.Fatal = func(error) {}
	}
	if o.Batch <= 0 {
		o.Batch = 256
	}
	if o.RecentKeys <= 0 {
		o.RecentKeys = 1024
	}
	if o.SnapshotEvery == 0 {
		o.SnapshotEvery = 5000
	}
	return &Engine{
		o: o, log: o.Logger,
		requests: make(chan *request, o.Batch),
		turns:    make(chan *turn),
		closing:  make(chan struct{}), done: make(chan struct{}),
		observers: append([]Observer(nil), o.Observers...),
		durable:   o.State, draft: o.State.Clone(),
		recent: newRecent(o.RecentKeys),
	}, nil
}

// Open starts the loop.
func (e *Engine) Open() error {
	if !e.open.CompareAndSwap(false, true) {
		return errors.New("open engine: it has been opened before")
	}
	e.commits, e.settled = make(chan *batch), make(chan error, 1)
	e.wg.Go(e.committer)
	e.wg.Go(e.loop)
	return nil
}

// Close lets what is being stored come to its end, answers what still waits
// with unavailable, saves a snapshot and stops. It may be called more than
// once; it returns when all goroutines of the engine have ended.
func (e *Engine) Close() error {
	e.closeOnce.Do(func() { close(e.closing) })
	if e.open.CompareAndSwap(false, true) {
		close(e.done) // was never opened
	}
	e.wg.Wait()
	return nil
}

// Done is closed when the loop has ended, by Close or by a fatal error.
func (e *Engine) Done() <-chan struct{} { return e.done }

// request is one Do on its way through the loop.
type request struct {
	queue.Request
	ctx    context.Context
	sum    uint64      // SumCommand, when there is a key
	answer chan answer // one slot: the loop never waits for a caller
}

type answer struct {
	result queue.Result
	err    error
}

// Do decides the command, makes it durable and returns its records. Refusals
// are *queue.Error. A key that is known gives the first answer again.
//
// ctx ends the wait only: a command already taken up is stored all the same.
// Then, and when the engine ends in the middle, the error is unavailable with
// reason WhyOutcomeUnknown and wraps the context's: repeat with the same key.
func (e *Engine) Do(ctx context.Context, r queue.Request) (queue.Result, error) {
	if r.Command == nil {
		return queue.Result{}, &queue.Error{Code: queue.Invalid, Reason: queue.WhyBadField, Msg: "the request has no command", Hint: "send one"}
	}
	q := &request{Request: r, ctx: ctx, answer: make(chan answer, 1)}
	if r.Key != "" {
		q.sum = queue.SumCommand(r.Command) // here, where callers run in parallel
	}
	select {
	case <-e.done: // a select takes any ready case: look here first
		return queue.Result{}, e.ended()
	case <-e.closing:
		return queue.Result{}, errClosed()
	default:
	}
	select {
	case e.requests <- q:
	case <-e.closing:
		return queue.Result{}, errClosed()
	case <-e.done:
		return queue.Result{}, e.ended()
	case <-ctx.Done():
		// It never reached the loop, so nothing has happened.
		return queue.Result{}, &queue.Error{
			Code: queue.Unavailable, Reason: queue.WhyNotStored, Err: ctx.Err(),
			Msg: "the wait for the journal was given up, nothing has changed", Hint: "try again",
		}
	}
	select {
	case a := <-q.answer:
		return a.result, a.err
	case <-ctx.Done():
		return queue.Result{}, errUnknown(ctx.Err())
	case <-e.done:
		select {
		case a := <-q.answer: // answered just before the end
			return a.result, a.err
		default:
			return queue.Result{}, errUnknown(e.failed)
		}
	}
}

// ended is the error of a caller who comes after the end; e.done is closed.
func (e *Engine) ended() error {
	err := errClosed()
	err.Err = e.failed
	return err
}

type turn struct {
	run  func()
	done chan struct{}
}

// Read calls f with the state as stored, on the loop: be quick, and keep
// nothing of it. It never waits for the disk.
func (e *Engine) Read(ctx context.Context, f func(*queue.State)) error {
	return e.Turn(ctx, func() { f(e.durable) })
}

// Turn calls f on the loop between two batches, so that what f takes and what
// observers are told of have nothing between them. It never waits for the disk.
// After a nil error f has run; after another one it has not and will not.
func (e *Engine) Turn(ctx context.Context, f func()) error {
	t := &turn{run: f, done: make(chan struct{})}
	select {
	case e.turns <- t:
		<-t.done // the loop has it: it runs now
		return nil
	case <-ctx.Done():
		return fmt.Errorf("read state: %w", ctx.Err())
	case <-e.done:
		return e.ended()
	}
}

// Observe adds an observer; it is told from the next batch on. To miss nothing
// between a first look and the first telling, call it inside Turn.
func (e *Engine) Observe(f Observer) {
	e.observing.Lock()
	defer e.observing.Unlock()
	e.observers = append(e.observers, f)
}
