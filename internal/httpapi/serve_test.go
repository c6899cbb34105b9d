package httpapi_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"motcua/internal/httpapi"
	"motcua/queue"
)

// Serve lets a request under way finish before it returns.
func TestServeStopsGently(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	entered, leave := make(chan struct{}), make(chan struct{})
	h := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		close(entered)
		<-leave
		io.WriteString(w, "done")
	})
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- httpapi.Serve(ctx, l, h, slog.New(slog.DiscardHandler), time.Minute) }()
	got := make(chan string, 1)
	go func() {
		r, err := http.Get("http://" + l.Addr().String())
		if err != nil {
			got <- err.Error()
			return
		}
		b, _ := io.ReadAll(r.Body)
		r.Body.Close()
		got <- string(b)
	}()
	<-entered
	stop()
	close(leave)
	if s := <-got; s != "done" {
		t.Errorf("the request under way got %q", s)
	}
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := httpapi.Serve(context.Background(), l, h, slog.New(slog.DiscardHandler), time.Minute); err == nil {
		t.Error("served on a closed listener")
	}
}

// The feed takes the connection over through all that stands before it.
func TestFeedCanHijack(t *testing.T) {
	taken := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		fmt.Fprint(c, "HTTP/1.1 101 Switching Protocols\r\n\r\nmine")
	})
	h := newHouse(t, func(o *httpapi.Options) { o.Feed = taken })
	srv := httptest.NewServer(h)
	defer srv.Close()
	c, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET /feed?topic=board HTTP/1.1\r\nHost: localhost\r\n\r\n")
	r := bufio.NewReader(c)
	if line, err := r.ReadString('\n'); err != nil || line != "HTTP/1.1 101 Switching Protocols\r\n" {
		t.Errorf("%q %v", line, err)
	}
}

func Example() {
	t := exampleT{}
	h := newHouse(t)
	for _, r := range []request{
		{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`, role: queue.Kiosk},
		{method: "POST", path: "/api/v1/tickets", body: `{"category":"A"}`},
	} {
		w := h.send(r)
		fmt.Println(w.Code, w.Header().Get("Content-Type"))
	}
	// Output:
	// 201 application/json
	// 401 application/problem+json
}

// exampleT lets an Example build a house.
type exampleT struct{ testing.TB }

func (exampleT) Helper()           {}
func (exampleT) Fatal(args ...any) { panic(fmt.Sprint(args...)) }
