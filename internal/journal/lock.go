package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const lockName = "centre.lock"

// lockFolder makes this process the folder's only writer until the file is
// closed; the kernel lets go by itself when a process dies.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock of data folder: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			b := make([]byte, 16)
			n, _ := f.ReadAt(b, 0)
			return nil, &LockedError{Dir: dir, PID: strings.TrimSpace(string(b[:n]))}
		}
		return nil, fmt.Errorf("lock data folder %s: %w", dir, err)
	}
	// The number is a courtesy to whoever meets the lock; only flock counts.
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return f, nil
}
