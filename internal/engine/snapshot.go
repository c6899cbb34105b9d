package engine

import (
	"context"
	"log/slog"
	"time"

	"motcua/queue"
)

// longDay is how many tickets make a snapshot cost noticeably more.
const longDay = 2500

// saveSnapshot, when enough records have come, copies the state on the loop
// and encodes and writes the copy in the background: the copy takes a fraction
// of a millisecond, encoding it would take several. One is written at a time.
func (e *Engine) saveSnapshot() {
	// Copying and encoding cost as much as the day has tickets: a long day is
	// saved more rarely, so that the share of the work stays the same.
	every := e.o.SnapshotEvery * (1 + len(e.durable.Tickets)/longDay)
	if e.o.SnapshotEvery < 0 || e.unsaved < every || !e.saving.TryLock() {
		return
	}
	began := time.Now()
	state := e.durable.Clone()
	e.stats.snapshotPause.Store(int64(time.Since(began)))
	e.unsaved = 0
	e.wg.Go(func() {
		defer e.saving.Unlock()
		e.writeSnapshot(state)
	})
}

// saveLastSnapshot makes the next start quick; it waits for the one in hand.
func (e *Engine) saveLastSnapshot() {
	if e.o.SnapshotEvery < 0 || e.unsaved == 0 {
		return
	}
	e.saving.Lock()
	defer e.saving.Unlock()
	e.writeSnapshot(e.durable)
}

func (e *Engine) writeSnapshot(s *queue.State) {
	data, err := s.Snapshot()
	if err == nil {
		err = e.o.Journal.SaveSnapshot(context.Background(), data, s.Pos)
	}
	if err != nil {
		// It costs a slower start, nothing else.
		e.log.LogAttrs(context.Background(), slog.LevelWarn, "snapshot not saved", slog.Any("error", err))
	}
}
