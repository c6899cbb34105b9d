package device_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"motcua/printer/device"
	"motcua/printer/printertest"
)

// proxy stands between the daemon and a printer and fails as networks do.
type proxy struct {
	l  net.Listener
	to string // the printer's host:port
	wg sync.WaitGroup

	mu        sync.Mutex // protects the rest
	pairs     []pair
	swallowed map[*net.TCPConn]bool
	stall     chan struct{} // not nil: nothing is taken from the daemon until it is closed
}

// pair is one connection from the daemon and the one to the printer it became.
type pair struct{ client, printer *net.TCPConn }

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{l: l, to: to, swallowed: map[*net.TCPConn]bool{}}
	p.wg.Go(p.serve)
	t.Cleanup(func() {
		l.Close()
		p.resume()
		p.cut(false)
		p.wg.Wait()
	})
	return p
}

func (p *proxy) uri() string { return "tcp://" + p.l.Addr().String() }

func (p *proxy) serve() {
	for {
		c, err := p.l.Accept()
		if err != nil {
			return
		}
		d, err := net.Dial("tcp", p.to)
		if err != nil {
			c.Close()
			continue
		}
		client, printer := c.(*net.TCPConn), d.(*net.TCPConn)
		p.mu.Lock()
		p.pairs = append(p.pairs, pair{client, printer})
		p.mu.Unlock()
		p.wg.Go(func() { p.carry(printer, client) })
		p.wg.Go(func() { p.answer(client, printer) })
	}
}

func (p *proxy) carry(to io.WriteCloser, from io.Reader) {
	defer to.Close()
	buf := make([]byte, 1024)
	for {
		p.mu.Lock()
		stall := p.stall
		p.mu.Unlock()
		if stall != nil {
			<-stall
		}
		n, err := from.Read(buf)
		if _, werr := to.Write(buf[:n]); err != nil || werr != nil {
			return
		}
	}
}

// answer carries what the printer says, except into a black hole.
func (p *proxy) answer(to, from *net.TCPConn) {
	buf := make([]byte, 1024)
	for {
		n, err := from.Read(buf)
		p.mu.Lock()
		if !p.swallowed[to] {
			_, _ = to.Write(buf[:n])
		}
		p.mu.Unlock()
		if err != nil {
			to.Close()
			return
		}
	}
}

// cut ends every connection, by FIN or, rudely, by RST.
func (p *proxy) cut(rudely bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.pairs {
		if rudely {
			_ = c.client.SetLinger(0)
		}
		c.client.Close()
		c.printer.Close()
	}
	p.pairs = nil
}

// pause stops taking bytes: the window closes, but every probe is answered.
func (p *proxy) pause() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stall = make(chan struct{})
}

func (p *proxy) resume() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.stall != nil {
		close(p.stall)
		p.stall = nil
	}
}

// swallow makes black holes of the open connections: the kernel drops what
// comes in before it would acknowledge it, and nothing is on its way back.
func (p *proxy) swallow(t *testing.T) {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.pairs {
		for unacknowledged(t, c.client) {
			<-time.After(time.Millisecond)
		}
		blackHole(t, c.client)
		p.swallowed[c.client] = true
	}
}

func unacknowledged(t *testing.T, c syscall.Conn) bool {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var info *unix.TCPInfo
	var inner error
	if err := raw.Control(func(fd uintptr) {
		info, inner = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	}); err != nil || inner != nil {
		t.Fatal(err, inner)
	}
	return info.Unacked > 0
}

// blackHole attaches a socket filter that accepts no packet.
func blackHole(t *testing.T, c syscall.Conn) {
	t.Helper()
	raw, err := c.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	drop := unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K} // of 0 bytes
	var inner error
	if err := raw.Control(func(fd uintptr) {
		inner = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &unix.SockFprog{Len: 1, Filter: &drop})
	}); err != nil || inner != nil {
		t.Fatal(err, inner)
	}
}

// throughProxy is an emulated printer behind a proxy, and the link to it.
func throughProxy(t *testing.T, o device.Opener) (*printertest.Printer, *proxy, device.Device) {
	t.Helper()
	p := printertest.New(printertest.Options{})
	t.Cleanup(func() { p.Close() })
	s, err := p.Start(context.Background(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	x := newProxy(t, s.Addr())
	d, err := o.Open(t.Context(), x.uri())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	answers(t, d)
	return p, x, d
}

// answers asks for the printer's status and fails the test without one.
func answers(t *testing.T, d device.Device) {
	t.Helper()
	_ = d.SetWriteDeadline(time.Now().Add(time.Minute)) // an emulated machine is slow
	if _, err := d.Write([]byte("\x10\x04\x01")); err != nil {
		t.Fatal(err)
	}
	_ = d.SetReadDeadline(time.Now().Add(time.Minute))
	var b [1]byte
	if _, err := io.ReadFull(d, b[:]); err != nil || b[0] != 0x12 {
		t.Fatalf("printer said % X, %v", b, err)
	}
	_ = d.SetReadDeadline(time.Time{})
}

// reads returns the error that ends a read without a deadline.
func reads(t *testing.T, d device.Device) error {
	t.Helper()
	ended := make(chan error, 1)
	go func() {
		for {
			if _, err := d.Read(make([]byte, 16)); err != nil {
				ended <- err
				return
			}
		}
	}()
	select {
	case err := <-ended:
		return err
	case <-time.After(20 * time.Second):
		t.Fatal("a read on a dead link does not end")
		return nil
	}
}

// An address where packets vanish must not hold the daemon.
func TestTCPNoAnswer(t *testing.T) {
	var lc net.ListenConfig
	lc.SetMultipathTCP(false) // which takes no filter
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	blackHole(t, l.(*net.TCPListener))
	begin := time.Now()
	_, err = device.Opener{ConnectTimeout: 300 * time.Millisecond}.Open(t.Context(), "tcp://"+l.Addr().String())
	if err == nil || !strings.Contains(err.Error(), "no answer within 300ms") || !strings.Contains(err.Error(), "self-test slip") {
		t.Errorf("error %q", err)
	}
	if took := time.Since(begin); took > 3*time.Second {
		t.Errorf("gave up after %s", took)
	}
}

func TestTCPCut(t *testing.T) {
	for _, rudely := range []bool{false, true} {
		_, x, d := throughProxy(t, device.Opener{})
		x.cut(rudely)
		if err := reads(t, d); errors.Is(err, os.ErrDeadlineExceeded) || rudely != errors.Is(err, unix.ECONNRESET) {
			t.Errorf("rudely %t: read ended by %v", rudely, err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
		again, err := device.Open(t.Context(), x.uri())
		if err != nil {
			t.Fatal(err)
		}
		answers(t, again)
		again.Close()
	}
}

// A printer that takes no bytes, as without paper, is there all the same: the
// link outlives many times DeadAfter, and all bytes arrive in the end.
func TestTCPStalled(t *testing.T) {
	const dead = 100 * time.Millisecond
	p, x, d := throughProxy(t, device.Opener{DeadAfter: dead})
	x.pause()
	before := p.Stats().Received
	slip := make([]byte, 16<<20) // zeros: the printer ignores them
	done := 0
	for stalled := 0; stalled < 10; {
		_ = d.SetWriteDeadline(time.Now().Add(dead))
		n, err := d.Write(slip[done:])
		done += n
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Fatalf("write ended by %v after %d bytes, want its deadline", err, done)
		}
		if n == 0 {
			stalled++
		}
	}
	x.resume()
	_ = d.SetWriteDeadline(time.Now().Add(time.Minute))
	n, err := d.Write(slip[done:min(len(slip), done+1<<16)])
	if err != nil {
		t.Fatal(err)
	}
	answers(t, d)
	if got, want := p.Stats().Received-before, int64(done+n+3); got != want {
		t.Errorf("printer got %d bytes, want %d", got, want)
	}
}

// A link that swallows what is sent ends by itself, and says why.
func TestTCPHalfOpen(t *testing.T) {
	t.Run("with data on their way", func(t *testing.T) {
		_, x, d := throughProxy(t, device.Opener{DeadAfter: 200 * time.Millisecond})
		x.swallow(t)
		if _, err := d.Write([]byte("a slip")); err != nil {
			t.Fatal(err) // the kernel takes it: it can't know
		}
		if err := reads(t, d); !strings.Contains(err.Error(), "acknowledges nothing") {
			t.Errorf("read ended by %v", err)
		}
		if _, err := d.Write([]byte("another")); err == nil || !strings.Contains(err.Error(), "acknowledges nothing") {
			t.Errorf("write ended by %v", err)
		}
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("silent", func(t *testing.T) {
		_, x, d := throughProxy(t, device.Opener{
			DeadAfter: time.Minute,
			KeepAlive: net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 1},
		})
		x.swallow(t)
		if err := reads(t, d); !errors.Is(err, unix.ETIMEDOUT) {
			t.Errorf("read ended by %v", err)
		}
	})
}
