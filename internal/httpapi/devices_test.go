package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"motcua/internal/auth"
	"motcua/internal/doorway"
	"motcua/internal/httpapi"
	"motcua/printer"
	"motcua/queue"
)

// fakeDevices keeps devices in memory, as a daemon does beside its journal.
type fakeDevices struct {
	auth *auth.Authenticator
	list []httpapi.Device
}

func (f *fakeDevices) Devices(context.Context) ([]httpapi.Device, error) { return f.list, nil }

func (f *fakeDevices) AddDevice(_ context.Context, x auth.Access, by string) error {
	if err := f.auth.Add(x); err != nil {
		return err
	}
	f.list = append(f.list, httpapi.Device{Name: x.Name, Role: x.Role, Counter: x.Counter, Point: x.Point, PairedAt: monday, PairedBy: by})
	return nil
}

func (f *fakeDevices) RevokeDevice(_ context.Context, name, _ string) (bool, error) {
	f.list = slices.DeleteFunc(f.list, func(d httpapi.Device) bool { return d.Name == name })
	return f.auth.Remove(name), nil
}

// fakeDoors remembers what a kiosk said, and answers with err.
type fakeDoors struct {
	asked []string
	err   error
}

func (f *fakeDoors) Ask(_ context.Context, name string, q doorway.Question) (doorway.Answer, error) {
	f.asked = append(f.asked, name+" is "+q.Health.Printer)
	return doorway.Answer{Languages: []string{"vi"}, Categories: []queue.CategoryID{"A"}, Slips: []doorway.Slip{}}, f.err
}

func (f *fakeDoors) Moved(_ context.Context, name, key string, id queue.TicketID, s doorway.Step) error {
	f.asked = append(f.asked, fmt.Sprint(name, " ", key, " ", id, " ", s.Order, " ", s.To))
	return f.err
}

func (f *fakeDoors) Refused(_ context.Context, r doorway.Refused) (printer.Slip, error) {
	return printer.Slip{Category: string(r.Category), Notice: r.Reason}, f.err
}

// withDevices gives the house paired devices and kiosks at other doors.
func withDevices(o *httpapi.Options) {
	o.NewRoll = func(string) error { return nil }
	a, err := auth.NewAuthenticator(houseAccess(), o.Demo != nil)
	if err != nil {
		panic(err)
	}
	o.Auth, o.Devices, o.Doors = a, &fakeDevices{auth: a}, &fakeDoors{}
}

// wait lets a device wait, and returns its code and id.
func (h *house) wait(t *testing.T, from, token string) doorway.PairingShown {
	t.Helper()
	w := h.send(request{method: "POST", path: "/api/v1/pairings", from: from + ":40000", body: `{"role":"kiosk","token_sha256":"` + auth.TokenHash(token) + `"}`})
	if w.Code != http.StatusCreated {
		t.Fatalf("ask for a code: %d %s", w.Code, w.Body)
	}
	return decode[doorway.PairingShown](t, w.Body.Bytes())
}

func (h *house) pair(code, more string) (int, string) {
	w := h.send(request{method: "POST", path: "/api/v1/devices", role: queue.Supervisor, body: `{"code":"` + code + `","role":"kiosk","name":"door-2"` + more + `}`})
	return w.Code, w.Body.String()
}

func TestPairingByCode(t *testing.T) {
	h := newHouse(t, withDevices)
	ask := func(token string) int {
		return h.send(request{method: "POST", path: "/api/v1/kiosk/ask", token: token, body: `{"boot":"0000-boot","health":{"printer":"ok"}}`}).Code
	}
	state := func(id string) string {
		w := h.send(request{method: "GET", path: "/api/v1/pairings/" + id})
		s := decode[doorway.PairingState](t, w.Body.Bytes())
		return s.State + " " + s.Name
	}
	p := h.wait(t, "192.168.1.30", "the kiosk's own secret")
	if got := state(p.ID); got != "waiting " || ask("the kiosk's own secret") != 401 {
		t.Errorf("before: %q, %d", got, ask("the kiosk's own secret"))
	}
	var list httpapi.DeviceList
	look := func() {
		list = decode[httpapi.DeviceList](t, h.send(request{method: "GET", path: "/api/v1/devices", role: queue.Supervisor}).Body.Bytes())
	}
	look()
	if len(list.Waiting) != 1 || list.Waiting[0].From != "192.168.1.30" || len(list.Devices) != 0 {
		t.Errorf("list %+v", list)
	}
	if w := h.send(request{method: "GET", path: "/api/v1/devices", role: queue.Supervisor}); strings.Contains(w.Body.String(), p.Code) {
		t.Error("the list shows the code, which is to be read off the device")
	}
	for more, want := range map[string]string{
		`,"counter":"3"`:   "bound",
		`,"point":"x"`:     "place",
		`,"name":"cửa hai`: "",
	} {
		code, body := h.pair(p.Code, more)
		if code < 400 || code >= 500 || !strings.Contains(body, `"reason":"`+want) {
			t.Errorf("%s: %d %s", more, code, body)
		}
	}
	if code, body := h.pair(p.Code, `,"point":"main"`); code != 201 {
		t.Fatalf("pair: %d %s", code, body)
	}
	if got := state(p.ID); got != "paired door-2" || ask("the kiosk's own secret") != 200 {
		t.Errorf("after: %q, %d", got, ask("the kiosk's own secret"))
	}
	look()
	if len(list.Waiting) != 0 || len(list.Devices) != 1 || list.Devices[0].PairedBy != "a-supervisor" || list.Devices[0].Seen.IsZero() {
		t.Errorf("list %+v", list)
	}
	if code, body := h.pair(p.Code, ""); code != 404 || !strings.Contains(body, "pairing_code") {
		t.Errorf("the code once more: %d %s", code, body)
	}
	second := h.wait(t, "192.168.1.31", "another secret")
	if code, body := h.pair(second.Code, ""); code != 409 || !strings.Contains(body, "device_taken") {
		t.Errorf("the name once more: %d %s", code, body)
	}
	// A number is taken at its own point and in its own name.
	if w := h.send(request{method: "POST", path: "/api/v1/tickets", token: "the kiosk's own secret", body: `{"category":"A"}`}); w.Code != 201 || h.engine.last().Actor != "door-2" {
		t.Errorf("issue: %d %s", w.Code, w.Body)
	}
	revoke := func() int {
		return h.send(request{method: "DELETE", path: "/api/v1/devices/door-2", role: queue.Supervisor}).Code
	}
	if code := revoke(); code != 204 || ask("the kiosk's own secret") != 401 {
		t.Errorf("revoked: %d, and it may ask: %d", code, ask("the kiosk's own secret"))
	}
	if code := revoke(); code != 404 {
		t.Errorf("revoked twice: %d", code)
	}
	if w := h.send(request{method: "DELETE", path: "/api/v1/pairings", role: queue.Supervisor}); w.Code != 204 || state(second.ID) != "over " {
		t.Errorf("dismiss: %d %q", w.Code, state(second.ID))
	}
	if s := h.log.String(); strings.Contains(s, p.Code) || strings.Contains(s, "secret") {
		t.Errorf("the log holds a code or a secret:\n%s", s)
	}
}

func TestPairingIsLimited(t *testing.T) {
	h := newHouse(t, withDevices)
	var last doorway.PairingShown
	for n := range 3 {
		last = h.wait(t, fmt.Sprint("192.168.1.", 30+n), fmt.Sprint(n))
	}
	w := h.send(request{method: "POST", path: "/api/v1/pairings", from: "192.168.1.40:1", body: `{"role":"kiosk","token_sha256":"` + auth.TokenHash("x") + `"}`})
	if w.Code != 503 || !strings.Contains(w.Body.String(), `"pairings"`) {
		t.Errorf("the fourth: %d %s", w.Code, w.Body)
	}
	wrong := fmt.Sprintf("%06d", (atoi(last.Code)+500_000)%1_000_000)
	for range auth.CodeTries {
		if code, _ := h.pair(wrong, ""); code != 404 {
			t.Fatalf("a wrong code: %d", code)
		}
	}
	if code, body := h.pair(last.Code, ""); code != 404 {
		t.Errorf("the right code after five wrong ones: %d %s", code, body)
	}
}

func atoi(s string) (n int) {
	for _, r := range s {
		n = 10*n + int(r-'0')
	}
	return n
}

func TestKioskSteps(t *testing.T) {
	doors := &fakeDoors{}
	h := newHouse(t, withDevices, func(o *httpapi.Options) { o.Doors = doors })
	step := func() (int, string) {
		w := h.send(request{method: "POST", path: "/api/v1/kiosk/slips/7", role: queue.Kiosk, body: `{"boot":"0000-boot","order":9,"to":"sending"}`,
			header: map[string]string{"Idempotency-Key": "0000-boot/slip/1"}})
		return w.Code, w.Body.String()
	}
	if code, body := step(); code != 204 || len(doors.asked) != 1 || doors.asked[0] != "a-kiosk 0000-boot/slip/1 7 9 sending" {
		t.Errorf("%d %s %q", code, body, doors.asked)
	}
	doors.err = &queue.Error{Code: queue.Conflict, Reason: httpapi.WhyWithdrawn, Msg: "gone", Hint: "Do not print it."}
	if code, body := step(); code != 409 || !strings.Contains(body, `"withdrawn"`) {
		t.Errorf("%d %s", code, body)
	}
	doors.err = nil
	w := h.send(request{method: "POST", path: "/api/v1/kiosk/refusals", role: queue.Kiosk, body: `{"category":"A","code":"closed","reason":"day_closed"}`})
	if slip := decode[printer.Slip](t, w.Body.Bytes()); w.Code != 200 || slip.Category != "A" || slip.Notice != "day_closed" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
