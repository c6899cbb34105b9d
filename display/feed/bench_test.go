package feed_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"runtime"
	"slices"
	"sync"
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
// prepared message to each socket. Reported are the times from the publication
// to each display and to the last of the hundred, and what the publication
// costs its caller.
func BenchmarkFanout(b *testing.B) {
	b.Run("bare", func(b *testing.B) {
		var conns []*websocket.Conn
		var mu sync.Mutex
		up := websocket.Upgrader{ReadBufferSize: 512, WriteBufferSize: 512}
		f := newField(b, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			c, err := up.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			mu.Unlock()
			go c.ReadMessage()
			c.WriteMessage(websocket.TextMessage, []byte(`{"type":"hello"}`))
			c.WriteMessage(websocket.TextMessage, []byte(`{"type":"snap"}`))
		}))
		f.measure(b, func(uint64) {
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
		})
	})
	b.Run("hub", func(b *testing.B) {
		h := wallHub(b)
		f := newField(b, h)
		f.measure(b, func(seq uint64) { h.Publish("board", feed.Position{Epoch: "e", Seq: seq}, boardState) })
	})
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

func (f *field) measure(b *testing.B, publish func(seq uint64)) {
	var each, last, caller []time.Duration
	seq := uint64(0)
	round := func() {
		seq++
		start := time.Now()
		publish(seq)
		caller = append(caller, time.Since(start))
		var latest time.Time
		for range walls {
			at := <-f.arrived
			each = append(each, at.Sub(start))
			if at.After(latest) {
				latest = at
			}
		}
		last = append(last, latest.Sub(start))
	}
	for range 20 {
		round() // grows stacks and buffers
	}
	each, last, caller = nil, nil, nil
	b.ResetTimer()
	for b.Loop() {
		round()
	}
	b.StopTimer()
	for _, m := range []struct {
		name string
		all  []time.Duration
	}{{"each", each}, {"last", last}, {"caller", caller}} {
		slices.Sort(m.all)
		b.ReportMetric(float64(m.all[len(m.all)/2].Microseconds()), m.name+"-p50-µs")
		b.ReportMetric(float64(m.all[len(m.all)*99/100].Microseconds()), m.name+"-p99-µs")
	}
}

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
