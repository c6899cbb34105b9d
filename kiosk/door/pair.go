package door

import (
	"context"
	"time"

	"motcua/internal/doorway"
)

const (
	pairingEvery  = 2 * time.Second  // between looks whether the code was typed
	pairingSilent = 5                // such looks without an answer, before the link counts as lost
	pairingRetry  = 10 * time.Second // when the centre gives no code
	codeEvery     = time.Minute      // one paper with the code in this time
)

// noticePress runs on the panel's goroutine: while nobody can take a number, a
// press brings out the pairing code.
func (d *Door) noticePress() {
	if d.Status().Link != LinkUnpaired {
		return
	}
	select {
	case d.pressed <- struct{}{}:
	default:
	}
}

// pair shows codes until one was typed at the centre, the centre does not
// answer, or ctx ends. The first is printed; later ones only when a button is
// pressed, or a night without a supervisor would take the roll.
func (d *Door) pair(ctx context.Context) {
	for ctx.Err() == nil {
		p, err := within(ctx, againWithin, d.o.Centre.askPairing)
		if err != nil {
			d.setLink(LinkUnpaired, err)
			pause(ctx, pairingRetry)
			return
		}
		d.mu.Lock()
		d.status.Code, d.status.Expires = p.Code, p.Expires
		first := d.codeAt.IsZero()
		d.mu.Unlock()
		d.log.Warn("not paired: type the code at the centre", "code", p.Code,
			"hint", "page /devices, or `motcua device pair "+p.Code+" --name door-2 --role kiosk`")
		if first {
			d.printCode(p)
		}
		if !d.awaitPairing(ctx, p) {
			return
		}
	}
}

// awaitPairing reports whether a new code must be asked for.
func (d *Door) awaitPairing(ctx context.Context, p doorway.PairingShown) bool {
	look := time.NewTicker(pairingEvery)
	defer look.Stop()
	for silent := 0; silent < pairingSilent; {
		select {
		case <-ctx.Done():
			return false
		case <-d.pressed:
			d.mu.Lock()
			recent := time.Since(d.codeAt) < codeEvery
			d.mu.Unlock()
			if !recent {
				d.printCode(p)
			}
			continue
		case <-look.C:
			d.turn()
		}
		now, err := within(ctx, againWithin, func(ctx context.Context) (doorway.PairingState, error) {
			return d.o.Centre.pairing(ctx, p.ID)
		})
		switch {
		case err != nil:
			silent++
		case now.State == doorway.PairingDone:
			d.log.Info("paired", "name", now.Name)
			return false
		case now.State == doorway.PairingOver:
			return true
		default:
			silent = 0
		}
	}
	return false
}

func (d *Door) printCode(p doorway.PairingShown) {
	d.mu.Lock()
	d.codeAt = time.Now()
	d.mu.Unlock()
	if d.o.PairingSlip != nil {
		d.slips.print(d.o.PairingSlip(p.Code, p.Expires))
	}
}

func within[T any](ctx context.Context, d time.Duration, f func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return f(ctx)
}
