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
	armed *firsts
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

// firsts tell when a job reached the printer. Each channel is sent one time.
type firsts struct {
	byte  chan time.Time // its first byte
	dots  chan time.Time // the first byte of its first picture: the head has something to burn
	began bool           // byte was sent
}

// arm lets the next job send the times it is read at. It must be called while
// no job is on the line.
func (p *printer) arm() *firsts {
	a := &firsts{byte: make(chan time.Time, 1), dots: make(chan time.Time, 1)}
	p.mu.Lock()
	p.armed = a
	p.mu.Unlock()
	return a
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

// raster is GS v 0, with which each of a job's pictures begins: eight bytes
// before the dots.
var raster = []byte{0x1d, 0x76, 0x30, 0x00}

// carry hands the daemon's bytes on. Between two jobs only status requests
// pass, so the first ESC @ after arm is a job's beginning, and the first
// picture after that its own.
func (p *printer) carry(to io.Writer, from io.Reader) {
	buf := make([]byte, 64<<10)
	for {
		n, err := from.Read(buf)
		at := time.Now()
		p.mu.Lock()
		if p.armed != nil && !p.armed.began && bytes.Contains(buf[:n], initialise) {
			p.armed.byte <- at // one slot, one send
			p.armed.began = true
		}
		if p.armed != nil && p.armed.began {
			if i := bytes.Index(buf[:n], raster); i >= 0 && i+8 < n {
				p.armed.dots <- at
				p.armed = nil
			}
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
