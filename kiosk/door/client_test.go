package door_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"motcua/kiosk/door"
	"motcua/queue"
)

// A certificate nobody vouches for is believed by its fingerprint, and another
// one is not, whoever vouches for it.
func TestFingerprint(t *testing.T) {
	asked := 0
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		w.Header().Set("Content-Type", "application/json")
		w.Write([]byte("{}"))
	}))
	defer s.Close()
	s.Config.ErrorLog = nil
	right := sha256.Sum256(s.Certificate().Raw)
	wrong := sha256.Sum256([]byte("another"))
	for _, c := range []struct {
		name        string
		fingerprint []byte
		ok          bool
	}{{"the right one", right[:], true}, {"another one", wrong[:], false}, {"none, and nobody vouches for it", nil, false}} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		before := asked
		err := door.NewClient(door.ClientOptions{Base: s.URL, Token: "secret", Fingerprint: c.fingerprint}).Check(ctx)
		cancel()
		if (err == nil) != c.ok || (asked > before) != c.ok {
			t.Errorf("%s: %v, %d requests", c.name, err, asked-before)
		}
		var other *door.FingerprintError
		if errors.As(err, &other) != (c.fingerprint != nil && !c.ok) || other != nil && string(other.Got) != string(right[:]) {
			t.Errorf("%s: %v does not show the certificate's fingerprint", c.name, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	for body, want := range map[string]error{
		`{"code":"denied","reason":"sign_in","status":401}`:       door.ErrNotPaired,
		`{"code":"denied","reason":"role","status":403}`:          door.ErrNotPaired,
		`{"code":"denied","reason":"not_paired","status":403}`:    door.ErrNotPaired,
		`{"code":"conflict","reason":"other_kiosk","status":409}`: door.ErrOtherKiosk,
		`{"code":"closed","reason":"day_closed","status":409}`:    &queue.Error{Code: queue.Closed, Reason: queue.WhyDayClosed},
	} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/problem+json")
			status := 409
			if strings.Contains(body, "401") {
				status = 401
			}
			w.WriteHeader(status)
			w.Write([]byte(body))
		}))
		err := door.NewClient(door.ClientOptions{Base: s.URL}).Check(t.Context())
		s.Close()
		if !errors.Is(err, want) {
			t.Errorf("%s: %v, want %v", body, err, want)
		}
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "a router's page", 404) }))
	defer s.Close()
	if err := door.NewClient(door.ClientOptions{Base: s.URL}).Check(t.Context()); err == nil || !strings.Contains(err.Error(), "check centre in kiosk.toml") {
		t.Errorf("somebody else's page: %v", err)
	}
}
