package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"motcua/internal/setup"
)

// ClockBody is the time a person reads off a clock they trust.
type ClockBody struct {
	At time.Time `json:"at" doc:"RFC 3339"`
}

// ClockView is the machine's clock, and whether somebody vouches for it.
type ClockView struct {
	Now     time.Time `json:"now"`
	Trusted bool      `json:"trusted"`
}

// Clock is the machine's clock with its trust (hardware.md §7).
type Clock interface {
	OK() bool
	Confirm()
}

func (s *Server) addClock(api huma.API) {
	type clockOut struct{ Body ClockView }
	view := func() *clockOut { return &clockOut{ClockView{Now: s.o.Now(), Trusted: s.o.Clock.OK()}} }
	add(s, api, s.op(http.MethodGet, "/clock", "get-clock", "The machine's clock, and whether it is trusted", anyone),
		func(context.Context, *struct{}) (*clockOut, error) { return view(), nil })

	type confirmIn struct{ Body ClockBody }
	add(s, api, s.op(http.MethodPost, "/clock/confirm", "confirm-clock", "Vouch for the machine's clock where nothing else does", leads),
		func(ctx context.Context, in *confirmIn) (*clockOut, error) {
			if off := in.Body.At.Sub(s.o.Now()).Abs(); off > setup.ClockSlack {
				return nil, s.refusal(ctx, whyClockOff)
			}
			s.o.Clock.Confirm()
			s.log.Info("clock confirmed", "by", callOf(ctx).who.Actor)
			return view(), nil
		})
}
