package gpiopanel

import (
	"fmt"
	"strings"

	"motcua/kiosk"
)

// Config is the wiring of a panel.
type Config struct {
	Buttons []ButtonConfig `toml:"button"` // in the order they stand on the panel
}

// ButtonConfig is the wiring of one button.
type ButtonConfig struct {
	// Button is the name the kiosk knows it by: a category ("A") or a
	// language ("vi").
	Button kiosk.Button `toml:"name"`
	// Pin is the line the contact is on: its name in the kernel ("GPIO17"), or
	// chip and offset ("pinctrl-bcm2711:17", "gpiochip0:17"), split at the last
	// colon because labels contain colons.
	Pin string `toml:"pin"`
	// Lamp is the line the lamp is on, written like Pin; "" when the button has
	// no lamp. High is light.
	Lamp string `toml:"lamp"`
}

// Problem is one thing wrong with a configuration, or with the machine it is
// for; as an error it says what, and not how to put it right.
type Problem struct {
	Field string // where, such as "button[2].pin", counted from 0
	Value string // what stands there
	Msg   string // what is wrong with it
	Hint  string // how to put it right
}

func (p *Problem) Error() string {
	if p.Value == "" {
		return p.Msg
	}
	return fmt.Sprintf("%q: %s", p.Value, p.Msg)
}

// ConfigError lists everything wrong with a configuration at once.
type ConfigError struct{ Problems []Problem }

func (e *ConfigError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "panel configuration: %d problem", len(e.Problems))
	if len(e.Problems) != 1 {
		b.WriteString("s")
	}
	for _, p := range e.Problems {
		fmt.Fprintf(&b, "\n  %s = %q: %s; %s", p.Field, p.Value, p.Msg, p.Hint)
	}
	return b.String()
}
