package httpapi

import (
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"motcua/internal/auth"
)

// maxClients bounds the memory of the limits; beyond it, those that have been
// idle long enough to have a full bucket again are forgotten.
const maxClients = 4096

// limits is one bucket of requests for each client.
type limits struct {
	perSecond rate.Limit
	burst     int

	mu      sync.Mutex
	clients map[string]*rate.Limiter // guarded by mu
}

func newLimits(perSecond float64, burst int) *limits {
	return &limits{perSecond: rate.Limit(perSecond), burst: burst, clients: map[string]*rate.Limiter{}}
}

func (l *limits) allow(client string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.clients[client]
	if b == nil {
		if len(l.clients) >= maxClients {
			l.forget(now)
		}
		b = rate.NewLimiter(l.perSecond, l.burst)
		l.clients[client] = b
	}
	return b.AllowN(now, 1)
}

// forget drops full buckets: a new one would be the same. If that makes little
// room, so many clients ask at once that some others have to go too; a quarter
// at a time, so that a flood of addresses doesn't make this the work.
func (l *limits) forget(now time.Time) {
	for k, b := range l.clients {
		if b.TokensAt(now) >= float64(l.burst) {
			delete(l.clients, k)
		}
	}
	for k := range l.clients {
		if len(l.clients) <= maxClients*3/4 {
			return
		}
		delete(l.clients, k)
	}
}

// clientOf is whose bucket a request draws from: its principal's, else its
// address's, of which an IPv6 network of 64 bits is one.
func clientOf(r *http.Request, who auth.Principal) string {
	if who.Known() {
		return "@" + who.Actor
	}
	return auth.Network(auth.ClientAddr(r)).String()
}
