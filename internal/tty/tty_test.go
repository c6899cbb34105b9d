package tty_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"motcua/internal/tty"
)

// pair opens a terminal pair: the other end of the line, and the path of ours.
func pair(t *testing.T) (*os.File, string) {
	t.Helper()
	master, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no pseudo-terminal here: %v", err)
	}
	t.Cleanup(func() { master.Close() })
	raw, err := master.SyscallConn()
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
	return master, fmt.Sprintf("/dev/pts/%d", number)
}

// Every byte passes both ways as it is; reads end by their deadline, by Close,
// and when the other end is pulled out.
func TestLine(t *testing.T) {
	other, path := pair(t)
	l, err := tty.Open(path, 9600, tty.NoFlow)
	if err != nil {
		t.Fatal(err)
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	read := func(from interface{ Read([]byte) (int, error) }) string {
		t.Helper()
		var got []byte
		for b := make([]byte, 256); len(got) < len(all); {
			n, err := from.Read(b)
			if err != nil {
				t.Fatalf("after %d bytes: %v", len(got), err)
			}
			got = append(got, b[:n]...)
		}
		return string(got)
	}
	_ = l.SetReadDeadline(time.Now().Add(20 * time.Second))
	if _, err := other.Write(all); err != nil {
		t.Fatal(err)
	}
	if got := read(l); got != string(all) {
		t.Errorf("received %q", got)
	}
	if _, err := l.Write(all); err != nil {
		t.Fatal(err)
	}
	if got := read(other); got != string(all) {
		t.Errorf("sent %q", got)
	}
	_ = l.SetReadDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := l.Read(all); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a read past its deadline: %v", err)
	}
	_ = l.SetReadDeadline(time.Time{})
	other.Close()
	if _, err := l.Read(all); !tty.Gone(err) {
		t.Errorf("pulled out: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := l.Close(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("closed again: %v", err)
	}

	_, path = pair(t)
	if l, err = tty.Open(path, 115200, tty.RTSCTS); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		_, err := l.Read(make([]byte, 1))
		ended <- err
	}()
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if err := <-ended; err == nil {
		t.Error("a read outlives Close")
	}
}

func TestExplain(t *testing.T) {
	_, path := pair(t)
	l, err := tty.Open(path, 9600, tty.NoFlow)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		path: "in use by another program", "/dev/ttyACM77": "no such port", "/dev/null": "is not a serial port", plain: "is not a serial port", t.TempDir(): "is not a serial port",
	} {
		_, err := tty.Open(path, 9600, tty.NoFlow)
		if msg, hint := tty.Explain(err); msg != want || hint == "" || tty.Busy(err) != (want == "in use by another program") {
			t.Errorf("%s: %v is explained as %q, %q", path, err, msg, hint)
		}
	}
	if msg, hint := tty.Explain(errors.New("something else")); msg != "" || hint != "" {
		t.Errorf("an unknown error is explained as %q, %q", msg, hint)
	}
}
