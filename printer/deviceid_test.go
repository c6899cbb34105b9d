package printer_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"motcua/printer"
)

func TestParseDeviceID(t *testing.T) {
	for _, c := range []struct {
		in   string
		want printer.DeviceID
		name string
	}{
		{"MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;CLS:PRINTER;DES:EPSON TM-T20II;SN:J4AF001234;",
			printer.DeviceID{Manufacturer: "EPSON", Model: "TM-T20II", Commands: []string{"ESC/POS"}, Serial: "J4AF001234"}, "EPSON TM-T20II"},
		{"MANUFACTURER:BIXOLON; MODEL: SRP-350plusIII ;COMMAND SET:ESC/POS, BXL,ESC/POS;SERN:9",
			printer.DeviceID{Manufacturer: "BIXOLON", Model: "SRP-350plusIII", Commands: []string{"ESC/POS", "BXL"}, Serial: "9"}, "BIXOLON SRP-350plusIII"},
		{"mfg:Xprinter;mdl:Xprinter XP-80C", printer.DeviceID{Manufacturer: "Xprinter", Model: "Xprinter XP-80C"}, "Xprinter XP-80C"},
		{"MDL:first;MDL:second", printer.DeviceID{Model: "first"}, "first"},
		{"MFG:a\x00b\x1b\xff;MDL", printer.DeviceID{Manufacturer: "ab"}, "ab"},
		{"", printer.DeviceID{}, ""},
		{";;:;:x;\x00", printer.DeviceID{}, ""},
	} {
		got := printer.ParseDeviceID(c.in)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%q: -want +got:\n%s", c.in, d)
		}
		if got.String() != c.name {
			t.Errorf("%q is called %q, want %q", c.in, got, c.name)
		}
	}
}

func ExampleParseDeviceID() {
	fmt.Println(printer.ParseDeviceID("MFG:CITIZEN;CMD:ESC/POS;MDL:CT-S310II;"))
	// Output:
	// CITIZEN CT-S310II
}

func FuzzParseDeviceID(f *testing.F) {
	f.Add("MFG:EPSON;CMD:ESC/POS;MDL:TM-T20II;SN:1;")
	f.Fuzz(func(t *testing.T, s string) {
		id := printer.ParseDeviceID(s)
		for _, part := range append([]string{id.Manufacturer, id.Model, id.Serial}, id.Commands...) {
			if len(part) > 1024 || strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r > '~' }) {
				t.Errorf("%q gives %q", s, part)
			}
		}
	})
}
