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
	case d.Draining:
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
	m.settle(k.ID)
	return ""
}

func (m *Model) pauseCounter(c queue.PauseCounter) string {
	k := m.counter(c.Counter)
	switch {
	case k == nil:
		return noCounter
	case !slices.Contains([]queue.PauseReason{"", queue.PauseBreak, queue.PauseLunch, queue.PauseDesk, queue.PauseOther}, c.Reason):
		return badField
	case c.Minutes < 0 || c.Minutes > 24*60:
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
	m.settle(k.ID)
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
	for _, t := range m.Tickets {
		if t.Bound == id {
			t.Bound = ""
		}
	}
	m.settle(id)
	return ""
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
	if m.desk(id).Draining {
		return shut
	}
	t := m.pick(id)
	if t == nil {
		return "not_found/queue_empty"
	}
	m.remember(id, t)
	m.call(id, t)
	return ""
}

// call takes a ticket from the queue, or from where it was parked, to a counter.
func (m *Model) call(id queue.CounterID, t *Ticket) {
	m.to(t, queue.Called)
	if t.FirstCall == 0 {
		t.FirstCall = m.now
	}
	t.LastCall, t.Calls, t.Counter, t.Front = m.now, 1, id, false
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
	case d.Draining && t.State != queue.Parked:
		return shut
	case d.Point != t.Point:
		return "denied/point"
	case c.Reason == "" && t.State == queue.Parked:
	case !slices.Contains([]queue.CallReason{queue.CallAccompanied, queue.CallSupervisor, queue.CallCorrection, queue.CallOther}, c.Reason):
		return badField
	}
	m.remember(c.Counter, t)
	m.call(c.Counter, t)
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
	m.remember(c.Counter, t)
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
	m.remember(c.Counter, t)
	m.counter(id).Served++
	m.end(t, o)
	// A planned break that has come goes before the next ticket.
	if c.Next && m.counter(id).State == queue.CounterIsOpen && !m.desk(id).Draining {
		if n := m.pick(id); n != nil {
			m.rememberToo(n)
			m.call(id, n)
		}
	}
	return ""
}

// end ends a service: the visit goes on to its next leg, or is over.
func (m *Model) end(t *Ticket, o queue.Outcome) {
	id := t.Counter
	next := t.Next
	for o == queue.Done && len(next) > 0 {
		k := m.category(next[0])
		at, ok := queue.PointID(""), false
		if k != nil {
			at, ok = m.legPoint(t, k)
		}
		if !ok {
			next = next[1:]
			continue
		}
		m.to(t, queue.Waiting)
		t.Past = append(slices.Clone(t.Past), queue.Leg{Category: t.Category, Point: t.Point, Counter: id,
			Since: cmp.Or(t.LegSince, t.Issued), FirstCall: t.FirstCall, Started: t.Started, Ended: m.now, Served: t.Served, Outcome: o})
		t.Category, t.Point, t.Next = k.ID, at, next[1:]
		t.FirstCall, t.LastCall, t.Calls, t.Started, t.Served, t.LegSince = 0, 0, 0, 0, 0, m.now
		m.breaks(id)
		return
	}
	m.to(t, queue.Finished)
	t.Outcome = o
	m.breaks(id)
}

// legPoint is where a visit's next leg waits: where it is, or at the first
// point that offers the category when the series runs across points.
func (m *Model) legPoint(t *Ticket, k *queue.Category) (queue.PointID, bool) {
	if offered(k, t.Point) {
		return t.Point, true
	}
	if s := m.series(t.Series); s == nil || !s.AcrossPoints {
		return "", false
	}
	for _, p := range m.Config.Points {
		if offered(k, p.ID) {
			return p.ID, true
		}
	}
	return "", false
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
	m.remember(c.Counter, t)
	m.to(t, queue.Missed)
	m.breaks(t.Counter)
	return ""
}

func (m *Model) park(c queue.Park) string {
	t, no := m.held(c.Counter, c.Ticket, queue.Called, queue.Serving)
	if no != "" {
		return no
	}
	m.remember(c.Counter, t)
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
	m.remember(c.Counter, t)
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
	}
	m.remember("", t)
	arrival := m.now
	if t.State == queue.Missed && m.now-t.Since <= queue.Stamp(m.Config.Routing.ReturnWithin)*minute {
		arrival = m.credited(t)
	}
	m.back(t, arrival)
	t.Returns++
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
	category := cmp.Or(c.ToCategory, t.Category)
	if c.ToCounter != "" {
		k, d := m.counter(c.ToCounter), m.desk(c.ToCounter)
		switch {
		case k == nil:
			return noCounter
		case d.Point != t.Point || k.State == queue.CounterIsClosed || d.Draining:
			return notHere
		}
	}
	k := m.category(category)
	switch {
	case k == nil:
		return noCategory
	case c.ToCounter == "" && (k.Draining || !m.served(k.ID, t.Point)):
		return notHere
	}
	m.remember(c.Counter, t)
	from := t.Counter
	held := t.State == queue.Called || t.State == queue.Serving
	m.to(t, queue.Waiting)
	t.Category, t.Bound, t.Front, t.Cause, t.Calls = category, c.ToCounter, mode == queue.First, queue.Moved, 0
	if mode == queue.Last {
		t.Arrival = m.now
	}
	if held {
		m.breaks(from)
	}
	return ""
}

// served reports whether a counter of the point that isn't closed serves the category.
func (m *Model) served(id queue.CategoryID, at queue.PointID) bool {
	for _, d := range m.Config.Counters {
		if d.Point == at && !d.Draining && slices.Contains(d.Skills, id) && m.counter(d.ID).State != queue.CounterIsClosed {
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
	m.remember(c.Counter, t)
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
	k := m.class(c.Class)
	switch {
	case k == nil:
		return "not_found/class"
	case !m.mayGrant(k):
		return byStaff
	}
	m.remember("", t)
	t.Class, t.Claim = k.ID, ""
	t.touched++
	return ""
}

// mayGrant reports whether who asks may grant the class.
func (m *Model) mayGrant(k *queue.Class) bool {
	if k.Draining {
		return false
	}
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
	}
	m.remember("", t)
	t.Dossiers = c.Dossiers
	t.touched++
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
	if no := m.wrongLegs(c.Legs); no != "" {
		return no
	}
	m.remember("", t)
	t.Next = slices.Clone(c.Legs)
	t.touched++
	return ""
}

func (m *Model) wrongLegs(legs []queue.CategoryID) string {
	if len(legs) > queue.MaxLegs {
		return badField
	}
	for _, l := range legs {
		if m.category(l) == nil {
			return noCategory
		}
	}
	return ""
}

// remember keeps a ticket as it is, so that the command may be undone.
func (m *Model) remember(c queue.CounterID, t *Ticket) {
	m.undos = append(m.undos, undo{counter: c, at: m.now, before: []Ticket{*t}, touched: []int{t.touched + 1}})
}

// rememberToo adds a second ticket to what one command changed.
func (m *Model) rememberToo(t *Ticket) {
	u := &m.undos[len(m.undos)-1]
	u.before = append(u.before, *t)
	u.touched = append(u.touched, t.touched+1)
}

// settle ends what may be undone at a counter.
func (m *Model) settle(c queue.CounterID) {
	m.undos = slices.DeleteFunc(m.undos, func(u undo) bool { return u.counter == c })
}

func (m *Model) undo(c queue.Undo) string {
	at := -1
	for i, u := range m.undos {
		if c.Counter != "" && u.counter == c.Counter || c.Counter == "" && u.before[0].ID == int(c.Ticket) {
			at = i
		}
	}
	if c.Counter != "" && m.counter(c.Counter) == nil {
		return noCounter
	}
	if c.Ticket != 0 && m.ticket(c.Ticket) == nil {
		return noTicket
	}
	if at < 0 || c.Ticket != 0 && m.undos[at].before[0].ID != int(c.Ticket) {
		return wrongState
	}
	u := m.undos[at]
	if m.now-u.at > queue.Stamp(cmp.Or(m.Config.Calls.UndoWithin, 10))*1000 {
		return "conflict/too_late"
	}
	for i, b := range u.before {
		if m.ticket(queue.TicketID(b.ID)).touched != u.touched[i] {
			return taken
		}
	}
	for _, b := range u.before {
		if b.State != queue.Called && b.State != queue.Serving {
			continue
		}
		if k := m.counter(b.Counter); k == nil || k.Ticket != 0 && !slices.ContainsFunc(u.before, func(x Ticket) bool { return x.ID == k.Ticket }) {
			return busy
		}
	}
	for i := len(u.before) - 1; i >= 0; i-- {
		b := u.before[i]
		t := m.ticket(queue.TicketID(b.ID))
		if k := m.counter(t.Counter); k != nil && k.Ticket == t.ID {
			k.Ticket = 0
		}
		if b.State == queue.Serving && t.State != queue.Parked {
			m.counter(b.Counter).Served--
		}
		slip, touched := t.Slip, t.touched
		*t = b
		t.Slip, t.touched = slip, touched+1
		if b.State == queue.Called || b.State == queue.Serving {
			m.counter(b.Counter).Ticket = b.ID
		}
	}
	m.undos = slices.Delete(m.undos, at, at+1)
	return ""
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

// run is the count a series runs at a point.
func (m *Model) run(s *queue.Series, at queue.PointID) Run {
	if s.AcrossPoints {
		return Run{"", s.ID}
	}
	return Run{at, s.ID}
}

// number is the next one of a count; past the range it goes on in four digits.
func (m *Model) number(s *queue.Series, at queue.PointID) int {
	n := s.From
	if last, ok := m.Series[m.run(s, at)]; ok {
		n = max(n, last+1)
	}
	if n > s.To {
		n = max(n, 1000)
	}
	return n
}

// add gives out the number; what stands in t is kept.
func (m *Model) add(t Ticket) (*Ticket, string) {
	s := m.series(m.category(t.Category).Series)
	n := m.number(s, t.Point)
	if n > 9999 {
		return nil, "closed/series_full"
	}
	m.Series[m.run(s, t.Point)] = n
	t.ID, t.Label, t.Number, t.Series = m.ID, fmt.Sprintf("%s%03d", s.Prefix, n), n, s.ID
	t.State, t.Origin = queue.Waiting, t.Category
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
	if c.Entry == queue.EntryReceipt && c.Category == "" {
		for _, k := range m.Config.Categories {
			if k.Results && c.Category == "" && !k.Draining {
				c.Category = k.ID
			}
		}
	}
	k := m.category(c.Category)
	if k == nil {
		return noCategory
	}
	at := cmp.Or(c.Point, m.Config.Points[0].ID)
	switch {
	case !m.point(at):
		return "not_found/point"
	case k.Draining || !offered(k, at):
		return notHere
	}
	class, claim, n := cmp.Or(c.Class, queue.Normal), queue.ClassID(""), cmp.Or(c.Dossiers, 1)
	x := m.class(class)
	switch {
	case x == nil:
		return "not_found/class"
	case n < 1 || n > 99:
		return badField
	case class == queue.Normal || m.mayGrant(x):
	case x.Button && !x.Draining && !m.staff():
		class, claim = queue.Normal, class
	default:
		return byStaff
	}
	if n > 1 && !m.staff() {
		return byStaff
	}
	legs := k.Then
	if c.Legs != nil {
		if !m.staff() {
			return byStaff
		}
		if no := m.wrongLegs(c.Legs); no != "" {
			return no
		}
		legs = c.Legs
	}
	if a := m.Config.Agents; a.Category != "" && n > a.Above && k.ID != a.Category {
		return "closed/bulk_elsewhere"
	}
	session, no := m.hours(k, at, n)
	if no != "" {
		return no
	}
	_, no = m.add(Ticket{Point: at, Category: k.ID, Class: class, Claim: claim, Dossiers: n, Entry: c.Entry, Session: session, Next: legs})
	return no
}

func (m *Model) walkDirect(c queue.WalkDirect) string {
	if no := m.ready(c.Counter); no != "" {
		return no
	}
	d := m.desk(c.Counter)
	if d.Draining {
		return shut
	}
	k := m.category(c.Category)
	switch {
	case k == nil:
		return noCategory
	case k.Draining || !offered(k, d.Point):
		return notHere
	}
	class := m.class(cmp.Or(c.Class, queue.Normal))
	switch {
	case class == nil:
		return "not_found/class"
	case class.ID != queue.Normal && !m.mayGrant(class):
		return byStaff
	}
	n := cmp.Or(c.Dossiers, 1)
	if n < 1 || n > 99 {
		return badField
	}
	t, no := m.add(Ticket{Point: d.Point, Category: k.ID, Class: class.ID, Dossiers: n, Entry: queue.EntryDirect, Session: m.sessionNow(k), Next: k.Then})
	if no != "" {
		return no
	}
	m.remember(c.Counter, t)
	u := &m.undos[len(m.undos)-1]
	u.before[0].State = queue.Cancelled
	m.to(t, queue.Serving)
	t.Started, t.Counter = m.now, d.ID
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
	case m.clock && d > today:
		return "conflict/day_ahead"
	}
	m.begin(d)
	return ""
}

// begin opens a day; a new one begins without tickets and numbers.
func (m *Model) begin(d queue.Day) {
	if d != m.Day {
		m.Tickets, m.undos, m.Series = nil, nil, map[Run]int{}
		for _, k := range m.Counters {
			k.Served, k.BreakTo = 0, 0
		}
	}
	m.Day, m.Open = d, true
	m.newRules()
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
	for _, t := range m.Tickets {
		switch t.State {
		case queue.Waiting, queue.Called, queue.Parked, queue.Missed:
			m.to(t, queue.Expired)
		case queue.Serving:
			m.to(t, queue.Finished)
			t.Outcome = queue.AutoClosed
		}
		t.Bound = ""
	}
	for _, k := range m.Counters {
		k.State, k.Staff, k.Pause, k.Until = queue.CounterIsClosed, "", "", 0
	}
	m.Open, m.undos = false, nil
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
	}
	if m.Open {
		m.miss()
		for _, k := range m.Counters {
			m.breaks(k.ID)
		}
	}
	return ""
}
