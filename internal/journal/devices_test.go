package journal_test

import (
	"crypto/sha256"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/internal/journal"
	"motcua/queue"
)

var paired = time.Date(2026, 11, 23, 7, 30, 0, 5e6, time.UTC)

func door(name, token string) journal.Device {
	return journal.Device{Name: name, Role: queue.Kiosk, Point: "main", TokenSum: sha256.Sum256([]byte(token)), PairedAt: paired, PairedBy: "lead"}
}

func TestDevicesOutliveTheProcess(t *testing.T) {
	dir := folder(t)
	j := open(t, dir, journal.Options{})
	desk := journal.Device{Name: "desk-3", Role: queue.Officer, Counter: "3", TokenSum: sha256.Sum256([]byte("b")), PairedAt: paired.Add(time.Minute), PairedBy: "lead"}
	for _, d := range []journal.Device{door("door-2", "a"), desk} {
		if err := j.AddDevice(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.RevokeDevice(t.Context(), "desk-3", "boss", paired.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	desk.RevokedAt, desk.RevokedBy = paired.Add(time.Hour), "boss"
	want := []journal.Device{door("door-2", "a"), desk}
	for _, readOnly := range []bool{false, true} {
		got, err := open(t, dir, journal.Options{ReadOnly: readOnly}).Devices(t.Context())
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("readOnly=%t: %v (-want +got):\n%s", readOnly, err, diff)
		}
	}
	if want[0].Revoked() || !want[1].Revoked() {
		t.Error("Revoked does not tell a revoked device")
	}
}

func TestDeviceNameIsHeldByOneAtATime(t *testing.T) {
	j := open(t, folder(t), journal.Options{})
	if err := j.AddDevice(t.Context(), door("door-2", "a")); err != nil {
		t.Fatal(err)
	}
	if err := j.AddDevice(t.Context(), door("door-2", "b")); !errors.Is(err, journal.ErrDeviceTaken) {
		t.Errorf("second device of the name: %v, want ErrDeviceTaken", err)
	}
	if err := j.RevokeDevice(t.Context(), "door-3", "lead", paired); !errors.Is(err, journal.ErrDeviceUnknown) {
		t.Errorf("revoking nobody: %v, want ErrDeviceUnknown", err)
	}
	if err := j.RevokeDevice(t.Context(), "door-2", "lead", paired); err != nil {
		t.Fatal(err)
	}
	if err := j.RevokeDevice(t.Context(), "door-2", "lead", paired); !errors.Is(err, journal.ErrDeviceUnknown) {
		t.Errorf("revoking twice: %v, want ErrDeviceUnknown", err)
	}
	if err := j.AddDevice(t.Context(), door("door-2", "b")); err != nil {
		t.Errorf("the successor: %v", err)
	}
	list, err := j.Devices(t.Context())
	if err != nil || len(list) != 2 || !list[0].Revoked() || list[1].Revoked() {
		t.Errorf("list is %+v, %v; want the revoked one and its successor", list, err)
	}
}

func TestReaderPairsNobody(t *testing.T) {
	dir := folder(t)
	open(t, dir, journal.Options{})
	j := open(t, dir, journal.Options{ReadOnly: true})
	want := &queue.Error{Code: queue.Unavailable, Reason: queue.WhyNotStored}
	if err := j.AddDevice(t.Context(), door("door-2", "a")); !errors.Is(err, want) {
		t.Errorf("add: %v, want %v", err, want)
	}
	if err := j.RevokeDevice(t.Context(), "door-2", "lead", paired); !errors.Is(err, want) {
		t.Errorf("revoke: %v, want %v", err, want)
	}
}

// A journal of the release before devices is migrated, keeps every record and
// takes devices.
func TestJournalOfSchemaOneIsMigrated(t *testing.T) {
	dir, o := written(t, 300)
	sqlite(t, dir, `DROP TABLE devices`, `DROP TABLE printer_rolls`, `DELETE FROM goose_db_version WHERE version_id >= 2`)
	if _, err := journal.Open(t.Context(), dir, journal.Options{ReadOnly: true}); err == nil {
		t.Error("a reader took schema 1, which it can't migrate")
	}
	j := open(t, dir, journal.Options{})
	state, info, err := j.Load(t.Context())
	if err != nil || info.Records != len(o.Records) || snapshot(t, state) != snapshot(t, o.State) {
		t.Fatalf("loaded %+v, %v", info, err)
	}
	if err := j.AddDevice(t.Context(), door("door-2", "a")); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Verify(t.Context()); err != nil {
		t.Error(err)
	}
}
