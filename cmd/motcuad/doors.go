package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"motcua/internal/auth"
	"motcua/internal/doorway"
	"motcua/internal/httpapi"
	"motcua/internal/parts"
	"motcua/internal/staff"
	"motcua/kiosk"
	"motcua/printer"
	"motcua/printer/spool"
	"motcua/queue"
)

// doors are the kiosks at other doors: paired devices with a panel and a
// printer of their own. The journal says which slips are theirs; what stands
// here is rebuilt from it.
type doors struct {
	d   *Daemon
	log *slog.Logger

	mu     sync.Mutex // protects all below, and what doors say it does
	list   map[string]*farKiosk
	issued map[queue.TicketID]string // today's tickets of doors, by device
}

type farKiosk struct {
	name string
	// steps is held while a step of a slip is judged and recorded: one after
	// the other, or a late one could overtake what it is late for.
	steps sync.Mutex

	// Protected by doors.mu.
	point   queue.PointID
	boot    string          // of the process that counts
	earlier map[string]bool // processes that were followed by another
	polling int             // questions that are held
	asked   bool            // since this daemon started
	seen    time.Time       // last sign of life; the start of the daemon before the first
	since   time.Time       // of there, by the centre's clock; zero where nobody vouches for it
	there   bool            // as it was last noticed
	said    doorway.Health
	slips   map[queue.TicketID]*doorSlip
	changed chan struct{} // closed and replaced when an answer may differ
}

// doorSlip is a slip a door has to see to.
type doorSlip struct {
	order   queue.Seq
	state   queue.SlipState
	request spool.Request
	settled bool // given up for want of a link: it may only still turn out printed
}

func newDoors(d *Daemon) *doors {
	return &doors{d: d, log: d.log.With("part", "doors"), list: map[string]*farKiosk{}, issued: map[queue.TicketID]string{}}
}

// add makes a paired kiosk known.
func (o *doors) add(x auth.Access) {
	if x.Role != queue.Kiosk {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.list[x.Name] = &farKiosk{name: x.Name, point: x.Point, earlier: map[string]bool{}, seen: time.Now(),
		slips: map[queue.TicketID]*doorSlip{}, changed: make(chan struct{})}
}

// remove forgets a revoked kiosk. Slips that wait for it go to staff: who took
// the number stands at a machine that is no longer ours.
func (o *doors) remove(name string) {
	o.mu.Lock()
	dr := o.list[name]
	o.mu.Unlock()
	if dr == nil {
		return
	}
	dr.steps.Lock()
	o.giveUp(dr, func() bool { return true })
	dr.steps.Unlock()
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.list, name)
	dr.wake()
}

// wake lets held questions be answered anew; it needs doors.mu.
func (dr *farKiosk) wake() {
	close(dr.changed)
	dr.changed = make(chan struct{})
}

// here reports whether the kiosk gives signs of life; it needs doors.mu.
func (dr *farKiosk) here() bool {
	return dr.asked && (dr.polling > 0 || time.Since(dr.seen) < doorway.Gone)
}

func ready(h doorway.Health) bool { return spool.Health{Code: spool.Code(h.Printer)}.Ready() }

func unproven(h doorway.Health) bool { return spool.Health{Code: spool.Code(h.Printer)}.Unproven() }

// wake is called after each change of the state.
func (o *doors) wake() {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, dr := range o.list {
		dr.wake()
	}
}

// Ask answers a kiosk as soon as something differs from what it knows, or
// after a beat; it is a method of httpapi.Doors.
func (o *doors) Ask(ctx context.Context, name string, q doorway.Question) (doorway.Answer, error) {
	dr, err := o.enter(name, q)
	if err != nil {
		return doorway.Answer{}, err
	}
	defer o.leave(dr)
	beat := time.NewTimer(doorway.Beat)
	defer beat.Stop()
	for over := false; ; {
		o.mu.Lock()
		changed, paired, current := dr.changed, o.list[name] == dr, dr.boot == q.Boot
		o.mu.Unlock()
		switch {
		case !paired:
			return doorway.Answer{}, errNoDoor
		case !current:
			return doorway.Answer{}, errOtherKiosk
		}
		a, err := o.answer(ctx, dr)
		if err != nil || over || a.Tag != q.After {
			return a, err
		}
		select {
		case <-changed:
		case <-beat.C:
			over = true
		case <-o.d.work.Done():
			over = true
		case <-ctx.Done():
			return a, nil // nobody hears it
		}
	}
}

// Refusals to kiosks.
var (
	errOtherKiosk = &queue.Error{Code: queue.Conflict, Reason: httpapi.WhyOtherKiosk, Msg: "another kiosk asks with this pairing",
		Hint: "Switch one of the two off, revoke the device and pair the other again."}
	errNoDoor = &queue.Error{Code: queue.Denied, Reason: httpapi.WhyNotPaired, Msg: "this is for kiosks that were paired by a code",
		Hint: "Pair it: `motcua device pair CODE --name door-2 --role kiosk`."}
	errWithdrawn = &queue.Error{Code: queue.Conflict, Reason: httpapi.WhyWithdrawn, Msg: "this slip is no longer this kiosk's",
		Hint: "Do not print it."}
)

func (o *doors) enter(name string, q doorway.Question) (*farKiosk, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	dr := o.list[name]
	if dr == nil {
		return nil, errNoDoor
	}
	if err := dr.follow(q.Boot); err != nil {
		return nil, err
	}
	was := dr.said
	dr.asked, dr.seen, dr.said = true, time.Now(), q.Health
	dr.polling++
	if !dr.there || was.Printer != q.Health.Printer || !slices.Equal(was.Faults, q.Health.Faults) {
		o.notice(dr)
	}
	return dr, nil
}

// follow takes the newest process of a kiosk for the kiosk; it needs doors.mu.
func (dr *farKiosk) follow(boot string) error {
	switch {
	case dr.boot == boot:
	case dr.earlier[boot]:
		return errOtherKiosk
	default:
		if dr.boot != "" {
			dr.earlier[dr.boot] = true
		}
		dr.boot = boot
		dr.wake() // whoever asks for the one before is told
	}
	return nil
}

func (o *doors) leave(dr *farKiosk) {
	o.mu.Lock()
	defer o.mu.Unlock()
	dr.polling--
	dr.seen = time.Now()
}

// answer is what the kiosk shows and prints at this moment.
func (o *doors) answer(ctx context.Context, dr *farKiosk) (doorway.Answer, error) {
	o.mu.Lock()
	a := doorway.Answer{Point: dr.point, Languages: []string{}, Categories: []queue.CategoryID{}, Slips: []doorway.Slip{}}
	for id, s := range dr.slips {
		a.Slips = append(a.Slips, doorway.Slip{Ticket: id, Order: s.order, State: s.state, At: queue.StampOf(s.request.At),
			Reprint: s.request.Reprint, Mark: s.request.Mark, Paper: s.request.Slip})
	}
	o.mu.Unlock()
	slices.SortFunc(a.Slips, func(x, y doorway.Slip) int { return int(x.Order) - int(y.Order) })
	hall := make(chan kiosk.Hall, 1)
	if err := o.d.engine.Read(ctx, func(s *queue.State) { hall <- o.d.hall(s, a.Point) }); err != nil {
		return a, err
	}
	h := <-hall
	a.Languages = append(a.Languages, h.Languages...)
	a.Categories = append(a.Categories, h.Categories...)
	b, err := json.Marshal(a)
	if err != nil {
		return a, fmt.Errorf("tag answer: %w", err)
	}
	sum := sha256.Sum256(b)
	a.Tag = hex.EncodeToString(sum[:8])
	a.Now = queue.StampOf(o.d.clock.Now())
	return a, nil
}

// Moved records what a kiosk did with a slip; it is a method of httpapi.Doors.
// Of a slip that is no longer the kiosk's nothing is recorded.
func (o *doors) Moved(ctx context.Context, name, key string, ticket queue.TicketID, step doorway.Step) error {
	o.mu.Lock()
	dr := o.list[name]
	o.mu.Unlock()
	if dr == nil {
		return errNoDoor
	}
	dr.steps.Lock()
	defer dr.steps.Unlock()
	o.mu.Lock()
	err := dr.follow(step.Boot)
	s := dr.slips[ticket]
	dr.seen = time.Now()
	o.mu.Unlock()
	switch {
	case err != nil:
		return err
	case s == nil || s.order != step.Order:
		return errWithdrawn
	case s.settled && (step.To == queue.SlipIsSending || step.To == queue.SlipIsUnknown):
		return errWithdrawn
	}
	p := o.d.paper.Load()
	repeated, err := p.record(ctx, name, key, queue.SlipMoved{Ticket: ticket, To: step.To, Proof: step.Proof, Cause: step.Cause})
	if err != nil {
		return err
	}
	if step.To == queue.SlipIsPrinted || step.To == queue.SlipIsFailed {
		p.forgetOrSay(ctx, printer.JobID(ticket))
		o.drop(ticket)
	} else if !repeated {
		o.mu.Lock()
		s.state = step.To
		dr.wake()
		o.mu.Unlock()
	}
	return nil
}

// Refused is what a paper without a number says; it is a method of
// httpapi.Doors.
func (o *doors) Refused(ctx context.Context, r doorway.Refused) (printer.Slip, error) {
	var slip printer.Slip
	err := o.d.engine.Read(ctx, func(s *queue.State) {
		if s.Config != nil {
			slip = kiosk.NewRefusal(s.Config, r.Category, &queue.Error{Code: r.Code, Reason: r.Reason, Wait: r.Wait, Next: r.Next}, r.Language, o.d.clock.Now(), o.d.web)
		}
	})
	return slip, err
}

// takes says which door a slip comes out at, or none: the main printer. A
// first paper comes out where the number was taken; another one too, if that
// kiosk would print it now, and else at the main printer, where staff are.
func (o *doors) takes(j job, spare bool) *farKiosk {
	o.mu.Lock()
	defer o.mu.Unlock()
	if !j.reprint && o.list[j.by] != nil {
		o.issued[j.id] = j.by
	}
	dr := o.list[o.issued[j.id]]
	switch {
	case dr == nil:
		return nil
	case !spare: // there is no other printer
		return dr
	case j.reprint && !(dr.here() && ready(dr.said)), dr.asked && dr.said.Printer == doorway.PrinterAbsent:
		return nil
	}
	return dr
}

// put hands a slip to a door. What another door had of it is withdrawn.
func (o *doors) put(dr *farKiosk, j job, r spool.Request, state queue.SlipState, settled bool) {
	o.drop(j.id)
	o.mu.Lock()
	defer o.mu.Unlock()
	dr.slips[j.id] = &doorSlip{order: j.order, state: state, request: r, settled: settled}
	dr.wake()
}

// drop ends what doors have to do with a slip.
func (o *doors) drop(id queue.TicketID) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, dr := range o.list {
		if dr.slips[id] != nil {
			delete(dr.slips, id)
			dr.wake()
		}
	}
}

// holds reports whether a slip is a door's, so that the main printer's part in
// it is over.
func (o *doors) holds(id queue.TicketID) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, dr := range o.list {
		if dr.slips[id] != nil {
			return true
		}
	}
	return false
}

// cancel takes back the slip of a ticket that is wanted no more; one on its
// way ends by itself.
func (o *doors) cancel(id queue.TicketID) {
	o.mu.Lock()
	var waits bool
	for _, dr := range o.list {
		if s := dr.slips[id]; s != nil && s.state != queue.SlipIsSending {
			waits = true
			delete(dr.slips, id)
			dr.wake()
		}
	}
	o.mu.Unlock()
	if waits {
		o.end(id)
	}
}

// end records that a slip will not be printed.
func (o *doors) end(id queue.TicketID) {
	if err := o.d.paper.Load().Failed(o.d.work, printer.JobID(id), spool.ReasonDismissed); err != nil {
		o.log.Error("slip's end not recorded", "ticket", id, "err", err)
	}
}

// endDay takes back what still waits, as [paper.dismissAll] does, and what is
// left of days before the given ticket.
func (o *doors) endDay(before queue.TicketID) {
	o.mu.Lock()
	var over []queue.TicketID
	for _, dr := range o.list {
		for id, s := range dr.slips {
			if before == 0 && s.state != queue.SlipIsSending || id < before {
				over = append(over, id)
				delete(dr.slips, id)
			}
		}
		dr.wake()
	}
	maps.DeleteFunc(o.issued, func(id queue.TicketID, _ string) bool { return before == 0 || id < before })
	o.mu.Unlock()
	for _, id := range over {
		o.end(id)
	}
}

// watch notices kiosks that come and go, and gives their slips to staff when
// they stay away.
func (o *doors) watch() {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-o.d.work.Done():
			return
		case <-tick.C:
		}
		for _, dr := range o.all() {
			o.mu.Lock()
			if dr.there != dr.here() {
				o.notice(dr)
			}
			away := func() bool { return !dr.here() && time.Since(dr.seen) >= doorway.Settle }
			waits := away() && slices.ContainsFunc(slices.Collect(maps.Values(dr.slips)), (*doorSlip).open)
			o.mu.Unlock()
			if waits {
				dr.steps.Lock()
				o.giveUp(dr, away)
				dr.steps.Unlock()
			}
		}
	}
}

func (s *doorSlip) open() bool { return s.state != queue.SlipIsUnknown && !s.settled }

// all lists the doors by name.
func (o *doors) all() []*farKiosk {
	o.mu.Lock()
	defer o.mu.Unlock()
	return slices.SortedFunc(maps.Values(o.list), func(x, y *farKiosk) int {
		if x.name < y.name {
			return -1
		}
		return 1
	})
}

// notice takes down that a kiosk came, went or is otherwise than before, for
// staff to see; it needs doors.mu.
func (o *doors) notice(dr *farKiosk) {
	if here := dr.here(); here != dr.there || dr.since.IsZero() {
		dr.there, dr.since = here, time.Time{}
		if o.d.clock.OK() {
			dr.since = o.d.clock.Now()
		}
		if here {
			o.log.Info("kiosk is there", "device", dr.name, "printer", dr.said.Printer)
		} else {
			o.log.Warn("kiosk does not answer", "device", dr.name)
		}
	}
	o.d.touch()
}

// giveUp makes slips unknown that a door will not print, for staff to decide;
// its steps are held. still is asked again under doors.mu.
func (o *doors) giveUp(dr *farKiosk, still func() bool) {
	o.mu.Lock()
	var left []queue.TicketID
	if still() {
		for id, s := range dr.slips {
			if s.open() {
				left = append(left, id)
			}
		}
	}
	o.mu.Unlock()
	slices.Sort(left)
	for _, id := range left {
		_, err := o.d.paper.Load().record(o.d.work, "motcuad", "", queue.SlipMoved{Ticket: id, To: queue.SlipIsUnknown})
		if err != nil {
			o.log.Error("slip of a kiosk that is gone not given to staff", "device", dr.name, "ticket", id, "err", err)
			continue
		}
		o.log.Warn("slip given to staff: its kiosk is gone", "device", dr.name, "ticket", id)
		o.mu.Lock()
		if s := dr.slips[id]; s != nil {
			s.state, s.settled = queue.SlipIsUnknown, true
		}
		dr.wake()
		o.mu.Unlock()
	}
}

// devices lists what staff must know of the doors.
func (o *doors) devices() []staff.Device {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []staff.Device
	for _, name := range slices.Sorted(maps.Keys(o.list)) {
		dr := o.list[name]
		if !dr.here() {
			list = append(list, staff.Device{Kind: "kiosk", Code: "no_link", Name: name, Since: queue.StampOf(dr.since)})
			continue
		}
		if !ready(dr.said) && spool.Code(dr.said.Printer) != spool.HealthConnecting || spool.Code(dr.said.Printer) == spool.HealthPaperLow || unproven(dr.said) {
			list = append(list, staff.Device{Kind: "kiosk", Code: dr.said.Printer, Name: name})
		}
		if len(dr.said.Faults) > 0 {
			list = append(list, staff.Device{Kind: "kiosk", Code: "panel", Name: name})
		}
	}
	return list
}

// parts says in health how the doors are, each by its name.
func (o *doors) parts() []httpapi.HealthPart {
	o.mu.Lock()
	defer o.mu.Unlock()
	var list []httpapi.HealthPart
	for _, name := range slices.Sorted(maps.Keys(o.list)) {
		dr := o.list[name]
		p := httpapi.HealthPart{Name: name, Status: httpapi.HealthOK, Msg: "the kiosk's printer: " + dr.said.Printer}
		degraded := func(code, msg, hint string) {
			p.Status, p.Code, p.Msg, p.Hint = httpapi.HealthDegraded, code, msg, hint
		}
		switch code := spool.Code(dr.said.Printer); {
		case !dr.here():
			msg := "no link since " + dr.since.In(queue.Zone).Format("15:04")
			if !dr.asked {
				msg = "no link since the start"
			} else if dr.since.IsZero() {
				msg = "no link"
			}
			degraded("no_link", msg, "Look whether the kiosk has power and its network cable; `motcua-kiosk --check` on it says more. To take it out of service, revoke it.")
		case !ready(dr.said) && code != spool.HealthConnecting || unproven(dr.said):
			degraded(dr.said.Printer, "the kiosk's printer: "+dr.said.Printer, parts.PrinterHint(code))
			if dr.said.Printer == doorway.PrinterAbsent {
				p.Hint = "Name it under [printer] device in the kiosk's kiosk.toml."
			}
		case len(dr.said.Faults) > 0:
			f := dr.said.Faults[0]
			degraded(f.Code, "the kiosk's panel: "+f.Code+" "+f.Button, "See the kiosk's log: `journalctl -u motcua-kiosk`.")
		}
		list = append(list, p)
	}
	return list
}

// whose is what today's records say of a slip's printer.
type whose struct {
	issuer  string    // who took the number
	printer string    // who was about to print it, or took the number; "" of a second paper
	order   queue.Seq // of the record that asked for the paper
	settled bool      // somebody else than its printer gave it up
}

// resume reads from today's records who is to see to which slip, from the
// first ticket on; 0 is none.
func (o *doors) resume(ctx context.Context, first queue.Seq) (map[queue.TicketID]whose, error) {
	found := map[queue.TicketID]whose{}
	if first == 0 {
		return found, nil
	}
	for r, err := range o.d.journal.Records(ctx, first) {
		if err != nil {
			return nil, fmt.Errorf("read today's slips: %w", err)
		}
		id, ok := queue.Subject(&r)
		if !ok {
			continue
		}
		w := found[id]
		switch r.Event.(type) {
		case queue.TicketIssued:
			w = whose{issuer: r.Actor, printer: r.Actor, order: r.Seq}
		case queue.SlipQueued:
			w.printer, w.order, w.settled = "", r.Seq, false
		case queue.SlipSending:
			w.printer, w.settled = r.Actor, false
		case queue.SlipUnknown:
			w.settled = r.Actor != w.printer
		default:
			continue
		}
		found[id] = w
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	for id, w := range found {
		if o.list[w.issuer] != nil {
			o.issued[id] = w.issuer
		}
	}
	return found, nil
}

// left says which door a slip was left to that an earlier process had in
// hand; none is the main printer's. A second paper nobody was about to print
// is the main printer's: which kiosk is there is not known yet.
func (o *doors) left(w whose, spare bool) *farKiosk {
	o.mu.Lock()
	defer o.mu.Unlock()
	if w.printer == "" && !spare {
		return o.list[w.issuer]
	}
	return o.list[w.printer]
}

var _ httpapi.Doors = (*doors)(nil)
