package door

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"motcua/internal/doorway"
	"motcua/kiosk"
	"motcua/printer/spool"
	"motcua/queue"
)

const (
	answerWithin = doorway.Beat + 2*time.Second // for a question that is held
	againWithin  = time.Second                  // for the second try, before the link counts as lost
	pressWithin  = 5 * time.Second              // for one try to take a number or record a step
	retryEvery   = 500 * time.Millisecond
	backoffMin   = 250 * time.Millisecond
	backoffMax   = 2 * time.Second
	otherWait    = 30 * time.Second // between questions while another kiosk has our place
)

// Options are what a Door is made of. Centre and Panel are required.
type Options struct {
	Centre *Client
	Panel  kiosk.Panel
	// Printer starts the spool of the kiosk's printer; nil: it has none, and
	// takes no press.
	Printer func(log spool.Log, health func(spool.Health)) *spool.Spool
	// PairingSlip is what the paper with a pairing code says; nil: none.
	PairingSlip func(code string, until time.Time) Paper
	Version     string
	Logger      *slog.Logger
}

// Door is a kiosk at another door. Make it with New, let it work with Run.
type Door struct {
	o     Options
	log   *slog.Logger
	kiosk *kiosk.Kiosk
	spool *spool.Spool // nil without a printer
	slips slips

	mu      sync.Mutex // protects all below
	status  Status
	codeAt  time.Time     // when a pairing code was last printed
	pressed chan struct{} // while it is not paired: somebody wants the code on paper
	turned  time.Time     // when the talk with the centre last went on
	helpers sync.WaitGroup
}

// silent is how long the talk with the centre may stand still: longer than any
// pause in it.
const silent = 60 * time.Second

// Alive reports whether the door works, whatever its link does; who asks may
// end the process.
func (d *Door) Alive() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return time.Since(d.turned) < silent
}

func (d *Door) turn() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.turned = time.Now()
}

// Link says whether the centre answers.
type Link string

// The states of a link. They reach the status page as they stand here.
const (
	LinkUp       Link = "up"
	LinkDown     Link = "no_link"
	LinkUnpaired Link = "not_paired"
	LinkOther    Link = "other_kiosk"
)

// Status is a door at one moment, for its status page and its service manager.
type Status struct {
	Link   Link      `json:"link"`
	Since  time.Time `json:"since"`
	Detail string    `json:"detail,omitempty"` // why the link is down
	// Code pairs this kiosk; "" when it is paired or has none yet.
	Code    string        `json:"pairing_code,omitempty"`
	Expires time.Time     `json:"pairing_code_expires,omitzero"`
	Printer string        `json:"printer"`
	Faults  []kiosk.Fault `json:"faults,omitempty"`
}

// New makes a door whose lamps say that it has no link yet.
func New(o Options) *Door {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	d := &Door{o: o, log: o.Logger, pressed: make(chan struct{}, 1), turned: time.Now(),
		status: Status{Link: LinkDown, Since: time.Now(), Printer: doorway.PrinterAbsent}}
	d.kiosk = kiosk.New(kiosk.Options{
		Panel: o.Panel, Pressed: func(kiosk.Press) { d.noticePress() }, Do: d.take, AskFor: doorway.AskFor,
		NewRef:  func() queue.Ref { return queue.Ref{} }, // the centre draws it
		Refused: d.refused, Logger: o.Logger.With("part", "panel"),
	})
	d.kiosk.SetLink(false)
	d.kiosk.SetPrinter(false)
	d.slips.door = d
	d.slips.orders = map[queue.TicketID]queue.Seq{}
	return d
}

// Run works until ctx ends; then the slip on its way comes out.
func (d *Door) Run(ctx context.Context) error {
	if d.o.Printer != nil {
		d.spool = d.o.Printer(&d.slips, d.printerHealth)
		d.printerHealth(d.spool.Status())
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	d.helpers.Go(func() { d.follow(ctx) })
	err := d.kiosk.Run(ctx)
	cancel()
	d.helpers.Wait()
	if d.spool != nil {
		err = errors.Join(err, d.spool.Close())
	}
	return err
}

// Status returns the door as it is now.
func (d *Door) Status() Status {
	faults := d.kiosk.State().Faults
	d.mu.Lock()
	defer d.mu.Unlock()
	s := d.status
	s.Faults = faults
	return s
}

// printerHealth runs on the spool's goroutine.
func (d *Door) printerHealth(h spool.Health) {
	d.kiosk.SetPrinter(h.Ready())
	d.mu.Lock()
	defer d.mu.Unlock()
	d.status.Printer = string(h.Code)
}

// setLink tells lamps and log; the centre's last word on the hall stays.
func (d *Door) setLink(l Link, why error) {
	d.mu.Lock()
	was := d.status
	d.status.Detail = ""
	if why != nil {
		d.status.Detail = why.Error()
	}
	if l != was.Link {
		d.status.Link, d.status.Since = l, time.Now()
	}
	if l != LinkUnpaired {
		d.status.Code, d.status.Expires = "", time.Time{}
	}
	detail := d.status.Detail
	d.mu.Unlock()
	d.kiosk.SetLink(l == LinkUp)
	switch {
	case l == was.Link && (l == LinkUp || was.Detail != ""):
	case l == LinkUp:
		d.log.Info("the centre answers")
	default:
		d.log.Warn("no link to the centre: no press is taken", "link", string(l), "err", detail)
	}
}

// follow keeps asking the centre until ctx ends.
func (d *Door) follow(ctx context.Context) {
	tag, backoff := "", backoffMin
	for ctx.Err() == nil {
		d.turn()
		a, err := d.ask(ctx, tag, answerWithin)
		if err != nil && tag != "" && passing(err) && !errors.Is(err, ErrNotPaired) && !errors.Is(err, ErrOtherKiosk) {
			// One connection that breaks is no lost link: a daemon closes
			// those it finds idle.
			d.o.Centre.Forget()
			a, err = d.ask(ctx, "", againWithin)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			d.slips.apply(a)
			d.kiosk.SetHall(kiosk.Hall{Point: a.Point, Languages: a.Languages, Categories: a.Categories})
			d.setLink(LinkUp, nil)
			tag, backoff = a.Tag, backoffMin
			continue
		case errors.Is(err, ErrNotPaired):
			tag = ""
			d.setLink(LinkUnpaired, err)
			d.pair(ctx)
			continue
		case errors.Is(err, ErrOtherKiosk):
			tag = ""
			d.setLink(LinkOther, err)
			pause(ctx, otherWait)
			continue
		}
		tag = ""
		d.setLink(LinkDown, err)
		d.o.Centre.Forget()
		pause(ctx, backoff)
		backoff = min(2*backoff, backoffMax)
	}
}

func (d *Door) ask(ctx context.Context, tag string, within time.Duration) (doorway.Answer, error) {
	s := d.Status()
	q := doorway.Question{Boot: d.o.Panel.Boot(), After: tag,
		Health: doorway.Health{Printer: s.Printer, Version: d.o.Version}}
	if d.spool != nil {
		q.Health.Queued = d.spool.Status().Queued
	}
	for _, f := range s.Faults {
		q.Health.Faults = append(q.Health.Faults, doorway.Fault{Button: string(f.Button), Code: f.Code})
	}
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	return d.o.Centre.question(ctx, q)
}

// take asks for a number until the centre has answered or ctx ends; the key is
// the press's, so that however often it is asked there is one ticket.
func (d *Door) take(ctx context.Context, r queue.Request) (queue.Result, error) {
	for {
		try, cancel := context.WithTimeout(ctx, pressWithin)
		id, err := d.o.Centre.issue(try, r.Key, r.Command.(queue.Issue).Category, r.SlipLanguage)
		cancel()
		switch {
		case err == nil:
			return queue.Result{Records: []queue.Record{{Seq: queue.Seq(id)}}}, nil
		case !passing(err), errors.Is(err, ErrNotPaired), errors.Is(err, ErrOtherKiosk):
			return queue.Result{}, err
		}
		if !pause(ctx, retryEvery) {
			d.log.Warn("press given up: the centre did not answer in time", "key", r.Key, "err", err)
			return queue.Result{}, err
		}
	}
}

// pause reports whether all of d has passed before ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
