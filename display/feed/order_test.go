package feed_test

import (
	"fmt"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"motcua/display/feed"
)

// follower is what a page does with a Stream topic, reduced to numbers: its
// state is the seq of the snapshot, and every event must be the next number.
type follower struct {
	epoch string
	at    uint64
}

func (f *follower) take(m message) error {
	switch m.Type {
	case "hello", "hb":
		return nil
	case "snap":
		if m.State.N != m.Seq {
			return fmt.Errorf("snapshot at %d shows state %d", m.Seq, m.State.N)
		}
		if m.Epoch == f.epoch && m.Seq < f.at {
			return fmt.Errorf("snapshot at %d after %d", m.Seq, f.at)
		}
		f.epoch, f.at = m.Epoch, m.Seq
		return nil
	case "ev":
		if m.Prev != f.at {
			return fmt.Errorf("frame from %d to %d at position %d", m.Prev, m.Seq, f.at)
		}
		for _, e := range m.Events {
			if e != f.at+1 {
				return fmt.Errorf("event %d after %d", e, f.at)
			}
			f.at = e
		}
		if f.at != m.Seq {
			return fmt.Errorf("frame says %d and ends at %d", m.Seq, f.at)
		}
		return nil
	}
	return fmt.Errorf("frame of type %q", m.Type)
}

// Clients that come, break off and resume while the owner commits see every
// event once and in order from their snapshot on, however small the ring.
func TestStreamHasNoGapsUnderConcurrentUse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := newOwner(t)
		opts := o.options()
		opts.RingFrames = rapid.IntRange(1, 6).Draw(rt, "ring")
		opts.QueueFrames = 10000
		opts.MaxPerAddress = 100
		if rapid.Bool().Draw(rt, "backlog") {
			opts.Backlog = o.batches
		}
		w := serve(t, newHub(t, opts, o.source), false)
		defer w.close()
		batches := rapid.SliceOfN(rapid.IntRange(1, 4), 5, 40).Draw(rt, "batches")
		last := uint64(0)
		for _, k := range batches {
			last += uint64(k)
		}
		// After how many frames each client breaks off, and in the end stays.
		breaks := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(1, 12), 0, 4), 1, 5).Draw(rt, "clients")

		var wg sync.WaitGroup
		errs := make([]error, len(breaks))
		for i, lives := range breaks {
			wg.Go(func() { errs[i] = follow(w, lives, last) })
		}
		for _, k := range batches {
			o.commit(w.hub, k)
		}
		wg.Wait()
		for i, err := range errs {
			if err != nil {
				rt.Errorf("client %d with lives %v: %v", i, breaks[i], err)
			}
		}
	})
}

// follow reads until last, over as many connections as it has lives to lose.
func follow(w *house, lives []int, last uint64) error {
	f := follower{}
	for i := 0; ; i++ {
		c, _, err := w.tryConnect("staff")
		if err != nil {
			return err
		}
		p := &peer{t: w.t, c: c}
		p.send(fmt.Sprintf(`{"type":"resume","epoch":%q,"seq":%d}`, f.epoch, f.at))
		for frames := 0; i >= len(lives) || frames < lives[i]; frames++ {
			if f.epoch != "" && f.at == last {
				c.Close()
				return nil
			}
			m, err := p.tryRead()
			if err == nil {
				err = f.take(m)
			}
			if err != nil {
				c.Close()
				return err
			}
		}
		c.Close()
	}
}

// A Latest subscriber never goes back and always ends with the newest state.
func TestLatestNeverGoesBack(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		o := newOwner(t)
		w := serve(t, newHub(t, o.options(), o.source), false)
		defer w.close()
		n := rapid.IntRange(1, 60).Draw(rt, "commits")
		clients := rapid.IntRange(1, 5).Draw(rt, "clients")
		var wg sync.WaitGroup
		errs := make([]error, clients)
		for i := range clients {
			wg.Go(func() {
				c, _, err := w.tryConnect("board")
				if err != nil {
					errs[i] = err
					return
				}
				defer c.Close()
				p := &peer{t: w.t, c: c}
				for at := uint64(0); at < uint64(n); {
					m, err := p.tryRead()
					if err == nil && m.Type == "snap" && (m.Seq < at || m.State.N != m.Seq) {
						err = fmt.Errorf("state %d at %d after %d", m.State.N, m.Seq, at)
					}
					if err != nil {
						errs[i] = err
						return
					}
					if m.Type == "snap" {
						at = m.Seq
					}
				}
			})
		}
		for range n {
			o.commit(w.hub, 1)
		}
		wg.Wait()
		for i, err := range errs {
			if err != nil {
				rt.Errorf("client %d: %v", i, err)
			}
		}
	})
}

func FuzzDecodeUpward(f *testing.F) {
	for _, s := range []string{
		`{"type":"resume","epoch":"e1","seq":7}`,
		`{"type":"status","audio":"ready","last_spoken":3,"viewport":{"w":1,"h":2,"dpr":1}}`,
		`{"type":"status","viewport":null}`, `{}`, `[]`, ``, "\xff", `{"type":7}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		resume, status, code, reason := feed.DecodeUpward(data)
		if code == 0 {
			if (resume == nil) == (status == nil) {
				t.Errorf("accepted %q as %v and %v", data, resume, status)
			}
			return
		}
		if code != feed.CodeNotJSON && code != feed.CodeBadFrame {
			t.Errorf("refused %q with %d", data, code)
		}
		// A close frame carries at most 123 bytes of reason (RFC 6455 §5.5).
		if reason == "" || len(reason) > 123 {
			t.Errorf("refused %q with reason %q", data, reason)
		}
	})
}
