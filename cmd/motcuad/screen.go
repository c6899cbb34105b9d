package main

import (
	"slices"

	"motcua/display"
	"motcua/internal/config"
	"motcua/internal/httpapi"
	"motcua/printer"
	"motcua/queue"
)

// showsNumbers reports whether the screen beside the panel shows numbers that
// have no slip.
func (d *Daemon) showsNumbers() bool {
	return d.machine.Panel.WithoutPaper == config.ScreenWithoutPaper
}

// takesOnScreen are the entries of those who stand in front of a machine.
func takesOnScreen(t *queue.Ticket) bool {
	switch t.Entry {
	case queue.EntryPanel, queue.EntryKiosk, queue.EntryReceipt, queue.EntryAppointment:
		return !t.Reprint
	}
	return false
}

// panelView is what the page beside the panel shows; on the loop.
func (d *Daemon) panelView(s *queue.State, point queue.PointID) httpapi.PanelView {
	if point == "" {
		point = d.machine.Panel.Point
	}
	ready := d.printerReady()
	v := httpapi.PanelView{State: httpapi.PanelPress}
	v.Panel = display.NewPanel(s, point, queue.StampOf(d.clock.Now()), d.clock.OK(), func(t *queue.Ticket) bool {
		if !d.showsNumbers() || !takesOnScreen(t) {
			return false
		}
		switch t.Slip {
		case queue.SlipIsFailed, queue.SlipIsUnknown:
			return true
		case queue.SlipIsQueued, queue.SlipIsSending:
			return !ready
		}
		return false
	})
	gives := func(b display.PanelSection) bool { return b.Closed == nil }
	switch {
	case !v.Open, len(v.Buttons) > 0 && !slices.ContainsFunc(v.Buttons, gives):
		v.State = httpapi.PanelClosed
	case !ready && !d.showsNumbers():
		v.State = httpapi.PanelNoPaper
	case !ready:
		v.State = httpapi.PanelShows
	}
	for _, x := range d.devices() {
		if x.Kind == "panel" && v.State != httpapi.PanelClosed {
			v.State = httpapi.PanelNoButtons
		}
	}
	for _, n := range v.Numbers {
		c, err := printer.NewLinkCode(d.links.URL(s.Day.ID, n.Ref))
		if err != nil {
			d.log.Warn("code of a number not drawn", "err", err)
		}
		v.Codes = append(v.Codes, httpapi.PanelCode(c))
	}
	return v
}
