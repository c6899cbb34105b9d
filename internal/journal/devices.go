package journal

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/mattn/go-sqlite3"

	"motcua/queue"
)

// Errors of AddDevice and RevokeDevice, for errors.Is; nothing has changed.
var (
	ErrDeviceTaken   = errors.New("another device is paired under this name: revoke it first, or choose another name")
	ErrDeviceUnknown = errors.New("no device is paired under this name")
)

// Device is a machine that was paired by a code. The journal knows its token
// by the hash alone.
type Device struct {
	Name     string // its actor in records
	Role     queue.Role
	Counter  queue.CounterID // "" = any
	Point    queue.PointID   // "" = any
	TokenSum [sha256.Size]byte
	PairedAt time.Time // UTC, milliseconds
	PairedBy string    // actor
	// RevokedAt is zero for a device that may still ask.
	RevokedAt time.Time
	RevokedBy string
}

// Revoked reports whether the device's token opens nothing any more.
func (d Device) Revoked() bool { return !d.RevokedAt.IsZero() }

// Devices returns all that were ever paired, the oldest first.
func (j *Journal) Devices(ctx context.Context) ([]Device, error) {
	rows, err := j.read.QueryContext(ctx, `SELECT name, role, counter, point, token_sum, paired_at, paired_by, revoked_at, revoked_by FROM devices ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("read devices: %w", j.explain(err))
	}
	defer rows.Close()
	var list []Device
	for rows.Next() {
		var d Device
		var sum []byte
		var paired int64
		var revoked sql.NullInt64
		if err := rows.Scan(&d.Name, &d.Role, &d.Counter, &d.Point, &sum, &paired, &d.PairedBy, &revoked, &d.RevokedBy); err != nil {
			return nil, fmt.Errorf("read devices: %w", j.explain(err))
		}
		d.TokenSum = [sha256.Size]byte(sum) // its length is held by a CHECK
		d.PairedAt = time.UnixMilli(paired).UTC()
		if revoked.Valid {
			d.RevokedAt = time.UnixMilli(revoked.Int64).UTC()
		}
		list = append(list, d)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read devices: %w", j.explain(err))
	}
	return list, nil
}

// AddDevice makes a paired device durable. A name that is in use is
// ErrDeviceTaken; the other errors are Append's.
func (j *Journal) AddDevice(_ context.Context, d Device) error {
	err := j.change("add device", func(w *writer) error {
		return w.exec(w.pair, d.Name, string(d.Role), string(d.Counter), string(d.Point), d.TokenSum[:], d.PairedAt.UnixMilli(), d.PairedBy)
	})
	var se sqlite3.Error
	if errors.As(err, &se) && se.ExtendedCode == sqlite3.ErrConstraintUnique {
		return fmt.Errorf("add device %q: %w", d.Name, ErrDeviceTaken)
	}
	return err
}

// RevokeDevice makes it durable that a device may ask for nothing any more.
// A name nobody is paired under is ErrDeviceUnknown; the other errors are
// Append's.
func (j *Journal) RevokeDevice(_ context.Context, name, by string, at time.Time) error {
	var revoked int64
	err := j.change("revoke device", func(w *writer) (err error) {
		revoked, err = w.execCount(w.revoke, at.UnixMilli(), by, name)
		return err
	})
	if err == nil && revoked == 0 {
		return fmt.Errorf("revoke device %q: %w", name, ErrDeviceUnknown)
	}
	return err
}
