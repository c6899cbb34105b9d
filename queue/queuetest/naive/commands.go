package naive

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"motcua/queue"
)

const minute = queue.Stamp(60_000)

func (m *Model) openCounter(c queue.OpenCounter) string {
	k, d := m.counter(c.Counter), m.desk(c.Counter)
	switch {
	case k == nil:
		return noCounter
	case !m.Open:
		return dayClosed
	case d.Draining && !m.stillNeeded(d):
		return shut
	case k.State == queue.CounterIsOpen && k.Staff == c.Staff:
		return wrongState
	case k.State == queue.CounterIsOpen && k.Ticket != 0:
		return busy
	}
	for _, o := range m.Counters {
		if o != k && c.Staff != "" && o.Staff == c.Staff && o.State != queue.CounterIsClosed {
			return "conflict/staff_elsewhere"
		}
	}
	k.State, k.Staff, k.Pause, k.Until = queue.CounterIsOpen, c.Staff, "", 0
	if _, to := m.breakNow(k.ID); to != 0 {
		k.BreakTo = to // who opens during a planned break waives the rest
	}
	return ""
}

// stillNeeded reports whether a counter that was taken out has anything left.
func (m *Model) stillNeeded(d *queue.Desk) bool {
	return slices.ContainsFunc(m.Tickets, func(t *Ticket) bool {
		return t.State == queue.Parked && t.Counter == d.ID || t.State == queue.Waiting && m.mayCall(d, t)
	})
}

// mayCall reports whether a counter may call a waiting ticket by the rules.
func (m *Model) mayCall(d *queue.Desk, t *Ticket) bool {
	if m.desk(t.Bound) != nil {
		return t.Point == d.Point && t.Bound == d.ID
	}
	return t.Point == d.Point && serves(d, t.Category)
}

func (m *Model) pauseCounter(c queue.PauseCounter) string {
	k := m.counter(c.Counter)
	switch {
	case k == nil:
		return noCounter
	case !slices.Contains([]queue.PauseReason{"", queue.PauseBreak, queue.PauseLunch, queue.PauseDesk, queue.PauseOther}, c.Reason):
		return badField
	case c.Minutes < 0 || c.Minutes > 480:
		return badField
	case k.State == queue.CounterIsClosed:
		return shut
	case k.State == queue.CounterIsPaused:
		return wrongState
	case k.Ticket != 0:
		return busy
	}
	k.State, k.Pause, k.Until = queue.CounterIsPaused, c.Reason, 0
	if c.Minutes > 0 {
		k.Until = m.now + queue.Stamp(c.Minutes)*minute
	}
	return ""
}

func (m *Model) closeCounter(id queue.CounterID) string {
	k := m.counter(id)
	switch {
	case k == nil:
		return noCounter
	case k.State == queue.CounterIsClosed:
		return shut
	case k.Ticket != 0:
		return busy
	}
	k.State, k.Staff, k.Pause, k.Until = queue.CounterIsClosed, "", "", 0
	m.unbind(id)
	return ""
}

// unbind makes what waits, or may wait again, for a counter anyone's.
func (m *Model) unbind(id queue.CounterID) {
	for _, t := range m.Tickets {
		if t.Bound == id && t.State != queue.Finished && t.State != queue.Expired {
			t.Bound = ""
		}
	}
}

// ready says why a counter can't take a ticket.
func (m *Model) ready(id queue.CounterID) string {
	k := m.counter(id)
	switch {
	case k == nil:
		return noCounter
	case k.State != queue.CounterIsOpen:
		return shut
	case k.Ticket != 0:
		return busy
	}
	return ""
}

func (m *Model) callNext(id queue.CounterID) string {
	if no := m.ready(id); no != "" {
		return no
	}
	t, why := m.pick(id)
	if t == nil {
		return "not_found/queue_empty"
	}
	m.remember(id, t)
	m.call(id, t, why)
	return ""
}

// call takes a ticket from the queue, or from where it was parked, to a counter.
func (m *Model) call(id queue.CounterID, t *Ticket, why queue.ReasonCode) {
	m.to(t, queue.Called)
	if t.FirstCall == 0 {
		t.FirstCall = m.now
	}
	t.LastCall, t.Calls, t.Why, t.Counter, t.Front = m.now, 1, why, id, false
	m.counter(id).Ticket = t.ID
}

func (m *Model) callTicket(c queue.CallTicket) string {
	t := m.ticket(c.Ticket)
	if t != nil && (t.State == queue.Called || t.State == queue.Serving) {
		return taken
	}
	if _, no := m.in(c.Ticket, queue.Waiting, queue.Parked); no != "" {
		return no
	}
	if no := m.ready(c.Counter); no != "" {
		return no
	}
	if no := m.mayTouch(c.Counter, t); no != "" {
		return no
	}
	d := m.desk(c.Counter)
	switch {
	case d.Draining && t.State == queue.Waiting && !m.mayCall(d, t):
		return shut // it only finishes what nobody else may
	case d.Point != t.Point:
		return "denied/point"
	case c.Reason == "" && t.State == queue.Parked:
	case !slices.Contains([]queue.CallReason{queue.CallAccompanied, queue.CallSupervisor, queue.CallCorrection, queue.CallOther}, c.Reason):
		return badField
	}
	m.remember(c.Counter, t)
	m.call(c.Counter, t, queue.ByHand)
	return ""
}

func (m *Model) recall(c queue.Recall) string {
	t, no := m.held(c.Counter, c.Ticket, queue.Called)
	if no != "" {
		return no
	}
	if m.now-t.LastCall < queue.Stamp(m.Config.Calls.RecallAfter)*1000 {
		return "conflict/too_soon"
	}
	t.Calls++
	t.LastCall = m.now
	return ""
}

func (m *Model) start(c queue.Start) string {
	t, no := m.held(c.Counter, c.Ticket, queue.Called)
	if no != "" {
		return no
	}
	m.remember(t.Counter, t)
	m.to(t, queue.Serving)
	t.Started = m.now
	return ""
}

func (m *Model) finish(c queue.Finish) string {
	t, no := m.held(c.Counter, c.Ticket, queue.Serving)
	if no != "" {
		return no
	}
	o := cmp.Or(c.Outcome, queue.Done)
	if !slices.Contains([]queue.Outcome{queue.Done, queue.PapersMissing, queue.FiledOnline, queue.WrongPlace, queue.Left}, o) {
		return badField
	}
	id := t.Counter
	m.remember(id, t)
	m.counter(id).Served++
	m.end(t, o)
	// A planned break that has come goes before the next ticket.
	if c.Next && m.counter(id).State == queue.CounterIsOpen {
		if n, why := m.pick(id); n != nil {
			m.rememberNext(id, t, n)
			m.call(id, n, why)
		}
	}
	return ""
}

// end ends a service: the visit goes on to its next leg, or is over.
func (m *Model) end(t *Ticket, o queue.Outcome) {
	id := t.Counter
	for i, next := range t.Next {
		k := m.category(next)
		if o != queue.Done || k == nil || k.Draining {
			continue
		}
		at := m.where(k, t.Point, t.Series)
		if at == "" || m.twin(t, at) {
			continue
		}
		m.to(t, queue.Waiting)
		t.Past = append(slices.Clone(t.Past), queue.Leg{Category: t.Category, Point: t.Point, Counter: id,
			Since: cmp.Or(t.LegSince, t.Issued), FirstCall: t.FirstCall, Started: t.Started, Ended: m.now, Served: t.Served, Outcome: o})
		t.Category, t.Point, t.Next, t.LegSince = k.ID, at, t.Next[i+1:], m.now
		t.FirstCall, t.LastCall, t.Calls, t.Why, t.Started, t.Served = 0, 0, 0, "", 0, 0
		t.Bound, t.Front, t.Cause = "", false, queue.Moved
		m.breaks(id)
		return
	}
	m.to(t, queue.Finished)
	t.Outcome = o
	m.breaks(id)
}

func (m *Model) noShow(c queue.NoShow) string {
	t, no := m.held(c.Counter, c.Ticket, queue.Called)
	if no != "" {
		return no
	}
	// Since is when the call that stands was made.
	if t.Calls < m.Config.Calls.NoShowCalls && m.now-t.Since < queue.Stamp(m.Config.Calls.NoShowAfter)*1000 {
		return "conflict/too_soon"
	}
	m.remember(t.Counter, t)
	m.to(t, queue.Missed)
	m.breaks(t.Counter)
	return ""
}

func (m *Model) park(c queue.Park) string {
	t, no := m.held(c.Counter, c.Ticket, queue.Called, queue.Serving)
	if no != "" {
		return no
	}
	m.remember(t.Counter, t)
	m.to(t, queue.Parked)
	m.breaks(t.Counter)
	return ""
}

// back puts a ticket into the queue again, arrived as it comes back now.
func (m *Model) back(t *Ticket, arrival queue.Stamp) {
	m.to(t, queue.Waiting)
	t.Arrival, t.Cause, t.Calls = arrival, queue.Returned, 0
}

func (m *Model) credited(t *Ticket) queue.Stamp {
	return max(t.Arrival, m.now-queue.Stamp(m.Config.Routing.ReturnCredit)*minute)
}

func (m *Model) unpark(c queue.Unpark) string {
	t, no := m.in(c.Ticket, queue.Parked)
	if no != "" {
		return no
	}
	if m.role != queue.Greeter {
		if no := m.mayTouch(c.Counter, t); no != "" {
			return no
		}
	}
	m.remember("", t)
	m.back(t, m.credited(t))
	return ""
}

func (m *Model) reactivate(c queue.Reactivate) string {
	t, no := m.in(c.Ticket, queue.Missed, queue.Cancelled)
	if no != "" {
		return no
	}
	switch {
	case t.Returns > 0:
		return "conflict/limit_reached"
	case !m.Open:
		return dayClosed
	case t.Rebooked != "":
		return "conflict/limit_reached"
	case !m.called(t.Category, t.Point):
		return notHere
	}
	m.remember("", t)
	arrival := m.now
	if t.State == queue.Missed && m.now-t.Since <= queue.Stamp(m.Config.Routing.ReturnWithin)*minute {
		arrival = m.credited(t)
	}
	m.back(t, arrival)
	t.Returns++
	t.Front = false
	return ""
}

func (m *Model) transfer(c queue.Transfer) string {
	t, no := m.held(c.Counter, c.Ticket, queue.Waiting, queue.Called, queue.Serving, queue.Parked)
	if no != "" {
		return no
	}
	mode := cmp.Or(c.Mode, queue.Keep)
	if mode != queue.Keep && mode != queue.First && mode != queue.Last || c.ToCategory == "" && c.ToCounter == "" {
		return badField
	}
	k, at := m.category(cmp.Or(c.ToCategory, t.Category)), t.Point
	if c.ToCounter != "" {
		x, d := m.counter(c.ToCounter), m.desk(c.ToCounter)
		if x == nil {
			return noCounter
		}
		at = d.Point
		s := m.series(t.Series)
		if at != t.Point && (s == nil || !s.AcrossPoints || m.twin(t, at)) || x.State == queue.CounterIsClosed || d.Draining {
			return notHere
		}
	}
	if k == nil {
		return noCategory
	}
	if c.ToCounter != "" && !m.called(k.ID, at) {
		return notHere // nobody would call it once that counter closes
	}
	if c.ToCounter == "" {
		own := k.ID == t.Category
		at = m.where(k, t.Point, t.Series)
		if at == "" && own {
			at = t.Point // to its own category a ticket may always go back
		}
		if at == "" || k.Draining && !own || !m.served(k.ID, at) || m.twin(t, at) {
			return notHere
		}
	}
	m.remember(m.holder(t), t)
	from := t.Counter
	held := t.State == queue.Called || t.State == queue.Serving
	m.to(t, queue.Waiting)
	t.Category, t.Point, t.Bound, t.Front, t.Cause, t.Calls = k.ID, at, c.ToCounter, mode == queue.First, queue.Moved, 0
	if mode == queue.Last {
		t.Arrival = max(m.now, t.Arrival)
	}
	if held {
		m.breaks(from)
	}
	return ""
}

// called reports whether a counter of the point calls tickets of the category.
func (m *Model) called(id queue.CategoryID, at queue.PointID) bool { return calls(m.Config, id, at) }

func calls(c *queue.Config, id queue.CategoryID, at queue.PointID) bool {
	return slices.ContainsFunc(c.Counters, func(d queue.Desk) bool { return d.Point == at && serves(&d, id) })
}

// served reports whether a counter of the point that isn't closed serves the category.
func (m *Model) served(id queue.CategoryID, at queue.PointID) bool {
	for _, d := range m.Config.Counters {
		if d.Point == at && serves(&d, id) && m.counter(d.ID).State != queue.CounterIsClosed {
			return true
		}
	}
	return false
}

func (m *Model) cancel(c queue.Cancel) string {
	t, no := m.held(c.Counter, c.Ticket, queue.Waiting, queue.Called, queue.Parked, queue.Missed)
	if no != "" {
		return no
	}
	m.remember(m.holder(t), t)
	held := t.State == queue.Called
	m.to(t, queue.Cancelled)
	if held {
		m.breaks(t.Counter)
	}
	return ""
}

func (m *Model) setClass(c queue.SetClass) string {
	t, no := m.in(c.Ticket, queue.Waiting, queue.Parked, queue.Missed)
	if no != "" {
		return no
	}
	class, claim, no := m.granted(c.Class)
	switch {
	case no != "":
		return no
	case claim != "" || !m.staff():
		return byStaff
	case class == t.Class && t.Claim == "":
		return wrongState
	}
	m.remember("", t)
	t.Class, t.Claim = class, ""
	if t.Slot != 0 && t.Cause == queue.Arrived {
		switch class {
		case queue.Normal:
		case queue.Appointed:
			t.Arrival = max(t.Slot, t.Issued)
		default: // priority counts from the check-in
			t.Arrival = t.Issued
		}
	}
	return ""
}

// granted is the class somebody gets who asks for one, and the one only claimed.
func (m *Model) granted(id queue.ClassID) (class, claim queue.ClassID, no string) {
	id = orNormal(id)
	k := m.class(id)
	switch {
	case id == queue.Normal:
		return id, "", ""
	case k == nil || k.Draining:
		return "", "", "not_found/class"
	case m.mayGrant(k):
		return id, "", ""
	case k.Button && !m.staff():
		return queue.Normal, id, ""
	}
	return "", "", byStaff
}

// mayGrant reports whether who asks may grant the class.
func (m *Model) mayGrant(k *queue.Class) bool {
	if len(k.Grant) > 0 {
		return slices.Contains(k.Grant, m.role)
	}
	return m.staff()
}

func (m *Model) staff() bool {
	return m.role == queue.Greeter || m.role == queue.Officer || m.role == queue.Supervisor
}

func (m *Model) setDossiers(c queue.SetDossiers) string {
	t, no := m.in(c.Ticket, queue.Waiting, queue.Called, queue.Serving, queue.Parked, queue.Missed)
	if no != "" {
		return no
	}
	switch {
	case c.Dossiers < 1 || c.Dossiers > 99:
		return badField
	case !m.staff():
		return byStaff
	case c.Dossiers == t.Dossiers:
		return wrongState
	}
	m.remember("", t)
	t.Dossiers = c.Dossiers
	return ""
}

func (m *Model) planLegs(c queue.PlanLegs) string {
	t, no := m.in(c.Ticket, queue.Waiting, queue.Called, queue.Serving, queue.Parked, queue.Missed)
	if no != "" {
		return no
	}
	if !m.staff() {
		return byStaff
	}
	if no := m.wrongLegs(c.Legs, t.Point, t.Series); no != "" {
		return no
	}
	if slices.Equal(c.Legs, t.Next) {
		return wrongState
	}
	m.remember("", t)
	t.Next = slices.Clone(c.Legs)
	return ""
}

func (m *Model) wrongLegs(legs []queue.CategoryID, at queue.PointID, series queue.SeriesID) string {
	if len(legs) > queue.MaxLegs {
		return badField
	}
	for _, l := range legs {
		k := m.category(l)
		if k == nil {
			return noCategory
		}
		if k.Draining || m.where(k, at, series) == "" {
			return notHere
		}
	}
	return ""
}

// holder is the counter a ticket is at.
func (m *Model) holder(t *Ticket) queue.CounterID {
	if t.State == queue.Called || t.State == queue.Serving || t.State == queue.Parked {
		return t.Counter
	}
	return ""
}

func (m *Model) window() queue.Stamp {
	return queue.Stamp(cmp.Or(m.Config.Calls.UndoWithin, 10)) * 1000
}

// remember keeps a ticket as it is before a command, so that it may be undone:
// one command for each counter, one for each ticket at none.
func (m *Model) remember(c queue.CounterID, t *Ticket) {
	m.undos = slices.DeleteFunc(m.undos, func(u undo) bool {
		return m.now-u.at > m.window() || u.counter == c && (c != "" || u.before.ID == t.ID)
	})
	m.keep(undo{counter: c, at: m.now, before: *t}, t)
}

// rememberNext is remember for the call that belongs to a finish.
func (m *Model) rememberNext(c queue.CounterID, finished, t *Ticket) {
	m.keep(undo{counter: c, at: m.now, before: *t, finished: finished.ID}, t)
}

func (m *Model) keep(u undo, t *Ticket) {
	m.marks++
	u.mark, t.mark = m.marks, m.marks
	m.undos = append(m.undos, u)
	if k := m.counter(u.counter); k != nil {
		k.last = t.ID
	}
}

func (m *Model) undo(c queue.Undo) string {
	id, at := int(c.Ticket), m.counter(c.Counter)
	switch {
	case c.Counter != "" && at == nil:
		return noCounter
	case id == 0 && at != nil:
		id = at.last
	}
	if id == 0 {
		return wrongState
	}
	t := m.ticket(queue.TicketID(id))
	switch {
	case t == nil:
		return noTicket
	case t.State == queue.Expired:
		return "closed/day_over"
	case t.mark == 0:
		return wrongState
	case !m.Open:
		return dayClosed
	}
	var mine, last *undo
	for i := range m.undos {
		if u := &m.undos[i]; u.before.ID == id {
			last = u
			if u.counter == c.Counter {
				mine = u
			}
		}
	}
	u := last
	switch {
	case mine != nil && mine.mark == t.mark:
		u = mine
	case c.Counter != "" && mine != nil:
		return taken
	case last == nil || last.mark != t.mark:
		if at != nil && at.Ticket != 0 && at.Ticket != id && t.Counter == at.ID && m.now-t.Since <= m.window() {
			return busy
		}
		return tooLate
	case last.counter != "" && (c.Counter != "" || m.role != queue.Supervisor):
		return notHolder
	}
	if m.now-u.at > m.window() {
		return tooLate
	}
	// A finish and the call of the next ticket are one command.
	both := []undo{*u}
	for _, o := range m.undos {
		if o.mark == u.mark || o.counter != u.counter {
			continue
		}
		if u.finished != 0 && o.before.ID == u.finished {
			both = []undo{*u, o}
		} else if o.finished == id {
			both = []undo{o, *u}
		}
	}
	for i, x := range both {
		again := i > 0 && x.before.ID == both[0].before.ID // the citizen was called for the next leg
		if !again && m.ticket(queue.TicketID(x.before.ID)).mark != x.mark {
			return taken
		}
		if x.before.State != queue.Cancelled && x.before.State != queue.Finished && !m.called(x.before.Category, x.before.Point) {
			return notHere
		}
		if a := m.appointment(m.ticket(queue.TicketID(x.before.ID)).Rebooked); a != nil && a.State == queue.AppointmentIsCheckedIn {
			return taken // the citizen has come back by it
		}
		if x.before.State != queue.Called && x.before.State != queue.Serving {
			continue
		}
		k := m.counter(x.before.Counter)
		switch {
		case k == nil:
			return noCounter
		case k.State == queue.CounterIsClosed:
			return shut
		case k.Ticket != 0 && k.Ticket != x.before.ID && k.Ticket != both[0].before.ID:
			return busy
		}
	}
	for _, x := range both {
		m.restore(x)
	}
	return ""
}

// restore makes a ticket what it was; its paper stays.
func (m *Model) restore(u undo) {
	t, b := m.ticket(queue.TicketID(u.before.ID)), u.before
	if k := m.counter(u.counter); k != nil {
		k.last = 0
		if t.State == queue.Finished || len(t.Past) > len(b.Past) {
			k.Served--
		}
	}
	if k := m.counter(t.Counter); k != nil && k.Ticket == t.ID {
		k.Ticket = 0
	}
	if t.Rebooked != "" {
		if a := m.appointment(t.Rebooked); a != nil && a.State == queue.AppointmentIsBooked {
			a.State = queue.AppointmentIsCancelled
		}
	}
	b.Slip, b.mark = t.Slip, 0
	if k := m.counter(b.Bound); b.Bound != "" && (k == nil || k.State == queue.CounterIsClosed) {
		b.Bound = ""
	}
	*t = b
	m.release(t)
	if k := m.counter(t.Counter); t.State == queue.Called || t.State == queue.Serving {
		if k.State == queue.CounterIsPaused && k.Until == k.BreakTo {
			k.BreakTo = 0 // the break comes when the ticket is done
		}
		k.Ticket, k.State, k.Pause, k.Until = t.ID, queue.CounterIsOpen, "", 0
	}
	m.undos = slices.DeleteFunc(m.undos, func(o undo) bool { return o.mark == u.mark })
}

func (m *Model) reprint(c queue.ReprintSlip) string {
	t, no := m.in(c.Ticket, queue.Waiting, queue.Called, queue.Serving, queue.Parked, queue.Missed)
	if no != "" {
		return no
	}
	if t.Slip == queue.SlipIsQueued || t.Slip == queue.SlipIsSending {
		return wrongState
	}
	t.Slip = queue.SlipIsQueued
	return ""
}

// slipMoved takes every move that a print spool may have seen.
func (m *Model) slipMoved(c queue.SlipMoved) string {
	t := m.ticket(c.Ticket)
	if t == nil {
		return noTicket
	}
	if !slices.Contains([]queue.SlipState{queue.SlipIsSending, queue.SlipIsPrinted, queue.SlipIsFailed, queue.SlipIsUnknown}, c.To) {
		return badField
	}
	t.Slip = c.To
	return ""
}

// number is the next one of a series that nobody has at the point; past the
// range it goes on in four digits.
func (m *Model) number(s *queue.Series, at queue.PointID) int {
	n := s.From
	for run, last := range m.Series {
		if run.Series == s.ID && (run.Point == at || s.AcrossPoints) {
			n = max(n, last+1)
		}
	}
	for ; ; n++ {
		if n > s.To {
			n = max(n, 1000)
		}
		l := label(s, n)
		if !slices.ContainsFunc(m.Tickets, func(t *Ticket) bool { return t.Point == at && t.Label == l }) {
			return n
		}
	}
}

func label(s *queue.Series, n int) string { return fmt.Sprintf("%s%03d", s.Prefix, n) }

// add gives out the number; what stands in t is kept.
func (m *Model) add(t Ticket) (*Ticket, string) {
	s := m.series(m.category(t.Category).Series)
	n := m.number(s, t.Point)
	if n > 9999 {
		return nil, "closed/series_full"
	}
	m.Series[Run{t.Point, s.ID}] = n
	t.ID, t.Label, t.Number, t.Series = m.ID, label(s, n), n, s.ID
	t.State, t.Origin, t.TakenAt = queue.Waiting, t.Category, t.Point
	t.Issued, t.Since = m.now, m.now
	t.Arrival = cmp.Or(t.Arrival, m.now)
	if t.Entry != queue.EntryDirect {
		t.Slip = queue.SlipIsQueued
	}
	m.Tickets = append(m.Tickets, &t)
	return &t, ""
}

func (m *Model) issue(c queue.Issue) string {
	if !m.Open {
		return dayClosed
	}
	at := cmp.Or(c.Point, m.Config.Points[0].ID)
	if !slices.ContainsFunc(m.Config.Points, func(p queue.Point) bool { return p.ID == at && !p.Draining }) {
		return "not_found/point"
	}
	if c.Entry == queue.EntryReceipt && c.Category == "" {
		for _, k := range m.Config.Categories {
			if c.Category == "" && k.Results && !k.Draining && m.offered(&k, at) {
				c.Category = k.ID
			}
		}
		if c.Category == "" {
			return notHere
		}
	}
	t, no := m.order(c.Category, at, c.Class, c.Dossiers)
	if no != "" {
		return no
	}
	k := m.category(c.Category)
	if a := m.Config.Agents; a.Category != "" && t.Dossiers > a.Above && k.ID != a.Category {
		return "closed/bulk_elsewhere"
	}
	if len(c.Legs) > 0 {
		if !m.staff() {
			return byStaff
		}
		if no := m.wrongLegs(c.Legs, at, k.Series); no != "" {
			return no
		}
		t.Next = c.Legs
	}
	if t.Session, no = m.hours(k, at, t.Dossiers); no != "" {
		return no
	}
	t.Entry = c.Entry
	_, no = m.add(t)
	return no
}

// order is the ticket of who asks for a number of a category at a point.
func (m *Model) order(id queue.CategoryID, at queue.PointID, class queue.ClassID, n int) (t Ticket, no string) {
	k := m.category(id)
	switch {
	case k == nil:
		return t, noCategory
	case k.Draining || !m.offered(k, at):
		return t, notHere
	}
	t = Ticket{Category: id, Point: at, Dossiers: cmp.Or(n, 1)}
	t.Class, t.Claim, no = m.granted(class)
	switch {
	case no != "":
	case t.Dossiers < 1 || t.Dossiers > 99:
		no = badField
	case t.Dossiers > 1 && !m.staff():
		no = byStaff
	}
	for _, l := range k.Then {
		if x := m.category(l); x != nil && !x.Draining && m.where(x, at, k.Series) != "" {
			t.Next = append(t.Next, l)
		}
	}
	return t, no
}

func (m *Model) walkDirect(c queue.WalkDirect) string {
	if no := m.ready(c.Counter); no != "" {
		return no
	}
	d := m.desk(c.Counter)
	if d.Draining {
		return shut
	}
	x, no := m.order(c.Category, d.Point, c.Class, c.Dossiers)
	if no != "" {
		return no
	}
	x.Entry, x.Session = queue.EntryDirect, m.present(m.category(c.Category))
	t, no := m.add(x)
	if no != "" {
		return no
	}
	m.remember(d.ID, t)
	m.undos[len(m.undos)-1].before.State = queue.Cancelled // there is no queue to go back to
	m.to(t, queue.Serving)
	t.Counter, t.Started, t.FirstCall, t.LastCall = d.ID, m.now, m.now, m.now
	m.counter(d.ID).Ticket = t.ID
	return ""
}

func (m *Model) openDay(d queue.Day) string {
	today := queue.DayOf(m.now.Time())
	if d != "" {
		if x, err := time.Parse(time.DateOnly, string(d)); err != nil || x.Format(time.DateOnly) != string(d) {
			return badField
		}
	} else if d = today; !m.clock && m.Day != "" {
		d = m.Day
	}
	switch {
	case d < m.Day:
		return "conflict/day_backwards"
	case m.Open:
		return wrongState
	case m.clock && d > today || m.Day != "" && days(m.Day, d) > 366:
		return "conflict/day_ahead"
	}
	m.begin(d)
	return ""
}

// days is how many lie between two dates.
func days(from, to queue.Day) int {
	a, _ := time.Parse(time.DateOnly, string(from))
	b, _ := time.Parse(time.DateOnly, string(to))
	return int(b.Sub(a).Hours() / 24)
}

// begin opens a day; a new one begins without tickets, numbers and old rules.
func (m *Model) begin(d queue.Day) {
	if d != m.Day {
		m.settle()
		m.Tickets, m.undos, m.Series = nil, nil, map[Run]int{}
		for i, k := range m.Counters {
			m.Counters[i] = &Counter{ID: k.ID, State: queue.CounterIsClosed}
		}
		m.Booked = slices.DeleteFunc(m.Booked, func(a *Appointment) bool { return queue.DayOf(a.Slot.Time()) < d })
	}
	m.Day, m.Open = d, true
}

// closeDay ends the day; by force what is called or served ends as well.
func (m *Model) closeDay(force bool) string {
	if !m.Open {
		return dayClosed
	}
	for _, k := range m.Counters {
		if k.Ticket != 0 && !force {
			return busy
		}
	}
	m.Totals = queue.Totals{Issued: len(m.Tickets)}
	for _, t := range m.Tickets {
		switch t.State {
		case queue.Waiting, queue.Parked:
			m.to(t, queue.Expired)
			t.mark = 0
		case queue.Called, queue.Missed:
			m.to(t, queue.Expired)
			t.NotThere, t.mark = true, 0
		case queue.Serving:
			m.remember(t.Counter, t)
			m.counter(t.Counter).Served++
			m.to(t, queue.Finished)
			t.Outcome = queue.AutoClosed
		}
		switch {
		case t.NotThere:
			m.Totals.NoShow++
		case t.State == queue.Finished:
			m.Totals.Finished++
		case t.State == queue.Cancelled:
			m.Totals.Cancelled++
		default:
			m.Totals.Expired++
		}
	}
	for _, a := range m.Booked {
		if a.State == queue.AppointmentIsBooked && queue.DayOf(a.Slot.Time()) <= m.Day {
			a.State = queue.AppointmentIsMissed
		}
	}
	for _, k := range m.Counters {
		if k.State != queue.CounterIsClosed {
			k.State, k.Staff, k.Pause, k.Until = queue.CounterIsClosed, "", "", 0
			m.unbind(k.ID)
		}
	}
	m.Open = false
	return ""
}

func (m *Model) tick() string {
	if m.Config == nil || !m.clock {
		return ""
	}
	if d := queue.DayOf(m.now.Time()); d > m.Day {
		if m.Open {
			m.closeDay(true)
		}
		m.begin(d)
		return ""
	}
	for _, a := range m.Booked {
		if a.State == queue.AppointmentIsBooked && m.now > a.Slot+queue.Stamp(m.Config.Routing.Late)*minute {
			a.State = queue.AppointmentIsMissed
		}
	}
	if m.Open {
		for _, k := range m.Counters {
			m.breaks(k.ID)
		}
	}
	return ""
}
