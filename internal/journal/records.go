package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/mattn/go-sqlite3"

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

// findQuery asks one part of the key index. Without key <> ” SQLite could not
// use it, since it is a partial one.
const findQuery = `SELECT ` + columns + ` FROM records
	WHERE seq >> 10 = ? AND key <> '' AND key IN (SELECT value FROM json_each(?)) ORDER BY seq`

// partBits is the shift in findQuery and in the index.
const partBits = 10

// Find returns the records stored under each key that has any, in order. Keys
// that are certainly new cost no query at all; the others are looked for from
// the newest records back, all keys at once, until each is found.
func (j *Journal) Find(ctx context.Context, keys []string) (map[string][]queue.Record, error) {
	if all := j.keys.Load(); all != nil {
		keys = slices.DeleteFunc(slices.Clone(keys), func(k string) bool { return !all.mayHave(k) })
	}
	if len(keys) == 0 {
		return nil, nil
	}
	found, err := j.find(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("find keys: %w", j.explain(err))
	}
	return found, nil
}

func (j *Journal) find(ctx context.Context, keys []string) (map[string][]queue.Record, error) {
	head, err := j.Head(ctx)
	if err != nil {
		return nil, err
	}
	conn, err := j.read.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("open reading connection: %w", err)
	}
	defer conn.Close()
	found := make(map[string][]queue.Record)
	err = conn.Raw(func(c any) error {
		s, err := c.(*sqlite3.SQLiteConn).Prepare(findQuery)
		if err != nil {
			return err
		}
		defer s.Close()
		missing := slices.Clone(keys)
		for part := int64(head.Seq >> partBits); part >= 0 && len(missing) > 0; part-- {
			if err := ctx.Err(); err != nil {
				return err
			}
			list, err := json.Marshal(missing)
			if err != nil {
				return err
			}
			here := make(map[string][]queue.Record)
			err = scanStmt(s.(driver.StmtQueryContext), []driver.NamedValue{arg(1, part), arg(2, string(list))}, func(r *row) error {
				if err := j.decode(r); err != nil {
					return err
				}
				here[r.Key] = append(here[r.Key], r.Record)
				return nil
			})
			if err != nil {
				return err
			}
			// A command's records are next to each other, so a key is complete
			// where the part before has no more of it.
			missing = slices.DeleteFunc(missing, func(k string) bool { return found[k] != nil && here[k] == nil })
			for k, recs := range here {
				found[k] = append(recs, found[k]...)
			}
		}
		return nil
	})
	return found, err
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
