package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"motcua/internal/web"
)

func newWeb(t *testing.T) *web.Web {
	t.Helper()
	w, err := web.New(web.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func render(t *testing.T, p web.Page) *httptest.ResponseRecorder {
	t.Helper()
	rec := httptest.NewRecorder()
	if err := newWeb(t).Render(rec, http.StatusOK, p); err != nil {
		t.Fatal(err)
	}
	return rec
}

func TestHeaders(t *testing.T) {
	rec := render(t, web.Page{Face: "home", Host: "192.168.1.5:8080"})
	for k, want := range map[string]string{
		"Content-Type":           "text/html; charset=utf-8",
		"Cache-Control":          "no-cache",
		"Referrer-Policy":        "same-origin",
		"X-Content-Type-Options": "nosniff",
	} {
		if got := rec.Header().Get(k); got != want {
			t.Errorf("%s = %q, want %q", k, got, want)
		}
	}
	csp := rec.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'self'", "ws://192.168.1.5:8080", "object-src 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("policy %q has no %q", csp, want)
		}
	}
	if strings.Contains(csp, "unsafe") {
		t.Errorf("policy %q allows inline code", csp)
	}
	bad := render(t, web.Page{Face: "home", Host: "x; script-src *"})
	if csp := bad.Header().Get("Content-Security-Policy"); strings.Contains(csp, "script-src") {
		t.Errorf("a host changed the policy: %q", csp)
	}
}

func TestUnknownFace(t *testing.T) {
	rec := httptest.NewRecorder()
	err := newWeb(t).Render(rec, http.StatusOK, web.Page{Face: "nothing"})
	if err == nil || !strings.Contains(err.Error(), "templates/nothing.html") {
		t.Errorf("error %v, want one that names the missing file", err)
	}
	if rec.Body.Len() != 0 {
		t.Error("something was written before the error")
	}
}

func TestAssets(t *testing.T) {
	w := newWeb(t)
	srv := httptest.NewServer(w.Assets())
	defer srv.Close()
	get := func(path, etag string) *http.Response {
		t.Helper()
		req, err := http.NewRequest("GET", srv.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if etag != "" {
			req.Header.Set("If-None-Match", etag)
		}
		resp, err := srv.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, resp.Body); err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		return resp
	}
	now := get("/a/"+w.Hash()+"/css/base.css", "")
	if now.StatusCode != 200 || !strings.Contains(now.Header.Get("Cache-Control"), "immutable") || now.Header.Get("Content-Type") != "text/css; charset=utf-8" {
		t.Errorf("present hash: %d %v", now.StatusCode, now.Header)
	}
	if again := get("/a/"+w.Hash()+"/css/base.css", now.Header.Get("ETag")); again.StatusCode != 304 {
		t.Errorf("same ETag: %d, want 304", again.StatusCode)
	}
	if old := get("/a/0123/css/base.css", ""); old.StatusCode != 200 || old.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("old hash: %d %v", old.StatusCode, old.Header)
	}
	for _, path := range []string{"/a/" + w.Hash() + "/", "/a/" + w.Hash() + "/css", "/a/x/../page.go", "/a/" + w.Hash() + "/nothing.js"} {
		if resp := get(path, ""); resp.StatusCode != 404 {
			t.Errorf("%s: %d, want 404", path, resp.StatusCode)
		}
	}
}

var inline = regexp.MustCompile(`(?i)<style|\sstyle=|\son[a-z]+=|<script(?:\s+[^>]*)?>[^<]`)

// noInline fails when a page holds code or style that its own policy would refuse.
func noInline(t *testing.T, html string) {
	t.Helper()
	for _, m := range inline.FindAllString(html, -1) {
		if !strings.Contains(m, `type="application/json"`) {
			t.Errorf("inline code or style: %q", m)
		}
	}
}
