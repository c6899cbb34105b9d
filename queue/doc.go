// Package queue is the domain: tickets, counters, categories; commands are
// decided into events, events change the state. It knows nobody: no clock, no
// randomness, no I/O, no other package of ours.
//
// [State.Decide] is pure and may ask the router; [State.Apply] is total and
// may not, so an old journal means the same for ever.
//
// # Events
//
// Names carry a version and are never edited. All of these came with release 0.1:
//
//	config.applied.v1      the centre's whole configuration
//	day.opened.v1          a business day began, or was reopened
//	day.closed.v1          it ended, by hand or by force
//	counter.opened.v1      a counter calls
//	counter.paused.v1      … stopped for a while
//	counter.closed.v1      … ended its work
//	ticket.issued.v1       a number was given out; the record's Seq is its id
//	ticket.called.v1       taken from the queue to a counter, with the reason
//	ticket.recalled.v1     called again
//	ticket.started.v1      service began
//	ticket.finished.v1     service ended, with its outcome
//	ticket.no_show.v1      was not there
//	ticket.reactivated.v1  came back after that, or after a cancellation
//	ticket.parked.v1       set aside at a counter
//	ticket.unparked.v1     back in the queue
//	ticket.transferred.v1  to another category or one counter
//	ticket.cancelled.v1    taken out of the queue
//	ticket.expired.v1      still open when the day closed
//	slip.queued.v1         the same number once more on paper
//	slip.sending.v1        committed before the first byte leaves
//	slip.printed.v1        with proof, or only sent
//	slip.failed.v1         not printed, with the cause
//	slip.unknown.v1        may have come out; staff look
//
// These came with release 0.2, as did the fields of the events above that are
// left out when empty (session, arrival, slot, claim and legs of an issue;
// finished of a call; until and planned of a pause; point of a transfer;
// appointment of a cancellation; totals of a day's end):
//
//	ticket.leg_finished.v1       one service of a visit ended; it waits for the next
//	ticket.legs_planned.v1       to what the visit goes on: legs
//	ticket.class_set.v1          a class granted, a claim confirmed, or either taken back
//	ticket.dossiers_set.v1       how many dossiers it brings
//	ticket.undone.v1             as it was before the event at seq
//	appointment.booked.v1        code, slot, category, point, session, dossiers; or moved
//	appointment.cancelled.v1     its slot is free
//	appointment.missed.v1        nobody came in time; its slot is free
//	appointment.checked_in.v1    became a ticket: in time, or late a walk-in's
package queue
