package httpapi

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
)

// Refusals of [Options.NewRoll], for errors.Is.
var (
	ErrNoPrinter  = errors.New("there is no printer of this name")
	ErrNotCounted = errors.New("the paper of this printer is not counted")
)

// addPrinters registers what staff say about printers that cannot say it
// themselves.
func (s *Server) addPrinters(api huma.API) {
	if s.o.NewRoll == nil {
		return
	}
	type nameIn struct {
		Name string `path:"name" maxLength:"40" enum:"printer,second_printer" doc:"As motcua.toml names it"`
	}
	op := s.op(http.MethodPost, "/printers/{name}/new-roll", "new-roll", "Say that a new roll was put in, where a printer cannot tell and its paper is counted", anyone)
	op.DefaultStatus = http.StatusNoContent
	add(s, api, op, func(ctx context.Context, in *nameIn) (*struct{}, error) {
		switch err := s.o.NewRoll(in.Name); {
		case errors.Is(err, ErrNoPrinter):
			return nil, s.refusal(ctx, whyPrinter)
		case errors.Is(err, ErrNotCounted):
			return nil, s.refusal(ctx, whyNotCounted)
		case err != nil:
			return nil, err
		}
		s.log.Info("new roll put in", "printer", in.Name, "by", callOf(ctx).who.Actor)
		return &struct{}{}, nil
	})
}
