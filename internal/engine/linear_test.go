package engine_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"motcua/queue"
	"motcua/queue/queuetest/linear"
)

// 32 consoles press "next" while 4 panels give out numbers, on a real journal:
// all that they are told must be what one clerk could have said.
func TestNobodyIsCalledTwice(t *testing.T) {
	const consoles, panels, rounds = 32, 4, 12
	c := open(t, folder(t), newHandClock(monday))
	c.found(t, consoles)
	var mu sync.Mutex
	var history []linear.Operation
	began := time.Now()
	run := func(client int, role queue.Role, command queue.Command) linear.Answer {
		start := time.Since(began).Nanoseconds()
		r, err := c.Do(context.Background(), queue.Request{Actor: "client", Role: role, Command: command})
		end := time.Since(began).Nanoseconds()
		a := linear.AnswerOf(r.Records, err)
		if err != nil && a.Refused != queue.WhyQueueEmpty {
			t.Errorf("%T: %v", command, err)
		}
		mu.Lock()
		defer mu.Unlock()
		history = append(history, linear.Operation{ClientId: client, Input: command, Output: a, Call: start, Return: end})
		return a
	}
	var all sync.WaitGroup
	barrier := make(chan struct{})
	for p := range panels {
		all.Go(func() {
			<-barrier
			for range consoles * rounds / panels / 2 { // half of what is asked for: some find nobody
				run(consoles+p, queue.Kiosk, queue.Issue{Category: "A"})
			}
		})
	}
	for k := range consoles {
		all.Go(func() {
			<-barrier
			for range rounds {
				called := run(k, queue.Officer, queue.CallNext{Counter: counter(k + 1)})
				if called.Refused != "" {
					continue
				}
				run(k, queue.Officer, queue.Start{Counter: counter(k + 1), Ticket: called.Ticket})
				run(k, queue.Officer, queue.Finish{Counter: counter(k + 1), Ticket: called.Ticket})
			}
		})
	}
	close(barrier)
	all.Wait()
	if _, err := linear.Check([]*linear.Hall{linear.NewHall(office(consoles), "hall")}, history, 30*time.Second); err != nil {
		t.Error(err)
	}
	called := 0
	for _, op := range history {
		if _, ok := op.Input.(queue.CallNext); ok && op.Output.(linear.Answer).Refused == "" {
			called++
		}
	}
	if called == 0 {
		t.Error("nobody was called: the test shows nothing")
	}
	t.Logf("%d operations, %d tickets called, %+v", len(history), called, c.Stats())
}
