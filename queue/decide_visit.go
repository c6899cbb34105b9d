package queue

import "slices"

// setClass grants a class, confirms a claim, or takes either back.
func (d *decision) setClass(c SetClass) ([]Event, error) {
	t, err := d.find(c.Ticket)
	if err != nil {
		return nil, err
	}
	if err := d.in(t, Waiting, Parked, Missed); err != nil {
		return nil, err
	}
	class, claim, err := d.granted(c.Class)
	if err != nil {
		return nil, err
	}
	if claim != "" || !d.env.Role.Staff() {
		return nil, refuse(Denied, WhyClassByStaff, "Ask the greeter or an officer.", "only staff may change a class")
	}
	if class == t.Class && t.Claim == "" {
		return nil, refuse(Conflict, WhyWrongState, "Nothing to do.", "%s is of class %s already", t.Label, class)
	}
	e := TicketClassSet{Ticket: t.ID, Label: t.Label, Class: class, Arrival: t.Arrival}
	if t.Slot != 0 && t.ArrivalCause == Arrived {
		switch class {
		case Normal:
		case Appointed:
			e.Arrival = max(t.Slot, t.Issued)
		default:
			e.Arrival = t.Issued // priority counts from the check-in
		}
	}
	return one(e)
}

func (d *decision) setDossiers(c SetDossiers) ([]Event, error) {
	t, err := d.open(c.Ticket)
	if err != nil {
		return nil, err
	}
	if c.Dossiers < 1 || c.Dossiers > 99 {
		return nil, refuse(Invalid, WhyBadField, "Give 1 to 99 dossiers.", "%d dossiers", c.Dossiers)
	}
	if !d.env.Role.Staff() {
		return nil, refuse(Denied, WhyClassByStaff, "Ask the greeter or an officer.", "only staff may correct dossiers")
	}
	if c.Dossiers == int(t.Dossiers) {
		return nil, refuse(Conflict, WhyWrongState, "Nothing to do.", "%s has %d dossiers already", t.Label, c.Dossiers)
	}
	return one(TicketDossiersSet{Ticket: t.ID, Label: t.Label, Dossiers: c.Dossiers})
}

func (d *decision) planLegs(c PlanLegs) ([]Event, error) {
	t, err := d.open(c.Ticket)
	if err != nil {
		return nil, err
	}
	if !d.env.Role.Staff() {
		return nil, refuse(Denied, WhyClassByStaff, "Ask the greeter or an officer.", "only staff may plan a visit")
	}
	if err := d.possible(c.Legs, t.Point, t.Series); err != nil {
		return nil, err
	}
	if slices.Equal(c.Legs, t.Next) {
		return nil, refuse(Conflict, WhyWrongState, "Nothing to do.", "%s is planned so already", t.Label)
	}
	return one(TicketLegsPlanned{Ticket: t.ID, Label: t.Label, Legs: append([]CategoryID{}, c.Legs...)})
}

// open finds a ticket that is not over.
func (d *decision) open(id TicketID) (*Ticket, error) {
	t, err := d.find(id)
	if err != nil {
		return nil, err
	}
	return t, d.in(t, Waiting, Called, Serving, Parked, Missed)
}

// finished ends a service: the ticket goes on to the next leg that is served,
// or is done. Only a service that is done leads on.
func (d *decision) finished(t *Ticket, outcome Outcome) Event {
	if outcome == Done {
		for _, id := range t.Next {
			k := d.Config.Category(id)
			if k == nil || k.Draining {
				continue
			}
			if p, ok := d.Config.PointOf(id, t.Point, t.Series); ok && d.mayMove(t, p) {
				return TicketLegFinished{Ticket: t.ID, Label: t.Label, Counter: t.Counter, Outcome: outcome, Next: id, Point: p, Arrival: t.Arrival}
			}
		}
	}
	return TicketFinished{Ticket: t.ID, Label: t.Label, Counter: t.Counter, Outcome: outcome}
}

// mayMove reports whether the ticket's label is free at a point: a series that
// has run through all points only since noon may have given it out twice.
func (d *decision) mayMove(t *Ticket, p PointID) bool {
	return p == t.Point || !d.labelled(p, t.Label)
}

// resting is the planned pause of a counter that becomes free; nil when no
// break has begun there.
func (d *decision) resting(id CounterID) Event {
	k := d.Counter(id)
	if k == nil || k.State != CounterIsOpen || !d.env.ClockOK {
		return nil
	}
	if b, to, ok := d.Config.breakAt(id, d.Day.ID, d.now); ok && k.BreakTo < to {
		return CounterPaused{Counter: id, Reason: b.reason(), Until: to, Planned: true}
	}
	return nil
}

// freeing adds to what takes a ticket from its counter the pause that is due there.
func (d *decision) freeing(t *Ticket, e Event) []Event {
	if t.State.Held() {
		if p := d.resting(t.Counter); p != nil {
			return []Event{e, p}
		}
	}
	return []Event{e}
}

func (b *Break) reason() PauseReason {
	if b.Reason == "" {
		return PauseBreak
	}
	return b.Reason
}

// span is the break on a day; false when it has none.
func (b *Break) span(d Day) (from, to Stamp, ok bool) {
	if len(b.Days) > 0 && !slices.Contains(b.Days, d.Weekday()) {
		return 0, 0, false
	}
	from, ok = b.From.Of(d)
	to, ok2 := b.To.Of(d)
	return from, to, ok && ok2
}

// breakAt finds the planned break of a counter that runs at an instant.
func (c *Config) breakAt(id CounterID, d Day, now Stamp) (*Break, Stamp, bool) {
	for i := range c.Breaks {
		b := &c.Breaks[i]
		if b.Counter != id {
			continue
		}
		if from, to, ok := b.span(d); ok && from <= now && now < to {
			return b, to, true
		}
	}
	return nil, 0, false
}
