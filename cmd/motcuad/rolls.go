package main

import (
	"context"
	"fmt"

	"motcua/internal/httpapi"
	"motcua/internal/journal"
	"motcua/printer/spool"
)

// count lets a spool count its paper on from where the last process left off.
func (p *paper) count(ctx context.Context, o *spool.Options, printer string, metres int) {
	log := p.log.With("printer", printer)
	r, err := p.d.journal.PrinterRoll(ctx, printer)
	if err != nil {
		log.Error("paper counted from a full roll: the count was not read", "err", err)
	}
	o.RollLength, o.Roll = metres*10_000, spool.Roll(r)
	o.KeepRoll = func(r spool.Roll) {
		if err := p.d.journal.KeepPrinterRoll(printer, journal.PrinterRoll(r)); err != nil {
			log.Warn("count of paper not kept", "err", err)
		}
	}
}

// newRoll is somebody's word that a printer has a new roll; see
// [httpapi.Options.NewRoll].
func (d *Daemon) newRoll(printer string) error {
	p := d.paper.Load()
	if p == nil {
		return httpapi.ErrNoPrinter
	}
	for i, x := range p.printers {
		if x.name != printer {
			continue
		}
		if !p.spool.Status()[i].Left.Counted {
			return httpapi.ErrNotCounted
		}
		p.spool.NewRoll(i)
		return nil
	}
	return httpapi.ErrNoPrinter
}

// leftWords says how much paper a printer should have; "" where it is not counted.
func leftWords(x spool.Left) string {
	switch {
	case !x.Counted:
		return ""
	case x.Gone:
		return "the next roll is counted as a new one"
	case x.Slips == 0 && x.Paper > 0:
		return fmt.Sprintf("about %d m of paper left, by count", x.Paper/10_000)
	}
	return fmt.Sprintf("paper for about %d slips left, by count", x.Slips)
}
