package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"motcua/printer/printertest"
	"motcua/queue"
)

// inDoubt are the slips a console asks about.
func inDoubt(want ...string) func(json.RawMessage) bool {
	return func(b json.RawMessage) bool {
		var v struct {
			Slips []struct {
				Label string
				Slip  queue.SlipState
			}
		}
		if json.Unmarshal(b, &v) != nil {
			return false
		}
		var got []string
		for _, s := range v.Slips {
			if s.Slip == queue.SlipIsUnknown {
				got = append(got, s.Label)
			}
		}
		return slices.Equal(got, want)
	}
}

// A printer prints and says nothing of it. Staff hold the slip, and say so: it
// is asked about no more and printed no more, after a restart too. Of another
// they say that it did not come out: it comes out again, marked.
func TestStaffSettleASlipInDoubt(t *testing.T) {
	t.Parallel()
	h := startPaper(t)
	o := h.watch("desk:1")
	h.printer.Fault(printertest.Fault{Kind: printertest.AckLost})
	first := h.issue(`{"category":"A"}`)
	// Being young it comes out once more by itself, and is in doubt again.
	if got := h.cut(2); !marked(got.Image) {
		t.Error("the slip that was printed again by itself bears no mark")
	}
	h.doubts(first)
	o.see("desk:1", "the first slip in doubt", inDoubt(first.Label))
	say := func(id queue.TicketID, verb, key string) int {
		t.Helper()
		code, err := h.post(fmt.Sprintf("/tickets/%d/%s", id, verb), key, `{}`, nil)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	const key = "5f6b7d1e-2f63-4a4e-9d0c-3a1c7a1d9b10"
	for range 2 { // an answer that was lost is asked for again
		if code := say(first.ID, "confirm-slip", key); code != 200 {
			t.Fatalf("confirm-slip: %d", code)
		}
	}
	o.see("desk:1", "the first slip settled", inDoubt())
	if code := say(first.ID, "confirm-slip", ""); code != 409 {
		t.Errorf("said of a slip that is in no doubt: %d", code)
	}
	h.printer.Repair()
	h.issue(`{"category":"A"}`)
	h.cut(3)
	h.printer.Fault(printertest.Fault{Kind: printertest.AckLost})
	third := h.issue(`{"category":"A"}`)
	h.cut(5)
	h.doubts(third)
	// Nothing holds the slip of a process that is gone but the journal.
	h.kill()
	h.printer.Repair()
	h.start()
	o = h.watch("desk:1")
	o.see("desk:1", "the third slip in doubt after a restart", inDoubt(third.Label))
	if code := say(third.ID, "reprint", ""); code != 200 {
		t.Fatalf("reprint: %d", code)
	}
	if got := h.cut(6); !marked(got.Image) {
		t.Error("the slip that was asked for again bears no mark")
	}
	o.see("desk:1", "the third slip out", inDoubt())
	h.issue(`{"category":"A"}`)
	h.cut(7) // and nothing else before it
	if n := h.printer.Stats().Tickets; n != 7 {
		t.Errorf("%d papers, want 7", n)
	}
}

// doubts waits until nobody knows any more whether a slip came out.
func (h *hardware) doubts(of issued) {
	h.t.Helper()
	late := time.After(30 * time.Second)
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for {
		var state struct {
			Tickets []struct {
				ID   queue.TicketID  `json:"id"`
				Slip queue.SlipState `json:"slip"`
			}
		}
		h.get("/api/v1/state", &state)
		for _, x := range state.Tickets {
			if x.ID == of.ID && x.Slip == queue.SlipIsUnknown {
				return
			}
		}
		select {
		case <-late:
			h.t.Fatalf("the slip of %s is in no doubt after 30 s", of.Label)
		case <-poll.C:
		}
	}
}
