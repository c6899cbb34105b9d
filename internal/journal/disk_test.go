package journal_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"motcua/internal/journal"
	"motcua/queue"
	"motcua/queue/queuetest"
)

// A disk that is really full: a small tmpfs. Every refusal is clear, nothing
// acknowledged is lost, and with room again the journal goes on by itself.
func TestFullDisk(t *testing.T) {
	disk := t.TempDir()
	if err := unix.Mount("tmpfs", disk, "tmpfs", 0, "size=640k"); err != nil {
		t.Skipf("a disk that can fill needs the right to mount a tmpfs: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	dir := filepath.Join(disk, "data")
	j := open(t, dir, journal.Options{})
	defer j.Close() // before the unmount
	o := newOffice(j.Epoch())
	o.found()
	if err := j.Append(t.Context(), o.Records, nil); err != nil {
		t.Fatal(err)
	}
	stored := len(o.Records)
	var refused queue.Record
	for {
		refused = o.Must(queue.Issue{Category: "A"})[0]
		err := j.Append(t.Context(), []queue.Record{refused}, nil)
		if err == nil {
			stored++
			continue
		}
		var refusal *queue.Error
		if !errors.Is(err, &queue.Error{Code: queue.Unavailable, Reason: queue.WhyNotStored}) || !errors.As(err, &refusal) || refusal.Hint != "free space on the data disk" {
			t.Fatalf("after %d records: %v, want not_stored that says to free space", stored, err)
		}
		break
	}
	t.Logf("full after %d records", stored)
	if head, err := j.Head(t.Context()); err != nil || int(head.Seq) != stored {
		t.Errorf("the journal ends at %d, %v; %d were acknowledged", head.Seq, err, stored)
	}
	if err := unix.Mount("tmpfs", disk, "tmpfs", unix.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
	if err := j.Append(t.Context(), []queue.Record{refused}, nil); err != nil {
		t.Fatalf("with room again: %v", err)
	}
	state, _, err := j.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want, err := queuetest.Replay(j.Epoch(), o.Records)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := snapshot(t, state), snapshot(t, want); got != want {
		t.Errorf("state\n%s\nwant\n%s", got, want)
	}
}

func TestCheckpointEmptiesTheLog(t *testing.T) {
	dir, o := written(t, 50)
	j := open(t, dir, journal.Options{})
	next := o.Must(queue.Issue{Category: "A"})
	id := queue.TicketID(next[0].Seq)
	if err := j.Append(t.Context(), next, map[queue.TicketID]string{id: "x-elvish"}); err != nil {
		t.Fatal(err)
	}
	if err := j.ForgetSlipLanguage(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	if err := j.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "centre.db-wal"))
	if err != nil || info.Size() != 0 {
		t.Errorf("the log has %d bytes, %v; want 0", info.Size(), err)
	}
	if err := j.Append(t.Context(), o.Must(queue.Issue{Category: "A"}), nil); err != nil {
		t.Errorf("an append after it: %v", err)
	}
}

// FuzzSnapshot: whatever stands in the file, Load gives the journal's state.
func FuzzSnapshot(f *testing.F) {
	dir, o := written(f, 60)
	j := open(f, dir, journal.Options{})
	state := snapshot(f, o.State)
	if err := j.SaveSnapshot(f.Context(), []byte(state), o.State.Pos); err != nil {
		f.Fatal(err)
	}
	name := filepath.Join(dir, "centre.snapshot")
	b, err := os.ReadFile(name)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("{}\n{}"))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, b []byte) {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		got, _, err := j.Load(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if snapshot(t, got) != state {
			t.Error("another state than the journal's")
		}
	})
}
