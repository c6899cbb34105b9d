package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"motcua/internal/config"
	"motcua/queue"
)

// centreAt is a motcuad of which only the centre can be asked.
type centreAt struct {
	mu   sync.Mutex    // one request at a time
	have *queue.Config // nil: none yet
	put  func(http.ResponseWriter)
	keys []string // of what was sent
	sent []queue.Config
}

func (c *centreAt) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock() // a repeated request comes by another connection
	defer c.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodGet {
		if r.URL.Path == "/api/v1/appointments" {
			io.WriteString(w, `{"appointments":[{"code":"A-001"},{"code":"A-002","unkept":true}]}`)
			return
		}
		if c.have == nil {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusConflict)
			io.WriteString(w, `{"title":"The centre is not set up yet","status":409,"code":"closed","reason":"not_configured"}`)
			return
		}
		json.NewEncoder(w).Encode(c.have)
		return
	}
	var cfg queue.Config
	json.NewDecoder(r.Body).Decode(&cfg)
	c.keys, c.sent = append(c.keys, r.Header.Get("Idempotency-Key")), append(c.sent, cfg)
	c.put(w)
}

func (c *centreAt) importWard(t *testing.T) (status int, out, errs string) {
	t.Helper()
	s := httptest.NewServer(c)
	defer s.Close()
	file := filepath.Join(t.TempDir(), "ward.toml")
	if err := os.WriteFile(file, config.Ward(), 0o600); err != nil {
		t.Fatal(err)
	}
	var o, e bytes.Buffer
	status = (&Main{Stdin: strings.NewReader(""), Stdout: &o, Stderr: &e}).Run(t.Context(), []string{"centre", "import", file, "--url", s.URL, "--language", "en"})
	return status, o.String(), e.String()
}

func TestImportCentre(t *testing.T) {
	ward, err := config.ParseCentre(config.Ward())
	if err != nil {
		t.Fatal(err)
	}
	broken := func(w http.ResponseWriter) { panic(http.ErrAbortHandler) }
	other := ward
	other.Routing.Window = 9
	t.Run("first centre", func(t *testing.T) {
		c := &centreAt{put: func(w http.ResponseWriter) { io.WriteString(w, `{"epoch":"e","seq":1}`) }}
		status, out, errs := c.importWard(t)
		if status != exitDone || errs != "" || !strings.HasPrefix(out, "applied: centre ward; ") || !strings.Contains(out, "no longer keep, to be moved or cancelled: A-002\n") {
			t.Errorf("%d %s%s", status, out, errs)
		}
		if len(c.sent) != 1 || len(config.Diff(&ward, &c.sent[0])) > 0 {
			t.Errorf("sent %+v", c.sent)
		}
	})
	t.Run("as it is", func(t *testing.T) {
		c := &centreAt{have: &ward}
		if status, out, _ := c.importWard(t); status != exitDone || !strings.HasPrefix(out, "nothing to change: ") || len(c.sent) > 0 {
			t.Errorf("%d %s, %d sent", status, out, len(c.sent))
		}
	})
	t.Run("what drains", func(t *testing.T) {
		c := &centreAt{have: &other, put: func(w http.ResponseWriter) {
			io.WriteString(w, `{"epoch":"e","seq":9,"later":{"routing":{}},"draining":{"points":["old"],"counters":["8","9"]}}`)
		}}
		status, out, errs := c.importWard(t)
		want := "routing\n  ~ window: 9 → 5\n"
		if status != exitDone || !strings.HasPrefix(out, want) || !strings.HasSuffix(out, "still in use, and gone at the next opening: point old, counter 8, counter 9\nthe order of calls changes at the next opening\nappointments the centre can no longer keep, to be moved or cancelled: A-002\n") {
			t.Errorf("%d %s%s", status, out, errs)
		}
	})
	t.Run("an answer that is lost", func(t *testing.T) {
		c := &centreAt{have: &other}
		c.put = func(w http.ResponseWriter) {
			if len(c.keys) == 1 {
				broken(w)
			}
			io.WriteString(w, `{"epoch":"e","seq":9}`)
		}
		if status, out, errs := c.importWard(t); status != exitDone || len(c.keys) != 2 || c.keys[0] != c.keys[1] || c.keys[0] == "" {
			t.Errorf("%d %s%s, keys %q", status, out, errs, c.keys)
		}
	})
	t.Run("no answer at all", func(t *testing.T) {
		c := &centreAt{have: &other, put: broken}
		if status, _, errs := c.importWard(t); status != exitCannot || !strings.Contains(errs, "it may have been applied or not; import it again") {
			t.Errorf("%d %s", status, errs)
		}
	})
	t.Run("refused", func(t *testing.T) {
		c := &centreAt{have: &other, put: func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "application/problem+json")
			w.WriteHeader(http.StatusForbidden)
			io.WriteString(w, `{"title":"This account may not do that","status":403,"code":"denied","reason":"role","hint":"Ask somebody who may."}`)
		}}
		if status, _, errs := c.importWard(t); status != exitCannot || !strings.Contains(errs, "motcuad refused it: This account may not do that\nwhat to do: Ask somebody who may.") {
			t.Errorf("%d %s", status, errs)
		}
	})
}
