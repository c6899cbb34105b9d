package httpapi

import (
	"cmp"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"motcua/display"
	"motcua/internal/staff"
	"motcua/queue"
)

// BoardView is a board with its place in the journal.
type BoardView struct {
	Epoch string        `json:"epoch"`
	Seq   queue.Seq     `json:"seq"`
	Board display.Board `json:"board"`
}

// DeskView is a counter's console with its place in the journal.
type DeskView struct {
	Epoch string     `json:"epoch"`
	Seq   queue.Seq  `json:"seq"`
	Desk  staff.Desk `json:"desk"`
}

// StateView is the whole day, to staff.
type StateView struct {
	Epoch    string            `json:"epoch"`
	Seq      queue.Seq         `json:"seq"`
	Day      queue.BusinessDay `json:"day"`
	Counters []queue.Counter   `json:"counters" nullable:"false"`
	Tickets  []TicketView      `json:"tickets" nullable:"false"`
}

func (s *Server) addReads(api huma.API) {
	type boardIn struct {
		Point queue.PointID `query:"point" maxLength:"32" doc:"Empty: the one the token is bound to, else the centre's first"`
	}
	type boardOut struct{ Body BoardView }
	add(s, api, s.op(http.MethodGet, "/board", "get-board", "What the wall display shows", anybody),
		func(ctx context.Context, in *boardIn) (*boardOut, error) {
			v, err := s.board(ctx, shownAt(ctx, in.Point))
			if err != nil {
				return nil, err
			}
			return &boardOut{v}, nil
		})

	type deskOut struct{ Body DeskView }
	op := s.op(http.MethodGet, "/counters/{id}/desk", "get-desk", "What the console of a counter shows", anyone)
	op.Metadata[metaCounter] = true
	add(s, api, op, func(ctx context.Context, in *CounterPath) (*deskOut, error) {
		v, err := s.desk(ctx, in.ID)
		if err != nil {
			return nil, err
		}
		return &deskOut{v}, nil
	})

	type stateOut struct{ Body StateView }
	add(s, api, s.op(http.MethodGet, "/state", "get-state", "All tickets and counters of the day", anyone),
		func(ctx context.Context, _ *struct{}) (*stateOut, error) {
			got := make(chan StateView, 1)
			err := s.read(ctx, func(st *queue.State) {
				v := StateView{Epoch: st.Pos.Epoch, Seq: st.Pos.Seq, Day: st.Day,
					Counters: append([]queue.Counter{}, st.Counters...), Tickets: make([]TicketView, 0, len(st.Tickets))}
				for i := range st.Tickets {
					v.Tickets = append(v.Tickets, viewOf(st.Config, &st.Tickets[i], st.Day.ID))
				}
				got <- v
			})
			if err != nil {
				return nil, err
			}
			return &stateOut{<-got}, nil
		})

	type healthOut struct {
		Status int
		Body   Health
	}
	op = s.op(http.MethodGet, "/health", "get-health", "How the centre does", anybody)
	op.Description = "Anybody learns the status; what is wrong is for those with a token, and for this machine's own programs. 503 when no numbers can be given out."
	add(s, api, op, func(ctx context.Context, _ *struct{}) (*healthOut, error) {
		h := s.o.Health()
		out := &healthOut{Status: http.StatusOK, Body: h}
		if h.Status == HealthDown {
			out.Status = http.StatusServiceUnavailable
		}
		if c := callOf(ctx); !c.who.Known() && !c.local {
			out.Body = Health{Status: h.Status}
		}
		return out, nil
	})
}

// shownAt is the service point whose board somebody looks at: unless another is
// asked for, the one of the machine. Boards are public: none is refused.
func shownAt(ctx context.Context, asked queue.PointID) queue.PointID {
	return cmp.Or(asked, callOf(ctx).who.Point)
}

// board reads the board of a point, and its position, in one turn.
func (s *Server) board(ctx context.Context, p queue.PointID) (BoardView, error) {
	return at(ctx, s, p, func(st *queue.State) BoardView { return BoardView{st.Pos.Epoch, st.Pos.Seq, s.o.Board(st, p)} })
}

// at reads what is shown at a service point; an empty one is the centre's first.
func at[T any](ctx context.Context, s *Server, p queue.PointID, f func(*queue.State) T) (v T, err error) {
	type answer struct {
		v   T
		err error
	}
	got := make(chan answer, 1)
	err = s.read(ctx, func(st *queue.State) {
		switch {
		case st.Config == nil:
			got <- answer{err: notConfigured()}
		case p != "" && st.Config.Point(p) == nil:
			got <- answer{err: &queue.Error{Code: queue.NotFound, Reason: queue.WhyPointUnknown,
				Msg: "there is no service point " + string(p), Hint: "Name one of the centre's points, or none for the first."}}
		default:
			got <- answer{v: f(st)}
		}
	})
	if err != nil {
		return v, err
	}
	a := <-got
	return a.v, a.err
}

// desk reads the console of a counter, and its position, in one turn.
func (s *Server) desk(ctx context.Context, c queue.CounterID) (DeskView, error) {
	got := make(chan DeskView, 1)
	err := s.read(ctx, func(st *queue.State) {
		defer close(got)
		if st.Config == nil {
			return
		}
		if d, ok := s.o.Desk(st, c); ok {
			got <- DeskView{st.Pos.Epoch, st.Pos.Seq, d}
		}
	})
	if err != nil {
		return DeskView{}, err
	}
	v, ok := <-got
	if !ok {
		return DeskView{}, &queue.Error{Code: queue.NotFound, Reason: queue.WhyCounterUnknown,
			Msg: "there is no counter " + string(c), Hint: "Name a counter of the centre's configuration."}
	}
	return v, nil
}

func notConfigured() *queue.Error {
	return &queue.Error{Code: queue.Closed, Reason: queue.WhyNotConfigured,
		Msg: "the centre has no configuration yet", Hint: "Apply one with PUT /api/v1/centre, or name a centre file in motcua.toml."}
}
