package web_test

import (
	"os"
	"testing"
	"time"

	"motcua/internal/browsertest"
	"motcua/internal/staff"
	"motcua/queue"
)

func TestShots(t *testing.T) {
	dir := os.Getenv("MOTCUA_PICTURES")
	if dir == "" {
		t.Skip()
	}
	br := browsertest.Start(t)
	lang := os.Getenv("SHOT_LANG")
	if lang == "" {
		lang = "vi"
	}
	for name, c := range map[string]struct {
		hold func(d *staff.Desk)
		keys string
	}{
		"free-undo":  {func(d *staff.Desk) {}, ""},
		"legs":       {func(d *staff.Desk) { visit(current(d, queue.Serving)) }, ""},
		"propose":    {func(d *staff.Desk) { k := current(d, queue.Called); k.Calls, k.ProposeNoShow = 3, true }, ""},
		"claim":      {func(d *staff.Desk) {}, "x"},
		"pause":      {func(d *staff.Desk) {}, "n"},
		"pause2":     {func(d *staff.Desk) {}, "n2"},
		"direct":     {func(d *staff.Desk) {}, "k"},
		"legsdialog": {func(d *staff.Desk) { visit(current(d, queue.Serving)) }, "e"},
		"dossiers":   {func(d *staff.Desk) { current(d, queue.Serving) }, "s"},
		"rebook":     {func(d *staff.Desk) {}, "a"},
		"keys":       {func(d *staff.Desk) {}, "?"},
		"paused": {func(d *staff.Desk) {
			d.Counter.State, d.Counter.Pause, d.Counter.Until = queue.CounterIsPaused, queue.PauseLunch, ago(-25*time.Minute)
		}, ""},
	} {
		if only := os.Getenv("SHOT"); only != "" && only != name {
			continue
		}
		d := busyDesk()
		rich(d)
		c.hold(d)
		f := newFakeCentre(t, d, consolePage)
		tab := br.Tab(t, 1366, 768)
		tab.Open(f.URL + "/console/3?lang=" + lang)
		tab.Wait(`!!document.querySelector('[data-link="live"]')`)
		if name == "free-undo" {
			f.change(func() { d.Undo.Until = ago(-9 * time.Second) })
		}
		for _, k := range c.keys {
			tab.Keys(string(k))
			tab.Wait(`!!document.querySelector('[role=dialog]')`)
		}
		tab.Save(dir, name+".png")
		tab.Size(390, 844)
		tab.Save(dir, name+"-phone.png")
	}
}
