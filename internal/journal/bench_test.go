package journal_test

import (
	"context"
	"testing"

	"motcua/internal/journal"
)

const replayed = 200_000

func BenchmarkReplay(b *testing.B) {
	dir, o := written(b, replayed)
	j := open(b, dir, journal.Options{})
	b.Run("full", func(b *testing.B) {
		for b.Loop() {
			_, info, err := j.Load(context.Background())
			if err != nil || info.Replayed != len(o.Records) {
				b.Fatal(info, err)
			}
		}
		b.ReportMetric(float64(len(o.Records)), "records")
	})
	state, err := o.State.Snapshot()
	if err != nil {
		b.Fatal(err)
	}
	if err := j.SaveSnapshot(context.Background(), state, o.State.Pos); err != nil {
		b.Fatal(err)
	}
	b.Run("snapshot", func(b *testing.B) {
		for b.Loop() {
			_, info, err := j.Load(context.Background())
			if err != nil || info.Replayed != 0 {
				b.Fatal(info, err)
			}
		}
		b.ReportMetric(float64(len(o.Records)), "records")
	})
	b.Run("quick_check", func(b *testing.B) {
		for b.Loop() {
			if err := j.Check(context.Background()); err != nil {
				b.Fatal(err)
			}
		}
	})
}
