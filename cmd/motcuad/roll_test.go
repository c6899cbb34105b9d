package main

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"motcua/internal/browsertest"
)

// picture keeps what a tab shows when -gallery names a folder.
func picture(tab *browsertest.Tab, name string) {
	if *gallery != "" {
		tab.Save(*gallery, name+".png")
	}
}

// accessible fails the test for every rule of WCAG 2.2 AA that the page breaks,
// as far as a machine can see them.
func accessible(t *testing.T, tab *browsertest.Tab, what string) {
	t.Helper()
	axe, err := os.ReadFile("../../internal/web/testdata/axe/axe.min.js")
	if err != nil {
		t.Fatal(err)
	}
	browsertest.Eval[bool](tab, string(axe)+"; true")
	for _, v := range browsertest.Eval[[]string](tab, `axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa']})
		.then(r => r.violations.flatMap(v => v.nodes.map(n => v.id + ': ' + v.help + ': ' + n.html.slice(0, 160))))`) {
		t.Errorf("%s: %s", what, v)
	}
	if wide := browsertest.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`); wide {
		t.Errorf("%s is wider than its window", what)
	}
	if small := browsertest.Eval[[]string](tab, `[...document.querySelectorAll('.roll button, .roll select, .roll input:not([type=hidden]):not([type=checkbox]), .roll summary')]
		.filter(e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.outerHTML.slice(0, 80))`); len(small) > 0 {
		t.Errorf("%s: too small for a finger: %q", what, small)
	}
}

// TestRollMorning is a whole morning with a pre-printed roll in real Chromium:
// the first number typed, numbers torn off and handed out, a typing mistake,
// the call on the wall, the end.
func TestRollMorning(t *testing.T) {
	p := start(t, t.TempDir())
	b := browsertest.Start(t)
	wall, tab := b.Tab(t, 1920, 1080), b.Tab(t, 1366, 768)
	wall.Open(p.base + "/display?lang=vi")
	tab.Open(p.base + "/roll?lang=vi")
	live := `document.querySelector('#link').textContent.includes('Đã kết nối')`
	tab.Wait(live)
	accessible(t, tab, "no roll yet")
	picture(tab, "roll-none")
	fill := func(form, number, more string) {
		browsertest.Eval[bool](tab, fmt.Sprintf(`(() => { const f = document.querySelector('form[data-form="%s"]'); const d = f.closest('details'); if (d) d.open = true; f.elements.number.focus(); f.elements.number.value = ''; %s; return true })()`, form, more))
		tab.Keys(number + "\r") // by keyboard alone
	}
	said := func(words string) {
		t.Helper()
		tab.Wait(fmt.Sprintf(`document.querySelector('#said').textContent.includes(%q)`, words))
	}
	fill("start/", "57", `f.elements.category.value = 'A'`)
	tab.Wait(`document.querySelector('.hand .next b').textContent === '57'`)
	said("57")

	// Two digits were wrong: it is a roll of three.
	browsertest.Eval[bool](tab, `document.querySelector('form[data-form="end/A"] button').click() || true`)
	tab.Wait(`!document.querySelector('.hand')`)
	if got := browsertest.Eval[string](tab, `document.querySelector('form[data-form="start/"]').elements.number.value`); got != "57" {
		t.Errorf("the page suggests %q, want where the roll stood", got)
	}
	fill("start/", "057", `f.elements.category.value = 'A'`)
	tab.Wait(`document.querySelector('.hand .next b').textContent === '057'`)
	fill("torn/A", "63", ``)
	said("057")
	tab.Wait(`document.querySelectorAll('.given li').length === 7 && document.querySelector('.hand .next b').textContent === '064'`)
	browsertest.Eval[bool](tab, `document.querySelector('form[data-form="hand/A"] button').click() || true`)
	said("064")
	accessible(t, tab, "a roll in use")
	picture(tab, "roll-in-use")

	// A number that does not fit says so, keeps what was typed, and gives out nothing.
	fill("torn/A", "963", ``)
	tab.Wait(`document.querySelector('#problem') && document.querySelector('form[data-form="torn/A"]').elements.number.value === '963'`)
	accessible(t, tab, "a refusal")
	picture(tab, "roll-refused")
	fill("torn/A", "083", ``)
	said("083")
	fill("back/A", "065", ``)
	said("066")
	tab.Wait(`document.querySelector('.hand .next b').textContent === '066'`)

	// What somebody types stays while the hall goes on.
	browsertest.Eval[bool](tab, `(() => { const x = document.querySelector('form[data-form="torn/A"]').elements.number; x.focus(); return true })()`)
	tab.Keys("07")
	must[actedOn](p, "/counters/3/open", "")
	if got := must[actedOn](p, "/counters/3/next", "{}").Ticket.Label; got != "057" {
		t.Fatalf("called %q, want 057", got)
	}
	wall.Wait(`document.querySelector('#hero-label').textContent === '057' && document.querySelector('#hero-counter').textContent === '3'`)
	picture(wall, "roll-wall")
	tab.Wait(`[...document.querySelectorAll('.given li')].some(l => l.dataset.state === 'called' && l.textContent.includes('057'))`)
	if got := browsertest.Eval[string](tab, `document.activeElement.name + document.activeElement.value`); got != "number07" {
		t.Errorf("in the field stands %q, want what was typed", got)
	}

	tab.Size(390, 844)
	for _, lang := range []string{"vi", "en", "de"} {
		tab.Open(p.base + "/roll?lang=" + lang)
		accessible(t, tab, "phone "+lang)
		picture(tab, "roll-phone-"+lang)
	}
	for _, problem := range append(tab.Problems(), wall.Problems()...) {
		if !strings.Contains(problem, "422") { // the refusal above
			t.Error(problem)
		}
	}
}
