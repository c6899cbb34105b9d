package httpapi_test

import (
	"net/http"
	"strings"
	"testing"

	"motcua/internal/httpapi"
	"motcua/internal/setup"
	"motcua/queue"
)

// fakeSetup notes who was let through to the wizard.
type fakeSetup struct {
	wanted bool
	served []string
}

func (f *fakeSetup) Wanted() bool { return f.wanted }
func (f *fakeSetup) Here() string { return "http://192.168.1.2:8480" }

func (f *fakeSetup) Serve(_ http.ResponseWriter, r *http.Request, v setup.Visitor) error {
	f.served = append(f.served, "page "+r.PathValue("step"))
	return nil
}

func (f *fakeSetup) ServeDone(_ http.ResponseWriter, _ *http.Request, v setup.Visitor) error {
	f.served = append(f.served, "done "+v.Who.Actor)
	return nil
}

// TestWhoComesToTheWizard is every kind of client, before and after there is a
// centre: what is served, or where it is led, or the status it is refused with.
func TestWhoComesToTheWizard(t *testing.T) {
	const far, near, here = "203.0.113.7:1", "192.168.1.20:1", "127.0.0.1:1"
	supervisor := tokens[queue.Supervisor]
	for _, c := range []struct {
		name, from, path, cookie string
		token                    string
		before, after            string
	}{
		{"this machine", here, "/setup/code", "", "", "page code", "/sign-in?next=/setup/done"},
		{"the same network", near, "/setup/code", "", "", "page code", "/sign-in?next=/setup/done"},
		{"IPv6, local", "[fd00::7]:1", "/setup", "", "", "page ", "/sign-in?next=/setup/done"},
		{"the internet", far, "/setup/code", "", "", "403", "403"},
		{"the internet, IPv6", "[2001:db8::7]:1", "/setup", "", "", "403", "403"},
		{"the internet, with a supervisor's token", far, "/setup/done", "", supervisor, "403", "403"},
		{"the last page, too early", near, "/setup/done", "", supervisor, "/setup", "done a-supervisor"},
		{"a supervisor", near, "/setup/hall", "", supervisor, "page hall", "/setup/done"},
		{"an officer", near, "/setup/done", "", tokens[queue.Officer], "/setup", "/sign-in?next=/setup/done"},
		{"a board", near, "/setup/code", "", "token-board", "page code", "/sign-in?next=/setup/done"},
		{"the browser that made it", near, "/setup", supervisor, "", "page ", "/setup/done"},
		{"a cookie that opens nothing", near, "/setup", "guess", "", "page ", "/sign-in?next=/setup/done"},
		{"a cookie that opens less", near, "/setup", tokens[queue.Officer], "", "page ", "/sign-in?next=/setup/done"},
	} {
		for _, wanted := range []bool{true, false} {
			f := &fakeSetup{wanted: wanted}
			h := newHouse(t, func(o *httpapi.Options) { o.Setup = f })
			header := map[string]string{}
			if c.cookie != "" {
				header["Cookie"] = setup.Cookie + "=" + c.cookie
			}
			w := h.open(c.path, c.token, c.from, header)
			got := w.Header().Get("Location")
			switch {
			case len(f.served) == 1:
				got = f.served[0]
			case got == "":
				got = http.StatusText(w.Code)
				if w.Code == http.StatusForbidden {
					got = "403"
				}
			}
			want := c.after
			if wanted {
				want = c.before
			}
			if got != want {
				t.Errorf("%s, wanted %v: got %q, want %q", c.name, wanted, got, want)
			}
			signed := strings.Contains(strings.Join(w.Result().Header["Set-Cookie"], ";"), "motcua_access="+supervisor)
			if signed != (!wanted && c.name == "the browser that made it") {
				t.Errorf("%s, wanted %v: signed in %v", c.name, wanted, signed)
			}
		}
	}
}

// TestPagesBeforeThereIsACentre: all say so, to screens too, and none is an
// error; the API keeps its own answer.
func TestPagesBeforeThereIsACentre(t *testing.T) {
	f := &fakeSetup{wanted: true}
	h := newHouse(t, func(o *httpapi.Options) {
		o.Setup = f
		o.Panel = func(*queue.State, queue.PointID) httpapi.PanelView { return httpapi.PanelView{} }
	})
	for path, want := range map[string]httpapi.UnreadyData{
		"/":                          {May: true, Here: "http://192.168.1.2:8480/setup"},
		"/display":                   {Wall: true, May: true, Here: "http://192.168.1.2:8480/setup"},
		"/display/basic":             {Wall: true, May: true, Here: "http://192.168.1.2:8480/setup"},
		"/panel?screen=door":         {Wall: true, May: true, Here: "http://192.168.1.2:8480/setup"},
		"/display?screen=hall":       {Wall: true, May: true, Here: "http://192.168.1.2:8480/setup"},
		"/console":                   {May: true, Here: "http://192.168.1.2:8480/setup"},
		"/console/3":                 {May: true, Here: "http://192.168.1.2:8480/setup"},
		"/display?point=annex&a=b&c": {Wall: true, May: true, Here: "http://192.168.1.2:8480/setup"},
	} {
		w := h.open(path, "", "", map[string]string{"Accept-Language": "en"})
		lang := "en"
		if want.Wall {
			lang = "vi" // whatever its browser would like
		}
		if p := h.web.last(t); w.Code != http.StatusOK || p.Face != "unready" || p.Data != want || p.Lang != lang {
			t.Errorf("%s: %d %+v", path, w.Code, p)
		}
	}
	h.open("/", "", "203.0.113.7:1", nil)
	if p := h.web.last(t); p.Data != (httpapi.UnreadyData{Here: "http://192.168.1.2:8480/setup"}) {
		t.Errorf("from afar: %+v", p.Data)
	}
	f.wanted = false
	h.open("/display", "", "", nil)
	if p := h.web.last(t); p.Face != "wall" {
		t.Errorf("once there is a centre the wall is %+v", p)
	}
}
