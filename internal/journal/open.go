package journal

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/mattn/go-sqlite3"
	"golang.org/x/sys/unix"

	"motcua/queue"
)

// File is the journal's in its folder; SQLite keeps others beside it.
const File = "centre.db"

const (
	// readers is the size of the read pool.
	readers = 4
	// oldestSQLite is 3.51.3: earlier ones may lose a WAL frame when a
	// checkpoint resets the log under a reader (sqlite.org/wal.html#walresetbug).
	oldestSQLite = 3051003
)

// Options of Open. The zero value is a writer without a log.
type Options struct {
	Logger *slog.Logger // nil: none
	// ReadOnly opens beside a running writer: no lock, no migration, no Append.
	ReadOnly bool
	// Release is this program's version. It is written beside the records, so
	// that an older program can say which one to start.
	Release string
	// Fault makes the n-th Append (from 1) go wrong; tests only.
	Fault func(n int) Fault
}

// Fault is a way for an append to go wrong in a test.
type Fault int

const (
	NoFault        Fault = iota
	FailBefore           // refused before COMMIT: nothing is stored
	FailCommitLost       // COMMIT reports an error and the disk has nothing
	FailCommitKept       // COMMIT reports an error and the disk has it all
)

// Journal is one centre's journal. All methods may be called from any goroutine.
type Journal struct {
	dir       string
	log       *slog.Logger
	release   string
	epoch     string
	writtenBy string // release that last wrote, before this process

	lock  *os.File // nil when read-only
	write *sql.DB  // nil when read-only
	read  *sql.DB

	fault func(int) Fault
	// keys are all stored ones, once Load has seen them; nil before, and for
	// readers beside another writer.
	keys atomic.Pointer[keySet]

	mu      sync.Mutex // protects everything below
	w       *writer    // the one writing connection; nil when read-only
	head    queue.Position
	appends int
	broken  error // an unknown outcome: nothing more is written
	closed  bool
}

// Open opens or creates the journal in dir. The caller must Close it. The
// errors are *LockedError, *NewerError, *CorruptError or a wrapped one.
func Open(ctx context.Context, dir string, o Options) (_ *Journal, err error) {
	log := o.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	if text, n, _ := sqlite3.Version(); n < oldestSQLite {
		return nil, fmt.Errorf("open journal: this program is linked with SQLite %s and needs 3.51.3 or newer: build without the tag libsqlite3", text)
	}
	j := &Journal{dir: dir, log: log, release: o.Release, fault: o.Fault}
	defer func() {
		if err != nil {
			err = errors.Join(j.explain(err), j.Close())
		}
	}()
	path := filepath.Join(dir, File)
	if o.ReadOnly {
		if _, err := os.Stat(path); err != nil {
			return nil, fmt.Errorf("open journal: %w: is this the data folder of a centre?", err)
		}
	} else {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make data folder: %w (name a folder that this user may write with --data)", err)
		}
		if j.lock, err = lockFolder(dir); err != nil {
			return nil, err
		}
		if err := makeDatabase(path); err != nil {
			return nil, err
		}
		// The writer comes first: it turns WAL on and recovers what a crash
		// left, before any reader looks.
		j.write = sql.OpenDB(&connector{dsn: writeDSN(path), hook: pragmas})
		j.write.SetMaxOpenConns(1)
		if err := j.write.PingContext(ctx); err != nil {
			return nil, fmt.Errorf("open database %s: %w", path, err)
		}
		if err := j.migrate(ctx); err != nil {
			return nil, err
		}
	}
	j.read = sql.OpenDB(&connector{dsn: readDSN(path), hook: pragmas})
	j.read.SetMaxOpenConns(readers)
	j.read.SetMaxIdleConns(readers)
	if err := j.read.PingContext(ctx); err != nil {
		return nil, fmt.Errorf("open database %s for reading: %w", path, err)
	}
	if o.ReadOnly {
		if err := j.checkSchema(ctx, j.read); err != nil {
			return nil, err
		}
	}
	if err := j.readMeta(ctx); err != nil {
		return nil, err
	}
	if j.head, err = j.Head(ctx); err != nil {
		return nil, err
	}
	if !o.ReadOnly {
		if j.w, err = newWriter(ctx, j.write); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// Close ends the journal; the second call does nothing.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.closed {
		return nil
	}
	j.closed = true
	var errs []error
	if j.w != nil {
		errs = append(errs, j.w.close())
	}
	// Readers go first, so that the writer is the last connection and SQLite
	// folds the WAL into the database.
	for _, c := range []io.Closer{closer(j.read), closer(j.write)} {
		errs = append(errs, c.Close())
	}
	if j.lock != nil {
		errs = append(errs, j.lock.Close())
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("close journal: %w", err)
	}
	return nil
}

// makeDatabase makes the empty file, if there is none: SQLite would make it
// readable for all, and -wal and -shm take its mode. The names are made durable
// too, folder and all: SQLite does so for its log alone.
func makeDatabase(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("make database: %w", err)
	}
	if err := f.Close(); err != nil {
		return fmt.Errorf("make database: %w", err)
	}
	dir := filepath.Dir(path)
	for _, d := range []string{dir, filepath.Dir(dir)} {
		if err := syncFolder(d); err != nil {
			return fmt.Errorf("make database: %w", err)
		}
	}
	return nil
}

// syncFolder makes the names in a folder durable. A folder this process may
// not read was not made by it, and a file system that knows no fsync of
// folders has nothing to be asked for.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if errors.Is(err, fs.ErrPermission) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	if err = d.Sync(); errors.Is(err, unix.EINVAL) {
		err = nil
	}
	return errors.Join(err, d.Close())
}

type nothing struct{}

func (nothing) Close() error { return nil }

func closer(db *sql.DB) io.Closer {
	if db == nil {
		return nothing{}
	}
	return db
}

// Dir is the data folder.
func (j *Journal) Dir() string { return j.dir }

// Epoch names this journal; a restored one gets a new epoch.
func (j *Journal) Epoch() string { return j.epoch }

func writeDSN(path string) string {
	return fileURI(path) + "?mode=rwc&_journal_mode=WAL&_synchronous=FULL&_foreign_keys=on&_busy_timeout=5000&_txlock=immediate&_secure_delete=on"
}

func readDSN(path string) string {
	return fileURI(path) + "?mode=ro&_query_only=true&_busy_timeout=5000"
}

// fileURI escapes what SQLite's URI parser would take for syntax.
func fileURI(path string) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath()
}

// pragmas sets what go-sqlite3's DSN has no word for, on every connection.
func pragmas(c *sqlite3.SQLiteConn) error {
	for _, p := range []string{
		"PRAGMA temp_store=MEMORY",
		"PRAGMA cell_size_check=ON",
		"PRAGMA trusted_schema=OFF",
		"PRAGMA journal_size_limit=16777216",
		"PRAGMA wal_autocheckpoint=1000",
	} {
		if _, err := c.Exec(p, nil); err != nil {
			return fmt.Errorf("set %s: %w", p, err)
		}
	}
	return nil
}

// connector opens connections without registering a driver by name, which
// would be a global.
type connector struct {
	dsn  string
	hook func(*sqlite3.SQLiteConn) error
}

func (c *connector) Connect(context.Context) (driver.Conn, error) { return c.Driver().Open(c.dsn) }
func (c *connector) Driver() driver.Driver                        { return &sqlite3.SQLiteDriver{ConnectHook: c.hook} }
