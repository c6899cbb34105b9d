package story

import (
	"strings"

	"motcua/queue"
)

// Record tells one record in whole sentences. The state is the one right
// before it: it knows the names and the labels of the day.
func (t Teller) Record(s *queue.State, r *queue.Record) string {
	n := t.names(s)
	name := "story." + strings.TrimSuffix(r.Event.EventType(), ".v1")
	switch e := r.Event.(type) {
	case queue.DayOpened:
		return t.say(name, map[string]any{"day": day(e.Day)})
	case queue.DayClosed:
		text := t.say(name, map[string]any{"day": day(e.Day), "forced": yes(e.Forced)})
		if x := e.Totals; x != nil {
			text += " " + t.say(name+".totals", map[string]any{"issued": x.Issued, "finished": x.Finished,
				"no_show": x.NoShow, "cancelled": x.Cancelled, "expired": x.Expired})
		}
		return text
	case queue.CounterOpened:
		return t.say(name, map[string]any{"counter": n.counter(e.Counter)})
	case queue.CounterPaused:
		return t.say(name, map[string]any{"counter": n.counter(e.Counter), "planned": yes(e.Planned), "reason": string(e.Reason),
			"has": yes(e.Until != 0), "until": clock(e.Until)})
	case queue.CounterClosed:
		return t.say(name, map[string]any{"counter": n.counter(e.Counter)})
	case queue.TicketIssued:
		return t.issued(n, name, e)
	case queue.TicketCalled:
		return t.say(name, map[string]any{"counter": n.counter(e.Counter), "label": e.Label, "reason": t.Reason(s, e.Label, e.Reason)})
	case queue.TicketRecalled:
		return t.say(name, map[string]any{"counter": n.counter(e.Counter), "label": e.Label, "n": e.Call})
	case queue.TicketStarted:
		return t.say(name, map[string]any{"counter": n.counter(e.Counter), "label": e.Label})
	case queue.TicketFinished:
		return t.say(name, map[string]any{"counter": n.counter(e.Counter), "label": e.Label, "outcome": string(e.Outcome)})
	case queue.TicketLegFinished:
		moved := false
		if x := s.Ticket(e.Ticket); x != nil {
			moved = x.Point != e.Point
		}
		return t.say(name, map[string]any{"counter": n.counter(e.Counter), "label": e.Label, "category": n.category(e.Next),
			"elsewhere": yes(moved), "point": n.point(e.Point), "at": clock(e.Arrival)})
	case queue.TicketLegsPlanned:
		return t.say(name, map[string]any{"label": e.Label, "has": yes(len(e.Legs) > 0), "list": n.categories(e.Legs)})
	case queue.TicketClassSet:
		return t.say(name, map[string]any{"label": e.Label, "class": n.class(e.Class), "at": clock(e.Arrival)})
	case queue.TicketDossiersSet:
		return t.say(name, map[string]any{"label": e.Label, "n": e.Dossiers})
	case queue.TicketUndone:
		return t.say(name, map[string]any{"has": yes(e.Counter != ""), "counter": n.counter(e.Counter), "label": e.Label,
			"undone": strings.TrimSuffix(e.Undone, ".v1"), "state": string(e.State)})
	case queue.TicketNoShow:
		return t.say(name, map[string]any{"counter": n.counter(e.Counter), "label": e.Label})
	case queue.TicketReactivated:
		return t.say(name, map[string]any{"label": e.Label, "at": clock(e.Arrival)})
	case queue.TicketParked:
		return t.say(name, map[string]any{"counter": n.counter(e.Counter), "label": e.Label})
	case queue.TicketUnparked:
		return t.say(name, map[string]any{"label": e.Label, "at": clock(e.Arrival)})
	case queue.TicketTransferred:
		return t.say(name, map[string]any{"label": e.Label, "bound": yes(e.Bound != ""), "counter": n.counter(e.Bound),
			"category": n.category(e.Category), "elsewhere": yes(e.Point != ""), "point": n.point(e.Point),
			"mode": string(e.Mode), "at": clock(e.Arrival)})
	case queue.TicketCancelled:
		text := t.say(name, map[string]any{"label": e.Label})
		if e.Appointment != "" {
			text += " " + t.say(name+".appointment", map[string]any{"code": e.Appointment})
		}
		return text
	case queue.TicketExpired:
		return t.say(name, map[string]any{"label": e.Label, "missed": yes(e.NotThere)})
	case queue.AppointmentBooked:
		at := e.Slot.Time().In(queue.Zone)
		return t.say(name, map[string]any{"code": e.Code, "category": n.category(e.Category), "day": at.Format("02/01/2006"),
			"at": at.Format("15:04"), "n": e.Dossiers})
	case queue.AppointmentCancelled:
		return t.say(name, map[string]any{"code": e.Code})
	case queue.AppointmentMissed:
		return t.say(name, map[string]any{"code": e.Code})
	case queue.AppointmentCheckedIn:
		return t.say(name, map[string]any{"code": e.Code, "label": label(s, e.Ticket), "late": yes(e.Late)})
	case queue.RollStarted:
		return t.say(name, n.roll(e.Point, e.Category, map[string]any{"label": e.Label, "self": yes(e.Self)}))
	case queue.RollEnded:
		return t.say(name, n.roll(e.Point, e.Category, map[string]any{"has": yes(e.Next != ""), "next": e.Next}))
	case queue.RollTakenBack:
		return t.say(name, map[string]any{"n": len(e.Tickets), "label": e.Label, "last": e.Last})
	case queue.TicketReissued:
		return t.issued(n, name, e.Issued)
	case queue.SlipQueued:
		return t.say(name, map[string]any{"label": label(s, e.Ticket)})
	case queue.SlipSending:
		return t.say(name, map[string]any{"label": label(s, e.Ticket)})
	case queue.SlipPrinted:
		return t.say(name, map[string]any{"label": label(s, e.Ticket), "proof": yes(e.Proof), "seen": yes(e.Seen)})
	case queue.SlipFailed:
		return t.say(name, map[string]any{"label": label(s, e.Ticket), "cause": e.Cause})
	case queue.SlipUnknown:
		return t.say(name, map[string]any{"label": label(s, e.Ticket)})
	}
	return t.say(name, nil)
}

// issued adds to the number what it was given out with.
func (t Teller) issued(n names, name string, e queue.TicketIssued) string {
	say := []string{t.say(name, map[string]any{"entry": string(e.Entry), "label": e.Label, "category": n.category(e.Category)})}
	if e.Slot != 0 {
		say = append(say, t.say("story.ticket.issued.slot", map[string]any{"at": clock(e.Slot)}))
	}
	if e.Class != queue.Normal {
		say = append(say, t.say("story.ticket.issued.class", map[string]any{"class": n.class(e.Class)}))
	}
	if e.Claim != "" {
		say = append(say, t.say("story.ticket.issued.claim", map[string]any{"class": n.class(e.Claim)}))
	}
	if e.Dossiers > 1 {
		say = append(say, t.say("story.ticket.issued.dossiers", map[string]any{"n": e.Dossiers}))
	}
	if len(e.Legs) > 0 {
		say = append(say, t.say("story.ticket.issued.legs", map[string]any{"list": n.categories(e.Legs)}))
	}
	if e.Entry != queue.EntryDirect {
		say = append(say, t.say("story.ticket.issued.ahead", map[string]any{"n": e.Ahead}))
	}
	return strings.Join(say, " ")
}

// roll adds whose roll it is to what is said of it.
func (n names) roll(p queue.PointID, c queue.CategoryID, args map[string]any) map[string]any {
	args["point"], args["of"], args["category"] = n.point(p), "one", n.category(c)
	if c == "" {
		args["of"] = "all"
	}
	return args
}

func day(d queue.Day) string {
	if !d.Valid() {
		return string(d)
	}
	return d.Begins().Format("02/01/2006")
}

func label(s *queue.State, id queue.TicketID) string {
	if t := s.Ticket(id); t != nil {
		return t.Label
	}
	return ""
}
