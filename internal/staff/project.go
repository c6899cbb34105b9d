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
			Served: int(k.Served), Skills: d.Skills, Until: k.Until, Break: nextBreak(s, k, queue.StampOf(now)), Draining: d.Draining},
		Next: []Candidate{}, Lanes: []Lane{}, Parked: []Ticket{}, Missed: []Ticket{}, Slips: []Ticket{}, Targets: []TransferTarget{},
		Claims: []Ticket{}, Classes: classes(cfg), Undo: undo(s, id, now), Guarded: guarded(s, d.Point, queue.StampOf(now)),
		Rules: Rules{RecallAfter: cfg.Calls.RecallAfter, NoShowCalls: cfg.Calls.NoShowCalls, NoShowAfter: cfg.Calls.NoShowAfter,
			Propose: cfg.Calls.Proposes(), UndoWithin: int(cfg.Calls.UndoWindow().Seconds())},
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
		if t.Claim != "" && (t.State == queue.Waiting || t.State == queue.Parked || t.State == queue.Missed) {
			desk.Claims = append(desk.Claims, ticket(cfg, t))
		}
		if (t.Slip == queue.SlipIsUnknown || t.Slip == queue.SlipIsFailed) && !t.State.Over() { // who is done needs no paper
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
		Entry:      t.Entry, Origin: t.Origin, Session: t.Session, Slot: t.Slot, Claim: t.Claim, Returns: int(t.Returns),
		Leg: len(t.Past) + 1, WaitSince: cmp.Or(t.LegSince, t.Issued), Past: Legs(cfg, t.Past),
		ProposeNoShow: t.State == queue.Called && int(t.Calls) >= cfg.Calls.Proposes(),
	}
	if c := cfg.Class(t.Claim); c != nil {
		v.ClaimName = c.Name
	}
	for _, id := range t.Next {
		if c := cfg.Category(id); c != nil {
			v.Then = append(v.Then, LegAhead{Category: id, Name: c.Name})
		}
	}
	if c := cfg.Category(t.Category); c != nil {
		v.Name, v.Minutes = c.Name, cfg.Expected(t)
	}
	if c := cfg.Class(t.Class); c != nil {
		v.ClassName = c.Name
	}
	if d := cfg.Desk(t.Counter); d != nil {
		v.Counter = d.Number
	}
	return v
}

// Legs are the services of a visit that are over, with their waits and times.
func Legs(cfg *queue.Config, past []queue.Leg) []Leg {
	var list []Leg
	for _, p := range past {
		leg := Leg{Category: p.Category, Wait: int64(p.FirstCall - p.Since), Service: int64(p.Served), Ended: p.Ended, Outcome: p.Outcome}
		if c := cfg.Category(p.Category); c != nil {
			leg.Name = c.Name
		}
		if d := cfg.Desk(p.Counter); d != nil {
			leg.Counter = d.Number
		}
		list = append(list, leg)
	}
	return list
}

// nextBreak finds the counter's planned break that is under way or next today,
// but for one that has begun here already.
func nextBreak(s *queue.State, k *queue.Counter, now queue.Stamp) *Break {
	var next *Break
	for i := range s.Config.Breaks {
		b := &s.Config.Breaks[i]
		if b.Counter != k.ID || len(b.Days) > 0 && !slices.Contains(b.Days, s.Day.ID.Weekday()) {
			continue
		}
		from, ok := b.From.Of(s.Day.ID)
		to, ok2 := b.To.Of(s.Day.ID)
		if !ok || !ok2 || to <= now || to <= k.BreakTo || next != nil && next.From <= from {
			continue
		}
		next = &Break{From: from, To: to, Reason: cmp.Or(b.Reason, queue.PauseBreak)}
	}
	return next
}

// classes lists what may be granted: appointments come by themselves.
func classes(cfg *queue.Config) []Class {
	list := []Class{}
	for i := range cfg.Classes {
		c := &cfg.Classes[i]
		if c.Draining || c.ID == queue.Appointed {
			continue
		}
		grant := c.Grant
		if len(grant) == 0 {
			grant = []queue.Role{queue.Greeter, queue.Officer, queue.Supervisor}
		}
		list = append(list, Class{ID: c.ID, Name: c.Name, Grant: grant})
	}
	return list
}

// undo is the counter's last command while the domain would take it back; nil
// when it would not. Of a finish that called the next ticket it is the finish.
func undo(s *queue.State, id queue.CounterID, now time.Time) *Undo {
	events, err := s.Decide(queue.Undo{Counter: id}, queue.Env{Now: now, Role: queue.Officer})
	if err != nil {
		return nil
	}
	var last *Undo
	for _, e := range events {
		e, ok := e.(queue.TicketUndone)
		if !ok {
			continue
		}
		for i := range s.Undos {
			if u := &s.Undos[i]; u.Seq == e.Seq {
				last = &Undo{What: e.Undone, Ticket: e.Ticket, Label: e.Label, Until: u.At.Add(s.Config.Calls.UndoWindow())}
			}
		}
	}
	return last
}

// guarded counts who of a point has waited past the guard.
func guarded(s *queue.State, p queue.PointID, now queue.Stamp) Guarded {
	var g Guarded
	v := s.View()
	for t := range v.EachWaiting {
		if t.Point != p {
			continue
		}
		g.Waiting++
		if v.Guarded(t, now) {
			g.Guarded++
		}
	}
	g.Alarm = 5*g.Guarded > g.Waiting
	return g
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
		lane := Lane{Category: c.ID, Name: c.Name, Mine: mine.Serves(c.ID) || slices.Contains(mine.Drains, c.ID)}
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
			if d := &cfg.Counters[i]; d.Point == mine.Point && d.Serves(c.ID) && !c.Draining && s.Counters[i].State != queue.CounterIsClosed {
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
