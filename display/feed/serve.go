package feed

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/gorilla/websocket"
)

// ServeHTTP upgrades a request for /feed?topic=NAME.
//
// What a page's script must tell apart — not paired, not allowed, no such
// topic — is answered by an upgrade and a close code, because browsers hide
// the HTTP status of a failed upgrade; without an upgrade it is 401, 403, 404.
// A foreign origin (403) and a full house (503) never get a socket.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		h.refuse(w, r, http.StatusMethodNotAllowed, WhyMethod, "connect with GET")
		return
	}
	upgrade := websocket.IsWebSocketUpgrade(r)
	if upgrade && !h.originAllowed(r) {
		h.refuse(w, r, http.StatusForbidden, WhyOrigin, "the Origin header is missing or not one of this centre's; connect from its pages, or add the origin to the allowed ones")
		return
	}
	address := h.opts.Address(r)
	if reason, detail := h.reserve(address); reason != "" {
		w.Header().Set("Retry-After", strconv.Itoa(retryAfter))
		h.refuse(w, r, http.StatusServiceUnavailable, reason, detail)
		return
	}
	c := h.admit(w, r, upgrade)
	if c == nil {
		h.release(address)
		return
	}
	c.address = address
	if !h.start(c) {
		c.conn.Close()
		h.release(address)
	}
}

// retryAfter is in seconds.
const retryAfter = 5

// admit answers the request itself, or returns a client, which may already be
// on its way out.
func (h *Hub) admit(w http.ResponseWriter, r *http.Request, upgrade bool) *client {
	name := r.URL.Query().Get("topic")
	var principal string
	var err error
	p, ok := h.lookup(name)
	if !ok {
		err = ErrNoTopic
	} else {
		principal, err = h.opts.Authorize(r, name)
	}
	code := Code(0)
	if err != nil {
		if code = codeFor(err); code == CodeInternal {
			h.opts.Logger.Error("feed: authorize", "topic", kind(name), "err", err)
		}
	}
	if !upgrade {
		switch code {
		case 0:
			w.Header().Set("Upgrade", "websocket")
			h.refuse(w, r, http.StatusUpgradeRequired, WhyUpgrade, "this is a websocket: connect with one")
		case CodeNotPaired:
			h.refuse(w, r, http.StatusUnauthorized, WhySignIn, "pair this device or sign in first")
		case CodeNotAllowed:
			h.refuse(w, r, http.StatusForbidden, WhyRole, "this topic is not for you")
		case CodeNoTopic:
			h.refuse(w, r, http.StatusNotFound, WhyTopic, "no such topic: ask for /feed?topic=NAME")
		default:
			h.refuse(w, r, http.StatusInternalServerError, WhyInternal, "the log says why")
		}
		return nil
	}
	conn, err := h.upgrader.Upgrade(hijackable{w}, r, nil)
	if err != nil {
		h.count(http.StatusBadRequest) // the upgrader has answered
		return nil
	}
	c := &client{
		hub: h, conn: conn, topic: name, pattern: p, principal: principal,
		since:      h.opts.Now(),
		wake:       make(chan struct{}, 1),
		writerDone: make(chan struct{}),
	}
	if code != 0 {
		c.shut(code, "")
	}
	return c
}

// start lets the client's goroutines run, unless the hub closes.
func (h *Hub) start(c *client) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.lastID++
	c.id = h.lastID
	h.clients[c] = struct{}{}
	h.wg.Add(2)
	// Not on the request's goroutine: that one keeps net/http's buffers alive.
	go c.read()
	go c.write()
	return true
}

// reserve takes a place, or says why there is none.
func (h *Hub) reserve(address string) (reason, detail string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case !h.opened || h.closed:
		return WhyStarting, "the daemon is starting or stopping; try again"
	case h.sockets >= h.opts.MaxSockets:
		return WhyFullHouse, "too many live connections; close some pages"
	case h.addresses[address] >= h.opts.MaxPerAddress:
		return WhyFullHouse, "too many live connections from this address; close some pages"
	}
	h.sockets++
	h.addresses[address]++
	return "", ""
}

func (h *Hub) release(address string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.releaseLocked(address)
}

func (h *Hub) releaseLocked(address string) {
	h.sockets--
	if h.addresses[address]--; h.addresses[address] == 0 {
		delete(h.addresses, address)
	}
}

// join subscribes c to its topic at pos and returns it, or nil when c has
// already left. The caller holds h.mu and is on the owner's goroutine.
func (h *Hub) join(c *client, pos Position) *topic {
	if c.gone {
		return nil
	}
	t := h.topics[c.topic]
	if t == nil {
		t = newTopic(c.pattern.class, pos)
		h.topics[c.topic] = t
	}
	if t.last.Epoch != pos.Epoch {
		h.newEpoch(t, pos)
	}
	t.subs[c] = struct{}{}
	return t
}

// newEpoch starts a topic anew. Nobody can step from one epoch to another, so
// the subscribers of a Stream come back for a snapshot.
func (h *Hub) newEpoch(t *topic, pos Position) {
	if t.class == Stream {
		for c := range t.subs {
			c.shut(CodeRestarting, "the journal began a new epoch")
		}
	}
	t.restart(pos)
}

// leave takes c off the books.
func (h *Hub) leave(c *client) {
	h.mu.Lock()
	defer h.mu.Unlock()
	c.gone = true
	delete(h.clients, c)
	h.releaseLocked(c.address)
	if t := h.topics[c.topic]; t != nil {
		delete(t.subs, c)
		if len(t.subs) == 0 {
			h.idle(c.topic, t)
		}
	}
	code := c.closing()
	h.counts.closed[code]++
	h.opts.Logger.Debug("feed: closed", "topic", kind(c.topic), "code", int(code))
}

// hijackable finds the connection below wrapped writers, which gorilla does not.
type hijackable struct{ http.ResponseWriter }

func (h hijackable) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(h.ResponseWriter).Hijack()
}

// Reasons of a refusal before the upgrade; see [Options.Refuse].
const (
	WhyMethod    = "method"     // 405
	WhyOrigin    = "origin"     // 403
	WhyStarting  = "starting"   // 503
	WhyFullHouse = "full_house" // 503
	WhyUpgrade   = "upgrade"    // 426
	WhySignIn    = "sign_in"    // 401
	WhyRole      = "role"       // 403
	WhyTopic     = "topic"      // 404
	WhyInternal  = "internal"   // 500
)

// refuse counts a refusal and answers it in the words of the owner, or with
// an RFC 9457 problem of its own.
func (h *Hub) refuse(w http.ResponseWriter, r *http.Request, status int, reason, detail string) {
	h.count(status)
	w.Header().Set("Cache-Control", "no-store")
	if h.opts.Refuse != nil {
		h.opts.Refuse(w, r, status, reason, detail)
		return
	}
	b, _ := json.Marshal(struct {
		Title  string `json:"title"`
		Status int    `json:"status"`
		Detail string `json:"detail"`
		Reason string `json:"reason"`
	}{http.StatusText(status), status, detail, reason}) // strings and a number cannot fail
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	w.Write(b)
}

func (h *Hub) count(status int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.counts.refused[status]++
}

// originAllowed is the only guard against a foreign page that opens a socket
// with the visitor's cookie: http.CrossOriginProtection lets GET through.
func (h *Hub) originAllowed(r *http.Request) bool {
	given := r.Header["Origin"]
	if len(given) != 1 {
		return false
	}
	u, err := url.Parse(given[0])
	if err != nil || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	if u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	// Without TLS here there may be a proxy with it, so either scheme will do.
	if (r.TLS == nil || u.Scheme == "https") &&
		strings.EqualFold(withoutPort(u.Host, u.Scheme), withoutPort(r.Host, u.Scheme)) {
		return true
	}
	return h.opts.AllowOrigin(given[0])
}

// withoutPort drops the scheme's default port, which browsers leave out.
func withoutPort(host, scheme string) string {
	if scheme == "https" {
		return strings.TrimSuffix(host, ":443")
	}
	return strings.TrimSuffix(host, ":80")
}

// remoteAddress groups an IPv6 peer by its /64: one phone has all of those.
func remoteAddress(r *http.Request) string {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	a := ap.Addr().Unmap()
	if a.Is6() {
		if p, err := a.WithZone("").Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// kind is a topic without its parameter, which may be a secret such as a
// ticket's token: logs and figures have only this.
func kind(topic string) string {
	name, _, ok := strings.Cut(topic, ":")
	if !validTopic(name) {
		return "?"
	}
	if ok {
		return name + ":*"
	}
	return name
}
