package kiosk

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"motcua/kiosk/scanner"
	"motcua/kiosk/scans"
	"motcua/queue"
)

const (
	pressEvery   = 1500 * time.Millisecond // one press per button in this time counts (trust.md §9)
	printingLamp = 3 * time.Second         // at most, once there is a number; shorter when the slip is out
	languageHeld = 20 * time.Second        // a chosen language waits this long for its ticket
	refusalEvery = 5 * time.Second         // one paper without a number per button in this time
	classHeld    = 20 * time.Second        // what an ID card lets somebody claim waits this long for its ticket
	pressQueue   = 32
)

// Options is what a Kiosk works with. All functions but Do and NewRef may be nil.
type Options struct {
	Panel Panel  // nil: there is a scanner alone
	Actor string // device id in the journal, such as "panel:main"
	// Do asks for a number; it returns when the number is durable.
	Do func(ctx context.Context, r queue.Request) (queue.Result, error)
	// AskFor is how long after a press its number is asked for, then Do's
	// context ends; 0 for as long as it takes.
	AskFor time.Duration
	// NewRef draws the random part of a ticket's link.
	NewRef func() queue.Ref
	// Refused is told of a press that gave no number, at most once per button
	// in five seconds, so that paper or voice can say why.
	Refused func(c queue.CategoryID, refusal *queue.Error, language string)
	// ScanActor is the scanner's device id in the journal, such as "scanner:main".
	ScanActor string
	// Ask says what a scanned code asks for at a service point; nil: there is no
	// scanner.
	Ask func(ctx context.Context, c scanner.Code, at queue.PointID) (scans.Ask, error)
	// Answered is told what was scanned and got no number, so that paper or voice
	// can answer; how often is limited as for Refused.
	Answered func(a scans.Ask, language string)
	// Changed is told that State would answer something new. It must return at
	// once and must not call the kiosk.
	Changed func()
	// Faulted is told that a fault of the panel began or ended; State has it
	// then. It must return at once and must not call the kiosk.
	Faulted func()
	// Pressed is told of every press, also of one that asks for nothing. It
	// must return at once.
	Pressed func(Press)
	// Screen beside the panel shows numbers: without a ready printer a press
	// gives one all the same, and no slip of it comes out by itself.
	Screen bool
	Logger *slog.Logger
}

// Hall is what a panel must know of the centre.
type Hall struct {
	Point      queue.PointID      // service point the panel stands at; "" = the centre's first
	Scanner    queue.PointID      // the one its scanner stands at; "" = the centre's first
	Languages  []string           // the hall's order, first one first
	Categories []queue.CategoryID // whose buttons give a number now; all others are dark
}

// State is what a panel says of itself, for a face that draws it.
type State struct {
	Language string // chosen for the next slip; "" = the hall's first
	Faults   []Fault
}

// Kiosk makes a ticket out of a press: the lamp answers at once, the command
// follows, the paper comes from the print spool when the number is durable.
// Without a ready printer and without a screen it takes no press: a number
// nobody holds in their hand helps nobody, so all lamps send people to the greeter.
type Kiosk struct {
	o    Options
	jobs chan func(context.Context) // presses and scans, in their order

	mu       sync.Mutex // protects all below
	hall     Hall
	trying   map[Button]Lamp             // lamps set by hand; nil: they follow the hall
	ready    bool                        // the printer would print
	linked   bool                        // the centre answers
	language string                      // chosen for the next ticket
	until    time.Time                   // and how long
	forget   *time.Timer                 // the choice ends when it fires; nil: nobody chose yet
	last     map[Button]time.Time        // last press that counted
	refused  map[Button]time.Time        // last refusal that was told
	asking   map[Button]bool             // a press of it has no answer yet; its lamp blinks
	printing map[Button]queue.TicketID   // lamp blinks until this slip is out
	blink    map[Button]*time.Timer      // … or until this fires
	faults   map[Button]map[string]Fault // standing faults of the panel
	class    queue.ClassID               // claimed with the next ticket
	claimed  time.Time                   // and since when
	invite   *time.Timer                 // the categories' lamps blink until it fires; nil: they don't
	scanned  uint64                      // scans since the kiosk was made
	answered answered
}

// New returns a kiosk that knows no hall yet: all its lamps stay dark.
func New(o Options) *Kiosk {
	if o.Panel == nil {
		o.Panel = noPanel(NewBoot())
	}
	return &Kiosk{o: o, jobs: make(chan func(context.Context), pressQueue), ready: true, linked: true,
		last: map[Button]time.Time{}, refused: map[Button]time.Time{}, asking: map[Button]bool{}, printing: map[Button]queue.TicketID{},
		blink: map[Button]*time.Timer{}, faults: map[Button]map[string]Fault{}}
}

// Run watches the panel until ctx ends. Numbers are asked for one after the
// other, in the order of the presses.
func (k *Kiosk) Run(ctx context.Context) error {
	var worker sync.WaitGroup
	worker.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case job := <-k.jobs:
				job(ctx)
			}
		}
	})
	err := k.o.Panel.Run(ctx, k.press, k.fault)
	worker.Wait()
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, t := range k.blink {
		t.Stop()
	}
	if k.forget != nil {
		k.forget.Stop()
	}
	k.uninvite()
	return err
}

// press runs on the panel's goroutine and must not wait.
func (k *Kiosk) press(p Press) {
	if k.o.Pressed != nil {
		k.o.Pressed(p)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.trying != nil {
		return
	}
	now := time.Now()
	if last, ok := k.last[p.Button]; ok && now.Sub(last) < pressEvery {
		return
	}
	k.last[p.Button] = now
	for _, l := range k.hall.Languages {
		if l == string(p.Button) && k.linked {
			k.language, k.until = l, now.Add(languageHeld)
			if k.forget != nil {
				k.forget.Stop()
			}
			k.forget = time.AfterFunc(languageHeld, k.forgotten)
			k.lamps()
			k.changed()
			return
		}
	}
	if !k.gives() || !k.linked || k.asking[p.Button] {
		return // the lamps say so already
	}
	select {
	case k.jobs <- func(ctx context.Context) { k.issue(ctx, p, now) }:
		if k.invite != nil {
			k.uninvite()
			k.lamps()
		}
		k.quieten(p.Button) // of the slip before
		k.asking[p.Button] = true
		k.o.Panel.SetLamp(p.Button, LampPrinting)
	default:
		k.o.Logger.Warn("press dropped: the queue of presses is full", "button", p.Button)
	}
}

// forgotten shows that a language nobody used is chosen no more.
func (k *Kiosk) forgotten() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.lamps()
	k.changed()
}

// printingFor has a button's lamp blink for a slip; it needs mu.
func (k *Kiosk) printingFor(b Button, id queue.TicketID) {
	k.printing[b] = id
	k.o.Panel.SetLamp(b, k.lamp(b, k.chosen(time.Now())))
	if t := k.blink[b]; t != nil {
		t.Stop()
	}
	k.blink[b] = time.AfterFunc(printingLamp, func() { k.quiet(b, id) })
}

// issue asks for a number of a press that was taken at a time.
func (k *Kiosk) issue(ctx context.Context, p Press, at time.Time) {
	if k.o.AskFor > 0 {
		within, cancel := context.WithDeadline(ctx, at.Add(k.o.AskFor))
		defer cancel()
		ctx = within
	}
	k.mu.Lock()
	language, class, point := k.chosen(time.Now()), k.claim(time.Now()), k.hall.Point
	shown := !k.ready
	k.mu.Unlock()
	r, err := k.o.Do(ctx, queue.Request{
		Actor: k.o.Actor, Role: queue.Kiosk, Key: p.Key(k.o.Panel.Boot()), SlipLanguage: language,
		Command: queue.Issue{Category: queue.CategoryID(p.Button), Point: point, Class: class, Entry: queue.EntryPanel, Ref: k.o.NewRef(), Shown: shown},
	})
	k.mu.Lock()
	delete(k.asking, p.Button)
	k.mu.Unlock()
	if err != nil {
		k.refuse(p.Button, language, err)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.language, k.class = "", ""
	if len(r.Records) > 0 {
		k.printingFor(p.Button, queue.TicketID(r.Records[0].Seq))
	}
	k.lamps()
	k.changed()
}

func (k *Kiosk) refuse(b Button, language string, err error) {
	var refusal *queue.Error
	if !errors.As(err, &refusal) {
		refusal = &queue.Error{Code: queue.Unavailable, Reason: queue.WhyNotStored, Err: err}
	}
	k.o.Logger.Info("press refused", "button", b, "code", refusal.Code, "reason", refusal.Reason)
	k.mu.Lock()
	k.lamps()
	last, told := k.refused[b]
	tell := !told || time.Since(last) >= refusalEvery
	if tell {
		k.refused[b] = time.Now()
	}
	k.mu.Unlock()
	if tell && k.o.Refused != nil {
		k.o.Refused(queue.CategoryID(b), refusal, language)
	}
}

// fault runs on the panel's goroutine.
func (k *Kiosk) fault(f Fault, cleared bool) {
	if cleared {
		k.o.Logger.Info("panel fault cleared", "button", f.Button, "code", f.Code)
	} else {
		k.o.Logger.Warn("panel fault", "button", f.Button, "code", f.Code, "msg", f.Msg, "hint", f.Hint)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.faults[f.Button] == nil {
		k.faults[f.Button] = map[string]Fault{}
	}
	if cleared {
		delete(k.faults[f.Button], f.Code)
	} else {
		k.faults[f.Button][f.Code] = f
	}
	k.lamps()
	k.changed()
	if k.o.Faulted != nil {
		k.o.Faulted()
	}
}

// SetHall tells the kiosk what the centre gives numbers for. It is called
// after every change and returns at once.
func (k *Kiosk) SetHall(h Hall) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.hall = h
	k.lamps()
}

// gives reports whether a number would reach its holder: on paper, or on the
// screen beside the panel. It needs mu.
func (k *Kiosk) gives() bool { return k.ready || k.o.Screen }

// SetPrinter tells the kiosk whether a slip would be printed now.
func (k *Kiosk) SetPrinter(ready bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.ready != ready {
		k.ready = ready
		k.lamps()
		k.changed()
	}
}

// Try sets the lamps by hand, for somebody who tests the panel: what is not
// named is dark, and a press asks for no number. Try(nil) ends it.
func (k *Kiosk) Try(lamps map[Button]Lamp) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.trying = lamps
	k.lamps()
}

// SetLink tells a kiosk at another door whether its centre answers. Without it
// no press is taken and all lamps say so.
func (k *Kiosk) SetLink(up bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.linked != up {
		k.linked = up
		k.lamps()
		k.changed()
	}
}

// Printed tells the kiosk that a slip is out, so its lamp may rest.
func (k *Kiosk) Printed(id queue.TicketID) {
	k.mu.Lock()
	var done Button
	for b, t := range k.printing {
		if t == id {
			done = b
		}
	}
	k.mu.Unlock()
	if done != "" {
		k.quiet(done, id)
	}
}

// quiet ends a button's blinking for a slip.
func (k *Kiosk) quiet(b Button, id queue.TicketID) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.printing[b] == id {
		k.quieten(b)
		k.lamps()
	}
}

// quieten forgets the slip a button's lamp blinks for; it needs mu.
func (k *Kiosk) quieten(b Button) {
	if t := k.blink[b]; t != nil {
		t.Stop()
		delete(k.blink, b)
	}
	delete(k.printing, b)
}

// State tells what a face of the panel shows.
func (k *Kiosk) State() State {
	k.mu.Lock()
	defer k.mu.Unlock()
	s := State{Language: k.chosen(time.Now())}
	for _, b := range append([]Button{""}, k.o.Panel.Buttons()...) {
		for _, code := range []string{FaultAbsent, FaultCable, FaultStuck, FaultIO, FaultLamp} {
			if f, ok := k.faults[b][code]; ok {
				s.Faults = append(s.Faults, f)
			}
		}
	}
	return s
}

// chosen needs mu.
func (k *Kiosk) chosen(now time.Time) string {
	if k.language != "" && !now.Before(k.until) {
		k.language = ""
	}
	return k.language
}

// lamps sets every lamp; it needs mu.
func (k *Kiosk) lamps() {
	language := k.chosen(time.Now())
	for _, b := range k.o.Panel.Buttons() {
		k.o.Panel.SetLamp(b, k.lamp(b, language))
	}
}

func (k *Kiosk) lamp(b Button, language string) Lamp {
	if k.trying != nil {
		if l, ok := k.trying[b]; ok {
			return l
		}
		return LampOff
	}
	if !k.linked {
		return LampNoLink
	}
	if _, printing := k.printing[b]; printing || k.asking[b] {
		return LampPrinting
	}
	if _, stuck := k.faults[b][FaultStuck]; stuck {
		return LampOff
	}
	if _, broken := k.faults[b][FaultIO]; broken {
		return LampOff
	}
	if _, loose := k.faults[""][FaultCable]; loose || !k.gives() {
		return LampFault
	}
	for i, l := range k.hall.Languages {
		if l == string(b) {
			if l == language || language == "" && i == 0 {
				return LampReady
			}
			return LampOff
		}
	}
	for _, c := range k.hall.Categories {
		switch {
		case string(c) != string(b):
		case k.invite != nil:
			return LampPrinting
		default:
			return LampReady
		}
	}
	return LampOff
}

func (k *Kiosk) changed() {
	if k.o.Changed != nil {
		k.o.Changed()
	}
}
