package journal

import (
	"context"
	"fmt"
	"time"

	"motcua/queue"
)

// Report is what Verify found in a sound journal.
type Report struct {
	Position  queue.Position
	WrittenBy string // release that last opened it for writing
	Records   int
	Types     map[string]int // records by event type
	Keys      int            // records of repeatable commands
	Tickets   int            // issued, each with its label
	FirstAt   time.Time
	LastAt    time.Time
	Elapsed   time.Duration
}

// Verify reads everything there is: SQLite's own structure, the hash chain,
// every event, a full replay without the snapshot, and that each issued ticket
// has its label. The errors are Load's.
func (j *Journal) Verify(ctx context.Context) (Report, error) {
	began := time.Now()
	rep := Report{WrittenBy: j.writtenBy, Types: make(map[string]int)}
	if err := j.checkPragma(ctx, "integrity_check"); err != nil {
		return rep, err
	}
	head, err := j.Head(ctx)
	if err != nil {
		return rep, err
	}
	state := queue.NewState(j.epoch)
	err = j.replay(ctx, head, queue.Position{}, newKeySet(0), func(r *queue.Record) error {
		rep.Records++
		rep.Types[r.Event.EventType()]++
		if r.Key != "" {
			rep.Keys++
		}
		if _, ok := r.Event.(queue.TicketIssued); ok {
			rep.Tickets++
		}
		if rep.Records == 1 {
			rep.FirstAt = r.At
		}
		if r.At.Before(rep.LastAt) {
			return fmt.Errorf("its time %s is before the one of the record before it", r.At.Format(time.RFC3339))
		}
		rep.LastAt = r.At
		return state.Apply(*r)
	})
	if err != nil {
		return rep, fmt.Errorf("verify journal: %w", err)
	}
	var labels int
	// A running daemon may have issued more since the head was read.
	if err := j.read.QueryRowContext(ctx, `SELECT count(*) FROM labels WHERE ticket <= ?`, int64(head.Seq)).Scan(&labels); err != nil {
		return rep, fmt.Errorf("count labels: %w", j.explain(err))
	}
	if labels != rep.Tickets {
		return rep, &ChainError{Dir: j.dir, Seq: head.Seq, Cause: fmt.Sprintf("%d tickets were issued and %d labels are kept", rep.Tickets, labels)}
	}
	if err := j.checkEnd(ctx); err != nil {
		return rep, err
	}
	rep.Position, rep.Elapsed = state.Pos, time.Since(began)
	return rep, nil
}

// Check runs SQLite's quick_check and looks whether the last records are
// there: for every start, where Verify is for the night.
func (j *Journal) Check(ctx context.Context) error {
	if err := j.checkPragma(ctx, "quick_check"); err != nil {
		return err
	}
	return j.checkEnd(ctx)
}

// checkEnd refuses a journal that has lost its last records: a chain that is
// cut off at its end is sound in itself, but the label of a ticket that was on
// paper stays behind. One statement sees both tables at the same instant.
func (j *Journal) checkEnd(ctx context.Context) error {
	var head queue.Seq
	var ticket queue.TicketID
	err := j.read.QueryRowContext(ctx, `SELECT coalesce((SELECT max(seq) FROM records), 0), coalesce(max(ticket), 0)
		FROM labels WHERE day = (SELECT max(day) FROM labels)`).Scan(&head, &ticket)
	if err != nil {
		return fmt.Errorf("compare labels with records: %w", j.explain(err))
	}
	if queue.Seq(ticket) > head {
		return &ChainError{Dir: j.dir, Seq: head + 1, Cause: fmt.Sprintf("it is missing, and all up to ticket %d, whose label is kept", ticket)}
	}
	return nil
}

func (j *Journal) checkPragma(ctx context.Context, pragma string) error {
	var finding string
	if err := j.read.QueryRowContext(ctx, "PRAGMA "+pragma+"(1)").Scan(&finding); err != nil {
		return fmt.Errorf("run %s: %w", pragma, j.explain(err))
	}
	if finding != "ok" {
		return &CorruptError{Dir: j.dir, Err: fmt.Errorf("%s: %s", pragma, finding)}
	}
	return nil
}
