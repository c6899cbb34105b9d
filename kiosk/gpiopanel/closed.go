package gpiopanel

import (
	"periph.io/x/conn/v3/gpio"

	"motcua/kiosk"
)

// Closed lists the buttons whose contact is closed at this very moment, bounces
// and all: for people who test the wiring, not for presses. It may be called
// while Run runs, which is when the lines are configured. A line that is not
// there, or answers with an error, reads Low too and is left out.
func (p *Panel) Closed() []kiosk.Button {
	var closed []kiosk.Button
	for _, l := range p.lines {
		if l.In == nil || l.In.Read() == gpio.High || l.Check != nil && l.Check() != nil {
			continue
		}
		closed = append(closed, l.Button)
	}
	return closed
}
