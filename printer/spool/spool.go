package spool

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"slices"
	"sync"
	"time"

	"motcua/printer"
)

// Link is an open connection to the printer; [device.Device] is one. Close
// unblocks Read and Write.
//
// [device.Device]: https://pkg.go.dev/motcua/printer/device#Device
type Link interface {
	io.ReadWriteCloser
	SetReadDeadline(time.Time) error
	SetWriteDeadline(time.Time) error
}

// Resetter is a Link that can empty its printer's buffers; [device.USB] is one.
// The spool closes the link after it and opens another. A printer may ignore
// it without an error.
//
// [device.USB]: https://pkg.go.dev/motcua/printer/device#USB
type Resetter interface{ SoftReset() error }

// PaperPort is a Link whose port says whether paper is there, beside what the
// printer says itself; [device.USB] is one. Many printers never change it.
//
// [device.USB]: https://pkg.go.dev/motcua/printer/device#USB
type PaperPort interface{ PaperOut() (bool, error) }

// Options are what a spool needs. Open, Protocol and Log are required.
type Options struct {
	// Open connects to the printer. It may block; ctx ends it.
	Open     func(ctx context.Context) (Link, error)
	Protocol printer.Protocol
	Log      Log

	Logger *slog.Logger // default: none
	Clock  Clock        // default: the system's
	// OnHealth hears every change of health, in order, from the spool's
	// goroutine: it must not block.
	OnHealth func(Health)

	AckWindow     time.Duration // how long an acknowledgement may take; default 10 s
	LateWindow    time.Duration // the same when its link was lost, from when the printer is ready again; default 3 s, or AckWindow if that is less
	Watch         time.Duration // a slip that no printer acknowledges is out when nothing was wrong this long after its last byte; default 1 s
	ReprintWithin time.Duration // age up to which an unknown slip prints again by itself; default 60 s
	AutoReprints  int           // how often it does so; default 1, negative: never
	ReprintMark   string        // words on a reprint whose request has none; default "BẢN IN LẠI"
	Limit         int           // slips in the spool, waiting for staff included; default 500
	IdleClose     time.Duration // closes an idle link, for printers shared with others; 0 keeps it open
	Pace          time.Duration // how long the next slip waits for the last one's acknowledgement before it follows anyway; default 2 s
	PollEvery     time.Duration // status request between slips; default 1 s, for a fault must be known within two
	StatusWait    time.Duration // how long a new link may take to answer before the printer counts as silent, and an answer to Protocol.Probe; default 1 s
	WriteStall    time.Duration // how long a ready printer may take no byte; default 15 s
	RecoverPause  time.Duration // quiet after Protocol.Recover; default 2 s (Epson, DLE DC4 fn 8)
	BackoffMin    time.Duration // first wait before another try to connect; default 250 ms
	BackoffMax    time.Duration // last one; default 10 s
	CloseGrace    time.Duration // how long Close waits for the slip on its way; default 2 s

	RollLength int  // of a new roll, in tenths of a millimetre; 0: paper is not counted
	Roll       Roll // what was counted before
	// KeepRoll keeps the count: every 20 slips, with each new roll and at the
	// end. Like Log it is called from the spool's goroutine. Default: it is lost.
	KeepRoll func(Roll)

	relief func() bool         // another printer would take what this one cannot print; see Group
	stray  func(printer.JobID) // hears of a slip that was handed over and is acknowledged all the same
}

const (
	settle        = 50 * time.Millisecond  // a status of several replies becomes whole
	answerWait    = 800 * time.Millisecond // a printer that answers takes less
	printing      = 4 * time.Second        // a slip takes less, after its last byte
	stuckAfter    = time.Second            // a printer that takes no byte this long is not ready, whatever it says
	maxMends      = 3                      // ways tried to free a printer from a job that was cut off
	deadAfter     = 15 * time.Second       // an answering printer that says nothing this long: the link is dead
	rubbish       = 16                     // bytes on one link that may be no reply and need no word
	earshot       = 64                     // bytes by which a link is judged
	anyJob        = 64 << 10               // bytes: more than a slip takes
	portBackoff   = 10 * time.Second       // wait after a port that did not answer
	chunk         = 4096                   // bytes a write hands over at once
	writeSlice    = 500 * time.Millisecond // deadline of one such write
	maxOnTheWay   = 4                      // slips sent and unacknowledged
	noProofAfter  = 3                      // slips in a row without acknowledgement from a healthy printer
	rememberDone  = 1024                   // ended slips whose second printing needs the mark
	logRetryAfter = time.Second            // wait before a refused record is tried again
)

func (o *Options) setDefaults() {
	def := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	def(&o.AckWindow, 10*time.Second)
	def(&o.LateWindow, min(3*time.Second, o.AckWindow))
	def(&o.Watch, time.Second)
	def(&o.ReprintWithin, 60*time.Second)
	def(&o.Pace, 2*time.Second)
	def(&o.PollEvery, time.Second)
	def(&o.StatusWait, time.Second)
	def(&o.WriteStall, 15*time.Second)
	def(&o.RecoverPause, 2*time.Second)
	def(&o.BackoffMin, 250*time.Millisecond)
	def(&o.BackoffMax, 10*time.Second)
	def(&o.CloseGrace, 2*time.Second)
	if o.AutoReprints == 0 {
		o.AutoReprints = 1
	}
	if o.ReprintMark == "" {
		o.ReprintMark = "BẢN IN LẠI"
	}
	if o.Limit <= 0 {
		o.Limit = 500
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Clock == nil {
		o.Clock = systemClock{}
	}
	if o.relief == nil {
		o.relief = func() bool { return false }
	}
	if o.stray == nil {
		o.stray = func(printer.JobID) {}
	}
	if o.KeepRoll == nil {
		o.KeepRoll = func(Roll) {}
	}
	if o.OnHealth == nil {
		o.OnHealth = func(Health) {}
	}
}

// Spool keeps the slips of one printer. Its methods are safe for concurrent
// use and never wait for printer or journal, but for Close.
type Spool struct {
	opts   Options
	log    *slog.Logger
	ctx    context.Context // ends when Close gives up waiting
	cancel context.CancelFunc
	wake   chan struct{} // something in the mutex's care changed
	events chan event    // from the link
	done   chan struct{} // the goroutine has ended
	helper sync.WaitGroup

	mu        sync.Mutex // protects the fields below
	jobs      map[printer.JobID]*job
	queue     []*job // state Queued, in order of printing
	resumed   []*job // handed back, not yet taken over
	decisions []decision
	keep      []printer.Slip         // the printer shall keep what these share with others
	ended     map[printer.JobID]bool // the last slips that ended, for ErrPrinted
	endedRing []printer.JobID
	away      []printer.JobID // the last slips another spool took over
	doubted   []Request       // another spool's, whose rest the printer may wait for
	health    Health
	closing   bool
	newRoll   bool // somebody put one in

	// The goroutine's own.
	link       *session
	opening    bool
	retryAt    time.Time
	backoff    time.Duration
	detail     string
	sent       []*job // Sending or Sent, in the order they left
	held       []*job // Unknown, oldest first
	lastSent   *job
	cutOff     int // bytes the printer may still expect of a job that was cut off
	mend       mending
	answered   bool   // a status was heard since the start, on any link
	inTurn     bool   // the printer answers in its turn only; see Reply.Turn
	garbled    bool   // most of what it says is no reply
	roused     bool   // it was silent, and nothing freed it; until it answers
	portOf     string // printer whose port has said that paper is there, by its id; "": none
	unproven   int    // slips in a row that a healthy printer did not acknowledge
	keepsNot   bool   // the printer did not keep what it was given
	everTried  bool   // one attempt to connect has ended
	logRefused bool
	roll       counting
	wakeAt     time.Time // earliest time at which something is due
}

// mending counts what was done to free the printer from a job that was cut off.
type mending struct {
	resets int // by its port
	tries  int // in its language
}

// decision is a word of staff about one slip.
type decision struct {
	id   printer.JobID
	kind string // "reprint", "confirm", "dismiss"; "prove": another printer's word
}

// New starts a spool. It connects at once, so that the first slip finds an
// open line. Close ends it.
func New(o Options) *Spool {
	o.setDefaults()
	ctx, cancel := context.WithCancel(context.Background())
	s := &Spool{
		opts: o, log: o.Logger, ctx: ctx, cancel: cancel,
		wake: make(chan struct{}, 1), events: make(chan event, 64), done: make(chan struct{}),
		jobs: map[printer.JobID]*job{}, ended: map[printer.JobID]bool{},
		health:  Health{Code: HealthConnecting, Since: o.Clock.Now()},
		backoff: o.BackoffMin,
		roll:    counting{Roll: o.Roll},
	}
	go s.run()
	return s
}

func (s *Spool) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Submit puts a slip at the end of the queue and returns at once. The error
// is [ErrFull], [ErrDuplicate], [ErrPrinted] or [ErrClosed].
func (s *Spool) Submit(r Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closing:
		return ErrClosed
	case s.jobs[r.ID] != nil:
		return ErrDuplicate
	case s.ended[r.ID] && !r.Reprint:
		return ErrPrinted
	case len(s.jobs) >= s.opts.Limit:
		return ErrFull
	}
	j := &job{Request: r, state: Queued, marked: r.Reprint}
	s.jobs[r.ID] = j
	s.queue = append(s.queue, j)
	s.poke()
	return nil
}

// Resume takes back what an earlier process left behind, in the order the
// slips were issued. Call it before the first Submit. What was queued prints;
// of what was on its way a late acknowledgement is awaited, then it is
// unknown. Known ids are passed over.
func (s *Spool) Resume(jobs []Resumed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var queued []*job
	for _, r := range jobs {
		if s.jobs[r.ID] != nil || s.closing {
			continue
		}
		j := &job{Request: r.Request, state: r.State, marked: r.Reprint}
		s.jobs[r.ID] = j
		if r.State == Queued {
			queued = append(queued, j)
		} else {
			s.resumed = append(s.resumed, j)
		}
	}
	s.queue = append(queued, s.queue...)
	s.poke()
}

// Reprint prints an unknown slip again, with the mark.
func (s *Spool) Reprint(id printer.JobID) error { return s.decide(id, "reprint") }

// Confirm says that an unknown slip did come out. It also takes back one that
// is about to be printed again.
func (s *Spool) Confirm(id printer.JobID) error { return s.decide(id, "confirm") }

// Dismiss says that nobody wants this slip any more. It also takes back a
// slip that is still queued.
func (s *Spool) Dismiss(id printer.JobID) error { return s.decide(id, "dismiss") }

func (s *Spool) decide(id printer.JobID, kind string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[id]
	switch {
	case s.closing:
		return ErrClosed
	case j == nil || !j.waitsFor(kind):
		return ErrNotHeld
	}
	s.decisions = append(s.decisions, decision{id, kind})
	s.poke()
	return nil
}

// Keep makes the printer keep the parts that slips share with these, where it
// can and does not yet, once nothing is to be printed. The printer is busy
// meanwhile and its memory wears out: call it after hours, with slips that say
// nothing of one ticket alone.
func (s *Spool) Keep(slips []printer.Slip) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep = slices.Clone(slips)
	s.poke()
}

// Status returns the health at this moment.
func (s *Spool) Status() Health {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := s.health
	h.Unknown = slices.Clone(h.Unknown)
	return h
}

// Pending returns the slips that have not ended, with their states, in order
// of their ids.
func (s *Spool) Pending() []Resumed {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]Resumed, 0, len(s.jobs))
	for _, j := range s.jobs {
		r := Resumed{Request: j.Request, State: j.state}
		r.Reprint = j.marked
		all = append(all, r)
	}
	slices.SortFunc(all, byID)
	return all
}

func byID(a, b Resumed) int { return cmp.Compare(a.ID, b.ID) }

// Close sends no further slip, gives the one on its way Options.CloseGrace to
// be acknowledged, and returns when the goroutine has ended. What is left is
// for the next process to Resume.
func (s *Spool) Close() error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.poke()
	grace, stop := s.opts.Clock.After(s.opts.CloseGrace)
	defer stop()
	select {
	case <-s.done:
	case <-grace:
	}
	s.cancel()
	<-s.done
	s.helper.Wait()
	// A link that was opened too late to be used must not keep the printer
	// from the next process.
	for {
		select {
		case e := <-s.events:
			if e.opened != nil {
				e.opened.Close()
			}
		default:
			return nil
		}
	}
}

// run is the spool's goroutine.
func (s *Spool) run() {
	defer close(s.done)
	defer func() {
		if s.link != nil {
			s.link.end()
		}
		if s.roll.since > 0 {
			s.keepRoll()
		}
		s.publish()
	}()
	for {
		s.takeOver()
		if s.step(s.opts.Clock.Now()) {
			return
		}
		s.watchRoll(s.opts.Clock.Now())
		s.publish()
		var due <-chan time.Time
		stop := func() {}
		if !s.wakeAt.IsZero() {
			due, stop = s.opts.Clock.After(s.wakeAt.Sub(s.opts.Clock.Now()))
		}
		select {
		case <-s.wake:
		case e := <-s.events:
			s.handle(e)
			s.drain()
		case <-due:
		case <-s.ctx.Done():
			stop()
			return
		}
		stop()
	}
}

// at asks to be woken at t; zero asks nothing.
func (s *Spool) at(t time.Time) {
	if !t.IsZero() && (s.wakeAt.IsZero() || t.Before(s.wakeAt)) {
		s.wakeAt = t
	}
}

// takeOver fetches resumed jobs and decisions.
func (s *Spool) takeOver() {
	s.mu.Lock()
	resumed, doubted, decisions := s.resumed, s.doubted, s.decisions
	s.resumed, s.doubted, s.decisions = nil, nil, nil
	newRoll := s.newRoll
	s.newRoll = false
	s.mu.Unlock()
	if newRoll && s.opts.RollLength > 0 {
		s.putIn()
	}
	now := s.opts.Clock.Now()
	// How far they got nobody knows: all of it may still be expected, of an
	// unknown one too, if the process ended before it freed the printer.
	for _, r := range doubted {
		s.measure(&job{Request: r, marked: r.Reprint})
	}
	for _, j := range resumed {
		s.measure(j)
		if j.state == Unknown {
			s.held = append(s.held, j)
			continue
		}
		j.lostAt = now
		s.sent = append(s.sent, j)
		s.lastSent = j
		if s.link != nil && s.link.greeted && s.canPrint() {
			s.startWindow(j, now)
		}
	}
	for _, d := range decisions {
		s.carryOut(d)
	}
}

// measure finds out how much of a job may still be expected.
func (s *Spool) measure(j *job) {
	if enc, err := s.opts.Protocol.Encode(j.slip(s.opts.ReprintMark), j.ID); err == nil {
		j.size, j.proof = len(enc.Bytes), enc.Proof
	}
	s.cutOff = max(s.cutOff, j.size)
}

// carryOut does what staff decided, if the slip still waits for it.
func (s *Spool) carryOut(d decision) {
	s.mu.Lock()
	j := s.jobs[d.id]
	ok := j != nil && (j.waitsFor(d.kind) || d.kind == "prove" && j.sentAt.IsZero())
	if ok {
		s.claim(j)
	}
	s.mu.Unlock()
	if !ok {
		return
	}
	switch d.kind {
	case "prove":
		s.printed(j)
	case "reprint":
		s.unhold(j)
		s.mark(j)
		s.requeue(j)
	case "confirm":
		if s.record(func(ctx context.Context) error { return s.opts.Log.Printed(ctx, j.ID, false) }) {
			s.forget(j, true)
		}
	case "dismiss":
		if s.record(func(ctx context.Context) error { return s.opts.Log.Failed(ctx, j.ID, ReasonDismissed) }) {
			s.forget(j, j.size > 0 || j.marked || j.state == Unknown)
		}
	}
}

// claim takes a queued job out of the queue, so that it ends here and nowhere
// else; it needs mu.
func (s *Spool) claim(j *job) {
	if j.state == Queued {
		s.queue = slices.DeleteFunc(s.queue, func(o *job) bool { return o == j })
		j.state = Sent
	}
}

func (s *Spool) unhold(j *job) {
	s.held = slices.DeleteFunc(s.held, func(o *job) bool { return o == j })
}

// requeue puts jobs before all others: their people wait longest.
func (s *Spool) requeue(jobs ...*job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range jobs {
		j.state = Queued
		j.due, j.lostAt = time.Time{}, time.Time{}
	}
	s.queue = append(slices.Clone(jobs), s.queue...)
}

func (s *Spool) setState(j *job, st State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j.state = st
}

// mark makes every later printing of a job carry the mark.
func (s *Spool) mark(j *job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j.marked = true
}

// forget ends a job. left: bytes of it left for the printer, so another
// printing of this number is a reprint.
func (s *Spool) forget(j *job, left bool) {
	s.unhold(j)
	s.sent = slices.DeleteFunc(s.sent, func(o *job) bool { return o == j })
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.jobs, j.ID)
	s.queue = slices.DeleteFunc(s.queue, func(o *job) bool { return o == j })
	if !left || s.ended[j.ID] {
		return
	}
	s.ended[j.ID] = true
	s.endedRing = append(s.endedRing, j.ID)
	if len(s.endedRing) > rememberDone {
		delete(s.ended, s.endedRing[0])
		s.endedRing = slices.Clone(s.endedRing[1:])
	}
}

// record writes to the log until it is durable; a printer that runs ahead of
// its journal could print a number twice unmarked. It returns false when the
// spool is being closed meanwhile.
func (s *Spool) record(write func(context.Context) error) bool {
	for {
		err := write(s.ctx)
		if err == nil {
			s.logRefused = false
			return true
		}
		if s.ctx.Err() != nil {
			return false
		}
		if !s.logRefused {
			s.log.Error("print step not recorded, printing stops", "err", err)
		}
		s.logRefused, s.detail = true, err.Error()
		s.publish()
		c, stop := s.opts.Clock.After(logRetryAfter)
		select {
		case <-c:
		case <-s.ctx.Done():
			stop()
			return false
		}
		stop()
	}
}

// publish makes the health of now the one that Status returns.
func (s *Spool) publish() {
	now := s.opts.Clock.Now()
	h := Health{Connected: s.link != nil, Sent: len(s.sent), Detail: s.detail, Left: s.left()}
	for _, j := range s.held {
		h.Unknown = append(h.Unknown, j.ID)
	}
	s.mu.Lock()
	h.Queued = len(s.queue)
	closing, old := s.closing, s.health
	s.mu.Unlock()
	h.Status, h.Heard = old.Status, old.Heard
	if s.link != nil {
		h.Status, h.Heard = s.link.status, s.link.heardAt
	}
	switch {
	case closing:
		h.Code = HealthClosed
	case s.logRefused:
		h.Code = HealthJournal
	case s.link == nil && (!s.everTried || s.detail == ""):
		h.Code = HealthConnecting
		if readyCode(old.Code) && s.detail == "" && s.everTried {
			h.Code = old.Code // closed for idleness: nothing is wrong
		}
	case s.link == nil:
		h.Code = HealthUnreachable
	case !s.link.greeted:
		h.Code = old.Code
		if old.Code == HealthUnreachable && s.link.heardAt.IsZero() {
			h.Code = HealthConnecting
		}
	case s.garbled:
		h.Code = HealthGarbled
	case s.link.dumb, s.link.stuck:
		h.Code = HealthOffline
	case !s.link.spoke && s.link.portOut:
		h.Code = HealthPaperOut
	case s.link.heardAt.IsZero():
		h.Code = HealthSilent
	default:
		h.Code = HealthOK
		if s.link.spoke {
			h.Code = statusCode(s.link.status)
		}
		if h.Code == HealthOK && s.unproven >= noProofAfter {
			h.Code = HealthNoProof
		}
	}
	switch low := s.low(); {
	case low && (h.Code == HealthOK || h.Code == HealthSilent || h.Code == HealthNoProof):
		h.Code = HealthPaperLow // the one of them that somebody can do something about now
	case !low && s.link == nil && h.Code == HealthPaperLow && h.Status.Paper != printer.PaperLow:
		h.Code = HealthOK
	}
	h.Since = old.Since
	if h.Code != old.Code {
		h.Since = now
	}
	s.mu.Lock()
	s.health = h
	s.mu.Unlock()
	if !h.same(old) {
		h.Unknown = slices.Clone(h.Unknown)
		s.opts.OnHealth(h)
	}
}
