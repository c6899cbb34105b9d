// Package scans says what a scanned code asks of a centre: at the panel's
// scanner, at a touch kiosk, at a help desk. It is the one place that knows.
package scans

import (
	"slices"

	"motcua/kiosk/scanner"
	"motcua/queue"
)

// Ask is what a scanned code asks for. It holds nothing of the code but, in a
// check-in, that of an appointment.
type Ask struct {
	Kind scanner.Kind // never Plain
	// Command takes the number a receipt or an appointment stands for; nil:
	// there is none to take.
	Command queue.Command
	// Ticket is today's, of the slip that was scanned; 0 of a slip of ours whose
	// day is over.
	Ticket queue.TicketID
	// Class is what the holder of an ID card may claim with the next number, for
	// staff to confirm; "" is nothing. It and From60 belong in no log and no event.
	Class  queue.ClassID
	From60 bool
}

// Links tells whether a link is the centre's own.
type Links interface {
	Verify(day queue.Day, token string) (queue.Ref, error)
}

// Of says what a code asks for that was scanned at a service point; "" is the
// centre's first. Ref is the random part of the link of the number it may get.
func Of(s *queue.State, c scanner.Code, at queue.PointID, ref queue.Ref, links Links) Ask {
	c = c.Known(func(code string) bool { return s.Appointment(code) != nil })
	a := Ask{Kind: c.Kind}
	switch c.Kind {
	case scanner.Receipt:
		a.Command = queue.Issue{Entry: queue.EntryReceipt, Point: at, Ref: ref}
	case scanner.Appointment:
		a.Command = queue.CheckIn{Code: c.Appointment, Ref: ref}
	case scanner.Ticket:
		day := queue.Day(c.Day)
		own, err := links.Verify(day, c.Token)
		if err != nil {
			return Ask{Kind: scanner.Unknown}
		}
		i := slices.IndexFunc(s.Tickets, func(t queue.Ticket) bool { return t.Ref == own })
		if day == s.Day.ID && i >= 0 {
			a.Ticket = s.Tickets[i].ID
		}
	case scanner.IDCard:
		if a.From60 = c.From60; a.From60 {
			a.Class = claimed(s.Config)
		}
	}
	return a
}

// For is the command with a class claimed beside it.
func (a Ask) For(class queue.ClassID) queue.Command {
	switch c := a.Command.(type) {
	case queue.Issue:
		c.Class = class
		return c
	case queue.CheckIn:
		c.Class = class
		return c
	}
	return a.Command
}

// claimed is the class that may be claimed at a machine: the centre's first
// that may be asked for at a button. All grounds give the same class (domain.md
// §4), so there is one. Staff confirm it; the ticket is normal until then.
func claimed(cfg *queue.Config) queue.ClassID {
	if cfg == nil {
		return ""
	}
	for i := range cfg.Classes {
		if k := &cfg.Classes[i]; k.Button && !k.Draining {
			return k.ID
		}
	}
	return ""
}
