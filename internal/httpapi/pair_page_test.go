package httpapi_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"motcua/internal/auth"
	"motcua/internal/httpapi"
	"motcua/queue"
)

// visitor is a browser with its cookies.
type visitor struct {
	h    *house
	from string
	kept map[string]*http.Cookie
}

func (h *house) visitor(last int) *visitor {
	return &visitor{h, fmt.Sprintf("192.168.1.%d:4000", last), map[string]*http.Cookie{}}
}

func (v *visitor) send(method, path string, form url.Values, header map[string]string) *httptest.ResponseRecorder {
	all := map[string]string{"Accept": browser["Accept"]}
	if method == "POST" {
		all["Content-Type"] = "application/x-www-form-urlencoded"
	}
	var cookies []string
	for name, c := range v.kept {
		if strings.HasPrefix(path, c.Path) {
			cookies = append(cookies, name+"="+c.Value)
		}
	}
	all["Cookie"] = strings.Join(cookies, "; ")
	for k, x := range header {
		all[k] = x
	}
	w := v.h.send(request{method: method, path: path, from: v.from, body: form.Encode(), header: all})
	for _, c := range w.Result().Cookies() {
		if c.MaxAge < 0 {
			delete(v.kept, c.Name)
		} else {
			v.kept[c.Name] = c
		}
	}
	return w
}

func (v *visitor) open(path string) *httptest.ResponseRecorder {
	return v.send("GET", path, nil, nil)
}

// ask has the browser ask for a code and returns what its page shows.
func (v *visitor) ask(t *testing.T, as queue.Role) httpapi.PairData {
	t.Helper()
	w := v.send("POST", "/pair", url.Values{"as": {string(as)}}, nil)
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/pair?as="+string(as) {
		t.Fatalf("ask for a code: %d %v", w.Code, w.Header())
	}
	d := v.shown(t)
	if d.State != "waiting" || d.As != as || len(d.Code) != 7 {
		t.Fatalf("asked for a code: %+v", d)
	}
	return d
}

func (v *visitor) shown(t *testing.T) httpapi.PairData {
	t.Helper()
	w := v.open("/pair")
	d, ok := v.h.web.last(t).Data.(httpapi.PairData)
	if w.Code != http.StatusOK || !ok || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("/pair: %d %v %+v", w.Code, w.Header(), v.h.web.last(t))
	}
	return d
}

// types is a supervisor who types a code into the page Devices.
func (h *house) types(code string, more url.Values) *httptest.ResponseRecorder {
	form := url.Values{"do": {"pair"}, "code": {code}, "name": {"post-1"}, "role": {"officer"}}
	for k, x := range more {
		form[k] = x
	}
	return h.send(request{method: "POST", path: "/devices", role: queue.Supervisor, body: form.Encode(),
		header: map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Accept": browser["Accept"]}})
}

// TestBrowserIsLetIn is every role: where its browser is led, and by which cookie.
func TestBrowserIsLetIn(t *testing.T) {
	for _, c := range []struct {
		name string
		form url.Values
		to   string
	}{
		{"officer", url.Values{"role": {"officer"}}, "/console"},
		{"officer of a counter", url.Values{"role": {"officer"}, "counter": {"2"}}, "/console/2"},
		{"greeter", url.Values{"role": {"greeter"}}, "/roll"},
		{"greeter of a point", url.Values{"role": {"greeter"}, "point": {"main"}}, "/roll"},
		{"board", url.Values{"role": {"board"}}, "/display"},
		{"board of a point", url.Values{"role": {"board"}, "point": {"main"}}, "/display?point=main"},
		{"supervisor", url.Values{"role": {"supervisor"}}, "/console"},
		{"kiosk", url.Values{"role": {"kiosk"}}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, withDevices)
			v := h.visitor(30)
			d := v.ask(t, queue.Officer)
			if d.Where != "http://motcua.local/devices" || d.Left < 598 || d.Left > 600 {
				t.Errorf("the page says %+v", d)
			}
			if state := v.open("/pair/state").Body.String(); state != `{"state":"waiting"}`+"\n" {
				t.Errorf("before: %s", state)
			}
			if w := h.types(d.Code, c.form); w.Code != http.StatusSeeOther {
				t.Fatalf("type the code: %d", w.Code)
			}
			if state := v.open("/pair/state").Body.String(); state != `{"state":"paired"}`+"\n" {
				t.Errorf("after: %s", state)
			}
			if c.to == "" {
				if d := v.shown(t); d.State != "kiosk" || d.Name != "post-1" || v.kept[auth.Cookie] != nil {
					t.Errorf("paired as a kiosk: %+v, %v", d, v.kept)
				}
				v.ask(t, queue.Officer) // and begins anew
				return
			}
			w := v.open("/pair?as=officer")
			k := v.kept[auth.Cookie]
			if w.Code != http.StatusSeeOther || w.Header().Get("Location") != c.to || k == nil {
				t.Fatalf("let in: %d %v", w.Code, w.Header())
			}
			if !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.Path != "/" || k.MaxAge != 400*24*3600 || k.Secure {
				t.Errorf("cookie %+v", k)
			}
			if len(v.kept) != 1 {
				t.Errorf("it keeps %v as well", v.kept)
			}
			v.kept[auth.Cookie] = &http.Cookie{Name: auth.Cookie, Value: k.Value, MaxAge: 3600, Path: "/"}
			if w := v.open(c.to); w.Code != http.StatusOK || v.kept[auth.Cookie].MaxAge != k.MaxAge {
				t.Errorf("%s: %d %v, want it there and its cookie renewed", c.to, w.Code, w.Header())
			}
			if d := v.shown(t); d.State != "known" || d.Next != c.to || d.Who.Actor != "post-1" {
				t.Errorf("once more at /pair: %+v", d)
			}
			if log := h.log.String(); strings.Contains(log, k.Value) || strings.Contains(log, strings.ReplaceAll(d.Code, " ", "")) {
				t.Errorf("the log holds the token or the code:\n%s", log)
			}
		})
	}
}

// TestBrowserIsNotLetIn: codes that are wrong, used up, taken by a later ask or
// another browser's.
func TestBrowserIsNotLetIn(t *testing.T) {
	h := newHouse(t, withDevices)
	v, other := h.visitor(30), h.visitor(31)
	if d := v.shown(t); d.State != "ask" || d.As != queue.Officer || d.Gone {
		t.Errorf("first: %+v", d)
	}
	if len(v.kept) != 0 {
		t.Errorf("looking at the page left %v", v.kept)
	}
	for _, form := range []url.Values{nil, {"as": {"kiosk"}}, {"as": {"admin"}}} {
		if w := v.send("POST", "/pair", form, nil); w.Code != http.StatusUnprocessableEntity || len(v.kept) != 0 {
			t.Errorf("%v: %d, keeps %v", form, w.Code, v.kept)
		}
	}
	for _, header := range []map[string]string{{"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}} {
		if w := v.send("POST", "/pair", url.Values{"as": {"officer"}}, header); w.Code != http.StatusForbidden || len(v.kept) != 0 {
			t.Errorf("%v: %d, keeps %v", header, w.Code, v.kept)
		}
	}
	first := v.ask(t, queue.Officer)
	if k := v.kept["motcua_pairing"]; k == nil || !k.HttpOnly || k.SameSite != http.SameSiteStrictMode || k.Path != "/pair" {
		t.Errorf("cookie %+v", k)
	}
	second := v.ask(t, queue.Officer)
	if w := h.types(first.Code, nil); w.Code != http.StatusNotFound && first.Code != second.Code {
		t.Errorf("the code of the ask before: %d", w.Code)
	}
	if w := other.open("/pair/state"); !strings.Contains(w.Body.String(), "over") {
		t.Errorf("another browser looks: %s", w.Body)
	}
	if w := h.types(second.Code, nil); w.Code != http.StatusSeeOther {
		t.Fatalf("the right code: %d", w.Code)
	}
	if d := other.shown(t); d.State != "ask" || other.kept[auth.Cookie] != nil {
		t.Errorf("another browser: %+v", d)
	}
	if w := h.types(second.Code, url.Values{"name": {"post-2"}}); w.Code != http.StatusNotFound {
		t.Errorf("the code once more: %d", w.Code)
	}
	// Typed a moment before the button for a new one was pressed.
	if w := v.send("POST", "/pair", url.Values{"as": {"officer"}}, nil); w.Code != http.StatusSeeOther {
		t.Errorf("ask when it is paired: %d", w.Code)
	}
	if w := v.open("/pair"); w.Header().Get("Location") != "/console" || v.kept[auth.Cookie] == nil {
		t.Errorf("then: %d %v", w.Code, w.Header())
	}

	// Five wrong codes send all away, with their pages saying so.
	d := other.ask(t, auth.Board)
	wrong := fmt.Sprintf("%06d", (atoi(strings.ReplaceAll(d.Code, " ", ""))+1)%1_000_000)
	for range auth.CodeTries {
		h.types(wrong, nil)
	}
	if w := h.types(d.Code, url.Values{"name": {"post-3"}}); w.Code != http.StatusNotFound {
		t.Errorf("after five wrong ones: %d", w.Code)
	}
	if d := other.shown(t); d.State != "over" || d.Code != "" {
		t.Errorf("sent away: %+v", d)
	}

	// Three wait; the fourth is told so and draws nothing.
	for n := range 3 {
		h.visitor(40+n).ask(t, queue.Officer)
	}
	fourth := h.visitor(50)
	w := fourth.send("POST", "/pair", url.Values{"as": {"greeter"}}, nil)
	if d := h.web.last(t).Data.(httpapi.PairData); w.Code != http.StatusServiceUnavailable || d.Problem == nil || d.As != queue.Greeter || len(fourth.kept) != 0 {
		t.Errorf("the fourth: %d %+v", w.Code, d)
	}
}

func TestBrowserCodesExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHouse(t, withDevices)
		v := h.visitor(30)
		d := v.ask(t, queue.Officer)
		time.Sleep(auth.CodeLife)
		if d := v.shown(t); d.State != "over" {
			t.Errorf("after its time: %+v", d)
		}
		if w := h.types(d.Code, nil); w.Code != http.StatusNotFound {
			t.Errorf("the late code: %d", w.Code)
		}
		d = v.ask(t, queue.Officer)
		h.types(d.Code, nil)
		time.Sleep(auth.CodeLife) // its browser slept
		if w := v.open("/pair"); w.Header().Get("Location") != "/console" || v.kept[auth.Cookie] == nil {
			t.Errorf("who looks late: %d %v", w.Code, w.Header())
		}
	})
}

// TestPairedBrowserLeaves: revoked it is told so, signed out it is asked twice
// and its name is free again.
func TestPairedBrowserLeaves(t *testing.T) {
	h := newHouse(t, withDevices)
	v := h.visitor(30)
	in := func() {
		t.Helper()
		if w := h.types(v.ask(t, queue.Officer).Code, url.Values{"counter": {"2"}}); w.Code != http.StatusSeeOther {
			t.Fatalf("type the code: %d", w.Code)
		}
		v.open("/pair")
		if w := v.open("/console/2"); w.Code != http.StatusOK {
			t.Fatalf("its console: %d", w.Code)
		}
	}
	in()
	if w := h.send(request{method: "DELETE", path: "/api/v1/devices/post-1", role: queue.Supervisor}); w.Code != http.StatusNoContent {
		t.Fatalf("revoke: %d", w.Code)
	}
	if w := v.open("/console/2"); w.Code != http.StatusSeeOther {
		t.Errorf("revoked, its console: %d", w.Code)
	}
	v.open("/sign-in")
	if d := h.web.last(t).Data.(httpapi.SignInData); !d.Gone || !d.Pair {
		t.Errorf("revoked, the sign-in: %+v", d)
	}
	if d := v.shown(t); !d.Gone || d.State != "ask" {
		t.Errorf("revoked, /pair: %+v", d)
	}
	in()
	w := v.send("POST", "/sign-out", nil, nil)
	if d := h.web.last(t).Data.(httpapi.PairData); w.Code != http.StatusOK || d.State != "leave" || d.Next != "/console/2" || v.kept[auth.Cookie] == nil {
		t.Errorf("asked to sign out: %d %+v", w.Code, d)
	}
	if w := v.send("POST", "/sign-out", url.Values{"sure": {"1"}}, nil); w.Code != http.StatusSeeOther || v.kept[auth.Cookie] != nil {
		t.Errorf("signed out: %d, keeps %v", w.Code, v.kept)
	}
	in() // by the same name
}

// TestTheLastSupervisorStays: by none of the ways out can a centre lose the last
// who may lead it; with another one, paired or in motcua.toml, it can be left.
func TestTheLastSupervisorStays(t *testing.T) {
	a, err := auth.NewAuthenticator(nil, false)
	if err != nil {
		t.Fatal(err)
	}
	devices := &fakeDevices{auth: a}
	h := newHouse(t, func(o *httpapi.Options) { o.Auth, o.Devices = a, devices })
	add := func(name string, role queue.Role) string {
		t.Helper()
		token, sum := auth.NewToken()
		if err := devices.AddDevice(t.Context(), auth.Access{Name: name, Role: role, TokenSHA256: sum}, "setup"); err != nil {
			t.Fatal(err)
		}
		return token
	}
	form := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
	head := add("setup", queue.Supervisor)
	add("desk", queue.Officer)
	for _, r := range []request{
		{method: "POST", path: "/sign-out", token: head, header: form, body: "x=1"},
		{method: "POST", path: "/sign-out", token: head, header: form, body: "sure=1"},
		{method: "DELETE", path: "/api/v1/devices/setup", token: head},
		{method: "POST", path: "/devices", token: head, header: form, body: "do=revoke&name=setup"},
	} {
		if w := h.send(r); w.Code != http.StatusConflict {
			t.Errorf("%s %s %s: %d %s", r.method, r.path, r.body, w.Code, w.Body)
		}
	}
	if w := h.send(request{method: "DELETE", path: "/api/v1/devices/nobody", token: head}); w.Code != http.StatusNotFound {
		t.Errorf("nobody: %d", w.Code)
	}
	if w := h.send(request{method: "DELETE", path: "/api/v1/devices/desk", token: head}); w.Code != http.StatusNoContent {
		t.Errorf("an officer: %d", w.Code)
	}
	second := add("head-2", queue.Supervisor)
	if w := h.send(request{method: "POST", path: "/sign-out", token: head, header: form, body: "sure=1"}); w.Code != http.StatusSeeOther {
		t.Errorf("with another one: %d %s", w.Code, w.Body)
	}
	if w := h.send(request{method: "DELETE", path: "/api/v1/devices/head-2", token: second}); w.Code != http.StatusConflict {
		t.Errorf("now that one is the last: %d", w.Code)
	}
}

// TestDevicesFormLeadsBack: to the last page of the first run, and nowhere else.
func TestDevicesFormLeadsBack(t *testing.T) {
	h := newHouse(t, withDevices)
	for back, want := range map[string]string{"/setup/done": "/setup/done#counters", "//evil.example": "/devices?", "/console": "/devices?"} {
		v := h.visitor(30)
		d := v.ask(t, queue.Greeter)
		h.send(request{method: "GET", path: "/devices", role: queue.Supervisor, header: browser})
		if x := h.web.last(t).Data.(httpapi.DevicesData); x.Typed.Role != queue.Greeter {
			t.Errorf("the form suggests %q, want what the only one that waits is for", x.Typed.Role)
		}
		w := h.types(d.Code, url.Values{"back": {back}, "name": {"post-" + fmt.Sprint(len(back))}})
		if to := w.Header().Get("Location"); !strings.HasPrefix(to, want) {
			t.Errorf("back to %s: %d %s", back, w.Code, to)
		}
	}
}
