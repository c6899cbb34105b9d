package setup

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"math/big"
	"sync"
	"time"
)

// digits of a code: 10^8 codes, of which the limits let a stranger try some
// hundred a day.
const digits = 8

// newCode draws a code, each of them as likely as any other.
func newCode() string {
	n, err := rand.Int(rand.Reader, new(big.Int).Exp(big.NewInt(10), big.NewInt(digits), nil))
	if err != nil { // rand.Reader never fails
		panic(fmt.Sprintf("setup: draw code: %v", err))
	}
	return fmt.Sprintf("%0*d", digits, n)
}

// Spaced is a code as people read it: two halves.
func Spaced(code string) string {
	if len(code) != digits {
		return code
	}
	return code[:digits/2] + " " + code[digits/2:]
}

// plain takes out of what somebody typed whatever is no digit: the space in the
// middle, or a dash.
func plain(typed string) string {
	var b []byte
	for i := range len(typed) {
		if c := typed[i]; c >= '0' && c <= '9' {
			b = append(b, c)
		}
	}
	return string(b)
}

// sameCode compares in a time that says nothing of how far two codes agree.
func sameCode(typed, code string) bool {
	a, b := sha256.Sum256([]byte(plain(typed))), sha256.Sum256([]byte(code))
	return code != "" && subtle.ConstantTimeCompare(a[:], b[:]) == 1
}

const (
	freeTries    = 5  // wrong codes of one client before it has to wait
	freeTriesAll = 50 // … and of all together
	longestWait  = 5 * time.Minute
	manyClients  = 1024 // whose wrong codes are remembered one by one
)

// tries slows down who guesses. A client that typed a wrong code too often
// waits 2, 4, 8 … seconds, at most five minutes; all clients together have a
// larger allowance, so that a stranger with many addresses gains little and a
// stranger with one keeps nobody else out.
type tries struct {
	mu  sync.Mutex // protects below
	by  map[string]*wrong
	all wrong
}

// wrong counts codes that were no code.
type wrong struct {
	n     int
	until time.Time // no try before
}

func (w *wrong) add(free int, now time.Time) {
	w.n++
	if over := w.n - free; over >= 0 {
		w.until = now.Add(min(time.Second<<min(over+1, 20), longestWait))
	}
}

// try asks for a client at a time whether right is so; a wrong one counts. The
// wait is how long the client has to be patient, and then right was not asked.
func (t *tries) try(client string, now time.Time, right func() bool) (ok bool, wait time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	w := t.by[client]
	if w == nil {
		w = &wrong{}
	}
	if until := later(w.until, t.all.until); now.Before(until) {
		return false, until.Sub(now)
	}
	if right() {
		delete(t.by, client)
		return true, 0
	}
	w.add(freeTries, now)
	t.all.add(freeTriesAll, now)
	if t.by == nil || len(t.by) >= manyClients {
		t.by = map[string]*wrong{} // so many are held back by what all have tried
	}
	t.by[client] = w
	return false, max(w.until.Sub(now), 0)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
