package main

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"motcua/queue"
)

// TestKill kills the real daemon at least fifty times while eight clients take
// numbers. Afterwards every acknowledged number is there, none names two
// tickets, and a client that repeats its key learns which number it has.
func TestKill(t *testing.T) {
	const kills, clients = 50, 8
	type answer struct {
		ID    queue.TicketID `json:"id"`
		Label string         `json:"label"`
		Epoch string         `json:"epoch"`
		Seq   queue.Seq      `json:"seq"`
		Code  string         `json:"code"`
	}
	data := t.TempDir()
	var mu sync.Mutex // protects both
	acked := map[string]answer{}
	open := map[string]string{} // asked and not answered: key → body
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	categories := []string{"A", "B", "C", "D", "E", "F", "R", "T"}

	repeated := 0
	for round := range kills {
		p := start(t, data)
		// First, those who never heard: the same key again.
		for key, body := range open {
			var a answer
			code, err := p.post("/tickets", key, body, &a)
			if err != nil || code != 201 {
				t.Fatalf("round %d: repeating %s: %d %v %+v", round, key, code, err, a)
			}
			acked[key] = a
			repeated++
		}
		clear(open)
		// Then one who had heard: the same answer, not another number.
		for key, want := range acked {
			var got answer
			body := fmt.Sprintf(`{"category":%q}`, key[:1])
			if code, err := p.post("/tickets", key, body, &got); err != nil || code != 201 || got != want {
				t.Fatalf("round %d: %s answered %+v, then %+v (%d, %v)", round, key, want, got, code, err)
			}
			break
		}
		enough := make(chan struct{})
		var once sync.Once
		left := 1 + random.IntN(40)
		var wg sync.WaitGroup
		for c := range clients {
			wg.Go(func() {
				for n := 0; ; n++ {
					category := categories[(c+n)%len(categories)]
					key := fmt.Sprintf("%s-%d-%d-%d", category, round, c, n)
					body := fmt.Sprintf(`{"category":%q}`, category)
					mu.Lock()
					open[key] = body
					mu.Unlock()
					var a answer
					code, err := p.post("/tickets", key, body, &a)
					if err != nil {
						return // killed
					}
					if code != 201 {
						t.Errorf("round %d: %d %+v", round, code, a)
						return
					}
					mu.Lock()
					delete(open, key)
					acked[key] = a
					if left--; left <= 0 {
						once.Do(func() { close(enough) })
					}
					mu.Unlock()
				}
			})
		}
		<-enough
		p.kill()
		wg.Wait()
	}

	p := start(t, data)
	for key, body := range open {
		var a answer
		if code, err := p.post("/tickets", key, body, &a); err != nil || code != 201 {
			t.Fatalf("repeating %s: %d %v", key, code, err)
		}
		acked[key] = a
		repeated++
	}
	var state struct {
		Tickets []struct {
			ID    queue.TicketID `json:"id"`
			Label string         `json:"label"`
		} `json:"tickets"`
	}
	p.get("/api/v1/state", &state)
	label := map[queue.TicketID]string{}
	holder := map[string]queue.TicketID{}
	for _, x := range state.Tickets {
		if other, twice := holder[x.Label]; twice {
			t.Errorf("%s names tickets %d and %d", x.Label, other, x.ID)
		}
		holder[x.Label], label[x.ID] = x.ID, x.Label
	}
	for key, a := range acked {
		if label[a.ID] != a.Label {
			t.Errorf("%s: acknowledged %s as ticket %d, found %q", key, a.Label, a.ID, label[a.ID])
		}
	}
	if len(state.Tickets) != len(acked) {
		t.Errorf("%d tickets in the journal for %d requests", len(state.Tickets), len(acked))
	}
	p.stop()
	t.Logf("%d kills, %d numbers, %d repeated after a kill: none lost, none twice", kills, len(acked), repeated)
}
