package naive

import (
	"slices"
	"strings"

	"motcua/queue"
)

// applyConfig takes a configuration. During a day what was taken out but is
// still used stays and drains; once numbers are out, what would change their
// order waits for the next opening.
func (m *Model) applyConfig(c queue.Config) string {
	if wrong(&c) {
		return "invalid/config"
	}
	c.Points, c.Series, c.Classes = slices.Clone(c.Points), slices.Clone(c.Series), slices.Clone(c.Classes)
	c.Categories, c.Counters = slices.Clone(c.Categories), slices.Clone(c.Counters)
	if m.Config != nil && m.Open {
		m.drain(&c)
		for _, t := range m.Tickets {
			over := t.State == queue.Finished || t.State == queue.Cancelled || t.State == queue.Expired
			if !over && !calls(&c, t.Category, t.Point) {
				return "conflict/in_use" // all who would call it move to another point
			}
		}
		if len(m.Tickets) > 0 {
			m.later(&c)
		}
	}
	m.setConfig(c)
	for _, t := range m.Tickets {
		m.release(t)
	}
	m.Rolls = slices.DeleteFunc(m.Rolls, func(r *Roll) bool { // with its hall, or its category
		return r.Category != "" && m.category(r.Category) == nil ||
			!slices.ContainsFunc(m.Config.Points, func(p queue.Point) bool { return p.ID == r.Point })
	})
	for _, t := range m.Tickets { // a series goes on after what another gave out under its prefix
		for i, s := range c.Series {
			if t.Entry == queue.EntryRoll {
				continue // no series gave it out
			}
			if s.Prefix == strings.TrimRight(t.Label, "0123456789") && s.ID != t.Series {
				run := Run{t.Point, c.Series[i].ID}
				m.Series[run] = max(m.Series[run], t.Number)
			}
		}
	}
	return ""
}

// wrong finds the mistakes a drawn configuration may have: of what is offered
// where, and of who serves it.
func wrong(c *queue.Config) bool {
	for _, k := range c.Categories {
		s := slices.IndexFunc(c.Series, func(s queue.Series) bool { return s.ID == k.Series })
		served := false
		for _, p := range c.Points {
			here := offered(c, k.ID, p.ID)
			served = served || here
			if !here && slices.Contains(k.Points, p.ID) {
				return true
			}
			for _, l := range k.Then {
				if s >= 0 && !c.Series[s].AcrossPoints && here && !offered(c, l, p.ID) {
					return true
				}
			}
		}
		if s < 0 || !served {
			return true
		}
	}
	for _, q := range c.Quotas {
		if q.Point != "" && !offered(c, q.Category, q.Point) {
			return true
		}
	}
	return slices.ContainsFunc(c.Counters, func(d queue.Desk) bool { return len(d.Skills) == 0 })
}

// release lets anybody call a ticket whose counter has moved away.
func (m *Model) release(t *Ticket) {
	if d := m.desk(t.Bound); d != nil && d.Point != t.Point {
		t.Bound = ""
	}
}

// setConfig makes a configuration the one in force, with its counters.
func (m *Model) setConfig(c queue.Config) {
	var all []*Counter
	for _, d := range c.Counters {
		k := m.counter(d.ID)
		if k == nil {
			k = &Counter{ID: d.ID, State: queue.CounterIsClosed}
		}
		all = append(all, k)
	}
	m.Config, m.Counters = &c, all
}

// drain keeps in a new configuration what the hall still uses of the old one.
func (m *Model) drain(c *queue.Config) {
	for _, t := range m.Tickets {
		if t.State == queue.Finished || t.State == queue.Cancelled || t.State == queue.Expired {
			continue
		}
		m.keepPoint(c, t.Point)
		// A ticket that came back may be of a class that went meanwhile.
		if k := m.class(t.Class); k != nil && !slices.ContainsFunc(c.Classes, func(x queue.Class) bool { return x.ID == k.ID }) {
			x := *k
			x.Draining = true
			c.Classes = append(c.Classes, x)
		}
		if !slices.ContainsFunc(c.Categories, func(k queue.Category) bool { return k.ID == t.Category }) {
			k := *m.category(t.Category)
			k.Draining, k.Panel = true, false
			c.Categories = append(c.Categories, k)
			if !slices.ContainsFunc(c.Series, func(s queue.Series) bool { return s.ID == k.Series }) {
				s := *m.series(k.Series)
				s.Draining = true
				c.Series = append(c.Series, s)
			}
		}
		m.keepServed(c, t)
		if t.State == queue.Parked {
			m.keepCounter(c, t.Counter)
		}
		if t.State == queue.Parked || t.State == queue.Waiting {
			m.keepCounter(c, t.Bound)
		}
	}
	for _, k := range m.Counters {
		if k.State != queue.CounterIsClosed {
			m.keepCounter(c, k.ID)
		}
	}
}

func (m *Model) keepPoint(c *queue.Config, id queue.PointID) {
	if slices.ContainsFunc(c.Points, func(p queue.Point) bool { return p.ID == id }) {
		return
	}
	for _, p := range m.Config.Points {
		if p.ID == id {
			p.Draining = true
			c.Points = append(c.Points, p)
		}
	}
}

func (m *Model) keepCounter(c *queue.Config, id queue.CounterID) {
	d := m.desk(id)
	if d == nil || slices.ContainsFunc(c.Counters, func(x queue.Desk) bool { return x.ID == id }) {
		return
	}
	m.keepPoint(c, d.Point)
	x := *d
	x.Draining, x.Drains = true, nil
	x.Skills = slices.DeleteFunc(slices.Clone(d.Skills), func(k queue.CategoryID) bool {
		return !slices.ContainsFunc(c.Categories, func(y queue.Category) bool { return y.ID == k })
	})
	c.Counters = append(c.Counters, x)
}

// serves reports whether a counter calls tickets of a category.
func serves(d *queue.Desk, c queue.CategoryID) bool {
	return !d.Draining && slices.Contains(d.Skills, c) || slices.Contains(d.Drains, c)
}

// keepServed sees to it that a counter can call the ticket: those that had the
// skill keep it, else all that stay at the point get it, else, when the hall
// itself goes, the old ones stay for it.
func (m *Model) keepServed(c *queue.Config, t *Ticket) {
	var here, had []int
	for i := range c.Counters {
		d := &c.Counters[i]
		if d.Point != t.Point {
			continue
		}
		if serves(d, t.Category) {
			return
		}
		if !d.Draining {
			here = append(here, i)
		}
		if old := m.desk(d.ID); old != nil && old.Point == t.Point && serves(old, t.Category) {
			had = append(had, i)
		}
	}
	if len(had) > 0 {
		here = had
	}
	if len(here) == 0 {
		for _, d := range m.Config.Counters {
			if d.Point == t.Point && (slices.Contains(d.Skills, t.Category) || slices.Contains(d.Drains, t.Category)) {
				m.keepCounter(c, d.ID)
				if i := slices.IndexFunc(c.Counters, func(x queue.Desk) bool { return x.ID == d.ID }); c.Counters[i].Point == t.Point {
					here = append(here, i)
				}
			}
		}
	}
	for _, i := range here {
		c.Counters[i].Drains = append(slices.Clone(c.Counters[i].Drains), t.Category)
	}
}

// later leaves routing and head starts as they are until the next opening.
func (m *Model) later(c *queue.Config) {
	l := queue.Later{Routing: c.Routing}
	highest := 0
	for _, k := range m.Config.Classes {
		highest = max(highest, k.HeadStart)
	}
	for i, k := range c.Classes {
		now := min(k.HeadStart, highest)
		if old := m.class(k.ID); old != nil {
			now = old.HeadStart
		}
		if now != k.HeadStart {
			l.HeadStarts = append(l.HeadStarts, queue.ClassStart{Class: k.ID, HeadStart: k.HeadStart})
			c.Classes[i].HeadStart = now
		}
	}
	if c.Routing != m.Config.Routing || len(l.HeadStarts) > 0 {
		c.Later = &l
	}
	c.Routing = m.Config.Routing
}

// settle lets what waited for an opening take effect and what drained go.
func (m *Model) settle() {
	c := *m.Config
	if l := c.Later; l != nil {
		c.Routing, c.Later = l.Routing, nil
		c.Classes = slices.Clone(c.Classes)
		for i, k := range c.Classes {
			for _, x := range l.HeadStarts {
				if x.Class == k.ID {
					c.Classes[i].HeadStart = x.HeadStart
				}
			}
		}
	}
	c.Points = slices.DeleteFunc(slices.Clone(c.Points), func(x queue.Point) bool { return x.Draining })
	c.Series = slices.DeleteFunc(slices.Clone(c.Series), func(x queue.Series) bool { return x.Draining })
	c.Categories = slices.DeleteFunc(slices.Clone(c.Categories), func(x queue.Category) bool { return x.Draining })
	c.Classes = slices.DeleteFunc(slices.Clone(c.Classes), func(x queue.Class) bool { return x.Draining })
	c.Counters = slices.DeleteFunc(slices.Clone(c.Counters), func(x queue.Desk) bool { return x.Draining })
	for i := range c.Counters {
		c.Counters[i].Drains = nil
	}
	m.setConfig(c)
}

// offered reports whether a category is served at a point.
func offered(c *queue.Config, id queue.CategoryID, at queue.PointID) bool {
	k := slices.IndexFunc(c.Categories, func(k queue.Category) bool { return k.ID == id })
	return k >= 0 && (len(c.Categories[k].Points) == 0 || slices.Contains(c.Categories[k].Points, at)) &&
		slices.ContainsFunc(c.Counters, func(d queue.Desk) bool {
			return d.Point == at && !d.Draining && slices.Contains(d.Skills, id)
		})
}

func (m *Model) offered(k *queue.Category, at queue.PointID) bool { return offered(m.Config, k.ID, at) }
