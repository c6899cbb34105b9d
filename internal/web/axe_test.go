package web_test

import (
	_ "embed"
	"strings"
	"testing"
	"time"

	"motcua/internal/browsertest"
	"motcua/internal/staff"
	"motcua/queue"
)

// axe is axe-core 4.14.1, unchanged; its licence lies beside it.
//
//go:embed testdata/axe/axe.min.js
var axe string

// checkAxe fails the test for every rule of WCAG 2.2 AA, as far as a machine
// can see them, that the page breaks.
func checkAxe(t *testing.T, tab *browsertest.Tab, what string) {
	t.Helper()
	browsertest.Eval[bool](tab, axe+"; true")
	for _, v := range browsertest.Eval[[]string](tab, `axe.run(document, {iframes: false, runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa']})
		.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + v.help + ': ' + n.html.slice(0, 160))))`) {
		t.Errorf("%s: %s", what, v)
	}
}

func TestStaffFacesAreAccessible(t *testing.T) {
	br := browsertest.Start(t)
	for mode, hold := range map[string]func(d *staff.Desk){
		"free":    func(*staff.Desk) {},
		"called":  func(d *staff.Desk) { current(d, queue.Called) },
		"serving": func(d *staff.Desk) { visit(current(d, queue.Serving)) },
		"propose": func(d *staff.Desk) { k := current(d, queue.Called); k.Calls, k.ProposeNoShow = 3, true },
		"closed":  func(d *staff.Desk) { d.Counter.State = queue.CounterIsClosed },
	} {
		d := busyDesk()
		d.Devices = []staff.Device{{Kind: "printer", Code: "paper_out"}}
		rich(d)
		hold(d)
		d.Undo.Until = ago(-time.Hour)
		f := newFakeCentre(t, d, consolePage)
		tab := br.Tab(t, 1366, 768)
		for _, lang := range []string{"vi", "en"} {
			tab.Size(1366, 768)
			tab.Open(f.URL + "/console/3?lang=" + lang)
			tab.Wait(`!!document.querySelector('[data-link="live"]')`)
			checkAxe(t, tab, strings.Join([]string{"console", mode, lang, "desk"}, " "))
			tab.Size(390, 844)
			checkAxe(t, tab, strings.Join([]string{"console", mode, lang, "phone"}, " "))
		}
		tab.Size(1366, 768)
		for _, key := range map[string]string{"serving": "cse?", "free": "knxa"}[mode] {
			tab.Keys(string(key))
			tab.Wait(`!!document.querySelector('.sheet')`)
			checkAxe(t, tab, "console "+mode+" key "+string(key))
			tab.Keys("\x1b")
			tab.Wait(`!document.querySelector('.sheet')`)
		}
	}
	for _, lang := range []string{"vi", "en"} {
		f := newFakeCentre(t, demoState(), demoPage(t))
		tab := br.Tab(t, 1366, 768)
		tab.Open(f.URL + "/demo?lang=" + lang)
		tab.Wait(`!!document.querySelector('.demo[data-link="live"]')`)
		checkAxe(t, tab, "demo "+lang)
		tab.Size(390, 844)
		checkAxe(t, tab, "demo "+lang+" phone")
	}
}
