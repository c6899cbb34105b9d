package journal

import (
	"bytes"
	"context"
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/google/renameio/v2"

	"motcua/queue"
)

const snapshotName = "centre.snapshot"

// snapshotFormat is the version of the file: a header line, then the state.
const snapshotFormat = 1

type snapshotHeader struct {
	Format int       `json:"format"`
	Shape  string    `json:"shape"`
	Epoch  string    `json:"epoch"`
	Seq    queue.Seq `json:"seq"`
	Hash   string    `json:"hash"`
	SHA256 string    `json:"sha256"` // of the state
	Size   int       `json:"size"`   // of the state, bytes
}

// SaveSnapshot keeps an encoded state (queue.State.Snapshot) and its position
// for a faster start. It is a cache: a lost or unusable one costs a full replay.
func (j *Journal) SaveSnapshot(_ context.Context, state []byte, pos queue.Position) error {
	if j.write == nil {
		return fmt.Errorf("save snapshot: %w", errReadOnly)
	}
	sum := sha256.Sum256(state)
	head, err := json.Marshal(snapshotHeader{
		Format: snapshotFormat, Shape: shape(), Epoch: pos.Epoch, Seq: pos.Seq,
		Hash: hex.EncodeToString(pos.Hash[:]), SHA256: hex.EncodeToString(sum[:]), Size: len(state),
	})
	if err != nil {
		return fmt.Errorf("encode snapshot: %w", err)
	}
	b := append(append(head, '\n'), state...)
	if err := renameio.WriteFile(filepath.Join(j.dir, snapshotName), b, 0o600); err != nil {
		return fmt.Errorf("write snapshot: %w", err)
	}
	return nil
}

// readSnapshot returns the state of the snapshot, or nil and the reason; no
// reason when there is no file.
func (j *Journal) readSnapshot() (_ *queue.State, ignored string) {
	b, err := os.ReadFile(filepath.Join(j.dir, snapshotName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ""
	}
	if err != nil {
		return nil, err.Error()
	}
	head, state, ok := bytes.Cut(b, []byte{'\n'})
	var h snapshotHeader
	if !ok {
		return nil, "it has no header"
	}
	if err := json.Unmarshal(head, &h); err != nil {
		return nil, "its header can't be read: " + err.Error()
	}
	sum := sha256.Sum256(state)
	switch {
	case h.Format != snapshotFormat:
		return nil, fmt.Sprintf("it has format %d, this release reads %d", h.Format, snapshotFormat)
	case h.Shape != shape():
		return nil, "another build of the program wrote it"
	case h.Epoch != j.epoch:
		return nil, "it is of another journal"
	case h.Size != len(state) || h.SHA256 != hex.EncodeToString(sum[:]):
		return nil, "its bytes are damaged"
	}
	s, err := queue.Restore(state)
	if err != nil {
		return nil, err.Error()
	}
	if s.Pos.Seq != h.Seq || s.Pos.Epoch != h.Epoch || hex.EncodeToString(s.Pos.Hash[:]) != h.Hash {
		return nil, "its header and its state disagree"
	}
	return s, ""
}

// shape is the fingerprint of what made a snapshot: the State's fields all the
// way down, and the very build, since another build may fold the same records
// into another state of the same fields.
var shape = sync.OnceValue(func() string {
	h := sha256.New()
	describe(h, reflect.TypeFor[queue.State](), map[reflect.Type]bool{})
	fmt.Fprintf(h, "%v\n%s\n", queue.EventTypes(), build())
	return hex.EncodeToString(h.Sum(nil)[:16])
})

func describe(w interface{ Write([]byte) (int, error) }, t reflect.Type, seen map[reflect.Type]bool) {
	fmt.Fprintf(w, "%s %s\n", t, t.Kind())
	if seen[t] {
		return
	}
	seen[t] = true
	switch t.Kind() {
	case reflect.Struct:
		for f := range t.Fields() {
			fmt.Fprintf(w, ".%s %q\n", f.Name, f.Tag)
			describe(w, f.Type, seen)
		}
	case reflect.Pointer, reflect.Slice, reflect.Array:
		describe(w, t.Elem(), seen)
	case reflect.Map:
		describe(w, t.Key(), seen)
		describe(w, t.Elem(), seen)
	}
}

// build identifies this program: the build id the Go linker writes changes
// with every change of the code. Where it can't be read, the revision stands in.
func build() string {
	if path, err := os.Executable(); err == nil {
		if f, err := elf.Open(path); err == nil {
			defer f.Close()
			if s := f.Section(".note.go.buildid"); s != nil {
				if b, err := s.Data(); err == nil {
					return hex.EncodeToString(b)
				}
			}
		}
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return ""
	}
	var b strings.Builder
	for _, s := range info.Settings {
		if strings.HasPrefix(s.Key, "vcs.") {
			fmt.Fprintf(&b, "%s=%s ", s.Key, s.Value)
		}
	}
	return info.Main.Version + " " + b.String()
}
