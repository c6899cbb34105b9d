package printertest

import (
	"context"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// link is the connection to the client that is served.
type link struct {
	c    io.ReadWriteCloser
	out  chan []byte // replies, at most 256 messages
	gone chan struct{}
	once sync.Once
}

func (l *link) end() {
	l.once.Do(func() {
		close(l.gone)
		l.c.Close()
	})
}

func (l *link) send(b []byte) {
	select {
	case l.out <- b:
	default:
	}
}

// write carries replies to the client until the link ends.
func (l *link) write(timeout time.Duration) {
	for {
		select {
		case b := <-l.out:
			if d, ok := l.c.(interface{ SetWriteDeadline(time.Time) error }); ok {
				_ = d.SetWriteDeadline(time.Now().Add(timeout))
			}
			if _, err := l.c.Write(b); err != nil {
				l.end()
				return
			}
		case <-l.gone:
			return
		}
	}
}

// cutCable ends the connection, and the buffer when power went too.
func (p *Printer) cutCable(f *switchable) {
	if p.link != nil {
		p.link.end()
		p.link = nil
		p.spent(f)
	}
	if f.Drop {
		p.clear()
		p.machine.reset()
		p.asb = false
	}
}

// Attach serves a connection until it ends. A printer talks to one client at
// a time: Attach waits for its turn. It closes c before it returns.
func (p *Printer) Attach(c io.ReadWriteCloser) error {
	select {
	case p.slot <- struct{}{}:
	case <-p.closed:
		c.Close()
		return fmt.Errorf("attach to printer: %w", net.ErrClosed)
	}
	defer func() { <-p.slot }()

	l := &link{c: c, out: make(chan []byte, 256), gone: make(chan struct{})}
	defer l.end()
	p.mu.Lock()
	if p.ended {
		p.mu.Unlock()
		return fmt.Errorf("attach to printer: %w", net.ErrClosed)
	}
	if f := p.fault(Cable); f != nil {
		p.spent(f)
		p.mu.Unlock()
		return nil
	}
	p.link = l
	p.stats.Connections++
	if p.unheard != nil {
		p.stats.Acks++
		p.reply(p.unheard)
		p.unheard = nil
	}
	p.broadcast()
	p.mu.Unlock()

	var writer sync.WaitGroup
	writer.Go(func() { l.write(p.opts.ReplyTimeout) })
	defer writer.Wait()
	defer l.end()
	defer func() {
		p.mu.Lock()
		if p.link == l {
			p.link = nil
			p.asb = false // a new client asks for it again
		}
		p.broadcast()
		p.mu.Unlock()
	}()

	buf := make([]byte, 4096)
	for {
		size, ok := p.room(l)
		if !ok {
			return nil
		}
		n, err := c.Read(buf[:min(size, len(buf))])
		if n > 0 && !p.takeIn(l, buf[:n]) {
			return nil
		}
		if err != nil {
			return nil
		}
	}
}

// room waits until the printer takes bytes and says how many at once.
func (p *Printer) room(l *link) (int, bool) {
	for {
		p.mu.Lock()
		size := p.opts.Buffer - len(p.rx)
		if f := p.fault(Slow); f != nil {
			size = min(size, max(1, f.Rate/20))
		}
		if p.fault(Stalled) != nil {
			size = 0
		}
		ch := p.changed
		p.mu.Unlock()
		if size > 0 {
			return size, true
		}
		select {
		case <-ch:
		case <-l.gone:
			return 0, false
		}
	}
}

// onTheWire waits as long as n bytes take on a slow line, or until the line is
// slow no more. It returns false when the link ended meanwhile.
func (p *Printer) onTheWire(l *link, n int) bool {
	start := time.Now()
	for {
		p.mu.Lock()
		f, ch := p.fault(Slow), p.changed
		p.mu.Unlock()
		if f == nil {
			return true
		}
		left := time.Duration(n)*time.Second/time.Duration(max(1, f.Rate)) - time.Since(start)
		if left <= 0 {
			return true
		}
		t := time.NewTimer(left)
		select {
		case <-t.C:
		case <-ch:
		case <-l.gone:
			t.Stop()
			return false
		}
		t.Stop()
	}
}

// takeIn gives bytes read from the connection to the machine, at the speed of
// the wire when that is slow. It returns false when the link ended meanwhile.
func (p *Printer) takeIn(l *link, b []byte) bool {
	if !p.onTheWire(l, len(b)) {
		return false
	}
	// A stall that began during the read keeps these bytes out as well.
	if _, ok := p.room(l); !ok {
		return false
	}
	p.mu.Lock()
	for _, c := range b {
		p.receive(c)
		p.process()
		if p.link != l {
			break // the cable was cut at this byte: the rest never arrived
		}
	}
	alive := p.link == l
	p.broadcast()
	p.mu.Unlock()
	p.tell()
	return alive
}

// Pipe returns the host's end of a new connection in memory. It has deadlines
// and no buffer: a write ends when the printer has taken the bytes.
func (p *Printer) Pipe() net.Conn {
	host, own := net.Pipe()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		own.Close()
		return host
	}
	p.wg.Go(func() { _ = p.Attach(own) })
	return host
}

// Server is a printer's TCP port.
type Server struct {
	p     *Printer
	l     net.Listener
	mu    sync.Mutex // protects conns and ended
	conns map[net.Conn]bool
	ended bool
	done  chan struct{}
	wg    sync.WaitGroup
}

// Start listens on addr, "127.0.0.1:0" for any free port, and serves until
// the server or ctx ends.
func (p *Printer) Start(ctx context.Context, addr string) (*Server, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("start printer on %s: %w", addr, err)
	}
	s := &Server{p: p, l: l, conns: map[net.Conn]bool{}, done: make(chan struct{})}
	s.wg.Go(s.accept)
	stop := context.AfterFunc(ctx, func() { s.shut() })
	s.wg.Go(func() {
		defer stop()
		select {
		case <-p.closed:
			s.shut()
		case <-s.done:
		}
	})
	return s, nil
}

func (s *Server) accept() {
	for {
		c, err := s.l.Accept()
		if err != nil {
			return
		}
		s.mu.Lock()
		if s.ended || len(s.conns) >= 16 {
			s.mu.Unlock()
			c.Close()
			continue
		}
		s.conns[c] = true
		s.mu.Unlock()
		s.wg.Go(func() {
			_ = s.p.Attach(c)
			s.mu.Lock()
			delete(s.conns, c)
			s.mu.Unlock()
		})
	}
}

func (s *Server) shut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	close(s.done)
	s.l.Close()
	for c := range s.conns {
		c.Close()
	}
}

// Addr returns host:port.
func (s *Server) Addr() string { return s.l.Addr().String() }

// URI returns the address as printer/device opens it: tcp://host:port.
func (s *Server) URI() string { return "tcp://" + s.Addr() }

// Close ends the port and its connections; the printer keeps its paper and
// its buffer.
func (s *Server) Close() error {
	s.shut()
	s.wg.Wait()
	return nil
}
