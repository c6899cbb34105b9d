package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"motcua/internal/doorway"
	"motcua/printer"
	"motcua/queue"
)

// Doors are the kiosks at other doors.
type Doors interface {
	// Ask answers as soon as something differs from what the kiosk knows, or
	// after a beat.
	Ask(ctx context.Context, name string, q doorway.Question) (doorway.Answer, error)
	// Moved records what became of a slip. The error is a [queue.Error] with
	// WhyWithdrawn when the slip is no longer the kiosk's.
	Moved(ctx context.Context, name, key string, ticket queue.TicketID, s doorway.Step) error
	// Refused is what a paper without a number says.
	Refused(ctx context.Context, r doorway.Refused) (printer.Slip, error)
}

var kiosks = []queue.Role{queue.Kiosk}

// addDoors registers what a kiosk at another door asks; it takes numbers by
// POST /tickets like everybody else.
func (s *Server) addDoors(api huma.API) {
	if s.o.Doors == nil {
		return
	}
	type askIn struct{ Body doorway.Question }
	type askOut struct{ Body doorway.Answer }
	add(s, api, s.op(http.MethodPost, "/kiosk/ask", "ask-kiosk", "What this kiosk shows and prints; held until something is new, for 1.5 s at most", kiosks),
		func(ctx context.Context, in *askIn) (*askOut, error) {
			a, err := s.o.Doors.Ask(ctx, callOf(ctx).who.Actor, in.Body)
			if err != nil {
				return nil, err
			}
			return &askOut{a}, nil
		})

	type stepIn struct {
		KeyHeader
		ID   queue.TicketID `path:"id" minimum:"1" doc:"Of the ticket"`
		Body doorway.Step
	}
	op := s.op(http.MethodPost, "/kiosk/slips/{id}", "move-slip", "What became of a slip; sending is recorded before its first byte", kiosks)
	op.DefaultStatus = http.StatusNoContent
	add(s, api, op, func(ctx context.Context, in *stepIn) (*struct{}, error) {
		ctx, cancel := context.WithTimeout(ctx, commandTimeout)
		defer cancel()
		return &struct{}{}, s.o.Doors.Moved(ctx, callOf(ctx).who.Actor, in.Key, in.ID, in.Body)
	})

	type refusedIn struct{ Body doorway.Refused }
	type refusedOut struct{ Body printer.Slip }
	add(s, api, s.op(http.MethodPost, "/kiosk/refusals", "word-refusal", "What a paper says that has no number", kiosks),
		func(ctx context.Context, in *refusedIn) (*refusedOut, error) {
			slip, err := s.o.Doors.Refused(ctx, in.Body)
			if err != nil {
				return nil, err
			}
			return &refusedOut{slip}, nil
		})
}
