package journal_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/mattn/go-sqlite3"

	"motcua/internal/journal"
)

// sqlite opens a closed journal's database by itself, to do what no program
// of ours does.
func sqlite(t testing.TB, dir string, statements ...string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+filepath.Join(dir, "centre.db")+"?mode=rw")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, s := range statements {
		if _, err := db.Exec(s); err != nil {
			t.Fatalf("%s: %v", s, err)
		}
	}
}

func TestOpenFoundsAJournalThatStays(t *testing.T) {
	dir := folder(t)
	j := open(t, dir, journal.Options{Release: "0.1"})
	epoch := j.Epoch()
	secret, err := j.Secret(t.Context(), "k_centre")
	if err != nil {
		t.Fatal(err)
	}
	if len(epoch) != 16 || len(secret) != 32 {
		t.Errorf("epoch of %d characters and secret of %d bytes, want 16 and 32", len(epoch), len(secret))
	}
	if _, err := j.Secret(t.Context(), "k_moon"); err == nil {
		t.Error("a secret nobody made was found")
	}
	if err := j.Check(t.Context()); err != nil {
		t.Error(err)
	}
	for _, name := range []string{"centre.db", "centre.db-wal", "centre.lock"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if mode := info.Mode().Perm(); mode != 0o600 {
			t.Errorf("%s has mode %o, want 600: it holds the centre's secret", name, mode)
		}
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Errorf("second Close: %v", err)
	}

	again := open(t, dir, journal.Options{Release: "0.2"})
	same, err := again.Secret(t.Context(), "k_centre")
	if err != nil {
		t.Fatal(err)
	}
	if again.Epoch() != epoch || string(same) != string(secret) {
		t.Error("epoch or secret changed when the journal was opened again")
	}
}

func TestOpenInAFolderWithOddCharacters(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "một cửa? 100% #1 & more")
	open(t, dir, journal.Options{})
	if _, err := os.Stat(filepath.Join(dir, "centre.db")); err != nil {
		t.Error(err)
	}
}

func TestSecondWriterIsRefused(t *testing.T) {
	dir := folder(t)
	j := open(t, dir, journal.Options{})
	_, err := journal.Open(t.Context(), dir, journal.Options{})
	var locked *journal.LockedError
	if !errors.As(err, &locked) {
		t.Fatalf("second Open: %v, want a *LockedError", err)
	}
	if locked.PID != fmt.Sprint(os.Getpid()) {
		t.Errorf("it names process %q, want %d", locked.PID, os.Getpid())
	}
	for _, word := range []string{dir, "systemctl stop motcuad", "--data"} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not name %q", err, word)
		}
	}
	reader := open(t, dir, journal.Options{ReadOnly: true})
	if reader.Epoch() != j.Epoch() {
		t.Error("a reader beside the writer sees another journal")
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir, journal.Options{})
}

func TestReadOnlyNeedsAJournal(t *testing.T) {
	_, err := journal.Open(t.Context(), folder(t), journal.Options{ReadOnly: true})
	if !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v, want one that says there is no such file", err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	for _, readOnly := range []bool{false, true} {
		t.Run(fmt.Sprintf("readOnly=%t", readOnly), func(t *testing.T) {
			dir := folder(t)
			if err := open(t, dir, journal.Options{Release: "9.9"}).Close(); err != nil {
				t.Fatal(err)
			}
			sqlite(t, dir, `INSERT INTO meta VALUES ('release', '9.9')`, `INSERT INTO goose_db_version (version_id, is_applied) VALUES (7, 1)`)
			_, err := journal.Open(t.Context(), dir, journal.Options{Release: "0.1", ReadOnly: readOnly})
			var newer *journal.NewerError
			if !errors.As(err, &newer) {
				t.Fatalf("got %v, want a *NewerError", err)
			}
			if newer.Schema != 7 || newer.Known != 3 || newer.Release != "9.9" {
				t.Errorf("got schema %d, known %d, release %q; want 7, 3, 9.9", newer.Schema, newer.Known, newer.Release)
			}
			if !strings.Contains(err.Error(), "start that release or a newer one") {
				t.Errorf("%q names no remedy", err)
			}
		})
	}
}

func TestFileThatIsNoDatabase(t *testing.T) {
	dir := folder(t)
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "centre.db"), []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := journal.Open(t.Context(), dir, journal.Options{})
	var corrupt *journal.CorruptError
	if !errors.As(err, &corrupt) {
		t.Errorf("got %v, want a *CorruptError", err)
	}
}

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "centre")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	j, err := journal.Open(ctx, dir, journal.Options{Release: "0.1"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer j.Close()
	state, info, err := j.Load(ctx)
	fmt.Println(state.Pos.Seq, info.Records, err)
	// Output: 0 0 <nil>
}
