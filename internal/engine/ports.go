package engine

import (
	"context"
	"errors"
	"time"

	"motcua/queue"
)

// Journal is where records become durable. The loop never calls two of its
// methods at the same time, except SaveSnapshot, which runs in the background.
type Journal interface {
	// Append stores all records in one transaction or none, with the slip
	// languages beside them. It may block for as long as the disk does. An
	// error says that nothing is stored, unless it has a method
	// OutcomeUnknown() bool that returns true: then nobody knows.
	Append(ctx context.Context, recs []queue.Record, languages map[queue.TicketID]string) error
	// Find returns the stored records of each key that has any, in order.
	Find(ctx context.Context, keys []string) (map[string][]queue.Record, error)
	// SaveSnapshot keeps an encoded state as a help for the next start.
	SaveSnapshot(ctx context.Context, state []byte, pos queue.Position) error
}

// Clock tells the time. Its methods don't block.
type Clock interface {
	// Now is the wall clock; it may jump.
	Now() time.Time
	// Mono is CLOCK_BOOTTIME in milliseconds: it never jumps within one boot.
	Mono() int64
	// OK reports whether Now can be trusted (hardware.md §7c).
	OK() bool
}

// Observer is told of records that are durable, with the state after the last
// of them. It runs on the loop: it must be quick, must not call the engine and
// must not keep the state.
type Observer func(s *queue.State, recs []queue.Record)

// WhyOutcomeUnknown is the reason of the unavailable error a caller gets when
// the engine ended before it could know whether the command is stored.
const WhyOutcomeUnknown = "outcome_unknown"

// outcomeUnknown reports whether an Append's error leaves the outcome open.
func outcomeUnknown(err error) bool {
	var u interface{ OutcomeUnknown() bool }
	return errors.As(err, &u) && u.OutcomeUnknown()
}

func errUnknown(err error) *queue.Error {
	return &queue.Error{
		Code: queue.Unavailable, Reason: WhyOutcomeUnknown,
		Msg:  "it is not known whether this was stored",
		Hint: "unknown outcome: repeat with the same key", Err: err,
	}
}

func errClosed() *queue.Error {
	return &queue.Error{
		Code: queue.Unavailable, Reason: queue.WhyNotStored,
		Msg: "the centre's program is ending, nothing has changed", Hint: "try again when it has started",
	}
}

func errKeyReused() *queue.Error {
	return &queue.Error{
		Code: queue.Conflict, Reason: queue.WhyKeyReused,
		Msg: "this idempotency key was used for another command", Hint: "draw a new key for each new command; repeat a key only with the very same command",
	}
}
