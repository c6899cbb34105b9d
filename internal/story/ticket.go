package story

import (
	"fmt"
	"iter"
	"slices"
	"strconv"
	"strings"
	"time"

	"motcua/queue"
	"motcua/router"
)

// Query names a ticket: by its label on a day, or by its id.
type Query struct {
	Ticket string        // "A010", or the id
	Day    queue.Day     // of a label; empty: the last day that has it
	Point  queue.PointID // of a label; empty: any
}

func (q Query) means(id queue.TicketID, e queue.TicketIssued) bool {
	if strconv.FormatUint(uint64(id), 10) == q.Ticket {
		return true
	}
	return strings.EqualFold(e.Label, q.Ticket) && (q.Day == "" || q.Day == e.Day) && (q.Point == "" || q.Point == e.Point)
}

// Line is one sentence of a story, with its place in the journal.
type Line struct {
	Seq     queue.Seq
	At      time.Time
	ClockOK bool
	Passed  bool // tells of a later number that was called first
	Text    string
}

// Story is a ticket's whole way through the hall.
type Story struct {
	Ticket queue.Ticket // as it stood at the end
	Day    queue.Day
	Point  string // its name
	Passed int    // later numbers called before it at counters that may call it
	Lines  []Line
}

// NotFoundError says that no journal record issued the ticket.
type NotFoundError struct{ Query Query }

func (e *NotFoundError) Error() string {
	on := ""
	if e.Query.Day != "" {
		on = " on " + string(e.Query.Day)
	}
	return fmt.Sprintf("no ticket %s was issued%s: look for it with `motcua journal show --type ticket.issued.v1`", e.Query.Ticket, on)
}

// Records is a journal from its first record on.
type Records = iter.Seq2[queue.Record, error]

// OfTicket tells the story of one ticket. It folds the journal once, so that
// every sentence rests on the state it speaks of.
func (t Teller) OfTicket(records Records, q Query) (*Story, error) {
	var s *Story
	state := queue.NewState("")
	for r, err := range records {
		if err != nil {
			return nil, err
		}
		if e, ok := r.Event.(queue.TicketIssued); ok && q.means(queue.TicketID(r.Seq), e) {
			s = &Story{Day: e.Day, Point: t.names(state).point(e.Point), Ticket: queue.Ticket{ID: queue.TicketID(r.Seq)}}
		}
		if s != nil {
			t.tell(s, state, &r)
		}
		if err := state.Apply(r); err != nil {
			return nil, err
		}
		if s == nil {
			continue
		}
		if x := state.Ticket(s.Ticket.ID); x != nil {
			s.Ticket = *x
		}
		if e, ok := r.Event.(queue.TicketIssued); ok && s.Ticket.ID == queue.TicketID(r.Seq) && e.Entry != queue.EntryDirect {
			if until, ok := router.NoPass(state.View(), s.Ticket.ID); ok {
				s.add(&r, false, t.say("explain.promise", map[string]any{"i": e.Label, "b": ceiling(until)}))
			}
		}
	}
	if s == nil {
		return nil, &NotFoundError{q}
	}
	return s, nil
}

// tell adds what a record says of the ticket: what happened to it, and which
// later number went before it.
func (t Teller) tell(s *Story, before *queue.State, r *queue.Record) {
	if id, ok := queue.Subject(r); ok && id == s.Ticket.ID {
		s.add(r, false, t.Record(before, r))
		return
	}
	switch e := r.Event.(type) {
	case queue.AppointmentCheckedIn:
		if e.Ticket == s.Ticket.ID {
			s.add(r, false, t.Record(before, r))
		}
	case queue.RollTakenBack:
		if slices.Contains(e.Tickets, s.Ticket.ID) {
			s.add(r, false, t.Record(before, r))
		}
	case queue.TicketCalled:
		x, i := before.Ticket(e.Ticket), before.Ticket(s.Ticket.ID)
		if x == nil || i == nil || x.ID < i.ID || i.State != queue.Waiting || !before.View().Eligible(e.Counter).Allows(i) {
			return
		}
		s.Passed++
		why := t.Explanation(before, router.ExplainCall(before.View(), e, i.ID, r.At), e.Counter)
		s.add(r, true, t.say("explain.passed", map[string]any{"x": x.Label, "k": t.names(before).counter(e.Counter), "reason": why}))
	}
}

func (s *Story) add(r *queue.Record, passed bool, text string) {
	s.Lines = append(s.Lines, Line{Seq: r.Seq, At: r.At, ClockOK: r.ClockOK, Passed: passed, Text: text})
}

// Summary tells how long each leg waited and was served, and how many later
// numbers went first.
func (t Teller) Summary(s *Story) []string {
	var lines []string
	leg := func(since, firstCall, served queue.Stamp) {
		if firstCall == 0 {
			return
		}
		lines = append(lines, t.say("explain.times", map[string]any{"label": s.Ticket.Label,
			"wait": minutes(firstCall - since), "service": minutes(served)}))
	}
	for _, l := range s.Ticket.Past {
		leg(l.Since, l.FirstCall, l.Served)
	}
	since := s.Ticket.LegSince
	if since == 0 {
		since = s.Ticket.Issued
	}
	leg(since, s.Ticket.FirstCall, s.Ticket.Served)
	return append(lines, t.say("explain.passed_by", map[string]any{"n": s.Passed}))
}

// minutes rounds to whole ones.
func minutes(ms queue.Stamp) int { return int((ms + 30_000) / 60_000) }

// Before answers why one ticket was called before another, from the journal:
// on the state right before that call.
func (t Teller) Before(records Records, chosen, asked Query) (Line, error) {
	state := queue.NewState("")
	var x, i queue.TicketID // the last of each name
	var answer *Line
	for r, err := range records {
		if err != nil {
			return Line{}, err
		}
		if e, ok := r.Event.(queue.TicketIssued); ok {
			id := queue.TicketID(r.Seq)
			if chosen.means(id, e) {
				x, answer = id, nil
			}
			if asked.means(id, e) {
				i = id
				if answer != nil && x != 0 && state.Ticket(x) == nil {
					answer = nil
				}
			}
		}
		if e, ok := r.Event.(queue.TicketCalled); ok && e.Ticket == x && x != 0 && answer == nil {
			why := router.ExplainCall(state.View(), e, i, r.At)
			if why.Asked.Label == "" {
				why.Asked.Label = strings.ToUpper(asked.Ticket)
			}
			text := t.say("explain.called", map[string]any{"x": e.Label, "k": t.names(state).counter(e.Counter)})
			answer = &Line{Seq: r.Seq, At: r.At, ClockOK: r.ClockOK, Text: text + " " + t.Explanation(state, why, e.Counter)}
		}
		if err := state.Apply(r); err != nil {
			return Line{}, err
		}
	}
	switch {
	case x == 0:
		return Line{}, &NotFoundError{chosen}
	case i == 0:
		return Line{}, &NotFoundError{asked}
	case answer == nil:
		return Line{Text: t.say("explain.never", map[string]any{"x": strings.ToUpper(chosen.Ticket)})}, nil
	}
	return *answer, nil
}
