package engine

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"motcua/queue"
)

// batch is what is decided together and goes to the journal in one transaction.
type batch struct {
	recs      []queue.Record
	languages map[queue.TicketID]string
	waiting   []waiting
	byKey     map[string]int // index in waiting of the first request with a key
}

// waiting is a request whose answer waits for the batch. A refusal waits too:
// it may rest on records of this batch that are not true yet.
type waiting struct {
	req        *request
	first, end int // its records in batch.recs
	repeated   bool
	known      queue.Result // of a repeated key from an earlier batch
	err        error
}

// begin makes a batch of q (nil: none) and whatever else waits, decides it and
// hands it to the committer. A batch without records is answered at once.
func (e *Engine) begin(q *request) {
	taken := make([]*request, 0, 16)
	due := e.tickDue()
	if due {
		// What is due comes first: a command after midnight is of the new day.
		taken = append(taken, tick())
		e.tickAfter = e.o.Clock.Mono() + poll.Milliseconds()
	}
	taken = e.take(taken, q)

	b := &batch{}
	answers, err := e.lookUp(taken)
	env := queue.Env{Now: e.o.Clock.Now(), ClockOK: e.o.Clock.OK(), Boot: e.o.Boot, Picker: e.o.Picker}
	stamp := e.stamp(&env)
	for _, r := range taken {
		e.decide(b, r, answers, err, env, stamp)
	}
	if due {
		e.noteTick(b.waiting[0].err)
	}
	if len(b.recs) == 0 {
		e.answer(b)
		return
	}
	e.pending = b
	e.stats.committing.Store(max(e.o.Clock.Mono(), 1))
	e.commits <- b
}

// take adds q and the requests that wait, up to the bound. Who has given up
// waiting is left out: nothing has happened for them yet.
func (e *Engine) take(taken []*request, q *request) []*request {
	// Those who just had an answer often ask again at once: letting them run
	// first doubles the batch under load and costs a lone caller nothing.
	runtime.Gosched()
	for {
		if q != nil && q.ctx.Err() == nil {
			taken = append(taken, q)
			if len(taken) >= e.o.Batch {
				return taken
			}
		}
		select {
		case q = <-e.requests:
		default:
			return taken
		}
	}
}

// lookUp finds the earlier answers of the keys in hand: the last ones in
// memory, the others in the journal with one query for the whole batch.
func (e *Engine) lookUp(taken []*request) (map[string]known, error) {
	var answers map[string]known
	var missing []string
	for _, r := range taken {
		if r.Key == "" {
			continue
		}
		if k, ok := e.recent.get(r.Key); ok {
			if answers == nil {
				answers = make(map[string]known)
			}
			answers[r.Key] = k
		} else {
			missing = append(missing, r.Key)
		}
	}
	if len(missing) == 0 {
		return answers, nil
	}
	found, err := e.o.Journal.Find(context.Background(), missing)
	if err != nil {
		return answers, fmt.Errorf("look up idempotency keys: %w", err)
	}
	for key, recs := range found {
		if answers == nil {
			answers = make(map[string]known)
		}
		answers[key] = known{sum: recs[0].KeySum, result: queue.Result{Records: recs}}
	}
	return answers, nil
}

// stamp is what all records of a batch have in common, and sets env.Now to
// the same instant: what Decide is told is what the record says.
func (e *Engine) stamp(env *queue.Env) queue.Record {
	now := env.Now.UTC().Truncate(time.Millisecond)
	last := e.draft.LastAt.Time()
	if now.Before(last) {
		// Time in the journal never runs backwards. A clock that is behind by
		// more than a slew was set back, or lost: don't trust it.
		if last.Sub(now) > time.Second {
			env.ClockOK = false
		}
		now = last
	}
	env.Now, env.Mono = now, e.o.Clock.Mono()
	return queue.Record{At: now, Boot: e.o.Boot, Mono: env.Mono, ClockOK: env.ClockOK}
}

// decide adds one request to the batch: a repeat, a refusal or new records,
// which are applied to the draft at once so that the next one sees them.
func (e *Engine) decide(b *batch, r *request, answers map[string]known, lookUpErr error, env queue.Env, stamp queue.Record) {
	w := waiting{req: r, first: len(b.recs), end: len(b.recs)}
	defer func() {
		if r.Key != "" && w.err == nil && !w.repeated && w.end > w.first {
			if b.byKey == nil {
				b.byKey = make(map[string]int)
			}
			b.byKey[r.Key] = len(b.waiting)
		}
		b.waiting = append(b.waiting, w)
	}()
	if r.Key != "" {
		if k, ok := answers[r.Key]; ok {
			if k.sum != r.sum {
				w.err = errKeyReused()
				return
			}
			w.repeated, w.known = true, k.result
			return
		}
		if i, ok := b.byKey[r.Key]; ok {
			before := b.waiting[i]
			if before.req.sum != r.sum {
				w.err = errKeyReused()
				return
			}
			w.repeated, w.first, w.end = true, before.first, before.end
			return
		}
		if lookUpErr != nil {
			// Without the look-up nobody can say that this is no repeat.
			w.err = unavailable(lookUpErr)
			return
		}
	}
	env.Role = r.Role
	events, err := e.draft.Decide(r.Command, env)
	if err != nil {
		w.err = err
		return
	}
	stamp.Actor, stamp.Key, stamp.KeySum = r.Actor, r.Key, r.sum
	if err := e.extend(b, events, stamp); err != nil {
		e.log.LogAttrs(context.Background(), slog.LevelError, "a decision could not be applied",
			slog.String("command", fmt.Sprintf("%T", r.Command)), slog.Any("error", err))
		w.err = &queue.Error{Code: queue.Internal, Msg: "the decision could not be applied, nothing has changed", Hint: "report this with the daemon's log", Err: err}
		return
	}
	w.end = len(b.recs)
	if r.SlipLanguage != "" {
		b.remember(r.SlipLanguage, b.recs[w.first:w.end])
	}
}

// extend seals the events as the batch's next records and applies them to the
// draft; after an error the batch and the draft are as before.
func (e *Engine) extend(b *batch, events []queue.Event, stamp queue.Record) error {
	n := len(b.recs)
	for _, event := range events {
		rec := stamp
		rec.Event, rec.Seq = event, e.draft.Pos.Seq+1
		err := rec.Seal(e.draft.Pos.Hash)
		if err == nil {
			err = e.draft.Apply(rec)
		}
		if err != nil {
			b.recs = b.recs[:n]
			e.draft = e.durable.Clone()
			for i := range b.recs {
				if again := e.draft.Apply(b.recs[i]); again != nil {
					return errors.Join(err, again)
				}
			}
			return err
		}
		b.recs = append(b.recs, rec)
	}
	return nil
}

// remember keeps the language for the slips the records ask for.
func (b *batch) remember(language string, recs []queue.Record) {
	for i := range recs {
		var ticket queue.TicketID
		switch event := recs[i].Event.(type) {
		case queue.TicketIssued:
			if !event.Entry.Paper() {
				continue
			}
			ticket = queue.TicketID(recs[i].Seq)
		case queue.SlipFailed: // its number is shown: there will be no slip
			delete(b.languages, event.Ticket)
			continue
		case queue.SlipQueued:
			if language == "" { // it speaks as the first one was to
				continue
			}
			ticket = event.Ticket
		default:
			continue
		}
		if b.languages == nil {
			b.languages = make(map[queue.TicketID]string)
		}
		b.languages[ticket] = language
	}
}

// settle ends a batch the committer has come back with; false ends the loop.
func (e *Engine) settle(b *batch, err error) bool {
	switch {
	case err == nil:
	case outcomeUnknown(err):
		// Nothing is answered as a success and nothing is published: after a
		// restart the journal tells which it was.
		e.fail(b, errUnknown(err))
		e.failed = err
		return false
	default:
		e.log.LogAttrs(context.Background(), slog.LevelError, "batch not stored",
			slog.Int("records", len(b.recs)), slog.Any("error", err))
		e.draft = e.durable.Clone()
		e.fail(b, unavailable(err))
		return true
	}

	for i := range b.recs {
		if err := e.durable.Apply(b.recs[i]); err != nil {
			// The draft has taken the very same record before.
			e.failed = fmt.Errorf("follow the journal: %w", err)
			e.fail(b, errUnknown(e.failed))
			return false
		}
	}
	e.stats.batches.Add(1)
	e.stats.records.Add(uint64(len(b.recs)))
	// Published first: who has an answer finds it on the boards.
	e.observing.Lock()
	observers := e.observers[:len(e.observers):len(e.observers)]
	e.observing.Unlock()
	for _, f := range observers {
		f(e.durable, b.recs)
	}
	e.answer(b)
	e.unsaved += len(b.recs)
	e.saveSnapshot()
	return true
}

// answer tells everyone in a batch that is durable, or had no records.
func (e *Engine) answer(b *batch) {
	for i := range b.waiting {
		w := &b.waiting[i]
		if w.err != nil {
			e.stats.refused.Add(1)
			w.req.answer <- answer{err: w.err}
			continue
		}
		result := w.known
		if result.Records == nil {
			result.Records = b.recs[w.first:w.end:w.end]
		}
		if w.req.Key != "" && len(result.Records) > 0 {
			e.recent.put(w.req.Key, known{sum: w.req.sum, result: result})
		}
		if w.repeated {
			e.stats.repeated.Add(1)
		} else {
			e.stats.commands.Add(1)
		}
		result.Repeated = w.repeated
		w.req.answer <- answer{result: result}
	}
}

// fail gives everyone in the batch the same error.
func (e *Engine) fail(b *batch, err error) {
	e.stats.failed.Add(uint64(len(b.waiting)))
	for i := range b.waiting {
		b.waiting[i].req.answer <- answer{err: err}
	}
}

// noteTick logs a refused Tick once, until another refusal or a success.
func (e *Engine) noteTick(err error) {
	if err == nil {
		e.tickError = ""
		return
	}
	if text := err.Error(); text != e.tickError {
		e.tickError = text
		e.log.LogAttrs(context.Background(), slog.LevelWarn, "what was due at this hour was refused", slog.Any("error", err))
	}
}

// unavailable is the journal's own refusal, or a plain one around its error.
func unavailable(err error) error {
	var refusal *queue.Error
	if errors.As(err, &refusal) {
		return refusal
	}
	return &queue.Error{
		Code: queue.Unavailable, Reason: queue.WhyNotStored, Err: err,
		Msg: "the journal could not be reached, nothing has changed", Hint: "try again; if it stays so, look at the daemon's log",
	}
}
