package door

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"time"

	"motcua/internal/doorway"
	"motcua/printer"
	"motcua/queue"
)

// Errors of a Client, for errors.Is. A refusal by the centre is a
// [queue.Error]; every other error means that nobody knows whether the request
// arrived.
var (
	// ErrNotPaired: the centre does not know the token, or not any more, or not
	// as a kiosk's.
	ErrNotPaired = errors.New("the centre does not know this kiosk: pair it")
	// ErrOtherKiosk: a newer process, or a copy of this machine, asks with the
	// same token.
	ErrOtherKiosk = errors.New("another kiosk asks with this pairing: switch one off, revoke the device and pair the other again")
)

const (
	dialWithin    = time.Second
	longestAnswer = 1 << 20 // bytes
)

// Client asks a centre's daemon. Its methods are safe for concurrent use.
type Client struct {
	base  string
	token string
	http  *http.Client
}

// ClientOptions say where the centre is and who asks.
type ClientOptions struct {
	Base  string // "https://motcua.local:8443", without a slash at the end
	Token string
	// Fingerprint is SHA-256 of the centre's certificate: that very one is
	// believed and no other. nil: those the system believes.
	Fingerprint []byte
	// Dial opens connections; nil: TCP, for a second at most.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
}

// NewClient reaches for nothing yet.
func NewClient(o ClientOptions) *Client {
	if o.Dial == nil {
		o.Dial = (&net.Dialer{Timeout: dialWithin, KeepAlive: 5 * time.Second}).DialContext
	}
	t := &http.Transport{
		DialContext:         o.Dial,
		TLSHandshakeTimeout: 2 * time.Second,
		MaxIdleConns:        4,
		IdleConnTimeout:     30 * time.Second,
		TLSClientConfig:     pinned(o.Fingerprint),
	}
	return &Client{base: o.Base, token: o.Token, http: &http.Client{Transport: t,
		// The daemon sends none, and the token is for it alone.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// FingerprintError tells of a centre whose certificate is not the one named.
type FingerprintError struct{ Got []byte }

func (e *FingerprintError) Error() string {
	return fmt.Sprintf("the centre shows another certificate than kiosk.toml names: SHA-256 %X; compare it with the one at the centre, and only if it is the same write it as fingerprint", e.Got)
}

// pinned believes one certificate, whatever name and time it is for: a kiosk
// without a clock must get in too. nil is the system's judgement.
func pinned(fingerprint []byte) *tls.Config {
	if fingerprint == nil {
		return nil
	}
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true, // VerifyConnection decides
		VerifyConnection: func(c tls.ConnectionState) error {
			got := sha256.Sum256(c.PeerCertificates[0].Raw)
			if !bytes.Equal(got[:], fingerprint) {
				return &FingerprintError{got[:]}
			}
			return nil
		},
	}
}

// Forget closes the connections that nobody uses just now: they may lead
// nowhere.
func (c *Client) Forget() { c.http.CloseIdleConnections() }

// problem is a refusal as it comes over the wire (RFC 9457).
type problem struct {
	Title  string      `json:"title"`
	Detail string      `json:"detail"`
	Code   queue.Code  `json:"code"`
	Reason string      `json:"reason"`
	Hint   string      `json:"hint"`
	Wait   int         `json:"wait"`
	Next   queue.Stamp `json:"next"`
}

// ask sends one request and reads its answer into out, unless that is nil.
func (c *Client) ask(ctx context.Context, method, path, key string, in, out any) error {
	var send io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode request: %w", err)
		}
		send = bytes.NewReader(b)
	}
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, send)
	if err != nil {
		return fmt.Errorf("ask the centre: %w", err)
	}
	if in != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Authorization", "Bearer "+c.token)
	if key != "" {
		r.Header.Set("Idempotency-Key", key)
	}
	res, err := c.http.Do(r)
	if err != nil {
		return fmt.Errorf("ask the centre: %w", err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, longestAnswer))
	if err != nil {
		return fmt.Errorf("read the centre's answer: %w", err)
	}
	switch kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type")); {
	case kind == "application/problem+json":
		var p problem
		if err := json.Unmarshal(b, &p); err != nil {
			return fmt.Errorf("read the centre's refusal: %w", err)
		}
		return refusalOf(res.StatusCode, p)
	case res.StatusCode < 200 || res.StatusCode > 299:
		return fmt.Errorf("the centre answered %s, and not as a motcuad does: check centre in kiosk.toml", res.Status)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(b, out); err != nil {
		return fmt.Errorf("read the centre's answer: %w", err)
	}
	return nil
}

func refusalOf(status int, p problem) error {
	switch {
	case status == http.StatusUnauthorized || p.Reason == "not_paired" || p.Reason == "role":
		return ErrNotPaired
	case p.Reason == "other_kiosk":
		return ErrOtherKiosk
	}
	msg := p.Detail
	if msg == "" {
		msg = p.Title
	}
	return &queue.Error{Code: p.Code, Reason: p.Reason, Msg: msg, Hint: p.Hint, Wait: p.Wait, Next: p.Next}
}

// passing reports whether the same request may be answered otherwise soon. A
// refusal that names another cause is final.
func passing(err error) bool {
	var e *queue.Error
	if !errors.As(err, &e) {
		return true
	}
	switch e.Reason {
	case "outcome_unknown", "rate", "starting", "slow":
		return true
	}
	return false
}

func (c *Client) question(ctx context.Context, q doorway.Question) (a doorway.Answer, err error) {
	return a, c.ask(ctx, http.MethodPost, "/api/v1/kiosk/ask", "", q, &a)
}

func (c *Client) move(ctx context.Context, key string, id queue.TicketID, s doorway.Step) error {
	return c.ask(ctx, http.MethodPost, fmt.Sprintf("/api/v1/kiosk/slips/%d", id), key, s, nil)
}

func (c *Client) refusal(ctx context.Context, r doorway.Refused) (s printer.Slip, err error) {
	return s, c.ask(ctx, http.MethodPost, "/api/v1/kiosk/refusals", "", r, &s)
}

// issue takes a number and returns its ticket.
func (c *Client) issue(ctx context.Context, key string, category queue.CategoryID, language string) (queue.TicketID, error) {
	in := struct {
		Category queue.CategoryID `json:"category"`
		Language string           `json:"slip_language,omitempty"`
	}{category, language}
	var out struct {
		ID queue.TicketID `json:"id"`
	}
	err := c.ask(ctx, http.MethodPost, "/api/v1/tickets", key, in, &out)
	return out.ID, err
}

func (c *Client) askPairing(ctx context.Context) (p doorway.PairingShown, err error) {
	sum := sha256.Sum256([]byte(c.token))
	in := doorway.PairingAsked{Role: queue.Kiosk, TokenSum: hex.EncodeToString(sum[:])}
	return p, c.ask(ctx, http.MethodPost, "/api/v1/pairings", "", in, &p)
}

func (c *Client) pairing(ctx context.Context, id string) (p doorway.PairingState, err error) {
	return p, c.ask(ctx, http.MethodGet, "/api/v1/pairings/"+id, "", nil, &p)
}

// Check asks once, for `motcua-kiosk --check`: nil when the centre answers and
// knows this kiosk. It does not take the place of a kiosk that runs.
func (c *Client) Check(ctx context.Context) error {
	return c.ask(ctx, http.MethodGet, "/api/v1/tickets/1", "", nil, nil)
}
