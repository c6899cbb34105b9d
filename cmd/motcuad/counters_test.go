package main

import (
	"testing"

	"motcua/internal/browsertest"
)

// TestChooseCounter is an officer's way to the desk: the counters with what
// happens at them, live, and a digit that chooses.
func TestChooseCounter(t *testing.T) {
	p := start(t, t.TempDir())
	tab := browsertest.Start(t).Tab(t, 1366, 768)
	tab.Open(p.base + "/console?lang=vi")
	tab.Wait(`document.querySelectorAll('.seat').length === 7 && document.querySelector('#link').textContent.includes('Đã kết nối')`)
	must[takenTicket](p, "/tickets", `{"category":"A"}`)
	tab.Wait(`document.querySelector('.seat[data-key="3"] .waiting b').textContent === '1'`)
	must[actedOn](p, "/counters/3/open", "")
	label := must[actedOn](p, "/counters/3/next", "{}").Ticket.Label
	tab.Wait(`document.querySelector('.seat[data-key="3"]').dataset.state === 'open' && document.querySelector('.seat[data-key="3"] .now').textContent.includes('` + label + `')`)
	if wide := browsertest.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`); wide {
		t.Error("the page is wider than its window")
	}
	if strange := tab.StrangeFonts("main"); len(strange) > 0 {
		t.Errorf("letters of strange fonts: %v", strange)
	}
	// Where the digit leads is asked of the click: a wait ends with its page.
	browsertest.Eval[bool](tab, `document.addEventListener('click', (e) => { window.chosen = e.target.closest('a').pathname; e.preventDefault(); }) || true`)
	tab.Keys("3")
	tab.Wait(`window.chosen === '/console/3'`)
	for _, problem := range tab.Problems() {
		t.Error(problem)
	}
}
