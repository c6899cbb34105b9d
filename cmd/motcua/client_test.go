package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What the daemon is asked is exactly what the caller named.
func TestCallSends(t *testing.T) {
	var got *http.Request
	var body string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		got, body = r, string(b)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"seq":7}`)
	}))
	defer s.Close()

	answer, refused, err := caller{s.URL + "/", "secret", "en"}.call(t.Context(), http.MethodPost, "/api/v1/centre", "k-1", map[string]int{"a": 1})
	if err != nil || refused != nil || string(answer) != `{"seq":7}` {
		t.Fatalf("got %s, %v, %v", answer, refused, err)
	}
	if got.Method != http.MethodPost || got.URL.Path != "/api/v1/centre" || body != `{"a":1}` {
		t.Errorf("got %s %s %s", got.Method, got.URL, body)
	}
	for name, want := range map[string]string{
		"Authorization": "Bearer secret", "Idempotency-Key": "k-1", "Content-Type": "application/json", "Accept-Language": "en",
	} {
		if v := got.Header.Get(name); v != want {
			t.Errorf("%s: %q, want %q", name, v, want)
		}
	}

	if _, _, err := (caller{s.URL, "", "en"}).call(t.Context(), http.MethodGet, "/api/v1/centre", "", nil); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"Authorization", "Idempotency-Key", "Content-Type"} {
		if v := got.Header.Values(name); v != nil {
			t.Errorf("%s is sent without being asked for: %q", name, v)
		}
	}
	if body != "" {
		t.Errorf("a body where none was given: %q", body)
	}
	if _, _, err := (caller{s.URL, "", "en"}).call(t.Context(), http.MethodPut, "/", "", json.RawMessage(`[1, 2]`)); err != nil || body != `[1,2]` {
		t.Errorf("raw JSON: %q, %v", body, err)
	}
}

func TestCallAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		status       int
		kind, body   string
		refused, err string // parts of the problem's and the error's text; "" when there must be none
	}{
		"no body":         {status: http.StatusNoContent},
		"refusal":         {status: 409, kind: "application/problem+json; charset=utf-8", body: `{"title":"T","detail":"D","code":"closed","reason":"holiday","hint":"H","errors":[{"field":"f","message":"m"}]}`, refused: "motcuad refused it: D\n  f: m\nwhat to do: H"},
		"bare refusal":    {status: 401, kind: "application/problem+json", body: `{"title":"T","code":"denied"}`, refused: "motcuad refused it: T"},
		"somebody else's": {status: 404, kind: "text/html", body: "<h1>no</h1>", err: "answered 404 Not Found, and not as a motcuad does"},
		"no problem":      {status: 500, kind: "application/problem+json", body: `[]`, err: "answered 500"},
		"redirect":        {status: 302, kind: "text/html", err: "answered 302 Found"},
		"a page":          {status: 200, kind: "text/html", body: "<p>", err: "without JSON"},
	} {
		t.Run(name, func(t *testing.T) {
			var asked int
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				asked++
				w.Header().Set("Content-Type", c.kind)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(c.status)
				io.WriteString(w, c.body)
			}))
			defer s.Close()
			answer, refused, err := caller{s.URL, "secret", "en"}.call(t.Context(), http.MethodPost, "/", "k", nil)
			if (refused != nil) != (c.refused != "") || refused != nil && !strings.Contains(refused.Error(), c.refused) {
				t.Errorf("problem %v, want %q", refused, c.refused)
			}
			if (err != nil) != (c.err != "") || err != nil && !strings.Contains(err.Error(), c.err) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			if (refused != nil || err != nil) && answer != nil {
				t.Errorf("an answer besides: %s", answer)
			}
			if asked != 1 {
				t.Errorf("asked %d times", asked)
			}
		})
	}
}

func TestCallNowhere(t *testing.T) {
	for _, base := range []string{"", "127.0.0.1:8480", "ftp://a", "http://", "http://a:b@c", "http://a/b", "http://a?x=1"} {
		if _, _, err := (caller{base, "", "en"}).call(t.Context(), http.MethodGet, "/", "", nil); err == nil || !strings.Contains(err.Error(), "--url is no address") {
			t.Errorf("%q: %v", base, err)
		}
	}
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	if _, _, err := (caller{s.URL, "secret", "en"}).call(t.Context(), http.MethodGet, "/", "", nil); err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("a stopped server: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := (caller{s.URL, "", "en"}).call(ctx, http.MethodGet, "/", "", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled call: %v", err)
	}
}

func TestTokenFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	for text, want := range map[string]string{
		"abc": "abc", "abc\n": "abc", "\ufeffabc\r\nsecond line\n": "abc", "": "", "\n": "", "a b": "", "mã": "",
	} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := daemon{TokenFile: path}.token()
		if got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", text, got, err)
		}
		if err != nil && text != "" && text != "\n" && strings.Contains(err.Error(), text) {
			t.Errorf("%q: the error shows it: %v", text, err)
		}
	}
	if got, err := (daemon{}).token(); got != "" || err != nil {
		t.Errorf("without a file: %q, %v", got, err)
	}
	if _, err := (daemon{TokenFile: path + "-none"}).token(); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}
