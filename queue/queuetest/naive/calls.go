package naive

import (
	"cmp"
	"slices"

	"motcua/queue"
)

func (m *Model) callNext(id queue.CounterID) string {
	if no := m.ready(id); no != "" {
		return no
	}
	t, why := m.pick(id)
	if t == nil {
		if m.callTorn(id, nil) {
			return ""
		}
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
		} else {
			m.callTorn(id, t)
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
	m.remember(t.Counter, t)
	m.undos[len(m.undos)-1].unpark = true
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
		return "conflict/rebooked"
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

func (m *Model) confirmSlip(c queue.ConfirmSlip) string {
	t := m.ticket(c.Ticket)
	switch {
	case t == nil:
		return noTicket
	case t.Slip != queue.SlipIsUnknown:
		return wrongState
	}
	t.Slip = queue.SlipIsPrinted
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

// where is the point at which a ticket of a series may go on to a category:
// its own, or any when the series runs through all; "" for none.
func (m *Model) where(k *queue.Category, at queue.PointID, series queue.SeriesID) queue.PointID {
	if m.offered(k, at) {
		return at
	}
	if s := m.series(series); s != nil && s.AcrossPoints {
		for _, p := range m.Config.Points {
			if m.offered(k, p.ID) {
				return p.ID
			}
		}
	}
	return ""
}

// twin reports whether another ticket has the label at a point.
func (m *Model) twin(t *Ticket, at queue.PointID) bool {
	return at != t.Point && (m.onRoll(at, t.Label) || slices.ContainsFunc(m.Tickets, func(o *Ticket) bool { return o.Point == at && o.Label == t.Label }))
}
