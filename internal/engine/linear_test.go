package engine_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"motcua/queue"
)

// What callers see of the queue: numbers go in, each comes out once.
type (
	// input is an Issue (call false) or a CallNext.
	input struct{ call bool }
	// output is the ticket; 0 = nobody waits.
	output struct{ ticket queue.TicketID }
)

// waitingSet is the sequential model: a set of waiting tickets. CallNext takes
// one of them, or finds none when none is there.
var waitingSet = porcupine.Model{
	Init: func() any { return map[queue.TicketID]bool{} },
	Step: func(state, in, out any) (bool, any) {
		set, ticket := state.(map[queue.TicketID]bool), out.(output).ticket
		if in.(input).call && ticket == 0 {
			return len(set) == 0, set
		}
		if set[ticket] != in.(input).call {
			return false, set // nobody has it, or it was issued before
		}
		next := maps.Clone(set)
		if in.(input).call {
			delete(next, ticket)
		} else {
			next[ticket] = true
		}
		return true, next
	},
	Equal: func(a, b any) bool { return maps.Equal(a.(map[queue.TicketID]bool), b.(map[queue.TicketID]bool)) },
	DescribeOperation: func(in, out any) string {
		if in.(input).call {
			return fmt.Sprintf("call → %d", out.(output).ticket)
		}
		return fmt.Sprintf("issue → %d", out.(output).ticket)
	},
}

// 32 consoles press "next" while 4 panels give out numbers, on a real journal.
func TestNobodyIsCalledTwice(t *testing.T) {
	const consoles, panels, rounds = 32, 4, 12
	c := open(t, folder(t), newHandClock(monday))
	c.found(t, consoles)
	var mu sync.Mutex
	var history []porcupine.Operation
	began := time.Now()
	run := func(client int, in input, do func() (queue.TicketID, error)) {
		start := time.Since(began).Nanoseconds()
		ticket, err := do()
		end := time.Since(began).Nanoseconds()
		if err != nil {
			t.Error(err)
			return
		}
		mu.Lock()
		defer mu.Unlock()
		history = append(history, porcupine.Operation{ClientId: client, Input: in, Output: output{ticket}, Call: start, Return: end})
	}
	ctx := context.Background()
	var all sync.WaitGroup
	barrier := make(chan struct{})
	for p := range panels {
		all.Go(func() {
			<-barrier
			for range consoles * rounds / panels / 2 { // half of what is asked for: some find nobody
				run(consoles+p, input{}, func() (queue.TicketID, error) {
					r, err := c.Do(ctx, queue.Request{Actor: "panel", Role: queue.Kiosk, Command: queue.Issue{Category: "A"}})
					if err != nil {
						return 0, err
					}
					return queue.TicketID(r.Records[0].Seq), nil
				})
			}
		})
	}
	for k := range consoles {
		all.Go(func() {
			<-barrier
			officer := func(cmd queue.Command) (queue.Result, error) {
				return c.Do(ctx, queue.Request{Actor: "console", Role: queue.Officer, Command: cmd})
			}
			for range rounds {
				var called queue.TicketID
				run(k, input{call: true}, func() (queue.TicketID, error) {
					r, err := officer(queue.CallNext{Counter: counter(k + 1)})
					if errors.Is(err, &queue.Error{Code: queue.Conflict, Reason: queue.WhyQueueEmpty}) || errors.Is(err, &queue.Error{Code: queue.NotFound, Reason: queue.WhyQueueEmpty}) {
						return 0, nil
					}
					if err != nil {
						return 0, err
					}
					called = r.Records[0].Event.(queue.TicketCalled).Ticket
					return called, nil
				})
				if called == 0 {
					continue
				}
				for _, cmd := range []queue.Command{queue.Start{Counter: counter(k + 1), Ticket: called}, queue.Finish{Counter: counter(k + 1), Ticket: called}} {
					if _, err := officer(cmd); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	close(barrier)
	all.Wait()
	switch result := porcupine.CheckOperationsTimeout(waitingSet, history, 30*time.Second); result {
	case porcupine.Ok:
	default:
		t.Errorf("the history of %d operations is %s, want %s", len(history), result, porcupine.Ok)
	}
	called := 0
	for _, op := range history {
		if op.Input.(input).call && op.Output.(output).ticket != 0 {
			called++
		}
	}
	if called == 0 {
		t.Error("nobody was called: the test shows nothing")
	}
	t.Logf("%d operations, %d tickets called, %+v", len(history), called, c.Stats())
}

// The check must be able to fail: the same ticket at two counters.
func TestModelRefusesADoubleCall(t *testing.T) {
	op := func(client int, in input, ticket queue.TicketID, from, to int64) porcupine.Operation {
		return porcupine.Operation{ClientId: client, Input: in, Output: output{ticket}, Call: from, Return: to}
	}
	issued := op(0, input{}, 7, 0, 10)
	for name, history := range map[string][]porcupine.Operation{
		"called twice":        {issued, op(1, input{call: true}, 7, 20, 30), op(2, input{call: true}, 7, 20, 30)},
		"called before issue": {op(0, input{}, 7, 20, 30), op(1, input{call: true}, 7, 0, 10)},
		"missed":              {issued, op(1, input{call: true}, 0, 20, 30)},
		"issued twice":        {issued, op(1, input{}, 7, 20, 30)},
	} {
		if porcupine.CheckOperations(waitingSet, history) {
			t.Errorf("%s: the model accepts it", name)
		}
	}
}
