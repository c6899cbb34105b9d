package setup

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"motcua/internal/auth"
	"motcua/internal/config"
	"motcua/internal/web"
	"motcua/kiosk"
	"motcua/printer"
	"motcua/queue"
)

// The steps, in the order they are asked. They are addresses below /setup and
// stand in the file.
const (
	stepLanguage   = "language"
	stepCode       = "code"
	stepHall       = "hall"
	stepCentre     = "centre"
	stepTemplate   = "template"
	stepCategories = "categories"
	stepCounters   = "counters"
	stepSkills     = "skills"
	stepHours      = "hours"
	stepPanel      = "panel"
	stepPrinter    = "printer"
	stepReview     = "review"
)

var steps = []string{stepLanguage, stepCode, stepHall, stepCentre, stepTemplate, stepCategories,
	stepCounters, stepSkills, stepHours, stepPanel, stepPrinter, stepReview}

// Cookie holds the token of a browser that gave the code. Once the centre is
// there, the same token is the first access to it.
const Cookie = "motcua_setup"

const (
	doorsOpen  = 4               // browsers that may answer side by side
	doorOpen   = 7 * 24 * 3600   // seconds a browser keeps its token
	lampTried  = 6 * time.Second // how long a lamp is lit to be looked at
	pressedNow = 3 * time.Second // a press this young is the last one
)

// PrintState is where a trial slip stands.
type PrintState string

const (
	PrintNone    PrintState = ""
	PrintWaiting PrintState = "waiting" // for the printer
	PrintDone    PrintState = "done"    // taken by a printer that does not confirm
	PrintProved  PrintState = "proved"  // confirmed by the printer
	PrintFailed  PrintState = "failed"
	PrintUnknown PrintState = "unknown" // nobody knows whether it came out
)

// Printer is the ticket printer as the wizard tries it.
type Printer interface {
	// Code says how it is, in the words of package spool; "absent" when none
	// is configured. Ready: a slip would come out now.
	Code() (code string, ready bool)
	// Try prints a slip that is no number.
	Try(s printer.Slip) error
	// Tried is what became of the last one.
	Tried() PrintState
	// Width of its paper in dots.
	Width() int
}

// Panel is the button panel as the wizard tries it.
type Panel interface {
	// Faults are what is wrong with it now.
	Faults() []kiosk.Fault
	// Light sets lamps; what is not named is dark.
	Light(map[kiosk.Button]kiosk.Lamp)
}

// Options is what a Wizard works with. Panel may be nil: none is wired.
type Options struct {
	Dir  string // data folder
	Web  *web.Web
	Do   func(ctx context.Context, r queue.Request) (queue.Result, error)
	Read func(ctx context.Context, f func(*queue.State)) error
	// Admit lets a browser's token in as a supervisor, from now on and after a
	// restart. Again with the same token it does nothing.
	Admit func(ctx context.Context, tokenSHA256 string) (actor string, err error)
	// Paired names the device paired for a counter.
	Paired  func(ctx context.Context) (map[queue.CounterID]string, error)
	Printer Printer
	Panel   Panel
	Buttons []config.Button // of the panel, as motcua.toml has them
	Clock   interface {
		OK() bool
		Confirm()
		Now() time.Time
	}
	// Here is where a browser of the same network finds this machine, such as
	// "http://192.168.1.20:8480".
	Here   func() string
	Logger *slog.Logger
}

// Wizard is the first run of one centre. It is safe for concurrent use.
type Wizard struct {
	o     Options
	log   *slog.Logger
	tries tries
	over  atomic.Bool
	ended chan struct{} // closed when over
	ready chan struct{} // the printer was reached
	once  sync.Once

	mu      sync.Mutex // protects below
	p       progress
	trial   bool                       // a slip was asked for by this process's visitors
	printed bool                       // the code is on paper
	lit     map[kiosk.Button]time.Time // lamps tried by hand, and until when
	last    kiosk.Press                // the newest press
}

// New reads how far the answers are, or draws a code and begins. Of a centre
// that is there already it removes what was kept.
func New(o Options, wanted bool) (*Wizard, error) {
	w := &Wizard{o: o, log: o.Logger, ended: make(chan struct{}), ready: make(chan struct{}, 1), lit: map[kiosk.Button]time.Time{}}
	if !wanted {
		w.End()
		return w, Forget(o.Dir)
	}
	p, err := load(o.Dir)
	if errors.Is(err, ErrNone) {
		p = progress{Code: newCode()}
		err = p.save(o.Dir)
	}
	if err != nil {
		return nil, err
	}
	w.p = p
	return w, nil
}

// Wanted reports whether there is no centre yet.
func (w *Wizard) Wanted() bool { return !w.over.Load() }

// Here is where a browser of the same network finds this machine.
func (w *Wizard) Here() string { return w.o.Here() }

// End says that there is a centre, by whatever way it came. It returns at once.
func (w *Wizard) End() {
	w.once.Do(func() {
		w.over.Store(true)
		close(w.ended)
	})
}

// Run looks after lamps, prints the code once the printer is reached and, when
// there is a centre, removes what was kept. It returns then, or when ctx ends.
func (w *Wizard) Run(ctx context.Context) error {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	w.light()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			w.light()
		case <-w.ready:
			w.printCode()
		case <-w.ended:
			if w.o.Panel != nil {
				w.o.Panel.Light(nil)
			}
			return Forget(w.o.Dir)
		}
	}
}

// light shows on the panel what was pressed and what is tried by hand.
func (w *Wizard) light() {
	if w.o.Panel == nil {
		return
	}
	w.mu.Lock()
	lamps := map[kiosk.Button]kiosk.Lamp{}
	for _, b := range w.p.Draft.Pressed {
		lamps[kiosk.Button(b)] = kiosk.LampReady
	}
	now := time.Now()
	for b, until := range w.lit {
		if now.Before(until) {
			lamps[b] = kiosk.LampPrinting
		} else {
			delete(w.lit, b)
		}
	}
	w.mu.Unlock()
	w.o.Panel.Light(lamps)
}

// Pressed tells the wizard of a press on the real panel.
func (w *Wizard) Pressed(p kiosk.Press) {
	if !w.Wanted() {
		return
	}
	w.mu.Lock()
	w.last = p
	fresh := !slices.Contains(w.p.Draft.Pressed, string(p.Button))
	if fresh {
		w.p.Draft.Pressed = append(w.p.Draft.Pressed, string(p.Button))
	}
	w.mu.Unlock()
	if fresh {
		w.light()
	}
}

// PrinterReady tells the wizard that a slip would come out now. It returns at
// once.
func (w *Wizard) PrinterReady() {
	select {
	case w.ready <- struct{}{}:
	default:
	}
}

// printCode prints the code, once for each start of the daemon.
func (w *Wizard) printCode() {
	w.mu.Lock()
	code, done := w.p.Code, w.printed
	w.mu.Unlock()
	if done || !w.Wanted() {
		return
	}
	if err := w.o.Printer.Try(w.codeSlip(code)); err != nil {
		w.log.Warn("setup code not printed", "err", err)
		return
	}
	w.mu.Lock()
	w.printed = true
	w.mu.Unlock()
	w.log.Info("setup code printed") // and never what it is
}

// codeSlip is in Vietnamese with English below: nobody has chosen a language.
func (w *Wizard) codeSlip(code string) printer.Slip {
	say := func(key string) string { return w.o.Web.Text("vi", key, nil) }
	return printer.Slip{
		Unit: "motcua", Centre: say("setup.slip.head"), Category: Spaced(code),
		Rows:   []printer.Row{{Label: say("setup.slip.open"), Value: strings.TrimPrefix(w.o.Here(), "http://") + "/setup"}},
		Link:   w.o.Here() + "/setup",
		Issued: []printer.Line{{Text: say("setup.slip.scan")}},
		Notice: say("setup.slip.foot") + " " + w.o.Web.Text("en", "setup.slip.foot", nil),
	}
}

// door reports whether the request's browser gave the code.
func (w *Wizard) door(r *http.Request) bool {
	c, err := r.Cookie(Cookie)
	if err != nil || c.Value == "" {
		return false
	}
	sum := []byte(auth.TokenHash(c.Value))
	found := 0
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, d := range w.p.Doors {
		found |= subtle.ConstantTimeCompare(sum, []byte(d))
	}
	return found == 1
}

// openDoor lets the browser in that gave the code.
func (w *Wizard) openDoor(rw http.ResponseWriter, r *http.Request) error {
	token, sum := auth.NewToken()
	w.mu.Lock()
	w.p.Doors = append(w.p.Doors, sum)
	if len(w.p.Doors) > doorsOpen {
		w.p.Doors = w.p.Doors[len(w.p.Doors)-doorsOpen:]
	}
	err := w.answered(stepLanguage, stepCode)
	w.mu.Unlock()
	if err != nil {
		return err
	}
	http.SetCookie(rw, &http.Cookie{Name: Cookie, Value: token, Path: "/setup", MaxAge: doorOpen,
		HttpOnly: true, Secure: r.TLS != nil, SameSite: http.SameSiteStrictMode})
	return nil
}

// answered notes steps and keeps the answers; it needs mu.
func (w *Wizard) answered(done ...string) error {
	for _, s := range done {
		if !slices.Contains(w.p.Draft.Answered, s) {
			w.p.Draft.Answered = append(w.p.Draft.Answered, s)
		}
	}
	return w.p.save(w.o.Dir)
}

// next is the first step without an answer.
func (d *Draft) next() string {
	for _, s := range steps {
		if !slices.Contains(d.Answered, s) {
			return s
		}
	}
	return stepReview
}

// reached reports whether a step may be shown: all before it are answered.
func (d *Draft) reached(step string) bool {
	return slices.Index(steps, step) <= slices.Index(steps, d.next())
}

// draft is a copy of what has been answered, for a page to be drawn from.
func (w *Wizard) draft() Draft {
	w.mu.Lock()
	defer w.mu.Unlock()
	d := w.p.Draft
	d.Answered, d.Pressed = slices.Clone(d.Answered), slices.Clone(d.Pressed)
	return d
}

// change makes an answer durable, unless somebody else has changed something
// since the page was drawn.
func (w *Wizard) change(rev int, step string, next Draft) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if rev != w.p.Draft.Rev {
		return errElsewhere
	}
	next.Rev = rev + 1
	next.Pressed = w.p.Draft.Pressed
	before := w.p.Draft
	w.p.Draft = next
	if err := w.answered(step); err != nil {
		w.p.Draft = before
		return err
	}
	return nil
}

// errElsewhere: another browser, or another page of this one, was faster.
var errElsewhere = errors.New("the answers were changed elsewhere")

// apply makes the centre. The browser's token is let in first: a power cut in
// between leaves a key without a house, and not a house without a key.
func (w *Wizard) apply(ctx context.Context, token string) error {
	d := w.draft()
	c, err := d.Config(w.o.Buttons)
	if err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(token))
	actor, err := w.o.Admit(ctx, hex.EncodeToString(sum[:]))
	if err != nil {
		return fmt.Errorf("let the first browser in: %w", err)
	}
	_, err = w.o.Do(ctx, queue.Request{Actor: actor, Role: queue.Supervisor, Key: "setup/" + hex.EncodeToString(sum[:8]), Command: queue.ApplyConfig{Config: c}})
	if err != nil {
		return err
	}
	w.log.Info("centre set up", "centre", c.Centre.ID, "by", actor)
	w.End()
	return nil
}
