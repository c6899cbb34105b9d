package httpapi

import (
	"cmp"
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"motcua/queue"
)

// The bodies of the commands about a roll of numbers. Point and category name
// the roll as it was started.
type (
	RollStartBody struct {
		Point    queue.PointID    `json:"point,omitempty" maxLength:"32" doc:"Empty: the one the token is bound to, else the centre's first"`
		Category queue.CategoryID `json:"category,omitempty" maxLength:"32" example:"A" doc:"Empty: one roll for all categories without one of their own"`
		First    string           `json:"first" minLength:"1" maxLength:"8" example:"057" doc:"The number at its end, as printed: 2 to 4 digits, before them at most two letters"`
		Self     bool             `json:"self,omitempty" doc:"People tear numbers off themselves: a counter for which nobody waits calls the next one"`
	}
	RollTornBody struct {
		Point    queue.PointID    `json:"point,omitempty" maxLength:"32"`
		Category queue.CategoryID `json:"category" minLength:"1" maxLength:"32" example:"A" doc:"For which they wait"`
		UpTo     string           `json:"up_to" minLength:"1" maxLength:"8" example:"083" doc:"The last number torn off; its digits are enough"`
	}
	RollBackBody struct {
		Point    queue.PointID    `json:"point,omitempty" maxLength:"32"`
		Category queue.CategoryID `json:"category,omitempty" maxLength:"32"`
		UpTo     string           `json:"up_to,omitempty" maxLength:"8" example:"063" doc:"The last right number; empty: none is right"`
	}
	RollEndBody struct {
		Point    queue.PointID    `json:"point,omitempty" maxLength:"32"`
		Category queue.CategoryID `json:"category,omitempty" maxLength:"32"`
	}
)

// RollDone answers a command about a roll, made of its records alone.
type RollDone struct {
	Epoch   string       `json:"epoch" doc:"Of the journal"`
	Seq     queue.Seq    `json:"seq" doc:"Position after the command"`
	First   string       `json:"first,omitempty" doc:"Of the numbers it was about, or the roll's first one"`
	Last    string       `json:"last,omitempty" doc:"Of those numbers"`
	Next    string       `json:"next,omitempty" doc:"That would have come next, of a roll put away"`
	Tickets []DoneTicket `json:"tickets,omitempty" doc:"Given out by it, in their order"`
}

// RollView is a roll of numbers at a service point.
type RollView struct {
	Category queue.CategoryID `json:"category,omitempty" doc:"Empty: all without a roll of their own"`
	Open     bool             `json:"open" doc:"In use; else put away earlier today"`
	Self     bool             `json:"self" doc:"People tear numbers off themselves"`
	First    string           `json:"first" example:"057"`
	Next     string           `json:"next,omitempty" example:"064" doc:"Absent: it is used up"`
	Since    queue.Stamp      `json:"since" doc:"In use, or put away"`
}

// RollsView lists the rolls of a service point, with their place in the journal.
type RollsView struct {
	Epoch string        `json:"epoch"`
	Seq   queue.Seq     `json:"seq"`
	Point queue.PointID `json:"point"`
	Rolls []RollView    `json:"rolls" nullable:"false"`
}

func (s *Server) addRolls(api huma.API) {
	type listIn struct {
		Point queue.PointID `query:"point" maxLength:"32" doc:"Empty: the one the token is bound to, else the centre's first"`
	}
	type listOut struct{ Body RollsView }
	add(s, api, s.op(http.MethodGet, "/rolls", "list-rolls", "Pre-printed rolls of numbers of today", anyone),
		func(ctx context.Context, in *listIn) (*listOut, error) {
			p := shownAt(ctx, in.Point)
			v, err := at(ctx, s, p, func(st *queue.State) RollsView {
				v := RollsView{Epoch: st.Pos.Epoch, Seq: st.Pos.Seq, Point: cmp.Or(p, st.Config.Points[0].ID), Rolls: []RollView{}}
				for _, r := range st.View().Rolls(v.Point) {
					v.Rolls = append(v.Rolls, RollView{Category: r.Category, Open: r.Open, Self: r.Self, First: r.Label(r.First), Next: r.Upcoming(), Since: r.Since})
				}
				return v
			})
			if err != nil {
				return nil, err
			}
			return &listOut{v}, nil
		})
	addRoll(s, api, "", "start-roll", "Take a pre-printed roll of numbers into use", func(p queue.PointID, b RollStartBody) queue.Command {
		return queue.StartRoll{Point: p, Category: b.Category, First: b.First, Self: b.Self}
	})
	addRoll(s, api, "/torn", "enter-torn-numbers", "Enter the numbers people tore off a roll themselves", func(p queue.PointID, b RollTornBody) queue.Command {
		return queue.TearOff{Point: p, Category: b.Category, UpTo: b.UpTo}
	})
	addRoll(s, api, "/back", "take-numbers-back", "Put numbers entered by mistake back onto their roll", func(p queue.PointID, b RollBackBody) queue.Command {
		return queue.TakeBack{Point: p, Category: b.Category, UpTo: b.UpTo}
	})
	addRoll(s, api, "/end", "end-roll", "Put a roll of numbers away", func(p queue.PointID, b RollEndBody) queue.Command {
		return queue.EndRoll{Point: p, Category: b.Category}
	})
}

// aboutRoll is a body that names a service point.
type aboutRoll interface {
	RollStartBody | RollTornBody | RollBackBody | RollEndBody
	at() queue.PointID
}

func (b RollStartBody) at() queue.PointID { return b.Point }
func (b RollTornBody) at() queue.PointID  { return b.Point }
func (b RollBackBody) at() queue.PointID  { return b.Point }
func (b RollEndBody) at() queue.PointID   { return b.Point }

func addRoll[B aboutRoll](s *Server, api huma.API, path, id, summary string, make func(queue.PointID, B) queue.Command) {
	type in struct {
		KeyHeader
		Body B
	}
	type out struct {
		ReplayHeader
		Body RollDone
	}
	add(s, api, s.op(http.MethodPost, "/rolls"+path, id, summary, anyone), func(ctx context.Context, in *in) (*out, error) {
		p, err := boundTo(ctx, in.Body.at())
		if err != nil {
			return nil, err
		}
		res, epoch, err := s.do(ctx, in.Key, "", make(p, in.Body))
		if err != nil {
			return nil, err
		}
		return &out{replay(res), rollDoneOf(res, epoch)}, nil
	})
}

func rollDoneOf(res queue.Result, epoch string) RollDone {
	d := RollDone{Epoch: epoch, Seq: res.Position(epoch).Seq}
	for i := range res.Records {
		r := &res.Records[i]
		switch e := r.Event.(type) {
		case queue.RollStarted:
			d.First = e.Label
		case queue.RollEnded:
			d.Next = e.Next
		case queue.RollTakenBack:
			d.First, d.Last = e.Label, e.Last
		case queue.TicketIssued, queue.TicketReissued:
			t := ticketOf(r)
			d.First, d.Last = cmp.Or(d.First, t.Label), t.Label
			d.Tickets = append(d.Tickets, *t)
		}
	}
	return d
}
