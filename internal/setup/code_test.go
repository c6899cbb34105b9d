package setup

import (
	"testing"
	"time"
)

func TestCodes(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		c := newCode()
		if len(plain(c)) != digits || seen[c] {
			t.Fatalf("code %q", c)
		}
		seen[c] = true
	}
	for typed, want := range map[string]bool{
		"04821973": true, "0482 1973": true, " 0482-1973\n": true,
		"": false, "0482197": false, "048219730": false, "4821973": false, "04821974": false, "x": false,
	} {
		if sameCode(typed, "04821973") != want {
			t.Errorf("%q is the code: %v", typed, !want)
		}
	}
	if sameCode("", "") {
		t.Error("no code is a code")
	}
}

func wrongCode() bool { return false }
func rightCode() bool { return true }

// TestTries follows one who guesses through a day: it ends at a few hundred
// tries, and somebody else is let in meanwhile.
func TestTries(t *testing.T) {
	var s tries
	begin := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	now := begin
	for n := range freeTries - 1 {
		if ok, wait := s.try("a", now, wrongCode); ok || wait != 0 {
			t.Fatalf("try %d: %v, waits %v", n+1, ok, wait)
		}
	}
	for n, want := range []time.Duration{2, 4, 8, 16, 32, 64, 128, 256, 300, 300} {
		ok, wait := s.try("a", now, wrongCode)
		if ok || wait != want*time.Second {
			t.Fatalf("try %d: waits %v, want %v s", freeTries+n, wait, int64(want))
		}
		asked := false
		if ok, left := s.try("a", now.Add(wait-time.Millisecond), func() bool { asked = true; return true }); ok || asked || left > time.Millisecond {
			t.Fatalf("before its time the code is looked at: %v %v, %v left", ok, asked, left)
		}
		if ok, wait := s.try("b", now, rightCode); !ok || wait != 0 {
			t.Fatalf("somebody else is kept out: %v %v", ok, wait)
		}
		now = now.Add(wait)
	}
	tried := 0
	for day := now.Add(24 * time.Hour); now.Before(day); tried++ {
		_, wait := s.try("a", now, wrongCode)
		now = now.Add(max(wait, time.Millisecond))
	}
	if tried > 300 {
		t.Errorf("%d tries in a day", tried)
	}
	if ok, _ := s.try("a", now, rightCode); !ok {
		t.Error("the right code does not open after the wait")
	}
	if _, wait := s.try("a", now, wrongCode); wait != 0 {
		t.Errorf("after the right code a wrong one waits %v", wait)
	}
}

// TestManyClients: a stranger with many addresses is held back by what all of
// them have tried.
func TestManyClients(t *testing.T) {
	var s tries
	now := time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
	tried := 0
	for n, day := 0, now.Add(24*time.Hour); now.Before(day); n++ {
		asked := false
		_, wait := s.try(string(rune(0x4e00+n%20000)), now, func() bool { asked = true; return false })
		if asked {
			tried++
		}
		now = now.Add(max(wait, 10*time.Millisecond))
	}
	if tried > 400 {
		t.Errorf("%d tries in a day", tried)
	}
	if len(s.by) > manyClients {
		t.Errorf("%d clients are remembered", len(s.by))
	}
}
