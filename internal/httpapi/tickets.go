package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/validation"

	"motcua/internal/auth"
	"motcua/internal/staff"
	"motcua/queue"
)

// IssueBody asks for a number.
type IssueBody struct {
	Category     queue.CategoryID   `json:"category,omitempty" maxLength:"32" example:"A" doc:"May be absent for a receipt alone"`
	Class        queue.ClassID      `json:"class,omitempty" maxLength:"32" doc:"Empty: normal; another by staff, or claimed at a kiosk where the class permits it"`
	SlipLanguage string             `json:"slip_language,omitempty" maxLength:"8" pattern:"^[a-z]{2,8}$" doc:"Used for the slip, then forgotten; no part of the command under its key"`
	Dossiers     int                `json:"dossiers,omitempty" minimum:"0" maximum:"99" doc:"0 = 1; more only by staff"`
	Point        queue.PointID      `json:"point,omitempty" maxLength:"32" doc:"Empty: the one the token is bound to, else the centre's first"`
	Entry        queue.Entry        `json:"entry,omitempty" enum:"receipt" doc:"The receipt of a dossier was scanned: without a category, the one for results"`
	Shown        bool               `json:"shown,omitempty" doc:"The number is shown on a screen: no slip comes out by itself. No part of the command under its key"`
	Legs         []queue.CategoryID `json:"legs,omitempty" maxItems:"6" doc:"Where the visit goes on to, in order; none: as the category says. Only by staff"`
}

// Resolve refuses a body that names neither a category nor a receipt, beside
// all else that is wrong with it.
func (b *IssueBody) Resolve(huma.Context) []error {
	if b.Category != "" || b.Entry == queue.EntryReceipt {
		return nil
	}
	return []error{&huma.ErrorDetail{Location: "body", Message: fmt.Sprintf(validation.MsgExpectedRequiredProperty, "category")}}
}

var _ huma.Resolver = (*IssueBody)(nil)

// The bodies of the commands on a ticket.
type (
	ClassBody struct {
		Class queue.ClassID `json:"class" minLength:"1" maxLength:"32" example:"priority"`
	}
	DossiersBody struct {
		Dossiers int `json:"dossiers" minimum:"1" maximum:"99"`
	}
	LegsBody struct {
		Legs []queue.CategoryID `json:"legs" maxItems:"6" nullable:"false" doc:"After the present one, in order; none: the visit ends with it"`
	}
)

// TicketView is a ticket of today, to those who work with it.
type TicketView struct {
	ID       queue.TicketID     `json:"id"`
	Label    string             `json:"label"`
	Category queue.CategoryID   `json:"category" doc:"Of the present leg"`
	Class    queue.ClassID      `json:"class"`
	Point    queue.PointID      `json:"point"`
	State    queue.TicketState  `json:"state"`
	Counter  queue.CounterID    `json:"counter,omitempty"`
	Bound    queue.CounterID    `json:"bound,omitempty" doc:"Waits for this counter alone"`
	Ahead    *int               `json:"ahead,omitempty" doc:"People ahead in the lane, while waiting"`
	Dossiers int32              `json:"dossiers"`
	Calls    int32              `json:"calls,omitempty"`
	Outcome  queue.Outcome      `json:"outcome,omitempty"`
	Slip     queue.SlipState    `json:"slip,omitempty"`
	Day      queue.Day          `json:"day"`
	Issued   queue.Stamp        `json:"issued" doc:"Milliseconds since 1970, like all times"`
	Since    queue.Stamp        `json:"since" doc:"In the present state"`
	Entry    queue.Entry        `json:"entry,omitempty"`
	Origin   queue.CategoryID   `json:"origin,omitempty" doc:"It was issued for"`
	Session  queue.SessionID    `json:"session,omitempty" doc:"It was issued in"`
	Slot     queue.Stamp        `json:"slot,omitempty" doc:"Of the appointment it came to in time"`
	Claim    queue.ClassID      `json:"claim,omitempty" doc:"Claimed at a button, not yet confirmed"`
	Returns  int32              `json:"returns,omitempty" doc:"Times it came back after it was missed or cancelled"`
	Leg      int                `json:"leg" doc:"1 = the first of the visit"`
	Past     []staff.Leg        `json:"past,omitempty" doc:"Legs that are over"`
	Next     []queue.CategoryID `json:"next,omitempty" doc:"Legs to come"`
}

// TicketAt is a ticket with its place in the journal.
type TicketAt struct {
	Epoch string    `json:"epoch"`
	Seq   queue.Seq `json:"seq"`
	TicketView
}

// viewOf leaves out the ref: it is half of somebody's link.
func viewOf(cfg *queue.Config, t *queue.Ticket, day queue.Day) TicketView {
	return TicketView{
		ID: t.ID, Label: t.Label, Category: t.Category, Class: t.Class, Point: t.Point, State: t.State,
		Counter: t.Counter, Bound: t.Bound, Dossiers: t.Dossiers, Calls: t.Calls, Outcome: t.Outcome,
		Slip: t.Slip, Day: day, Issued: t.Issued, Since: t.Since,
		Entry: t.Entry, Origin: t.Origin, Session: t.Session, Slot: t.Slot, Claim: t.Claim, Returns: t.Returns,
		Leg: len(t.Past) + 1, Past: staff.Legs(cfg, t.Past), Next: t.Next,
	}
}

// TicketPath names a ticket.
type TicketPath struct {
	ID queue.TicketID `path:"id" minimum:"1" doc:"Of the ticket"`
}

// standing is a ticket as it stands now, with the people ahead of it.
func (s *Server) standing(st *queue.State, t *queue.Ticket) *TicketView {
	v := viewOf(st.Config, t, st.Day.ID)
	if t.State == queue.Waiting {
		n := st.View().Ahead(t, queue.StampOf(s.o.Now()))
		v.Ahead = &n
	}
	return &v
}

func (s *Server) addTickets(api huma.API) {
	type issueIn struct {
		KeyHeader
		Body IssueBody
	}
	op := s.op(http.MethodPost, "/tickets", "issue-ticket", "Take a number", takers)
	op.DefaultStatus = http.StatusCreated
	add(s, api, op, func(ctx context.Context, in *issueIn) (*issueOut, error) {
		b := in.Body
		point, err := boundTo(ctx, b.Point)
		if err != nil {
			return nil, err
		}
		entry := queue.EntryAPI
		switch callOf(ctx).who.Role {
		case queue.Kiosk:
			entry = queue.EntryKiosk
		case queue.Greeter:
			entry = queue.EntryGreeter
		}
		if b.Entry != "" {
			entry = b.Entry
		}
		return s.issue(ctx, in.Key, b.SlipLanguage, queue.Issue{
			Category: b.Category, Point: point, Class: b.Class, Dossiers: b.Dossiers,
			Entry: entry, Legs: b.Legs, Ref: auth.NewRef(), Shown: b.Shown,
		})
	})

	type viewOut struct{ Body TicketAt }
	add(s, api, s.op(http.MethodGet, "/tickets/{id}", "get-ticket", "Look at a ticket of today", takers),
		func(ctx context.Context, in *TicketPath) (*viewOut, error) {
			got := make(chan TicketAt, 1)
			err := s.read(ctx, func(st *queue.State) {
				defer close(got)
				if t := st.Ticket(in.ID); t != nil {
					got <- TicketAt{st.Pos.Epoch, st.Pos.Seq, *s.standing(st, t)}
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

	for _, c := range []struct {
		verb, summary string
		make          func(queue.TicketID) queue.Command
	}{
		{"cancel", "Take a ticket out of the queue", func(t queue.TicketID) queue.Command { return queue.Cancel{Ticket: t} }},
		{"reactivate", "Bring a ticket back that was not there", func(t queue.TicketID) queue.Command { return queue.Reactivate{Ticket: t} }},
		{"reprint", "Print the same number again", func(t queue.TicketID) queue.Command { return queue.ReprintSlip{Ticket: t} }},
		{"confirm-slip", "Say that a slip in doubt did come out", func(t queue.TicketID) queue.Command { return queue.ConfirmSlip{Ticket: t} }},
		{"undo", "Take back the last command given for a ticket without a counter", func(t queue.TicketID) queue.Command { return queue.Undo{Ticket: t} }},
		{"rebook", "Turn a ticket into an appointment in the next session, beyond appointments.capacity if need be", func(t queue.TicketID) queue.Command { return queue.Rebook{Ticket: t} }},
	} {
		addTicket(s, api, c.verb, c.summary, func(t queue.TicketID, _ *Nothing) queue.Command { return c.make(t) })
	}
	addTicket(s, api, "class", "Grant a class, or confirm a claimed one", func(t queue.TicketID, b ClassBody) queue.Command {
		return queue.SetClass{Ticket: t, Class: b.Class}
	})
	addTicket(s, api, "dossiers", "Correct the number of dossiers", func(t queue.TicketID, b DossiersBody) queue.Command {
		return queue.SetDossiers{Ticket: t, Dossiers: b.Dossiers}
	})
	addTicket(s, api, "legs", "Plan where the visit goes on to", func(t queue.TicketID, b LegsBody) queue.Command {
		return queue.PlanLegs{Ticket: t, Legs: b.Legs}
	})
}

// onTicket is a command on a ticket with body B.
type onTicket[B any] struct {
	KeyHeader
	TicketPath
	Body B
}

func addTicket[B any](s *Server, api huma.API, verb, summary string, make func(queue.TicketID, B) queue.Command) {
	add(s, api, s.op(http.MethodPost, "/tickets/{id}/"+verb, verb+"-ticket", summary, anyone),
		func(ctx context.Context, in *onTicket[B]) (*doneOut, error) {
			return s.command(ctx, in.Key, make(in.ID, in.Body))
		})
}

// boundTo is the service point that somebody takes a number at: the one asked
// for, or the one of the machine. A machine bound to a point gives out no
// numbers of another.
func boundTo(ctx context.Context, asked queue.PointID) (queue.PointID, error) {
	own := callOf(ctx).who.Point
	if own == "" || asked == own {
		return asked, nil
	}
	if asked != "" {
		return "", &queue.Error{Code: queue.Denied, Reason: queue.WhyPointUnknown,
			Msg:  "your access takes numbers at " + string(own) + " only",
			Hint: "Take it at a machine of that service point, or have the access changed in motcua.toml."}
	}
	return own, nil
}

// issueOut answers whoever takes a number.
type issueOut struct {
	ReplayHeader
	Body Issued
}

// issue carries out a command that makes a ticket and answers with it.
func (s *Server) issue(ctx context.Context, key, language string, c queue.Command) (*issueOut, error) {
	if err := s.speaks(ctx, language); err != nil {
		return nil, err
	}
	res, epoch, err := s.do(ctx, key, language, c)
	if err != nil {
		return nil, err
	}
	t, ok := s.issuedOf(res, epoch)
	if !ok {
		return nil, fmt.Errorf("answer issue: %d records and no ticket among them", len(res.Records))
	}
	return &issueOut{replay(res), t}, nil
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
