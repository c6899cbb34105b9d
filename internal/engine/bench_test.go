package engine_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"motcua/queue"
)

// The goal of design.md §8: durable commands with 64 callers ≥ 0.5 × the bare
// group-commit rate of SQLite with the same settings. One operation of either
// benchmark is one caller's durable write.

func BenchmarkDo(b *testing.B) {
	for _, callers := range []int{1, 64} {
		// Keys in the order of time (a panel's counter, a UUIDv7) enter the
		// index at one place; random ones (UUIDv4) dirty a page each.
		for _, keys := range []string{"none", "ordered", "random"} {
			b.Run(fmt.Sprintf("callers=%d/keys=%s", callers, keys), func(b *testing.B) {
				c := open(b, folder(b), newHandClock(monday))
				c.found(b, callers)
				var n atomic.Uint64
				b.ResetTimer()
				share(b, callers, func(caller, i int) error {
					r := queue.Request{Actor: "bench", Role: queue.Supervisor, Command: queue.PauseCounter{Counter: counter(caller + 1)}}
					if i%2 == 1 {
						r.Command = queue.OpenCounter{Counter: counter(caller + 1)}
					}
					switch keys {
					case "ordered":
						r.Key = fmt.Sprintf("%036x", n.Add(1))
					case "random":
						r.Key = fmt.Sprintf("%016x-%016x-%02x", rand.Uint64(), rand.Uint64(), caller)
					}
					_, err := c.Do(context.Background(), r)
					return err
				})
				b.StopTimer()
				s := c.Stats()
				b.ReportMetric(float64(s.Records)/float64(s.Batches), "records/batch")
			})
		}
	}
}

// share runs b.N operations on the callers, each counting its own from 0.
func share(b *testing.B, callers int, do func(caller, i int) error) {
	var left atomic.Int64
	left.Store(int64(b.N))
	var wg sync.WaitGroup
	for caller := range callers {
		wg.Go(func() {
			for i := 0; left.Add(-1) >= 0; i++ {
				if err := do(caller, i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
}

// BenchmarkBare is the yardstick: one table, one index-free row of the same
// size per operation, the same settings, and the same group commit.
func BenchmarkBare(b *testing.B) {
	for _, callers := range []int{1, 64} {
		b.Run(fmt.Sprintf("callers=%d", callers), func(b *testing.B) {
			db, err := sql.Open("sqlite3", "file:"+filepath.Join(b.TempDir(), "bare.db")+
				"?_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=5000&_txlock=immediate")
			if err != nil {
				b.Fatal(err)
			}
			defer db.Close()
			db.SetMaxOpenConns(1)
			if _, err := db.Exec(`CREATE TABLE rows (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT`); err != nil {
				b.Fatal(err)
			}
			insert, err := db.Prepare(`INSERT INTO rows (body) VALUES (?)`)
			if err != nil {
				b.Fatal(err)
			}
			body := strings.Repeat("x", 200)
			jobs := make(chan chan error, 256)
			var writer sync.WaitGroup
			writer.Go(func() {
				for first := range jobs {
					batch := []chan error{first}
				fill:
					for len(batch) < 256 {
						select {
						case j, ok := <-jobs:
							if !ok {
								break fill
							}
							batch = append(batch, j)
						default:
							break fill
						}
					}
					tx, err := db.Begin()
					for range batch {
						if err == nil {
							_, err = tx.Stmt(insert).Exec(body)
						}
					}
					if err == nil {
						err = tx.Commit()
					}
					for _, j := range batch {
						j <- err
					}
				}
			})
			b.ResetTimer()
			share(b, callers, func(int, int) error {
				done := make(chan error, 1)
				jobs <- done
				return <-done
			})
			b.StopTimer()
			close(jobs)
			writer.Wait()
		})
	}
}

// BenchmarkSnapshot is what saving a state of 2,000 tickets costs: the copy
// holds up the loop, the encoding is done beside it.
func BenchmarkSnapshot(b *testing.B) {
	m := newMemory()
	c := m.on(b, newHandClock(monday))
	defer c.Close()
	c.found(b, 7)
	for i := range 2000 {
		c.do(b, queue.Issue{Category: []queue.CategoryID{"A", "B"}[i/1000]})
		<-m.entered
	}
	var s *queue.State
	if err := c.Read(context.Background(), func(now *queue.State) { s = now.Clone() }); err != nil {
		b.Fatal(err)
	}
	b.Run("copy", func(b *testing.B) {
		for b.Loop() {
			s.Clone()
		}
	})
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			if _, err := s.Snapshot(); err != nil {
				b.Fatal(err)
			}
		}
	})
}
