package feed

import (
	"context"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// client is one connection. Its reader goroutine parses what comes up and ends
// the connection; its writer goroutine alone writes messages, and is the only
// one that waits for the owner's goroutine.
type client struct {
	hub       *Hub
	conn      *websocket.Conn
	topic     string
	pattern   pattern
	id        uint64
	principal string
	address   string
	since     time.Time

	wake       chan struct{} // one slot: something below changed
	writerDone chan struct{}
	end        *time.Timer // closes the socket when no answer comes; the reader's once writerDone is closed
	gone       bool        // left the hub; protected by hub.mu

	mu       sync.Mutex // protects everything below
	first    []frame    // goes out before all else: hello, then snapshot or missed frames
	state    frame      // Latest: the one slot
	queue    []frame    // Stream: bounded
	hb       frame
	ping     bool
	resume   *Position // asked for, not yet answered
	code     Code      // why it closes; 0 = it does not
	reason   string
	lost     bool // no use sending a close frame
	status   Status
	statusAt time.Time
	heard    time.Time
}

// signal wakes the writer.
func (c *client) signal() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// shut begins the end of the connection. The first reason stands.
func (c *client) shut(code Code, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shutLocked(code, reason)
}

func (c *client) shutLocked(code Code, reason string) {
	if c.code != 0 {
		return
	}
	if reason == "" {
		reason = code.String()
	}
	c.code, c.reason = code, reason
	c.first, c.queue, c.state, c.hb = nil, nil, frame{}, frame{}
	c.signal()
}

// replace puts a whole state into the slot and says whether one was still there.
func (c *client) replace(f frame) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code != 0 {
		return false
	}
	replaced := c.state.msg != nil
	c.state = f
	c.signal()
	return replaced
}

// push queues a Stream frame.
func (c *client) push(f frame, limit int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code != 0 {
		return
	}
	if len(c.queue) >= limit {
		c.shutLocked(CodeTooSlow, "")
		return
	}
	c.queue = append(c.queue, f)
	c.signal()
}

// beat leaves a heartbeat, to go out after everything queued before it.
func (c *client) beat(f frame) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == 0 {
		c.hb = f
		c.signal()
	}
}

func (c *client) pingSoon() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == 0 {
		c.ping = true
		c.signal()
	}
}

// step is what the writer does next.
type step struct {
	frame  frame
	ping   bool
	resume *Position
	code   Code
	reason string
}

func (c *client) next() (step, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var s step
	switch {
	case c.code != 0:
		s.code, s.reason = c.code, c.reason
	case c.resume != nil:
		s.resume, c.resume = c.resume, nil
	case len(c.first) > 0:
		s.frame = c.first[0]
		c.first = c.first[1:]
	case c.state.msg != nil:
		s.frame, c.state = c.state, frame{}
	case len(c.queue) > 0:
		s.frame = c.queue[0]
		c.queue[0] = frame{}
		if c.queue = c.queue[1:]; len(c.queue) == 0 {
			c.queue = nil
		}
	case c.hb.msg != nil:
		s.frame, c.hb = c.hb, frame{}
	case c.ping:
		s.ping, c.ping = true, false
	default:
		return s, false
	}
	return s, true
}

// write is the writer goroutine.
func (c *client) write() {
	defer c.hub.wg.Done()
	defer close(c.writerDone)
	var unasked <-chan time.Time
	if c.closing() == 0 {
		switch c.pattern.class {
		case Latest:
			c.subscribe(nil)
		case Stream:
			c.greet()
			timer := time.NewTimer(c.hub.opts.ResumeWait)
			defer timer.Stop()
			unasked = timer.C
		}
	}
	for {
		for {
			s, ok := c.next()
			if !ok {
				break
			}
			switch {
			case s.code != 0:
				c.sayClosed(s.code, s.reason)
				return
			case s.resume != nil:
				unasked = nil
				c.subscribe(s.resume)
			case s.ping:
				// An error shows at the reader, or at the next message.
				c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(c.hub.opts.WriteWait))
			default:
				c.conn.SetWriteDeadline(time.Now().Add(c.hub.opts.WriteWait))
				if err := c.conn.WritePreparedMessage(s.frame.msg); err != nil {
					c.writeFailed(err)
					return
				}
				c.hub.bytesOut.Add(uint64(s.frame.size))
				c.hub.framesN.Add(1)
			}
		}
		select {
		case <-c.wake:
		case <-unasked:
			unasked = nil
			c.subscribe(nil)
		}
	}
}

func (c *client) closing() Code {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.code
}

func (c *client) writeFailed(err error) {
	var timeout net.Error
	switch {
	case errors.Is(err, websocket.ErrCloseSent):
		// The peer closed and the reader has answered it; the reader ends the rest.
		return
	case errors.As(err, &timeout) && timeout.Timeout():
		c.shut(CodeStalled, "a message could not be written in time")
	default:
		c.shut(CodeLost, "")
	}
	c.conn.Close()
}

// sayClosed sends the close frame and gives the peer CloseWait to answer it:
// an early close of the socket would make the kernel throw the frame away.
func (c *client) sayClosed(code Code, reason string) {
	c.mu.Lock()
	lost := c.lost
	c.mu.Unlock()
	if lost {
		c.conn.Close()
		return
	}
	wait := c.hub.opts.CloseWait
	msg := websocket.FormatCloseMessage(int(code), reason)
	if err := c.conn.WriteControl(websocket.CloseMessage, msg, time.Now().Add(wait)); err != nil && !errors.Is(err, websocket.ErrCloseSent) {
		c.conn.Close()
	}
	c.end = time.AfterFunc(wait, func() { c.conn.Close() })
}

// maxDrain bounds what is read and thrown away while a close frame is on its way.
const maxDrain = 1 << 20

// read is the reader goroutine. It outlives the writer and ends the connection.
func (c *client) read() {
	defer c.hub.wg.Done()
	defer c.hub.leave(c)
	defer c.conn.Close()

	peerClosed := c.receive()
	<-c.writerDone
	if c.end != nil {
		defer c.end.Stop()
	}
	if !peerClosed {
		c.conn.SetReadDeadline(time.Now().Add(c.hub.opts.CloseWait))
		io.CopyN(io.Discard, c.conn.NetConn(), maxDrain)
	}
}

// receive handles what comes up until the connection fails or breaks a rule.
// It returns whether the peer is done with the connection.
func (c *client) receive() bool {
	h := c.hub
	alive := func() {
		c.conn.SetReadDeadline(time.Now().Add(h.opts.PongWait))
		c.mu.Lock()
		c.heard = h.opts.Now()
		c.mu.Unlock()
	}
	c.conn.SetReadLimit(h.opts.ReadLimit)
	c.conn.SetPongHandler(func(string) error { alive(); return nil })
	alive()
	allowance := newAllowance(time.Now())
	for {
		kind, data, err := c.conn.ReadMessage()
		if err != nil {
			return c.readFailed(err)
		}
		alive()
		if kind == websocket.BinaryMessage {
			c.shut(CodeBinary, "")
			return false
		}
		if !allowance.take(time.Now()) {
			c.shut(CodeBadFrame, "too many frames")
			return false
		}
		up, bad := decodeUpward(data)
		if bad != nil {
			c.shut(bad.Code, bad.Reason)
			return false
		}
		c.mu.Lock()
		switch {
		case c.code != 0:
		case up.Resume != nil && c.pattern.class == Stream:
			c.resume = up.Resume
			c.signal()
		case up.Status != nil:
			c.status, c.statusAt = *up.Status, h.opts.Now()
		}
		c.mu.Unlock()
	}
}

func (c *client) readFailed(err error) (peerClosed bool) {
	var closed *websocket.CloseError
	var failed net.Error
	lost := func(code Code, reason string) bool {
		c.mu.Lock()
		c.lost = true
		c.shutLocked(code, reason)
		c.mu.Unlock()
		c.conn.Close() // frees a writer that hangs
		return true
	}
	switch {
	case errors.As(err, &closed):
		if closed.Code == websocket.CloseAbnormalClosure {
			return lost(CodeLost, "")
		}
		return lost(CodeNormal, "") // whatever its reason; gorilla has answered it
	case errors.Is(err, websocket.ErrReadLimit):
		c.shut(CodeTooBig, "")
		return false
	case errors.As(err, &failed) && failed.Timeout():
		c.shut(CodeStalled, "no sign of life")
		return true
	case errors.As(err, &failed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe):
		return lost(CodeLost, "")
	}
	c.shut(CodeProtocol, "")
	return false
}

// greet sends hello with the owner's position: a Stream client may want to
// compare it before it says what it holds.
func (c *client) greet() {
	c.turn(func() {
		pos := c.hub.opts.Position()
		c.mu.Lock()
		defer c.mu.Unlock()
		c.sayHello(pos)
	})
}

func (c *client) sayHello(pos Position) {
	if c.code == 0 {
		o := &c.hub.opts
		c.first = append(c.first, helloFrame(o.Server, o.Asset, pos, o.Now()))
	}
}

// turnWait bounds the wait for the owner's goroutine.
const turnWait = 5 * time.Second

// turn runs f on the owner's goroutine and closes the connection when it
// cannot. f must bear being run after turn has given up.
func (c *client) turn(f func()) bool {
	ctx, cancel := context.WithTimeout(c.hub.ctx, turnWait)
	defer cancel()
	err := c.hub.opts.Turn(ctx, f)
	if err == nil {
		return true
	}
	if c.hub.ctx.Err() != nil {
		c.shut(CodeRestarting, "")
		return false
	}
	c.hub.opts.Logger.Error("feed: take a turn of the owner", "topic", kind(c.topic), "err", err)
	c.shut(CodeInternal, "the state could not be read in time")
	return false
}

// subscribe gives the client everything from where it stands: at from, or
// without anything when from is nil.
func (c *client) subscribe(from *Position) {
	h := c.hub
	if from == nil || from.Epoch == "" {
		c.snapshot()
		return
	}
	upTo := make(chan Position, 1) // filled when the journal must be asked
	snap := make(chan struct{}, 1) // filled when only a snapshot helps
	ok := c.turn(func() {
		pos := h.opts.Position()
		if from.Epoch != pos.Epoch || from.Seq > pos.Seq {
			snap <- struct{}{}
			return
		}
		if !h.Listening(c.topic) {
			// The first one there: without this a resume could bring a topic to
			// life whose parameter means nothing.
			if _, _, err := c.pattern.source(c.topic); err != nil {
				c.shutFor(err)
				return
			}
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		t := h.join(c, pos)
		if t == nil {
			return
		}
		frames, ok := t.since(from.Seq)
		if !ok && h.opts.Backlog == nil {
			snap <- struct{}{}
			return
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.code != 0 {
			return
		}
		c.queue, c.hb = nil, frame{}
		if !ok {
			upTo <- pos // and until that is read the writer sends nothing else
			return
		}
		c.first = append(c.first, frames...)
		h.counts.resumedRing++
		c.signal()
	})
	if !ok {
		return
	}
	select {
	case pos := <-upTo:
		if !c.backlog(*from, pos) {
			c.snapshot()
		}
	case <-snap:
		c.snapshot()
	default:
	}
}

// backlog fetches what the ring no longer has. What happens meanwhile gathers
// in the queue.
func (c *client) backlog(from, upTo Position) bool {
	h := c.hub
	ctx, cancel := context.WithTimeout(h.ctx, turnWait)
	defer cancel()
	deltas, err := h.opts.Backlog(ctx, c.topic, from, upTo.Seq)
	at := from.Seq
	var frames []frame
	for _, d := range deltas {
		if d.Prev > at || d.Seq <= at || d.Seq > upTo.Seq {
			err = errors.New("deltas do not follow each other")
			break
		}
		at = d.Seq
		frames = append(frames, evFrame(d.Prev, d.Seq, d.Events))
	}
	if err != nil {
		if !errors.Is(err, ErrTooFar) {
			h.opts.Logger.Error("feed: read backlog", "topic", kind(c.topic), "after", from.Seq, "up_to", upTo.Seq, "err", err)
		}
		return false
	}
	h.mu.Lock()
	h.counts.resumedBacklog++
	h.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.code == 0 {
		c.first = append(c.first, frames...)
	}
	return true
}

// snapshot gives the client the whole state and what follows it.
func (c *client) snapshot() {
	h := c.hub
	c.turn(func() {
		pos := h.opts.Position()
		h.mu.Lock()
		var f frame
		if t := h.topics[c.topic]; t != nil && t.snap.msg != nil && t.snapPos == pos {
			f = t.snap
		}
		h.mu.Unlock()
		if f.msg == nil {
			// Not under the lock: the source is the owner's, and may ask the hub something.
			p, state, err := c.pattern.source(c.topic)
			if err != nil {
				c.shutFor(err)
				return
			}
			pos, f = p, snapFrame(c.topic, p, state)
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		t := h.join(c, pos)
		if t == nil {
			return
		}
		t.setSnap(pos, f)
		h.counts.snapshots++
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.code != 0 {
			return
		}
		c.hb, c.queue = frame{}, nil
		if c.pattern.class == Latest {
			c.sayHello(pos)
			c.state = f // a newer one may replace even the first
		} else {
			c.first = append(c.first, f)
		}
		c.signal()
	})
}

// shutFor closes with the code that an error of the owner's functions stands for.
func (c *client) shutFor(err error) {
	code := codeFor(err)
	if code == CodeInternal {
		c.hub.opts.Logger.Error("feed: open topic", "topic", kind(c.topic), "err", err)
	}
	c.shut(code, "")
}

// codeFor is the one map from errors to codes.
func codeFor(err error) Code {
	switch {
	case errors.Is(err, ErrNotPaired):
		return CodeNotPaired
	case errors.Is(err, ErrNotAllowed):
		return CodeNotAllowed
	case errors.Is(err, ErrNoTopic):
		return CodeNoTopic
	}
	return CodeInternal
}

// allowance is a token bucket for upward frames: each resume costs a turn of
// the owner's goroutine.
type allowance struct {
	left float64
	at   time.Time
}

const (
	allowanceBurst     = 30
	allowancePerSecond = 5
)

func newAllowance(now time.Time) *allowance { return &allowance{allowanceBurst, now} }

func (a *allowance) take(now time.Time) bool {
	a.left = min(allowanceBurst, a.left+now.Sub(a.at).Seconds()*allowancePerSecond)
	a.at = now
	if a.left < 1 {
		return false
	}
	a.left--
	return true
}
