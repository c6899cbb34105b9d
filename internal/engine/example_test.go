package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"

	"motcua/internal/engine"
	"motcua/internal/journal"
	"motcua/queue"
)

// A centre is a journal, its state and an engine over both.
func Example() {
	ctx := context.Background()
	if err := morning(ctx); err != nil {
		fmt.Println(err)
	}
	// Output:
	// the board hears of ticket.issued.v1
	// A001
	// A001 again: true
}

func morning(ctx context.Context) (err error) {
	dir, err := os.MkdirTemp("", "centre")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	j, err := journal.Open(ctx, dir, journal.Options{Release: "0.1"})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, j.Close()) }()
	state, _, err := j.Load(ctx)
	if err != nil {
		return err
	}
	e, err := engine.New(engine.Options{
		State: state, Journal: j, Picker: fifo{}, Clock: newHandClock(monday), Boot: "3f1c",
		// The daemon ends here, and systemd starts it again.
		Fatal: func(err error) { fmt.Println("fatal:", err) },
	})
	if err != nil {
		return err
	}
	if err := e.Open(); err != nil {
		return err
	}
	defer e.Close() // before the journal's

	if _, err := e.Do(ctx, queue.Request{Actor: "setup", Role: queue.Supervisor, Command: queue.ApplyConfig{Config: office(1)}}); err != nil {
		return err
	}
	if _, err := e.Do(ctx, queue.Request{Actor: "setup", Role: queue.Supervisor, Command: queue.OpenCounter{Counter: "1"}}); err != nil {
		return err
	}
	e.Observe(func(_ *queue.State, recs []queue.Record) {
		for _, r := range recs {
			fmt.Println("the board hears of", r.Event.EventType())
		}
	})
	press := queue.Request{Actor: "panel", Role: queue.Kiosk, Key: "3f1c-17", Command: queue.Issue{Category: "A"}}
	first, err := e.Do(ctx, press)
	if err != nil {
		return err
	}
	fmt.Println(first.Records[0].Event.(queue.TicketIssued).Label)
	again, err := e.Do(ctx, press) // a retry prints no second ticket
	if err != nil {
		return err
	}
	fmt.Printf("%s again: %t\n", again.Records[0].Event.(queue.TicketIssued).Label, again.Repeated)
	return nil
}
