package queue

import "slices"

// applyConfig takes over a configuration. With people in the hall nothing of
// theirs is lost: what was taken out but is still used stays, draining, and
// what would change the order waits for the next opening.
func (d *decision) applyConfig(c ApplyConfig) ([]Event, error) {
	cfg := c.Config.Plain()
	if problems := cfg.Check(); len(problems) > 0 {
		return nil, &Error{Code: Invalid, Reason: WhyBadConfig, Msg: problems.Error(),
			Hint: "Correct each and apply the configuration again; nothing was changed.", Err: problems}
	}
	if d.Config != nil && d.Day.Open {
		m := merge{cfg: cfg, old: d.Config}
		m.tickets(d.State)
		if t := m.stranded(d.State); t != nil {
			return nil, refuse(Conflict, WhyInUse, "Apply it again when that ticket is done, or leave a counter at that point.",
				"%s is at %s, and every counter that would call it moves to another point", t.Label, t.Point)
		}
		m.counters(d.State)
		if len(d.Tickets) > 0 {
			m.later()
		}
		if len(m.cfg.Categories) > most {
			return nil, refuse(Conflict, WhyInUse, "Apply it again when the tickets of those you took out are done.",
				"with the categories that still have tickets there are more than %d", most)
		}
	}
	return one(ConfigApplied{Config: cfg})
}

// Plain is the configuration as it stands in a file: what waits for the next
// opening is in, what was taken out is out.
func (c *Config) Plain() *Config {
	p := *c
	p.Later = nil
	p.Points = slices.DeleteFunc(slices.Clone(c.Points), func(x Point) bool { return x.Draining })
	p.Series = slices.DeleteFunc(slices.Clone(c.Series), func(x Series) bool { return x.Draining })
	p.Categories = slices.DeleteFunc(slices.Clone(c.Categories), func(x Category) bool { return x.Draining })
	p.Classes = slices.DeleteFunc(slices.Clone(c.Classes), func(x Class) bool { return x.Draining })
	p.Counters = slices.DeleteFunc(slices.Clone(c.Counters), func(x Desk) bool { return x.Draining })
	for i := range p.Counters {
		p.Counters[i].Drains = nil
	}
	if c.Later != nil {
		p.Routing = c.Later.Routing
		for _, s := range c.Later.HeadStarts {
			if k := p.Class(s.Class); k != nil {
				k.HeadStart = s.HeadStart
			}
		}
	}
	return &p
}

// settled reports whether nothing drains and nothing waits for an opening.
func (c *Config) settled() bool {
	return c.Later == nil &&
		!slices.ContainsFunc(c.Points, func(x Point) bool { return x.Draining }) &&
		!slices.ContainsFunc(c.Series, func(x Series) bool { return x.Draining }) &&
		!slices.ContainsFunc(c.Categories, func(x Category) bool { return x.Draining }) &&
		!slices.ContainsFunc(c.Classes, func(x Class) bool { return x.Draining }) &&
		!slices.ContainsFunc(c.Counters, func(x Desk) bool { return x.Draining || len(x.Drains) > 0 })
}

// merge keeps in a new configuration what is still used of the old one.
type merge struct{ cfg, old *Config }

// tickets keeps everything the tickets that are not over stand on.
func (m *merge) tickets(s *State) {
	for i := range s.Tickets {
		t := &s.Tickets[i]
		if t.State.Over() {
			continue
		}
		m.point(t.Point)
		m.class(t.Class)
		m.category(t.Category)
		m.served(t)
		switch t.State {
		case Parked:
			m.counter(t.Counter) // only there may it be called back
			m.counter(t.Bound)
		case Waiting:
			m.counter(t.Bound)
		}
	}
}

// counters keeps those that are not closed: they finish what they have.
func (m *merge) counters(s *State) {
	for i := range s.Counters {
		if s.Counters[i].State != CounterIsClosed {
			m.counter(s.Counters[i].ID)
		}
	}
}

func (m *merge) point(id PointID) {
	if old := m.old.Point(id); old != nil && m.cfg.Point(id) == nil {
		p := *old
		p.Draining = true
		m.cfg.Points = append(m.cfg.Points, p)
	}
}

func (m *merge) class(id ClassID) {
	if old := m.old.Class(id); old != nil && m.cfg.Class(id) == nil {
		k := *old
		k.Draining = true
		m.cfg.Classes = append(m.cfg.Classes, k)
	}
}

func (m *merge) category(id CategoryID) {
	old := m.old.Category(id)
	if old == nil || m.cfg.Category(id) != nil {
		return
	}
	k := *old
	k.Draining, k.Panel = true, false
	m.cfg.Categories = append(m.cfg.Categories, k)
	if s := m.old.series(k.Series); s != nil && m.cfg.series(k.Series) == nil {
		x := *s
		x.Draining = true
		m.cfg.Series = append(m.cfg.Series, x)
	}
}

// served sees to it that somebody can call the ticket: the counters that had
// the skill keep it while it lasts, else all of its point get it.
func (m *merge) served(t *Ticket) {
	has := func(d Desk) bool {
		return d.Point == t.Point && (d.Serves(t.Category) || slices.Contains(d.Drains, t.Category))
	}
	if slices.ContainsFunc(m.cfg.Counters, has) {
		return
	}
	kept := false
	for i := range m.cfg.Counters {
		k := &m.cfg.Counters[i]
		if old := m.old.Desk(k.ID); old != nil && k.Point == t.Point && has(*old) {
			k.Drains, kept = append(slices.Clip(k.Drains), t.Category), true
		}
	}
	if kept {
		return
	}
	for i := range m.cfg.Counters {
		if k := &m.cfg.Counters[i]; k.Point == t.Point && !k.Draining {
			k.Drains, kept = append(slices.Clip(k.Drains), t.Category), true
		}
	}
	if kept {
		return
	}
	for i := range m.old.Counters { // the hall itself is going
		if old := &m.old.Counters[i]; old.Point == t.Point && (slices.Contains(old.Skills, t.Category) || slices.Contains(old.Drains, t.Category)) {
			m.counter(old.ID)
			if k := m.cfg.Desk(old.ID); k.Point == t.Point {
				k.Drains = append(slices.Clip(k.Drains), t.Category)
			}
		}
	}
}

// stranded finds a ticket nobody at its point would call: all counters there
// move to another one. Nil when there is none.
func (m *merge) stranded(s *State) *Ticket {
	for i := range s.Tickets {
		if t := &s.Tickets[i]; !t.State.Over() && !m.cfg.called(t.Category, t.Point) {
			return t
		}
	}
	return nil
}

func (m *merge) counter(id CounterID) {
	old := m.old.Desk(id)
	if old == nil || m.cfg.Desk(id) != nil {
		return
	}
	k := *old
	k.Draining, k.Drains = true, nil
	m.point(k.Point)
	k.Skills = slices.DeleteFunc(slices.Clone(k.Skills), func(c CategoryID) bool { return m.cfg.Category(c) == nil })
	m.cfg.Counters = append(m.cfg.Counters, k)
}

// later leaves the order of the day as it was promised on the slips.
func (m *merge) later() {
	later := Later{Routing: m.cfg.Routing}
	waits := m.cfg.Routing != m.old.Routing
	m.cfg.Routing = m.old.Routing
	highest := 0
	for _, k := range m.old.Classes {
		highest = max(highest, k.HeadStart)
	}
	m.cfg.Classes = slices.Clone(m.cfg.Classes)
	for i := range m.cfg.Classes {
		k := &m.cfg.Classes[i]
		now := min(k.HeadStart, highest)
		if old := m.old.Class(k.ID); old != nil {
			now = old.HeadStart
		}
		if now != k.HeadStart {
			later.HeadStarts = append(later.HeadStarts, ClassStart{Class: k.ID, HeadStart: k.HeadStart})
			k.HeadStart, waits = now, true
		}
	}
	if waits {
		m.cfg.Later = &later
	}
}
