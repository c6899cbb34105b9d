package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"motcua/display"
	"motcua/queue"
)

// HoursView is when numbers are given out, with its place in the journal.
type HoursView struct {
	Epoch string        `json:"epoch"`
	Seq   queue.Seq     `json:"seq"`
	Hours display.Hours `json:"hours"`
}

func (s *Server) addHours(api huma.API) {
	type hoursIn struct {
		Point queue.PointID `query:"point" maxLength:"32" doc:"Empty: the one the token is bound to, else the centre's first"`
	}
	type hoursOut struct{ Body HoursView }
	add(s, api, s.op(http.MethodGet, "/hours", "get-hours", "When numbers are given out, and for what now", anybody),
		func(ctx context.Context, in *hoursIn) (*hoursOut, error) {
			point := shownAt(ctx, in.Point)
			v, err := at(ctx, s, point, func(st *queue.State) HoursView {
				return HoursView{st.Pos.Epoch, st.Pos.Seq, s.o.Hours(st, point)}
			})
			if err != nil {
				return nil, err
			}
			return &hoursOut{v}, nil
		})
}
