package auth_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"motcua/internal/auth"
	"motcua/queue"
)

func ExampleLinks() {
	l := auth.Links{Centre: "demo", Key: make([]byte, auth.KeySize), Base: "https://so.example.vn"}
	ref := queue.Ref{1, 2, 3}
	url := l.URL("2026-11-23", ref)
	fmt.Println(url, len(url))
	_, token, _ := strings.Cut(url, "/t/2026-11-23/")
	got, err := l.Verify("2026-11-23", token)
	fmt.Println(got == ref, err)
	_, err = l.Verify("2026-11-24", token)
	fmt.Println(err)
	// Output:
	// https://so.example.vn/t/2026-11-23/AQIDAAAAAAAAAAAAAAAAAL84NmrAF9t2SdsbLRCHfr0 78
	// true <nil>
	// ticket link is not valid
}

var links = auth.Links{Centre: "demo", Key: []byte(strings.Repeat("k", auth.KeySize)), Base: "https://so.example.vn/"}

const day = queue.Day("2026-11-23")

func TestEveryFlippedBitIsRefused(t *testing.T) {
	ref := auth.NewRef()
	good, err := base64.RawURLEncoding.DecodeString(links.Token(day, ref))
	if err != nil || len(good) != 32 {
		t.Fatalf("token has %d bytes: %v", len(good), err)
	}
	for i := range len(good) * 8 {
		b := bytes.Clone(good)
		b[i/8] ^= 1 << (i % 8)
		if _, err := links.Verify(day, base64.RawURLEncoding.EncodeToString(b)); !errors.Is(err, auth.ErrBadLink) {
			t.Errorf("bit %d flipped: %v", i, err)
		}
	}
}

func TestRandomTokensAreRefused(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, 32)
	for range 100_000 {
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		if _, err := links.Verify(day, base64.RawURLEncoding.EncodeToString(b)); err == nil {
			t.Fatalf("%x opens a ticket", b)
		}
	}
}

func TestLinksOfOthersAreRefused(t *testing.T) {
	ref := auth.NewRef()
	token := links.Token(day, ref)
	if got, err := links.Verify(day, token); err != nil || got != ref {
		t.Fatalf("own link: %v", err)
	}
	last := strings.IndexByte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", token[42])
	sameBytes := token[:42] + string("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"[last|1])
	other := links
	other.Centre = "other"
	strange := links
	strange.Key = bytes.Repeat([]byte("x"), auth.KeySize)
	for name, f := range map[string]func() (queue.Ref, error){
		"another day":      func() (queue.Ref, error) { return links.Verify("2026-11-24", token) },
		"no day":           func() (queue.Ref, error) { return links.Verify("", token) },
		"a wrong day":      func() (queue.Ref, error) { return links.Verify("2026-02-30", links.Token("2026-02-30", ref)) },
		"another centre":   func() (queue.Ref, error) { return other.Verify(day, token) },
		"another key":      func() (queue.Ref, error) { return strange.Verify(day, token) },
		"empty":            func() (queue.Ref, error) { return links.Verify(day, "") },
		"too short":        func() (queue.Ref, error) { return links.Verify(day, token[:42]) },
		"too long":         func() (queue.Ref, error) { return links.Verify(day, token+"A") },
		"padded":           func() (queue.Ref, error) { return links.Verify(day, token+"=") },
		"a line end":       func() (queue.Ref, error) { return links.Verify(day, token[:20]+"\n"+token[20:]) },
		"standard base64":  func() (queue.Ref, error) { return links.Verify(day, "+"+token[1:]) },
		"unused bits used": func() (queue.Ref, error) { return links.Verify(day, sameBytes) },
	} {
		if got, err := f(); !errors.Is(err, auth.ErrBadLink) || got != (queue.Ref{}) {
			t.Errorf("%s: %v %v", name, got, err)
		}
	}
}

func TestURL(t *testing.T) {
	ref := auth.NewRef()
	long := auth.Links{Centre: "c", Key: links.Key, Base: "https://" + strings.Repeat("a", 41)}
	if u := long.URL(day, ref); len(u) != 106 {
		t.Errorf("the longest link has %d bytes, a QR code of version 6-M holds 106", len(u))
	}
	if u := links.URL(day, ref); !strings.HasPrefix(u, "https://so.example.vn/t/") {
		t.Errorf("got %s", u)
	}
	if u := (auth.Links{Key: links.Key}).URL(day, ref); u != "" {
		t.Errorf("a centre without an address printed %s", u)
	}
}

func FuzzVerify(f *testing.F) {
	f.Add("2026-11-23", links.Token(day, queue.Ref{}))
	f.Add("", "")
	f.Fuzz(func(t *testing.T, d, token string) {
		if ref, err := links.Verify(queue.Day(d), token); err == nil && links.Token(queue.Day(d), ref) != token {
			t.Fatalf("%q opens the ticket of another token", token)
		}
	})
}

func newAuth(t *testing.T, demo bool) (a *auth.Authenticator, token string) {
	t.Helper()
	token, hash := auth.NewToken()
	_, other := auth.NewToken()
	a, err := auth.NewAuthenticator([]auth.Access{
		{Name: "tablet", Role: queue.Greeter, TokenSHA256: other},
		{Name: "desk-3", Role: queue.Officer, Counter: "3", TokenSHA256: hash},
	}, demo)
	if err != nil {
		t.Fatal(err)
	}
	return a, token
}

func TestIdentify(t *testing.T) {
	a, token := newAuth(t, false)
	demo, demoToken := newAuth(t, true)
	desk := auth.Principal{Actor: "desk-3", Role: queue.Officer, Counter: "3"}
	here := auth.Principal{Actor: "demo", Role: queue.Supervisor, Demo: true}
	for _, c := range []struct {
		name, from string
		a          *auth.Authenticator
		header     map[string]string
		want       auth.Principal
		ok         bool
	}{
		{"nobody", "192.168.1.9:1", a, nil, auth.Principal{}, true},
		{"bearer", "192.168.1.9:1", a, map[string]string{"Authorization": "Bearer " + token}, desk, true},
		{"bearer, small letters", "192.168.1.9:1", a, map[string]string{"Authorization": "bearer " + token}, desk, true},
		{"cookie", "192.168.1.9:1", a, map[string]string{"Cookie": auth.Cookie + "=" + token}, desk, true},
		{"another scheme", "192.168.1.9:1", a, map[string]string{"Authorization": "Basic " + token}, auth.Principal{}, false},
		{"unknown token", "192.168.1.9:1", a, map[string]string{"Authorization": "Bearer x"}, auth.Principal{}, false},
		{"empty token", "192.168.1.9:1", a, map[string]string{"Authorization": "Bearer "}, auth.Principal{}, false},
		{"the hash is no token", "192.168.1.9:1", a, map[string]string{"Authorization": "Bearer " + auth.TokenHash(token)}, auth.Principal{}, false},
		{"loopback outside a demonstration", "127.0.0.1:1", a, nil, auth.Principal{}, true},
		{"loopback in a demonstration", "127.0.0.1:1", demo, nil, here, true},
		{"loopback, IPv6", "[::1]:1", demo, nil, here, true},
		{"loopback, mapped", "[::ffff:127.0.0.1]:1", demo, nil, here, true},
		{"an old cookie does not lock the demonstration", "127.0.0.1:1", demo, map[string]string{"Cookie": auth.Cookie + "=old"}, here, true},
		{"a token counts more", "127.0.0.1:1", demo, map[string]string{"Authorization": "Bearer " + demoToken}, desk, true},
		{"from the network", "192.168.1.9:1", demo, nil, auth.Principal{}, true},
		{"forwarded", "192.168.1.9:1", demo, map[string]string{"X-Forwarded-For": "127.0.0.1", "Forwarded": "for=127.0.0.1", "X-Real-Ip": "127.0.0.1"}, auth.Principal{}, true},
		{"no address", "@", demo, nil, auth.Principal{}, true},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.from
		for k, v := range c.header {
			r.Header.Set(k, v)
		}
		if got, ok := c.a.Identify(r); got != c.want || ok != c.ok {
			t.Errorf("%s: got %+v %v", c.name, got, ok)
		}
	}
}

func TestBadAccess(t *testing.T) {
	_, err := auth.NewAuthenticator([]auth.Access{
		{Role: queue.Kiosk, TokenSHA256: auth.TokenHash("a")},
		{Name: "b", Role: "admin", TokenSHA256: auth.TokenHash("b")},
		{Name: "c", Role: queue.Kiosk, TokenSHA256: "c"},
	}, false)
	for _, want := range []string{"access 1: name", `role "admin"`, "access 3 (c)"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("misses %q in %v", want, err)
		}
	}
}

func TestPairedDevices(t *testing.T) {
	a, desk := newAuth(t, false)
	token, hash := auth.NewToken()
	door := auth.Access{Name: "door-2", Role: queue.Kiosk, Point: "main", TokenSHA256: hash}
	if _, ok := a.ByToken(token); ok {
		t.Fatal("a device that was never paired is let in")
	}
	if err := a.Add(door); err != nil {
		t.Fatal(err)
	}
	if !a.Seen("door-2").IsZero() {
		t.Error("it was seen before it asked")
	}
	want := auth.Principal{Actor: "door-2", Role: queue.Kiosk, Point: "main"}
	if got, ok := a.ByToken(token); !ok || got != want {
		t.Errorf("paired: got %+v %v", got, ok)
	}
	if a.Seen("door-2").IsZero() || !a.Seen("desk-3").IsZero() {
		t.Errorf("seen: door-2 %v, desk-3 %v", a.Seen("door-2"), a.Seen("desk-3"))
	}
	for name, x := range map[string]auth.Access{
		"twice":                         door,
		"the name of a configured one":  {Name: "desk-3", Role: queue.Kiosk, TokenSHA256: hash},
		"without a name":                {Role: queue.Kiosk, TokenSHA256: hash},
		"with a role that nobody knows": {Name: "door-3", Role: "admin", TokenSHA256: hash},
		"with a broken hash":            {Name: "door-3", Role: queue.Kiosk, TokenSHA256: "c"},
	} {
		if err := a.Add(x); err == nil || errors.Is(err, auth.ErrNameTaken) != (x.Name != "" && x.Name != "door-3") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if a.Remove("desk-3") || a.Remove("door-3") {
		t.Error("it removed what was not paired")
	}
	if !a.Remove("door-2") {
		t.Error("it did not remove the device")
	}
	if _, ok := a.ByToken(token); ok {
		t.Error("a revoked device is let in")
	}
	if _, ok := a.ByToken(desk); !ok {
		t.Error("the configured desk is kept out")
	}
}

// Devices come and go while everybody else asks.
func TestPairingBesideRequests(t *testing.T) {
	a, desk := newAuth(t, false)
	token, hash := auth.NewToken()
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 500 {
			if err := a.Add(auth.Access{Name: "door-2", Role: queue.Kiosk, TokenSHA256: hash}); err != nil {
				t.Error(err)
			}
			a.Seen("door-2")
			a.Remove("door-2")
		}
	}()
	for asked := 0; ; asked++ {
		select {
		case <-done:
			return
		default:
		}
		if _, ok := a.ByToken(desk); !ok {
			t.Fatalf("the desk was kept out at request %d", asked)
		}
		if p, ok := a.ByToken(token); ok && p.Actor != "door-2" {
			t.Fatalf("the device was taken for %+v", p)
		}
	}
}

func TestValidName(t *testing.T) {
	for name, want := range map[string]bool{"door-2": true, "a": true, "2.floor_left": true, strings.Repeat("a", 40): true,
		"": false, "-door": false, "cửa": false, "door 2": false, "panel:main": false, "a\n": false, strings.Repeat("a", 41): false} {
		if got := auth.ValidName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

// TestAProxyOnThisMachine: what it hands on comes over loopback and from anywhere.
func TestAProxyOnThisMachine(t *testing.T) {
	a, err := auth.NewAuthenticator(nil, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, header := range []string{"", "Forwarded", "Via", "X-Forwarded-For", "X-Real-IP"} {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		r.RemoteAddr = "127.0.0.1:50000"
		if header != "" {
			r.Header.Set(header, "127.0.0.1")
		}
		who, _ := a.Identify(r)
		if here := auth.FromLoopback(r); here != (header == "") || who.Demo != here {
			t.Errorf("with %q it is from this machine: %v, may everything: %v", header, here, who.Demo)
		}
	}
}
