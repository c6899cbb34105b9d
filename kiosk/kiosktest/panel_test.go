package kiosktest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"motcua/kiosk"
	"motcua/kiosk/kiosktest"
)

// What listens to a panel is tested by playing a script to it.
func ExamplePanel_Play() {
	panel := kiosktest.NewPanel("A", "B")
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		done <- panel.Run(ctx,
			func(p kiosk.Press) { fmt.Println("press", p.Key(panel.Boot()), p.Button) },
			func(f kiosk.Fault, cleared bool) { fmt.Println("fault", f.Button, f.Code, "cleared:", cleared) })
	}()
	stuck := kiosk.Fault{Button: "B", Code: kiosk.FaultStuck}
	err := panel.Play(ctx,
		kiosktest.Press("A"),
		kiosktest.Fault(stuck),
		kiosktest.Press("A"),
		kiosktest.Clear(stuck),
	)
	cancel()
	fmt.Println(err, <-done)
	// Output:
	// press test-boot/1 A
	// fault B stuck cleared: false
	// press test-boot/2 A
	// fault B stuck cleared: true
	// <nil> <nil>
}

func TestPlayKeepsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := kiosktest.NewPanel("A")
		ctx, cancel := context.WithCancel(t.Context())
		start := time.Now()
		var at []time.Duration
		var counts []uint64
		done := make(chan error)
		go func() {
			done <- p.Run(ctx, func(press kiosk.Press) {
				at = append(at, press.At.Sub(start))
				counts = append(counts, press.Count)
			}, func(kiosk.Fault, bool) {})
		}()
		lost := kiosk.Press{Button: "A", Count: 1, At: start}
		if err := p.Play(ctx, kiosktest.Press("A"), kiosktest.Wait(90*time.Second), kiosktest.Press("A"), kiosktest.Repeat(lost)); err != nil {
			t.Fatal(err)
		}
		cancel()
		<-done
		if want := []time.Duration{0, 90 * time.Second, 0}; !cmp.Equal(at, want) {
			t.Errorf("times %v, want %v", at, want)
		}
		if want := []uint64{1, 2, 1}; !cmp.Equal(counts, want) {
			t.Errorf("counts %v, want %v", counts, want)
		}
	})
}

func TestPlayEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	p := kiosktest.NewPanel("A")
	for _, s := range []kiosktest.Step{kiosktest.Press("A"), kiosktest.Wait(time.Hour)} {
		if err := p.Play(ctx, s); !errors.Is(err, context.Canceled) {
			t.Errorf("play without a run: %v, want context.Canceled", err)
		}
	}
}

func TestLamps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := kiosktest.NewPanel("A", "B")
		go func() {
			time.Sleep(time.Second) // virtual
			p.SetLamp("", kiosk.LampReady)
			p.SetLamp("B", kiosk.LampFault)
			p.SetLamp("B", "disco")
			p.SetLamp("Z", kiosk.LampFault)
		}()
		if err := p.AwaitLamp(t.Context(), "B", kiosk.LampFault); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if p.Lamp("A") != kiosk.LampReady || p.Lamp("Z") != "" {
			t.Errorf("lamps A %q and Z %q, want ready and none", p.Lamp("A"), p.Lamp("Z"))
		}
		want := []kiosktest.Told{{"A", kiosk.LampReady}, {"B", kiosk.LampReady}, {"B", kiosk.LampFault}}
		if diff := cmp.Diff(want, p.Told()); diff != "" {
			t.Errorf("told (-want +got):\n%s", diff)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := p.AwaitLamp(ctx, "A", kiosk.LampOff); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("await a lamp that never comes: %v, want the deadline", err)
		}
	})
}
