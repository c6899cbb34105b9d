package gpiopanel_test

import (
	"errors"
	"fmt"

	"motcua/kiosk/gpiopanel"
)

// A configuration that cannot be wired lists all that is wrong with it; one
// that can gives a panel, on a machine without pins too.
func ExampleWire() {
	cfg := gpiopanel.Config{Buttons: []gpiopanel.ButtonConfig{
		{Button: "A", Pin: "GPIO4", Lamp: "GPIO5"},
		{Button: "B", Pin: "GPIO4"},
		{Button: "C", Pin: "mcp23017:0"},
	}}
	_, err := gpiopanel.Wire(cfg, board)
	if bad := new(gpiopanel.ConfigError); errors.As(err, &bad) {
		for _, p := range bad.Problems {
			fmt.Printf("%s = %q: %s\n  → %s\n", p.Field, p.Value, p.Msg, p.Hint)
		}
	}
	// Output:
	// button[1].pin = "GPIO4": the line gpiochip0:4 is taken by button[0].pin
	//   → wire each button and each lamp to a line of its own
	// button[2].pin = "mcp23017:0": 2 chips have the label "mcp23017"
	//   → write the chip's name instead: gpiochip2:0 or gpiochip3:0
}
