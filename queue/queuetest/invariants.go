package queuetest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"motcua/queue"
)

// Invariants names everything that is wrong with a state; none in a right one.
func Invariants(s *queue.State) []string {
	var wrong []string
	bad := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }

	holder := map[queue.TicketID]queue.CounterID{}
	for i := range s.Counters {
		c := &s.Counters[i]
		if c.Ticket == 0 {
			continue
		}
		t := s.Ticket(c.Ticket)
		switch {
		case t == nil:
			bad("counter %s holds ticket %d, which is none of today", c.ID, c.Ticket)
		case !t.State.Held():
			bad("counter %s holds %s, which is %s", c.ID, t.Label, t.State)
		case t.Counter != c.ID:
			bad("counter %s holds %s, which stands at %s", c.ID, t.Label, t.Counter)
		case holder[t.ID] != "":
			bad("%s is at counters %s and %s", t.Label, holder[t.ID], c.ID)
		case c.State != queue.CounterIsOpen:
			bad("counter %s is %s and holds %s", c.ID, c.State, t.Label)
		}
		holder[c.Ticket] = c.ID
	}
	labels := map[string]queue.TicketID{}
	waiting := map[queue.TicketID]bool{}
	for t := range s.View().EachWaiting {
		if waiting[t.ID] {
			bad("%s waits twice", t.Label)
		}
		waiting[t.ID] = true
		if !slices.ContainsFunc(s.Counters, func(c queue.Counter) bool { return s.View().Eligible(c.ID).Allows(t) }) {
			bad("%s waits and no counter may call it", t.Label)
		}
	}
	var last queue.TicketID
	for i := range s.Tickets {
		t := &s.Tickets[i]
		if t.ID <= last {
			bad("ticket %d stands after %d", t.ID, last)
		}
		last = t.ID
		key := string(t.Point) + "/" + t.Label
		if o, ok := labels[key]; ok {
			bad("label %s names tickets %d and %d", key, o, t.ID)
		}
		labels[key] = t.ID
		switch t.State {
		case queue.Waiting, queue.Called, queue.Serving, queue.Parked, queue.Missed, queue.Finished, queue.Cancelled, queue.Expired:
		default:
			bad("%s is in no known state: %q", t.Label, t.State)
		}
		if t.State.Held() != (holder[t.ID] != "") {
			bad("%s is %s and no counter holds it", t.Label, t.State)
		}
		if (t.State == queue.Waiting) != waiting[t.ID] {
			bad("%s is %s, waiting list says %t", t.Label, t.State, waiting[t.ID])
		}
		if t.FirstCall != 0 && t.FirstCall < t.Issued || t.LastCall < t.FirstCall {
			bad("%s was called before it was issued", t.Label)
		}
		if t.Arrival > s.LastAt && t.Arrival != t.Slot { // an appointment counts from its slot
			bad("%s arrives in the future", t.Label)
		}
		if !s.Day.Open && !t.State.Over() {
			bad("the day is closed and %s is %s", t.Label, t.State)
		}
	}
	for i := range s.Undos {
		u := &s.Undos[i]
		if t := s.Ticket(u.Before.ID); t == nil {
			bad("what was done to ticket %d, which is none of today, could be undone", u.Before.ID)
		}
	}
	for i := range s.Back {
		t := &s.Back[i]
		key := string(t.Point) + "/" + t.Label
		if o, ok := labels[key]; ok {
			bad("label %s names ticket %d and %d, which was taken back", key, o, t.ID)
		}
		labels[key] = t.ID
		if t.Entry != queue.EntryRoll {
			bad("%s was taken back and is on no roll", t.Label)
		}
	}
	for i := range s.Rolls {
		r := &s.Rolls[i]
		if r.Open && !s.Day.Open {
			bad("the day is closed and a roll is in use at %s", r.Point)
		}
		if r.Next < r.First {
			bad("roll at %s stands at %d, before its first number %d", r.Point, r.Next, r.First)
		}
		for k := range s.Tickets {
			t := &s.Tickets[k]
			if n, err := strconv.Atoi(strings.TrimPrefix(t.Label, r.Prefix)); r.Open && err == nil && t.Point == r.Point && n >= r.Next && len(t.Label) == len(r.Prefix)+r.Width && t.Label == r.Label(n) {
				bad("%s is given out, and still to come on the roll that stands at %d", t.Label, r.Next)
			}
		}
	}
	used := map[queue.Used]int{}
	for i := range s.Tickets {
		if t := &s.Tickets[i]; t.Session != "" {
			used[queue.Used{Session: t.Session, Category: t.Origin, Point: t.TakenAt}] += int(t.Dossiers)
		}
	}
	for _, u := range s.Used {
		key := u
		key.Dossiers = 0
		if used[key] != u.Dossiers {
			bad("session %s counts %d dossiers of %s at %s, its tickets have %d", u.Session, u.Dossiers, u.Category, u.Point, used[key])
		}
		delete(used, key)
	}
	if len(used) > 0 {
		bad("dossiers are not counted: %v", used)
	}
	codes := map[string]bool{}
	for i := range s.Appointments {
		a := &s.Appointments[i]
		if codes[a.Code] {
			bad("appointment %s stands twice", a.Code)
		}
		codes[a.Code] = true
		if (a.State == queue.AppointmentIsCheckedIn) != (a.Ticket != 0) {
			bad("appointment %s is %s with ticket %d", a.Code, a.State, a.Ticket)
		}
	}
	return wrong
}
