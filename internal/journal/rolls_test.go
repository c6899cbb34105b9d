package journal_test

import (
	"testing"

	"motcua/internal/journal"
)

// What was counted of a printer's paper outlives the process, for each printer
// by itself, and leaves the chain of records alone.
func TestPrinterRoll(t *testing.T) {
	dir := folder(t)
	j := open(t, dir, journal.Options{})
	if r, err := j.PrinterRoll(t.Context(), "printer"); err != nil || r != (journal.PrinterRoll{}) {
		t.Errorf("before the first count: %+v, %v", r, err)
	}
	want := map[string]journal.PrinterRoll{"printer": {Used: 123_456, Slip: 1500}, "second_printer": {Gone: true}}
	for _, used := range []int{1, 123_456} {
		if err := j.KeepPrinterRoll("printer", journal.PrinterRoll{Used: used, Slip: 1500}); err != nil {
			t.Fatal(err)
		}
	}
	if err := j.KeepPrinterRoll("second_printer", want["second_printer"]); err != nil {
		t.Fatal(err)
	}
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	if err := j.KeepPrinterRoll("printer", journal.PrinterRoll{}); err == nil {
		t.Error("a closed journal kept a count")
	}
	j = open(t, dir, journal.Options{})
	for name, want := range want {
		if r, err := j.PrinterRoll(t.Context(), name); err != nil || r != want {
			t.Errorf("%s: %+v, %v; want %+v", name, r, err, want)
		}
	}
}
