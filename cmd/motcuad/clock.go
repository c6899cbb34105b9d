package main

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/google/renameio/v2"

	"motcua/internal/sysd"
)

// clockFile is in the data folder.
const clockFile = "clock.json"

// trustedClock is what outlasts a restart of the daemon: at which offset of
// wall clock and time since boot the clock was trusted, in which boot.
type trustedClock struct {
	Boot   string `json:"boot"`
	Offset int64  `json:"offset_ms"`
}

// keepTrust has the clock's trust outlast this process. A file that can't be
// read or written costs a question to staff, not the start.
func (d *Daemon) keepTrust(o *sysd.ClockOptions, boot string) {
	path := filepath.Join(d.journal.Dir(), clockFile)
	b, err := os.ReadFile(path)
	var kept trustedClock
	if err == nil {
		err = json.Unmarshal(b, &kept)
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		d.log.Warn("trust in the clock not read: staff are asked again", "err", err)
	case kept.Boot == boot:
		offset := time.Duration(kept.Offset) * time.Millisecond
		o.Trusted = &offset
	}
	o.Gained = func(offset time.Duration) {
		b, err := json.Marshal(trustedClock{boot, offset.Milliseconds()})
		if err == nil {
			err = renameio.WriteFile(path, b, 0o600)
		}
		if err != nil {
			d.log.Warn("trust in the clock not kept: staff are asked again after a restart", "err", err)
		}
	}
}
