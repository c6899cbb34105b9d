package reader_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"motcua/kiosk/scanner"
	"motcua/kiosk/scanner/reader"
)

// bench is a reader of a scanner that a test holds in its hand.
type bench struct {
	t      *testing.T
	Reader *reader.Reader

	mu      sync.Mutex // protects the rest
	gun     net.Conn   // the scanner's end; nil: not plugged in
	opened  []time.Time
	refused error
	codes   []string
	texts   [][]byte // the very buffers the codes were handed over in
	states  []reader.Code
}

var errUnplugged = &reader.Error{Code: reader.Absent, Msg: "no such device", Hint: "check its cable"}

// open starts the reader inside a synctest bubble; it ends with the test.
func open(t *testing.T) *bench {
	b := &bench{t: t, refused: errUnplugged}
	var err error
	b.Reader, err = reader.New(reader.Options{
		URI: "evdev:",
		Code: func(text []byte) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.codes = append(b.codes, string(text))
			b.texts = append(b.texts, text[:len(text):len(text)])
		},
		Changed: func(s reader.Status) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.states = append(b.states, s.Code)
		},
		Open: func(context.Context, string) (reader.Source, error) {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.opened = append(b.opened, time.Now())
			if b.refused != nil {
				return nil, b.refused
			}
			ours, theirs := net.Pipe()
			b.gun = theirs
			return ours, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); b.Reader.Run(ctx) }()
	t.Cleanup(func() { cancel(); <-ended; b.plug(errUnplugged) })
	return b
}

// plug puts the scanner in (nil) or pulls it out.
func (b *bench) plug(refused error) {
	b.mu.Lock()
	gun := b.gun
	b.gun, b.refused = nil, refused
	b.mu.Unlock()
	if gun != nil {
		gun.Close()
	}
}

// in plugs the scanner in and waits until it is open.
func (b *bench) in() {
	b.t.Helper()
	b.plug(nil)
	time.Sleep(2 * time.Second)
	synctest.Wait()
	if s := b.Reader.Status(); s.Code != reader.OK {
		b.t.Fatalf("plugged in, it is %+v", s)
	}
}

func (b *bench) scan(text string) {
	b.t.Helper()
	b.mu.Lock()
	gun := b.gun
	b.mu.Unlock()
	if _, err := gun.Write([]byte(text)); err != nil {
		b.t.Fatal(err)
	}
	synctest.Wait()
}

func (b *bench) heard(want ...string) {
	b.t.Helper()
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if d := cmp.Diff(want, b.codes); d != "" {
		b.t.Errorf("codes (-want +got):\n%s", d)
	}
	b.codes = nil
	defer func() { b.texts = nil }()
	for _, text := range b.texts {
		if !bytes.Equal(text, make([]byte, len(text))) {
			b.t.Errorf("a code is still there: %q", text)
		}
	}
}

func TestCodesEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t)
		b.in()
		// Without a suffix: 200 ms of silence, and not one less.
		b.scan("DEMO")
		time.Sleep(190 * time.Millisecond)
		b.scan("-20")
		time.Sleep(199 * time.Millisecond)
		b.heard()
		time.Sleep(time.Millisecond)
		b.heard("DEMO-20")

		b.scan("H57.999-260130-0042\r")
		b.heard("H57.999-260130-0042")
		b.scan("DEMO-17\r\nDEMO-18\n\tDEMO-19\t")
		b.heard("DEMO-17", "DEMO-18", "DEMO-19")

		// A scanner that sends a suffix may stall for longer, also after it was
		// pulled out.
		for range 2 {
			b.scan("DEMO")
			time.Sleep(999 * time.Millisecond)
			b.heard()
			b.scan("-21")
			time.Sleep(time.Second)
			b.heard("DEMO-21")
			b.plug(errUnplugged)
			b.in()
		}
		time.Sleep(time.Hour)
		b.heard()
	})
}

// A code that lies under the scanner is one code, however often it is read.
func TestRepeatedCodeIsOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t)
		b.in()
		for range 60 {
			b.scan("DEMO-17\r")
			time.Sleep(time.Second)
		}
		b.heard("DEMO-17")
		b.scan("DEMO-18\r") // another one counts at once
		b.scan("DEMO-17\r") // and so does the first again
		b.heard("DEMO-18", "DEMO-17")
		time.Sleep(3 * time.Second)
		b.scan("DEMO-17\r")
		b.heard("DEMO-17")
	})
}

// Too long a code is dropped whole and said to have been there, once; what
// follows is read as ever. Noise is not heard at all.
func TestSpoiltCodes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t)
		b.in()
		longest := strings.Repeat("x", scanner.Longest)
		b.scan(longest + "\r")
		b.heard(longest)
		b.scan(longest + "y\rDEMO-17\r")
		b.heard("", "DEMO-17")
		b.scan(strings.Repeat(longest, 40))
		b.heard()
		time.Sleep(time.Second)
		b.heard("")
		b.scan("\xff\x00\r\r\n\tab\r")
		b.heard()
	})
}

// lossy loses keys when it is told to.
type lossy struct {
	net.Conn
	lose chan struct{}
}

func (l lossy) Read(b []byte) (int, error) {
	n, err := l.Conn.Read(b)
	select {
	case <-l.lose:
		return n, reader.ErrLost
	default:
		return n, err
	}
}

func TestLostKeysSpoilTheCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ours, theirs := net.Pipe()
		l := lossy{ours, make(chan struct{}, 1)}
		var codes []string
		r, err := reader.New(reader.Options{URI: "evdev:", Code: func(text []byte) { codes = append(codes, string(text)) },
			Open: func(context.Context, string) (reader.Source, error) { return l, nil }})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); r.Run(ctx) }()
		theirs.Write([]byte("DEMO-"))
		l.lose <- struct{}{}
		theirs.Write([]byte("1"))
		theirs.Write([]byte("7\rDEMO-18\r"))
		synctest.Wait()
		cancel()
		<-ended
		theirs.Close()
		if d := cmp.Diff([]string{"", "DEMO-18"}, codes); d != "" {
			t.Errorf("codes (-want +got):\n%s", d)
		}
	})
}

// A scanner may be missing at the start, come, go in the middle of a code and
// come back; nobody restarts anything, and half a code is no code.
func TestPlugAndUnplug(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := open(t)
		time.Sleep(10 * time.Minute)
		if s := b.Reader.Status(); s != (reader.Status{Code: reader.Absent, Msg: "no such device", Hint: "check its cable"}) {
			t.Errorf("missing, it is %+v", s)
		}
		b.mu.Lock()
		tries := len(b.opened)
		b.mu.Unlock()
		if tries > 10+10*60/2 {
			t.Errorf("opened %d times in ten minutes", tries)
		}
		b.in()
		b.scan("DEMO-17\rDEMO-")
		b.plug(errUnplugged)
		time.Sleep(time.Second)
		b.in()
		b.scan("18\rDEMO-19\r")
		b.heard("DEMO-17", "DEMO-19")
		b.plug(errors.New("something else"))
		synctest.Wait()
		b.mu.Lock()
		defer b.mu.Unlock()
		if !slices.Equal(b.states, []reader.Code{reader.Absent, reader.OK, reader.Absent, reader.OK, reader.Absent}) {
			t.Errorf("it was %v", b.states)
		}
	})
}

// A scanner that is open and fails at once is not opened without a pause.
func TestOpensWithPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		r, err := reader.New(reader.Options{URI: "evdev:", Code: func([]byte) {},
			Open: func(context.Context, string) (reader.Source, error) {
				n++
				ours, theirs := net.Pipe()
				theirs.Close()
				return ours, nil
			}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		r.Run(ctx)
		if n > 35 {
			t.Errorf("opened %d times in a minute", n)
		}
	})
}

// However a stream is split, the codes are the same.
func TestSplitsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringMatching(`[A-Z0-9|.-]{4,40}[\r\n\t]{1,2}`), 1, 5).Draw(rt, "codes")
		stream := strings.Join(parts, "")
		cuts := rapid.SliceOfN(rapid.IntRange(0, len(stream)), 0, 8).Draw(rt, "cuts")
		slices.Sort(cuts)
		var want []string
		for _, p := range parts {
			if p = strings.Trim(p, "\r\n\t"); len(want) == 0 || want[len(want)-1] != p {
				want = append(want, p)
			}
		}
		synctest.Test(t, func(t *testing.T) {
			b := open(t)
			b.in()
			at := 0
			for _, cut := range append(cuts, len(stream)) {
				b.scan(stream[at:cut])
				at = cut
			}
			b.heard(want...)
			if t.Failed() {
				rt.FailNow()
			}
		})
	})
}
