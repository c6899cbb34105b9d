package main

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"motcua/printer/printertest"
	"motcua/queue"
)

// slipKills is how often TestSlipKills kills the daemon; make test-hardware
// does so oftener.
var slipKills = flag.Int("slips.kills", 5, "how often TestSlipKills kills the daemon in mid-slip")

// link is what the code on a piece of paper says, if there is a whole one.
func link(paper *printertest.Picture) (string, bool) {
	code := codeOn(paper)
	if code.Empty() {
		return "", false
	}
	bitmap, err := gozxing.NewBinaryBitmap(gozxing.NewGlobalHistgramBinarizer(gozxing.NewLuminanceSourceFromImage(part{paper, code})))
	if err != nil {
		return "", false
	}
	got, err := qrcode.NewQRCodeReader().Decode(bitmap, map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true})
	if err != nil {
		return "", false
	}
	return got.GetText(), true
}

// marked reports whether a reprint's black bar lies across a paper.
func marked(paper *printertest.Picture) bool {
	const edges, bar = 8, 24 // dots at both ends of the bar's rows, and rows, that no rule or letter has
	wide, run := paper.Bounds().Dx(), 0
	for y := range paper.Bounds().Dy() {
		black := true
		for x := range edges {
			black = black && paper.Black(26+x, y) && paper.Black(wide-27-x, y)
		}
		if run++; !black {
			run = 0
		}
		if run == bar {
			return true
		}
	}
	return false
}

// TestSlipKills kills the real daemon at random bytes of its slips, with the
// printer's memory of them kept or lost. Afterwards every number that was
// answered is on paper, none of them twice without the mark, and no paper has a
// number that was not given out.
func TestSlipKills(t *testing.T) {
	h := startPaper(t)
	random := rand.New(rand.NewPCG(*slipSeed, 2))
	links := map[string]issued{}
	kills, failures := 0, 0
	fail := func(format string, args ...any) {
		failures++
		t.Errorf(format, args...)
	}
	defer func() { fmt.Printf("CHECK slip_kills %d %d - -\n", kills, failures) }()
	for kills < *slipKills {
		at := 1 + random.Int64N(60_000)
		from := h.printer.Stats().Received
		stalls := random.IntN(2) == 0
		if stalls { // exactly there; else wherever the daemon is by then
			h.printer.Fault(printertest.Fault{Kind: printertest.Stalled, At: at})
		}
		for range 1 + random.IntN(3) {
			a := h.issue(`{"category":"B","slip_language":"vi"}`)
			links[a.Link] = a
		}
		// Less than that is sent when the slips are few or wait for an answer.
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		_ = h.printer.Until(ctx, func(s printertest.Stats) bool { return s.Received >= from+at })
		cancel()
		h.kill()
		kills++
		h.printer.Fault(printertest.Fault{Kind: printertest.Cable, Drop: random.IntN(2) == 0})
		h.printer.Repair()
		h.start()
	}
	// What is older than a minute staff have printed again.
	late := time.Now().Add(3 * time.Minute)
	poll := time.NewTicker(100 * time.Millisecond)
	defer poll.Stop()
	for waits := -1; waits != 0; {
		var state struct {
			Tickets []struct {
				ID   queue.TicketID  `json:"id"`
				Slip queue.SlipState `json:"slip"`
			}
		}
		h.get("/api/v1/state", &state)
		waits = 0
		for _, x := range state.Tickets {
			switch x.Slip {
			case queue.SlipIsPrinted:
			case queue.SlipIsUnknown:
				waits++
				_, _ = h.post(fmt.Sprintf("/tickets/%d/reprint", x.ID), "", `{}`, nil) // the spool may do so itself meanwhile
			default:
				waits++
			}
		}
		if time.Now().After(late) {
			t.Fatalf("%d slips still wait: %+v", waits, state)
		}
		<-poll.C
	}
	h.stop()
	plain, out := map[string]int{}, map[string]bool{}
	for _, paper := range h.printer.Tickets() {
		l, ok := link(paper.Image)
		if !ok {
			continue // half a slip that was cut off with the end of another
		}
		if _, known := links[l]; !known {
			fail("paper %d has the link %s of no number", paper.Seq, l)
		}
		out[l] = true
		if !marked(paper.Image) {
			plain[l]++
		}
	}
	holders := map[string]string{}
	for l, a := range links {
		if other, twice := holders[a.Label]; twice {
			fail("%s is that of %s and of %s", a.Label, l, other)
		}
		holders[a.Label] = l
		if !out[l] {
			fail("%s is on no paper", a.Label)
		}
		if plain[l] > 1 {
			fail("%s came out %d times without a mark", a.Label, plain[l])
		}
	}
	t.Logf("%d kills, %d numbers, %d papers", kills, len(links), len(h.printer.Tickets()))
}
