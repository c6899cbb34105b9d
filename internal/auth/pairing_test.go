package auth_test

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"motcua/internal/auth"
	"motcua/queue"
)

func from(n int) netip.Addr { return netip.AddrFrom4([4]byte{192, 168, 1, byte(n)}) }

func ask(t *testing.T, l *auth.Pairings, n int) auth.Pending {
	t.Helper()
	p, err := l.Ask(from(n), queue.Kiosk, fmt.Sprintf("%064d", n))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func admit(name string) func(auth.Pending) (string, error) {
	return func(auth.Pending) (string, error) { return name, nil }
}

func wrong(code string) string { return fmt.Sprintf("%06d", (int(code[0])*7+1)%1000000) }

func TestPairing(t *testing.T) {
	l := &auth.Pairings{}
	p := ask(t, l, 2)
	if !regexp.MustCompile(`^[0-9]{6}$`).MatchString(p.Code) || len(p.ID) != 22 {
		t.Errorf("code %q, id %q", p.Code, p.ID)
	}
	if name, ok := l.State(p.ID); name != "" || !ok {
		t.Errorf("before: %q %v", name, ok)
	}
	if w := l.Waiting(); len(w) != 1 || w[0].Code != "" || w[0].ID != "" || w[0].From != from(2) {
		t.Errorf("waiting %+v, want the device without its code", w)
	}
	refused := errors.New("the name is taken")
	if err := l.Redeem(p.Code, func(auth.Pending) (string, error) { return "", refused }); err != refused {
		t.Errorf("refused name: %v", err)
	}
	var got auth.Pending
	if err := l.Redeem(p.Code, func(x auth.Pending) (string, error) { got = x; return "door-2", nil }); err != nil || got != p {
		t.Errorf("redeemed %+v %v, want %+v: a refused name does not use up the code", got, err, p)
	}
	if name, ok := l.State(p.ID); name != "door-2" || !ok {
		t.Errorf("after: %q %v", name, ok)
	}
	if err := l.Redeem(p.Code, admit("door-3")); !errors.Is(err, auth.ErrNoCode) {
		t.Errorf("second use: %v", err)
	}
}

func TestPairingCodesExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &auth.Pairings{}
		p := ask(t, l, 2)
		time.Sleep(auth.CodeLife - time.Millisecond)
		if _, ok := l.State(p.ID); !ok {
			t.Error("over before its time")
		}
		time.Sleep(time.Millisecond)
		if err := l.Redeem(p.Code, admit("door-2")); !errors.Is(err, auth.ErrNoCode) {
			t.Errorf("late code: %v", err)
		}
		if _, ok := l.State(p.ID); ok {
			t.Error("still waiting after its time")
		}
	})
}

// Who tries codes gets five of a million, and all that wait are sent away.
func TestPairingCodesAreNotGuessed(t *testing.T) {
	l := &auth.Pairings{}
	a, b := ask(t, l, 2), ask(t, l, 3)
	for range auth.CodeTries - 1 {
		if err := l.Redeem(wrong(a.Code), admit("x")); !errors.Is(err, auth.ErrNoCode) {
			t.Fatal(err)
		}
	}
	if err := l.Redeem(a.Code, admit("door-2")); err != nil {
		t.Errorf("the right code after four wrong ones: %v", err)
	}
	if err := l.Redeem("00000x", admit("x")); !errors.Is(err, auth.ErrNoCode) {
		t.Fatal(err)
	}
	if err := l.Redeem(b.Code, admit("door-3")); !errors.Is(err, auth.ErrNoCode) {
		t.Errorf("the right code after five wrong ones: %v", err)
	}
	if name, ok := l.State(a.ID); name != "door-2" || !ok {
		t.Errorf("the paired device lost its answer: %q %v", name, ok)
	}
}

// TestATypedCodeIsTold: a device asks every few seconds. Typed in its last one,
// the code has let it in, and it learns so at its next question.
func TestATypedCodeIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := &auth.Pairings{}
		p := ask(t, l, 2)
		time.Sleep(auth.CodeLife - time.Millisecond)
		if err := l.Redeem(p.Code, admit("door-2")); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second)
		if name, ok := l.State(p.ID); name != "door-2" || !ok {
			t.Errorf("after its time: %q %v, want to be told that it is let in", name, ok)
		}
		time.Sleep(auth.CodeKept)
		if _, ok := l.State(p.ID); ok {
			t.Error("kept for ever")
		}
	})
}

// TestOneMachineKeepsNobodyOut: with all its IPv6 addresses a machine takes the
// places of its own network, and others wait beside it.
func TestOneMachineKeepsNobodyOut(t *testing.T) {
	l := &auth.Pairings{}
	six := func(host string) error {
		_, err := l.Ask(netip.MustParseAddr("2001:db8:1:2::"+host), queue.Kiosk, "")
		return err
	}
	for _, host := range []string{"1", "2", "3", "4", "5"} {
		if err := six(host); err != nil {
			t.Fatalf("its address %s: %v", host, err)
		}
	}
	if n := len(l.Waiting()); n != auth.CodesAtOnce {
		t.Errorf("%d wait, want %d", n, auth.CodesAtOnce)
	}
	a, b := ask(t, l, 1), ask(t, l, 2)
	for host := range 9 {
		if err := six(fmt.Sprint(host + 6)); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range []auth.Pending{a, b} {
		if _, ok := l.State(p.ID); !ok {
			t.Errorf("the device at %v lost its code to a stranger", p.From)
		}
	}
	if _, err := l.Ask(from(3), queue.Kiosk, ""); !errors.Is(err, auth.ErrManyWait) {
		t.Errorf("three networks wait, the fourth: %v", err)
	}
}

func TestThreeDevicesWait(t *testing.T) {
	l := &auth.Pairings{}
	first := ask(t, l, 1)
	ask(t, l, 2)
	ask(t, l, 3)
	if _, err := l.Ask(from(4), queue.Kiosk, ""); !errors.Is(err, auth.ErrManyWait) {
		t.Errorf("the fourth: %v", err)
	}
	again := ask(t, l, 1) // a restarted device takes its own place
	if err := l.Redeem(first.Code, admit("x")); again.Code != first.Code && !errors.Is(err, auth.ErrNoCode) {
		t.Errorf("the forgotten code: %v", err)
	}
	if err := l.Redeem(again.Code, admit("door-2")); err != nil {
		t.Fatal(err)
	}
	ask(t, l, 4) // a paired one does not wait
	l.Dismiss()
	if w := l.Waiting(); len(w) != 0 {
		t.Errorf("after Dismiss %+v wait", w)
	}
	ask(t, l, 5)
}
