package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"motcua/internal/config"
	"motcua/internal/engine"
	"motcua/internal/journal"
	"motcua/queue"
	"motcua/router"
)

const (
	callers       = 64
	durableRounds = 14
	durableRound  = 300 * time.Millisecond // of each of the two, in turns
)

// durable measures how many commands a second 64 callers get stored, each
// taking a number and cancelling it again so that the queue stays short.
func (b *bench) durable(ctx context.Context) (_ []Row, err error) {
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	o, err := openOffice(ctx, filepath.Join(dir, "data"))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, o.close()) }()
	if err := o.openDay(ctx); err != nil {
		return nil, err
	}
	// A first short round tells how large the rows are.
	if _, err := share(ctx, durableRound, o.command); err != nil {
		return nil, err
	}
	table, err := openBare(dir, int(o.bytes.Load()/max(o.rows.Load(), 1)))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, table.close()) }()
	g := newGroup(table)
	defer g.close()

	var product, bare []float64
	for range durableRounds {
		if err := o.nextDay(ctx); err != nil {
			return nil, err
		}
		p, err := share(ctx, durableRound, o.command)
		if err != nil {
			return nil, fmt.Errorf("product: %w", err)
		}
		q, err := share(ctx, durableRound, func(context.Context, int, int) error { return g.do() })
		if err != nil {
			return nil, fmt.Errorf("bare group commit: %w", err)
		}
		product, bare = append(product, p), append(bare, q)
	}
	return []Row{{Name: "durable_commands_64_callers", Value: mean(product), Unit: "1/s", Baseline: mean(bare), Goal: Goal{AtLeast: true, Times: 0.5}}}, nil
}

// mean of rates over rounds of the same length is the rate over all of them.
func mean(rates []float64) float64 {
	sum := 0.0
	for _, r := range rates {
		sum += r
	}
	return sum / float64(len(rates))
}

// share lets all callers work for as long as it says and returns how many
// operations a second they had done. Each counts its own from 0.
func share(ctx context.Context, long time.Duration, do func(ctx context.Context, caller, i int) error) (float64, error) {
	var n atomic.Int64
	var failed atomic.Pointer[error]
	var wg sync.WaitGroup
	began := time.Now()
	end := began.Add(long)
	for caller := range callers {
		wg.Go(func() {
			// Pairs: a number taken is cancelled before the round ends.
			for i := 0; i%2 == 1 || time.Now().Before(end); i++ {
				if err := do(ctx, caller, i); err != nil {
					failed.CompareAndSwap(nil, &err)
					return
				}
				n.Add(1)
			}
		})
	}
	wg.Wait()
	took := time.Since(began)
	if err := failed.Load(); err != nil {
		return 0, *err
	}
	return float64(n.Load()) / took.Seconds(), ctx.Err()
}

// office is an engine with its journal on a real disk.
type office struct {
	journal    *journal.Journal
	engine     *engine.Engine
	clock      *dayClock
	categories []queue.CategoryID
	held       [callers]queue.TicketID
	rows       atomic.Int64
	bytes      atomic.Int64
}

// dayClock is the machine's clock, days ahead.
type dayClock struct {
	began time.Time
	days  atomic.Int64
}

func (c *dayClock) Now() time.Time {
	return time.Now().Add(time.Duration(c.days.Load()) * 24 * time.Hour)
}
func (c *dayClock) Mono() int64 { return time.Since(c.began).Milliseconds() + 1 }
func (c *dayClock) OK() bool    { return true }

func openOffice(ctx context.Context, dir string) (_ *office, err error) {
	o := &office{clock: &dayClock{began: time.Now()}}
	if o.journal, err = journal.Open(ctx, dir, journal.Options{Release: "bench"}); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, o.journal.Close())
		}
	}()
	state, _, err := o.journal.Load(ctx)
	if err != nil {
		return nil, err
	}
	o.engine, err = engine.New(engine.Options{State: state, Journal: o.journal, Picker: router.HeadStart{}, Clock: o.clock, Boot: bootID})
	if err != nil {
		return nil, err
	}
	if err := o.engine.Open(); err != nil {
		return nil, err
	}
	centre, err := config.Demo()
	if err != nil {
		return nil, errors.Join(err, o.engine.Close())
	}
	for i := range centre.Categories {
		o.categories = append(o.categories, centre.Categories[i].ID)
	}
	if _, err := o.do(ctx, queue.ApplyConfig{Config: centre}, ""); err != nil {
		return nil, errors.Join(err, o.engine.Close())
	}
	return o, nil
}

func (o *office) do(ctx context.Context, c queue.Command, key string) (queue.Result, error) {
	return o.engine.Do(ctx, queue.Request{Actor: "bench", Role: queue.Supervisor, Key: key, Command: c})
}

// openDay opens the business day of the clock, unless the engine's timer has.
func (o *office) openDay(ctx context.Context) error {
	if _, err := o.do(ctx, queue.OpenDay{}, ""); err != nil && !errors.Is(err, &queue.Error{Code: queue.Conflict}) {
		return err
	}
	var day queue.BusinessDay
	var tickets int
	if err := o.engine.Read(ctx, func(s *queue.State) { day, tickets = s.Day, len(s.Tickets) }); err != nil {
		return err
	}
	if want := queue.DayOf(o.clock.Now()); !day.Open || day.ID != want || tickets != 0 {
		return fmt.Errorf("open day %s: the state has day %s (open: %t) and %d tickets", want, day.ID, day.Open, tickets)
	}
	return nil
}

// nextDay leaves the tickets so far behind: an office has some hundreds a day,
// not the tens of thousands of this measurement.
func (o *office) nextDay(ctx context.Context) error {
	o.clock.days.Add(1)
	if _, err := o.do(ctx, queue.Tick{}, ""); err != nil {
		return err
	}
	return o.openDay(ctx)
}

// command takes a number, or cancels the one just taken, under a random key as
// consoles draw them.
func (o *office) command(ctx context.Context, caller, i int) error {
	var c queue.Command = queue.Cancel{Ticket: o.held[caller]}
	if i%2 == 0 {
		var ref queue.Ref
		rand.Read(ref[:]) // never fails (crypto/rand)
		c = queue.Issue{Category: o.categories[(caller+i/2)%len(o.categories)], Entry: queue.EntryAPI, Ref: ref}
	}
	r, err := o.do(ctx, c, newKey())
	if err != nil {
		return err
	}
	if i%2 == 0 {
		o.held[caller] = queue.TicketID(r.Records[0].Seq)
	}
	for k := range r.Records {
		o.rows.Add(1)
		o.bytes.Add(int64(rowSize(&r.Records[k])))
	}
	return nil
}

// newKey is a random UUID (RFC 9562, version 4), a console's idempotency key.
func newKey() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

func (o *office) close() error { return errors.Join(o.engine.Close(), o.journal.Close()) }
