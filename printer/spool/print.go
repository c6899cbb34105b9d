package spool

import (
	"context"
	"errors"
	"time"

	"motcua/printer"
)

// step does all that can be done now and sets wakeAt. It returns true when a
// closing spool has nothing to wait for.
func (s *Spool) step(now time.Time) bool {
	s.wakeAt = time.Time{}
	s.mu.Lock()
	closing, queued := s.closing, len(s.queue)
	s.mu.Unlock()
	if closing && (s.link == nil || len(s.sent) == 0) {
		return true
	}
	if s.link == nil {
		s.expireWithoutLink(now)
		wanted := s.opts.IdleClose == 0 || queued > 0 || len(s.sent) > 0 || s.cutOff > 0 || !s.everTried
		switch {
		case s.opening || !wanted:
		case now.Before(s.retryAt):
			s.at(s.retryAt)
		default:
			s.open()
		}
		return false
	}
	l := s.link
	if now.Before(l.quietUntil) {
		s.at(l.quietUntil)
		return false
	}
	if !l.quietUntil.IsZero() {
		l.quietUntil = time.Time{}
		s.greet(now)
		if s.link != l {
			s.at(s.retryAt)
			return false
		}
	}
	if !l.greeted {
		if now.Before(l.greetUntil) {
			s.at(l.greetUntil)
			return false
		}
		if l.heardAt.IsZero() && s.rouse() {
			s.at(l.quietUntil)
			if s.link != l {
				s.at(s.retryAt)
			}
			return false
		}
		l.greeted = true
		switch {
		case !l.heardAt.IsZero():
		case s.inTurn:
			l.dumb = true // that is how it says that it is offline
		default:
			s.log.Info("printer answers nothing; it prints without proof")
			s.detail, s.backoff = "", s.opts.BackoffMin
		}
		if s.canPrint() {
			s.startWindows(now)
		}
	}
	if l.spoke && !l.askedAt.IsZero() && now.Sub(l.askedAt) >= deadAfter {
		s.lost(errDead)
		s.at(s.retryAt)
		return false
	}
	s.listen(now)
	s.lookAtPort(now)
	s.relent(now)
	if (!s.answered || !s.asks()) && s.canPrint() {
		s.watched(now) // it never speaks, or when something is wrong and not when asked
	}
	if s.opts.relief() {
		s.startWindows(now) // no use waiting for people
	}
	s.expire(now)
	if !closing {
		if !s.recover(now) {
			return false
		}
		for s.link == l && s.mayFollow(now) && s.sendNext() {
			now = s.opts.Clock.Now()
		}
		if s.link == l {
			s.remember()
		}
	}
	if s.link != l {
		s.at(s.retryAt)
		s.at(now) // jobs without link have times of their own
		return false
	}
	// A printer that waits for the rest of a raster eats requests and, where
	// a command's head was cut, takes them for its size: do not feed it.
	if asleep := s.cutOff > 0 && l.heardAt.IsZero(); asleep && !now.Before(l.pollAt) {
		l.pollAt = now.Add(s.opts.PollEvery)
	} else if !now.Before(l.pollAt) {
		s.poll(now)
		if s.link != l {
			s.at(s.retryAt)
			return false
		}
	}
	s.at(l.pollAt)
	if idle := s.opts.IdleClose; idle > 0 && queued == 0 && len(s.sent) == 0 && s.cutOff == 0 && s.canPrint() {
		if at := l.usedAt.Add(idle); now.Before(at) {
			s.at(at)
		} else {
			s.drop()
			s.wakeAt = time.Time{}
			return false
		}
	}
	for _, j := range s.sent {
		s.at(j.due)
		if out := j.sentAt.Add(s.opts.Watch); !j.proof && now.Before(out) {
			s.at(out)
		}
	}
	return false
}

// asks reports whether the printer can be asked for its status.
func (s *Spool) asks() bool { return len(s.opts.Protocol.StatusRequest()) > 0 }

// startWindow lets the time for an acknowledgement run.
func (s *Spool) startWindow(j *job, now time.Time) {
	if !j.due.IsZero() {
		return
	}
	j.due = now
	switch {
	case j.cut:
	case j.proof && !j.lostAt.IsZero():
		j.due = now.Add(s.opts.LateWindow)
	case j.proof:
		j.due = now.Add(s.opts.AckWindow)
	case j.clean:
		j.due = now.Add(s.opts.Watch + s.opts.AckWindow)
	}
}

func (s *Spool) startWindows(now time.Time) {
	for _, j := range s.sent {
		s.startWindow(j, now)
	}
}

// expire makes what was not acknowledged in time unknown.
func (s *Spool) expire(now time.Time) {
	var over []*job
	for _, j := range s.sent {
		if !j.due.IsZero() && !now.Before(j.due) {
			over = append(over, j)
		}
	}
	s.giveUp(over, now)
}

// expireWithoutLink does so for slips whose printer stays away until they
// are too old to print again by themselves.
func (s *Spool) expireWithoutLink(now time.Time) {
	var over []*job
	for _, j := range s.sent {
		due := j.lostAt.Add(s.opts.AckWindow)
		if old := j.At.Add(s.opts.ReprintWithin); old.After(due) && !s.opts.relief() {
			due = old
		}
		if now.Before(due) {
			s.at(due)
		} else {
			over = append(over, j)
		}
	}
	s.giveUp(over, now)
}

// giveUp records slips as unknown. Young ones print again by themselves.
func (s *Spool) giveUp(over []*job, now time.Time) {
	var again []*job
	for _, j := range over {
		if !s.record(func(ctx context.Context) error { return s.opts.Log.Unknown(ctx, j.ID) }) {
			return
		}
		if j.clean || j.lostAt.IsZero() && s.link != nil && !s.link.spoke {
			s.unproven++
		}
		if j.lostAt.IsZero() { // else its link's loss has seen to it
			s.cutOff = max(s.cutOff, j.size)
		}
		for i, o := range s.sent {
			if o == j {
				s.sent = append(s.sent[:i:i], s.sent[i+1:]...)
				break
			}
		}
		age := now.Sub(j.At)
		// A clock that went back makes no slip young.
		young := age >= -time.Second && age < s.opts.ReprintWithin
		if young && j.auto < s.opts.AutoReprints && s.unproven < noProofAfter {
			j.auto++
			s.mark(j)
			again = append(again, j)
			s.log.Warn("slip unknown, prints again", "job", uint64(j.ID))
			continue
		}
		s.log.Warn("slip unknown, waits for staff", "job", uint64(j.ID))
		s.setState(j, Unknown)
		s.held = append(s.held, j)
	}
	if len(again) > 0 {
		s.requeue(again...)
	}
}

// recover frees the printer from a job that was cut off, once nothing that
// was sent is awaited any more, and asks whether it helped. It returns false
// when the line must be quiet.
func (s *Spool) recover(now time.Time) bool {
	// A printer that answers in its turn is silent while it waits for the rest
	// as well as while it is offline.
	silent := s.inTurn && s.link.dumb
	if s.cutOff == 0 || len(s.sent) > 0 || !s.canPrint() && !silent {
		return true
	}
	l, tried := s.link, s.mend.resets+s.mend.tries > 0
	probe := s.opts.Protocol.Probe()
	if s.unproven >= noProofAfter {
		probe = nil // it acknowledges nothing
	}
	switch {
	case now.Before(l.probeUntil):
	case s.mend.tries > 0 && len(probe) == 0:
		s.whole() // nobody will ever say more
		return true
	case s.mend.tries >= maxMends:
		s.log.Warn("printer does not say that it is free of the job that was cut off; printing goes on")
		s.whole()
		return true
	case tried && l.probeUntil.IsZero() && len(probe) > 0:
		l.probeUntil = now.Add(s.opts.StatusWait)
		s.tell("ask whether the printer is free", probe)
	default:
		s.free()
	}
	switch l := s.link; {
	case l == nil:
		s.at(s.retryAt)
	case now.Before(l.quietUntil):
		s.at(l.quietUntil)
	default:
		s.at(l.probeUntil)
	}
	return false
}

// free ends what a job that was cut off left behind, in the order of what helps
// most printers: the port's own reset and a new link, then Protocol.Recover,
// after which the line is quiet for a while.
func (s *Spool) free() {
	s.link.probeUntil = time.Time{}
	if !s.resetPort() {
		s.log.Info("freeing printer from a job that was cut off", "bytes", s.cutOff)
		s.end(s.opts.Protocol.Recover(s.cutOff, s.mend.tries))
	}
}

// rouse tries to free a printer that has been silent since it was greeted. It
// may stand in a picture that nobody here knows of: cut off by another machine,
// or before this journal began. It returns false when there is nothing to try,
// or nothing helped.
func (s *Spool) rouse() bool {
	if s.cutOff > 0 || s.roused || s.inTurn || s.garbled || !s.asks() {
		return false
	}
	if s.mend.tries > 0 {
		s.roused, s.mend = true, mending{}
		return false
	}
	s.log.Info("printer is silent: freeing it from what it may wait for")
	s.end(s.opts.Protocol.Recover(anyJob, 1))
	return true
}

// resetPort resets the printer by its port, once for each job that was cut off,
// and gives the link up for a new one. It returns false when that cannot be.
func (s *Spool) resetPort() bool {
	r, ok := s.link.link.(Resetter)
	if !ok || s.mend.resets > 0 {
		return false
	}
	s.mend.resets++
	if err := r.SoftReset(); err != nil {
		s.log.Warn("printer was not reset by its port", "err", err)
		return false
	}
	s.log.Info("printer was reset by its port", "bytes", s.cutOff)
	s.drop()
	s.retryAt = s.opts.Clock.Now()
	return true
}

// end sends what ends a job that was cut off; then the line is quiet for a
// while.
func (s *Spool) end(rest []byte) {
	l := s.link
	if _, err := s.write(rest); err != nil {
		if s.link == l {
			s.lost(err)
		}
		return
	}
	s.mend.tries++
	l.quietUntil = s.opts.Clock.Now().Add(s.opts.RecoverPause)
}

// whole says that the printer waits for no rest of a job.
func (s *Spool) whole() {
	s.cutOff, s.lastSent, s.mend = 0, nil, mending{}
	if s.link != nil {
		s.link.probeUntil = time.Time{}
	}
}

// mayFollow reports whether a slip may leave now. One is on its way at a
// time, so that a paper end puts one in doubt and not many; but a printer
// that is ready and merely slow to acknowledge does not hold up the queue.
func (s *Spool) mayFollow(now time.Time) bool {
	l := s.link
	if s.cutOff > 0 || !l.greeted || !s.canPrint() || s.inTurn && !l.askedAt.IsZero() {
		return false // an answer in turn must be that to the question after the slip
	}
	if len(s.sent) == 0 {
		return true
	}
	if len(s.sent) >= maxOnTheWay {
		return false
	}
	for _, j := range s.sent {
		if !j.clean {
			return false
		}
	}
	last := s.sent[len(s.sent)-1]
	if free := last.sentAt.Add(s.opts.Pace); now.Before(free) {
		s.at(free)
		return false
	}
	return l.spoke && l.statusAt.After(last.sentAt)
}

// encoded is a slip in the printer's language, or why there is none.
type encoded struct {
	job printer.Job
	err error
}

// sendNext sends the first slip of the queue. It returns false when there is
// none or the spool must stop.
func (s *Spool) sendNext() bool {
	s.mu.Lock()
	if len(s.queue) == 0 || s.closing {
		s.mu.Unlock()
		return false
	}
	j := s.queue[0]
	s.queue = s.queue[1:]
	j.state = Sending
	s.mu.Unlock()

	// Laying out and the durable record take milliseconds each: together.
	ready := make(chan encoded, 1)
	slip, protocol := j.slip(s.opts.ReprintMark), s.protocol()
	s.helper.Go(func() {
		job, err := protocol.Encode(slip, j.ID)
		ready <- encoded{job, err}
	})
	withdrawn := false
	if !s.record(func(ctx context.Context) error {
		err := s.opts.Log.Sending(ctx, j.ID, j.marked)
		if withdrawn = errors.Is(err, ErrWithdrawn); withdrawn {
			return nil
		}
		return err
	}) {
		return false
	}
	enc := <-ready
	if withdrawn {
		s.log.Info("slip withdrawn before it was sent", "job", uint64(j.ID))
		s.forget(j, j.size > 0)
		return true
	}
	if enc.err != nil {
		s.log.Error("slip cannot be laid out", "job", uint64(j.ID), "err", enc.err)
		if !s.record(func(ctx context.Context) error { return s.opts.Log.Failed(ctx, j.ID, ReasonEncode) }) {
			return false
		}
		s.forget(j, j.size > 0)
		return true
	}
	l := s.link
	n, err := s.write(enc.job.Bytes)
	now := s.opts.Clock.Now()
	if n == 0 && err != nil {
		// Not one byte left: it waits on, and no reprint comes of it.
		s.requeue(j)
		if s.link == l {
			s.lost(err)
		}
		return false
	}
	s.countSlip(enc.job.Length)
	j.size, j.proof = len(enc.job.Bytes), enc.job.Proof
	j.cut = err != nil
	j.sentAt, j.clean, j.due, j.lostAt = now, true, time.Time{}, time.Time{}
	l.usedAt, l.busyUntil = now, now.Add(printing)
	s.sent = append(s.sent, j)
	s.lastSent = j
	if err != nil {
		s.log.Warn("slip was cut off", "job", uint64(j.ID), "written", n, "of", j.size)
		if s.link == l {
			s.lost(err)
		} else { // lost while writing
			j.clean, j.lostAt = false, now
			s.cutOff = max(s.cutOff, j.size)
		}
		return false
	}
	if !j.proof && !s.answered && !s.asks() && !s.portTells() { // nobody will ever say more
		if !s.record(func(ctx context.Context) error { return s.opts.Log.Printed(ctx, j.ID, false) }) {
			return false
		}
		s.forget(j, true)
	} else {
		s.setState(j, Sent)
		if s.link == l && s.canPrint() {
			s.startWindow(j, now)
		}
	}
	if s.link != l {
		return false
	}
	s.poll(now)
	if !j.proof {
		l.portAt = now.Add(s.opts.Watch) // its word counts when the slip is judged
	}
	if at := now.Add(s.opts.Watch); !j.proof && l.pollAt.After(at) {
		l.pollAt = at
	}
	return s.link == l
}

// acknowledged takes a process id whose print data are finished.
func (s *Spool) acknowledged(id uint16) {
	for _, j := range s.sent {
		if j.processID() != id {
			continue
		}
		// It speaks for this slip alone. A printer that drops the slip at
		// which its roll ended acknowledges the next one all the same.
		if j == s.lastSent {
			s.whole()
		}
		s.printed(j)
		return
	}
	// A late word settles what was given up already.
	s.mu.Lock()
	var late *job
	for _, j := range s.jobs {
		if j.processID() == id && (j.state == Unknown || j.state == Queued && j.size > 0 && j.marked) {
			late = j
			s.claim(j)
			break
		}
	}
	var away printer.JobID
	for _, a := range s.away {
		if uint16(a%10000) == id {
			away = a
		}
	}
	s.mu.Unlock()
	if late == nil && away != 0 {
		s.opts.stray(away)
		return
	}
	if late == nil {
		s.log.Warn("foreign acknowledgement ignored", "id", id)
		return
	}
	if late == s.lastSent {
		s.whole()
	}
	s.printed(late)
}

// printed ends a job that the printer acknowledged.
func (s *Spool) printed(j *job) {
	s.unproven = 0
	if s.record(func(ctx context.Context) error { return s.opts.Log.Printed(ctx, j.ID, true) }) {
		s.forget(j, true)
	}
}
