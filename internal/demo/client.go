package demo

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"motcua/display"
	"motcua/internal/staff"
	"motcua/queue"
)

const (
	// patience is how long one request may take.
	patience = 5 * time.Second
	// attempts is how often one intent is sent, always under the same key.
	attempts = 4
	// longest is the largest answer that is read, in bytes.
	longest = 1 << 20
)

// refusal is an answer that is no success.
type refusal struct {
	Status int        `json:"-"`
	Code   queue.Code `json:"code"`
	Reason string     `json:"reason"`
	Title  string     `json:"title"`
	Hint   string     `json:"hint"`
	Wait   int        `json:"wait"` // seconds until a too_soon ends
}

func (r *refusal) Error() string {
	return fmt.Sprintf("answer %d %s/%s: %s", r.Status, r.Code, r.Reason, r.Title)
}

// refused returns the refusal in err; nil when it is another error or none.
func refused(err error) *refusal {
	var r *refusal
	if errors.As(err, &r) {
		return r
	}
	return nil
}

// passing reports whether the same request may succeed a moment later.
func passing(err error) bool {
	r := refused(err)
	return r == nil || r.Status >= 500 || r.Status == http.StatusTooManyRequests || r.Status == http.StatusRequestTimeout
}

// done is the answer to a command.
type done struct {
	Ticket *struct {
		ID       queue.TicketID    `json:"id"`
		Category queue.CategoryID  `json:"category"`
		State    queue.TicketState `json:"state"`
	} `json:"ticket"`
}

type issueBody struct {
	Category     queue.CategoryID `json:"category"`
	Class        queue.ClassID    `json:"class,omitempty"`
	SlipLanguage string           `json:"slip_language,omitempty"`
	Dossiers     int              `json:"dossiers,omitempty"`
	Point        queue.PointID    `json:"point,omitempty"`
}

type counterBody struct {
	Ticket     queue.TicketID    `json:"ticket,omitempty"`
	Reason     queue.PauseReason `json:"reason,omitempty"`
	ToCategory queue.CategoryID  `json:"to_category,omitempty"`
	Outcome    queue.Outcome     `json:"outcome,omitempty"`
	Next       bool              `json:"next,omitempty"`
}

// api speaks to /api/v1.
type api struct {
	base   string
	client *http.Client
}

func (a *api) board(ctx context.Context, p queue.PointID) (display.Board, error) {
	var v struct {
		Board display.Board `json:"board"`
	}
	err := a.get(ctx, "/board?point="+url.QueryEscape(string(p)), &v)
	return v.Board, err
}

func (a *api) desk(ctx context.Context, c queue.CounterID) (staff.Desk, error) {
	var v struct {
		Desk staff.Desk `json:"desk"`
	}
	err := a.get(ctx, "/counters/"+url.PathEscape(string(c))+"/desk", &v)
	if err == nil && v.Desk.Counter.ID != c {
		err = fmt.Errorf("read desk of counter %s: the answer is about counter %q", c, v.Desk.Counter.ID)
	}
	return v.Desk, err
}

func (a *api) issue(ctx context.Context, b issueBody) (queue.TicketID, error) {
	var v struct {
		ID queue.TicketID `json:"id"`
	}
	err := a.post(ctx, "/tickets", b, &v)
	return v.ID, err
}

func (a *api) cancel(ctx context.Context, t queue.TicketID) error {
	return a.post(ctx, fmt.Sprintf("/tickets/%d/cancel", t), struct{}{}, nil)
}

func (a *api) at(ctx context.Context, c queue.CounterID, verb string, b counterBody) (done, error) {
	var v done
	err := a.post(ctx, "/counters/"+url.PathEscape(string(c))+"/"+verb, b, &v)
	return v, err
}

func (a *api) get(ctx context.Context, path string, into any) error {
	return a.do(ctx, http.MethodGet, path, nil, "", into)
}

// post sends one intent: again and again under one key while no clear answer
// comes, so that it is carried out once at most. When all attempts fail, its
// outcome is unknown: look at the desk.
func (a *api) post(ctx context.Context, path string, body, into any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode %s: %w", path, err)
	}
	key := newKey()
	pause := 100 * time.Millisecond
	for n := 1; ; n++ {
		err = a.do(ctx, http.MethodPost, path, b, key, into)
		if err == nil || !passing(err) || n == attempts {
			return err
		}
		if !waitReal(pause, ctx.Done()) {
			return err
		}
		pause *= 3
	}
}

func (a *api) do(ctx context.Context, method, path string, body []byte, key string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	what := method + " " + path
	req, err := http.NewRequestWithContext(ctx, method, a.base+"/api/v1"+path, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("make request %s: %w", what, err)
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := a.client.Do(req)
	if err != nil {
		return fmt.Errorf("ask %s: %w", what, err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, longest+1))
	if err != nil {
		return fmt.Errorf("read answer to %s: %w", what, err)
	}
	if len(b) > longest {
		return fmt.Errorf("read answer to %s: it is longer than %d bytes", what, longest)
	}
	if res.StatusCode < 200 || res.StatusCode > 299 {
		r := &refusal{Status: res.StatusCode}
		if json.Unmarshal(b, r) != nil { // not one of ours: a proxy, a wrong port
			*r = refusal{Status: res.StatusCode, Title: "no problem document"}
		}
		if n, err := strconv.Atoi(res.Header.Get("Retry-After")); err == nil && r.Wait == 0 {
			r.Wait = n
		}
		return fmt.Errorf("ask %s: %w", what, r)
	}
	if into == nil {
		return nil
	}
	if err := json.Unmarshal(b, into); err != nil {
		return fmt.Errorf("decode answer to %s: %w", what, err)
	}
	return nil
}

// newKey is a random UUID (RFC 9562, version 4). It is never drawn from the
// seed: the journal keeps keys for ever, and a morning played twice must not
// get the first one's answers.
func newKey() string {
	var b [16]byte
	rand.Read(b[:]) // never fails (crypto/rand)
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
