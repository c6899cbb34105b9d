package httpapi_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"motcua/display"
	"motcua/internal/auth"
	"motcua/internal/config"
	"motcua/internal/httpapi"
	"motcua/internal/staff"
	"motcua/internal/web"
	"motcua/queue"
	"motcua/router"
)

// monday is 08:00 in Vietnam on a working day.
var monday = time.Date(2026, 11, 23, 1, 0, 0, 0, time.UTC)

// fakeEngine decides on a real state, keeps nothing, and knows its keys.
type fakeEngine struct {
	mu    sync.Mutex
	state *queue.State              // guarded by mu
	keys  map[string]keyed          // guarded by mu
	now   time.Time                 // guarded by mu
	asked []queue.Request           // guarded by mu
	fail  func(queue.Command) error // instead of deciding; nil or a nil answer: decide
}

type keyed struct {
	sum uint64
	res queue.Result
}

func newFakeEngine(t testing.TB) *fakeEngine {
	t.Helper()
	e := &fakeEngine{state: queue.NewState("epoch-1"), keys: map[string]keyed{}, now: monday}
	cfg, err := config.Demo()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []queue.Command{queue.ApplyConfig{Config: cfg}, queue.OpenDay{}} {
		if _, err := e.Do(context.Background(), queue.Request{Role: queue.Machine, Command: c}); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

func (e *fakeEngine) Do(_ context.Context, r queue.Request) (queue.Result, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked = append(e.asked, r)
	if e.fail != nil {
		if err := e.fail(r.Command); err != nil {
			return queue.Result{}, err
		}
	}
	sum := queue.SumCommand(r.Command)
	if k, ok := e.keys[r.Key]; ok && r.Key != "" {
		if k.sum != sum {
			return queue.Result{}, &queue.Error{Code: queue.Conflict, Reason: queue.WhyKeyReused,
				Msg: "the key was used for another command", Hint: "Draw a new key for every intent."}
		}
		k.res.Repeated = true
		return k.res, nil
	}
	events, err := e.state.Decide(r.Command, queue.Env{Now: e.now, ClockOK: true, Role: r.Role, Picker: router.HeadStart{}})
	if err != nil {
		return queue.Result{}, err
	}
	var res queue.Result
	for _, ev := range events {
		rec := queue.Record{Seq: e.state.Pos.Seq + 1, At: e.now, ClockOK: true, Actor: r.Actor, Key: r.Key, KeySum: sum, Event: ev}
		if err := rec.Seal(e.state.Pos.Hash); err != nil {
			return queue.Result{}, err
		}
		if err := e.state.Apply(rec); err != nil {
			return queue.Result{}, err
		}
		res.Records = append(res.Records, rec)
	}
	if r.Key != "" {
		e.keys[r.Key] = keyed{sum, res}
	}
	return res, nil
}

func (e *fakeEngine) Read(_ context.Context, f func(*queue.State)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	f(e.state)
	return nil
}

func (e *fakeEngine) pass(d time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.now = e.now.Add(d)
}

func (e *fakeEngine) last() queue.Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked[len(e.asked)-1]
}

func (e *fakeEngine) count() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.asked)
}

// fakeWeb draws a page as its face and what it was given.
type fakeWeb struct {
	texts map[string]string // "lang key"
	mu    sync.Mutex
	pages []web.Page // guarded by mu
	err   error
}

func (f *fakeWeb) Render(rw http.ResponseWriter, status int, p web.Page) error {
	if f.err != nil {
		return f.err
	}
	f.mu.Lock()
	f.pages = append(f.pages, p)
	f.mu.Unlock()
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	rw.Header().Set("Cache-Control", "no-cache")
	rw.Header().Set("Referrer-Policy", "same-origin")
	rw.WriteHeader(status)
	io.WriteString(rw, "page "+p.Face+" "+p.Lang)
	return nil
}

func (f *fakeWeb) Assets() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { io.WriteString(w, "asset") })
}

func (f *fakeWeb) Text(lang, key string, _ map[string]any) string {
	if t, ok := f.texts[lang+" "+key]; ok {
		return t
	}
	return key
}

func (f *fakeWeb) When(string, time.Time, time.Time) string { return "" }

func (f *fakeWeb) Languages() []string { return []string{"vi", "en"} }

func (f *fakeWeb) last(t testing.TB) web.Page {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.pages) == 0 {
		t.Fatal("no page was drawn")
	}
	return f.pages[len(f.pages)-1]
}

// fakeDemo remembers what was done to it.
type fakeDemo struct {
	pressed, faults []string
	carried         []queue.PointID
	speeds          []int
	err             error
}

func (d *fakeDemo) Press(b string) error { d.pressed = append(d.pressed, b); return d.err }
func (d *fakeDemo) Carry(p queue.PointID) error {
	d.carried = append(d.carried, p)
	return d.err
}
func (d *fakeDemo) Fault(f string) error       { d.faults = append(d.faults, f); return d.err }
func (d *fakeDemo) Morning(x int) error        { d.speeds = append(d.speeds, x); return d.err }
func (d *fakeDemo) Paper(n int) ([]byte, bool) { return []byte("\x89PNG"), n == 1 }
func (d *fakeDemo) Snapshot() any              { return map[string]any{"buttons": []string{"A"}} }

// tokens of the house's roles; the officer at desk 3 is bound to it.
var tokens = map[queue.Role]string{
	auth.Board: "token-board", queue.Kiosk: "token-kiosk", queue.Greeter: "token-greeter",
	queue.Officer: "token-officer", queue.Supervisor: "token-supervisor",
}

const boundToken = "token-desk-3"

func houseAccess() []auth.Access {
	var list []auth.Access
	for role, token := range tokens {
		list = append(list, auth.Access{Name: "a-" + string(role), Role: role, TokenSHA256: auth.TokenHash(token)})
	}
	return append(list, auth.Access{Name: "desk-3", Role: queue.Officer, Counter: "3", TokenSHA256: auth.TokenHash(boundToken)})
}

func newAuth(t testing.TB, demo bool) *auth.Authenticator {
	t.Helper()
	a, err := auth.NewAuthenticator(houseAccess(), demo)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// house is a server with all its fakes.
type house struct {
	*httpapi.Server
	engine *fakeEngine
	web    *fakeWeb
	demo   *fakeDemo
	links  auth.Links
	log    *strings.Builder
}

type option func(*httpapi.Options)

func asDemo(o *httpapi.Options) { o.Demo = &fakeDemo{} }

func newHouse(t testing.TB, opts ...option) *house {
	t.Helper()
	h := &house{engine: newFakeEngine(t), web: &fakeWeb{texts: map[string]string{}}, log: &strings.Builder{},
		links: auth.Links{Centre: "demo", Key: []byte(strings.Repeat("k", auth.KeySize)), Base: "https://so.example.vn"}}
	o := httpapi.Options{
		Engine: h.engine, Web: h.web, Links: h.links, Clock: &fakeClock{},
		Board: func(s *queue.State, p queue.PointID) display.Board {
			return display.NewBoard(s, p, queue.StampOf(h.engine.now), true) // Read holds the lock
		},
		Desk: func(s *queue.State, c queue.CounterID) (staff.Desk, bool) {
			return staff.NewDesk(s, c, router.HeadStart{}, h.engine.now)
		},
		Ticket: func(s *queue.State, d queue.Day, ref queue.Ref) (display.Ticket, bool) {
			return display.NewTicket(s, d, ref, queue.StampOf(h.engine.now), nil)
		},
		Hours: func(s *queue.State, p queue.PointID) display.Hours {
			return display.NewHours(s, p, queue.StampOf(h.engine.now), true)
		},
		Hosts:  []string{"motcua.local"},
		Logger: slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, f := range opts {
		f(&o)
	}
	if o.Demo != nil {
		h.demo = o.Demo.(*fakeDemo)
	}
	if o.Auth == nil {
		o.Auth = newAuth(t, o.Demo != nil)
	}
	s, err := httpapi.New(o)
	if err != nil {
		t.Fatal(err)
	}
	h.Server = s
	return h
}

// request is one to be sent from a machine of the house's network.
type request struct {
	method, path, body string
	role               queue.Role
	token              string
	header             map[string]string
	from               string // address; "" is 192.168.1.20
}

func (h *house) send(r request) *httptest.ResponseRecorder {
	var body io.Reader
	if r.body != "" {
		body = strings.NewReader(r.body)
	}
	req := httptest.NewRequest(r.method, "http://motcua.local"+r.path, body)
	req.RemoteAddr = "192.168.1.20:50000"
	if r.from != "" {
		req.RemoteAddr = r.from
	}
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.role != "" {
		r.token = tokens[r.role]
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for k, v := range r.header {
		if k == "Host" {
			req.Host = v
			continue
		}
		req.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, req)
	return w
}
