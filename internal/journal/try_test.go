package journal_test

import (
	"strings"
	"testing"

	"motcua/internal/journal"
)

func TestTry(t *testing.T) {
	dir := t.TempDir()
	sqlite, err := journal.Try(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(sqlite, "3.") {
		t.Errorf("SQLite is %q", sqlite)
	}
	j := open(t, dir, journal.Options{ReadOnly: true})
	rep, err := j.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if rep.Records != 1 {
		t.Errorf("%d records were committed, want 1", rep.Records)
	}
}

// A folder with a journal in it is no place for a trial.
func TestTryLeavesAJournalAlone(t *testing.T) {
	dir, o := written(t, 10)
	if _, err := journal.Try(t.Context(), dir); err == nil {
		t.Error("wrote into a centre's journal")
	}
	j := open(t, dir, journal.Options{ReadOnly: true})
	if head, err := j.Head(t.Context()); err != nil || head != o.State.Pos {
		t.Errorf("it ends at %+v, want %+v (%v)", head, o.State.Pos, err)
	}
}
