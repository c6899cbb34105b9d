package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// daemon is the running motcuad that commands with --url ask.
type daemon struct {
	URL       string `help:"Address of the centre's motcuad." default:"http://127.0.0.1:8480" placeholder:"URL"`
	TokenFile string `help:"File with the access token, alone on its first line. Without it the request carries none." type:"path" placeholder:"FILE"`
}

// longestToken is the largest token file that is read, in bytes.
const longestToken = 4 << 10

// token reads the access token; "" when no file is named. No error repeats
// what the file holds.
func (d daemon) token() (string, error) {
	if d.TokenFile == "" {
		return "", nil
	}
	f, err := os.Open(d.TokenFile)
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, longestToken))
	if err != nil {
		return "", fmt.Errorf("read token: %w", err)
	}
	line, _, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(string(b), "\ufeff")), "\n")
	line = strings.TrimSpace(line)
	if line == "" || strings.ContainsFunc(line, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", &worded{"cli.token", map[string]any{"path": d.TokenFile},
			fmt.Errorf("%s holds no access token: write the token that `motcua token` printed on its first line", d.TokenFile)}
	}
	return line, nil
}

// problem is a refusal by motcuad (RFC 9457), in the language it was asked in.
type problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail"`
	Code   string `json:"code"`   // the class: conflict, invalid, …
	Reason string `json:"reason"` // the stable cause: field, sign_in, …
	Hint   string `json:"hint"`
	Errors []struct {
		Field   string `json:"field"`   // "body.bookings[3].code"
		Message string `json:"message"` // what is wrong and how to mend it
	} `json:"errors"`
}

// Error is the refusal as a person reads it: what is wrong, every wrong field
// on a line of its own, and what to do.
func (p *problem) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "motcuad refused it: %s", cmp.Or(p.Detail, p.Title))
	for _, e := range p.Errors {
		fmt.Fprintf(&b, "\n  %s: %s", e.Field, e.Message)
	}
	if p.Hint != "" {
		fmt.Fprintf(&b, "\nwhat to do: %s", p.Hint)
	}
	return b.String()
}

// caller asks the API of the motcuad at base.
type caller struct {
	base     string // "http://host:8480"
	token    string // the access token, or ""
	language string // of what it says: "vi", "en", "de"
}

// Bounds of one request: how long it may take, and the largest answer in bytes.
const (
	callWithin    = 30 * time.Second
	longestAnswer = 4 << 20
)

// client never follows a redirect: a motcuad sends none for the API, and the
// token is for the machine that was named.
var client = &http.Client{
	Timeout:       callWithin,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// answer is what motcuad said to a request it did not refuse.
type answer struct {
	JSON json.RawMessage // nil when the answer has no body
	// Replayed: the key was known, and this is the first answer to it.
	Replayed bool
}

// call sends one request and returns the JSON of its answer; nil when the
// answer has no body. [caller.ask] is the same for who must know whether the
// key was known.
//
// path begins with a slash ("/api/v1/centre"). key makes a command repeatable
// ("" for none): the same key with the same body is carried out once, so that
// whoever got an error may send it again. body is encoded as JSON; nil sends
// none, json.RawMessage is sent as it is.
//
// Of the three results at most one is set. The problem is a refusal: nothing
// happened, and it says why. The error is everything else: no answer, or one
// that is not motcuad's; with a key the command may have been carried out.
func (c caller) call(ctx context.Context, method, path, key string, body any) (json.RawMessage, *problem, error) {
	a, refused, err := c.ask(ctx, method, path, key, body)
	return a.JSON, refused, err
}

// ask is call with the whole answer, which is empty beside a problem or an error.
func (c caller) ask(ctx context.Context, method, path, key string, body any) (answer, *problem, error) {
	at, err := url.Parse(c.base)
	if err != nil || at.Scheme != "http" && at.Scheme != "https" || at.Host == "" || at.User != nil || strings.Trim(at.Path, "/") != "" || at.RawQuery != "" || at.Fragment != "" {
		return answer{}, nil, &worded{"cli.url", nil, errors.New("--url is no address of a motcuad: write scheme, host and port, such as http://127.0.0.1:8480")}
	}
	var send io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			return answer{}, nil, fmt.Errorf("encode %s %s: %w", method, path, err)
		}
		send = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, at.Scheme+"://"+at.Host+path, send)
	if err != nil {
		return answer{}, nil, fmt.Errorf("ask %s %s: %w", method, path, err)
	}
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Accept-Language", c.language)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if key != "" {
		req.Header.Set("Idempotency-Key", key)
	}
	res, err := client.Do(req)
	if err != nil {
		return answer{}, nil, &worded{"cli.no_answer", map[string]any{"detail": err.Error()}, fmt.Errorf("ask motcuad: %w", err)}
	}
	defer res.Body.Close()
	got, err := io.ReadAll(io.LimitReader(res.Body, longestAnswer+1))
	if err != nil {
		return answer{}, nil, &worded{"cli.no_answer", map[string]any{"detail": err.Error()}, fmt.Errorf("read motcuad's answer: %w", err)}
	}
	odd := func(err error) error {
		return &worded{"cli.not_motcuad", map[string]any{"host": at.Host, "detail": res.Status}, err}
	}
	if len(got) > longestAnswer {
		return answer{}, nil, odd(fmt.Errorf("%s answered with more than %d MiB: is it a motcuad?", at.Host, longestAnswer>>20))
	}
	kind, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	if kind == "application/problem+json" {
		p := &problem{}
		if err := json.Unmarshal(got, p); err == nil && p.Code != "" {
			return answer{}, p, nil
		}
	}
	done := answer{Replayed: res.Header.Get("Idempotency-Replayed") == "true"}
	switch {
	case res.StatusCode < 200 || res.StatusCode > 299:
		return answer{}, nil, odd(fmt.Errorf("%s answered %s, and not as a motcuad does: check --url", at.Host, res.Status))
	case len(got) == 0:
		return done, nil, nil
	case !json.Valid(got):
		return answer{}, nil, odd(fmt.Errorf("%s answered %s without JSON: check --url", at.Host, res.Status))
	}
	done.JSON = got
	return done, nil, nil
}
