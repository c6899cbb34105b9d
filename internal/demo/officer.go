package demo

import (
	"math/rand/v2"
	"slices"
	"time"

	"motcua/internal/staff"
	"motcua/queue"
)

const (
	// breath is the least real time between two looks at a desk: whatever the
	// API answers, an officer never spins.
	breath = 50 * time.Millisecond
	// abandoned is the real time after which an officer takes up a ticket at
	// its counter that it has not called: left there by a visitor or by a
	// daemon that went down.
	abandoned = 5 * time.Minute

	patienceForAbsent = 45 * time.Second // between a call and the next step
	breakShare        = .6
	breakLength       = 10 * time.Minute
	finishAndNext     = .7
)

// officer works at one counter. Its goroutine sends all commands of that
// counter, one after the other: there is never more than one under way.
type officer struct {
	run  *run
	desk *queue.Desk
	rng  *rand.Rand

	mine   queue.TicketID // called by this officer and still in hand; 0: nobody
	unsure bool           // the last call's outcome is unknown: what is called at the desk is its own
	wants  bool           // its counter open: at the start and after a break
	pause  time.Duration  // of the morning: when the next break is due; 0: none planned
	plan   plan
	parked []parked

	stranger queue.TicketID // at the desk and not mine
	since    time.Time      // the stranger was first seen
}

// plan is when the next step with a ticket is due. It outlives a failed
// request, so that nobody is served twice as long.
type plan struct {
	ticket queue.TicketID
	state  queue.TicketState
	due    time.Duration
}

type parked struct {
	ticket queue.TicketID
	due    time.Duration // the citizen is back
}

// work is the officer's goroutine. Each round begins with what the desk says:
// the officer never trusts its memory where others may have acted.
func (o *officer) work() {
	defer o.leave()
	r := o.run
	o.wants = true
	o.planBreak()
	for r.pace.wait(0, breath, r.quit) {
		d, err := r.m.api.desk(r.ctx, o.desk.ID)
		if err != nil {
			r.m.complain("demonstration can't read a desk", err, "counter", o.desk.ID)
			if !waitReal(2*time.Second, r.quit) {
				return
			}
			continue
		}
		if !o.step(d) && !r.pace.wait(look/2, lookLeast, r.quit) {
			return
		}
	}
}

// step does what the desk calls for; false when there is nothing to do or it
// was refused, and a little time should pass.
func (o *officer) step(d staff.Desk) bool {
	if !d.Day.Open {
		return false
	}
	if d.Counter.State != queue.CounterIsOpen {
		return o.wants && o.open()
	}
	o.wants = false
	o.adopt(d.Current)
	switch cur := d.Current; {
	case cur == nil:
		o.mine = 0
		return o.free(d)
	case cur.ID != o.mine:
		return false
	case cur.State == queue.Called:
		return o.attend(cur)
	case cur.State == queue.Serving:
		return o.serve(cur)
	}
	return false
}

// adopt decides whether the ticket at the desk is this officer's.
func (o *officer) adopt(cur *staff.Ticket) {
	unsure := o.unsure
	o.unsure = false
	if cur == nil || cur.ID == o.mine {
		o.stranger = 0
		return
	}
	if unsure && cur.State == queue.Called {
		o.mine = cur.ID
		return
	}
	if o.stranger != cur.ID {
		o.stranger, o.since = cur.ID, time.Now()
	} else if time.Since(o.since) >= abandoned {
		o.mine = cur.ID
	}
}

// command sends one command of the counter. A refusal is the normal course
// where people act at the same time; only what is wrong with the hall is logged.
func (o *officer) command(verb string, b counterBody) (done, error) {
	v, err := o.run.m.api.at(o.run.ctx, o.desk.ID, verb, b)
	if err == nil {
		return v, nil
	}
	if passing(err) && !closed(o.run.ctx.Done()) {
		o.run.m.complain("demonstration got no answer", err, "counter", o.desk.ID)
	} else {
		o.run.m.log.Debug("demonstration was refused", "counter", o.desk.ID, "err", err)
	}
	return v, err
}

func (o *officer) open() bool {
	_, err := o.command("open", counterBody{})
	// A clear refusal is somebody's will; only an unanswered wish stays.
	o.wants = err != nil && passing(err)
	return err == nil
}

// free decides what a free officer does: a break, the citizen who is back with
// the copy, the next one.
func (o *officer) free(d staff.Desk) bool {
	r := o.run
	now := r.pace.now()
	if o.pause > 0 && now >= o.pause && r.mayRest() {
		return o.rest()
	}
	o.parked = slices.DeleteFunc(o.parked, func(p parked) bool {
		return !slices.ContainsFunc(d.Parked, func(t staff.Ticket) bool { return t.ID == p.ticket })
	})
	if i := slices.IndexFunc(o.parked, func(p parked) bool { return now >= p.due }); i >= 0 {
		return o.take("call", counterBody{Ticket: o.parked[i].ticket})
	}
	return o.take("next", counterBody{})
}

// take calls a ticket and remembers it.
func (o *officer) take(verb string, b counterBody) bool {
	v, err := o.command(verb, b)
	o.remember(v, err)
	return err == nil
}

// remember notes which ticket an answer has brought to the desk.
func (o *officer) remember(v done, err error) {
	switch {
	case err == nil && v.Ticket != nil && v.Ticket.State == queue.Called:
		o.mine = v.Ticket.ID
	case err != nil && passing(err):
		o.unsure = true
	}
}

// due is the instant a step with the ticket is due, set once.
func (o *officer) due(t *staff.Ticket, after time.Duration) time.Duration {
	if o.plan.ticket != t.ID || o.plan.state != t.State {
		o.plan = plan{t.ID, t.State, o.run.pace.now() + after}
	}
	return o.plan.due - o.run.pace.now()
}

// attend waits for the called citizen to walk over.
func (o *officer) attend(t *staff.Ticket) bool {
	r := o.run
	c := r.citizen(t.ID)
	if o.absent(c) {
		return o.missed(t)
	}
	if !r.pace.wait(o.due(t, newErrand(r.m.o.Seed, t.ID).walk), 0, r.quit) {
		return false
	}
	_, err := o.command("start", counterBody{Ticket: t.ID})
	return err == nil
}

// absent reports whether the citizen has left the hall. Only this run's ever
// do: a visitor's own ticket is always served.
func (o *officer) absent(c *citizen) bool {
	if c == nil {
		return false
	}
	o.run.mu.Lock()
	defer o.run.mu.Unlock()
	return c.errand.missed && !c.back
}

// missed calls once more and then marks the ticket. The API counts real
// seconds whatever the speed, so the officer waits for as long as it says.
func (o *officer) missed(t *staff.Ticket) bool {
	r := o.run
	if !r.pace.wait(o.due(t, patienceForAbsent), 0, r.quit) {
		return false
	}
	if t.Calls < 2 && !o.insist("recall", t.ID) {
		return false
	}
	if !r.pace.wait(patienceForAbsent/2, 0, r.quit) {
		return false
	}
	if !o.insist("no-show", t.ID) {
		return false
	}
	r.m.count(func(s *MorningState) { s.NoShows++ })
	r.gone(t.ID)
	o.mine = 0
	return true
}

// insist repeats a command that comes too soon, each time after the wait the
// API asks for.
func (o *officer) insist(verb string, t queue.TicketID) bool {
	for range 4 {
		_, err := o.command(verb, counterBody{Ticket: t})
		if err == nil {
			return true
		}
		no := refused(err)
		if no == nil || no.Reason != queue.WhyTooSoon {
			return false
		}
		if !waitReal(time.Duration(min(max(no.Wait, 1), 120))*time.Second, o.run.quit) {
			return false
		}
	}
	return false
}

// serve lets the service take its time and ends it in one of three ways.
func (o *officer) serve(t *staff.Ticket) bool {
	r := o.run
	e, dossiers, rest, plain := o.errandOf(t)
	length := e.length(t.Minutes, dossiers)
	to := queue.CategoryID("")
	if !plain && e.moved {
		to = r.elsewhere(o.rng, t.Category, o.desk.ID)
	}
	switch {
	case !plain && e.parked:
		part := time.Duration(e.split * float64(length))
		return r.pace.wait(o.due(t, part), 0, r.quit) && o.park(t, e, length-part)
	case to != "":
		part := time.Duration(e.split * float64(length))
		return r.pace.wait(o.due(t, part), 0, r.quit) && o.transfer(t, to)
	case rest > 0:
		length = rest
	}
	return r.pace.wait(o.due(t, length), 0, r.quit) && o.finish(t, e.outcome)
}

// errandOf is what the ticket's citizen came for; plain means that nothing
// but the service is to happen.
func (o *officer) errandOf(t *staff.Ticket) (e errand, dossiers int, rest time.Duration, plain bool) {
	c := o.run.citizen(t.ID)
	if c == nil {
		return newErrand(o.run.m.o.Seed, t.ID), t.Dossiers, 0, true
	}
	o.run.mu.Lock()
	defer o.run.mu.Unlock()
	return c.errand, c.dossiers, c.rest, c.back
}

func (o *officer) park(t *staff.Ticket, e errand, rest time.Duration) bool {
	if _, err := o.command("park", counterBody{Ticket: t.ID}); err != nil {
		return false
	}
	o.run.m.count(func(s *MorningState) { s.Parked++ })
	o.run.returns(t.ID, rest)
	o.parked = append(o.parked, parked{t.ID, o.run.pace.now() + e.away})
	o.mine = 0
	return true
}

func (o *officer) transfer(t *staff.Ticket, to queue.CategoryID) bool {
	if _, err := o.command("transfer", counterBody{Ticket: t.ID, ToCategory: to}); err != nil {
		// The counter there may just have closed: then it is served here.
		o.run.returns(t.ID, 0)
		return false
	}
	o.run.m.count(func(s *MorningState) { s.Transferred++ })
	o.run.returns(t.ID, 0)
	o.mine = 0
	return true
}

func (o *officer) finish(t *staff.Ticket, outcome queue.Outcome) bool {
	r := o.run
	now := r.pace.now()
	back := slices.ContainsFunc(o.parked, func(p parked) bool { return now >= p.due })
	next := !back && (o.pause == 0 || now < o.pause) && o.rng.Float64() < finishAndNext
	v, err := o.command("finish", counterBody{Ticket: t.ID, Outcome: outcome, Next: next})
	o.remember(v, err)
	if err != nil {
		return false
	}
	o.served(t.ID)
	if o.mine == t.ID {
		o.mine = 0
	}
	if !next {
		// What an officer writes up before the next citizen.
		return r.pace.wait(minutes(.2+.5*o.rng.Float64()), 0, r.quit)
	}
	return true
}

func (o *officer) served(t queue.TicketID) {
	o.run.m.count(func(s *MorningState) { s.Served++ })
	o.run.gone(t)
}

// returns marks a citizen who will be served in the ordinary way, for rest or,
// with 0, from the beginning.
func (r *run) returns(t queue.TicketID, rest time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if c := r.issued[t]; c != nil {
		c.back, c.rest = true, rest
	}
}

// elsewhere draws another category that another open officer serves; "" when
// there is none.
func (r *run) elsewhere(rng *rand.Rand, from queue.CategoryID, here queue.CounterID) queue.CategoryID {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []queue.CategoryID
	for _, d := range r.desks {
		if d.ID == here || !r.open[d.ID] {
			continue
		}
		for _, c := range d.Skills {
			if c != from && !slices.Contains(list, c) {
				list = append(list, c)
			}
		}
	}
	if len(list) == 0 {
		return ""
	}
	return list[rng.IntN(len(list))]
}

// planBreak draws whether and when the next break is due (routing.md §4).
func (o *officer) planBreak() {
	o.pause = 0
	now := o.run.pace.now()
	if o.rng.Float64() < breakShare {
		o.pause = now + minutes(60+90*o.rng.Float64())
	}
}

// mayRest takes the one place for a break; two officers never leave at once.
func (r *run) mayRest() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.breaks > 0 {
		return false
	}
	r.breaks++
	return true
}

func (o *officer) rest() bool {
	r := o.run
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.breaks--
	}()
	if _, err := o.command("pause", counterBody{Reason: queue.PauseBreak}); err != nil {
		return false
	}
	o.wants = true // even when the morning ends before it is over
	o.planBreak()
	return r.pace.wait(breakLength, 0, r.quit) && o.open()
}

// leave ends the officer's work within the run's farewell: nobody is left half
// served, and whoever was to come back waits again. The counter stays as it is.
func (o *officer) leave() {
	if o.mine == 0 && !o.unsure && len(o.parked) == 0 {
		return
	}
	r := o.run
	d, err := r.m.api.desk(r.ctx, o.desk.ID)
	if err != nil {
		r.m.complain("demonstration can't clear a desk", err, "counter", o.desk.ID)
		return
	}
	o.adopt(d.Current)
	if cur := d.Current; cur != nil && cur.ID == o.mine {
		o.dismiss(cur)
	}
	for _, p := range o.parked {
		if slices.ContainsFunc(d.Parked, func(t staff.Ticket) bool { return t.ID == p.ticket }) {
			_, _ = o.command("unpark", counterBody{Ticket: p.ticket}) // a refusal is logged; nothing else can be done
		}
	}
}

// dismiss ends what is at the desk.
func (o *officer) dismiss(t *staff.Ticket) {
	r := o.run
	if t.State == queue.Called {
		if o.absent(r.citizen(t.ID)) {
			if _, err := o.command("no-show", counterBody{Ticket: t.ID}); err == nil {
				r.m.count(func(s *MorningState) { s.NoShows++ })
			} else if err := r.m.api.cancel(r.ctx, t.ID); err != nil {
				// Too soon to be absent and not to be cancelled: the desk stays.
				r.m.complain("demonstration can't clear a desk", err, "counter", o.desk.ID)
			}
			return
		}
		if _, err := o.command("start", counterBody{Ticket: t.ID}); err != nil {
			return
		}
	}
	if _, err := o.command("finish", counterBody{Ticket: t.ID, Outcome: queue.Done}); err == nil {
		o.served(t.ID)
	}
}
