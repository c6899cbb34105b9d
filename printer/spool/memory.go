package spool

import (
	"fmt"

	"motcua/printer"
)

// keeps takes a part of the list of what the printer keeps.
func (s *Spool) keeps(k *printer.Keys) {
	l := s.link
	if !l.keysDue || l.memory != nil {
		return // nobody asked
	}
	l.keys = append(l.keys, k.List...)
	l.taken = true
	if m, ok := s.opts.Protocol.(printer.Memory); ok && !k.More {
		l.memory, l.keys, l.storing = m.Knowing(l.keys), nil, 0
	}
}

// protocol is the language for slips: with what this printer is known to keep.
func (s *Spool) protocol() printer.Protocol {
	if l := s.link; l != nil && l.memory != nil {
		return l.memory
	}
	return s.opts.Protocol
}

// remember asks an idle printer what it keeps, once on each link, and gives it
// what it shall keep and does not. It stands between slips: a printer that
// waits for the rest of a picture would take a request for dots.
func (s *Spool) remember() {
	l := s.link
	m, ok := s.opts.Protocol.(printer.Memory)
	if !ok || len(m.KeysRequest()) == 0 || !l.spoke || !s.canPrint() || len(s.sent) > 0 || s.cutOff > 0 {
		return
	}
	if l.taken {
		l.taken = false
		s.tell("take list of kept pictures", m.KeysTaken())
	}
	switch {
	case s.link != l:
	case !l.keysDue:
		l.keysDue = true
		s.tell("ask for kept pictures", m.KeysRequest())
	case l.memory != nil:
		s.store()
	}
}

// store sends the first slip's parts that the printer does not keep, and has it
// list what it keeps then. One that keeps less than it was given, since its
// memory is full or wants other keys, is given no more: memory wears out.
func (s *Spool) store() {
	l := s.link
	if l.given != nil {
		if b, _, err := l.memory.Store(*l.given); err != nil || len(b) > 0 {
			s.log.Warn("printer did not keep all it was given; it is given no more until the next start")
			s.keepsNot = true
		}
		l.given = nil
	}
	s.mu.Lock()
	var slip printer.Slip
	any := len(s.keep) > 0 && len(s.queue) == 0 && !s.keepsNot
	if any {
		slip, s.keep = s.keep[0], s.keep[1:]
	}
	s.mu.Unlock()
	if !any {
		return
	}
	s.at(s.opts.Clock.Now()) // for the next slip
	b, _, err := l.memory.Store(slip)
	if err != nil {
		s.log.Error("parts of a slip cannot be kept by the printer", "err", err)
		return
	}
	if len(b) == 0 {
		return
	}
	s.log.Info("printer keeps parts of slips", "bytes", len(b))
	l.memory, l.keysDue, l.storing, l.given = nil, false, len(b), &slip
	s.tell("store parts of slips", b)
}

// tell writes what is no slip.
func (s *Spool) tell(what string, b []byte) {
	l := s.link
	if _, err := s.write(b); err != nil && s.link == l {
		s.lost(fmt.Errorf("%s: %w", what, err))
	}
}
