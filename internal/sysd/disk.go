package sysd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// syncSize is what one write of SyncTimes hands to the disk: a page of SQLite's.
const syncSize = 4096

// SyncTimes writes n times 4 KiB to a file of its own in dir, each followed by
// fdatasync as a journal does, and returns how long each took. The file is
// gone afterwards. It ends early, with an error, when ctx does.
func SyncTimes(ctx context.Context, dir string, n int) (_ []time.Duration, err error) {
	f, err := os.CreateTemp(dir, ".sync-*")
	if err != nil {
		return nil, fmt.Errorf("make test file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close(), os.Remove(f.Name())) }()
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("reach test file: %w", err)
	}
	page := make([]byte, syncSize)
	times := make([]time.Duration, 0, n)
	for i := range n {
		if err := ctx.Err(); err != nil {
			return times, err
		}
		page[0] = byte(i)
		began := time.Now()
		// The same 4 MiB over and over, as a write-ahead log does.
		if _, err := f.WriteAt(page, int64(i%1024)*syncSize); err != nil {
			return times, fmt.Errorf("write test file: %w", err)
		}
		var synced error
		if err := raw.Control(func(fd uintptr) { synced = unix.Fdatasync(int(fd)) }); err != nil {
			return times, fmt.Errorf("reach test file: %w", err)
		}
		if synced != nil {
			return times, fmt.Errorf("sync test file: %w", synced)
		}
		times = append(times, time.Since(began))
	}
	return times, nil
}

// FreeSpace is how many bytes an unprivileged user may still write below path,
// and how many there are in all.
func FreeSpace(path string) (free, total uint64, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, 0, fmt.Errorf("ask for free space in %s: %w", path, err)
	}
	size := uint64(s.Bsize)
	return s.Bavail * size, s.Blocks * size, nil
}

// Mount is a mounted file system.
type Mount struct {
	Point   string
	Type    string   // "ext4"
	Source  string   // "/dev/mmcblk0p3"
	Options []string // of the mount and of the file system: "rw", "noatime", "data=ordered"
}

// mountinfo lists the mounts this process sees (proc_pid_mountinfo(5)).
const mountinfo = "/proc/self/mountinfo"

// MountOf is the file system that path is on.
func MountOf(path string) (Mount, error) {
	path, err := filepath.Abs(path)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return Mount{}, fmt.Errorf("find mount: %w", err)
	}
	b, err := os.ReadFile(mountinfo)
	if err != nil {
		return Mount{}, fmt.Errorf("find mount: %w", err)
	}
	if m, ok := mountOf(path, string(b)); ok {
		return m, nil
	}
	return Mount{}, fmt.Errorf("find mount: %s lists none for %s", mountinfo, path)
}

// mountOf finds the mount of a path in the text of mountinfo: the deepest, and
// of several at one place the last.
func mountOf(path, text string) (best Mount, found bool) {
	for line := range strings.Lines(text) {
		left, right, ok := strings.Cut(line, " - ")
		a, b := strings.Fields(left), strings.Fields(right)
		if !ok || len(a) < 6 || len(b) < 3 {
			continue
		}
		m := Mount{Point: unescape(a[4]), Type: b[0], Source: unescape(b[1]),
			Options: append(strings.Split(a[5], ","), strings.Split(b[2], ",")...)}
		if path != m.Point && m.Point != "/" && !strings.HasPrefix(path, m.Point+"/") {
			continue
		}
		if !found || len(m.Point) >= len(best.Point) {
			best, found = m, true
		}
	}
	return best, found
}

// unescape undoes the octal escapes of blanks in mountinfo.
func unescape(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+3 < len(s) {
			if n, err := strconv.ParseUint(s[i+1:i+4], 8, 8); err == nil {
				b.WriteByte(byte(n))
				i += 3
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

// RTC names the machine's real-time clock, such as "rtc-ds1307 1-0068"; "" when
// it has none.
func RTC() string {
	b, err := os.ReadFile("/sys/class/rtc/rtc0/name")
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	return strings.TrimSpace(string(b))
}
