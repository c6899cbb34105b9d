package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"motcua/internal/auth"
	"motcua/queue"
)

// The bodies of the commands at a counter. What acts on a ticket names it, so
// that a console that is behind gets a conflict instead of the wrong citizen.
type (
	OpenBody struct {
		Staff string `json:"staff,omitempty" maxLength:"40" pattern:"^[A-Za-z0-9._-]+$" doc:"Opaque id, never a name"`
	}
	PauseBody struct {
		Reason  queue.PauseReason `json:"reason,omitempty" maxLength:"32"`
		Minutes int               `json:"minutes,omitempty" minimum:"0" maximum:"600" doc:"How long, as planned; 0 = not known"`
	}
	TicketBody struct {
		Ticket queue.TicketID `json:"ticket" minimum:"1"`
	}
	CallBody struct {
		Ticket queue.TicketID   `json:"ticket" minimum:"1"`
		Reason queue.CallReason `json:"reason,omitempty" maxLength:"32" doc:"Needed but for the counter's own parked ticket"`
	}
	FinishBody struct {
		Ticket  queue.TicketID `json:"ticket" minimum:"1"`
		Outcome queue.Outcome  `json:"outcome,omitempty" maxLength:"32" doc:"Empty: done"`
		Next    bool           `json:"next,omitempty" doc:"Call the next ticket in the same request"`
	}
	TransferBody struct {
		Ticket     queue.TicketID     `json:"ticket" minimum:"1"`
		ToCategory queue.CategoryID   `json:"to_category,omitempty" maxLength:"32"`
		ToCounter  queue.CounterID    `json:"to_counter,omitempty" maxLength:"32"`
		Mode       queue.TransferMode `json:"mode,omitempty" maxLength:"32" doc:"Empty: keep"`
	}
	UndoBody struct {
		Ticket queue.TicketID `json:"ticket,omitempty" minimum:"1" doc:"The one the console means; absent: whichever the counter's last command was about"`
	}
	DirectBody struct {
		Category queue.CategoryID `json:"category" maxLength:"32" minLength:"1" example:"A"`
		Class    queue.ClassID    `json:"class,omitempty" maxLength:"32" doc:"Empty: normal"`
		Dossiers int              `json:"dossiers,omitempty" minimum:"0" maximum:"99" doc:"0 = 1"`
	}
)

// CounterPath names a counter.
type CounterPath struct {
	ID queue.CounterID `path:"id" minLength:"1" maxLength:"32" doc:"Of the counter"`
}

// atCounter is a command at a counter with body B, which may be absent when
// B's fields all may.
type atCounter[B any] struct {
	KeyHeader
	CounterPath
	Body B
}

func (s *Server) addCounters(api huma.API) {
	addCounter(s, api, "open", "Open a counter", desks, func(c queue.CounterID, b *OpenBody) queue.Command {
		if b == nil {
			b = &OpenBody{}
		}
		return queue.OpenCounter{Counter: c, Staff: b.Staff}
	})
	addCounter(s, api, "pause", "Stop calling for a while", desks, func(c queue.CounterID, b *PauseBody) queue.Command {
		if b == nil {
			b = &PauseBody{}
		}
		return queue.PauseCounter{Counter: c, Reason: b.Reason, Minutes: b.Minutes}
	})
	addCounter(s, api, "close", "End a counter's work", desks, func(c queue.CounterID, _ *Nothing) queue.Command {
		return queue.CloseCounter{Counter: c}
	})
	addCounter(s, api, "next", "Call the next ticket", desks, func(c queue.CounterID, _ *Nothing) queue.Command {
		return queue.CallNext{Counter: c}
	})
	addCounter(s, api, "call", "Call a given ticket", desks, func(c queue.CounterID, b CallBody) queue.Command {
		return queue.CallTicket{Counter: c, Ticket: b.Ticket, Reason: b.Reason}
	})
	addCounter(s, api, "start", "Begin to serve the called ticket", desks, func(c queue.CounterID, b TicketBody) queue.Command {
		return queue.Start{Counter: c, Ticket: b.Ticket}
	})
	addCounter(s, api, "recall", "Call the called ticket once more", desks, func(c queue.CounterID, b TicketBody) queue.Command {
		return queue.Recall{Counter: c, Ticket: b.Ticket}
	})
	addCounter(s, api, "no-show", "Mark the called ticket as not there", desks, func(c queue.CounterID, b TicketBody) queue.Command {
		return queue.NoShow{Counter: c, Ticket: b.Ticket}
	})
	addCounter(s, api, "park", "Set the ticket aside", desks, func(c queue.CounterID, b TicketBody) queue.Command {
		return queue.Park{Counter: c, Ticket: b.Ticket}
	})
	addCounter(s, api, "unpark", "Put a parked ticket back in the queue", anyone, func(c queue.CounterID, b TicketBody) queue.Command {
		return queue.Unpark{Counter: c, Ticket: b.Ticket}
	})
	addCounter(s, api, "transfer", "Send a ticket to a category or counter", desks, func(c queue.CounterID, b TransferBody) queue.Command {
		return queue.Transfer{Counter: c, Ticket: b.Ticket, ToCategory: b.ToCategory, ToCounter: b.ToCounter, Mode: b.Mode}
	})
	addCounter(s, api, "finish", "End the service", desks, func(c queue.CounterID, b FinishBody) queue.Command {
		return queue.Finish{Counter: c, Ticket: b.Ticket, Outcome: b.Outcome, Next: b.Next}
	})
	addCounter(s, api, "undo", "Take back the counter's last command", desks, func(c queue.CounterID, b *UndoBody) queue.Command {
		if b == nil {
			b = &UndoBody{}
		}
		return queue.Undo{Counter: c, Ticket: b.Ticket}
	})

	op := s.op(http.MethodPost, "/counters/{id}/direct", "direct-at-counter", "Serve somebody at once, without a slip", desks)
	op.Metadata[metaCounter] = true
	op.DefaultStatus = http.StatusCreated
	add(s, api, op, func(ctx context.Context, in *atCounter[DirectBody]) (*issueOut, error) {
		return s.issue(ctx, in.Key, "", queue.WalkDirect{
			Counter: in.ID, Category: in.Body.Category, Class: in.Body.Class, Dossiers: in.Body.Dossiers, Ref: auth.NewRef(),
		})
	})
}

func addCounter[B any](s *Server, api huma.API, verb, summary string, roles []queue.Role, make func(queue.CounterID, B) queue.Command) {
	op := s.op(http.MethodPost, "/counters/{id}/"+verb, verb+"-at-counter", summary, roles)
	op.Metadata[metaCounter] = true
	add(s, api, op, func(ctx context.Context, in *atCounter[B]) (*doneOut, error) {
		return s.command(ctx, in.Key, make(in.ID, in.Body))
	})
}
