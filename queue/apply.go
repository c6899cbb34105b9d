package queue

import (
	"fmt"
	"slices"
	"strings"
)

// Apply folds one record into the state. It is total: every record a Decide of
// this or an earlier release made is accepted, and the clock and the policy
// are never asked. The error tells of a journal that is not one: a gap, an
// event about a ticket nobody issued. The state is then unusable.
func (s *State) Apply(r Record) error {
	if r.Seq != s.Pos.Seq+1 {
		return fmt.Errorf("apply record %d: the state stands at %d", r.Seq, s.Pos.Seq)
	}
	at := StampOf(r.At)
	if r.Boot != s.Boot {
		s.Boot = r.Boot
		s.Boots++
	}
	s.Mono = r.Mono
	if err := s.apply(&r, at); err != nil {
		return fmt.Errorf("apply record %d (%s): %w", r.Seq, r.Event.EventType(), err)
	}
	s.Pos.Seq, s.Pos.Hash, s.LastAt = r.Seq, r.Hash, at
	return nil
}

func (s *State) apply(r *Record, at Stamp) error {
	switch e := r.Event.(type) {
	case ConfigApplied:
		s.applyConfig(e.Config)
		return nil
	case DayOpened:
		s.applyDayOpened(e, at)
		return nil
	case DayClosed:
		s.Day.Open, s.Day.Closed = false, at
		return nil
	case CounterOpened:
		s.settle(e.Counter)
		return s.onCounter(e.Counter, func(c *Counter) {
			c.State, c.Staff, c.Pause, c.Until, c.Since = CounterIsOpen, e.Staff, "", 0, at
			if _, to, ok := s.Config.breakAt(c.ID, s.Day.ID, at); ok {
				c.BreakTo = to // who opens during a planned break waives the rest
			}
		})
	case CounterPaused:
		if !e.Planned {
			s.settle(e.Counter)
		}
		return s.onCounter(e.Counter, func(c *Counter) {
			c.State, c.Pause, c.Until, c.Since = CounterIsPaused, e.Reason, e.Until, at
			if e.Planned {
				c.BreakTo = e.Until
			}
		})
	case CounterClosed:
		s.settle(e.Counter)
		return s.applyCounterClosed(e, at)
	case TicketIssued:
		s.applyIssued(e, TicketID(r.Seq), at, r.ClockOK)
		return nil
	case TicketReissued:
		return s.applyReissued(e, at, r.ClockOK)
	case RollStarted:
		s.applyRollStarted(e, at)
		return nil
	case RollEnded:
		return s.onRoll(e.Point, e.Category, func(r *Roll) { r.Open, r.Since = false, at })
	case RollTakenBack:
		return s.applyTakenBack(e)
	case AppointmentBooked:
		s.applyBooked(e)
		return nil
	case AppointmentCancelled:
		return s.onAppointment(e.Code, func(a *Appointment) { a.State = AppointmentIsCancelled })
	case AppointmentMissed:
		return s.onAppointment(e.Code, func(a *Appointment) { a.State = AppointmentIsMissed })
	case AppointmentCheckedIn:
		return s.onAppointment(e.Code, func(a *Appointment) { a.State, a.Ticket = AppointmentIsCheckedIn, e.Ticket })
	case TicketUndone:
		return s.applyUndone(e, at)
	}
	id, ok := Subject(r)
	if !ok {
		return fmt.Errorf("event %T is unknown to this release", r.Event)
	}
	t := s.Ticket(id)
	if t == nil {
		return fmt.Errorf("ticket %d was not issued on %s", id, s.Day.ID)
	}
	return s.applyTicket(t, r, at)
}

// here is the instant of the record being applied, on the monotonic clock.
func (s *State) here() Mark { return Mark{Boot: s.Boots, Mono: s.Mono} }

// Subject is the ticket a record is about; false when it is about none, or
// about an appointment.
func Subject(r *Record) (TicketID, bool) {
	switch e := r.Event.(type) {
	case TicketIssued:
		return TicketID(r.Seq), true
	case TicketReissued:
		return e.Ticket, true
	case TicketUndone:
		return e.Ticket, true
	case TicketCalled:
		return e.Ticket, true
	case TicketRecalled:
		return e.Ticket, true
	case TicketStarted:
		return e.Ticket, true
	case TicketFinished:
		return e.Ticket, true
	case TicketLegFinished:
		return e.Ticket, true
	case TicketLegsPlanned:
		return e.Ticket, true
	case TicketClassSet:
		return e.Ticket, true
	case TicketDossiersSet:
		return e.Ticket, true
	case TicketNoShow:
		return e.Ticket, true
	case TicketReactivated:
		return e.Ticket, true
	case TicketParked:
		return e.Ticket, true
	case TicketUnparked:
		return e.Ticket, true
	case TicketTransferred:
		return e.Ticket, true
	case TicketCancelled:
		return e.Ticket, true
	case TicketExpired:
		return e.Ticket, true
	case SlipQueued:
		return e.Ticket, true
	case SlipSending:
		return e.Ticket, true
	case SlipPrinted:
		return e.Ticket, true
	case SlipFailed:
		return e.Ticket, true
	case SlipUnknown:
		return e.Ticket, true
	}
	return 0, false
}

// applyTicket folds what happened to one ticket.
func (s *State) applyTicket(t *Ticket, r *Record, at Stamp) error {
	switch e := r.Event.(type) {
	case TicketCalled:
		return s.applyCalled(t, e, r, at)
	case TicketRecalled:
		t.LastCall, t.LastCallMark, t.Calls = at, s.here(), int32(e.Call)
		s.remember(t, e.Counter, r.Seq, at)
	case TicketStarted:
		return s.applyStarted(t, e, r, at)
	case TicketFinished:
		s.mark(t, e.Counter, r, at)
		s.end(t, e.Counter, at)
		s.move(t, Finished, at)
		t.Outcome = e.Outcome
	case TicketLegFinished:
		s.mark(t, e.Counter, r, at)
		s.applyLegFinished(t, e, at)
	case TicketLegsPlanned:
		s.mark(t, "", r, at)
		t.Next = e.Legs
	case TicketClassSet:
		s.mark(t, "", r, at)
		t.Class, t.Claim, t.Arrival = e.Class, "", e.Arrival
	case TicketDossiersSet:
		s.mark(t, "", r, at)
		s.use(t, e.Dossiers-int(t.Dossiers))
		t.Dossiers = int32(e.Dossiers)
	case TicketNoShow:
		s.mark(t, e.Counter, r, at)
		s.release(t, at)
		s.move(t, Missed, at)
	case TicketReactivated:
		s.mark(t, "", r, at)
		t.Returns++
		t.Front = false // the place before all others went with the cancellation
		s.requeue(t, at, e.Arrival, Returned)
	case TicketParked:
		s.mark(t, e.Counter, r, at)
		s.release(t, at)
		s.move(t, Parked, at)
	case TicketUnparked:
		s.mark(t, s.holder(t), r, at)
		s.requeue(t, at, e.Arrival, Returned)
	case TicketTransferred:
		s.mark(t, s.holder(t), r, at)
		s.release(t, at)
		t.Category, t.Bound, t.Front = e.Category, e.Bound, e.Mode == First
		if e.Point != "" {
			t.Point, s.Mingled = e.Point, true
		}
		s.requeue(t, at, e.Arrival, Moved)
	case TicketCancelled:
		s.mark(t, s.holder(t), r, at)
		s.release(t, at)
		s.move(t, Cancelled, at)
		t.Rebooked = e.Appointment
	case TicketExpired:
		s.release(t, at)
		s.move(t, Expired, at)
		t.NotThere, t.Touched = e.NotThere, 0
	case SlipQueued:
		t.Slip, t.SlipSince, t.Reprint = SlipIsQueued, at, true
	case SlipSending:
		t.Slip, t.SlipSince = SlipIsSending, at
	case SlipPrinted:
		t.Slip, t.SlipSince = SlipIsPrinted, at
	case SlipFailed:
		t.Slip, t.SlipSince = SlipIsFailed, at
	case SlipUnknown:
		t.Slip, t.SlipSince = SlipIsUnknown, at
	}
	return nil
}

func (s *State) applyConfig(c *Config) {
	s.Config, s.index = c, newIndex(c)
	s.Mingled = s.Mingled || len(s.Tickets) > 0
	counters := make([]Counter, len(c.Counters))
	for i, d := range c.Counters {
		counters[i] = Counter{ID: d.ID, State: CounterIsClosed}
		if old := s.Counter(d.ID); old != nil {
			counters[i] = *old
		}
	}
	s.Counters = counters
	for i := range s.Tickets {
		t := &s.Tickets[i]
		if d := c.Desk(t.Bound); d != nil && d.Point != t.Point {
			t.Bound = "" // nobody waits for a counter that has moved away
		}
		s.reindex(t)
	}
	s.Rolls = slices.DeleteFunc(s.Rolls, func(r Roll) bool {
		return c.Point(r.Point) == nil || r.Category != "" && c.Category(r.Category) == nil
	})
	s.handOnPrefixes()
}

// handOnPrefixes lets a series that has taken over another one's prefix during
// the day begin after what that one gave out: no label names two people.
func (s *State) handOnPrefixes() {
	for i := range s.Tickets {
		t := &s.Tickets[i]
		prefix := strings.TrimRight(t.Label, "0123456789")
		for k := range s.Config.Series {
			series := &s.Config.Series[k]
			if series.Prefix != prefix || series.ID == t.Series || t.Entry == EntryRoll {
				continue
			}
			c := s.count(t.Point, series.ID)
			if c == nil {
				s.Series = append(s.Series, SeriesCount{Point: t.Point, Series: series.ID})
				c = &s.Series[len(s.Series)-1]
			}
			c.Last = max(c.Last, int(t.Number))
		}
	}
}

// applyDayOpened begins a day with nothing, or goes on with the one just closed.
func (s *State) applyDayOpened(e DayOpened, at Stamp) {
	if e.Day == s.Day.ID {
		s.Day.Open, s.Day.Closed = true, 0
		return
	}
	s.Day = BusinessDay{ID: e.Day, Open: true, Opened: at}
	s.Tickets, s.Series, s.Calls, s.waiting = nil, nil, nil, nil
	s.Used, s.Undos, s.Mingled = nil, nil, false
	s.Rolls, s.Back = nil, nil
	s.Appointments = slices.DeleteFunc(s.Appointments, func(a Appointment) bool { return DayOf(a.Slot.Time()) < e.Day })
	for i := range s.Counters {
		s.Counters[i] = Counter{ID: s.Counters[i].ID, State: CounterIsClosed}
	}
}

func (s *State) applyCounterClosed(e CounterClosed, at Stamp) error {
	for i := range s.Tickets {
		// Nobody waits, or comes back to wait, for a counter that has gone home.
		if t := &s.Tickets[i]; t.Bound == e.Counter {
			t.Bound = ""
			s.reindex(t)
		}
	}
	return s.onCounter(e.Counter, func(c *Counter) {
		c.State, c.Staff, c.Pause, c.Until, c.Since = CounterIsClosed, "", "", 0, at
	})
}

func (s *State) applyIssued(e TicketIssued, id TicketID, at Stamp, clockOK bool) {
	t := Ticket{
		ID: id, Label: e.Label, Number: int32(e.Number), Series: e.Series, Point: e.Point,
		Category: e.Category, Class: e.Class, State: Waiting, Dossiers: int32(e.Dossiers), Entry: e.Entry, Ref: e.Ref,
		Issued: at, ClockOK: clockOK, Arrival: at, Since: at, SinceMark: s.here(), Slip: SlipIsQueued, SlipSince: at,
		Origin: e.Category, TakenAt: e.Point, Session: e.Session, Slot: e.Slot, Claim: e.Claim, Next: e.Legs,
	}
	if e.Arrival != 0 {
		t.Arrival = e.Arrival
	}
	if !e.Entry.Paper() {
		t.Slip, t.SlipSince = SlipNone, 0
	}
	s.reindex(&t)
	if n := len(s.Tickets); n == 0 || s.Tickets[n-1].ID < id {
		s.waiting = append(s.waiting, int32(n))
		s.Tickets = append(s.Tickets, t)
	} else { // a number that had been taken back
		i := slices.IndexFunc(s.Tickets, func(o Ticket) bool { return o.ID > id })
		s.Tickets = slices.Insert(s.Tickets, i, t)
		s.rewait()
	}
	s.use(&t, e.Dossiers)
	if e.Entry == EntryRoll {
		s.Mingled = true
		s.unroll(&t)
		return
	}
	if c := s.count(e.Point, e.Series); c != nil {
		c.Last = e.Number
		return
	}
	s.Series = append(s.Series, SeriesCount{Point: e.Point, Series: e.Series, Last: e.Number})
}

// use counts dossiers in the session and category the ticket was issued for.
func (s *State) use(t *Ticket, dossiers int) {
	if t.Session == "" {
		return
	}
	for i := range s.Used {
		if u := &s.Used[i]; u.Session == t.Session && u.Category == t.Origin && u.Point == t.TakenAt {
			u.Dossiers += dossiers
			return
		}
	}
	s.Used = append(s.Used, Used{Session: t.Session, Category: t.Origin, Point: t.TakenAt, Dossiers: dossiers})
}

func (s *State) applyCalled(t *Ticket, e TicketCalled, r *Record, at Stamp) error {
	c := s.Counter(e.Counter)
	if c == nil {
		return noCounter(e.Counter)
	}
	s.markCall(t, e, r, at)
	s.move(t, Called, at)
	t.Counter, t.Reason, t.LastCall, t.LastCallMark, t.Calls, t.Front = e.Counter, e.Reason, at, s.here(), 1, false
	if t.FirstCall == 0 {
		t.FirstCall = at
	}
	s.remember(t, e.Counter, r.Seq, at)
	c.Ticket = e.Ticket
	return nil
}

// applyStarted begins a service: of the called ticket, or of one taken at the
// counter without a call.
func (s *State) applyStarted(t *Ticket, e TicketStarted, r *Record, at Stamp) error {
	direct := t.State == Waiting
	s.mark(t, e.Counter, r, at)
	s.move(t, Serving, at)
	t.Started = at
	if !direct {
		return nil
	}
	c := s.Counter(e.Counter)
	if c == nil {
		return noCounter(e.Counter)
	}
	t.Counter, t.FirstCall, t.LastCall, t.LastCallMark, c.Ticket = e.Counter, at, at, s.here(), t.ID
	s.Undos[len(s.Undos)-1].Before.State = Cancelled // there is no queue to go back to
	return nil
}

func (s *State) applyLegFinished(t *Ticket, e TicketLegFinished, at Stamp) {
	s.end(t, e.Counter, at)
	since := t.LegSince
	if since == 0 {
		since = t.Issued
	}
	t.Past = append(slices.Clip(t.Past), Leg{Category: t.Category, Point: t.Point, Counter: e.Counter, Since: since,
		FirstCall: t.FirstCall, Started: t.Started, Ended: at, Served: t.Served, Outcome: e.Outcome})
	if i := slices.Index(t.Next, e.Next); i >= 0 {
		t.Next = t.Next[i+1:]
	}
	s.Mingled = s.Mingled || t.Point != e.Point
	t.Category, t.Point, t.Bound, t.Front, t.LegSince = e.Next, e.Point, "", false, at
	t.FirstCall, t.LastCall, t.LastCallMark, t.Started, t.Served, t.Reason = 0, 0, Mark{}, 0, 0, Reason{}
	s.requeue(t, at, e.Arrival, Moved)
}

// end releases a ticket whose service is done.
func (s *State) end(t *Ticket, counter CounterID, at Stamp) {
	s.release(t, at)
	if c := s.Counter(counter); c != nil {
		c.Served++
	}
}

func (s *State) applyBooked(e AppointmentBooked) {
	a := s.Appointment(e.Code)
	if a == nil {
		s.Appointments = append(s.Appointments, Appointment{})
		a = &s.Appointments[len(s.Appointments)-1]
	}
	*a = Appointment{Code: e.Code, Slot: e.Slot, Category: e.Category, Point: e.Point, Session: e.Session,
		Dossiers: int32(e.Dossiers), State: AppointmentIsBooked}
}

func (s *State) onAppointment(code string, f func(*Appointment)) error {
	a := s.Appointment(code)
	if a == nil {
		return fmt.Errorf("appointment %q was not booked", code)
	}
	f(a)
	return nil
}

// remember keeps the call for the boards.
func (s *State) remember(t *Ticket, c CounterID, seq Seq, at Stamp) {
	if len(s.Calls) == keptCalls {
		s.Calls = s.Calls[1:]
	}
	s.Calls = append(s.Calls, Call{Seq: seq, At: at, Ticket: t.ID, Label: t.Label, Category: t.Category, Class: t.Class,
		Point: t.Point, Counter: c, Nth: int(t.Calls), Reason: t.Reason})
}

// release frees the counter that holds the ticket and closes its serving interval.
func (s *State) release(t *Ticket, at Stamp) {
	if t.State == Serving {
		t.Served += at - t.Started
	}
	if t.State.Held() {
		if c := s.Counter(t.Counter); c != nil && c.Ticket == t.ID {
			c.Ticket = 0
		}
	}
}

// requeue puts a ticket back among the waiting.
func (s *State) requeue(t *Ticket, at, arrival Stamp, cause ArrivalCause) {
	s.move(t, Waiting, at)
	t.Arrival, t.ArrivalCause, t.Calls = arrival, cause, 0
	s.reindex(t)
}

// move changes a ticket's state and keeps the list of the waiting.
func (s *State) move(t *Ticket, to TicketState, at Stamp) {
	if (t.State == Waiting) != (to == Waiting) {
		id := t.ID
		k, found := slices.BinarySearchFunc(s.waiting, id, func(i int32, id TicketID) int {
			switch o := s.Tickets[i].ID; {
			case o < id:
				return -1
			case o > id:
				return 1
			}
			return 0
		})
		if to == Waiting && !found {
			i, _ := slices.BinarySearchFunc(s.Tickets, id, func(o Ticket, id TicketID) int {
				switch {
				case o.ID < id:
					return -1
				case o.ID > id:
					return 1
				}
				return 0
			})
			s.waiting = slices.Insert(s.waiting, k, int32(i))
		} else if to != Waiting && found {
			s.waiting = slices.Delete(s.waiting, k, k+1)
		}
	}
	t.State, t.Since, t.SinceMark = to, at, s.here()
}

func (s *State) onCounter(id CounterID, f func(*Counter)) error {
	c := s.Counter(id)
	if c == nil {
		return noCounter(id)
	}
	f(c)
	return nil
}

func noCounter(id CounterID) error { return fmt.Errorf("counter %q is not in the configuration", id) }
