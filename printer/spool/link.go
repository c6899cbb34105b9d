package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"motcua/printer"
)

// event is something the link's goroutines tell the spool's.
type event struct {
	from    *session // nil: an attempt to open ended
	replies []printer.Reply
	heard   verdict // of what comes over the link; "": as before
	err     error   // the link is gone, or was not opened
	opened  Link
}

// session is one open link.
type session struct {
	link     Link
	gone     chan struct{}
	once     sync.Once
	unhook   func() bool
	status   printer.Status
	spoke    bool      // status is its word, not a blank
	statusAt time.Time // when it came
	heardAt  time.Time // last reply of any kind; zero: none yet
	since    time.Time // when it was opened

	greeted    bool      // the printer answered, or had its time to
	greetUntil time.Time // answers are awaited until then
	pollAt     time.Time // next status request
	askedAt    time.Time // oldest request without an answer
	quietUntil time.Time // after Recover nothing may be sent
	probeUntil time.Time // the answer to Probe is awaited until then; zero: none was sent
	usedAt     time.Time // last slip
	busyUntil  time.Time // it may be printing
	dumb       bool      // it has answered on this link and answers no more
	stuck      bool      // it says that it is ready and takes no byte
	judged     bool      // what comes over it was judged
	portAt     time.Time // when its port is asked next
	portOut    bool      // its port says that paper is out, and is to be believed

	memory  printer.Memory // knows what the printer keeps; nil: not heard yet
	keys    []string       // of the list that is coming
	keysDue bool           // the list was asked for
	taken   bool           // a part of the list came: the printer waits for a word
	storing int            // bytes for its memory that no list has confirmed yet
	given   *printer.Slip  // whose parts they are
}

func (l *session) end() {
	l.once.Do(func() {
		l.unhook()
		close(l.gone)
		l.link.Close()
	})
}

var errDead = errors.New("printer answered before and says nothing now")

// open connects in the background.
func (s *Spool) open() {
	s.opening = true
	s.helper.Go(func() {
		l, err := s.opts.Open(s.ctx)
		select {
		case s.events <- event{opened: l, err: err}:
		case <-s.ctx.Done():
			if err == nil {
				l.Close()
			}
		}
	})
}

// read carries replies from the link to the spool until it ends.
func (s *Spool) read(l *session) {
	p := s.opts.Protocol.NewParser()
	var by ear
	buf := make([]byte, 512)
	for {
		n, err := l.link.Read(buf)
		var replies []printer.Reply
		if n > 0 {
			replies = p.Feed(buf[:n], s.opts.Clock.Now())
		}
		heard := by.judge(buf[:n], p.Dropped(), len(replies) > 0)
		if errors.Is(err, os.ErrDeadlineExceeded) {
			err = nil
		}
		if len(replies) == 0 && heard == "" && err == nil {
			continue
		}
		e := event{from: l, replies: replies, heard: heard, err: err}
		select {
		case s.events <- e: // first choice even when the link is gone
		default:
			select {
			case s.events <- e:
			case <-l.gone:
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// drain handles what has come in meanwhile.
func (s *Spool) drain() {
	for {
		select {
		case e := <-s.events:
			s.handle(e)
		default:
			return
		}
	}
}

func (s *Spool) handle(e event) {
	now := s.opts.Clock.Now()
	if e.from == nil {
		s.opening = false
		s.everTried = true
		if e.err != nil {
			if s.detail == "" {
				s.log.Warn("printer not reachable", "err", e.err)
			}
			s.detail = e.err.Error()
			s.waitLonger(now)
			return
		}
		s.up(e.opened, now)
		return
	}
	if e.heard != "" && e.from == s.link {
		s.judge(e.heard, now)
	}
	for _, r := range e.replies {
		if r.Status != nil && e.from == s.link {
			s.inTurn = r.Turn
			s.heard(*r.Status, now)
		}
		if r.Turn && e.from == s.link {
			s.reached(now)
		}
		if r.Keys != nil && e.from == s.link {
			s.keeps(r.Keys)
		}
		if r.Ack != nil {
			// Proof stays proof when its link was given up meanwhile.
			e.from.heardAt, e.from.askedAt = now, time.Time{}
			s.acknowledged(*r.Ack)
		}
	}
	if e.err != nil && e.from == s.link {
		s.lost(e.err)
	}
}

func (s *Spool) waitLonger(now time.Time) {
	s.retryAt = now.Add(s.backoff)
	s.backoff = min(2*s.backoff, s.opts.BackoffMax)
}

// up greets a new link: what does the printer say?
func (s *Spool) up(link Link, now time.Time) {
	l := &session{link: link, gone: make(chan struct{}), since: now, usedAt: now}
	l.unhook = context.AfterFunc(s.ctx, func() { link.Close() })
	s.link = l
	s.helper.Go(func() { s.read(l) })
	for _, j := range s.sent {
		if j.cut && s.cutOff > 0 && s.mend.resets == 0 {
			s.free() // the greeting follows after the pause
			return
		}
	}
	s.greet(now)
}

// greet asks for the status and gives the printer its time to answer.
func (s *Spool) greet(now time.Time) {
	l := s.link
	l.greeted = false
	l.greetUntil = now.Add(s.opts.StatusWait)
	s.ask(s.opts.Protocol.Greeting(), now)
}

// poll asks for the status, between slips only.
func (s *Spool) poll(now time.Time) { s.ask(s.opts.Protocol.StatusRequest(), now) }

// ask sends a question about the status.
func (s *Spool) ask(question []byte, now time.Time) {
	l := s.link
	l.pollAt = now.Add(s.opts.PollEvery)
	if len(question) == 0 {
		return
	}
	if l.askedAt.IsZero() {
		l.askedAt = now
	}
	if n, err := s.write(question); err != nil && s.link == l {
		s.lost(fmt.Errorf("ask for status (%d bytes left): %w", n, err))
	}
}

// verdict is whether what comes over a link is the printer's language.
type verdict string

const (
	understood verdict = "understood"
	nonsense   verdict = "nonsense"
)

// ear judges what comes over one link by the last of its bytes. ACK and NAK,
// which some printers send unasked, speak neither for nor against it.
type ear struct {
	heard, lost int // bytes
	dropped     int // of the parser, so far
	last        verdict
}

// judge hears bytes, of which the parser has dropped so many since the link is
// open, and returns the verdict when it is another one.
func (e *ear) judge(b []byte, dropped int, replies bool) verdict {
	stray := bytes.Count(b, []byte{0x06}) + bytes.Count(b, []byte{0x15})
	e.heard += len(b) - stray
	e.lost = max(e.lost+dropped-e.dropped-stray, 0)
	e.dropped = dropped
	if e.heard > earshot {
		e.heard, e.lost = e.heard/2, e.lost/2
	}
	now := e.last
	switch {
	case e.lost > rubbish && e.lost > e.heard/2:
		now = nonsense
	case replies && e.lost <= e.heard/4:
		now = understood
	}
	if now == e.last {
		return ""
	}
	e.last = now
	return now
}

// judge takes what was found about the bytes that come over the link.
func (s *Spool) judge(v verdict, now time.Time) {
	s.link.judged = true
	switch was := s.garbled; {
	case v == nonsense && !was:
		s.garbled = true
		s.log.Warn("most of what the printer sends is no reply: check that the profile matches the model, and on a serial line the speed")
		s.holdUp()
	case v == understood && was:
		s.clear(now)
	}
}

// clear says that the printer is understood again, or that nobody knows.
func (s *Spool) clear(now time.Time) {
	s.garbled = false
	s.log.Info("printer is understood")
	if s.link.greeted && s.canPrint() {
		s.startWindows(now)
	}
}

// relent lets a new link be silent whose printer was not understood on the one
// before.
func (s *Spool) relent(now time.Time) {
	if !s.garbled || s.link.judged {
		return
	}
	if until := s.link.since.Add(deadAfter); now.Before(until) {
		s.at(until)
		return
	}
	s.link.judged = true
	s.clear(now)
}

// portID names the printer at a port that tells of paper; "" when it does not.
func (s *Spool) portID() string {
	if _, ok := s.link.link.(PaperPort); !ok {
		return ""
	}
	id := "port"
	if i, ok := s.link.link.(interface{ ID() printer.DeviceID }); ok {
		id += " " + i.ID().String() + " " + i.ID().Serial
	}
	return id
}

// portTells reports whether the port's word about paper is to be believed.
func (s *Spool) portTells() bool { return s.portOf != "" && s.portOf == s.portID() }

// lookAtPort asks the port of a printer that says nothing itself for its paper.
// Many ports always say the same: that paper is out counts only from one that
// has also said that it is there.
func (s *Spool) lookAtPort(now time.Time) {
	l := s.link
	port, ok := l.link.(PaperPort)
	if !ok || l.spoke {
		return
	}
	if now.Before(l.portAt) {
		s.at(l.portAt)
		return
	}
	out, err := port.PaperOut()
	wait := s.opts.PollEvery
	switch {
	case err != nil:
		s.log.Debug("printer's port says nothing", "err", err)
		wait = portBackoff
	case !out:
		s.portOf = s.portID()
		if l.portOut {
			l.portOut = false
			s.startWindows(now)
		}
	case s.portTells() && !l.portOut:
		l.portOut = true
		s.log.Warn("printer needs help", "code", string(HealthPaperOut), "by", "its port")
		s.holdUp()
	}
	l.portAt = now.Add(wait)
	s.at(l.portAt)
}

// canPrint reports whether the printer is ready as far as it says.
func (s *Spool) canPrint() bool {
	l := s.link
	return !s.garbled && !l.dumb && (l.spoke && l.status.Ready() || !l.spoke && !l.portOut)
}

// heard takes the printer's word about itself.
func (s *Spool) heard(st printer.Status, now time.Time) {
	l := s.link
	was := s.canPrint()
	if soon := now.Add(settle); !l.greeted && soon.Before(l.greetUntil) {
		l.greetUntil = soon
	}
	l.status, l.spoke, l.statusAt, l.heardAt, l.askedAt, l.dumb = st, true, now, now, time.Time{}, false
	s.answered, s.roused = true, false
	if s.cutOff == 0 {
		s.mend = mending{}
	}
	s.backoff = s.opts.BackoffMin
	s.detail = ""
	if s.canPrint() {
		if l.greeted {
			s.startWindows(now)
			s.watched(now)
		}
		return
	}
	l.usedAt = now // not idle: nobody would hear of its repair
	if was && !st.Ready() {
		s.log.Warn("printer needs help", "code", string(statusCode(st)))
	}
	s.holdUp()
}

// holdUp stops the time of what is on its way: people change the roll. It may
// be dropped meanwhile, so a later word no longer speaks for it.
func (s *Spool) holdUp() {
	for _, j := range s.sent {
		j.clean = false
		if !s.opts.relief() {
			j.due = time.Time{}
		}
	}
}

// listen finds out that a printer which answered before answers no more. One
// that speaks in its turn only is offline then; of any other the line may be
// dead. A slip on its way has its own time.
func (s *Spool) listen(now time.Time) {
	l := s.link
	if !l.spoke || l.dumb || l.askedAt.IsZero() {
		return
	}
	until := l.askedAt
	if s.inTurn { // it prints first
		if l.busyUntil.After(until) {
			until = l.busyUntil
		}
	}
	until = until.Add(answerWait)
	if now.Before(until) {
		s.at(until)
		return
	}
	for _, j := range s.sent {
		if j.proof {
			return
		}
	}
	l.dumb = true
	s.log.Warn("printer answers no more")
	s.holdUp()
}

// reached is told that the printer has taken all that was sent before a
// question.
func (s *Spool) reached(now time.Time) {
	l := s.link
	l.heardAt = now
	if !l.probeUntil.IsZero() {
		s.log.Info("printer is free of the job that was cut off")
		s.whole()
	}
	if !l.status.Ready() || s.garbled {
		return
	}
	for _, j := range slices.Clone(s.sent) {
		if !j.proof && !j.cut && j.clean && j.lostAt.IsZero() && s.inTurn {
			s.taken(j)
		}
	}
}

// watched ends slips that nobody acknowledges and whose printer says, long
// enough after the last byte, that nothing is wrong.
func (s *Spool) watched(now time.Time) {
	for _, j := range slices.Clone(s.sent) {
		if !j.proof && !j.cut && j.clean && j.lostAt.IsZero() && !s.inTurn && !now.Before(j.sentAt.Add(s.opts.Watch)) {
			s.taken(j)
		}
	}
}

// taken ends a job that came out as far as anybody can tell.
func (s *Spool) taken(j *job) {
	s.unproven = 0
	if j == s.lastSent {
		s.whole()
	}
	if s.record(func(ctx context.Context) error { return s.opts.Log.Printed(ctx, j.ID, false) }) {
		s.forget(j, true)
	}
}

// lost gives the link up. What was on its way stays so until the link is back
// or its time is over.
func (s *Spool) lost(err error) {
	now := s.opts.Clock.Now()
	if s.detail == "" {
		s.log.Warn("printer link lost", "err", err)
	}
	s.detail = err.Error()
	s.cutOff = max(s.cutOff, s.link.storing)
	s.mend = mending{} // what was tried may never have arrived
	s.drop()
	for _, j := range s.sent {
		j.clean, j.due, j.lostAt = false, time.Time{}, now
		s.cutOff = max(s.cutOff, j.size)
	}
	s.waitLonger(now)
}

// drop closes the link.
func (s *Spool) drop() {
	s.link.end()
	s.link = nil
}

// write hands bytes to the printer and returns how many were taken. It gives
// up when a printer that says it is ready takes nothing for WriteStall; one
// that waits for paper may wait.
func (s *Spool) write(b []byte) (int, error) {
	l, done := s.link, 0
	stalled := s.opts.Clock.Now()
	for done < len(b) {
		if err := l.link.SetWriteDeadline(time.Now().Add(writeSlice)); err != nil {
			return done, err
		}
		n, err := l.link.Write(b[done:min(done+chunk, len(b))])
		done += n
		if n > 0 {
			stalled, l.stuck = s.opts.Clock.Now(), false
		}
		switch {
		case err == nil:
		case !errors.Is(err, os.ErrDeadlineExceeded) || s.ctx.Err() != nil:
			return done, err
		default:
			s.drain()
			if s.link == l {
				s.lookAtPort(s.opts.Clock.Now())
			}
			if s.link != l {
				return done, errors.New("link lost in mid-write")
			}
			waited := s.opts.Clock.Now().Sub(stalled)
			if (s.canPrint() || s.opts.relief()) && waited >= s.opts.WriteStall {
				return done, fmt.Errorf("printer takes no bytes: %w", err)
			}
			l.stuck = waited >= stuckAfter
			s.publish()
		}
	}
	return done, nil
}
