package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"motcua/internal/auth"
	"motcua/kiosk/scanner"
	"motcua/queue"
)

const scansPath = base + "/scans"

// Scanned answers a scan: what it was and, of a receipt or an appointment, the
// number it got. Nothing of the scanned text is kept or repeated.
type Scanned struct {
	Kind   scanner.Kind `json:"kind" enum:"receipt,appointment,id_card,unknown"`
	From60 bool         `json:"from_60,omitempty" doc:"Of an ID card: its holder may be offered priority; staff grant it"`
	Ticket *Issued      `json:"ticket,omitempty"`
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
	op.Description += " The body is the text as it was scanned. A receipt gets a number of the category for results, an appointment's code is checked in; an ID card gives out nothing."
	op.MaxBodyBytes = scanner.Longest + 1
	add(s, api, op, func(ctx context.Context, in *scanIn) (*scanOut, error) {
		point, err := boundTo(ctx, in.Point)
		if err != nil {
			return nil, err
		}
		code := scanner.Read(in.RawBody, s.o.Now().In(queue.Zone))
		if code.Kind == scanner.Plain {
			known := make(chan bool, 1)
			if err := s.read(ctx, func(st *queue.State) { known <- st.Appointment(code.Appointment) != nil }); err != nil {
				return nil, err
			}
			is := <-known
			code = code.Known(func(string) bool { return is })
		}
		var c queue.Command
		switch code.Kind {
		case scanner.Receipt:
			c = queue.Issue{Entry: queue.EntryReceipt, Point: point, Ref: auth.NewRef()}
		case scanner.Appointment:
			c = queue.CheckIn{Code: code.Appointment, Ref: auth.NewRef()}
		default:
			return &scanOut{Body: Scanned{Kind: code.Kind, From60: code.From60}}, nil
		}
		out, err := s.issue(ctx, in.Key, in.SlipLanguage, c)
		if err != nil {
			return nil, err
		}
		return &scanOut{out.ReplayHeader, Scanned{Kind: code.Kind, Ticket: &out.Body}}, nil
	})
}
