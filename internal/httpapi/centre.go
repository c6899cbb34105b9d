package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"motcua/queue"
)

// DayBody names the business day to open.
type DayBody struct {
	Day queue.Day `json:"day,omitempty" pattern:"^\\d{4}-\\d{2}-\\d{2}$" doc:"Empty: the one the clock says"`
}

func (s *Server) addCentre(api huma.API) {
	type openIn struct {
		KeyHeader
		Body *DayBody
	}
	add(s, api, s.op(http.MethodPost, "/day/open", "open-day", "Begin the business day, or reopen it", leads),
		func(ctx context.Context, in *openIn) (*doneOut, error) {
			c := queue.OpenDay{}
			if in.Body != nil {
				c.Day = in.Body.Day
			}
			return s.command(ctx, in.Key, c)
		})

	type closeIn struct {
		KeyHeader
		Body *Nothing
	}
	add(s, api, s.op(http.MethodPost, "/day/close", "close-day", "End the business day", leads),
		func(ctx context.Context, in *closeIn) (*doneOut, error) {
			return s.command(ctx, in.Key, queue.CloseDay{})
		})

	type centreOut struct{ Body *queue.Config }
	add(s, api, s.op(http.MethodGet, "/centre", "get-centre", "The centre's configuration", anyone),
		func(ctx context.Context, _ *struct{}) (*centreOut, error) {
			got := make(chan *queue.Config, 1)
			// A configuration is never changed once applied, so it may be kept.
			if err := s.read(ctx, func(st *queue.State) { got <- st.Config }); err != nil {
				return nil, err
			}
			cfg := <-got
			if cfg == nil {
				return nil, notConfigured()
			}
			return &centreOut{cfg}, nil
		})

	type applyIn struct {
		KeyHeader
		Body queue.Config
	}
	op := s.op(http.MethodPut, "/centre", "apply-centre", "Apply a configuration; all its problems are listed at once", leads)
	op.MaxBodyBytes = maxConfig + 1
	add(s, api, op, func(ctx context.Context, in *applyIn) (*doneOut, error) {
		return s.command(ctx, in.Key, queue.ApplyConfig{Config: in.Body})
	})
}
