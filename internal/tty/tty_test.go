package tty_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"motcua/internal/tty"
	"motcua/internal/tty/ttytest"
)

// Every byte passes both ways as it is; reads end by their deadline, by Close,
// and when the other end is pulled out.
func TestLine(t *testing.T) {
	other, path := ttytest.Pair(t)
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

	_, path = ttytest.Pair(t)
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
	_, path := ttytest.Pair(t)
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
