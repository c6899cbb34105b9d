package gpiopanel_test

import (
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"
	"periph.io/x/conn/v3/gpio"

	"motcua/kiosk"
	"motcua/kiosk/gpiopanel"
)

func TestClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newLine(), newLine()
		p := panelOf(a, b)
		_, stop := listen(t, p)
		defer stop()
		sleep(300 * ms)
		if got := p.Closed(); got != nil {
			t.Errorf("closed: %v, want none", got)
		}
		b.set(gpio.Low)
		if got, want := p.Closed(), []kiosk.Button{"B"}; !cmp.Equal(got, want) {
			t.Errorf("closed: %v, want %v", got, want)
		}
	})
	// A line that is not there reads Low, and is no closed contact.
	synctest.Test(t, func(t *testing.T) {
		var at ports
		at.put(on(newLine().named("A")))
		p, err := gpiopanel.OpenOn(gpiopanel.Config{Buttons: []gpiopanel.ButtonConfig{{Button: "A", Pin: "A"}, {Button: "B", Pin: "NONE"}}}, at.look)
		if err != nil {
			t.Fatal(err)
		}
		if got := p.Closed(); got != nil {
			t.Errorf("closed before the start: %v, want none", got)
		}
		_, stop := listen(t, p)
		defer stop()
		sleep(300 * ms)
		if got := p.Closed(); got != nil {
			t.Errorf("closed: %v, want none", got)
		}
	})
	if got := gpiopanel.New(nil, gpiopanel.Options{}).Closed(); got != nil {
		t.Errorf("closed on a panel without buttons: %v", got)
	}
}
