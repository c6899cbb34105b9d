package httpapi

import (
	"motcua/queue"
)

// Done answers a command. It is made of the command's records alone, so that
// the same key gets the same bytes, whatever has happened since.
type Done struct {
	Epoch  string      `json:"epoch" doc:"Of the journal"`
	Seq    queue.Seq   `json:"seq" doc:"Position after the command"`
	Ticket *DoneTicket `json:"ticket,omitempty" doc:"The ticket it was about; after finish with next, the one called"`
}

// DoneTicket is a ticket as the command left it.
type DoneTicket struct {
	ID       queue.TicketID    `json:"id"`
	Label    string            `json:"label,omitempty"`
	Category queue.CategoryID  `json:"category,omitempty" doc:"When the command chose or changed it"`
	Class    queue.ClassID     `json:"class,omitempty"`
	State    queue.TicketState `json:"state,omitempty"`
	Counter  queue.CounterID   `json:"counter,omitempty"`
	Reason   *queue.Reason     `json:"reason,omitempty" doc:"Why it was called"`
}

// Issued answers the taking of a number, made of its record alone.
type Issued struct {
	ID       queue.TicketID    `json:"id"`
	Label    string            `json:"label" example:"A042"`
	Ahead    int               `json:"ahead" doc:"People ahead in the lane when it was issued"`
	Epoch    string            `json:"epoch"`
	Seq      queue.Seq         `json:"seq"`
	Category queue.CategoryID  `json:"category"`
	Class    queue.ClassID     `json:"class"`
	State    queue.TicketState `json:"state"`
	Day      queue.Day         `json:"day" example:"2026-11-23"`
	Link     string            `json:"link,omitempty" doc:"Of the ticket's page, as on the slip"`
}

func doneOf(res queue.Result, epoch string) Done {
	d := Done{Epoch: epoch, Seq: res.Position(epoch).Seq}
	for i := range res.Records {
		if t := ticketOf(&res.Records[i]); t != nil {
			d.Ticket = t
		}
	}
	return d
}

// ticketOf is what a record says of a ticket; nil when it is about none.
func ticketOf(r *queue.Record) *DoneTicket {
	switch e := r.Event.(type) {
	case queue.TicketIssued:
		return &DoneTicket{ID: queue.TicketID(r.Seq), Label: e.Label, Category: e.Category, Class: e.Class, State: queue.Waiting}
	case queue.TicketCalled:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, Category: e.Category, Class: e.Class, State: queue.Called, Counter: e.Counter, Reason: &e.Reason}
	case queue.TicketRecalled:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, State: queue.Called, Counter: e.Counter}
	case queue.TicketStarted:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, State: queue.Serving, Counter: e.Counter}
	case queue.TicketFinished:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, State: queue.Finished, Counter: e.Counter}
	case queue.TicketNoShow:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, State: queue.Missed, Counter: e.Counter}
	case queue.TicketReactivated:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, State: queue.Waiting}
	case queue.TicketParked:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, State: queue.Parked, Counter: e.Counter}
	case queue.TicketUnparked:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, State: queue.Waiting}
	case queue.TicketTransferred:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, Category: e.Category, State: queue.Waiting, Counter: e.Bound}
	case queue.TicketCancelled:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, State: queue.Cancelled}
	case queue.TicketExpired:
		return nil // of a day's end, which is about all of them
	case queue.SlipQueued:
		return &DoneTicket{ID: e.Ticket}
	}
	return nil
}

// issuedOf finds the ticket in the records of its issue; false when there is none.
func (s *Server) issuedOf(res queue.Result, epoch string) (Issued, bool) {
	for i := range res.Records {
		e, ok := res.Records[i].Event.(queue.TicketIssued)
		if !ok {
			continue
		}
		return Issued{
			ID: queue.TicketID(res.Records[i].Seq), Label: e.Label, Ahead: e.Ahead,
			Epoch: epoch, Seq: res.Position(epoch).Seq,
			Category: e.Category, Class: e.Class, State: queue.Waiting, Day: e.Day,
			Link: s.o.Links.URL(e.Day, e.Ref),
		}, true
	}
	return Issued{}, false
}
