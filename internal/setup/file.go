package setup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// File is the wizard's in the data folder, readable by its owner (the daemon's
// user) and root alone: it holds the code.
const File = "setup.json"

// progress is what the file keeps.
type progress struct {
	Code string `json:"code"`
	// Doors are the SHA-256 of the tokens of browsers that gave the code, the
	// newest last.
	Doors []string `json:"doors,omitempty"`
	Draft Draft    `json:"draft"`
}

// ErrNone says that a data folder has no code: no daemon has started there yet,
// or the centre is set up already.
var ErrNone = errors.New("there is no setup code")

// ReadCode returns the code of the centre in a data folder. The error is
// ErrNone, or one of the file system: others than root and the daemon's user
// may not read it.
func ReadCode(dir string) (string, error) {
	p, err := load(dir)
	if err != nil {
		return "", err
	}
	return p.Code, nil
}

func load(dir string) (progress, error) {
	var p progress
	b, err := os.ReadFile(filepath.Join(dir, File))
	if errors.Is(err, fs.ErrNotExist) {
		return p, ErrNone
	}
	if err != nil {
		return p, fmt.Errorf("read setup: %w", err)
	}
	if err := json.Unmarshal(b, &p); err != nil || len(plain(p.Code)) != digits {
		return p, fmt.Errorf("read setup: %s is not what was written: remove it and restart motcuad, then begin again with a new code", filepath.Join(dir, File))
	}
	return p, nil
}

func (p *progress) save(dir string) error {
	b, err := json.Marshal(p)
	if err != nil {
		return fmt.Errorf("keep setup: %w", err)
	}
	if err := renameio.WriteFile(filepath.Join(dir, File), b, 0o600); err != nil {
		return fmt.Errorf("keep setup: %w", err)
	}
	return nil
}

// Forget removes what a wizard has kept in a data folder: there is a centre.
func Forget(dir string) error {
	if err := os.Remove(filepath.Join(dir, File)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("forget setup: %w", err)
	}
	return nil
}
