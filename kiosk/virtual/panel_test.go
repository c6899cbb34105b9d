package virtual_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"motcua/kiosk"
	"motcua/kiosk/virtual"
)

func noFault(kiosk.Fault, bool) {}

func TestPress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := virtual.NewPanel("A", "B", "A", "", "vi")
		if got, want := p.Buttons(), []kiosk.Button{"A", "B", "vi"}; !cmp.Equal(got, want) {
			t.Errorf("buttons %v, want %v", got, want)
		}
		if _, err := p.Press(t.Context(), "A"); !errors.Is(err, virtual.ErrNotRunning) {
			t.Errorf("press before the run: %v, want ErrNotRunning", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var heard []kiosk.Press
		done := make(chan error)
		go func() { done <- p.Run(ctx, func(press kiosk.Press) { heard = append(heard, press) }, noFault) }()
		synctest.Wait()
		if err := p.Run(ctx, nil, nil); !errors.Is(err, virtual.ErrRunning) {
			t.Errorf("second run: %v, want ErrRunning", err)
		}
		if _, err := p.Press(ctx, "Z"); !errors.Is(err, virtual.ErrUnknownButton) {
			t.Errorf("press of a button that is not there: %v, want ErrUnknownButton", err)
		}
		for i, b := range p.Buttons() {
			got, err := p.Press(ctx, b)
			if err != nil {
				t.Fatal(err)
			}
			if got.Button != b || got.Count != uint64(i+1) || got.At.IsZero() {
				t.Errorf("press %d: %+v, want button %s, count %d and a time", i, got, b, i+1)
			}
			if len(heard) != i+1 || heard[i] != got {
				t.Errorf("heard %v when Press returned %v", heard, got)
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Errorf("run: %v", err)
		}
		select {
		case <-p.Listening():
			t.Error("the panel says it listens after its run")
		default:
		}
		if _, err := p.Press(t.Context(), "A"); !errors.Is(err, virtual.ErrNotRunning) {
			t.Errorf("press after the run: %v, want ErrNotRunning", err)
		}
	})
}

// Presses of many pages at once are counted once each, and the listener needs
// no lock.
func TestPressTogether(t *testing.T) {
	p := virtual.NewPanel("A", "B")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	counts := make(map[uint64]int)
	go func() {
		done <- p.Run(ctx, func(press kiosk.Press) { counts[press.Count]++ }, noFault)
	}()
	<-p.Listening()
	var wg sync.WaitGroup
	for range 32 {
		wg.Go(func() {
			if _, err := p.Press(ctx, "B"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	cancel()
	<-done
	if len(counts) != 32 {
		t.Errorf("%d counts, want 32 different ones", len(counts))
	}
}

// A press whose caller gave up, or whose panel stopped, does not hang.
func TestPressIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := virtual.NewPanel("A")
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		free := make(chan struct{})
		go func() { done <- p.Run(ctx, func(kiosk.Press) { <-free }, noFault) }()
		synctest.Wait()
		impatient, give := context.WithCancel(ctx)
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { _, err := p.Press(impatient, "A"); first <- err }()
		synctest.Wait()
		go func() { _, err := p.Press(t.Context(), "A"); second <- err }()
		synctest.Wait()
		give()
		if err := <-first; !errors.Is(err, context.Canceled) {
			t.Errorf("press that gave up: %v, want context.Canceled", err)
		}
		cancel()
		close(free)
		if err := <-done; err != nil {
			t.Error(err)
		}
		// The second was taken in the last moment or refused; both are answers.
		if err := <-second; err != nil && !errors.Is(err, virtual.ErrNotRunning) {
			t.Errorf("press when the panel stopped: %v", err)
		}
	})
}

func TestLamps(t *testing.T) {
	p := virtual.NewPanel("A", "B")
	lamps, changed := p.Lamps()
	if want := map[kiosk.Button]kiosk.Lamp{"A": kiosk.LampOff, "B": kiosk.LampOff}; !cmp.Equal(lamps, want) {
		t.Errorf("lamps %v, want %v", lamps, want)
	}
	p.SetLamp("A", kiosk.LampOff) // nothing new
	p.SetLamp("A", "disco")       // no lamp
	p.SetLamp("Z", kiosk.LampReady)
	select {
	case <-changed:
		t.Error("a change was told and there was none")
	default:
	}
	p.SetLamp("", kiosk.LampReady)
	p.SetLamp("B", kiosk.LampPrinting)
	select {
	case <-changed:
	default:
		t.Error("no change was told")
	}
	lamps, changed = p.Lamps()
	if want := map[kiosk.Button]kiosk.Lamp{"A": kiosk.LampReady, "B": kiosk.LampPrinting}; !cmp.Equal(lamps, want) {
		t.Errorf("lamps %v, want %v", lamps, want)
	}
	select {
	case <-changed:
		t.Error("the new channel tells an old change")
	default:
	}
}
