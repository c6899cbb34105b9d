package feed_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/gorilla/websocket"

	"motcua/display/feed"
)

// inBubble runs a test under a virtual clock with a hub served on pipes.
func inBubble(t *testing.T, change func(*feed.Options, *owner), test func(t *testing.T, o *owner, w *house)) {
	synctest.Test(t, func(t *testing.T) {
		o := newOwner(t)
		opts := o.options()
		if change != nil {
			change(&opts, o)
		}
		w := serve(t, newHub(t, opts, o.source), true)
		test(t, o, w)
		w.close()
	})
}

func TestLatestStartsWithTheWholeState(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		o.commit(w.hub, 7)
		p := w.connect("board")
		hello := p.expect("hello")
		now := hello.Now
		hello.Now = ""
		if diff := cmp.Diff(message{Type: "hello", Proto: feed.Proto, Server: "v1", Asset: "abc", Epoch: "e1", Seq: 7}, hello); diff != "" {
			t.Errorf("hello (-want +got):\n%s", diff)
		}
		if at, err := time.Parse(time.RFC3339, now); err != nil || !at.Equal(time.Now()) || len(now) != len("2000-01-01T00:00:00.000Z") {
			t.Errorf("now is %q (%v), want %v in milliseconds", now, err, time.Now())
		}
		snap := p.expect("snap")
		if snap.Topic != "board" || snap.Epoch != "e1" || snap.Seq != 7 || snap.State.N != 7 {
			t.Errorf("got snap %+v", snap)
		}
		o.commit(w.hub, 1)
		if snap = p.expect("snap"); snap.Seq != 8 || snap.State.N != 8 {
			t.Errorf("got snap %+v after a commit", snap)
		}
	})
}

func TestHeartbeatsAreDataAndCarryThePosition(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		board, staff := w.connect("board"), w.connect("staff")
		board.expect("hello", "snap")
		staff.expect("hello", "snap")
		o.commit(w.hub, 3)
		board.expect("snap")
		staff.expect("ev")
		for range 3 {
			before := time.Now()
			for _, p := range []*peer{board, staff} {
				if hb := p.expect("hb"); hb.Seq != 3 || hb.Now == "" {
					t.Errorf("got heartbeat %+v, want seq 3", hb)
				}
			}
			if d := time.Since(before); d > 5*time.Second {
				t.Errorf("a heartbeat took %v", d)
			}
		}
	})
}

func TestNewestReplacesOlderForAStuckReaderAndDelaysNobody(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		stuck, quick := w.connect("board"), w.connect("board")
		stuck.expect("hello", "snap")
		quick.expect("hello", "snap")
		for i := range 50 {
			o.commit(w.hub, 1)
			synctest.Wait() // until the stuck one's writer hangs
			if got := quick.expect("snap"); got.Seq != uint64(i+1) {
				t.Fatalf("quick reader got %d, want %d", got.Seq, i+1)
			}
		}
		// A pipe has no buffer: the stuck one's writer hangs in the first
		// frame, and the slot holds the last.
		if got := stuck.expect("snap"); got.Seq != 1 {
			t.Errorf("stuck reader first gets %d, want 1", got.Seq)
		}
		if got := stuck.expect("snap"); got.Seq != 50 {
			t.Errorf("stuck reader then gets %d, want 50", got.Seq)
		}
		if got := w.hub.Stats().Replaced; got != 48 {
			t.Errorf("%d frames replaced, want 48", got)
		}
	})
}

func TestAReaderStuckForGoodIsDropped(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("board")
		p.expect("hello", "snap")
		o.commit(w.hub, 1)
		<-time.After(5*time.Second + time.Millisecond) // virtual
		synctest.Wait()
		s := w.hub.Stats()
		if s.Sockets != 0 || s.Closed[feed.CodeStalled] != 1 {
			t.Errorf("after the write deadline: %+v", s)
		}
		if len(w.hub.Topics()) != 0 {
			t.Errorf("topics left: %v", w.hub.Topics())
		}
	})
}

func TestAHalfOpenSocketIsDropped(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("board")
		p.c.SetPingHandler(func(string) error { return nil }) // hears, never answers
		start := time.Now()
		code, _ := p.ended()
		if d := time.Since(start); code != feed.CodeStalled || d != 45*time.Second {
			t.Errorf("ended with %d after %v, want %d after 45s", code, d, feed.CodeStalled)
		}
		// One that answers stays.
		q := w.connect("board")
		start = time.Now()
		for time.Since(start) < 5*time.Minute {
			q.read()
		}
	})
}

func TestResume(t *testing.T) {
	for _, c := range []struct {
		name    string
		backlog bool
		resume  string
		want    []string // type prev seq
		counts  [3]uint64
	}{
		{"nothing held", false, `{"type":"resume","epoch":"","seq":0}`, []string{"snap 0 20"}, [3]uint64{1, 0, 0}},
		{"nothing missed", false, `{"type":"resume","epoch":"e1","seq":20}`, nil, [3]uint64{0, 1, 0}},
		{"out of the ring", false, `{"type":"resume","epoch":"e1","seq":18}`, []string{"ev 18 19", "ev 19 20"}, [3]uint64{0, 1, 0}},
		{"the ring's very start", false, `{"type":"resume","epoch":"e1","seq":16}`, []string{"ev 16 17", "ev 17 18", "ev 18 19", "ev 19 20"}, [3]uint64{0, 1, 0}},
		{"before the ring, no backlog", false, `{"type":"resume","epoch":"e1","seq":15}`, []string{"snap 0 20"}, [3]uint64{1, 0, 0}},
		{"out of the backlog", true, `{"type":"resume","epoch":"e1","seq":15}`, []string{"ev 15 16", "ev 16 17", "ev 17 18", "ev 18 19", "ev 19 20"}, [3]uint64{0, 0, 1}},
		{"foreign epoch", true, `{"type":"resume","epoch":"e0","seq":18}`, []string{"snap 0 20"}, [3]uint64{1, 0, 0}},
		{"from the future", true, `{"type":"resume","epoch":"e1","seq":21}`, []string{"snap 0 20"}, [3]uint64{1, 0, 0}},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, func(opts *feed.Options, o *owner) {
				opts.RingFrames = 4
				if c.backlog {
					opts.Backlog = o.backlog
				}
			}, func(t *testing.T, o *owner, w *house) {
				first := w.connect("staff") // keeps the ring
				first.expect("hello", "snap")
				for range 20 {
					o.commit(w.hub, 1)
					first.expect("ev")
				}
				before := w.hub.Stats()
				p := w.connect("staff")
				p.expect("hello")
				p.send(c.resume)
				for _, want := range c.want {
					m := p.read()
					if got := fmt.Sprintf("%s %d %d", m.Type, m.Prev, m.Seq); got != want {
						t.Errorf("got %s, want %s", got, want)
					}
				}
				synctest.Wait()
				// And it goes on from there without a gap.
				o.commit(w.hub, 2)
				if m := p.expect("ev"); m.Prev != 20 || m.Seq != 22 || !cmp.Equal(m.Events, []uint64{21, 22}) {
					t.Errorf("next frame %+v, want 20 to 22", m)
				}
				s := w.hub.Stats()
				got := [3]uint64{s.Snapshots - before.Snapshots, s.FromRing - before.FromRing, s.FromBacklog - before.FromBacklog}
				if got != c.counts {
					t.Errorf("counted snapshots, ring, backlog %v, want %v", got, c.counts)
				}
			})
		})
	}
}

func TestAResumeCannotBringATopicToLife(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("desk:none")
		p.expect("hello")
		p.send(`{"type":"resume","epoch":"e1","seq":0}`)
		if code, _ := p.ended(); code != feed.CodeNoTopic || len(w.hub.Topics()) != 0 {
			t.Errorf("ended with %d, topics %v", code, w.hub.Topics())
		}
	})
}

func TestABacklogThatCannotServeEndsInASnapshot(t *testing.T) {
	for name, backlog := range map[string]func() ([]feed.Delta, error){
		"too far": func() ([]feed.Delta, error) { return nil, feed.ErrTooFar },
		"broken":  func() ([]feed.Delta, error) { return nil, fmt.Errorf("disk on fire") },
		"gap": func() ([]feed.Delta, error) {
			return []feed.Delta{{Prev: 1, Seq: 2}, {Prev: 3, Seq: 4}}, nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(opts *feed.Options, o *owner) {
				opts.Backlog = func(_ context.Context, _ string, _ feed.Position, _ uint64) ([]feed.Delta, error) { return backlog() }
			}, func(t *testing.T, o *owner, w *house) {
				o.commit(w.hub, 9)
				p := w.connect("staff")
				p.expect("hello")
				p.send(`{"type":"resume","epoch":"e1","seq":1}`)
				if m := p.read(); m.Type != "snap" || m.Seq != 9 {
					t.Errorf("got %+v, want a snapshot at 9", m)
				}
			})
		})
	}
}

func TestEventsDuringTheBacklogAreNotLost(t *testing.T) {
	entered, leave := make(chan struct{}), make(chan struct{})
	o := newOwner(t)
	opts := o.options()
	opts.Backlog = func(ctx context.Context, topic string, after feed.Position, upTo uint64) ([]feed.Delta, error) {
		close(entered)
		<-leave
		return o.backlog(ctx, topic, after, upTo)
	}
	w := serve(t, newHub(t, opts, o.source), false)
	o.commit(w.hub, 5)
	p := w.connect("staff")
	p.expect("hello")
	p.send(`{"type":"resume","epoch":"e1","seq":2}`)
	<-entered
	o.commit(w.hub, 1)
	o.commit(w.hub, 1)
	close(leave)
	for want := uint64(3); want <= 7; want++ {
		if m := p.expect("ev"); m.Prev != want-1 || m.Seq != want {
			t.Fatalf("got %+v, want %d", m, want)
		}
	}
}

func TestASilentStreamClientGetsASnapshotUnasked(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		start := time.Now()
		w.connect("staff").expect("hello", "snap")
		if d := time.Since(start); d != 300*time.Millisecond {
			t.Errorf("snapshot after %v, want 300ms", d)
		}
	})
}

func TestAGapIsMendedOnALiveConnection(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("staff")
		p.expect("hello", "snap")
		for range 3 {
			o.commit(w.hub, 1)
			p.expect("ev")
		}
		p.send(`{"type":"resume","epoch":"e1","seq":1}`)
		if a, b := p.expect("ev"), p.expect("ev"); a.Seq != 2 || b.Seq != 3 {
			t.Errorf("got %+v, %+v, want 2 and 3 again", a, b)
		}
		// With frames still queued: what is on its way comes, nothing comes twice after it.
		for range 3 {
			o.commit(w.hub, 1)
			synctest.Wait()
		}
		p.send(`{"type":"resume","epoch":"e1","seq":3}`)
		synctest.Wait()
		o.commit(w.hub, 1)
		var got []uint64
		for range 5 {
			got = append(got, p.expect("ev").Seq)
		}
		if diff := cmp.Diff([]uint64{4, 4, 5, 6, 7}, got); diff != "" {
			t.Errorf("frames (-want +got):\n%s", diff)
		}
		o.commit(w.hub, 1)
		if m := p.expect("ev"); m.Seq != 8 {
			t.Errorf("got %+v, want 8", m)
		}
	})
}

func TestASnapshotAskedForReplacesWhatIsQueued(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("staff")
		p.expect("hello", "snap")
		for range 3 {
			o.commit(w.hub, 1)
			synctest.Wait()
		}
		p.send(`{"type":"resume","epoch":"","seq":0}`)
		synctest.Wait()
		o.commit(w.hub, 1)
		p.expect("ev") // was on its way
		if m := p.read(); m.Type != "snap" || m.Seq != 4 {
			t.Errorf("got %+v, want a snapshot at 4", m)
		}
		o.commit(w.hub, 1)
		if m := p.read(); m.Type != "ev" || m.Prev != 4 {
			t.Errorf("got %+v, want what follows it", m)
		}
	})
}

func TestOverflowClosesWithTooSlow(t *testing.T) {
	inBubble(t, func(opts *feed.Options, _ *owner) { opts.QueueFrames = 8 }, func(t *testing.T, o *owner, w *house) {
		slow, quick := w.connect("staff"), w.connect("staff")
		slow.expect("hello", "snap")
		quick.expect("hello", "snap")
		for range 30 {
			o.commit(w.hub, 1)
			quick.expect("ev")
		}
		code, reason := slow.ended()
		if code != feed.CodeTooSlow || reason != "too slow" {
			t.Errorf("slow reader ended with %d %q", code, reason)
		}
		synctest.Wait()
		if got := w.hub.Stats().Closed[feed.CodeTooSlow]; got != 1 {
			t.Errorf("counted %d, want 1", got)
		}
	})
}

func TestTheRingOutlivesItsLastSubscriberForAWhile(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("staff")
		p.expect("hello", "snap")
		p.c.Close()
		synctest.Wait()
		o.commit(w.hub, 4)
		q := w.connect("staff")
		q.expect("hello")
		q.send(`{"type":"resume","epoch":"e1","seq":0}`)
		if m := q.expect("ev"); m.Prev != 0 || m.Seq != 4 {
			t.Errorf("got %+v, want the missed frame out of the ring", m)
		}
		q.c.Close()
		<-time.After(66 * time.Second) // virtual
		synctest.Wait()
		if w.hub.Listening("staff") {
			t.Error("the ring is still kept after Linger")
		}
	})
}

func TestARingWithAHoleIsNotUsed(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("staff")
		p.expect("hello", "snap")
		o.commit(w.hub, 1)
		p.expect("ev")
		o.do(func() { o.seq = 5 }) // the owner skips 2 to 5
		o.commit(w.hub, 1)
		if m := p.expect("ev"); m.Prev != 5 || m.Seq != 6 {
			t.Fatalf("got %+v", m)
		}
		p.send(`{"type":"resume","epoch":"e1","seq":1}`)
		if m := p.expect("snap"); m.Seq != 6 {
			t.Errorf("got %+v, want a snapshot at 6", m)
		}
	})
}

func TestASubscriberOfANewEpochSendsTheOldOnesBack(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("staff")
		p.expect("hello", "snap")
		o.do(func() { o.epoch, o.seq = "e2", 0 })
		q := w.connect("staff")
		if m := q.expect("hello", "snap"); m.Epoch != "e2" {
			t.Errorf("got %+v", m)
		}
		if code, _ := p.ended(); code != feed.CodeRestarting {
			t.Errorf("ended with %d", code)
		}
		o.commit(w.hub, 1)
		q.expect("ev")
	})
}

func TestANewEpochSendsStreamClientsBackForASnapshot(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("staff")
		p.expect("hello", "snap")
		o.do(func() { o.epoch, o.seq = "e2", 0 })
		o.commit(w.hub, 1)
		if code, _ := p.ended(); code != feed.CodeRestarting {
			t.Errorf("ended with %d, want %d", code, feed.CodeRestarting)
		}
		q := w.connect("staff")
		q.expect("hello")
		q.send(`{"type":"resume","epoch":"e1","seq":0}`)
		if m := q.expect("snap"); m.Epoch != "e2" || m.Seq != 1 {
			t.Errorf("got %+v", m)
		}
	})
}

func TestAHerdSharesOneProjection(t *testing.T) {
	inBubble(t, func(opts *feed.Options, _ *owner) { opts.MaxPerAddress = 100 }, func(t *testing.T, o *owner, w *house) {
		o.commit(w.hub, 3)
		for range 50 {
			w.connect("board").expect("hello", "snap")
		}
		o.do(func() {
			if o.sourced != 1 {
				t.Errorf("the source was asked %d times for 50 walls at one position", o.sourced)
			}
		})
	})
}

func TestListeningAndTopics(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		if w.hub.Listening("board") {
			t.Error("listening before anybody came")
		}
		a := w.connect("board:hall-a")
		a.expect("hello", "snap")
		w.connect("ticket:Zm9v-_x").expect("hello", "snap")
		if diff := cmp.Diff([]string{"board:hall-a", "ticket:Zm9v-_x"}, w.hub.Topics()); diff != "" {
			t.Errorf("topics (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(map[string]int{"board:*": 1, "ticket:*": 1}, w.hub.Stats().Subscribers); diff != "" {
			t.Errorf("subscribers must not name a ticket's token (-want +got):\n%s", diff)
		}
		a.c.Close()
		synctest.Wait()
		if w.hub.Listening("board:hall-a") {
			t.Error("still listening after the last one left")
		}
	})
}

func TestStatusIsKept(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("board")
		p.expect("hello", "snap")
		p.send(`{"type":"status","screen":"hall-1","audio":"ready","last_spoken":41,"viewport":{"w":1920,"h":1080,"dpr":1.5},"new":true}`)
		synctest.Wait()
		got := w.hub.Clients()
		if len(got) != 1 {
			t.Fatalf("clients: %+v", got)
		}
		want := feed.Status{Screen: "hall-1", Audio: "ready", LastSpoken: 41, Viewport: &feed.Viewport{W: 1920, H: 1080, DPR: 1.5}}
		if diff := cmp.Diff(want, got[0].Status); diff != "" {
			t.Errorf("status (-want +got):\n%s", diff)
		}
		if got[0].Principal != "officer-1" || got[0].Address != "10.0.0.7" || got[0].Kind != "board" || !got[0].StatusAt.Equal(time.Now()) {
			t.Errorf("client %+v", got[0])
		}
	})
}

func TestBadUpwardFramesCloseWithAReason(t *testing.T) {
	for _, c := range []struct {
		name string
		kind int
		data string
		code feed.Code
	}{
		{"binary", websocket.BinaryMessage, "{}", feed.CodeBinary},
		{"not UTF-8", websocket.TextMessage, "{\"type\":\"\xff\"}", feed.CodeNotJSON},
		{"not JSON", websocket.TextMessage, "hello", feed.CodeNotJSON},
		{"not an object", websocket.TextMessage, "[1]", feed.CodeNotJSON},
		{"no type", websocket.TextMessage, "{}", feed.CodeBadFrame},
		{"unknown type", websocket.TextMessage, `{"type":"call_next"}`, feed.CodeBadFrame},
		{"negative seq", websocket.TextMessage, `{"type":"resume","epoch":"e1","seq":-1}`, feed.CodeBadFrame},
		{"no name of a screen", websocket.TextMessage, `{"type":"status","screen":"hall 1"}`, feed.CodeBadFrame},
		{"free text in status", websocket.TextMessage, `{"type":"status","audio":"<b>Nguyen"}`, feed.CodeBadFrame},
		{"mad viewport", websocket.TextMessage, `{"type":"status","viewport":{"w":-5,"h":1,"dpr":1}}`, feed.CodeBadFrame},
		{"too big", websocket.TextMessage, `{"type":"status","audio":"` + strings.Repeat("a", 5000) + `"}`, feed.CodeTooBig},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOwner(t)
			w := serve(t, newHub(t, o.options(), o.source), false)
			p := w.connect("board")
			p.expect("hello", "snap")
			if err := p.c.WriteMessage(c.kind, []byte(c.data)); err != nil {
				t.Fatal(err)
			}
			code, reason := p.ended()
			if code != c.code || reason == "" && c.code != feed.CodeTooBig {
				t.Errorf("ended with %d %q, want %d and words", code, reason, c.code)
			}
			p.c.Close()
			settled(t, w.hub, func(s feed.Stats) bool { return s.Closed[c.code] == 1 && s.Sockets == 0 })
		})
	}
}

func TestAFloodOfFramesIsCutOff(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("board")
		p.expect("hello", "snap")
		go func() {
			for p.c.WriteMessage(websocket.TextMessage, []byte(`{"type":"resume","epoch":"","seq":0}`)) == nil {
			}
		}()
		if code, reason := p.ended(); code != feed.CodeBadFrame || reason != "too many frames" {
			t.Errorf("ended with %d %q", code, reason)
		}
		p.c.Close()
	})
}

func TestWhoMayNotListenLearnsItByTheCloseCode(t *testing.T) {
	for _, c := range []struct {
		name, topic, who string
		code             feed.Code
		status           int
	}{
		{"not paired", "board", "stranger", feed.CodeNotPaired, 401},
		{"not allowed", "board", "citizen", feed.CodeNotAllowed, 403},
		{"broken authority", "board", "broken", feed.CodeInternal, 500},
		{"unknown topic", "weather", "", feed.CodeNoTopic, 404},
		{"no topic", "", "", feed.CodeNoTopic, 404},
		{"parameter where none is", "staff:x", "", feed.CodeNoTopic, 404},
		{"bad parameter", "board:%22x%0a", "", feed.CodeNoTopic, 404},
		{"unknown parameter", "desk:none", "", feed.CodeNoTopic, 426},
		{"broken source", "desk:broken", "", feed.CodeInternal, 426},
		{"all well", "board", "", 0, 426},
	} {
		t.Run(c.name, func(t *testing.T) {
			inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
				if c.code != 0 {
					if code, _ := w.connect(c.topic, "X-Who", c.who).ended(); code != c.code {
						t.Errorf("ended with %d, want %d", code, c.code)
					}
					synctest.Wait()
					if got := w.hub.Stats(); got.Closed[c.code] != 1 || got.Sockets != 0 {
						t.Errorf("stats %+v", got)
					}
				}
				// Without an upgrade the status says the same.
				resp := w.get("/feed?topic="+c.topic, c.who)
				if resp.StatusCode != c.status || resp.Header.Get("Content-Type") != "application/problem+json" {
					t.Errorf("plain GET: %d %s, want %d", resp.StatusCode, resp.Header.Get("Content-Type"), c.status)
				}
			})
		})
	}
}

func TestOrigins(t *testing.T) {
	o := newOwner(t)
	w := serve(t, newHub(t, o.options(), o.source), false)
	for origin, ok := range map[string]bool{
		"http://motcua.local":           true,
		"http://MOTCUA.local":           true,
		"http://motcua.local:80":        true,
		"https://motcua.local":          true, // a TLS proxy in front
		"https://mc.example":            true, // listed
		"":                              false,
		"null":                          false,
		"http://mc.example":             false, // listed with https only
		"https://mc.example.evil":       false,
		"http://motcua.local:8080":      false,
		"http://motcua.local.evil":      false,
		"http://evil/motcua.local":      false,
		"http://motcua.local@evil":      false,
		"http://evil@motcua.local":      false,
		"http://motcua.local/":          false,
		"file://motcua.local":           false,
		"chrome-extension://aaaabbbb":   false,
		"http://motcua.local http://ev": false,
	} {
		c, resp, err := w.tryConnect("board", "Origin", origin)
		if (err == nil) != ok {
			t.Errorf("origin %q: %v, want accepted %v", origin, err, ok)
		}
		if err == nil {
			c.Close()
		} else if resp == nil || resp.StatusCode != http.StatusForbidden {
			t.Errorf("origin %q: %v, want 403", origin, resp)
		}
	}
}

func TestLimits(t *testing.T) {
	var address string
	inBubble(t, func(opts *feed.Options, _ *owner) {
		opts.MaxPerAddress, opts.MaxSockets = 2, 3
		opts.Address = func(*http.Request) string { return address }
	}, func(t *testing.T, o *owner, w *house) {
		address = "a"
		first := w.connect("board")
		w.connect("board")
		refused := func(why string) {
			t.Helper()
			_, resp, err := w.tryConnect("board")
			if err == nil || resp.StatusCode != 503 || resp.Header.Get("Retry-After") == "" {
				t.Errorf("%s: %v %v, want 503 with Retry-After", why, resp, err)
			}
		}
		refused("third of one address")
		address = "b"
		w.connect("board")
		refused("fourth in all")
		first.c.Close()
		synctest.Wait()
		w.connect("board")
		if got := w.hub.Stats().Refused[503]; got != 2 {
			t.Errorf("counted %d refusals, want 2", got)
		}
	})
}

func TestDisconnect(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("staff")
		p.expect("hello")
		if n := w.hub.Disconnect(feed.CodeNotPaired, func(c feed.Client) bool { return c.Principal == "officer-1" }); n != 1 {
			t.Errorf("disconnected %d", n)
		}
		if code, _ := p.ended(); code != feed.CodeNotPaired {
			t.Errorf("ended with %d", code)
		}
	})
}

func TestCloseTellsEveryoneAndWaits(t *testing.T) {
	o := newOwner(t)
	w := serve(t, newHub(t, o.options(), o.source), false)
	var peers []*peer
	for range 10 {
		p := w.connect("board")
		p.expect("hello", "snap")
		peers = append(peers, p)
	}
	codes := make(chan feed.Code, len(peers))
	for _, p := range peers {
		go func() { c, _ := p.ended(); codes <- c }()
	}
	w.hub.Close()
	if s := w.hub.Stats(); s.Sockets != 0 || s.Closed[feed.CodeRestarting] != 10 {
		t.Errorf("after Close: %+v", s)
	}
	for range peers {
		if c := <-codes; c != feed.CodeRestarting {
			t.Errorf("ended with %d", c)
		}
	}
	if _, resp, err := w.tryConnect("board"); err == nil || resp.StatusCode != 503 {
		t.Errorf("connect after Close: %v, want 503", err)
	}
}

func TestCloseDoesNotWaitForAStuckReader(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		p := w.connect("board")
		p.expect("hello", "snap")
		o.commit(w.hub, 1) // hangs in the pipe
		synctest.Wait()
		start := time.Now()
		w.hub.Close()
		if d := time.Since(start); d > 2*time.Second {
			t.Errorf("Close took %v", d)
		}
	})
}

func TestAnOwnerThatIsBusyClosesWithInternal(t *testing.T) {
	inBubble(t, nil, func(t *testing.T, o *owner, w *house) {
		release := make(chan struct{})
		go o.do(func() { <-release })
		synctest.Wait()
		if code, _ := w.connect("board").ended(); code != feed.CodeInternal {
			t.Errorf("ended with %d, want %d", code, feed.CodeInternal)
		}
		close(release)
	})
}

func TestNewHubNamesWhatIsMissing(t *testing.T) {
	if _, err := feed.NewHub(feed.Options{}); err == nil || !strings.Contains(err.Error(), "Options.Turn") {
		t.Errorf("got %v", err)
	}
}
