package queue_test

import (
	"errors"
	"testing"

	"motcua/queue"
)

// Staff say of a slip in doubt, and of no other, that it came out; whatever has
// become of its ticket.
func TestConfirmSlip(t *testing.T) {
	for _, c := range []struct {
		slip queue.SlipState
		ok   bool
	}{
		{queue.SlipIsQueued, false}, {queue.SlipIsSending, false}, {queue.SlipIsPrinted, false},
		{queue.SlipIsFailed, false}, {queue.SlipIsUnknown, true},
	} {
		t.Run(string(c.slip), func(t *testing.T) {
			for _, state := range []queue.TicketState{queue.Waiting, queue.Serving, queue.Finished} {
				b := halfDays()
				id := bring(b, state)
				if c.slip != queue.SlipIsQueued {
					b.Must(queue.SlipMoved{Ticket: id, To: c.slip})
				}
				records, err := b.Do(queue.ConfirmSlip{Ticket: id})
				if !c.ok {
					if !errors.Is(err, &queue.Error{Code: queue.Conflict}) {
						t.Errorf("%s: %v", state, err)
					}
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				expect(t, "event", records[0].Event, queue.Event(queue.SlipPrinted{Ticket: id, Seen: true}))
				if got := b.State.Ticket(id); got.Slip != queue.SlipIsPrinted || got.State != state {
					t.Errorf("slip %s of a ticket that is %s", got.Slip, got.State)
				}
				if _, err := b.Do(queue.ConfirmSlip{Ticket: id}); !errors.Is(err, &queue.Error{Code: queue.Conflict}) {
					t.Errorf("said twice: %v", err)
				}
			}
		})
	}
	b := halfDays()
	bring(b, queue.Waiting)
	if _, err := b.Do(queue.ConfirmSlip{Ticket: 9999}); !errors.Is(err, &queue.Error{Code: queue.NotFound}) {
		t.Errorf("a ticket that is not there: %v", err)
	}
}
