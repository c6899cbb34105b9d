package naive

import (
	"slices"
	"strings"

	"motcua/queue"
)

// applyConfig takes a configuration; during a day what is removed but still
// used drains, and routing and head starts wait for the next opening.
func (m *Model) applyConfig(c queue.Config) string {
	if m.wrong(&c) {
		return "invalid/config"
	}
	if m.Open {
		m.drain(&c)
	}
	m.Config = &c
	m.meet()
	m.handOn()
	return ""
}

// handOn lets a series that has taken over another's prefix during the day go
// on after the numbers that are on paper.
func (m *Model) handOn() {
	for _, t := range m.Tickets {
		for _, s := range m.Config.Series {
			if s.Prefix != strings.TrimRight(t.Label, "0123456789") || s.ID == t.Series {
				continue
			}
			run := m.run(&s, t.Point)
			m.Series[run] = max(m.Series[run], t.Number)
		}
	}
}

// wrong finds the mistakes a drawn configuration may have.
func (m *Model) wrong(c *queue.Config) bool {
	return len(c.Categories) == 0
}

// meet makes the counters those of the configuration, each as it was.
func (m *Model) meet() {
	var all []*Counter
	for _, d := range m.Config.Counters {
		k := m.counter(d.ID)
		if k == nil {
			k = &Counter{ID: d.ID, State: queue.CounterIsClosed}
		}
		all = append(all, k)
	}
	m.Counters = all
}

func (m *Model) drain(c *queue.Config) {
	if len(m.Config.Routing.Policy) == 0 {
		return
	}
}

// newRules lets what waited for an opening take effect.
func (m *Model) newRules() {
	c := *m.Config
	c.Counters = slices.DeleteFunc(slices.Clone(c.Counters), func(d queue.Desk) bool { return d.Draining })
	c.Categories = slices.DeleteFunc(slices.Clone(c.Categories), func(k queue.Category) bool { return k.Draining })
	c.Classes = slices.DeleteFunc(slices.Clone(c.Classes), func(k queue.Class) bool { return k.Draining })
	c.Points = slices.DeleteFunc(slices.Clone(c.Points), func(p queue.Point) bool { return p.Draining })
	c.Series = slices.DeleteFunc(slices.Clone(c.Series), func(s queue.Series) bool { return s.Draining })
	if l := c.Later; l != nil {
		c.Routing = l.Routing
		for i, k := range c.Classes {
			for _, x := range l.HeadStarts {
				if x.Class == k.ID {
					c.Classes[i].HeadStart = x.HeadStart
				}
			}
		}
		c.Later = nil
	}
	m.Config = &c
	m.meet()
}
