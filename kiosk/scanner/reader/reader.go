package reader

import (
	"context"
	"errors"
	"hash/maphash"
	"os"
	"sync"
	"time"

	"motcua/kiosk/scanner"
)

const (
	silence  = 200 * time.Millisecond // ends a code that has no suffix
	stall    = time.Second            // … of a scanner that has been seen to send one
	repeat   = 3 * time.Second        // a code seen again within it is the same code lying there
	shortest = 4                      // bytes: no code of ours is shorter, noise on a line often is

	firstWait = 100 * time.Millisecond // before a scanner is opened again
	longWait  = 2 * time.Second        // … and at most: who plugs one in does not wait longer
)

// Options is what a Reader works with. Changed may be nil.
type Options struct {
	URI string
	// Code is given each code once, on Run's goroutine; it must return within
	// milliseconds. The text is overwritten when it returns. An empty text is
	// a code that was too long or damaged.
	Code func(text []byte)
	// Changed is told that Status would answer something new, on Run's
	// goroutine.
	Changed func(s Status)
	// Open opens the scanner; nil is [Opener.Open] of this machine.
	Open func(ctx context.Context, uri string) (Source, error)
}

// Status is how a scanner is. Msg says what is wrong and Hint what to do.
type Status struct {
	Code Code
	Msg  string
	Hint string
}

// Reader reads one scanner for as long as it runs, whether that is plugged in
// or not. Make it with New.
type Reader struct {
	o Options

	suffix bool // codes have been seen to end; Run's goroutine only

	mu     sync.Mutex // protects status
	status Status
}

// New returns a reader; the error is an [*Error] about its address.
func New(o Options) (*Reader, error) {
	o.URI = Address(o.URI)
	if err := Check(o.URI); err != nil {
		return nil, err
	}
	if o.Open == nil {
		o.Open = Opener{}.Open
	}
	return &Reader{o: o, status: Status{Code: Opening}}, nil
}

// Status says how the scanner is now.
func (r *Reader) Status() Status {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.status
}

func (r *Reader) say(s Status) {
	r.mu.Lock()
	changed := r.status != s
	r.status = s
	r.mu.Unlock()
	if changed && r.o.Changed != nil {
		r.o.Changed(s)
	}
}

// Run reads codes until ctx ends. A scanner that is missing is tried again; it
// is no error.
func (r *Reader) Run(ctx context.Context) {
	wait := firstWait
	for ctx.Err() == nil {
		source, err := r.o.Open(ctx, r.o.URI)
		if err == nil {
			r.say(Status{Code: OK})
			began := time.Now()
			err = r.read(ctx, source)
			_ = source.Close()
			if time.Since(began) >= longWait {
				wait = firstWait
			}
		}
		if ctx.Err() != nil {
			return
		}
		r.say(statusOf(err))
		select {
		case <-ctx.Done():
		case <-time.After(wait):
			wait = min(2*wait, longWait)
		}
	}
}

func statusOf(err error) Status {
	var e *Error
	if errors.As(err, &e) {
		return Status{e.Code, e.Msg, e.Hint}
	}
	return Status{Absent, "was unplugged", "check its cable"}
}

// read reads codes until the source fails or ctx ends.
func (r *Reader) read(ctx context.Context, source Source) error {
	stop := context.AfterFunc(ctx, func() { _ = source.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	c := cutter{code: r.o.Code, silence: silence, seed: maphash.MakeSeed()}
	defer c.forget()
	var in [256]byte
	for {
		if r.suffix = r.suffix || c.suffix; r.suffix {
			c.silence = stall
		}
		if err := source.SetReadDeadline(c.deadline()); err != nil {
			return err
		}
		if ctx.Err() != nil { // it may have ended before the deadline was set
			return ctx.Err()
		}
		n, err := source.Read(in[:])
		for _, b := range in[:n] {
			c.take(b)
		}
		clear(in[:n])
		switch {
		case errors.Is(err, ErrLost):
			c.spoil()
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.quiet()
		case err != nil:
			return err
		}
	}
}

// cutter cuts a stream of bytes into codes.
type cutter struct {
	code    func(text []byte)
	silence time.Duration // ends a code
	suffix  bool          // something else ended one
	buf     [scanner.Longest]byte
	n       int
	spoilt  bool      // what is being read is no whole code
	last    time.Time // the last byte of what is being read

	// A code lying under the scanner is read again and again. Of the last one
	// its hash under a random seed is kept, for as long as it may be repeated.
	seed maphash.Seed
	sum  uint64
	seen time.Time // zero: none
}

// deadline is when quiet has something to do; zero is never.
func (c *cutter) deadline() time.Time {
	switch {
	case c.n > 0 || c.spoilt:
		return c.last.Add(c.silence)
	case !c.seen.IsZero():
		return c.seen.Add(repeat)
	}
	return time.Time{}
}

func (c *cutter) take(b byte) {
	c.last = time.Now()
	switch {
	case b == '\r' || b == '\n' || b == '\t':
		c.suffix = c.suffix || c.n >= shortest
		c.end()
	case c.spoilt:
	case c.n == len(c.buf):
		c.spoil()
	default:
		c.buf[c.n] = b
		c.n++
	}
}

// spoil drops what is being read, whole.
func (c *cutter) spoil() {
	clear(c.buf[:c.n])
	c.n, c.spoilt, c.last = 0, true, time.Now()
}

// quiet is called when a deadline has passed.
func (c *cutter) quiet() {
	now := time.Now()
	if (c.n > 0 || c.spoilt) && now.Sub(c.last) >= c.silence {
		c.end()
	}
	if !c.seen.IsZero() && now.Sub(c.seen) >= repeat {
		c.sum, c.seen, c.seed = 0, time.Time{}, maphash.MakeSeed()
	}
}

func (c *cutter) end() {
	text := c.buf[:c.n]
	spoilt := c.spoilt
	c.n, c.spoilt = 0, false
	defer clear(text)
	if !spoilt && len(text) < shortest {
		return
	}
	sum := maphash.Bytes(c.seed, text)
	now := time.Now()
	again := !c.seen.IsZero() && c.sum == sum && now.Sub(c.seen) < repeat
	c.sum, c.seen = sum, now
	if !again {
		c.code(text)
	}
}

func (c *cutter) forget() {
	clear(c.buf[:])
	c.sum = 0
}
