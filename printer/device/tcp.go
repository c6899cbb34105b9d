package device

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// lingerTimeout bounds how long Close reads what is still under way: closing
// with unread bytes sends RST, and a printer may then drop what it has not
// printed yet.
const lingerTimeout = 100 * time.Millisecond

var errHalfOpen = errors.New("the printer acknowledges nothing any more: cable, switch or power is gone")

// tcpDevice is a printer's TCP port.
type tcpDevice struct {
	*net.TCPConn
	uri     string
	broken  atomic.Bool // a read or write failed: nothing to linger for
	dead    atomic.Bool // the watch gave the link up
	reading atomic.Bool

	ended chan struct{} // ends the watch
	once  sync.Once
	watch sync.WaitGroup
}

var _ Device = (*tcpDevice)(nil)

func (o Opener) openTCP(ctx context.Context, uri, hostPort string) (Device, error) {
	d := net.Dialer{Timeout: o.ConnectTimeout, KeepAliveConfig: o.KeepAlive}
	c, err := d.DialContext(ctx, "tcp", hostPort)
	if err != nil {
		return nil, explainTCP(uri, o.ConnectTimeout, err)
	}
	t := &tcpDevice{TCPConn: c.(*net.TCPConn), uri: uri, ended: make(chan struct{})}
	t.watch.Go(func() { t.keepWatch(o.DeadAfter) })
	return t, nil
}

func explainTCP(uri string, limit time.Duration, err error) error {
	e := &Error{URI: uri, Err: err, Msg: "no connection", Hint: "check address, cable and power"}
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	switch {
	case errors.As(err, &dns):
		e.Msg, e.Hint = "name unknown", "use the printer's IP address from its self-test slip"
	case errors.Is(err, syscall.ECONNREFUSED):
		e.Msg, e.Hint = "connection refused", "the machine is there but nothing listens: check the port, usually 9100; some printers serve one client and refuse a second"
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.ENETUNREACH):
		e.Msg, e.Hint = "not reachable", "printer and this machine must be in one network: check cable, switch and address"
	case errors.Is(err, context.Canceled):
		e.Msg, e.Hint = "given up", ""
	case errors.As(err, &timeout) && timeout.Timeout():
		e.Msg, e.Hint = fmt.Sprintf("no answer within %s", limit), "check that the printer is on and its address is the one on its self-test slip"
	}
	return e
}

// keepWatch ends a link whose other end is gone. Keep-alive looks after a
// silent one; while data are on their way the kernel would repeat them for a
// quarter of an hour. TCP_USER_TIMEOUT would also end a link to a printer that
// is out of paper and takes no data but is there: it answers every repetition,
// however rare these become. So a link is dead when, for limit, nothing that
// was sent is answered, and it was repeated at least twice: one packet may get
// lost, and Linux itself answers no more than two probes a second.
func (d *tcpDevice) keepWatch(limit time.Duration) {
	tick := time.NewTicker(limit / 8)
	defer tick.Stop()
	var since time.Time // unanswered since
	var before uint32   // repetitions until then
	for {
		select {
		case <-d.ended:
			return
		case <-tick.C:
		}
		now := time.Now()
		info, err := d.info()
		switch {
		case err != nil:
			return // closed
		case info.Probes == 0 && (info.Unacked == 0 || info.Last_ack_recv <= info.Last_data_sent):
			since = time.Time{} // what was sent last is answered
		case since.IsZero():
			since, before = now, info.Total_retrans
		case now.Sub(since) >= limit && (info.Probes >= 2 || info.Total_retrans-before >= 2):
			d.dead.Store(true)
			d.broken.Store(true)
			d.TCPConn.Close()
			return
		}
	}
}

// info is what the kernel knows of the connection.
func (d *tcpDevice) info() (*unix.TCPInfo, error) {
	raw, err := d.SyscallConn()
	if err != nil {
		return nil, err
	}
	var info *unix.TCPInfo
	var inner error
	if err := raw.Control(func(fd uintptr) {
		info, inner = unix.GetsockoptTCPInfo(int(fd), unix.IPPROTO_TCP, unix.TCP_INFO)
	}); err != nil {
		return nil, err
	}
	return info, inner
}

// Read returns what the printer says.
func (d *tcpDevice) Read(b []byte) (int, error) {
	d.reading.Store(true)
	defer d.reading.Store(false)
	n, err := d.TCPConn.Read(b)
	return n, d.explain(err)
}

// Write gives bytes to the kernel; that proves nothing about paper.
func (d *tcpDevice) Write(b []byte) (int, error) {
	n, err := d.TCPConn.Write(b)
	return n, d.explain(err)
}

func (d *tcpDevice) explain(err error) error {
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	d.broken.Store(true)
	switch {
	case d.dead.Load():
		err = errHalfOpen
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		err = fmt.Errorf("the printer ended it, as when it is switched off or serves another program: %w", err)
	}
	return fmt.Errorf("link to printer %s lost: %w", d.uri, err)
}

// Close says goodbye, reads for a moment what is still on its way, and ends
// the connection.
func (d *tcpDevice) Close() error {
	d.once.Do(func() { close(d.ended) })
	d.watch.Wait()
	if !d.broken.Swap(true) && d.CloseWrite() == nil && !d.reading.Load() {
		_ = d.SetReadDeadline(time.Now().Add(lingerTimeout))
		_, _ = io.Copy(io.Discard, io.LimitReader(d.TCPConn, 4096))
	}
	if err := d.TCPConn.Close(); err != nil && !d.dead.Load() {
		return err
	}
	return nil
}

func (d *tcpDevice) String() string { return d.uri }
