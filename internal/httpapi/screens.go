package httpapi

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"motcua/display/feed"
)

// ScreenView is what a screen last said of itself, for whoever watches over
// its browser.
type ScreenView struct {
	Screen string `json:"screen"`
	Silent *int   `json:"silent_seconds,omitempty" doc:"Since the page on it last drew; absent when no page on it has said anything"`
}

// ScreenPath names a screen.
type ScreenPath struct {
	Name string `path:"name" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9._-]+$" patternDescription:"letters, digits, dots, - and _" doc:"As the page's address names it: /display?screen=NAME"`
}

// maxScreens bounds the memory of screens without scripts; names come from
// anybody.
const maxScreens = 256

// screens remembers when pages without a socket were last fetched for a screen.
type screens struct {
	mu   sync.Mutex
	last map[string]time.Time // by name; guarded by mu
}

func (s *screens) saw(name string, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last == nil {
		s.last = map[string]time.Time{}
	}
	if _, known := s.last[name]; !known && len(s.last) >= maxScreens {
		oldest := name
		for n, at := range s.last {
			if oldest == name || at.Before(s.last[oldest]) {
				oldest = n
			}
		}
		delete(s.last, oldest)
	}
	s.last[name] = now
}

func (s *screens) heard(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last[name]
}

// sawScreen notes that a page which asks again and again is on a screen.
func (s *Server) sawScreen(r *http.Request) {
	if name := r.URL.Query().Get("screen"); feed.ScreenName(name) {
		s.screens.saw(name, s.o.Now())
	}
}

func (s *Server) addScreens(api huma.API) {
	type screenOut struct{ Body ScreenView }
	op := s.op(http.MethodGet, "/screens/{name}", "get-screen", "Whether the page on a screen still draws", anybody)
	op.Description = "Anybody may ask: a screen's watcher has no token. It starts the browser anew when it hears of nothing for 30 seconds."
	add(s, api, op, func(_ context.Context, in *ScreenPath) (*screenOut, error) {
		v := ScreenView{Screen: in.Name}
		heard := s.screens.heard(in.Name)
		if s.o.Screen != nil {
			if at := s.o.Screen(in.Name); at.After(heard) {
				heard = at
			}
		}
		if !heard.IsZero() {
			silent := max(0, int(s.o.Now().Sub(heard).Seconds()))
			v.Silent = &silent
		}
		return &screenOut{v}, nil
	})
}
