package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"motcua/internal/auth"
	"motcua/queue"
)

// IssueBody asks for a number.
type IssueBody struct {
	Category     queue.CategoryID `json:"category" maxLength:"32" minLength:"1" example:"A"`
	Class        queue.ClassID    `json:"class,omitempty" maxLength:"32" doc:"Empty: normal; another only by staff"`
	SlipLanguage string           `json:"slip_language,omitempty" maxLength:"8" pattern:"^[a-z]{2,8}$" doc:"Used for the slip, then forgotten; no part of the command under its key"`
	Dossiers     int              `json:"dossiers,omitempty" minimum:"0" maximum:"99" doc:"0 = 1; more only by staff"`
	Point        queue.PointID    `json:"point,omitempty" maxLength:"32" doc:"Empty: the centre's first"`
}

// TicketView is a ticket of today, to those who work with it.
type TicketView struct {
	ID       queue.TicketID    `json:"id"`
	Label    string            `json:"label"`
	Category queue.CategoryID  `json:"category"`
	Class    queue.ClassID     `json:"class"`
	Point    queue.PointID     `json:"point"`
	State    queue.TicketState `json:"state"`
	Counter  queue.CounterID   `json:"counter,omitempty"`
	Bound    queue.CounterID   `json:"bound,omitempty" doc:"Waits for this counter alone"`
	Ahead    *int              `json:"ahead,omitempty" doc:"People ahead in the lane, while waiting"`
	Dossiers int32             `json:"dossiers"`
	Calls    int32             `json:"calls,omitempty"`
	Outcome  queue.Outcome     `json:"outcome,omitempty"`
	Slip     queue.SlipState   `json:"slip,omitempty"`
	Day      queue.Day         `json:"day"`
	Issued   queue.Stamp       `json:"issued" doc:"Milliseconds since 1970, like all times"`
	Since    queue.Stamp       `json:"since" doc:"In the present state"`
}

// TicketAt is a ticket with its place in the journal.
type TicketAt struct {
	Epoch string    `json:"epoch"`
	Seq   queue.Seq `json:"seq"`
	TicketView
}

// viewOf leaves out the ref: it is half of somebody's link.
func viewOf(t *queue.Ticket, day queue.Day) TicketView {
	return TicketView{
		ID: t.ID, Label: t.Label, Category: t.Category, Class: t.Class, Point: t.Point, State: t.State,
		Counter: t.Counter, Bound: t.Bound, Dossiers: t.Dossiers, Calls: t.Calls, Outcome: t.Outcome,
		Slip: t.Slip, Day: day, Issued: t.Issued, Since: t.Since,
	}
}

// TicketPath names a ticket.
type TicketPath struct {
	ID queue.TicketID `path:"id" minimum:"1" doc:"Of the ticket"`
}

func (s *Server) addTickets(api huma.API) {
	type issueIn struct {
		KeyHeader
		Body IssueBody
	}
	type issueOut struct {
		ReplayHeader
		Body Issued
	}
	op := s.op(http.MethodPost, "/tickets", "issue-ticket", "Take a number", takers)
	op.DefaultStatus = http.StatusCreated
	add(s, api, op, func(ctx context.Context, in *issueIn) (*issueOut, error) {
		entry := queue.EntryAPI
		switch callOf(ctx).who.Role {
		case queue.Kiosk:
			entry = queue.EntryKiosk
		case queue.Greeter:
			entry = queue.EntryGreeter
		}
		b := in.Body
		if err := s.speaks(ctx, b.SlipLanguage); err != nil {
			return nil, err
		}
		res, epoch, err := s.do(ctx, in.Key, b.SlipLanguage, queue.Issue{
			Category: b.Category, Point: b.Point, Class: b.Class, Dossiers: b.Dossiers,
			Entry: entry, Ref: auth.NewRef(),
		})
		if err != nil {
			return nil, err
		}
		t, ok := s.issuedOf(res, epoch)
		if !ok {
			return nil, fmt.Errorf("answer issue: %d records and no ticket among them", len(res.Records))
		}
		return &issueOut{replay(res), t}, nil
	})

	type viewOut struct{ Body TicketAt }
	add(s, api, s.op(http.MethodGet, "/tickets/{id}", "get-ticket", "Look at a ticket of today", takers),
		func(ctx context.Context, in *TicketPath) (*viewOut, error) {
			got := make(chan TicketAt, 1)
			err := s.read(ctx, func(st *queue.State) {
				defer close(got)
				if t := st.Ticket(in.ID); t != nil {
					v := TicketAt{st.Pos.Epoch, st.Pos.Seq, viewOf(t, st.Day.ID)}
					if t.State == queue.Waiting {
						n := st.View().Ahead(t, queue.StampOf(s.o.Now()))
						v.Ahead = &n
					}
					got <- v
				}
			})
			if err != nil {
				return nil, err
			}
			v, ok := <-got
			if !ok {
				return nil, &queue.Error{Code: queue.NotFound, Reason: queue.WhyTicketUnknown,
					Msg: fmt.Sprintf("there is no ticket %d today", in.ID), Hint: "Numbers of another day are not kept here; look at the slip's date."}
			}
			return &viewOut{v}, nil
		})

	type onTicket struct {
		KeyHeader
		TicketPath
		Body *Nothing
	}
	for _, c := range []struct {
		verb, summary string
		make          func(queue.TicketID) queue.Command
	}{
		{"cancel", "Take a ticket out of the queue", func(t queue.TicketID) queue.Command { return queue.Cancel{Ticket: t} }},
		{"reactivate", "Bring a ticket back that was not there", func(t queue.TicketID) queue.Command { return queue.Reactivate{Ticket: t} }},
		{"reprint", "Print the same number again", func(t queue.TicketID) queue.Command { return queue.ReprintSlip{Ticket: t} }},
	} {
		add(s, api, s.op(http.MethodPost, "/tickets/{id}/"+c.verb, c.verb+"-ticket", c.summary, anyone),
			func(ctx context.Context, in *onTicket) (*doneOut, error) {
				return s.command(ctx, in.Key, c.make(in.ID))
			})
	}
}

// Nothing is the body of a command that needs none: absent, or {}.
type Nothing struct{}

// speaks refuses a slip language that is none of the hall's.
func (s *Server) speaks(ctx context.Context, language string) error {
	if language == "" {
		return nil
	}
	var hall []string
	if err := s.read(ctx, func(st *queue.State) {
		if st.Config != nil {
			hall = slices.Clone(st.Config.Languages)
		}
	}); err != nil {
		return err
	}
	if len(hall) == 0 || slices.Contains(hall, language) {
		return nil // without a configuration the command itself is refused
	}
	return &queue.Error{Code: queue.Invalid, Reason: queue.WhyBadField,
		Msg: fmt.Sprintf("the hall does not speak %q", language), Hint: "Use " + strings.Join(hall, ", ") + "."}
}
