package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"motcua/printer/printertest"
)

// printerPart is what health says of the printer.
func (h *hardware) printerPart() (code, message string) {
	h.t.Helper()
	var health struct {
		Parts []struct {
			Name    string `json:"name"`
			Code    string `json:"code"`
			Message string `json:"message"`
		} `json:"parts"`
	}
	h.get("/api/v1/health", &health)
	for _, p := range health.Parts {
		if p.Name == "printer" {
			return p.Code, p.Message
		}
	}
	h.t.Fatalf("health names no printer: %+v", health)
	return "", ""
}

// comes waits until the printer's code is as wanted and its message has the words.
func (h *hardware) comes(code, words string) {
	h.t.Helper()
	late := time.After(30 * time.Second)
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for {
		c, message := h.printerPart()
		if c == code && strings.Contains(message, words) {
			return
		}
		select {
		case <-late:
			h.t.Fatalf("the printer is %q, %q; want %q, %q", c, message, code, words)
		case <-poll.C:
		}
	}
}

// A printer without a sensor for the end of its roll: the paper of its slips is
// counted, staff are told in time, a restart forgets nothing, and a new roll is
// noticed, or said.
func TestPaperIsCounted(t *testing.T) {
	t.Parallel()
	h := startPaper(t)
	roll := func(printer string) int {
		t.Helper()
		code, err := h.post("/printers/"+printer+"/new-roll", "", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		return code
	}
	if code := roll("printer"); code != 409 {
		t.Errorf("a new roll where nothing is counted: %d", code)
	}
	h.stop()
	f, err := os.OpenFile(h.args[1], os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintln(f, "roll_metres = 8")
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	h.start()
	if code := roll("second_printer"); code != 404 {
		t.Errorf("a new roll in a printer that is not there: %d", code)
	}
	h.comes("ok", "about 8 m of paper left")
	h.issue(`{"category":"A"}`)
	// What was fed, and 15 mm to the cutter, at 203 dpi.
	length := (h.cut(1).Image.Bounds().Dy() + 203*150/254) * 254 / 203
	left := func(slips int) string {
		return fmt.Sprintf("paper for about %d slips left", (80_000-slips*length)/length)
	}
	if 80_000/length <= 51 {
		t.Fatalf("a slip takes %d mm: the roll of this test is too short", length/10)
	}
	h.comes("ok", left(1))
	o := h.watch("desk:1")
	n := 1
	for ; (80_000-n*length)/length >= 50; n++ {
		h.issue(`{"category":"A"}`)
	}
	h.cut(n)
	o.see("desk:1", "a roll that ends soon", broken("printer", "paper_low"))
	h.comes("paper_low", "slips left")
	h.stop()
	h.start()
	h.comes("paper_low", "slips left")
	h.printer.Fault(printertest.Fault{Kind: printertest.CoverOpen})
	h.comes("cover_open", "")
	h.printer.Repair()
	h.comes("paper_low", "slips left")
	h.printer.Fault(printertest.Fault{Kind: printertest.PaperOut})
	h.comes("paper_out", "the next roll is counted as a new one")
	h.printer.Repair()
	h.comes("ok", left(0))
	h.issue(`{"category":"A"}`)
	h.comes("ok", left(1))
	if code := roll("printer"); code != 204 {
		t.Errorf("a new roll: %d", code)
	}
	h.comes("ok", left(0))
	h.kill() // nothing is lost of what was kept at once
	h.start()
	h.comes("ok", left(0))
}
