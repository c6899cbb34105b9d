package feed_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gorilla/websocket"

	"motcua/display/feed"
)

// A board with one number on it. The owner here is whoever holds the turn;
// a daemon runs the function on its engine's goroutine.
func ExampleHub() {
	board := "A001"
	pos := feed.Position{Epoch: "e1", Seq: 1}
	turn := make(chan struct{}, 1)

	hub, err := feed.NewHub(feed.Options{
		Turn: func(ctx context.Context, f func()) error {
			turn <- struct{}{}
			defer func() { <-turn }()
			f()
			return nil
		},
		Position:  func() feed.Position { return pos },
		Authorize: func(*http.Request, string) (string, error) { return "wall", nil },
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	hub.Latest("board", func(string) (feed.Position, []byte, error) {
		return pos, fmt.Appendf(nil, "%q", board), nil
	})
	hub.Open()
	defer hub.Close()
	srv := httptest.NewServer(hub)
	defer srv.Close()

	wall, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(srv.URL, "http")+"/feed?topic=board",
		http.Header{"Origin": {srv.URL}})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer wall.Close()
	wall.ReadMessage() // hello
	_, snap, _ := wall.ReadMessage()
	fmt.Println(string(snap))

	turn <- struct{}{}
	board, pos.Seq = "A002", 2
	if hub.Listening("board") {
		hub.Publish("board", pos, fmt.Appendf(nil, "%q", board))
	}
	<-turn
	_, snap, _ = wall.ReadMessage()
	fmt.Println(string(snap))
	// Output:
	// {"type":"snap","topic":"board","epoch":"e1","seq":1,"state":"A001"}
	// {"type":"snap","topic":"board","epoch":"e1","seq":2,"state":"A002"}
}
