package httpapi

import (
	"bufio"
	"context"
	"crypto/subtle"
	"log/slog"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/internal/auth"
)

// call is what the server knows of one request from its first line on.
type call struct {
	who   auth.Principal
	from  netip.Addr
	lang  string // of refusals: by Accept-Language, else English
	route string // pattern, never the address: addresses hold tokens
	local bool   // it has the token of this machine's own programs
	// quiet leaves the client's address out of the log: it is a citizen's phone.
	quiet bool
}

type callKey struct{}

func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{lang: english}
}

// guard stands before every route: it finds out who asks, and turns away what
// no route needs to see.
func (s *Server) guard(next http.Handler) http.Handler {
	foreign := http.NewCrossOriginProtection()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := s.o.Now()
		c := &call{lang: s.refusalLanguage(r), from: auth.ClientAddr(r)}
		r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
		out := &counted{ResponseWriter: w}
		defer func() {
			if v := recover(); v != nil {
				if v == http.ErrAbortHandler {
					panic(v)
				}
				s.log.Error("request panicked", "route", c.route, "panic", v)
				if out.status == 0 {
					s.refusal(r.Context(), whyInternal).write(out)
				}
			}
			s.logAccess(r, c, out, s.o.Now().Sub(began))
		}()
		h := out.Header()
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		if strings.HasPrefix(r.URL.Path, "/api/") {
			h.Set("Cache-Control", "no-store")
		}

		// Found before anything is refused, so that the log can say what was
		// asked for. Its handler is run only for what has no route.
		handler, pattern := s.mux.Handler(r)
		c.route = pattern[strings.IndexByte(pattern, ' ')+1:]
		c.quiet = strings.HasPrefix(c.route, "/t/")

		if !s.knownHost(r) {
			s.refusal(r.Context(), whyHost).write(out)
			return
		}
		c.who, _ = s.o.Auth.Identify(r)
		if token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && s.o.LocalSum != "" {
			c.local = subtle.ConstantTimeCompare([]byte(auth.TokenHash(token)), []byte(s.o.LocalSum)) == 1
		}
		if foreign.Check(r) != nil {
			s.refusal(r.Context(), whyOrigin).write(out)
			return
		}
		if !strings.HasPrefix(r.URL.Path, "/a/") && !c.who.Demo && !s.limits.allow(clientOf(r, c.who), began) {
			s.refusal(r.Context(), whyRate).write(out)
			return
		}
		if p := s.checkBody(r); p != nil {
			p.write(out)
			return
		}
		if pattern == "" {
			s.notRouted(out, r, handler)
			return
		}
		next.ServeHTTP(out, r)
	})
}

// checkBody refuses a body that does not say it is JSON, or for a list of
// appointments CSV: what a form of another site can send never does.
func (s *Server) checkBody(r *http.Request) *Problem {
	if r.ContentLength == 0 || r.Method == http.MethodGet || r.Method == http.MethodHead || !strings.HasPrefix(r.URL.Path, "/api/") {
		return nil
	}
	want := "application/json"
	switch r.URL.Path {
	case importPath:
		want = "text/csv"
	case scansPath:
		want = "application/octet-stream"
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || t != want {
		return s.refusal(r.Context(), whyContentType)
	}
	return nil
}

// notRouted answers for what the mux has no route: a document for programs, a
// page for people. The mux's own handler knows which methods are allowed.
func (s *Server) notRouted(w http.ResponseWriter, r *http.Request, h http.Handler) {
	probe := &probe{header: http.Header{}}
	h.ServeHTTP(probe, r)
	reason := whyRoute
	if probe.status == http.StatusMethodNotAllowed {
		reason = whyMethod
		w.Header().Set("Allow", probe.header.Get("Allow"))
	}
	p := s.refusal(r.Context(), reason)
	if wantsPage(r) {
		s.errorPage(w, r, p)
		return
	}
	p.write(w)
}

// probe takes a handler's status and headers and drops its words.
type probe struct {
	header http.Header
	status int
}

func (p *probe) Header() http.Header         { return p.header }
func (p *probe) WriteHeader(status int)      { p.status = status }
func (p *probe) Write(b []byte) (int, error) { return len(b), nil }

// wantsPage reports whether a person with a browser asks.
func wantsPage(r *http.Request) bool {
	return !strings.HasPrefix(r.URL.Path, "/api/") && !strings.HasPrefix(r.URL.Path, "/a/") &&
		strings.Contains(r.Header.Get("Accept"), "text/html")
}

// knownHost keeps out requests for names that are not ours, by which a page
// from elsewhere could reach in once its name points here (DNS rebinding). An
// address can't be rebound; it must be the one this connection came in by.
func (s *Server) knownHost(r *http.Request) bool {
	host := r.Host
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if slices.ContainsFunc(s.o.Hosts, func(h string) bool { return strings.EqualFold(h, host) }) {
		return true
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	if ip.IsLoopback() {
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	at, err := netip.ParseAddrPort(local.String())
	return err == nil && at.Addr().Unmap().WithZone("") == ip.Unmap().WithZone("")
}

// refusalLanguage is the language a request's refusals are written in.
func (s *Server) refusalLanguage(r *http.Request) string {
	if l, ok := s.match(r.Header.Get("Accept-Language")); ok {
		return l
	}
	return english
}

// match finds the texts' language an Accept-Language header wants most
// (RFC 9110 §12.5.4). Regions are not told apart: there is one Vietnamese.
func (s *Server) match(header string) (string, bool) {
	if len(header) > 256 {
		return "", false // more than a few languages is nobody's wish
	}
	best, most := "", 0.0
	for part := range strings.SplitSeq(header, ",") {
		tag, parameters, _ := strings.Cut(part, ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(parameters), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(v, 64); err != nil || q < 0 || q > 1 {
				continue
			}
		}
		if q > most && slices.Contains(s.langs, primary) {
			best, most = primary, q
		}
	}
	return best, best != ""
}

// counted remembers what was answered, for the log.
type counted struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counted) WriteHeader(status int) {
	if c.status == 0 {
		c.status = status
	}
	c.ResponseWriter.WriteHeader(status)
}

func (c *counted) Write(b []byte) (int, error) {
	if c.status == 0 {
		c.status = http.StatusOK
	}
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// Hijack hands the connection over to the feed.
func (c *counted) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c.status = http.StatusSwitchingProtocols
	return http.NewResponseController(c.ResponseWriter).Hijack()
}

func (c *counted) Flush() { http.NewResponseController(c.ResponseWriter).Flush() }

// Unwrap lets http.ResponseController reach the deadlines.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// logAccess writes one line a request: the route and not the address, nothing
// of query, headers or body. Refusals to those who should not ask are warnings;
// of too many requests one a second is enough, or the flood goes on in the log.
func (s *Server) logAccess(r *http.Request, c *call, out *counted, took time.Duration) {
	level := slog.LevelDebug
	switch {
	case out.status >= 500:
		level = slog.LevelError
	case out.status == http.StatusForbidden, out.status == http.StatusMisdirectedRequest:
		level = slog.LevelWarn
	case out.status == http.StatusTooManyRequests:
		s.floods.Do(func() { level = slog.LevelWarn })
	}
	if !s.log.Enabled(r.Context(), level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("method", r.Method), slog.String("route", c.route),
		slog.Int("status", out.status), slog.Int64("bytes", out.bytes), slog.Duration("took", took),
	}
	if c.who.Known() {
		attrs = append(attrs, slog.String("actor", c.who.Actor), slog.String("role", string(c.who.Role)))
	}
	if !c.quiet {
		attrs = append(attrs, slog.String("client", auth.ClientAddr(r).String()))
	}
	s.log.LogAttrs(r.Context(), level, "request", attrs...)
}
