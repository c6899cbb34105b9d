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
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

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
	demo bool

	mu      sync.Mutex              // held while entries is replaced
	entries atomic.Pointer[[]entry] // the list itself is never changed
}

type entry struct {
	who    Principal
	sum    [sha256.Size]byte
	paired bool // by Add, not by the configuration
	seen   *atomic.Pointer[time.Time]
}

// NewAuthenticator takes the access entries of the configuration. With demo,
// requests over a loopback connection may do everything without a token.
// All faulty entries are named at once.
func NewAuthenticator(list []Access, demo bool) (*Authenticator, error) {
	a := &Authenticator{demo: demo}
	var errs []error
	entries := make([]entry, len(list))
	for i, x := range list {
		var err error
		if entries[i], err = newEntry(x); err != nil {
			errs = append(errs, fmt.Errorf("read access %d%w", i+1, err))
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	a.entries.Store(&entries)
	return a, nil
}

// newEntry checks one entry; its error continues "access 3".
func newEntry(x Access) (entry, error) {
	e := entry{who: Principal{Actor: x.Name, Role: x.Role, Counter: x.Counter, Point: x.Point}, seen: new(atomic.Pointer[time.Time])}
	b, err := hex.DecodeString(x.TokenSHA256)
	switch {
	case x.Name == "":
		return e, errors.New(": name is empty")
	case !slices.Contains(Roles(), x.Role):
		return e, fmt.Errorf(" (%s): role %q is unknown", x.Name, x.Role)
	case err != nil || len(b) != sha256.Size:
		return e, fmt.Errorf(" (%s): token_sha256 is not 64 hexadecimal digits", x.Name)
	}
	copy(e.sum[:], b)
	return e, nil
}

// ErrNameTaken says that another entry has the name already.
var ErrNameTaken = errors.New("the name is taken by another device or by an access entry in motcua.toml: choose another")

// Add lets a paired device in, from this moment on.
func (a *Authenticator) Add(x Access) error {
	e, err := newEntry(x)
	if err != nil {
		return fmt.Errorf("add device%w", err)
	}
	e.paired = true
	a.mu.Lock()
	defer a.mu.Unlock()
	now := *a.entries.Load()
	if slices.ContainsFunc(now, func(o entry) bool { return o.who.Actor == x.Name }) {
		return fmt.Errorf("add device %q: %w", x.Name, ErrNameTaken)
	}
	next := append(slices.Clone(now), e)
	a.entries.Store(&next)
	return nil
}

// Remove keeps a paired device out, from this moment on. It reports whether
// there was one; entries of the configuration stay.
func (a *Authenticator) Remove(name string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := *a.entries.Load()
	next := slices.DeleteFunc(slices.Clone(now), func(e entry) bool { return e.paired && e.who.Actor == name })
	a.entries.Store(&next)
	return len(next) < len(now)
}

// Paired reports whether a device was let in under this name by Add.
func (a *Authenticator) Paired(name string) bool {
	return slices.ContainsFunc(*a.entries.Load(), func(e entry) bool { return e.paired && e.who.Actor == name })
}

// Only reports whether the role is that one's alone, of all entries.
func (a *Authenticator) Only(role queue.Role, name string) bool {
	only := false
	for _, e := range *a.entries.Load() {
		if e.who.Role == role && e.who.Actor != name {
			return false
		}
		only = only || e.who.Role == role
	}
	return only
}

// Seen is when somebody last used the token of that name, since the start of
// the process; zero for never.
func (a *Authenticator) Seen(name string) time.Time {
	for _, e := range *a.entries.Load() {
		if at := e.seen.Load(); e.who.Actor == name && at != nil {
			return *at
		}
	}
	return time.Time{}
}

var goodName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$`)

// ValidName reports whether a name may stand in the journal as an actor: 1 to
// 40 letters, digits, '-', '_' or '.'; an id, never a person's name.
func ValidName(name string) bool { return goodName.MatchString(name) }

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
	entries := *a.entries.Load()
	found := -1
	for i := range entries {
		if subtle.ConstantTimeCompare(sum[:], entries[i].sum[:]) == 1 {
			found = i
		}
	}
	if found < 0 || token == "" {
		return Principal{}, false
	}
	now := time.Now()
	entries[found].seen.Store(&now)
	return entries[found].who, true
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

// FromLoopback reports whether the request comes from this very machine. One
// that a proxy on it hands on comes from elsewhere: whom its headers name as the
// client is never believed, that they are there is.
func FromLoopback(r *http.Request) bool {
	return ClientAddr(r).IsLoopback() && !Forwarded(r)
}

// Forwarded reports whether a proxy hands the request on, so that the address
// it comes from is the proxy's (RFC 7239, RFC 9110 §7.6.3, and what was usual
// before).
func Forwarded(r *http.Request) bool {
	return slices.ContainsFunc([]string{"Forwarded", "Via", "X-Forwarded-For", "X-Real-Ip"},
		func(h string) bool { return len(r.Header[h]) > 0 })
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

// Network is whose requests are counted together: an address, of IPv6 a
// network of 64 bits, in which one machine has as many as it likes.
func Network(a netip.Addr) netip.Prefix {
	bits := a.BitLen()
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	if err != nil { // no address at all
		return netip.Prefix{}
	}
	return p
}
