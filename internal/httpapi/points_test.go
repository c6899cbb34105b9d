package httpapi_test

import (
	"slices"
	"strings"
	"testing"

	"motcua/display"
	"motcua/internal/auth"
	"motcua/internal/httpapi"
	"motcua/queue"
)

// twoHalls is the demonstration's centre with a second hall, whose counter
// serves A alone, and with devices that stand there.
func twoHalls(t *testing.T) *house {
	t.Helper()
	list := []auth.Access{{Name: "lead", Role: queue.Supervisor, TokenSHA256: auth.TokenHash(tokens[queue.Supervisor])}}
	for _, role := range auth.Placed() {
		list = append(list, auth.Access{Name: "annex-" + string(role), Role: role, Point: "annex", TokenSHA256: auth.TokenHash(tokens[role])})
	}
	a, err := auth.NewAuthenticator(list, false)
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t, func(o *httpapi.Options) { o.Auth = a })
	h.apply(t, func(c *queue.Config) {
		c.Points = append(c.Points, queue.Point{ID: "annex", Name: queue.Text{"vi": "Sảnh phụ", "en": "Annex", "de": "Nebenhalle"}})
		c.Counters = append(c.Counters, queue.Desk{ID: "21", Number: 21, Point: "annex", Skills: []queue.CategoryID{"A"}})
		for i := range c.Categories {
			if k := &c.Categories[i]; k.ID != "A" && len(k.Points) == 0 {
				k.Points = []queue.PointID{"main"}
			}
		}
	})
	return h
}

// A device bound to a point takes numbers there without naming it, and none of
// another; who is bound to none names it.
func TestNumbersAtTheOwnPoint(t *testing.T) {
	h := twoHalls(t)
	for _, c := range []struct {
		role   queue.Role
		body   string
		status int
		point  queue.PointID
	}{
		{queue.Kiosk, `{"category":"A"}`, 201, "annex"},
		{queue.Greeter, `{"category":"A"}`, 201, "annex"},
		{queue.Greeter, `{"category":"A","point":"annex"}`, 201, "annex"},
		{queue.Greeter, `{"category":"A","point":"main"}`, 403, ""},
		{queue.Kiosk, `{"category":"A","point":"main"}`, 403, ""},
		{queue.Kiosk, `{"category":"B"}`, 409, ""}, // not served in the annex
		{queue.Supervisor, `{"category":"A"}`, 201, "main"},
		{queue.Supervisor, `{"category":"A","point":"annex"}`, 201, "annex"},
	} {
		w := h.send(request{method: "POST", path: "/api/v1/tickets", body: c.body, role: c.role})
		if w.Code != c.status {
			t.Errorf("%s %s: %d %s", c.role, c.body, w.Code, w.Body)
			continue
		}
		if c.status == 201 {
			if got := decode[httpapi.Issued](t, w.Body.Bytes()); got.Point != c.point {
				t.Errorf("%s %s: at %s, want %s", c.role, c.body, got.Point, c.point)
			}
		} else if p := decode[httpapi.Problem](t, w.Body.Bytes()); c.status == 403 && (p.Code != queue.Denied || p.Reason != queue.WhyPointUnknown) {
			t.Errorf("%s %s: %s", c.role, c.body, w.Body)
		}
	}
	scan := request{method: "POST", path: "/api/v1/scans?point=main", body: "H57.999-260130-0042", role: queue.Kiosk,
		header: map[string]string{"Content-Type": "application/octet-stream"}}
	if w := h.send(scan); w.Code != 403 || decode[httpapi.Problem](t, w.Body.Bytes()).Reason != queue.WhyPointUnknown {
		t.Errorf("a scan for another point: %d %s", w.Code, w.Body)
	}
}

// Counters are listed by their point, under its name where there are several,
// whatever their order in the file; a digit chooses one of the whole page.
func TestCountersByPoint(t *testing.T) {
	h := twoHalls(t)
	h.apply(t, func(c *queue.Config) {
		c.Counters = slices.Insert(c.Counters, 0, queue.Desk{ID: "n1", Number: 1, Point: "annex", Skills: []queue.CategoryID{"A"}})
	})
	h.open("/console?lang=vi", tokens[queue.Supervisor], "", nil)
	d := h.web.last(t).Data.(httpapi.CountersData)
	var got []string
	for _, p := range d.Points {
		for _, x := range p.Seats {
			got = append(got, p.Name+" "+string(x.ID)+" "+x.Key)
		}
	}
	last := []string{"Sảnh phụ n1 ", "Sảnh phụ 21 "}
	if len(d.Points) != 2 || len(got) < 5 || !slices.Equal(got[len(got)-2:], last) || !strings.HasSuffix(got[0], " 1 1") {
		t.Errorf("%d points: %q", len(d.Points), got)
	}
}

// A screen bound to a point shows its own hall, and another's when it is asked for.
func TestScreenOfTheOwnPoint(t *testing.T) {
	h := twoHalls(t)
	for _, c := range []struct {
		path, token, topic string
		point              string
	}{
		{"/display", tokens[auth.Board], "board:annex", "annex"},
		{"/display/basic", tokens[auth.Board], "board:annex", "annex"},
		{"/display?point=main", tokens[auth.Board], "board:main", "main"},
		{"/display", "", "board", "main"},
	} {
		w := h.open(c.path, c.token, "", nil)
		p := h.web.last(t)
		b, ok := p.Snapshot.(display.Board)
		if w.Code != 200 || p.Topic != c.topic || !ok || b.Point != c.point {
			t.Errorf("%s: %d, topic %s, board of %q", c.path, w.Code, p.Topic, b.Point)
		}
	}
	if b := decode[httpapi.BoardView](t, h.get(t, "/board", auth.Board)).Board; b.PointName["en"] != "Annex" || len(b.Counters) != 1 || b.Counters[0].Number != 21 {
		t.Errorf("the board of the annex: %q %+v", b.PointName, b.Counters)
	}
	hours := decode[httpapi.HoursView](t, h.get(t, "/hours", queue.Kiosk)).Hours
	if offered := slices.IndexFunc(hours.Categories, func(o display.Offer) bool { return o.Category == "B" }); offered >= 0 {
		t.Errorf("the kiosk of the annex offers what is served elsewhere: %+v", hours.Categories)
	}
}
