package journal

import (
	"context"
	"crypto/rand"
	"database/sql"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// knownSchema is the newest migration in migrations/.
const knownSchema = 3

// kCentre names the secret the centre signs and derives with.
const kCentre = "k_centre"

// migrate brings the database to knownSchema and fills what every journal has.
func (j *Journal) migrate(ctx context.Context) error {
	if err := j.checkNotNewer(ctx, j.write); err != nil {
		return err
	}
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return fmt.Errorf("read migrations: %w", err)
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, j.write, sub, goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("prepare migrations: %w", err)
	}
	// Provider.Close would close the database, which is not its own.
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate journal: %w", err)
	}

	tx, err := j.write.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin founding journal: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing
	// What the last writer left; this one signs with its first append.
	if err := tx.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'release'`).Scan(&j.writtenBy); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("read last release: %w", err)
	}
	epoch, secret := make([]byte, 8), make([]byte, 32)
	rand.Read(epoch) // never fails (crypto/rand)
	rand.Read(secret)
	if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO meta (name, value) VALUES ('epoch', ?)`, hex.EncodeToString(epoch)); err != nil {
		return fmt.Errorf("found journal: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO secrets (name, value) VALUES (?, ?)`, kCentre, secret); err != nil {
		return fmt.Errorf("found journal: %w", err)
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("found journal: %w", err)
	}
	return nil
}

// checkNotNewer refuses a database some later release has migrated.
func (j *Journal) checkNotNewer(ctx context.Context, db *sql.DB) error {
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	if version <= knownSchema {
		return nil
	}
	e := &NewerError{Dir: j.dir, Schema: version, Known: knownSchema}
	// The tables may have changed their shape: these are a help, not a need.
	_ = db.QueryRowContext(ctx, `SELECT coalesce(max(seq), 0) FROM records`).Scan(&e.Head)
	_ = db.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'release'`).Scan(&e.Release)
	return e
}

// checkSchema is for readers, who may not migrate.
func (j *Journal) checkSchema(ctx context.Context, db *sql.DB) error {
	if err := j.checkNotNewer(ctx, db); err != nil {
		return err
	}
	version, err := schemaVersion(ctx, db)
	if err != nil {
		return err
	}
	if version < knownSchema {
		return fmt.Errorf("open journal in %s: it has schema %d and this release reads %d: start motcuad of this release once, it migrates", j.dir, version, knownSchema)
	}
	return nil
}

// schemaVersion is the last applied migration, 0 for an empty database.
func schemaVersion(ctx context.Context, db *sql.DB) (int64, error) {
	var n int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema WHERE name = ?`, goose.DefaultTablename).Scan(&n); err != nil {
		return 0, fmt.Errorf("read schema: %w", err)
	}
	if n == 0 {
		return 0, nil
	}
	var v int64
	if err := db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM `+goose.DefaultTablename+` WHERE is_applied`).Scan(&v); err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	return v, nil
}

func (j *Journal) readMeta(ctx context.Context) error {
	if err := j.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'epoch'`).Scan(&j.epoch); err != nil {
		return fmt.Errorf("read epoch of journal: %w", err)
	}
	if j.write == nil {
		if err := j.read.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = 'release'`).Scan(&j.writtenBy); err != nil && !errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("read release of journal: %w", err)
		}
	}
	return nil
}
