package queue

import (
	"slices"
	"time"
)

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
	if d.env.ClockOK && day > DayOf(d.env.Now) || d.Day.ID != "" && day.Begins().Sub(d.Day.ID.Begins()) > longestGap {
		return nil, refuse(Conflict, WhyDayAhead, "Check the date, and the clock: a day that has begun can't be taken back.",
			"%s is still to come", day)
	}
	return d.opening(day), nil
}

// longestGap bounds how far a day may lie after the last one: a mistyped year
// would close the centre until then.
const longestGap = 366 * 24 * time.Hour

// opening begins a business day; a new one first settles the configuration, and
// names the appointments of days on which nobody opened.
func (d *decision) opening(day Day) []Event {
	var events []Event
	if day != d.Day.ID {
		events = d.missed(func(a *Appointment) bool {
			on := DayOf(a.Slot.Time())
			return on < day && (on > d.Day.ID || !d.Day.Open) // an open day's are named by its closing
		})
		if !d.Config.settled() {
			events = append(events, ConfigApplied{Config: d.Config.Plain()})
		}
	}
	return append(events, DayOpened{Day: day})
}

// closeDay ends everything in a named way. By hand it refuses while somebody
// is called or served; by force it ends those too (domain.md §3.1, note 5).
func (d *decision) closeDay(forced bool) ([]Event, error) {
	if !d.Day.Open {
		return nil, refuse(Closed, WhyDayClosed, "Nothing to do.", "the business day is closed already")
	}
	var events []Event
	totals := Totals{Issued: len(d.Tickets)}
	for i := range d.Tickets {
		t := &d.Tickets[i]
		switch t.State {
		case Finished:
			totals.Finished++
		case Cancelled:
			totals.Cancelled++
		case Expired:
			if t.NotThere {
				totals.NoShow++
			} else {
				totals.Expired++
			}
		case Called:
			if !forced {
				return nil, refuse(Conflict, WhyCounterBusy, "Finish or mark it first.", "%s is called to counter %s", t.Label, t.Counter)
			}
			events = append(events, TicketExpired{Ticket: t.ID, Label: t.Label, NotThere: true})
			totals.NoShow++
		case Serving:
			if !forced {
				return nil, refuse(Conflict, WhyCounterBusy, "Finish it first.", "%s is being served at counter %s", t.Label, t.Counter)
			}
			events = append(events, TicketFinished{Ticket: t.ID, Label: t.Label, Counter: t.Counter, Outcome: AutoClosed})
			totals.Finished++
		case Missed:
			events = append(events, TicketExpired{Ticket: t.ID, Label: t.Label, NotThere: true})
			totals.NoShow++
		case Waiting, Parked:
			events = append(events, TicketExpired{Ticket: t.ID, Label: t.Label})
			totals.Expired++
		}
	}
	events = append(events, d.missed(func(a *Appointment) bool { return DayOf(a.Slot.Time()) <= d.Day.ID })...)
	for i := range d.Rolls {
		if r := &d.Rolls[i]; r.Open {
			events = append(events, r.ended())
		}
	}
	for i := range d.Counters {
		if d.Counters[i].State != CounterIsClosed {
			events = append(events, CounterClosed{Counter: d.Counters[i].ID})
		}
	}
	return append(events, DayClosed{Day: d.Day.ID, Forced: forced, Totals: &totals}), nil
}

// tick does what is due: it rolls over to the business day of a trusted clock,
// frees the slots of who did not come, and begins planned breaks. A day closed
// by hand stays closed until the next one begins.
func (d *decision) tick() ([]Event, error) {
	if d.Config == nil || !d.env.ClockOK {
		return nil, nil
	}
	if today := DayOf(d.env.Now); today > d.Day.ID {
		var events []Event
		if d.Day.Open {
			var err error
			if events, err = d.closeDay(true); err != nil {
				return nil, err
			}
		}
		return append(events, d.opening(today)...), nil
	}
	late := minutes(d.Config.Routing.Late)
	events := d.missed(func(a *Appointment) bool { return a.Slot.Add(late) < d.now })
	for i := range d.Counters {
		if k := &d.Counters[i]; d.Day.Open && k.Ticket == 0 {
			if p := d.resting(k.ID); p != nil {
				events = append(events, p)
			}
		}
	}
	return events, nil
}

func (d *decision) openCounter(c OpenCounter) ([]Event, error) {
	k, desk, err := d.desk(c.Counter)
	if err != nil {
		return nil, err
	}
	if !d.Day.Open {
		return nil, refuse(Closed, WhyDayClosed, "Open the business day first.", "the business day is closed")
	}
	if desk.Draining && !d.stillNeeded(desk) {
		return nil, goingOut(desk)
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

// goingOut refuses a counter that was taken out what another one can do.
func goingOut(desk *Desk) error {
	return refuse(Closed, WhyCounterClosed, "Use another counter.", "counter %d was taken out of the configuration", desk.Number)
}

// stillNeeded reports whether a counter that was taken out has something left
// to do: a ticket it parked, or one that nobody else may call.
func (d *decision) stillNeeded(desk *Desk) bool {
	eligible := d.View().Eligible(desk.ID)
	return slices.ContainsFunc(d.Tickets, func(t Ticket) bool {
		return t.State == Parked && t.Counter == desk.ID || t.State == Waiting && eligible.Allows(&t)
	})
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
	if c.Minutes < 0 || c.Minutes > 480 {
		return nil, refuse(Invalid, WhyBadField, "Give 1 to 480 minutes, or 0 when it is not known.", "%d minutes", c.Minutes)
	}
	switch {
	case k.State == CounterIsClosed:
		return nil, refuse(Closed, WhyCounterClosed, "Open the counter first.", "counter %d is closed", desk.Number)
	case k.State == CounterIsPaused:
		return nil, refuse(Conflict, WhyWrongState, "Nothing to do.", "counter %d is paused already", desk.Number)
	case k.Ticket != 0:
		return nil, d.busy(k, desk)
	}
	e := CounterPaused{Counter: k.ID, Reason: c.Reason}
	if c.Minutes > 0 {
		e.Until = d.now.Add(minutes(c.Minutes))
	}
	return one(e)
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
