package kiosk

import "time"

// Lamp is what the light of a button says. The values reach configuration
// files and browser pages as they stand here and are never renamed.
type Lamp string

// The one language of lights for all panels.
const (
	// LampReady is steady light: a press gives a ticket.
	LampReady Lamp = "ready"
	// LampOff is dark: the category is closed, its quota is gone or the button
	// is out of order.
	LampOff Lamp = "off"
	// LampPrinting blinks fast, four times a second: the press is accepted and
	// the slip is on its way. It begins dark, because it follows LampReady and
	// must be seen at once.
	LampPrinting Lamp = "printing"
	// LampFault blinks slowly, once a second, on all buttons together: no paper,
	// no printer or the panel's cable is loose, ask the greeter.
	LampFault Lamp = "fault"
	// LampNoLink flashes twice every three seconds, on all buttons together:
	// this kiosk cannot reach its centre.
	LampNoLink Lamp = "no_link"
)

// The times of the patterns.
const (
	printingHalf = 125 * time.Millisecond  // 4 blinks a second
	faultHalf    = 500 * time.Millisecond  // 1 blink a second
	flash        = 100 * time.Millisecond  // short enough to read as a flash, long enough for a filament
	noLinkPeriod = 3000 * time.Millisecond // one double flash
)

// Lamps lists every lamp, in the order of their declaration.
func Lamps() []Lamp {
	return []Lamp{LampReady, LampOff, LampPrinting, LampFault, LampNoLink}
}

// Valid reports whether l is one of the lamps declared here.
func (l Lamp) Valid() bool {
	switch l {
	case LampReady, LampOff, LampPrinting, LampFault, LampNoLink:
		return true
	}
	return false
}

// At reports whether the light is on when d has passed since the pattern
// began, and after what time it changes next. A next of 0 means never: the
// pattern is steady. A lamp that is not [Lamp.Valid] is dark for ever; a d
// below 0 counts as 0.
func (l Lamp) At(d time.Duration) (on bool, next time.Duration) {
	d = max(d, 0)
	switch l {
	case LampReady:
		return true, 0
	case LampPrinting:
		return d/printingHalf%2 == 1, printingHalf - d%printingHalf
	case LampFault:
		return d/faultHalf%2 == 0, faultHalf - d%faultHalf
	case LampNoLink:
		d %= noLinkPeriod
		if d < 3*flash { // on, off, on, then dark to the end of the period
			return d/flash%2 == 0, flash - d%flash
		}
		return false, noLinkPeriod - d
	}
	return false, 0
}
