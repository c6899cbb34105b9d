package auth

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"slices"
	"sync"
	"time"

	"motcua/queue"
)

// The limits of pairing codes (trust.md §9).
const (
	CodeLife    = 10 * time.Minute
	CodeTries   = 5 // wrong codes typed while it waits
	CodesAtOnce = 3 // devices that wait at the same time
	// CodeKept is how much longer a device learns that its code was typed: it
	// asks every few seconds, and the code may have been typed in its last one.
	CodeKept = time.Minute
)

// Errors of Pairings.
var (
	// ErrManyWait: three devices wait for their codes to be typed.
	ErrManyWait = errors.New("three devices wait to be paired already")
	// ErrNoCode: no device waits with this code. What was wrong, a slip of the
	// pen or a code that has expired, is not told apart.
	ErrNoCode = errors.New("no device waits with this code")
)

// Pending is a device that shows a code and waits.
type Pending struct {
	ID       string // known to the device alone
	Code     string // six digits; known to the device and to who reads it there
	Role     queue.Role
	TokenSum string // SHA-256 of the token the device has drawn, in hexadecimal
	From     netip.Addr
	Expires  time.Time
}

// Pairings are the devices that wait for their code to be typed. They live in
// memory: a restart of the daemon asks for new codes. It is safe for
// concurrent use.
type Pairings struct {
	mu   sync.Mutex // protects list
	list []*pairing
}

type pairing struct {
	Pending
	tries int
	name  string // of the paired device; "" while it waits
}

// Ask lets a device wait and gives it its code. A device that asks again from
// the same address has forgotten the code before. When all places are taken, a
// network that has several gives up its oldest, for one machine has as many
// IPv6 addresses as it likes and must not keep all others from waiting. The
// error is ErrManyWait.
func (l *Pairings) Ask(from netip.Addr, role queue.Role, tokenSum string) (Pending, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	l.list = slices.DeleteFunc(l.list, func(p *pairing) bool { return p.name == "" && p.From == from })
	waiting, oldest := 0, map[netip.Prefix]*pairing{}
	var yields *pairing
	for _, p := range l.list {
		if p.name != "" {
			continue
		}
		waiting++
		n := Network(p.From)
		if first := oldest[n]; first == nil {
			oldest[n] = p
		} else if yields == nil {
			yields = first
		}
	}
	if waiting >= CodesAtOnce {
		if yields == nil {
			yields = oldest[Network(from)]
		}
		if yields == nil {
			return Pending{}, ErrManyWait
		}
		l.list = slices.DeleteFunc(l.list, func(p *pairing) bool { return p == yields })
	}
	var id [16]byte
	rand.Read(id[:]) // never fails: the program ends first
	p := &pairing{Pending: Pending{ID: base64.RawURLEncoding.EncodeToString(id[:]), Code: l.newCode(), Role: role, TokenSum: tokenSum,
		From: from, Expires: time.Now().Add(CodeLife)}}
	l.list = append(l.list, p)
	return p.Pending, nil
}

// newCode draws a code that no other device shows; it needs mu.
func (l *Pairings) newCode() string {
	for {
		n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
		if err != nil {
			panic(fmt.Sprintf("auth: draw pairing code: %v", err)) // crypto/rand never fails
		}
		code := fmt.Sprintf("%06d", n)
		if !slices.ContainsFunc(l.list, func(p *pairing) bool { return p.Code == code }) {
			return code
		}
	}
}

// State tells a device how its pairing stands: its name once it is paired;
// false when nobody waits under this id any more.
func (l *Pairings) State(id string) (name string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	for _, p := range l.list {
		if subtle.ConstantTimeCompare([]byte(p.ID), []byte(id)) == 1 {
			return p.name, true
		}
	}
	return "", false
}

// Waits returns the device that waits with the token of this SHA-256, its code
// included; false when none does (any more).
func (l *Pairings) Waits(tokenSum string) (Pending, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	for _, p := range l.list {
		if subtle.ConstantTimeCompare([]byte(p.TokenSum), []byte(tokenSum)) == 1 && p.name == "" {
			return p.Pending, true
		}
	}
	return Pending{}, false
}

// Redeem pairs the device that shows the code: admit lets it in and returns
// its name. When admit refuses, the code stays good. A wrong code is ErrNoCode
// and counts against every device that waits: after CodeTries it is over.
func (l *Pairings) Redeem(code string, admit func(Pending) (name string, err error)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	var found *pairing
	for _, p := range l.list {
		if subtle.ConstantTimeCompare([]byte(p.Code), []byte(code)) == 1 && p.name == "" {
			found = p
		}
	}
	if found == nil {
		for _, p := range l.list {
			p.tries++
		}
		l.list = slices.DeleteFunc(l.list, func(p *pairing) bool { return p.name == "" && p.tries >= CodeTries })
		return ErrNoCode
	}
	name, err := admit(found.Pending)
	if err == nil {
		found.name = name
	}
	return err
}

// Waiting lists the devices that wait, the oldest first, without their codes:
// who pairs one reads it from the device.
func (l *Pairings) Waiting() []Pending {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.expire()
	var list []Pending
	for _, p := range l.list {
		if p.name == "" {
			w := p.Pending
			w.ID, w.Code = "", ""
			list = append(list, w)
		}
	}
	return list
}

// Dismiss sends away all that wait.
func (l *Pairings) Dismiss() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = slices.DeleteFunc(l.list, func(p *pairing) bool { return p.name == "" })
}

// expire needs mu.
func (l *Pairings) expire() {
	now := time.Now()
	l.list = slices.DeleteFunc(l.list, func(p *pairing) bool {
		if p.name != "" {
			return now.Sub(p.Expires) >= CodeKept
		}
		return !now.Before(p.Expires)
	})
}
