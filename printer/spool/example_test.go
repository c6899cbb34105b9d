package spool_test

import (
	"context"
	"fmt"
	"time"

	"motcua/printer"
	"motcua/printer/device"
	"motcua/printer/printertest"
	"motcua/printer/spool"
)

// notebook prints what a journal would keep.
type notebook struct{ done chan struct{} }

func (notebook) Sending(_ context.Context, id printer.JobID, reprint bool) error {
	fmt.Println("sending", id, "reprint:", reprint)
	return nil
}

func (n notebook) Printed(_ context.Context, id printer.JobID, proof bool) error {
	fmt.Println("printed", id, "proof:", proof)
	close(n.done)
	return nil
}

func (notebook) Failed(_ context.Context, id printer.JobID, reason string) error {
	fmt.Println("failed", id, reason)
	return nil
}

func (notebook) Unknown(_ context.Context, id printer.JobID) error {
	fmt.Println("unknown", id)
	return nil
}

func Example() {
	ctx := context.Background()
	p := printertest.New(printertest.Options{})
	defer p.Close()
	server, err := p.Start(ctx, "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()

	done := make(chan struct{})
	s := spool.New(spool.Options{
		Open:     func(ctx context.Context) (spool.Link, error) { return device.Open(ctx, server.URI()) },
		Protocol: language{rows: 24}, // escpos.New in the daemon
		Log:      notebook{done},
	})
	defer s.Close()

	err = s.Submit(spool.Request{ID: 42, Slip: printer.Slip{Number: "A042"}, At: time.Now()})
	if err != nil {
		fmt.Println(err)
		return
	}
	<-done
	fmt.Println("tickets cut:", p.Stats().Tickets)
	// Output:
	// sending 42 reprint: false
	// printed 42 proof: true
	// tickets cut: 1
}
