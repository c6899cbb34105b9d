package journal

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"iter"

	"database/sql/driver"

	"motcua/queue"
)

// Head is the position of the last stored record.
func (j *Journal) Head(ctx context.Context) (queue.Position, error) {
	p := queue.Position{Epoch: j.epoch}
	var seq int64
	var hash []byte
	err := j.read.QueryRowContext(ctx, `SELECT seq, hash FROM records ORDER BY seq DESC LIMIT 1`).Scan(&seq, &hash)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return p, nil
	case err != nil:
		return p, fmt.Errorf("read head of journal: %w", j.explain(err))
	case len(hash) != len(p.Hash):
		return p, &ChainError{Dir: j.dir, Seq: queue.Seq(seq), Cause: fmt.Sprintf("its hash has %d bytes", len(hash))}
	}
	p.Seq, p.Hash = queue.Seq(seq), [32]byte(hash)
	return p, nil
}

// Find returns the records stored under each key that has any, in order; all
// keys in one query.
func (j *Journal) Find(ctx context.Context, keys []string) (map[string][]queue.Record, error) {
	list, err := json.Marshal(keys)
	if err != nil {
		return nil, fmt.Errorf("find keys: %w", err)
	}
	var found map[string][]queue.Record
	// key <> '' is what lets SQLite use the partial index.
	err = j.scan(ctx, `SELECT `+columns+` FROM records WHERE key <> '' AND key IN (SELECT value FROM json_each(?)) ORDER BY seq`,
		[]driver.NamedValue{arg(1, string(list))}, func(r *row) error {
			if err := j.decode(r); err != nil {
				return err
			}
			if found == nil {
				found = make(map[string][]queue.Record)
			}
			found[r.Key] = append(found[r.Key], r.Record)
			return nil
		})
	if err != nil {
		return nil, fmt.Errorf("find keys: %w", err)
	}
	return found, nil
}

// chunk is how many records one query fetches: enough to cost nothing per
// query, few enough that no reader holds up a checkpoint for long.
const chunk = 2048

// Records yields the stored records from a position on, in order, with their
// events, up to the head at the time it gets there. It ends after the first error.
func (j *Journal) Records(ctx context.Context, from queue.Seq) iter.Seq2[queue.Record, error] {
	return func(yield func(queue.Record, error) bool) {
		next := max(from, 1)
		for {
			if err := ctx.Err(); err != nil {
				yield(queue.Record{}, fmt.Errorf("read journal: %w", err))
				return
			}
			recs := make([]queue.Record, 0, 64)
			err := j.scan(ctx, `SELECT `+columns+` FROM records WHERE seq >= ? ORDER BY seq LIMIT ?`,
				[]driver.NamedValue{arg(1, int64(next)), arg(2, int64(chunk))}, func(r *row) error {
					if want := next + queue.Seq(len(recs)); r.Seq != want {
						return &ChainError{Dir: j.dir, Seq: want, Cause: fmt.Sprintf("it is missing, the next one is %d", r.Seq)}
					}
					if err := j.decode(r); err != nil {
						return err
					}
					recs = append(recs, r.Record)
					return nil
				})
			for _, r := range recs {
				if !yield(r, nil) {
					return
				}
			}
			if err != nil {
				yield(queue.Record{}, fmt.Errorf("read journal: %w", err))
				return
			}
			if len(recs) < chunk {
				return
			}
			next += queue.Seq(len(recs))
		}
	}
}
