package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// asBrowser makes this test program a browser on a wall display: it loads the
// page whose address it is given last, follows the board and says that it draws,
// until a file named frozen lies in its folder. Then it holds its link and says
// nothing more, and does not heed SIGTERM either.
const asBrowser = "MOTCUA_TEST_BROWSER"

// browse never returns: a kiosk's browser has no end of its own.
func browse(dir, page string) {
	for {
		_ = browseOnce(dir, page) // a page without a link tries again
		time.Sleep(50 * time.Millisecond)
	}
}

func browseOnce(dir, page string) error {
	resp, err := http.Get(page)
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, resp.Body)
	if err := errors.Join(err, resp.Body.Close()); err != nil || resp.StatusCode != http.StatusOK {
		return fmt.Errorf("load page: %d %v", resp.StatusCode, err)
	}
	u := resp.Request.URL
	c, _, err := websocket.DefaultDialer.Dial("ws://"+u.Host+"/feed?topic=board", http.Header{"Origin": {"http://" + u.Host}})
	if err != nil {
		return err
	}
	defer c.Close()
	gone := make(chan error, 1)
	go func() {
		for {
			if _, _, err := c.ReadMessage(); err != nil {
				gone <- err
				return
			}
		}
	}()
	draw := time.NewTicker(100 * time.Millisecond)
	defer draw.Stop()
	for {
		if _, err := os.Stat(filepath.Join(dir, "frozen")); err == nil {
			signal.Ignore(syscall.SIGTERM)
		} else if err := c.WriteMessage(websocket.TextMessage, fmt.Appendf(nil, `{"type":"status","screen":%q}`, u.Query().Get("screen"))); err != nil {
			return err
		}
		select {
		case <-draw.C:
		case err := <-gone:
			return err
		}
	}
}

// wallDisplay is the packaged display on this machine: its start script in a
// loop, as Restart=always, and its watcher.
type wallDisplay struct {
	t     *testing.T
	dir   string
	said  *lockedBuffer
	mu    sync.Mutex
	round int // how often the browser has been started; guarded by mu
}

// hang starts both on a page of the daemon's.
func hang(t *testing.T, page string) *wallDisplay {
	t.Helper()
	w := &wallDisplay{t: t, dir: t.TempDir(), said: &lockedBuffer{}}
	scripts, err := filepath.Abs("../../packaging/display")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cage := fmt.Sprintf("#!/bin/sh\n[ \"$1 $2 $3\" = \"-s -- chromium\" ] || exit 1\nexec %s \"$@\"\n", self)
	if err := os.WriteFile(filepath.Join(w.dir, "cage"), []byte(cage), 0o700); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "PATH="+w.dir+":"+os.Getenv("PATH"), asBrowser+"="+w.dir,
		"MOTCUA_DISPLAY_URL="+page, "MOTCUA_DISPLAY_SCREEN=hall-1", "MOTCUA_DISPLAY_RUN="+w.dir,
		"MOTCUA_DISPLAY_PATIENCE=1", "MOTCUA_DISPLAY_LOOK=0.2")
	ctx, cancel := context.WithCancel(context.Background())
	var managers sync.WaitGroup
	t.Cleanup(func() {
		cancel()
		managers.Wait()
	})
	run := func(script string) error {
		cmd := exec.CommandContext(ctx, filepath.Join(scripts, script))
		cmd.Env, cmd.Stderr = env, w.said
		return cmd.Run()
	}
	managers.Go(func() {
		for ctx.Err() == nil {
			w.mu.Lock()
			w.round++
			w.mu.Unlock()
			_ = run("start") // ended by the watcher, or by the test's end
		}
	})
	managers.Go(func() {
		if err := run("watch"); ctx.Err() == nil {
			t.Errorf("the watcher ended: %v\n%s", err, w.said)
		}
	})
	return w
}

func (w *wallDisplay) starts() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.round
}

func (w *wallDisplay) until(what string, done func() bool) {
	w.t.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatalf("waited in vain until %s; said:\n%s", what, w.said)
		}
	}
}

// holds fails the test when the browser is started anew for as long as four
// times the watcher's patience.
func (w *wallDisplay) holds(what string) {
	w.t.Helper()
	before := w.starts()
	for end := time.Now().Add(4 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if w.starts() != before {
			w.t.Fatalf("%s: the browser was started anew; said:\n%s", what, w.said)
		}
	}
}

// TestDisplayWatch lets the packaged watcher look after a browser that draws,
// freezes, and can't reach its daemon.
func TestDisplayWatch(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		const why = "the watcher asks with curl, which is not here; install it with: apt install curl"
		if os.Getenv("CI") == "true" {
			t.Fatal(why)
		}
		t.Skip(why)
	}
	data := t.TempDir()
	p := start(t, data)
	w := hang(t, p.base+"/display?point=main")
	silent := func() int {
		var v struct {
			Silent *int `json:"silent_seconds"`
		}
		if err := p.read("/api/v1/screens/hall-1", &v); err != nil || v.Silent == nil {
			return -1
		}
		return *v.Silent
	}
	w.until("the page draws", func() bool { return silent() == 0 })
	w.holds("a page that draws")

	frozen := filepath.Join(w.dir, "frozen")
	if err := os.WriteFile(frozen, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	w.until("a frozen browser is started anew", func() bool { return w.starts() == 2 })
	if err := os.Remove(frozen); err != nil {
		t.Fatal(err)
	}
	w.until("the page draws again", func() bool { return silent() == 0 })
	says(t, w.said.String(), "nothing has been drawn on hall-1 for", "started anew")

	// A browser is not to blame for a daemon that is away.
	address := strings.TrimPrefix(p.base, "http://")
	before := w.starts()
	p.kill()
	w.until("the watcher sees that the daemon is away", func() bool {
		return strings.Contains(w.said.String(), "can't be asked about the screen hall-1; the browser is left alone")
	})
	w.holds("a daemon that is away")
	p = start(t, data, "--listen", address)
	w.until("the page draws for the new daemon", func() bool { return silent() == 0 })
	if got := w.starts(); got != before {
		t.Errorf("the browser was started %d times, want %d", got, before)
	}
}

// The pages without scripts are heard of by being fetched again and again.
func TestScreenWithoutScripts(t *testing.T) {
	p := start(t, t.TempDir())
	var v struct {
		Silent *int `json:"silent_seconds"`
	}
	p.get("/api/v1/screens/old-tv", &v)
	if v.Silent != nil {
		t.Errorf("nobody is there, and it was heard of %d s ago", *v.Silent)
	}
	resp, err := http.Get(p.base + "/display/basic?screen=old-tv")
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	p.get("/api/v1/screens/old-tv", &v)
	if v.Silent == nil || *v.Silent > 5 {
		t.Errorf("it was fetched just now, and silent for %v", v.Silent)
	}
}
