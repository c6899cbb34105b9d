package feed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"motcua/display/feed"
)

// owner is a state with one goroutine: a journal of numbers, where the state
// at seq n is {"n":n} and the event n is n itself.
type owner struct {
	mu   sync.Mutex // protects ends
	ends []uint64   // of the batches

	turns chan func()
	stop  chan struct{}
	done  chan struct{}

	epoch   string
	seq     uint64
	sourced int // how often the source was asked
}

func newOwner(t testing.TB) *owner {
	o := &owner{turns: make(chan func()), stop: make(chan struct{}), done: make(chan struct{}), epoch: "e1"}
	go func() {
		defer close(o.done)
		for {
			select {
			case f := <-o.turns:
				f()
			case <-o.stop:
				return
			}
		}
	}()
	t.Cleanup(func() { close(o.stop); <-o.done })
	return o
}

func (o *owner) turn(ctx context.Context, f func()) error {
	done := make(chan struct{})
	select {
	case o.turns <- func() { defer close(done); f() }:
		<-done
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// do is turn for the test itself.
func (o *owner) do(f func()) { o.turn(context.Background(), f) }

func (o *owner) position() feed.Position { return feed.Position{Epoch: o.epoch, Seq: o.seq} }

func (o *owner) source(topic string) (feed.Position, []byte, error) {
	o.sourced++
	if topic == "desk:none" {
		return feed.Position{}, nil, feed.ErrNoTopic
	}
	if topic == "desk:broken" {
		return feed.Position{}, nil, errors.New("disk on fire")
	}
	return o.position(), o.state(), nil
}

func (o *owner) state() []byte { return fmt.Appendf(nil, `{"n":%d}`, o.seq) }

// commit appends k events as one batch and publishes it everywhere.
func (o *owner) commit(h *feed.Hub, k int) {
	o.do(func() {
		prev := o.seq
		var events []uint64
		for range k {
			o.seq++
			events = append(events, o.seq)
		}
		o.mu.Lock()
		o.ends = append(o.ends, o.seq)
		o.mu.Unlock()
		b, _ := json.Marshal(events)
		h.Append("staff", prev, o.position(), b)
		h.Publish("board", o.position(), o.state())
	})
}

// backlog is a journal that keeps everything, one delta a record.
func (o *owner) backlog(_ context.Context, _ string, after feed.Position, upTo uint64) ([]feed.Delta, error) {
	var ds []feed.Delta
	for s := after.Seq + 1; s <= upTo; s++ {
		ds = append(ds, feed.Delta{Prev: s - 1, Seq: s, Events: fmt.Appendf(nil, "[%d]", s)})
	}
	return ds, nil
}

// batches is a journal that keeps everything, one delta a batch: a client that
// may break off anywhere must not stand inside one, where no frame goes on.
func (o *owner) batches(_ context.Context, _ string, after feed.Position, upTo uint64) ([]feed.Delta, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	var ds []feed.Delta
	prev := after.Seq
	for _, end := range o.ends {
		if end <= prev || end > upTo {
			continue
		}
		var events []uint64
		for s := prev + 1; s <= end; s++ {
			events = append(events, s)
		}
		b, err := json.Marshal(events)
		if err != nil {
			return nil, err
		}
		ds = append(ds, feed.Delta{Prev: prev, Seq: end, Events: b})
		prev = end
	}
	return ds, nil
}

func (o *owner) options() feed.Options {
	return feed.Options{
		Turn: o.turn, Position: o.position,
		Authorize: func(r *http.Request, topic string) (string, error) {
			switch r.Header.Get("X-Who") {
			case "stranger":
				return "", feed.ErrNotPaired
			case "citizen":
				return "", fmt.Errorf("look at rights: %w", feed.ErrNotAllowed)
			case "broken":
				return "", errors.New("no database")
			}
			return "officer-1", nil
		},
		AllowOrigin: func(origin string) bool { return origin == "https://mc.example" },
		Server:      "v1", Asset: "abc",
	}
}

func newHub(t testing.TB, o feed.Options, src feed.Source) *feed.Hub {
	t.Helper()
	h, err := feed.NewHub(o)
	if err != nil {
		t.Fatal(err)
	}
	h.Latest("board", src)
	h.Latest("board:*", src)
	h.Latest("ticket:*", src)
	h.Stream("staff", src)
	h.Stream("desk:*", src)
	if err := h.Open(); err != nil {
		t.Fatal(err)
	}
	return h
}

// house serves a hub on a listener of pipes, which works in a synctest bubble,
// or on loopback.
type house struct {
	t    testing.TB
	hub  *feed.Hub
	srv  *http.Server
	dial func() (net.Conn, error)
	done chan struct{}
	once sync.Once
}

func serve(t testing.TB, hub *feed.Hub, pipes bool) *house {
	t.Helper()
	w := &house{t: t, hub: hub, srv: &http.Server{Handler: hub}, done: make(chan struct{})}
	var l net.Listener
	if pipes {
		p := &pipeListener{conns: make(chan net.Conn), closed: make(chan struct{})}
		l, w.dial = p, p.dial
	} else {
		real, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l, w.dial = real, func() (net.Conn, error) { return net.Dial("tcp", real.Addr().String()) }
	}
	go func() { defer close(w.done); w.srv.Serve(l) }()
	t.Cleanup(w.close)
	return w
}

func (w *house) close() {
	w.once.Do(func() {
		w.hub.Close()
		w.srv.Close()
		<-w.done
	})
}

type pipeListener struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (p *pipeListener) dial() (net.Conn, error) {
	a, b := net.Pipe()
	select {
	case p.conns <- addressed{a}:
		return b, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return c, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipeListener) Close() error { p.once.Do(func() { close(p.closed) }); return nil }

func (p *pipeListener) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80} }

// addressed gives a pipe the address that a socket would have.
type addressed struct{ net.Conn }

func (addressed) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(10, 0, 0, 7), Port: 5000} }

// connect opens a socket; headers come in pairs.
func (w *house) connect(topic string, headers ...string) *peer {
	w.t.Helper()
	c, resp, err := w.tryConnect(topic, headers...)
	if err != nil {
		status := 0
		if resp != nil {
			status = resp.StatusCode
		}
		w.t.Fatalf("connect to %s: %v (status %d)", topic, err, status)
	}
	return &peer{t: w.t, c: c}
}

func (w *house) tryConnect(topic string, headers ...string) (*websocket.Conn, *http.Response, error) {
	d := websocket.Dialer{NetDialContext: func(context.Context, string, string) (net.Conn, error) { return w.dial() }}
	h := http.Header{"Origin": {"http://motcua.local"}}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			h.Del(headers[i])
			continue
		}
		h.Set(headers[i], headers[i+1])
	}
	return d.Dial("ws://motcua.local/feed?topic="+topic, h)
}

// peer is the far end of a socket.
type peer struct {
	t testing.TB
	c *websocket.Conn
}

// message is any frame that goes down.
type message struct {
	Type   string
	Proto  int
	Server string
	Asset  string
	Topic  string
	Epoch  string
	Seq    uint64
	Prev   uint64
	Now    string
	State  *struct{ N uint64 }
	Events []uint64
}

func (p *peer) read() message {
	p.t.Helper()
	m, err := p.tryRead()
	if err != nil {
		p.t.Fatalf("read: %v", err)
	}
	return m
}

func (p *peer) tryRead() (message, error) {
	kind, data, err := p.c.ReadMessage()
	if err != nil {
		return message{}, err
	}
	var m message
	if kind != websocket.TextMessage {
		return m, fmt.Errorf("message of kind %d", kind)
	}
	return m, json.Unmarshal(data, &m)
}

// expect reads frames of the given types, passing over heartbeats.
func (p *peer) expect(kinds ...string) message {
	p.t.Helper()
	var m message
	for _, k := range kinds {
		for m = p.read(); m.Type == "hb" && k != "hb"; m = p.read() {
		}
		if m.Type != k {
			p.t.Fatalf("got frame %+v, want %s", m, k)
		}
	}
	return m
}

func (p *peer) send(text string) {
	p.t.Helper()
	if err := p.c.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		p.t.Fatalf("send: %v", err)
	}
}

// ended reads to the end and returns the close code and reason.
func (p *peer) ended() (feed.Code, string) {
	p.t.Helper()
	for {
		if _, _, err := p.c.ReadMessage(); err != nil {
			var closed *websocket.CloseError
			if errors.As(err, &closed) {
				return feed.Code(closed.Code), closed.Text
			}
			if errors.Is(err, io.EOF) {
				return feed.CodeLost, ""
			}
			p.t.Fatalf("read to the end: %v", err)
		}
	}
}

// settled waits until the hub has n clients, outside a bubble.
func settled(t testing.TB, h *feed.Hub, ok func(feed.Stats) bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !ok(h.Stats()) {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("hub did not settle: %+v", h.Stats())
		}
	}
}

// get asks without an upgrade.
func (w *house) get(path, who string) *http.Response {
	w.t.Helper()
	tr := &http.Transport{
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return w.dial() },
		DisableKeepAlives: true,
	}
	req, _ := http.NewRequest(http.MethodGet, "http://motcua.local"+path, nil)
	req.Header.Set("X-Who", who)
	resp, err := tr.RoundTrip(req)
	if err != nil {
		w.t.Fatal(err)
	}
	io.Copy(io.Discard, resp.Body)
	resp.Body.Close()
	return resp
}
