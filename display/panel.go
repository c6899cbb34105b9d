package display

import (
	"slices"
	"time"

	"motcua/queue"
)

// Panel is what the screen beside the buttons shows.
type Panel struct {
	Centre    Centre         `json:"centre"`
	Languages []string       `json:"languages"`
	Point     string         `json:"point"`
	Open      bool           `json:"open"`    // the business day
	Numbers   []PanelNumber  `json:"numbers"` // just given out without a slip, oldest first, at most 8
	Buttons   []PanelSection `json:"buttons"` // what the panel gives numbers for
}

// PanelNumber is a number somebody in front of the panel is to remember.
type PanelNumber struct {
	Label    string      `json:"label"`
	Category queue.Text  `json:"category"`
	Area     queue.Text  `json:"area,omitempty"`     // where to wait
	Counters []int       `json:"counters,omitempty"` // that may call it
	Ahead    int         `json:"ahead"`
	Counter  int         `json:"counter,omitempty"` // where it was called to already
	Slot     queue.Stamp `json:"slot,omitempty"`    // of the appointment it came to in time
	Until    queue.Stamp `json:"until"`             // so long it stands there

	Ref queue.Ref `json:"-"` // of the link, which is its holder's alone
}

// PanelSection is a category with a button.
type PanelSection struct {
	Category string     `json:"category"`
	Name     queue.Text `json:"name"`
	Closed   *Closed    `json:"closed,omitempty"`
}

const (
	// PanelHold is how long a number stands on the screen beside the buttons:
	// time to read it, and to point a phone at its code.
	PanelHold    = 20 * time.Second
	panelNumbers = 8
)

// NewPanel projects the screen beside the buttons of a service point; an empty
// point is the centre's first. shown says of a ticket that its number is to be
// read there. The result shares no memory with the state.
func NewPanel(s *queue.State, point queue.PointID, now queue.Stamp, clockOK bool, shown func(*queue.Ticket) bool) Panel {
	p := Panel{Numbers: []PanelNumber{}, Buttons: []PanelSection{}}
	cfg := s.Config
	if cfg == nil {
		return p
	}
	if point == "" {
		point = cfg.Points[0].ID
	}
	p.Centre, p.Languages, p.Point, p.Open = centre(cfg), cfg.Languages, string(point), s.Day.Open
	for i := range cfg.Categories {
		c := &cfg.Categories[i]
		if c.Panel && cfg.Offered(c.ID, point) {
			p.Buttons = append(p.Buttons, PanelSection{Category: string(c.ID), Name: c.Name, Closed: closed(s, c.ID, point, now, clockOK)})
		}
	}
	lanes, _ := lanes(s, point, now)
	for i := len(s.Tickets) - 1; i >= 0 && len(p.Numbers) < panelNumbers; i-- {
		t := &s.Tickets[i]
		until := t.SlipSince.Add(PanelHold)
		if t.TakenAt != point || until <= now || t.State.Over() || !shown(t) {
			continue
		}
		n := PanelNumber{Label: t.Label, Ahead: s.View().Ahead(t, now), Slot: t.Slot, Until: until, Ref: t.Ref}
		if c := cfg.Category(t.Category); c != nil {
			n.Category, n.Area = c.Name, c.Area
		}
		for _, l := range lanes {
			if l.Category == string(t.Category) {
				n.Counters = l.Counters
			}
		}
		if d := cfg.Desk(t.Counter); d != nil && t.State.Held() {
			n.Counter = d.Number
		}
		p.Numbers = append(p.Numbers, n)
	}
	slices.Reverse(p.Numbers)
	return p
}
