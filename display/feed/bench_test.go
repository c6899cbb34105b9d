package feed_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"motcua/display/feed"
)

const walls = 100

// boardState is the size of a busy hall's board.
var boardState = append(append([]byte(`{"rows":"`), bytes.Repeat([]byte("x"), 4000)...), `"}`...)

// BenchmarkFanout measures one publication to 100 displays on loopback, by the
// hub and by the least that gorilla can do: one goroutine that writes a
// prepared message to each socket. The two take turns, so that what else the
// machine does hits both. Reported are the times from the publication to each
// display and to the last of the hundred, and what the publication costs its
// caller.
func BenchmarkFanout(b *testing.B) {
	greeted := make(chan *websocket.Conn, walls)
	up := websocket.Upgrader{ReadBufferSize: 512, WriteBufferSize: 512}
	bare := newField(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		go c.ReadMessage()
		c.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello"}`))
		c.WriteMessage(websocket.TextMessage, []byte(`{"type":"snap"}`))
		greeted <- c
	}))
	var conns []*websocket.Conn
	for range walls {
		conns = append(conns, <-greeted)
	}
	bare.publish = func(uint64) {
		m, err := websocket.NewPreparedMessage(websocket.TextMessage, boardState)
		if err != nil {
			b.Fatal(err)
		}
		for _, c := range conns {
			c.SetWriteDeadline(time.Now().Add(5 * time.Second))
			if err := c.WritePreparedMessage(m); err != nil {
				b.Fatal(err)
			}
		}
	}
	h := wallHub(b)
	hub := newField(b, h)
	hub.publish = func(seq uint64) { h.Publish("board", feed.Position{Epoch: "e", Seq: seq}, boardState) }

	for range 20 { // grows stacks and buffers
		bare.round()
		hub.round()
	}
	bare.forget()
	hub.forget()
	for b.Loop() {
		bare.round()
		hub.round()
	}
	bare.report(b, "bare")
	hub.report(b, "hub")
	b.ReportMetric(float64(at(hub.last, 99))/float64(at(bare.last, 99)), "last-p99-ratio")
}

func wallHub(b *testing.B) *feed.Hub {
	h, err := feed.NewHub(feed.Options{
		Turn:          func(_ context.Context, f func()) error { f(); return nil },
		Position:      func() feed.Position { return feed.Position{Epoch: "e"} },
		Authorize:     func(*http.Request, string) (string, error) { return "", nil },
		MaxPerAddress: 2 * walls,
		Heartbeat:     time.Hour, // it would count as a publication
	})
	if err != nil {
		b.Fatal(err)
	}
	h.Latest("board", func(string) (feed.Position, []byte, error) {
		return feed.Position{Epoch: "e"}, boardState, nil
	})
	if err := h.Open(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { h.Close() })
	return h
}

// field is a hundred displays.
type field struct {
	arrived chan time.Time
	publish func(seq uint64)
	seq     uint64

	each, last, caller []time.Duration
}

func newField(b *testing.B, handler http.Handler) *field {
	f := &field{arrived: make(chan time.Time, walls)}
	srv := &http.Server{Handler: handler}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	go srv.Serve(l)
	b.Cleanup(func() { srv.Close() })
	for range walls {
		c, _, err := websocket.DefaultDialer.Dial("ws://"+l.Addr().String()+"/feed?topic=board",
			http.Header{"Origin": {"http://" + l.Addr().String()}})
		if err != nil {
			b.Fatal(err)
		}
		for range 2 { // hello, snap
			if _, _, err := c.ReadMessage(); err != nil {
				b.Fatal(err)
			}
		}
		b.Cleanup(func() { c.Close() })
		go func() {
			buf := make([]byte, 8192)
			for {
				_, r, err := c.NextReader()
				if err != nil {
					return
				}
				for err == nil {
					_, err = r.Read(buf)
				}
				if err != io.EOF {
					return
				}
				f.arrived <- time.Now()
			}
		}()
	}
	return f
}

// round publishes once and waits until all have it.
func (f *field) round() {
	f.seq++
	start := time.Now()
	f.publish(f.seq)
	f.caller = append(f.caller, time.Since(start))
	var latest time.Time
	for range walls {
		at := <-f.arrived
		f.each = append(f.each, at.Sub(start))
		if at.After(latest) {
			latest = at
		}
	}
	f.last = append(f.last, latest.Sub(start))
}

func (f *field) forget() { f.each, f.last, f.caller = nil, nil, nil }

func (f *field) report(b *testing.B, who string) {
	for _, m := range []struct {
		name string
		all  []time.Duration
	}{{"each", f.each}, {"last", f.last}, {"caller", f.caller}} {
		slices.Sort(m.all)
		for _, p := range []int{50, 99} {
			b.ReportMetric(float64(at(m.all, p).Microseconds()), fmt.Sprintf("%s-%s-p%d-µs", who, m.name, p))
		}
	}
}

// at is the percentile p of sorted durations.
func at(sorted []time.Duration, p int) time.Duration { return sorted[len(sorted)*p/100] }

// BenchmarkMemory reports what a connection holds in heap and stacks, with
// clients that are bare sockets.
func BenchmarkMemory(b *testing.B) {
	for b.Loop() {
		h := wallHub(b)
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			b.Fatal(err)
		}
		srv := &http.Server{Handler: h}
		go srv.Serve(l)
		before := inUse()
		var conns []net.Conn
		for range walls {
			c, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			io.WriteString(c, "GET /feed?topic=board HTTP/1.1\r\nHost: h\r\nOrigin: http://h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
			conns = append(conns, c)
		}
		buf := make([]byte, 64<<10)
		for _, c := range conns {
			for n := 0; n < len(boardState); {
				k, err := c.Read(buf)
				if err != nil {
					b.Fatal(err)
				}
				n += k
			}
		}
		settled(b, h, func(s feed.Stats) bool { return s.Sockets == walls && s.Frames == 2*walls })
		b.ReportMetric(float64(inUse()-before)/walls, "B/socket")
		for _, c := range conns {
			c.Close()
		}
		h.Close()
		srv.Close()
	}
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc + m.StackInuse)
}

// BenchmarkPublishUnheard is what a publication costs when nobody listens.
func BenchmarkPublishUnheard(b *testing.B) {
	h := wallHub(b)
	for b.Loop() {
		h.Publish("board", feed.Position{Epoch: "e", Seq: 1}, boardState)
	}
}
