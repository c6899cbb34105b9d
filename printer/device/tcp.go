package device

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	connectTimeout = 3 * time.Second
	// lingerTimeout bounds how long Close reads what is still under way:
	// closing with unread bytes sends RST, and a printer may then drop what
	// it has not printed yet.
	lingerTimeout = 100 * time.Millisecond
)

// tcpDevice is a printer's TCP port.
type tcpDevice struct {
	*net.TCPConn
	uri     string
	broken  atomic.Bool // a read or write failed: nothing to linger for
	reading atomic.Bool
}

var _ Device = (*tcpDevice)(nil)

func openTCP(ctx context.Context, uri, hostPort string) (Device, error) {
	d := net.Dialer{
		Timeout: connectTimeout,
		// A printer that lost power says nothing: find out within a minute.
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 5 * time.Second, Count: 6},
	}
	c, err := d.DialContext(ctx, "tcp", hostPort)
	if err != nil {
		return nil, explainTCP(uri, err)
	}
	return &tcpDevice{TCPConn: c.(*net.TCPConn), uri: uri}, nil
}

func explainTCP(uri string, err error) error {
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
		e.Msg, e.Hint = "no answer within 3 s", "check that the printer is on and its address is the one on its self-test slip"
	}
	return e
}

// Read returns what the printer says.
func (d *tcpDevice) Read(b []byte) (int, error) {
	d.reading.Store(true)
	defer d.reading.Store(false)
	n, err := d.TCPConn.Read(b)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		d.broken.Store(true)
	}
	return n, err
}

// Write gives bytes to the kernel; that proves nothing about paper.
func (d *tcpDevice) Write(b []byte) (int, error) {
	n, err := d.TCPConn.Write(b)
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		d.broken.Store(true)
	}
	return n, err
}

// Close says goodbye, reads for a moment what is still on its way, and ends
// the connection.
func (d *tcpDevice) Close() error {
	if !d.broken.Swap(true) && d.CloseWrite() == nil && !d.reading.Load() {
		_ = d.SetReadDeadline(time.Now().Add(lingerTimeout))
		_, _ = io.Copy(io.Discard, io.LimitReader(d.TCPConn, 4096))
	}
	return d.TCPConn.Close()
}

func (d *tcpDevice) String() string { return d.uri }
