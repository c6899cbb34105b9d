package sysd_test

import (
	"context"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"motcua/internal/sysd"
)

// manager is a service manager's end of the socket.
func manager(t *testing.T) (said func() string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "notify")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	t.Setenv("NOTIFY_SOCKET", path)
	return func() string {
		t.Helper()
		_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
		b := make([]byte, 4096)
		n, err := c.Read(b)
		if err != nil {
			t.Fatalf("nothing was said: %v", err)
		}
		return string(b[:n])
	}
}

func TestReadyAndStopping(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	if err := sysd.Ready("started by hand"); err != nil {
		t.Errorf("without a service manager: %v", err)
	}
	said := manager(t)
	if err := sysd.Ready("degraded: printer absent"); err != nil {
		t.Fatal(err)
	}
	if got := said(); got != "READY=1\nSTATUS=degraded: printer absent" {
		t.Errorf("said %q", got)
	}
	if err := sysd.Stopping(); err != nil {
		t.Fatal(err)
	}
	if got := said(); got != "STOPPING=1" {
		t.Errorf("said %q", got)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "gone"))
	if err := sysd.Stopping(); err == nil {
		t.Error("a socket that is gone is no error")
	}
}

// A process that hangs is not pinged for.
func TestWatchdog(t *testing.T) {
	said := manager(t)
	t.Setenv("WATCHDOG_USEC", "40000")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	const hung = 5 // questions answered with no
	asked := make(chan struct{}, 64)
	done := make(chan error, 1)
	go func() {
		n := 0
		done <- sysd.Watchdog(ctx, func() bool {
			n++
			if n <= hung {
				asked <- struct{}{}
			}
			return n > hung
		})
	}()
	for range 3 {
		if got := said(); got != "WATCHDOG=1" {
			t.Errorf("said %q", got)
		}
		if len(asked) != hung {
			t.Fatalf("pinged after %d questions, while it hung", len(asked))
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestNoWatchdog(t *testing.T) {
	for _, usec := range []string{"", "soon"} {
		t.Setenv("WATCHDOG_USEC", usec)
		err := sysd.Watchdog(t.Context(), func() bool { t.Error("asked"); return true })
		if (err != nil) != (usec == "soon") || err != nil && !strings.Contains(err.Error(), "watchdog") {
			t.Errorf("WATCHDOG_USEC=%q: %v", usec, err)
		}
	}
}
