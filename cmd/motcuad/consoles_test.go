package main

import (
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/queue"
	"motcua/queue/queuetest/linear"
)

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
// round, while citizens take numbers: a real daemon's answers must be those
// that a single clerk could have given.
func TestConsoles(t *testing.T) {
	const consoles, citizens, rounds = 32, 4, 8
	p := start(t, t.TempDir(), "--centre", manyCounters(t, consoles))
	for k := range consoles {
		p.command(fmt.Sprintf("/counters/%d/open", k+1), `{}`)
	}
	var cfg queue.Config
	p.get("/api/v1/centre", &cfg)
	told := linear.NewTrail(linear.NewHall(cfg, cfg.Points[0].ID))
	began := time.Now()
	var mu sync.Mutex // protects both
	var history []linear.Operation
	calledAt := map[queue.TicketID]queue.CounterID{}
	ask := func(client int, command queue.Command) linear.Answer {
		path, body := request(t, command)
		var got reply
		from := time.Since(began).Nanoseconds()
		code, err := p.post(path, "", body, &got)
		to := time.Since(began).Nanoseconds()
		a := got.answer()
		if err != nil || code >= 300 && a.Refused != queue.WhyQueueEmpty {
			t.Errorf("%s: %d %s %v", path, code, a.Refused, err)
		}
		mu.Lock()
		defer mu.Unlock()
		history = append(history, linear.Operation{ClientId: client, Input: command, Output: a, Call: from, Return: to})
		if a.State == queue.Called {
			if other, twice := calledAt[a.Ticket]; twice {
				t.Errorf("ticket %d was called to counters %s and %s", a.Ticket, other, a.Counter)
			}
			calledAt[a.Ticket] = a.Counter
		}
		return a
	}
	serve := func(k int, called linear.Answer) {
		c := queue.CounterID(fmt.Sprint(k + 1))
		ask(k, queue.Start{Counter: c, Ticket: called.Ticket})
		ask(k, queue.Finish{Counter: c, Ticket: called.Ticket})
	}
	operations := 0
	check := func(round int) {
		if err := told.Check(history, time.Minute); err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		operations += len(history)
		history = nil
	}
	for round := range rounds {
		var all sync.WaitGroup
		barrier := make(chan struct{})
		for c := range citizens {
			all.Go(func() {
				<-barrier
				for range consoles / citizens * 3 / 4 { // fewer than are asked for: some find nobody
					ask(consoles+c, queue.Issue{Category: "A"})
				}
			})
		}
		held := make([]linear.Answer, consoles)
		for k := range consoles {
			all.Go(func() {
				<-barrier
				held[k] = ask(k, queue.CallNext{Counter: queue.CounterID(fmt.Sprint(k + 1))})
			})
		}
		close(barrier)
		all.Wait()
		for k, called := range held {
			if called.Ticket != 0 {
				all.Go(func() { serve(k, called) })
			}
		}
		all.Wait()
		check(round)
	}
	for !t.Failed() { // who still waits is called by one console
		called := ask(0, queue.CallNext{Counter: "1"})
		if called.Ticket == 0 {
			break
		}
		serve(0, called)
	}
	check(rounds)
	var state struct {
		Tickets []struct {
			ID    queue.TicketID    `json:"id"`
			State queue.TicketState `json:"state"`
			Label string            `json:"label"`
		} `json:"tickets"`
	}
	p.get("/api/v1/state", &state)
	labels := map[string]queue.TicketID{}
	for _, x := range state.Tickets {
		if other, twice := labels[x.Label]; twice {
			t.Errorf("%s names tickets %d and %d", x.Label, other, x.ID)
		}
		labels[x.Label] = x.ID
		if calledAt[x.ID] == "" || x.State != queue.Finished {
			t.Errorf("%s (%d) is %s, called to counter %q", x.Label, x.ID, x.State, calledAt[x.ID])
		}
	}
	if want := rounds * consoles * 3 / 4; len(state.Tickets) != want || len(calledAt) != want {
		t.Errorf("%d numbers taken, %d in the journal, %d called", want, len(state.Tickets), len(calledAt))
	}
	p.stop()
	t.Logf("%d operations, %d tickets, each called once", operations, len(labels))
}
