package linear

import (
	"cmp"
	"slices"

	"motcua/queue"
)

// undo is a command that may be taken back: a ticket as it was before it. A
// counter has one, or two when a finish called the next ticket; a ticket to
// which something was done without a counter has one of its own.
type undo struct {
	counter  queue.CounterID // "" = none gave it
	before   ticket
	finished string // label of the ticket whose finish asked for this call
	latest   bool   // nothing was done to the ticket since
}

// mark keeps the ticket as it is before a command.
func (h *Hall) mark(t *ticket, c queue.CounterID, finished string) {
	h.undos = slices.DeleteFunc(h.undos, func(u undo) bool {
		if c == "" {
			return u.counter == "" && u.before.label == t.label
		}
		return u.counter == c && u.before.label != finished
	})
	for i := range h.undos {
		if h.undos[i].before.label == t.label {
			h.undos[i].latest = false
		}
	}
	h.undos = append(h.undos, undo{counter: c, before: *t, finished: finished, latest: true})
	slices.SortFunc(h.undos, func(a, b undo) int {
		return cmp.Or(cmp.Compare(a.counter, b.counter), cmp.Compare(a.before.label, b.before.label))
	})
	t.touched = true
	if k := h.counter(c); k != nil {
		k.last = t.label
	}
}

// settle ends what may be undone at a counter that is opened or paused by hand.
func (h *Hall) settle(c queue.CounterID) {
	h.undos = slices.DeleteFunc(h.undos, func(u undo) bool { return u.counter == c })
	h.counter(c).last = ""
}

// undo takes a counter's last command back, or its last one for a ticket.
func (h *Hall) undo(c queue.Undo) (*Hall, Answer) {
	k := h.counter(c.Counter)
	t := h.labelled(k.last)
	if c.Ticket != 0 {
		t = h.ticket(c.Ticket)
	}
	if t == nil || !t.touched {
		return h, refused(queue.WhyWrongState)
	}
	u, why := h.undoable(t, k)
	if why != "" {
		return h, refused(why)
	}
	all := []undo{u}
	for _, o := range h.undos {
		switch {
		case o.counter != u.counter || o.before.label == u.before.label:
		case o.before.label == u.finished:
			all = []undo{u, o}
		case o.finished == u.before.label:
			all = []undo{o, u}
		}
	}
	for _, u := range all {
		if !u.latest {
			return h, refused(queue.WhyTicketTaken)
		}
		if !u.before.state.Held() {
			continue
		}
		if holds := h.counter(u.before.counter).holds; holds != "" && holds != u.before.label && holds != all[0].before.label {
			return h, refused(queue.WhyCounterBusy)
		}
	}
	n := h.clone()
	for _, u := range all {
		n.restore(u)
	}
	a := told(n.labelled(all[len(all)-1].before.label))
	a.Counter = "" // whose command it was stands there, not who has it now
	return n, a
}

// undoable is what the counter may take back of a ticket, or why it may not.
func (h *Hall) undoable(t *ticket, k *counter) (undo, string) {
	var latest, mine *undo
	for i := range h.undos {
		u := &h.undos[i]
		if u.before.label != t.label {
			continue
		}
		if u.latest {
			latest = u
		}
		if u.counter == k.id {
			mine = u
		}
	}
	switch {
	case mine != nil && mine.latest:
		return *mine, ""
	case mine != nil:
		return undo{}, queue.WhyTicketTaken
	case latest == nil && k.holds != "" && k.holds != t.label && t.counter == k.id:
		return undo{}, queue.WhyCounterBusy
	case latest == nil:
		return undo{}, queue.WhyTooLate
	case latest.counter != "":
		return undo{}, queue.WhyNotHolder
	}
	return *latest, ""
}

// restore puts the ticket back as it was, and its counter at it.
func (h *Hall) restore(u undo) {
	h.undos = slices.DeleteFunc(h.undos, func(o undo) bool { return o.counter == u.counter && o.before.label == u.before.label })
	if k := h.counter(u.counter); k != nil {
		k.last = ""
	}
	t := h.labelled(u.before.label)
	h.release(t, u.before.state)
	id := t.id
	*t = u.before
	t.id, t.touched = max(id, u.before.id), false
	if t.state.Held() {
		k := h.counter(t.counter)
		k.holds, k.paused = t.label, false
	}
}
