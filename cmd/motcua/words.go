package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"motcua/queue"
)

// local is an instant on the centre's wall clock.
func local(t time.Time) string { return t.In(queue.Zone).Format(time.DateTime) }

// subject is the ticket a record is about, 0 for none, with its label where the
// event carries one.
func subject(r *queue.Record) (queue.TicketID, string) {
	id, ok := queue.Subject(r)
	if !ok {
		return 0, ""
	}
	var e struct {
		Label string `json:"label"`
	}
	if json.Unmarshal(r.Data, &e) != nil {
		return id, "" // it was decoded before: this can't fail
	}
	return id, e.Label
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
	case queue.TicketReissued:
		return fmt.Sprintf("%s issued after all in category %s, %d ahead, by %s", e.Issued.Label, e.Issued.Category, e.Issued.Ahead, e.Issued.Entry)
	case queue.RollStarted:
		return fmt.Sprintf("roll of numbers for %s in use at %s from %s on", cmp.Or(string(e.Category), "all categories"), e.Point, e.Label)
	case queue.RollEnded:
		return fmt.Sprintf("roll of numbers for %s put away at %s, next %s", cmp.Or(string(e.Category), "all categories"), e.Point, cmp.Or(e.Next, "none"))
	case queue.RollTakenBack:
		return fmt.Sprintf("%s to %s entered by mistake, %d numbers back on the roll", e.Label, e.Last, len(e.Tickets))
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
		if e.Appointment != "" {
			return label + " became appointment " + e.Appointment
		}
		return label + " cancelled"
	case queue.TicketExpired:
		if e.NotThere {
			return label + " expired with the day, called and not there"
		}
		return label + " expired with the day"
	case queue.TicketLegFinished:
		return fmt.Sprintf("%s: one leg finished at counter %s, waits for category %s at %s", label, e.Counter, e.Next, e.Point)
	case queue.TicketLegsPlanned:
		return fmt.Sprintf("%s: legs planned %v", label, e.Legs)
	case queue.TicketClassSet:
		return fmt.Sprintf("%s is of class %s, counted from %s", label, e.Class, e.Arrival.Time().In(queue.Zone).Format(time.TimeOnly))
	case queue.TicketDossiersSet:
		return fmt.Sprintf("%s has %d dossiers", label, e.Dossiers)
	case queue.TicketUndone:
		return fmt.Sprintf("%s: %s of record %d undone, %s again", label, e.Undone, e.Seq, e.State)
	case queue.AppointmentBooked:
		return fmt.Sprintf("appointment %s booked in category %s at %s", e.Code, e.Category, local(e.Slot.Time()))
	case queue.AppointmentCancelled:
		return "appointment " + e.Code + " cancelled"
	case queue.AppointmentMissed:
		return "appointment " + e.Code + " missed"
	case queue.AppointmentCheckedIn:
		if e.Late {
			return fmt.Sprintf("appointment %s came late and is ticket %d", e.Code, e.Ticket)
		}
		return fmt.Sprintf("appointment %s came and is ticket %d", e.Code, e.Ticket)
	case queue.SlipQueued:
		return label + ": a second slip asked for"
	case queue.SlipSending:
		return label + ": slip goes to the printer"
	case queue.SlipPrinted:
		if e.Proof {
			return label + ": slip printed, the printer says so"
		}
		if e.Seen {
			return label + ": slip came out, staff say so"
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
	case queue.ByAppointment:
		return "has an appointment at " + r.Slot.Time().In(queue.Zone).Format("15:04")
	case queue.ByHand:
		return "by hand, " + string(r.Cause)
	}
	return string(r.Code)
}
