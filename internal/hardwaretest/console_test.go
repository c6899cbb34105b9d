package main

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"motcua/internal/verdict"
)

// console is what a guest prints whose tests all went well.
const console = `=== device.test begins
=== RUN   TestHardwareUSB
=== RUN   TestHardwareUSB/exclusive
=== RUN   TestHardwareUSB/status
=== RUN   TestHardwareUSB/status/paper
    hardware_test.go:220: took 90112 bytes
--- PASS: TestHardwareUSB (4.24s)
    --- PASS: TestHardwareUSB/exclusive (0.01s)
    --- PASS: TestHardwareUSB/status (0.02s)
        --- PASS: TestHardwareUSB/status/paper (0.02s)
=== RUN   TestHardwareSpool
CHECK first_byte 40 0 61.5ms 150ms
CHECK one_press_one_ticket 40 0 - -
--- PASS: TestHardwareSpool (21.92s)
PASS
=== device.test ends 0
=== inside.test begins
=== RUN   TestHardwareLamps
a test without a line's end--- PASS: TestHardwareLamps (0.10s)
PASS
=== inside.test ends 0
=== guest ends
`

var whole = []verdict.Row{
	{Name: "device.first_byte", Cases: 40, Figure: 61.5, Goal: 150, Unit: "ms"},
	{Name: "device.one_press_one_ticket", Cases: 40},
	{Name: "device.USB", Cases: 2},
	{Name: "inside.Lamps", Cases: 1},
}

func read(t *testing.T, text string) []verdict.Row {
	t.Helper()
	var lines []string
	rows := ReadConsole(strings.NewReader(text), func(line string) { lines = append(lines, line) })
	if got, want := strings.Join(lines, "\n"), strings.TrimSuffix(strings.ReplaceAll(text, "\r", ""), "\n"); got != want {
		t.Errorf("handed on %q, want %q", got, want)
	}
	return rows
}

func TestReadConsole(t *testing.T) {
	for name, text := range map[string]string{"plain": console, "of a terminal": strings.ReplaceAll(console, "\n", "\r\n")} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(whole, read(t, text)); diff != "" {
				t.Errorf("rows (-want +got):\n%s", diff)
			}
		})
	}
}

// What went wrong is never lost: some row is short, and only those that are
// concerned.
func TestReadConsoleShort(t *testing.T) {
	for _, c := range []struct {
		name, from, to string // what the guest prints instead
		short          []string
		says           string // in the error of the last of them
	}{
		{"a subtest fails", "--- PASS: TestHardwareUSB/exclusive", "--- FAIL: TestHardwareUSB/exclusive", []string{"device.USB"}, ""},
		{"a test fails outside its subtests", "--- PASS: TestHardwareUSB (", "--- FAIL: TestHardwareUSB (", []string{"device.USB"}, ""},
		{"a test fails after its check", "--- PASS: TestHardwareSpool", "--- FAIL: TestHardwareSpool", []string{"device.Spool"}, ""},
		{"a test is skipped", "--- PASS: TestHardwareLamps", "--- SKIP: TestHardwareLamps", []string{"inside.Lamps"}, ""},
		{"a check fails", "CHECK one_press_one_ticket 40 0", "CHECK one_press_one_ticket 40 1", []string{"device.one_press_one_ticket"}, ""},
		{"a figure is too high", "61.5ms", "161.5ms", []string{"device.first_byte"}, ""},
		{"a check tried nothing", "CHECK first_byte 40", "CHECK first_byte 0", []string{"device.first_byte"}, ""},
		{"a check of other units", "61.5ms 150ms", "61.5ms 150s", []string{"device.first_byte"}, "is not CHECK name cases failures figure goal"},
		{"a check of words", "61.5ms 150ms", "fast fast", []string{"device.first_byte"}, "is not CHECK"},
		{"a check without a goal", "61.5ms 150ms", "61.5ms -", []string{"device.first_byte"}, "is not CHECK"},
		{"a check of no number", "CHECK first_byte 40", "CHECK first_byte many", []string{"device.first_byte"}, "is not CHECK"},
		{"a check cut off", " 61.5ms 150ms", "", []string{"device.first_byte"}, "is not CHECK"},
		{"a binary fails by itself", "=== device.test ends 0", "=== device.test ends 2", []string{"device"}, "status 2"},
		{"a binary without tests", "=== RUN   TestHardwareLamps\na test without a line's end--- PASS: TestHardwareLamps (0.10s)\n", "", []string{"inside"}, "status 0"},
		{"the kernel dies in a test", console[strings.Index(console, "--- PASS: TestHardwareSpool"):], "", []string{"device.Spool", "guest"}, errGuest.Error()},
		{"the kernel dies after the tests", "=== guest ends\n", "", []string{"guest"}, errGuest.Error()},
		{"nothing at all", console, "", []string{"guest"}, errGuest.Error()},
	} {
		t.Run(c.name, func(t *testing.T) {
			if !strings.Contains(console, c.from) {
				t.Fatalf("the console has no %q", c.from)
			}
			var short []string
			var last error
			for _, r := range read(t, strings.Replace(console, c.from, c.to, 1)) {
				if r.Short() {
					short, last = append(short, r.Name), r.Err
				}
			}
			if diff := cmp.Diff(c.short, short); diff != "" {
				t.Errorf("short (-want +got):\n%s", diff)
			}
			if c.says != "" && (last == nil || !strings.Contains(last.Error(), c.says)) {
				t.Errorf("error %v, want one with %q", last, c.says)
			}
		})
	}
}

// A console that cannot be read is no success.
func TestReadConsoleBroken(t *testing.T) {
	broken := errors.New("cable")
	rows := ReadConsole(io.MultiReader(strings.NewReader(console), failing{broken}), func(string) {})
	want := append(append([]verdict.Row(nil), whole...), verdict.Row{Name: "guest", Err: broken})
	if diff := cmp.Diff(want, rows, cmpopts.EquateErrors()); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }
