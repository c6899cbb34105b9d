package spool

import (
	"errors"
	"slices"
	"sync"

	"motcua/printer"
)

// Group is several printers with one queue. The first that is ready prints;
// what waits at one that is not goes to another, and so does a slip that is
// unknown and young enough to be printed again by itself. Each slip is in one
// spool at a time. A Group of one is that spool. Its methods are safe for
// concurrent use and never wait for printer or journal, but for Close.
type Group struct {
	mu      sync.Mutex // held while slips change hands, so that each is in one spool
	members []*Spool   // in the order in which they are preferred
}

// NewGroup starts a spool for each of the options, the preferred one first.
// Their Log may be the same: it is called by each spool from a goroutine of its
// own, never for one slip at the same time.
func NewGroup(printers ...Options) *Group {
	g := &Group{}
	g.mu.Lock()
	defer g.mu.Unlock()
	for i, o := range printers {
		tell := o.OnHealth
		o.OnHealth = func(h Health) {
			g.changed(i)
			if tell != nil {
				tell(h)
			}
		}
		o.relief = func() bool { return g.relief(i) }
		o.stray = func(id printer.JobID) { g.stray(i, id) }
		g.members = append(g.members, New(o))
	}
	return g
}

// able reports whether a spool is to be given slips: it prints, or has only
// just begun to reach for its printer.
func able(h Health) bool {
	return h.Ready() || h.Code == HealthConnecting && h.Detail == ""
}

// best is the member that slips go to; it needs mu.
func (g *Group) best() *Spool {
	for _, s := range g.members {
		if able(s.Status()) {
			return s
		}
	}
	return g.members[0]
}

// changed follows a change of health: what cannot be printed here may be
// printed elsewhere.
func (g *Group) changed(i int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	to := g.best()
	if able(to.Status()) {
		for _, s := range g.members {
			if s != to && !able(s.Status()) {
				to.accept(s.take())
			}
		}
	}
	for j, s := range g.members {
		if j != i {
			s.poke() // it may be relieved now, or no more
		}
	}
}

// relief reports whether another member would print what this one cannot.
func (g *Group) relief(i int) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for j, s := range g.members {
		if j != i && s.Status().Ready() {
			return true
		}
	}
	return false
}

// stray passes on the word of a printer about a slip that another has by now.
func (g *Group) stray(i int, id printer.JobID) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for j, s := range g.members {
		if j != i {
			s.prove(id)
		}
	}
}

// Submit is [Spool.Submit] to the printer that is to print it.
func (g *Group) Submit(r Request) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.members {
		switch held, ended := s.knows(r.ID); {
		case held:
			return ErrDuplicate
		case ended && !r.Reprint:
			return ErrPrinted
		}
	}
	return g.best().Submit(r)
}

// Resume is [Spool.Resume]. Which printer had a slip on its way nobody knows:
// the first takes it over, and all may still wait for its rest.
func (g *Group) Resume(jobs []Resumed) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.members[0].Resume(jobs)
	for _, s := range g.members[1:] {
		s.doubt(jobs)
	}
}

// Reprint is [Spool.Reprint] of the spool that has the slip.
func (g *Group) Reprint(id printer.JobID) error { return g.decide((*Spool).Reprint, id) }

// Confirm is [Spool.Confirm] of the spool that has the slip.
func (g *Group) Confirm(id printer.JobID) error { return g.decide((*Spool).Confirm, id) }

// Dismiss is [Spool.Dismiss] of the spool that has the slip.
func (g *Group) Dismiss(id printer.JobID) error { return g.decide((*Spool).Dismiss, id) }

func (g *Group) decide(how func(*Spool, printer.JobID) error, id printer.JobID) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.members {
		if held, _ := s.knows(id); held {
			return how(s, id)
		}
	}
	return ErrNotHeld
}

// NewRoll is [Spool.NewRoll] of one printer, by its place in NewGroup.
func (g *Group) NewRoll(i int) { g.members[i].NewRoll() }

// Keep is [Spool.Keep] of every printer.
func (g *Group) Keep(slips []printer.Slip) {
	for _, s := range g.members {
		s.Keep(slips)
	}
}

// Status returns the health of each printer, in the order of NewGroup.
func (g *Group) Status() []Health {
	all := make([]Health, len(g.members))
	for i, s := range g.members {
		all[i] = s.Status()
	}
	return all
}

// Ready reports whether a slip submitted now would come out somewhere.
func (g *Group) Ready() bool {
	return slices.ContainsFunc(g.members, func(s *Spool) bool { return s.Status().Ready() })
}

// Pending is [Spool.Pending] of all printers together.
func (g *Group) Pending() []Resumed {
	g.mu.Lock()
	defer g.mu.Unlock()
	var all []Resumed
	for _, s := range g.members {
		all = append(all, s.Pending()...)
	}
	slices.SortFunc(all, byID)
	return all
}

// Close closes all spools at the same time.
func (g *Group) Close() error {
	errs := make([]error, len(g.members))
	var all sync.WaitGroup
	for i, s := range g.members {
		all.Go(func() { errs[i] = s.Close() })
	}
	all.Wait()
	return errors.Join(errs...)
}

// What follows is a spool as its group sees it.

// knows reports whether the spool has the slip, and whether it had it.
func (s *Spool) knows(id printer.JobID) (held, ended bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.jobs[id] != nil, s.ended[id]
}

// take hands over what is queued, none of which is on its way, and about which
// nothing was decided.
func (s *Spool) take() []*job {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return nil
	}
	var jobs, kept []*job
	for _, j := range s.queue {
		if slices.ContainsFunc(s.decisions, func(d decision) bool { return d.id == j.ID }) {
			kept = append(kept, j)
			continue
		}
		jobs = append(jobs, j)
		delete(s.jobs, j.ID)
		if j.size > 0 {
			s.gone(j.ID) // bytes of it left for this printer
		}
	}
	if len(jobs) > 0 {
		s.queue = kept
		s.poke()
	}
	return jobs
}

// gone remembers that the printer may still acknowledge a slip that another
// spool has; it needs mu.
func (s *Spool) gone(id printer.JobID) {
	s.away = append(s.away, id)
	if over := len(s.away) - rememberDone; over > 0 {
		s.away = slices.Clone(s.away[over:])
	}
}

// accept queues slips of another spool before its own: their people wait
// longer. The limit does not hold for them.
func (s *Spool) accept(jobs []*job) {
	if len(jobs) == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range jobs {
		s.jobs[j.ID] = j
		s.away = slices.DeleteFunc(s.away, func(id printer.JobID) bool { return id == j.ID })
	}
	s.queue = append(slices.Clone(jobs), s.queue...)
	s.poke()
}

// doubt says that the printer may wait for the rest of one of these, and may
// still acknowledge them.
func (s *Spool) doubt(jobs []Resumed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range jobs {
		if r.State != Queued {
			s.doubted = append(s.doubted, r.Request)
			s.gone(r.ID)
		}
	}
	s.poke()
}

// prove says that another printer has acknowledged the slip.
func (s *Spool) prove(id printer.JobID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.jobs[id] != nil && !s.closing {
		s.decisions = append(s.decisions, decision{id, "prove"})
		s.poke()
	}
}
