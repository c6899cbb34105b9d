// Package ttytest gives tests both ends of a serial line: a pseudo-terminal,
// without modem lines and as fast as memory.
package ttytest

import (
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// Pair opens a terminal pair: the far end of the line, where a test plays the
// printer or the scanner, and the path of the near one. Closing the far end pulls
// the cable; the end of the test closes it too. A machine without
// pseudo-terminals skips the test and says so; with CI=true it fails.
func Pair(t *testing.T) (far *os.File, path string) {
	t.Helper()
	far, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no pseudo-terminal here: %v", err)
		}
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	t.Cleanup(func() { far.Close() }) // again, where the test has
	raw, err := far.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var number int
	var inner error
	err = raw.Control(func(fd uintptr) {
		if inner = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); inner == nil {
			number, inner = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err != nil || inner != nil {
		t.Fatal(err, inner)
	}
	return far, fmt.Sprintf("/dev/pts/%d", number)
}
