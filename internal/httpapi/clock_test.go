package httpapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"motcua/internal/httpapi"
	"motcua/queue"
)

// fakeClock is a clock nobody vouches for until somebody does.
type fakeClock struct{ ok bool }

func (c *fakeClock) OK() bool { return c.ok }
func (c *fakeClock) Confirm() { c.ok = true }

// TestConfirmClock: a supervisor vouches for the machine's clock by saying what
// time it is; a clock that shows another time is not believed.
func TestConfirmClock(t *testing.T) {
	clock := &fakeClock{}
	now := time.Date(2026, 11, 23, 7, 30, 0, 0, queue.Zone)
	h := newHouse(t, func(o *httpapi.Options) { o.Clock, o.Now = clock, func() time.Time { return now } })
	confirm := func(role queue.Role, at time.Time) int {
		return h.send(request{method: "POST", path: "/api/v1/clock/confirm", role: role, body: fmt.Sprintf(`{"at":%q}`, at.Format(time.RFC3339))}).Code
	}
	if got := confirm(queue.Officer, now); got != http.StatusForbidden || clock.ok {
		t.Errorf("an officer: %d", got)
	}
	for _, at := range []time.Time{now.Add(-6 * time.Minute), now.Add(6 * time.Minute), time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if got := confirm(queue.Supervisor, at); got != http.StatusConflict || clock.ok {
			t.Errorf("at %v: %d", at, got)
		}
	}
	if got := h.send(request{method: "POST", path: "/api/v1/clock/confirm", role: queue.Supervisor, body: `{"at":"noon"}`}).Code; got != http.StatusUnprocessableEntity {
		t.Errorf("no time: %d", got)
	}
	if got := confirm(queue.Supervisor, now.Add(3*time.Minute)); got != http.StatusOK || !clock.ok {
		t.Errorf("confirmed: %d, trusted %t", got, clock.ok)
	}
	var v httpapi.ClockView
	w := h.send(request{method: "GET", path: "/api/v1/clock", role: queue.Officer})
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil || !v.Trusted || !v.Now.Equal(now) {
		t.Errorf("%s: %v", w.Body, err)
	}
	if !strings.Contains(h.log.String(), "clock confirmed") {
		t.Error("nobody can see who vouched for the clock")
	}
}
