package sim

import (
	"container/heap"
	"fmt"
	"time"

	"motcua/queue"
)

// Hall is one centre on a virtual clock. What happens is put on its agenda;
// each command is decided and applied at the instant the agenda has reached,
// without hashes and without a journal. It is not safe for concurrent use.
type Hall struct {
	State  *queue.State
	Picker queue.Picker
	Role   queue.Role // as whom commands are given; a supervisor
	// Watch, when set, hears every event before it is applied: State is then
	// as the decision saw it.
	Watch func(queue.Event) error

	now    queue.Stamp
	agenda agenda
}

// NewHall opens a business day of a centre at an instant; its counters are
// still closed. The configuration is applied without the checks of a live
// centre: a simulation may compare what a centre may not set.
func NewHall(begin time.Time, cfg queue.Config, p queue.Picker) (*Hall, error) {
	h := &Hall{State: queue.NewState("sim"), Picker: p, Role: queue.Supervisor, now: queue.StampOf(begin)}
	if err := h.apply(queue.ConfigApplied{Config: &cfg}); err != nil {
		return nil, err
	}
	if _, err := h.Do(queue.OpenDay{}); err != nil {
		return nil, err
	}
	return h, nil
}

// Now is the instant the agenda has reached.
func (h *Hall) Now() queue.Stamp { return h.now }

// Do gives a command now. A refusal is the domain's *queue.Error and changes nothing.
func (h *Hall) Do(c queue.Command) ([]queue.Event, error) {
	events, err := h.State.Decide(c, queue.Env{Now: h.now.Time(), ClockOK: true, Role: h.Role, Picker: h.Picker})
	if err != nil {
		return nil, err
	}
	for _, e := range events {
		if err := h.apply(e); err != nil {
			return nil, err
		}
	}
	return events, nil
}

func (h *Hall) apply(e queue.Event) error {
	if h.Watch != nil {
		if err := h.Watch(e); err != nil {
			return err
		}
	}
	err := h.State.Apply(queue.Record{Seq: h.State.Pos.Seq + 1, At: h.now.Time(), ClockOK: true, Event: e})
	if err != nil {
		return fmt.Errorf("simulate: %w", err)
	}
	return nil
}

// At puts an action on the agenda. Actions of the same instant happen in the
// order in which they were put there; what is past happens at once.
func (h *Hall) At(at queue.Stamp, act func() error) {
	h.agenda.put++
	heap.Push(&h.agenda, entry{max(at, h.now), h.agenda.put, act})
}

// Run lets everything on the agenda happen, with what that puts there, until
// nothing is left or an action fails.
func (h *Hall) Run() error {
	for h.agenda.Len() > 0 {
		e := heap.Pop(&h.agenda).(entry)
		h.now = e.at
		if err := e.act(); err != nil {
			return err
		}
	}
	return nil
}

// Free finds the first open counter without a citizen that may call the
// waiting ticket.
func (h *Hall) Free(t *queue.Ticket) (queue.CounterID, bool) {
	v := h.State.View()
	for i := range h.State.Counters {
		c := &h.State.Counters[i]
		if c.State == queue.CounterIsOpen && c.Ticket == 0 && v.Eligible(c.ID).Allows(t) {
			return c.ID, true
		}
	}
	return "", false
}

// Called finds the call among the events of a command.
func Called(events []queue.Event) (queue.TicketCalled, bool) {
	for _, e := range events {
		if c, ok := e.(queue.TicketCalled); ok {
			return c, true
		}
	}
	return queue.TicketCalled{}, false
}

// entry is an action on the agenda.
type entry struct {
	at  queue.Stamp
	nth uint64
	act func() error
}

// agenda is a heap of actions, the next one first.
type agenda struct {
	entries []entry
	put     uint64
}

func (a *agenda) Len() int      { return len(a.entries) }
func (a *agenda) Swap(i, j int) { a.entries[i], a.entries[j] = a.entries[j], a.entries[i] }
func (a *agenda) Push(x any)    { a.entries = append(a.entries, x.(entry)) }

func (a *agenda) Less(i, j int) bool {
	x, y := &a.entries[i], &a.entries[j]
	if x.at != y.at {
		return x.at < y.at
	}
	return x.nth < y.nth
}

func (a *agenda) Pop() any {
	last := len(a.entries) - 1
	e := a.entries[last]
	a.entries[last] = entry{}
	a.entries = a.entries[:last]
	return e
}
