package naive

import (
	"cmp"
	"fmt"
	"slices"

	"motcua/queue"
)

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
		if !m.onRoll(at, l) && !slices.ContainsFunc(m.Tickets, func(t *Ticket) bool { return t.Point == at && t.Label == l }) {
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
	m.ID++
	return m.enter(t), ""
}

// give is add, but from the roll in use when staff give the number out.
func (m *Model) give(t Ticket) (*Ticket, string) {
	if r := m.rollFor(t.Point, t.Category); r != nil && m.staff() {
		return m.fromRoll(r, t)
	}
	return m.add(t)
}

// show has the number on a screen instead of its slip.
func (t *Ticket) show() {
	if t.Slip == queue.SlipIsQueued {
		t.Slip = queue.SlipIsFailed
	}
}

// enter puts a ticket with its number into the queue.
func (m *Model) enter(t Ticket) *Ticket {
	t.State, t.Origin, t.TakenAt = queue.Waiting, t.Category, t.Point
	t.Issued, t.Since = m.now, m.now
	t.Arrival = cmp.Or(t.Arrival, m.now)
	if t.Entry != queue.EntryDirect && t.Entry != queue.EntryRoll {
		t.Slip = queue.SlipIsQueued
	}
	m.Tickets = append(m.Tickets, &t)
	slices.SortFunc(m.Tickets, func(x, y *Ticket) int { return cmp.Compare(x.ID, y.ID) })
	return &t
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
	x, no := m.give(t)
	if no == "" && c.Shown {
		x.show()
	}
	return no
}

// notOffered is why no number of a category is given out at a point that does
// not offer it: another one may.
func (m *Model) notOffered(k *queue.Category) string {
	if !k.Draining && slices.ContainsFunc(m.Config.Points, func(p queue.Point) bool { return !p.Draining && m.offered(k, p.ID) }) {
		return "closed/other_point"
	}
	return notHere
}

// order is the ticket of who asks for a number of a category at a point.
func (m *Model) order(id queue.CategoryID, at queue.PointID, class queue.ClassID, n int) (t Ticket, no string) {
	k := m.category(id)
	switch {
	case k == nil:
		return t, noCategory
	case k.Draining || !m.offered(k, at):
		return t, m.notOffered(k)
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

// orNormal is the class meant when none is named.
func orNormal(c queue.ClassID) queue.ClassID { return cmp.Or(c, queue.Normal) }
