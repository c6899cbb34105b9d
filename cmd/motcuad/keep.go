package main

import (
	"time"

	"motcua/kiosk"
	"motcua/printer"
	"motcua/queue"
)

const (
	keepLook  = 2 * time.Second // how often a quiet moment is looked for
	keepQuiet = 3 * time.Minute // no slip was wanted, or nothing changed, for so long
	// keepMost is how often a day the printer is told to keep things beside the
	// day's end: its memory wears out at some ten writes a day (Epson, GS ( L).
	keepMost = 4
)

// keeping decides when the printer is told to keep what slips share. That takes
// it seconds, in which no slip comes out, so it is done when nobody waits: after
// the day's end, and before that once a printer is met or the centre changes,
// while the doors are closed or no slip was wanted for a while.
type keeping struct {
	wanted    bool      // since a printer was met, or the centre changed
	connected []bool    // each printer, at the last look
	slipAt    time.Time // when a slip was wanted last
	changedAt time.Time // when the centre changed last: more changes may follow
	day       queue.Day // on which the printer was told
	told      int       // so often
}

// due reports whether the moment is quiet, and the day's measure not full.
func (k *keeping) due(now time.Time, day queue.Day, closed bool) bool {
	if k.day != day {
		k.day, k.told = day, 0
	}
	return k.wanted && k.told < keepMost && now.Sub(k.changedAt) >= keepQuiet && (closed || now.Sub(k.slipAt) >= keepQuiet)
}

// done counts one.
func (k *keeping) done() {
	k.told++
	k.wanted = false
}

// keepWhenQuiet looks for a moment in which nobody waits for paper.
func (p *paper) keepWhenQuiet(now time.Time) {
	if p.spool == nil {
		return
	}
	busy := false
	for i, h := range p.spool.Status() {
		if i == len(p.keep.connected) {
			p.keep.connected = append(p.keep.connected, false)
		}
		if h.Connected && !p.keep.connected[i] {
			p.keep.wanted = true // it may be another printer, or one that was erased
		}
		p.keep.connected[i] = h.Connected
		busy = busy || h.Queued > 0 || h.Sent > 0
	}
	if !p.keep.wanted || busy || !p.spool.Ready() {
		return
	}
	closed := true
	err := p.d.engine.Read(p.d.work, func(s *queue.State) {
		if s.Config == nil {
			return
		}
		env := queue.Env{Now: p.d.clock.Now(), ClockOK: p.d.clock.OK()}
		for i := range s.Config.Categories {
			for j := range s.Config.Points {
				closed = closed && s.View().Offer(s.Config.Categories[i].ID, s.Config.Points[j].ID, env) != nil
			}
		}
	})
	if err == nil && p.keep.due(now, queue.DayOf(p.d.clock.Now()), closed) {
		p.keep.done()
		p.keepShared()
	}
}

// keepShared has a printer that can keep what all slips share: the next slips
// take a fraction of the bytes.
func (p *paper) keepShared() {
	if p.spool == nil {
		return
	}
	var slips []printer.Slip
	err := p.d.engine.Read(p.d.work, func(s *queue.State) {
		slips = kiosk.SharedSlips(s, p.d.links.URL(s.Day.ID, queue.Ref{}), p.d.web)
	})
	if err != nil {
		p.log.Error("shared parts of slips not read", "err", err)
		return
	}
	p.spool.Keep(slips)
}
