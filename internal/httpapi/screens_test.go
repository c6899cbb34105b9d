package httpapi_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"motcua/internal/httpapi"
)

func TestScreens(t *testing.T) {
	now := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	drew := map[string]time.Time{"hall": now.Add(-7 * time.Second)}
	h := newHouse(t, func(o *httpapi.Options) {
		o.Now = func() time.Time { return now }
		o.Screen = func(name string) time.Time { return drew[name] }
		o.PerSecond, o.Burst = 1e6, 1e6
	})
	said := func(name string) string {
		t.Helper()
		res := h.send(request{method: "GET", path: "/api/v1/screens/" + name})
		if res.Code != http.StatusOK {
			t.Fatalf("%s: %d %s", name, res.Code, res.Body)
		}
		return strings.TrimSpace(res.Body.String())
	}
	for name, want := range map[string]string{
		"hall":   `{"screen":"hall","silent_seconds":7}`,
		"nobody": `{"screen":"nobody"}`,
	} {
		if got := said(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}

	// A page without scripts is heard of when it is fetched, under a name that
	// may be one; of more than are remembered the oldest is forgotten.
	fetch := func(screen string) { h.send(request{method: "GET", path: "/display/basic?screen=" + screen}) }
	fetch("tv")
	fetch("no%20name")
	now = now.Add(3 * time.Second)
	if got := said("tv"); got != `{"screen":"tv","silent_seconds":3}` {
		t.Error(got)
	}
	for i := range 256 {
		fetch(fmt.Sprint("tv", i))
	}
	if got := said("tv"); got != `{"screen":"tv"}` {
		t.Errorf("after 256 others: %s", got)
	}
	if got := said("tv255"); got != `{"screen":"tv255","silent_seconds":0}` {
		t.Error(got)
	}
	if res := h.send(request{method: "GET", path: "/api/v1/screens/no%20name"}); res.Code != http.StatusUnprocessableEntity {
		t.Errorf("a name with a space: %d", res.Code)
	}
}
