package httpapi_test

import (
	"cmp"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"motcua/display"
	"motcua/display/feed"
	"motcua/internal/auth"
	"motcua/internal/httpapi"
	"motcua/internal/web"
	"motcua/queue"
)

// realPages draws the pages that people get.
func realPages(t *testing.T) func(*httpapi.Options) {
	t.Helper()
	pages, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return func(o *httpapi.Options) { o.Web = pages }
}

// TestRollAPI: a roll from its first number to its end, each answer made of the
// records alone.
func TestRollAPI(t *testing.T) {
	h := newHouse(t, realPages(t))
	ask := func(path, body, key string) (httpapi.RollDone, *httptest.ResponseRecorder) {
		t.Helper()
		w := h.send(request{method: "POST", path: "/api/v1/rolls" + path, body: body, header: map[string]string{"Idempotency-Key": key}, role: queue.Greeter})
		var d httpapi.RollDone
		if err := json.Unmarshal(w.Body.Bytes(), &d); err != nil || w.Code != http.StatusOK {
			t.Fatalf("%s %s: %d %s", path, body, w.Code, w.Body)
		}
		return d, w
	}
	if d, _ := ask("", `{"category":"A","first":"057"}`, ""); d.First != "057" {
		t.Errorf("started: %+v", d)
	}
	d, first := ask("/torn", `{"category":"A","up_to":"060"}`, "torn-1")
	if d.First != "057" || d.Last != "060" || len(d.Tickets) != 4 || d.Tickets[3].Label != "060" {
		t.Errorf("torn off: %+v", d)
	}
	_, again := ask("/torn", `{"category":"A","up_to":"060"}`, "torn-1")
	if again.Body.String() != first.Body.String() || again.Header().Get("Idempotency-Replayed") != "true" {
		t.Errorf("the same key: %s", again.Body)
	}
	if d, _ := ask("/back", `{"category":"A","up_to":"58"}`, ""); d.First != "059" || d.Last != "060" {
		t.Errorf("taken back: %+v", d)
	}
	w := h.send(request{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: queue.Greeter})
	var issued httpapi.Issued
	if err := json.Unmarshal(w.Body.Bytes(), &issued); err != nil || w.Code != http.StatusCreated || issued.Label != "059" || issued.Link == "" {
		t.Errorf("a number that had been taken back: %d %s", w.Code, w.Body)
	}
	w = h.send(request{method: "GET", path: "/api/v1/rolls", role: queue.Officer})
	var v httpapi.RollsView
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || len(v.Rolls) != 1 || v.Rolls[0].Next != "060" || !v.Rolls[0].Open {
		t.Errorf("rolls: %s", w.Body)
	}
	if d, _ := ask("/end", `{"category":"A"}`, ""); d.Next != "060" {
		t.Errorf("ended: %+v", d)
	}
	w = h.send(request{method: "POST", path: "/api/v1/rolls", body: `{"category":"A","first":"O12"}`, role: queue.Greeter, header: map[string]string{"Accept-Language": "vi"}})
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "2 đến 4 chữ số") {
		t.Errorf("a wrong number: %d %s", w.Code, w.Body)
	}
}

// TestRollAtTheOwnPoint: who is bound to a hall handles its rolls alone.
func TestRollAtTheOwnPoint(t *testing.T) {
	h := twoHalls(t)
	if w := h.send(request{method: "POST", path: "/api/v1/rolls", body: `{"first":"057"}`, role: queue.Greeter}); w.Code != http.StatusOK {
		t.Fatalf("start: %d %s", w.Code, w.Body)
	}
	if w := h.send(request{method: "POST", path: "/api/v1/rolls", body: `{"first":"A57","point":"main"}`, role: queue.Greeter}); w.Code != http.StatusForbidden {
		t.Errorf("another hall's roll: %d %s", w.Code, w.Body)
	}
	var v httpapi.RollsView
	w := h.send(request{method: "GET", path: "/api/v1/rolls?point=annex", role: queue.Supervisor})
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || v.Point != "annex" || len(v.Rolls) != 1 {
		t.Errorf("rolls of the annex: %s", w.Body)
	}
}

// TestRollPageWithoutScript: the forms alone do it all, and a form sent twice is
// one command.
func TestRollPageWithoutScript(t *testing.T) {
	h := newHouse(t, realPages(t))
	token := tokens[queue.Greeter]
	if w := h.open("/roll", "", "", nil); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/sign-in?next=%2Froll" {
		t.Errorf("nobody in particular: %d %s", w.Code, w.Header().Get("Location"))
	}
	if w := h.open("/roll", tokens[queue.Kiosk], "", nil); w.Code != http.StatusForbidden {
		t.Errorf("a kiosk: %d", w.Code)
	}
	page := h.open("/roll?lang=vi", token, "", nil)
	if page.Code != http.StatusOK || page.Header().Get("Cache-Control") == "" {
		t.Fatalf("page: %d", page.Code)
	}
	key := func(form string) string {
		m := regexp.MustCompile(`name="key" value="([^"]+-` + form + `[^"]*)"`).FindStringSubmatch(page.Body.String())
		if m == nil {
			t.Fatalf("no form %s on the page:\n%s", form, page.Body)
		}
		return m[1]
	}
	post := func(values url.Values) *httptest.ResponseRecorder {
		t.Helper()
		return h.send(request{method: "POST", path: "/roll", body: values.Encode(), token: token, header: map[string]string{
			"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html", "Accept-Language": "vi"}})
	}
	page = post(url.Values{"do": {"start"}, "key": {key("start")}, "category": {"A"}, "number": {"057"}})
	if page.Code != http.StatusOK || !strings.Contains(page.Body.String(), ">057<") {
		t.Fatalf("start: %d %s", page.Code, page.Body)
	}
	hand := url.Values{"do": {"hand"}, "key": {key("hand")}, "for": {"A"}}
	page = post(hand)
	if again := post(hand); !strings.Contains(again.Body.String(), `<b class="number">057</b>`) {
		t.Error("the second press of one form gives another number")
	}
	page = post(url.Values{"do": {"torn"}, "key": {key("torn")}, "for": {"A"}, "category": {"A"}, "number": {"<b>"}})
	if body := page.Body.String(); page.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "Số này không khớp với cuộn") || !strings.Contains(body, `value="&lt;b&gt;"`) {
		t.Errorf("a wrong number: %d %s", page.Code, body)
	}
	page = post(url.Values{"do": {"torn"}, "key": {key("torn")}, "for": {"A"}, "category": {"A"}, "number": {"59"}})
	page = post(url.Values{"do": {"back"}, "key": {key("back")}, "category": {"A"}, "number": {"58"}})
	page = post(url.Values{"do": {"end"}, "key": {key("end")}, "category": {"A"}})
	if page.Code != http.StatusOK {
		t.Errorf("end: %d %s", page.Code, page.Body)
	}
	if w := post(url.Values{"do": {"eat"}}); w.Code != http.StatusNotFound {
		t.Errorf("a form that is none of ours: %d", w.Code)
	}
	var v httpapi.RollsView
	w := h.send(request{method: "GET", path: "/api/v1/rolls", role: queue.Greeter})
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || v.Rolls[0].Open || v.Rolls[0].Next != "059" {
		t.Errorf("after all that: %s", w.Body)
	}
}

// TestWhoSeesThePanel: its numbers carry the codes of their pages, so it is for
// the centre's own displays, its staff and the machine itself.
func TestWhoSeesThePanel(t *testing.T) {
	h := newHouse(t, realPages(t), func(o *httpapi.Options) {
		o.Panel = func(st *queue.State, p queue.PointID) httpapi.PanelView {
			v := httpapi.PanelView{State: httpapi.PanelShows, Codes: []httpapi.PanelCode{{Size: 1, Path: "M0 0h1v1h-1z"}}}
			v.Languages = []string{"vi"}
			v.Numbers = []display.PanelNumber{{Label: "A001", Category: queue.Text{"vi": "Chứng thực"}, Counters: []int{1, 3}}}
			return v
		}
	})
	for _, c := range []struct {
		role   queue.Role
		from   string
		status int
		feed   error
	}{
		{auth.Anonymous, "", http.StatusSeeOther, feed.ErrNotPaired},
		{auth.Anonymous, "127.0.0.1:50000", http.StatusOK, nil},
		{auth.Board, "", http.StatusOK, nil},
		{queue.Kiosk, "", http.StatusOK, nil},
		{queue.Greeter, "", http.StatusOK, nil},
	} {
		w := h.open("/panel", tokens[c.role], c.from, nil)
		if w.Code != c.status {
			t.Errorf("%q from %q: %d", c.role, c.from, w.Code)
		}
		if w.Code == http.StatusOK && (!strings.Contains(w.Body.String(), "A001") || !strings.Contains(w.Body.String(), `d="M0 0h1v1h-1z"`) || w.Header().Get("Cache-Control") != "no-store") {
			t.Errorf("%q: %v\n%s", c.role, w.Header(), w.Body)
		}
		r := httptest.NewRequest("GET", "/feed?topic=screen", nil)
		r.RemoteAddr = cmp.Or(c.from, "192.168.1.20:50000")
		if token := tokens[c.role]; token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		if _, err := h.Authorize(r, "screen"); !errors.Is(err, c.feed) {
			t.Errorf("%q follows the screen: %v, want %v", c.role, err, c.feed)
		}
	}
	r := httptest.NewRequest("GET", "/feed?topic=screen", nil)
	r.RemoteAddr = "127.0.0.1:50000"
	r.Header.Set("X-Forwarded-For", "203.0.113.7")
	if _, err := h.Authorize(r, "screen"); !errors.Is(err, feed.ErrNotPaired) {
		t.Errorf("whom a proxy on this machine hands on follows the screen: %v", err)
	}
	if _, err := newHouse(t).Authorize(httptest.NewRequest("GET", "/feed", nil), "screen"); !errors.Is(err, feed.ErrNoTopic) {
		t.Errorf("without a panel: %v", err)
	}
}
