package web_test

import (
	"bytes"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"motcua/display"
	"motcua/internal/browsertest"
	"motcua/internal/web"
	"motcua/queue"
)

type object = map[string]any

// demoState is what the demonstration desk starts from, by topic.
func demoState() object {
	var buttons []object
	for _, l := range []string{"vi", "en"} {
		buttons = append(buttons, object{"id": l, "kind": "language", "lamp": map[string]string{"vi": "ready", "en": "off"}[l],
			"name": object{"vi": map[string]string{"vi": "Tiếng Việt", "en": "English"}[l], "en": map[string]string{"vi": "Tiếng Việt", "en": "English"}[l]}})
	}
	for _, id := range []queue.CategoryID{"A", "B", "C", "D", "E", "R", "T"} {
		buttons = append(buttons, object{"id": string(id), "kind": "category", "lamp": "ready", "name": categoryNames[id]})
	}
	buttons[6]["lamp"] = "off"
	var counters []object
	for n := 1; n <= 7; n++ {
		counters = append(counters, object{"id": string(rune('0' + n)), "number": n})
	}
	return object{
		"panel":    object{"buttons": buttons, "language": "vi"},
		"paper":    object{"tickets": []object{}, "printer": object{"ready": true, "code": "ok"}, "fault": ""},
		"morning":  object{"speed": 0, "issued": 0, "served": 0, "waiting": 0},
		"counters": counters,
		"staff":    object{"tickets": []object{}},
		"hours":    []object{},
		"board":    demoBoard(),
		"desk:3":   busyDesk(),
	}
}

// demoBoard is a wall with one call on it.
func demoBoard() display.Board {
	return display.Board{
		Centre: display.Centre{Unit: name("Trung tâm Phục vụ hành chính công", "Public service centre"), Name: name("Phường Mẫu", "Model Ward")},
		Point:  "main", Languages: []string{"vi", "en"}, Day: display.Day{ID: "2026-11-23", Open: true},
		Calls: []display.Call{{Seq: 90, Label: "A042", Counter: 3, At: ago(0), Nth: 1, Active: true}},
		Lanes: []display.Lane{{Category: "A", Name: categoryNames["A"], Now: "A042", Next: "A043", Waiting: 6, Open: true}},
		Soon:  []string{"A043"}, Counters: []display.Counter{{Number: 3, State: queue.CounterIsOpen, Label: "A042"}},
	}
}

// slipPNG is a picture as large as a slip; MOTCUA_SLIP names another one.
func slipPNG(t *testing.T) []byte {
	if name := os.Getenv("MOTCUA_SLIP"); name != "" {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	m := image.NewGray(image.Rect(0, 0, 576, 848))
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	for y := 230; y < 390; y++ {
		for x := 24; x < 552; x += 3 {
			m.SetGray(x, y, color.Gray{})
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func demoPage(t *testing.T) func(*http.Request) web.Page {
	return func(r *http.Request) web.Page {
		switch {
		case r.URL.Path == "/display":
			return web.Page{Face: "wall", Lang: "vi", Languages: []string{"vi", "en"}, Topic: "board", Snapshot: demoBoard()}
		case strings.HasPrefix(r.URL.Path, "/console/"):
			p := consolePage(r)
			p.Snapshot = busyDesk()
			return p
		}
		return web.Page{Face: "demo", Lang: "vi", Languages: []string{"vi", "en"}, Topic: "panel"}
	}
}

// openDemo opens the desk with the pictures of its slips served beside it.
func openDemo(t *testing.T, br *browsertest.Browser, width, height int64) (*fakeCentre, *browsertest.Tab) {
	t.Helper()
	f := newFakeCentre(t, demoState(), demoPage(t))
	slip := slipPNG(t)
	f.files["/demo/paper/"] = func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "image/png")
		_, _ = rw.Write(slip) // a page that went away needs none
	}
	f.files["/api/v1/hours"] = func(rw http.ResponseWriter, _ *http.Request) {
		f.mu.Lock()
		defer f.mu.Unlock()
		_ = json.NewEncoder(rw).Encode(object{"hours": object{"categories": f.state.(object)["hours"]}}) // a page that went away needs none
	}
	tab := br.Tab(t, width, height)
	tab.Open(f.URL + "/demo")
	tab.Wait(`!!document.querySelector('.demo[data-link="live"]')`)
	return f, tab
}

// printed is the state after a slip came out.
func printed(f *fakeCentre, n int) {
	f.change(func() {
		p := f.state.(object)["paper"].(object)
		list := p["tickets"].([]object)
		p["tickets"] = append([]object{{"n": n, "url": "/demo/paper/" + string(rune('0'+n)) + ".png", "width": 576, "height": 848, "at": ago(0)}}, list...)
	})
}

func events(f *fakeCentre, list ...object) {
	f.mu.Lock()
	prev := f.seq
	for i := range list {
		f.seq++
		list[i]["seq"], list[i]["at"] = f.seq, ago(0)
	}
	seq := f.seq
	f.mu.Unlock()
	f.broadcast("staff", object{"type": "ev", "prev": prev, "seq": seq, "events": list})
}

func TestDemo(t *testing.T) {
	br := browsertest.Start(t)
	t.Run("leads from the button to the wall", func(t *testing.T) {
		f, tab := openDemo(t, br, 1366, 768)
		step := func(n string) { t.Helper(); tab.Wait(`document.querySelector('.demo').dataset.step === '` + n + `'`) }
		step("1")
		keepShot(t, tab, "demo-1.png")
		browsertest.Eval[bool](tab, `(document.querySelector('[data-button="A"]').click(), true)`)
		if a := f.next(); a.Path != "demo/press" || a.Body["button"] != "A" || !uuidV4.MatchString(a.Key) {
			t.Errorf("the press asked %+v", a)
		}
		step("2")
		f.change(func() { f.state.(object)["panel"].(object)["buttons"].([]object)[2]["lamp"] = "printing" })
		tab.Wait(`document.querySelector('[data-button="A"]').dataset.lamp === 'printing'`)
		events(f, object{"type": "ticket.issued.v1", "data": object{"label": "A055", "category": "A"}})
		printed(f, 1)
		step("3")
		// The paper is as wide as in the hand: 576 dots at 203 to the inch.
		tab.Wait(`(() => { const i = document.querySelector('.paper img'); return i && i.complete && i.naturalWidth === 576 && i.clientWidth === 272; })()`)
		events(f, object{"type": "slip.printed.v1", "data": object{"ticket": 101, "proof": true}})
		events(f, object{"type": "ticket.called.v1", "data": object{"ticket": 101, "label": "A055", "counter": "3"}})
		step("4")
		tab.Wait(`document.querySelectorAll('.tape li').length === 3`)
		if s := browsertest.Eval[string](tab, `[...document.querySelectorAll('.tape li span:last-child')].map(x => x.textContent).join('; ')`); s != "Gọi A055 đến quầy 3; Máy in xác nhận phiếu A055; Cấp số A055" && !strings.HasPrefix(s, "Gọi A055 đến quầy 3; ") {
			t.Errorf("the tape says %q", s)
		}
		if n := browsertest.Eval[int](tab, `document.querySelectorAll('.counter[target=_blank]').length`); n != 7 {
			t.Errorf("%d counters to open, want 7", n)
		}
		browsertest.Eval[bool](tab, `new Promise(r => setTimeout(() => r(true), 1300))`) // the paper slides
		keepShot(t, tab, "demo-4.png")
		if left := browsertest.Eval[[]string](tab, `(document.body.innerText.match(/\b(demo|common|error)\.[a-z_.]+/g) || [])`); len(left) > 0 {
			t.Errorf("words missing: %v", left)
		}
	})
	t.Run("switches", func(t *testing.T) {
		f, tab := openDemo(t, br, 1366, 768)
		click := func(fieldset, button int) {
			browsertest.Eval[bool](tab, `(document.querySelectorAll('fieldset')[`+string(rune('0'+fieldset))+`].querySelectorAll('button')[`+string(rune('0'+button))+`].click(), true)`)
		}
		click(0, 2)
		if a := f.next(); a.Path != "demo/morning" || a.Body["speed"] != float64(10) {
			t.Errorf("the morning asked %+v", a)
		}
		click(2, 1)
		if a := f.next(); a.Path != "demo/printer" || a.Body["fault"] != "paper_out" {
			t.Errorf("the fault asked %+v", a)
		}
		tab.Wait(`document.querySelectorAll('fieldset')[2].querySelectorAll('button')[1].getAttribute('aria-pressed') === 'true'`)
		f.change(func() {
			s := f.state.(object)
			s["morning"] = object{"speed": 10, "issued": 42, "served": 30, "waiting": 12}
			s["paper"].(object)["fault"] = "paper_out"
			s["paper"].(object)["printer"] = object{"ready": false, "code": "paper_out"}
			for _, b := range s["panel"].(object)["buttons"].([]object) {
				b["lamp"] = "fault"
			}
		})
		tab.Wait(`document.querySelector('.machine.wrong p')?.textContent === 'Máy in hết giấy' && document.querySelector('fieldset p').textContent.includes('42')`)
		browsertest.Eval[bool](tab, `(document.querySelector('.switches').scrollIntoView(), true)`)
		keepShot(t, tab, "demo-switches.png")
	})
	t.Run("a refusal is said at the panel", func(t *testing.T) {
		f, tab := openDemo(t, br, 1366, 768)
		f.decide(func(asked) (int, any) {
			return 422, object{"status": 422, "code": "closed", "reason": "day_closed"}
		})
		browsertest.Eval[bool](tab, `(document.querySelector('[data-button="A"]').click(), true)`)
		tab.Wait(`document.querySelector('.says').textContent.startsWith('Chưa mở ngày làm việc.')`)
		tab.Problems() // the browser logs the 422 too
	})
	t.Run("a key says that its category is closed, why and till when", func(t *testing.T) {
		f, tab := openDemo(t, br, 1366, 768)
		closed := object{"code": "closed", "reason": "quota_exhausted", "next": ago(-49 * time.Hour)}
		f.change(func() {
			f.state.(object)["hours"] = []object{{"category": "A", "closed": nil}, {"category": "C", "closed": closed}}
		})
		events(f, object{"type": "ticket.issued.v1", "data": object{"label": "C055", "category": "C"}})
		tab.Wait(`/^hết số, mở lại .+ lúc \d\d:\d\d$/.test(document.querySelector('[data-button="C"] .shut')?.textContent)`)
		if n := browsertest.Eval[int](tab, `document.querySelectorAll('.shut').length`); n != 1 {
			t.Errorf("%d keys are closed, want one", n)
		}
		keepShot(t, tab, "demo-closed.png")
	})
	t.Run("takes an appointment's code and a receipt", func(t *testing.T) {
		f, tab := openDemo(t, br, 1366, 768)
		f.decide(func(a asked) (int, any) {
			if a.Path == "appointments/H57-0042/check-in" {
				return 201, object{"id": 7, "label": "A056", "late": true}
			}
			return 422, object{"status": 422, "code": "closed", "reason": "outside_hours"}
		})
		browsertest.Eval[bool](tab, `(document.querySelector('.door input').focus(), true)`)
		tab.Keys("h57-0042\r")
		if a := f.next(); a.Path != "appointments/H57-0042/check-in" || !uuidV4.MatchString(a.Key) {
			t.Errorf("the code asked %+v", a)
		}
		tab.Wait(`document.querySelector('.door p').textContent.startsWith('Đã cấp số A056. Đến muộn')`)
		browsertest.Eval[bool](tab, `(document.querySelector('.door [type=button]').click(), true)`)
		if a := f.next(); a.Path != "tickets" || a.Body["entry"] != "receipt" {
			t.Errorf("the receipt asked %+v", a)
		}
		tab.Wait(`document.querySelector('.door .bad')?.textContent.startsWith('Ngoài giờ')`)
		browsertest.Eval[bool](tab, `(document.querySelector('.switches').scrollIntoView(), true)`)
		keepShot(t, tab, "demo-door.png")
		tab.Problems() // the browser logs the 422 too
	})
	t.Run("fits a phone and speaks English", func(t *testing.T) {
		f, tab := openDemo(t, br, 390, 844)
		printed(f, 1)
		browsertest.Eval[bool](tab, `(document.querySelector('.top [lang=en]').click(), true)`)
		tab.Wait(`document.querySelector('h1').textContent === 'A whole centre on one page'`)
		if browsertest.Eval[bool](tab, `document.documentElement.scrollWidth > innerWidth`) {
			t.Error("the page is wider than a phone")
		}
		browsertest.Eval[bool](tab, `new Promise(r => setTimeout(() => r(true), 1300))`)
		keepShot(t, tab, "demo-phone.png")
	})
}
