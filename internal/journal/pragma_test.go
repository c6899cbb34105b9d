package journal

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mattn/go-sqlite3"
)

// This test is inside the package: go-sqlite3 ignores what it does not know in
// a DSN without a word, so the settings are read back on every connection.
func TestEveryConnectionHasItsPragmas(t *testing.T) {
	ctx := context.Background()
	j, err := Open(ctx, filepath.Join(t.TempDir(), "data"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	common := map[string]string{
		"journal_mode": "wal", "busy_timeout": "5000", "temp_store": "2", "cell_size_check": "1",
		"trusted_schema": "0", "journal_size_limit": "16777216", "wal_autocheckpoint": "1000",
	}
	check := func(name string, c *sql.Conn, want map[string]string) {
		t.Helper()
		for pragma, value := range want {
			var got string
			if err := c.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil {
				t.Errorf("%s: %s: %v", name, pragma, err)
			} else if got != value {
				t.Errorf("%s: %s is %s, want %s", name, pragma, got, value)
			}
		}
	}
	// All read connections at once, so that each is another one.
	for i := range readers {
		c, err := j.read.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		check(fmt.Sprintf("reader %d", i), c, common)
		check(fmt.Sprintf("reader %d", i), c, map[string]string{"query_only": "1"})
		if _, err := c.ExecContext(ctx, `INSERT INTO meta VALUES ('x', 'y')`); err == nil {
			t.Errorf("reader %d can write", i)
		}
	}
	if n := j.read.Stats().OpenConnections; n != readers {
		t.Errorf("%d read connections, want %d", n, readers)
	}
	check("writer", j.w.conn, common)
	check("writer", j.w.conn, map[string]string{"synchronous": "2", "foreign_keys": "1", "secure_delete": "1", "query_only": "0"})
	if n := j.write.Stats().MaxOpenConnections; n != 1 {
		t.Errorf("%d writing connections are allowed, want 1", n)
	}
	if text, n, _ := sqlite3.Version(); n < oldestSQLite {
		t.Errorf("SQLite is %s, want 3.51.3 or newer", text)
	}
}

// The look-up of keys must use its index, or each costs a scan of the journal.
func TestFindUsesItsIndex(t *testing.T) {
	ctx := context.Background()
	j, err := Open(ctx, filepath.Join(t.TempDir(), "data"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close()
	rows, err := j.read.QueryContext(ctx, "EXPLAIN QUERY PLAN "+findQuery, 0, `["k"]`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	plan := ""
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		plan += detail + "\n"
	}
	if want := "SEARCH records USING INDEX records_key (<expr>=? AND key=?)"; !strings.Contains(plan, want) {
		t.Errorf("plan is\n%swant a line %q", plan, want)
	}
}

func TestKeySetKnowsWhatItWasGiven(t *testing.T) {
	s := newKeySet(0)
	const n = 3 * fewestKeys // two layers and a bit
	for i := range n {
		s.add(s.hash(fmt.Sprint("key ", i)))
	}
	for i := range n {
		if !s.mayHave(fmt.Sprint("key ", i)) {
			t.Fatalf("key %d was added and is denied", i)
		}
	}
	wrong := 0
	for i := range 10_000 {
		if s.mayHave(fmt.Sprint("stranger ", i)) {
			wrong++
		}
	}
	// 1 in 700 for a full layer, two of them: 29 of 10,000 expected.
	if wrong > 90 {
		t.Errorf("%d of 10,000 strangers are taken for known", wrong)
	}
}
