package queue

import "slices"

func (d *decision) applyConfig(c ApplyConfig) ([]Event, error) {
	cfg := c.Config
	if problems := cfg.Check(); len(problems) > 0 {
		return nil, &Error{Code: Invalid, Reason: WhyBadConfig, Msg: problems.Error(),
			Hint: "Correct each and apply the configuration again; nothing was changed.", Err: problems}
	}
	// What is still in use can't go: it would leave a citizen nowhere.
	for i := range d.Tickets {
		t := &d.Tickets[i]
		if t.State.Over() {
			continue
		}
		if cfg.Category(t.Category) == nil {
			return nil, refuse(Conflict, WhyInUse, "Keep it until its tickets are done, or transfer them.",
				"category %s still has %s", t.Category, t.Label)
		}
		if cfg.Point(t.Point) == nil {
			return nil, refuse(Conflict, WhyInUse, "Keep it until its tickets are done.", "point %s still has %s", t.Point, t.Label)
		}
		if t.Bound != "" && cfg.Desk(t.Bound) == nil {
			return nil, refuse(Conflict, WhyInUse, "Keep it until its tickets are done, or transfer them.",
				"counter %s still has %s waiting for it", t.Bound, t.Label)
		}
		if t.State == Parked && cfg.Desk(t.Counter) == nil {
			// Only the counter that parked it may call it back.
			return nil, refuse(Conflict, WhyInUse, "Let it call back what it has parked, or transfer it.", "counter %s has parked %s", t.Counter, t.Label)
		}
		if cfg.Class(t.Class) == nil {
			return nil, refuse(Conflict, WhyInUse, "Keep it until its tickets are done.", "class %s still has %s", t.Class, t.Label)
		}
	}
	for i := range d.Counters {
		k := &d.Counters[i]
		if k.State != CounterIsClosed && cfg.Desk(k.ID) == nil {
			return nil, refuse(Conflict, WhyInUse, "Close the counter first.", "counter %s is %s", k.ID, k.State)
		}
	}
	return one(ConfigApplied{Config: &cfg})
}

func (d *decision) openDay(c OpenDay) ([]Event, error) {
	day := c.Day
	if day == "" {
		if !d.env.ClockOK && d.Day.ID != "" {
			day = d.Day.ID // an untrusted clock opens no new day by itself
		} else {
			day = DayOf(d.env.Now)
		}
	}
	if !day.Valid() {
		return nil, refuse(Invalid, WhyBadField, "Write the date as 2026-11-23.", "%q is no date", day)
	}
	if day < d.Day.ID {
		return nil, refuse(Conflict, WhyDayBackwards, "Check the clock: the business day only moves forward.",
			"the last business day was %s, which is after %s", d.Day.ID, day)
	}
	if d.Day.Open {
		if day == d.Day.ID {
			return nil, refuse(Conflict, WhyWrongState, "Nothing to do.", "the business day %s is open already", day)
		}
		return nil, refuse(Conflict, WhyWrongState, "Close the day first.", "the business day %s is still open", d.Day.ID)
	}
	return one(DayOpened{Day: day})
}

// closeDay ends everything in a named way. By hand it refuses while somebody
// is called or served; by force it ends those too (domain.md §3.1, note 5).
func (d *decision) closeDay(forced bool) ([]Event, error) {
	if !d.Day.Open {
		return nil, refuse(Closed, WhyDayClosed, "Nothing to do.", "the business day is closed already")
	}
	var events []Event
	for i := range d.Tickets {
		t := &d.Tickets[i]
		switch t.State {
		case Called:
			if !forced {
				return nil, refuse(Conflict, WhyCounterBusy, "Finish or mark it first.", "%s is called to counter %s", t.Label, t.Counter)
			}
			events = append(events, TicketExpired{Ticket: t.ID, Label: t.Label, NotThere: true})
		case Serving:
			if !forced {
				return nil, refuse(Conflict, WhyCounterBusy, "Finish it first.", "%s is being served at counter %s", t.Label, t.Counter)
			}
			events = append(events, TicketFinished{Ticket: t.ID, Label: t.Label, Counter: t.Counter, Outcome: AutoClosed})
		case Waiting, Parked, Missed:
			events = append(events, TicketExpired{Ticket: t.ID, Label: t.Label})
		}
	}
	for i := range d.Counters {
		if d.Counters[i].State != CounterIsClosed {
			events = append(events, CounterClosed{Counter: d.Counters[i].ID})
		}
	}
	return append(events, DayClosed{Day: d.Day.ID, Forced: forced}), nil
}

// tick rolls over to the business day of a trusted clock. A day closed by hand
// stays closed until the next one begins.
func (d *decision) tick() ([]Event, error) {
	today := DayOf(d.env.Now)
	if d.Config == nil || !d.env.ClockOK || today <= d.Day.ID {
		return nil, nil
	}
	var events []Event
	if d.Day.Open {
		var err error
		if events, err = d.closeDay(true); err != nil {
			return nil, err
		}
	}
	return append(events, DayOpened{Day: today}), nil
}

func (d *decision) openCounter(c OpenCounter) ([]Event, error) {
	k, desk, err := d.desk(c.Counter)
	if err != nil {
		return nil, err
	}
	if !d.Day.Open {
		return nil, refuse(Closed, WhyDayClosed, "Open the business day first.", "the business day is closed")
	}
	if k.State == CounterIsOpen && k.Staff == c.Staff {
		return nil, refuse(Conflict, WhyWrongState, "Nothing to do.", "counter %d is open already", desk.Number)
	}
	if k.State == CounterIsOpen && k.Ticket != 0 {
		return nil, d.busy(k, desk)
	}
	if c.Staff != "" {
		for i := range d.Counters {
			if o := &d.Counters[i]; o.ID != k.ID && o.Staff == c.Staff && o.State != CounterIsClosed {
				return nil, refuse(Conflict, WhyStaffElsewhere, "Close that counter first.", "officer %s is at counter %d", c.Staff, d.Config.Desk(o.ID).Number)
			}
		}
	}
	return one(CounterOpened{Counter: k.ID, Staff: c.Staff})
}

var pauseReasons = []PauseReason{"", PauseBreak, PauseLunch, PauseDesk, PauseOther}

func (d *decision) pauseCounter(c PauseCounter) ([]Event, error) {
	k, desk, err := d.desk(c.Counter)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(pauseReasons, c.Reason) {
		return nil, refuse(Invalid, WhyBadField, "Use break, lunch, desk_work or other.", "%q is no reason for a pause", c.Reason)
	}
	switch {
	case k.State == CounterIsClosed:
		return nil, refuse(Closed, WhyCounterClosed, "Open the counter first.", "counter %d is closed", desk.Number)
	case k.State == CounterIsPaused:
		return nil, refuse(Conflict, WhyWrongState, "Nothing to do.", "counter %d is paused already", desk.Number)
	case k.Ticket != 0:
		return nil, d.busy(k, desk)
	}
	return one(CounterPaused{Counter: k.ID, Reason: c.Reason})
}

func (d *decision) closeCounter(c CloseCounter) ([]Event, error) {
	k, desk, err := d.desk(c.Counter)
	if err != nil {
		return nil, err
	}
	switch {
	case k.State == CounterIsClosed:
		return nil, refuse(Closed, WhyCounterClosed, "Nothing to do.", "counter %d is closed already", desk.Number)
	case k.Ticket != 0:
		return nil, d.busy(k, desk)
	}
	return one(CounterClosed{Counter: k.ID})
}
