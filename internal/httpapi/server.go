package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"

	"motcua/display"
	"motcua/internal/auth"
	"motcua/internal/staff"
	"motcua/internal/web"
	"motcua/queue"
)

// Engine decides commands and lets the state be read. A context's end ends
// the wait, never a commit under way.
type Engine interface {
	// Do returns once the command's records are durable.
	Do(ctx context.Context, r queue.Request) (queue.Result, error)
	// Read runs f on the goroutine that owns the state. f must not block and
	// must keep nothing of the state.
	Read(ctx context.Context, f func(*queue.State)) error
}

// Web draws the pages; [web.Web] does.
type Web interface {
	Render(rw http.ResponseWriter, status int, p web.Page) error
	Assets() http.Handler
	// Text returns the key itself when no language has the text.
	Text(lang, key string, args map[string]any) string
	// When says when something is, as it stands in a sentence.
	When(lang string, at, now time.Time) string
	Languages() []string
}

var _ Web = (*web.Web)(nil)

// Demo is the demonstration: a panel to press, a printer to break, a morning
// to play. It exists only in a daemon started for it. Its errors are refusals:
// a [queue.Error] as it is, any other as invalid with its words.
type Demo interface {
	Press(button string) error
	// Carry takes the panel to another service point.
	Carry(to queue.PointID) error
	// Fault puts the software printer into a state; "" heals it.
	Fault(name string) error
	// Morning plays a busy morning at so many times real speed; 0 stops it.
	Morning(speed int) error
	// Paper is the n-th slip as a PNG, decoded from the printer's bytes; false
	// when there is none (any more).
	Paper(n int) ([]byte, bool)
	// Snapshot is what the demonstration desk starts from, to be put in JSON.
	Snapshot() any
}

// Options is what a Server is made of. Engine, Web, Auth, Board, Desk, Ticket
// and Hours are required.
type Options struct {
	Engine Engine
	Web    Web
	Feed   http.Handler // of /feed; nil: there is none
	Auth   *auth.Authenticator
	Links  auth.Links
	Demo   Demo  // nil but in a demonstration
	Setup  Setup // nil in a demonstration: it has its centre
	// Devices and Doors may be nil: then nothing is paired.
	Devices Devices
	Doors   Doors
	// NewRoll begins a new count of a printer's paper, or says with ErrNoPrinter
	// or ErrNotCounted why not; nil: there are no printers.
	NewRoll func(printer string) error

	// The projections; they run inside Engine.Read.
	Board  func(s *queue.State, p queue.PointID) display.Board
	Desk   func(s *queue.State, c queue.CounterID) (staff.Desk, bool)
	Ticket func(s *queue.State, d queue.Day, ref queue.Ref) (display.Ticket, bool)
	Hours  func(s *queue.State, p queue.PointID) display.Hours
	Panel  func(s *queue.State, p queue.PointID) PanelView // its screen; nil: there is no such page

	Clock  Clock
	Health func() Health // nil: always ok
	// LocalSum is SHA-256, in hexadecimal, of a token that only programs of this
	// machine have, and that tells them what is wrong and no more; "" is none.
	LocalSum string
	// Screen is when a page that follows a board from this screen last said that
	// it draws; zero: none does. nil: none ever does.
	Screen func(name string) time.Time
	Hosts  []string // names the machine is asked by, besides loopback and its addresses
	// PerSecond and Burst limit the requests of one client; 0 takes 20 and 100.
	PerSecond float64
	Burst     int
	Version   string // in the OpenAPI document; "" is "0"
	Logger    *slog.Logger
	Now       func() time.Time // nil: time.Now
}

// Server answers all of HTTP. It is safe for concurrent use.
type Server struct {
	o        Options
	log      *slog.Logger
	mux      *http.ServeMux
	handler  http.Handler
	limits   *limits
	screens  screens // of pages without a socket
	pairings auth.Pairings
	leaving  sync.Mutex     // one device is revoked at a time
	pressed  pressed        // keys of the demonstration desk
	floods   rate.Sometimes // how often a flood is logged
	openAPI  []byte
	routes   []Route

	langs []string               // of the texts
	epoch atomic.Pointer[string] // of the journal; it changes only with a new process
}

// Route is one operation of the API and who may ask for it.
type Route struct {
	Method, Path string
	Roles        []queue.Role // nil: anybody
}

// New wires a server. It starts nothing.
func New(o Options) (*Server, error) {
	var missing []string
	for name, absent := range map[string]bool{
		"Engine": o.Engine == nil, "Web": o.Web == nil, "Auth": o.Auth == nil,
		"Board": o.Board == nil, "Desk": o.Desk == nil, "Ticket": o.Ticket == nil, "Hours": o.Hours == nil,
	} {
		if absent {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return nil, fmt.Errorf("new server: options missing: %s", strings.Join(missing, ", "))
	}
	if o.Health == nil {
		o.Health = func() Health { return Health{Status: HealthOK} }
	}
	if o.PerSecond == 0 {
		o.PerSecond = 20
	}
	if o.Burst == 0 {
		o.Burst = 100
	}
	if o.Version == "" {
		o.Version = "0"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{o: o, log: o.Logger, mux: http.NewServeMux(), limits: newLimits(o.PerSecond, o.Burst),
		floods: rate.Sometimes{Interval: time.Second}, langs: o.Web.Languages()}
	if len(s.langs) == 0 {
		return nil, errors.New("new server: the pages have no language")
	}
	if err := s.addAPI(); err != nil {
		return nil, err
	}
	s.addPages()
	s.handler = s.guard(s.mux)
	return s, nil
}

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// OpenAPI is the API's description (OpenAPI 3.1, JSON).
func (s *Server) OpenAPI() []byte { return s.openAPI }

// Routes lists the operations of the API in the order they are described.
func (s *Server) Routes() []Route { return s.routes }

// commandTimeout ends a request's wait for the engine; the command itself is
// then of unknown outcome, and the same key asks for it again.
const commandTimeout = 10 * time.Second

// do sends a command in the name of who asks.
func (s *Server) do(ctx context.Context, key, slipLanguage string, c queue.Command) (queue.Result, string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	// The epoch is asked first: a command that was carried out must not fail
	// for want of it.
	epoch, err := s.epochOf(ctx)
	if err != nil {
		return queue.Result{}, "", err
	}
	who := callOf(ctx).who
	if !who.Known() {
		// No route lets anybody get here. The domain takes a request without a
		// role for the daemon's own, so this stands here all the same.
		return queue.Result{}, "", s.refusal(ctx, whySignIn)
	}
	res, err := s.o.Engine.Do(ctx, queue.Request{
		Actor: who.Actor, Role: who.Role, Key: key, Command: c, SlipLanguage: slipLanguage,
	})
	return res, epoch, s.naming(ctx, c, err)
}

func (s *Server) read(ctx context.Context, f func(*queue.State)) error {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	return s.o.Engine.Read(ctx, f)
}

func (s *Server) epochOf(ctx context.Context) (string, error) {
	if e := s.epoch.Load(); e != nil {
		return *e, nil
	}
	got := make(chan string, 1)
	if err := s.read(ctx, func(st *queue.State) { got <- st.Pos.Epoch }); err != nil {
		return "", err
	}
	e := <-got
	s.epoch.Store(&e)
	return e, nil
}
