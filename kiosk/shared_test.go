package kiosk_test

import (
	"slices"
	"testing"

	"motcua/kiosk"
	"motcua/printer"
	"motcua/queue"
)

// All that a ticket's slip shares with others is on a shared slip, and nothing
// that it has alone is.
func TestSharedSlips(t *testing.T) {
	b := hallOf(nil)
	id := queue.TicketID(b.Must(queue.Issue{Category: "A", Class: "priority"})[0].Seq)
	const link = "http://so.example/t/1"
	slip, ok := kiosk.NewSlip(b.State, id, 2, "en", link, keys{})
	if !ok {
		t.Fatal("no slip")
	}
	shared := kiosk.SharedSlips(b.State, link, keys{})
	has := func(what string, is func(printer.Slip) bool) {
		t.Helper()
		if !slices.ContainsFunc(shared, is) {
			t.Errorf("no shared slip has %s of %+v", what, slip)
		}
	}
	has("the head", func(s printer.Slip) bool { return s.Unit == slip.Unit && s.Centre == slip.Centre })
	has("the foot", func(s printer.Slip) bool {
		return s.LinkHint == slip.LinkHint && s.Notice == slip.Notice && s.Link != ""
	})
	has("the category", func(s printer.Slip) bool { return s.Category == slip.Category })
	has("the mark", func(s printer.Slip) bool { return s.Mark == slip.Mark })
	has("the first label", func(s printer.Slip) bool {
		return slices.Contains(s.Rows, printer.Row{Label: slip.Rows[0].Label})
	})
	has("where to wait", func(s printer.Slip) bool { return slices.Contains(s.Rows, slip.Rows[1]) })
	for _, s := range shared {
		if s.Number != "" || s.Reprint != "" || len(s.Issued) > 0 {
			t.Errorf("a shared slip says something of one ticket: %+v", s)
		}
	}
}
