package httpapi_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/auth"
	"motcua/internal/httpapi"
	"motcua/queue"
)

var update = flag.Bool("update", false, "write the golden files anew")

func decode[T any](t testing.TB, b []byte) T {
	t.Helper()
	var v T
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("decode %s: %v", b, err)
	}
	return v
}

func (h *house) post(t testing.TB, path, body string) []byte {
	t.Helper()
	w := h.send(request{method: "POST", path: "/api/v1" + path, body: body, role: queue.Supervisor})
	if w.Code >= 300 {
		t.Fatalf("POST %s %s: %d %s", path, body, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

// A citizen's whole way, by the API alone.
func TestTheWayOfATicket(t *testing.T) {
	h := newHouse(t)
	got := decode[httpapi.Issued](t, h.post(t, "/tickets", `{"category":"A","slip_language":"en"}`))
	if got.Link == "" || !strings.HasPrefix(got.Link, "https://so.example.vn/t/2026-11-23/") {
		t.Errorf("link %q", got.Link)
	}
	got.Link = ""
	want := httpapi.Issued{ID: 3, Label: "A001", Epoch: "epoch-1", Seq: 3, Category: "A", Class: "normal", State: "waiting", Day: "2026-11-23", Point: "main", Dossiers: 1}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if r := h.engine.last(); r.SlipLanguage != "en" || r.Actor != "a-supervisor" || r.Role != queue.Supervisor {
		t.Errorf("asked %+v", r)
	}
	second := decode[httpapi.Issued](t, h.post(t, "/tickets", `{"category":"A","class":"priority","dossiers":3}`))
	if second.Class != "priority" || second.Label != "A002" {
		t.Errorf("second %+v", second)
	}

	done := func(path, body string) httpapi.Done {
		t.Helper()
		return decode[httpapi.Done](t, h.post(t, path, body))
	}
	if d := done("/counters/1/open", ""); d.Seq != 5 || d.Ticket != nil {
		t.Errorf("open %+v", d)
	}
	called := done("/counters/1/next", "{}").Ticket
	if called == nil || called.State != queue.Called || called.Label != "A002" || called.Reason == nil || called.Reason.Code != queue.ByPriority {
		t.Fatalf("called %+v", called)
	}
	body := fmt.Sprintf(`{"ticket":%d}`, called.ID)
	h.engine.pass(25 * time.Second)
	for _, step := range []struct {
		path, body string
		state      queue.TicketState
	}{
		{"/counters/1/recall", body, queue.Called},
		{"/counters/1/no-show", body, queue.Missed},
		{fmt.Sprintf("/tickets/%d/reactivate", called.ID), "", queue.Waiting},
		{"/counters/1/call", fmt.Sprintf(`{"ticket":%d,"reason":"supervisor"}`, called.ID), queue.Called},
		{"/counters/1/park", body, queue.Parked},
		{"/counters/1/unpark", body, queue.Waiting},
		{"/counters/1/call", fmt.Sprintf(`{"ticket":%d,"reason":"other"}`, called.ID), queue.Called},
		{"/counters/1/start", body, queue.Serving},
		{"/counters/1/transfer", fmt.Sprintf(`{"ticket":%d,"to_category":"B"}`, called.ID), queue.Waiting},
		{fmt.Sprintf("/tickets/%d/cancel", called.ID), "{}", queue.Cancelled},
	} {
		d := done(step.path, step.body)
		if d.Ticket == nil || d.Ticket.State != step.state || d.Ticket.ID != called.ID {
			t.Fatalf("%s: %+v", step.path, d.Ticket)
		}
	}
	first := done("/counters/1/next", "").Ticket
	done("/counters/1/start", fmt.Sprintf(`{"ticket":%d}`, first.ID))
	h.post(t, "/tickets", `{"category":"R"}`)
	next := done("/counters/1/finish", fmt.Sprintf(`{"ticket":%d,"outcome":"papers_missing","next":true}`, first.ID)).Ticket
	if next == nil || next.Label != "R001" || next.State != queue.Called {
		t.Errorf("finish and next gave %+v", next)
	}
	// A second paper is for one whose first is known to have gone wrong.
	for _, to := range []queue.SlipState{queue.SlipIsSending, queue.SlipIsFailed} {
		if _, err := h.engine.Do(t.Context(), queue.Request{Role: queue.Machine, Command: queue.SlipMoved{Ticket: next.ID, To: to}}); err != nil {
			t.Fatal(err)
		}
	}
	if d := done(fmt.Sprintf("/tickets/%d/reprint", next.ID), "").Ticket; d == nil || d.ID != next.ID {
		t.Errorf("reprint %+v", d)
	}
	// Of one in doubt staff say whether it came out, once.
	for _, to := range []queue.SlipState{queue.SlipIsSending, queue.SlipIsUnknown} {
		if _, err := h.engine.Do(t.Context(), queue.Request{Role: queue.Machine, Command: queue.SlipMoved{Ticket: next.ID, To: to}}); err != nil {
			t.Fatal(err)
		}
	}
	if d := done(fmt.Sprintf("/tickets/%d/confirm-slip", next.ID), "").Ticket; d == nil || d.ID != next.ID {
		t.Errorf("confirmed slip %+v", d)
	}
	view := decode[httpapi.TicketAt](t, h.get(t, fmt.Sprintf("/tickets/%d", first.ID), queue.Kiosk))
	if view.State != queue.Finished || view.Outcome != queue.PapersMissing || view.Ahead != nil {
		t.Errorf("view %+v", view)
	}
	done("/counters/2/open", `{"staff":"s-17"}`)
	done("/counters/2/pause", `{"reason":"lunch"}`)
	done("/counters/2/close", "")
}

func (h *house) get(t testing.TB, path string, role queue.Role) []byte {
	t.Helper()
	w := h.send(request{method: "GET", path: "/api/v1" + path, role: role})
	if w.Code != 200 {
		t.Fatalf("GET %s: %d %s", path, w.Code, w.Body)
	}
	return w.Body.Bytes()
}

func TestReads(t *testing.T) {
	h := newHouse(t)
	id := decode[httpapi.Issued](t, h.post(t, "/tickets", `{"category":"A"}`)).ID
	h.post(t, "/tickets", `{"category":"A"}`)
	h.post(t, "/counters/1/open", "")

	b := decode[httpapi.BoardView](t, h.get(t, "/board", ""))
	if b.Epoch != "epoch-1" || b.Seq != 5 || len(b.Board.Lanes) != 14 || b.Board.Lanes[0].Waiting != 2 {
		t.Errorf("board %+v", b)
	}
	if same := h.get(t, "/board?point=main", ""); !bytes.Equal(same, h.get(t, "/board", "")) {
		t.Error("the first point's board is not the centre's")
	}
	v := decode[httpapi.TicketAt](t, h.get(t, fmt.Sprintf("/tickets/%d", id+1), queue.Greeter))
	if v.Ahead == nil || *v.Ahead != 1 {
		t.Errorf("ahead %v", v.Ahead)
	}
	raw := h.get(t, "/state", queue.Officer)
	s := decode[httpapi.StateView](t, raw)
	if len(s.Tickets) != 2 || len(s.Counters) != 7 || !s.Day.Open || bytes.Contains(raw, []byte(`"ref"`)) {
		t.Errorf("state %s", raw)
	}
	d := decode[httpapi.DeskView](t, h.get(t, "/counters/1/desk", queue.Officer))
	if len(d.Desk.Next) != 2 || d.Desk.Counter.Number != 1 {
		t.Errorf("desk %+v", d.Desk)
	}
	if got := string(h.get(t, "/health", "")); got != `{"status":"ok"}`+"\n" {
		t.Errorf("health %s", got)
	}
}

func TestHealthSaysMoreToThoseWithAToken(t *testing.T) {
	health := httpapi.Health{Status: httpapi.HealthDown, Version: "1", Parts: []httpapi.HealthPart{{Name: "journal", Status: httpapi.HealthDown, Code: "full"}}}
	h := newHouse(t, func(o *httpapi.Options) { o.Health = func() httpapi.Health { return health } })
	w := h.send(request{method: "GET", path: "/api/v1/health"})
	if w.Code != 503 || strings.Contains(w.Body.String(), "journal") {
		t.Errorf("anonymous: %d %s", w.Code, w.Body)
	}
	w = h.send(request{method: "GET", path: "/api/v1/health", role: auth.Board})
	if w.Code != 503 || !strings.Contains(w.Body.String(), `"code":"full"`) {
		t.Errorf("board: %d %s", w.Code, w.Body)
	}
}

// A repeated key gets the same bytes, whatever happened in between.
func TestRepeatIsByteIdentical(t *testing.T) {
	h := newHouse(t)
	send := func(path, body, key string) (int, string, string) {
		w := h.send(request{method: "POST", path: "/api/v1" + path, body: body, role: queue.Supervisor, header: map[string]string{"Idempotency-Key": key}})
		return w.Code, w.Body.String(), w.Header().Get("Idempotency-Replayed")
	}
	steps := []struct{ path, body string }{
		{"/counters/1/open", ""},
		{"/tickets", `{"category":"A","slip_language":"vi"}`},
		{"/tickets", `{"category":"A"}`},
		{"/counters/1/next", ""},
		{"/counters/1/start", `{"ticket":4}`},
		{"/counters/1/finish", `{"ticket":4,"next":true}`},
		{"/counters/1/park", `{"ticket":5}`},
		{"/counters/1/unpark", `{"ticket":5}`},
		{"/tickets/5/cancel", ""},
		{"/counters/1/close", ""},
		{"/day/close", ""},
		{"/day/open", ""},
	}
	type answer struct {
		code int
		body string
	}
	var first []answer
	for i, s := range steps {
		code, body, replayed := send(s.path, s.body, fmt.Sprint("key ", i))
		if code >= 300 || replayed != "" {
			t.Fatalf("%s: %d %s %q", s.path, code, body, replayed)
		}
		first = append(first, answer{code, body})
	}
	for i, s := range steps {
		body := s.body
		if s.path == "/tickets" {
			// The slip's language is no part of the command.
			body = strings.Replace(body, `"vi"`, `"en"`, 1)
		}
		code, got, replayed := send(s.path, body, fmt.Sprint("key ", i))
		if (answer{code, got}) != first[i] || replayed != "true" {
			t.Errorf("%s again: %d %s %q\nwas %+v", s.path, code, got, replayed, first[i])
		}
	}
	code, body, _ := send("/tickets", `{"category":"B"}`, "key 1")
	if p := decode[httpapi.Problem](t, []byte(body)); code != 409 || p.Reason != queue.WhyKeyReused || p.Code != queue.Conflict {
		t.Errorf("another command under the key: %d %s", code, body)
	}
}

func TestCentre(t *testing.T) {
	h := newHouse(t)
	raw := h.get(t, "/centre", queue.Officer)
	w := h.send(request{method: "PUT", path: "/api/v1/centre", body: string(raw), role: queue.Supervisor})
	if w.Code != 200 {
		t.Fatalf("what was read can't be applied: %d %s", w.Code, w.Body)
	}
	var cfg queue.Config
	if err := json.Unmarshal(raw, &cfg); err != nil {
		t.Fatal(err)
	}
	cfg.Categories[0].Series = "none"
	cfg.Counters[2].Number = 0
	cfg.Centre.ID = "not an id"
	bad, err := json.Marshal(cfg)
	if err != nil {
		t.Fatal(err)
	}
	w = h.send(request{method: "PUT", path: "/api/v1/centre", body: string(bad), role: queue.Supervisor})
	p := decode[httpapi.Problem](t, w.Body.Bytes())
	var fields []string
	for _, e := range p.Errors {
		fields = append(fields, e.Field)
	}
	if w.Code != 422 || p.Reason != queue.WhyBadConfig ||
		!slices.Equal(fields, []string{"centre.id", "categories[0].series", "counters[2].number"}) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	// Padding makes it larger than 64 KiB; a configuration may be.
	w = h.send(request{method: "PUT", path: "/api/v1/centre", body: string(raw) + strings.Repeat(" ", 70<<10), role: queue.Supervisor})
	if w.Code != 200 {
		t.Errorf("a configuration of 70 KiB: %d %s", w.Code, w.Body)
	}
	w = h.send(request{method: "PUT", path: "/api/v1/centre", body: string(raw) + strings.Repeat(" ", 1<<20), role: queue.Supervisor})
	if w.Code != 413 {
		t.Errorf("a configuration over 1 MiB: %d", w.Code)
	}
}

func TestNotConfigured(t *testing.T) {
	h := newHouse(t)
	h.engine.state = queue.NewState("epoch-1")
	for _, path := range []string{"/board", "/centre"} {
		w := h.send(request{method: "GET", path: "/api/v1" + path, role: queue.Supervisor})
		if p := decode[httpapi.Problem](t, w.Body.Bytes()); w.Code != 409 || p.Reason != queue.WhyNotConfigured {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := h.send(request{method: "GET", path: "/api/v1/state", role: queue.Supervisor}); w.Code != 200 || !strings.Contains(w.Body.String(), `"tickets":[]`) {
		t.Errorf("state: %d %s", w.Code, w.Body)
	}
}

func TestDemoCommands(t *testing.T) {
	h := newHouse(t, asDemo)
	send := func(path, body string) *http.Response {
		return h.send(request{method: "POST", path: "/api/v1/demo" + path, body: body, from: "127.0.0.1:5000", header: map[string]string{"Host": "localhost:8480"}}).Result()
	}
	if r := send("/press", `{"button":"A"}`); r.StatusCode != 204 {
		t.Errorf("press: %d", r.StatusCode)
	}
	again := func(body string) int {
		return h.send(request{method: "POST", path: "/api/v1/demo/press", body: body, from: "127.0.0.1:5000", header: map[string]string{"Idempotency-Key": "k"}}).Code
	}
	h.demo.err = &queue.Error{Code: queue.Closed, Reason: "day_closed", Msg: "the day is closed", Hint: "Open it."}
	if a := again(`{"button":"B"}`); a != 409 {
		t.Errorf("closed: %d", a)
	}
	h.demo.pressed, h.demo.err = h.demo.pressed[:1], nil
	if a, b := again(`{"button":"B"}`), again(`{"button":"B"}`); a != 204 || b != 204 {
		t.Errorf("with a key: %d %d", a, b)
	}
	send("/printer", `{"fault":"paper_out"}`)
	send("/morning", `{"speed":60}`)
	send("/point", `{"point":"annex"}`)
	if !slices.Equal(h.demo.pressed, []string{"A", "B"}) || !slices.Equal(h.demo.faults, []string{"paper_out"}) || !slices.Equal(h.demo.speeds, []int{60}) || !slices.Equal(h.demo.carried, []queue.PointID{"annex"}) {
		t.Errorf("done: %+v", h.demo)
	}
	if r := send("/morning", `{"speed":-1}`); r.StatusCode != 422 {
		t.Errorf("speed -1: %d", r.StatusCode)
	}
	h.demo.err = &queue.Error{Code: queue.NotFound, Reason: "button", Msg: "there is no button Z", Hint: "Press one of the panel's."}
	if r := send("/press", `{"button":"Z"}`); r.StatusCode != 404 {
		t.Errorf("unknown button: %d", r.StatusCode)
	}
	h.demo.err = errors.New("the printer has no fault \"x\"")
	if r := send("/printer", `{"fault":"x"}`); r.StatusCode != 422 {
		t.Errorf("unknown fault: %d", r.StatusCode)
	}
	paper := func(file string) int {
		return h.send(request{method: "GET", path: "/demo/paper/" + file, from: "127.0.0.1:5000"}).Code
	}
	if a, b, c := paper("1.png"), paper("2.png"), paper("1.jpg"); a != 200 || b != 404 || c != 404 {
		t.Errorf("paper: %d %d %d", a, b, c)
	}
	plain := newHouse(t)
	if w := plain.send(request{method: "POST", path: "/api/v1/demo/press", body: `{"button":"A"}`, role: queue.Supervisor}); w.Code != 404 {
		t.Errorf("press outside a demonstration: %d", w.Code)
	}
}

// The forms the document must have whatever its content, and the document
// itself as a golden file: a change of the API is seen in review.
func TestOpenAPI(t *testing.T) {
	h := newHouse(t, asDemo, withDevices, func(o *httpapi.Options) { o.Feed = http.NotFoundHandler() })
	w := h.send(request{method: "GET", path: "/api/v1/openapi.json"})
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/openapi+json" {
		t.Fatalf("%d %s", w.Code, w.Header())
	}
	type any_ = map[string]any
	doc := decode[any_](t, w.Body.Bytes())
	if v, _ := doc["openapi"].(string); !strings.HasPrefix(v, "3.1.") {
		t.Errorf("openapi %q", v)
	}
	info := doc["info"].(any_)
	if info["title"] == "" || info["version"] == "" {
		t.Errorf("info %v", info)
	}
	schemas := doc["components"].(any_)["schemas"].(any_)
	var walk func(path string, v any)
	walk = func(path string, v any) {
		switch v := v.(type) {
		case any_:
			if ref, ok := v["$ref"].(string); ok {
				name, ok := strings.CutPrefix(ref, "#/components/schemas/")
				if !ok || schemas[name] == nil {
					t.Errorf("%s: $ref %q leads nowhere", path, ref)
				}
			}
			for k, x := range v {
				walk(path+"/"+k, x)
			}
		case []any:
			for i, x := range v {
				walk(fmt.Sprint(path, "/", i), x)
			}
		}
	}
	walk("", doc)
	ids := map[string]bool{}
	paths := doc["paths"].(any_)
	for _, r := range h.Routes() {
		item, _ := paths[r.Path].(any_)
		op, _ := item[strings.ToLower(r.Method)].(any_)
		if op == nil {
			t.Errorf("%s %s is not described", r.Method, r.Path)
			continue
		}
		id := op["operationId"].(string)
		if ids[id] || op["summary"] == "" || op["responses"].(any_)["default"] == nil {
			t.Errorf("%s: id twice, no summary or no refusal", id)
		}
		ids[id] = true
		if (r.Roles != nil) != (op["security"] != nil) {
			t.Errorf("%s: security %v", id, op["security"])
		}
		for _, part := range strings.Split(r.Path, "/") {
			if strings.HasPrefix(part, "{") && !strings.Contains(fmt.Sprint(op["parameters"]), "name:"+strings.Trim(part, "{}")) {
				t.Errorf("%s: parameter %s is not described", id, part)
			}
		}
	}
	operations := 0
	for _, item := range paths {
		operations += len(item.(any_))
	}
	if operations != len(ids)+1 { // and the feed
		t.Errorf("%d operations are described, %d are routed", operations, len(ids)+1)
	}
	if paths["/feed"] == nil || schemas["Problem"] == nil || schemas["HumaErrorModel"] != nil {
		t.Error("the feed or the problem is missing, or huma's own error is there")
	}

	var pretty bytes.Buffer
	if err := json.Indent(&pretty, w.Body.Bytes(), "", "  "); err != nil {
		t.Fatal(err)
	}
	golden := filepath.Join("testdata", "openapi.json")
	if *update {
		if err := os.WriteFile(golden, pretty.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), pretty.String()); d != "" {
		t.Errorf("the API changed; run go test ./internal/httpapi -update and look at the difference:\n%s", d)
	}
}

func TestMissingOptions(t *testing.T) {
	if _, err := httpapi.New(httpapi.Options{}); err == nil || !strings.Contains(err.Error(), "Engine") {
		t.Errorf("got %v", err)
	}
}
