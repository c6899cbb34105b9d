package sim

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"motcua/queue"
)

// Day is one business day of a centre in which everything happens that the
// rules know: numbers from the panel, from staff and from receipts, priority
// asked for and granted late, appointments kept, missed and cancelled, visits
// of several legs, bulk tickets, people who leave, don't come when called,
// come back, are parked, are sent to another category or counter, are called
// out of order; officers who take breaks, go home early and undo what they
// did. Who comes, when and for what depends on the seed alone.
type Day struct {
	Config  queue.Config
	Picker  queue.Picker
	Seed    uint64
	Index   uint64 // of the day; each has its own citizens
	Tickets int    // who come, with and without appointment
	Demand  []int  // how often each category is asked for beside the others; nil: all alike
	// Watch, when set, hears every event before it is applied to the state.
	Watch func(*Hall, queue.Event) error
}

// Account is what became of a day.
type Account struct {
	Totals   queue.Totals
	Commands int            // that were not refused
	Refused  map[string]int // by "code/reason"
	Events   map[string]int // by type
}

// the day's hours, in minutes after it begins at half past seven
const (
	lastCome = 9*60 + 15 // nobody comes later
	night    = 18 * 60   // the day must have been closed
	evening  = 12 * 60   // nobody is called any more: whoever still waits is sent home
)

// shares of what befalls citizens and officers: more than in a real hall, so
// that a day holds some of each.
const (
	grantedShare   = .12 // priority from the beginning
	lateGrantShare = .04 // priority once a greeter sees the card
	bookedShare    = .12
	leaverShare    = .04
	absentShare    = .06
	returnShare    = .7 // of the absent
	parkedShare    = .05
	sentShare      = .06
	movedShare     = .03 // sent elsewhere while they wait
	byHandShare    = .02
	undoShare      = .03
	directShare    = .01
)

// Run plays the day to its closing.
func (d Day) Run() (Account, error) {
	r := &play{Day: d, officers: map[queue.CounterID]*officer{}, people: map[queue.TicketID]*person{},
		account: Account{Refused: map[string]int{}, Events: map[string]int{}}}
	var err error
	if r.hall, err = NewHall(dayBegin, d.Config, d.Picker); err != nil {
		return r.account, err
	}
	r.hall.Watch = r.watch
	r.begin()
	if err := r.hall.Run(); err != nil {
		return r.account, fmt.Errorf("day %d of seed %d: %w", d.Index, d.Seed, err)
	}
	return r.account, nil
}

var dayBegin = time.Date(2026, 11, 23, 7, 0, 0, 0, queue.Zone)

// person is a citizen with what will befall them.
type person struct {
	fate    Stream
	minutes float64 // mean of their services
	here    bool    // back at the counter that parked them
}

// officer is who works at a counter.
type officer struct {
	moods Stream
	idle  bool            // nobody waits for them
	turn  uint64          // of what they do next: the latest intention counts
	due   []queue.Command // breaks they will take when they are free
}

// play is a Day in progress.
type play struct {
	Day
	hall     *Hall
	people   map[queue.TicketID]*person
	officers map[queue.CounterID]*officer
	account  Account
	closed   bool
}

func (r *play) watch(e queue.Event) error {
	r.account.Events[e.EventType()]++
	if c, ok := e.(queue.DayClosed); ok {
		r.account.Totals = *c.Totals
	}
	if r.Watch != nil {
		return r.Watch(r.hall, e)
	}
	return nil
}

// do gives a command. A refusal is part of the day; anything else ends it.
func (r *play) do(role queue.Role, c queue.Command) ([]queue.Event, error) {
	r.hall.Role = role
	events, err := r.hall.Do(c)
	var refusal *queue.Error
	if errors.As(err, &refusal) && refusal.Code != queue.Internal {
		r.account.Refused[string(refusal.Code)+"/"+refusal.Reason]++
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("%#v: %w", c, err)
	}
	r.account.Commands++
	for _, e := range events {
		switch e.(type) {
		case queue.TicketIssued, queue.TicketReactivated, queue.TicketUnparked, queue.TicketTransferred,
			queue.TicketLegFinished, queue.TicketUndone, queue.CounterClosed:
			r.wake()
		}
	}
	return events, nil
}

// in lets something happen so many seconds later.
func (r *play) in(seconds float64, act func() error) {
	r.hall.At(r.hall.Now()+queue.Stamp(seconds*1000), act)
}

// then is what an officer does so many seconds later, unless they take up
// something else before.
func (r *play) then(c queue.CounterID, seconds float64, act func() error) {
	o := r.officers[c]
	o.idle = false
	o.turn++
	turn := o.turn
	r.in(seconds, func() error {
		if o.turn != turn {
			return nil
		}
		return act()
	})
}

// wake lets officers who had nobody look again.
func (r *play) wake() {
	for _, c := range r.Config.Counters {
		if r.officers[c.ID].idle {
			r.then(c.ID, 2, func() error { return r.work(c.ID) })
		}
	}
}

// minute is the stamp so many minutes after half past seven.
func (r *play) minute(m float64) queue.Stamp {
	return queue.StampOf(dayBegin.Add(30*time.Minute)) + queue.Stamp(m*60_000)
}

// begin puts the day's plan on the agenda: who comes when, who opens when.
func (r *play) begin() {
	s := NewStream(r.Seed, Citizens, r.Index)
	var booked []queue.Booking
	for i := range r.Tickets {
		p := &person{fate: NewStream(r.Seed, Fates, r.Index<<20|uint64(i))}
		at := r.minute(-25 + (lastCome+25)*s.Uniform())
		if s.Chance(bookedShare) {
			slot := r.minute(math.Floor(s.Uniform()*32) * 15) // at a quarter of an hour
			k := r.wanted(&s, "")
			booked = append(booked, queue.Booking{Code: fmt.Sprintf("AP-%04d", i), Slot: slot, Category: k, Dossiers: 1 + s.Below(2)})
			r.appointment(p, booked[len(booked)-1])
			continue
		}
		r.hall.At(at, func() error { return r.come(p) })
	}
	r.hall.At(r.minute(-29), func() error {
		for i := range booked { // one by one: the quota may leave room for some only
			if _, err := r.do(queue.Supervisor, queue.BookAppointments{Bookings: booked[i : i+1]}); err != nil {
				return err
			}
		}
		return nil
	})
	for i, c := range r.Config.Counters {
		o := &officer{moods: NewStream(r.Seed, Officers, r.Index<<10|uint64(i))}
		r.officers[c.ID] = o
		r.hall.At(r.minute(-5+15*o.moods.Uniform()), func() error { return r.open(c.ID) })
		r.rest(c.ID, r.minute(90+120*o.moods.Uniform()), queue.PauseCounter{Counter: c.ID, Reason: queue.PauseBreak, Minutes: 10})
		r.rest(c.ID, r.minute(240+45*o.moods.Uniform()), queue.PauseCounter{Counter: c.ID, Reason: queue.PauseLunch})
		if o.moods.Chance(.3) {
			r.rest(c.ID, r.minute(360+120*o.moods.Uniform()), queue.CloseCounter{Counter: c.ID})
		}
	}
	r.change(100, without(r.Config))
	r.change(330, r.Config)
	r.hall.At(r.minute(0), r.tick)
	r.hall.At(r.minute(lastCome+15), r.close)
}

// change applies a configuration with people in the hall.
func (r *play) change(minute float64, cfg queue.Config) {
	r.hall.At(r.minute(minute), func() error {
		_, err := r.do(queue.Supervisor, queue.ApplyConfig{Config: cfg})
		return err
	})
}

// without is the centre as somebody might change it at ten o'clock: another
// order for the next day, and, where that leaves a whole centre, a category and
// the counters that serve nothing else taken out.
func without(cfg queue.Config) queue.Config {
	cfg.Routing.Window = (cfg.Routing.Window + 3) % 11
	for i := range cfg.Categories {
		gone := cfg.Categories[i].ID
		c := cfg
		c.Categories = slices.Delete(slices.Clone(cfg.Categories), i, i+1)
		for k := range c.Categories {
			c.Categories[k].Then = but(c.Categories[k].Then, gone)
		}
		c.Counters = slices.Clone(cfg.Counters)
		for k := range c.Counters {
			c.Counters[k].Skills = but(c.Counters[k].Skills, gone)
		}
		c.Counters = slices.DeleteFunc(c.Counters, func(d queue.Desk) bool { return len(d.Skills) == 0 })
		c.Breaks = slices.DeleteFunc(slices.Clone(cfg.Breaks), func(b queue.Break) bool { return c.Desk(b.Counter) == nil })
		c.Quotas = slices.DeleteFunc(slices.Clone(cfg.Quotas), func(q queue.Quota) bool { return q.Category == gone })
		if c.Agents.Category == gone {
			c.Agents = queue.Agents{}
		}
		if len(c.Check()) == 0 {
			return c
		}
	}
	return cfg
}

func but(ids []queue.CategoryID, gone queue.CategoryID) []queue.CategoryID {
	return slices.DeleteFunc(slices.Clone(ids), func(id queue.CategoryID) bool { return id == gone })
}

// tick lets happen every minute what is due by then.
func (r *play) tick() error {
	if r.closed {
		return nil
	}
	r.in(60, r.tick)
	_, err := r.do(queue.Machine, queue.Tick{})
	return err
}

func (r *play) open(c queue.CounterID) error {
	if r.closed {
		return nil
	}
	if _, err := r.do(queue.Officer, queue.OpenCounter{Counter: c, Staff: "officer-" + string(c)}); err != nil {
		return err
	}
	return r.work(c)
}

// rest lets a counter pause or close for ten minutes or so, as soon as it is free.
func (r *play) rest(c queue.CounterID, at queue.Stamp, how queue.Command) {
	r.hall.At(at, func() error {
		o := r.officers[c]
		o.due = append(o.due, how)
		if o.idle {
			return r.work(c)
		}
		return nil
	})
}

// appointment lets a citizen come to a booking, early, in time, late or never.
func (r *play) appointment(p *person, b queue.Booking) {
	early := r.minute(0)
	switch u := p.fate.Uniform(); {
	case u < .1:
		return // missed
	case u < .15:
		r.hall.At(early, func() error {
			_, err := r.do(queue.Supervisor, queue.CancelAppointment{Code: b.Code})
			return err
		})
		return
	}
	at := max(b.Slot+queue.Stamp((p.fate.Uniform()*75-40)*60_000), early)
	r.hall.At(at, func() error {
		c := queue.CheckIn{Code: b.Code}
		if p.fate.Chance(grantedShare) {
			c.Class = "priority"
		}
		return r.issued(p, queue.Greeter, c)
	})
}

// come lets a citizen without appointment take a number, or be taken at a
// counter that is free.
func (r *play) come(p *person) error {
	at := r.Config.Points[p.fate.Below(len(r.Config.Points))].ID
	c := queue.Issue{Category: r.wanted(&p.fate, at), Point: at, Entry: queue.EntryPanel}
	role := queue.Machine
	switch u := p.fate.Uniform(); {
	case u < .1:
		c.Category, c.Entry = "", queue.EntryReceipt
	case u < .15:
		c.Class = "priority" // pressed at the machine: a claim, where that may be
	case u < .5:
		role, c.Entry = queue.Greeter, queue.EntryGreeter
		if p.fate.Chance(2 * grantedShare) {
			c.Class = r.Config.Classes[1+p.fate.Below(len(r.Config.Classes)-1)].ID
		}
		if p.fate.Chance(.1) {
			c.Dossiers = 1 + p.fate.Below(12)
		}
		if p.fate.Chance(.1) {
			c.Legs = []queue.CategoryID{r.wanted(&p.fate, at)}
		}
	}
	if p.fate.Chance(directShare) {
		for _, k := range r.Config.Counters {
			if s := r.hall.State.Counter(k.ID); s.State == queue.CounterIsOpen && s.Ticket == 0 {
				if err := r.issued(p, queue.Officer, queue.WalkDirect{Counter: k.ID, Category: k.Skills[0]}); err != nil {
					return err
				}
				return r.work(k.ID)
			}
		}
	}
	return r.issued(p, role, c)
}

// wanted draws a category that is offered at a point, "" for anywhere.
func (r *play) wanted(s *Stream, at queue.PointID) queue.CategoryID {
	all := 0
	weight := func(i int) int {
		switch {
		case at != "" && !r.Config.Offered(r.Config.Categories[i].ID, at):
			return 0
		case r.Demand == nil:
			return 1
		}
		return r.Demand[i]
	}
	for i := range r.Config.Categories {
		all += weight(i)
	}
	if all == 0 {
		return r.Config.Categories[0].ID // which is refused there
	}
	n := s.Below(all)
	for i := range r.Config.Categories {
		if n -= weight(i); n < 0 {
			return r.Config.Categories[i].ID
		}
	}
	return ""
}

// issued gives out a number and decides what befalls its holder while they wait.
func (r *play) issued(p *person, role queue.Role, c queue.Command) error {
	events, err := r.do(role, c)
	if err != nil || len(events) == 0 {
		return err
	}
	e := events[0].(queue.TicketIssued)
	id := queue.TicketID(r.hall.State.Pos.Seq) - queue.TicketID(len(events)-1)
	r.people[id] = p
	p.minutes = float64(r.Config.Category(e.Category).Minutes)
	if e.Entry.Paper() {
		for _, to := range [...]queue.SlipState{queue.SlipIsSending, queue.SlipIsPrinted} {
			if _, err := r.do(queue.Machine, queue.SlipMoved{Ticket: id, To: to, Proof: true}); err != nil {
				return err
			}
		}
	}
	later := func(share float64, role queue.Role, c queue.Command) {
		if p.fate.Chance(share) {
			r.in(60+3600*p.fate.Uniform(), func() error {
				_, err := r.do(role, c)
				return err
			})
		}
	}
	if e.Claim != "" {
		later(.5, queue.Greeter, queue.SetClass{Ticket: id, Class: e.Claim})
	}
	later(lateGrantShare, queue.Greeter, queue.SetClass{Ticket: id, Class: "priority"})
	later(lateGrantShare/2, queue.Officer, queue.SetClass{Ticket: id, Class: queue.Normal})
	later(.03, queue.Officer, queue.SetDossiers{Ticket: id, Dossiers: 1 + p.fate.Below(9)})
	later(.02, queue.Officer, queue.PlanLegs{Ticket: id, Legs: []queue.CategoryID{r.Config.Categories[p.fate.Below(len(r.Config.Categories))].ID}})
	later(leaverShare, queue.Machine, queue.Cancel{Ticket: id})
	later(.01, queue.Machine, queue.ReprintSlip{Ticket: id})
	later(movedShare, queue.Officer, r.elsewhere(p, id))
	if p.fate.Chance(leaverShare / 4) { // gives up and comes back
		r.in(1200, func() error {
			if _, err := r.do(queue.Greeter, queue.Cancel{Ticket: id}); err != nil {
				return err
			}
			r.in(60, func() error { _, err := r.do(queue.Greeter, queue.Undo{Ticket: id}); return err })
			r.in(900, func() error { _, err := r.do(queue.Greeter, queue.Reactivate{Ticket: id}); return err })
			return nil
		})
	}
	return nil
}

// elsewhere sends a ticket to another category, or to one counter.
func (r *play) elsewhere(p *person, id queue.TicketID) queue.Transfer {
	c := queue.Transfer{Ticket: id, Mode: []queue.TransferMode{queue.Keep, queue.Keep, queue.First, queue.Last}[p.fate.Below(4)]}
	if p.fate.Chance(.5) {
		c.ToCounter = r.Config.Counters[p.fate.Below(len(r.Config.Counters))].ID
	} else {
		c.ToCategory = r.Config.Categories[p.fate.Below(len(r.Config.Categories))].ID
	}
	return c
}

// work is what an officer does next: serve who is at the counter, take back
// who was parked there, call.
func (r *play) work(c queue.CounterID) error {
	k := r.hall.State.Counter(c)
	if k.State == queue.CounterIsPaused && k.Until > 0 {
		// A counter that was taken out meanwhile is not opened again: it is asked
		// once a minute whether it is back.
		r.then(c, max(k.Until.Sub(r.hall.Now()).Seconds(), 60), func() error { return r.open(c) })
		return nil
	}
	if k.State != queue.CounterIsOpen {
		return nil
	}
	if k.Ticket != 0 {
		return r.attend(c, k.Ticket)
	}
	o := r.officers[c]
	if len(o.due) > 0 {
		how := o.due[0]
		o.due = o.due[1:]
		_, err := r.do(queue.Officer, how)
		r.then(c, 600, func() error { return r.open(c) })
		return err
	}
	for i := range r.hall.State.Tickets {
		t := &r.hall.State.Tickets[i]
		if p := r.people[t.ID]; t.State == queue.Parked && t.Counter == c && p.here {
			p.here = false
			if events, err := r.do(queue.Officer, queue.CallTicket{Counter: c, Ticket: t.ID}); err != nil || events != nil {
				return r.next(c, 1, err)
			}
		}
	}
	v := r.hall.State.View()
	eligible, some := v.Eligible(c), (*queue.Ticket)(nil)
	for t := range v.EachWaiting {
		if eligible.Allows(t) {
			some = t // the newest
		}
	}
	if some == nil || r.hall.Now() >= r.minute(evening) {
		o.idle = true
		return nil
	}
	command := queue.Command(queue.CallNext{Counter: c})
	if o.moods.Chance(byHandShare) {
		command = queue.CallTicket{Counter: c, Ticket: some.ID, Reason: queue.CallAccompanied}
	}
	_, err := r.do(queue.Officer, command)
	return r.next(c, 1, err)
}

// next lets the officer go on in some seconds.
func (r *play) next(c queue.CounterID, seconds float64, err error) error {
	if err == nil {
		r.then(c, seconds, func() error { return r.work(c) })
	}
	return err
}

// attend deals with the ticket at the counter.
func (r *play) attend(c queue.CounterID, id queue.TicketID) error {
	t, p := r.hall.State.Ticket(id), r.people[id]
	do := func(command queue.Command) error {
		_, err := r.do(queue.Officer, command)
		return err
	}
	if t.State == queue.Serving {
		r.then(c, p.fate.Exp(p.minutes*60), func() error { return r.end(c, id) })
		return nil
	}
	switch {
	case r.officers[c].moods.Chance(undoShare): // the wrong key
		return r.next(c, 20, do(queue.Undo{Counter: c}))
	case t.Returns == 0 && p.fate.Chance(absentShare):
		r.in(25, func() error { return do(queue.Recall{Counter: c, Ticket: id}) })
		r.then(c, 70, func() error { return r.next(c, 1, do(queue.NoShow{Counter: c, Ticket: id})) })
		if p.fate.Chance(returnShare) {
			r.in(90+2400*p.fate.Uniform(), func() error {
				_, err := r.do(queue.Greeter, queue.Reactivate{Ticket: id})
				return err
			})
		}
		return nil
	}
	r.then(c, 10+40*p.fate.Uniform(), func() error { return r.next(c, 0, do(queue.Start{Counter: c, Ticket: id})) })
	return nil
}

// end ends a service, for good or for now.
func (r *play) end(c queue.CounterID, id queue.TicketID) error {
	p := r.people[id]
	var command queue.Command
	switch u := p.fate.Uniform(); {
	case u < parkedShare:
		command = queue.Park{Counter: c, Ticket: id}
		r.in(60+1500*p.fate.Uniform(), func() error {
			if p.fate.Chance(.5) {
				_, err := r.do(queue.Greeter, queue.Unpark{Ticket: id})
				return err
			}
			p.here = true
			r.wake()
			return nil
		})
	case u < parkedShare+sentShare:
		to := r.elsewhere(p, id)
		to.Counter = c
		command = to
	default:
		f := queue.Finish{Counter: c, Ticket: id, Next: p.fate.Chance(.5)}
		if p.fate.Chance(.1) {
			f.Outcome = queue.PapersMissing
		}
		command = f
	}
	if _, err := r.do(queue.Officer, command); err != nil {
		return err
	}
	if r.officers[c].moods.Chance(undoShare) {
		r.then(c, 4, func() error {
			_, err := r.do(queue.Officer, queue.Undo{Counter: c, Ticket: id})
			return r.next(c, 1, err)
		})
		return nil
	}
	return r.next(c, 1, nil)
}

// close ends the day once every counter is free; in the end some of those who
// still wait get an appointment.
func (r *play) close() error {
	over := r.hall.Now() >= r.minute(evening)
	waits := r.hall.State.View().WaitingCount() > 0
	busy := slices.ContainsFunc(r.hall.State.Counters, func(c queue.Counter) bool { return c.Ticket != 0 })
	if waits && !over || busy {
		if waits && !over {
			for _, c := range r.Config.Counters {
				if k := r.hall.State.Counter(c.ID); k.State == queue.CounterIsClosed {
					if err := r.open(c.ID); err != nil {
						return err
					}
				}
			}
		}
		if r.hall.Now() > r.minute(night) {
			return fmt.Errorf("the day does not end: %d wait, counters %+v", r.hall.State.View().WaitingCount(), r.hall.State.Counters)
		}
		r.in(60, r.close)
		return nil
	}
	for t := range r.hall.State.Clone().View().EachWaiting {
		if _, err := r.do(queue.Supervisor, queue.Rebook{Ticket: t.ID}); err != nil {
			return err
		}
	}
	events, err := r.do(queue.Supervisor, queue.CloseDay{})
	if err != nil {
		return err
	}
	if events == nil {
		r.in(60, r.close)
		return nil
	}
	r.closed = true
	return nil
}
