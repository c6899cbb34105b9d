package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// frame is any frame of the feed.
type frame struct {
	Type  string          `json:"type"`
	Proto int             `json:"proto"`
	Epoch string          `json:"epoch"`
	Topic string          `json:"topic"`
	Prev  uint64          `json:"prev"`
	Seq   uint64          `json:"seq"`
	Now   string          `json:"now"`
	State json.RawMessage `json:"state"`
	// Events are the records of an ev frame.
	Events []struct {
		Seq  uint64          `json:"seq"`
		Type string          `json:"type"`
		Data json.RawMessage `json:"data"`
	} `json:"events"`
}

type socket struct {
	t *testing.T
	c *websocket.Conn
}

// follow opens a websocket as one of the centre's own pages does.
func (p *process) follow(topic string, header http.Header) *socket {
	p.t.Helper()
	if header == nil {
		header = http.Header{}
	}
	header.Set("Origin", p.base)
	c, resp, err := websocket.DefaultDialer.DialContext(p.t.Context(), "ws"+strings.TrimPrefix(p.base, "http")+"/feed?topic="+topic, header)
	if err != nil {
		p.t.Fatalf("follow %s: %v %v", topic, err, resp)
	}
	p.t.Cleanup(func() { c.Close() })
	return &socket{t: p.t, c: c}
}

// next reads the next frame that is no heartbeat; it must come soon.
func (s *socket) next() frame {
	s.t.Helper()
	for {
		if f := s.any(); f.Type != "hb" {
			return f
		}
	}
}

func (s *socket) any() frame {
	s.t.Helper()
	s.c.SetReadDeadline(time.Now().Add(15 * time.Second))
	kind, b, err := s.c.ReadMessage()
	if err != nil {
		s.t.Fatalf("read frame: %v", err)
	}
	var f frame
	if err := json.Unmarshal(b, &f); err != nil || kind != websocket.TextMessage {
		s.t.Fatalf("frame of kind %d: %v in %s", kind, err, b)
	}
	return f
}

func (s *socket) send(kind int, text string) {
	s.t.Helper()
	if err := s.c.WriteMessage(kind, []byte(text)); err != nil {
		s.t.Fatal(err)
	}
}

// closes reads on until the daemon closes, and expects the code. With all but
// 1009, which the websocket library sends, comes a reason in words.
func (s *socket) closes(code int) {
	s.t.Helper()
	s.c.SetReadDeadline(time.Now().Add(15 * time.Second))
	for {
		_, _, err := s.c.ReadMessage()
		if err == nil {
			continue
		}
		var closed *websocket.CloseError
		if !errors.As(err, &closed) || closed.Code != code || closed.Text == "" && code != 1009 {
			s.t.Errorf("closed with %v, want %d and words", err, code)
		}
		return
	}
}

// board is where the daemon stands, asked over HTTP.
func (p *process) position() (epoch string, seq uint64) {
	p.t.Helper()
	var b struct {
		Epoch string `json:"epoch"`
		Seq   uint64 `json:"seq"`
	}
	p.get("/api/v1/board", &b)
	return b.Epoch, b.Seq
}

// command must be carried out; it returns the position after it.
func (p *process) command(path, body string) uint64 {
	p.t.Helper()
	var a struct {
		Seq   uint64 `json:"seq"`
		Title string `json:"title"`
	}
	if code, err := p.post(path, "", body, &a); err != nil || code >= 300 {
		p.t.Fatalf("POST %s %s: %d %s %v", path, body, code, a.Title, err)
	}
	return a.Seq
}

// TestWall follows the board: hello, the state with its position, every call,
// and a sign of life that a page can see.
func TestWall(t *testing.T) {
	p := start(t, t.TempDir())
	p.command("/counters/1/open", `{}`)
	walls := []*socket{p.follow("board", nil), p.follow("board:main", nil)}
	epoch, seq := p.position()
	for _, w := range walls {
		hello, snap := w.next(), w.next()
		if hello.Type != "hello" || hello.Proto != 1 || hello.Epoch != epoch || hello.Seq != seq || hello.Now == "" {
			t.Errorf("first frame %+v, want hello at %s %d", hello, epoch, seq)
		}
		if snap.Type != "snap" || !strings.HasPrefix(snap.Topic, "board") || snap.Epoch != epoch || snap.Seq != seq || !strings.Contains(string(snap.State), `"Phường Mẫu"`) {
			t.Errorf("second frame %+v, want the board at %s %d", snap, epoch, seq)
		}
	}
	p.command("/tickets", `{"category":"A"}`)
	called := p.command("/counters/1/next", `{}`)
	for _, w := range walls {
		last := seq
		for {
			f := w.next()
			if f.Type != "snap" || f.Epoch != epoch || f.Seq < last {
				t.Fatalf("frame %+v after %d", f, last)
			}
			last = f.Seq
			if strings.Contains(string(f.State), `"calls":[{"seq":`+fmt.Sprint(called)+`,"label":"A001","counter":1`) {
				break
			}
			if f.Seq > called+8 { // the slip's own records may follow
				t.Fatalf("the call at %d is not on the board at %d: %s", called, f.Seq, f.State)
			}
		}
	}
	for f := walls[0].any(); ; f = walls[0].any() {
		if f.Type == "hb" {
			if f.Seq < called || f.Now == "" {
				t.Errorf("heartbeat %+v", f)
			}
			break
		}
	}
	// Asked to end, it says that it comes back.
	p.cmd.Process.Signal(syscall.SIGTERM)
	for _, w := range walls {
		w.closes(1012)
	}
	select {
	case <-p.done:
	case <-time.After(15 * time.Second):
		t.Fatal("it did not end after SIGTERM")
	}
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit %d after SIGTERM", code)
	}
}

// follower is what a console knows of the journal from frames alone.
type follower struct {
	t     *testing.T
	epoch string
	from  uint64   // position of the first snapshot
	seq   uint64   // position now
	seen  []uint64 // records, in the order they came
}

// take reads frames until the position is reached. A frame takes the follower
// from prev to seq; what it knows already, it drops.
func (f *follower) take(s *socket, upTo uint64) {
	f.t.Helper()
	for f.seq < upTo {
		x := s.next()
		if x.Type != "ev" || x.Prev > f.seq {
			f.t.Fatalf("at %d, on the way to %d: frame %s %d → %d", f.seq, upTo, x.Type, x.Prev, x.Seq)
		}
		for _, e := range x.Events {
			if e.Seq > f.seq {
				f.seen = append(f.seen, e.Seq)
				if e.Type == "" || len(e.Data) == 0 {
					f.t.Errorf("record %d without type or data", e.Seq)
				}
			}
		}
		f.seq = max(f.seq, x.Seq)
	}
}

// TestStaffResumes follows every record over a reconnect, over a kill -9 and a
// new process, with no gap and nothing twice.
func TestStaffResumes(t *testing.T) {
	data := t.TempDir()
	p := start(t, data)
	s := p.follow("staff", nil)
	hello, snap := s.next(), s.next()
	if hello.Type != "hello" || snap.Type != "snap" || snap.Topic != "staff" {
		t.Fatalf("frames %+v, %+v", hello, snap)
	}
	f := &follower{t: t, epoch: snap.Epoch, from: snap.Seq, seq: snap.Seq}
	resume := func(p *process, epoch string, seq uint64) *socket {
		t.Helper()
		s := p.follow("staff", nil)
		if h := s.next(); h.Type != "hello" {
			t.Fatalf("first frame %+v", h)
		}
		s.send(websocket.TextMessage, fmt.Sprintf(`{"type":"resume","epoch":%q,"seq":%d}`, epoch, seq))
		return s
	}
	for range 3 {
		f.take(s, p.command("/tickets", `{"category":"A"}`))
	}
	// Away for a moment.
	s.c.Close()
	for range 3 {
		p.command("/tickets", `{"category":"B"}`)
	}
	s = resume(p, f.epoch, f.seq)
	f.take(s, p.command("/counters/1/open", `{}`))

	// Killed while numbers are taken; some of what follows nobody has heard of.
	address := strings.TrimPrefix(p.base, "http://")
	stop := make(chan struct{})
	go func() {
		defer close(stop)
		for {
			if _, err := p.post("/tickets", "", `{"category":"C"}`, nil); err != nil {
				return
			}
		}
	}()
	_, now := p.position()
	f.take(s, now+20)
	p.kill()
	<-stop
	s.c.Close()
	p = start(t, data, "--listen", address)
	s = resume(p, f.epoch, f.seq)
	f.take(s, p.command("/tickets", `{"category":"A"}`))

	// An hour ago is as good as a moment ago: the journal has it.
	old := &follower{t: t, epoch: f.epoch, from: f.from, seq: f.from}
	old.take(resume(p, f.epoch, f.from), f.seq)
	for _, x := range []*follower{f, old} {
		for i, seq := range x.seen {
			if want := x.from + uint64(i) + 1; seq != want {
				t.Fatalf("record %d came where %d was due, of %v", seq, want, x.seen)
			}
		}
		if n := uint64(len(x.seen)); x.from+n != x.seq {
			t.Errorf("%d records on the way from %d to %d", n, x.from, x.seq)
		}
	}

	// From where nobody can go on, the whole state comes.
	_, now = p.position()
	for name, s := range map[string]*socket{
		"another journal": resume(p, "0123456789abcdef", f.seq),
		"the future":      resume(p, f.epoch, now+1000000),
	} {
		if x := s.next(); x.Type != "snap" || x.Epoch != f.epoch || x.Seq < f.seq || len(x.State) < 100 {
			t.Errorf("resume from %s: %s at %s %d", name, x.Type, x.Epoch, x.Seq)
		}
	}
	p.stop()
	t.Logf("%d records followed over a reconnect and a kill", len(f.seen))
}

// What no page of ours sends closes the socket with a number, and only that one.
func TestBadFrames(t *testing.T) {
	p := start(t, t.TempDir())
	bystander := p.follow("board", nil)
	bystander.next()
	bystander.next()
	for _, x := range []struct {
		name, topic, text string
		kind, code        int
	}{
		{name: "an unknown topic", topic: "weather", code: 4404},
		{name: "no topic", topic: "", code: 4404},
		{name: "an unknown counter's desk", topic: "desk:99", code: 4404},
		{name: "an unknown point's board", topic: "board:elsewhere", code: 4404},
		{name: "a ticket nobody was given", topic: "ticket:2026-11-22/AAAA", code: 4404},
		{name: "oversized", topic: "board", text: `{"type":"status","audio":"` + strings.Repeat("x", 5000) + `"}`, code: 1009},
		{name: "oversized and nonsense", topic: "staff", text: strings.Repeat("x", 100000), code: 1009},
		{name: "binary", topic: "board", text: `{"type":"status"}`, kind: websocket.BinaryMessage, code: 1003},
		{name: "malformed", topic: "board", text: `{"type":`, code: 1007},
		{name: "not an object", topic: "board", text: `"resume"`, code: 1007},
		{name: "an empty message", topic: "board", text: ` `, code: 1007},
		{name: "not UTF-8", topic: "board", text: "{\"type\":\"\xff\"}", code: 1007},
		{name: "an unknown type", topic: "board", text: `{"type":"call","label":"A001"}`, code: 1008},
		{name: "no type", topic: "staff", text: `{}`, code: 1008},
		{name: "a resume without a number", topic: "staff", text: `{"type":"resume","epoch":"x","seq":"last"}`, code: 1008},
		{name: "a resume below zero", topic: "staff", text: `{"type":"resume","epoch":"x","seq":-1}`, code: 1008},
		{name: "free text in a status", topic: "board", text: `{"type":"status","audio":"Nguyễn Văn A"}`, code: 1008},
	} {
		t.Run(x.name, func(t *testing.T) {
			s := p.follow(x.topic, nil)
			s.t = t
			if x.text != "" {
				s.send(cmp.Or(x.kind, websocket.TextMessage), x.text)
			}
			s.closes(x.code)
		})
	}
	t.Run("too many", func(t *testing.T) {
		s := p.follow("staff", nil)
		s.t = t
		for range 100 {
			if s.c.WriteMessage(websocket.TextMessage, []byte(`{"type":"resume","epoch":"x","seq":1}`)) != nil {
				break // already closed
			}
		}
		s.closes(1008)
	})
	seq := p.command("/tickets", `{"category":"A"}`)
	for bystander.next().Seq < seq { // still served
	}
	p.stop()
}

// Who may not follow is told so by number, since a page can't see a status.
func TestFeedIsGuarded(t *testing.T) {
	c := startStaffed(t)
	as := func(role string) http.Header { return http.Header{"Authorization": {"Bearer " + c.tokens[role]}} }
	c.follow("staff", nil).closes(4401)
	c.follow("desk:1", nil).closes(4401)
	c.follow("staff", as("kiosk")).closes(4403)
	c.follow("desk:2", as("officer")).closes(4403) // bound to counter 1
	c.follow("panel", as("supervisor")).closes(4404)
	for _, s := range []*socket{c.follow("board", nil), c.follow("staff", as("greeter")), c.follow("desk:1", as("officer"))} {
		if hello, snap := s.next(), s.next(); hello.Type != "hello" || snap.Type != "snap" {
			t.Errorf("frames %+v, %+v", hello, snap)
		}
	}
	c.stop()
}

// Displays that hang read nothing; the others must not feel it.
func TestStuckReaders(t *testing.T) {
	p := start(t, t.TempDir())
	p.command("/counters/1/open", `{}`)
	stuck := websocket.Dialer{NetDialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		d := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
			var err error
			return errors.Join(c.Control(func(fd uintptr) { // little room before the daemon must wait
				err = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096)
			}), err)
		}}
		return d.DialContext(ctx, network, address)
	}}
	for n := range 40 {
		topic := []string{"board", "staff"}[n%2]
		c, _, err := stuck.DialContext(t.Context(), "ws"+strings.TrimPrefix(p.base, "http")+"/feed?topic="+topic, http.Header{"Origin": {p.base}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
	}
	wall, staff := p.follow("board", nil), p.follow("staff", nil)
	wall.next()
	wall.next()
	staff.next()
	f := &follower{t: t, seq: staff.next().Seq}
	slowest := time.Duration(0)
	for n := range 120 {
		body := fmt.Sprintf(`{"category":%q}`, "ABCDEF"[n%6:n%6+1])
		began := time.Now()
		seq := p.command("/tickets", body)
		for wall.next().Seq < seq {
		}
		f.take(staff, seq)
		slowest = max(slowest, time.Since(began))
	}
	if slowest > 3*time.Second { // one stuck write alone would take 5 s
		t.Errorf("the slowest number took %v to be seen", slowest)
	}
	p.stop()
	t.Logf("with 40 stuck readers the slowest of 120 numbers was seen after %v", slowest)
}
