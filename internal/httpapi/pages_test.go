package httpapi_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"motcua/display"
	"motcua/display/feed"
	"motcua/internal/auth"
	"motcua/internal/httpapi"
	"motcua/internal/setup"
	"motcua/internal/staff"
	"motcua/internal/web"
	"motcua/queue"
)

var browser = map[string]string{"Accept": "text/html,application/xhtml+xml"}

// open asks for a page as a browser does.
func (h *house) open(path, token, from string, header map[string]string) *httptest.ResponseRecorder {
	all := map[string]string{"Accept": browser["Accept"]}
	for k, v := range header {
		all[k] = v
	}
	if token != "" {
		all["Cookie"] = auth.Cookie + "=" + token + "; " + all["Cookie"]
	}
	return h.send(request{method: "GET", path: path, from: from, header: all})
}

func TestPages(t *testing.T) {
	h := newHouse(t)
	h.post(t, "/tickets", `{"category":"A"}`)
	seq := uint64(3)

	w := h.open("/display?point=main", "", "", nil)
	p := h.web.last(t)
	if w.Code != 200 || p.Face != "wall" || p.Topic != "board:main" || p.Epoch != "epoch-1" || p.Seq != seq || p.Host != "motcua.local" || p.Lang != "vi" {
		t.Errorf("wall: %d %+v", w.Code, p)
	}
	if b, ok := p.Snapshot.(display.Board); !ok || b.Lanes[0].Waiting != 1 {
		t.Errorf("wall's snapshot: %+v", p.Snapshot)
	}
	h.open("/display/basic", "", "", nil)
	if p := h.web.last(t); p.Face != "basic" || p.Topic != "board" {
		t.Errorf("basic: %+v", p)
	}
	if w := h.open("/console/3", tokens[queue.Officer], "", nil); w.Code != 200 || w.Header().Get("Cache-Control") == "" {
		t.Errorf("console: %d %v", w.Code, w.Header())
	}
	p = h.web.last(t)
	if d, ok := p.Snapshot.(staff.Desk); !ok || p.Face != "console" || p.Topic != "desk:3" || d.Counter.Number != 3 || p.Seq != seq {
		t.Errorf("console: %+v", p)
	}
	h.open("/", "", "", nil)
	if p := h.web.last(t); p.Face != "home" || p.Data != (httpapi.HomeData{Centre: "Phường Mẫu"}) {
		t.Errorf("home: %+v", p)
	}
	h.open("/sign-in?next=/console/3", "", "", nil)
	if d, ok := h.web.last(t).Data.(httpapi.SignInData); !ok || d.Next != "/console/3" || d.Action != "/sign-in" {
		t.Errorf("sign-in: %+v", d)
	}
	for path, status := range map[string]int{"/display?point=x": 404, "/nothing": 404, "/demo": 404} {
		w := h.open(path, "", "", nil)
		if d, ok := h.web.last(t).Data.(httpapi.ErrorData); w.Code != status || !ok || d.Key != "error.page" || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %+v", path, w.Code, h.web.last(t))
		}
	}
	if w := h.send(request{method: "GET", path: "/a/hash/css/base.css"}); w.Code != 200 || w.Body.String() != "asset" {
		t.Errorf("asset: %d", w.Code)
	}
}

func TestConsolesAreForStaff(t *testing.T) {
	h := newHouse(t)
	for _, path := range []string{"/console", "/console/3"} {
		if w := h.open(path, "", "", nil); w.Code != 303 || !strings.HasPrefix(w.Header().Get("Location"), "/sign-in?next=%2Fconsole") {
			t.Errorf("%s to nobody: %d %s", path, w.Code, w.Header().Get("Location"))
		}
		if w := h.open(path, tokens[queue.Kiosk], "", nil); w.Code != 403 {
			t.Errorf("%s to a kiosk: %d", path, w.Code)
		}
	}
	w := h.open("/console?lang=vi", "", "", nil)
	if to := w.Header().Get("Location"); !strings.Contains(to, "lang=vi") || !strings.Contains(to, "next=%2Fconsole") || !strings.Contains(w.Header().Get("Set-Cookie"), "motcua_lang=vi") {
		t.Errorf("in Vietnamese to nobody: %s, %v", to, w.Header())
	}
	if w := h.open("/console", tokens[queue.Officer], "", nil); w.Code != 200 {
		t.Errorf("console: %d %s", w.Code, w.Header().Get("Location"))
	}
	d, ok := h.web.last(t).Data.(httpapi.CountersData)
	if !ok || len(d.Points) != 1 || d.Points[0].Name != "" || len(d.Points[0].Seats) < 3 || d.Who != (httpapi.Who{Actor: "a-officer", Role: queue.Officer, Leaves: true}) {
		t.Fatalf("counters to choose from: %+v", h.web.last(t))
	}
	if k := d.Points[0].Seats[2]; k.ID != "3" || k.Key != "3" || k.State != queue.CounterIsClosed || len(k.Skills) == 0 || k.Skills[0].Name == "" {
		t.Errorf("counter 3: %+v", k)
	}
	if w := h.open("/console", boundToken, "", nil); w.Header().Get("Location") != "/console/3" {
		t.Errorf("own console: %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := h.open("/console/1", boundToken, "", nil); w.Code != 403 {
		t.Errorf("another's console: %d", w.Code)
	}
	if w := h.open("/console/99", tokens[queue.Officer], "", nil); w.Code != 404 {
		t.Errorf("no such console: %d", w.Code)
	}
}

func TestDemoPages(t *testing.T) {
	h := newHouse(t, asDemo)
	const here, lan = "127.0.0.1:1", "192.168.1.9:1"
	if w := h.open("/", "", here, nil); w.Header().Get("Location") != "/demo" {
		t.Errorf("home here: %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := h.open("/", "", lan, nil); w.Code != 200 {
		t.Errorf("home from the network: %d", w.Code)
	}
	if w := h.open("/demo", "", here, nil); w.Code != 200 || h.web.last(t).Face != "demo" || h.web.last(t).Snapshot == nil {
		t.Errorf("demo here: %d %+v", w.Code, h.web.last(t))
	}
	if w := h.open("/console/3", "", here, nil); w.Code != 200 {
		t.Errorf("console here: %d", w.Code)
	}
	for _, path := range []string{"/demo", "/demo/paper/1.png"} {
		if w := h.open(path, "", lan, map[string]string{"X-Forwarded-For": "127.0.0.1"}); w.Code != 401 {
			t.Errorf("%s from the network: %d", path, w.Code)
		}
	}
}

// The page behind a slip's code: its holder's alone, and every failure alike.
func TestTicketPage(t *testing.T) {
	h := newHouse(t)
	issued := decode[httpapi.Issued](t, h.post(t, "/tickets", `{"category":"A"}`))
	path := strings.TrimPrefix(issued.Link, "https://so.example.vn")
	w := h.open(path, "", "", nil)
	p := h.web.last(t)
	if tk, ok := p.Snapshot.(display.Ticket); w.Code != 200 || !ok || tk.Label != "A001" || p.Topic != "ticket:"+strings.TrimPrefix(path, "/t/") {
		t.Fatalf("%d %+v", w.Code, p)
	}
	private := func(name string, w *httptest.ResponseRecorder) {
		t.Helper()
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", name, w.Header())
		}
	}
	private("the ticket", w)

	flipped := path[:len(path)-2] + string(path[len(path)-2]^1) + path[len(path)-1:]
	var first string
	for name, bad := range map[string]string{
		"flipped":     flipped,
		"short":       path[:len(path)-1],
		"rubbish":     "/t/2026-11-23/x",
		"another day": strings.Replace(path, "11-23", "11-24", 1),
		"no day":      strings.Replace(path, "2026-11-23", "today", 1),
		"yesterday":   h.links.Path("2026-11-22", queue.Ref{1}),
		"no ticket":   h.links.Path("2026-11-23", queue.Ref{1}),
	} {
		w := h.send(request{method: "GET", path: bad})
		if first == "" {
			first = w.Body.String()
		}
		if w.Code != 404 || w.Body.String() != first {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		private(name, w)
		if w := h.open(bad, "", "", nil); w.Code != 404 {
			t.Errorf("%s in a browser: %d", name, w.Code)
		} else {
			private(name+" in a browser", w)
		}
	}
	// The link ends with its day.
	h.post(t, "/day/close", "")
	h.engine.pass(24 * 3600 * 1e9)
	h.post(t, "/day/open", "")
	if w := h.open(path, "", "", nil); w.Code != 404 {
		t.Errorf("yesterday's slip: %d", w.Code)
	}
}

func TestSignIn(t *testing.T) {
	h := newHouse(t)
	send := func(form string, header map[string]string) *httptest.ResponseRecorder {
		all := map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
		for k, v := range header {
			all[k] = v
		}
		return h.send(request{method: "POST", path: "/sign-in", body: form, header: all})
	}
	w := send("name=a-officer&password=token-officer&next=/console/3", nil)
	if w.Code != 303 || w.Header().Get("Location") != "/console/3" {
		t.Fatalf("%d %v", w.Code, w.Header())
	}
	c := w.Result().Cookies()[0]
	if c.Name != auth.Cookie || !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || c.MaxAge != 12*3600 || c.Secure {
		t.Errorf("cookie %+v", c)
	}
	if w := h.open("/console/3", c.Value, "", nil); w.Code != 200 || len(w.Result().Cookies()) != 0 {
		t.Errorf("with the cookie: %d, and sets %v", w.Code, w.Result().Cookies())
	}
	for form, want := range map[string]int{
		"password=guess":                            403,
		"":                                          403,
		"name=a-kiosk&password=token-officer":       403,
		"password=" + strings.Repeat("x", 5<<10):    413,
		"password=token-officer&next=//evil.vn":     303,
		"password=token-officer&next=https://x.vn/": 303,
		"password=token-officer&next=/%5Cevil.vn":   303,
		"password=token-officer&next=javascript:x":  303,
	} {
		w := send(form, nil)
		if w.Code != want || len(w.Result().Cookies()) > 0 != (want == 303) {
			t.Errorf("%.40s: %d %v", form, w.Code, w.Header())
		}
		if l := w.Header().Get("Location"); want == 303 && l != "/console" {
			t.Errorf("%s leads to %s", form, l)
		}
	}
	if w := send("password=guess&next=/console/2", nil); w.Code != 403 {
		t.Errorf("wrong: %d", w.Code)
	}
	if d := h.web.last(t).Data.(httpapi.SignInData); d.Problem != "wrong" || d.Next != "/console/2" {
		t.Errorf("wrong: %+v", d)
	}
	if w := send("password=token-officer", map[string]string{"Origin": "https://evil.example"}); w.Code != 403 || len(w.Result().Cookies()) != 0 {
		t.Errorf("foreign form: %d", w.Code)
	}
	w = h.send(request{method: "POST", path: "/sign-out"})
	gone := map[string]bool{}
	for _, c := range w.Result().Cookies() {
		gone[c.Path+c.Name] = c.MaxAge < 0
	}
	if w.Code != 303 || !gone["/"+auth.Cookie] || !gone["/setup"+setup.Cookie] {
		t.Errorf("sign-out: %d %v", w.Code, w.Header())
	}
}

func TestLanguageOfAPage(t *testing.T) {
	h := newHouse(t)
	for _, c := range []struct {
		path   string
		header map[string]string
		want   string
	}{
		{"/", nil, "vi"},
		{"/", map[string]string{"Accept-Language": "en-GB,en;q=0.9"}, "en"},
		{"/", map[string]string{"Accept-Language": "fr"}, "vi"},
		{"/", map[string]string{"Accept-Language": "fr, vi;q=0.2, EN-us ; q=0.8"}, "en"},
		{"/", map[string]string{"Accept-Language": "en;q=0, vi;q=0.1"}, "vi"},
		{"/", map[string]string{"Accept-Language": "en;q=NaN, ;, q=1, en;q=2"}, "vi"},
		{"/", map[string]string{"Accept-Language": "en", "Cookie": "motcua_lang=vi"}, "vi"},
		{"/", map[string]string{"Cookie": "motcua_lang=xx"}, "vi"},
		{"/?lang=en", map[string]string{"Cookie": "motcua_lang=vi"}, "en"},
		{"/?lang=xx", nil, "vi"},
		{"/display", map[string]string{"Accept-Language": "en"}, "vi"}, // the hall's, not the television's
		{"/display?lang=en", nil, "en"},
	} {
		w := h.open(c.path, "", "", c.header)
		if got := h.web.last(t).Lang; got != c.want {
			t.Errorf("%s %v: %s", c.path, c.header, got)
		}
		if kept := strings.Contains(w.Header().Get("Set-Cookie"), "motcua_lang=en"); kept != strings.Contains(c.path, "lang=en") {
			t.Errorf("%s: cookie %q", c.path, w.Header().Get("Set-Cookie"))
		}
	}
}

func TestBrokenPages(t *testing.T) {
	h := newHouse(t)
	h.web.err = errors.New("template: secret")
	w := h.open("/display", "", "", nil)
	if w.Code != 500 || strings.Contains(w.Body.String(), "secret") || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/plain") {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
	if !strings.Contains(h.log.String(), "template: secret") {
		t.Errorf("log: %s", h.log)
	}
}

func TestAuthorizeTopics(t *testing.T) {
	h, demo := newHouse(t), newHouse(t, asDemo)
	ticket := "ticket:2026-11-23/" + h.links.Token("2026-11-23", queue.Ref{1})
	ask := func(h *house, topic, token, from string) (string, error) {
		r := httptest.NewRequest("GET", "/feed", nil)
		r.RemoteAddr = from
		if token != "" {
			r.Header.Set("Cookie", auth.Cookie+"="+token)
		}
		return h.Authorize(r, topic)
	}
	const lan, here = "192.168.1.9:1", "127.0.0.1:1"
	officer := tokens[queue.Officer]
	for _, c := range []struct {
		h                  *house
		topic, token, from string
		want               error
	}{
		{h, "board", "", lan, nil},
		{h, "board:main", "", lan, nil},
		{h, ticket, "", lan, nil},
		{h, ticket + "A", "", lan, feed.ErrNoTopic},
		{h, "ticket:", "", lan, feed.ErrNoTopic},
		{h, "desk:1", "", lan, feed.ErrNotPaired},
		{h, "desk:1", "guess", lan, feed.ErrNotPaired},
		{h, "desk:1", tokens[queue.Kiosk], lan, feed.ErrNotAllowed},
		{h, "desk:1", tokens[auth.Board], lan, feed.ErrNotAllowed},
		{h, "desk:1", officer, lan, nil},
		{h, "desk:1", boundToken, lan, feed.ErrNotAllowed},
		{h, "desk:3", boundToken, lan, nil},
		{h, "staff", "", lan, feed.ErrNotPaired},
		{h, "staff", officer, lan, nil},
		{h, "panel", officer, lan, feed.ErrNoTopic},
		{demo, "panel", "", lan, feed.ErrNotPaired},
		{demo, "panel", "", here, nil},
		{demo, "paper", "", here, nil},
		{demo, "morning", officer, lan, feed.ErrNotAllowed},
		{demo, "desk:1", "", here, nil},
		{h, "", "", lan, feed.ErrNoTopic},
		{h, "secrets", officer, lan, feed.ErrNoTopic},
	} {
		who, err := ask(c.h, c.topic, c.token, c.from)
		if !errors.Is(err, c.want) || (c.want != nil && who != "") {
			t.Errorf("%s from %s with %q: %q %v, want %v", c.topic, c.from, c.token, who, err, c.want)
		}
	}
}

// Every page is drawn by the templates that are really there.
func TestRealPages(t *testing.T) {
	pages, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, asDemo, func(o *httpapi.Options) { o.Web = pages })
	link := decode[httpapi.Issued](t, h.post(t, "/tickets", `{"category":"A"}`)).Link
	for path, status := range map[string]int{
		"/display": 200, "/display/basic": 200, "/console": 200, "/console/3": 200, "/demo": 200, "/sign-in": 200,
		strings.TrimPrefix(link, "https://so.example.vn"): 200, "/t/2026-11-23/x": 404, "/nothing": 404, "/console/99": 404,
	} {
		for _, lang := range []string{"vi", "en"} {
			w := h.open(path+"?lang="+lang, "", "127.0.0.1:1", nil)
			if body := w.Body.String(); w.Code != status || !strings.Contains(body, `<html lang="`+lang+`"`) {
				t.Errorf("%s in %s: %d %.200s", path, lang, w.Code, body)
			}
		}
	}
	if w := h.open("/?lang=en", "", "192.168.1.9:1", nil); w.Code != 200 || !strings.Contains(w.Body.String(), "/display") {
		t.Errorf("home: %d %.200s", w.Code, w.Body)
	}
}
