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
package queue
