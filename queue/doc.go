// Package queue is the domain: tickets, counters, categories; commands are
// decided into events, events change the state. It knows nobody: no clock, no
// randomness, no I/O, no other package of ours.
//
// [State.Decide] is pure and may ask the router; [State.Apply] is total and
// may not, so an old journal means the same for ever.
//
// # Events
//
// Names carry a version and are never edited. Below each stand its fields, by
// their names in the journal; event.go says what they hold. All of these came
// with release 0.1:
//
//	config.applied.v1      the centre's whole configuration
//	    config
//	day.opened.v1          a business day began, or was reopened
//	    day
//	day.closed.v1          it ended, by hand or by force
//	    day, forced, totals
//	counter.opened.v1      a counter calls
//	    counter, staff
//	counter.paused.v1      … stopped for a while
//	    counter, reason, until, planned
//	counter.closed.v1      … ended its work
//	    counter
//	ticket.issued.v1       a number was given out; the record's Seq is its id
//	    label, number, series, day, point, category, class, dossiers, entry, ahead, ref,
//	    session, arrival, slot, claim, legs
//	ticket.called.v1       taken from the queue to a counter, with the reason
//	    ticket, label, category, class, counter, reason, finished
//	ticket.recalled.v1     called again
//	    ticket, label, counter, call
//	ticket.started.v1      service began
//	    ticket, label, counter
//	ticket.finished.v1     service ended, with its outcome
//	    ticket, label, counter, outcome
//	ticket.no_show.v1      was not there
//	    ticket, label, counter
//	ticket.reactivated.v1  came back after that, or after a cancellation
//	    ticket, label, arrival
//	ticket.parked.v1       set aside at a counter
//	    ticket, label, counter
//	ticket.unparked.v1     back in the queue
//	    ticket, label, arrival
//	ticket.transferred.v1  to another category or one counter
//	    ticket, label, from, category, bound, mode, arrival, point
//	ticket.cancelled.v1    taken out of the queue
//	    ticket, label, appointment
//	ticket.expired.v1      still open when the day closed
//	    ticket, label, not_there
//	slip.queued.v1         the same number once more on paper
//	    ticket
//	slip.sending.v1        committed before the first byte leaves
//	    ticket
//	slip.printed.v1        with proof, or only sent, or seen by staff
//	    ticket, proof, seen
//	slip.failed.v1         not printed, with the cause
//	    ticket, cause
//	slip.unknown.v1        may have come out; staff look
//	    ticket
//
// These came with release 0.2, as did the fields of the events above that are
// left out when empty (session, arrival, slot, claim and legs of an issue;
// finished of a call; until and planned of a pause; point of a transfer;
// appointment of a cancellation; totals of a day's end):
//
//	ticket.leg_finished.v1       one service of a visit ended; it waits for the next
//	    ticket, label, counter, outcome, next, point, arrival
//	ticket.legs_planned.v1       to what the visit goes on
//	    ticket, label, legs
//	ticket.class_set.v1          a class granted, a claim confirmed, or either taken back
//	    ticket, label, class, arrival
//	ticket.dossiers_set.v1       how many dossiers it brings
//	    ticket, label, dossiers
//	ticket.undone.v1             as it was before the event at seq
//	    ticket, label, counter, undone, seq, state
//	appointment.booked.v1        somebody will come; or the one of that code moved
//	    code, slot, category, point, session, dossiers
//	appointment.cancelled.v1     its slot is free
//	    code
//	appointment.missed.v1        nobody came in time; its slot is free
//	    code
//	appointment.checked_in.v1    became a ticket: in time, or late a walk-in's
//	    code, ticket, late
//
// These came with release 0.3, as did the entry "roll" of an issue, which has no
// slip, and the cause "shown" of a failed slip, whose number stands on a screen:
//
//	roll.started.v1     a pre-printed roll of numbers is in use at a point
//	    point, category, label, prefix, number, width, self
//	roll.ended.v1       it was put away
//	    point, category, next
//	roll.taken_back.v1  numbers entered by mistake are on the roll again
//	    point, category, label, last, number, tickets
//	ticket.reissued.v1  one of those was given out after all, as an issue of today
//	    ticket, issued
package queue
