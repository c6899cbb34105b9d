package auth

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"motcua/queue"
)

// KeySize is the length of a centre's link key in bytes.
const KeySize = 32

// ErrBadLink is the one answer for every link that is not ours: wrong length,
// wrong alphabet, flipped bit, another day or centre.
var ErrBadLink = errors.New("ticket link is not valid")

// Links makes and checks the links on slips (trust.md §9, "Ticket token"):
//
//	token = base64url(ref[16] ‖ mac[16])
//	mac   = HMAC-SHA256(k_day, "motcua-ticket-1" ‖ centre ‖ day ‖ ref)[:16]
//	k_day = HKDF-SHA256(key, no salt, info = day, 32 bytes)
//
// The day stands in the path: it chooses the key, and the link ends with it.
type Links struct {
	Centre string // id of the centre
	Key    []byte // KeySize random bytes; never leaves the centre but to its hub
	Base   string // "https://so.example.vn" without a slash at the end; empty: no links
}

// macSize leaves a forger one chance in 2^128 a try.
const macSize = 16

// encoding is strict: the two unused bits of the last character must be zero,
// or four tokens would open one ticket.
var encoding = base64.RawURLEncoding.Strict()

// Path is the page of a ticket: /t/<day>/<token>.
func (l Links) Path(day queue.Day, ref queue.Ref) string {
	return "/t/" + string(day) + "/" + l.Token(day, ref)
}

// URL is the link printed as a QR code, or "" when the centre has no address
// that a phone can reach.
func (l Links) URL(day queue.Day, ref queue.Ref) string {
	if l.Base == "" {
		return ""
	}
	return strings.TrimSuffix(l.Base, "/") + l.Path(day, ref)
}

// Token is the unguessable part of the link: 43 characters.
func (l Links) Token(day queue.Day, ref queue.Ref) string {
	return encoding.EncodeToString(append(ref[:], l.mac(day, ref)...))
}

// Verify returns the ref in a token of ours; any other gives ErrBadLink.
// Whether a ticket of that ref is there today is the state's to say.
func (l Links) Verify(day queue.Day, token string) (queue.Ref, error) {
	var ref queue.Ref
	b, err := encoding.DecodeString(token)
	if err != nil || len(b) != len(ref)+macSize || len(token) != encoding.EncodedLen(len(b)) || !day.Valid() {
		return queue.Ref{}, ErrBadLink
	}
	copy(ref[:], b)
	if !hmac.Equal(b[len(ref):], l.mac(day, ref)) {
		return queue.Ref{}, ErrBadLink
	}
	return ref, nil
}

func (l Links) mac(day queue.Day, ref queue.Ref) []byte {
	k, err := hkdf.Key(sha256.New, l.Key, nil, string(day), sha256.Size)
	if err != nil {
		// Only a length above 255 hashes is refused (RFC 5869 §2.3).
		panic(fmt.Sprintf("auth: derive day key: %v", err))
	}
	h := hmac.New(sha256.New, k)
	h.Write([]byte("motcua-ticket-1"))
	h.Write([]byte(l.Centre))
	h.Write([]byte(day))
	h.Write(ref[:])
	return h.Sum(nil)[:macSize]
}

// NewRef draws the random part of a new ticket's link.
func NewRef() (r queue.Ref) {
	rand.Read(r[:])
	return r
}
