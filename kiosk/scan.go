package kiosk

import (
	"context"
	"strconv"
	"time"

	"motcua/kiosk/scanner"
	"motcua/kiosk/scans"
	"motcua/queue"
)

const (
	standingEvery = 20 * time.Second // one paper per slip in this time says how its number stands
	strangeMost   = 5 * time.Minute  // the longest pause between two papers for unknown codes
)

// Scan takes a code that was scanned: a receipt or an appointment gets its
// number as a press does, an ID card's age class waits for the next number, a
// slip's holder is told how it stands. It returns at once.
func (k *Kiosk) Scan(c scanner.Code) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.scanned++
	if !k.gives() || k.o.Ask == nil {
		return // the lamps say so already
	}
	key := k.o.Panel.Boot() + "/scan-" + strconv.FormatUint(k.scanned, 10)
	select {
	case k.jobs <- func(ctx context.Context) { k.scan(ctx, key, c) }:
	default:
		k.o.Logger.Warn("scan dropped: the queue of presses is full", "kind", c.Kind)
	}
}

func (k *Kiosk) scan(ctx context.Context, key string, c scanner.Code) {
	k.mu.Lock()
	language, class, at := k.chosen(time.Now()), k.claim(time.Now()), k.hall.Scanner
	shown := !k.ready
	k.mu.Unlock()
	a, err := k.o.Ask(ctx, c, at)
	if err != nil {
		k.refuse("", language, err)
		return
	}
	if a.Command == nil {
		k.answer(a, language)
		return
	}
	command := a.For(class)
	if shown {
		command = withoutSlip(command)
	}
	r, err := k.o.Do(ctx, queue.Request{Actor: k.o.ScanActor, Role: queue.Kiosk, Key: key, SlipLanguage: language, Command: command})
	if err != nil {
		k.refuse("", language, err)
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.language, k.class = "", ""
	k.answered.strange = 0
	k.lamps()
	for _, rec := range r.Records {
		if e, ok := rec.Event.(queue.TicketIssued); ok {
			k.printingFor(Button(e.Category), queue.TicketID(rec.Seq))
		}
	}
	k.changed()
}

// withoutSlip is a command that gives out a number, with the number on the
// screen beside the panel instead of a slip.
func withoutSlip(c queue.Command) queue.Command {
	switch c := c.(type) {
	case queue.Issue:
		c.Shown = true
		return c
	case queue.CheckIn:
		c.Shown = true
		return c
	}
	return c
}

// answered is what was answered to scans without a number, and when.
type answered struct {
	slips   map[queue.TicketID]time.Time // standing papers
	last    time.Time                    // any other paper
	strange int                          // papers for unknown codes since one that was known
	heard   time.Time                    // the last unknown code
}

// answer tells the holder of a code that gets no number.
func (k *Kiosk) answer(a scans.Ask, language string) {
	k.mu.Lock()
	now := time.Now()
	tell := false
	switch a.Kind {
	case scanner.IDCard:
		k.answered.strange = 0
		k.class, k.claimed = a.Class, now
		if k.hasCategories() {
			k.invited() // the lamps say: choose
		} else {
			tell = k.answered.after(now, refusalEvery)
		}
	case scanner.Ticket:
		k.answered.strange = 0
		tell = k.answered.standing(a.Ticket, now)
	default:
		// A cable that hums must not print a roll empty.
		if now.Sub(k.answered.heard) >= strangeMost {
			k.answered.strange = 0
		}
		if tell = k.answered.after(now, min(refusalEvery<<min(k.answered.strange/2, 8), strangeMost)); tell {
			k.answered.strange++
		}
		k.answered.heard = now
	}
	k.mu.Unlock()
	if tell && k.o.Answered != nil {
		k.o.Answered(a, language)
	}
}

// after reports whether the last paper is so long ago that there may be another.
func (a *answered) after(now time.Time, pause time.Duration) bool {
	if !a.last.IsZero() && now.Sub(a.last) < pause {
		return false
	}
	a.last = now
	return true
}

// standing does the same for each slip; slips of another day are one.
func (a *answered) standing(id queue.TicketID, now time.Time) bool {
	for other, at := range a.slips {
		if now.Sub(at) >= standingEvery {
			delete(a.slips, other)
		}
	}
	if _, told := a.slips[id]; told {
		return false
	}
	if a.slips == nil {
		a.slips = map[queue.TicketID]time.Time{}
	}
	a.slips[id] = now
	return true
}

// claim is the class to claim with the next ticket; it needs mu.
func (k *Kiosk) claim(now time.Time) queue.ClassID {
	if now.Sub(k.claimed) > classHeld {
		k.class = ""
	}
	return k.class
}

// hasCategories reports whether there is a category's button to press now; it
// needs mu.
func (k *Kiosk) hasCategories() bool {
	for _, b := range k.o.Panel.Buttons() {
		for _, c := range k.hall.Categories {
			if string(c) == string(b) {
				return true
			}
		}
	}
	return false
}

// invited has the lamps of all open categories blink for a moment; it needs mu.
func (k *Kiosk) invited() {
	k.uninvite()
	var t *time.Timer
	t = time.AfterFunc(printingLamp, func() {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.invite == t {
			k.uninvite()
			k.lamps()
		}
	})
	k.invite = t
	k.lamps()
}

// uninvite ends that; it needs mu.
func (k *Kiosk) uninvite() {
	if k.invite != nil {
		k.invite.Stop()
		k.invite = nil
	}
}

// noPanel is the panel of a kiosk that has a scanner alone: its boot.
type noPanel string

func (noPanel) Run(ctx context.Context, _ func(Press), _ func(Fault, bool)) error {
	<-ctx.Done()
	return nil
}
func (noPanel) SetLamp(Button, Lamp) {}
func (noPanel) Buttons() []Button    { return nil }
func (p noPanel) Boot() string       { return string(p) }

var _ Panel = noPanel("")
