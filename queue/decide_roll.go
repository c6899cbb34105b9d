package queue

import "slices"

func (d *decision) startRoll(c StartRoll) ([]Event, error) {
	p, err := d.atRoll(c.Point)
	if err != nil {
		return nil, err
	}
	if !d.Day.Open {
		return nil, dayClosed()
	}
	if c.Category != "" {
		if _, err := d.offered(c.Category, p); err != nil {
			return nil, err
		}
	}
	r, ok := newRoll(c.First)
	if !ok {
		return nil, refuse(Invalid, WhyBadField, "Write the number as it stands on the roll: 2 to 4 digits, before them at most two letters.", "%q is no number of a roll", c.First)
	}
	if old := d.roll(p, c.Category); old != nil && old.Open {
		return nil, refuse(Conflict, WhyWrongState, "End it first.", "a roll is in use there already, at %s", old.Label(old.Next))
	}
	if at := d.collides(p, &r); at != "" {
		return nil, refuse(Conflict, WhyLabelTaken, "Begin with a later number, take a roll with another letter, or type another letter before its numbers.",
			"%s is given out already, or comes from another roll", at)
	}
	return one(RollStarted{Point: p, Category: c.Category, Label: r.Label(r.First), Prefix: r.Prefix, Number: r.First, Width: r.Width, Self: c.Self})
}

// atRoll finds the point of a command about a roll, which only staff give.
func (d *decision) atRoll(p PointID) (PointID, error) {
	if !d.env.Role.Staff() {
		return "", refuse(Denied, WhyRole, "Ask the greeter or an officer.", "only staff handle a roll of numbers")
	}
	return d.pointFor(p)
}

// collides names a label that a roll would give out a second time at its point; "": none.
func (d *decision) collides(p PointID, r *Roll) string {
	for i := range d.Tickets {
		t := &d.Tickets[i]
		if n, ok := r.number(t.Label); ok && t.Point == p && n >= r.First {
			return t.Label
		}
	}
	for i := range d.Rolls {
		if o := &d.Rolls[i]; o.Open && o.Point == p && o.Prefix == r.Prefix && o.Width == r.Width {
			return r.Label(max(o.Next, r.First))
		}
	}
	return ""
}

// inUse finds the open roll that was started for a category, or for all.
func (d *decision) inUse(p PointID, c CategoryID) (*Roll, error) {
	p, err := d.atRoll(p)
	if err != nil {
		return nil, err
	}
	if r := d.roll(p, c); r != nil && r.Open {
		return r, nil
	}
	return nil, noRoll(p)
}

func noRoll(p PointID) error {
	return refuse(NotFound, WhyRoll, "Start it with its first number.", "no such roll of numbers is in use at %s", p)
}

func (d *decision) endRoll(c EndRoll) ([]Event, error) {
	r, err := d.inUse(c.Point, c.Category)
	if err != nil {
		return nil, err
	}
	return one(r.ended())
}

// fromRoll takes the number i places on from a roll's next one; seq is the
// event's place in the journal. Numbers i > 0 follow those before them in the
// same command.
func (d *decision) fromRoll(r *Roll, o order, i int, seq Seq) (given, error) {
	n := r.Next + i
	if n > r.last() {
		return given{}, refuse(Closed, WhyRollEnd, "End it, and start the next one with its first number.", "the roll has given out its last number")
	}
	o.entry = EntryRoll
	label, id := r.Label(n), TicketID(seq)
	back := slices.IndexFunc(d.Back, func(t Ticket) bool { return t.Point == o.point && t.Label == label })
	if back >= 0 {
		id = d.Back[back].ID
	}
	e := d.issued(o, label, n, TicketID(seq)) // who takes it now comes after all who are here
	e.Ahead += i
	if back >= 0 {
		return given{event: TicketReissued{Ticket: id, Issued: e}, id: id, label: label}, nil
	}
	return given{event: e, id: id, label: label}, nil
}

// tearOff enters what people tore off themselves. They hold their numbers:
// hours and quotas can send nobody home any more, they are only counted.
func (d *decision) tearOff(c TearOff) ([]Event, error) {
	p, err := d.atRoll(c.Point)
	if err != nil {
		return nil, err
	}
	if !d.Day.Open {
		return nil, dayClosed()
	}
	o := order{point: p, class: Normal, dossiers: 1}
	if o.category, err = d.offered(c.Category, p); err != nil {
		return nil, err
	}
	r := d.rollFor(p, c.Category)
	if r == nil {
		return nil, noRoll(p)
	}
	n, ok := r.typed(c.UpTo)
	if count := n - r.Next + 1; !ok || count < 1 || count > MaxTorn {
		return nil, refuse(Invalid, WhyRollNumber, "Look at the paper again: type the number of the last one torn off, at most 99 after the one before.",
			"%q does not come after %s", c.UpTo, r.Label(max(r.Next-1, 0)))
	}
	if o.legs, err = d.legs(o.category, p, nil); err != nil {
		return nil, err
	}
	o.session = d.present(o.category)
	var events []Event
	for i := range n - r.Next + 1 {
		g, err := d.fromRoll(r, o, i, d.Pos.Seq+1+Seq(i))
		if err != nil {
			return nil, err
		}
		events = append(events, g.event)
	}
	return events, nil
}

// takeBack undoes a tearOff that went too far.
func (d *decision) takeBack(c TakeBack) ([]Event, error) {
	r, err := d.inUse(c.Point, c.Category)
	if err != nil {
		return nil, err
	}
	from := r.First
	if c.UpTo != "" {
		n, ok := r.typed(c.UpTo)
		if from = n + 1; !ok {
			from = r.Next
		}
	}
	if from < r.First || from >= r.Next {
		return nil, refuse(Invalid, WhyRollNumber, "Type the number of the last one that is right.", "%q is none of the numbers given out", c.UpTo)
	}
	e := RollTakenBack{Point: r.Point, Category: r.Category, Label: r.Label(from), Last: r.Label(r.Next - 1), Number: from, Tickets: []TicketID{}}
	for n := from; n < r.Next; n++ {
		label := r.Label(n)
		i := slices.IndexFunc(d.Tickets, func(t Ticket) bool { return t.TakenAt == r.Point && t.Label == label })
		if i < 0 {
			continue
		}
		t := &d.Tickets[i]
		if t.State != Waiting || t.Point != r.Point || t.FirstCall != 0 || t.Touched != 0 || len(t.Past) > 0 || t.Slip != SlipNone {
			return nil, refuse(Conflict, WhyRollCalled, "Take back only the numbers after it; cancel what nobody comes for.", "%s was called or changed already", label)
		}
		e.Tickets = append(e.Tickets, t.ID)
	}
	return one(e)
}

// callTorn gives out and calls the next number of a roll people tear off
// themselves, for a counter nobody is known to wait for; nil when there is no
// such roll. Of a roll for all categories it counts in the counter's first one.
func (d *decision) callTorn(k CounterID, finished TicketID, seq Seq) []Event {
	desk := d.Config.Desk(k)
	for _, id := range desk.Skills {
		r := d.rollFor(desk.Point, id)
		if r == nil || !r.Self || desk.Draining {
			continue
		}
		o := order{point: desk.Point, class: Normal, dossiers: 1}
		var err error
		if o.category, err = d.offered(id, desk.Point); err != nil {
			continue
		}
		if o.legs, err = d.legs(o.category, desk.Point, nil); err != nil {
			continue
		}
		o.session = d.present(o.category)
		g, err := d.fromRoll(r, o, 0, seq)
		if err != nil {
			continue
		}
		return []Event{g.event, TicketCalled{Ticket: g.id, Label: g.label, Category: id, Class: Normal, Counter: k,
			Reason: Reason{Code: ByArrival, Arrival: max(d.now, d.LastAt)}, Finished: finished}}
	}
	return nil
}
