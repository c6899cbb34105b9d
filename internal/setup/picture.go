package setup

import (
	"bytes"
	"fmt"
	"image/png"
	"slices"
	"time"

	"motcua/kiosk"
	"motcua/printer"
	"motcua/queue"
)

// sampleTime is a morning on which every office is at work.
var sampleTime = time.Date(2026, time.November, 23, 8, 15, 0, 0, queue.Zone)

// sample is the slip of the first number of a category, made as the daemon
// makes it: a state of its own, the centre applied, a day opened, one ticket.
func sample(c queue.Config, id queue.CategoryID, mark string, w kiosk.Words) (printer.Slip, error) {
	c.Quotas, c.Breaks = nil, nil
	c.Sessions = slices.Clone(c.Sessions) // they are the draft's
	for i := range c.Sessions {           // the picture is of a working day
		c.Sessions[i].Days = []queue.Weekday{"mon"}
	}
	c.Holidays, c.ExtraDays = nil, nil
	var point queue.PointID // the first at which somebody serves it
	if i := slices.IndexFunc(c.Counters, func(k queue.Desk) bool { return slices.Contains(k.Skills, id) }); i >= 0 {
		point = c.Counters[i].Point
	}
	s := queue.NewState("sample")
	var ticket queue.TicketID
	for _, command := range []queue.Command{queue.ApplyConfig{Config: c}, queue.OpenDay{}, queue.Issue{Category: id, Point: point, Entry: queue.EntryPanel}} {
		events, err := s.Decide(command, queue.Env{Now: sampleTime, ClockOK: true, Role: queue.Supervisor})
		if err != nil {
			return printer.Slip{}, fmt.Errorf("make sample: %w", err)
		}
		for _, e := range events {
			r := queue.Record{Seq: s.Pos.Seq + 1, At: sampleTime.UTC(), Boot: "sample", ClockOK: true, Actor: "setup", Event: e}
			if err := r.Seal(s.Pos.Hash); err != nil {
				return printer.Slip{}, fmt.Errorf("make sample: %w", err)
			}
			if err := s.Apply(r); err != nil {
				return printer.Slip{}, fmt.Errorf("make sample: %w", err)
			}
			if _, ok := e.(queue.TicketIssued); ok {
				ticket = queue.TicketID(r.Seq)
			}
		}
	}
	slip, ok := kiosk.NewSlip(s, ticket, 0, "", "", w)
	if !ok {
		return slip, fmt.Errorf("make sample: no slip for category %s", id)
	}
	slip.Mark = mark
	return slip, nil
}

// draw is a slip as it comes out of a printer of the width in dots, as PNG.
func draw(s printer.Slip, width int) ([]byte, error) {
	r, err := printer.Layout(s, width)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := png.Encode(&b, r); err != nil {
		return nil, fmt.Errorf("draw slip: %w", err)
	}
	return b.Bytes(), nil
}
