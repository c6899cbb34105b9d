package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"motcua/queue"
)

// The bodies of the demonstration desk.
type (
	PressBody struct {
		Button string `json:"button" minLength:"1" maxLength:"32" example:"A"`
	}
	PointBody struct {
		Point queue.PointID `json:"point" minLength:"1" maxLength:"32" example:"annex"`
	}
	FaultBody struct {
		Fault string `json:"fault" maxLength:"32" doc:"Empty: the printer is well again" example:"paper_out"`
	}
	MorningBody struct {
		Speed int `json:"speed" enum:"0,1,10,60" doc:"Times real speed; 0 stops it"`
	}
)

func (s *Server) addDemo(api huma.API) {
	d := s.o.Demo
	if d == nil {
		return
	}
	addDemoCommand(s, api, "press", "Press a button of the panel", func(b PressBody) error { return d.Press(b.Button) })
	addDemoCommand(s, api, "point", "Take the panel to another service point", func(b PointBody) error { return d.Carry(b.Point) })
	addDemoCommand(s, api, "printer", "Break the printer, or heal it", func(b FaultBody) error { return d.Fault(b.Fault) })
	addDemoCommand(s, api, "morning", "Play a busy morning", func(b MorningBody) error { return d.Morning(b.Speed) })

	s.mux.HandleFunc("GET /demo/paper/{file}", func(w http.ResponseWriter, r *http.Request) {
		if p := s.mayNot(r.Context(), callOf(r.Context()).who, leads); p != nil {
			p.write(w)
			return
		}
		name, isPNG := strings.CutSuffix(r.PathValue("file"), ".png")
		n, err := strconv.Atoi(name)
		var png []byte
		ok := false
		if isPNG && err == nil {
			png, ok = d.Paper(n)
		}
		if !ok {
			s.refusal(r.Context(), whyPaper).write(w)
			return
		}
		w.Header().Set("Content-Type", "image/png")
		w.Header().Set("Cache-Control", "no-store") // n begins anew with each start
		w.Header().Set("Content-Length", strconv.Itoa(len(png)))
		w.Write(png)
	})
}

type noContent struct{}

func addDemoCommand[B any](s *Server, api huma.API, verb, summary string, f func(B) error) {
	type in struct {
		KeyHeader
		Body B
	}
	op := s.op(http.MethodPost, "/demo/"+verb, "demo-"+verb, summary, leads)
	op.DefaultStatus = http.StatusNoContent
	add(s, api, op, func(_ context.Context, in *in) (*noContent, error) {
		if !s.pressed.first(in.Key) {
			return nil, nil
		}
		err := f(in.Body)
		if err != nil {
			s.pressed.forget(in.Key)
			var known *queue.Error
			if !errors.As(err, &known) {
				// The demonstration's own words, to the one who plays with it.
				err = &queue.Error{Code: queue.Invalid, Reason: whyField, Msg: err.Error(),
					Hint: "Use the buttons and switches of the demonstration desk."}
			}
		}
		return nil, err
	})
}

// maxPressed is how many keys the demonstration desk remembers: a page asks
// again within seconds.
const maxPressed = 256

// pressed remembers the last keys of the demonstration desk, so that a press
// whose answer was lost is one press. A real panel counts its presses itself.
type pressed struct {
	mu   sync.Mutex
	keys []string // oldest first; guarded by mu
}

// first reports whether the key is new; no key always is.
func (p *pressed) first(key string) bool {
	if key == "" {
		return true
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if slices.Contains(p.keys, key) {
		return false
	}
	if len(p.keys) == maxPressed {
		p.keys = slices.Delete(p.keys, 0, 1)
	}
	p.keys = append(p.keys, key)
	return true
}

func (p *pressed) forget(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keys = slices.DeleteFunc(p.keys, func(k string) bool { return k == key })
}
