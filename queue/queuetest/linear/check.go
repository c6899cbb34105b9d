package linear

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"motcua/queue"
)

type (
	// Operation is what one client asked between two instants, and what it was
	// told: Input is a [queue.Command], a [Look] or a [Survey], Output an
	// [Answer]. A command that was asked again under the same key is one
	// operation, from its first sending to its last answer.
	Operation = porcupine.Operation

	// Look asks which ticket a counter holds.
	Look struct{ Counter queue.CounterID }

	// Survey asks for all tickets of the point.
	Survey struct{}
)

// Answer is what a client was told.
type Answer struct {
	// Lost: the connection died and the client never asked again. The command
	// was carried out before Operation.Return, or never.
	Lost bool
	// Refused is the reason of a refusal; "" = done.
	Refused string
	// Seq is the position in the journal the answer of a command names. Those
	// of one history are the very order that must explain it; 0 = not told.
	Seq queue.Seq

	Ticket   queue.TicketID
	Label    string
	Category queue.CategoryID // may be left out
	Class    queue.ClassID    // may be left out
	State    queue.TicketState
	Counter  queue.CounterID // that has it, or for which it waits; not of Undo
	Ahead    int             // of Issue alone
	Bound    queue.CounterID // in a Survey alone

	Seen []Answer // of a Survey

	after queue.Seq // the position told before this one
}

func (a Answer) String() string {
	switch {
	case a.Lost:
		return "never answered"
	case a.Refused != "":
		return "refused: " + a.Refused
	case a.Seen != nil:
		return fmt.Sprint(a.Seen)
	}
	s := fmt.Sprintf("%s (%d) %s", a.Label, a.Ticket, a.State)
	if a.Counter != "" {
		s += " at " + string(a.Counter)
	}
	if a.Seq != 0 {
		s += fmt.Sprintf(", record %d", a.Seq)
	}
	return s
}

// agrees reports whether the model's answer is what a client was told.
func (a Answer) agrees(told Answer) bool {
	return a.Refused == told.Refused && (a.Ticket == 0 || a.Ticket == told.Ticket) && a.Label == told.Label &&
		(told.Category == "" || a.Category == told.Category) && (told.Class == "" || a.Class == told.Class) &&
		a.State == told.State && a.Counter == told.Counter && a.Ahead == told.Ahead
}

// step is every hall that may follow when a client asks and is told.
func (h *Hall) step(in any, told Answer) []*Hall {
	switch in := in.(type) {
	case Look:
		want := h.look(in.Counter)
		if !want.agrees(told) {
			return nil
		}
		return []*Hall{h.learn(told)}
	case Survey:
		if n := h.survey(told.Seen); n != nil {
			return []*Hall{n}
		}
		return nil
	}
	n, want := h.do(in.(queue.Command))
	switch {
	case told.Lost && want.Refused != "":
		return []*Hall{h}
	case told.Lost:
		return []*Hall{h, n}
	case told.Refused == queue.WhyTooLate && want.Refused != queue.WhyWrongState:
		return []*Hall{h} // nobody looked at the clock here
	case !want.agrees(told):
		return nil
	case want.Refused != "":
		return []*Hall{h}
	}
	if told.Seq != 0 {
		if h.seq != told.after {
			return nil
		}
		n.seq = told.Seq
	}
	return []*Hall{n.learn(told)}
}

// learn notes the id of a ticket whose label alone was known.
func (h *Hall) learn(told Answer) *Hall {
	if t := h.labelled(told.Label); t != nil && t.id != told.Ticket {
		h = h.clone()
		h.labelled(told.Label).id = told.Ticket
	}
	return h
}

// ErrUndecided is the result of a check that ran out of time: it says nothing.
var ErrUndecided = errors.New("undecided: the check ran out of time")

// Check returns the halls that may be there after a history that began in one
// of the given ones and went in the order that was found: one, unless something
// was lost. The error is [ErrUndecided], or names what no order explains. To
// check the parts of a long history use a [Trail].
func Check(from []*Hall, history []Operation, patience time.Duration) ([]*Hall, error) {
	history = chain(from[0].seq, history)
	equal := func(a, b any) bool { return a.(*Hall).equal(b.(*Hall)) }
	nondeterministic := porcupine.NondeterministicModel{
		Init:  func() []any { return boxed(from) },
		Step:  func(h, in, out any) []any { return boxed(h.(*Hall).step(in, out.(Answer))) },
		Equal: equal,
	}
	model := nondeterministic.ToModel()
	result, info := porcupine.CheckOperationsVerbose(model, history, patience)
	if result == porcupine.Unknown {
		return nil, ErrUndecided
	}
	order, state := longest(info), model.Init()
	for _, op := range order {
		_, state = model.Step(state, op.Input, op.Output)
	}
	var to []*Hall
	for _, h := range state.([]any) {
		to = append(to, h.(*Hall).forget())
	}
	if result != porcupine.Ok {
		return nil, unexplained(history, order, to)
	}
	return to, nil
}

func boxed(halls []*Hall) []any {
	list := make([]any, len(halls))
	for i, h := range halls {
		list[i] = h
	}
	return list
}

// chain tells every answer which position was told before it, so that the
// search need not try orders that contradict the journal's.
func chain(before queue.Seq, history []Operation) []Operation {
	history = slices.Clone(history)
	var told []queue.Seq
	for _, op := range history {
		if seq := op.Output.(Answer).Seq; seq != 0 {
			told = append(told, seq)
		}
	}
	slices.Sort(told)
	for i := range history {
		a := history[i].Output.(Answer)
		a.after = before
		if k, _ := slices.BinarySearch(told, a.Seq); k > 0 {
			a.after = told[k-1]
		}
		history[i].Output = a
	}
	return history
}

// longest is the order that explains the most.
func longest(info porcupine.LinearizationInfo) []Operation {
	var best []Operation
	for _, partition := range info.PartialLinearizationsOperations() {
		for _, order := range partition {
			if len(order) > len(best) {
				best = order
			}
		}
	}
	return best
}

// unexplained names the first operations that no order has room for.
func unexplained(history, order []Operation, halls []*Hall) error {
	type interval struct {
		client    int
		from, end int64
	}
	explained := map[interval]bool{}
	for _, op := range order {
		explained[interval{op.ClientId, op.Call, op.Return}] = true
	}
	left := slices.DeleteFunc(slices.Clone(history), func(op Operation) bool {
		return explained[interval{op.ClientId, op.Call, op.Return}]
	})
	slices.SortFunc(left, func(a, b Operation) int { return cmp.Compare(a.Return, b.Return) })
	var b strings.Builder
	fmt.Fprintf(&b, "no order explains the history: at most %d of %d operations, without", len(order), len(history))
	for _, op := range left[:min(len(left), 5)] {
		asked, _ := json.Marshal(op.Input)
		fmt.Fprintf(&b, "\n  client %d: %T%s → %v", op.ClientId, op.Input, asked, op.Output)
	}
	for _, h := range halls {
		fmt.Fprintf(&b, "\nin the hall after record %d:%s", h.seq, h)
	}
	return errors.New(b.String())
}

// AnswerOf is the answer that a command's records, or its refusal, make.
func AnswerOf(recs []queue.Record, err error) Answer {
	if refusal := (*queue.Error)(nil); errors.As(err, &refusal) {
		return Answer{Refused: refusal.Reason}
	}
	var a Answer
	for _, r := range recs {
		switch e := r.Event.(type) {
		case queue.TicketIssued:
			a = Answer{Ticket: queue.TicketID(r.Seq), Label: e.Label, Category: e.Category, Class: e.Class, State: queue.Waiting, Ahead: e.Ahead}
		case queue.TicketCalled:
			a = Answer{Ticket: e.Ticket, Label: e.Label, Category: e.Category, Class: e.Class, State: queue.Called, Counter: e.Counter}
		case queue.TicketRecalled:
			a = Answer{Ticket: e.Ticket, Label: e.Label, State: queue.Called, Counter: e.Counter}
		case queue.TicketStarted:
			a = Answer{Ticket: e.Ticket, Label: e.Label, State: queue.Serving, Counter: e.Counter}
		case queue.TicketFinished:
			a = Answer{Ticket: e.Ticket, Label: e.Label, State: queue.Finished, Counter: e.Counter}
		case queue.TicketNoShow:
			a = Answer{Ticket: e.Ticket, Label: e.Label, State: queue.Missed, Counter: e.Counter}
		case queue.TicketParked:
			a = Answer{Ticket: e.Ticket, Label: e.Label, State: queue.Parked, Counter: e.Counter}
		case queue.TicketUnparked:
			a = Answer{Ticket: e.Ticket, Label: e.Label, State: queue.Waiting}
		case queue.TicketTransferred:
			a = Answer{Ticket: e.Ticket, Label: e.Label, Category: e.Category, State: queue.Waiting, Counter: e.Bound}
		case queue.TicketUndone:
			a = Answer{Ticket: e.Ticket, Label: e.Label, State: e.State}
		}
		a.Seq = r.Seq
	}
	return a
}
