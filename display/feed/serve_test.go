package feed_test

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"motcua/display/feed"
)

func TestAPeerIsItsAddressOrItsNet(t *testing.T) {
	for remote, want := range map[string]string{
		"192.168.1.7:5000":           "192.168.1.7",
		"[::ffff:192.168.1.7]:5000":  "192.168.1.7",
		"[2001:db8:1:2:3:4:5:6]:443": "2001:db8:1:2::/64",
		"[fe80::1%eth0]:443":         "fe80::/64",
		"[::1]:443":                  "::/64",
		"@":                          "@", // a unix socket
	} {
		if got := feed.RemoteAddress(&http.Request{RemoteAddr: remote}); got != want {
			t.Errorf("%s counts as %s, want %s", remote, got, want)
		}
	}
}

// Over TLS a page of the same host that came in clear is a foreign one.
func TestOverTLSOnlyHTTPSIsTheSameOrigin(t *testing.T) {
	o := newOwner(t)
	hub := newHub(t, o.options(), o.source)
	t.Cleanup(func() { hub.Close() })
	for origin, foreign := range map[string]bool{
		"https://motcua.local":     false,
		"https://motcua.local:443": false,
		"http://motcua.local":      true,
	} {
		r := httptest.NewRequest(http.MethodGet, "https://motcua.local/feed?topic=board", nil)
		r.TLS = &tls.ConnectionState{}
		for k, v := range map[string]string{
			"Origin": origin, "Connection": "Upgrade", "Upgrade": "websocket",
			"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
		} {
			r.Header.Set(k, v)
		}
		w := httptest.NewRecorder()
		hub.ServeHTTP(w, r)
		// A recorder cannot be hijacked, so whoever passes ends with 500.
		if got := w.Code == http.StatusForbidden; got != foreign {
			t.Errorf("origin %s: status %d, foreign should be %v", origin, w.Code, foreign)
		}
	}
	if s := hub.Stats(); s.Sockets != 0 {
		t.Errorf("places still taken: %+v", s)
	}
}

// wrapped is what a logging middleware puts round a writer.
type wrapped struct{ http.ResponseWriter }

func (w wrapped) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func TestUpgradeBehindMiddleware(t *testing.T) {
	o := newOwner(t)
	hub := newHub(t, o.options(), o.source)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		hub.ServeHTTP(wrapped{w}, r)
	}))
	t.Cleanup(func() { hub.Close(); srv.Close() })
	c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http")+"?topic=board",
		http.Header{"Origin": {srv.URL}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	(&peer{t: t, c: c}).expect("hello", "snap")
}

func TestOnlyGET(t *testing.T) {
	o := newOwner(t)
	hub := newHub(t, o.options(), o.source)
	t.Cleanup(func() { hub.Close() })
	w := httptest.NewRecorder()
	hub.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/feed?topic=board", nil))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET" {
		t.Errorf("POST: %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

func TestBadWiringPanicsAtOnce(t *testing.T) {
	o := newOwner(t)
	for _, pattern := range []string{"", "Board", "board", "board:", "board:*:*", "board:hall", "x y", strings.Repeat("a", 33)} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("pattern %q was taken", pattern)
				}
			}()
			h, err := feed.NewHub(o.options())
			if err != nil {
				t.Fatal(err)
			}
			h.Latest("board", o.source)
			h.Stream(pattern, o.source)
		}()
	}
}
