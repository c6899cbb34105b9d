package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"motcua/internal/auth"
	"motcua/kiosk/scanner"
	"motcua/kiosk/scans"
	"motcua/queue"
)

const scansPath = base + "/scans"

// Scanned answers a scan: what it was and, of a receipt or an appointment, the
// number it got, of a slip how its number stands. Nothing of the scanned text is
// kept or repeated.
type Scanned struct {
	Kind     scanner.Kind  `json:"kind" enum:"receipt,appointment,ticket,id_card,unknown"`
	From60   bool          `json:"from_60,omitempty" doc:"Of an ID card: its holder may be offered priority; staff grant it"`
	Class    queue.ClassID `json:"class,omitempty" doc:"Of such a card: the class that may be claimed with the next number"`
	Ticket   *Issued       `json:"ticket,omitempty" doc:"Of a receipt or an appointment: the number it got"`
	Standing *TicketView   `json:"standing,omitempty" doc:"Of a slip: its number of today; absent when its day is over"`
}

// addScans takes a scan as the scanner sent it, as bytes that can be
// overwritten: a JSON text would leave copies of a card in memory.
func (s *Server) addScans(api huma.API) {
	type scanIn struct {
		KeyHeader
		Point        queue.PointID `query:"point" maxLength:"32" doc:"Where it was scanned; empty: the one the token is bound to, else the centre's first"`
		SlipLanguage string        `query:"slip_language" maxLength:"8" pattern:"^[a-z]{2,8}$" doc:"Used for the slip, then forgotten"`
		RawBody      []byte        `contentType:"application/octet-stream"`
	}
	type scanOut struct {
		ReplayHeader
		Body Scanned
	}
	op := s.op(http.MethodPost, "/scans", "scan", "Take the number a scanned receipt or appointment code stands for", takers)
	op.Description += " The body is the text as it was scanned. A receipt gets a number of the category for results, an appointment's code is checked in, the link on a slip tells how its number stands; an ID card gives out nothing."
	op.MaxBodyBytes = scanner.Longest + 1
	add(s, api, op, func(ctx context.Context, in *scanIn) (*scanOut, error) {
		point, err := boundTo(ctx, in.Point)
		if err != nil {
			return nil, err
		}
		code := scanner.Read(in.RawBody, s.o.Now().In(queue.Zone))
		type answer struct {
			scans.Ask
			standing *TicketView
		}
		got := make(chan answer, 1)
		err = s.read(ctx, func(st *queue.State) {
			a := answer{Ask: scans.Of(st, code, point, auth.NewRef(), s.o.Links)}
			if t := st.Ticket(a.Ticket); t != nil {
				a.standing = s.standing(st, t)
			}
			got <- a
		})
		if err != nil {
			return nil, err
		}
		a := <-got
		if a.Command == nil {
			return &scanOut{Body: Scanned{Kind: a.Kind, From60: a.From60, Class: a.Class, Standing: a.standing}}, nil
		}
		out, err := s.issue(ctx, in.Key, in.SlipLanguage, a.Command)
		if err != nil {
			return nil, err
		}
		return &scanOut{out.ReplayHeader, Scanned{Kind: a.Kind, Ticket: &out.Body}}, nil
	})
}
