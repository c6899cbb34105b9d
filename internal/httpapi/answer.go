package httpapi

import (
	"time"

	"motcua/queue"
)

// Done answers a command. It is made of the command's records alone, so that
// the same key gets the same bytes, whatever has happened since.
type Done struct {
	Epoch  string      `json:"epoch" doc:"Of the journal"`
	Seq    queue.Seq   `json:"seq" doc:"Position after the command"`
	Ticket *DoneTicket `json:"ticket,omitempty" doc:"The ticket it was about; after finish with next, the one called"`
	// Appointment is the one a ticket was turned into, or that was cancelled.
	Appointment *DoneAppointment `json:"appointment,omitempty"`
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
	Dossiers int               `json:"dossiers,omitempty" doc:"When the command set them"`
	Legs     *Categories       `json:"legs,omitempty" doc:"Where the visit goes on to, when the command planned it"`
	Undone   string            `json:"undone,omitempty" doc:"Type of the event taken back" example:"ticket.called.v1"`
}

// Categories is a list that may be empty and is then still said.
type Categories []queue.CategoryID

// DoneAppointment is an appointment as the command left it. All but Code and
// State is absent of one that was cancelled.
type DoneAppointment struct {
	Code     string                 `json:"code"`
	State    queue.AppointmentState `json:"state" enum:"booked,missed,cancelled,checked_in"`
	Slot     time.Time              `json:"slot,omitzero"`
	Category queue.CategoryID       `json:"category,omitempty"`
	Point    queue.PointID          `json:"point,omitempty"`
	Session  queue.SessionID        `json:"session,omitempty"`
	Dossiers int                    `json:"dossiers,omitempty"`
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

	Point       queue.PointID      `json:"point"`
	Session     queue.SessionID    `json:"session,omitempty" doc:"Whose quota it counts in"`
	Dossiers    int                `json:"dossiers"`
	Claim       queue.ClassID      `json:"claim,omitempty" doc:"Claimed at a button; the ticket is normal until staff confirm it"`
	Legs        []queue.CategoryID `json:"legs,omitempty" doc:"Where the visit goes on to"`
	Counter     queue.CounterID    `json:"counter,omitempty" doc:"Where it is served already, without a slip"`
	Slot        queue.Stamp        `json:"slot,omitempty" doc:"Of the appointment it came to in time"`
	Appointment string             `json:"appointment,omitempty" doc:"Code of the appointment checked in"`
	Late        bool               `json:"late,omitempty" doc:"Too late for the appointment: a walk-in's number"`
}

func doneOf(res queue.Result, epoch string) Done {
	d := Done{Epoch: epoch, Seq: res.Position(epoch).Seq}
	for i := range res.Records {
		if t := ticketOf(&res.Records[i]); t != nil {
			d.Ticket = t
		}
		switch e := res.Records[i].Event.(type) {
		case queue.AppointmentBooked:
			d.Appointment = &DoneAppointment{Code: e.Code, State: queue.AppointmentIsBooked, Slot: local(e.Slot),
				Category: e.Category, Point: e.Point, Session: e.Session, Dossiers: e.Dossiers}
		case queue.AppointmentCancelled:
			d.Appointment = &DoneAppointment{Code: e.Code, State: queue.AppointmentIsCancelled}
		}
	}
	return d
}

// local is an instant by the centre's clock, as appointments are written.
func local(s queue.Stamp) time.Time { return s.Time().In(queue.Zone) }

// ticketOf is what a record says of a ticket; nil when it is about none.
func ticketOf(r *queue.Record) *DoneTicket {
	switch e := r.Event.(type) {
	case queue.TicketIssued:
		return &DoneTicket{ID: queue.TicketID(r.Seq), Label: e.Label, Category: e.Category, Class: e.Class, State: queue.Waiting}
	case queue.TicketReissued:
		return &DoneTicket{ID: e.Ticket, Label: e.Issued.Label, Category: e.Issued.Category, Class: e.Issued.Class, State: queue.Waiting}
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
	case queue.TicketLegFinished:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, Category: e.Next, State: queue.Waiting}
	case queue.TicketLegsPlanned:
		legs := append(Categories{}, e.Legs...)
		return &DoneTicket{ID: e.Ticket, Label: e.Label, Legs: &legs}
	case queue.TicketClassSet:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, Class: e.Class}
	case queue.TicketDossiersSet:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, Dossiers: e.Dossiers}
	case queue.TicketUndone:
		return &DoneTicket{ID: e.Ticket, Label: e.Label, State: e.State, Undone: e.Undone}
	case queue.TicketExpired:
		return nil // of a day's end, which is about all of them
	case queue.SlipQueued:
		return &DoneTicket{ID: e.Ticket}
	case queue.SlipPrinted:
		return &DoneTicket{ID: e.Ticket}
	}
	return nil
}

func (s *Server) newIssued(id queue.TicketID, e queue.TicketIssued, at queue.Position) Issued {
	return Issued{
		ID: id, Label: e.Label, Ahead: e.Ahead, Epoch: at.Epoch, Seq: at.Seq,
		Category: e.Category, Class: e.Class, State: queue.Waiting, Day: e.Day,
		Link:  s.o.Links.URL(e.Day, e.Ref),
		Point: e.Point, Session: e.Session, Dossiers: e.Dossiers, Claim: e.Claim, Legs: e.Legs, Slot: e.Slot,
	}
}

// issuedOf finds the ticket in the records of its issue; false when there is none.
func (s *Server) issuedOf(res queue.Result, epoch string) (Issued, bool) {
	var t Issued
	for i := range res.Records {
		switch e := res.Records[i].Event.(type) {
		case queue.TicketIssued:
			t = s.newIssued(queue.TicketID(res.Records[i].Seq), e, res.Position(epoch))
		case queue.TicketReissued:
			t = s.newIssued(e.Ticket, e.Issued, res.Position(epoch))
		case queue.TicketStarted: // taken at the counter
			t.State, t.Counter = queue.Serving, e.Counter
		case queue.AppointmentCheckedIn:
			t.Appointment, t.Late = e.Code, e.Late
		}
	}
	return t, t.ID != 0
}
