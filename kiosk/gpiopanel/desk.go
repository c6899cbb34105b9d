package gpiopanel

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"motcua/kiosk"
)

// cableWindow and cableButtons tell a cable from people: this many buttons
// within this time are never fingers.
const (
	cableWindow  = 5 * time.Millisecond
	cableButtons = 3
)

// desk sees all contacts together and decides what is a press. It belongs to
// Run's goroutine and has no lock.
type desk struct {
	lines []button
	cable bool // a cable fault stands: no press from anywhere
	open  map[faultID]kiosk.Fault

	press func(line int, at time.Time)
	fault func(kiosk.Fault, bool)
}

// button is what the desk knows of one contact.
type button struct {
	name  kiosk.Button
	state buttonState
	at    time.Time // closing, held, closed: when the contact first closed
}

type buttonState int

const (
	released buttonState = iota
	closing              // falling was seen; down or calm follows within 55 ms
	held                 // down, but others closing in the same moment may make it a cable
	closed               // down, and decided
)

type faultID struct {
	button kiosk.Button
	code   string
}

func (d *desk) handle(e event) {
	b := &d.lines[e.line]
	switch e.kind {
	case falling:
		b.state, b.at = closing, e.at
	case calm:
		b.state = released
	case down:
		b.state, b.at = held, e.at
	case up:
		b.state = released
		d.clear(faultID{button: b.name, code: kiosk.FaultStuck})
		d.endCable()
	case stuck:
		if !d.cable { // closed for a reason that is reported already
			d.raise(faultID{button: b.name, code: kiosk.FaultStuck}, kiosk.Fault{
				Msg:  "the button has been down for over 10 s; it gives no ticket until it is released",
				Hint: "free the button; if it is not jammed, look for a short circuit in its wire",
			})
		}
	case ioFault:
		// Unknown is not closed: the contact says up when it is well.
		b.state = released
		d.clear(faultID{button: b.name, code: kiosk.FaultStuck})
		d.endCable()
		msg, hint := explain(e.err, "the line of the button", hintLine)
		d.raise(faultID{button: b.name, code: kiosk.FaultIO}, kiosk.Fault{Msg: msg, Hint: hint})
	case ioWell:
		d.clear(faultID{button: b.name, code: kiosk.FaultIO})
	case lampFault:
		msg, hint := explain(e.err, "the line of the lamp", hintLine)
		d.raise(faultID{button: b.name, code: kiosk.FaultLamp}, kiosk.Fault{Msg: msg, Hint: hint + "; the button itself works"})
	case lampWell:
		d.clear(faultID{button: b.name, code: kiosk.FaultLamp})
	}
	d.decide()
}

// What to do where an error says nothing of it.
const (
	hintLine    = "see with `gpioinfo` whether another program holds the line, then look at the cable to the chip that has it; it works again by itself"
	hintService = "see the service's log and restart it"
)

// explain says what an error of something means, and what to do: in the
// problem's own words where it has some.
func explain(err error, what, other string) (msg, hint string) {
	if p := (*Problem)(nil); errors.As(err, &p) {
		return what + ": " + p.Error(), p.Hint
	}
	return what + " fails: " + err.Error(), other
}

// decide settles every held button that can be settled now. A press is held
// only while enough others are closing within the window to make it a cable,
// so an ordinary press passes at once.
func (d *desk) decide() {
	for i := range d.lines {
		b := &d.lines[i]
		if b.state != held {
			continue
		}
		if d.cable {
			b.state = closed
			continue
		}
		sure, possible := d.together(b.at)
		switch {
		case len(sure) >= cableButtons:
			d.cable = true
			names := make([]string, len(sure))
			for n, j := range sure {
				names[n] = string(d.lines[j].name)
			}
			d.raise(faultID{code: kiosk.FaultCable}, kiosk.Fault{
				Msg:  fmt.Sprintf("%d buttons went down in one moment (%s); the panel gives no tickets until all are released", len(sure), strings.Join(names, ", ")),
				Hint: "look at the panel's plug and cable: a wire to ground is shorted or the common wire is loose",
			})
			d.decide() // the others that are held are decided by it
			return
		case possible >= cableButtons:
			// Wait for those that are closing.
		default:
			b.state = closed
			d.press(i, b.at)
		}
	}
}

// together looks at every window that has the time at in it and returns the
// buttons that are surely down in the fullest one, and how many may be in the
// fullest one when those that are closing are counted too.
func (d *desk) together(at time.Time) (sure []int, possible int) {
	for i := range d.lines {
		from := d.lines[i].at // a fullest window begins at a button
		if d.lines[i].state == released || from.After(at) || at.Sub(from) > cableWindow {
			continue
		}
		var in []int
		n := 0
		for j := range d.lines {
			b := &d.lines[j]
			if b.state == released || b.at.Before(from) || b.at.Sub(from) > cableWindow {
				continue
			}
			n++
			if b.state != closing {
				in = append(in, j)
			}
		}
		possible = max(possible, n)
		if len(in) > len(sure) {
			sure = in
		}
	}
	return sure, possible
}

// endCable ends a cable fault when no button is down any more.
func (d *desk) endCable() {
	if !d.cable {
		return
	}
	for i := range d.lines {
		if s := d.lines[i].state; s == held || s == closed {
			return
		}
	}
	d.cable = false
	d.clear(faultID{code: kiosk.FaultCable})
}

// raise reports a fault unless it stands already.
func (d *desk) raise(id faultID, f kiosk.Fault) {
	if _, stands := d.open[id]; stands {
		return
	}
	f.Button, f.Code = id.button, id.code
	d.open[id] = f
	d.fault(f, false)
}

// clear ends a fault if it stands.
func (d *desk) clear(id faultID) {
	if f, stands := d.open[id]; stands {
		delete(d.open, id)
		d.fault(f, true)
	}
}
