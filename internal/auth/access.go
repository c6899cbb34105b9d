package auth

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"motcua/queue"
)

// Cookie is the name of the cookie a signed-in page carries its token in.
const Cookie = "motcua_access"

// Access is one entry of the machine's configuration: who may ask for what.
type Access struct {
	Name    string          `toml:"name"` // becomes the actor in the journal
	Role    queue.Role      `toml:"role"`
	Counter queue.CounterID `toml:"counter"` // officers only: bound to this counter
	Point   queue.PointID   `toml:"point"`   // board, kiosk and greeter only: bound to this service point
	// TokenSHA256 is SHA-256 of the token in hexadecimal, as `motcua token`
	// prints it. The token itself is stored nowhere.
	TokenSHA256 string `toml:"token_sha256"`
}

// Authenticator finds the principal of a request. It is safe for concurrent use.
type Authenticator struct {
	entries []entry
	demo    bool
}

type entry struct {
	who Principal
	sum [sha256.Size]byte
}

// NewAuthenticator takes the access entries of the configuration. With demo,
// requests over a loopback connection may do everything without a token.
// All faulty entries are named at once.
func NewAuthenticator(list []Access, demo bool) (*Authenticator, error) {
	a := &Authenticator{demo: demo}
	var errs []error
	for i, x := range list {
		e := entry{who: Principal{Actor: x.Name, Role: x.Role, Counter: x.Counter, Point: x.Point}}
		b, err := hex.DecodeString(x.TokenSHA256)
		switch {
		case x.Name == "":
			errs = append(errs, fmt.Errorf("read access %d: name is empty", i+1))
		case !slices.Contains(Roles(), x.Role):
			errs = append(errs, fmt.Errorf("read access %d (%s): role %q is unknown", i+1, x.Name, x.Role))
		case err != nil || len(b) != sha256.Size:
			errs = append(errs, fmt.Errorf("read access %d (%s): token_sha256 is not 64 hexadecimal digits", i+1, x.Name))
		}
		copy(e.sum[:], b)
		a.entries = append(a.entries, e)
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	return a, nil
}

// Identify returns who sent the request: by bearer token, else by cookie,
// else, in a demonstration, by the loopback connection. A token that is not
// listed is as good as none, so ok tells it apart: false means that a token
// was sent and nobody has it.
func (a *Authenticator) Identify(r *http.Request) (p Principal, ok bool) {
	token, sent := tokenOf(r)
	if sent {
		if p, ok := a.ByToken(token); ok {
			return p, true
		}
	}
	if a.demo && FromLoopback(r) {
		return Principal{Actor: "demo", Role: queue.Supervisor, Demo: true}, true
	}
	return Principal{}, !sent
}

// ByToken returns whose token it is. It compares with every entry in constant
// time, so that how long it takes says nothing.
func (a *Authenticator) ByToken(token string) (Principal, bool) {
	sum := sha256.Sum256([]byte(token))
	found := -1
	for i := range a.entries {
		if subtle.ConstantTimeCompare(sum[:], a.entries[i].sum[:]) == 1 {
			found = i
		}
	}
	if found < 0 || token == "" {
		return Principal{}, false
	}
	return a.entries[found].who, true
}

func tokenOf(r *http.Request) (string, bool) {
	if h := r.Header.Get("Authorization"); h != "" {
		scheme, token, _ := strings.Cut(h, " ")
		if strings.EqualFold(scheme, "Bearer") {
			return strings.TrimSpace(token), true
		}
		return "", true
	}
	if c, err := r.Cookie(Cookie); err == nil {
		return c.Value, true
	}
	return "", false
}

// FromLoopback reports whether the request's connection comes from this very
// machine. Headers that name another client are never looked at.
func FromLoopback(r *http.Request) bool {
	return ClientAddr(r).IsLoopback()
}

// ClientAddr is the address at the other end of the connection, the zero
// Addr when there is none.
func ClientAddr(r *http.Request) netip.Addr {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	addr, err := netip.ParseAddr(host)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("")
}
