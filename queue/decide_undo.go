package queue

// undo takes back the last command of a counter, or of a ticket (domain.md
// §3.1, note 4). What it restores was kept by Apply.
func (d *decision) undo(c Undo) ([]Event, error) {
	var k *Counter
	if c.Counter != "" {
		var err error
		if k, _, err = d.desk(c.Counter); err != nil {
			return nil, err
		}
	}
	id := c.Ticket
	if id == 0 && k != nil {
		id = k.Last
	}
	if id == 0 {
		return nil, refuse(Conflict, WhyWrongState, "Nothing to do.", "there is nothing to take back")
	}
	t, err := d.find(id)
	if err != nil {
		return nil, err
	}
	switch {
	case t.State == Expired:
		return nil, d.in(t)
	case t.Touched == 0:
		return nil, refuse(Conflict, WhyWrongState, "Nothing to do.", "there is nothing to take back of %s", t.Label)
	case !d.Day.Open:
		return nil, refuse(Closed, WhyDayClosed, "Reopen the day first.", "the business day is closed")
	}
	u, err := d.undoable(t, c.Counter)
	if err != nil {
		return nil, err
	}
	// A finish that called the next ticket is one command: both go back.
	both := []*Undoable{u}
	for i := range d.Undos {
		o := &d.Undos[i]
		switch {
		case o == u:
		case u.Finished != 0 && o.Before.ID == u.Finished && o.Counter == u.Counter:
			both = []*Undoable{u, o}
		case o.Finished == t.ID && o.Counter == u.Counter:
			both = []*Undoable{o, u}
		}
	}
	var events []Event
	for _, x := range both {
		o := d.Ticket(x.Before.ID)
		if o.Touched != x.Seq && (x != both[len(both)-1] || x.Before.ID != both[0].Before.ID) {
			return nil, refuse(Conflict, WhyTicketTaken, "Look at the list again.", "something else has happened to %s since", o.Label)
		}
		if !x.Before.State.Over() && !d.Config.called(x.Before.Category, x.Before.Point) {
			return nil, categoryGone(&x.Before)
		}
		if !d.mayMove(o, x.Before.Point) {
			return nil, refuse(Conflict, WhyTicketTaken, "Look at the list again.", "another %s has moved to %s since", o.Label, x.Before.Point)
		}
		if x.Before.State.Held() {
			if err := d.takesBack(x, both); err != nil {
				return nil, err
			}
		}
		if o.Rebooked != "" {
			a := d.Appointment(o.Rebooked)
			if a != nil && a.State == AppointmentIsCheckedIn {
				return nil, refuse(Conflict, WhyTicketTaken, "Look at the list again.", "the appointment of %s has become a number already", o.Label)
			}
			if a != nil && a.State == AppointmentIsBooked {
				events = append(events, AppointmentCancelled{Code: a.Code})
			}
		}
		events = append(events, TicketUndone{Ticket: o.ID, Label: o.Label, Counter: x.Counter, Undone: x.Event, Seq: x.Seq, State: x.Before.State})
	}
	return events, nil
}

// undoable finds what may still be taken back of a ticket: by the counter that
// did it, by a supervisor, or by anybody when no counter did.
func (d *decision) undoable(t *Ticket, c CounterID) (*Undoable, error) {
	var mine, last *Undoable
	for i := range d.Undos {
		u := &d.Undos[i]
		if u.Before.ID != t.ID || d.since(u.Mark, u.At) > d.Config.Calls.UndoWindow() {
			continue
		}
		last = u
		if u.Counter == c {
			mine = u
		}
	}
	switch {
	case mine != nil && mine.Seq == t.Touched:
		return mine, nil
	case c != "" && mine != nil:
		return nil, refuse(Conflict, WhyTicketTaken, "Look at the list again.", "something else has happened to %s since", t.Label)
	case last == nil || last.Seq != t.Touched:
		if k := d.Counter(c); k != nil && k.Ticket != 0 && k.Ticket != t.ID && t.Counter == c && d.since(t.SinceMark, t.Since) <= d.Config.Calls.UndoWindow() {
			return nil, d.busy(k, d.Config.Desk(c))
		}
		return nil, tooLate(t)
	case last.Counter == "" || c == "" && d.env.Role == Supervisor:
		return last, nil
	case c == "" && d.env.Role == Greeter && last.Event == (TicketUnparked{}).EventType():
		return last, nil // which a greeter may do, whose counter it ever was
	}
	return nil, refuse(Denied, WhyNotHolder, "Ask the colleague there, or a supervisor.", "that was done to %s at counter %s", t.Label, last.Counter)
}

// takesBack refuses a counter that can't have its ticket again.
func (d *decision) takesBack(x *Undoable, both []*Undoable) error {
	k, desk, err := d.desk(x.Before.Counter)
	if err != nil {
		return err
	}
	if k.State == CounterIsClosed {
		return refuse(Closed, WhyCounterClosed, "Open the counter first.", "counter %d is closed", desk.Number)
	}
	if k.Ticket != 0 && k.Ticket != x.Before.ID && k.Ticket != both[0].Before.ID {
		return d.busy(k, desk)
	}
	return nil
}

// categoryGone refuses to put a ticket back where nobody serves it any more.
func categoryGone(t *Ticket) error {
	return refuse(Closed, WhyCategoryClosed, "Give out a number of another category.", "category %s is no longer offered", t.Category)
}

func tooLate(t *Ticket) error {
	return refuse(Conflict, WhyTooLate, "Call, transfer or park it instead.", "it is too late to take back what was done to %s", t.Label)
}
