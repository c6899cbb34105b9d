package main

import (
	"encoding/json"
	"fmt"
	"testing"

	"motcua/internal/browsertest"
)

// TestCentreInTheBrowser is a newcomer's first five minutes: a button pressed
// on the demonstration desk, the paper coming out, the number called from a
// console by keyboard and seen on two walls; then the daemon is killed and
// started again, and both walls show the same board.
func TestCentreInTheBrowser(t *testing.T) {
	data := t.TempDir()
	p := start(t, data)
	b := browsertest.Start(t)
	desk, console := b.Tab(t, 1440, 900), b.Tab(t, 1366, 768)
	walls := []*browsertest.Tab{b.Tab(t, 1920, 1080), b.Tab(t, 1080, 1920)}

	for _, w := range walls {
		w.Open(p.base + "/display?lang=vi")
	}
	console.Open(p.base + "/console/1?lang=vi")
	desk.Open(p.base + "/demo?lang=vi")

	desk.Wait(`document.querySelectorAll('.panel button, .keys button').length >= 10`)
	browsertest.Eval[bool](desk, `(() => { const k = [...document.querySelectorAll('button')].find(b => b.textContent.includes('Chứng thực')); k.click(); return true })()`)
	desk.Wait(`[...document.images].some(i => i.src.includes('/demo/paper/') && i.complete && i.naturalWidth === 576)`)
	desk.Wait(`document.body.textContent.includes('A001')`) // the journal's tape

	console.Wait(`document.body.textContent.includes('A001')`)
	press(console, "m", `document.body.textContent.includes('Quầy mở từ')`) // open the counter
	press(console, "g", `document.body.textContent.includes('Đang gọi')`)   // call next
	for i, w := range walls {
		w.Wait(`document.querySelector('#hero-label').textContent === 'A001'`)
		if got := browsertest.Eval[string](w, `document.querySelector('#hero-counter').textContent`); got != "1" {
			t.Errorf("wall %d shows counter %q", i, got)
		}
	}

	// What every wall shows, less the clock and the state of the link.
	shown := func(w *browsertest.Tab) string {
		v := browsertest.Eval[json.RawMessage](w, `(() => ({
			hero: document.querySelector('#hero-label').textContent + '→' + document.querySelector('#hero-counter').textContent,
			recent: [...document.querySelectorAll('#recent li')].map(l => l.textContent.trim()),
			lanes: [...document.querySelectorAll('#lanes tbody tr')].map(r => [...r.cells].slice(1).map(c => c.textContent.trim())),
			soon: [...document.querySelectorAll('#soon li')].map(l => l.textContent),
		}))()`)
		return string(v)
	}
	before := shown(walls[0])
	address := p.base[len("http://"):]
	p.kill()
	for _, w := range walls {
		w.Wait(`document.querySelector('#link').textContent.includes('Mất kết nối')`)
		w.Problems() // the lost socket is no fault of the page
	}
	desk.Problems()
	console.Problems()

	p = start(t, data, "--listen", address)
	for i, w := range walls {
		w.Wait(`document.querySelector('#link').textContent.includes('Đã kết nối')`)
		w.Problems()
		if after := shown(w); i == 0 && after != before {
			t.Errorf("the board changed:\nbefore %s\nafter  %s", before, after)
		}
	}
	console.Wait(`document.body.textContent.includes('Đang gọi')`)
	console.Problems()
	desk.Problems()
	press(console, "b", `document.body.textContent.includes('Đang phục vụ')`) // start serving goes on where it was
	var board struct {
		Board struct {
			Counters []struct{ Label string }
		}
	}
	p.get("/api/v1/board", &board)
	if got := fmt.Sprint(board.Board.Counters[0].Label); got != "A001" {
		t.Errorf("counter 1 serves %q", got)
	}
	for _, tab := range append(walls, desk, console) {
		tab.Open("about:blank") // or it reports the daemon that has gone
		tab.Problems()
	}
	p.stop()
}

// press presses a key until the page shows what it is to do. A console takes no
// key within 600 ms of a change of its screen, so that nobody acts on what they
// have not seen, and on a busy machine a change comes when it likes. A key whose
// work is done does nothing.
func press(tab *browsertest.Tab, key, shown string) {
	for range 10 {
		browsertest.Eval[bool](tab, `new Promise((done) => setTimeout(() => done(true), 650))`)
		tab.Keys(key)
		if browsertest.Eval[bool](tab, `new Promise((done) => {
			const until = Date.now() + 1500;
			const look = () => `+shown+` ? done(true) : Date.now() > until ? done(false) : setTimeout(look, 50);
			look();
		})`) {
			return
		}
	}
	tab.Wait(shown)
}
