package main

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"motcua/internal/config"
	"motcua/internal/parts"
	"motcua/kiosk"
	"motcua/kiosk/scans"
	"motcua/printer"
	"motcua/printer/device"
	"motcua/printer/spool"
	"motcua/queue"
)

// paper carries tickets from the journal to the printers: a committed
// ticket.issued or slip.queued becomes a job for the main printer or for that
// of a kiosk at another door, and every step of the job goes back into the
// journal.
type paper struct {
	d        *Daemon
	log      *slog.Logger
	printers []station    // in the order of spool; none is configured: empty
	spool    *spool.Group // nil: no printer is configured
	jobs     chan job
	done     chan struct{}

	refused atomic.Uint64         // papers without a number
	tried   atomic.Pointer[trial] // the last of them that somebody asked for
	keep    keeping               // run's own
	shown   sync.Map              // printer.JobID of slips taken back because their numbers are on the screen
	seen    sync.Map              // printer.JobID of slips whose last step was the word of staff: they came out
}

// station is a printer under the name that faces and health know it by.
type station struct {
	name string
	part *parts.Printer
}

// The names of the printers.
const (
	firstPrinter  = "printer"
	secondPrinter = "second_printer"
)

// job is a slip to be made; the language is read beside the journal. One with
// before set makes none: it ends what an earlier day left.
type job struct {
	before    queue.TicketID
	id        queue.TicketID
	at        time.Time
	by        string    // who took the number; "" of a reprint
	order     queue.Seq // of the record that asked for the paper
	ahead     int
	reprint   bool
	cancelled bool // no slip: the one that may still wait is wanted no more
	seen      bool // no slip: staff hold the one in doubt
	dayOver   bool // no slip: all that wait are of a day that has ended
	changed   bool // no slip: the centre is another one
	show      bool // no slip: the numbers of those that wait are on the screen beside the panel
}

// refusals are jobs that belong to no ticket: their ids are out of a
// journal's reach, and no step of them is recorded.
const refusals printer.JobID = 1 << 62

const jobQueue = 2048 // more than a day's tickets; see queueJob

func (d *Daemon) openPaper(ctx context.Context, f flags) error {
	p := &paper{d: d, log: d.log.With("part", "printer"), jobs: make(chan job, jobQueue), done: make(chan struct{})}
	wanted := d.machine.Printer
	if d.stage != nil && wanted.Device == "" {
		wanted.Device = d.stage.printerURI()
	}
	var group []spool.Options
	for _, x := range []struct {
		name   string
		wanted config.Printer
	}{{firstPrinter, wanted}, {secondPrinter, d.machine.Second}} {
		if x.wanted.Device == "" {
			continue
		}
		made, err := parts.NewPrinter(x.wanted)
		if err != nil {
			return err
		}
		log := p.log.With("printer", x.name)
		if made.Unusable != nil {
			log.Error("printer profile not used", "err", made.Unusable)
		} else if note := made.Note(); note != "" {
			log.Warn("printer profile", "note", note)
		}
		made.Unknown = func(id printer.DeviceID, profile, note string) {
			log.Warn("printer profile may not fit", "model", id.String(), "profile", profile, "note", note)
		}
		p.printers = append(p.printers, station{x.name, made})
		o := spool.Options{
			Open: made.Open, Protocol: made.Protocol, Log: p, Logger: log, IdleClose: device.IdleClose(made.URI),
			OnHealth: func(h spool.Health) { d.printerHealth(h) },
			Limit:    jobQueue,
		}
		if x.wanted.Roll > 0 {
			p.count(ctx, &o, x.name, x.wanted.Roll)
		}
		if f.reach != nil {
			f.reach(x.name, &o)
		}
		group = append(group, o)
	}
	if len(group) > 0 {
		p.spool = spool.NewGroup(group...)
	}
	if err := p.resume(ctx); err != nil {
		if p.spool != nil {
			err = errors.Join(err, p.spool.Close())
		}
		return err
	}
	err := d.engine.Read(ctx, func(s *queue.State) { p.jobs <- job{before: today(s, s.Pos.Seq+1)} }) // the day may have changed while nobody ran
	if err != nil {
		return err
	}
	d.paper.Store(p)
	go p.run()
	return nil
}

// resume hands back what an earlier process left on its way.
func (p *paper) resume(ctx context.Context) error {
	var left []job
	states := map[queue.TicketID]spool.State{}
	var first queue.Seq
	err := p.d.engine.Read(ctx, func(s *queue.State) {
		if !s.Day.Open {
			return // nobody waits for a slip of a day that is over
		}
		first = queue.Seq(today(s, s.Pos.Seq+1))
		for i := range s.Tickets {
			t := &s.Tickets[i]
			state, open := map[queue.SlipState]spool.State{
				queue.SlipIsQueued: spool.Queued, queue.SlipIsSending: spool.Sending, queue.SlipIsUnknown: spool.Unknown,
			}[t.Slip]
			if open {
				states[t.ID] = state
				left = append(left, job{id: t.ID, at: t.SlipSince.Time(), ahead: s.View().Ahead(t, s.LastAt), reprint: t.Reprint})
			}
		}
	})
	if err != nil {
		return err
	}
	from, err := p.d.doors.resume(ctx, first)
	if err != nil {
		return err
	}
	var jobs []spool.Resumed
	for _, j := range left {
		r, ok := p.request(ctx, j)
		if !ok {
			continue
		}
		w := from[j.id]
		j.order = w.order
		if dr := p.d.doors.left(w, p.spool != nil); dr != nil {
			p.d.doors.put(dr, j, r, queue.SlipState(states[j.id]), w.settled)
		} else {
			jobs = append(jobs, spool.Resumed{Request: r, State: states[j.id]})
		}
	}
	if p.spool != nil {
		p.spool.Resume(jobs)
	}
	return nil
}

// observe runs on the engine's loop: it must not wait.
func (p *paper) observe(s *queue.State, records []queue.Record) {
	for _, r := range records {
		switch e := r.Event.(type) {
		case queue.TicketIssued:
			if t := s.Ticket(queue.TicketID(r.Seq)); t != nil && t.Slip == queue.SlipIsQueued {
				p.queueJob(job{id: queue.TicketID(r.Seq), at: r.At, by: r.Actor, order: r.Seq, ahead: e.Ahead})
			}
		case queue.SlipPrinted:
			if p.note(e.Ticket, e.Seen); e.Seen {
				p.queueJob(job{id: e.Ticket, seen: true})
			}
		case queue.SlipSending:
			p.note(e.Ticket, false)
		case queue.DayOpened:
			p.seen.Clear()
			p.queueJob(job{before: today(s, r.Seq)})
		case queue.SlipQueued:
			p.note(e.Ticket, false)
			p.queueJob(job{id: e.Ticket, at: r.At, order: r.Seq, reprint: true})
		case queue.TicketCancelled:
			p.queueJob(job{id: e.Ticket, cancelled: true})
		case queue.DayClosed:
			p.queueJob(job{dayOver: true})
		case queue.ConfigApplied:
			p.queueJob(job{changed: true})
		}
	}
}

// note keeps in mind whether the last word about a slip is that of staff.
func (p *paper) note(id queue.TicketID, seen bool) {
	if seen {
		p.seen.Store(printer.JobID(id), true)
	} else {
		p.seen.Delete(printer.JobID(id))
	}
}

// settled reports whether staff hold the slip in hand: it is not to be printed
// again, and there is nothing to record of it.
func (p *paper) settled(id printer.JobID) bool {
	_, seen := p.seen.Load(id)
	return seen
}

// today is the first ticket of the business day; none is older than head.
func today(s *queue.State, head queue.Seq) queue.TicketID {
	first := queue.TicketID(head)
	for i := range s.Tickets {
		first = min(first, s.Tickets[i].ID)
	}
	return first
}

// queueJob drops nothing for good: what does not fit stays queued in the
// journal and is handed to the spool at the next start.
func (p *paper) queueJob(j job) {
	select {
	case p.jobs <- j:
	default:
		p.log.Error("slip left for the next start: too many wait", "ticket", j.id)
	}
}

func (p *paper) run() {
	defer close(p.done)
	look := time.NewTicker(keepLook)
	defer look.Stop()
	p.keep.slipAt = time.Now()
	for {
		select {
		case <-p.d.work.Done():
			return
		case now := <-look.C:
			p.keepWhenQuiet(now)
		case j := <-p.jobs:
			switch {
			case j.dayOver:
				p.d.doors.endDay(0)
				p.dismissAll()
				p.keepShared()
			case j.changed:
				p.keep.wanted, p.keep.changedAt = true, time.Now()
			case j.show:
				p.showWaiting()
			case j.before != 0:
				p.d.doors.endDay(j.before)
				if err := p.d.journal.ForgetSlipLanguagesBefore(p.d.work, j.before); err != nil {
					p.log.Error("slip languages of an earlier day not forgotten", "err", err)
				}
			case j.cancelled:
				p.d.doors.cancel(j.id)
				p.dismiss(printer.JobID(j.id))
			case j.seen:
				p.confirm(j.id)
			case p.handOver(j):
			case p.spool == nil:
				// There will be no slip to write in the language chosen.
				if err := p.forget(p.d.work, printer.JobID(j.id)); err != nil {
					p.log.Error("slip language not forgotten", "ticket", j.id, "err", err)
				}
			default:
				p.keep.slipAt = time.Now()
				p.submit(j)
			}
		}
	}
}

// dismissAll takes back what still waits: a number of yesterday must not come
// out among those of today, and what staff never decided must not fill the
// spool for ever. A slip on its way to the printer ends by itself.
func (p *paper) dismissAll() {
	if p.spool == nil {
		return
	}
	for _, r := range p.spool.Pending() {
		p.dismiss(r.ID)
	}
}

// showWaiting takes back what waits for a printer that has just failed, of the
// people in front of the panel: they have read their numbers on its screen, and
// by the time somebody has put in paper they are gone.
func (p *paper) showWaiting() {
	if p.spool == nil || p.spool.Ready() {
		return
	}
	for _, r := range p.spool.Pending() {
		if r.State == spool.Queued && p.onScreen(r.ID) {
			p.shown.Store(r.ID, true)
			p.dismiss(r.ID)
		}
	}
}

// onScreen reports whether the screen beside the panel shows a slip's number.
func (p *paper) onScreen(id printer.JobID) bool {
	on := false
	err := p.d.engine.Read(p.d.work, func(s *queue.State) {
		t := s.Ticket(queue.TicketID(id))
		on = t != nil && takesOnScreen(t)
	})
	return err == nil && on
}

// dismiss takes back a slip that waits; one on its way ends by itself.
func (p *paper) dismiss(id printer.JobID) {
	if p.spool == nil {
		return
	}
	if err := p.spool.Dismiss(id); err != nil && !errors.Is(err, spool.ErrNotHeld) {
		p.log.Warn("slip not taken back", "ticket", uint64(id), "err", err)
	}
}

// confirm ends what printers had to do with a slip that staff hold. Without one
// that has it, as after a restart, there is nothing to end.
func (p *paper) confirm(id queue.TicketID) {
	p.d.doors.drop(id)
	err := spool.ErrNotHeld
	if p.spool != nil {
		err = p.spool.Confirm(printer.JobID(id))
	}
	switch {
	case errors.Is(err, spool.ErrNotHeld):
		p.forgetOrSay(p.d.work, printer.JobID(id))
	case err != nil && !errors.Is(err, spool.ErrClosed):
		p.log.Warn("slip in doubt not settled", "ticket", id, "err", err)
	}
}

// handOver gives a slip to the kiosk at whose door it is wanted; false when
// that is none.
func (p *paper) handOver(j job) bool {
	dr := p.d.doors.takes(j, p.spool != nil)
	if dr == nil {
		p.d.doors.drop(j.id)
		return false
	}
	if r, ok := p.request(p.d.work, j); ok {
		p.d.doors.put(dr, j, r, queue.SlipIsQueued, false)
		p.dismiss(r.ID) // what the main printer was to decide about it is decided
	}
	return true
}

func (p *paper) submit(j job) {
	r, ok := p.request(p.d.work, j)
	if !ok {
		return
	}
	if p.d.showsNumbers() && !p.spool.Ready() && p.onScreen(r.ID) {
		// The printer failed between the press and this.
		if err := p.Failed(p.d.work, r.ID, queue.CauseShown); err != nil {
			p.log.Error("slip's failure not recorded", "ticket", j.id, "err", err)
		}
		return
	}
	err := p.spool.Submit(r)
	switch {
	case errors.Is(err, spool.ErrClosed):
		return // it stays queued in the journal, for the next start to print
	case errors.Is(err, spool.ErrPrinted):
		r.Reprint = true
		err = p.spool.Submit(r)
	case errors.Is(err, spool.ErrDuplicate) && !j.reprint:
		return // it is in hand: what became of it is recorded when it is known
	case errors.Is(err, spool.ErrDuplicate):
		if err = p.spool.Reprint(r.ID); errors.Is(err, spool.ErrNotHeld) {
			return // it is about to be printed again already
		}
	}
	if err != nil {
		p.log.Error("slip not taken by the spool", "ticket", j.id, "err", err)
		if err := p.Failed(p.d.work, r.ID, "spool"); err != nil {
			p.log.Error("slip's failure not recorded", "ticket", j.id, "err", err)
		}
	}
}

// request lays down what the slip says.
func (p *paper) request(ctx context.Context, j job) (spool.Request, bool) {
	language, err := p.d.journal.SlipLanguage(ctx, j.id)
	if err != nil {
		p.log.Warn("slip language not read: the hall's first is used", "ticket", j.id, "err", err)
	}
	var slip printer.Slip
	var mark string
	found := false
	err = p.d.engine.Read(ctx, func(s *queue.State) {
		t := s.Ticket(j.id)
		if t == nil {
			return
		}
		ahead := j.ahead
		if j.reprint {
			ahead = s.View().Ahead(t, s.LastAt)
		}
		link := p.d.links.URL(s.Day.ID, t.Ref)
		slip, found = kiosk.NewSlip(s, j.id, ahead, language, link, p.d.web)
		if language == "" {
			language = s.Config.Languages[0]
		}
		mark = p.d.web.Text(language, "slip.reprint", nil)
	})
	return spool.Request{ID: printer.JobID(j.id), Slip: slip, At: j.at, Reprint: j.reprint, Mark: mark}, found && err == nil
}

// noTicket is the id of a paper that is nobody's ticket. Its acknowledgement
// must not be taken for a ticket's: printers hear four digits, and tickets on
// their way are near the journal's head.
func (p *paper) noTicket(s *queue.State) printer.JobID {
	return refusals - refusals%10000 + 10000*printer.JobID(p.refused.Add(1)) + (printer.JobID(s.Pos.Seq)+5000)%10000
}

// refuse prints a short paper without a number.
func (p *paper) refuse(c queue.CategoryID, refusal *queue.Error, language string) {
	p.say(func(s *queue.State) (slip printer.Slip, ok bool) {
		if s.Config == nil {
			return slip, false
		}
		return kiosk.NewRefusal(s.Config, c, refusal, language, p.d.clock.Now(), p.d.web), true
	})
}

// answer prints one for who scanned something that gets no number.
func (p *paper) answer(a scans.Ask, language string) {
	p.say(func(s *queue.State) (printer.Slip, bool) {
		return kiosk.NewAnswer(s, a, language, p.d.clock.Now(), p.d.web)
	})
}

// say prints a paper that belongs to no ticket, if the printer is ready for it.
func (p *paper) say(write func(*queue.State) (printer.Slip, bool)) {
	if p.spool == nil || !p.spool.Ready() {
		return
	}
	var slip printer.Slip
	var id printer.JobID
	written := false
	err := p.d.engine.Read(p.d.work, func(s *queue.State) {
		id = p.noTicket(s)
		slip, written = write(s)
	})
	if err != nil || !written {
		return
	}
	if err := p.spool.Submit(spool.Request{ID: id, Slip: slip, At: time.Now()}); err != nil {
		p.log.Warn("refusal not printed", "err", err)
	}
}

// elsewhere reports whether a slip was handed to a kiosk since: what the main
// printer had to do with it is over.
func (p *paper) elsewhere(id printer.JobID) bool {
	return id < refusals && p.d.doors.holds(queue.TicketID(id))
}

// The methods of spool.Log.

func (p *paper) Sending(ctx context.Context, id printer.JobID, _ bool) error {
	if p.elsewhere(id) || p.settled(id) {
		return spool.ErrWithdrawn
	}
	return p.moved(ctx, id, queue.SlipMoved{To: queue.SlipIsSending})
}

func (p *paper) Printed(ctx context.Context, id printer.JobID, proof bool) error {
	if k := p.d.kiosk.Load(); k != nil {
		k.Printed(queue.TicketID(id))
	}
	if p.elsewhere(id) {
		return nil
	}
	if !p.settled(id) || proof {
		if err := p.moved(ctx, id, queue.SlipMoved{To: queue.SlipIsPrinted, Proof: proof}); err != nil {
			return err
		}
	}
	p.forgetOrSay(ctx, id)
	return nil
}

func (p *paper) Failed(ctx context.Context, id printer.JobID, reason string) error {
	if p.elsewhere(id) || p.settled(id) {
		return nil
	}
	if _, shown := p.shown.Load(id); shown && reason == spool.ReasonDismissed {
		reason = queue.CauseShown
	}
	if err := p.moved(ctx, id, queue.SlipMoved{To: queue.SlipIsFailed, Cause: reason}); err != nil {
		return err
	}
	p.shown.Delete(id)
	p.forgetOrSay(ctx, id)
	return nil
}

// forgetOrSay is forget where the step itself is recorded already: repeating
// that would record it twice, and the next day wipes what is left.
func (p *paper) forgetOrSay(ctx context.Context, id printer.JobID) {
	if err := p.forget(ctx, id); err != nil {
		p.log.Error("slip language not forgotten", "ticket", uint64(id), "err", err)
	}
}

func (p *paper) Unknown(ctx context.Context, id printer.JobID) error {
	if p.elsewhere(id) || p.settled(id) {
		return nil
	}
	return p.moved(ctx, id, queue.SlipMoved{To: queue.SlipIsUnknown})
}

func (p *paper) forget(ctx context.Context, id printer.JobID) error {
	if id >= refusals {
		return nil
	}
	return p.d.journal.ForgetSlipLanguage(ctx, queue.TicketID(id))
}

func (p *paper) moved(ctx context.Context, id printer.JobID, m queue.SlipMoved) error {
	if id >= refusals {
		p.tryMoved(id, m)
		return nil
	}
	m.Ticket = queue.TicketID(id)
	_, err := p.record(ctx, "printer", "", m)
	return err
}

// record keeps a step of a slip in the journal. It reports whether the key was
// known, so that the step was recorded before.
func (p *paper) record(ctx context.Context, actor, key string, m queue.SlipMoved) (repeated bool, err error) {
	r, err := p.d.engine.Do(ctx, queue.Request{Actor: actor, Role: queue.Machine, Key: key, Command: m})
	if errors.Is(err, &queue.Error{Code: queue.NotFound}) {
		return false, nil // yesterday's ticket: nothing to record it on
	}
	return r.Repeated, err
}

var _ spool.Log = (*paper)(nil)

// close lets the slip on its way come out. The daemon's work has been stopped
// and the engine still runs.
func (p *paper) close() error {
	<-p.done
	if p.spool == nil {
		return nil
	}
	return p.spool.Close()
}
