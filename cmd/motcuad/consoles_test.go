package main

import (
	"fmt"
	"maps"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"motcua/queue"
)

// What callers over HTTP see of the queue: numbers go in, each comes out once.
type (
	// took is a number taken (call false) or a press of "next".
	took struct{ call bool }
	// got is the ticket; 0 = nobody waits.
	got struct{ ticket queue.TicketID }
)

// hall is the sequential model: a set of waiting tickets. "Next" takes one of
// them, or finds none when none is there.
var hall = porcupine.Model{
	Init: func() any { return map[queue.TicketID]bool{} },
	Step: func(state, in, out any) (bool, any) {
		set, ticket := state.(map[queue.TicketID]bool), out.(got).ticket
		if in.(took).call && ticket == 0 {
			return len(set) == 0, set
		}
		if set[ticket] != in.(took).call {
			return false, set // nobody has it, or it was given out before
		}
		next := maps.Clone(set)
		if in.(took).call {
			delete(next, ticket)
		} else {
			next[ticket] = true
		}
		return true, next
	},
	Equal: func(a, b any) bool { return maps.Equal(a.(map[queue.TicketID]bool), b.(map[queue.TicketID]bool)) },
}

// manyCounters is a centre of one category that n counters serve.
func manyCounters(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString(`languages = ["vi"]
[centre]
id = "hall"
name = { vi = "Sảnh lớn" }
[[points]]
id = "main"
name = { vi = "Sảnh" }
[[classes]]
id = "normal"
name = { vi = "Thường" }
[[series]]
id = "A"
prefix = "A"
from = 1
to = 999
[[categories]]
id = "A"
name = { vi = "Chứng thực" }
series = "A"
minutes = 6
panel = true
`)
	for i := range n {
		fmt.Fprintf(&b, "[[counters]]\nid = \"%d\"\nnumber = %d\npoint = \"main\"\nskills = [\"A\"]\n", i+1, i+1)
	}
	path := filepath.Join(t.TempDir(), "centre.toml")
	write(t, path, b.String())
	return path
}

// TestConsoles lets 32 consoles press "next" in the same moment, round after
// round, while citizens take numbers: the history of a real daemon's answers
// must be one that a queue with a single clerk could have given.
func TestConsoles(t *testing.T) {
	const consoles, citizens, rounds = 32, 4, 8
	p := start(t, t.TempDir(), "--centre", manyCounters(t, consoles))
	for k := range consoles {
		p.command(fmt.Sprintf("/counters/%d/open", k+1), `{}`)
	}
	began := time.Now()
	var mu sync.Mutex // protects all below
	var history []porcupine.Operation
	labels := map[string]queue.TicketID{}
	calledAt := map[queue.TicketID]int{}
	note := func(client int, in took, ticket queue.TicketID, from time.Time) {
		now := time.Since(began).Nanoseconds()
		mu.Lock()
		defer mu.Unlock()
		history = append(history, porcupine.Operation{ClientId: client, Input: in, Output: got{ticket}, Call: from.Sub(began).Nanoseconds(), Return: now})
	}
	take := func(client int) {
		var a issued
		from := time.Now()
		code, err := p.post("/tickets", "", `{"category":"A"}`, &a)
		if err != nil || code != 201 {
			t.Errorf("take a number: %d %v", code, err)
			return
		}
		note(client, took{}, a.ID, from)
		mu.Lock()
		defer mu.Unlock()
		if other, twice := labels[a.Label]; twice {
			t.Errorf("%s names tickets %d and %d", a.Label, other, a.ID)
		}
		labels[a.Label] = a.ID
	}
	next := func(k int) queue.TicketID {
		var a struct {
			Reason string `json:"reason"`
			Ticket struct {
				ID      queue.TicketID  `json:"id"`
				Counter queue.CounterID `json:"counter"`
			} `json:"ticket"`
		}
		from := time.Now()
		code, err := p.post(fmt.Sprintf("/counters/%d/next", k+1), "", `{}`, &a)
		switch {
		case err != nil || code != 200 && a.Reason != queue.WhyQueueEmpty:
			t.Errorf("next at %d: %d %s %v", k+1, code, a.Reason, err)
			return 0
		case code == 200 && a.Ticket.Counter != queue.CounterID(fmt.Sprint(k+1)):
			t.Errorf("next at %d called to %s", k+1, a.Ticket.Counter)
		}
		note(k, took{call: true}, a.Ticket.ID, from)
		if a.Ticket.ID != 0 {
			mu.Lock()
			if other, twice := calledAt[a.Ticket.ID]; twice {
				t.Errorf("ticket %d was called to counters %d and %d", a.Ticket.ID, other, k+1)
			}
			calledAt[a.Ticket.ID] = k + 1
			mu.Unlock()
		}
		return a.Ticket.ID
	}
	operations := 0
	for round := range rounds {
		var all sync.WaitGroup
		barrier := make(chan struct{})
		for c := range citizens {
			all.Go(func() {
				<-barrier
				for range consoles / citizens * 3 / 4 { // fewer than are asked for: some find nobody
					take(consoles + c)
				}
			})
		}
		held := make([]queue.TicketID, consoles)
		for k := range consoles {
			all.Go(func() {
				<-barrier
				held[k] = next(k)
			})
		}
		close(barrier)
		all.Wait()
		var done sync.WaitGroup
		for k, id := range held {
			if id == 0 {
				continue
			}
			done.Go(func() {
				for _, verb := range []string{"start", "finish"} {
					if code, err := p.post(fmt.Sprintf("/counters/%d/%s", k+1, verb), "", about(id, ""), nil); err != nil || code != 200 {
						t.Errorf("%s at %d: %d %v", verb, k+1, code, err)
					}
				}
			})
		}
		done.Wait()
		// Who still waits is called now, by one console: the hall is empty at
		// the end of a round, so each round is a history of its own.
		for id := next(0); id != 0 && !t.Failed(); id = next(0) {
			p.command("/counters/1/start", about(id, ""))
			p.command("/counters/1/finish", about(id, ""))
		}
		if result := porcupine.CheckOperationsTimeout(hall, history, 60*time.Second); result != porcupine.Ok {
			t.Errorf("round %d: the history of %d operations is %s, want %s", round, len(history), result, porcupine.Ok)
		}
		operations += len(history)
		history = nil
	}
	var state struct {
		Tickets []struct {
			ID      queue.TicketID    `json:"id"`
			State   queue.TicketState `json:"state"`
			Label   string            `json:"label"`
			Outcome queue.Outcome     `json:"outcome"`
		} `json:"tickets"`
	}
	p.get("/api/v1/state", &state)
	if len(state.Tickets) != len(labels) || len(calledAt) != len(labels) {
		t.Errorf("%d numbers taken, %d in the journal, %d called", len(labels), len(state.Tickets), len(calledAt))
	}
	for _, x := range state.Tickets {
		if labels[x.Label] != x.ID || calledAt[x.ID] == 0 || x.State != queue.Finished {
			t.Errorf("%s (%d) is %s, called to counter %d", x.Label, x.ID, x.State, calledAt[x.ID])
		}
	}
	p.stop()
	t.Logf("%d operations, %d tickets, each called once", operations, len(labels))
}
