package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"motcua/internal/config"
	"motcua/printer/printertest"
	"motcua/queue"
)

const (
	dayTickets = 2000
	takers     = 4  // who take numbers at the same time
	unprinted  = 64 // numbers that wait for the printer at most: people take their slip before the next one presses
	atRest     = 5 * time.Second
)

// memory measures what the daemon holds with a hundred displays after a day of
// 2,000 tickets, beside what it holds just started.
func (b *bench) memory(ctx context.Context) (_ []Row, err error) {
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	printer, err := newPrinter(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, printer.close()) }()
	d, err := startDaemon(ctx, b.binary, dir, printer.uri())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := pause(ctx, time.Second); err != nil {
		return nil, err
	}
	fresh, err := d.resident()
	if err != nil {
		return nil, err
	}
	hall, err := hang(ctx, d.base, walls)
	if err != nil {
		return nil, err
	}
	defer hall.close()
	day, cancel := context.WithTimeout(ctx, 90*time.Second)
	defer cancel()
	stop, watched := make(chan struct{}), make(chan error, 1)
	go func() { watched <- hall.watch(stop) }()
	err = playDay(day, d, printer)
	if err == nil {
		_, err = printer.machine.Wait(day, dayTickets)
	}
	close(stop)
	if err := errors.Join(err, <-watched); err != nil {
		return nil, fmt.Errorf("after %d slips: %w", printer.machine.Stats().Tickets, err)
	}
	var last done
	if err := d.get(ctx, "/api/v1/board", &last); err != nil {
		return nil, err
	}
	if _, err := hall.await(ctx, last.Seq); err != nil {
		return nil, err
	}
	if err := pause(ctx, atRest); err != nil {
		return nil, err
	}
	full, err := d.resident()
	if err != nil {
		return nil, err
	}
	const mb = 1e6
	return []Row{{Name: "memory_100_sockets_2000_tickets", Value: float64(full) / mb, Unit: "MB", Baseline: float64(fresh) / mb, Goal: Goal{Plus: 40}}}, nil
}

// playDay lets people take 2,000 numbers while seven counters serve them.
func playDay(ctx context.Context, d *daemon, p *printer) error {
	centre, err := config.Demo()
	if err != nil {
		return err
	}
	served := make([]queue.CategoryID, 0, len(centre.Categories))
	for i := range centre.Categories {
		served = append(served, centre.Categories[i].ID)
	}
	var wg sync.WaitGroup
	errs := make(chan error, takers+len(centre.Counters))
	taken := make(chan struct{}) // closed when all numbers are out
	var left sync.WaitGroup
	for k := range takers {
		left.Add(1)
		wg.Go(func() {
			defer left.Done()
			for i := k; i < dayTickets; i += takers {
				err := p.machine.Until(ctx, func(s printertest.Stats) bool { return s.Tickets >= i-unprinted })
				if err != nil {
					errs <- err
					return
				}
				if _, err := d.issue(ctx, served[i%len(served)]); err != nil {
					errs <- err
					return
				}
			}
		})
	}
	wg.Go(func() { left.Wait(); close(taken) })
	for i := range centre.Counters {
		wg.Go(func() {
			if err := serveAll(ctx, d, centre.Counters[i].ID, taken); err != nil {
				errs <- err
			}
		})
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		return err
	}
	return ctx.Err()
}

// serveAll is an officer who calls, begins and ends until nobody waits any more.
func serveAll(ctx context.Context, d *daemon, c queue.CounterID, taken <-chan struct{}) error {
	if _, err := d.atCounter(ctx, c, "open", "{}"); err != nil {
		return err
	}
	for {
		var v done
		status, err := d.try(ctx, "/counters/"+string(c)+"/next", "{}", &v)
		if err != nil {
			return err
		}
		if status == 404 { // nobody waits for this counter
			select {
			case <-taken:
				return nil
			default:
			}
			if err := pause(ctx, 20*time.Millisecond); err != nil {
				return err
			}
			continue
		}
		if _, err := d.atCounter(ctx, c, "start", onTicket(v.Ticket.ID)); err != nil {
			return err
		}
		if _, err := d.atCounter(ctx, c, "finish", onTicket(v.Ticket.ID)); err != nil {
			return err
		}
	}
}
