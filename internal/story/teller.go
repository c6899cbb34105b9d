package story

import (
	"fmt"
	"strings"
	"time"

	"motcua/queue"
	"motcua/router"
)

// Words gives the sentence of a key in a language, its arguments filled in;
// internal/web's catalogue is one.
type Words interface {
	Text(language, key string, args map[string]any) string
}

// Teller makes sentences in one language.
type Teller struct {
	Words    Words
	Language string
}

func (t Teller) say(key string, args map[string]any) string {
	return t.Words.Text(t.Language, key, args)
}

// clock is an instant as a wall clock shows it, to the minute.
func clock(s queue.Stamp) string { return s.Time().In(queue.Zone).Format("15:04") }

// ceiling is clock, rounded up: a promise may not be broken by half a minute.
func ceiling(s queue.Stamp) string {
	return s.Time().Add(time.Minute - time.Millisecond).In(queue.Zone).Format("15:04")
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// names looks up how what events name by id is called in the hall.
type names struct {
	cfg       *queue.Config
	languages []string
}

func (t Teller) names(s *queue.State) names {
	n := names{cfg: s.Config}
	if s.Config != nil {
		n.languages = append([]string{t.Language}, s.Config.Languages...)
	}
	return n
}

func (n names) counter(id queue.CounterID) string {
	if n.cfg != nil {
		if d := n.cfg.Desk(id); d != nil {
			return fmt.Sprint(d.Number)
		}
	}
	return string(id)
}

func (n names) category(id queue.CategoryID) string {
	if n.cfg != nil {
		if c := n.cfg.Category(id); c != nil {
			return strings.TrimSpace(string(id) + " " + c.Name.In(n.languages...))
		}
	}
	return string(id)
}

func (n names) class(id queue.ClassID) string {
	if n.cfg != nil {
		if c := n.cfg.Class(id); c != nil && c.Name.In(n.languages...) != "" {
			return c.Name.In(n.languages...)
		}
	}
	return string(id)
}

func (n names) point(id queue.PointID) string {
	if n.cfg != nil {
		if p := n.cfg.Point(id); p != nil && p.Name.In(n.languages...) != "" {
			return p.Name.In(n.languages...)
		}
	}
	return string(id)
}

func (n names) categories(ids []queue.CategoryID) string {
	var list []string
	for _, id := range ids {
		list = append(list, n.category(id))
	}
	return strings.Join(list, ", ")
}

// Reason says why the ticket of a label was called (routing.md §1).
func (t Teller) Reason(s *queue.State, label string, r queue.Reason) string {
	n := t.names(s)
	args := map[string]any{
		"x": label, "a": clock(r.Arrival), "v": clock(r.Effective), "H": r.HeadStart, "s": clock(r.Slot), "m": r.Other,
		"D": r.Window, "Ex": r.Expected, "Em": r.OtherMin, "G": r.Guard, "c": n.category(r.Category),
	}
	switch {
	case r.Code == queue.ByPriority && r.HeadStart == 0:
		return t.say("reason.priority_strict", args)
	case r.Code == queue.ByHand && (r.Cause == queue.CallParked || r.Cause == queue.CallTransferred):
		return t.say("reason."+string(r.Cause), args)
	case r.Code == queue.ByHand:
		args["cause"] = t.say("reason.cause."+string(r.Cause), nil)
	}
	return t.say("reason."+string(r.Code), args)
}

// Explanation answers why one ticket was called before another.
func (t Teller) Explanation(s *queue.State, e router.Explanation, k queue.CounterID) string {
	n := t.names(s)
	args := map[string]any{"x": e.Chosen.Label, "i": e.Asked.Label, "k": n.counter(k)}
	switch e.Why.Code {
	case router.NotIssued:
		return t.say("explain.not_issued", args)
	case router.NotWaiting:
		args["state"] = t.say("common.state."+string(e.State), nil)
		return t.say("explain.not_waiting", args)
	case router.Elsewhere:
		args["point"] = n.point(e.Point)
		return t.say("explain.elsewhere", args)
	case router.BoundTo:
		args["c"] = n.counter(e.Counter)
		return t.say("explain.bound", args)
	case queue.NotServed:
		return t.say("reason.not_served", map[string]any{"k": n.counter(k), "c": n.category(e.Why.Category)})
	}
	return t.Reason(s, e.Chosen.Label, e.Why)
}
