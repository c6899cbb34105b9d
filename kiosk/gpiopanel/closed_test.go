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
	if got := gpiopanel.New(nil, gpiopanel.Options{}).Closed(); got != nil {
		t.Errorf("closed on a panel without buttons: %v", got)
	}
}
