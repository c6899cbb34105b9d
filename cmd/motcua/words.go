package main

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"motcua/queue"
)

// local is an instant on the centre's wall clock.
func local(t time.Time) string { return t.In(queue.Zone).Format(time.DateTime) }

// subject is the ticket an event is about; 0 when it is about none. The label
// is empty where the event does not carry it.
func subject(r *queue.Record) (queue.TicketID, string) {
	switch e := r.Event.(type) {
	case queue.TicketIssued:
		return queue.TicketID(r.Seq), e.Label
	case queue.TicketCalled:
		return e.Ticket, e.Label
	case queue.TicketRecalled:
		return e.Ticket, e.Label
	case queue.TicketStarted:
		return e.Ticket, e.Label
	case queue.TicketFinished:
		return e.Ticket, e.Label
	case queue.TicketNoShow:
		return e.Ticket, e.Label
	case queue.TicketReactivated:
		return e.Ticket, e.Label
	case queue.TicketParked:
		return e.Ticket, e.Label
	case queue.TicketUnparked:
		return e.Ticket, e.Label
	case queue.TicketTransferred:
		return e.Ticket, e.Label
	case queue.TicketCancelled:
		return e.Ticket, e.Label
	case queue.TicketExpired:
		return e.Ticket, e.Label
	case queue.SlipQueued:
		return e.Ticket, ""
	case queue.SlipSending:
		return e.Ticket, ""
	case queue.SlipPrinted:
		return e.Ticket, ""
	case queue.SlipFailed:
		return e.Ticket, ""
	case queue.SlipUnknown:
		return e.Ticket, ""
	}
	return 0, ""
}

// line is a record as `show` prints it. A time the clock did not vouch for is
// marked with "~".
func line(r *queue.Record, label string) string {
	mark := " "
	if !r.ClockOK {
		mark = "~"
	}
	return fmt.Sprintf("%7d  %s%s %-12s  %s", r.Seq, local(r.At), mark, cmp.Or(r.Actor, "-"), words(r, label))
}

// words says what happened; label is the ticket's.
func words(r *queue.Record, label string) string {
	switch e := r.Event.(type) {
	case queue.ConfigApplied:
		return configWords(e)
	case queue.DayOpened:
		return "business day " + string(e.Day) + " opened"
	case queue.DayClosed:
		if e.Forced {
			return "business day " + string(e.Day) + " closed by the rollover"
		}
		return "business day " + string(e.Day) + " closed"
	case queue.CounterOpened:
		if e.Staff != "" {
			return fmt.Sprintf("counter %s opened by %s", e.Counter, e.Staff)
		}
		return fmt.Sprintf("counter %s opened", e.Counter)
	case queue.CounterPaused:
		if e.Reason != "" {
			return fmt.Sprintf("counter %s paused: %s", e.Counter, e.Reason)
		}
		return fmt.Sprintf("counter %s paused", e.Counter)
	case queue.CounterClosed:
		return fmt.Sprintf("counter %s closed", e.Counter)
	case queue.TicketIssued:
		s := fmt.Sprintf("%s issued in category %s, %s, %d ahead", label, e.Category, e.Class, e.Ahead)
		if e.Dossiers > 1 {
			s += fmt.Sprintf(", %d dossiers", e.Dossiers)
		}
		if e.Entry != "" {
			s += ", by " + string(e.Entry)
		}
		return s
	case queue.TicketCalled:
		return fmt.Sprintf("%s called to counter %s: %s", label, e.Counter, reasonWords(e.Reason))
	case queue.TicketRecalled:
		return fmt.Sprintf("%s called again to counter %s, call %d", label, e.Counter, e.Call)
	case queue.TicketStarted:
		return fmt.Sprintf("%s sat down at counter %s", label, e.Counter)
	case queue.TicketFinished:
		return fmt.Sprintf("%s finished at counter %s: %s", label, e.Counter, e.Outcome)
	case queue.TicketNoShow:
		return fmt.Sprintf("%s was not there at counter %s", label, e.Counter)
	case queue.TicketReactivated:
		return fmt.Sprintf("%s came back, counted from %s", label, e.Arrival.Time().In(queue.Zone).Format(time.TimeOnly))
	case queue.TicketParked:
		return fmt.Sprintf("%s set aside at counter %s", label, e.Counter)
	case queue.TicketUnparked:
		return fmt.Sprintf("%s waits again, counted from %s", label, e.Arrival.Time().In(queue.Zone).Format(time.TimeOnly))
	case queue.TicketTransferred:
		return transferWords(e, label)
	case queue.TicketCancelled:
		return label + " cancelled"
	case queue.TicketExpired:
		if e.NotThere {
			return label + " expired with the day, called and not there"
		}
		return label + " expired with the day"
	case queue.SlipQueued:
		return label + ": a second slip asked for"
	case queue.SlipSending:
		return label + ": slip goes to the printer"
	case queue.SlipPrinted:
		if e.Proof {
			return label + ": slip printed, the printer says so"
		}
		return label + ": slip sent whole"
	case queue.SlipFailed:
		return strings.TrimSuffix(label+": slip not printed, "+e.Cause, ", ")
	case queue.SlipUnknown:
		return label + ": slip may have come out"
	}
	return r.Event.EventType()
}

func configWords(e queue.ConfigApplied) string {
	if e.Config == nil {
		return "configuration applied"
	}
	c := e.Config
	return fmt.Sprintf("configuration of %s applied: %d categories, %d counters", c.Centre.ID, len(c.Categories), len(c.Counters))
}

func transferWords(e queue.TicketTransferred, label string) string {
	s := label + " sent"
	if e.From != "" {
		s += fmt.Sprintf(" from counter %s", e.From)
	}
	if e.Bound != "" {
		s += fmt.Sprintf(" to counter %s", e.Bound)
	}
	return fmt.Sprintf("%s to category %s, place %s", s, e.Category, e.Mode)
}

func reasonWords(r queue.Reason) string {
	switch r.Code {
	case queue.ByArrival:
		return "came first"
	case queue.ByPriority:
		return fmt.Sprintf("priority, counted %d min earlier", r.HeadStart)
	case queue.ByShorter:
		return fmt.Sprintf("within %d min of %s and shorter", r.Window, r.Other)
	case queue.ByGuard:
		return fmt.Sprintf("has waited more than %d min", r.Guard)
	case queue.ByTransfer:
		return "came first, by transfer"
	case queue.ByReturn:
		return "came first, after coming back"
	case queue.ByHand:
		return "by hand, " + string(r.Cause)
	}
	return string(r.Code)
}
