package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"motcua/queue"
)

// LoadInfo tells what a Load did.
type LoadInfo struct {
	Position queue.Position
	Records  int       // verified: the whole chain
	Replayed int       // of these, applied to the state
	Snapshot queue.Seq // the replay began after it; 0 = from the first record
	Ignored  string    // why a snapshot was there and not used, or ""
	Elapsed  time.Duration
}

// Load verifies the whole chain and returns the state at its head: the
// snapshot's where that can be used, and the records after it applied in order.
// The errors are *ChainError, *NewerError, *CorruptError or a wrapped one.
func (j *Journal) Load(ctx context.Context) (*queue.State, LoadInfo, error) {
	began := time.Now()
	head, err := j.Head(ctx)
	if err != nil {
		return nil, LoadInfo{}, err
	}
	info := LoadInfo{Position: head, Records: int(head.Seq)}
	state, ignored := j.readSnapshot()
	if state != nil && state.Pos.Seq > head.Seq {
		state, ignored = nil, fmt.Sprintf("it stands at record %d and the journal ends at %d", state.Pos.Seq, head.Seq)
	}
	if state == nil {
		state = queue.NewState(j.epoch)
	}
	from, keys := state.Pos, newKeySet(head.Seq)
	err = j.replay(ctx, head, from, keys, func(r *queue.Record) error {
		info.Replayed++
		return state.Apply(*r)
	})
	if errors.Is(err, errNotInChain) {
		// The chain decides, never the snapshot. This is rare enough to read
		// everything again.
		ignored = fmt.Sprintf("record %d has another hash", from.Seq)
		state, info.Replayed, from = queue.NewState(j.epoch), 0, queue.Position{}
		err = j.replay(ctx, head, from, keys, func(r *queue.Record) error {
			info.Replayed++
			return state.Apply(*r)
		})
	}
	if err != nil {
		return nil, info, fmt.Errorf("load journal: %w", err)
	}
	if ignored != "" {
		j.log.LogAttrs(ctx, slog.LevelWarn, "snapshot ignored, everything replayed", slog.String("dir", j.dir), slog.String("reason", ignored))
	}
	j.useKeys(keys, head)
	info.Snapshot, info.Ignored, info.Elapsed = from.Seq, ignored, time.Since(began)
	return state, info, nil
}

// useKeys lets Find ask the set from now on, if it knows every stored key.
func (j *Journal) useKeys(keys *keySet, head queue.Position) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.w != nil && j.head == head {
		j.keys.Store(keys)
	}
}

// errNotInChain: the snapshot's position is not one of this chain.
var errNotInChain = errors.New("snapshot is not of this chain")

// span is a range of records on its way from a reader to the replay.
type span struct {
	first, last queue.Seq
	done        chan struct{} // closed when recs and err are final
	recs        []queue.Record
	keys        []uint64 // hashes for the keySet
	err         error
}

// replay verifies the records 1 … head and applies those after from, in order.
// Readers take spans in turn, verify each from the stored hash before it and
// decode what is to be applied; the caller's goroutine applies. The first
// error by position wins, whichever reader was faster.
func (j *Journal) replay(ctx context.Context, head, from queue.Position, keys *keySet, apply func(*queue.Record) error) error {
	if head.Seq == 0 {
		return nil
	}
	n := int((head.Seq + chunk - 1) / chunk)
	spans := make([]span, n)
	for i := range spans {
		s := &spans[i]
		s.first = queue.Seq(i*chunk + 1)
		s.last = min(s.first+chunk-1, head.Seq)
		s.done = make(chan struct{})
	}

	workers := min(readers, max(2, runtime.GOMAXPROCS(0)), n)
	// ahead bounds the decoded spans that wait for their turn.
	ahead := make(chan struct{}, 4*workers)
	stop := make(chan struct{})
	var next atomic.Int64
	var wg sync.WaitGroup
	defer wg.Wait()
	defer close(stop)
	for range workers {
		wg.Go(func() {
			for {
				select {
				case ahead <- struct{}{}:
				case <-stop:
					return
				}
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				spans[i].err = j.readSpan(ctx, &spans[i], head, from, keys)
				close(spans[i].done)
			}
		})
	}
	for i := range spans {
		s := &spans[i]
		select {
		case <-s.done:
		case <-ctx.Done():
			return ctx.Err()
		}
		for k := range s.recs {
			if err := apply(&s.recs[k]); err != nil {
				return &ChainError{Dir: j.dir, Seq: s.recs[k].Seq, Cause: err.Error()}
			}
		}
		if s.err != nil {
			return s.err
		}
		keys.add(s.keys...)
		s.recs, s.keys = nil, nil
		<-ahead
	}
	return nil
}

// readSpan verifies one span and decodes its records after from.
func (j *Journal) readSpan(ctx context.Context, s *span, head, from queue.Position, keys *keySet) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if s.last > from.Seq {
		s.recs = make([]queue.Record, 0, s.last-max(s.first-1, from.Seq))
	}
	var before [32]byte
	var key string // of the row before: a command's records share one
	want := s.first
	if s.first > 1 {
		want = s.first - 1 // read for its hash alone
	}
	err := j.scanRange(want, s.last, func(r *row) error {
		if r.Seq != want {
			return &ChainError{Dir: j.dir, Seq: want, Cause: fmt.Sprintf("it is missing, the next one is %d", r.Seq)}
		}
		want++
		if r.Seq < s.first {
			before = r.Hash
			return nil
		}
		if queue.ChainHash(before, &r.Record, r.eventType) != r.Hash {
			return &ChainError{Dir: j.dir, Seq: r.Seq, Cause: "it does not match its hash, so it or the record before it was changed after it was written"}
		}
		before = r.Hash
		if r.Key != "" && r.Key != key {
			key = r.Key
			s.keys = append(s.keys, keys.hash(key))
		}
		if r.Seq == from.Seq && r.Hash != from.Hash {
			return errNotInChain
		}
		if r.Seq > from.Seq {
			if err := j.decode(r); err != nil {
				return err
			}
			s.recs = append(s.recs, r.Record)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if want != s.last+1 {
		return &ChainError{Dir: j.dir, Seq: want, Cause: fmt.Sprintf("it is missing and the journal ends at %d", head.Seq)}
	}
	return nil
}
