package spool

import (
	"time"

	"motcua/printer"
)

// Roll is what was counted of the paper in a printer. Lengths are in tenths of
// a millimetre.
type Roll struct {
	Used int // that left it
	Slip int // that a slip takes, as the last ones did; 0: none was printed yet
	// Gone says that the printer was out of paper, so that what comes next is a
	// new roll.
	Gone bool
}

// Left is what should be on the roll by now.
type Left struct {
	Counted bool // false: Options.RollLength is 0
	Paper   int  // tenths of a millimetre
	Slips   int  // about; 0 as well while it is not known how long one is
	Gone    bool // paper was out: what comes next is a new roll
}

const (
	lowPaper  = 50_000          // tenths of a millimetre at which a counted roll is low
	lowSlips  = 50              // slips at which it is
	rollKept  = 20              // slips after which a count is kept again
	paperSure = 3 * time.Second // how long a word about paper must stand: a status comes in parts, and a cover that opens moves the sensor
)

// counting is the spool's own count of its roll.
type counting struct {
	Roll
	since  int       // slips since it was kept
	paper  bool      // as of sureAt: there is some, or none
	sureAt time.Time // the printer says so since then; zero: it says nothing, or its cover is open
}

// NewRoll says that a new roll was put in, for printers that can't tell.
func (s *Spool) NewRoll() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.newRoll = true
	s.poke()
}

// countSlip counts the paper of one slip. What was cut off counts whole: a
// count that is a little ahead warns a little early.
func (s *Spool) countSlip(length int) {
	if s.opts.RollLength == 0 || length <= 0 {
		return
	}
	r := &s.roll
	r.Used += length
	if r.Slip == 0 {
		r.Slip = length
	}
	r.Slip += (length - r.Slip) / 8
	if r.since++; r.since >= rollKept {
		s.keepRoll()
	}
}

// watchRoll begins a new count when paper was out and is there again.
func (s *Spool) watchRoll(now time.Time) {
	if s.opts.RollLength == 0 {
		return
	}
	r, l := &s.roll, s.link
	known, there := false, false
	if l != nil && l.spoke && !l.dumb && !l.status.CoverOpen && l.status.Paper != printer.PaperUnknown {
		known, there = true, l.status.Paper != printer.PaperOut
	}
	switch {
	case !known:
		r.sureAt = time.Time{}
		return
	case r.sureAt.IsZero() || r.paper != there:
		r.paper, r.sureAt = there, now
	}
	if r.Gone != there { // it is as it was
		return
	}
	if sure := r.sureAt.Add(paperSure); now.Before(sure) {
		s.at(sure)
		return
	}
	if there {
		s.log.Info("new roll: paper was out and is there again", "used", r.Used/10)
		r.Used = 0
	}
	r.Gone = !there
	s.keepRoll()
}

// putIn begins a new count because somebody says so.
func (s *Spool) putIn() {
	s.log.Info("new roll: somebody put it in", "used", s.roll.Used/10)
	s.roll.Used, s.roll.Gone = 0, false
	s.keepRoll()
}

func (s *Spool) keepRoll() {
	s.roll.since = 0
	s.opts.KeepRoll(s.roll.Roll)
}

// left is what should be on the roll now.
func (s *Spool) left() Left {
	if s.opts.RollLength == 0 {
		return Left{}
	}
	x := Left{Counted: true, Paper: max(s.opts.RollLength-s.roll.Used, 0), Gone: s.roll.Gone}
	if s.roll.Slip > 0 {
		x.Slips = x.Paper / s.roll.Slip
	}
	return x
}

// low reports whether a counted roll ends soon. What is not known yet is not low.
func (s *Spool) low() bool {
	x := s.left()
	return x.Counted && (x.Paper < lowPaper || s.roll.Slip > 0 && x.Slips < lowSlips)
}
