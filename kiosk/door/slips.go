package door

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"motcua/internal/doorway"
	"motcua/printer"
	"motcua/printer/spool"
	"motcua/queue"
)

// Paper is a slip without a number.
type Paper = printer.Slip

// slips carries the centre's slips to the spool and the spool's steps to the
// centre. Each slip is known by its ticket and its order, the position of the
// record that asked for this paper: the same order is printed once, whatever
// is said twice.
type slips struct {
	door *Door

	mu     sync.Mutex                   // protects orders
	orders map[queue.TicketID]queue.Seq // last one handed to the spool
	steps  atomic.Uint64                // counts steps, for their keys
	papers atomic.Uint64                // without a number
}

// papersFrom is above every ticket: jobs from it on belong to none and no step
// of them is recorded.
const papersFrom printer.JobID = 1 << 62

// apply gives the spool what the answer asks for, and takes back what it asks
// for no more.
func (s *slips) apply(a doorway.Answer) {
	sp := s.door.spool
	if sp == nil {
		return
	}
	now := time.Now()
	wanted := map[printer.JobID]bool{}
	for _, x := range a.Slips {
		id := printer.JobID(x.Ticket)
		wanted[id] = true
		if s.order(x.Ticket) == x.Order {
			continue // it is in hand, or was
		}
		r := spool.Request{ID: id, Slip: x.Paper, Reprint: x.Reprint, Mark: x.Mark,
			At: now.Add(-a.Now.Time().Sub(x.At.Time()))} // its age counts, and clocks differ
		err := s.hand(x.Ticket, x.Order, func() error {
			if x.State != queue.SlipIsQueued {
				sp.Resume([]spool.Resumed{{Request: r, State: spool.State(x.State)}})
				return nil
			}
			err := sp.Submit(r)
			switch {
			case errors.Is(err, spool.ErrPrinted):
				r.Reprint = true
				err = sp.Submit(r)
			case errors.Is(err, spool.ErrDuplicate):
				err = sp.Reprint(id)
			}
			return err
		})
		switch {
		case err == nil:
		case errors.Is(err, spool.ErrNotHeld):
			// The paper before is still on its way, and soon refused or done:
			// the next answer asks again.
		default:
			s.door.log.Error("slip not taken by the spool", "ticket", x.Ticket, "err", err)
		}
	}
	pending := map[printer.JobID]bool{}
	for _, r := range sp.Pending() {
		if r.ID < papersFrom && !wanted[r.ID] {
			_ = sp.Dismiss(r.ID) // one on its way ends by itself
		}
		pending[r.ID] = true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for t := range s.orders {
		if id := printer.JobID(t); !wanted[id] && !pending[id] {
			delete(s.orders, t)
		}
	}
}

func (s *slips) order(t queue.TicketID) queue.Seq {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.orders[t]
}

// hand gives a slip to the spool and notes its order, both before a step of it
// can ask which order it is of.
func (s *slips) hand(t queue.TicketID, order queue.Seq, give func() error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := give()
	if err == nil {
		s.orders[t] = order
	}
	return err
}

// print puts a paper without a number among the slips.
func (s *slips) print(p Paper) {
	sp := s.door.spool
	if sp == nil || p.Category == "" {
		return
	}
	// Its acknowledgement must not be taken for a ticket's: printers hear four
	// digits, and tickets on their way are near the highest.
	s.mu.Lock()
	var near printer.JobID
	for t := range s.orders {
		near = max(near, printer.JobID(t))
	}
	s.mu.Unlock()
	id := papersFrom - papersFrom%10000 + 10000*printer.JobID(s.papers.Add(1)) + (near+5000)%10000
	if err := sp.Submit(spool.Request{ID: id, Slip: p, At: time.Now()}); err != nil {
		s.door.log.Warn("paper without a number not printed", "err", err)
	}
}

// refused prints why a press gave no number.
func (d *Door) refused(c queue.CategoryID, refusal *queue.Error, language string) {
	if d.Status().Link != LinkUp || d.spool == nil || !d.spool.Status().Ready() {
		return
	}
	d.helpers.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), againWithin)
		defer cancel()
		p, err := d.o.Centre.refusal(ctx, doorway.Refused{Category: c, Language: language,
			Code: refusal.Code, Reason: refusal.Reason, Wait: refusal.Wait, Next: refusal.Next})
		if err != nil {
			d.log.Warn("refusal not printed", "err", err)
			return
		}
		d.slips.print(p)
	})
}

// The methods of spool.Log.

// Sending answers [spool.ErrWithdrawn] for a slip that is the kiosk's no more.
func (s *slips) Sending(ctx context.Context, id printer.JobID, _ bool) error {
	return s.step(ctx, id, doorway.Step{To: queue.SlipIsSending})
}

func (s *slips) Printed(ctx context.Context, id printer.JobID, proof bool) error {
	s.door.kiosk.Printed(queue.TicketID(id))
	return over(s.step(ctx, id, doorway.Step{To: queue.SlipIsPrinted, Proof: proof}))
}

func (s *slips) Failed(ctx context.Context, id printer.JobID, reason string) error {
	return over(s.step(ctx, id, doorway.Step{To: queue.SlipIsFailed, Cause: reason}))
}

func (s *slips) Unknown(ctx context.Context, id printer.JobID) error {
	return over(s.step(ctx, id, doorway.Step{To: queue.SlipIsUnknown}))
}

// over takes a step of a slip that is no longer ours for done: whoever it was
// given to records the rest.
func over(err error) error {
	if errors.Is(err, spool.ErrWithdrawn) {
		return nil
	}
	return err
}

// step records what became of a slip, however long the centre is away; ctx
// ends only with the spool.
func (s *slips) step(ctx context.Context, id printer.JobID, step doorway.Step) error {
	if id >= papersFrom {
		return nil
	}
	d := s.door
	step.Boot, step.Order = d.o.Panel.Boot(), s.order(queue.TicketID(id))
	key := step.Boot + "/slip/" + strconv.FormatUint(s.steps.Add(1), 10)
	for {
		try, cancel := context.WithTimeout(ctx, pressWithin)
		err := d.o.Centre.move(try, key, queue.TicketID(id), step)
		cancel()
		var refusal *queue.Error
		switch {
		case err == nil:
			return nil
		case errors.As(err, &refusal) && !passing(err) && refusal.Code != queue.Unavailable:
			d.log.Info("step of a slip refused", "ticket", uint64(id), "to", string(step.To), "reason", refusal.Reason)
			return spool.ErrWithdrawn
		}
		if !pause(ctx, retryEvery) {
			return ctx.Err()
		}
	}
}

var _ spool.Log = (*slips)(nil)
