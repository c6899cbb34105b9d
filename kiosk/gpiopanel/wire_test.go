package gpiopanel_test

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"periph.io/x/conn/v3/gpio"
	"periph.io/x/conn/v3/gpio/gpiotest"

	"motcua/kiosk"
	"motcua/kiosk/gpiopanel"
)

func chip(name, label string, lines ...string) gpiopanel.Chip {
	c := gpiopanel.Chip{Name: name, Label: label}
	for i, n := range lines {
		c.Lines = append(c.Lines, &gpiotest.Pin{N: n, Num: i})
	}
	return c
}

var board = []gpiopanel.Chip{
	chip("gpiochip0", "pinctrl-bcm2711", "ID_SDA", "ID_SCL", "GPIO2", "GPIO3", "GPIO4", "GPIO5"),
	chip("gpiochip1", "gpio-sim.0:node0", "BTN1", "", "BUSY:1"),
	chip("gpiochip2", "mcp23017", "", ""),
	chip("gpiochip3", "mcp23017", "", "gpiochip3-BTN1"),
}

func TestWire(t *testing.T) {
	tests := []struct {
		pin  string
		want gpio.PinIO
	}{
		{"GPIO4", board[0].Lines[4]},
		{"gpiochip0:4", board[0].Lines[4]},
		{"pinctrl-bcm2711:5", board[0].Lines[5]},
		{"gpio-sim.0:node0:1", board[1].Lines[1]}, // the last colon
		{"BUSY:1", board[1].Lines[2]},             // a name with a colon
		{"gpiochip3:0", board[3].Lines[0]},
		{"gpiochip3-BTN1", board[3].Lines[1]}, // as periph renames the second one
	}
	for _, tt := range tests {
		t.Run(tt.pin, func(t *testing.T) {
			got, err := gpiopanel.Wire(gpiopanel.Config{Buttons: []gpiopanel.ButtonConfig{{Button: "A", Pin: tt.pin}}}, board)
			if err != nil {
				t.Fatal(err)
			}
			if got[0].In != tt.want || got[0].Lamp != nil {
				t.Errorf("got %v with lamp %v, want %v without", got[0].In, got[0].Lamp, tt.want)
			}
		})
	}
}

func TestWireListsEveryProblem(t *testing.T) {
	cfg := gpiopanel.Config{Buttons: []gpiopanel.ButtonConfig{
		{Button: "A", Pin: "GPIO4", Lamp: "GPIO5"},
		{Button: "A", Pin: "gpiochip0:4"},
		{Button: "", Pin: ""},
		{Button: "C", Pin: "GPIO99", Lamp: "GPIO5"},
		{Button: "D", Pin: "mcp23017:1"},
		{Button: "E", Pin: "gpiochip1:3"},
		{Button: "F", Pin: "nochip:1"},
		{Button: "G", Pin: "BTN1"},
		{Button: "H", Pin: "gpiochip1:-1"},
		{Button: "I", Pin: "gpiochip1:"},
	}}
	_, err := gpiopanel.Wire(cfg, board)
	var ce *gpiopanel.ConfigError
	if !errors.As(err, &ce) {
		t.Fatalf("error %v, want a ConfigError", err)
	}
	var got []string
	for _, p := range ce.Problems {
		got = append(got, p.Field+"="+p.Value)
		if p.Msg == "" || p.Hint == "" {
			t.Errorf("%s: msg %q, hint %q: want both", p.Field, p.Msg, p.Hint)
		}
		for _, part := range []string{p.Field, p.Value, p.Msg, p.Hint} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("the text lacks %q:\n%v", part, err)
			}
		}
	}
	want := []string{
		"button[1].name=A", "button[1].pin=gpiochip0:4",
		"button[2].name=", "button[2].pin=",
		"button[3].pin=GPIO99", "button[3].lamp=GPIO5",
		"button[4].pin=mcp23017:1",
		"button[5].pin=gpiochip1:3",
		"button[6].pin=nochip:1",
		"button[7].pin=BTN1",
		"button[8].pin=gpiochip1:-1",
		"button[9].pin=gpiochip1:",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
	t.Log(err)
}

func TestCheckUser(t *testing.T) {
	tests := []struct {
		model string
		euid  int
		bad   bool
	}{
		{"Raspberry Pi 5 Model B Rev 1.0\x00", 0, true},
		{"Raspberry Pi 500 Rev 1.0\x00", 0, true},
		{"Raspberry Pi Compute Module 5 Rev 1.0\x00", 0, true},
		{"Raspberry Pi 5 Model B Rev 1.0\x00", 999, false},
		{"Raspberry Pi 4 Model B Rev 1.4\x00", 0, false},
		{"", 0, false},
	}
	for _, tt := range tests {
		p, bad := gpiopanel.CheckUser(tt.model, tt.euid)
		if bad != tt.bad || bad == (p.Hint == "") {
			t.Errorf("CheckUser(%q, %d) = %+v, %v, want %v", tt.model, tt.euid, p, bad, tt.bad)
		}
	}
}

// A machine without pins still opens its panel; the fault says why it is dark.
func TestOpenWithoutPins(t *testing.T) {
	if found, _ := filepath.Glob("/dev/gpiochip*"); len(found) > 0 {
		t.Skipf("this machine has gpio chips (%v); the test is for machines without", found)
	}
	p, err := gpiopanel.Open(gpiopanel.Config{Buttons: []gpiopanel.ButtonConfig{{Button: "A", Pin: "GPIO4"}}}, gpiopanel.Options{})
	if err != nil {
		t.Fatal(err)
	}
	checkAbsent(t, p, []kiosk.Button{"A"})
}

func TestNoButtonsIsAbsent(t *testing.T) {
	checkAbsent(t, gpiopanel.New(nil, gpiopanel.Options{}), []kiosk.Button{})
}

func checkAbsent(t *testing.T, p *gpiopanel.Panel, buttons []kiosk.Button) {
	t.Helper()
	if got := p.Buttons(); !cmp.Equal(got, buttons) {
		t.Errorf("buttons %v, want %v", got, buttons)
	}
	synctest.Test(t, func(t *testing.T) {
		h, stop := listen(t, p)
		p.SetLamp("", kiosk.LampReady)
		sleep(time.Hour)
		stop()
		if got, want := h.changes(), []change{{"", kiosk.FaultAbsent, false}}; !cmp.Equal(got, want) {
			t.Fatalf("faults %v, want %v", got, want)
		}
		if f := h.texts[0]; f.Msg == "" || f.Hint == "" {
			t.Errorf("fault %+v, want a message and a hint", f)
		}
	})
}

func TestBoot(t *testing.T) {
	a, b := gpiopanel.New(nil, gpiopanel.Options{}), gpiopanel.New(nil, gpiopanel.Options{})
	if a.Boot() == b.Boot() || a.Boot() == "" {
		t.Errorf("boots %q and %q, want two different ones", a.Boot(), b.Boot())
	}
}
