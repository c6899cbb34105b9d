package httpapi

import (
	"context"
	"net/http"
	"reflect"

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
	add(s, api, s.op(http.MethodGet, "/centre", "get-centre", "The centre's configuration, as a file has it", anyone),
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
			return &centreOut{cfg.Plain()}, nil
		})

	type applyIn struct {
		KeyHeader
		Body queue.Config
	}
	op := s.op(http.MethodPut, "/centre", "apply-centre", "Apply a configuration; all its problems are listed at once", leads)
	op.MaxBodyBytes = maxConfig + 1
	type applyOut struct {
		ReplayHeader
		Body Applied
	}
	add(s, api, op, func(ctx context.Context, in *applyIn) (*applyOut, error) {
		res, epoch, err := s.do(ctx, in.Key, "", queue.ApplyConfig{Config: in.Body})
		if err != nil {
			return nil, err
		}
		return &applyOut{replay(res), appliedOf(res, epoch)}, nil
	})
}

// Applied answers a configuration, made of its record alone: what was taken
// out of it and is still used stays until the next opening, and what would
// change the order of the day waits for that.
type Applied struct {
	Epoch    string       `json:"epoch"`
	Seq      queue.Seq    `json:"seq" doc:"Position after the command"`
	Draining *Draining    `json:"draining,omitempty" doc:"Taken out but still used: finished with the tickets it has, gone at the next opening"`
	Later    *queue.Later `json:"later,omitempty" doc:"In force from the next opening"`
}

// Draining lists by id what a configuration no longer has and the hall still uses.
type Draining struct {
	Points     []queue.PointID    `json:"points,omitempty"`
	Series     []queue.SeriesID   `json:"series,omitempty"`
	Categories []queue.CategoryID `json:"categories,omitempty"`
	Classes    []queue.ClassID    `json:"classes,omitempty"`
	Counters   []queue.CounterID  `json:"counters,omitempty"`
	Skills     []DrainingSkills   `json:"skills,omitempty"`
}

// DrainingSkills are categories a counter no longer serves but for the tickets
// they still have.
type DrainingSkills struct {
	Counter    queue.CounterID    `json:"counter"`
	Categories []queue.CategoryID `json:"categories"`
}

func appliedOf(res queue.Result, epoch string) Applied {
	a := Applied{Epoch: epoch, Seq: res.Position(epoch).Seq}
	for i := range res.Records {
		e, ok := res.Records[i].Event.(queue.ConfigApplied)
		if !ok {
			continue
		}
		a.Later = e.Config.Later
		var d Draining
		for _, x := range e.Config.Points {
			if x.Draining {
				d.Points = append(d.Points, x.ID)
			}
		}
		for _, x := range e.Config.Series {
			if x.Draining {
				d.Series = append(d.Series, x.ID)
			}
		}
		for _, x := range e.Config.Categories {
			if x.Draining {
				d.Categories = append(d.Categories, x.ID)
			}
		}
		for _, x := range e.Config.Classes {
			if x.Draining {
				d.Classes = append(d.Classes, x.ID)
			}
		}
		for _, x := range e.Config.Counters {
			if x.Draining {
				d.Counters = append(d.Counters, x.ID)
			}
			if len(x.Drains) > 0 {
				d.Skills = append(d.Skills, DrainingSkills{x.ID, x.Drains})
			}
		}
		if !reflect.ValueOf(d).IsZero() {
			a.Draining = &d
		}
	}
	return a
}
