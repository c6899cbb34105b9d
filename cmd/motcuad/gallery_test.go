package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"motcua/internal/browsertest"
	"motcua/kiosk"
)

var (
	gallery = flag.String("gallery", "", "write pictures of the demonstration office for the README into this `folder`")
	phones  = flag.String("phones", "", "write pictures of the page behind the slip's code in all its states into this `folder`")
)

// maxPicture keeps the README quick to load, in bytes.
const maxPicture = 300_000

// must sends a command that has to succeed and decodes its answer.
func must[T any](p *process, path, body string) T {
	p.t.Helper()
	var raw json.RawMessage
	status, err := p.post(path, "", body, &raw)
	if err != nil || status >= 300 {
		p.t.Fatalf("POST %s %s: %d %s %v", path, body, status, raw, err)
	}
	var v T
	if err := json.Unmarshal(raw, &v); err != nil {
		p.t.Fatalf("POST %s: %v in %s", path, err, raw)
	}
	return v
}

type (
	takenTicket struct {
		ID    int
		Label string
		Link  string
	}
	actedOn struct {
		Ticket struct {
			ID    int
			Label string
		}
	}
)

// TestGallery drives the real daemon through the same small morning each time
// and looks at it with the eyes of all its people.
func TestGallery(t *testing.T) {
	if *gallery == "" {
		t.Skip("no folder given with -gallery")
	}
	p := start(t, t.TempDir())
	b := browsertest.Start(t)
	slips := 2 // the two below
	take := func(category string, n int) {
		slips += n
		for range n {
			must[takenTicket](p, "/tickets", `{"category":"`+category+`","slip_language":"vi"}`)
		}
	}
	take("A", 9)
	take("B", 6)
	take("C", 4)
	take("D", 3)
	take("F", 2)
	take("R", 5)
	take("T", 2)
	priority := must[takenTicket](p, "/tickets", `{"category":"B","class":"priority","slip_language":"vi"}`)
	mine := must[takenTicket](p, "/tickets", `{"category":"A","slip_language":"vi"}`)
	for k := range 7 {
		must[actedOn](p, fmt.Sprintf("/counters/%d/open", k+1), "")
	}
	serve := func(counter int, whole bool) {
		at := fmt.Sprintf("/counters/%d/", counter)
		body := fmt.Sprintf(`{"ticket":%d}`, must[actedOn](p, at+"next", "{}").Ticket.ID)
		must[actedOn](p, at+"start", body)
		if whole {
			must[actedOn](p, at+"finish", body)
		}
	}
	for _, k := range []int{1, 4, 7, 3, 2} {
		serve(k, true)
	}
	for _, k := range []int{4, 5, 6, 7, 2, 1} {
		serve(k, false)
	}
	parked := must[actedOn](p, "/counters/3/next", "{}").Ticket.ID
	must[actedOn](p, "/counters/3/start", fmt.Sprintf(`{"ticket":%d}`, parked))
	must[actedOn](p, "/counters/3/park", fmt.Sprintf(`{"ticket":%d}`, parked))

	desk := b.Tab(t, 1280, 760)
	desk.Media("prefers-reduced-motion", "reduce") // of the wall in it: no half-faded number
	desk.Open(p.base + "/display/basic")           // until all is printed
	browsertest.Eval[bool](desk, fmt.Sprintf(`(async () => { while (!(await fetch('/demo/paper/%d.png')).ok) await new Promise((f) => setTimeout(f, 100)); return true })()`, slips))
	desk.Problems() // asking before it was there
	desk.Open(p.base + "/demo?lang=vi")
	desk.Wait(`document.querySelector('.demo[data-link="live"]')`)
	press := func(name string) {
		desk.Wait(`[...document.querySelectorAll('button')].some(b => b.textContent.includes('` + name + `') && !b.disabled)`)
		browsertest.Eval[bool](desk, `(() => { [...document.querySelectorAll('button')].find(b => b.textContent.includes('`+name+`')).click(); return true })()`)
	}
	// A button pressed on the desk, its slip, and the call on all screens.
	press("Chứng thực")
	desk.Wait(`[...document.images].some(i => i.src.includes('/demo/paper/') && i.complete && i.naturalWidth === 576)`)
	wall, portrait := b.Tab(t, 1920, 1080), b.Tab(t, 1080, 1920)
	console, phone, choose := b.Tab(t, 1366, 768), b.Tab(t, 390, 844), b.Tab(t, 1366, 768)
	for _, w := range []*browsertest.Tab{wall, portrait} {
		w.Media("prefers-reduced-motion", "reduce")
		w.Open(p.base + "/display?lang=vi")
	}
	called := must[actedOn](p, "/counters/3/next", "{}").Ticket
	for _, w := range []*browsertest.Tab{wall, portrait} {
		w.Wait(`document.querySelector('#hero-label').textContent === '` + called.Label + `'`)
		w.Wait(`document.querySelector('#link').textContent.includes('Đã kết nối')`)
	}
	console.Open(p.base + "/console/3?lang=vi")
	console.Wait(`document.querySelector('[data-link="live"]') && document.body.textContent.includes('` + called.Label + `')`)
	phone.Open(mine.Link + "?lang=vi")
	phone.Wait(`document.body.dataset.link === 'live'`)
	choose.Open(p.base + "/console?lang=vi")
	choose.Wait(`document.querySelector('#link').textContent.includes('Đã kết nối')`)
	desk.Wait(`document.body.textContent.includes('` + called.Label + `')`)
	if priority.Label == "" || mine.Label == "" {
		t.Error("a number without a label")
	}
	for name, tab := range map[string]*browsertest.Tab{"wall": wall, "wall-portrait": portrait, "console": console,
		"demo": desk, "phone": phone, "counters": choose, "setup": firstPanel(t, b)} {
		save(t, *gallery, name, tab)
		for _, problem := range tab.Problems() {
			t.Errorf("%s: %s", name, problem)
		}
	}
}

// firstPanel is a new centre's first run, at the button panel, half of whose
// buttons have been pressed.
func firstPanel(t *testing.T, b *browsertest.Browser) *browsertest.Tab {
	f := newFirstRun(t)
	v := f.ready()
	tab := b.Tab(t, 1366, 768)
	tab.Open(f.base + "/setup/language?lang=vi")
	v.give(tab)
	for _, button := range []kiosk.Button{"A", "B"} {
		f.press(button)
	}
	tab.Open(f.base + "/setup/panel")
	tab.Wait(`document.querySelectorAll('.keys .seen, .keys .now').length === 2`)
	return tab
}

func save(t *testing.T, folder, name string, tab *browsertest.Tab) {
	t.Helper()
	tab.Save(folder, name+".png")
	if info, err := os.Stat(filepath.Join(folder, name+".png")); err != nil || info.Size() > maxPicture {
		t.Errorf("%s.png: %v, want at most %d bytes", name, err, maxPicture)
	}
}

// TestPhoneFollowsItsTicket leads tickets through all their states and reads
// what the page behind the slip's code says, in both languages, as it changes
// under the citizen's eyes and as it is drawn without a script.
func TestPhoneFollowsItsTicket(t *testing.T) {
	// Rules that need no waiting; all else is the demonstration office.
	text, err := os.ReadFile("../../internal/config/demo.toml")
	if err != nil {
		t.Fatal(err)
	}
	centre := string(text)
	for old, quick := range map[string]string{"recall_after = 20": "recall_after = 0", "no_show_calls = 2": "no_show_calls = 1"} {
		if !strings.Contains(centre, old) {
			t.Fatalf("the demonstration office has no %q", old)
		}
		centre = strings.Replace(centre, old, quick, 1)
	}
	file := filepath.Join(t.TempDir(), "centre.toml")
	if err := os.WriteFile(file, []byte(centre), 0o644); err != nil {
		t.Fatal(err)
	}
	p := start(t, t.TempDir(), "--centre", file)
	b := browsertest.Start(t)
	vi, en := b.Tab(t, 390, 844), b.Tab(t, 390, 844)
	ticket := func(category string) takenTicket {
		k := must[takenTicket](p, "/tickets", `{"category":"`+category+`"}`)
		vi.Open(k.Link + "?lang=vi")
		en.Open(k.Link + "?lang=en")
		return k
	}
	state := "" // the last one seen
	see := func(k takenTicket, name, wordsVi, wordsEn string) {
		t.Helper()
		state = name
		for lang, tab := range map[string]*browsertest.Tab{"vi": vi, "en": en} {
			want := map[string]string{"vi": wordsVi, "en": wordsEn}[lang]
			tab.Wait(`document.querySelector('#state').textContent === '` + want + `'`)
			tab.Wait(`document.body.dataset.link === 'live'`)
			if wide := browsertest.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`); wide {
				t.Errorf("%s %s is wider than the phone", name, lang)
			}
			if *phones != "" {
				tab.Save(*phones, name+"-"+lang+".png")
			}
			// Without the script the same words.
			resp, err := http.Get(k.Link + "?lang=" + lang)
			if err != nil {
				t.Fatal(err)
			}
			var page bytes.Buffer
			_, err = page.ReadFrom(resp.Body)
			resp.Body.Close()
			if err != nil || !strings.Contains(page.String(), ">"+want+"</b>") {
				t.Errorf("%s %s without a script does not say %q: %d %v", name, lang, want, resp.StatusCode, err)
			}
		}
	}
	act := func(verb string, k takenTicket) {
		t.Helper()
		must[actedOn](p, "/counters/4/"+verb, fmt.Sprintf(`{"ticket":%d}`, k.ID))
	}
	next := func() { t.Helper(); must[actedOn](p, "/counters/4/next", "{}") }

	k := ticket("C")
	see(k, "waiting-closed", "Đang chờ", "Waiting") // no counter is open: nobody's turn is near
	must[actedOn](p, "/counters/4/open", "")
	see(k, "waiting-first", "Sắp đến lượt bạn", "Almost your turn")
	behind := ticket("C")
	see(behind, "waiting", "Đang chờ", "Waiting")
	vi.Open(k.Link + "?lang=vi")
	en.Open(k.Link + "?lang=en")
	next()
	see(k, "called", "Mời đến quầy 4", "Please go to counter 4")
	act("start", k)
	see(k, "serving", "Bạn đang ở quầy 4", "You are at counter 4")
	act("park", k)
	see(k, "parked", "Quầy đang tạm giữ số của bạn", "The counter is holding your number")
	act("call", k)
	act("start", k)
	act("finish", k)
	see(k, "finished", "Đã xong, cảm ơn bạn", "All done, thank you")

	vi.Open(behind.Link + "?lang=vi")
	en.Open(behind.Link + "?lang=en")
	next()
	act("no-show", behind)
	see(behind, "missed", "Số đã được gọi nhưng không thấy bạn", "Your number was called but you were not there")

	k = ticket("E")
	must[json.RawMessage](p, fmt.Sprintf("/tickets/%d/cancel", k.ID), "")
	see(k, "cancelled", "Số này đã hủy", "This number was cancelled")
	k = ticket("R")
	must[json.RawMessage](p, "/counters/4/close", "")
	must[json.RawMessage](p, "/day/close", "")
	see(k, "expired", "Số này đã hết hiệu lực", "This number is no longer valid")
	for name, tab := range map[string]*browsertest.Tab{"vi": vi, "en": en} {
		for _, problem := range tab.Problems() {
			t.Errorf("%s, last %s: %s", name, state, problem)
		}
	}
}
