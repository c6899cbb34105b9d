package virtual_test

import (
	"context"
	"fmt"

	"motcua/kiosk"
	"motcua/kiosk/virtual"
)

// A daemon runs the panel; a browser page presses it and shows its lamps.
func ExampleNewPanel() {
	panel := virtual.NewPanel("A", "B", "vi")
	panel.SetLamp("", kiosk.LampReady)

	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() {
		done <- panel.Run(ctx,
			func(p kiosk.Press) {
				panel.SetLamp(p.Button, kiosk.LampPrinting)
				fmt.Printf("press %d: %s\n", p.Count, p.Button)
			},
			func(kiosk.Fault, bool) {})
	}()
	<-panel.Listening()

	if _, err := panel.Press(ctx, "B"); err != nil {
		fmt.Println(err)
	}
	lamps, _ := panel.Lamps()
	fmt.Println("A is", lamps["A"], "and B is", lamps["B"])
	cancel()
	fmt.Println("run:", <-done)
	// Output:
	// press 1: B
	// A is ready and B is printing
	// run: <nil>
}
