package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"motcua/printer/printertest"
)

// printer is a printer in software outside the daemon, behind a proxy that
// sees a job's first byte arrive.
type printer struct {
	machine *printertest.Printer
	server  *printertest.Server
	front   net.Listener
	wg      sync.WaitGroup

	mu    sync.Mutex // protects below
	armed chan time.Time
	conns map[net.Conn]bool
	ended bool
}

func newPrinter(ctx context.Context) (_ *printer, err error) {
	p := &printer{machine: printertest.New(printertest.Options{Keep: 1}), conns: map[net.Conn]bool{}}
	if p.server, err = p.machine.Start(ctx, "127.0.0.1:0"); err != nil {
		return nil, errors.Join(err, p.machine.Close())
	}
	if p.front, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		p.server.Close()
		return nil, errors.Join(fmt.Errorf("listen before the printer: %w", err), p.machine.Close())
	}
	p.wg.Go(p.accept)
	return p, nil
}

// uri is what [printer] device says.
func (p *printer) uri() string { return "tcp://" + p.front.Addr().String() }

// arm lets the next job's first byte send the time it was read. It must be
// called while no job is on the line.
func (p *printer) arm() <-chan time.Time {
	at := make(chan time.Time, 1)
	p.mu.Lock()
	p.armed = at
	p.mu.Unlock()
	return at
}

func (p *printer) accept() {
	for {
		c, err := p.front.Accept()
		if err != nil {
			return
		}
		back, err := net.DialTimeout("tcp", p.server.Addr(), time.Second)
		if err != nil || !p.keep(c, back) {
			c.Close()
			if err == nil {
				back.Close()
			}
			continue
		}
		p.wg.Go(func() {
			io.Copy(c, back)
			c.Close()
		})
		p.wg.Go(func() {
			p.carry(back, c)
			back.Close()
			c.Close()
		})
	}
}

func (p *printer) keep(conns ...net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false
	}
	for _, c := range conns {
		p.conns[c] = true
	}
	return true
}

// initialise is ESC @, with which each job begins. Status requests (DLE EOT n)
// have no such bytes.
var initialise = []byte{0x1b, 0x40}

// carry hands the daemon's bytes on. Between two jobs only status requests
// pass, so the first ESC @ after arm is a job's beginning.
func (p *printer) carry(to io.Writer, from io.Reader) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		at := time.Now()
		p.mu.Lock()
		if p.armed != nil && bytes.Contains(buf[:n], initialise) {
			p.armed <- at // one slot, one send
			p.armed = nil
		}
		p.mu.Unlock()
		if _, werr := to.Write(buf[:n]); werr != nil || err != nil {
			return
		}
	}
}

func (p *printer) close() error {
	p.mu.Lock()
	p.ended = true
	for c := range p.conns {
		c.Close()
	}
	p.mu.Unlock()
	p.front.Close()
	p.server.Close()
	p.wg.Wait()
	return p.machine.Close()
}
