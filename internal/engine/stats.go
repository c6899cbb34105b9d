package engine

import (
	"sync/atomic"
	"time"
)

// Stats is what the engine has done since New, and whether it is alive.
type Stats struct {
	Commands uint64 // answered with records
	Repeated uint64 // answered from a known key
	Refused  uint64 // by the domain
	Failed   uint64 // not stored
	Batches  uint64
	Records  uint64
	// LastTurn is Clock.Mono at the loop's last turn: it turns each second
	// even when nothing happens, and while the disk is slow.
	LastTurn int64
	// Committing is Clock.Mono when the append in hand began; 0 = none. A
	// watchdog bears a stalled disk longer than a stalled loop.
	Committing int64
	// SnapshotPause is how long the last snapshot held up the loop.
	SnapshotPause time.Duration
}

type counters struct {
	commands, repeated, refused, failed, batches, records atomic.Uint64
	lastTurn, committing, snapshotPause                   atomic.Int64
}

// Stats may be called at any time, even when the loop hangs.
func (e *Engine) Stats() Stats {
	c := &e.stats
	return Stats{
		Commands: c.commands.Load(), Repeated: c.repeated.Load(), Refused: c.refused.Load(), Failed: c.failed.Load(),
		Batches: c.batches.Load(), Records: c.records.Load(),
		LastTurn: c.lastTurn.Load(), Committing: c.committing.Load(),
		SnapshotPause: time.Duration(c.snapshotPause.Load()),
	}
}
