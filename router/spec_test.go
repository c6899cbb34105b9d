package router_test

import (
	"cmp"
	"math/big"
	"slices"

	"motcua/queue"
)

// The policies of routing.md §1 once more, as plain as they are written there:
// everybody the counter may call is listed, given figures, and sorted.

// person is a waiting ticket as the specification sees it; times are minutes.
type person struct {
	*queue.Ticket
	a, w, v, e *big.Rat
	class      bool // priority or valid appointment
}

func minutesOf(ms queue.Stamp) *big.Rat { return big.NewRat(int64(ms), 60_000) }

func listed(s *queue.State, c queue.CounterID, now queue.Stamp) []person {
	cfg := s.Config
	highest := 0
	for _, k := range cfg.Classes {
		highest = max(highest, k.HeadStart)
	}
	var all []person
	for i := range s.Tickets {
		t := &s.Tickets[i]
		if t.State != queue.Waiting || !able(cfg.Desk(c), t) {
			continue
		}
		p := person{Ticket: t, a: minutesOf(t.Arrival), w: minutesOf(now - t.Arrival), class: t.Class != queue.Normal}
		h := cfg.Class(t.Class).HeadStart
		if g := cfg.Routing.Guard; g > 0 && p.w.Cmp(big.NewRat(int64(g), 1)) > 0 {
			h = highest
		}
		p.v = new(big.Rat).Sub(p.a, big.NewRat(int64(h), 1))
		factor := big.NewRat(10+6*int64(t.Dossiers-1), 10)
		e := new(big.Rat).Mul(factor, big.NewRat(int64(cfg.Category(t.Category).Minutes), 1))
		e.Add(e, big.NewRat(1, 2))
		p.e = new(big.Rat).SetInt(new(big.Int).Div(e.Num(), e.Denom()))
		all = append(all, p)
	}
	return all
}

func byArrival(x, y person) int { return cmp.Or(x.a.Cmp(y.a), cmp.Compare(x.ID, y.ID)) }

func byClass(x, y person) int {
	if x.class != y.class {
		if x.class {
			return -1
		}
		return 1
	}
	return byArrival(x, y)
}

// inside keeps the people of one category.
func inside(all []person, c queue.CategoryID) []person {
	return slices.DeleteFunc(slices.Clone(all), func(p person) bool { return p.Category != c })
}

// largest takes who has the largest figure, or came earlier with the same.
func largest(all []person, figure func(person) *big.Rat) queue.TicketID {
	return slices.MinFunc(all, func(x, y person) int { return cmp.Or(figure(y).Cmp(figure(x)), byArrival(x, y)) }).ID
}

// specified are the policies over people of whom none was transferred to the front.
var specified = map[string]func(all []person, cfg *queue.Config, d *queue.Desk) queue.TicketID{
	"headstart": func(all []person, cfg *queue.Config, _ *queue.Desk) queue.TicketID {
		slices.SortFunc(all, func(x, y person) int { return cmp.Or(x.v.Cmp(y.v), cmp.Compare(x.ID, y.ID)) })
		if cfg.Routing.Window == 0 {
			return all[0].ID
		}
		limit := new(big.Rat).Add(all[0].v, big.NewRat(int64(cfg.Routing.Window), 1))
		var candidates []person
		for i, p := range all {
			head := !slices.ContainsFunc(all[:i], func(o person) bool { return o.Category == p.Category })
			if head && p.v.Cmp(limit) <= 0 {
				candidates = append(candidates, p)
			}
		}
		slices.SortStableFunc(candidates, func(x, y person) int { return x.e.Cmp(y.e) })
		return candidates[0].ID
	},
	"fcfs": func(all []person, _ *queue.Config, _ *queue.Desk) queue.TicketID {
		return slices.MinFunc(all, byArrival).ID
	},
	"strict": func(all []person, _ *queue.Config, _ *queue.Desk) queue.TicketID {
		return slices.MinFunc(all, byClass).ID
	},
	"category-list": func(all []person, _ *queue.Config, d *queue.Desk) queue.TicketID {
		for _, c := range d.Skills {
			if lane := inside(all, c); len(lane) > 0 {
				return slices.MinFunc(lane, byClass).ID
			}
		}
		return slices.MinFunc(all, byClass).ID // sent to this counter, of none of its categories
	},
	"longest-queue": func(all []person, cfg *queue.Config, _ *queue.Desk) queue.TicketID {
		var lanes [][]person
		for _, c := range cfg.Categories {
			if lane := inside(all, c.ID); len(lane) > 0 {
				slices.SortFunc(lane, byClass)
				lanes = append(lanes, lane)
			}
		}
		return slices.MinFunc(lanes, func(x, y []person) int {
			return cmp.Or(cmp.Compare(len(y), len(x)), byArrival(x[0], y[0]))
		})[0].ID
	},
	"apq": func(all []person, _ *queue.Config, _ *queue.Desk) queue.TicketID {
		return largest(all, func(p person) *big.Rat {
			b := big.NewRat(1, 1)
			if p.class {
				b = big.NewRat(3, 1)
			}
			return b.Mul(b, p.w)
		})
	},
	"gcmu": func(all []person, _ *queue.Config, _ *queue.Desk) queue.TicketID {
		return largest(all, func(p person) *big.Rat {
			target := big.NewRat(30, 1)
			if p.class {
				target = big.NewRat(10, 1)
			}
			cost := target.Mul(target, target)
			cost.Mul(cost, p.e)
			w := new(big.Rat).Add(p.w, big.NewRat(1, 100))
			return w.Quo(w, cost)
		})
	},
}

// specify is what a policy must take; false for nobody.
func specify(name string, s *queue.State, c queue.CounterID, now queue.Stamp) (queue.TicketID, bool) {
	all := listed(s, c, now)
	if len(all) == 0 {
		return 0, false
	}
	front := slices.DeleteFunc(slices.Clone(all), func(p person) bool { return !p.Front })
	if len(front) > 0 {
		return slices.MinFunc(front, byArrival).ID, true
	}
	return specified[name](all, s.Config, s.Config.Desk(c)), true
}
