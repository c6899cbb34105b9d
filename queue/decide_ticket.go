package queue

import (
	"cmp"
	"math"
	"slices"
	"time"
)

func (d *decision) callNext(c CallNext) ([]Event, error) {
	k, desk, err := d.free(c.Counter)
	if err != nil {
		return nil, err
	}
	call, ok := d.pick(k.ID)
	if !ok {
		if events := d.callTorn(k.ID, 0, d.Pos.Seq+1); events != nil {
			return events, nil
		}
		return nil, refuse(NotFound, WhyQueueEmpty, "Wait for the next citizen.", "nobody waits for counter %d", desk.Number)
	}
	return one(call)
}

// pick asks the router and checks its answer: a wrong choice must not become an event.
func (d *decision) pick(k CounterID) (TicketCalled, bool) {
	if d.env.Picker == nil {
		return TicketCalled{}, false
	}
	v := d.View()
	choice, ok := d.env.Picker.Pick(v, k, d.env.Now)
	if !ok {
		return TicketCalled{}, false
	}
	t := d.Ticket(choice.Ticket)
	if t == nil || t.State != Waiting || !v.Eligible(k).Allows(t) {
		return TicketCalled{}, false
	}
	return TicketCalled{Ticket: t.ID, Label: t.Label, Category: t.Category, Class: t.Class, Counter: k, Reason: choice.Reason}, true
}

var callReasons = []CallReason{CallAccompanied, CallSupervisor, CallCorrection, CallOther}

func (d *decision) callTicket(c CallTicket) ([]Event, error) {
	t, err := d.find(c.Ticket)
	if err != nil {
		return nil, err
	}
	if t.State.Held() {
		return nil, refuse(Conflict, WhyTicketTaken, "Call another one.", "%s is at counter %s", t.Label, t.Counter)
	}
	if err := d.in(t, Waiting, Parked); err != nil {
		return nil, err
	}
	k, desk, err := d.free(c.Counter)
	if err != nil {
		return nil, err
	}
	if t.State == Parked {
		if err := d.held(t, c.Counter); err != nil {
			return nil, err
		}
	}
	if desk.Draining && t.State == Waiting && !d.View().Eligible(k.ID).Allows(t) {
		return nil, goingOut(desk)
	}
	if desk.Point != t.Point {
		return nil, refuse(Denied, WhyPointUnknown, "Let a counter of that point call it.", "%s waits at %s", t.Label, t.Point)
	}
	cause := c.Reason
	if cause == "" && t.State == Parked {
		cause = CallParked
	} else if !slices.Contains(callReasons, cause) {
		return nil, refuse(Invalid, WhyBadField, "Give accompanied, supervisor, correction or other.", "%q is no reason for a call out of order", c.Reason)
	}
	return one(TicketCalled{Ticket: t.ID, Label: t.Label, Category: t.Category, Class: t.Class, Counter: k.ID,
		Reason: Reason{Code: ByHand, Cause: cause, Arrival: t.Arrival}})
}

// take finds the ticket a counter acts on, in one of the given states.
func (d *decision) take(id TicketID, c CounterID, states ...TicketState) (*Ticket, error) {
	t, err := d.find(id)
	if err != nil {
		return nil, err
	}
	if c != "" {
		if _, _, err := d.desk(c); err != nil {
			return nil, err
		}
	}
	if err := d.in(t, states...); err != nil {
		return nil, err
	}
	return t, d.held(t, c)
}

func (d *decision) recall(c Recall) ([]Event, error) {
	t, err := d.take(c.Ticket, c.Counter, Called)
	if err != nil {
		return nil, err
	}
	if left := seconds(d.Config.Calls.RecallAfter) - d.since(t.LastCallMark, t.LastCall); left > 0 {
		return nil, tooSoon(left, "%s was called a moment ago", t.Label)
	}
	return one(TicketRecalled{Ticket: t.ID, Label: t.Label, Counter: t.Counter, Call: int(t.Calls) + 1})
}

// tooSoon tells how long to wait, rounded up to whole seconds.
func tooSoon(left time.Duration, msg string, args ...any) error {
	e := refuse(Conflict, WhyTooSoon, "Wait a little.", msg, args...)
	e.Wait = int(math.Ceil(left.Seconds()))
	return e
}

func (d *decision) start(c Start) ([]Event, error) {
	t, err := d.take(c.Ticket, c.Counter, Called)
	if err != nil {
		return nil, err
	}
	return one(TicketStarted{Ticket: t.ID, Label: t.Label, Counter: t.Counter})
}

var outcomes = []Outcome{Done, PapersMissing, FiledOnline, WrongPlace, Left}

func (d *decision) finish(c Finish) ([]Event, error) {
	t, err := d.take(c.Ticket, c.Counter, Serving)
	if err != nil {
		return nil, err
	}
	outcome := c.Outcome
	if outcome == "" {
		outcome = Done
	}
	if !slices.Contains(outcomes, outcome) {
		return nil, refuse(Invalid, WhyBadField, "Give done, papers_missing, filed_online, wrong_place or left.", "%q is no outcome", c.Outcome)
	}
	end := d.finished(t, outcome)
	events := d.freeing(t, end)
	if c.Next && len(events) == 1 {
		if call, ok := d.after(end).pick(t.Counter); ok {
			call.Finished = t.ID
			events = append(events, call)
		} else {
			events = append(events, d.callTorn(t.Counter, t.ID, d.Pos.Seq+2)...)
		}
	}
	return events, nil
}

// after is the decision with the ticket's leg finished: it waits already for
// the next one, and who calls now may not pass it over. A ticket that is done
// changes nothing for the router.
func (d *decision) after(end Event) *decision {
	if _, ok := end.(TicketLegFinished); !ok {
		return d
	}
	next := *d
	next.State = d.Clone()
	r := Record{Seq: d.Pos.Seq + 1, Event: end}
	if err := next.apply(&r, max(d.now, d.LastAt)); err != nil {
		return d // it was decided on this very state: this can't fail
	}
	return &next
}

func (d *decision) noShow(c NoShow) ([]Event, error) {
	t, err := d.take(c.Ticket, c.Counter, Called)
	if err != nil {
		return nil, err
	}
	rules := d.Config.Calls
	// The first of these calls, not the ticket's first ever: a returned
	// citizen has the same time to walk as everybody.
	left := seconds(rules.NoShowAfter) - d.since(t.SinceMark, t.Since)
	if int(t.Calls) < rules.NoShowCalls && left > 0 {
		return nil, tooSoon(left, "%s was called %d of %d times", t.Label, t.Calls, rules.NoShowCalls)
	}
	return d.freeing(t, TicketNoShow{Ticket: t.ID, Label: t.Label, Counter: t.Counter}), nil
}

func (d *decision) reactivate(c Reactivate) ([]Event, error) {
	t, err := d.find(c.Ticket)
	if err != nil {
		return nil, err
	}
	if t.State != Cancelled { // the one end a ticket may come back from
		if err := d.in(t, Missed); err != nil {
			return nil, err
		}
	}
	if t.Returns > 0 {
		return nil, refuse(Conflict, WhyLimitReached, "Give out a new number.", "%s has come back once already", t.Label)
	}
	if !d.Day.Open {
		return nil, refuse(Closed, WhyDayClosed, "Come back when the office opens.", "the business day is closed")
	}
	if t.Rebooked != "" {
		return nil, refuse(Conflict, WhyRebooked, "Check the appointment in, or give out a new number.", "%s was turned into appointment %s", t.Label, t.Rebooked)
	}
	if !d.Config.called(t.Category, t.Point) {
		return nil, categoryGone(t)
	}
	r := d.Config.Routing
	arrival := d.now
	if t.State == Missed && d.since(t.SinceMark, t.Since) <= minutes(r.ReturnWithin) {
		arrival = max(t.Arrival, d.now.Add(-minutes(r.ReturnCredit)))
	}
	return one(TicketReactivated{Ticket: t.ID, Label: t.Label, Arrival: arrival})
}

func (d *decision) park(c Park) ([]Event, error) {
	t, err := d.take(c.Ticket, c.Counter, Called, Serving)
	if err != nil {
		return nil, err
	}
	return d.freeing(t, TicketParked{Ticket: t.ID, Label: t.Label, Counter: t.Counter}), nil
}

func (d *decision) unpark(c Unpark) ([]Event, error) {
	t, err := d.find(c.Ticket)
	if err != nil {
		return nil, err
	}
	if err := d.in(t, Parked); err != nil {
		return nil, err
	}
	if d.env.Role != Greeter {
		if err := d.held(t, c.Counter); err != nil {
			return nil, err
		}
	}
	credit := d.now.Add(-minutes(d.Config.Routing.ReturnCredit))
	return one(TicketUnparked{Ticket: t.ID, Label: t.Label, Arrival: max(t.Arrival, credit)})
}

func (d *decision) transfer(c Transfer) ([]Event, error) {
	t, err := d.take(c.Ticket, c.Counter, Waiting, Called, Serving, Parked)
	if err != nil {
		return nil, err
	}
	mode := c.Mode
	if mode == "" {
		mode = Keep
	}
	if !slices.Contains([]TransferMode{Keep, First, Last}, mode) {
		return nil, refuse(Invalid, WhyBadField, "Give keep, first or last.", "%q is no mode of transfer", c.Mode)
	}
	e := TicketTransferred{Ticket: t.ID, Label: t.Label, From: t.Counter, Category: t.Category, Mode: mode, Arrival: t.Arrival}
	switch {
	case c.ToCategory == "" && c.ToCounter == "":
		return nil, refuse(Invalid, WhyBadField, "Give to_category or to_counter.", "no target for %s", t.Label)
	case c.ToCounter != "":
		k, desk, err := d.desk(c.ToCounter)
		if err != nil {
			return nil, err
		}
		if desk.Point != t.Point {
			if x := d.Config.series(t.Series); x == nil || !x.AcrossPoints {
				return nil, refuse(Closed, WhyCategoryClosed, "Choose a counter of the same point.", "counter %d is at %s", desk.Number, desk.Point)
			}
			if !d.mayMove(t, desk.Point) {
				return nil, labelTaken(t, desk.Point)
			}
			e.Point = desk.Point
		}
		if k.State == CounterIsClosed || desk.Draining {
			return nil, refuse(Closed, WhyCategoryClosed, "Choose an open counter.", "counter %d is closed", desk.Number)
		}
		e.Bound = k.ID
		if c.ToCategory != "" {
			e.Category = c.ToCategory
		}
	default:
		e.Category = c.ToCategory
	}
	cat := d.Config.Category(e.Category)
	if cat == nil {
		return nil, refuse(NotFound, WhyCategoryUnknown, "Choose one of the centre's categories.", "there is no category %q", e.Category)
	}
	if p := cmp.Or(e.Point, t.Point); e.Bound != "" && !d.Config.called(cat.ID, p) {
		return nil, refuse(Closed, WhyCategoryClosed, "Give a category of that point as well.", "nobody at %s would call %s once that counter closes", p, t.Label)
	}
	if e.Bound == "" {
		at, ok := d.Config.PointOf(cat.ID, t.Point, t.Series)
		if !ok && cat.ID == t.Category {
			at, ok = t.Point, true // to its own category it may always go back
		}
		if !ok || !d.served(cat.ID, at) || cat.Draining && cat.ID != t.Category {
			return nil, refuse(Closed, WhyCategoryClosed, "Choose a category that has an open counter.", "no counter of this point serves category %s now", cat.ID)
		}
		if at != t.Point {
			if !d.mayMove(t, at) {
				return nil, labelTaken(t, at)
			}
			e.Point = at
		}
	}
	if mode == Last {
		e.Arrival = max(d.now, t.Arrival)
	}
	return d.freeing(t, e), nil
}

func labelTaken(t *Ticket, p PointID) error {
	return refuse(Closed, WhyCategoryClosed, "Give out a number there.", "there is another %s at %s", t.Label, p)
}

// served reports whether a counter of the point that serves the category is open or paused.
func (s *State) served(c CategoryID, p PointID) bool {
	for i := range s.Counters {
		if s.Counters[i].State == CounterIsClosed {
			continue
		}
		if d := s.Config.Desk(s.Counters[i].ID); d.Point == p && (d.Serves(c) || slices.Contains(d.Drains, c)) {
			return true
		}
	}
	return false
}

func (d *decision) cancel(c Cancel) ([]Event, error) {
	t, err := d.take(c.Ticket, c.Counter, Waiting, Called, Parked, Missed)
	if err != nil {
		return nil, err
	}
	return d.freeing(t, TicketCancelled{Ticket: t.ID, Label: t.Label}), nil
}
