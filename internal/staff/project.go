package staff

import (
	"cmp"
	"slices"
	"time"

	"motcua/queue"
)

// Ranker says who would be called next at a counter, in order; router.HeadStart is one.
type Ranker interface {
	Rank(v queue.View, c queue.CounterID, now time.Time, n int) []queue.Choice
}

const shownNext = 5

// NewDesk projects the console of a counter; false when there is no such
// counter. The result shares no memory with the state.
func NewDesk(s *queue.State, id queue.CounterID, rank Ranker, now time.Time) (Desk, bool) {
	cfg := s.Config
	if cfg == nil || cfg.Desk(id) == nil {
		return Desk{}, false
	}
	d, k := cfg.Desk(id), s.Counter(id)
	desk := Desk{
		Centre: cfg.Centre.Name, Languages: cfg.Languages,
		Day: DayState{ID: s.Day.ID, Open: s.Day.Open},
		Counter: Counter{ID: id, Number: d.Number, Point: d.Point, State: k.State, Since: k.Since, Pause: k.Pause,
			Served: int(k.Served), Skills: d.Skills},
		Next: []Candidate{}, Lanes: []Lane{}, Parked: []Ticket{}, Missed: []Ticket{}, Slips: []Ticket{}, Targets: []TransferTarget{},
		Rules: Rules{RecallAfter: cfg.Calls.RecallAfter, NoShowCalls: cfg.Calls.NoShowCalls, NoShowAfter: cfg.Calls.NoShowAfter},
	}
	if t := s.Ticket(k.Ticket); t != nil {
		current := ticket(cfg, t)
		desk.Current = &current
	}
	for _, c := range rank.Rank(s.View(), id, now, shownNext) {
		if t := s.Ticket(c.Ticket); t != nil {
			desk.Next = append(desk.Next, Candidate{Ticket: ticket(cfg, t), Why: c.Reason})
		}
	}
	desk.Lanes, desk.Targets = lanes(s, d)
	for i := range s.Tickets {
		t := &s.Tickets[i]
		if t.Point != d.Point {
			continue
		}
		switch t.State {
		case queue.Parked:
			desk.Parked = append(desk.Parked, ticket(cfg, t))
		case queue.Missed:
			desk.Missed = append(desk.Missed, ticket(cfg, t))
		}
		if t.Slip == queue.SlipIsUnknown || t.Slip == queue.SlipIsFailed {
			desk.Slips = append(desk.Slips, ticket(cfg, t))
		}
	}
	slices.SortStableFunc(desk.Parked, func(a, b Ticket) int {
		return cmp.Or(-compareBool(a.Counter == d.Number, b.Counter == d.Number), cmp.Compare(a.Since, b.Since))
	})
	slices.SortStableFunc(desk.Missed, func(a, b Ticket) int { return cmp.Compare(b.Since, a.Since) })
	return desk, true
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func ticket(cfg *queue.Config, t *queue.Ticket) Ticket {
	v := Ticket{
		ID: t.ID, Label: t.Label, Category: t.Category, Class: t.Class, Dossiers: int(t.Dossiers), State: t.State,
		Issued: t.Issued, FirstCall: t.FirstCall, LastCall: t.LastCall, Started: t.Started, Since: t.Since,
		Calls: int(t.Calls), Reason: t.Reason, Slip: t.Slip,
		Returnable: t.State == queue.Missed && t.Returns == 0,
	}
	if c := cfg.Category(t.Category); c != nil {
		v.Name, v.Minutes = c.Name, c.Minutes
	}
	if c := cfg.Class(t.Class); c != nil {
		v.ClassName = c.Name
	}
	if d := cfg.Desk(t.Counter); d != nil {
		v.Counter = d.Number
	}
	return v
}

// lanes lists the point's categories, the counter's own first, and where a
// ticket may be sent now.
func lanes(s *queue.State, mine *queue.Desk) ([]Lane, []TransferTarget) {
	cfg := s.Config
	list, others := []Lane{}, []Lane{}
	targets := []TransferTarget{}
	for k := range cfg.Categories {
		c := &cfg.Categories[k]
		if !c.At(mine.Point) {
			continue
		}
		lane := Lane{Category: c.ID, Name: c.Name, Mine: mine.Serves(c.ID)}
		for t := range s.View().EachWaiting {
			if t.Category == c.ID && t.Point == mine.Point {
				lane.Waiting++
				if lane.Oldest == 0 || t.Issued < lane.Oldest {
					lane.Oldest = t.Issued
				}
			}
		}
		if lane.Mine {
			list = append(list, lane)
		} else {
			others = append(others, lane)
		}
		for i := range cfg.Counters {
			if d := &cfg.Counters[i]; d.Point == mine.Point && d.Serves(c.ID) && s.Counters[i].State != queue.CounterIsClosed {
				targets = append(targets, TransferTarget{Category: c.ID, Name: c.Name})
				break
			}
		}
	}
	for i := range cfg.Counters {
		if d := &cfg.Counters[i]; d.Point == mine.Point && d.ID != mine.ID && s.Counters[i].State != queue.CounterIsClosed {
			targets = append(targets, TransferTarget{Counter: d.ID, Number: d.Number})
		}
	}
	return append(list, others...), targets
}
