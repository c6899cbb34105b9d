package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"motcua/internal/config"
	"motcua/queue"
)

const (
	presses     = 216 // 27 of each of eight buttons
	pressWarmUp = 8   // lays out the first slip of each category
	// pressAgain is how soon a button counts again (trust.md §9), and a little.
	pressAgain = 1550 * time.Millisecond
)

// dotsGoal is how soon after a press the first dots are under way, in ms.
const dotsGoal = 150

// press measures the time from a press on the panel to the first byte of its
// job at the printer, with the number durable in between, and to the first dots.
func (b *bench) press(ctx context.Context) (_ []Row, err error) {
	dir, err := b.folder()
	if err != nil {
		return nil, err
	}
	buttons, err := panelButtons()
	if err != nil {
		return nil, err
	}
	size, err := issuedSize()
	if err != nil {
		return nil, err
	}
	table, err := openBare(dir, size)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, table.close()) }()
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

	every := pressAgain / time.Duration(len(buttons))
	next := time.Now()
	var samples, dots, inserts []time.Duration
	for i := range pressWarmUp + presses {
		if err := pause(ctx, time.Until(next)); err != nil {
			return nil, err
		}
		next = time.Now().Add(every)
		took, inked, err := onePress(ctx, d, printer, buttons[i%len(buttons)], i+1)
		if err != nil {
			return nil, fmt.Errorf("press %d: %w", i+1, err)
		}
		// In the middle of what is left of the turn the daemon is at rest.
		if err := pause(ctx, time.Until(next)/2); err != nil {
			return nil, err
		}
		began := time.Now()
		if err := table.one(); err != nil {
			return nil, fmt.Errorf("insert bare row: %w", err)
		}
		insert := time.Since(began)
		if i >= pressWarmUp {
			samples, dots, inserts = append(samples, took), append(dots, inked), append(inserts, insert)
		}
	}
	return []Row{
		{Name: "press_to_first_byte_p99", Value: milliseconds(Percentile(samples, 99)), Unit: "ms",
			Baseline: milliseconds(Percentile(inserts, 99)), Goal: Goal{Times: 2, Plus: 10}},
		{Name: "press_to_first_byte_p50", Value: milliseconds(Percentile(samples, 50)), Unit: "ms",
			Baseline: milliseconds(Percentile(inserts, 50))},
		{Name: "press_to_first_dots_p99", Value: milliseconds(Percentile(dots, 99)), Unit: "ms",
			Baseline: milliseconds(Percentile(inserts, 99)), Goal: Goal{Plus: dotsGoal}},
	}, nil
}

// onePress presses a button and returns when the n-th slip is cut: how long its
// first byte took, and its first dots.
func onePress(ctx context.Context, d *daemon, p *printer, button queue.CategoryID, n int) (first, dots time.Duration, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	arrives := p.arm()
	began := time.Now()
	if err := d.post(ctx, "/demo/press", fmt.Sprintf(`{"button":%q}`, button), nil); err != nil {
		return 0, 0, err
	}
	for _, at := range []struct {
		seen <-chan time.Time
		took *time.Duration
	}{{arrives.byte, &first}, {arrives.dots, &dots}} {
		select {
		case t := <-at.seen:
			*at.took = t.Sub(began)
		case <-ctx.Done():
			return 0, 0, fmt.Errorf("button %s gave no slip: %w", button, ctx.Err())
		}
	}
	_, err = p.machine.Wait(ctx, n)
	return first, dots, err
}

// panelButtons are the category buttons of the demonstration's panel.
func panelButtons() ([]queue.CategoryID, error) {
	c, err := config.Demo()
	if err != nil {
		return nil, err
	}
	var buttons []queue.CategoryID
	for i := range c.Categories {
		if c.Categories[i].Panel {
			buttons = append(buttons, c.Categories[i].ID)
		}
	}
	return buttons, nil
}

// issuedSize is the size in bytes of the row of a press.
func issuedSize() (int, error) {
	r := queue.Record{Seq: 1, Boot: bootID, Actor: "panel:main", Key: "panel:" + bootID + ":123", Event: queue.TicketIssued{
		Label: "A042", Number: 42, Series: "A", Day: "2026-11-23", Point: "main", Category: "A", Class: queue.Normal,
		Dossiers: 1, Entry: queue.EntryPanel, Ahead: 7,
	}}
	if err := r.Seal([32]byte{}); err != nil {
		return 0, err
	}
	return rowSize(&r), nil
}

// bootID has the form of the kernel's.
const bootID = "6f0c2b1e-3d4a-4c5b-8e7f-0123456789ab"
