package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"motcua/internal/auth"
	"motcua/internal/httpapi"
	"motcua/queue"
)

// Every refusal is a problem document that names the remedy, and changes nothing.
func TestRefusals(t *testing.T) {
	h := newHouse(t, func(o *httpapi.Options) { o.PerSecond, o.Burst = 1e6, 1e6 })
	h.post(t, "/counters/1/open", "")
	h.post(t, "/counters/2/open", "")
	h.post(t, "/tickets", `{"category":"A"}`) // ticket 5
	h.post(t, "/tickets", `{"category":"A"}`) // ticket 6
	h.post(t, "/counters/1/next", "")         // calls 5
	h.post(t, "/tickets", `{"category":"C"}`) // ticket 8, which counter 1 does not serve
	before, err := h.engine.state.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	deep := strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000)
	sup := queue.Supervisor
	for _, c := range []struct {
		name   string
		r      request
		status int
		code   queue.Code
		reason string
		fields string
	}{
		{"unknown category", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"Z"}`, role: sup}, 404, queue.NotFound, "category", ""},
		{"unknown class", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A","class":"gold"}`, role: sup}, 404, queue.NotFound, "class", ""},
		{"class by a kiosk", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A","class":"priority"}`, role: queue.Kiosk}, 403, queue.Denied, "class_by_staff", ""},
		{"unknown point", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A","point":"x"}`, role: sup}, 404, queue.NotFound, "point", ""},
		{"closed counter", request{method: "POST", path: "/api/v1/counters/3/next", role: sup}, 409, queue.Closed, "counter_closed", ""},
		{"second call", request{method: "POST", path: "/api/v1/counters/1/next", role: sup}, 409, queue.Conflict, "counter_busy", ""},
		{"nobody waits", request{method: "POST", path: "/api/v1/counters/2/call", body: `{"ticket":5,"reason":"other"}`, role: sup}, 409, queue.Conflict, "ticket_taken", ""},
		{"wrong transition", request{method: "POST", path: "/api/v1/counters/1/finish", body: `{"ticket":5}`, role: sup}, 409, queue.Conflict, "wrong_state", ""},
		{"too soon", request{method: "POST", path: "/api/v1/counters/1/recall", body: `{"ticket":5}`, role: sup}, 409, queue.Conflict, "too_soon", ""},
		{"unknown counter", request{method: "POST", path: "/api/v1/counters/99/next", role: sup}, 404, queue.NotFound, "counter", ""},
		{"unknown desk", request{method: "GET", path: "/api/v1/counters/99/desk", role: sup}, 404, queue.NotFound, "counter", ""},
		{"unknown ticket", request{method: "GET", path: "/api/v1/tickets/99", role: sup}, 404, queue.NotFound, "ticket", ""},
		{"unknown board", request{method: "GET", path: "/api/v1/board?point=x", role: sup}, 404, queue.NotFound, "point", ""},
		{"day still busy", request{method: "POST", path: "/api/v1/day/close", role: sup}, 409, queue.Conflict, "counter_busy", ""},
		{"day backwards", request{method: "POST", path: "/api/v1/day/open", body: `{"day":"2020-01-01"}`, role: sup}, 409, queue.Conflict, "day_backwards", ""},
		{"not a day", request{method: "POST", path: "/api/v1/day/open", body: `{"day":"today"}`, role: sup}, 422, queue.Invalid, "field", "day"},

		{"no body", request{method: "POST", path: "/api/v1/tickets", role: sup}, 400, queue.Invalid, "json", ""},
		{"malformed", request{method: "POST", path: "/api/v1/tickets", body: `{"category":`, role: sup}, 400, queue.Invalid, "json", ""},
		{"two values", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}{}`, role: sup}, 400, queue.Invalid, "json", ""},
		{"deep", request{method: "POST", path: "/api/v1/tickets", body: deep, role: sup}, 400, queue.Invalid, "json", ""},
		{"a list", request{method: "POST", path: "/api/v1/tickets", body: `[]`, role: sup}, 422, queue.Invalid, "field", "body"},
		{"unknown fields", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A","name":"x"}`, role: sup}, 422, queue.Invalid, "field", "name"},
		{"all fields at once", request{method: "POST", path: "/api/v1/tickets", body: `{"class":3,"dossiers":100}`, role: sup}, 422, queue.Invalid, "field", "category class dossiers"},
		{"no ticket", request{method: "POST", path: "/api/v1/counters/1/start", body: `{}`, role: sup}, 422, queue.Invalid, "field", "ticket"},
		{"fields where none belong", request{method: "POST", path: "/api/v1/counters/1/next", body: `{"ticket":5}`, role: sup}, 422, queue.Invalid, "field", "ticket"},
		{"ticket is no number", request{method: "GET", path: "/api/v1/tickets/A001", role: sup}, 422, queue.Invalid, "field", "id"},
		{"over 64 KiB", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}` + strings.Repeat(" ", 64<<10), role: sup}, 413, queue.Invalid, "too_large", ""},
		{"a form", request{method: "POST", path: "/api/v1/tickets", body: `category=A`, role: sup, header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}}, 415, queue.Invalid, "content_type", ""},
		{"plain text", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: sup, header: map[string]string{"Content-Type": "text/plain"}}, 415, queue.Invalid, "content_type", ""},
		{"no type", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: sup, header: map[string]string{"Content-Type": ""}}, 415, queue.Invalid, "content_type", ""},
		{"long key", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: sup, header: map[string]string{"Idempotency-Key": strings.Repeat("k", 201)}}, 422, queue.Invalid, "field", "Idempotency-Key"},
		{"key not ASCII", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: sup, header: map[string]string{"Idempotency-Key": "khóa"}}, 422, queue.Invalid, "field", "Idempotency-Key"},
		{"no such route", request{method: "GET", path: "/api/v1/nothing", role: sup}, 404, queue.NotFound, "route", ""},
		{"no such page, to a program", request{method: "GET", path: "/nothing"}, 404, queue.NotFound, "route", ""},
		{"no such method", request{method: "DELETE", path: "/api/v1/tickets", role: sup}, 405, queue.Invalid, "method", ""},
		{"nobody", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`}, 401, queue.Denied, "sign_in", ""},
		{"a wrong token", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, token: "guess"}, 401, queue.Denied, "sign_in", ""},
		{"wrong role", request{method: "POST", path: "/api/v1/counters/1/next", role: queue.Kiosk}, 403, queue.Denied, "role", ""},
		{"another's counter", request{method: "POST", path: "/api/v1/counters/1/next", token: boundToken}, 403, queue.Denied, "not_holder", ""},
		{"foreign origin", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: sup, header: map[string]string{"Origin": "https://evil.example"}}, 403, queue.Denied, "origin", ""},
		{"null origin", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: sup, header: map[string]string{"Origin": "null"}}, 403, queue.Denied, "origin", ""},
		{"cross-site by the browser's word", request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: sup, header: map[string]string{"Sec-Fetch-Site": "cross-site"}}, 403, queue.Denied, "origin", ""},
		{"foreign host", request{method: "GET", path: "/api/v1/board", header: map[string]string{"Host": "rebound.example"}}, 421, queue.Denied, "host", ""},
		{"foreign address", request{method: "GET", path: "/api/v1/board", header: map[string]string{"Host": "10.9.9.9"}}, 421, queue.Denied, "host", ""},
		{"forwarded host", request{method: "GET", path: "/api/v1/board", header: map[string]string{"Host": "rebound.example", "X-Forwarded-Host": "localhost"}}, 421, queue.Denied, "host", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := h.send(c.r)
			if ct := w.Header().Get("Content-Type"); ct != "application/problem+json" {
				t.Fatalf("%d %s %s", w.Code, ct, w.Body)
			}
			p := decode[httpapi.Problem](t, w.Body.Bytes())
			if w.Code != c.status || p.Status != c.status || p.Code != c.code || p.Reason != c.reason ||
				p.Type != "urn:motcua:error:"+string(c.code)+":"+c.reason {
				t.Errorf("got %d %s\nwant %d %s/%s", w.Code, w.Body, c.status, c.code, c.reason)
			}
			if p.Title == "" || p.Hint == "" {
				t.Errorf("no words or no remedy: %s", w.Body)
			}
			var fields []string
			for _, e := range p.Errors {
				fields = append(fields, e.Field)
				if e.Message == "" {
					t.Errorf("field %s without words", e.Field)
				}
			}
			slices.Sort(fields)
			if got := strings.Join(fields, " "); got != c.fields {
				t.Errorf("fields %q, want %q", got, c.fields)
			}
			if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("headers %v", w.Header())
			}
			if c.reason == "too_soon" && p.Wait != 20 {
				t.Errorf("wait %d", p.Wait)
			}
			if c.status == 405 && w.Header().Get("Allow") != "POST" {
				t.Errorf("Allow %q", w.Header().Get("Allow"))
			}
		})
	}
	after, err := h.engine.state.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	if string(before) != string(after) {
		t.Error("a refusal changed the state")
	}
}

func TestClosedDay(t *testing.T) {
	h := newHouse(t)
	h.post(t, "/day/close", "")
	w := h.send(request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: queue.Kiosk})
	if p := decode[httpapi.Problem](t, w.Body.Bytes()); w.Code != 409 || p.Code != queue.Closed || p.Reason != "day_closed" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	w = h.send(request{method: "POST", path: "/api/v1/counters/1/open", role: queue.Supervisor})
	if w.Code != 409 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// What breaks inside is told to the log, not to the asker.
func TestErrorsOfTheEngine(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		name           string
		err            error
		status         int
		reason, retry  string
		loggedNotShown string
	}{
		{"not stored", &queue.Error{Code: queue.Unavailable, Reason: queue.WhyNotStored, Msg: "the ticket was not stored", Hint: "Write the number on paper.", Err: errors.New("SQLITE_FULL")}, 503, "not_stored", "1", "SQLITE_FULL"},
		{"ours", &queue.Error{Code: queue.Internal, Reason: "bug", Msg: "index 7 of 3", Hint: "none"}, 500, "internal", "", "index 7"},
		{"no code", errors.New("open /var/lib/motcua: denied"), 500, "internal", "", "/var/lib"},
		{"an unknown code", &queue.Error{Code: "odd", Reason: "x", Msg: "y", Hint: "z"}, 500, "x", "", ""},
		{"late", fmt.Errorf("wait: %w", context.DeadlineExceeded), 503, "outcome_unknown", "1", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.engine.fail = func(queue.Command) error { return c.err }
			h.log.Reset()
			w := h.send(request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: queue.Kiosk})
			p := decode[httpapi.Problem](t, w.Body.Bytes())
			if w.Code != c.status || p.Reason != c.reason || w.Header().Get("Retry-After") != c.retry {
				t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
			}
			if c.loggedNotShown != "" && (strings.Contains(w.Body.String(), c.loggedNotShown) || !strings.Contains(h.log.String(), c.loggedNotShown)) {
				t.Errorf("shown %s\nlogged %s", w.Body, h.log)
			}
		})
	}
}

func TestPanicIsAnInternalError(t *testing.T) {
	h := newHouse(t)
	h.engine.fail = func(queue.Command) error { panic("secret detail") }
	w := h.send(request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: queue.Kiosk})
	if p := decode[httpapi.Problem](t, w.Body.Bytes()); w.Code != 500 || p.Reason != "internal" || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(h.log.String(), "secret detail") {
		t.Errorf("log: %s", h.log)
	}
}

func TestRefusalsSpeakTheAskersLanguage(t *testing.T) {
	h := newHouse(t)
	h.web.texts["vi error.not_found.category"] = "Không có lĩnh vực này."
	h.web.texts["vi error.not_found.category.hint"] = "Hãy chọn trong danh sách."
	h.web.texts["en error.not_found.category"] = "There is no such category."
	h.web.texts["vi error.denied"] = "Không được phép."
	ask := func(path, accept string) httpapi.Problem {
		w := h.send(request{method: "POST", path: path, body: `{"category":"Z"}`, role: queue.Kiosk, header: map[string]string{"Accept-Language": accept}})
		return decode[httpapi.Problem](t, w.Body.Bytes())
	}
	if p := ask("/api/v1/tickets", "vi-VN,vi;q=0.9,en;q=0.8"); p.Title != "Không có lĩnh vực này." || p.Hint != "Hãy chọn trong danh sách." || p.Detail != "" {
		t.Errorf("vi: %+v", p)
	}
	if p := ask("/api/v1/tickets", "en-US"); p.Title != "There is no such category." || !strings.Contains(p.Detail, "Z") {
		t.Errorf("en: %+v", p)
	}
	for _, other := range []string{"", "fr", "*", strings.Repeat("x", 10_000), "%%%"} {
		if p := ask("/api/v1/tickets", other); p.Title != "There is no such category." {
			t.Errorf("%.20q: %+v", other, p)
		}
	}
	// No text for the reason: the class of the refusal, with the English detail.
	if p := ask("/api/v1/counters/1/close", "vi"); p.Title != "Không được phép." || p.Detail == "" || p.Hint == "" {
		t.Errorf("general: %+v", p)
	}
}

// Every route of the API under every role: let in as declared, else refused
// before the engine is asked.
func TestMatrix(t *testing.T) {
	h := newHouse(t, asDemo, withDevices, func(o *httpapi.Options) { o.PerSecond, o.Burst = 1e6, 1e6 })
	want := map[string]string{ // by the letters of the roles let in: b k g o s; * = anybody
		"POST /api/v1/tickets":                      "kgos",
		"GET /api/v1/tickets/{id}":                  "kgos",
		"POST /api/v1/tickets/{id}/cancel":          "gos",
		"POST /api/v1/tickets/{id}/reactivate":      "gos",
		"POST /api/v1/tickets/{id}/reprint":         "gos",
		"POST /api/v1/tickets/{id}/confirm-slip":    "gos",
		"POST /api/v1/tickets/{id}/undo":            "gos",
		"POST /api/v1/tickets/{id}/rebook":          "gos",
		"POST /api/v1/tickets/{id}/class":           "gos",
		"POST /api/v1/tickets/{id}/dossiers":        "gos",
		"POST /api/v1/tickets/{id}/legs":            "gos",
		"POST /api/v1/counters/{id}/undo":           "os",
		"POST /api/v1/counters/{id}/direct":         "os",
		"GET /api/v1/appointments":                  "gos",
		"POST /api/v1/appointments":                 "gs",
		"POST /api/v1/appointments/{code}/cancel":   "gs",
		"POST /api/v1/appointments/import":          "gs",
		"POST /api/v1/appointments/{code}/check-in": "kgos",
		"GET /api/v1/hours":                         "*",
		"POST /api/v1/counters/{id}/open":           "os",
		"POST /api/v1/counters/{id}/pause":          "os",
		"POST /api/v1/counters/{id}/close":          "os",
		"POST /api/v1/counters/{id}/next":           "os",
		"POST /api/v1/counters/{id}/call":           "os",
		"POST /api/v1/counters/{id}/start":          "os",
		"POST /api/v1/counters/{id}/recall":         "os",
		"POST /api/v1/counters/{id}/no-show":        "os",
		"POST /api/v1/counters/{id}/park":           "os",
		"POST /api/v1/counters/{id}/unpark":         "gos",
		"POST /api/v1/counters/{id}/transfer":       "os",
		"POST /api/v1/counters/{id}/finish":         "os",
		"GET /api/v1/board":                         "*",
		"GET /api/v1/counters/{id}/desk":            "gos",
		"GET /api/v1/state":                         "gos",
		"GET /api/v1/health":                        "*",
		"GET /api/v1/screens/{name}":                "*",
		"GET /api/v1/rolls":                         "gos",
		"POST /api/v1/rolls":                        "gos",
		"POST /api/v1/rolls/torn":                   "gos",
		"POST /api/v1/rolls/back":                   "gos",
		"POST /api/v1/rolls/end":                    "gos",
		"POST /api/v1/scans":                        "kgos",
		"GET /api/v1/clock":                         "gos",
		"POST /api/v1/printers/{name}/new-roll":     "gos",
		"POST /api/v1/clock/confirm":                "s",
		"POST /api/v1/day/open":                     "s",
		"POST /api/v1/day/close":                    "s",
		"GET /api/v1/centre":                        "gos",
		"PUT /api/v1/centre":                        "s",
		"POST /api/v1/pairings":                     "*",
		"GET /api/v1/pairings/{id}":                 "*",
		"DELETE /api/v1/pairings":                   "s",
		"GET /api/v1/devices":                       "s",
		"POST /api/v1/devices":                      "s",
		"DELETE /api/v1/devices/{name}":             "s",
		"POST /api/v1/kiosk/ask":                    "k",
		"POST /api/v1/kiosk/slips/{id}":             "k",
		"POST /api/v1/kiosk/refusals":               "k",
		"POST /api/v1/demo/point":                   "s",
		"POST /api/v1/demo/press":                   "s",
		"POST /api/v1/demo/printer":                 "s",
		"POST /api/v1/demo/morning":                 "s",
	}
	roles := []struct {
		letter string
		role   queue.Role
	}{{"-", auth.Anonymous}, {"b", auth.Board}, {"k", queue.Kiosk}, {"g", queue.Greeter}, {"o", queue.Officer}, {"s", queue.Supervisor}}
	for _, r := range h.Routes() {
		name := r.Method + " " + r.Path
		letters, ok := want[name]
		if !ok {
			t.Errorf("%s is missing in the matrix", name)
			continue
		}
		delete(want, name)
		for _, role := range roles {
			asked := h.engine.count()
			body := ""
			if r.Method != "GET" {
				body = "[1]" // wrong everywhere, so that nothing happens
			}
			kind := map[string]string{}
			if strings.HasSuffix(r.Path, "/import") {
				kind["Content-Type"] = "text/csv"
			}
			if strings.HasSuffix(r.Path, "/scans") {
				kind["Content-Type"] = "application/octet-stream"
			}
			w := h.send(request{method: r.Method, path: strings.NewReplacer("{id}", "7", "{code}", "H-01", "{name}", "door-2").Replace(r.Path), body: body, role: role.role, header: kind})
			allowed := letters == "*" || strings.Contains(letters, role.letter)
			if refused := w.Code == http.StatusForbidden || w.Code == http.StatusUnauthorized; refused == allowed {
				t.Errorf("%s as %q: %d %s", name, role.role, w.Code, w.Body)
			}
			if h.engine.count() != asked {
				t.Errorf("%s as %q reached the engine", name, role.role)
			}
		}
		// Other methods are not there for anybody.
		for _, m := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			if m == r.Method || slices.ContainsFunc(h.Routes(), func(o httpapi.Route) bool { return o.Path == r.Path && o.Method == m }) {
				continue
			}
			if w := h.send(request{method: m, path: strings.NewReplacer("{id}", "7", "{code}", "H-01", "{name}", "door-2").Replace(r.Path), role: queue.Supervisor}); w.Code != 405 {
				t.Errorf("%s %s: %d", m, r.Path, w.Code)
			}
		}
	}
	for name := range want {
		t.Errorf("%s is not routed", name)
	}
}

func TestBoundOfficerWorksHisOwnCounter(t *testing.T) {
	h := newHouse(t)
	if w := h.send(request{method: "POST", path: "/api/v1/counters/3/open", token: boundToken}); w.Code != 200 {
		t.Errorf("own: %d %s", w.Code, w.Body)
	}
	if w := h.send(request{method: "GET", path: "/api/v1/counters/1/desk", token: boundToken}); w.Code != 403 {
		t.Errorf("another's: %d", w.Code)
	}
}

func TestHosts(t *testing.T) {
	h := newHouse(t)
	at := func(host string, local net.Addr) int {
		r := httptest.NewRequest("GET", "/api/v1/board", nil)
		r.Host = host
		if local != nil {
			r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, local))
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		return w.Code
	}
	lan := &net.TCPAddr{IP: net.ParseIP("192.168.1.10"), Port: 8480}
	six := &net.TCPAddr{IP: net.ParseIP("fe80::1"), Port: 8480, Zone: "eth0"}
	for _, host := range []string{"localhost", "localhost:8480", "LOCALHOST.", "a.localhost", "127.0.0.1:8480", "[::1]:8480", "motcua.local:8480", "MOTCUA.local", "192.168.1.10:8480"} {
		if code := at(host, lan); code != 200 {
			t.Errorf("%s: %d", host, code)
		}
	}
	if code := at("[fe80::1]:8480", six); code != 200 {
		t.Errorf("link-local: %d", code)
	}
	for _, host := range []string{"", "evil.example", "192.168.1.11", "localhost.evil.example", "motcua.local.evil.example"} {
		if code := at(host, lan); code != 421 {
			t.Errorf("%q: %d", host, code)
		}
	}
}

func TestRateLimit(t *testing.T) {
	now := monday
	h := newHouse(t, asDemo, func(o *httpapi.Options) {
		o.PerSecond, o.Burst = 1, 3
		o.Now = func() time.Time { return now }
	})
	get := func(from, token string) int {
		return h.send(request{method: "GET", path: "/api/v1/board", from: from, token: token}).Code
	}
	for i := range 4 {
		want := 200
		if i == 3 {
			want = 429
		}
		if got := get("192.168.1.9:1", ""); got != want {
			t.Errorf("request %d: %d", i+1, got)
		}
		if got := get(fmt.Sprintf("[2001:db8::%d]:1", i), ""); got != want {
			t.Errorf("request %d of a network: %d", i+1, got)
		}
	}
	if got := get("192.168.1.10:1", ""); got != 200 {
		t.Errorf("a neighbour: %d", got)
	}
	if got := get("192.168.1.9:1", tokens[queue.Kiosk]); got != 200 {
		t.Errorf("a token has a bucket of its own: %d", got)
	}
	if got := h.send(request{method: "GET", path: "/a/x/css/base.css", from: "192.168.1.9:1"}).Code; got != 200 {
		t.Errorf("an asset: %d", got)
	}
	now = now.Add(time.Second)
	if got := get("192.168.1.9:1", ""); got != 200 {
		t.Errorf("a second later: %d", got)
	}
	w := h.send(request{method: "GET", path: "/api/v1/board", from: "192.168.1.9:1"})
	if w.Code != 429 || w.Header().Get("Retry-After") == "" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	for range 50 {
		if got := get("127.0.0.1:1", ""); got != 200 {
			t.Fatalf("the demonstration's own machine: %d", got)
		}
	}
	for i := range 10_000 { // more clients than are kept
		get(fmt.Sprintf("10.%d.%d.1:1", i/250, i%250), "")
	}
}

// The log says who asked for which route and how it ended; nothing that opens
// anything, nothing of a body.
func TestLogHoldsNoSecrets(t *testing.T) {
	h := newHouse(t)
	id := h.post(t, "/tickets", `{"category":"A","slip_language":"en"}`)
	link := decode[httpapi.Issued](t, id).Link
	path := strings.TrimPrefix(link, "https://so.example.vn")
	h.send(request{method: "GET", path: path + "?canary=query", from: "203.0.113.7:1"})
	h.send(request{method: "GET", path: "/t/2026-11-23/canary-token", from: "203.0.113.7:1"})
	h.send(request{method: "GET", path: "/canary-path"})
	h.send(request{method: "POST", path: "/sign-in", body: "token=canary-guess", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}})
	h.send(request{method: "POST", path: "/api/v1/tickets", body: `{"canary":"body"}`, role: queue.Kiosk, header: map[string]string{"Idempotency-Key": "canary-key"}})
	log := h.log.String()
	token := path[strings.LastIndexByte(path, '/')+1:]
	for _, secret := range []string{"canary", token, "203.0.113.7", "token-kiosk", `slip_language`, "=en"} {
		if strings.Contains(log, secret) {
			t.Errorf("the log shows %q:\n%s", secret, log)
		}
	}
	for _, fact := range []string{"route=/t/{day}/{token}", "actor=a-kiosk", "status=422", "took="} {
		if !strings.Contains(log, fact) {
			t.Errorf("the log lacks %q:\n%s", fact, log)
		}
	}
}

func FuzzBodies(f *testing.F) {
	h := newHouse(f, func(o *httpapi.Options) { o.PerSecond, o.Burst = 1e9, 1e9 })
	paths := []string{"/tickets", "/counters/1/call", "/counters/1/finish", "/counters/1/transfer", "/counters/1/open", "/day/open", "/counters/1/next"}
	for i, body := range []string{`{"category":"A"}`, `{"ticket":3,"reason":"other"}`, `{"ticket":3,"next":true}`, `{"ticket":1e3}`, `{}`, `null`, `{"category":"A","category":"B","slip_language":"en"}`} {
		f.Add(uint(i), body)
	}
	f.Fuzz(func(t *testing.T, n uint, body string) {
		w := h.send(request{method: "POST", path: "/api/v1" + paths[n%uint(len(paths))], body: body, role: queue.Supervisor})
		if w.Code >= 500 {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		if w.Code >= 400 {
			if p := decode[httpapi.Problem](t, w.Body.Bytes()); p.Hint == "" || p.Status != w.Code {
				t.Fatalf("%d %s", w.Code, w.Body)
			}
		}
	})
}

// Who gave a wrong value is told which ones there are.
func TestWrongFieldNamesWhatMayBeWritten(t *testing.T) {
	h := newHouse(t)
	h.web.texts["en error.invalid.field.hint"] = "Correct the one named and send it again."
	h.post(t, "/counters/1/open", `{}`)
	rec := h.send(request{method: "POST", path: "/api/v1/counters/1/pause", body: `{"reason":"nap"}`, role: queue.Supervisor})
	p := decode[httpapi.Problem](t, rec.Body.Bytes())
	if p.Code != queue.Invalid || p.Reason != queue.WhyBadField || p.Hint != "Use break, lunch, desk_work or other." {
		t.Errorf("%d %+v", rec.Code, p)
	}
}

// A language that nobody in the hall reads is a mistake of the caller's, not a
// slip in another language than the citizen chose.
func TestSlipLanguageIsTheHalls(t *testing.T) {
	h := newHouse(t)
	r := h.send(request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A","slip_language":"xx"}`, role: queue.Kiosk})
	p := decode[httpapi.Problem](t, r.Body.Bytes())
	if p.Status != 422 || p.Reason != queue.WhyBadField || !strings.Contains(p.Hint, "vi") {
		t.Errorf("%+v", p)
	}
}
